"""How a text is said in other regions and at single stations, and that each place plays just what was approved.

The town is of the central region. *Lan* writes, *Hoa* and *Sơn* approve.
"""

import json
from dataclasses import dataclass

import pytest
from sqlalchemy import event, func, select, update
from sqlalchemy.orm import Session

from broadcast_service.domain.scripts import paragraphs
from broadcast_service.errors import Conflict, Forbidden
from broadcast_service.pool import run_one
from broadcast_service.services import (
    broadcasts,
    due,
    jobs,
    lexicon,
    local_readings,
    packages,
    rereading,
    rundowns,
    scripts,
    soundness,
)
from broadcast_service.services.approvals import approve_as_shipped
from broadcast_service.services.lexicon import STATION, Scope
from broadcast_service.storage.tables import (
    Approval,
    Broadcast,
    Job,
    LocalReading,
    Package,
    Piece,
    Rendition,
    Revision,
    Script,
    Station,
)
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY, speak_all
from tests.factories import make_account, make_broadcast, make_shells, make_slot, make_station

WRITTEN = "Bà con trồng 24.000 gốc bưởi.\n\nAi cũng vui mừng.\n\nNNTH giúp 15 hộ."
CENTRAL = "Bà con trồng hai mươi tư nghìn gốc bưởi."
SOUTHERN = "Bà con trồng hai mươi bốn ngàn gốc bưởi."


@dataclass
class Town:
    """Ids of a town with two stations, and a story that both are to play."""

    lan: int
    hoa: int
    son: int
    script: int
    north: int
    """Broadcasts, …"""
    south: int
    stations: dict[str, int]
    """… and stations by their codes: “giua” speaks as the town does, “nam” does not."""


@pytest.fixture
def town(studio: Studio, clock: StoppedClock) -> Town:
    with studio.database.transaction() as session:
        lan, hoa, son = (make_account(session, role).id for role in ("editor", "approver", "approver"))
        places = [
            make_station(session, code=code, region=region) for code, region in (("giua", "trung"), ("nam", "nam"))
        ]
        script = scripts.create_script(
            session, studio, title="Vườn bưởi", written=WRITTEN, author_id=lan, field="nguoi-tot-viec-tot"
        )
        slots = [make_slot(session, place, length_s=60) for place in places]
        north, south = (make_broadcast(session, slot=slot).id for slot in slots)
        ids = {place.code: place.id for place in places}
        made = Town(lan, hoa, son, script.id, north, south, ids)
    work(studio)
    clock.forward(minutes=1)
    return made


def work(studio: Studio) -> None:
    """Look, then do what is asked for."""
    due.want_readings(studio)
    while run_one(studio, owner="test", kind=jobs.REREAD):
        pass


def newest(session: Session, town: Town) -> Revision:
    return session.get_one(Script, town.script).latest


def put_forward(session: Session, studio: Studio, town: Town) -> Revision:
    """As the editor's button does, with the questions left open."""
    script = session.get_one(Script, town.script)
    script.status = "submitted"
    return script.latest


def approve(studio: Studio, town: Town) -> None:
    """Hoa approves the newest revision with what is on her screen."""
    with studio.database.transaction() as session:
        revision = put_forward(session, studio, town)
        shown = [reading.id for reading in local_readings.waiting_of(session, revision)]
        scripts.approve(session, studio, revision.id, account_id=town.hoa, now=studio.now(), readings=shown)


def approve_waiting(studio: Studio, account_id: int) -> int:
    with studio.database.transaction() as session:
        ids = [reading.id for reading in local_readings.waiting(session)]
        return len(scripts.approve_readings(session, studio, ids, account_id=account_id, now=studio.now()))


def plan(studio: Studio, town: Town) -> None:
    """Both stations get the story into this morning's broadcast."""
    with studio.database.transaction() as session:
        for number in (town.north, town.south):
            version = session.get_one(Broadcast, number).version
            rundowns.add_cue(session, studio, number, script_id=town.script, version=version)


def decide(studio: Studio, scope: Scope, spoken: str, author_id: int | None = None) -> None:
    with studio.database.transaction() as session:
        lexicon.save_entry(session, scope, written="NNTH", spoken=spoken, author_id=author_id, now=studio.now())


def planned(studio: Studio, broadcast_id: int) -> str:
    """What the story's cue in a broadcast says."""
    with studio.database.reading() as session:
        cue = next(c for c in broadcasts.get_broadcast(session, broadcast_id).cues if c.kind == "script")
        assert cue.rendition is not None
        return "\n\n".join(cue.rendition.paragraphs)


def pack(studio: Studio, code: str) -> Package | None:
    speak_all(studio)
    return packages.make_package(studio, code, DAY)


