"""What every voice must do, the same for all."""

import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from broadcast_service.domain.timing import PARAGRAPH_PAUSE_MS, SENTENCE_PAUSE_MS, estimate_ms
from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import EngineError
from broadcast_service.speech.espeak import MS_PER_SYLLABLE, EspeakVoice
from broadcast_service.speech.google import GttsVoice
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.speech.voice import Voice
from tests.speech.google_server import FarEnd

PARAGRAPH = """Kính thưa bà con và các bạn, phong trào thi đua yêu nước được các tầng lớp nhân dân hưởng ứng sôi nổi.
Gia đình ông Minh, ở tổ dân phố số ba, đã hiến hơn hai trăm mét vuông đất để mở rộng con đường liên thôn.
Nhờ vậy, xe cứu thương và xe chở nông sản có thể vào tận nhà."""

VOICES = [*(f"espeak:{accent}" for accent in MS_PER_SYLLABLE), "gtts:vi", "tone"]


@pytest.fixture(scope="module")
def far_end() -> Iterator[FarEnd]:
    far_end = FarEnd()
    yield far_end
    far_end.close()


@pytest.fixture(scope="module", params=VOICES)
def voice(request: pytest.FixtureRequest, far_end: FarEnd) -> Iterator[Voice]:
    engine, _, accent = request.param.partition(":")
    voice: Voice
    if engine == "espeak":
        voice = EspeakVoice(accent)
    elif engine == "gtts":
        voice = GttsVoice(endpoint=far_end.url, gap_s=0)
    else:
        voice = ToneVoice()
    assert voice.name == request.param
    yield voice
    voice.close()


def samples(wave: Waveform) -> "np.ndarray[tuple[int], np.dtype[np.int16]]":
    return np.frombuffer(wave.pcm, dtype="<i2")


def silences_ms(wave: Waveform, longer_than_ms: int) -> list[float]:
    """Lengths of the stretches below −50 dBFS, in order; the one at the end included."""
    quiet = np.concatenate(([False], np.abs(samples(wave).astype(int)) <= 100, [False]))
    edges = np.flatnonzero(np.diff(quiet.astype(int)))
    lengths = (edges[1::2] - edges[::2]) * 1_000 / wave.rate_hz
    return [float(length) for length in lengths if length > longer_than_ms]


def test_sound_comes(voice: Voice) -> None:
    wave = voice.speak("Xin chào bà con.")
    assert wave.rate_hz >= 16_000
    assert 700 < wave.length_ms < 4_000
    assert np.abs(samples(wave).astype(int)).max() > 3_000


def test_a_paragraph_lasts_as_long_as_was_planned(voice: Voice) -> None:
    expected = estimate_ms(PARAGRAPH, ms_per_syllable=voice.ms_per_syllable)
    assert voice.speak(PARAGRAPH).length_ms == pytest.approx(expected, rel=0.15)


def test_pauses_are_the_planned_ones(voice: Voice) -> None:
    *between, last = silences_ms(voice.speak("Xin chào.\nCảm ơn."), longer_than_ms=330)
    assert len(between) == 1
    assert SENTENCE_PAUSE_MS - 20 <= between[0] <= SENTENCE_PAUSE_MS + 100
    assert PARAGRAPH_PAUSE_MS - 20 <= last <= PARAGRAPH_PAUSE_MS + 100


def test_a_full_stop_before_a_small_letter_is_a_pause_too(voice: Voice) -> None:
    assert len(silences_ms(voice.speak("Xin chào bà con. sau đây là bản tin."), longer_than_ms=380)) == 2


def test_eight_threads_may_speak_at_once(voice: Voice) -> None:
    alone = voice.speak("Người tốt việc tốt.").length_ms
    with ThreadPoolExecutor(8) as threads:
        waves = list(threads.map(voice.speak, ["Người tốt việc tốt."] * 40))
    assert all(abs(wave.length_ms - alone) < 60 for wave in waves)


@pytest.mark.parametrize("text", ["", " \n\n ", "…", ".,;:!?", "\0", "\u200b\ufeff", "😀", "\n—\n"])
def test_nothing_to_say_is_an_engine_error(voice: Voice, text: str) -> None:
    with pytest.raises(EngineError) as caught:
        voice.speak(text)
    assert not caught.value.retryable


def test_decomposed_letters_are_said_as_composed_ones(voice: Voice) -> None:
    text = "Thưa toàn thể nhân dân phường Ninh Hòa, đây là đài truyền thanh."
    composed, decomposed = (voice.speak(unicodedata.normalize(form, text)) for form in ("NFC", "NFD"))
    assert abs(composed.length_ms - decomposed.length_ms) < 90


@pytest.mark.parametrize(
    "text",
    [
        "Xin\0chào\x07 bà\x1b con\u200b nhé.",
        "Xin chào 😀👍🏽 bà con nhé ❤️.",
        "\ufeffXin chào bà con\ud800 nhé.",
        "Xin\tchào   bà\u00a0con nhé.",
    ],
)
def test_what_is_no_speech_is_left_out(voice: Voice, text: str) -> None:
    plain = voice.speak("Xin chào bà con nhé.")
    assert abs(voice.speak(text).length_ms - plain.length_ms) < 90


def test_a_paragraph_of_five_thousand_letters_comes_whole(voice: Voice) -> None:
    text = (PARAGRAPH + "\n") * 19
    assert len(text) > 5_000
    expected = estimate_ms(text, ms_per_syllable=voice.ms_per_syllable)
    assert voice.speak(text).length_ms == pytest.approx(expected, rel=0.15)


def test_settings_say_everything_else_that_changes_the_sound(voice: Voice) -> None:
    assert f"pause={SENTENCE_PAUSE_MS}" in voice.settings
    assert any(char.isdigit() for char in voice.settings)
    assert voice.settings == voice.settings


def test_closing_twice_is_harmless_and_speaking_after_it_works(voice: Voice) -> None:
    voice.close()
    voice.close()
    assert voice.speak("Xin chào.").length_ms > 700
