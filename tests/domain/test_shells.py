from datetime import date

import pytest

from broadcast_service.domain.shells import check, day_fields, fields_in, fill, listing, parts, weekday_name
from broadcast_service.errors import Invalid


def test_fields_are_filled_in_and_dates_stay_in_digits() -> None:
    spoken = fill("Chương trình {thứ}, ngày {ngày}.", day_fields(date(2026, 11, 24)))
    assert spoken == "Chương trình thứ Ba, ngày 24/11/2026."


def test_sunday_is_called_as_people_call_it() -> None:
    assert weekday_name(date(2026, 11, 29)) == "Chủ nhật"


def test_a_field_is_known_however_its_marks_are_composed() -> None:
    import unicodedata

    assert fields_in(unicodedata.normalize("NFD", "Đây là {Tên  đài}.")) == ["tên đài"]


def test_an_unknown_field_is_named_together_with_those_that_exist() -> None:
    with pytest.raises(Invalid, match=r"\{giờ\}.*\{tên đài\}"):
        fill("Bây giờ là {giờ}.", {})


def test_a_field_without_a_value_here_is_named() -> None:
    with pytest.raises(Invalid, match=r"cần \{tên bài\}"):
        fill("Sau đây là bài: {tên bài}.", {"ngày": "1/1/2027"})


def test_a_lone_brace_is_refused() -> None:
    with pytest.raises(Invalid, match="lẻ"):
        check("Ngày {ngày} và {")


def test_braces_in_a_title_are_left_alone() -> None:
    assert fill("Bài: {tên bài}.", {"tên bài": "Chuyện {ngày}"}) == "Bài: Chuyện {ngày}."


def test_titles_become_one_enumeration() -> None:
    assert listing(["Vườn bưởi.", "Lớp học đêm"]) == "Vườn bưởi; Lớp học đêm"


def test_sentences_without_a_field_are_kept_together_so_that_they_are_spoken_once() -> None:
    assert parts("Kính chào bà con. Chúc một ngày vui! Hôm nay là {thứ}. Mời nghe.") == [
        "Kính chào bà con. Chúc một ngày vui!",
        "Hôm nay là {thứ}.",
        "Mời nghe.",
    ]
