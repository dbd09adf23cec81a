"""Rundowns as people change them, alone and together."""

from datetime import date, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast_service.errors import Conflict, NotFound
from broadcast_service.services import broadcasts, filling, rundowns
from broadcast_service.services.cues import script_ids
from broadcast_service.storage.tables import Broadcast, Cue, Script
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import make_library, make_script, make_shells, make_slot, make_station, make_tunes

TODAY = date(2026, 11, 24)


@pytest.fixture
def group(session: Session, studio: Studio) -> list[Broadcast]:
    """The same filled quarter of an hour on three stations."""
    make_tunes(session)
    make_shells(session)
    make_library(session, [200, 150, 180, 160, 170, 140, 190, 210])
    make_slot(session, *(make_station(session) for _ in range(3)))
    broadcasts.materialise(session, studio, today=TODAY)
    filling.fill(session, studio, first=TODAY, last=TODAY)
    return broadcasts.between(session, TODAY, TODAY + timedelta(days=1), rundowns=True)


@pytest.fixture
def other(session: Session, group: list[Broadcast]) -> Script:
    """An approved script that is in nobody's rundown."""
    return make_script(session, status="approved", title="Lớp học tình thương", text="một câu " * 40)


def script_cue(broadcast: Broadcast, place: int) -> Cue:
    return [cue for cue in broadcast.cues if cue.kind == "script"][place]


def shell_text(broadcast: Broadcast, kind: str, place: int = 0) -> str:
    cue = [cue for cue in broadcast.cues if cue.script and cue.script.shell == kind][place]
    assert cue.rendition is not None
    return "\n".join(cue.rendition.paragraphs)


def test_an_added_script_comes_before_the_farewell_with_its_lead_in_and_is_announced(
    session: Session, studio: Studio, clock: StoppedClock, group: list[Broadcast], other: Script
) -> None:
    one = group[0]
    change = rundowns.add_cue(session, studio, one.id, script_id=other.id, version=one.version)

    kinds = [cue.script.shell if cue.kind == "shell" and cue.script else cue.kind for cue in one.cues]
    assert kinds[-5:] == ["sound", "handover", "script", "farewell", "sound"]
    assert script_ids(one)[-1] == other.id
    assert "Lớp học tình thương" in shell_text(one, "contents")
    assert "Lớp học tình thương" in shell_text(one, "handover", -1)
    assert one.edited_at == clock.now
    assert (change.stations, change.script_id) == (1, other.id)
    assert other.id not in script_ids(group[1])


def test_a_script_can_be_put_at_a_place_of_its_own(
    session: Session, studio: Studio, group: list[Broadcast], other: Script
) -> None:
    one = group[0]
    before = script_ids(one)
    rundowns.add_cue(session, studio, one.id, script_id=other.id, version=one.version, place=1)
    assert script_ids(one) == [before[0], other.id, *before[1:]]


def test_an_empty_broadcast_gets_its_frame_with_the_first_script(
    session: Session, studio: Studio, group: list[Broadcast], other: Script
) -> None:
    tomorrow = broadcasts.between(session, TODAY + timedelta(days=1), TODAY + timedelta(days=2))[0]
    rundowns.add_cue(session, studio, tomorrow.id, script_id=other.id, version=tomorrow.version)
    kinds = [cue.script.shell if cue.kind == "shell" and cue.script else cue.kind for cue in tomorrow.cues]
    assert kinds == ["sound", "call", "greeting", "contents", "sound", "handover", "script", "farewell", "sound"]
    assert [cue.position for cue in tomorrow.cues] == list(range(9))


def test_what_is_not_approved_can_not_be_added(session: Session, studio: Studio, group: list[Broadcast]) -> None:
    draft = make_script(session, title="Bài nháp")
    with pytest.raises(Conflict, match="“Bài nháp” chưa được duyệt"):
        rundowns.add_cue(session, studio, group[0].id, script_id=draft.id, version=group[0].version)
    with pytest.raises(NotFound):
        rundowns.add_cue(session, studio, group[0].id, script_id=98765, version=group[0].version)


def test_a_script_is_not_added_twice(session: Session, studio: Studio, group: list[Broadcast]) -> None:
    with pytest.raises(Conflict, match="đã có trong buổi này"):
        rundowns.add_cue(session, studio, group[0].id, script_id=script_ids(group[0])[0], version=group[0].version)


def test_a_script_moves_a_step_with_its_lead_in_and_the_contents_follow(
    session: Session, studio: Studio, group: list[Broadcast]
) -> None:
    one = group[0]
    first, second, *rest = script_ids(one)
    rundowns.move_cue(session, studio, one.id, script_cue(one, 0).id, by=1, version=one.version)

    assert script_ids(one) == [second, first, *rest]
    titles = [cue.title for cue in one.cues if cue.kind == "script"]
    assert "; ".join(titles) in shell_text(one, "contents")
    assert titles[0] in shell_text(one, "handover", 0)
    assert [cue.position for cue in one.cues] == list(range(len(one.cues)))


