"""Sound is checked by what is measured on the decoded frames, never by its bytes."""

import time

import numpy as np
import pytest

from broadcast_service.audio.frames import count, main_data_begin
from broadcast_service.audio.loudness import integrated_lufs, true_peak_dbtp
from broadcast_service.audio.mastering import decode, master
from broadcast_service.audio.tunes import TUNES
from broadcast_service.domain.units import SAMPLES_PER_FRAME
from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import EngineError
from broadcast_service.speech.espeak import MS_PER_SYLLABLE, EspeakVoice
from broadcast_service.speech.tone import ToneVoice
from tests.audio.sounds import SENTENCES, pieces, sine, spoken, wave


def check(sound: Waveform) -> None:
    """Everything that is promised of a piece of three seconds or more."""
    mastered = master(sound)
    decoded = decode(mastered.frames)
    assert integrated_lufs(decoded) == pytest.approx(-16.0, abs=0.5)
    assert true_peak_dbtp(decoded) <= -1.0
    assert mastered.loudness_lufs == pytest.approx(integrated_lufs(decoded), abs=0.001)
    assert mastered.true_peak_dbtp == pytest.approx(true_peak_dbtp(decoded), abs=0.001)
    assert count(mastered.frames) == mastered.frame_count
    assert len(decoded) == mastered.frame_count * SAMPLES_PER_FRAME
    assert main_data_begin(mastered.frames) == 0
    assert abs(float(decoded.mean())) < 0.001
    length_s = len(sound.pcm) / 2 / sound.rate_hz
    assert 0 <= len(decoded) / 44_100 - length_s < 0.08  # the encoder's delay and the rest of the last frame
    assert len(mastered.peaks) == -(-len(decoded) // 8_820)
    assert all(0 <= peak <= 100 for peak in mastered.peaks)


@pytest.mark.parametrize("number", range(3))
def test_speech_has_the_promised_loudness_when_decoded(number: int) -> None:
    check(spoken()[number])


@pytest.mark.parametrize("accent", list(MS_PER_SYLLABLE))
def test_every_accent_has_the_promised_loudness(accent: str) -> None:
    voice = EspeakVoice(accent)
    try:
        check(voice.speak("\n".join(SENTENCES)))
    finally:
        voice.close()


def test_a_hum_has_the_promised_loudness() -> None:
    check(ToneVoice().speak("Một hai ba bốn năm sáu bảy tám chín mười.\nMười một mười hai."))


@pytest.mark.parametrize("code", list(TUNES))
def test_every_tune_has_the_promised_loudness(code: str) -> None:
    check(TUNES[code].make())


@pytest.mark.parametrize("rate_hz", [8_000, 16_000, 22_050, 24_000, 44_100, 48_000])
def test_any_sample_rate_is_taken(rate_hz: int) -> None:
    t = np.arange(rate_hz * 4) / rate_hz
    check(wave((0.2 * np.sin(2 * np.pi * 440 * t)).astype(np.float32), rate_hz))


@pytest.mark.parametrize("dbfs", [-50.0, -30.0, 0.0])
def test_quiet_and_loud_sound_come_out_alike(dbfs: float) -> None:
    check(wave(sine(440, 4, dbfs=dbfs)))


def test_sound_that_stands_off_the_middle_is_set_right() -> None:
    check(wave(sine(440, 4, dbfs=-20) + np.float32(0.3)))


def test_hard_clipped_noise_is_tamed() -> None:
    noise = np.random.default_rng(3).standard_normal(44_100 * 5).astype(np.float32)
    check(wave(np.clip(noise * 5, -1, 1)))


def test_few_loud_bangs_in_quiet_speech_do_not_keep_it_quiet() -> None:
    quiet = sine(300, 6, dbfs=-34)
    quiet[44_100::44_100] = 0.9
    check(wave(quiet))


@pytest.mark.parametrize("milliseconds", [2, 12, 60, 150, 390, 400])
def test_the_shortest_sounds_are_mastered_too(milliseconds: int) -> None:
    mastered = master(wave(sine(440, milliseconds / 1_000, dbfs=-12)))
    assert mastered.frame_count >= 1
    assert mastered.true_peak_dbtp <= -1.0
    assert -30 < mastered.loudness_lufs <= -15.5


def test_a_single_word_may_stay_quieter_but_not_louder() -> None:
    mastered = pieces()[3]
    assert -20 < mastered.loudness_lufs <= -15.5
    assert mastered.true_peak_dbtp <= -1.0


@pytest.mark.parametrize("pcm", [b"", bytes(44_100), b"\x05\x00" * 44_100])
def test_silence_is_refused(pcm: bytes) -> None:
    with pytest.raises(EngineError) as caught:
        master(Waveform(pcm, 22_050))
    assert not caught.value.retryable


def test_what_can_not_be_made_loud_enough_is_refused() -> None:
    clicks = np.zeros(44_100 * 6, dtype=np.float32)
    clicks[22_050::44_100] = 0.5
    with pytest.raises(EngineError, match="LUFS"):
        master(wave(clicks))


def test_another_loudness_may_be_asked_for() -> None:
    assert master(spoken()[0], target_lufs=-23.0).loudness_lufs == pytest.approx(-23.0, abs=0.5)


def test_pauses_stay_silent() -> None:
    decoded = decode(pieces()[0].frames)
    assert float(np.abs(decoded[-22_050:]).max()) < 0.003


def test_the_outline_follows_the_sound() -> None:
    loud, silent = sine(440, 2, dbfs=-6), np.zeros(88_200, dtype=np.float32)
    peaks = master(wave(np.concatenate((loud, silent, loud)))).peaks
    assert min(peaks[2:8]) > 15
    assert max(peaks[12:18]) <= 1


@pytest.mark.slow
def test_five_minutes_take_no_longer_than_their_share_of_half_a_minute() -> None:
    def seconds(times: int) -> float:
        said = Waveform(b"".join(sound.pcm for sound in spoken()[:3]) * times, spoken()[0].rate_hz)
        start = time.process_time()
        assert master(said).loudness_lufs == pytest.approx(-16.0, abs=0.5)
        return (time.process_time() - start) / times

    assert seconds(20) < 2 * seconds(2)
