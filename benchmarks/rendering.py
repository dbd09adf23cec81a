"""How fast text becomes stored sound: our voice, mastering and encoder beside pydub with ffmpeg's loudnorm.

    python benchmarks/rendering.py [--quick] [--json]

Both ways are fed by the embedded voice and end in MP3 of 64 kbit/s at −16 LUFS, turn by turn, and medians are shown.
“a core” counts the processor seconds of all processes, “wall” the clock. Exit code 1 when a limit is missed or ffmpeg,
which pydub needs, is not here.
"""

import argparse
import io
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from broadcast_service.audio.loudness import integrated_lufs  # noqa: E402 (the package is beside this folder)
from broadcast_service.audio.mastering import decode, master  # noqa: E402
from broadcast_service.domain.units import SAMPLES_PER_FRAME  # noqa: E402
from broadcast_service.speech.espeak import EspeakVoice  # noqa: E402

CORE_LIMIT = 120
"""Seconds of sound for each processor second."""
PROGRAMME_S = 15 * 60
PROGRAMME_LIMIT_S = 5.0
"""A programme of new text on two cores."""
SENTENCE_LIMIT_MS = 500
SCALING_LIMIT = 0.7
"""Of what as many cores would do that do not share their memory and their clock."""
GROWTH_LIMIT_MB = 20
TARGET_LUFS = -16.0
CORES = min(2, os.cpu_count() or 1)

voice = EspeakVoice()


def paragraphs() -> list[str]:
    """What the shipped scripts say, a paragraph each."""
    texts = (path.read_text("utf-8") for path in sorted((ROOT / "scripts_library").rglob("*.md")))
    parts = (part.strip() for text in texts for part in re.split(r"\n\s*\n", text.split("---", 2)[-1]))
    return [part for part in parts if len(part) > 60 and not part.startswith("#")]


def ours(text: str) -> float:
    """Render and return seconds of sound."""
    return master(voice.speak(text)).frame_count * SAMPLES_PER_FRAME / 44_100


def by_pydub(text: str) -> bytes:
    """The usual way: the same voice, pydub, ffmpeg's loudnorm in one pass."""
    from pydub import AudioSegment

    said = voice.speak(text)
    sound = AudioSegment(said.pcm, sample_width=2, frame_rate=said.rate_hz, channels=1)
    out = io.BytesIO()
    loudnorm = ["-af", "loudnorm=I=-16:TP=-1", "-ar", "44100"]
    sound.export(out, format="mp3", bitrate="64k", parameters=loudnorm)
    return out.getvalue()


def decoded_lufs(data: bytes) -> float:
    """What anybody's ears get, by our meter: ffmpeg decodes it."""
    import numpy as np

    command = ["ffmpeg", "-v", "error", "-i", "-", "-f", "f32le", "-ac", "1", "-ar", "44100", "-"]
    raw = subprocess.run(command, input=data, capture_output=True, check=True).stdout
    return integrated_lufs(np.frombuffer(raw, dtype="<f4"))


