"""When the sentences of a reading begin is heard in it, however long the reader pauses."""

from collections.abc import Sequence

import numpy as np
import pytest

from broadcast_service.audio.parting import told_words
from broadcast_service.domain.timing import count_syllables
from broadcast_service.domain.waveform import Waveform
from tests.audio.sounds import wave
from tests.services.test_recordings import speech

SENTENCES = (
    "Kính thưa bà con, hôm nay ông Minh hiến đất mở đường.",
    "Con đường liên thôn dài thêm hơn hai trăm mét, và rộng gấp đôi.",
    "Xe máy đi lại dễ dàng.",
    "Xin cảm ơn bà con.",
)
TEXT = "\n".join(SENTENCES)
FIRST_SYLLABLES = [sum(map(count_syllables, SENTENCES[:number])) for number in range(len(SENTENCES))]


def reading(pauses_s: Sequence[float], *, room_db: float = -60.0) -> tuple[Waveform, list[float]]:
    """The sentences with so long a pause behind each, and when each begins, in ms."""
    parts, starts, place = [], [], 0
    for sentence, pause_s in zip(SENTENCES, pauses_s, strict=True):
        starts.append(place / 44.1)
        parts += [speech(sentence, pause_s=0.0), np.zeros(round(pause_s * 44_100), dtype=np.float32)]
        place += len(parts[-2]) + len(parts[-1])
    whole = np.concatenate(parts)
    room = np.random.default_rng(3).standard_normal(len(whole)) * 10 ** (room_db / 20)
    return wave(np.asarray(whole + room, dtype=np.float32)), starts


@pytest.mark.parametrize("room_db", [-70.0, -45.0])
@pytest.mark.parametrize("pauses_s", [(0.4, 0.4, 0.4), (0.4, 4.0, 0.4), (4.0, 0.2, 0.4), (0.3, 0.3, 4.0)])
def test_each_sentence_begins_where_it_is_heard(pauses_s: tuple[float, ...], room_db: float) -> None:
    sound, starts = reading((*pauses_s, 0.7), room_db=room_db)
    words = told_words(sound, TEXT)
    assert words is not None
    told = {syllable: ms for ms, syllable in words}
    assert [told[first] for first in FIRST_SYLLABLES] == pytest.approx(starts, abs=120)
    assert [syllable for _, syllable in words] == sorted(set(told))
    assert [ms for ms, _ in words] == sorted(told.values())


def test_a_phrase_begins_within_its_sentence() -> None:
    sound, starts = reading((0.4, 4.0, 0.4, 0.7))
    told = {syllable: ms for ms, syllable in told_words(sound, TEXT) or ()}
    after_comma = FIRST_SYLLABLES[1] + count_syllables("Con đường liên thôn dài thêm hơn hai trăm mét,")
    assert starts[1] + 1_500 < told[after_comma] < starts[2] - 4_000


def test_who_reads_on_without_a_pause_is_not_guessed_at() -> None:
    sound = wave(np.random.default_rng(1).standard_normal(44_100).astype(np.float32) * np.float32(0.1))
    assert told_words(sound, TEXT) is None


def test_silence_tells_nothing() -> None:
    assert told_words(wave(np.zeros(44_100, dtype=np.float32)), TEXT) is None
