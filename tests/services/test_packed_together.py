"""The packages of several stations, made in one go: the same bytes as one by one, and each fails for itself."""

from collections.abc import Iterator

import pytest
from sqlalchemy import delete, select

from broadcast_service import pool
from broadcast_service.errors import EngineError, NotFound
from broadcast_service.services import jobs, packages, pressing
from broadcast_service.storage.tables import Broadcast, Job, Package, Rendition, Script
from broadcast_service.studio import Studio
from tests.days import DAY, Day, fill, plan_day, speak_all
from tests.factories import make_script

CODES = ["hoa-tri", "ninh-an", "ninh-xuan"]
DAYS = [(code, DAY) for code in CODES]
OWN = "Chỉ đài Ninh An đọc câu này."


@pytest.fixture
def days(studio: Studio) -> list[Day]:
    """Three stations that play the same sound, and one sentence that only the second says."""
    days = [plan_day(studio, code=code) for code in CODES]
    with studio.database.transaction() as session:
        broadcast = session.get_one(Broadcast, days[1].broadcast_ids[1])
        kept = session.get_one(Script, days[1].script_ids[2])
        fill(session, studio, broadcast, [kept, make_script(session, text=OWN, status="approved")])
    speak_all(studio)
    return days


def content(studio: Studio, package: object) -> bytes:
    assert isinstance(package, Package)
    return b"".join(packages.zip_splice(package, studio).read(studio.blobs.read_checked))


def alone(studio: Studio) -> list[bytes]:
    """Each package by itself; none is kept."""
    made = [content(studio, packages.make_package(studio, *day)) for day in DAYS]
    forget(studio)
    return made


def forget(studio: Studio) -> None:
    with studio.database.transaction() as session:
        for package in session.scalars(select(Package)):
            session.delete(package)


def spoil_own(studio: Studio) -> None:
    """Damage the sound of the sentence that only one station says."""
    with studio.database.reading() as session:
        saying_it = next(row for row in session.scalars(select(Rendition)) if row.paragraphs == [OWN])
        (place,) = saying_it.pieces
        path = studio.blobs.path(place.piece.blob)
    path.unlink()
    path.write_bytes(b"spoilt")


def enqueue(studio: Studio) -> None:
    """Nothing waits but these packages."""
    with studio.database.transaction() as session:
        session.execute(delete(Job))
        for code, day in DAYS:
            jobs.enqueue(session, jobs.PACKAGE, f"{code}/{day.isoformat()}", due_at=studio.now(), now=studio.now())


def states(studio: Studio) -> dict[str, tuple[str, int]]:
    with studio.database.reading() as session:
        return {job.subject.split("/")[0]: (job.state, job.attempt) for job in session.scalars(select(Job))}


@pytest.mark.usefixtures("days")
def test_packed_together_they_have_the_bytes_they_have_alone(studio: Studio) -> None:
    expected = alone(studio)
    made = packages.make_packages(studio, DAYS)
    assert [content(studio, made[day]) for day in DAYS] == expected
    assert len(set(expected)) == len(DAYS)


@pytest.mark.usefixtures("days")
def test_where_memory_ends_the_bytes_are_the_same(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = alone(studio)
    monkeypatch.setattr(pressing, "_SHELF_BYTES", 1)
    made = packages.make_packages(studio, DAYS)
    assert [content(studio, made[day]) for day in DAYS] == expected


@pytest.mark.usefixtures("days")
def test_sound_that_is_shared_is_read_once_for_all_stations(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    real = studio.blobs.read_checked

    def counted(blob: str, start: int, length: int) -> Iterator[bytes]:
        read.append(blob)
        return real(blob, start, length)

    monkeypatch.setattr(studio.blobs, "read_checked", counted)
    packages.make_packages(studio, DAYS)
    assert len(read) == len(set(read)) > 4


@pytest.mark.usefixtures("days")
def test_the_sound_is_held_against_its_name_each_time_anew(studio: Studio) -> None:
    assert isinstance(packages.make_packages(studio, DAYS)["ninh-an", DAY], Package)
    forget(studio)
    spoil_own(studio)
    assert isinstance(packages.make_packages(studio, DAYS)["ninh-an", DAY], EngineError)


@pytest.mark.usefixtures("days")
def test_one_station_s_damaged_sound_keeps_only_its_own_package_back(studio: Studio) -> None:
    spoil_own(studio)
    made = packages.make_packages(studio, [*DAYS, ("khong-co", DAY)])
    assert isinstance(made["khong-co", DAY], NotFound)
    failed = made["ninh-an", DAY]
    assert isinstance(failed, EngineError)
    assert failed.retryable
    assert isinstance(made["hoa-tri", DAY], Package)
    assert isinstance(made["ninh-xuan", DAY], Package)


@pytest.mark.usefixtures("days")
def test_a_worker_takes_waiting_packages_together_and_only_the_failed_one_is_tried_again(studio: Studio) -> None:
    spoil_own(studio)
    enqueue(studio)
    assert pool.run_one(studio, owner="w1")
    assert states(studio) == {"hoa-tri": ("done", 1), "ninh-an": ("queued", 1), "ninh-xuan": ("done", 1)}


@pytest.mark.usefixtures("days")
def test_a_package_that_was_tried_before_is_tried_alone(studio: Studio) -> None:
    enqueue(studio)
    with studio.database.transaction() as session:
        for job in session.scalars(select(Job).where(Job.subject.startswith("hoa-tri"))):
            job.attempt = 1
    assert pool.run_one(studio, owner="w1")
    assert states(studio) == {"hoa-tri": ("done", 2), "ninh-an": ("queued", 0), "ninh-xuan": ("queued", 0)}
    assert pool.run_one(studio, owner="w1")
    assert {state for state, _ in states(studio).values()} == {"done"}
