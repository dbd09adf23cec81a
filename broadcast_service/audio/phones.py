"""A programme for phones, where bytes cost money: Opus in Ogg, or AAC in M4A for those that know no Opus."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

from ..domain.units import SAMPLE_RATE_HZ
from ..errors import EngineError, NoSpace
from .mastering import decode


@dataclass(frozen=True)
class PhoneFormat:
    """One kind of file."""

    suffix: str
    content_type: str
    container: str
    codec: str
    rate_hz: int
    bit_rate: int
    options: Mapping[str, str]
    """Of the container: the same pieces give the same bytes."""


OPUS = PhoneFormat("ogg", "audio/ogg; codecs=opus", "ogg", "libopus", 48_000, 32_000, {"fflags": "+bitexact"})
"""RFC 6716, RFC 7845. 32 kbit/s keep all of a voice: half the bytes of the MP3."""

M4A = PhoneFormat("m4a", "audio/mp4", "ipod", "aac", 44_100, 64_000, {"movflags": "+faststart", "fflags": "+bitexact"})
"""ISO 14496-3 and -14; its index comes first, so that it plays while it loads."""


def write(path: Path, pieces: Iterable[bytes], kind: PhoneFormat, *, title: str, album: str = "") -> None:
    """Encode pieces that are heard one after another as one file; one piece at a time is in memory.

    The file is complete when this returns; put it where it belongs by renaming. Raises EngineError for a piece that can
    not be decoded, NoSpace when the disk is full.
    """
    try:
        with av.open(str(path), mode="w", format=kind.container, container_options=dict(kind.options)) as file:
            file.metadata.update({"title": title, **({"album": album} if album else {})})
            stream = file.add_stream(kind.codec, rate=kind.rate_hz, layout="mono")
            assert isinstance(stream, AudioStream)
            stream.bit_rate = kind.bit_rate
            resampler = AudioResampler(format=stream.codec_context.format, layout="mono", rate=kind.rate_hz)
            place = 0
            for frames in pieces:
                samples = decode(frames)
                frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, :]), format="fltp", layout="mono")
                frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE_HZ, place, Fraction(1, SAMPLE_RATE_HZ)
                place += len(samples)
                for part in resampler.resample(frame):
                    file.mux(stream.encode(part))
            for part in resampler.resample(None):
                file.mux(stream.encode(part))
            file.mux(stream.encode(None))
    except OSError as error:
        raise NoSpace(str(path.parent)) from error
    except av.error.FFmpegError as error:
        raise EngineError(f"{kind.codec}: {error}", retryable=False) from error
