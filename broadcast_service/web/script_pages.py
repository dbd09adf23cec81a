"""What the pages about scripts show, gathered from the services: nothing here decides anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal
from urllib.parse import urlencode

from flask import request
from markupsafe import Markup, escape
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain import taxonomy
from ..domain.comparing import Change, compare
from ..domain.lectern import Paragraph, estimated_starts, lay_out
from ..domain.plain_text import clean_line
from ..domain.roles import Role
from ..domain.scripts import Status, paragraphs
from ..domain.searching import mark_words, summary
from ..domain.units import Milliseconds
from ..errors import NotFound
from ..services import (
    choosing,
    hearings,
    lexicon,
    lexicon_effect,
    proofs,
    renditions,
    script_sound,
    script_use,
    scripts,
    sound_checks,
    voice_orders,
    words,
)
from ..services.stations import list_stations
from ..services.visitors import Visitor
from ..storage.tables import Account, Approval, Programme, Rendition, Revision, Script, Station, Unit
from ..studio import Studio

ALLOWED_MS = (Milliseconds(40_000), Milliseconds(300_000))
"""A piece lasts 40 seconds to 5 minutes: shorter is no story, longer is not listened to."""

SHORTEST_SCALE_MIN = 6
"""Minutes the meter shows at least."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """One script in the library."""

    script: Script
    title: Markup
    summary: Markup
    state: str
    hue: str
    length_ms: Milliseconds
    use: script_use.Use
    last_decision: Approval | None


@dataclass(frozen=True, kw_only=True)
class Gate:
    """One line of the approval box; its words are in the template."""

    about: Literal["field", "questions", "proof", "length", "sound", "heard", "eyes"]
    met: bool
    count: int = 0
    """What is lacking: questions, faults to mend, paragraphs to hear, or seconds (negative: too many)."""
    blocks: bool = False


@dataclass(frozen=True, kw_only=True)
class Meter:
    """The tape measure of a script."""

    length_ms: Milliseconds
    scale_min: int
    least_ms: Milliseconds
    most_ms: Milliseconds
    short_s: int
    over_s: int
    rate: int
    """Syllables a minute."""

    def percent(self, ms: float) -> str:
        """Where a moment lies on the scale, for an SVG attribute."""
        return f"{min(100.0, 100 * ms / (self.scale_min * 60_000)):.2f}%"


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One thing that is wrong with the sound of a script."""

    fault: sound_checks.Fault
    paragraph: int | None
    """The number of the paragraph it lies in; None where the pieces are no paragraphs."""


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """Everything the page of one script shows."""

    script: Script
    revision: Revision
    state: str
    paragraphs: list[Paragraph]
    asked: list[words.Asked]
    """What the reader asks and nobody has decided, in the order of the text."""
    asked_at: dict[int, list[tuple[int, words.Asked]]]
    """The same with their places in that list, by the number of the paragraph where each stands first."""
    drift: tuple[lexicon_effect.Shift, ...]
    """How it would be read today where that is otherwise."""
    said: frozenset[int]
    """Numbers of the paragraphs of which something is said."""
    heard: frozenset[int]
    """Those of them that the visitor has listened to."""
    seen: int
    """When the page was made, as `moment_mark` tells it."""
    most_asked: int = words.MOST_ASKED
    stations: Sequence[Station]
    """Those an answer may be kept for; none when nothing is asked."""
    findings: tuple[proofs.Placed, ...]
    meter: Meter
    rendition: Rendition | None
    sound: script_sound.Sound | None
    flaws: tuple[Flaw, ...]
    """What is wrong with the sound, in order of time."""
    voice: str
    """What a person calls who speaks in the rendition; empty without one."""
    waiting: choosing.Waiting
    """Why the rendition is not there yet."""
    approval: Approval | None
    gates: list[Gate]
    use: script_use.Use
    authors: dict[int, Account]


def hits(session: Session, studio: Studio, found: scripts.Found, query: str) -> list[Hit]:
    """The page's hits with their states, lengths and squares."""
    states = script_sound.states(session, studio, found.hits)
    lengths = script_sound.lengths_ms(session, studio, found.hits)
    uses = script_use.where_used(session, [script.id for script in found.hits], now=studio.now())
    hues = field_hues(session)
    return [
        Hit(
            script=script,
            title=marked(script.title, query, whole=found.whole),
            summary=marked(summary(script.latest.written, query), query, whole=found.whole),
            state=states[script.id],
            hue=hues.get(script.field, "ts"),
            length_ms=lengths[script.id],
            use=uses[script.id],
            last_decision=script.latest.decisions[-1] if script.latest.decisions else None,
        )
        for script in found.hits
    ]


