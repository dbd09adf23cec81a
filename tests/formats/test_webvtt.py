import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast_service.domain.timing import count_syllables, syllable_spans
from broadcast_service.domain.units import Milliseconds
from broadcast_service.formats.webvtt import Cue, Spoken, cues_of, webvtt

FIRST = "Kính thưa bà con.\nÔng Minh đã hiến đất."
SECOND = "Xin cảm ơn."


def spoken(text: str, length_ms: int, words: list[tuple[int, int]] | None = None) -> Spoken:
    return Spoken(text, Milliseconds(length_ms), words)


def test_a_file_has_its_head_numbers_times_and_texts() -> None:
    cues = [
        Cue(Milliseconds(0), Milliseconds(1_500), "Một"),
        Cue(Milliseconds(3_661_007), Milliseconds(3_662_000), "Hai"),
    ]
    assert webvtt(cues).decode() == (
        "WEBVTT\n\n1\n00:00:00.000 --> 00:00:01.500\nMột\n\n2\n01:01:01.007 --> 01:01:02.000\nHai\n"
    )


def test_no_cues_are_a_file_all_the_same() -> None:
    assert webvtt([]).startswith(b"WEBVTT\n")


def test_what_has_a_meaning_in_the_format_is_escaped() -> None:
    told = webvtt([Cue(Milliseconds(0), Milliseconds(9), "a <b> & c --> d\n\n00:01")]).decode()
    assert "a &lt;b&gt; &amp; c --&gt; d 00:01" in told
    assert told.count("-->") == 1


@pytest.mark.parametrize(("start", "end"), [(5, 5), (6, 5)])
def test_a_cue_that_ends_before_it_begins_is_an_error(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="cue 1"):
        webvtt([Cue(Milliseconds(start), Milliseconds(end), "x")])


def test_each_sentence_is_a_cue_and_pieces_follow_one_another() -> None:
    cues = list(cues_of([spoken("", 8_000), spoken(FIRST, 5_000), spoken(SECOND, 2_000)]))
    assert [cue.text for cue in cues] == ["Kính thưa bà con.", "Ông Minh đã hiến đất.", "Xin cảm ơn."]
    assert cues[0].start_ms == 8_000
    assert cues[2].start_ms == 13_000
    assert cues[2].end_ms <= 15_000


def test_times_are_those_the_voice_has_told() -> None:
    words = [(40, 0), (300, 1), (600, 2), (800, 3), (1_750, 4), (2_000, 5), (2_900, 8)]
    cues = list(cues_of([spoken(FIRST, 4_000, words)]))
    assert [cue.start_ms for cue in cues] == [40, 1_750]
    assert 1_200 < cues[0].end_ms < 1_750


def test_without_words_time_is_shared_by_syllables_and_pauses() -> None:
    first, second = cues_of([spoken(FIRST, 4 * 250 + 420 + 5 * 250 + 700)])
    assert first.start_ms == 0
    assert second.start_ms == pytest.approx(4 * 250 + 420, abs=5)


def test_a_long_sentence_is_parted_where_one_breathes() -> None:
    long = "Gia đình ông Minh, ở tổ dân phố số ba, đã hiến hơn hai trăm mét vuông đất, để mở rộng con đường liên thôn."
    texts = [cue.text for cue in cues_of([spoken(long, 9_000)])]
    assert len(texts) == 2
    assert all(len(text) <= 90 for text in texts)
    assert " ".join(texts) == long


LINES = st.lists(st.text("abc ,.<&-đ", max_size=60), max_size=5).map("\n".join)


@given(st.lists(st.tuples(LINES, st.integers(300, 60_000), st.booleans()), max_size=5))
def test_any_text_gives_a_file_in_order_that_says_every_word_once(drawn: list[tuple[str, int, bool]]) -> None:
    pieces = []
    for text, length_ms, is_told in drawn:
        count = len(syllable_spans(text))
        words = [(length_ms * number // count, number) for number in range(0, count, 2)] if is_told else None
        pieces.append(spoken(text, length_ms, words))
    cues = list(cues_of(pieces))
    told = webvtt(cues).decode()
    assert sum(count_syllables(cue.text) for cue in cues) == sum(count_syllables(text) for text, _, _ in drawn)
    assert len(re.findall(r"^\d+\n[\d:.]+ --> [\d:.]+\n.+\n$", told, flags=re.M)) == len(cues)