def item_of(studio: Studio, package: Package | None) -> dict[str, object]:
    """The story in the manifest of a package."""
    assert package is not None
    told = json.loads(b"".join(packages.file_splice(package, "manifest.json").read(studio.blobs.read_checked)))
    found: dict[str, object] = next(i for b in told["broadcasts"] for i in b["items"] if i["kind"] == "script")
    return found


def move(studio: Studio, town: Town, code: str, region: str) -> rereading.Noticed:
    with studio.database.transaction() as session:
        session.get_one(Station, town.stations[code]).region = region
        session.flush()
        return rereading.notice(session, studio)


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


def test_the_southern_station_s_package_is_of_the_approved_southern_text(studio: Studio, town: Town) -> None:
    approve(studio, town)
    plan(studio, town)
    assert planned(studio, town.north).startswith(CENTRAL)
    assert planned(studio, town.south).startswith(SOUTHERN)

    common, local = item_of(studio, pack(studio, "giua")), item_of(studio, pack(studio, "nam"))

    with studio.database.reading() as session:
        revision = newest(session, town)
        (reading,) = revision.local_readings
        assert (common["reading"], common["content_hash"]) == (None, revision.content_hash)
        assert (local["reading"], local["content_hash"]) == ("region/nam", reading.content_hash)
        approval = session.scalars(select(Approval).where(Approval.content_hash == local["content_hash"])).one()
        assert (approval.account_id, reading.approval_id) == (town.hoa, approval.id)
    assert local["sha256"] != common["sha256"]


def test_equal_paragraphs_are_spoken_once_for_all_stations(studio: Studio, town: Town) -> None:
    def pieces() -> int:
        speak_all(studio)
        with studio.database.reading() as session:
            return session.scalar(select(func.count()).select_from(Piece)) or 0

    approve(studio, town)
    before = pieces()
    plan(studio, town)
    assert (before, pieces()) == (3, 4), "one paragraph of three is said otherwise"


def test_readings_that_came_after_the_page_was_shown_are_not_approved_with_it(studio: Studio, town: Town) -> None:
    with studio.database.transaction() as session:
        revision = put_forward(session, studio, town)
        with pytest.raises(Conflict, match="tải lại trang"):
            scripts.approve(session, studio, revision.id, account_id=town.hoa, now=studio.now(), readings=[])
        assert session.get_one(Script, town.script).status == "submitted"


def test_what_comes_later_waits_and_the_approved_text_is_played_meanwhile(studio: Studio, town: Town) -> None:
    approve(studio, town)
    plan(studio, town)
    assert item_of(studio, pack(studio, "nam"))["reading"] == "region/nam"
    decide(studio, Scope(STATION, town.stations["nam"]), "nông nghiệp tuần hoàn")
    work(studio)

    assert "nông nghiệp" not in planned(studio, town.south)
    assert item_of(studio, pack(studio, "nam"))["reading"] == "region/nam"
    with studio.database.reading() as session:
        (waits,) = local_readings.waiting(session)
        assert waits.station_id == town.stations["nam"]
        assert waits.spoken.startswith(SOUTHERN)
        assert "nông nghiệp tuần hoàn giúp" in waits.spoken.lower()

    assert approve_waiting(studio, town.son) == 1
    assert "nông nghiệp tuần hoàn giúp" in planned(studio, town.south).lower()
    assert "nông nghiệp" not in planned(studio, town.north).lower()
    assert item_of(studio, pack(studio, "nam"))["reading"] == "station/nam"
    assert item_of(studio, pack(studio, "giua"))["reading"] is None


def test_a_station_that_changes_its_region_plays_the_old_text_until_the_new_one_is_approved(
    studio: Studio, town: Town
) -> None:
    approve(studio, town)
    plan(studio, town)
    before = item_of(studio, pack(studio, "giua"))

    noticed = move(studio, town, "giua", "bac")
    work(studio)

    assert noticed.scripts == 1
    assert planned(studio, town.north).startswith(CENTRAL)
    assert item_of(studio, pack(studio, "giua")) == before
    with studio.database.reading() as session:
        assert local_readings.waiting(session) == [], "the North says this text as the town does"


def test_a_station_that_moves_to_a_region_in_use_follows_at_once(studio: Studio, town: Town) -> None:
    approve(studio, town)
    plan(studio, town)
    noticed = move(studio, town, "giua", "nam")
    assert noticed.broadcasts == 1
    assert planned(studio, town.north).startswith(SOUTHERN)
    assert item_of(studio, pack(studio, "giua"))["reading"] == "region/nam"
    assert move(studio, town, "giua", "trung").broadcasts == 1
    assert planned(studio, town.north).startswith(CENTRAL)


