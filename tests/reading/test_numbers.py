"""A number said aloud can be written down again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast_service.reading import read_aloud
from broadcast_service.reading.syllables import count_syllables, is_syllable

NAMES = ["không", "một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"]
ONES = {**{name: value for value, name in enumerate(NAMES)}, "mốt": 1, "tư": 4, "lăm": 5}
SCALES = {"nghìn": 10**3, "ngàn": 10**3, "triệu": 10**6}


def written_again(spoken: str) -> int:
    """The number that the words say."""
    total, below, group, last = 0, 0, 0, 0
    for word in spoken.lower().split():
        if word == "trăm":
            group, last = group + last * 100, 0
        elif word == "mươi":
            group, last = group + last * 10, 0
        elif word == "mười":
            group += 10
        elif word in SCALES:
            below, group, last = below + (group + last) * SCALES[word], 0, 0
        elif word == "tỷ":
            total, below, group, last = (total + below + group + last) * 10**9, 0, 0, 0
        elif word not in ("linh", "lẻ"):
            last = ONES[word]
    return total + below + group + last


@given(st.integers(min_value=0, max_value=10**18 - 1), st.sampled_from(["bac", "trung", "nam"]))
def test_a_number_read_and_written_down_is_the_same_number(number, region):
    assert written_again(read_aloud(str(number), region=region).spoken) == number


@given(st.integers(min_value=1000, max_value=10**15))
def test_dots_between_thousands_change_nothing(number):
    dotted = f"{number:,}".replace(",", ".")
    assert read_aloud(dotted).spoken == read_aloud(str(number)).spoken


@pytest.mark.parametrize(("spoken", "count"), [("", 0), ("Xin chào bà con.", 4), ("năm ki-lô-mét một giờ", 6)])
def test_syllables_are_counted_at_blanks_and_hyphens(spoken, count):
    assert count_syllables(spoken) == count


@pytest.mark.parametrize("word", ["nghiêng", "quốc", "giết", "gì", "khuỷu", "thuở", "Nguyễn", "ĐƯỜNG", "yêu", "oanh"])
def test_vietnamese_syllables_are_known(word):
    assert is_syllable(word)


@pytest.mark.parametrize("word", ["online", "hat", "facebook", "ubnd", "cee", "kwa"])
def test_other_words_are_not_taken_for_vietnamese(word):
    assert not is_syllable(word)
