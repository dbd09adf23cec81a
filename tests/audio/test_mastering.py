"""Sound is checked by what is measured on the decoded frames, never by its bytes."""

import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.frames import count, main_data_begin
from broadcast_service.audio.loudness import BRIEF, gating_for, integrated_lufs, true_peak_dbtp
from broadcast_service.audio.mastering import ENCODER_DELAY, decode, encode, master
from broadcast_service.audio.profiles import HORN, STUDIO, WEB, Profile
from broadcast_service.audio.tunes import TUNES
from broadcast_service.domain.units import SAMPLES_PER_FRAME
from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import EngineError
from broadcast_service.speech.espeak import MS_PER_SYLLABLE, EspeakVoice
from broadcast_service.speech.tone import ToneVoice
from tests.audio.sounds import SENTENCES, ebur128, pieces, said, sine, spoken, wave


def check(sound: Waveform) -> None:
    """Everything that is promised of a piece."""
    mastered = master(sound)
    decoded = decode(mastered.frames)
    assert integrated_lufs(decoded) == pytest.approx(-16.0, abs=0.5)
    assert true_peak_dbtp(decoded) <= -1.0
    assert mastered.loudness_lufs == pytest.approx(integrated_lufs(decoded), abs=0.001)
    assert mastered.true_peak_dbtp == pytest.approx(true_peak_dbtp(decoded), abs=0.001)
    assert count(mastered.frames) == mastered.frame_count
    assert len(decoded) == mastered.frame_count * SAMPLES_PER_FRAME
    assert main_data_begin(mastered.frames) == 0
    assert abs(float(decoded.mean())) < 0.003
    length_s = len(sound.pcm) / 2 / sound.rate_hz
    assert -0.014 < len(decoded) / 44_100 - length_s < 0.052  # the encoder's delay, and the last frame filled up
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


@pytest.mark.parametrize("profile", [WEB, HORN], ids=str)
@pytest.mark.parametrize(
    "words", ["Vâng.", "Mời.", "Ạ.", "Xin chào.", "Một hai ba.", "Chúc bà con vui khỏe.", "Phường."]
)
def test_a_few_words_are_as_loud_as_those_of_a_sentence(words: str, profile: Profile) -> None:
    """Measured as loudness.BRIEF says where there is less than a second of sound, else by the standard."""
    decoded = decode(master(said(words), profile).frames)
    assert integrated_lufs(decoded, gating_for(decoded)) == pytest.approx(-16.0, abs=0.5)
    assert true_peak_dbtp(decoded) <= -1.0


def test_syllables_of_running_text_have_the_level_a_single_word_is_given() -> None:
    running = decode(pieces()[0].frames)
    assert integrated_lufs(running, BRIEF) == pytest.approx(integrated_lufs(running), abs=0.6)


@pytest.mark.parametrize("words", ["Tắc.", "Học tập tốt."])
def test_vowels_cut_short_by_stops_may_stay_quieter_but_not_louder(words: str) -> None:
    mastered = master(said(words))
    assert -19.5 < mastered.loudness_lufs <= -15.5
    assert mastered.true_peak_dbtp <= -1.0


def test_for_horns_what_they_can_not_play_is_left_out() -> None:
    def spectrum(profile: Profile) -> Samples:
        noise = np.random.default_rng(5).standard_normal(44_100 * 4).astype(np.float32) * np.float32(0.1)
        return np.abs(np.fft.rfft(decode(master(wave(noise), profile).frames)[:170_000]))

    pitch = np.fft.rfftfreq(170_000, 1 / 44_100)
    ratio_db = {}
    for low, high in ((40, 90), (1_000, 2_000), (10_000, 11_000)):
        part = (pitch > low) & (pitch < high)
        ratio_db[low] = 20 * np.log10(spectrum(HORN)[part].mean() / spectrum(WEB)[part].mean())
    assert ratio_db[40] < ratio_db[1_000] - 15
    assert ratio_db[10_000] < ratio_db[1_000] - 6


@pytest.mark.media
@pytest.mark.parametrize("profile", [WEB, HORN, STUDIO], ids=str)
def test_ffmpeg_measures_the_same_loudness_and_true_peak(profile: Profile, tmp_path: Path) -> None:
    mastered = master(said("\n".join(SENTENCES)), profile)
    path = tmp_path / "piece.mp3"
    path.write_bytes(mastered.frames)
    measured = ebur128(path)
    assert measured.integrated_lufs == pytest.approx(mastered.loudness_lufs, abs=0.1)
    assert measured.integrated_lufs == pytest.approx(profile.target_lufs, abs=0.5)
    assert measured.true_peak_dbtp == pytest.approx(mastered.true_peak_dbtp, abs=0.3)
    assert measured.true_peak_dbtp <= -1.0


def test_a_piece_lasts_as_long_as_its_sound_to_half_a_frame() -> None:
    for sound, piece in zip(spoken(), pieces(), strict=True):
        planned = len(sound.pcm) / 2 / sound.rate_hz * 44_100
        assert abs(piece.frame_count * SAMPLES_PER_FRAME - planned) <= SAMPLES_PER_FRAME / 2 + 1


@settings(max_examples=25, deadline=None)
@given(length=st.integers(1, 30_000), silence=st.integers(0, 20_000), seed=st.integers(0, 9))
def test_no_sound_is_ever_left_out_at_the_end(length: int, silence: int, seed: int) -> None:
    """The last tenth of a second of sound is found in the decoded frames, 1 105 samples later."""
    noise = np.random.default_rng(seed).standard_normal(length + 2_000).astype(np.float32)
    smooth = np.convolve(noise, np.ones(24, dtype=np.float32) / 24, "same")[:length] * np.float32(0.5)
    sound = np.concatenate((smooth, np.zeros(silence, dtype=np.float32)))
    decoded = decode(encode(sound))
    assert len(decoded) >= length + ENCODER_DELAY
    assert len(decoded) <= max(2 * SAMPLES_PER_FRAME, len(sound) + ENCODER_DELAY + SAMPLES_PER_FRAME)
    if length > 4_000:
        end = slice(length - 4_000, length)
        heard = decoded[end.start + ENCODER_DELAY : end.stop + ENCODER_DELAY]
        assert np.corrcoef(smooth[end], heard)[0, 1] > 0.98


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
    assert master(spoken()[0], STUDIO).loudness_lufs == pytest.approx(-23.0, abs=0.5)


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
