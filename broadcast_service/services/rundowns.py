"""Rundowns as people change them: add, move, drop, replace; on one station or on all that hear the same.

Every change names the version it was made from: a second editor is told, and overwrites nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload
from sqlalchemy.orm.attributes import flag_modified

from ..domain import rundown as rules
from ..domain.rundown import Kind, Part, lead_in
from ..domain.units import Milliseconds
from ..errors import Conflict, NotFound
from ..storage.tables import Broadcast, Cue, Revision, Script
from ..studio import Studio
from . import broadcasts, cues, scripts
from .cues import CueMaker

Step = Callable[[Broadcast], bool]
"""One change of one rundown; False where it does not apply."""


class RundownChanged(Conflict):
    """Somebody else changed the rundown since it was read."""

    def __init__(self, changed_at: str) -> None:
        super().__init__(
            f"Kịch bản khung này vừa được người khác sửa lúc {changed_at}. Xem bản mới dưới đây rồi làm lại."
        )


@dataclass(frozen=True)
class Change:
    """What a change of a rundown did."""

    broadcast: Broadcast
    stations: int = 1
    """On how many stations it was made."""
    left_out: tuple[str, ...] = ()
    """Stations whose rundown differs so that it did not apply."""
    script_id: int | None = None
    """The script that was added, dropped or moved; None for a tune or a shell."""
    place: int = 0
    """Where it was among the scripts before it was dropped, to put it back."""


@dataclass(frozen=True)
class TimedCue:
    """A cue with its place in time."""

    cue: Cue
    starts_ms: Milliseconds
    """From the start of the broadcast."""
    length_ms: Milliseconds
    is_exact: bool


def timeline(broadcast: Broadcast) -> list[TimedCue]:
    """The cues of a rundown with their running times: exact where there is sound, else estimated."""
    lengths = [cues.length_ms(cue) for cue in broadcast.cues]
    return [
        TimedCue(cue, start, length, cues.is_exact(cue))
        for cue, start, length in zip(broadcast.cues, rules.start_times(lengths), lengths, strict=True)
    ]


def add_cue(
    session: Session,
    studio: Studio,
    broadcast_id: int,
    *,
    script_id: int,
    version: int,
    place: int | None = None,
    everywhere: bool = False,
) -> Change:
    """Add a script with its lead-in, as the last one or at `place` among the scripts (0: first).

    Raises Conflict when it may not be aired, is in the rundown already, or the broadcast has started;
    RundownChanged; NotFound.
    """
    broadcast = _open(session, studio, broadcast_id, version)
    script = _airable(session, script_id)
    if script_id in cues.script_ids(broadcast):
        raise Conflict(f"Bài “{script.title}” đã có trong buổi này. Hãy chọn bài khác.")
    maker = CueMaker(session, studio)
    shells = sorted(maker.book.kinds)

    def add(one: Broadcast) -> bool:
        if script_id in cues.script_ids(one):
            return False
        rows = list(one.cues) or _made(maker, one, rules.lay_out([], shells=shells), {})
        at = _place_among_scripts([maker.part_of(cue) for cue in rows], place)
        added = _made(maker, one, [*lead_in(script_id, shells=shells), _part(script)], {script_id: script})
        for cue in added:
            cue.is_repeat = cue.kind == Kind.SCRIPT and _was_heard(session, script_id, one)
        cues.put(one, [*rows[:at], *added, *rows[at:]])
        return True

    change = _apply(session, studio, broadcast, add, everywhere=everywhere, maker=maker)
    return Change(change.broadcast, change.stations, change.left_out, script_id=script_id)


def move_cue(
    session: Session,
    studio: Studio,
    broadcast_id: int,
    cue_id: int,
    *,
    version: int,
    to: int | None = None,
    by: int = 0,
    everywhere: bool = False,
) -> Change:
    """Move a cue to the place of the cue at `to`, or a step up (`by=-1`) or down; a script takes its lead-in along.

    Raises NotFound, RundownChanged, and Conflict once the broadcast has started.
    """
    broadcast = _open(session, studio, broadcast_id, version)
    cue = _cue(broadcast, cue_id)
    parts = [cues.part_of(other) for other in broadcast.cues]
    target = rules.neighbour(parts, cue.position, by) if to is None else min(max(to, 0), len(parts) - 1)
    anchor = broadcast.cues[target]

    def move(one: Broadcast) -> bool:
        mine, at = _same(one, cue), _same(one, anchor)
        if mine is None or at is None:
            return False
        order = rules.order_after_move([cues.part_of(other) for other in one.cues], mine.position, at.position)
        cues.put(one, [one.cues[place] for place in order])
        return True

    change = _apply(session, studio, broadcast, move, everywhere=everywhere)
    return Change(change.broadcast, change.stations, change.left_out, script_id=_script_of(cue))


def drop_cue(
    session: Session, studio: Studio, broadcast_id: int, cue_id: int, *, version: int, everywhere: bool = False
) -> Change:
    """Take a cue out; a script goes with its lead-in. The script itself stays in the library.

    Raises NotFound, RundownChanged, and Conflict once the broadcast has started.
    """
    broadcast = _open(session, studio, broadcast_id, version)
    cue = _cue(broadcast, cue_id)
    script_id = _script_of(cue)
    place = cues.script_ids(broadcast).index(script_id) if script_id else 0

    def drop(one: Broadcast) -> bool:
        mine = _same(one, cue)
        if mine is None:
            return False
        start = rules.block_start([cues.part_of(other) for other in one.cues], mine.position)
        cues.put(one, [*one.cues[:start], *one.cues[mine.position + 1 :]])
        return True

    change = _apply(session, studio, broadcast, drop, everywhere=everywhere)
    return Change(change.broadcast, change.stations, change.left_out, script_id=script_id, place=place)


def replace_cue(
    session: Session,
    studio: Studio,
    broadcast_id: int,
    cue_id: int,
    *,
    script_id: int,
    version: int,
    everywhere: bool = False,
) -> Change:
    """Let another script stand where one stood. Raises as `add_cue`; Conflict when the cue is no script."""
    broadcast = _open(session, studio, broadcast_id, version)
    cue = _cue(broadcast, cue_id)
    script = _airable(session, script_id)
    if cue.kind != Kind.SCRIPT:
        raise Conflict("Chỉ thay được bài, không thay được nhạc và lời dẫn.")
    if script_id in cues.script_ids(broadcast):
        raise Conflict(f"Bài “{script.title}” đã có trong buổi này. Hãy chọn bài khác.")
    maker = CueMaker(session, studio)
    replaced_id = cue.script_id

    def replace(one: Broadcast) -> bool:
        mine = next((c for c in one.cues if c.kind == Kind.SCRIPT and c.script_id == replaced_id), None)
        if mine is None or script_id in cues.script_ids(one):
            return False
        maker.play(mine, one, script.latest)
        mine.is_fallback, mine.is_repeat = False, _was_heard(session, script_id, one)
        return True

    change = _apply(session, studio, broadcast, replace, everywhere=everywhere, maker=maker)
    return Change(change.broadcast, change.stations, change.left_out, script_id=script_id)


def _open(session: Session, studio: Studio, broadcast_id: int, version: int) -> Broadcast:
    broadcast = broadcasts.get_broadcast(session, broadcast_id)
    zone = studio.settings.timezone
    if broadcast.starts_at <= studio.now():
        start = broadcast.starts_at.astimezone(zone)
        raise Conflict(f"Buổi {start:%H:%M} ngày {start.day}/{start.month} đã bắt đầu, không sửa được nữa.")
    if broadcast.version != version:
        changed = broadcast.edited_at or broadcast.filled_at or studio.now()
        raise RundownChanged(f"{changed.astimezone(zone):%H:%M}")
    return broadcast


def _apply(
    session: Session,
    studio: Studio,
    broadcast: Broadcast,
    step: Step,
    *,
    everywhere: bool,
    maker: CueMaker | None = None,
) -> Change:
    now = studio.now()
    others = broadcasts.siblings(session, broadcast, now) if everywhere else []
    maker = maker or CueMaker(session, studio)
    done, left_out = 0, []
    for one in [broadcast, *others]:
        if not step(one):
            left_out.append(one.station.name)
            continue
        maker.resay(one)
        one.edited_at = now
        flag_modified(one, "edited_at")  # two changes in one instant still are two versions
        done += 1
    session.flush()
    return Change(broadcast, done, tuple(left_out))


def _made(maker: CueMaker, broadcast: Broadcast, parts: list[Part], found: dict[int, Script]) -> list[Cue]:
    return [maker.cue(broadcast, line) for line in maker.lines(broadcast, parts, found)]


def _place_among_scripts(parts: list[Part], place: int | None) -> int:
    """The index in the rundown that a place among its scripts stands for."""
    of_scripts = [index for index, part in enumerate(parts) if part.kind is Kind.SCRIPT]
    if place is None or place >= len(of_scripts):
        return rules.place_for_script(parts)
    return rules.block_start(parts, of_scripts[max(place, 0)])


def _part(script: Script) -> Part:
    return Part(Kind.SCRIPT, script_id=script.id)


def _cue(broadcast: Broadcast, cue_id: int) -> Cue:
    for cue in broadcast.cues:
        if cue.id == cue_id:
            return cue
    raise NotFound("mục này trong kịch bản khung")


def _same(broadcast: Broadcast, cue: Cue) -> Cue | None:
    """The cue of a rundown that plays the same: the very cue, the same script, or the like at the same place."""
    if cue in broadcast.cues:
        return cue
    if cue.kind == Kind.SCRIPT:
        return next((c for c in broadcast.cues if c.kind == Kind.SCRIPT and c.script_id == cue.script_id), None)
    part = cues.part_of(cue)
    alike = [c for c in broadcast.cues if cues.part_of(c) == part]
    return min(alike, key=lambda c: abs(c.position - cue.position), default=None)


def _script_of(cue: Cue) -> int | None:
    return cue.script_id if cue.kind == Kind.SCRIPT else None


def _airable(session: Session, script_id: int) -> Script:
    script = session.scalar(
        select(Script)
        .where(Script.id == script_id, Script.shell == "")
        .options(selectinload(Script.revisions).selectinload(Revision.decisions))
    )
    if script is None:
        raise NotFound("bài này")
    if not scripts.is_airable(session, script):
        raise Conflict(f"Bài “{script.title}” chưa được duyệt nên chưa xếp vào buổi phát được. Hãy trình duyệt trước.")
    return script


def _was_heard(session: Session, script_id: int, broadcast: Broadcast) -> bool:
    """Whether the station has had the script on an earlier day."""
    first: date = broadcast.local_date - timedelta(days=180)
    earlier = (
        select(Cue.id)
        .join(Broadcast)
        .where(
            Cue.kind == Kind.SCRIPT,
            Cue.script_id == script_id,
            Broadcast.station_id == broadcast.station_id,
            Broadcast.local_date < broadcast.local_date,
            Broadcast.local_date >= first,
        )
    )
    return session.scalar(earlier.limit(1)) is not None
