"""A script read anew, mended, read while it is written, listened to. Cast: an editor, an approver, a planner."""

import html
import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from broadcast_service.domain.timing import count_syllables
from broadcast_service.services import lexicon, renditions, scripts
from broadcast_service.services.lexicon import AT_CENTRE
from broadcast_service.storage.tables import Rendition
from broadcast_service.studio import Studio
from tests.factories import make_shells
from tests.web.conftest import Person
from tests.web.test_scripts import create
from tests.web.test_scripts_rehearsal import UNCLEAR, answer, correct

# --- the dictionaries have moved


def test_a_script_is_read_again_when_the_dictionaries_have_moved(seat: Callable[..., Person], studio: Studio) -> None:
    editor, planner = seat("editor").client, seat("planner").client
    number = create(editor, written=UNCLEAR)
    assert "Từ điển đã đổi" not in editor.get(f"/scripts/{number}").text
    with studio.database.transaction() as session:
        lexicon.save_entry(session, AT_CENTRE, written="NNTH", spoken="nông học", author_id=None, now=studio.now())

    page = editor.get(f"/scripts/{number}").text
    assert "Từ điển đã đổi từ khi lưu bản 1" in page
    assert "Bà con theo <ins>nông học</ins> rất vui" in page
    assert "Đọc lại theo từ điển" in page
    assert "Đọc lại theo từ điển" not in planner.get(f"/scripts/{number}").text

    assert editor.post(f"/scripts/{number}/reread", data={"base": "1"}).status_code == 302
    page = editor.get(f"/scripts/{number}").text
    assert "Bản sửa 2" in page
    assert "Từ điển đã đổi" not in page
    assert editor.post(f"/scripts/{number}/reread").status_code == 422


def test_a_shell_is_left_to_the_dictionary(seat: Callable[..., Person], studio: Studio) -> None:
    with studio.database.transaction() as session:
        number = make_shells(session)["call"].id
    editor = seat("editor").client

    assert "từ điển của Trung tâm" in editor.get(f"/scripts/{number}/word?text=Đây").text
    assert "data-word=" not in editor.get(f"/scripts/{number}").text
    data = {"base": "1", "paragraph": "1", "start": "0", "end": "3", "spoken": "Đó"}
    assert editor.post(f"/scripts/{number}/word", data=data).status_code == 422


# --- mending what the proof-reader is sure of

FAULTY = (
    "Bà con cùng cùng nhau dọn 7 tấn rác.\n\nKỷ niệm 74 năm ngày Bác Hồ ra lời kêu gọi (11/6/1948 – 11/6/2021).\n\n"
    "Xem Công thông tin điện tử.\n\nBà con trong thôn cùng nhau góp ngày công, góp vật liệu, hiến đất vườn để mở con "
    "đường bê tông dài hai cây số, đồng thời vận động con em làm ăn xa gửi tiền về giúp thôn làm thêm hàng cột đèn "
    "chiếu sáng cho cả xóm."
)


@pytest.mark.parametrize(
    ("button", "mended", "note"),
    [
        ("Bỏ một lần", "Bà con cùng nhau dọn", "Bỏ chữ lặp “cùng”"),
        ("Sửa số năm", "Kỷ niệm 73 năm ngày", "Sửa số năm cho khớp"),
        ("Tách câu ở chỗ ấy", "dài hai cây số. Đồng thời vận động con em", "Tách câu dài"),
        ("Sửa thành “Cổng", "Xem Cổng thông tin", "Sửa “Công thông tin điện tử” thành “Cổng thông tin điện tử”"),
    ],
)
def test_a_sure_mend_is_one_button(seat: Callable[..., Person], button: str, mended: str, note: str) -> None:
    editor = seat("editor").client
    number = create(editor, written=FAULTY, spoken="")
    page = editor.get(f"/scripts/{number}").text
    before = page[: page.index(f'<button class="btn-link">{button}')]
    fields = dict(re.findall(r'name="(base|kind|start)" value="([^"]*)"', before[before.rindex("<form") :]))

    assert editor.post(f"/scripts/{number}/mend", data=fields).status_code == 302

    page = html.unescape(editor.get(f"/scripts/{number}").text)
    assert mended in re.sub(r"<[^>]+>", "", page)
    assert note in page
    assert "Bản sửa 2" in page


def test_a_mend_of_an_older_screen_is_refused(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=FAULTY, spoken="")
    editor.post(f"/scripts/{number}/mend", data={"base": "1", "kind": "doubled", "start": "7"})

    reply = editor.post(f"/scripts/{number}/mend", data={"base": "1", "kind": "anniversary", "start": "46"})

    assert reply.status_code == 409
    assert "vừa được người khác sửa" in reply.text
    assert editor.post(f"/scripts/{number}/mend", data={"base": "2", "kind": "breath", "start": "0"}).status_code == 404


