"""The filler over real tables: shared between stations, fitting, fair, and off what people made."""

from collections.abc import Sequence
from datetime import date, timedelta
from time import process_time

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast_service.domain.readiness import Key
from broadcast_service.domain.units import Milliseconds
from broadcast_service.errors import EngineError
from broadcast_service.services import broadcasts, cues, filling, scripts
from broadcast_service.services.cues import script_ids
from broadcast_service.storage.tables import Broadcast, Cue, Job, Rendition, Slot
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import make_library, make_programme, make_script, make_shells, make_slot, make_station, make_tunes

TODAY = date(2026, 11, 24)
LENGTHS = [200, 150, 180, 160, 170, 140, 190, 210, 130, 220] * 4


@pytest.fixture
def library(session: Session) -> None:
    make_tunes(session)
    make_shells(session)
    make_library(session, LENGTHS)


def plan(session: Session, studio: Studio, *, stations: int = 3, days: int = 7, **slot: object) -> list[Broadcast]:
    """One slot on so many stations, filled for so many days."""
    places = [make_station(session) for _ in range(stations)]
    make_slot(session, *places, **slot)
    broadcasts.materialise(session, studio, today=TODAY)
    filling.fill(session, studio, first=TODAY, last=TODAY + timedelta(days=days - 1))
    return broadcasts.between(session, TODAY, TODAY + timedelta(days=days), rundowns=True)


def total_ms(broadcast: Broadcast) -> int:
    return sum(cues.length_ms(cue) for cue in broadcast.cues)


def lengthen(rendition: Rendition | None, ms: int) -> None:
    """The voice took so long after all."""
    assert rendition is not None
    rendition.state, rendition.frames = "ready", round(ms * 44.1 / 1152)


def make_ready(broadcasts_: Sequence[Broadcast]) -> None:
    for broadcast in broadcasts_:
        for cue in broadcast.cues:
            if cue.rendition is not None and cue.rendition.frames is None:
                lengthen(cue.rendition, cue.rendition.estimated_ms)


@pytest.mark.usefixtures("library")
def test_every_programme_opens_with_call_and_greeting_fits_its_slot_and_ends_with_farewell(
    session: Session, studio: Studio
) -> None:
    for broadcast in plan(session, studio):
        names = [cue.script.shell if cue.kind == "shell" and cue.script else cue.kind for cue in broadcast.cues]
        assert names[:4] == ["sound", "call", "greeting", "contents"]
        assert names[-2:] == ["farewell", "sound"]
        assert 0.95 <= total_ms(broadcast) / 900_000 <= 1
        assert [cue.position for cue in broadcast.cues] == list(range(len(broadcast.cues)))


@pytest.mark.usefixtures("library")
def test_all_stations_of_a_slot_hear_the_same_and_only_the_call_is_spoken_for_each(
    session: Session, studio: Studio
) -> None:
    one, other, _ = plan(session, studio, days=1)
    assert script_ids(one) == script_ids(other)
    differing = {
        mine.script.shell if mine.script else ""
        for mine, theirs in zip(one.cues, other.cues, strict=True)
        if mine.rendition_id != theirs.rendition_id
    }
    assert differing == {"call"}


@pytest.mark.usefixtures("library")
def test_fixed_sentences_of_a_greeting_are_the_same_piece_on_every_day(session: Session, studio: Studio) -> None:
    today, tomorrow = plan(session, studio, stations=1, days=2)

    def greeting(broadcast: Broadcast) -> list[str]:
        cue = next(cue for cue in broadcast.cues if cue.script and cue.script.shell == "greeting")
        assert cue.rendition is not None
        return cue.rendition.paragraphs

    assert greeting(today)[0] == greeting(tomorrow)[0] == "Kính chào quý vị và bà con."
    assert greeting(today)[1] != greeting(tomorrow)[1]


@pytest.mark.usefixtures("library")
def test_no_script_comes_twice_on_a_day_nor_within_the_week_while_others_wait(session: Session, studio: Studio) -> None:
    heard: dict[int, list[date]] = {}
    for broadcast in plan(session, studio, stations=1, days=5):
        for script_id in script_ids(broadcast):
            heard.setdefault(script_id, []).append(broadcast.local_date)
    assert all(len(days) == 1 for days in heard.values())


@pytest.mark.usefixtures("library")
def test_two_slots_of_one_day_share_no_script(session: Session, studio: Studio) -> None:
    from datetime import time

    station = make_station(session)
    make_slot(session, station)
    make_slot(session, station, starts_at=time(17))
    broadcasts.materialise(session, studio, today=TODAY)
    filling.fill(session, studio, first=TODAY, last=TODAY)
    morning, evening = broadcasts.of_station(session, station.id, TODAY)
    assert not set(script_ids(morning)) & set(script_ids(evening))


