"""How fast text becomes stored sound, from the wish to the row: our way beside pydub with ffmpeg's loudnorm.

    python benchmarks/rendering.py [--quick] [--json]

Both ways are fed by the embedded voice and end in MP3 of 64 kbit/s at −16 LUFS, turn by turn, and medians are shown.
“a core” counts the processor seconds of all processes, “wall” the clock. Exit code 1 when a limit is missed or ffmpeg,
which pydub needs, is not here.
"""

import io
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from itertools import count, cycle, islice
from pathlib import Path

from ways.report import asked, tell

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from broadcast_service.audio.loudness import integrated_lufs  # noqa: E402 (the package is beside this folder)
from broadcast_service.audio.mastering import decode  # noqa: E402
from broadcast_service.domain.units import frames_to_ms  # noqa: E402
from broadcast_service.pool import run_one  # noqa: E402
from broadcast_service.reading.reader import read_aloud  # noqa: E402
from broadcast_service.services import jobs, renditions  # noqa: E402
from broadcast_service.settings import Settings  # noqa: E402
from broadcast_service.storage.migrating import migrate  # noqa: E402
from broadcast_service.storage.tables import Piece, Rendition  # noqa: E402
from broadcast_service.studio import Studio, open_studio  # noqa: E402

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
PYDUB_BYTES_S = 8_000
"""64 kbit/s."""
CORES = min(2, os.cpu_count() or 1)
SCRIPT = 8
"""Paragraphs: between two and three minutes."""

_turn = count()


def paragraphs() -> list[str]:
    """What the shipped scripts say, a paragraph each, as it is read aloud."""
    texts = (path.read_text("utf-8") for path in sorted((ROOT / "scripts_library").rglob("*.md")))
    parts = (part.strip() for text in texts for part in re.split(r"\n\s*\n", text.split("---", 2)[-1]))
    return [read_aloud(part).spoken for part in parts if len(part) > 60]


@contextmanager
def installation() -> Iterator[Studio]:
    """An empty one in a folder of its own, with the voices that every installation has."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        studio = open_studio(Settings(data_dir=place / "data", audio_dir=place / "audio", voice="espeak:vi"))
        try:
            migrate(studio.database)
            yield studio
        finally:
            studio.close()


def anew(texts: Sequence[str]) -> list[str]:
    """The same paragraphs with two more syllables each, so that none of them has been said before."""
    return [f"{text}\nLần {read_aloud(str(next(_turn))).spoken}." for text in texts]


def wish(studio: Studio, texts: Sequence[str]) -> int:
    """Ask for a script; the number of its rendition."""
    with studio.database.transaction() as session:
        now = studio.now()
        return renditions.want_rendition(session, studio.default_voice, list(texts), due_at=now, now=now).id


def work(studio: Studio) -> None:
    """Do what was wished for, as an installation with as many workers as cores does."""

    def worker(name: int) -> None:
        while run_one(studio, owner=str(name), kind=jobs.RENDER):
            pass

    with ThreadPoolExecutor(CORES) as pool:
        list(pool.map(worker, range(CORES)))


def seconds_of(studio: Studio, numbers: Sequence[int]) -> float:
    """Seconds of sound; all of it is there."""
    with studio.database.reading() as session:
        made = [session.get_one(Rendition, number) for number in numbers]
        assert all(one.state == "ready" and not one.is_faulty for one in made)
        return sum(frames_to_ms(one.frames or 0) for one in made) / 1_000


def by_pydub(studio: Studio, text: str) -> bytes:
    """The usual way: the same voice, pydub, ffmpeg's loudnorm in one pass."""
    from pydub import AudioSegment

    said = studio.default_voice.speak(text)
    sound = AudioSegment(said.pcm, sample_width=2, frame_rate=said.rate_hz, channels=1)
    out = io.BytesIO()
    loudnorm = ["-af", "loudnorm=I=-16:TP=-1", "-ar", "44100"]
    sound.export(out, format="mp3", bitrate="64k", parameters=loudnorm)
    return out.getvalue()


def pydub_rate(studio: Studio, texts: Sequence[str]) -> float:
    """Seconds of sound for each processor second."""
    made: list[bytes] = []
    spent_s = processor_seconds(lambda: made.extend(by_pydub(studio, text) for text in texts))
    return sum(map(len, made)) / PYDUB_BYTES_S / spent_s


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


def busy_seconds() -> float:
    """Processor seconds of this machine so far, whoever's: a run beside other work is told as such."""
    user, nice, system, _idle, _wait, *rest = map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:8])
    return (user + nice + system + sum(rest)) / os.sysconf("SC_CLK_TCK")


class Run:
    """What was made at once, and what it took."""

    def __init__(self, studio: Studio, scripts: Sequence[Sequence[str]]) -> None:
        numbers = [wish(studio, script) for script in scripts]
        self.wall_s = 0.0
        busy_s = busy_seconds()
        self.processor_s = processor_seconds(lambda: setattr(self, "wall_s", wall_seconds(lambda: work(studio))))
        self.others = max(0.0, busy_seconds() - busy_s - self.processor_s) / self.wall_s
        """Cores that were kept busy by somebody else."""
        self.sound_s = seconds_of(studio, numbers)


def programme(texts: Iterator[str], studio: Studio) -> list[str]:
    """New paragraphs that last fifteen minutes, or a little more."""
    chosen: list[str] = []
    while renditions.estimated_ms(studio.default_voice, chosen or [""]) < PROGRAMME_S * 1_000:
        chosen += anew([next(texts)])
    return chosen


