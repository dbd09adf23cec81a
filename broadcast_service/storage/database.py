"""One database, one way to open a transaction."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Session, sessionmaker

from .locks import WriterLock

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # NORMAL loses acknowledged rows in a power cut
    "PRAGMA busy_timeout=5000",
    "PRAGMA foreign_keys=ON",
    "PRAGMA wal_autocheckpoint=1000",
    "PRAGMA journal_size_limit=67108864",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA trusted_schema=OFF",
)


class Database:
    """SQLite or PostgreSQL behind the same two doors: `reading()` and `transaction()`."""

    def __init__(self, url: str) -> None:
        parsed = sa.make_url(url)
        self.is_sqlite = parsed.get_backend_name() == "sqlite"
        self._writer: WriterLock | None = None
        options: dict[str, Any] = {"pool_size": 20, "max_overflow": 60}
        if self.is_sqlite:
            path = Path(parsed.database or "")
            self._writer = WriterLock(path.with_name(path.name + ".writer"))
            options["connect_args"] = {"check_same_thread": False, "timeout": 5}
        else:
            options["pool_pre_ping"] = True
        self.engine = sa.create_engine(parsed, **options)
        if self.is_sqlite:
            event.listen(self.engine, "connect", _prepare_sqlite)
            event.listen(self.engine, "begin", _begin_sqlite)
        self._sessions = sessionmaker(self.engine, expire_on_commit=False)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Commit at the end of the block; roll back if it raises.

        `grep -rn "transaction()"` shows every place where data can change. Never nest two, and
        never speak, encode or move a file inside one.
        """
        with self._writer.held() if self._writer else nullcontext(), self._sessions() as session:
            session.connection(execution_options={"writes": True})
            yield session
            session.commit()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session to look with; whatever it changes is thrown away."""
        with self._sessions(autoflush=False) as session:
            yield session  # closing rolls back and leaves what was loaded readable

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we begin ourselves, see _begin_sqlite
    for pragma in _PRAGMAS:
        connection.execute(pragma)


def _begin_sqlite(connection: sa.Connection) -> None:
    """IMMEDIATE for writers: a deferred one fails with “locked” halfway through."""
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
