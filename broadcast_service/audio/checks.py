"""What is listened for before anything is published. Pure: stored pieces in, findings out.

A finding that blocks is wrong for every listener; one that does not is worth a look.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..domain.timing import is_readers_pace
from ..domain.units import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME, Milliseconds
from ..errors import EngineError
from .dynamics import STEP, Decibels, levels_db
from .filtering import Samples
from .frames import FormatError, count
from .loudness import HOP, gated_lufs, gating_for, integrated_lufs, k_energies, true_peak
from .mastering import TOLERANCE_LU, Mastered, decode
from .parting import said_above_db
from .profiles import TRUE_PEAK_LIMIT_DBTP, WEB, Profile

SILENCE_MS = 2_000
SILENT_DB = -50.0
"""What is softer is silence; measured on what goes on air."""
_FULL = 0.999
_CLIPPED_RUN = 3
"""So many samples in a row at full scale are no chance."""
_SAME_PLACE_MS = 500
_LENGTH_BLOCKS = 0.25
_LENGTH_TELLS = 0.15
"""A paragraph said by a voice strays by a tenth from its estimate."""
_SHORT_MS = 3_000
_MEASURED_DB = 0.1


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, and where."""

    kind: str
    """missing, format, decode, silence, clipping, level, peak or length."""
    at_ms: Milliseconds
    until_ms: Milliseconds
    """Counted from the beginning of all pieces; the end is left out."""
    sentence: str
    """For a person: what and where."""
    blocks: bool
    """Whether it must not be published like that."""


@dataclass(frozen=True)
class Heard:
    """One piece that was listened to by itself."""

    findings: tuple[Finding, ...]
    """Counted from its beginning."""
    lead_ms: Milliseconds
    """Silence before its first sound, …"""
    tail_ms: Milliseconds
    """… and after its last: with that of the neighbours it may become too long."""


def check_mastered(
    mastered: Mastered, *, expected_ms: int | None = None, is_read: bool = False, profile: Profile = WEB
) -> Heard:
    """What `check` finds in one piece that has just been mastered, with what was measured then.

    expected_ms: its estimated length; None where nobody knows. is_read: by a person, whose pace is their own.
    """
    samples = mastered.decoded
    levels = levels_db(samples)
    silent_db = max(SILENT_DB, said_above_db(levels)) if is_read else SILENT_DB  # a room is heard, and says nothing
    quiet = _Silence(silent_db)
    findings = [*quiet.hear_levels(levels, 0), *quiet.end(len(samples)), *_clippings(samples, 0)]
    findings += _off_level(mastered.loudness_lufs, mastered.true_peak_dbtp, len(samples), 0, 0, profile)
    if expected_ms is not None:
        findings += _length(len(samples), 0, 0, expected_ms, is_read=is_read)
    return Heard(tuple(findings), *_quiet_ends(levels, len(samples), silent_db))


def check_stored(frames: bytes | None, *, profile: Profile = WEB) -> Heard:
    """What `check` finds in one stored piece, decoded and measured again."""
    samples, _ = _opened(frames, 0)
    levels = levels_db(samples) if samples is not None else np.zeros(0)
    return Heard(tuple(check([frames], profile=profile)), *_quiet_ends(levels, 0 if samples is None else len(samples)))


def _quiet_ends(levels: Decibels, length: int, silent_db: float = SILENT_DB) -> tuple[Milliseconds, Milliseconds]:
    """Silence before the first sound and after the last."""
    loud = np.flatnonzero(levels > silent_db)
    first, last = (int(loud[0]) * STEP, (int(loud[-1]) + 1) * STEP) if len(loud) else (length, length)
    lead_ms, tail_ms = (round(n * 1_000 / SAMPLE_RATE_HZ) for n in (first, max(0, length - last)))
    return Milliseconds(lead_ms), Milliseconds(tail_ms)