def worker_seconds() -> float:
    """Processor seconds of the voice's processes so far; they count as ours only when they have ended."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == os.getpid():
            total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def processor_seconds(work: Callable[[], object]) -> float:
    def spent() -> float:
        times = os.times()
        return times.user + times.system + times.children_user + times.children_system + worker_seconds()

    start = spent()
    work()
    return spent() - start


def wall_seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def programme(texts: Iterator[str], threads: int) -> float:
    """Seconds of sound of at least 15 minutes of text, rendered by so many threads."""
    made, lock = [0.0], threading.Lock()

    def run() -> None:
        while True:
            with lock:
                if made[0] >= PROGRAMME_S:
                    return
                text = next(texts)
            length = ours(text)
            with lock:
                made[0] += length

    with ThreadPoolExecutor(threads) as pool:
        for done in [pool.submit(run) for _ in range(threads)]:
            done.result()
    return made[0]


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def growth_mb(texts: list[str], scripts: int) -> float:
    """Megabytes this process grows by, from a tenth of so many scripts to all of them."""
    before = 0.0
    for number, text in enumerate(islice(cycle(texts), scripts)):
        if number == scripts // 10:
            before = memory_mb()
        ours(text)
    return memory_mb() - before


def measure(*, quick: bool) -> dict[str, float]:
    """Medians by row; with names for pydub's way that begin with it."""
    texts = paragraphs()
    some = texts[: 12 if quick else 40]
    length = sum(ours(text) for text in some)  # and everything is loaded
    runs: dict[str, list[float]] = {}

    def note(what: str, value: float) -> None:
        runs.setdefault(what, []).append(value)

    fresh = cycle(texts)
    for turn in range(2 if quick else 7):
        note("core", length / processor_seconds(lambda: [ours(text) for text in some]))
        if turn < (1 if quick else 3):
            note("pydub core", length / processor_seconds(lambda: [by_pydub(text) for text in some]))
        alone = PROGRAMME_S / wall_seconds(lambda: programme(fresh, 1)) if turn < (1 if quick else 5) else 0.0
        together_s = wall_seconds(lambda: programme(fresh, CORES))
        note("programme", together_s)
        if alone:
            note("scaling", PROGRAMME_S / together_s / alone / CORES)
        sentence = texts[turn].split(". ")[0] + "."
        note("sentence", wall_seconds(partial(ours, sentence)) * 1_000)
        note("pydub sentence", wall_seconds(partial(by_pydub, sentence)) * 1_000)
    for text in some[:8]:
        note("miss", abs(integrated_lufs(decode(master(voice.speak(text)).frames)) - TARGET_LUFS))
        note("pydub miss", abs(decoded_lufs(by_pydub(text)) - TARGET_LUFS))
    note("growth", growth_mb([text[:120] for text in texts], 200 if quick else 1_000))
    medians = {what: statistics.median(values) for what, values in runs.items()}
    return {**medians, "miss": max(runs["miss"]), "pydub miss": max(runs["pydub miss"])}


def rows_of(found: dict[str, float]) -> list[dict[str, object]]:
    """One row a promise; ratio is ours to pydub's where there is one."""
    rows: list[dict[str, object]] = []

    def row(what: str, key: str, unit: str, limit: str, is_kept: bool) -> None:
        beside = found.get(f"pydub {key}")
        rows.append(
            {
                "what": what, "value": round(found[key], 2), "unit": unit,
                "beside": f"pydub, loudnorm: {beside:.4g}" if beside is not None else "",
                "ratio": float(f"{found[key] / beside:.3g}") if beside else 1.0, "limit": limit, "ok": is_kept,
            }
        )  # fmt: skip

    row("rendering on a core", "core", "× real time", f"≥ {CORE_LIMIT}", found["core"] >= CORE_LIMIT)
    row(f"{CORES} cores, of ideal", "scaling", "share", f"≥ {SCALING_LIMIT}", found["scaling"] >= SCALING_LIMIT)
    kept = found["programme"] <= PROGRAMME_LIMIT_S
    row("15 minutes of new text", "programme", "s wall", f"≤ {PROGRAMME_LIMIT_S:g}", kept)
    kept = found["sentence"] <= SENTENCE_LIMIT_MS
    row("one changed sentence", "sentence", "ms wall", f"≤ {SENTENCE_LIMIT_MS}", kept)
    row("loudness, worst of 8", "miss", "LU off", "≤ 0.5", found["miss"] <= 0.5)
    kept = found["growth"] <= GROWTH_LIMIT_MB
    row("memory over the scripts", "growth", "MB more", f"≤ {GROWTH_LIMIT_MB}", kept)
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description="Render text by our way and by pydub's.")
    parser.add_argument("--quick", action="store_true", help="fewer runs, below 50 s")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    if shutil.which("ffmpeg") is None:
        print("pydub needs ffmpeg, which is not here: no comparison.", file=sys.stderr)
        return 1
    try:
        rows = rows_of(measure(quick=options.quick))
    finally:
        voice.close()
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        print(f"{'what':<25}{'value':>9} {'unit':<12} {'beside':<28}{'ratio':>7}  {'limit':<8}ok")
        for row in rows:
            print(
                f"{row['what']:<25}{row['value']:>9} {row['unit']:<12} {row['beside']:<28}{row['ratio']:>7}  "
                f"{row['limit']:<8}{'yes' if row['ok'] else 'NO'}"
            )
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
