"""The pages of the sounds library, of programmes, and of what is wrong with the sound of a broadcast."""

import io
import re
from html import unescape

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from broadcast_service.audio.filtering import Samples
from broadcast_service.domain.rundown import SIGNATURE
from broadcast_service.services import jobs, sounds
from broadcast_service.storage.tables import Account, Broadcast, Job, Programme, Sound, Station
from broadcast_service.studio import Studio
from broadcast_service.web.serving import _LONGEST_BODY_BYTES
from tests.audio.files import encoded
from tests.audio.test_music import id3_bomb, music, zip_as_music
from tests.days import plan_day, ship_sounds, speak_all
from tests.factories import make_programme
from tests.services.test_sound_checks import listen, own_piece, spoil
from tests.web.conftest import SignIn


@pytest.fixture
def planner(studio: Studio, sign_in: SignIn) -> FlaskClient:
    ship_sounds(studio)
    return sign_in("planner", full_name="Lê Thị Lịch")


def send(client: FlaskClient, data: bytes | None, **fields: str) -> TestResponse:
    form: dict[str, object] = {"name": "Nhạc hiệu Tết", "kind": "signature", **fields}
    if data is not None:
        form["file"] = (io.BytesIO(data), "nhac.mp3")
    return client.post("/sounds", data=form)


def count(studio: Studio) -> int:
    with studio.database.reading() as session:
        return session.scalar(select(func.count(Sound.id))) or 0


def with_a_hole() -> Samples:
    return np.concatenate((music(), np.zeros(3 * 44_100, dtype=np.float32), music()))


def section(page: str, kind: str) -> str:
    found = re.search(rf'<section class="sheet mb-3" aria-labelledby="loai-{kind}">.*?</section>', page, re.DOTALL)
    assert found
    return unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", found[0])))


def test_a_file_is_handed_in_listed_and_heard(planner: FlaskClient, studio: Studio) -> None:
    stereo = np.stack([music(), music(pitch_hz=550.0)])
    answer = send(planner, encoded(stereo, "flac"), valid_from="2026-11-20", last_day="2027-02-28")
    assert answer.status_code == 302
    page = planner.get("/sounds").text
    assert "Đã thêm “Nhạc hiệu Tết” vào kho âm thanh. Âm thanh nhiều kênh đã được gộp thành một kênh." in page
    told = section(page, "signature")
    assert "Lê Thị Lịch tải lên" in told
    assert "20/11/2026 – 28/2/2027" in told
    assert "−16" in told
    assert "chưa dùng" in told
    with studio.database.reading() as session:
        sound = session.scalars(select(Sound).where(Sound.name == "Nhạc hiệu Tết")).one()
        person = session.scalars(select(Account.id).where(Account.full_name == "Lê Thị Lịch")).one()
        assert sound.account_id == person
    heard = planner.get(f"/sounds/{sound.id}.mp3")
    assert heard.mimetype == "audio/mpeg"
    assert heard.data.startswith(b"ID3")
    assert len(heard.data) > sound.piece.size


@pytest.mark.parametrize(
    ("data", "fields", "sentence"),
    [
        (None, {}, "Hãy chọn tệp"),
        (b"", {}, "rỗng"),
        (zip_as_music(), {}, "ZIP"),
        (id3_bomb(), {}, "ID3"),
        (encoded(np.zeros(99_000, dtype=np.float32), "wav"), {}, "không có tiếng"),
        (encoded(np.clip(music() * 8, -1, 1), "wav"), {}, "bị vỡ"),
        (encoded(music(20), "wav"), {"kind": "sting"}, "dài quá 15 giây"),
        (encoded(with_a_hole(), "wav"), {}, "im lặng quá hai giây, từ phút 0:0[56]"),
        (encoded(music(), "wav"), {"name": " "}, "Hãy đặt tên"),
        (encoded(music(), "wav"), {"kind": "trống"}, "Hãy chọn loại"),
        (encoded(music(), "wav"), {"valid_from": "hôm nay"}, "Không hiểu ngày"),
        (encoded(music(), "wav"), {"valid_from": "2026-12-02", "last_day": "2026-12-01"}, "Ngày cuối phải từ"),
    ],
    ids=[
        "none",
        "empty",
        "zip",
        "id3",
        "silent",
        "clipped",
        "long",
        "hole",
        "nameless",
        "kindless",
        "undated",
        "backwards",
    ],
)
def test_what_can_not_be_taken_is_said_beside_its_field_and_what_was_typed_stays(
    planner: FlaskClient, studio: Studio, data: bytes | None, fields: dict[str, str], sentence: str
) -> None:
    before = count(studio)
    answer = send(planner, data, **fields)
    page = unescape(answer.text)
    assert answer.status_code == 422
    assert re.search(rf'<div class="invalid-feedback d-block" id="[a-z_]+-loi">[^<]*{sentence}', page)
    assert f'value="{fields.get("name", "Nhạc hiệu Tết")}"' in page
    assert count(studio) == before


