"""The proof-reader on the page of a script, and before it is put forward. Cast: an editor, an approver."""

import re
from collections.abc import Callable

from tests.web.conftest import Person
from tests.web.test_scripts import create, form, revision_id

FAULTY = (
    "Bà con cùng cùng nhau dọn rác.\n\n"
    "Kỷ niệm 74 năm ngày Bác Hồ ra lời kêu gọi (11/6/1948 – 11/6/2021).\n\n"
    "Họp dân ngày 31/2/2026."
)
MENDED = FAULTY.replace("2021", "2022").replace("31/2", "28/2")


def words(page: str) -> str:
    """The page's text with its blanks made one."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_findings_stand_beside_the_text_with_their_paragraphs(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=FAULTY)

    page = editor.get(f"/scripts/{number}").text

    findings = re.findall(r'<div class="finding" data-state="(\w+)">.*?href="#doan-(\d)"', page, re.DOTALL)
    assert findings == [("missed", "2"), ("missed", "3"), ("short", "1")]
    assert "3 chỗ cần xem" in page
    assert "Số năm không khớp. Từ 1948 đến 2021 là 73 năm, bài ghi “74 năm”." in words(page)


def test_a_sound_text_is_said_to_be_sound(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    page = editor.get(f"/scripts/{create(editor)}").text
    assert "không thấy chỗ nào cần sửa" in page
    assert "Không còn lỗi bắt buộc" in page


def test_faults_that_must_be_mended_shut_the_way_to_approval(seat: Callable[..., Person]) -> None:
    editor, approver = seat("editor").client, seat("approver").client
    number = create(editor, written=FAULTY)

    page = editor.get(f"/scripts/{number}").text
    assert "Sửa 2 lỗi bắt buộc" in page
    assert re.search(r"<button[^>]*disabled>Trình lãnh đạo duyệt", page)
    answer = editor.post(f"/scripts/{number}/submit")
    assert answer.status_code == 409
    assert "còn 2 lỗi bắt buộc" in answer.text
    assert "Đang soạn" in editor.get(f"/scripts/{number}").text

    editor.post(f"/scripts/{number}/revisions", data=form(written=MENDED, base="1"))
    page = editor.get(f"/scripts/{number}").text
    assert re.search(r'w-100">Trình lãnh đạo duyệt', page)
    assert editor.post(f"/scripts/{number}/submit").status_code == 302
    page = approver.get(f"/scripts/{number}").text
    assert "1 chỗ cần xem" in page
    assert approver.post(f"/scripts/{number}/approve", data={"revision_id": revision_id(page)}).status_code == 302


def test_many_findings_are_folded_away(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written="\n\n".join(["Bà con cùng cùng nhau dọn rác."] * 9))
    assert "Xem thêm 3 chỗ" in editor.get(f"/scripts/{number}").text


def test_what_was_found_is_only_text_on_the_page(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written='Chữ <b>NNTTQ</b> "><img src=x> mở (ngoặc.')
    assert "<img" not in editor.get(f"/scripts/{number}").text
