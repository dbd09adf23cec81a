"""How long it takes to assemble a programme of 31 minutes from 46 parts: our splice, a byte copy, pydub.

    python benchmarks/assembly.py [--quick] [--json]

Every way runs in fresh processes and in a warm one, turn by turn, and medians are shown. Exit code 1 when a limit is
missed or ffmpeg, which pydub needs, is not here.
"""

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from ways.judging import judged, row
from ways.report import asked, tell

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
WAYS = Path(__file__).parent / "ways"
sys.path.insert(0, str(WAYS))

PARTS = 46
MINUTES = 31
COPY_LIMIT = 2.0
"""Our splice in a process takes at most so many times a byte copy, …"""
PYDUB_LIMIT = 300
"""… and is at least so many times faster than pydub's append and export."""
PLAN_LIMIT_MS = 2.0
"""Laying it out in a warm process, nothing written: what a request costs."""
MEMORY_LIMIT_MB = 40
"""Of a process that joins, at its peak, however long the programme, …"""
GROWTH_LIMIT_MB = 2
"""… and so much more for four times the length."""
JOINT_LIMIT_MS = 26.0
"""What a joint adds to the length of the sound."""

_AND_TELL = """import runpy, sys
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")
print(open("/proc/self/status").read())"""

TEXT = """Kính thưa bà con, phong trào thi đua yêu nước được các tầng lớp nhân dân hưởng ứng sôi nổi.
Gia đình ông Minh, ở tổ dân phố số ba, đã hiến hơn hai trăm mét vuông đất để mở rộng con đường liên thôn.
Nhờ vậy, xe cứu thương và xe chở nông sản có thể vào tận nhà, bà con không còn phải gánh lúa qua bờ ruộng.
Ông Minh nói rằng, đất thì quý, nhưng tình làng nghĩa xóm còn quý hơn."""


