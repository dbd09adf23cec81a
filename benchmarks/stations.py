"""What more stations cost: a week of one shared programme, rendered and packed for 1, 10, 100 and 300 of them.

    python benchmarks/stations.py [--quick] [--json]

A real installation in a temporary folder for each number of stations, with the shipped scripts and the voice that hums;
its packages are jobs, done by its workers. “beside” is the fewest stations of the run; for packing, some packages
made one at a time. A package is one station's day; what one costs is held against its limit where the stations are
most, since what is shared has to be read once however few share it. Exit code 1 when a limit is missed.
"""

import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

from ways.report import asked, tell

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import func, select  # noqa: E402 (the package is beside this folder)
from sqlalchemy.orm import Session  # noqa: E402

from broadcast_service.domain.units import Frames, frames_to_ms  # noqa: E402
from broadcast_service.pool import run_one  # noqa: E402
from broadcast_service.reading import read_aloud  # noqa: E402
from broadcast_service.services import due, jobs, packages, renditions, scripts, slots, sounds  # noqa: E402
from broadcast_service.settings import Settings  # noqa: E402
from broadcast_service.speech.tone import ToneVoice  # noqa: E402
from broadcast_service.storage.migrating import migrate  # noqa: E402
from broadcast_service.storage.tables import Package, Piece, Rendition, Station  # noqa: E402
from broadcast_service.studio import Studio, open_studio  # noqa: E402
from tests.factories import make_programme, make_station  # noqa: E402

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
PACKING_LIMIT_MS = 5.0
ALONE = 10
"""How many packages are also made one at a time."""


def plan(studio: Studio, stations: int, minutes: int) -> list[str]:
    """Plan the week for so many stations; return their codes."""
    migrate(studio.database)
    sounds.ensure_sounds(studio)
    scripts.import_library(studio, studio.settings.scripts_dir)
    with studio.database.transaction() as session:
        places = [make_station(session, name=f"Đài truyền thanh xã số {101 + n}") for n in range(stations)]
        codes = [place.code for place in places]
        slots.save_slot(
            session, slot_id=None, programme_id=make_programme(session, name="Người tốt, việc tốt").id, weekdays=127,
            starts_at=clock_time(5, 30), length_s=minutes * 60, station_ids=[place.id for place in places],
            valid_from=due.local_today(studio), valid_until=None, now=NOW,
        )  # fmt: skip
    due.materialise(studio)
    due.fill(studio)
    return codes


