"""Reading anew for the places that say a text in their own way, and noticing when that is due.

What was approved is never changed by it: what is new waits for its approval (see `local_readings`).
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from ..domain.scripts import Status
from ..errors import EngineError
from ..storage.tables import LexiconEntry, LocalReading, Preference, Programme, Revision, Script, Station
from ..studio import Studio
from . import jobs, lexicon, local_readings
from .lexicon import Layers, Scope
from .local_readings import Place, place_of
from .revisions import read_again

_SEEN = "local_readings_seen"
"""Preference: the stations, words and revisions for which readings were asked for last."""


_TRIES = 5
"""How often a text is read again when words or places changed meanwhile."""

Way = tuple[str, dict[str, str]]
"""How a text is read: the region, and what people have decided about words."""

_CENTRE = Place()


@dataclass(frozen=True)
class _Task:
    """One revision, and how each place that says it otherwise reads it; among them the Centre's way."""

    revision: Revision
    ways: dict[Place, Way]


def refresh(studio: Studio, script_id: int) -> int:
    """Read the newest revision of a script for every place that says it otherwise; return how many readings are new.

    Reading happens outside of any transaction. Twice is once. Raises EngineError when words keep changing meanwhile.
    """
    for _ in range(_TRIES):
        with studio.database.reading() as session:
            task = _task(session, studio, script_id)
        if task is None:
            return 0
        wanted = _read(studio, task)
        with studio.database.transaction() as session:
            session.get(Script, script_id, with_for_update=True)
            now = _task(session, studio, script_id)
            if now and (now.revision.id, now.ways) == (task.revision.id, task.ways):
                return _write(session, studio, now.revision, wanted)
    raise EngineError(f"script {script_id} keeps changing while it is read", retryable=True)


def other_regions(session: Session, studio: Studio) -> list[str]:
    """The regions of working stations that are not the installation's."""
    return sorted(local_readings.regions_in_use(session) - {studio.settings.region})


def _task(session: Session, studio: Studio, script_id: int) -> _Task | None:
    script = session.get(Script, script_id)
    if script is None or script.shell or script.status == Status.RETIRED:
        return None
    revision = script.latest
    _ = revision.script  # asked for again when the session is closed
    own = {reading.station_id for reading in revision.local_readings}
    own.update(session.scalars(select(LexiconEntry.station_id).distinct()))
    stations = session.scalars(select(Station).where(Station.active, Station.id.in_(own - {None})))
    layers = Layers(session)
    of_all = layers.merged(script_id=script_id)
    ways: dict[Place, Way] = {Place(region=region): (region, of_all) for region in other_regions(session, studio)}
    for station in stations:
        ways[Place(station_id=station.id)] = station.region, layers.merged(station_id=station.id, script_id=script_id)
    return _Task(revision, {_CENTRE: (studio.settings.region, of_all), **ways}) if ways else None


def _read(studio: Studio, task: _Task) -> dict[Place, str]:
    """What each place should say.

    Where it would be read like at the Centre today, it should say the common reading as it stands: words that
    were decided since then reach that as a revision.
    """
    said: dict[Place, str] = {}
    for place, way in task.ways.items():
        alike = next((other for other in said if task.ways[other] == way), None)
        region, decided = way
        said[place] = said[alike] if alike else read_again(studio, task.revision, decided, region=region).spoken
    centre = said.pop(_CENTRE)
    return {place: task.revision.spoken if text == centre else text for place, text in said.items()}


def _write(session: Session, studio: Studio, revision: Revision, wanted: Mapping[Place, str]) -> int:
    """Add what is missing and take away what waited in vain; return how many readings are new."""
    new = 0
    of_place: defaultdict[Place, list[LocalReading]] = defaultdict(list)
    for reading in revision.local_readings:
        of_place[place_of(reading)].append(reading)
    regions = dict(session.execute(select(Station.id, Station.region)).all())
    for place, spoken in wanted.items():
        rows = of_place[place]
        approved = next((row for row in reversed(rows) if row.approval_id is not None), None)
        otherwise = wanted.get(Place(region=regions.get(place.station_id or 0, "")), revision.spoken)
        is_said = spoken == (approved.spoken if approved else otherwise)
        kept = next((row for row in rows if row.approval_id is None and row.spoken == spoken and not is_said), None)
        for row in rows:
            if row.approval_id is None and row is not kept:
                revision.local_readings.remove(row)
        if not is_said and kept is None:
            local_readings.add(revision, place, spoken, now=studio.now())
            new += 1
    session.flush()
    return new


@dataclass(frozen=True)
class Noticed:
    """What changed since anybody looked."""

    scripts: int = 0
    """How many scripts will be read anew."""
    broadcasts: int = 0
    """How many rundowns to come now play something else."""


def is_behind(session: Session, studio: Studio) -> bool:
    """Whether a station, a word or a revision changed since `notice` looked; cheap, for it is asked again and again."""
    row = session.get(Preference, _SEEN)
    return row is None or bool(json.loads(row.value) != _state(session, studio))


