"""The page where a colleague reads: the words in large, a form that takes files, and what the browser may do there."""

import io
import re
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from broadcast_service.domain.scripts import paragraphs
from broadcast_service.services import local_readings, recordings
from broadcast_service.services.local_readings import Place
from broadcast_service.storage.tables import Recording, Script
from broadcast_service.studio import Studio
from broadcast_service.web.serving import _LONGEST_BODY_BYTES
from tests.audio.files import encoded, plain_wav
from tests.factories import make_script
from tests.services.test_recordings import FIRST, SECOND, THIRD, revise, speech
from tests.web.conftest import SignIn


@pytest.fixture
def script(studio: Studio) -> Script:
    with studio.database.transaction() as session:
        return make_script(session, text=f"{FIRST}\n\n{SECOND}\n\n{THIRD}", title="Đường làng", status="approved")


@pytest.fixture
def editor(sign_in: SignIn) -> FlaskClient:
    return sign_in("editor")


def send(
    client: FlaskClient, script: Script, data: bytes | None, paragraph: int | str = 1, **fields: str
) -> TestResponse:
    form: dict[str, object] = {
        "revision_id": script.latest.id, "paragraph": paragraph, "reader": "Trần Văn An",
        "words": recordings.text_hash(paragraphs(script.latest.spoken)), **fields
    }  # fmt: skip
    if data is not None:
        form["recording"] = (io.BytesIO(data), "thu.wav")
    return client.post(f"/scripts/{script.id}/recording", data=form)


def count(studio: Studio) -> int:
    with studio.database.reading() as session:
        return session.scalar(select(func.count(Recording.id))) or 0


def test_the_words_stand_there_paragraph_by_paragraph_with_what_is_missing(editor: FlaskClient, script: Script) -> None:
    page = editor.get(f"/scripts/{script.id}/recording").text
    assert page.count("data-paragraph=") == 3
    assert "Xe máy đi lại dễ dàng." in page
    assert page.count("Chờ thu") == 3
    assert "Đã thu 0 trên 3 đoạn" in page


def test_who_speaks_is_told_where_several_do(editor: FlaskClient, studio: Studio) -> None:
    spans = [[["Bà Tư: ", "", "speaker", True], [FIRST, FIRST, "plain", True]], [[THIRD, THIRD, "plain", True]]]
    with studio.database.transaction() as session:
        script = make_script(session, text=f"{FIRST}\n\n{THIRD}")
        script.latest.spans = spans
    page = editor.get(f"/scripts/{script.id}/recording").text
    assert page.count("Lời của") == 1
    assert "Lời của Bà Tư" in page


def test_a_file_for_each_paragraph_makes_the_text_ready(editor: FlaskClient, script: Script, studio: Studio) -> None:
    for number, text in enumerate((FIRST, SECOND, THIRD), 1):
        answer = send(editor, script, encoded(speech(text), "wav"), number)
        assert answer.location.endswith(f"/scripts/{script.id}/recording#doan-{number}")
    page = editor.get(f"/scripts/{script.id}/recording").text
    assert "Đã đủ giọng người đọc" in page
    assert "Trần Văn An đọc" in page
    with studio.database.reading() as session:
        assert recordings.rendition_for(session, [FIRST, SECOND, THIRD]) is not None


def test_the_whole_text_in_one_file_makes_it_ready_too(editor: FlaskClient, script: Script) -> None:
    assert send(editor, script, encoded(speech(FIRST, SECOND, THIRD), "mp3"), "").status_code == 302
    assert "Cả bài đọc một lượt" in editor.get(f"/scripts/{script.id}/recording").text
    editor.post("/recordings/1/withdraw")
    page = editor.get(f"/scripts/{script.id}/recording").text
    assert "Bản cả bài do Trần Văn An đọc đã rút" in page
    assert "Đã thu 0 trên 3 đoạn" in page


def test_what_was_sent_is_played_as_it_came_and_as_it_will_be_heard(editor: FlaskClient, script: Script) -> None:
    data = encoded(speech(FIRST), "webm")
    send(editor, script, data)
    original = editor.get("/recordings/1/original")
    assert (original.data, original.mimetype) == (data, "audio/webm")
    part = editor.get("/recordings/1/original", headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, data[10:20])
    sound = editor.get("/recordings/1/sound.mp3")
    assert sound.mimetype == "audio/mpeg"
    assert sound.data[:2] == b"\xff\xfb"
    kept = editor.get("/recordings/1/original?download=1").headers["Content-Disposition"]
    assert kept == "attachment; filename=duong-lang-1.webm"


def test_what_can_not_be_put_right_is_told_without_being_asked(editor: FlaskClient, script: Script) -> None:
    data = encoded(speech(FIRST), "ogg")
    send(editor, script, data[: data.rfind(b"OggS")])
    page = editor.get(f"/scripts/{script.id}/recording").text
    assert "Cuối tệp không có dấu kết thúc" in page.partition('<details class="before-after"')[0]