def test_a_cue_goes_to_the_place_of_another(session: Session, studio: Studio, group: list[Broadcast]) -> None:
    one = group[0]
    before = script_ids(one)
    last = script_cue(one, -1)
    rundowns.move_cue(session, studio, one.id, last.id, to=script_cue(one, 0).position, version=one.version)
    assert script_ids(one) == [before[-1], *before[:-1]]


def test_a_dropped_script_takes_its_lead_in_along_and_can_be_put_back(
    session: Session, studio: Studio, group: list[Broadcast]
) -> None:
    one = group[0]
    before, count = script_ids(one), len(one.cues)
    change = rundowns.drop_cue(session, studio, one.id, script_cue(one, 1).id, version=one.version)

    assert script_ids(one) == [before[0], *before[2:]]
    assert len(one.cues) == count - 3
    assert (change.script_id, change.place) == (before[1], 1)

    rundowns.add_cue(session, studio, one.id, script_id=before[1], place=change.place, version=one.version)
    assert script_ids(one) == before


def test_another_script_takes_the_place_of_one(
    session: Session, studio: Studio, group: list[Broadcast], other: Script
) -> None:
    one = group[0]
    before = script_ids(one)
    rundowns.replace_cue(
        session, studio, one.id, script_cue(one, 1).id, script_id=other.id, version=one.version, everywhere=True
    )
    for broadcast in group:
        assert script_ids(broadcast) == [before[0], other.id, *before[2:]]
        assert other.title in shell_text(broadcast, "handover", 1)
    tune = next(cue for cue in one.cues if cue.kind == "sound")
    with pytest.raises(Conflict, match="Chỉ thay được bài"):
        rundowns.replace_cue(session, studio, one.id, tune.id, script_id=before[1], version=one.version)


def test_a_change_everywhere_reaches_every_station_and_tells_which_it_did_not_suit(
    session: Session, studio: Studio, group: list[Broadcast], other: Script
) -> None:
    one, two, three = group
    rundowns.drop_cue(session, studio, three.id, script_cue(three, 0).id, version=three.version)
    dropped = script_cue(one, 0).script_id
    change = rundowns.drop_cue(session, studio, one.id, script_cue(one, 0).id, version=one.version, everywhere=True)
    assert dropped not in script_ids(one) + script_ids(two)
    assert (change.stations, change.left_out) == (2, (three.station.name,))

    change = rundowns.add_cue(session, studio, one.id, script_id=other.id, version=one.version, everywhere=True)
    assert change.stations == 3
    assert all(broadcast.edited_at for broadcast in group)


def test_a_second_editor_is_told_and_overwrites_nothing(
    session: Session, studio: Studio, clock: StoppedClock, group: list[Broadcast], other: Script
) -> None:
    one = group[0]
    read = one.version
    rundowns.drop_cue(session, studio, one.id, script_cue(one, 0).id, version=read)
    after_first = script_ids(one)

    with pytest.raises(rundowns.RundownChanged, match="lúc 03:00"):
        rundowns.add_cue(session, studio, one.id, script_id=other.id, version=read)
    assert script_ids(one) == after_first


def test_two_changes_in_one_instant_are_two_versions(session: Session, studio: Studio, group: list[Broadcast]) -> None:
    one = group[0]
    versions = {one.version}
    for _ in range(3):
        rundowns.move_cue(session, studio, one.id, script_cue(one, 0).id, by=1, version=one.version)
        versions.add(one.version)
    assert len(versions) == 4


def test_a_broadcast_that_has_started_is_not_changed(
    session: Session, studio: Studio, clock: StoppedClock, group: list[Broadcast]
) -> None:
    clock.now = group[0].starts_at
    with pytest.raises(Conflict, match="Buổi 05:30 ngày 24/11 đã bắt đầu"):
        rundowns.drop_cue(session, studio, group[0].id, group[0].cues[0].id, version=group[0].version)


def test_a_cue_of_another_broadcast_is_not_found(session: Session, studio: Studio, group: list[Broadcast]) -> None:
    with pytest.raises(NotFound):
        rundowns.drop_cue(session, studio, group[0].id, group[1].cues[0].id, version=group[0].version)


def test_running_times_follow_one_another(session: Session, studio: Studio, group: list[Broadcast]) -> None:
    timed = rundowns.timeline(group[0])
    assert timed[0].starts_ms == 0
    assert all(one.starts_ms + one.length_ms == two.starts_ms for one, two in pairwise(timed))
    assert timed[0].is_exact
    assert not timed[1].is_exact


def test_the_filler_leaves_alone_what_people_changed(session: Session, studio: Studio, group: list[Broadcast]) -> None:
    one = group[0]
    for cue in [cue for cue in one.cues if cue.kind == "script"]:
        rundowns.drop_cue(session, studio, one.id, cue.id, version=one.version)
    filling.fill(session, studio, first=TODAY, last=TODAY)
    assert script_ids(one) == []
    assert session.scalars(select(Cue).where(Cue.broadcast_id == one.id, Cue.kind == "script")).all() == []
