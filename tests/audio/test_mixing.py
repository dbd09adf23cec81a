"""Music beside speech: understood at every word, heard before and after, never a click, never a cut word."""

import functools

import numpy as np
import pytest

from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.loudness import integrated_lufs, true_peak_dbtp
from broadcast_service.audio.mastering import decode, master
from broadcast_service.audio.mixing import LEAD_MS, TAIL_MS, bed_under, cross_faded
from broadcast_service.audio.tunes import TUNES
from broadcast_service.domain.units import Milliseconds
from broadcast_service.domain.waveform import Waveform
from tests.audio.sounds import SENTENCES, said, sine, wave


def samples(sound: Waveform) -> Samples:
    return (np.frombuffer(sound.pcm, dtype="<i2") / 32_768).astype(np.float32)


@functools.cache
def speech() -> Waveform:
    return said("\n".join(SENTENCES[:3]))


@functools.cache
def mixed() -> Waveform:
    return bed_under(speech(), TUNES["nhac-nen"].make())


def test_music_leads_in_and_out_and_nothing_of_the_speech_is_lost() -> None:
    assert mixed().length_ms == pytest.approx(LEAD_MS + speech().length_ms + TAIL_MS, abs=3)


def test_words_are_told_where_they_are_now() -> None:
    told = Waveform(speech().pcm, speech().rate_hz, ((Milliseconds(40), 0), (Milliseconds(300), 1)))
    assert bed_under(told, TUNES["nhac-cat"].make()).words == ((LEAD_MS + 40, 0), (LEAD_MS + 300, 1))


def test_the_bed_is_far_below_the_words_and_nearer_where_it_is_alone() -> None:
    nothing = wave(np.zeros(44_100, dtype=np.float32))
    words = samples(bed_under(speech(), nothing))
    whole = samples(mixed())
    bed = whole - words[: len(whole)]
    start, end = LEAD_MS * 441 // 10, len(whole) - TAIL_MS * 441 // 10
    speech_lufs, under = integrated_lufs(words[start:end]), integrated_lufs(bed[start + 4_410 : end - 4_410])
    alone = integrated_lufs(whole[44_100 : start - 30_000])
    assert 12 < speech_lufs - under < 26
    assert under < alone - 8
    assert alone < speech_lufs


def test_the_mix_does_not_clip_or_click() -> None:
    whole = samples(mixed())
    assert np.abs(whole).max() < 0.99
    assert np.abs(whole[:100]).max() < 0.01
    assert np.abs(whole[-100:]).max() < 0.01
    start = LEAD_MS * 441 // 10
    assert np.abs(np.diff(whole[:start], 2)).max() < 0.05


def test_the_mix_is_mastered_like_everything_else() -> None:
    decoded = decode(master(mixed()).frames)
    assert integrated_lufs(decoded) == pytest.approx(-16.0, abs=0.5)
    assert true_peak_dbtp(decoded) <= -1.0


def test_the_same_mix_is_made_every_time() -> None:
    assert bed_under(speech(), TUNES["nhac-nen"].make()) == mixed()


def test_a_bed_shorter_or_longer_than_the_speech_is_made_to_fit() -> None:
    for seconds in (1.0, 120.0):
        fitted = bed_under(speech(), wave(sine(220, seconds, dbfs=-20)))
        assert fitted.length_ms == pytest.approx(LEAD_MS + speech().length_ms + TAIL_MS, abs=3)


def test_music_is_cross_faded_without_a_hole_or_a_click() -> None:
    first, second = wave(sine(330, 6, dbfs=-18)), wave(sine(440, 6, dbfs=-12))
    whole = cross_faded([first, second], over_ms=1_500)
    assert whole.length_ms == pytest.approx(10_500, abs=3)
    steps = np.abs(samples(whole)[: 44_100 * 10]).reshape(-1, 4_410).max(axis=1)
    assert steps.min() > 0.4 * steps.max()
    assert np.abs(np.diff(samples(whole), 2)).max() < 0.01


def test_a_short_sting_is_not_eaten_by_the_cross_fade() -> None:
    whole = cross_faded([wave(sine(330, 6)), wave(sine(440, 1))], over_ms=3_000)
    assert whole.length_ms == pytest.approx(6_500, abs=3)


def test_one_tune_stays_as_long_as_it_is_and_none_is_an_error() -> None:
    assert cross_faded([wave(sine(330, 2))]).length_ms == 2_000
    with pytest.raises(ValueError, match="no music"):
        cross_faded([])
