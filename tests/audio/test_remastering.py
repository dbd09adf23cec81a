"""A stored piece once more, for horns."""

import itertools

import numpy as np
import pytest

from broadcast_service.audio.mastering import DELAY_MS, decode, master
from broadcast_service.audio.profiles import HORN, WEB
from broadcast_service.audio.remastering import remaster
from broadcast_service.audio.tunes import TUNES
from broadcast_service.errors import EngineError
from tests.audio.sounds import pieces, said


def test_it_is_as_many_frames_long_as_loud_and_under_the_peak() -> None:
    for piece in [*pieces(), master(said("Vâng.")), *(master(tune.make()) for tune in TUNES.values())]:
        again = remaster(piece.frames, HORN)
        assert again.frame_count == piece.frame_count
        assert again.loudness_lufs == pytest.approx(HORN.target_lufs, abs=0.5)
        assert again.true_peak_dbtp <= -1.0


def test_its_words_begin_when_they_began() -> None:
    """The two are laid over each other at every shift of up to 30 ms: they fit best where neither is moved."""
    first = pieces()[0].frames
    one, other = decode(first), decode(remaster(first, HORN).frames)
    reach = round(0.030 * 44_100)
    fits = [float(np.dot(one[reach:-reach], np.roll(other, shift)[reach:-reach])) for shift in range(-reach, reach + 1)]
    assert abs(int(np.argmax(fits)) - reach) <= 44  # the filter itself turns phases by less than a millisecond
    assert DELAY_MS > 1  # or the encoder's delay, were it added twice, would not be seen


def test_it_is_what_would_have_come_from_the_voice_itself() -> None:
    """Encoded twice, speech has in each octave of a horn's band the power it has encoded once, to a decibel."""
    wave = said("Bà con trong xã cùng nhau trồng lại vườn bưởi trên đất bạc màu.")
    once, twice = master(wave, HORN), remaster(master(wave, WEB).frames, HORN)

    def bands(frames: bytes) -> np.ndarray:
        samples = decode(frames)
        power = np.abs(np.fft.rfft(samples)) ** 2
        edges = np.searchsorted(np.fft.rfftfreq(len(samples), 1 / 44_100), [300, 600, 1_200, 2_400, 4_800, 7_000])
        return 10 * np.log10([power[low:high].sum() for low, high in itertools.pairwise(edges)])

    assert np.abs(bands(once.frames) - bands(twice.frames)).max() < 1.0


def test_what_can_not_be_decoded_is_refused() -> None:
    with pytest.raises(EngineError):
        remaster(b"not a frame" * 100, HORN)
