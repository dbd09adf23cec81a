"""A colleague's recording on its way in: decoded apart, made even and clean, cut into pieces that can be mastered.

Nothing that is said is ever cut: only silence at both ends, and of that a margin stays. Whatever the length, no more
than a minute of sound is in memory; the rest lies in files of the folder that is handed over.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..domain.timing import PARAGRAPH_PAUSE_MS
from ..domain.units import SAMPLE_RATE_HZ, Milliseconds
from ..domain.waveform import Waveform
from ..errors import EngineError, Invalid, NoSpace
from . import dynamics
from .dynamics import STEP, Decibels
from .filtering import Samples, band, filtered
from .loudness import HOP, gated_lufs, gating_for, k_energies, loudness_range_lu, true_peak
from .sniffing import Sniffed, sniff

LONGEST_S = 60 * 60
SHORTEST_MS = 300
LOWEST_RATE_HZ = 16_000
"""Below that a voice sounds as over a telephone."""
PIECE_S = 60
"""About how long a piece is; it ends in the longest pause near there."""

_DECODER = f"{__package__}.decoder"
_ROOT = Path(__file__).resolve().parents[__name__.count(".")]
_CPU_AT_LEAST_S, _CPU_SHARE = 60, 1 / 15
"""An hour takes some 10 s; a processor three times slower, with a costly format, shall be able to do it too."""
_PATIENCE = 1.5
"""Times the seconds of processor, for a machine that is busy with other things."""
_OUT_OF_TIME = -24
"""What a process returns that SIGXCPU has ended; Windows has no such limit."""
_HIGH_PASS = band(70.0) ** 2
"""Wind, steps and the hum of the mains lie below and fade by 24 dB an octave; no voice does."""
_CHUNK = 60 * SAMPLE_RATE_HZ
_MARGIN_STEPS = 30
"""300 ms of silence stay before the first word and after the last."""
_CUT_OFF_S = 2.0
_BROKEN_SHARE = 0.02
_DIRECT_CURRENT = 0.01
_SILENT_DB = -60.0
_FAINT_LUFS = -45.0
_TORN_SHARE = 0.001
"""Clipped by 4 dB; a word here and there that touches the ceiling stays below."""
_VOICE_ABOVE_NOISE_DB = 6.0
_SOFTEST_BELOW_VOICE_DB = 30.0
_HEADROOM = 0.5
"""Of full scale: mastering sets the level."""
_FIELD = "recording"


@dataclass(frozen=True)
class Measures:
    """How a recording sounds, to compare before and after."""

    length_ms: Milliseconds
    loudness_lufs: float
    range_lu: float
    """How far its loud stretches are from its quiet ones."""
    true_peak_dbtp: float
    noise_db: float
    """The level between the words, below the level of the loud syllables: −50 is good, −20 is a noisy room."""


@dataclass(frozen=True)
class Recording:
    """What has been taken in."""

    samples: Samples
    """44.1 kHz, on disk: valid as long as the folder is there."""
    cuts: tuple[int, ...]
    """Where the pieces begin, and the end."""
    before: Measures
    after: Measures
    codec: str
    notes: tuple[str, ...]
    """What was put right, in sentences for the person who handed it in."""
    warnings: tuple[str, ...] = ()
    """What can not be put right and may have to be read again, likewise."""

    def pieces(self) -> Iterator[Waveform]:
        """Stretches of about a minute, each ready for `mastering.master`; together they are the recording."""
        for start, end in zip(self.cuts, self.cuts[1:], strict=False):
            part = np.clip(np.rint(self.samples[start:end] * 32_767), -32_768, 32_767)
            yield Waveform(part.astype("<i2").tobytes(), SAMPLE_RATE_HZ)


def take_in(path: Path, folder: Path) -> Recording:
    """Decode, check and treat the file; what is made on the way lies in the folder, which is the caller's to remove.

    Raises Invalid with a sentence for whoever handed it in, NoSpace, EngineError when the decoder could not run.
    """
    kind = sniff(path)
    told = decoded(kind.format, kind.offset, path, folder / "decoded.f32")
    notes = _checked(told)
    raw = _mapped(folder / "decoded.f32")
    direct = sum(float(chunk.sum(dtype=np.float64)) for chunk in _chunks(raw)) / len(raw)
    before = _measures(raw, levels_of(raw, rest=direct))
    if abs(direct) > _DIRECT_CURRENT:
        notes.append("Tiếng bị lệch khỏi mức giữa (lỗi micrô hoặc cáp); đã được chỉnh lại.")
    clean = _written(folder / "filtered.f32", filtered(raw, _HIGH_PASS, rest=direct))
    levels = levels_of(clean)
    if float(levels.max()) < _SILENT_DB:
        raise _refusal("Bản ghi không có tiếng. Hãy kiểm tra micrô rồi ghi âm lại.")
    gains = _gains(levels)
    first, last = _ends(levels)
    samples = _written(folder / "treated.f32", _treated(clean, gains, first, last))
    return Recording(
        samples=samples,
        cuts=_cuts(levels_of(samples), len(samples)),
        before=before,
        after=_measures(samples, levels_of(samples)),
        codec=str(told["codec"]),
        notes=tuple(notes),
        warnings=tuple(_warnings(kind, told, before)),
    )


def decoded(name: str, offset: int, path: Path, target: Path, *, longest_s: int = LONGEST_S) -> dict[str, float | str]:
    """What the decoding process tells: `decoder.Decoded`; the samples are in `target`.

    It is killed when it takes too long; how it dies is one answer for all. Raises Invalid, NoSpace, EngineError.
    """
    cpu_s = _CPU_AT_LEAST_S + round(longest_s * _CPU_SHARE)
    command = [sys.executable, "-m", _DECODER, name, str(offset), str(path.absolute()), str(target.absolute())]
    try:
        run = subprocess.run(  # noqa: S603 (our own module by our own interpreter)
            [*command, str(longest_s), str(cpu_s)],
            cwd=_ROOT,
            capture_output=True,
            timeout=_PATIENCE * cpu_s,
            check=False,
        )
    except OSError as error:
        raise EngineError(f"the decoder did not start: {error}", retryable=True) from error
    except subprocess.TimeoutExpired:
        raise _too_slow() from None
    if run.returncode == _OUT_OF_TIME:
        raise _too_slow()
    try:
        told: dict[str, float | str] = json.loads(run.stdout)
    except ValueError:
        raise _unreadable() from None
    if told.get("fault") == "no sound":
        raise _refusal("Trong tệp này không có tiếng, chỉ có hình hoặc dữ liệu khác. Hãy chọn lại tệp.")
    if told.get("fault") == "no space":
        raise NoSpace(str(target.parent))
    if "fault" in told:
        raise _unreadable()
    return told


def _unreadable() -> Invalid:
    return _refusal(
        "Không đọc được âm thanh trong tệp: tệp bị hỏng, bị khóa bản quyền hoặc chưa tải lên hết. Hãy xuất lại."
    )


def _too_slow() -> Invalid:
    return _refusal(
        "Máy chủ giải mã bản ghi này lâu quá nên đã dừng. Hãy chia thành nhiều phần, hoặc xuất ra MP3 rồi gửi lại."
    )


def _checked(told: dict[str, float | str]) -> list[str]:
    """Notes on what is put right. Raises Invalid for what can not be."""
    length_s = float(told["samples"]) / SAMPLE_RATE_HZ
    rate_hz, channels = int(told["rate_hz"]), int(told["channels"])
    if told["is_too_long"]:
        raise _refusal(f"Bản ghi dài quá {LONGEST_S // 60} phút. Hãy chia thành nhiều phần rồi tải từng phần.")
    refuse_broken(told)
    if length_s * 1_000 < SHORTEST_MS:
        raise _refusal("Bản ghi ngắn quá, chưa được một phần ba giây. Hãy ghi âm lại.")
    if rate_hz < LOWEST_RATE_HZ:
        raise _refusal(
            f"Bản ghi chỉ có {rate_hz // 1_000} kHz, nghe như qua điện thoại, phát ra loa không rõ."
            " Hãy ghi âm lại ở 44,1 hoặc 48 kHz."
        )
    return ["Bản ghi nhiều kênh đã được gộp thành một kênh."] if channels > 1 else []


def _warnings(kind: Sniffed, told: Mapping[str, float | str], before: Measures) -> Iterator[str]:
    if kind.is_open_ended:
        yield "Cuối tệp không có dấu kết thúc nên có thể thiếu phần sau. Hãy nghe lại xem đã đủ lời chưa."
    if float(told["torn_share"]) > _TORN_SHARE:
        yield "Tiếng vỡ từ lúc thu vì to quá, không sửa lại được. Hãy lùi xa micrô hoặc vặn nhỏ mức thu rồi thu lại."
    if before.loudness_lufs < _FAINT_LUFS:
        yield (
            f"Thu nhỏ quá ({max(before.loudness_lufs, -99):.0f} LUFS): kéo to lên thì tiếng ồn cũng to theo."
            " Hãy lại gần micrô hoặc vặn to mức thu rồi thu lại."
        ).replace("(-", "(−")


def refuse_broken(told: Mapping[str, float | str]) -> None:
    """Raise Invalid for a file whose sound is not whole, as the decoder told."""
    length_s, claimed_s = float(told["samples"]) / SAMPLE_RATE_HZ, float(told["claimed_s"])
    if float(told["not_numbers"]):
        raise _refusal("Tệp bị hỏng: có chỗ không phải là âm thanh. Hãy xuất lại từ phần mềm ghi âm.")
    if float(told["broken_packets"]) > _BROKEN_SHARE * float(told["packets"]):
        raise _refusal("Nhiều đoạn trong tệp bị hỏng, nghe sẽ mất tiếng. Hãy xuất lại hoặc tải lên lại.")
    if told["is_too_long"]:
        return
    if claimed_s < 24 * 3_600 and claimed_s - length_s > max(_CUT_OFF_S, 0.02 * claimed_s):
        raise _refusal(
            f"Tệp bị cụt: đầu tệp ghi {claimed_s:.0f} giây nhưng chỉ có {length_s:.0f} giây. Hãy tải lên lại cả tệp."
        )


def _chunks(samples: Samples) -> Iterator[Samples]:
    for start in range(0, len(samples), _CHUNK):
        yield samples[start : start + _CHUNK]


def levels_of(samples: Samples, *, rest: float = 0.0) -> Decibels:
    """`dynamics.levels_db` of samples of any length, a minute at a time. rest: where they rest, if not at zero."""
    middle = np.float32(rest)
    return np.concatenate([dynamics.levels_db(chunk - middle) for chunk in _chunks(samples)] or [np.zeros(0)])


def _written(path: Path, parts: Iterable[Samples]) -> Samples:
    """The parts as one array on disk. Written, not mapped: a full disk is then an error and no crash.

    Raises NoSpace.
    """
    try:
        with path.open("wb") as file:
            for part in parts:
                file.write(part.astype("<f4", copy=False).tobytes())
    except OSError as error:
        raise NoSpace(str(path.parent)) from error
    return _mapped(path)


def _mapped(path: Path) -> Samples:
    return np.memmap(path, dtype="<f4", mode="r")


def softest_db(levels: Decibels) -> float:
    """What is louder than this is said, not only heard."""
    floor, voice = dynamics.noise_floor_db(levels), dynamics.voice_level_db(levels)
    return min(max(floor + _VOICE_ABOVE_NOISE_DB, voice - _SOFTEST_BELOW_VOICE_DB), voice)


def _gains(levels: Decibels) -> Decibels:
    """A hand on the fader over three seconds, and the gate; both in decibels a step."""
    softest = softest_db(levels)
    riding = dynamics.riding_db(levels, window_steps=300, share=0.6, most_db=8.0, softest_db=softest)
    floor = dynamics.noise_floor_db(levels)
    if floor > dynamics.voice_level_db(levels) - 15.0:
        return riding  # no pauses, or a room as loud as the voice: a gate would chop
    return np.asarray(riding + dynamics.gate_db(levels, floor_db=floor))


def _ends(levels: Decibels) -> tuple[int, int]:
    """The first and one past the last step to keep: all that may be speech, and a margin of silence."""
    floor, voice = dynamics.noise_floor_db(levels), dynamics.voice_level_db(levels)
    heard = np.flatnonzero(levels > min(floor + _VOICE_ABOVE_NOISE_DB, voice - _SOFTEST_BELOW_VOICE_DB / 2))
    if not len(heard):
        return 0, len(levels)
    return max(0, int(heard[0]) - _MARGIN_STEPS), min(len(levels), int(heard[-1]) + 1 + _MARGIN_STEPS)


def _treated(clean: Samples, gains: Decibels, first: int, last: int) -> Iterator[Samples]:
    """The kept part with its gains, faded at both ends over 10 ms, with the pause of a paragraph behind it."""
    start, end = first * STEP, min(len(clean), last * STEP)
    highest = max(float(np.abs(chunk).max()) for chunk in _chunks(clean))
    scale = np.float32(_HEADROOM / (highest * 10 ** (max(0.0, float(gains.max())) / 20)))
    fade = np.linspace(0, 1, STEP, dtype=np.float32)
    for place in range(start, end, _CHUNK):
        part = dynamics.apply_db(clean[place : min(end, place + _CHUNK)], gains, first_step=place // STEP) * scale
        if place == start:
            part[:STEP] *= fade[: len(part)]
        if place + _CHUNK >= end:
            part[-STEP:] *= fade[::-1][-len(part) :]
        yield part
    yield np.zeros(PARAGRAPH_PAUSE_MS * SAMPLE_RATE_HZ // 1_000 - _MARGIN_STEPS * STEP, dtype=np.float32)


def _cuts(levels: Decibels, length: int) -> tuple[int, ...]:
    """Where pieces begin: in the middle of the longest pause between two thirds and four thirds of a minute."""
    softest = softest_db(levels)
    cuts = [0]
    while length - cuts[-1] > PIECE_S * SAMPLE_RATE_HZ * 4 // 3:
        low = cuts[-1] // STEP + PIECE_S * 100 * 2 // 3
        window = levels[low : low + PIECE_S * 100 * 2 // 3]
        quiet = np.concatenate(([False], window <= softest, [False])).astype(np.int8)
        edges = np.flatnonzero(np.diff(quiet))
        if len(edges):
            lengths = edges[1::2] - edges[::2]
            longest = int(lengths.argmax())
            step = int(edges[2 * longest]) + int(lengths[longest]) // 2
        else:
            step = int(window.argmin())
        cuts.append((low + step) * STEP)
    return (*cuts, length)


def _measures(samples: Samples, levels: Decibels) -> Measures:
    gating = gating_for(samples) if len(samples) < _CHUNK else None
    energies = k_energies(samples, HOP)
    loudness = gated_lufs(energies, len(samples))
    if gating is not None and gating.hop != HOP:
        loudness = gated_lufs(k_energies(samples, gating.hop), len(samples), gating)
    peak = max(true_peak(chunk) for chunk in _chunks(samples))
    return Measures(
        length_ms=Milliseconds(len(samples) * 1_000 // SAMPLE_RATE_HZ),
        loudness_lufs=loudness,
        range_lu=loudness_range_lu(energies),
        true_peak_dbtp=float(20 * np.log10(max(peak, 1e-9))),
        noise_db=dynamics.noise_floor_db(levels) - dynamics.voice_level_db(levels),
    )


def _refusal(sentence: str) -> Invalid:
    return Invalid(sentence, field=_FIELD)
