"""Pieces laid end to end: nothing is heard where they meet, and nothing is lost or added."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.frames import offsets
from broadcast_service.audio.mastering import ENCODER_DELAY, decode, master
from broadcast_service.audio.tunes import TUNES
from broadcast_service.domain.units import SAMPLES_PER_FRAME
from tests.audio.sounds import pieces, said, spoken


@functools.cache
def blobs() -> tuple[bytes, ...]:
    """Four sentences, a single word and the station's sting and bed, each a piece of its own."""
    music = [master(TUNES[code].make()).frames for code in ("nhac-cat", "nhac-nen")]
    return (*(piece.frames for piece in pieces()), master(said("Dạ, vâng.")).frames, *music)


def sharpness(samples: Samples) -> float:
    """The largest second difference: a click is sharper than any voice."""
    return float(np.abs(np.diff(samples, 2)).max())


@settings(max_examples=15, deadline=None)
@given(order=st.lists(st.integers(0, 6), min_size=2, max_size=6))
def test_no_order_of_pieces_clicks_at_a_joint(order: list[int]) -> None:
    """Around every joint nothing is sharper than within the pieces themselves, and nothing is loud."""
    parts = [blobs()[number] for number in order]
    whole = decode(b"".join(parts))
    sharpest = max(sharpness(decode(part)) for part in parts)
    place = 0
    for part in parts[:-1]:
        place += len(offsets(part)) * SAMPLES_PER_FRAME
        around = whole[place - SAMPLES_PER_FRAME : place + SAMPLES_PER_FRAME]
        assert sharpness(around) < max(0.01, 0.2 * sharpest)
        assert float(np.abs(around).max()) < 0.05
    assert len(whole) == place + len(offsets(parts[-1])) * SAMPLES_PER_FRAME


def test_a_joint_adds_no_more_than_half_a_frame() -> None:
    """The planned length of everything said, against the length of everything stored."""
    for sound, piece in zip(spoken(), pieces(), strict=True):
        planned_ms = len(sound.pcm) / 2 / sound.rate_hz * 1_000
        stored_ms = piece.frame_count * SAMPLES_PER_FRAME / 44.1
        assert abs(stored_ms - planned_ms) <= 13.1


@pytest.mark.parametrize("number", range(4))
def test_every_word_is_there_from_its_first_sample(number: int) -> None:
    """What was handed to the encoder comes back 1 105 samples later, begun and ended whole."""
    raw = np.frombuffer(spoken()[number].pcm, dtype="<i2").astype(float)
    decoded = decode(pieces()[number].frames)[ENCODER_DELAY::2].astype(float)
    length = min(len(raw), len(decoded))
    for part in (slice(0, 6_000), slice(length - 22_000, length)):
        both = raw[part], decoded[part]
        if np.abs(both[0]).max() > 500:
            assert np.corrcoef(*both)[0, 1] > 0.8
