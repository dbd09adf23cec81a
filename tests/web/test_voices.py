"""The pages of the voices, and where the order of voices is told."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from broadcast_service.pool import run_one
from broadcast_service.services import broadcasts, jobs, packages, rundowns, scripts, voice_orders
from broadcast_service.services.choosing import Told
from broadcast_service.speech.breaker import Breaker
from broadcast_service.speech.google import GttsVoice
from broadcast_service.speech.voice import VoiceState
from broadcast_service.storage.tables import Cue, Script, Slot, Station
from broadcast_service.studio import Studio
from broadcast_service.web.broadcasts import Block, Item
from tests.days import DAY, speak_all
from tests.factories import (
    make_broadcast,
    make_script,
    make_shells,
    make_slot,
    make_station,
    make_tunes,
    plan_script,
)
from tests.services.fickle import STUMBLED, TIRED, FickleVoice, with_voices
from tests.speech.google_server import FarEnd
from tests.web.conftest import SignIn


@pytest.fixture
def away() -> FickleVoice:
    return FickleVoice("xa", leaves_the_house=True)


@pytest.fixture
def studio(studio: Studio, away: FickleVoice) -> Studio:
    """With a second voice, which sends the text away."""
    return with_voices(studio, away)


def test_the_list_names_every_voice_with_its_state_and_whether_the_text_leaves_the_house(
    sign_in: SignIn, away: FickleVoice
) -> None:
    until = datetime(2026, 6, 1, 0, 5, tzinfo=UTC)
    away.state = VoiceState(is_ready=False, sentence="mạng đang hỏng.", until=until)
    page = sign_in("admin").get("/voices").text
    assert "Giọng xa" in page
    assert "Tạm nghỉ. Mạng đang hỏng. Thử lại lúc 07:05 1/6." in page
    assert page.count("Lời đọc được gửi ra ngoài máy này.") == 1
    assert "nhanh gấp" not in page


def test_an_administrator_has_a_resting_voice_tried_at_once(studio: Studio, sign_in: SignIn, tmp_path: Path) -> None:
    far_end = FarEnd()
    far_end.misbehave = {0: "too_many_for_an_hour"}
    breaker = Breaker(tmp_path / "gtts.json", clock=lambda: studio.now().timestamp())
    studio.voices["gtts:vi"] = GttsVoice(endpoint=far_end.url, breaker=breaker, gap_s=0)  # type: ignore[index]
    with studio.database.transaction() as session:
        script = make_script(session, status="approved", voices=["gtts:vi"])
        scripts.want_sound(session, studio, script.latest, now=studio.now())
        address = f"/scripts/{script.id}/sound.mp3"
    assert run_one(studio, owner="test", kind=jobs.RENDER)
    assert not run_one(studio, owner="test", kind=jobs.RENDER), "it waits"
    admin = sign_in("admin")
    assert "Thử lại Giọng Google ngay" in admin.get("/voices").text
    page = admin.post("/voices/try", data={"voice": "gtts:vi"}, follow_redirects=True).text
    assert "được thử lại ngay" in page
    assert "Thử lại Giọng Google ngay" not in page
    assert run_one(studio, owner="test", kind=jobs.RENDER)
    assert sign_in("editor").get(address).status_code == 200
    assert admin.post("/voices/try", data={"voice": "gtts:vi"}).status_code == 409
    assert sign_in("editor").post("/voices/try", data={"voice": "gtts:vi"}).status_code == 403
    far_end.close()


def test_speed_and_pitch_of_the_embedded_voices_are_chosen_by_an_administrator(studio: Studio, sign_in: SignIn) -> None:
    admin = sign_in("admin")
    page = admin.get("/voices").text
    assert 'tốc độ <b class="num">150</b>, độ cao <b class="num">50</b>, theo thiết đặt của máy chủ' in page
    answer = admin.post("/voices/manner", data={"rate": "20", "pitch": "60"})
    assert answer.status_code == 422
    assert "Tốc độ cần một số từ 80 đến 300." in answer.text
    assert 'value="20"' in answer.text
    page = admin.post("/voices/manner", data={"rate": "120", "pitch": "60"}, follow_redirects=True).text
    assert 'tốc độ <b class="num">120</b>, độ cao <b class="num">60</b>, do người quản trị chọn ở đây' in page
    page = admin.post("/voices/manner", data={"rate": "1", "do": "default"}, follow_redirects=True).text
    assert "theo thiết đặt của máy chủ" in page
    assert sign_in("editor").post("/voices/manner", data={"rate": "120"}).status_code == 403


def test_how_fast_a_voice_is_is_measured_when_asked_for(sign_in: SignIn) -> None:
    assert "nhanh gấp" in sign_in("admin").get("/voices?measure=1").text


def test_the_order_of_the_centre_is_changed_a_step_a_button(studio: Studio, sign_in: SignIn) -> None:
    admin = sign_in("admin")
    admin.post("/voices/order", data={"do": "add", "add": "xa"})
    page = admin.post("/voices/order", data={"do": "up:xa"}, follow_redirects=True).text
    assert "Đã lưu thứ tự giọng đọc." in page
    with studio.database.reading() as session:
        assert voice_orders.centre_order(session) == ["human", "xa", "tone"]
    admin.post("/voices/order", data={"do": "drop:human"})
    admin.post("/voices/order", data={"do": "down:xa"})
    with studio.database.reading() as session:
        assert voice_orders.centre_order(session) == ["tone", "xa"]
    admin.post("/voices/order", data={"do": "default"})
    with studio.database.reading() as session:
        assert voice_orders.centre_order(session) == []


def test_a_step_of_a_voice_that_is_no_longer_there_is_refused(sign_in: SignIn) -> None:
    answer = sign_in("admin").post("/voices/order", data={"do": "up:xa"})
    assert answer.status_code == 422
    assert "tải lại trang" in answer.text


def test_a_station_has_an_order_of_its_own(studio: Studio, sign_in: SignIn) -> None:
    with studio.database.transaction() as session:
        number = make_station(session).id
    admin = sign_in("admin")
    assert "Người đọc → Tiếng ngân thử máy <" in admin.get(f"/stations/{number}").text
    page = admin.post(f"/voices/stations/{number}/order", data={"do": "add", "add": "xa"}, follow_redirects=True).text
    assert "Đài này có thứ tự riêng." in page
    assert "thứ tự riêng" in admin.get("/voices").text
    assert "Người đọc → Tiếng ngân thử máy → Giọng xa<" in admin.get(f"/stations/{number}").text
    with studio.database.reading() as session:
        assert session.get_one(Station, number).voices == ["human", "tone", "xa"]


def test_saving_an_order_says_how_many_broadcasts_follow_later_and_how_many_stay_as_packed(
    studio: Studio, sign_in: SignIn
) -> None:
    with studio.database.transaction() as session:
        script = make_script(session, status="approved", text="Bà con trồng bưởi.\n\nAi cũng vui mừng.")
        slot = make_slot(session, make_station(session, code="hoa-tri"), length_s=60)
        for day in (DAY, DAY + timedelta(days=1)):
            broadcast = make_broadcast(session, slot=slot, day=day)
            rundowns.add_cue(session, studio, broadcast.id, script_id=script.id, version=broadcast.version)
    speak_all(studio)
    assert packages.make_package(studio, "hoa-tri", DAY) is not None
    admin = sign_in("admin")
    admin.post("/voices/order", data={"do": "add", "add": "xa"})
    page = admin.post("/voices/order", data={"do": "up:xa"}, follow_redirects=True).text
    assert "1 buổi giữ bản thu đang có, thu xong giọng mới thì đổi theo. 1 buổi đã đóng gói giữ nguyên." in page


def test_the_planner_says_on_the_form_of_a_slot_what_happens_when_a_voice_fails(
    studio: Studio, sign_in: SignIn
) -> None:
    with studio.database.transaction() as session:
        slot = make_slot(session)
        number, programme, station = slot.id, slot.programme_id, slot.stations[0].id
    planner = sign_in("planner")
    assert "giọng kế tiếp trong thứ tự" in planner.get(f"/slots/{number}").text
    form = {
        "programme_id": programme,
        "weekdays": ["0"],
        "starts_at": "05:30",
        "length": "15",
        "station_ids": [station],
        "valid_from": "2026-11-24",
        "when_voice_fails": "next",
    }
    assert planner.post(f"/slots/{number}", data=form).status_code == 302
    with studio.database.reading() as session:
        assert session.get_one(Slot, number).when_voice_fails == "next"


def test_the_rundown_says_who_speaks_who_stands_in_and_what_is_waited_for(studio: Studio, sign_in: SignIn) -> None:
    with studio.database.transaction() as session:
        broadcast = make_broadcast(session)
        cue = plan_script(session, studio, broadcast, make_script(session, status="approved"))
        session.flush()
        cue_id, number = cue.id, broadcast.id
    planner = sign_in("planner")
    page = planner.get(f"/broadcasts/{number}").text
    assert "Giọng đọc: Tiếng ngân thử máy" in page
    assert "Cả buổi" not in page
    assert "Thứ tự giọng đọc ở đài này: Người đọc → Tiếng ngân thử máy" in page
    with studio.database.transaction() as session:
        cue = session.get_one(Cue, cue_id)
        cue.wanted_voice, cue.voice_reason = "xa", "đang nghỉ."
    page = planner.get(f"/broadcasts/{number}").text
    assert "Đọc bằng Tiếng ngân thử máy thay cho Giọng xa.</strong> Đang nghỉ." in page
    with studio.database.transaction() as session:
        cue = session.get_one(Cue, cue_id)
        cue.wanted_voice = cue.voice_reason = ""
        assert cue.rendition is not None
        cue.rendition.state, cue.rendition.error, cue.rendition.failed_at = "failed", "Hết chỗ.", studio.now()
    page = planner.get(f"/broadcasts/{number}").text
    assert "Chờ Tiếng ngân thử máy." in page
    assert "Hết chỗ. Thử lại lúc 03:30" in page


def test_between_two_tries_rundown_and_script_say_what_is_waited_for_and_until_when(
    studio: Studio, sign_in: SignIn, away: FickleVoice
) -> None:
    with studio.database.transaction() as session:
        broadcast = make_broadcast(session)
        script = make_script(session, status="approved", voices=["xa"])
        rundowns.add_cue(session, studio, broadcast.id, script_id=script.id, version=broadcast.version)
        pages = f"/broadcasts/{broadcast.id}", f"/scripts/{script.id}"
    editor, planner = sign_in("editor"), sign_in("planner")
    assert "Đang thu" in editor.get(pages[1]).text
    away.stumbles = True
    assert run_one(studio, owner="test", kind=jobs.RENDER)
    for page in planner.get(pages[0]).text, editor.get(pages[1]).text:
        assert f"<strong>Chờ Giọng xa.</strong> {STUMBLED} Thử lại lúc 03:00" in page
        assert "Đang thu" not in page


def test_a_reason_that_all_rows_share_is_said_once_above_them(
    studio: Studio, sign_in: SignIn, away: FickleVoice
) -> None:
    away.state = VoiceState(is_ready=False, sentence=TIRED, until=studio.now() + timedelta(minutes=10))
    with studio.database.transaction() as session:
        make_script(session, text="Kính chào bà con.", shell="greeting", status="approved")
        station = make_station(session, voices=["xa"])
        broadcast = make_broadcast(session, slot=make_slot(session, station))
        for _ in range(2):
            script = make_script(session, status="approved")
            rundowns.add_cue(session, studio, broadcast.id, script_id=script.id, version=broadcast.version)
        address, number = f"/broadcasts/{broadcast.id}", script.id
    planner = sign_in("planner")
    page = planner.get(address).text
    assert f"Cả buổi: <strong>Chờ Giọng xa.</strong> {TIRED} Thử lại lúc 03:10 24/11." in page
    assert page.count(TIRED) == 1
    assert page.count("Chờ Giọng xa.") == 4, "three rows and the line above them"
    with studio.database.transaction() as session:
        voice_orders.set_script_order(session, studio, session.get_one(Script, number), ["tone"], is_internal=False)
        broadcasts.follow(session, studio, script_id=number)
    page = planner.get(address).text
    assert "Cả buổi" not in page
    assert page.count(TIRED) > 1


def test_the_frame_around_the_scripts_says_who_speaks_it(studio: Studio, sign_in: SignIn) -> None:
    with studio.database.transaction() as session:
        make_shells(session)
        make_tunes(session)
        broadcast = make_broadcast(session, slot=make_slot(session, make_station(session, voices=["xa", "tone"])))
        script = make_script(session, status="approved", is_internal=True)
        rundowns.add_cue(session, studio, broadcast.id, script_id=script.id, version=broadcast.version)
        address = f"/broadcasts/{broadcast.id}"
    first, story, last = sign_in("planner").get(address).text.split('<li class="cue')[1:4]
    assert "Giọng đọc: Giọng xa" in first
    assert "Giọng đọc: Tiếng ngân thử máy" in first, "the contents name what must stay in the house"
    assert "Giọng đọc: Tiếng ngân thử máy" in story
    assert "Giọng xa" not in story
    assert "Giọng đọc: Giọng xa" in last


def test_a_row_says_once_that_its_voice_is_waited_for_though_its_sounds_are_tried_again_at_different_moments() -> None:
    first = datetime(2026, 6, 1, 3, tzinfo=UTC)
    waits = [Told(title="Giọng xa", reason=STUMBLED, until=first + timedelta(seconds=s)) for s in (7, 40, 20)]
    ready = Told(title="Giọng gần")
    items = [cast(Item, SimpleNamespace(voice=voice, is_script=False)) for voice in (*waits, ready)]

    assert Block(items).voices == [waits[1]]


def test_a_script_whose_sound_was_given_up_says_why(studio: Studio, sign_in: SignIn, away: FickleVoice) -> None:
    with studio.database.transaction() as session:
        script = make_script(session, status="approved", voices=["xa"], text="Bà con trồng bưởi.")
        scripts.want_sound(session, studio, script.latest, now=studio.now())
        address = f"/scripts/{script.id}"
    away.hoarse = "bưởi"
    assert run_one(studio, owner="test", kind=jobs.RENDER)
    page = sign_in("editor").get(address).text
    assert "<strong>Chưa thu được bài này.</strong> Giọng này không đọc được câu ấy. Thử lại lúc 03:30" in page


def test_the_week_tells_of_sound_that_can_not_be_had_and_of_voices_that_stand_in(
    studio: Studio, sign_in: SignIn
) -> None:
    with studio.database.transaction() as session:
        cue = plan_script(session, studio, make_broadcast(session), make_script(session, status="approved"))
        session.flush()
        cue_id = cue.id
    planner = sign_in("planner")
    assert "giọng thay" not in planner.get("/week").text
    with studio.database.transaction() as session:
        cue = session.get_one(Cue, cue_id)
        assert cue.rendition is not None
        cue.wanted_voice, cue.rendition.state, cue.rendition.error = "xa", "failed", "Đĩa đã đầy."
    page = planner.get("/week").text
    assert "giọng thay" in page
    assert "Chưa thu được. Đĩa đã đầy." in page