def test_the_server_lets_through_what_the_form_promises() -> None:
    assert sounds.LARGEST_BYTES < _LONGEST_BODY_BYTES


def test_the_same_file_again_is_answered_with_where_it_is(planner: FlaskClient) -> None:
    data = encoded(music(), "wav")
    send(planner, data)
    answer = send(planner, data, name="Khác")
    assert answer.status_code == 409
    assert "đã có trong kho với tên “Nhạc hiệu Tết”" in unescape(answer.text)


def test_two_sounds_become_one(planner: FlaskClient, studio: Studio) -> None:
    with studio.database.reading() as session:
        first, second = (sounds.by_code(session, code).id for code in ("nhac-hieu", "nhac-cat"))
    form = {"first": first, "second": second, "name": "Mở đầu", "kind": "signature"}
    assert planner.post("/sounds/join", data=form).status_code == 302
    assert "nối từ “Nhạc hiệu” và “Nhạc cắt”" in section(planner.get("/sounds").text, "signature")
    again = planner.post("/sounds/join", data={**form, "second": first})
    assert again.status_code == 422
    assert "Hãy chọn hai âm thanh khác nhau" in again.text


def test_dates_are_changed_and_a_sound_put_away_and_taken_back(planner: FlaskClient, studio: Studio) -> None:
    send(planner, encoded(music(), "wav"))
    with studio.database.reading() as session:
        number = session.scalars(select(Sound.id).where(Sound.name == "Nhạc hiệu Tết")).one()
    form = {"name": "Nhạc hiệu Tết", "valid_from": "2027-01-20", "last_day": "2027-02-20"}
    assert planner.post(f"/sounds/{number}", data=form).status_code == 302
    assert "chưa tới ngày" in section(planner.get("/sounds").text, "signature")
    assert 'value="2027-02-20"' in planner.get(f"/sounds/{number}").text
    assert planner.post(f"/sounds/{number}", data={**form, "name": ""}).status_code == 422
    assert planner.post(f"/sounds/{number}/away").status_code == 302
    assert "đã cất" in section(planner.get("/sounds").text, "signature")
    planner.post(f"/sounds/{number}/away", data={"back": "1"})
    assert "đã cất" not in section(planner.get("/sounds").text, "signature")


def test_the_set_that_everything_falls_back_on_can_not_be_put_away(planner: FlaskClient, studio: Studio) -> None:
    with studio.database.reading() as session:
        number = sounds.by_code(session, SIGNATURE).id
    assert planner.post(f"/sounds/{number}/away").status_code == 409
    assert f'action="/sounds/{number}/away"' not in planner.get("/sounds").text


def test_a_programme_chooses_its_sounds_and_says_when_one_is_not_for_today(
    planner: FlaskClient, studio: Studio
) -> None:
    send(planner, encoded(music(), "wav"), valid_from="2027-01-20")
    with studio.database.transaction() as session:
        number = make_programme(session, name="Người tốt, việc tốt", letters="NT").id
    form = {
        "name": "Người tốt, việc tốt", "letters": "nt", "hue": "hb", "fields": ["y-duc", "tu-thien"],
        "signature": "nhac-hieu-tet", "sting": "", "has_bed": "1",
    }  # fmt: skip
    assert planner.post(f"/programmes/{number}", data=form).status_code == 302
    with studio.database.reading() as session:
        saved = session.get_one(Programme, number)
        assert (saved.letters, saved.hue, saved.fields) == ("NT", "hb", ["y-duc", "tu-thien"])
        assert (saved.sounds, saved.has_bed) == ({"signature": "nhac-hieu-tet"}, True)
    page = unescape(planner.get(f"/programmes/{number}").text)
    assert "“Nhạc hiệu Tết” chưa tới ngày." in page
    assert '<option value="nhac-hieu-tet" selected>Nhạc hiệu Tết (chưa tới ngày)</option>' in page
    listed = unescape(planner.get("/programmes").text)
    assert "Nhạc hiệu: Nhạc hiệu Tết" in listed
    assert "đang dùng nhạc dự phòng" in listed
    assert "Người tốt, việc tốt" in section(planner.get("/sounds").text, "signature")


def test_a_new_programme_can_have_a_slot_at_once(planner: FlaskClient, studio: Studio) -> None:
    form = {"code": "ttgd", "name": "Thông tin giao dịch", "letters": "TT", "hue": "ts"}
    assert planner.post("/programmes", data=form).status_code == 302
    assert "Thông tin giao dịch" in planner.get("/slots/new").text
    assert planner.post("/programmes", data=form).status_code == 409


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"code": "1"}, "Mã gồm hai đến tám"),
        ({"name": ""}, "Hãy ghi tên chuyên mục"),
        ({"letters": "T"}, "đúng hai chữ"),
        ({"letters": "<>"}, "đúng hai chữ"),
        ({"hue": "đỏ"}, "Hãy chọn một màu"),
        ({"fields": "không có"}, "Không có lĩnh vực"),
        ({"signature": "nhac-cat"}, "Không có âm thanh ấy"),
        ({"bed": "../../etc"}, "Không có âm thanh ấy"),
    ],
)
def test_a_programme_that_does_not_add_up_is_refused(
    planner: FlaskClient, studio: Studio, wrong: dict[str, str], sentence: str
) -> None:
    form = {"code": "TTGD", "name": "Thông tin", "letters": "TT", "hue": "ts", **wrong}
    answer = planner.post("/programmes", data=form)
    assert answer.status_code == 422
    assert sentence in unescape(answer.text)
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(Programme.id))) == 0


