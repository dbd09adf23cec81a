"""What falls due by itself, and that it comes to rest."""

from datetime import timedelta

from sqlalchemy import func, select

from broadcast_service.pool import run_one
from broadcast_service.services import due, jobs, packages, scripts
from broadcast_service.storage.tables import Broadcast, Job, Package, Rendition, Script, SignIn
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import make_account, make_broadcast, make_script, make_slot, make_station, plan_script


def plan(studio: Studio) -> int:
    """One broadcast this morning with one approved script, wished for; return the broadcast's id."""
    with studio.database.transaction() as session:
        broadcast = make_broadcast(session, slot=make_slot(session, make_station(session)))
        script = make_script(session, status="approved")
        plan_script(session, studio, broadcast, script)
        broadcast.filled_at = studio.now()
        return broadcast.id


def work(studio: Studio, clock: StoppedClock) -> int:
    """Tick and work until nothing is asked for any more; return how many jobs that took."""
    for done in range(20):
        clock.forward(seconds=15)
        due.want_renditions(studio)
        due.want_packages(studio)
        if not run_one(studio, owner="test"):
            return done
        clock.forward(seconds=1)
    raise AssertionError("it never comes to rest")


def count(studio: Studio, table: type[Package] | type[Job]) -> int:
    with studio.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_planned_is_rendered_packed_and_then_left_alone(studio: Studio, clock: StoppedClock) -> None:
    plan(studio)
    work(studio, clock)
    assert count(studio, Package) == 1
    assert work(studio, clock) == 0


def test_an_edit_that_changes_nothing_heard_is_looked_at_once(studio: Studio, clock: StoppedClock) -> None:
    broadcast_id = plan(studio)
    work(studio, clock)
    clock.forward(seconds=5)
    with studio.database.transaction() as session:
        session.get_one(Broadcast, broadcast_id).edited_at = studio.now()
    assert work(studio, clock) == 1
    assert count(studio, Package) == 1
    assert work(studio, clock) == 0


def test_a_wish_without_a_job_is_asked_for_again(studio: Studio, clock: StoppedClock) -> None:
    plan(studio)
    with studio.database.transaction() as session:
        session.query(Job).delete()
    assert due.want_renditions(studio) == 1
    assert due.want_renditions(studio) == 0
    work(studio, clock)
    with studio.database.reading() as session:
        assert session.scalars(select(Rendition.state)).all() == ["ready"]


def test_the_sweep_forgets_what_ran_out(studio: Studio, clock: StoppedClock) -> None:
    with studio.database.transaction() as session:
        account = make_account(session, "editor")
        session.add(
            SignIn(
                token_hash="x",
                account_id=account.id,
                created_at=studio.now(),
                seen_at=studio.now(),
                idle_until=studio.now(),
                expires_at=studio.now() + timedelta(hours=1),
            )
        )
    due.sweep(studio)
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(SignIn.token_hash))) == 1
    clock.forward(hours=2)
    due.sweep(studio)
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(SignIn.token_hash))) == 0
        assert jobs.count_open(session) == 0


def test_switching_the_samples_off_supersedes_what_was_packed(studio: Studio, clock: StoppedClock) -> None:
    plan(studio)
    work(studio, clock)
    with studio.database.transaction() as session:
        for script in session.scalars(select(Script)):
            script.is_sample = True
        scripts.set_samples_on_air(session, False, now=studio.now())
    assert work(studio, clock) == 1
    with studio.database.reading() as session:
        station = session.scalars(select(Package)).first()
        assert station
        assert packages.current(session, station.station_id, station.local_date) is None
