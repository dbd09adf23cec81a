"""A process that decodes one foreign file and ends: what breaks a decoder breaks nothing else.

    python -m broadcast_service.audio.decoder FORMAT OFFSET IN OUT LONGEST_S CPU_S

IN is read with the demuxer FORMAT from byte OFFSET on, as a plain stream: no name in it leads to another file. OUT gets
float32 samples, mono, 44.1 kHz. stdout gets one line of JSON, a `Decoded` or {"fault": …}. After CPU_S seconds of
processor it is ended by SIGXCPU.
"""

import io
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import av
import av.error
import numpy as np
import numpy.typing as npt
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

from ..domain.units import SAMPLE_RATE_HZ

MEMORY_BYTES = 1 << 30
_CPU_GRACE_S = 10
"""Between the signal that tells who started it, and the one that nothing outlives."""
_BLOCK = 1 << 16
"""Samples that are worked on at once: frames by themselves cost six times as much."""
_FIRST_FRAME = 256
_LOUD, _OVER = 0.5, 1.000_1
_BELIEVED_S = 24 * 3_600
_LOST_SHARE = 0.3
"""Two channels whose sum has so small a part of their power cancel each other: one is wired the wrong way round."""


@dataclass
class Decoded:
    """What was found in a file that could be read."""

    codec: str = ""
    rate_hz: int = 0
    channels: int = 0
    samples: int = 0
    """Of the output."""
    claimed_s: float = 0.0
    """The length its header tells; 0: it tells none."""
    packets: int = 0
    broken_packets: int = 0
    not_numbers: int = 0
    torn_share: float = 0.0
    """Of the samples that were read: those in flat tops or beyond full scale, as a torn voice has them."""
    is_too_long: bool = False


class _Part(io.RawIOBase):
    """A file from an offset on."""

    def __init__(self, path: Path, offset: int) -> None:
        self._file = path.open("rb")
        self._offset = offset
        self._file.seek(offset)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset + (self._offset if whence == 0 else 0), whence) - self._offset

    def tell(self) -> int:
        return self._file.tell() - self._offset


def decode(name: str, offset: int, source: Path, target: Path, longest_s: int) -> Decoded:
    """Write the samples and tell about them. Raises av.error.FFmpegError for what can not be read."""
    found, powers = _decode(name, offset, source, target, longest_s, is_first_only=False)
    if found.channels == 2 and powers[0] < _LOST_SHARE * powers[1]:
        found, _ = _decode(name, offset, source, target, longest_s, is_first_only=True)
    return found


def _decode(
    name: str, offset: int, source: Path, target: Path, longest_s: int, *, is_first_only: bool
) -> tuple[Decoded, tuple[float, float]]:
    """Also (power of the mix, mean power of the channels)."""
    found, mixed, single, heard, torn = Decoded(), 0.0, 0.0, 0, 0
    with av.open(_Part(source, offset), mode="r", format=name) as container, target.open("wb") as out:
        if not container.streams.audio:
            raise LookupError
        stream = container.streams.audio[0]
        found.codec, found.rate_hz = stream.codec_context.name, stream.codec_context.sample_rate
        found.channels = stream.codec_context.channels
        found.claimed_s = 0.0 if _is_guessed(name, offset, source) else _claimed_s(container, stream)
        if name != "wav" and longest_s < found.claimed_s < _BELIEVED_S:  # streams write anything there into a WAV
            found.is_too_long = True
            return found, (mixed, single)
        resampler = AudioResampler(format="flt", layout="mono", rate=SAMPLE_RATE_HZ)
        for frame in _blocks(_frames(container, found)):
            planes = _planes(frame, found)
            mono = planes[0] if is_first_only else planes.mean(axis=0)
            heard, torn = heard + planes.size, torn + _torn(planes)
            mixed += float(np.square(mono, dtype=np.float64).sum())
            single += float(np.square(planes, dtype=np.float64).sum()) / len(planes)
            _write(resampler, _mono(mono, frame), out, found)
            if found.samples > longest_s * SAMPLE_RATE_HZ:
                found.is_too_long = True
                break
        else:
            _write(resampler, None, out, found)
    found.torn_share = torn / max(1, heard)
    return found, (mixed, single)


def _claimed_s(container: "av.container.InputContainer", stream: AudioStream) -> float:
    """The length that the file tells of itself, in seconds; 0: it tells none."""
    if stream.duration and stream.time_base:
        return float(stream.duration * stream.time_base)
    return container.duration / av.time_base if container.duration else 0.0


