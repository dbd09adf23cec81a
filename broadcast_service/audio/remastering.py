"""A stored piece once more, for other loudspeakers: the same sound to the frame, other tones."""

import numpy as np

from ..domain.units import SAMPLE_RATE_HZ
from ..domain.waveform import Waveform
from .mastering import ENCODER_DELAY, Mastered, decode, master
from .profiles import Profile


def remaster(frames: bytes, profile: Profile) -> Mastered:
    """The piece in another profile, as many frames long; its words begin at the same moments.

    frames: bare frames as they are stored. What was lost when they were encoded stays lost, which is nothing that
    passes a horn. Raises EngineError when they can not be decoded or not be brought to the profile's loudness.
    """
    heard = decode(frames)[ENCODER_DELAY:]
    whole = np.concatenate([heard, np.zeros(ENCODER_DELAY, dtype=np.float32)])  # so that no frame is dropped at the end
    pcm = np.clip(np.rint(whole * 32_767), -32_768, 32_767).astype("<i2").tobytes()
    return master(Waveform(pcm, SAMPLE_RATE_HZ), profile)
