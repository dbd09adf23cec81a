"""A programme for phones, where bytes cost money: Opus in Ogg, or AAC in M4A for those that know no Opus.

Both encoders add to peaks, AAC up to a decibel and a half. So what was written is decoded and measured, and where it
passes the limit it is written once more from pieces whose highest peaks are lower; the loudness stays.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.error
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import OutputContainer

from ..domain.units import SAMPLE_RATE_HZ, Milliseconds
from ..errors import EngineError, NoSpace
from .filtering import Samples
from .limiter import Limiter
from .loudness import gating_for, integrated_lufs, true_peak_dbtp
from .mastering import decode
from .profiles import TRUE_PEAK_LIMIT_DBTP

Pieces = Callable[[], Iterable[bytes]]
"""Gives the frames of all pieces in order, each time it is called."""

_ENCODINGS = 5
_SPARE_DB = 0.2
_AT_ONCE = 10 * SAMPLE_RATE_HZ
_OVERLAP = 64
"""Samples: a peak between two samples is seen from both sides."""


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


@dataclass(frozen=True)
class Tags:
    """What a file tells of itself, as the MP3 does."""

    title: str
    artist: str = ""
    album: str = ""
    date: str = ""
    """“2026-11-24”."""
    chapters: Sequence[tuple[Milliseconds, str]] = ()
    """When each begins, and its title."""


def write(path: Path, pieces: Pieces, kind: PhoneFormat, tags: Tags) -> None:
    """Encode pieces that are heard one after another as one file; one piece at a time is in memory.

    The file is complete when this returns, and decoded its true peak is at most −1 dBTP; put it where it belongs by
    renaming. Raises EngineError for a piece that can not be decoded, NoSpace when the disk is full.
    """
    ceiling_dbtp = TRUE_PEAK_LIMIT_DBTP + _SPARE_DB
    try:
        for _ in range(_ENCODINGS):
            _encode(path, (_below(decode(frames), ceiling_dbtp) for frames in pieces()), kind, tags)
            over_db = _peak_dbtp(path) - TRUE_PEAK_LIMIT_DBTP
            if over_db <= 0:
                return
            ceiling_dbtp -= over_db + _SPARE_DB
    except OSError as error:
        raise NoSpace(str(path.parent)) from error
    except av.error.FFmpegError as error:
        raise EngineError(f"{kind.codec}: {error}", retryable=False) from error
    raise EngineError(f"{kind.codec}: peaks stay {over_db:.1f} dB above the limit", retryable=False)


def _encode(path: Path, pieces: Iterable[Samples], kind: PhoneFormat, tags: Tags) -> None:
    with av.open(str(path), mode="w", format=kind.container, container_options=dict(kind.options)) as file:
        _tell(file, kind, tags)
        stream = file.add_stream(kind.codec, rate=kind.rate_hz, layout="mono")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = kind.bit_rate
        resampler = AudioResampler(format=stream.codec_context.format, layout="mono", rate=kind.rate_hz)
        place = 0
        for samples in pieces:
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, :]), format="fltp", layout="mono")
            frame.sample_rate, frame.pts, frame.time_base = SAMPLE_RATE_HZ, place, Fraction(1, SAMPLE_RATE_HZ)
            place += len(samples)
            for part in resampler.resample(frame):
                file.mux(stream.encode(part))
        for part in resampler.resample(None):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))


def _tell(file: OutputContainer, kind: PhoneFormat, tags: Tags) -> None:
    texts = {"title": tags.title, "artist": tags.artist, "album": tags.album, "date": tags.date}
    file.metadata.update({name: text for name, text in texts.items() if text})
    if kind.container == "ogg":  # as comments, since ffmpeg rounds the seconds of its own up
        for number, (start_ms, title) in enumerate(tags.chapters, 1):
            seconds, ms = divmod(start_ms, 1_000)
            clock = f"{seconds // 3_600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{ms:03}"
            file.metadata.update({f"CHAPTER{number:03}": clock, f"CHAPTER{number:03}NAME": title})
        return
    ends = [start_ms for start_ms, _ in tags.chapters[1:]] + [tags.chapters[-1][0] + 1] if tags.chapters else []
    file.set_chapters(
        [
            {
                "id": number,
                "start": start_ms,
                "end": end_ms,
                "time_base": Fraction(1, 1_000),
                "metadata": {"title": title},
            }
            for number, ((start_ms, title), end_ms) in enumerate(zip(tags.chapters, ends, strict=True), 1)
        ]
    )


def _below(samples: Samples, ceiling_dbtp: float) -> Samples:
    """The samples as loud as they are, their peaks brought under the ceiling where they pass it."""
    if true_peak_dbtp(samples) <= ceiling_dbtp:
        return samples
    gating = gating_for(samples)
    lufs = integrated_lufs(samples, gating)
    limiter = Limiter(samples, lufs=lufs, ceiling_dbtp=ceiling_dbtp, gating=gating)
    return limiter.apply(limiter.gain_for(lufs, ceiling_dbtp), ceiling_dbtp)


def _peak_dbtp(path: Path) -> float:
    """The true peak of what a phone will hear of the file."""
    return max((true_peak_dbtp(part) for part in _stretches(path)), default=float("-inf"))


def _stretches(path: Path) -> Iterator[Samples]:
    """The decoded file, ten seconds at a time, each with the end of the one before."""
    with av.open(str(path)) as file:
        to_floats = AudioResampler(format="flt", layout="mono")
        kept: list[Samples] = []
        for frame in file.decode(audio=0):
            kept += [np.asarray(part.to_ndarray(), dtype=np.float32).reshape(-1) for part in to_floats.resample(frame)]
            if sum(map(len, kept)) >= _AT_ONCE:
                yield np.concatenate(kept)
                kept = [kept[-1][-_OVERLAP:]]
        if kept:
            yield np.concatenate(kept)
