"""Each place plays just what was approved for it, and what comes later waits. The cast is that of `tests.town`."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from broadcast_service.errors import Conflict, Forbidden
from broadcast_service.services import (
    broadcasts,
    due,
    lexicon,
    local_readings,
    scripts,
    soundness,
)
from broadcast_service.services.lexicon import STATION, Scope
from broadcast_service.storage.tables import (
    Approval,
    LocalReading,
    Piece,
    Script,
    Station,
)
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import speak_all
from tests.town import (
    CENTRAL,
    SOUTHERN,
    Town,
    approve,
    approve_waiting,
    decide,
    item_of,
    make_town,
    move,
    newest,
    pack,
    plan,
    planned,
    put_forward,
    work,
)


@pytest.fixture
def town(studio: Studio, clock: StoppedClock) -> Town:
    return make_town(studio, clock)


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
