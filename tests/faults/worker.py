"""What the tests of faults kill: one process that opens an installation and does what is due.

`python -m tests.faults.worker FOLDER` with FAILPOINT in the environment dies at that point.
"""

import sys
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from broadcast_service.pool import run_one
from broadcast_service.services import first_start, jobs, packages
from broadcast_service.settings import Settings
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.migrating import migrate
from broadcast_service.storage.tables import Package, Rendition, Station
from broadcast_service.studio import Studio, open_studio
from tests.factories import make_broadcast, make_script, make_slot, make_station, plan_script

DAY = date(2030, 1, 1)


def open_folder(folder: Path) -> Studio:
    """The installation in a folder, with a voice that hums."""
    voice = ToneVoice()
    settings = Settings(data_dir=folder / "data", audio_dir=folder / "audio", voice="tone", scripts_dir=folder / "none")
    studio = open_studio(settings, voices={voice.name: voice})
    migrate(studio.database)
    studio.blobs.sweep()
    return studio


def plan_once(studio: Studio) -> None:
    """One station, one broadcast, one approved script, wished for but not rendered."""
    with studio.database.transaction() as session:
        if session.scalar(select(func.count(Station.id))):
            return
        station = make_station(session, code="dai-thu")
        broadcast = make_broadcast(session, slot=make_slot(session, station), day=DAY)
        script = make_script(session, status="approved", text="Một câu chuyện nhỏ.\n\nKể lại cho bà con nghe.")
        plan_script(session, studio, broadcast, script)
        jobs.enqueue(session, jobs.PACKAGE, f"{station.code}/{DAY}", due_at=broadcast.starts_at, now=studio.now())


def main(folder: Path) -> None:
    """Do all that is due, then say what is there."""
    studio = open_folder(folder)
    plan_once(studio)
    while run_one(studio, owner="test", kind=jobs.RENDER):
        pass
    while run_one(studio, owner="test"):
        pass
    with studio.database.reading() as session:
        ready = session.scalar(select(func.count(Rendition.id)).where(Rendition.state == "ready"))
        packed = session.scalar(select(func.count(Package.id)))
    print(f"ready={ready} packages={packed}")
    studio.close()


__all__ = ["DAY", "first_start", "main", "open_folder", "packages", "plan_once"]

if __name__ == "__main__":
    main(Path(sys.argv[1]))
