"""Deciding how words are said on the page of a script. Cast: two editors, Lan and Minh; an approver; a planner."""

import html
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from broadcast_service.services import lexicon, scripts
from broadcast_service.services.lexicon import AT_CENTRE, SCRIPT, STATION, Scope
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import make_station
from tests.web.conftest import Person
from tests.web.test_scripts import create, form

UNCLEAR = "Câu lạc bộ NNTH của xã họp ngày 14/3.\n\nBà con theo NNTH rất vui, học ở Smartfarm."
LETTERS = "en-nờ en-nờ tê hát"


def hidden(page: str, form_id: str = "hoi") -> dict[str, str]:
    """What the form of the questions sends besides what is chosen."""
    body = page[page.index(f'<form id="{form_id}"') :]
    body = body[: body.index("</form>")]
    return {name: html.unescape(value) for name, value in re.findall(r'name="(base|seen)" value="([^"]*)"', body)}


def number_of(page: str, written: str) -> str:
    found = re.search(rf'name="written-(\d+)" value="{written}"', page)
    assert found, f"nothing is asked about {written}"
    return found.group(1)


def answer(client: FlaskClient, script: int, written: str, page: str = "", **chosen: str) -> tuple[int, str]:
    """Answer the question about a token as the card's own button does: status and page."""
    page = page or client.get(f"/scripts/{script}").text
    number = number_of(page, written)
    data = hidden(page) | {f"written-{number}": written, "only": number, f"choice-{number}": "0"}
    data |= {(name if name == "sure" else f"{name}-{number}"): value for name, value in chosen.items()}
    reply = client.post(f"/scripts/{script}/answers", data=data)
    return reply.status_code, reply.text


def correct(client: FlaskClient, script: int, word: str, **chosen: str) -> tuple[int, str]:
    """Correct a word as its panel does."""
    page = client.get(f"/scripts/{script}/word", query_string={"text": word}).text
    data = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)) | {"keep": "script"} | chosen
    reply = client.post(f"/scripts/{script}/word", data=data)
    return reply.status_code, reply.text


def spoken(client: FlaskClient, script: int) -> str:
    return client.get(f"/scripts/{script}/spoken.txt").text


# --- questions


