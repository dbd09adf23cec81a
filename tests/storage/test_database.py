import threading
from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, StatementError

from broadcast_service.storage.tables import Grant, Preference, Throttle
from broadcast_service.studio import Studio


def test_a_transaction_commits_at_its_end_and_rolls_back_when_it_raises(studio: Studio) -> None:
    with studio.database.transaction() as session:
        session.add(Preference(name="a", value="1"))
    with pytest.raises(ZeroDivisionError), studio.database.transaction() as session:
        session.add(Preference(name="b", value="2"))
        session.flush()
        raise ZeroDivisionError

    with studio.database.reading() as session:
        assert [row.name for row in session.query(Preference)] == ["a"]


def test_what_a_reading_session_changes_is_thrown_away(studio: Studio) -> None:
    with studio.database.reading() as session:
        session.add(Preference(name="a", value="1"))
        session.flush()

    with studio.database.reading() as session:
        assert session.get(Preference, "a") is None


def test_moments_come_back_aware_and_equal(studio: Studio) -> None:
    in_ninh_hoa = datetime(2026, 11, 24, 5, 30, tzinfo=timezone(timedelta(hours=7)))
    with studio.database.transaction() as session:
        session.add(Throttle(key="x", tokens=1.0, updated_at=in_ninh_hoa))

    with studio.database.reading() as session:
        kept = session.get_one(Throttle, "x").updated_at
    assert kept == in_ninh_hoa
    assert kept.tzinfo is UTC


def test_a_naive_moment_is_refused(studio: Studio) -> None:
    with pytest.raises(StatementError, match="naive"), studio.database.transaction() as session:
        session.add(Throttle(key="x", tokens=1.0, updated_at=datetime(2026, 1, 1)))  # noqa: DTZ001


def test_references_are_enforced(studio: Studio) -> None:
    with pytest.raises(IntegrityError), studio.database.transaction() as session:
        session.add(Grant(account_id=4711, role="admin"))


def test_eight_threads_that_read_change_and_write_lose_nothing(studio: Studio) -> None:
    with studio.database.transaction() as session:
        session.add(Preference(name="count", value="0"))
    failures: list[Exception] = []

    def add_ten() -> None:
        try:
            for _ in range(10):
                with studio.database.transaction() as session:
                    row = session.get_one(Preference, "count", with_for_update=True)
                    row.value = str(int(row.value) + 1)
        except Exception as error:  # noqa: BLE001  any kind is a loss
            failures.append(error)

    threads = [threading.Thread(target=add_ten) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    with studio.database.reading() as session:
        assert session.get_one(Preference, "count").value == "80"


def test_a_transaction_inside_another_is_a_loud_mistake_and_leaves_the_lock_free(studio: Studio) -> None:
    if not studio.database.is_sqlite:
        pytest.skip("PostgreSQL needs no queue of writers")
    with pytest.raises(RuntimeError, match="inside another"), studio.database.transaction():
        with studio.database.transaction():
            pass
    with studio.database.transaction() as session:
        session.add(Preference(name="after", value="1"))


def test_sqlite_is_set_to_survive_a_power_cut(studio: Studio) -> None:
    if not studio.database.is_sqlite:
        pytest.skip("a matter of SQLite")
    with studio.database.reading() as session:

        def pragma(name: str) -> object:
            return session.scalar(text(f"PRAGMA {name}"))

        assert pragma("journal_mode") == "wal"
        assert pragma("synchronous") == 2  # FULL
        assert pragma("foreign_keys") == 1
        assert pragma("trusted_schema") == 0