def make_parts(folder: Path) -> tuple[int, float]:
    """Speak one stretch, turn it a little further for each part, encode it with the pause of a paragraph behind it.

    Returns the frames of all, and by how many milliseconds the longest part is longer than its sound.
    """
    import numpy as np
    import soxr

    from broadcast_service.audio.frames import count
    from broadcast_service.audio.mastering import encode
    from broadcast_service.speech.espeak import EspeakVoice

    voice = EspeakVoice()
    said = voice.speak(TEXT)
    voice.close()
    speech = np.frombuffer(said.pcm, dtype="<i2").astype(np.float32) / np.float32(65_536)
    speech = np.resize(soxr.resample(speech, said.rate_hz, 44_100), 44_100 * MINUTES * 60 // PARTS)
    fade = np.linspace(0, 1, 2_205, dtype=np.float32)  # where the turned speech is cut within a word
    rows, added_ms = [], 0.0
    for number in range(PARTS):
        sound = np.roll(speech, number * 30_011)
        sound[-30_870:] = 0
        sound[: len(fade)] *= fade
        sound[-30_870 - len(fade) : -30_870] *= fade[::-1]
        frames = encode(sound)
        added_ms = max(added_ms, (count(frames) * 1_152 - len(sound)) / 44.1)
        name = f"{number:02}.mp3"
        (folder / name).write_bytes(frames)
        rows.append((name, len(frames), count(frames), f"Mục {number + 1}"))
    (folder / "index.json").write_text(json.dumps(rows), "utf-8")
    return sum(row[2] for row in rows), added_ms


def in_a_process(way: str, folder: Path, out: str) -> float:
    """Wall seconds of a fresh Python that does it."""
    start = time.perf_counter()
    subprocess.run([sys.executable, WAYS / f"{way}.py", folder, out], check=True, capture_output=True)
    return time.perf_counter() - start


def peak_mb(way: str, folder: Path, out: str) -> float:
    """The most memory a fresh Python takes that does it, by Linux's account of the process since it began."""
    command = [sys.executable, "-c", _AND_TELL, str(WAYS / f"{way}.py"), str(folder), out]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    (line,) = (line for line in told.splitlines() if line.startswith("VmHWM:"))
    return int(line.split()[1]) / 1_000


def four_times(folder: Path) -> tuple[Path, float]:
    """A folder with the index of a programme four times as long, of the same parts, and its length in hours."""
    rows = json.loads((folder / "index.json").read_text("utf-8"))
    longer = folder / "longer"
    longer.mkdir()
    parts = [(f"../{name}", size, frames, f"{title}, lượt {n}") for n in range(4) for name, size, frames, title in rows]
    (longer / "index.json").write_text(json.dumps(parts), "utf-8")
    return longer, sum(part[2] for part in parts) * 1_152 / 44_100 / 3_600


def whole_rows(folder: Path) -> list[dict[str, object]]:
    """What is promised of the programme itself, and of memory for a longer one."""
    out = folder / "whole.mp3"
    usual_mb = peak_mb("by_splice", folder, str(out))
    rows = judged(out, json.loads((folder / "index.json").read_text("utf-8")))
    longer, hours = four_times(folder)
    longer_mb = peak_mb("by_splice", longer, str(folder / "longer.mp3"))
    rows.append(row(f"splice, memory, {hours:.1f} h", longer_mb, "MB", MEMORY_LIMIT_MB))
    rows.append(row("more than for a quarter of it", max(0.0, longer_mb - usual_mb), "MB", GROWTH_LIMIT_MB))
    return rows


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def check_whole(path: Path, frame_count: int) -> None:
    """The splice must be a file that is worth the comparison: head, then every frame."""
    from broadcast_service.audio.frames import count

    data = path.read_bytes()
    sound = data.index(b"Info") - 21 + 208 + 208
    assert count(data[sound:]) == frame_count


def measure(folder: Path, frame_count: int, *, quick: bool) -> dict[str, float]:
    """Medians by way, in seconds; of memory in thousands of megabytes."""
    import by_copy
    import by_splice

    turns, pydub_turns = (5, 1) if quick else (11, 3)
    out = folder / "out.mp3"
    runs: dict[str, list[float]] = {}

    def note(way: str, seconds: float) -> None:
        runs.setdefault(way, []).append(seconds)

    in_a_process("by_splice", folder, str(out))  # compiles, and fills the page cache
    check_whole(out, frame_count)
    for turn in range(turns):
        note("copy, process", in_a_process("by_copy", folder, str(out)))
        note("splice, process", in_a_process("by_splice", folder, str(out)))
        note("plan, process", in_a_process("by_splice", folder, "-"))
        note("copy, warm", timed(lambda: by_copy.assemble(str(folder), str(out))))
        note("splice, warm", timed(lambda: by_splice.assemble(str(folder), str(out))))
        note("plan, warm", timed(lambda: by_splice.assemble(str(folder), "-")))
        if turn < pydub_turns:
            note("pydub, process", in_a_process("by_pydub", folder, str(out)))
    for way in ("copy", "splice", *(() if quick else ("pydub",))):
        note(f"{way}, memory", peak_mb(f"by_{way}", folder, str(out)) / 1_000)
    if not quick:
        import by_pydub

        note("pydub, warm", timed(lambda: by_pydub.assemble(str(folder), str(out))))
    return {way: statistics.median(seconds) for way, seconds in runs.items()}


def rows_of(medians: dict[str, float], joint_ms: float) -> list[dict[str, object]]:
    """One row a comparison."""
    rows: list[dict[str, object]] = []

    def row(way: str, beside: str, limit: str = "", is_kept: Callable[[float], bool] = lambda _: True) -> None:
        if beside and beside not in medians:
            return
        ratio = medians[way] / medians[beside] if beside else 1.0
        unit = "MB" if way.endswith("memory") else "ms"
        rows.append(
            {
                "what": way, "value": round(medians[way] * 1_000, 2), "unit": unit, "beside": beside,
                "ratio": float(f"{ratio:.3g}"), "limit": limit, "ok": is_kept(ratio),
            }
        )  # fmt: skip

    row("copy, process", "")
    row("splice, process", "copy, process", f"≤ {COPY_LIMIT:g}", lambda ratio: ratio <= COPY_LIMIT)
    row("splice, process", "pydub, process", f"≤ 1/{PYDUB_LIMIT}", lambda ratio: ratio <= 1 / PYDUB_LIMIT)
    row("plan, process", "copy, process")
    row("pydub, process", "copy, process")
    row("copy, warm", "")
    row("splice, warm", "copy, warm")
    plan_ms, memory_mb = medians["plan, warm"] * 1_000, medians["splice, memory"] * 1_000
    row("plan, warm", "copy, warm", f"≤ {PLAN_LIMIT_MS:g} ms", lambda _: plan_ms <= PLAN_LIMIT_MS)
    row("splice, warm", "pydub, warm")
    row("splice, memory", "copy, memory", f"≤ {MEMORY_LIMIT_MB} MB", lambda _: memory_mb <= MEMORY_LIMIT_MB)
    row("splice, memory", "pydub, memory")
    rows.append(
        {
            "what": "added at a joint", "value": round(joint_ms, 2), "unit": "ms", "beside": "", "ratio": 1.0,
            "limit": f"≤ {JOINT_LIMIT_MS:g} ms", "ok": joint_ms <= JOINT_LIMIT_MS,
        }
    )  # fmt: skip
    return rows


def main() -> int:
    options = asked("Assemble 31 minutes from 46 parts in three ways.", quick="fewer runs, below 50 s")
    if shutil.which("ffmpeg") is None:
        print("pydub needs ffmpeg, which is not here: no comparison.", file=sys.stderr)
        return 1
    with tempfile.TemporaryDirectory(prefix="assembly-") as name:
        folder = Path(name)
        frame_count, joint_ms = make_parts(folder)
        rows = rows_of(measure(folder, frame_count, quick=options.quick), joint_ms) + whole_rows(folder)
    length = f"{PARTS} parts, {frame_count * 1_152 / 44_100 / 60:.1f} min, {frame_count} frames"
    return tell(rows, as_json=options.json, heading=length)


if __name__ == "__main__":
    raise SystemExit(main())
