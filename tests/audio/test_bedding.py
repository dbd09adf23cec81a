"""A stored bed under several paragraphs: every word stands out, the music comes forward around them."""

import functools

import numpy as np
import pytest

from broadcast_service.audio.bedding import lay_under
from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.loudness import integrated_lufs
from broadcast_service.audio.mastering import decode, master
from broadcast_service.audio.tunes import TUNES
from broadcast_service.domain.timing import BED_LEAD_MS, BED_TAIL_MS
from broadcast_service.domain.units import Milliseconds
from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import EngineError
from tests.audio.sounds import SENTENCES, said, wave


@functools.cache
def bed() -> bytes:
    return master(TUNES["nhac-nen"].make()).frames


def heard(sound: Waveform) -> Samples:
    return (np.frombuffer(sound.pcm, dtype="<i2") / 32_768).astype(np.float32)


def part(samples: Samples, start_ms: int, end_ms: int) -> Samples:
    return samples[start_ms * 441 // 10 : end_ms * 441 // 10]


def silence(like: Waveform) -> Waveform:
    return Waveform(bytes(len(like.pcm)), like.rate_hz)


@functools.cache
def mixed() -> Waveform:
    return lay_under([(said(sentence), 19) for sentence in SENTENCES[:2]], bed())


def test_the_words_are_at_least_twelve_decibels_above_the_music_beside_them() -> None:
    lengths = [said(sentence).length_ms for sentence in SENTENCES[:2]]
    alone = lay_under([(silence(said(sentence)), 19) for sentence in SENTENCES[:2]], bed())
    span = (BED_LEAD_MS + 600, BED_LEAD_MS + sum(lengths) - 600)
    speech, music = (integrated_lufs(part(heard(sound), *span)) for sound in (mixed(), alone))
    assert speech - music > 12


def test_the_music_comes_forward_before_and_after_the_words() -> None:
    alone = heard(lay_under([(silence(said(SENTENCES[0])), 19)], bed()))
    words_ms = said(SENTENCES[0]).length_ms
    before = integrated_lufs(part(alone, 900, BED_LEAD_MS - 700))
    beside = integrated_lufs(part(alone, BED_LEAD_MS + 500, BED_LEAD_MS + words_ms - 500))
    assert before - beside == pytest.approx(14, abs=3.5)


def test_paragraphs_stand_one_after_another_under_one_stretch_of_music() -> None:
    whole = BED_LEAD_MS + sum(said(sentence).length_ms for sentence in SENTENCES[:2]) + BED_TAIL_MS
    assert mixed().length_ms == pytest.approx(whole, abs=5)


def test_a_soft_and_a_loud_voice_are_brought_to_one_level() -> None:
    loud, soft = heard(said(SENTENCES[0])), heard(said(SENTENCES[1])) * 0.1
    rate = said(SENTENCES[0]).rate_hz
    whole = heard(lay_under([(wave(loud, rate), 19), (wave(soft, rate), 17)], bed()))
    first_ms = said(SENTENCES[0]).length_ms
    levels = [
        integrated_lufs(part(whole, BED_LEAD_MS + start, BED_LEAD_MS + end))
        for start, end in ((0, first_ms - 700), (first_ms, first_ms + said(SENTENCES[1]).length_ms - 700))
    ]
    assert levels[0] == pytest.approx(levels[1], abs=1.0)


def test_words_are_counted_through_all_paragraphs() -> None:
    first = Waveform(said(SENTENCES[0]).pcm, said(SENTENCES[0]).rate_hz, ((Milliseconds(10), 0),))
    second = Waveform(said(SENTENCES[1]).pcm, said(SENTENCES[1]).rate_hz, ((Milliseconds(20), 1),))
    told = lay_under([(first, 19), (second, 17)], bed()).words
    assert told is not None
    assert [syllable for _, syllable in told] == [0, 20]
    assert told[1][0] == pytest.approx(BED_LEAD_MS + first.length_ms + 20, abs=3)


def test_of_a_long_bed_only_as_much_is_used_as_is_heard() -> None:
    long = bed() * 20
    assert mixed().length_ms == lay_under([(said(sentence), 19) for sentence in SENTENCES[:2]], long).length_ms
    assert len(decode(long)) > 10 * len(heard(mixed())) / 2


def test_music_that_is_damaged_is_an_error_and_no_noise() -> None:
    with pytest.raises(EngineError):
        lay_under([(said(SENTENCES[0]), 19)], b"\xff\xfb\x90\xc4" + bytes(600))