def field_hues(session: Session) -> dict[str, str]:
    """The colour of each field: that of the first programme that prefers it."""
    hues: dict[str, str] = {}
    for programme in session.scalars(select(Programme).order_by(Programme.position, Programme.id)):
        for field in programme.fields:
            hues.setdefault(field, programme.hue)
    return hues


def marked(text: str, query: str, *, whole: bool) -> Markup:
    """The text, safe for a page, with <mark> around what was searched for."""
    pieces = (
        Markup("<mark>{}</mark>").format(part) if is_hit else escape(part)
        for part, is_hit in mark_words(text, query, whole=whole)
    )
    return Markup("").join(pieces)


def moment_mark(moment: datetime) -> int:
    """A moment as a form carries it: whole microseconds since 1970."""
    return round(moment.timestamp() * 1_000_000)


def sheet(session: Session, studio: Studio, script: Script, visitor: Visitor, *, drifts: bool = True) -> Sheet:
    """Gather the page of a script. drifts: read it anew to tell how it would be read today."""
    revision = script.latest
    rendition = script_sound.rendition_of(session, studio, revision)
    sound = script_sound.listen(rendition)
    spoken = paragraphs(revision.spoken)
    length_ms = sound.length_ms if sound else Milliseconds(revision.estimated_ms)
    asked = words.asked(lexicon.open_questions(session, revision))
    asked_at: dict[int, list[tuple[int, words.Asked]]] = {}
    for number, one in enumerate(asked):
        asked_at.setdefault(one.places[0], []).append((number, one))
    said, heard = hearings.said_paragraphs(revision), hearings.heard_by(session, revision, visitor.account_id)
    meter = _meter(revision.syllables, length_ms)
    return Sheet(
        script=script,
        revision=revision,
        state=script_sound.states(session, studio, [script])[script.id],
        paragraphs=lay_out(
            paragraphs(revision.written),
            spoken,
            revision.spans,
            starts_ms=sound.starts_ms
            if sound and len(sound.starts_ms) == len(spoken)
            else estimated_starts(spoken, of_ms=length_ms),
            asked=words.open_ranges(session, revision),
        ),
        asked=asked,
        stations=list_stations(session) if asked and visitor.may(Role.EDITOR) else (),
        asked_at=asked_at,
        drift=lexicon_effect.drift(session, studio, revision) if drifts else (),
        said=said,
        heard=heard,
        seen=moment_mark(studio.now()),
        findings=_findings(session, revision),
        meter=meter,
        rendition=rendition,
        sound=sound,
        flaws=_flaws(sound, sorted(said)),
        voice=voice_orders.title_of(studio, "+".join(renditions.voice_names(rendition))) if rendition else "",
        waiting=choosing.waiting(session, studio, rendition, studio.now()),
        approval=scripts.approval_of(revision),
        gates=_gates(script, meter, rendition, visitor, asked=len(asked), unheard=len(said - heard)),
        use=script_use.where_used(session, [script.id], now=studio.now())[script.id],
        authors=_people(session, script),
    )


def _flaws(sound: script_sound.Sound | None, said: Sequence[int]) -> tuple[Flaw, ...]:
    """said: the numbers of the paragraphs of which something is said, in order."""
    if sound is None:
        return ()
    pieces = [place.piece for place in sound.rendition.pieces]
    numbers = dict(enumerate(said, 1)) if len(said) == len(pieces) else {}
    return tuple(Flaw(fault=fault, paragraph=numbers.get(fault.piece)) for fault in sound_checks.faults(pieces))