def memory_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def memory_over(studio: Studio, texts: Sequence[str], scripts: int) -> list[float]:
    """Megabytes that this process holds after a tenth, a half and all of so many scripts of two short paragraphs."""
    held = []
    words = cycle(text[:120] for text in texts)
    for number in range(1, scripts + 1):
        wish(studio, anew(list(islice(words, 2))))
        run_one(studio, owner="memory", kind=jobs.RENDER)
        if number in (scripts // 10, scripts // 2, scripts):
            held.append(memory_mb())
    return held


def measure(studio: Studio, *, quick: bool) -> dict[str, float]:
    """Medians by row; with names for pydub's way that begin with it."""
    texts = paragraphs()
    some = texts[: 12 if quick else 40]
    Run(studio, [anew(some[:4])])  # everything is loaded
    runs: dict[str, list[float]] = {}

    def note(what: str, value: float) -> None:
        runs.setdefault(what, []).append(value)

    fresh = cycle(texts)
    for turn in range(1 if quick else 7):
        run = Run(studio, [anew(some)])
        rate = run.sound_s / run.processor_s
        note("core", rate)
        if turn < (1 if quick else 3):
            note("pydub core", pydub_rate(studio, some[:4] if quick else some))
        parts = programme(fresh, studio)
        run = Run(studio, [parts[at : at + SCRIPT] for at in range(0, len(parts), SCRIPT)])
        note("programme", run.wall_s * PROGRAMME_S / run.sound_s)
        note("processor", run.processor_s * PROGRAMME_S / run.sound_s)
        note("scaling", run.sound_s / run.wall_s / rate / CORES)
        note("others", run.others)
        parts = programme(fresh, studio)
        run = Run(studio, [parts])
        note("script", run.wall_s * PROGRAMME_S / run.sound_s)
        parts[3:4] = anew(parts[3:4])
        note("sentence", Run(studio, [parts]).wall_s * 1_000)
        note("pydub sentence", wall_seconds(partial(by_pydub, studio, parts[3])) * 1_000)
    with studio.database.reading() as session:
        blobs = [piece.blob for piece in session.query(Piece).order_by(Piece.created_at.desc()).limit(8)]
    for blob in blobs:
        note("miss", abs(integrated_lufs(decode(b"".join(studio.blobs.read(blob)))) - TARGET_LUFS))
    for text in some[: 3 if quick else 8]:
        note("pydub miss", abs(decoded_lufs(by_pydub(studio, text)) - TARGET_LUFS))
    held = memory_over(studio, texts, 100 if quick else 1_000)
    note("growth", held[-1] - held[0])
    note("held", max(held))
    medians = {what: statistics.median(values) for what, values in runs.items()}
    return {**medians, "miss": max(runs["miss"]), "pydub miss": max(runs["pydub miss"])}


def rows_of(found: dict[str, float]) -> list[dict[str, object]]:
    """One row a promise; ratio is ours to pydub's where there is one."""
    rows: list[dict[str, object]] = []

    def row(what: str, key: str, unit: str, limit: str, is_kept: bool) -> None:
        beside = found.get(f"pydub {key}")
        others = f"others keep {found['others']:.1f} cores busy" if key in ("programme", "scaling", "script") else ""
        rows.append(
            {
                "what": what, "value": round(found[key], 2), "unit": unit,
                "beside": f"pydub, loudnorm: {beside:.4g}" if beside is not None else others,
                "ratio": float(f"{found[key] / beside:.3g}") if beside else 1.0, "limit": limit, "ok": is_kept,
            }
        )  # fmt: skip

    row("rendering on a core", "core", "× real time", f"≥ {CORE_LIMIT}", found["core"] >= CORE_LIMIT)
    row(f"{CORES} cores, of ideal", "scaling", "share", f"≥ {SCALING_LIMIT}", found["scaling"] >= SCALING_LIMIT)
    kept = found["programme"] <= PROGRAMME_LIMIT_S
    row("15 minutes of new text", "programme", "s wall", f"≤ {PROGRAMME_LIMIT_S:g}", kept)
    kept = found["processor"] <= PROGRAMME_S / CORE_LIMIT
    row("its processor time", "processor", "s", f"≤ {PROGRAMME_S / CORE_LIMIT:g}", kept)
    row("the same in one script", "script", "s wall", f"≤ {PROGRAMME_LIMIT_S:g}", found["script"] <= PROGRAMME_LIMIT_S)
    kept = found["sentence"] <= SENTENCE_LIMIT_MS
    row("one changed sentence of it", "sentence", "ms wall", f"≤ {SENTENCE_LIMIT_MS}", kept)
    row("loudness, worst of 8", "miss", "LU off", "≤ 0.5", found["miss"] <= 0.5)
    kept = found["growth"] <= GROWTH_LIMIT_MB
    row("memory over the scripts", "growth", "MB more", f"≤ {GROWTH_LIMIT_MB}", kept)
    row("memory held at most", "held", "MB", "≤ 400", found["held"] <= 400)
    return rows


def main() -> int:
    options = asked("Render text by our way and by pydub's.", quick="one run, about 40 s")
    if shutil.which("ffmpeg") is None:
        print("pydub needs ffmpeg, which is not here: no comparison.", file=sys.stderr)
        return 1
    with installation() as studio:
        rows = rows_of(measure(studio, quick=options.quick))
    return tell(rows, as_json=options.json)


if __name__ == "__main__":
    raise SystemExit(main())