@pytest.mark.parametrize(
    ("data", "fields", "place", "word"),
    [
        (None, {}, "recording", "Chưa có bản ghi"),
        (b"", {}, "recording", "rỗng"),
        (b"PK\x03\x04" + bytes(900), {}, "recording", "ZIP"),
        (plain_wav(3, rate_hz=8_000), {}, "recording", "8 kHz"),
        (plain_wav(3), {"paragraph": "7"}, "paragraph", "chỉ có 3 đoạn"),
        (plain_wav(3), {"reader": "  "}, "reader", "Chưa ghi tên"),
    ],
)
def test_a_fault_is_told_at_its_field_and_leaves_nothing(
    editor: FlaskClient,
    script: Script,
    studio: Studio,
    data: bytes | None,
    fields: dict[str, str],
    place: str,
    word: str,
) -> None:
    answer = send(editor, script, data, **fields)
    assert answer.status_code == 422
    told = re.search(rf'id="{place}-loi"[^>]*>([^<]*)<', answer.text)
    assert told
    assert word in told[1]
    assert re.search(rf'<(input|select)[^>]* id="{place}"[^>]* autofocus', answer.text), "where one looks first"
    assert count(studio) == 0


def test_a_file_that_is_too_large_is_told_so(editor: FlaskClient, script: Script, studio: Studio) -> None:
    answer = editor.post(
        f"/scripts/{script.id}/recording",
        environ_overrides={"CONTENT_LENGTH": "300000000", "CONTENT_TYPE": "multipart/form-data; boundary=x"},
    )
    assert answer.status_code == 413
    assert "lớn hơn 200 MB" in answer.text
    assert count(studio) == 0


def test_the_server_lets_through_what_the_page_takes() -> None:
    from broadcast_service.services.taking_in import LARGEST_BYTES

    assert LARGEST_BYTES + 100_000 < _LONGEST_BODY_BYTES


def test_a_field_beside_the_file_is_not_as_large_as_a_file(editor: FlaskClient, script: Script) -> None:
    assert send(editor, script, b"x", reader="x" * 2_000_000).status_code == 413


def test_the_pace_on_the_page_of_a_script_is_told_of_whoever_reads(editor: FlaskClient, studio: Studio) -> None:
    with studio.database.transaction() as session:
        script = make_script(session, text=FIRST, status="approved")
    assert "giọng người đọc</div>" not in editor.get(f"/scripts/{script.id}").text
    send(editor, script, encoded(speech(FIRST), "wav"))
    assert "một phút, giọng người đọc</div>" in editor.get(f"/scripts/{script.id}").text


def test_what_was_withdrawn_waits_to_be_read_again_or_comes_back(editor: FlaskClient, script: Script) -> None:
    send(editor, script, encoded(speech(FIRST), "wav"))
    assert editor.post("/recordings/1/withdraw").status_code == 302
    page = editor.get(f"/scripts/{script.id}/recording").text
    assert "Đã thu 0 trên 3 đoạn" in page
    assert "/recordings/1/sound.mp3" not in page
    assert editor.post("/recordings/1/restore").status_code == 302
    assert "Đã thu 1 trên 3 đoạn" in editor.get(f"/scripts/{script.id}/recording").text


def test_the_microphone_is_for_this_page_alone(editor: FlaskClient, script: Script) -> None:
    page = editor.get(f"/scripts/{script.id}/recording").headers
    assert "microphone=(self)" in page["Permissions-Policy"]
    assert "camera=()" in page["Permissions-Policy"]
    assert "media-src 'self' blob:;" in page["Content-Security-Policy"]
    assert "script-src 'self';" in page["Content-Security-Policy"]
    other = editor.get(f"/scripts/{script.id}").headers
    assert "microphone=()" in other["Permissions-Policy"]
    assert "blob:" not in other["Content-Security-Policy"]


def test_who_approves_listens_and_takes_back_but_does_not_send(sign_in: SignIn, script: Script) -> None:
    client = sign_in("approver")
    page = client.get(f"/scripts/{script.id}/recording")
    assert page.status_code == 200
    assert "gui-tep" not in page.text
    assert send(client, script, plain_wav(3)).status_code == 403


def test_who_approves_says_that_a_short_reading_has_all_words_and_the_page_keeps_who_it_was(
    sign_in: SignIn, studio: Studio
) -> None:
    with studio.database.transaction() as session:
        script = make_script(session, text="\n".join([SECOND] * 4), status="approved")
    editor = sign_in("editor")
    send(editor, script, encoded(speech(SECOND), "wav"))
    address = f"/scripts/{script.id}/recording"
    assert "khác hẳn lời đọc: chưa phát được" in editor.get(address).text
    assert "/recordings/1/vouch" not in editor.get(address).text
    assert editor.post("/recordings/1/vouch").status_code == 403

    approver = sign_in("approver", full_name="Phạm Thị Duyệt")
    assert "/recordings/1/vouch" in approver.get(address).text
    assert approver.post("/recordings/1/vouch").status_code == 302
    page = approver.get(address).text
    assert "Phạm Thị Duyệt đã nghe, đúng lời" in page
    assert "chưa phát được" not in page


