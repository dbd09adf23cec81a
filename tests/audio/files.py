"""Files as phones, studios and browsers make them, and as nobody should."""

import io
import struct
import wave as wave_file
from fractions import Fraction
from pathlib import Path

import av
import lameenc
import numpy as np
import soundfile

from broadcast_service.audio.filtering import Samples

KINDS = {
    "wav": ("wav", "pcm_s16le"),
    "wav24": ("wav", "pcm_s24le"),
    "float": ("wav", "pcm_f32le"),
    "flac": ("flac", "flac"),
    "mp3": ("mp3", "libmp3lame"),
    "m4a": ("mp4", "aac"),
    "aac": ("adts", "aac"),
    "ogg": ("ogg", "vorbis"),
    "opus": ("ogg", "libopus"),
    "webm": ("webm", "libopus"),
    "mp4": ("mp4", "libopus"),
}
"""By kind: container and codec. MediaRecorder makes webm in Chromium and Firefox, m4a in Safari."""


def encoded(samples: Samples, kind: str, *, rate_hz: int = 44_100, channels: int = 1) -> bytes:
    """The samples (mono, or a row a channel, at rate_hz) as a file of that kind."""
    container, codec = KINDS[kind]
    rows = np.atleast_2d(samples).astype(np.float32)
    if codec == "vorbis":
        soundfile.write(made := io.BytesIO(), rows.T, rate_hz, format="OGG", subtype="VORBIS")
        return made.getvalue()
    rows = np.repeat(rows, channels, axis=0) if len(rows) < channels else rows
    layout = "stereo" if len(rows) == 2 else "mono"
    out = io.BytesIO()
    with av.open(out, "w", format=container) as file:
        stream = file.add_stream(codec, rate=48_000 if "opus" in codec else rate_hz, layout=layout)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(rows), format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate_hz, 0, Fraction(1, rate_hz)
        resampler = av.AudioResampler(format=stream.codec_context.format, layout=layout, rate=stream.rate)
        for part in (*resampler.resample(frame), *resampler.resample(None)):
            file.mux(stream.encode(part))
        file.mux(stream.encode(None))
    return out.getvalue()


def varying_mp3(samples: Samples) -> bytes:
    """An MP3 of changing bit rate without a head that tells its length, as simple recorders write it."""
    encoder = lameenc.Encoder()
    encoder.set_channels(1)
    encoder.set_in_sample_rate(44_100)
    encoder.set_vbr(4)
    encoder.set_vbr_quality(2)
    data = bytes(encoder.encode((samples * 32_000).astype("<i2").tobytes()) + encoder.flush())
    return data[data.find(b"\xff\xfb", 4) :] if b"Xing" in data[:200] or b"Info" in data[:200] else data


def plain_wav(seconds: float, *, rate_hz: int = 44_100, value: int | None = None) -> bytes:
    """A WAV of a hum, or of one value."""
    count = round(seconds * rate_hz)
    samples = 8_000 * np.sin(2 * np.pi * 300 * np.arange(count) / rate_hz) if value is None else np.full(count, value)
    out = io.BytesIO()
    with wave_file.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate_hz)
        file.writeframes(samples.astype("<i2").tobytes())
    return out.getvalue()


def float_wav(samples: Samples) -> bytes:
    """A WAV of 32-bit floats, which may hold what is no number."""
    body = samples.astype("<f4").tobytes()
    form = struct.pack("<HHIIHH", 3, 1, 44_100, 176_400, 4, 32)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + form + b"data" + struct.pack("<I", len(body)) + body
    return b"RIFF" + struct.pack("<I", len(chunks)) + chunks


def id3(length: int) -> bytes:
    """A tag that says so many bytes follow."""
    return b"ID3\x03\x00\x00" + bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0))


def written(folder: Path, data: bytes, name: str = "ghi-am.mp3") -> Path:
    """The bytes in a file, always under the same lying name."""
    path = folder / name
    path.write_bytes(data)
    return path
