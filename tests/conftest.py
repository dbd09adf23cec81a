"""What every test may ask for: a real studio in a temporary folder, with a clock that stands still."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from broadcast_service.settings import Settings
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.database import Database
from broadcast_service.storage.migrating import HEAD, current_revision, migrate
from broadcast_service.storage.tables import Base
from broadcast_service.studio import Studio, open_studio
from tests import machine
from tests.days import Day, plan_day, speak_all


class StoppedClock:
    """A clock that tests move. Tuesday 24 November 2026, 03:00 in Ninh Hòa, at first."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock() -> StoppedClock:
    return StoppedClock()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        data_dir=tmp_path / "dữ liệu",
        audio_dir=tmp_path / "âm thanh",
        voice="tone",
        database_url=os.environ.get("TEST_DATABASE_URL", ""),
        port=0,
    )


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty SQLite database with all tables, to be copied: migrating takes longer than most tests."""
    path = tmp_path_factory.mktemp("migrated") / "broadcast.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()
    return path


@pytest.fixture
def studio(settings: Settings, clock: StoppedClock, migrated: Path) -> Iterator[Studio]:
    """A whole installation: SQLite, blobs on disk, a voice that hums, no people, no scripts."""
    voice = ToneVoice()
    if not settings.database_url:
        settings.data_dir.mkdir()
        shutil.copy(migrated, settings.data_dir)
    studio = open_studio(settings, voices={voice.name: voice}, now=clock)
    if not studio.database.is_sqlite:
        _empty_server(studio.database)
    yield studio
    studio.close()


def _empty_server(database: Database) -> None:
    """All tables of this release on a PostgreSQL server, and nothing in them."""
    if current_revision(database) != HEAD:
        Base.metadata.drop_all(database.engine)
        with database.engine.begin() as connection:
            connection.exec_driver_sql("DROP TABLE IF EXISTS alembic_version")
        migrate(database)
    with database.engine.begin() as connection:  # for small tables ten times as fast as TRUNCATE
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # in any order
        for name in Base.metadata.tables:
            connection.exec_driver_sql(f'DELETE FROM "{name}"')  # noqa: S608  no name is anybody's but ours
        connection.exec_driver_sql("SELECT setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S'")


@pytest.fixture
def day(studio: Studio) -> Day:
    """A station's day with a broadcast at 05:30 and at 17:00, spoken."""
    day = plan_day(studio)
    speak_all(studio)
    return day


@pytest.fixture
def espeak_studio(studio: Studio) -> Iterator[Studio]:
    """The same with the embedded voice as default."""
    from broadcast_service.speech.installed import open_voices

    voices = open_voices()
    yield replace(studio, voices={**studio.voices, **voices}, settings=replace(studio.settings, voice="espeak:vi"))
    for voice in voices.values():
        voice.close()


@pytest.fixture
def session(studio: Studio) -> Iterator[Session]:
    """A writing transaction, committed when the test ends well."""
    with studio.database.transaction() as session:
        yield session


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what needs a program that is not here, and say so; in CI `tests.machine` has failed before."""
    for marker in machine.NEEDS:
        absent = machine.missing(marker)
        for item in items:
            if absent and item.get_closest_marker(marker):
                item.add_marker(pytest.mark.skip(reason=f"needs {', '.join(absent)}"))