def notice(session: Session, studio: Studio) -> Noticed:
    """Ask for readings wherever a station, a word or a revision changed, and bring rundowns to come in line.

    What decides about readings is compared with what it was, so that no change is missed, by whatever door it
    came. While all stations speak like the Centre there is nothing to be read.
    """
    from .broadcasts import follow  # its room asks this room what is said where

    row = session.get(Preference, _SEEN, with_for_update=True)
    before = json.loads(row.value) if row else {"regions": {}, "own": [], "words": {}, "revision": 0}
    now = _state(session, studio)
    if row is not None and before == now:
        return Noticed()
    words = _words_changed(before, now)
    script_ids = _to_read(session, before, now, words)
    at = studio.now()
    for script_id in script_ids:
        jobs.enqueue(session, jobs.REREAD, str(script_id), due_at=at, now=at, afresh=True)
    session.merge(Preference(name=_SEEN, value=json.dumps(now, ensure_ascii=False)))
    session.flush()
    moved = _stations_moved(session, before, now, words)
    return Noticed(len(script_ids), follow(session, studio, station_ids=moved).now if moved else 0)


def _state(session: Session, studio: Studio) -> dict[str, Any]:
    """All that decides how texts are said at places, as JSON keeps it."""
    stations = session.execute(select(Station.id, Station.region).where(Station.active).order_by(Station.id)).all()
    words: dict[str, dict[str, str]] = {}
    for scope, written, spoken in session.execute(
        select(LexiconEntry.scope, LexiconEntry.written, LexiconEntry.spoken).order_by(LexiconEntry.id)
    ):
        words.setdefault(scope, {})[written] = spoken
    had = set(session.scalars(select(LocalReading.station_id).distinct()))
    own = [number for number, _ in stations if number in had or Scope(lexicon.STATION, number).key in words]
    return {
        "regions": {str(number): region for number, region in stations if region != studio.settings.region},
        "own": own,
        "words": words,
        "revision": session.scalar(select(func.max(Revision.id))) or 0,
    }


def _places(state: Mapping[str, Any]) -> tuple[set[str], set[tuple[int, str]]]:
    """The regions, and the stations with their regions, that say texts in their own way."""
    regions = state["regions"]
    return set(regions.values()), {(number, regions.get(str(number), "")) for number in state["own"]}


def _to_read(
    session: Session, before: Mapping[str, Any], now: Mapping[str, Any], words: Iterable[tuple[str, str]]
) -> list[int]:
    old, new = _places(before), _places(now)
    if not any(old) and not any(new):
        return []
    newest = select(func.max(Revision.id)).group_by(Revision.script_id)
    asked = (
        select(Script.id, Revision.id, Revision.written)
        .join(Revision)
        .where(Revision.id.in_(newest), Script.shell == "", Script.status != Status.RETIRED)
        .order_by(Script.id)
    )
    return [
        script_id
        for script_id, revision_id, written in session.execute(asked)
        if old != new
        or revision_id > before["revision"]
        or any(word in written and _concerns(scope, script_id) for scope, word in words)
    ]


def _words_changed(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Pairs of scope and written word, of decisions that were made, changed or taken back."""
    changed = []
    for scope in sorted({*before["words"], *now["words"]}):
        old, new = before["words"].get(scope, {}), now["words"].get(scope, {})
        changed += [(scope, word) for word in sorted({*old, *new}) if old.get(word) != new.get(word)]
    return changed


def _concerns(scope: str, script_id: int) -> bool:
    return not scope.startswith(f"{lexicon.SCRIPT}/") or scope == Scope(lexicon.SCRIPT, script_id).key


def _stations_moved(
    session: Session, before: Mapping[str, Any], now: Mapping[str, Any], words: Iterable[tuple[str, str]]
) -> set[int]:
    """Stations that changed their region, and those whose shells have a word that was decided about."""
    old, new = before["regions"], now["regions"]
    moved = {int(number) for number in {*old, *new} if old.get(number) != new.get(number)}
    heard = _heard_in_shells(session) if words else ""
    for scope, word in words:
        layer, _, owner = scope.partition("/")
        if word not in heard or (layer == lexicon.SCRIPT and not session.get_one(Script, int(owner)).shell):
            continue
        moved |= {int(owner)} if layer == lexicon.STATION else set(session.scalars(select(Station.id)))
    return moved


def _heard_in_shells(session: Session) -> str:
    """All that can be heard in a shell: the texts, and the names and titles they are filled with; a line each."""
    texts: list[str] = []
    for column, where in (
        (Revision.written, Revision.script.has(Script.shell != "")),
        (Station.name, true()),
        (Programme.name, true()),
        (Script.title, true()),
    ):
        texts += session.scalars(select(column).where(where))
    return "\n".join(texts)
