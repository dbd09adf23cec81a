"""Whether an assembled programme is whole: decoded by others, its length, chapters and seeking, and each joint."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

FRAME = 1_152
RATE_HZ = 44_100
JOINT_LIMIT = 0.2
"""Of the sharpest corner within the parts: a click at a joint is sharper than any voice."""
_QUIET = 0.01
_SEEKS = 5
_COMPARED, _REACH = 22_050, 4_410
"""Samples: half a second is looked for a tenth before and behind its place."""


def row(what: str, value: float, unit: str, most: float) -> dict[str, object]:
    """A promise that has nothing beside it: at most so much."""
    limit = f"≤ {most:g} {unit}".strip()
    return {
        "what": what, "value": round(value, 3), "unit": unit, "beside": "", "ratio": 1.0, "limit": limit,
        "ok": value <= most,
    }  # fmt: skip


def judged(path: Path, parts: Sequence[tuple[str, int, int, str]]) -> list[dict[str, object]]:
    """parts: (name, bytes, frames, title) of each part of the programme at `path`, in order."""
    import numpy as np

    starts = list(accumulate((frames for _, _, frames, _ in parts), initial=0))
    samples, complaints = _decoded(path)
    rows = [
        row("complaints of ffmpeg", complaints, "", 0),
        row("samples off the length", abs(len(samples) - starts[-1] * FRAME), "", 0),
        row("chapters off", _chapters_off_ms(path, starts, [title for *_, title in parts]), "ms", 1),
        row("seeking off", _seeking_off_ms(path, samples, starts), "ms", 1),
    ]
    if shutil.which("mpg123"):
        run = subprocess.run(["mpg123", "-q", "-t", path], capture_output=True, text=True, check=False)
        rows.append(row("complaints of mpg123", len(run.stderr.splitlines()) + abs(run.returncode), "", 0))
    corners = np.abs(np.diff(samples, 2))
    joints = [start * FRAME for start in starts[1:-1]]
    at_joints = max(float(corners[joint - FRAME : joint + FRAME].max()) for joint in joints)
    for joint in joints:
        corners[joint - FRAME : joint + FRAME] = 0
    sharpest = float(corners.max())
    share = 0.0 if at_joints < _QUIET else at_joints / sharpest
    rows.append(row(f"sharpest of {len(joints)} joints, of the voice", share, "share", JOINT_LIMIT))
    return rows


def _decoded(path: Path, *options: str) -> tuple[Any, int]:
    """What ffmpeg decodes, and how many lines it has to say about it."""
    import numpy as np

    command = ["ffmpeg", "-v", "warning", *options, "-i", str(path), "-map", "0:a", "-f", "f32le", "-"]
    run = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(run.stdout, dtype="<f4"), len(run.stderr.splitlines())


def _chapters_off_ms(path: Path, starts: Sequence[int], titles: Sequence[str]) -> float:
    """How far a chapter begins from its part, at most; infinitely where one is missing or named otherwise."""
    command = ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", str(path)]
    found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["chapters"]
    if [one["tags"]["title"] for one in found] != list(titles):
        return 1e6
    wanted_ms = [start * FRAME * 1_000 / RATE_HZ for start in starts]
    return max(abs(float(one["start_time"]) * 1_000 - ms) for one, ms in zip(found, wanted_ms, strict=False))


def _seeking_off_ms(path: Path, samples: Any, starts: Sequence[int]) -> float:
    """How far from where it was sent ffmpeg begins to play, at most, in some parts all over the programme."""
    import numpy as np

    worst = 0.0
    for start in list(starts[1:-1])[:: max(1, len(starts) // _SEEKS)]:
        place = start * FRAME + RATE_HZ  # a second into the part, where somebody speaks
        found, _ = _decoded(path, "-ss", f"{place / RATE_HZ:.6f}", "-t", "1")
        begun = place + 2 * FRAME  # what a frame after a leap leans on was not read
        heard = found[2 * FRAME : 2 * FRAME + _COMPARED]
        near = samples[begun - _REACH : begun + _COMPARED + _REACH]
        energies = np.concatenate(([0.0], np.cumsum(np.square(near, dtype=np.float64))))
        likeness = np.correlate(near, heard, "valid") / np.sqrt(energies[len(heard) :] - energies[: -len(heard)] + 1e-9)
        worst = max(worst, abs(int(likeness.argmax()) - _REACH) * 1_000 / RATE_HZ)
    return worst
