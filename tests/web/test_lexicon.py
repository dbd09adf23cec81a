"""The dictionary: looked through by the Centre, changed by editors and administrators, never without a look first."""

import io
import re
from html import unescape
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast_service.domain.scripts import Status
from broadcast_service.formats.lexicon_files import read_lexicon
from broadcast_service.services import lexicon, scripts
from broadcast_service.services.lexicon import AT_CENTRE, STATION, Change, Scope
from broadcast_service.services.revisions import get_script
from broadcast_service.storage.tables import LexiconEntry, Station
from broadcast_service.studio import Studio
from tests.factories import make_entry, make_station
from tests.web.conftest import SignIn

TEXT = "Câu lạc bộ NNTH của xã họp mỗi tháng."
ENTRY = {"scope": "centre", "written": "NNTH", "spoken": "nông nghiệp tuần hoàn", "example": "Câu lạc bộ NNTH."}


@pytest.fixture
def editor(sign_in: SignIn) -> FlaskClient:
    return sign_in("editor")


def script(studio: Studio, title: str, *, status: Status = Status.DRAFT, written: str = TEXT) -> int:
    with studio.database.transaction() as session:
        made = scripts.create_script(session, studio, title=title, written=written, author_id=None)
        made.status = status
        return made.id


def decided(studio: Studio) -> dict[str, str]:
    with studio.database.reading() as session:
        return lexicon.merged(session)


def revisions_of(studio: Studio, script_id: int) -> list[str]:
    with studio.database.reading() as session:
        return [revision.spoken for revision in get_script(session, script_id).revisions]