@pytest.fixture
def spoilt(studio: Studio) -> Broadcast:
    """A broadcast ahead one piece of which is cut off at full scale."""
    day = plan_day(studio)
    speak_all(studio)
    key, _, _ = own_piece(studio, day.broadcast_ids[1])
    spoil(studio, key)
    listen(studio)
    with studio.database.reading() as session:
        return session.get_one(Broadcast, day.broadcast_ids[1])


def test_the_rundown_shows_what_is_wrong_where_and_what_to_do(
    studio: Studio, spoilt: Broadcast, sign_in: SignIn
) -> None:
    client = sign_in("planner")
    page = unescape(client.get(f"/broadcasts/{spoilt.id}").text)
    flaws = re.search(r'<section[^>]*id="tieng-hong".*?</section>', page, re.DOTALL)
    assert flaws
    assert "Tiếng bị vỡ" in flaws[0]
    assert "chưa đóng gói" in flaws[0]
    assert "Thu lại" in flaws[0]
    assert "<rect x=" in flaws[0]
    assert page.count('data-state="record"') == 2  # the broadcast's, and the story's
    cue = re.search(rf"/broadcasts/{spoilt.id}/cues/(\d+)/speak-again", flaws[0])
    assert cue
    answer = client.post(f"/broadcasts/{spoilt.id}/cues/{cue[1]}/speak-again", follow_redirects=True)
    assert "Đang thu lại 1 đoạn" in unescape(answer.text)
    assert 'id="tieng-hong"' not in answer.text
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(Job.id)).where(Job.kind == jobs.RENDER, Job.state == "queued"))


def test_the_week_leads_to_what_is_wrong(spoilt: Broadcast, sign_in: SignIn) -> None:
    page = unescape(sign_in("planner").get("/week?week=2026-W48").text)
    assert "Tiếng có chỗ hỏng, chưa đóng gói." in page
    assert f"/broadcasts/{spoilt.id}#tieng-hong" in page
    assert re.search(r"Tiếng hỏng\s*<span[^>]*>1<|Tiếng hỏng 1", page)
    assert "Chờ thu 1" not in page


def test_faulty_sound_goes_before_a_length_that_will_be_another_one(
    studio: Studio, spoilt: Broadcast, sign_in: SignIn
) -> None:
    with studio.database.transaction() as session:
        session.get_one(Broadcast, spoilt.id).length_s = 600
    client = sign_in("planner")
    for address in (f"/broadcasts/{spoilt.id}", "/week?week=2026-W48&state=sound"):
        page = unescape(client.get(address).text)
        assert "Tiếng hỏng</span>" in page
        assert "Thiếu" not in re.sub(r"<(script|form).*?</\1>", "", page, flags=re.DOTALL)


def test_the_page_of_a_script_shows_where_its_sound_is_faulty_and_why(
    studio: Studio, spoilt: Broadcast, sign_in: SignIn
) -> None:
    with studio.database.reading() as session:
        cues = session.get_one(Broadcast, spoilt.id).cues
        script_id = next(cue.script_id for cue in cues if cue.rendition and cue.rendition.is_faulty)
    page = unescape(sign_in("editor").get(f"/scripts/{script_id}").text)
    flaws = re.search(r'<section[^>]*id="tieng-hong".*?</section>', page, re.DOTALL)
    assert flaws
    assert "Tiếng hỏng" in flaws[0]
    assert re.search(r"Tiếng bị vỡ</strong> ở <a href=\"#doan-2\">đoạn 2</a>, phút", flaws[0])
    assert "Phát ra loa sẽ rè." in flaws[0]
    assert page.count('<rect class="flawed"') == flaws[0].count('<li class="flaw')


def test_a_station_is_told_that_the_centre_sees_to_it(studio: Studio, spoilt: Broadcast, sign_in: SignIn) -> None:
    with studio.database.reading() as session:
        unit = session.get_one(Station, spoilt.station_id).unit
    client = sign_in("operator", unit=unit)
    page = unescape(client.get(f"/broadcasts/{spoilt.id}").text)
    assert "Tiếng bị vỡ" in page
    assert "Thu lại" not in page


def test_a_broadcast_in_order_says_nothing_about_its_sound(studio: Studio, sign_in: SignIn) -> None:
    day = plan_day(studio)
    speak_all(studio)
    assert "tieng-hong" not in sign_in("planner").get(f"/broadcasts/{day.broadcast_ids[0]}").text
