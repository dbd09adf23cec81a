"""What a station was given is what is heard of it, whatever becomes of its scripts afterwards."""

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast_service.domain.rundown import Kind
from broadcast_service.services import packages, renditions
from broadcast_service.storage.tables import Broadcast, Cue, Package, Station, Unit
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY, Day, speak_all
from tests.factories import make_script, write_on
from tests.web.conftest import Person

AS_GIVEN = "Nghe đúng gói số 1 đã giao"


@pytest.fixture
def package(studio: Studio, day: Day) -> Package:
    package = packages.make_package(studio, day.code, DAY)
    assert package is not None
    return package


@pytest.fixture
def planner(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("planner")


def whole_of(studio: Studio, package: Package, broadcast_id: int) -> bytes:
    name = packages.packed_broadcasts(package)[broadcast_id].whole.name
    return b"".join(packages.file_splice(package, name, studio).read(studio.blobs.read_checked))


def test_it_is_heard_to_the_byte_as_it_was_given_after_a_script_was_changed(
    studio: Studio, day: Day, package: Package, planner: FlaskClient
) -> None:
    address = f"/broadcasts/{day.broadcast_ids[0]}"
    words = planner.get(f"{address}/follow.json").get_json()
    transcript = planner.get(f"{address}/transcript.vtt").data
    assert AS_GIVEN in planner.get(address).text
    write_on(studio, day.script_ids[0])

    assert planner.get(f"{address}/sound.mp3").data == whole_of(studio, package, day.broadcast_ids[0])
    assert planner.get(f"{address}/follow.json").get_json() == words
    assert planner.get(f"{address}/transcript.vtt").data == transcript
    page = planner.get(address).text
    assert AS_GIVEN in page
    assert "data-player" in page


def test_what_was_aired_stays_to_be_heard_when_the_day_is_packed_again(
    studio: Studio, day: Day, package: Package, sign_in: Callable[..., FlaskClient], clock: StoppedClock
) -> None:
    clock.forward(hours=3)
    planner = sign_in("planner")
    for script_id in (day.script_ids[0], day.script_ids[2]):
        write_on(studio, script_id)
    second = packages.make_package(studio, day.code, DAY)
    assert second
    assert second.broadcast_ids == [day.broadcast_ids[0]]

    first = planner.get(f"/broadcasts/{day.broadcast_ids[0]}/sound.mp3")
    assert first.data == whole_of(studio, package, day.broadcast_ids[0])
    assert "Nghe đúng gói số 2 đã giao" in planner.get(f"/broadcasts/{day.broadcast_ids[0]}").text
    assert planner.get(f"/broadcasts/{day.broadcast_ids[1]}/sound.mp3").status_code == 409, "taken out before its hour"
    assert "data-player" not in planner.get(f"/broadcasts/{day.broadcast_ids[1]}").text


def test_the_texts_are_those_of_the_revision_that_was_given_not_of_another_that_sounds_alike(
    studio: Studio, day: Day, package: Package, planner: FlaskClient
) -> None:
    address = f"/broadcasts/{day.broadcast_ids[0]}"
    told = texts(planner, address)
    with studio.database.transaction() as session:
        broadcast = session.get_one(Broadcast, day.broadcast_ids[0])
        for cue in broadcast.cues:
            cue.rendition_id = None
    assert texts(planner, address) == told
    assert any("Kỳ 1 chấm 1" in text for text in told)
    assert any("Kỳ 1 chấm 2" in text for text in told)


def texts(client: FlaskClient, address: str) -> list[str]:
    return [piece["text"] for piece in client.get(f"{address}/follow.json").get_json()["pieces"]]


def test_two_hand_overs_of_one_title_are_told_with_their_own_words(
    studio: Studio, day: Day, planner: FlaskClient
) -> None:
    said = ["Sau đây là bài thứ nhất.", "Mời nghe bài thứ hai.", "Và xin mời bà con nghe tiếp bài cuối cùng hôm nay."]
    with studio.database.transaction() as session:
        broadcast = session.get_one(Broadcast, day.broadcast_ids[0])
        shell = make_script(session, text="Mời nghe {tên bài}.", shell="handover", status="approved")
        for text in said:
            rendition = renditions.want_rendition(
                session, studio.default_voice, [text], due_at=broadcast.starts_at, now=studio.now()
            )
            cue = Cue(kind=Kind.SHELL, title="Lời chuyển mục", script_id=shell.id, revision_id=shell.latest.id)
            cue.rendition, cue.position = rendition, len(broadcast.cues)
            broadcast.cues.append(cue)
        broadcast.slot.length_s = broadcast.length_s = 60
    speak_all(studio)
    address = f"/broadcasts/{day.broadcast_ids[0]}"
    assert texts(planner, address)[-3:] == said
    package = packages.make_package(studio, day.code, DAY)
    assert package
    assert package.broadcast_ids == day.broadcast_ids
    assert texts(planner, address)[-3:] == said
    with studio.database.transaction() as session:
        session.get_one(Broadcast, day.broadcast_ids[0]).cues[-1].rendition_id = None
        session.get_one(Broadcast, day.broadcast_ids[0]).cues[-2].rendition_id = None
    assert texts(planner, address)[-3:] == said
    assert "{tên bài}" not in planner.get(f"{address}/transcript.vtt").text


def test_what_horns_were_given_is_told_with_the_same_words(studio: Studio, day: Day, planner: FlaskClient) -> None:
    address = f"/broadcasts/{day.broadcast_ids[0]}"
    before, plain = texts(planner, address), planner.get(f"{address}/sound.mp3").data
    with studio.database.transaction() as session:
        session.get_one(Station, day.station_id).profile = "loa"
    package = packages.make_package(studio, day.code, DAY)
    assert package
    assert texts(planner, address) == before
    assert any(before)
    given = planner.get(f"{address}/sound.mp3").data
    assert given == whole_of(studio, package, day.broadcast_ids[0])
    assert len(given) == pytest.approx(len(plain), rel=0.02)
    assert given[-50_000:] != plain[-50_000:]


def test_a_rundown_that_was_changed_since_is_told_apart_from_what_is_heard(
    studio: Studio, day: Day, package: Package, planner: FlaskClient
) -> None:
    address = f"/broadcasts/{day.broadcast_ids[0]}"
    packed = planner.get(address).text
    rows = len(re.findall(r'<time class="num" data-from-ms', packed))
    assert rows == 4, "the signature tune, two scripts, the closing tune"
    with studio.database.transaction() as session:
        broadcast = session.get_one(Broadcast, day.broadcast_ids[0])
        del broadcast.cues[1:3]
        for position, cue in enumerate(broadcast.cues):
            cue.position = position

    page = planner.get(address).text
    assert f"{AS_GIVEN}; kịch bản khung đã đổi sau đó" in page
    listed = page.split('class="cues on-tape"')[1].split("</ol>")[0]
    assert re.findall(r'data-title="([^"]+)"', listed) == [
        "Vườn bưởi trên đất bạc màu, kỳ 1.1",
        "Vườn bưởi trên đất bạc màu, kỳ 1.2",
    ]
    assert "data-from-ms" not in page.split('class="cues on-tape"')[1].split("</ol>")[1]
    assert planner.get(f"{address}/sound.mp3").data == whole_of(studio, package, day.broadcast_ids[0])


def test_a_page_does_not_play_another_tape_than_it_shows(
    studio: Studio, day: Day, package: Package, planner: FlaskClient
) -> None:
    address = f"/broadcasts/{day.broadcast_ids[0]}"
    addresses = re.findall(rf'"({address}/[a-z0-9.]+\?v=[0-9a-f]+)"', planner.get(address).text)
    assert {place.rpartition("/")[2].partition("?")[0] for place in addresses} == {
        "follow.json",
        "sound.mp3",
        "listen.m3u8",
        "transcript.vtt",
    }
    assert {planner.get(place).status_code for place in addresses} == {200}
    with studio.database.transaction() as session:
        broadcast = session.get_one(Broadcast, day.broadcast_ids[0])
        del broadcast.cues[1:3]
        for position, cue in enumerate(broadcast.cues):
            cue.position = position
    assert packages.make_package(studio, day.code, DAY)
    for place in addresses:
        answer = planner.get(place)
        assert answer.status_code == 409
        assert "tải lại trang" in answer.text
        assert planner.get(place.partition("?")[0]).status_code == 200


def test_what_is_in_no_package_is_heard_as_it_is_planned(day: Day, planner: FlaskClient) -> None:
    page = planner.get(f"/broadcasts/{day.broadcast_ids[0]}").text
    assert "Nghe bản đang xếp, chưa đóng gói" in page
    assert "đã giao" not in page


def test_an_operator_finds_the_forms_for_phones_on_the_page_of_the_day(
    studio: Studio, day: Day, package: Package, seat: Callable[..., Person]
) -> None:
    with studio.database.reading() as session:
        unit = session.get_one(Unit, session.scalars(select(Station.unit_id)).one())
    operator = seat("operator", unit=unit).client
    for address in (f"/station/{day.code}", f"/station/{day.code}/week"):
        page = operator.get(address).text
        for broadcast_id in day.broadcast_ids:
            for kind in ("ogg", "m4a"):
                place = f"/broadcasts/{broadcast_id}/programme.{kind}"
                assert f'href="{place}"' in page
                assert "Làm tệp" in operator.get(place).text
            assert f"/broadcasts/{broadcast_id}/programme.wav" not in page, "a phone has no use for it"