@pytest.mark.usefixtures("library")
def test_filling_again_changes_nothing(session: Session, studio: Studio, clock: StoppedClock) -> None:
    before = [(b.id, b.version, [cue.id for cue in b.cues]) for b in plan(session, studio)]
    clock.forward(minutes=10)
    report = filling.fill(session, studio, first=TODAY, last=TODAY + timedelta(days=6))
    session.expire_all()
    after = broadcasts.between(session, TODAY, TODAY + timedelta(days=7), rundowns=True)
    assert [(b.id, b.version, [cue.id for cue in b.cues]) for b in after] == before
    assert (report.filled, report.empty) == (0, [])


@pytest.mark.usefixtures("library")
def test_the_same_library_is_filled_the_same_way(session: Session, studio: Studio) -> None:
    first = [script_ids(b) for b in plan(session, studio)]
    for broadcast in broadcasts.between(session, TODAY, TODAY + timedelta(days=7), rundowns=True):
        broadcast.cues.clear()
    session.flush()
    filling.fill(session, studio, first=TODAY, last=TODAY + timedelta(days=6))
    again = broadcasts.between(session, TODAY, TODAY + timedelta(days=7), rundowns=True)
    assert [script_ids(b) for b in again] == first


@pytest.mark.usefixtures("library")
def test_fields_get_about_the_same_share(session: Session, studio: Studio) -> None:
    minutes: dict[str, int] = {}
    for broadcast in plan(session, studio, stations=1, days=7):
        for cue in broadcast.cues:
            if cue.kind == "script" and cue.script:
                minutes[cue.script.field] = minutes.get(cue.script.field, 0) + cues.length_ms(cue)
    assert len(minutes) == 5
    assert max(minutes.values()) < 2.2 * min(minutes.values())


def test_an_empty_slot_gets_an_evergreen_that_says_so(session: Session, studio: Studio) -> None:
    make_tunes(session)
    make_shells(session)
    make_library(session, [200] * 5, is_evergreen=True)
    (broadcast,) = plan(session, studio, stations=1, days=1)
    played = [cue for cue in broadcast.cues if cue.kind == "script"]
    assert played
    assert all(cue.is_fallback for cue in played)


def test_with_nothing_to_say_a_broadcast_stays_empty_and_is_reported(session: Session, studio: Studio) -> None:
    make_tunes(session)
    make_script(session, status="draft")
    make_slot(session)
    broadcasts.materialise(session, studio, today=TODAY)
    report = filling.fill(session, studio, first=TODAY, last=TODAY)
    (broadcast,) = report.empty
    assert broadcasts.states(session, [broadcast], studio.now())[broadcast.id].key == Key.EMPTY
    assert broadcast.cues == []
    assert "1 buổi chưa có bài" in str(report)


def test_only_what_may_be_aired_is_chosen(session: Session, studio: Studio) -> None:
    make_tunes(session)
    make_library(session, [200] * 5, is_sample=True)
    scripts.set_samples_on_air(session, False, now=studio.now())
    (broadcast,) = plan(session, studio, stations=1, days=1)
    assert broadcast.cues == []


@pytest.mark.usefixtures("library")
def test_what_people_edited_and_what_has_started_is_left_alone(
    session: Session, studio: Studio, clock: StoppedClock
) -> None:
    make_slot(session)
    broadcasts.materialise(session, studio, today=TODAY)
    today, tomorrow = broadcasts.between(session, TODAY, TODAY + timedelta(days=2))
    tomorrow.edited_at = clock.now
    clock.now = today.starts_at
    filling.fill(session, studio, first=TODAY, last=TODAY + timedelta(days=1))
    assert today.cues == tomorrow.cues == []


