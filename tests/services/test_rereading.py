"""How texts are read for other regions and single stations, and that every change of a word or place is noticed."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, func, select

from broadcast_service.domain.scripts import paragraphs
from broadcast_service.services import (
    broadcasts,
    due,
    jobs,
    lexicon,
    local_readings,
    rereading,
    scripts,
)
from broadcast_service.services.approvals import approve_as_shipped
from broadcast_service.services.lexicon import STATION, Scope
from broadcast_service.services.revisions import SpokenText, read_again
from broadcast_service.storage.tables import (
    Broadcast,
    Job,
    LocalReading,
    Rendition,
    Script,
)
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import make_account, make_shells, make_slot, make_station
from tests.town import CENTRAL, SOUTHERN, WRITTEN, Town, approve, approve_waiting, decide, make_town, newest, plan, work


@pytest.fixture
def town(studio: Studio, clock: StoppedClock) -> Town:
    return make_town(studio, clock)


def test_a_text_is_read_once_more_for_each_other_region_and_only_where_that_differs(studio: Studio, town: Town) -> None:
    with studio.database.reading() as session:
        revision = newest(session, town)
        assert revision.spoken.startswith(CENTRAL)
        (reading,) = revision.local_readings
        assert (reading.region, reading.station_id, reading.approval_id) == ("nam", None, None)
        assert reading.spoken.startswith(SOUTHERN)
        assert paragraphs(reading.spoken)[1:] == paragraphs(revision.spoken)[1:]


def test_a_text_that_all_regions_say_alike_gets_no_further_reading(studio: Studio, town: Town) -> None:
    with studio.database.transaction() as session:
        script = scripts.create_script(
            session, studio, title="Lời cảm ơn", written="Cảm ơn bà con.", author_id=town.lan
        )
    work(studio)
    with studio.database.reading() as session:
        assert session.get_one(Script, script.id).latest.local_readings == []


def test_reading_again_changes_nothing(studio: Studio, town: Town) -> None:
    assert rereading.refresh(studio, town.script) == 0
    assert due.want_readings(studio) == rereading.Noticed()
    with studio.database.reading() as session:
        assert not rereading.is_behind(session, studio)


def test_while_all_speak_like_the_centre_nothing_is_asked_for(studio: Studio) -> None:
    with studio.database.transaction() as session:
        lan = make_account(session, "editor")
        make_station(session)
        script = scripts.create_script(session, studio, title="Vườn bưởi", written=WRITTEN, author_id=lan.id)
        assert rereading.notice(session, studio).scripts == 0
        assert session.scalar(select(func.count(Job.id)).where(Job.kind == jobs.REREAD)) == 0
    assert rereading.refresh(studio, script.id) == 0


def test_a_reading_that_is_overtaken_while_it_waits_goes(studio: Studio, town: Town, clock: StoppedClock) -> None:
    approve(studio, town)
    scope = Scope(STATION, town.stations["nam"])
    for spoken in ("nông nghiệp", "nông học"):
        decide(studio, scope, spoken)
        work(studio)
        clock.forward(minutes=1)
    with studio.database.reading() as session:
        (waits,) = local_readings.waiting(session)
        assert "nông học" in waits.spoken.lower()
    with studio.database.transaction() as session:
        entry = lexicon.find(session, scope, "NNTH")
        assert entry is not None
        lexicon.remove_entry(session, entry)
    work(studio)
    with studio.database.reading() as session:
        assert local_readings.waiting(session) == [], "the region's approved text is played anyhow"


def test_a_further_revision_starts_with_readings_of_its_own(studio: Studio, town: Town) -> None:
    approve(studio, town)
    with studio.database.transaction() as session:
        scripts.revise_script(
            session, studio, town.script, title="Vườn bưởi", written="Có 1.000 hộ.", author_id=town.lan
        )
    work(studio)
    with studio.database.reading() as session:
        revision = newest(session, town)
        assert [reading.spoken for reading in local_readings.waiting_of(session, revision)] == ["Có một ngàn hộ."]
        assert local_readings.waiting(session) == [], "it is approved with its script"


def test_shells_are_said_in_the_station_s_words(studio: Studio, town: Town) -> None:
    with studio.database.transaction() as session:
        make_shells(session)
        for number in (town.north, town.south):
            session.get_one(Broadcast, number).programme.name = "Chuyện 1.000 nhà với NNTH"
    approve(studio, town)
    plan(studio, town)

    def greeting(number: int) -> str:
        with studio.database.reading() as session:
            cues = broadcasts.get_broadcast(session, number).cues
            return " ".join(" ".join(cue.rendition.paragraphs) for cue in cues if cue.rendition and cue.kind == "shell")

    assert "một nghìn nhà" in greeting(town.north)
    assert "một ngàn nhà" in greeting(town.south)
    decide(studio, Scope(STATION, town.stations["nam"]), "nông nghiệp")
    noticed = due.want_readings(studio)
    assert noticed.broadcasts == 1
    assert "với nông nghiệp" in greeting(town.south)
    assert "nông nghiệp" not in greeting(town.north)


def test_planning_for_many_stations_asks_for_all_readings_at_once(studio: Studio, clock: StoppedClock) -> None:
    asked: list[str] = []
    with studio.database.transaction() as session:
        lan = make_account(session, "editor")
        places = [make_station(session, region=region) for region in ("trung", "nam", "bac", "nam")]
        stories = [
            scripts.create_script(
                session,
                studio,
                title=f"Chuyện số {number}",
                written=f"Có {number}04 cây, {number}.000 hoa.",
                author_id=lan.id,
            )
            for number in range(1, 9)
        ]
        for story in stories:
            approve_as_shipped(session, story.latest, now=studio.now())
        make_slot(session, *places, length_s=30, created_at=studio.now())
    work(studio)
    assert approve_waiting(studio, make_approver(studio)) == 16
    clock.forward(minutes=1)
    due.materialise(studio)

    @event.listens_for(studio.database.engine, "before_cursor_execute")
    def note(_c: object, _cu: object, statement: str, *_: object) -> None:
        asked.append(statement)

    due.fill(studio)

    assert sum("FROM local_reading" in statement for statement in asked) == 1
    with studio.database.reading() as session:
        said = {paragraph for rendition in session.scalars(select(Rendition)) for paragraph in rendition.paragraphs}
    for tail, end in (("lẻ bốn", "nghìn"), ("lẻ bốn", "ngàn"), ("linh tư", "nghìn")):
        assert any(f"Có {number} trăm {tail} cây, {number} {end} hoa." in said for number in NUMBERS)


NUMBERS = ("một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám")


def make_approver(studio: Studio) -> int:
    with studio.database.transaction() as session:
        return make_account(session, "approver").id


def test_a_word_decided_while_a_text_is_being_read_is_not_lost(
    studio: Studio, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = Scope(STATION, town.stations["nam"])
    spoken = iter(["nông học"])

    def slowly(*given: Any, **more: Any) -> SpokenText:
        for said in spoken:
            decide(studio, scope, said)
            due.want_readings(studio)
        return read_again(*given, **more)

    decide(studio, scope, "nông nghiệp")
    monkeypatch.setattr(rereading, "read_again", slowly)
    work(studio)

    with studio.database.reading() as session:
        (waits,) = (row for row in newest(session, town).local_readings if row.station_id)
        assert "nông học" in waits.spoken.lower()
        assert session.scalar(select(func.count(Job.id)).where(Job.kind == jobs.REREAD, Job.state != "done")) == 0


def test_work_that_has_begun_is_asked_for_once_more_where_it_must_see_what_changed(studio: Studio) -> None:
    with studio.database.transaction() as session:
        now = studio.now()
        jobs.enqueue(session, jobs.REREAD, "1", due_at=now, now=now, afresh=True)
        jobs.enqueue(session, jobs.REREAD, "1", due_at=now, now=now, afresh=True)
        assert jobs.claim(session, owner="a", now=now)
        assert jobs.claim(session, owner="b", now=now) is None
        for _ in range(2):
            jobs.enqueue(session, jobs.REREAD, "1", due_at=now, now=now, afresh=True)
        assert jobs.claim(session, owner="b", now=now)
        assert jobs.claim(session, owner="c", now=now) is None


def test_what_comes_with_the_service_comes_approved_for_the_regions_in_use_and_not_for_later_ones(
    studio: Studio, tmp_path: Path
) -> None:
    for name in sorted(studio.settings.scripts_dir.rglob("*.md")):
        if re.search(r"\d\.000", name.read_text("utf-8")):
            shutil.copy(name, tmp_path)
            break
    with studio.database.transaction() as session:
        station = make_station(session, region="nam")
    report = scripts.import_library(studio, tmp_path)
    work(studio)

    with studio.database.transaction() as session:
        (reading,) = session.scalars(select(LocalReading)).all()
        assert (reading.region, local_readings.is_genuine(reading)) == ("nam", True)
        assert reading.approval
        assert reading.approval.account_id is None
        assert reading.revision.script.code == report.added[0]
        lexicon.save_entry(
            session,
            Scope(STATION, station.id),
            written="bà con",
            spoken="bà con mình",
            author_id=None,
            now=studio.now(),
        )
    work(studio)
    with studio.database.reading() as session:
        assert [reading.station_id for reading in local_readings.waiting(session)] == [station.id]
