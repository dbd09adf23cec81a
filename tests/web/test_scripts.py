"""The pages of scripts. Cast: an editor writes, another one too, an approver approves; a planner and an admin read."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast_service.services import renditions, scripts
from broadcast_service.storage.tables import Rendition, Script
from broadcast_service.studio import Studio
from tests.factories import make_broadcast, make_script, make_slot, make_station, make_unit
from tests.web.conftest import Person, SignIn

TEXT = "Năm 2018, một nông dân trồng bưởi.\n\nUBND xã khen."

XSS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "</textarea><script>alert(1)</script>",
    "{{7*7}}",
    "{% raw %}",
    "<svg/onload=alert(1)>",
    "javascript:alert(1)",
    "<mark class=x>",
    "&lt;b&gt;",
]


def form(**other: str) -> dict[str, str]:
    return {
        "title": "Vườn bưởi",
        "written": TEXT,
        "genre": "guong-dien-hinh",
        "field": "san-xuat-kinh-doanh",
        **other,
    }


def create(client: FlaskClient, **other: str) -> int:
    answer = client.post("/scripts", data=form(**other))
    assert answer.status_code == 302, answer.text
    return int(answer.headers["Location"].rsplit("/", 1)[1])


def revision_id(page: str) -> str:
    found = re.search(r'name="revision_id" value="(\d+)"', page)
    assert found
    return found.group(1)


def test_a_script_goes_from_writing_to_sound(seat: Callable[..., Person], studio: Studio) -> None:
    editor, approver = seat("editor").client, seat("approver").client
    number = create(editor)
    page = editor.get(f"/scripts/{number}").text
    assert "Đang soạn" in page
    assert "Ủy ban nhân dân" in page

    assert editor.post(f"/scripts/{number}/submit").status_code == 302
    assert "Chờ duyệt" in editor.get(f"/scripts/{number}").text
    page = approver.get(f"/scripts/{number}").text
    assert approver.post(f"/scripts/{number}/approve", data={"revision_id": revision_id(page)}).status_code == 302

    page = approver.get(f"/scripts/{number}").text
    assert "Chờ thu" in page
    assert f'data-poll="/scripts/{number}/sound"' in page
    assert approver.get(f"/scripts/{number}/sound.mp3").status_code == 404

    with studio.database.reading() as session:
        wanted = session.scalars(select(Rendition.id)).one()
    renditions.render(studio, wanted)

    page = approver.get(f"/scripts/{number}").text
    assert "Sẵn sàng" in page
    assert "<audio controls" in page
    assert "data-poll" not in approver.get(f"/scripts/{number}/sound").text
    sound = approver.get(f"/scripts/{number}/sound.mp3")
    assert (sound.status_code, sound.mimetype) == (200, "audio/mpeg")
    assert sound.data[:3] == b"ID3"
    part = approver.get(f"/scripts/{number}/sound.mp3", headers={"Range": "bytes=0-9"})
    assert (part.status_code, part.data) == (206, sound.data[:10])


def test_the_author_finds_the_button_shut_and_is_refused(seat: Callable[..., Person]) -> None:
    both = seat("editor", "approver").client
    number = create(both)
    both.post(f"/scripts/{number}/submit")

    page = both.get(f"/scripts/{number}").text

    assert re.search(r"<button[^>]*disabled>Duyệt bản 1", page)
    assert "người khác duyệt" in page
    answer = both.post(f"/scripts/{number}/approve", data={"revision_id": revision_id(page)})
    assert answer.status_code == 403
    assert "không tự duyệt" in answer.text


def test_an_approval_of_an_older_screen_is_refused(seat: Callable[..., Person]) -> None:
    editor, approver = seat("editor").client, seat("approver").client
    number = create(editor)
    editor.post(f"/scripts/{number}/submit")
    seen = revision_id(approver.get(f"/scripts/{number}").text)
    editor.post(f"/scripts/{number}/revisions", data=form(written="Lời khác.", base="1"))
    editor.post(f"/scripts/{number}/submit")

    answer = approver.post(f"/scripts/{number}/approve", data={"revision_id": seen})

    assert answer.status_code == 409
    assert "bản 2 mới hơn" in answer.text


def test_a_revision_of_another_script_is_not_approved_here(seat: Callable[..., Person]) -> None:
    editor, approver = seat("editor").client, seat("approver").client
    one, other = create(editor), create(editor, title="Bài khác")
    for number in (one, other):
        editor.post(f"/scripts/{number}/submit")
    seen = revision_id(approver.get(f"/scripts/{other}").text)

    for value in (seen, "", "x", "-1", str(1 << 70)):
        assert approver.post(f"/scripts/{one}/approve", data={"revision_id": value}).status_code == 404


def test_a_script_is_sent_back_with_a_reason(seat: Callable[..., Person]) -> None:
    editor, approver = seat("editor").client, seat("approver").client
    number = create(editor)
    editor.post(f"/scripts/{number}/submit")
    data = {"revision_id": revision_id(approver.get(f"/scripts/{number}").text)}

    assert approver.post(f"/scripts/{number}/send-back", data=data).status_code == 422
    assert approver.post(f"/scripts/{number}/send-back", data=data | {"reason": "Thiếu số hộ."}).status_code == 302

    page = editor.get(f"/scripts/{number}").text
    assert "Thiếu số hộ." in page
    assert "Đang soạn" in page


def test_two_editors_lose_nothing(seat: Callable[..., Person]) -> None:
    lan, minh = seat("editor").client, seat("editor").client
    number = create(lan)
    lan.post(f"/scripts/{number}/revisions", data=form(written="Chữ của Lan.", base="1"))

    answer = minh.post(f"/scripts/{number}/revisions", data=form(written="Chữ của Minh.", base="1"))

    assert answer.status_code == 409
    assert "Bài này vừa được người khác sửa lúc 03:00. Xem chỗ khác nhau rồi lưu lại." in answer.text
    assert "<del>Lan.</del><ins>Minh.</ins>" in answer.text
    assert "Chữ của Minh.</textarea>" in answer.text
    assert 'name="base" value="2"' in answer.text
    assert minh.post(f"/scripts/{number}/revisions", data=form(written="Chữ của Minh.", base="2")).status_code == 302


def test_two_revisions_are_compared(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor)
    editor.post(f"/scripts/{number}/revisions", data=form(written=TEXT.replace("bưởi", "xoài"), base="1"))

    page = editor.get(f"/scripts/{number}?compare=2&with=1").text

    assert "<del>bưởi.</del><ins>xoài.</ins>" in page
    assert editor.get(f"/scripts/{number}?compare=1&with=9").status_code == 404


def test_saving_nothing_new_adds_no_revision(seat: Callable[..., Person]) -> None:
    editor = seat("editor").client
    number = create(editor)

    answer = editor.post(f"/scripts/{number}/revisions", data=form(base="1", field="y-duc"), follow_redirects=True)

    assert "không thêm bản sửa" in answer.text
    assert "Bản sửa 1" in answer.text
    assert "Y đức" in answer.text


@pytest.mark.parametrize("text", XSS)
def test_markup_in_a_text_is_only_text(seat: Callable[..., Person], text: str) -> None:
    editor = seat("editor").client
    number = create(
        editor, title=f"Bài {text}", written=f"Bài {text}.\n\nUBND {text}.", note=text, source=text, movement=text
    )
    editor.post(f"/scripts/{number}/revisions", data=form(title=f"Hai {text}", written=f"Hai {text}.", base="1"))

    for address in (f"/scripts/{number}", f"/scripts/{number}/edit", "/scripts", f"/scripts/{number}?compare=1&with=2"):
        page = editor.get(address).text
        assert not re.search(
            r"<script>|<img|<svg/|<mark class=x>|onerror=alert\(1\)>(?!&)", page.replace("&#34;", '"')
        ), address
        assert "Bài 49" not in page
    assert editor.get("/scripts", query_string={"q": text, "status": text, "area": text}).status_code == 200


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"title": ""}, "Bài chưa có tên"),
        ({"title": "x" * 300}, "quá mức 200"),
        ({"written": " \x00\u200b "}, "Bài chưa có chữ nào"),
        ({"written": "bưởi " * 50_000}, "Bài dài quá 200 kB"),
        ({"genre": "la"}, "Không có thể loại"),
        ({"genre": ""}, "Chưa chọn thể loại"),
        ({"unit_id": "987654321987"}, "Không có đơn vị"),
        ({"spoken": "Một đoạn."}, "Lời đọc có 1 đoạn"),
    ],
)
def test_a_mistake_is_shown_at_its_field_and_the_text_stays(
    seat: Callable[..., Person], change: dict[str, str], sentence: str
) -> None:
    answer = seat("editor").client.post("/scripts", data=form(**change))

    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Viết bài mới" in answer.text
    assert "written" in change or "một nông dân trồng bưởi" in answer.text


def test_ten_megabytes_are_refused_with_a_sentence(seat: Callable[..., Person]) -> None:
    answer = seat("editor").client.post("/scripts", data=form(written="a" * 10_000_000))

    assert answer.status_code == 413
    assert "quá lớn" in answer.text


def test_what_is_pasted_is_cleaned(seat: Callable[..., Person], studio: Studio) -> None:
    editor = seat("editor").client
    number = create(editor, title="Vươ\u0300n\u200b\x00", written="Vươ\u0300n\u202e \r\n\r\nHai\u2028ba.")

    with studio.database.reading() as session:
        script = session.get_one(Script, number)
        assert (script.title, script.latest.written) == ("Vườn", "Vườn\n\nHai\nba.")


# --- the library


def test_the_library_finds_without_marks_and_marks_what_it_found(
    seat: Callable[..., Person],
) -> None:
    editor = seat("editor").client
    create(editor, title="Người tốt, việc tốt")
    create(editor, title="Con đường hoa")
    editor.get("/scripts")  # takes the passing messages away

    page = editor.get("/scripts?q=nguoi tot").text

    assert "<mark>Người tốt</mark>" in page
    assert "Con đường hoa" not in page
    assert "<mark>đường</mark>" in editor.get("/scripts?q=duong").text


@pytest.mark.parametrize(
    "query",
    ["q=%00", "page=-1", "page=x", "page=99999999999999999999", "field=x&field=y", "length=z", "order=z", "status=%27",
     "q=" + "a" * 5_000, "kind=shell", "q=%F0%9F%98%80", "area=%3Cb%3E"],
)  # fmt: skip
def test_no_query_breaks_the_library(sign_in: SignIn, query: str) -> None:
    assert sign_in("planner").get(f"/scripts?{query}").status_code == 200


def test_squares_tell_which_stations_aired_it(sign_in: SignIn, studio: Studio) -> None:
    from broadcast_service.storage.tables import AsRunEntry, Cue

    with studio.database.transaction() as session:
        script = make_script(session, status="approved")
        stations = [make_station(session, letters=letters) for letters in ("AA", "BB", "CC")]
        make_station(session, letters="TT", unit=make_unit(session, kind="co-quan"))
        for station, outcomes in ((stations[0], ["aired"]), (stations[1], ["aired", "withdrawn"])):
            broadcast = make_broadcast(session, slot=make_slot(session, station))
            broadcast.cues.append(Cue(position=0, kind="script", title="x", script_id=script.id))
            for outcome in outcomes:
                session.add(
                    AsRunEntry(broadcast_id=broadcast.id, outcome=outcome, source="tap", recorded_at=studio.now())
                )
        session.flush()

    page = sign_in("planner").get("/scripts").text

    squares = re.findall(r'<span(?: class="(\w+)")? role="img"[^>]*>(\w\w)</span>', page)
    assert squares == [("on", "AA"), ("soon", "BB"), ("", "CC")]
    assert "Đã phát ở 1 đài, gần nhất 24/11; xếp phát thêm ở 1 đài" in page


def test_only_an_admin_turns_the_samples_off(sign_in: SignIn, studio: Studio) -> None:
    admin = sign_in("admin")
    assert "Không phát bài mẫu" in admin.get("/scripts").text
    assert "Không phát bài mẫu" not in sign_in("editor").get("/scripts").text

    admin.post("/scripts/samples", data={"on_air": "no"})

    with studio.database.reading() as session:
        assert not scripts.samples_on_air(session)


# --- who may do what


@pytest.mark.parametrize(
    ("role", "may_read", "may_write", "may_decide"),
    [
        ("editor", True, True, False),
        ("approver", True, False, True),
        ("planner", True, False, False),
        ("admin", True, False, False),
        ("operator", False, False, False),
    ],
)
def test_each_role_does_its_part_only(
    seat: Callable[..., Person], role: str, may_read: bool, may_write: bool, may_decide: bool
) -> None:
    number = create(seat("editor").client)
    client = seat(role).client

    def allowed(method: str, address: str, **more: Any) -> bool:
        return client.open(address, method=method, **more).status_code != 403

    assert allowed("GET", f"/scripts/{number}") == may_read
    assert allowed("GET", f"/scripts/{number}/sound.mp3") == may_read
    assert allowed("GET", "/scripts") == may_read
    assert allowed("GET", f"/scripts/{number}/edit") == may_write
    assert allowed("POST", f"/scripts/{number}/revisions", data={}) == may_write
    assert allowed("POST", f"/scripts/{number}/submit") == may_write
    assert allowed("POST", f"/scripts/{number}/approve") == may_decide
    assert allowed("POST", f"/scripts/{number}/retire") == (may_write or may_decide)


def test_a_stranger_is_sent_to_the_door(client: FlaskClient) -> None:
    assert "/sign-in" in client.get("/scripts").headers["Location"]


def test_looking_changes_nothing(seat: Callable[..., Person], studio: Studio) -> None:
    editor = seat("editor").client
    number = create(editor)
    for address in (
        "/scripts",
        "/scripts/new",
        f"/scripts/{number}",
        f"/scripts/{number}/edit",
        f"/scripts/{number}/sound",
    ):
        assert editor.get(address).status_code == 200

    with studio.database.reading() as session:
        assert session.scalars(select(Rendition)).all() == []


def test_an_unknown_script_is_a_plain_page(sign_in: SignIn) -> None:
    for address in ("/scripts/99", f"/scripts/{1 << 70}", "/scripts/0"):
        answer = sign_in("editor").get(address)
        assert answer.status_code == 404
        assert "Không tìm thấy" in answer.text