def test_a_revision_of_another_script_is_not_read_here(editor: FlaskClient, script: Script, studio: Studio) -> None:
    with studio.database.transaction() as session:
        other = make_script(session, text=FIRST)
    assert send(editor, other, plain_wav(3), revision_id=str(script.latest.id)).status_code == 404


def test_the_page_of_a_script_leads_here(editor: FlaskClient, script: Script) -> None:
    assert f'href="/scripts/{script.id}/recording"' in editor.get(f"/scripts/{script.id}").text


def test_nothing_is_left_in_the_working_folder(editor: FlaskClient, script: Script, studio: Studio) -> None:
    send(editor, script, encoded(speech(FIRST), "wav"))
    send(editor, script, b"PK\x03\x04" + bytes(900))
    incoming: Path = studio.settings.data_dir / "recordings" / "incoming"
    assert list(incoming.iterdir()) == []


def told(answer: TestResponse) -> str:
    found = re.search(r"data-mistake>([^<]*)<", answer.text)
    assert found, answer.text
    return found[1]


OTHER = "Chiều nay xã họp bàn làm kè chống sạt lở bờ sông."
CHANGED = "Bài vừa được sửa thành bản {}. Hãy tải lại trang rồi đọc lại đoạn này."


def test_a_take_of_other_words_than_those_it_is_sent_for_is_refused(
    editor: FlaskClient, script: Script, studio: Studio
) -> None:
    take = encoded(speech(OTHER), "wav")
    for words in ("", recordings.text_hash([OTHER])):
        answer = send(editor, script, take, words=words)
        assert answer.status_code == 422
        assert told(answer) == CHANGED.format(1)
    assert count(studio) == 0


def test_a_take_of_words_that_have_been_changed_meanwhile_is_refused(
    editor: FlaskClient, script: Script, studio: Studio
) -> None:
    old = {"revision_id": str(script.latest.id), "words": recordings.text_hash([FIRST])}
    revise(studio, script, "\n\n".join((OTHER, SECOND, THIRD)))
    assert told(send(editor, script, encoded(speech(FIRST), "wav"), 1, **old)) == CHANGED.format(2)
    whole = recordings.text_hash([FIRST, SECOND, THIRD])
    answer = send(editor, script, encoded(speech(FIRST, SECOND, THIRD), "wav"), "", **(old | {"words": whole}))
    assert told(answer) == "Bài vừa được sửa thành bản 2. Hãy tải lại trang rồi đọc lại."
    assert count(studio) == 0


def test_a_take_of_words_that_still_stand_counts_though_others_were_changed(
    editor: FlaskClient, script: Script, studio: Studio
) -> None:
    old = {"revision_id": str(script.latest.id), "words": recordings.text_hash([THIRD])}
    revise(studio, script, "\n\n".join((OTHER, FIRST, SECOND, THIRD)))
    assert send(editor, script, encoded(speech(THIRD), "wav"), 3, **old).status_code == 302
    page = editor.get(f"/scripts/{script.id}/recording").text
    assert "Đã thu 1 trên 4 đoạn" in page
    assert "Giữ từ bản sửa 1" in page


def test_each_paragraph_and_the_form_carry_the_hash_of_their_words(editor: FlaskClient, script: Script) -> None:
    page = editor.get(f"/scripts/{script.id}/recording").text
    for text in (FIRST, SECOND, THIRD):
        assert f'data-words="{recordings.text_hash([text])}"' in page
    assert f'name="words" value="{recordings.text_hash([FIRST, SECOND, THIRD])}"' in page


def test_the_page_of_a_local_reading_goes_on_with_that_of_the_last_revision(
    editor: FlaskClient, script: Script, studio: Studio
) -> None:
    with studio.database.transaction() as session:
        revision = session.get_one(Script, script.id).latest
        earlier = local_readings.add(revision, Place(region="nam"), f"{OTHER}\n\n{SECOND}", now=studio.now())
        session.flush()
        old = earlier.id
    revise(studio, script, "\n\n".join((OTHER, SECOND)))
    page = editor.get(f"/scripts/{script.id}/recording?reading={old}")
    assert page.status_code == 200
    assert "Bản sửa 2" in page.text


def test_without_a_form_nothing_breaks(app: Flask, editor: FlaskClient, script: Script) -> None:
    assert editor.post(f"/scripts/{script.id}/recording").status_code == 404
    assert editor.get("/scripts/999/recording").status_code == 404
    assert editor.get(f"/scripts/{script.id}/recording?reading=77").status_code == 404