def standing(page: str) -> str:
    found = re.search(r'name="standing" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def test_all_layers_are_searched_without_marks_the_reader_s_own_last(editor: FlaskClient, studio: Studio) -> None:
    with studio.database.transaction() as session:
        make_entry(session, written="UBTT", spoken="ủy ban thường trực")

    page = editor.get("/lexicon?q=uy+ban").text

    assert page.index("UBTT") < page.index("UBMTTQ")
    assert "Ủy ban Mặt trận Tổ quốc" in page
    assert "UBTT" not in editor.get("/lexicon?q=uy+ban&scope=system").text
    assert "UBMTTQ" not in editor.get("/lexicon?q=uy+ban&scope=centre").text


def test_the_very_token_comes_first(editor: FlaskClient) -> None:
    page = editor.get("/lexicon?q=TU").text
    assert re.findall(r'<span class="written">(.*?)</span>', page)[0] == "TU"


def test_the_list_is_leafed_through(editor: FlaskClient, studio: Studio) -> None:
    with studio.database.transaction() as session:
        for number in range(60):
            make_entry(session, written=f"AA{number:02}")

    first, second = editor.get("/lexicon").text, editor.get("/lexicon?page=2").text

    assert "AA00" in first
    assert "AA59" not in first
    assert "AA59" in second
    assert "Đi kèm phần mềm" in second
    assert editor.get("/lexicon?page=99999").status_code == 200
    assert editor.get("/lexicon?q=AA&page=2").text.count('class="written"') == editor.get(
        "/lexicon?q=aa&page=2"
    ).text.count('class="written"')


@pytest.mark.parametrize(("role", "may"), [("editor", True), ("admin", True), ("approver", False), ("planner", False)])
def test_who_may_only_look_is_offered_nothing_to_change(sign_in: SignIn, role: str, may: bool) -> None:
    page = sign_in(role).get("/lexicon?q=UBND").text
    assert ("Định cách đọc khác" in page) is may
    assert ("Nhập tệp TSV" in page) is may


def test_the_look_before_shows_sentences_and_saves_nothing(editor: FlaskClient, studio: Studio) -> None:
    script(studio, "Bài đang soạn")
    script(studio, "Bài đã duyệt", status=Status.APPROVED)
    script(studio, "Bài không dính", written="Xã họp mỗi tháng.")

    page = editor.get("/lexicon/preview?" + urlencode(ENTRY)).text

    assert "2 bài sẽ đọc khác đi" in page
    assert "<ins>nông nghiệp tuần hoàn</ins>" in page
    assert "<del>en-nờ en-nờ tê hát</del>" in page
    assert "Bài không dính" not in page
    assert page.index("Bài đã duyệt") < page.index("Bài đang soạn")
    ticks = dict(re.findall(r'name="reread" value="\d+" id="lai-(\d+)"( checked)?', page))
    assert sorted(ticks.values()) == ["", " checked"]
    assert "phải duyệt lại mới được phát" in page
    assert decided(studio) == {}


def test_saving_changes_no_script_that_is_not_ticked(editor: FlaskClient, studio: Studio) -> None:
    draft, approved = script(studio, "Nháp"), script(studio, "Duyệt", status=Status.APPROVED)

    answer = editor.post("/lexicon", data=ENTRY | {"reread": [str(draft)]}, follow_redirects=True)

    assert "Đã đọc lại 1 bài" in answer.text
    assert decided(studio) == {"NNTH": "nông nghiệp tuần hoàn"}
    assert len(revisions_of(studio, approved)) == 1
    assert "nông nghiệp tuần hoàn" in revisions_of(studio, draft)[-1]
    with studio.database.reading() as session:
        assert get_script(session, approved).status == Status.APPROVED
        entry = session.scalars(select(LexiconEntry)).one()
        assert (entry.example, entry.author is not None) == ("Câu lạc bộ NNTH.", True)


def test_an_approved_script_that_is_ticked_waits_for_its_approval_again(editor: FlaskClient, studio: Studio) -> None:
    approved = script(studio, "Duyệt", status=Status.APPROVED)
    editor.post("/lexicon", data=ENTRY | {"reread": [str(approved)]})
    with studio.database.reading() as session:
        found = get_script(session, approved)
        assert (found.status, found.latest.number) == (Status.DRAFT, 2)


def test_the_form_tells_what_is_said_today(editor: FlaskClient) -> None:
    assert "Đang đọc là “Ủy ban nhân dân”" in editor.get("/lexicon/new?written=UBND").text


def test_what_somebody_else_changed_meanwhile_is_shown_before_it_is_overwritten(
    editor: FlaskClient, studio: Studio
) -> None:
    with studio.database.transaction() as session:
        lexicon.save_entry(session, AT_CENTRE, written="NNTH", spoken="một", author_id=None, now=studio.now())

    answer = editor.post("/lexicon", data=ENTRY)

    assert answer.status_code == 409
    assert "vừa được người khác đổi" in answer.text
    assert decided(studio) == {"NNTH": "một"}
    editor.post("/lexicon", data=ENTRY | {"standing": standing(answer.text)})
    assert decided(studio) == {"NNTH": "nông nghiệp tuần hoàn"}


def test_taking_back_goes_through_the_same_look(editor: FlaskClient, studio: Studio) -> None:
    with studio.database.transaction() as session:
        entry_id = lexicon.save_entry(
            session, AT_CENTRE, written="NNTH", spoken="nông học", author_id=None, now=studio.now()
        ).id
    draft = script(studio, "Nháp")

    page = editor.get(f"/lexicon/{entry_id}/remove").text
    assert "<del>nông học</del>" in page
    assert "<ins>en-nờ en-nờ tê hát</ins>" in page
    assert decided(studio)

    editor.post(f"/lexicon/{entry_id}/remove", data={"standing": standing(page), "reread": [str(draft)]})
    assert decided(studio) == {}
    assert "en-nờ en-nờ tê hát" in revisions_of(studio, draft)[-1]
    assert editor.get(f"/lexicon/{entry_id}/remove").status_code == 404


def test_a_station_s_decision_tells_what_that_station_would_say(editor: FlaskClient, studio: Studio) -> None:
    with studio.database.transaction() as session:
        station = make_station(session, name="Đài truyền thanh xã Hòa Trí")
    script(studio, "Bài")
    page = editor.get("/lexicon/preview?" + urlencode(ENTRY | {"scope": f"station/{station.id}"})).text
    assert "Đài truyền thanh xã Hòa Trí: 1 bài sẽ đọc khác đi" in page
    assert 'name="reread"' not in page

    editor.post("/lexicon", data=ENTRY | {"scope": f"station/{station.id}"})
    with studio.database.reading() as session:
        assert lexicon.merged(session, station_id=station.id) == {"NNTH": "nông nghiệp tuần hoàn"}
    assert decided(studio) == {}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ({"written": ""}, "Chưa ghi chữ viết"),
        ({"spoken": " "}, "Chưa ghi lời đọc"),
        ({"written": "x" * 201}, "Chữ viết dài quá"),
        ({"spoken": "x" * 401}, "Lời đọc dài quá"),
    ],
)
def test_what_can_not_be_an_entry_is_told_under_its_field(
    editor: FlaskClient, studio: Studio, typed: dict[str, str], told: str
) -> None:
    for answer in (
        editor.get("/lexicon/preview?" + urlencode(ENTRY | typed)),
        editor.post("/lexicon", data=ENTRY | typed),
    ):
        assert answer.status_code == 422
        assert told in answer.text
    assert decided(studio) == {}


@pytest.mark.parametrize("scope", ["", "system", "station/999", "script/999", "station/x", "centre/1"])
def test_a_place_that_does_not_exist_is_not_found(editor: FlaskClient, scope: str) -> None:
    assert editor.get("/lexicon/preview?" + urlencode(ENTRY | {"scope": scope})).status_code == 404
    assert editor.post("/lexicon", data=ENTRY | {"scope": scope}).status_code == 404