def test_each_unclear_word_is_asked_once_with_what_is_said_now_ticked(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    page = editor.get(f"/scripts/{create(editor, written=UNCLEAR)}").text

    assert "2 chỗ chưa rõ cách đọc" in page
    assert page.count('value="NNTH"') == 1
    assert "ở đoạn 1, 2, 2 chỗ" in " ".join(re.sub(r"<[^>]+>", "", page).split())
    assert re.search(rf'data-said="{LETTERS}" checked', page)
    assert 'href="#hoi-1"' in page
    assert 'id="hoi-1"' in page
    assert "Dùng cả 2 cách đọc đang chọn" in page


def test_an_answered_question_goes_away_and_makes_a_revision(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)

    assert answer(editor, number, "NNTH", own="nông nghiệp tuần hoàn")[0] == 302

    page = editor.get(f"/scripts/{number}").text
    assert "1 chỗ chưa rõ cách đọc" in page
    assert "Bản sửa 2" in page
    assert spoken(editor, number).count("nông nghiệp tuần hoàn") == 2


def test_agreeing_with_what_is_said_only_takes_the_question_away(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)

    answer(editor, number, "NNTH")

    page = editor.get(f"/scripts/{number}").text
    assert "Bản sửa 1" in page
    assert 'name="written-1"' not in page
    assert not re.search(r'class="say say-ask"[^>]*>NNTH', page)


def test_all_chosen_answers_are_taken_with_one_button(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)
    page = editor.get(f"/scripts/{number}").text
    assert editor.post(f"/scripts/{number}/submit").status_code == 409
    data = hidden(page) | {"written-0": "NNTH", "choice-0": "0", "written-1": "Smartfarm", "own-1": "nông trại số"}

    editor.post(f"/scripts/{number}/answers", data=data)

    assert "chưa rõ cách đọc" not in editor.get(f"/scripts/{number}").text
    assert "nông trại số" in spoken(editor, number)
    assert editor.post(f"/scripts/{number}/submit").status_code == 302


def test_a_block_that_is_left_out_is_said_when_somebody_wants_it(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    block = "TM. ỦY BAN NHÂN DÂN"
    number = create(editor, written=f"Xã họp dân.\n\n{block}")
    page = editor.get(f"/scripts/{number}").text
    assert "Có đọc phần này trên loa không?" in page
    assert "Không đọc" in page
    assert "Thay mặt" not in spoken(editor, number)

    answer(editor, number, block, choice="1")

    assert "hay mặt" in spoken(editor, number)
    assert "chưa rõ cách đọc" not in editor.get(f"/scripts/{number}").text


def test_a_block_too_long_for_the_lexicon_is_left_out_without_a_question(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    receivers = "Nơi nhận: " + "- Các phòng ban, đoàn thể của phường và các tổ dân phố; " * 6 + "- Lưu VT."
    number = create(editor, written=f"Xã họp dân.\n\n{receivers}")

    page = editor.get(f"/scripts/{number}").text

    assert "Đoạn này không đọc trên loa." in page
    assert "chưa rõ cách đọc" not in page
    assert editor.post(f"/scripts/{number}/submit").status_code == 302


def test_others_see_what_is_asked_and_can_not_answer(seat: Callable[..., Person]) -> None:
    editor, approver = seat("editor").client, seat("approver").client
    number = create(editor, written=UNCLEAR)

    page = approver.get(f"/scripts/{number}").text

    assert "2 chỗ chưa rõ cách đọc" in page
    assert LETTERS in page
    assert "Dùng cách đọc này" not in page
    assert approver.post(f"/scripts/{number}/answers", data={}).status_code == 403
    panel = approver.get(f"/scripts/{number}/word?text=NNTH").text
    assert "Dùng cách đọc này" not in panel
    assert LETTERS in panel


def test_trying_an_answer_leads_to_its_sound(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)
    page = editor.get(f"/scripts/{number}").text

    reply = editor.post(
        f"/scripts/{number}/answers",
        data=hidden(page) | {"written-0": "NNTH", "own-0": "nông nghiệp", "hear": "0"},
        follow_redirects=True,
    )

    assert (reply.status_code, reply.mimetype) == (200, "audio/mpeg")
    assert "Bản sửa 1" in editor.get(f"/scripts/{number}").text


ABOUT_IT = {"base": "1", "written-0": "NNTH"}


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"base": "1"},
        {"base": "9"},
        {"base": "1", "written-0": "Xxx", "only": "0"},
        {"base": "x", "only": "0"},
        ABOUT_IT | {"choice-0": "7"},
        ABOUT_IT | {"keep-0": "station/999"},
        ABOUT_IT | {"keep-0": "script/1"},
        ABOUT_IT | {"keep-0": "\x00"},
        ABOUT_IT | {"own-0": "x" * 500},
    ],
)
def test_an_answer_that_does_not_fit_is_refused(seat: Callable[..., Person], data: dict[str, str]) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)

    assert editor.post(f"/scripts/{number}/answers", data=data).status_code in {404, 422}
    assert "Bản sửa 1" in editor.get(f"/scripts/{number}").text


# --- correcting any word


def test_a_marked_span_leads_to_its_word(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)
    page = editor.get(f"/scripts/{number}").text
    found = re.search(r'class="say say-date"[^>]*href="([^"]+)"', page)
    assert found

    address = html.unescape(found.group(1))
    piece = editor.get(f"{address}&piece=1").text

    assert "Cách đọc “14/3”" in piece
    assert "Ngày tháng, đoạn 1" in piece
    assert 'value="mười bốn tháng ba"' in piece
    assert "<html" not in piece
    assert "<html" in editor.get(address).text


