"""The spoken text follows the voice: when each word begins, in the sound as it is handed over."""

from collections.abc import Iterator

import numpy as np
import pytest

from broadcast_service.domain.timing import count_syllables, syllable_spans
from broadcast_service.domain.waveform import Waveform
from broadcast_service.speech.espeak import EspeakVoice
from broadcast_service.speech.manner import Manner
from broadcast_service.speech.words import Heard, with_words
from broadcast_service.speech.workers import WorkerPool

PARAGRAPH = """Kính thưa bà con và các bạn, phong trào thi đua được nhân dân hưởng ứng sôi nổi.
Nước suối trong veo.
Gia đình ông Minh, ở tổ dân phố số ba, đã hiến hơn hai trăm mét vuông đất."""


@pytest.fixture(scope="module")
def voice() -> Iterator[EspeakVoice]:
    voice = EspeakVoice(pool=WorkerPool(size=1))
    yield voice
    voice.close()


def starts_of_sound_ms(wave: Waveform, after_silence_ms: int) -> list[float]:
    """Where it becomes loud after at least so much silence, and the start."""
    loud = np.flatnonzero(np.abs(np.frombuffer(wave.pcm, dtype="<i2").astype(int)) > 100)
    gaps = np.flatnonzero(np.diff(loud) > after_silence_ms * wave.rate_hz / 1_000)
    return [float(place) * 1_000 / wave.rate_hz for place in [loud[0], *loud[gaps + 1]]]


def test_the_first_word_of_each_sentence_begins_where_its_sound_begins(voice: EspeakVoice) -> None:
    wave = voice.speak(PARAGRAPH)
    assert wave.words is not None
    when = {place: ms for ms, place in wave.words}
    first = 0
    firsts = []
    for sentence in PARAGRAPH.split("\n"):
        firsts.append(when[first])
        first += count_syllables(sentence)
    assert firsts == pytest.approx(starts_of_sound_ms(wave, 400), abs=60)


def test_every_word_has_its_time_respelled_ones_too(voice: EspeakVoice) -> None:
    wave = voice.speak(PARAGRAPH)
    assert wave.words is not None
    told = {place for _, place in wave.words}
    spans = syllable_spans(PARAGRAPH)
    veo = [PARAGRAPH[start:end] for start, end in spans].index("veo")
    assert veo in told
    assert len(told) == len(spans)


def test_words_last_as_long_as_syllables_do(voice: EspeakVoice) -> None:
    wave = voice.speak("Bà con nhân dân phường Ninh Hòa thi đua yêu nước.")
    assert wave.words is not None
    times = np.array([ms for ms, _ in wave.words])
    assert np.diff(times).min() > 60
    assert np.diff(times).max() < 600


def test_a_faster_voice_tells_earlier_times() -> None:
    pool = WorkerPool(size=1)
    slow, fast = (
        EspeakVoice(manner=Manner(rate), pool=pool).speak("Bà con nhân dân phường Ninh Hòa.") for rate in (120, 200)
    )
    assert slow.words
    assert fast.words
    assert fast.words[-1][0] < 0.75 * slow.words[-1][0]
    pool.close()


def test_a_text_whose_words_can_not_be_told_apart_has_none(voice: EspeakVoice) -> None:
    assert voice.speak("Xin cha\u200bo bà con.").words is None


def test_events_between_words_and_out_of_order_are_put_right() -> None:
    wave = Waveform(bytes(2 * 22_050 * 3), 22_050)
    heard = [
        Heard("một hai ba", [(15, 0), (300, 5), (290, 8), (310, 9)], 20.0, 1_000.0),
        Heard("bốn", [(0, 0)], 0.0, 400.0),
    ]
    assert with_words(wave, "một hai ba bốn", heard).words == ((0, 0), (280, 1), (1_420, 3))
    assert with_words(wave, "một hai ba bốn năm", heard).words is None
