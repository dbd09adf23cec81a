"""What every voice must do, the same for all."""

import contextlib
import os
import signal
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from broadcast_service.domain.timing import PARAGRAPH_PAUSE_MS, SENTENCE_PAUSE_MS, count_syllables, estimate_ms
from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import EngineError
from broadcast_service.speech.espeak import MS_PER_SYLLABLE, EspeakVoice
from broadcast_service.speech.google import GttsVoice
from broadcast_service.speech.installed import open_voices
from broadcast_service.speech.piper import PiperVoice, piper_pool
from broadcast_service.speech.piper_models import add_model, installed_models
from broadcast_service.speech.sentences import MOST_CHARS
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.speech.voice import Voice
from broadcast_service.speech.workers import WorkerPool
from tests.speech.google_server import FarEnd
from tests.speech.piper_model import write

PARAGRAPH = """Kính thưa bà con và các bạn, phong trào thi đua yêu nước được các tầng lớp nhân dân hưởng ứng sôi nổi.
Gia đình ông Minh, ở tổ dân phố số ba, đã hiến hơn hai trăm mét vuông đất để mở rộng con đường liên thôn.
Nhờ vậy, xe cứu thương và xe chở nông sản có thể vào tận nhà."""

VOICES = [*(f"espeak:{accent}" for accent in MS_PER_SYLLABLE), "gtts:vi", "piper:hum-low", "tone"]


@pytest.fixture(scope="module")
def far_end() -> Iterator[FarEnd]:
    far_end = FarEnd()
    yield far_end
    far_end.close()


@pytest.fixture(scope="module")
def pool(request: pytest.FixtureRequest, voice: Voice) -> WorkerPool | None:
    """The processes behind the voice, if it has any."""
    return getattr(voice, "_pool", None)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("giọng")
    add_model(folder / "voices", write(folder))
    return folder / "voices"


@pytest.fixture(scope="module", params=VOICES)
def voice(request: pytest.FixtureRequest, far_end: FarEnd, models: Path) -> Iterator[Voice]:
    engine, _, accent = request.param.partition(":")
    voice: Voice
    if engine == "espeak":
        voice = EspeakVoice(accent)
    elif engine == "gtts":
        voice = GttsVoice(endpoint=far_end.url, gap_s=0)
    elif engine == "piper":
        ((place, model),) = installed_models(models)
        voice = PiperVoice(place, model, pool=piper_pool())
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


def test_every_voice_of_an_installation_is_held_to_this_contract(models: Path) -> None:
    voices = open_voices(models)
    assert {*voices, ToneVoice.name} == set(VOICES)


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


def test_many_sentences_are_as_many_pauses(voice: Voice) -> None:
    wave = voice.speak("Xin chào bà con.\n" * 100)
    assert len(silences_ms(wave, longer_than_ms=SENTENCE_PAUSE_MS - 30)) == 100


def test_one_sentence_without_an_end_is_said(voice: Voice) -> None:
    text = "bà con nhân dân phường Ninh Hòa " * 60
    expected = estimate_ms(text, ms_per_syllable=voice.ms_per_syllable)
    assert voice.speak(text).length_ms == pytest.approx(expected, rel=0.25)


def test_a_paragraph_of_two_hundred_kilobytes_is_refused_at_once_with_advice(voice: Voice) -> None:
    started = time.monotonic()
    with pytest.raises(EngineError) as caught:
        voice.speak("Xin chào bà con. " * 12_000)
    assert time.monotonic() - started < 0.5
    assert not caught.value.retryable
    assert "ngắt thành nhiều đoạn" in caught.value.sentence
    assert f"{MOST_CHARS // 1_000}.000" in caught.value.sentence


@pytest.mark.skipif(os.name == "nt", reason="kills by signals")
@pytest.mark.parametrize("when_s", [0.0, 0.1])
def test_killed_in_mid_speech_it_says_so_or_is_whole_and_speaks_again(
    voice: Voice, far_end: FarEnd, pool: WorkerPool | None, when_s: float
) -> None:
    text = PARAGRAPH.replace("\n", " Một hai ba.\n") * (1 if voice.leaves_the_house else 10)
    whole = voice.speak(text).length_ms
    stop: Callable[[], object] = voice.close
    if pool is not None:
        with contextlib.ExitStack() as lent:
            pids = [lent.enter_context(pool.lend()).process.pid for _ in range(pool.size)]

        def stop() -> None:
            for pid in pids:
                os.kill(pid, signal.SIGKILL)

    timer = threading.Timer(when_s, stop)
    timer.start()
    heard, caught = 0, None
    try:
        heard = voice.speak(text).length_ms
    except EngineError as error:
        caught = error
    timer.join()
    if caught is None:
        assert heard == pytest.approx(whole, rel=0.02), "no damaged sound"
    else:
        assert caught.retryable
        assert caught.sentence.endswith(".")
    assert voice.speak(text).length_ms == pytest.approx(whole, rel=0.02)


def test_words_are_told_in_order_and_inside_the_sound_or_not_at_all(voice: Voice) -> None:
    wave = voice.speak(PARAGRAPH)
    if wave.words is not None:
        times, places = zip(*wave.words, strict=True)
        assert list(times) == sorted(set(times))
        assert list(places) == sorted(set(places))
        assert 0 <= times[0] < 100
        assert times[-1] < wave.length_ms - PARAGRAPH_PAUSE_MS
        assert len(places) > 0.95 * count_syllables(PARAGRAPH)
        assert places[-1] < count_syllables(PARAGRAPH)
    assert (wave.words is not None) == voice.name.startswith("espeak:")


def test_it_says_who_it_is_and_whether_it_can_be_used(voice: Voice) -> None:
    assert voice.title
    assert voice.title != voice.name
    assert voice.region in {"bac", "trung", "nam", ""}
    assert voice.leaves_the_house == voice.name.startswith("gtts:")
    assert voice.state.is_ready
    assert voice.state.sentence


def test_settings_say_everything_else_that_changes_the_sound(voice: Voice) -> None:
    assert f"pause={SENTENCE_PAUSE_MS}" in voice.settings
    assert any(char.isdigit() for char in voice.settings)
    assert voice.settings == voice.settings


def test_closing_twice_is_harmless_and_speaking_after_it_works(voice: Voice) -> None:
    voice.close()
    voice.close()
    assert voice.speak("Xin chào.").length_ms > 700