def test_a_word_may_be_left_unsaid(editor: FlaskClient, studio: Studio) -> None:
    page = editor.get("/lexicon/preview?" + urlencode(ENTRY | {"spoken": "", "silent": "1"})).text
    assert "không đọc" in page
    editor.post("/lexicon", data=ENTRY | {"spoken": "", "silent": "1"})
    assert decided(studio) == {"NNTH": ""}
    assert "checked" in editor.get("/lexicon/1").text


def test_texts_are_shown_and_never_run(editor: FlaskClient, studio: Studio) -> None:
    with studio.database.transaction() as session:
        make_entry(session, written="<b>A</b>", spoken="<script>x</script>", example='"><img src=x>')
    page = editor.get("/lexicon").text
    assert "<script>x" not in page
    assert "<img src=x" not in page


def upload(browser: FlaskClient, data: bytes, name: str = "t.tsv", **more: Any) -> Any:
    return browser.post("/lexicon/import", data={"file": (io.BytesIO(data), name)} | more)


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found
    return unescape(found[1])


def test_a_file_is_looked_at_whole_and_then_kept_whole(editor: FlaskClient, studio: Studio) -> None:
    draft = script(studio, "Nháp", written="NNTH và KTCS của xã.")
    table = "written\tspoken\nNNTH\tnông học\nKTCS\tkinh tế cơ sở\n".encode()

    page = upload(editor, table).text
    assert "Nhập 2 mục từ điển" in page
    assert "1 bài sẽ đọc khác đi" in page
    assert f'id="lai-{draft}" checked' in page
    assert decided(studio) == {}

    form = {"scope": hidden(page, "scope"), "entries": hidden(page, "entries"), "reread": [str(draft)]}
    told = editor.post("/lexicon/import/save", data=form, follow_redirects=True).text
    assert "Đã nhập 2 mục, 0 mục vốn đã như vậy. Đã đọc lại 1 bài." in told
    assert decided(studio) == {"NNTH": "nông học", "KTCS": "kinh tế cơ sở"}
    assert revisions_of(studio, draft)[-1] == "Nông học và kinh tế cơ sở của xã."
    assert "0 mục mới hoặc đổi, 2 mục vốn đã như vậy" in upload(editor, table).text


def test_a_file_with_a_mistake_is_refused_with_the_line(editor: FlaskClient, studio: Studio) -> None:
    answer = upload(editor, "NNTH\tnông học\nKTCS\tmột\t\tstation/khong-co\n".encode())
    assert answer.status_code == 422
    assert "Dòng 2: không có đài mang mã “khong-co”" in answer.text
    assert upload(editor, b"<!DOCTYPE a><lexicon/>", "x.pls").status_code == 422
    assert editor.post("/lexicon/import", data={}).status_code == 422
    assert decided(studio) == {}


@pytest.mark.slow
def test_a_large_file_is_taken_up_to_its_limit_and_kept(editor: FlaskClient, studio: Studio) -> None:
    rows = "".join(f"từ{number}\tmột hai ba bốn năm sáu bảy tám chín mười\n" for number in range(27_000))
    data = rows.encode()
    assert 1_700_000 < len(data) < 2_000_000
    page = upload(editor, data).text
    form = {"scope": "centre", "entries": hidden(page, "entries")}

    answer = editor.post("/lexicon/import/save", data=form, content_type="multipart/form-data")

    assert answer.status_code == 302
    assert len(decided(studio)) == 27_000
    assert "2 MB" in upload(editor, data + b"x" * 300_000).text
    assert upload(editor, data * 3).status_code == 413


def test_what_is_exported_is_imported_again_without_a_change(editor: FlaskClient, studio: Studio) -> None:
    with studio.database.transaction() as session:
        station = make_station(session, code="hoa-tri")
        entries = [
            Change(scope=AT_CENTRE, written="=A", spoken="bằng a", example="+ ví dụ"),
            Change(scope=Scope(STATION, station.id), written="“B”", spoken=""),
        ]
        lexicon.make(session, entries, author_id=None, now=studio.now())

    table = editor.get("/lexicon/tu-dien.tsv")
    assert table.data.startswith(b"\xef\xbb\xbf")
    assert [(row.written, row.scope) for row in read_lexicon(table.data)] == [
        ("=A", "centre"),
        ("“B”", "station/hoa-tri"),
    ]
    assert "0 mục mới hoặc đổi, 2 mục vốn đã như vậy" in upload(editor, table.data).text

    document = editor.get(f"/lexicon/tu-dien.pls?scope=station/{station.id}")
    assert document.mimetype == "application/pls+xml"
    assert "0 mục mới hoặc đổi, 1 mục vốn đã như vậy" in upload(editor, document.data, "x.pls").text
    with studio.database.reading() as session:
        assert session.scalars(select(Station.code)).all() == ["hoa-tri"]