def test_a_new_region_waits_for_its_approval(studio: Studio, town: Town) -> None:
    move(studio, town, "nam", "trung")
    work(studio)
    with studio.database.transaction() as session:
        revision = put_forward(session, studio, town)
        for reading in local_readings.waiting_of(session, revision):
            revision.local_readings.remove(reading)  # as if no other region had ever been in use
        session.flush()
        scripts.approve(session, studio, revision.id, account_id=town.hoa, now=studio.now())
    plan(studio, town)
    assert planned(studio, town.south).startswith(CENTRAL)

    move(studio, town, "nam", "nam")
    work(studio)
    assert planned(studio, town.south).startswith(CENTRAL)
    assert item_of(studio, pack(studio, "nam"))["reading"] is None
    assert approve_waiting(studio, town.hoa) == 1
    assert planned(studio, town.south).startswith(SOUTHERN)
    assert item_of(studio, pack(studio, "nam"))["reading"] == "region/nam"


def test_going_back_to_the_common_text_needs_an_approval_as_well(studio: Studio, town: Town) -> None:
    approve(studio, town)
    plan(studio, town)
    scope = Scope(STATION, town.stations["giua"])
    decide(studio, scope, "nông nghiệp tuần hoàn")
    work(studio)
    approve_waiting(studio, town.son)
    assert "tuần hoàn" in planned(studio, town.north)

    with studio.database.transaction() as session:
        entry = lexicon.find(session, scope, "NNTH")
        assert entry is not None
        lexicon.remove_entry(session, entry)
    work(studio)

    assert "tuần hoàn" in planned(studio, town.north)
    with studio.database.reading() as session:
        (back,) = local_readings.waiting(session)
        assert back.spoken == newest(session, town).spoken
    approve_waiting(studio, town.son)
    assert planned(studio, town.north).startswith(CENTRAL)
    assert "tuần hoàn" not in planned(studio, town.north)
    assert item_of(studio, pack(studio, "giua"))["reading"] == "station/giua"


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


def test_nobody_approves_what_is_their_own_doing(studio: Studio, town: Town, clock: StoppedClock) -> None:
    approve(studio, town)
    clock.forward(minutes=1)
    decide(studio, Scope(STATION, town.stations["nam"]), "nông nghiệp tuần hoàn", author_id=town.son)
    work(studio)
    for account_id in (town.lan, town.son):
        with pytest.raises(Forbidden, match="không tự duyệt"):
            approve_waiting(studio, account_id)
    assert approve_waiting(studio, town.hoa) == 1


def test_a_reading_is_approved_once_and_only_while_it_counts(studio: Studio, town: Town) -> None:
    approve(studio, town)
    decide(studio, Scope(STATION, town.stations["nam"]), "nông nghiệp")
    work(studio)
    with studio.database.transaction() as session:
        (number,) = [reading.id for reading in local_readings.waiting(session)]
        scripts.approve_readings(session, studio, [number, number], account_id=town.hoa, now=studio.now())
        for gone in (number, 0, 99_999):
            with pytest.raises(Conflict, match="đã được duyệt"):
                scripts.approve_readings(session, studio, [gone], account_id=town.hoa, now=studio.now())


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


def change_its_words(session: Session, reading: LocalReading) -> None:
    reading.spoken = reading.spoken.replace("bưởi", "xoài")


def change_words_and_hash(session: Session, reading: LocalReading) -> None:
    change_its_words(session, reading)
    reading.content_hash = local_readings.hash_of(reading.revision, reading.spoken)


def lend_another_approval(session: Session, reading: LocalReading) -> None:
    reading.approval_id = session.scalar(select(Approval.id).where(Approval.verdict == "approved"))


@pytest.mark.parametrize("tamper", [change_its_words, change_words_and_hash, lend_another_approval])
def test_a_reading_changed_behind_the_back_is_found_and_not_packed(studio: Studio, town: Town, tamper: object) -> None:
    approve(studio, town)
    plan(studio, town)
    assert pack(studio, "nam") is not None
    with studio.database.transaction() as session:
        reading = session.scalars(select(LocalReading)).one()
        tamper(session, reading)  # type: ignore[operator]
        session.flush()
        broadcasts.follow(session, studio, script_id=town.script)

    assert pack(studio, "nam") is None
    assert pack(studio, "giua") is not None
    verdicts = {found.what: found for found in soundness.check(studio, hash_blobs=False)}
    assert verdicts["Lời đọc riêng"].verdict == soundness.BAD
    assert verdicts["Phê duyệt"].verdict == soundness.GOOD


def test_sound_of_another_place_s_text_is_not_packed(studio: Studio, town: Town) -> None:
    approve(studio, town)
    plan(studio, town)
    with studio.database.transaction() as session:
        session.execute(update(Station).where(Station.code == "giua").values(region="nam"))
    assert pack(studio, "giua") is None, "its rundown has not followed yet"
    due.want_readings(studio)
    assert item_of(studio, pack(studio, "giua"))["reading"] == "region/nam"


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
