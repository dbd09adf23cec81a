"""Spoken text as engines are asked it: clean, cut into sentences, and these into parts an engine takes."""

import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadcast_service.domain.timing import count_syllables
from broadcast_service.speech.faults import Fault, VoiceError
from broadcast_service.speech.sentences import MOST_CHARS, clean, pack, sentences

TEXTS = st.text(alphabet=st.sampled_from("aăâđêôơư ,;:.!?…–\n\t\0“”()\u0301\u0323\u200b😀ông nghìn"), max_size=400)


@given(TEXTS)
@example("ha\u200b\u0301t")
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    assert "\0" not in once


@given(TEXTS, st.integers(min_value=1, max_value=120))
def test_parts_are_short_enough_and_hold_every_letter(text: str, most: int) -> None:
    parts = pack(clean(text), most)
    assert all(0 < len(part) <= most for part in parts)
    letters = [char for char in clean(text) if char.isalnum()]
    assert [char for part in parts for char in part if char.isalnum()] == letters


@given(TEXTS)
def test_sentences_hold_every_syllable_of_the_clean_text(text: str) -> None:
    wanted = sum(count_syllables(clean(line)) for line in text.splitlines())
    if wanted:
        assert sum(map(count_syllables, sentences(text))) == wanted
    else:
        with pytest.raises(VoiceError) as caught:
            sentences(text)
        assert caught.value.fault is Fault.NOTHING_TO_SAY


def test_a_part_breaks_after_a_comma_rather_than_inside_a_phrase() -> None:
    assert pack("Bà con nhân dân, các bạn trẻ và thầy cô", 30) == ["Bà con nhân dân,", "các bạn trẻ và thầy cô"]


def test_a_paragraph_as_long_as_may_be_passes_and_a_letter_more_does_not() -> None:
    assert sentences("a" * MOST_CHARS)
    with pytest.raises(VoiceError) as caught:
        sentences("a" * (MOST_CHARS + 1))
    assert caught.value.fault is Fault.TOO_LONG