@pytest.mark.usefixtures("library")
def test_one_slot_that_can_not_be_filled_does_not_stop_the_others(
    session: Session, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import time

    bad = make_slot(session, programme=make_programme(session, fields=["y-duc"]))
    good = make_slot(session, starts_at=time(17))
    choose = filling.planning.choose

    def fail_for_one(candidates: object, want: filling.Want) -> filling.Choice:
        if want.preferred:
            raise EngineError("the shelf fell down", retryable=True)
        return choose(candidates, want)  # type: ignore[arg-type]

    monkeypatch.setattr(filling.planning, "choose", fail_for_one)
    broadcasts.materialise(session, studio, today=TODAY)
    report = filling.fill(session, studio, first=TODAY, last=TODAY)
    assert report.filled == 1
    assert [b.slot_id for b in report.empty] == [bad.id]
    assert _cues_of(session, good) > 0


@pytest.mark.usefixtures("library")
def test_a_station_that_joins_later_hears_what_the_others_hear(session: Session, studio: Studio) -> None:
    first, *_ = plan(session, studio, stations=2, days=1)
    newcomer = make_station(session)
    slot = session.get_one(Slot, first.slot_id)
    slot.stations.append(newcomer)
    session.flush()
    broadcasts.materialise(session, studio, today=TODAY)
    filling.fill(session, studio, first=TODAY, last=TODAY)
    (joined,) = broadcasts.of_station(session, newcomer.id, TODAY)
    assert script_ids(joined) == script_ids(first)


@pytest.mark.usefixtures("library")
def test_every_cue_wishes_for_its_sound_by_the_time_it_is_heard(session: Session, studio: Studio) -> None:
    (broadcast,) = plan(session, studio, stations=1, days=1)
    wishes = [cue.rendition for cue in broadcast.cues if cue.kind != "sound"]
    assert all(wish is not None and wish.state == "wanted" for wish in wishes)
    due = session.scalars(select(Job.due_at).where(Job.kind == "render")).all()
    assert len(due) == len({wish.id for wish in wishes if wish})
    assert set(due) == {broadcast.starts_at}


@pytest.mark.usefixtures("library")
def test_a_repeat_is_marked_as_one(session: Session, studio: Studio) -> None:
    found = plan(session, studio, stations=1, days=14)
    seen: set[int] = set()
    repeats = 0
    for broadcast in found:
        for cue in broadcast.cues:
            if cue.kind == "script":
                assert cue.is_repeat == (cue.script_id in seen)
                repeats += cue.is_repeat
        seen.update(script_ids(broadcast))
    assert repeats


@pytest.mark.usefixtures("library")
def test_a_broadcast_that_proves_too_long_gives_up_its_last_scripts_for_what_fits(
    session: Session, studio: Studio
) -> None:
    group = plan(session, studio, days=1)
    before = script_ids(group[0])
    make_ready(group)
    longest = next(cue for cue in group[0].cues if cue.kind == "script")
    lengthen(longest.rendition, cues.length_ms(longest) + 60_000)
    session.flush()
    assert total_ms(group[0]) > 900_000

    assert filling.settle(session, studio, group[0])

    session.expire_all()
    for broadcast in group:
        assert 0.9 <= total_ms(broadcast) / 900_000 <= 1
        assert script_ids(broadcast)[:2] == before[:2]
        assert script_ids(broadcast) == script_ids(group[0])
    assert not filling.settle(session, studio, group[1]), "settled alike already"


@pytest.mark.usefixtures("library")
def test_a_broadcast_that_proves_too_short_gets_one_more(session: Session, studio: Studio) -> None:
    (broadcast,) = plan(session, studio, stations=1, days=1)
    make_ready([broadcast])
    for cue in broadcast.cues:
        if cue.kind == "script":
            lengthen(cue.rendition, cues.length_ms(cue) * 2 // 3)
    session.flush()
    assert filling.settle_between(session, studio, first=TODAY, last=TODAY) == 1
    assert 0.94 <= total_ms(broadcast) / 900_000 <= 1


@pytest.mark.usefixtures("library")
def test_a_script_that_is_put_away_leaves_the_broadcasts_ahead(
    session: Session, studio: Studio, clock: StoppedClock
) -> None:
    (broadcast,) = plan(session, studio, stations=1, days=1)
    gone = script_ids(broadcast)[0]
    scripts.retire(session, gone, now=clock.now)
    assert filling.settle_between(session, studio, first=TODAY, last=TODAY) == 1
    assert gone not in script_ids(broadcast)
    assert 0.9 <= total_ms(broadcast) / 900_000 <= 1


@pytest.mark.usefixtures("library")
def test_what_people_edited_is_not_settled(session: Session, studio: Studio, clock: StoppedClock) -> None:
    (broadcast,) = plan(session, studio, stations=1, days=1)
    make_ready([broadcast])
    lengthen(broadcast.cues[1].rendition, 300_000)
    broadcast.edited_at = clock.now
    session.flush()
    assert not filling.settle(session, studio, broadcast)


@pytest.mark.slow
@pytest.mark.usefixtures("library")
def test_nine_stations_cost_the_filler_little_more_than_one(session: Session, studio: Studio) -> None:
    from datetime import time

    def seconds(more: int, first: int, filled: int) -> float:
        stations = [make_station(session) for _ in range(more)]
        make_slot(session, *stations)
        make_slot(session, *stations, starts_at=time(17), length_s=600)
        monday = TODAY + timedelta(days=first)
        broadcasts.materialise(session, studio, today=monday)
        started = process_time()
        report = filling.fill(session, studio, first=monday, last=monday + timedelta(days=6))
        assert report.filled == filled
        return process_time() - started

    one = seconds(1, first=0, filled=14)
    assert seconds(8, first=14, filled=126) < 0.3 + 9 * one


def _cues_of(session: Session, slot: Slot) -> Milliseconds:
    query = select(func.count(Cue.id)).join(Broadcast).where(Broadcast.slot_id == slot.id)
    return Milliseconds(session.scalar(query) or 0)