def test_a_word_is_said_otherwise_everywhere_in_the_script(seat: Callable[..., Person], studio: Studio) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)

    assert correct(editor, number, "NNTH", spoken="nông nghiệp tuần hoàn")[0] == 302

    assert spoken(editor, number).count("nông nghiệp tuần hoàn") == 2
    with studio.database.reading() as session:
        assert lexicon.merged(session) == {}
        assert lexicon.merged(session, script_id=number) == {"NNTH": "nông nghiệp tuần hoàn"}


def test_just_one_place_is_said_otherwise_with_its_neighbour(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)
    panel = editor.get(f"/scripts/{number}/word?text=NNTH").text
    assert "Có 2 chỗ trong bài, đoạn 1, 2" in panel
    assert "“NNTH của”" in panel

    correct(editor, number, "NNTH", spoken="nông nghiệp tuần hoàn", reach="here")

    said = spoken(editor, number)
    assert "nông nghiệp tuần hoàn của xã" in said
    assert f"theo {LETTERS}" in said


def test_a_plain_name_is_said_otherwise_from_its_selection(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written="Anh Trần Văn Bình giúp bà con.")
    page = editor.get(f"/scripts/{number}/word?paragraph=1&start=13&end=16&piece=1").text
    assert "Cách đọc “Bình”" in page

    correct(editor, number, "Bình", spoken="Bằng")

    assert "Trần Văn Bằng giúp" in spoken(editor, number)


@pytest.mark.parametrize("on_the_card", [True, False], ids=["card", "panel"])
def test_a_decision_for_a_station_leaves_the_common_reading(
    seat: Callable[..., Person], studio: Studio, on_the_card: bool
) -> None:
    with studio.database.transaction() as session:
        station_id = make_station(session).id
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)
    page = editor.get(f"/scripts/{number}").text
    assert f'<option value="station/{station_id}">' in page

    if on_the_card:
        answer(editor, number, "NNTH", own="nông nghiệp", keep=f"station/{station_id}")
    else:
        correct(editor, number, "NNTH", spoken="nông nghiệp", keep=f"station/{station_id}")

    assert "nông nghiệp" not in spoken(editor, number)
    with studio.database.reading() as session:
        assert lexicon.merged(session, station_id=station_id) == {"NNTH": "nông nghiệp"}
        assert lexicon.find(session, Scope(STATION, station_id), "NNTH")


def test_an_empty_reading_is_asked_for_again(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)
    status, page = correct(editor, number, "NNTH", spoken=" ")
    assert status == 422
    assert "Chưa ghi lời đọc" in page


def test_a_paragraph_worded_by_hand_is_left_to_the_editing_page(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor, written="Có 7 hộ.\n\nUBND khen.", spoken="Có bảy nhà.\n\nỦy ban nhân dân khen.")
    page = editor.get(f"/scripts/{number}").text
    assert page.count("Lời đọc do người viết tự ghi") == 1

    panel = editor.get(f"/scripts/{number}/word?text=7").text

    assert "Sửa lời đọc ở trang sửa bài" in panel
    assert "Dùng cách đọc này" not in panel
    assert editor.post(
        f"/scripts/{number}/word", data={"base": "1", "paragraph": "1", "start": "3", "end": "4", "spoken": "tám"}
    ).status_code == 422  # fmt: skip


@pytest.mark.parametrize(
    ("query", "status"),
    [("", 200), ("text=Khong+co", 422), ("text=", 422), ("paragraph=9&span=0", 404), ("paragraph=1&span=999", 404),
     ("paragraph=1&start=5&end=5", 422), ("paragraph=x&span=y", 404), ("paragraph=-1&start=0&end=3", 404),
     ("paragraph=1&start=-99999999999999999999&end=99999999999999999999", 200), ("text=%00%E2%80%8B", 422)],
)  # fmt: skip
def test_no_query_breaks_the_page_of_a_word(seat: Callable[..., Person], query: str, status: int) -> None:
    editor = seat("editor").client
    assert editor.get(f"/scripts/{create(editor, written=UNCLEAR)}/word?{query}").status_code == status


# --- the Centre's layer


