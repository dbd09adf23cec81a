"""Choosing voices for many stations asks the database no more often than for few."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event

from broadcast_service.services import filling, voice_orders
from broadcast_service.services.choosing import Chooser
from broadcast_service.storage.tables import Broadcast
from broadcast_service.studio import Studio
from tests.factories import make_library, make_slot, make_station
from tests.services.fickle import FickleVoice, with_voices

DAY = date(2026, 11, 24)
AT_DAWN = datetime(2026, 11, 23, 22, 30, tzinfo=UTC)


@contextmanager
def counted(studio: Studio) -> Iterator[list[str]]:
    """The sentences that are sent to the database meanwhile."""
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("SELECT"):
            asked.append(statement)

    event.listen(studio.database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(studio.database.engine, "before_cursor_execute", note)


def selects_to_fill(studio: Studio, *, own_orders: bool) -> dict[int, int]:
    """How many SELECTs filling a day takes on 10 and on 40 further stations with the same order."""
    counts = {}
    with studio.database.transaction() as session:
        make_library(session, [200, 220, 240])
    for number in (10, 40):
        with studio.database.transaction() as session:
            voices = ["hai", "tone"] if own_orders else []
            places = [make_station(session, voices=voices) for _ in range(number)]
            slot = make_slot(session, *places)
            for place in places:
                session.add(
                    Broadcast(
                        slot_id=slot.id,
                        programme_id=slot.programme_id,
                        station_id=place.id,
                        local_date=DAY,
                        starts_at=AT_DAWN,
                        length_s=900,
                    )
                )
        with studio.database.transaction() as session, counted(studio) as asked:
            assert filling.fill(session, studio, first=DAY, last=DAY).filled == number
        counts[number] = len(asked)
    return counts


@pytest.mark.parametrize("own_orders", [False, True], ids=["the Centre's order", "orders of their own"])
def test_four_times_the_stations_take_hardly_more_questions(studio: Studio, own_orders: bool) -> None:
    counts = selects_to_fill(with_voices(studio, FickleVoice("hai")), own_orders=own_orders)
    assert counts[40] - counts[10] <= 6, counts


def test_choosing_for_a_week_of_three_hundred_stations_asks_nothing(studio: Studio) -> None:
    several = with_voices(studio, FickleVoice("hai"))
    with several.database.transaction() as session:
        voice_orders.set_centre_order(session, several, ["human", "hai", "tone"])
        scripts = make_library(session, [60, 70, 80])
        places = [make_station(session, voices=["hai"] if n % 2 else []) for n in range(300)]
        chooser = Chooser(session, several)
        _ = [script.latest.spans for script in scripts]
        with counted(several) as asked:
            names = {
                chooser.choose([script.latest.spoken], station=place, script=script, revision=script.latest).names
                for _ in range(7)
                for place in places
                for script in scripts
            }
    assert (names, asked) == ({("hai",)}, [])