def run(stations: int, minutes: int) -> dict[str, float]:
    """Plan, render and pack the week of so many stations."""
    with tempfile.TemporaryDirectory(prefix="stations-") as name:
        voice = ToneVoice()
        settings = Settings(data_dir=Path(name) / "data", audio_dir=Path(name) / "audio", voice=voice.name)
        studio = open_studio(settings, voices={voice.name: voice}, now=lambda: NOW)
        try:
            codes = plan(studio, stations, minutes)
            with studio.database.reading() as session:
                before = set(session.scalars(select(Piece.key)))
                wanted = session.scalars(select(Rendition.id).where(Rendition.state == "wanted")).all()
            start = time.perf_counter()
            for number in wanted:
                renditions.render(studio, number)
            rendering_s = time.perf_counter() - start
            with studio.database.reading() as session:
                frames = dict(session.execute(select(Piece.key, Piece.frames).where(Piece.key.not_in(before))).all())
                shared = without_a_name(session)
            today = due.local_today(studio)
            days = [(code, today + timedelta(days=day)) for day in range(7) for code in codes]
            alone = [pack_alone(studio, *day) for day in days[:: max(1, len(days) // ALONE)]]
            packing_ms = pack_together(studio, days)
        finally:
            studio.close()
    return {
        "pieces": len(frames), "shared": shared, "sound": frames_to_ms(Frames(sum(frames.values()))) / 1_000,
        "rendering": rendering_s, "packing": packing_ms, "alone": statistics.median(alone), "memory": peak_mb(),
    }  # fmt: skip


def without_a_name(session: Session) -> int:
    """How many of the paragraphs that are spoken say no station's name: these are the same for all stations."""
    names = [said(name) for name in session.scalars(select(Station.name))]
    texts = {text for paragraphs in session.scalars(select(Rendition.paragraphs)) for text in paragraphs}
    return sum(not any(name in text for name in names) for text in texts)


def said(name: str) -> str:
    """A station's name as it is heard."""
    return read_aloud(name).spoken.strip(" .\n")


def pack_alone(studio: Studio, code: str, day: date) -> float:
    """Milliseconds that the package takes by itself; it is taken away again."""
    start = time.perf_counter()
    made = packages.make_package(studio, code, day)
    spent = time.perf_counter() - start
    assert made is not None, f"nothing to pack for {code} on {day}"
    with studio.database.transaction() as session:
        session.delete(session.get_one(Package, made.id))
    return spent * 1_000


def pack_together(studio: Studio, days: list[tuple[str, date]]) -> float:
    """Milliseconds a package when all are asked for and the installation's workers make them."""
    with studio.database.transaction() as session:
        for code, day in days:
            jobs.enqueue(session, jobs.PACKAGE, f"{code}/{day.isoformat()}", due_at=NOW, now=NOW)

    def work(number: int) -> None:
        while run_one(studio, owner=f"benchmark:{number}", kind=jobs.PACKAGE):
            pass

    start = time.perf_counter()
    with ThreadPoolExecutor(studio.settings.workers) as workers:
        list(workers.map(work, range(studio.settings.workers)))
    spent = time.perf_counter() - start
    with studio.database.reading() as session:
        made = session.scalar(select(func.count()).select_from(Package))
    assert made == len(days), f"{made} of {len(days)} packages were made"
    return spent * 1_000 / len(days)


def peak_mb() -> float:
    """The most memory this process has taken so far, by Linux's account."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1_000


def rows_of(found: dict[int, dict[str, float]]) -> list[dict[str, object]]:
    """Six rows a number of stations."""
    fewest, most = min(found), max(found)
    rows: list[dict[str, object]] = []
    for stations, values in found.items():
        names = found[fewest]["pieces"] - found[fewest]["shared"]
        named = values["pieces"] - values["shared"]
        packing_limit = f"≤ {PACKING_LIMIT_MS:g}" if stations == most else ""
        for key, unit, limit, is_kept in (
            ("pieces", "pieces", f"≤ {found[fewest]['shared'] + names * stations:g}", None),
            ("shared", "pieces", f"≤ {found[fewest]['shared']:g}", values["shared"] <= found[fewest]["shared"]),
            ("sound", "s", "", True),
            ("rendering", "s", "", True),
            ("packing", "ms", packing_limit, not packing_limit or values["packing"] <= PACKING_LIMIT_MS),
            ("memory", "MB", "", True),
        ):
            beside, first = f"{fewest}", found[fewest][key]
            if key == "packing":
                beside, first = "alone", values["alone"]
            rows.append(
                {
                    "what": f"{key}, {stations}", "value": round(values[key], 2), "unit": unit,
                    "beside": f"{beside}: {first:.4g}", "ratio": float(f"{values[key] / first:.3g}"),
                    "limit": limit, "ok": named <= names * stations if is_kept is None else is_kept,
                }
            )  # fmt: skip
    return rows


def main() -> int:
    options = asked(
        "Render and pack a week for more and more stations.", quick="1, 10 and 30 stations, 3 minutes a day"
    )
    counts, minutes = ((1, 10, 30), 3) if options.quick else ((1, 10, 100, 300), 15)
    rows = rows_of({stations: run(stations, minutes) for stations in counts})
    return tell(rows, as_json=options.json)


if __name__ == "__main__":
    raise SystemExit(main())