def test_what_the_centre_remembers_is_shown_first_in_the_scripts_it_changes(
    seat: Callable[..., Person], studio: Studio
) -> None:
    lan, approver = seat("editor").client, seat("approver")
    other = create(lan, title="Bài đã duyệt", written="Bà con theo NNTH.")
    answer(lan, other, "NNTH")
    lan.post(f"/scripts/{other}/submit")
    with studio.database.transaction() as session:
        revision = scripts.get_script(session, other).latest
        scripts.approve(session, studio, revision.id, account_id=approver.account_id, now=studio.now())
        session.delete(lexicon.find(session, Scope(SCRIPT, other), "NNTH"))
    number = create(lan, written=UNCLEAR)

    status, page = answer(lan, number, "NNTH", own="nông học", keep="centre")

    assert status == 200
    assert "Bài đã duyệt" in page
    assert "Bà con theo <ins>nông học.</ins>" in page
    assert "/lexicon/preview?" in page
    with studio.database.reading() as session:
        assert lexicon.merged(session, script_id=number) == {}, "nothing was kept yet"

    status, _ = answer(lan, number, "NNTH", own="nông học", keep="centre", sure="1")
    assert status == 302
    with studio.database.reading() as session:
        assert lexicon.find(session, AT_CENTRE, "NNTH")
    assert LETTERS in spoken(lan, other), "what was approved stays"


def test_the_way_out_keeps_it_for_this_script_alone(seat: Callable[..., Person], studio: Studio) -> None:
    editor = seat("editor").client
    number = create(editor, written=UNCLEAR)

    correct(editor, number, "NNTH", spoken="nông học", keep="centre", just="1")

    with studio.database.reading() as session:
        assert lexicon.merged(session) == {}
    assert "nông học" in spoken(editor, number)


# --- two editors


def test_two_decisions_about_the_same_word_are_both_shown(
    seat: Callable[..., Person], clock: StoppedClock, studio: Studio
) -> None:
    lan, minh = seat("editor", full_name="Lan").client, seat("editor", full_name="Minh").client
    number = create(lan, written=UNCLEAR)
    page = minh.get(f"/scripts/{number}").text
    clock.forward(minutes=5)
    answer(lan, number, "NNTH", own="nông nghiệp tuần hoàn")

    status, conflict = answer(minh, number, "NNTH", page, own="nhóm nông trại")

    assert status == 409
    words = " ".join(re.sub(r"<[^>]+>", " ", conflict).split())
    assert "Lan, lúc 03:05: nông nghiệp tuần hoàn" in words
    assert "Cách vừa chọn: nhóm nông trại" in words
    assert "nông nghiệp tuần hoàn" in spoken(minh, number)

    data = dict(re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)"', conflict))
    assert minh.post(f"/scripts/{number}/answers", data=data).status_code == 302
    assert "nhóm nông trại" in spoken(minh, number)
    assert "Bản sửa 3" in minh.get(f"/scripts/{number}").text


def test_decisions_about_different_words_both_count(seat: Callable[..., Person], clock: StoppedClock) -> None:
    lan, minh = seat("editor").client, seat("editor").client
    number = create(lan, written=UNCLEAR)
    page = minh.get(f"/scripts/{number}").text
    clock.forward(minutes=5)
    answer(lan, number, "NNTH", own="nông nghiệp tuần hoàn")

    assert answer(minh, number, "Smartfarm", page, own="nông trại số")[0] == 302

    said = spoken(lan, number)
    assert "nông nghiệp tuần hoàn" in said
    assert "nông trại số" in said


def test_a_decision_about_a_text_that_has_changed_is_refused(seat: Callable[..., Person], clock: StoppedClock) -> None:
    lan, minh = seat("editor").client, seat("editor").client
    number = create(lan, written=UNCLEAR)
    page = minh.get(f"/scripts/{number}").text
    lan.post(f"/scripts/{number}/revisions", data=form(written="NNTH là chữ khác.", base="1"))

    status, said = answer(minh, number, "NNTH", page, own="nông học")

    assert status == 409
    assert "vừa được người khác sửa" in said
    assert "nông học" not in spoken(lan, number)
