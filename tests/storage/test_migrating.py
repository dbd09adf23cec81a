import stat
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from broadcast_service.storage.migrating import HEAD, NewerDatabase, current_revision, migrate
from broadcast_service.storage.tables import Base
from broadcast_service.studio import Studio, load_secret_key

VERSIONS = Path(__file__).parents[2] / "broadcast_service/storage/migrations/versions"


def test_the_migrations_make_exactly_the_tables_of_the_code(studio: Studio) -> None:
    with studio.database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_twice_changes_nothing(studio: Studio) -> None:
    assert migrate(studio.database) is False
    assert current_revision(studio.database) == HEAD


def test_head_names_the_newest_step() -> None:
    assert sorted(path.name[:4] for path in VERSIONS.glob("0*.py"))[-1] == HEAD


def test_the_database_of_a_later_release_is_left_alone_with_a_sentence(studio: Studio) -> None:
    with studio.database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    with pytest.raises(NewerDatabase, match="mới hơn"):
        migrate(studio.database)


def test_the_secret_is_made_once_and_is_private(tmp_path: Path) -> None:
    first = load_secret_key(tmp_path)
    assert load_secret_key(tmp_path) == first
    assert len(first) == 32
    assert stat.S_IMODE((tmp_path / "secret.key").stat().st_mode) == 0o600