def check(
    pieces: Iterable[bytes | None],
    *,
    expected_ms: Sequence[int | None] = (),
    profile: Profile = WEB,
) -> list[Finding]:
    """Everything that is wrong with pieces that will be heard one after another, in order of time.

    pieces: bare frames as they are stored; None for one that is not there. They are read one at a time. expected_ms:
    the estimated length of each; None where nobody knows, as for music.
    """
    findings: list[Finding] = []
    place, quiet = 0, _Silence()
    for number, frames in enumerate(pieces):
        wanted_ms = expected_ms[number] if number < len(expected_ms) else None
        samples, problem = _opened(frames, number)
        lasts = len(samples) if samples is not None else (wanted_ms or 0) * SAMPLE_RATE_HZ // 1_000
        if problem is not None:
            kind, sentence = problem
            findings.append(_finding(kind, place, place + lasts, sentence, blocks=True))
        if samples is None:
            quiet = _Silence()
        else:
            findings += quiet.hear(samples, place)
            findings += _clippings(samples, place)
            findings += _levels(samples, place, number, profile)
            if wanted_ms is not None:
                findings += _length(len(samples), place, number, wanted_ms)
        place += lasts
    findings += quiet.end(place)
    return sorted(findings, key=lambda finding: (finding.at_ms, finding.kind))


def _opened(frames: bytes | None, number: int) -> tuple[Samples | None, tuple[str, str] | None]:
    """The samples if there are any, and (kind, sentence) of what is wrong with the file."""
    if not frames:
        return None, ("missing", f"Đoạn {number + 1} chưa có tiếng. Hãy thu lại đoạn này.")
    try:
        expected = count(frames) * SAMPLES_PER_FRAME
    except FormatError:
        sentence = f"Đoạn {number + 1} không đúng kiểu MP3 44,1 kHz, một kênh, 64 kbit/s. Hãy thu lại đoạn này."
        return None, ("format", sentence)
    broken = ("decode", f"Đoạn {number + 1} bị hỏng, không giải mã được hết. Hãy thu lại đoạn này.")
    try:
        samples = decode(frames)
    except EngineError:
        return None, broken
    return samples, broken if len(samples) != expected else None


class _Silence:
    """How long nothing has been heard, across pieces."""

    def __init__(self, silent_db: float = SILENT_DB) -> None:
        self._silent_db = silent_db
        self._since: int | None = None

    def hear(self, samples: Samples, place: int) -> Iterator[Finding]:
        """The silences that end in these samples, which begin at `place`."""
        yield from self.hear_levels(levels_db(samples), place)

    def hear_levels(self, levels: Decibels, place: int) -> Iterator[Finding]:
        """The same of levels that are known."""
        heard = np.flatnonzero(levels > self._silent_db)
        since = place if self._since is None else self._since
        for step in (*heard.tolist(), None):
            if step is None:
                self._since = since
                return
            at = place + step * STEP
            if at - since >= SILENCE_MS * SAMPLE_RATE_HZ // 1_000:
                yield self._found(since, at)
            since = at + STEP

    def end(self, place: int) -> Iterator[Finding]:
        """The silence that nothing has ended."""
        if self._since is not None and place - self._since >= SILENCE_MS * SAMPLE_RATE_HZ // 1_000:
            yield self._found(self._since, place)

    @staticmethod
    def _found(since: int, until: int) -> Finding:
        length_s = (until - since) / SAMPLE_RATE_HZ
        return _finding(
            "silence",
            since,
            until,
            f"Im lặng {_number(length_s)} giây từ {_clock(since)}. Hãy nghe lại chỗ này.",
            blocks=True,
        )


