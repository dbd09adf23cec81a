"""What more stations cost: a week of one shared programme, rendered and packed for 1, 10, 100 and 300 of them.

    python benchmarks/stations.py [--quick] [--json]

A real installation in a temporary folder for each number of stations, with the shipped scripts and the voice that hums.
“beside” is the fewest stations of the run. A package is one station's day. Exit code 1 when a limit is missed.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from sqlalchemy import func, select  # noqa: E402 (the package is beside this folder)

from broadcast_service.services import due, packages, renditions, scripts, slots, sounds  # noqa: E402
from broadcast_service.settings import Settings  # noqa: E402
from broadcast_service.speech.tone import ToneVoice  # noqa: E402
from broadcast_service.storage.migrating import migrate  # noqa: E402
from broadcast_service.storage.tables import Piece, Rendition  # noqa: E402
from broadcast_service.studio import Studio, open_studio  # noqa: E402
from tests.factories import make_programme, make_station  # noqa: E402

NOW = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
PACKING_LIMIT_MS = 5.0
PIECES_LIMIT = 2
"""Pieces that a station may add to the week: what is said with its name."""


def plan(studio: Studio, stations: int, minutes: int) -> list[str]:
    """Plan the week for so many stations; return their codes."""
    migrate(studio.database)
    sounds.ensure_sounds(studio)
    scripts.import_library(studio, studio.settings.scripts_dir)
    with studio.database.transaction() as session:
        places = [make_station(session) for _ in range(stations)]
        codes = [place.code for place in places]
        slots.save_slot(
            session, slot_id=None, programme_id=make_programme(session).id, weekdays=127,
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
                before = session.scalar(select(func.count()).select_from(Piece)) or 0
                wanted = session.scalars(select(Rendition.id).where(Rendition.state == "wanted")).all()
            start = time.perf_counter()
            for number in wanted:
                renditions.render(studio, number)
            rendering_s = time.perf_counter() - start
            with studio.database.reading() as session:
                pieces = (session.scalar(select(func.count()).select_from(Piece)) or 0) - before
            today, spent = due.local_today(studio), []
            for day in range(7):
                for code in codes:
                    start = time.perf_counter()
                    made = packages.make_package(studio, code, today + timedelta(days=day))
                    spent.append((time.perf_counter() - start) * 1_000)
                    assert made is not None, f"nothing to pack for {code} on day {day}"
        finally:
            studio.close()
    return {
        "pieces": pieces, "rendering": rendering_s, "packing": statistics.median(spent), "memory": peak_mb(),
    }  # fmt: skip


def peak_mb() -> float:
    """The most memory this process has taken so far, by Linux's account."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM:")).split()[1]) / 1_000


def rows_of(found: dict[int, dict[str, float]]) -> list[dict[str, object]]:
    """Four rows a number of stations."""
    fewest = min(found)
    rows: list[dict[str, object]] = []
    for stations, values in found.items():
        allowed = found[fewest]["pieces"] + PIECES_LIMIT * (stations - fewest)
        for key, unit, limit, is_kept in (
            ("pieces", "pieces", f"≤ {allowed:g}", values["pieces"] <= allowed),
            ("rendering", "s", "", True),
            ("packing", "ms", f"≤ {PACKING_LIMIT_MS:g}", values["packing"] <= PACKING_LIMIT_MS),
            ("memory", "MB", "", True),
        ):
            first = found[fewest][key]
            rows.append(
                {
                    "what": f"{key}, {stations}", "value": round(values[key], 2), "unit": unit,
                    "beside": f"{fewest}: {first:.4g}", "ratio": float(f"{values[key] / first:.3g}"),
                    "limit": limit, "ok": is_kept,
                }
            )  # fmt: skip
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description="Render and pack a week for more and more stations.")
    parser.add_argument("--quick", action="store_true", help="1, 10 and 30 stations, 3 minutes a day")
    parser.add_argument("--json", action="store_true", help="print the rows as JSON")
    options = parser.parse_args()
    counts, minutes = ((1, 10, 30), 3) if options.quick else ((1, 10, 100, 300), 15)
    rows = rows_of({stations: run(stations, minutes) for stations in counts})
    if options.json:
        print(json.dumps(rows, ensure_ascii=False, indent=1))
    else:
        print(f"{'what':<17}{'value':>10} {'unit':<7}{'beside':<12}{'ratio':>8}  {'limit':<8}ok")
        for row in rows:
            mark = ("yes" if row["ok"] else "NO") if row["limit"] else ""
            print(
                f"{row['what']:<17}{row['value']:>10} {row['unit']:<7}{row['beside']:<12}{row['ratio']:>8}  "
                f"{row['limit']:<8}{mark}"
            )
    return 0 if all(row["ok"] for row in rows) else 1


if __name__ == "__main__":
    raise SystemExit(main())