def _is_guessed(name: str, offset: int, source: Path) -> bool:
    """Whether the length is not written in the file: it is then told from the first frames, which may be silent."""
    with source.open("rb") as file:
        file.seek(offset)
        head = file.read(_FIRST_FRAME)
    return name == "aac" or (name == "mp3" and not any(mark in head for mark in (b"Xing", b"Info", b"VBRI")))


def _blocks(frames: Iterator[AudioFrame]) -> Iterator[AudioFrame]:
    """The same sound in fewer, larger frames. A stream may change its kind on the way; a frame has one."""
    fifo, kind = AudioFifo(), None
    for frame in frames:
        now = (frame.format.name, frame.layout.name, frame.sample_rate)
        if now != kind:
            yield from _rest(fifo)
            fifo, kind = AudioFifo(), now
        frame.pts = None
        fifo.write(frame)
        if fifo.samples >= _BLOCK:
            yield from _rest(fifo)
    yield from _rest(fifo)


def _rest(fifo: AudioFifo) -> Iterator[AudioFrame]:
    """All that is in there, as one frame if there is any."""
    frame = fifo.read() if fifo.samples else None
    if frame is not None:
        yield frame


def _frames(container: "av.container.InputContainer", found: Decoded) -> Iterator[AudioFrame]:
    """All frames of the first stream of sound; packets that can not be decoded are counted."""
    stream = container.streams.audio[0]
    for packet in container.demux(stream):
        found.packets += 1
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            found.broken_packets += 1


def _planes(frame: AudioFrame, found: Decoded) -> npt.NDArray[np.float32]:
    """The frame as float32, a row a channel; what is no number becomes silence and is counted."""
    raw = frame.to_ndarray()
    kind = raw.dtype.kind
    planes = raw.reshape(-1, frame.layout.nb_channels).T if not frame.format.is_planar else raw
    if kind == "f":
        values = planes.astype(np.float32)
        bad = ~np.isfinite(values)
        found.not_numbers += int(bad.sum())
        return np.where(bad, np.float32(0), values)
    if kind == "u":
        return np.asarray(planes.astype(np.float32) / np.float32(128) - np.float32(1), dtype=np.float32)
    full_scale = np.float32(1 << (8 * raw.dtype.itemsize - 1))
    return np.asarray(planes.astype(np.float32) / full_scale, dtype=np.float32)


def _torn(planes: npt.NDArray[np.float32]) -> int:
    """How many samples are as loud as the four before them, or louder than can be: encoders round flat tops off.

    No voice has five equal samples in a row where it is loud, nor many peaks that an encoder lifts beyond full scale.
    """
    loud = np.abs(planes)
    if not loud.size or loud.max() < _LOUD:
        return 0
    same = (planes[:, 1:] == planes[:, :-1]) & (loud[:, 1:] >= _LOUD)
    flat = same[:, :-3] & same[:, 1:-2] & same[:, 2:-1] & same[:, 3:]
    return int(np.count_nonzero(flat)) + int(np.count_nonzero(loud > _OVER))


def _mono(samples: npt.NDArray[np.float32], like: AudioFrame) -> AudioFrame:
    frame = AudioFrame.from_ndarray(np.ascontiguousarray(samples[None, :]), format="fltp", layout="mono")
    frame.sample_rate, frame.pts, frame.time_base = like.sample_rate, None, like.time_base
    return frame


def _write(resampler: AudioResampler, frame: AudioFrame | None, out: io.BufferedWriter, found: Decoded) -> None:
    for piece in resampler.resample(frame):
        samples = piece.to_ndarray().reshape(-1)
        found.samples += len(samples)
        out.write(samples.astype("<f4").tobytes())


def _limit(longest_s: int, cpu_s: int) -> None:
    """Memory, processor time and file size, where the system can hold a process to them."""
    if sys.platform == "win32":
        return
    import resource

    limits = ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_FSIZE, (longest_s + 60) * SAMPLE_RATE_HZ * 4))
    for kind, most in limits:
        resource.setrlimit(kind, (most, most))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + _CPU_GRACE_S))


def main(arguments: list[str]) -> None:
    """Do what the arguments say."""
    name, offset, source, target, longest_s, cpu_s = arguments
    _limit(int(longest_s), int(cpu_s))
    av.logging.set_level(None)
    try:
        told = asdict(decode(name, int(offset), Path(source), Path(target), int(longest_s)))
    except LookupError:
        told = {"fault": "no sound"}
    except (av.error.FFmpegError, ValueError, MemoryError) as error:
        told = {"fault": f"{type(error).__name__}: {error}"}
    except OSError:
        told = {"fault": "no space"}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(sys.argv[1:])
