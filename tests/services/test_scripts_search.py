import pytest
from sqlalchemy.orm import Session

from broadcast_service.domain.searching import search_text
from broadcast_service.services import scripts
from broadcast_service.storage.tables import Script
from tests.factories import make_script, soon


def add(session: Session, title: str, text: str = "Bà con.", **other: object) -> Script:
    script = make_script(session, title=title, text=text, **other)
    script.search_text = search_text(title, script.code, text)
    session.flush()
    return script


def titles(session: Session, query: str, **other: object) -> list[str]:
    return [script.title for script in scripts.search(session, query, **other).hits]  # type: ignore[arg-type]


@pytest.fixture
def library(session: Session) -> Session:
    add(session, "Người tốt, việc tốt ở xã Hòa Trí", "Nhặt được của rơi.")
    add(session, "Con đường hoa", "Làm đường bê tông.", field="nong-thon-moi", area="kinh-te-chinh-tri")
    add(session, "Dưỡng đường lão", "Đường ruột.", status="submitted")
    add(session, "Lan tỏa", "Một trăm 100% đồng ý.", status="retired")
    return session


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("nguoi tot viec tot", "Người tốt, việc tốt ở xã Hòa Trí"),
        ("NGƯỜI TỐT VIỆC TỐT", "Người tốt, việc tốt ở xã Hòa Trí"),
        ("của rơi hòa trí", "Người tốt, việc tốt ở xã Hòa Trí"),
        ("be tong duong", "Con đường hoa"),
        ("đường hoa", "Con đường hoa"),
    ],
)
def test_words_are_found_with_or_without_marks(library: Session, query: str, first: str) -> None:
    assert titles(library, query)[0] == first


def test_duong_finds_every_duong(library: Session) -> None:
    assert set(titles(library, "duong")) == {"Con đường hoa", "Dưỡng đường lão"}


def test_typed_marks_bring_exact_hits_first(session: Session) -> None:
    add(session, "Bưởi non", updated_at=soon(hours=1))
    add(session, "Buổi non", updated_at=soon(hours=2))

    assert titles(session, "buoi") == ["Buổi non", "Bưởi non"]
    assert titles(session, "bưởi") == ["Bưởi non", "Buổi non"]


@pytest.mark.parametrize("query", ["%", "_", "100%%", "' OR 1=1 --", "\\", "{{7*7}}", "xyz", "%%%", "\x00"])
def test_signs_find_no_more_than_they_say(library: Session, query: str) -> None:
    assert titles(library, query) == []


def test_whole_words_come_before_beginnings(library: Session) -> None:
    assert titles(library, "con") == ["Con đường hoa"]  # “công” begins so too, but is another word
    assert titles(library, "nha") == ["Người tốt, việc tốt ở xã Hòa Trí"]
    assert titles(library, "hat") == []


def test_nothing_asked_finds_all_but_the_retired(library: Session) -> None:
    found = scripts.search(library)

    assert (found.total, found.page, found.pages) == (3, 1, 1)
    assert titles(library, "", status="retired") == ["Lan tỏa"]


def test_counts_tell_what_each_field_and_state_would_show(library: Session) -> None:
    found = scripts.search(library, "duong", fields=["nong-thon-moi"])

    assert [script.title for script in found.hits] == ["Con đường hoa"]
    assert found.field_counts == {"nong-thon-moi": 1, "nguoi-tot-viec-tot": 1}
    assert found.status_counts == {"draft": 1}


def test_lengths_are_half_open(session: Session) -> None:
    for title, length in (("ngắn", 179_999), ("vừa", 180_000), ("đúng năm phút", 300_000), ("dài", 300_001)):
        add(session, title).latest.estimated_ms = length
    session.flush()

    assert titles(session, "", length="short") == ["ngắn"]
    assert set(titles(session, "", length="middle")) == {"vừa", "đúng năm phút"}
    assert titles(session, "", length="long") == ["dài"]


def test_pages_hold_twenty(session: Session) -> None:
    for number in range(45):
        add(session, f"Bài {number:02}", updated_at=soon(minutes=number))

    first, last = scripts.search(session, order="newest"), scripts.search(session, order="newest", page=99)

    assert (len(first.hits), first.total, first.pages) == (20, 45, 3)
    assert first.hits[0].title == "Bài 44"
    assert (last.page, len(last.hits)) == (3, 5)


def test_shells_are_apart_from_pieces(session: Session) -> None:
    add(session, "Lời xướng", shell="call")
    add(session, "Bài")

    assert titles(session, "") == ["Bài"]
    assert titles(session, "", shells=True) == ["Lời xướng"]


def test_ten_times_as_many_long_scripts_are_searched_in_step(session: Session) -> None:
    from time import process_time

    def seconds(word: str) -> float:
        best = 9.0
        for _ in range(3):
            begun = process_time()
            scripts.search(session, word)
            best = min(best, process_time() - begun)
        return best

    for number in range(300):
        add(session, f"Bài {number}", ("con đường " if number < 270 else "vườn xoài ") * 400)
    assert scripts.search(session, "con đường").total == 270
    assert seconds("con đường") < 0.2 + 20 * seconds("vườn xoài")
