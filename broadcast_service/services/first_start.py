"""From an empty folder to a planned week; on every later start it finds nothing to do."""

import csv
import io
from collections.abc import Callable
from datetime import time
from importlib import resources

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..storage.migrating import migrate
from ..storage.tables import Preference, Programme, Slot, Station
from ..studio import Studio
from . import due, renditions, scripts, slots, sounds, taking_in, units

Tell = Callable[[str], object]


def prepare(studio: Studio, *, tell: Tell = lambda step: None) -> list[str]:
    """Bring the installation to where it can serve; `tell` is given each step as it begins.

    Returns the mistakes found in the script library, a sentence each. Raises NoSpace, NewerDatabase.
    """
    tell("Cơ sở dữ liệu")
    migrate(studio.database)
    studio.blobs.sweep()
    taking_in.sweep(studio)
    seed_places(studio, tell=tell)
    renditions.restore_lost(studio)
    tell("Nhạc hiệu, nhạc cắt")
    sounds.ensure_sounds(studio)
    tell("Kho kịch bản")
    report = scripts.import_library(studio, studio.settings.scripts_dir)
    tell("Khung giờ và lịch phát")
    add_first_slots(studio)
    due.materialise(studio)
    due.fill(studio)
    return report.mistakes


def seed_places(studio: Studio, *, tell: Tell = lambda step: None) -> None:
    """Add units, stations and programmes to an installation that has none; looks without writing first."""
    with studio.database.reading() as session:
        seeded = session.scalar(select(func.count(Station.id)))
    if not seeded:
        tell("Đơn vị, đài, chuyên mục")
        with studio.database.transaction() as session:
            units.seed(session, region=studio.settings.region)


def add_first_slots(studio: Studio) -> None:
    """The week a new installation starts with. Done once: what people remove does not come back."""
    with studio.database.reading() as session:
        if session.get(Preference, "first_slots"):
            return
    with studio.database.transaction() as session:
        if session.scalar(select(func.count(Slot.id))) == 0:
            _add_slots(session, studio)
        session.add(Preference(name="first_slots", value="added"))


def _add_slots(session: Session, studio: Studio) -> None:
    text = resources.files("broadcast_service.storage.seeds").joinpath("slots.tsv").read_text("utf-8")
    programmes = dict(session.execute(select(Programme.code, Programme.id)).all())
    stations = list(session.scalars(select(Station.id).where(Station.active).order_by(Station.position)))
    for row in csv.DictReader(io.StringIO(text), delimiter="\t"):
        slots.save_slot(
            session,
            slot_id=None,
            programme_id=programmes[row["programme"]],
            weekdays=sum(1 << (int(day) - 2) for day in row["weekdays"].split()),
            starts_at=time.fromisoformat(row["starts_at"]),
            length_s=int(row["length_min"]) * 60,
            station_ids=stations,
            valid_from=due.local_today(studio),
            valid_until=None,
            now=studio.now(),
        )
