"""A town of the central region with one southern station: *Lan* writes, *Hoa* and *Sơn* approve."""

import json
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broadcast_service.pool import run_one
from broadcast_service.services import (
    broadcasts,
    due,
    jobs,
    lexicon,
    local_readings,
    packages,
    rereading,
    rundowns,
    scripts,
)
from broadcast_service.services.lexicon import Scope
from broadcast_service.storage.tables import (
    Broadcast,
    Package,
    Revision,
    Script,
    Station,
)
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY, speak_all
from tests.factories import make_account, make_broadcast, make_slot, make_station

WRITTEN = "Bà con trồng 24.000 gốc bưởi.\n\nAi cũng vui mừng.\n\nNNTH giúp 15 hộ."
CENTRAL = "Bà con trồng hai mươi tư nghìn gốc bưởi."
SOUTHERN = "Bà con trồng hai mươi bốn ngàn gốc bưởi."


@dataclass
class Town:
    """Ids of a town with two stations, and a story that both are to play."""

    lan: int
    hoa: int
    son: int
    script: int
    north: int
    """Broadcasts, …"""
    south: int
    stations: dict[str, int]
    """… and stations by their codes: “giua” speaks as the town does, “nam” does not."""


def make_town(studio: Studio, clock: StoppedClock) -> Town:
    """The town, its story written and read for both regions, but not approved."""
    with studio.database.transaction() as session:
        lan, hoa, son = (make_account(session, role).id for role in ("editor", "approver", "approver"))
        places = [
            make_station(session, code=code, region=region) for code, region in (("giua", "trung"), ("nam", "nam"))
        ]
        script = scripts.create_script(
            session, studio, title="Vườn bưởi", written=WRITTEN, author_id=lan, field="nguoi-tot-viec-tot"
        )
        slots = [make_slot(session, place, length_s=60) for place in places]
        north, south = (make_broadcast(session, slot=slot).id for slot in slots)
        ids = {place.code: place.id for place in places}
        made = Town(lan, hoa, son, script.id, north, south, ids)
    work(studio)
    clock.forward(minutes=1)
    return made


def work(studio: Studio) -> None:
    """Look, then do what is asked for."""
    due.want_readings(studio)
    while run_one(studio, owner="test", kind=jobs.REREAD):
        pass


def newest(session: Session, town: Town) -> Revision:
    return session.get_one(Script, town.script).latest


def put_forward(session: Session, studio: Studio, town: Town) -> Revision:
    """As the editor's button does, with the questions left open."""
    script = session.get_one(Script, town.script)
    script.status = "submitted"
    return script.latest


def approve(studio: Studio, town: Town) -> None:
    """Hoa approves the newest revision with what is on her screen."""
    with studio.database.transaction() as session:
        revision = put_forward(session, studio, town)
        shown = [reading.id for reading in local_readings.waiting_of(session, revision)]
        scripts.approve(session, studio, revision.id, account_id=town.hoa, now=studio.now(), readings=shown)


def approve_waiting(studio: Studio, account_id: int) -> int:
    with studio.database.transaction() as session:
        ids = [reading.id for reading in local_readings.waiting(session)]
        return len(scripts.approve_readings(session, studio, ids, account_id=account_id, now=studio.now()))


def plan(studio: Studio, town: Town) -> None:
    """Both stations get the story into this morning's broadcast."""
    with studio.database.transaction() as session:
        for number in (town.north, town.south):
            version = session.get_one(Broadcast, number).version
            rundowns.add_cue(session, studio, number, script_id=town.script, version=version)


def decide(studio: Studio, scope: Scope, spoken: str, author_id: int | None = None) -> None:
    with studio.database.transaction() as session:
        lexicon.save_entry(session, scope, written="NNTH", spoken=spoken, author_id=author_id, now=studio.now())


def planned(studio: Studio, broadcast_id: int) -> str:
    """What the story's cue in a broadcast says."""
    with studio.database.reading() as session:
        cue = next(c for c in broadcasts.get_broadcast(session, broadcast_id).cues if c.kind == "script")
        assert cue.rendition is not None
        return "\n\n".join(cue.rendition.paragraphs)


def pack(studio: Studio, code: str) -> Package | None:
    speak_all(studio)
    return packages.make_package(studio, code, DAY)


def item_of(studio: Studio, package: Package | None) -> dict[str, object]:
    """The story in the manifest of a package."""
    assert package is not None
    told = json.loads(b"".join(packages.file_splice(package, "manifest.json", studio).read(studio.blobs.read_checked)))
    found: dict[str, object] = next(i for b in told["broadcasts"] for i in b["items"] if i["kind"] == "script")
    return found


def move(studio: Studio, town: Town, code: str, region: str) -> rereading.Noticed:
    with studio.database.transaction() as session:
        session.get_one(Station, town.stations[code]).region = region
        session.flush()
        return rereading.notice(session, studio)
