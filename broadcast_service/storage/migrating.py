"""Bringing a database to the tables this release needs."""

from pathlib import Path

import sqlalchemy as sa

from ..errors import UserError
from .database import Database

HEAD = "0009"
"""The newest step in `migrations/versions`; a test keeps it true."""


class NewerDatabase(UserError):
    """The database was written by a later release."""

    def __init__(self, revision: str) -> None:
        super().__init__(
            f"Cơ sở dữ liệu này do bản phần mềm mới hơn tạo ra (bước {revision}). Hãy dùng đúng bản phần mềm ấy."
        )


def current_revision(database: Database) -> str | None:
    """The step the database stands at; None for an empty one."""
    with database.engine.connect() as connection:
        if not sa.inspect(connection).has_table("alembic_version"):
            return None
        revision: str | None = connection.scalar(sa.text("SELECT version_num FROM alembic_version"))
        return revision


def migrate(database: Database) -> bool:
    """Run the steps that are missing; return whether there were any. Raises NewerDatabase.

    Alembic is loaded only when there is something to do: it costs a third of a second.
    """
    current = current_revision(database)
    if current == HEAD:
        return False
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", (Path(__file__).parent / "migrations").as_posix().replace("%", "%%"))
    with database.transaction() as session:
        config.attributes["connection"] = session.connection()
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise NewerDatabase(str(current)) from error
    return True
