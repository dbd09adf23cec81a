"""What decisions about words do to the scripts that are there: shown before they are saved, carried out after."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from ..domain.lectern import spoken_beside
from ..domain.scripts import Status, paragraphs
from ..reading.cleaning import clean
from ..reading.lexicon import Lexicon
from ..storage.tables import Broadcast, Cue, Programme, Revision, Script, Station
from ..studio import Studio
from . import lexicon
from .lexicon import Change, Layers, Scope
from .revisions import SpokenText, get_script, is_by_hand, read_again, revise_script
from .stations import get_station

_MOST_BESIDE = 60
"""Characters of an example before and after its token."""


@dataclass(frozen=True)
class Shift:
    """Sentences of a spoken text, and what would be said in their place."""

    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class Effect:
    """A script that would be read differently."""

    script: Script
    shifts: tuple[Shift, ...]
    station: Station | None = None
    """Where, when it is one station that would read it so; None: at the Centre, for all."""
    stations_ahead: int = 0
    """How many stations have it in a broadcast that has not begun, …"""
    next_at: datetime | None = None
    """… and when the first of them begins."""

    @property
    def is_approved(self) -> bool:
        """Does an approval hold for what is said now?"""
        return self.script.status == Status.APPROVED

    @property
    def is_draft(self) -> bool:
        """May it be read anew without anybody having to decide again?"""
        return self.script.status == Status.DRAFT


def effects(session: Session, studio: Studio, scope: Scope, written: str, spoken: str | None) -> list[Effect]:
    """What one decision would do; see `effects_of`. spoken: None: it is taken back. Raises Invalid, NotFound."""
    return effects_of(session, studio, [Change.of(scope, written, spoken)])


def effects_of(session: Session, studio: Studio, changes: Iterable[Change]) -> list[Effect]:
    """The scripts that decisions made together would have read differently, approved ones first, then by title.

    Told are the sentences as they are said now and as they would be said. Scripts put away are left out, so are
    shells, which are read when they are filled in, and paragraphs that were worded by hand. A decision of a station
    counts for what that station plays. Raises NotFound.
    """
    now = Layers(session)
    changes = now.changed(changes)
    then = now.having(changes)
    stations = {change.scope.owner_id for change in changes if change.scope.layer == lexicon.STATION}
    places = [get_station(session, station_id) for station_id in sorted(stations)]
    scripts = _scripts(session, changes)
    found: list[tuple[Script, Station | None, tuple[Shift, ...]]] = []
    for station in (None, *places):
        concerned = [change for change in changes if change.scope.layer != lexicon.STATION]
        if station is not None:
            concerned = [change for change in changes if change.scope == Scope(lexicon.STATION, station.id)]
        found += _Comparison(studio, now, then, concerned, station).of(scripts)
    ahead = _ahead(session, {script.id for script, *_ in found}, now=studio.now())
    effects = [
        Effect(
            script=script,
            shifts=shifts,
            station=station,
            stations_ahead=ahead.get(script.id, (0, None))[0],
            next_at=ahead.get(script.id, (0, None))[1],
        )
        for script, station, shifts in found
    ]
    return sorted(effects, key=lambda effect: (not effect.is_approved, effect.script.sort_key))


def in_shells(session: Session, changes: Iterable[Change]) -> bool:
    """Whether a word that would be said otherwise stands in a shell, or in a name or title a shell is filled with.

    Those are read when a rundown is made, so that broadcasts to come follow at once.
    """
    tokens = Lexicon(_tokens(Layers(session).changed(changes)))
    shells = select(Revision.written).join(Script).where(Script.shell != "", Script.status != Status.RETIRED)
    texts = [session.scalars(shells), *(session.scalars(select(name)) for name in (Station.name, Programme.name))]
    texts.append(session.scalars(select(Script.title).where(Script.shell == "", Script.status != Status.RETIRED)))
    return any(_has(text, tokens) for column in texts for text in column)


class _Comparison:
    """What changes do at one place: at the Centre, or at one station."""

    def __init__(
        self, studio: Studio, now: Layers, then: Layers, changes: Sequence[Change], station: Station | None
    ) -> None:
        self._region = station.region if station else studio.settings.region
        self._station = station
        self._sides = (now, then)
        self._wide = Lexicon(_tokens(change for change in changes if change.scope.layer != lexicon.SCRIPT))
        self._of_script: dict[int, Lexicon] = {}
        for script_id in {change.scope.owner_id for change in changes if change.scope.layer == lexicon.SCRIPT}:
            own = (change for change in changes if change.scope == Scope(lexicon.SCRIPT, script_id))
            self._of_script[script_id] = Lexicon(_tokens(own) | dict(self._wide))
        self._common = [Lexicon(side.merged(station_id=station.id if station else None)) for side in self._sides]

    def of(self, scripts: Iterable[Script]) -> Iterable[tuple[Script, Station | None, tuple[Shift, ...]]]:
        for script in scripts:
            if shifts := self._shifts_of(script):
                yield script, self._station, shifts

    def _shifts_of(self, script: Script) -> tuple[Shift, ...]:
        revision, tokens = script.latest, self._of_script.get(script.id, self._wide)
        if not tokens or not _has(revision.written, tokens):
            return ()
        written = paragraphs(revision.written)
        stored = spoken_beside(written, paragraphs(revision.spoken), revision.spans)
        shifts: list[Shift] = []
        sides = self._lexicons(script.id)
        for place, part in enumerate(written):
            spans = revision.spans[place] if place < len(revision.spans) else ()
            if is_by_hand(spans) or not _has(part, tokens):
                continue
            before, after = (self._read(part, side) for side in sides)
            if before != after:
                shifts += _shifts(before if self._station else stored[place], after)
        return tuple(shifts)

    def _lexicons(self, script_id: int) -> Sequence[Lexicon]:
        scope = Scope(lexicon.SCRIPT, script_id)
        if not any(side.of(scope) for side in self._sides):
            return self._common
        station_id = self._station.id if self._station else None
        return [Lexicon(side.merged(station_id=station_id, script_id=script_id)) for side in self._sides]

    def _read(self, part: str, decided: Lexicon) -> str:
        from ..reading import read_aloud  # its dictionaries are loaded by whoever reads

        return read_aloud(part, region=self._region, lexicon=decided).spoken.strip()


def drift(session: Session, studio: Studio, revision: Revision) -> tuple[Shift, ...]:
    """How a revision would be read today where that differs from what was stored, and perhaps approved."""
    decided = lexicon.merged(session, script_id=revision.script_id)
    return _shifts(revision.spoken, read_again(studio, revision, decided).spoken)


@dataclass(frozen=True)
class Answer:
    """One decision of an editor about a token of a script."""

    written: str
    spoken: str
    scope: Scope


def decide(
    session: Session, studio: Studio, script_id: int, answers: Iterable[Answer], *, author_id: int, base: int | None
) -> Revision:
    """Keep the answers at their layers and read the script anew: a new revision where that changes what is said.

    Raises Invalid, NotFound; EditedMeanwhile when the script is no longer at the revision numbered `base`.
    """
    for answer in answers:
        lexicon.save_entry(
            session,
            answer.scope,
            written=answer.written,
            spoken=answer.spoken,
            example=sentence_with(get_script(session, script_id).latest.written, answer.written),
            author_id=author_id,
            now=studio.now(),
        )
    return reread(session, studio, script_id, author_id=author_id, base=base, note="Định cách đọc")


def reread(
    session: Session, studio: Studio, script_id: int, *, author_id: int, note: str, base: int | None = None
) -> Revision:
    """Read a script anew with what is decided today; a new revision, as a draft, only if that changes what is said."""
    script = get_script(session, script_id, lock=True)
    text = read_again(studio, script.latest, lexicon.merged(session, script_id=script_id))
    return revise_script(
        session,
        studio,
        script_id,
        title=script.latest.title,
        written=text.written,
        author_id=author_id,
        note=note,
        base=base,
        text=text,
    )


@dataclass(frozen=True)
class Anew:
    """A script read anew, before that is written down."""

    script_id: int
    base: int
    """Number of the revision it was read from."""
    text: SpokenText


def read_anew(session: Session, studio: Studio, changes: Iterable[Change], script_ids: Collection[int]) -> list[Anew]:
    """Read scripts with decisions that are about to be made. It takes a while: not for a writing transaction.

    Raises NotFound.
    """
    then = Layers(session).having(changes)
    found = []
    for script_id in sorted(set(script_ids)):
        revision = get_script(session, script_id).latest
        decided = Lexicon(then.merged(script_id=script_id))
        found.append(Anew(script_id, revision.number, read_again(studio, revision, decided)))
    return found


def write_anew(session: Session, studio: Studio, read: Iterable[Anew], *, author_id: int, note: str) -> list[Script]:
    """Write down what was read anew, each a new revision as a draft; return the scripts somebody changed meanwhile.

    Those stay as they are.
    """
    changed = []
    for anew in read:
        script = get_script(session, anew.script_id, lock=True)
        if script.latest.number != anew.base:
            changed.append(script)
            continue
        revise_script(
            session,
            studio,
            script.id,
            title=script.latest.title,
            written=anew.text.written,
            author_id=author_id,
            note=note,
            text=anew.text,
        )
    return changed


def sentence_with(text: str, written: str) -> str:
    """The line of a text in which a token stands, shortened around it at blanks; empty when it is not there."""
    line = next((line for line in text.splitlines() if written in line), "")
    at = max(line.find(written), 0)
    end = at + len(written)
    first, last = at - _MOST_BESIDE, end + _MOST_BESIDE
    start = (line.find(" ", first - 1, at) + 1 or at) if first > 0 else 0
    if last < len(line):
        last = max(line.rfind(" ", end, last + 1), end)
    return line[start:last].strip()


def _tokens(changes: Iterable[Change]) -> dict[str, str]:
    return {change.written: change.spoken or "" for change in changes}


def _has(text: str, tokens: Lexicon) -> bool:
    return any(True for _ in tokens.find(clean(text).text))


def _scripts(session: Session, changes: Collection[Change]) -> Sequence[Script]:
    asked = (
        select(Script)
        .where(Script.status != Status.RETIRED, Script.shell == "")
        .options(selectinload(Script.revisions))
        .order_by(Script.id)
    )
    if all(change.scope.layer == lexicon.SCRIPT for change in changes):
        asked = asked.where(Script.id.in_({change.scope.owner_id for change in changes}))
    return session.scalars(asked).all()


def _ahead(session: Session, script_ids: Collection[int], *, now: datetime) -> dict[int, tuple[int, datetime]]:
    """For each script on how many stations it is planned, and when it is heard first."""
    rows = session.execute(
        select(Cue.script_id, func.count(Broadcast.station_id.distinct()), func.min(Broadcast.starts_at))
        .join(Broadcast, Broadcast.id == Cue.broadcast_id)
        .where(Broadcast.starts_at > now, Cue.script_id.in_(script_ids))
        .group_by(Cue.script_id)
    )
    return {script_id: (stations, first) for script_id, stations, first in rows if script_id is not None}


def _shifts(before: str, after: str) -> tuple[Shift, ...]:
    old, new = before.splitlines(), after.splitlines()
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return tuple(
        Shift(" ".join(filter(None, old[a:b])), " ".join(filter(None, new[c:d])))
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag != "equal"
    )