def test_a_mend_is_not_offered_where_a_person_worded_the_reading(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    page = editor.get(f"/scripts/{create(editor, written='Bà con cùng cùng dọn.', spoken='Mọi người dọn.')}").text
    assert "Lặp từ" in page
    assert "Bỏ một lần" not in page


# --- taking the spoken text along, and reading while writing


def test_the_spoken_text_is_taken_along_as_plain_text(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor)
    reply = editor.get(f"/scripts/{number}/spoken.txt")
    assert reply.mimetype == "text/plain"
    assert reply.text.startswith("Năm hai nghìn không trăm mười tám, một nông dân")
    assert "\n\nỦy ban nhân dân xã khen." in reply.text
    assert "vuon-buoi-ban-1.txt" in reply.headers["Content-Disposition"]
    assert "Chép lời đọc" in editor.get(f"/scripts/{number}").text


def test_a_text_is_read_aloud_before_it_is_kept(seat: Callable[..., Person], studio: Studio) -> None:
    editor = seat("editor").client
    reply = editor.post("/scripts/read", data={"written": UNCLEAR, "piece": "1"}).text

    counted = re.search(r'data-syllables="(\d+)"', reply)
    body = reply[reply.index('<div class="draft">') :]
    shown = html.unescape(re.sub(r"<[^>]+>", "", re.sub(r'<i class="breath".*?</i>', " ", body)))
    assert counted
    assert int(counted.group(1)) == count_syllables(shown)
    assert '<mark class="say say-date"' in reply
    assert "2 chỗ chưa rõ cách đọc" in reply
    assert "<html" in editor.post("/scripts/read", data={"written": UNCLEAR}).text
    with studio.database.reading() as session:
        assert scripts.count_pieces(session) == 0


def test_the_decisions_of_a_script_count_while_it_is_rewritten(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)
    answer(editor, number, "NNTH", own="nông học")
    data = {"written": "Bà con NNTH vui.", "piece": "1"}
    assert "nông học" in editor.post("/scripts/read", data=data | {"script_id": str(number)}).text
    assert "nông học" not in editor.post("/scripts/read", data=data).text


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"written": ""}, "chưa có chữ nào"),
        ({"written": "bưởi " * 50_000}, "quá 200 kB"),
        ({"written": "Một.\n\nHai.", "spoken": "Một."}, "Lời đọc có 1 đoạn"),
    ],
)
def test_what_can_not_be_read_is_said_in_a_sentence(
    seat: Callable[..., Person], data: dict[str, str], sentence: str
) -> None:
    reply = seat("editor").client.post("/scripts/read", data=data | {"piece": "1"})
    assert reply.status_code == 422
    assert sentence in reply.text


# --- who has listened to what


def test_paragraphs_listened_to_are_kept_for_each_person(seat: Callable[..., Person], studio: Studio) -> None:
    editor, approver = seat("editor").client, seat("approver").client
    number = create(editor)
    editor.post(f"/scripts/{number}/record")
    with studio.database.reading() as session:
        wanted = session.scalars(select(Rendition.id)).one()
        revision_id = scripts.get_script(session, number).latest.id
    renditions.render(studio, wanted)
    assert "Nghe hết bản thu, còn 2 đoạn" in editor.get(f"/scripts/{number}").text

    reply = editor.post(f"/scripts/{number}/heard", data={"revision_id": revision_id, "paragraph": 2})
    assert reply.json == {"heard": [2]}
    assert editor.post(f"/scripts/{number}/heard", data={"revision_id": revision_id, "paragraph": 2}).status_code == 200

    page = editor.get(f"/scripts/{number}").text
    assert "Đã nghe 1 trên 2 đoạn" in page
    assert "Nghe hết bản thu, còn 1 đoạn" in page
    assert 'class="para heard" id="doan-2"' in page
    assert "còn 2 đoạn" in approver.get(f"/scripts/{number}").text
    editor.post(f"/scripts/{number}/heard", data={"revision_id": revision_id, "paragraph": 1})
    assert "Đã nghe hết bản thu" in editor.get(f"/scripts/{number}").text


@pytest.mark.parametrize("data", [{}, {"paragraph": "3"}, {"paragraph": "0"}, {"paragraph": "1", "revision_id": "99"}])
def test_nothing_is_heard_that_is_not_there(seat: Callable[..., Person], studio: Studio, data: dict[str, str]) -> None:
    editor = seat("editor").client
    number = create(editor)
    with studio.database.reading() as session:
        data = {"revision_id": str(scripts.get_script(session, number).latest.id)} | data
    assert editor.post(f"/scripts/{number}/heard", data=data).status_code == 404
    assert editor.post(f"/scripts/{create(editor)}/heard", data=data | {"paragraph": "1"}).status_code == 404


# --- what people type


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "{{7*7}}ABCQ"])
def test_markup_in_words_and_readings_is_only_text(seat: Callable[..., Person], text: str) -> None:
    editor = seat("editor").client
    number = create(editor, written=f"Bài {text} NNTH vui.")
    correct(editor, number, "NNTH", spoken=f"nông {text}")
    for address in (f"/scripts/{number}", f"/scripts/{number}/word?text=NNTH", f"/scripts/{number}/word?text={text}"):
        page = editor.get(address).text
        assert "<script>alert" not in page
        assert "<img" not in page
        assert "49ABCQ" not in page
