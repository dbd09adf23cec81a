import re

import pytest

from broadcast_service.domain.picking import Picked, Reading
from broadcast_service.reading import read_aloud
from broadcast_service.reading.lexicon import TOKEN

TEXT = "Theo KH số 152/KH-UBND, CLB NNTT của xã (thứ hai) có 23 hộ.\nCác xã, NNTT là 4,5 km/h vui."


def reading(text: str = TEXT) -> Reading:
    spans = [[span.written, span.spoken, span.kind, span.certain] for span in read_aloud(text).spans]
    return Reading(text, spans, token=TOKEN)


def pick(words: str, text: str = TEXT) -> Picked | None:
    start = text.index(words)
    return reading(text).pick(start, start + len(words))


@pytest.mark.parametrize(
    ("words", "written", "spoken"),
    [
        ("NNTT", "NNTT", "en-nờ en-nờ tê tê"),
        ("NT", "NNTT", "en-nờ en-nờ tê tê"),
        ("152", "152/KH-UBND", "một trăm năm mươi hai của Ủy ban nhân dân"),
        ("23 hộ.", "23 hộ", "hai mươi ba hộ"),
        ("xã (thứ", "xã (thứ", "xã, thứ"),
        (" của ", "của", "của"),
        ("hộ.\nCác", "hộ", "hộ"),
    ],
)
def test_whole_words_are_picked_with_what_is_said_for_them(words: str, written: str, spoken: str) -> None:
    picked = pick(words)

    assert picked is not None
    assert (picked.written, picked.spoken) == (written, spoken)
    assert TEXT[picked.start : picked.end] == written


@pytest.mark.parametrize("words", [",", " (", ".\n"])
def test_marks_alone_are_no_word(words: str) -> None:
    assert pick(words) is None


def test_a_place_is_told_from_its_like_by_the_fewest_neighbours() -> None:
    whole, picked = reading(), pick("NNTT")
    assert picked is not None

    wider = whole.widened(picked, lambda text: TEXT.count(text) == 1)

    assert wider is not None
    assert wider.written == "NNTT của"
    assert wider.said("nông nghiệp") == "nông nghiệp của"


def test_the_neighbours_are_said_as_they_were() -> None:
    text = "Xã có 2 NN. Thôn có 3 NN."
    picked = pick("NN", text)
    assert picked is not None

    wider = reading(text).widened(picked, lambda words: text.count(words) == 1)

    assert wider is not None
    assert wider.written == "2 NN"
    assert wider.said("nhà nông") == "hai nhà nông"


def test_a_place_like_all_others_has_no_wider_words() -> None:
    text = "NN NN NN"
    picked = pick("NN", text)
    assert picked is not None
    assert reading(text).widened(picked, lambda _words: False) is None


def test_spans_that_do_not_make_up_the_text_are_read_as_plain_words() -> None:
    whole = Reading("Bà con vui.", [["Khác", "Khác", "plain", True]], token=re.compile(TOKEN))
    picked = whole.pick(0, 2)
    assert picked is not None
    assert (picked.written, picked.spoken) == ("Bà", "Bà")