def _findings(session: Session, revision: Revision) -> tuple[proofs.Placed, ...]:
    """What the proof-reader found, without the unknown abbreviations that the reader asks about or somebody decided."""
    settled = {clean_line(question["written"]) for question in revision.questions}
    settled |= lexicon.merged(session, script_id=revision.script_id).keys()
    return tuple(
        placed
        for placed in proofs.findings_of(revision)
        if placed.finding.kind != "abbreviation" or placed.must or placed.finding.written not in settled
    )


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A text that is being written, as it would be read aloud."""

    paragraphs: list[Paragraph]
    syllables: int
    asked: list[words.Asked]
    meter: Meter


def draft(text: scripts.SpokenText) -> Draft:
    """Lay out a reading that is not kept."""
    spoken = paragraphs(text.spoken)
    return Draft(
        paragraphs=lay_out(
            paragraphs(text.written),
            spoken,
            text.spans,
            starts_ms=estimated_starts(spoken, of_ms=text.estimated_ms),
        ),
        syllables=text.syllables,
        asked=words.asked(text.questions),
        meter=_meter(text.syllables, text.estimated_ms),
    )


def _meter(syllables: int, length_ms: Milliseconds) -> Meter:
    least_ms, most_ms = ALLOWED_MS
    return Meter(
        length_ms=length_ms,
        scale_min=max(SHORTEST_SCALE_MIN, length_ms // 60_000 + 1),
        least_ms=least_ms,
        most_ms=most_ms,
        short_s=max(0, round((least_ms - length_ms) / 1000)),
        over_s=max(0, round((length_ms - most_ms) / 1000)),
        rate=round(syllables * 60_000 / length_ms) if length_ms else 0,
    )


def _gates(
    script: Script, meter: Meter, rendition: Rendition | None, visitor: Visitor, *, asked: int, unheard: int
) -> list[Gate]:
    """What is met before an approval and what is not: questions and faults block a draft, the four eyes an approval."""
    revision = script.latest
    faults = proofs.must_mend(revision)
    gates = [
        Gate(about="field", met=bool(script.field or script.shell)),
        Gate(about="questions", met=not asked, count=asked, blocks=bool(asked) and script.status == Status.DRAFT),
        Gate(about="proof", met=not faults, count=faults, blocks=bool(faults) and script.status == Status.DRAFT),
    ]
    if not script.shell:
        off_s = meter.short_s - meter.over_s
        gates.append(Gate(about="length", met=not off_s, count=off_s))
        if rendition is not None and rendition.state == "ready":
            gates.append(Gate(about="heard", met=not unheard, count=unheard))
        else:
            gates.append(Gate(about="sound", met=False))
    if script.status == Status.SUBMITTED and visitor.may(Role.APPROVER):
        mine = revision.author_id == visitor.account_id
        gates.append(Gate(about="eyes", met=not mine, blocks=mine))
    return gates


def _people(session: Session, script: Script) -> dict[int, Account]:
    """Everybody who wrote or decided, by id."""
    ids = {revision.author_id for revision in script.revisions}
    ids |= {decision.account_id for revision in script.revisions for decision in revision.decisions}
    rows = session.scalars(select(Account).where(Account.id.in_([each for each in ids if each is not None])))
    return {account.id: account for account in rows}


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """Two revisions of one script, word by word."""

    older: Revision
    newer: Revision
    title: list[Change]
    written: list[Change]
    spoken: list[Change]


def comparison(script: Script, one: int, other: int) -> Comparison:
    """Compare revisions by their numbers, in whichever order. Raises NotFound."""
    numbers = {revision.number: revision for revision in script.revisions}
    for number in (one, other):
        if number not in numbers:
            raise NotFound(f"bản {number} của bài “{script.title}”")
    older, newer = numbers[min(one, other)], numbers[max(one, other)]
    return Comparison(
        older=older,
        newer=newer,
        title=compare(older.title, newer.title),
        written=compare(older.written, newer.written),
        spoken=compare(older.spoken, newer.spoken),
    )


def proposing_units(session: Session) -> list[Unit]:
    """Units that exist now and may put somebody forward."""
    return list(
        session.scalars(
            select(Unit).where(Unit.valid_to.is_(None), Unit.kind.in_(["phuong", "xa", "co-quan"])).order_by(Unit.id)
        )
    )


def query_with(**changes: Any) -> str:
    """The address's query with some values changed; None or empty drops one, and so does going back to page 1."""
    values: dict[str, Any] = {name: request.args.getlist(name) for name in request.args if name != "page"}
    values |= changes
    kept = {name: value for name, value in values.items() if value not in (None, "", [], [""])}
    return "?" + urlencode(kept, doseq=True) if kept else "?"


def choices() -> Mapping[str, Any]:
    """The lists a script is sorted by, for the form and the library's filters."""
    return {
        "areas": taxonomy.AREAS,
        "fields": taxonomy.FIELDS,
        "genres": taxonomy.GENRES,
        "content_groups": taxonomy.CONTENT_GROUPS,
        "object_groups": taxonomy.OBJECT_GROUPS,
        "exemplar_kinds": taxonomy.EXEMPLAR_KINDS,
        "shells": taxonomy.SHELLS,
    }


def outline(peaks: list[int], *, bars: int = 150) -> str:
    """The path of the wave in a box 2 wide a bar and 40 high: the mean peak of each stretch, a line each."""
    if not peaks:
        return ""
    count = min(bars, len(peaks))
    path = []
    for bar in range(count):
        stretch = peaks[bar * len(peaks) // count : max((bar + 1) * len(peaks) // count, bar * len(peaks) // count + 1)]
        half = max(1, round(18 * sum(stretch) / len(stretch) / 100))
        path.append(f"M{2 * bar * bars // count + 1} {20 - half}V{20 + half}")
    return "".join(path)