def _clippings(samples: Samples, place: int) -> Iterator[Finding]:
    """Runs of samples at full scale; those less than half a second apart are one place."""
    full = np.concatenate(([False], np.abs(samples) >= _FULL, [False])).astype(np.int8)
    if not full.any():
        return
    edges = np.flatnonzero(np.diff(full))
    runs = [(a, b) for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True) if b - a >= _CLIPPED_RUN]
    merged: list[list[int]] = []
    for start, end in runs:
        if merged and start - merged[-1][1] < _SAME_PLACE_MS * SAMPLE_RATE_HZ // 1_000:
            merged[-1][1] = end
        else:
            merged.append([start, end])
    for start, end in merged:
        at = place + start
        yield _finding(
            "clipping", at, place + end, f"Tiếng bị vỡ (quá to) ở {_clock(at)}. Hãy thu lại đoạn này.", blocks=True
        )


def _levels(samples: Samples, place: int, number: int, profile: Profile) -> Iterator[Finding]:
    gating = gating_for(samples)
    loudness, peak_dbtp = integrated_lufs(samples, gating), 20 * np.log10(max(true_peak(samples), 1e-9))
    yield from _off_level(loudness, peak_dbtp, len(samples), place, number, profile)


def _off_level(
    lufs: float, peak_dbtp: float, length: int, place: int, number: int, profile: Profile
) -> Iterator[Finding]:
    off = lufs - profile.target_lufs
    end = place + length
    if abs(off) > TOLERANCE_LU + _MEASURED_DB:
        how = "to" if off > 0 else "nhỏ"
        is_short = length < _SHORT_MS * SAMPLE_RATE_HZ // 1_000 and off < 0
        sentence = f"Đoạn {number + 1} {how} hơn mức chung {_number(abs(off))} dB. Hãy thu lại đoạn này."
        yield _finding("level", place, end, sentence, blocks=not is_short)
    if peak_dbtp > TRUE_PEAK_LIMIT_DBTP + _MEASURED_DB:
        sentence = f"Đỉnh tiếng của đoạn {number + 1} vượt mức cho phép (−1 dBTP). Hãy thu lại đoạn này."
        yield _finding("peak", place, end, sentence, blocks=True)


def _length(samples: int, place: int, number: int, wanted_ms: int, *, is_read: bool = False) -> Iterator[Finding]:
    lasts_ms = samples * 1_000 / SAMPLE_RATE_HZ
    off = lasts_ms / max(1, wanted_ms) - 1
    is_right = is_readers_pace(lasts_ms, wanted_ms) if is_read else abs(off) <= _LENGTH_TELLS
    if is_right or abs(lasts_ms - wanted_ms) < 1_000:
        return
    how = "dài" if off > 0 else "ngắn"
    sentence = (
        f"Đoạn {number + 1} {how} hơn dự tính: {_number(lasts_ms / 1_000)} giây"
        f" thay vì {_number(wanted_ms / 1_000)} giây."
        " Hãy nghe lại xem có thiếu hoặc thừa lời không."
    )
    yield _finding("length", place, place + samples, sentence, blocks=is_read or abs(off) > _LENGTH_BLOCKS)


def programme_lufs(pieces: Iterable[bytes]) -> float:
    """Integrated loudness of pieces heard one after another, measured on what decodes; −inf for silence.

    Raises EngineError for a piece that can not be decoded.
    """
    energies, rest, total = [], np.zeros(0, dtype=np.float32), 0
    for frames in pieces:
        samples = np.concatenate((rest, decode(frames)))
        whole = len(samples) // HOP * HOP
        energies.append(k_energies(samples[:whole], HOP))
        rest, total = samples[whole:], total + whole
    return gated_lufs(np.concatenate(energies) if energies else np.zeros(0), total)


def _finding(kind: str, at: int, until: int, sentence: str, *, blocks: bool) -> Finding:
    at_ms, until_ms = (Milliseconds(round(place * 1_000 / SAMPLE_RATE_HZ)) for place in (at, until))
    return Finding(kind, at_ms, until_ms, sentence, blocks)


def _clock(place: int) -> str:
    minutes, seconds = divmod(place // SAMPLE_RATE_HZ, 60)
    return f"phút {minutes}:{seconds:02}"


def _number(value: float) -> str:
    return f"{value:.1f}".replace(".", ",")
