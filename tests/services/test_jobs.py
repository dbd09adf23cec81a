from datetime import timedelta

import pytest
from sqlalchemy import select

from broadcast_service.services import jobs
from broadcast_service.storage.tables import Job
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock


def ask(studio: Studio, subject: str = "1", *, due_in_h: float = 1, kind: str = "render") -> None:
    with studio.database.transaction() as session:
        now = studio.now()
        jobs.enqueue(session, kind, subject, due_at=now + timedelta(hours=due_in_h), now=now)


def take(studio: Studio, owner: str = "thợ") -> jobs.Claim | None:
    with studio.database.transaction() as session:
        return jobs.claim(session, owner=owner, now=studio.now())


def state_of(studio: Studio) -> list[str]:
    with studio.database.reading() as session:
        return list(session.scalars(select(Job.state).order_by(Job.id)))


def test_what_is_needed_first_is_done_first(studio: Studio) -> None:
    ask(studio, "later", due_in_h=5)
    ask(studio, "sooner", due_in_h=1)

    claims = [take(studio), take(studio), take(studio)]
    assert [claim and claim.subject for claim in claims] == ["sooner", "later", None]


def test_asking_twice_is_one_job_with_the_earlier_time(studio: Studio) -> None:
    ask(studio, due_in_h=5)
    ask(studio, due_in_h=1)

    with studio.database.reading() as session:
        job = session.scalars(select(Job)).one()
    assert job.due_at == studio.now() + timedelta(hours=1)


def test_a_finished_job_may_be_asked_for_again(studio: Studio) -> None:
    ask(studio)
    claim = take(studio)
    assert claim
    with studio.database.transaction() as session:
        assert jobs.finish(session, claim, now=studio.now())
    ask(studio)
    assert state_of(studio) == ["done", "queued"]


def test_the_job_of_a_dead_worker_is_taken_over_after_its_lease_and_not_before(
    studio: Studio, clock: StoppedClock
) -> None:
    ask(studio)
    take(studio, "first")
    clock.forward(seconds=29)
    assert take(studio, "second") is None
    clock.forward(seconds=2)
    claim = take(studio, "second")
    assert claim
    assert claim.attempt == 2


def test_a_worker_thought_dead_can_neither_finish_nor_fail_what_was_taken_over(
    studio: Studio, clock: StoppedClock
) -> None:
    ask(studio)
    zombie = take(studio, "zombie")
    clock.forward(seconds=31)
    heir = take(studio, "heir")
    assert zombie
    assert heir

    with studio.database.transaction() as session:
        assert jobs.heartbeat(session, zombie, now=studio.now()) is False
        assert jobs.finish(session, zombie, now=studio.now()) is False
        assert jobs.fail(session, zombie, "late", now=studio.now()) is False
        assert jobs.finish(session, heir, now=studio.now()) is True


def test_a_heartbeat_keeps_a_long_job(studio: Studio, clock: StoppedClock) -> None:
    ask(studio)
    claim = take(studio)
    assert claim
    for _ in range(5):
        clock.forward(seconds=20)
        with studio.database.transaction() as session:
            assert jobs.heartbeat(session, claim, now=studio.now())
        assert take(studio, "other") is None


def test_failures_are_tried_again_after_growing_waits_and_then_given_up(studio: Studio, clock: StoppedClock) -> None:
    ask(studio)
    for wait_s in (10, 60, 300):
        claim = take(studio)
        assert claim
        with studio.database.transaction() as session:
            jobs.fail(session, claim, "no sound", now=studio.now())
        clock.forward(seconds=wait_s - 1)
        assert take(studio) is None
        clock.forward(seconds=2)
    claim = take(studio)
    assert claim
    with studio.database.transaction() as session:
        jobs.fail(session, claim, "no sound", now=studio.now())
    assert state_of(studio) == ["dead"]


def test_what_can_not_succeed_is_not_tried_again(studio: Studio) -> None:
    ask(studio)
    claim = take(studio)
    assert claim
    with studio.database.transaction() as session:
        jobs.fail(session, claim, "no such voice", now=studio.now(), retryable=False)
    assert state_of(studio) == ["dead"]


def test_a_job_that_kills_every_worker_is_buried(studio: Studio, clock: StoppedClock) -> None:
    ask(studio)
    for _ in range(4):
        assert take(studio)
        clock.forward(seconds=31)
    assert take(studio) is None
    with studio.database.transaction() as session:
        assert len(jobs.bury_exhausted(session, now=studio.now())) == 1
    assert state_of(studio) == ["dead"]


@pytest.mark.slow
def test_four_threads_claim_forty_jobs_exactly_once(studio: Studio) -> None:
    from concurrent.futures import ThreadPoolExecutor

    for number in range(40):
        ask(studio, str(number))

    def work(owner: int) -> list[str]:
        done = []
        while claim := take(studio, str(owner)):
            done.append(claim.subject)
            with studio.database.transaction() as session:
                assert jobs.finish(session, claim, now=studio.now())
        return done

    with ThreadPoolExecutor(4) as threads:
        done = [subject for part in threads.map(work, range(4)) for subject in part]
    assert sorted(done, key=int) == [str(number) for number in range(40)]
