"""One broadcast: its rundown with running times, and the hands that change it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from ..domain.readiness import State
from ..domain.roles import Role
from ..domain.rundown import Kind, block_start
from ..domain.taxonomy import FIELDS
from ..errors import Conflict, Invalid, NotFound
from ..services import (
    broadcasts,
    choosing,
    cues,
    listening,
    profiles,
    programmes,
    renditions,
    rundowns,
    scripts,
    slots,
    sound_checks,
    suggestions,
    voice_orders,
)
from ..services.rundowns import Change, TimedCue
from ..storage.tables import Approval, Broadcast, Cue, Programme, Script
from . import door, tapes
from .door import allow, db, studio
from .listening import same
from .script_pages import outline

bp = Blueprint("broadcasts", __name__, url_prefix="/broadcasts")


@dataclass(frozen=True)
class Item:
    """One cue as the page shows it."""

    timed: TimedCue
    state: str
    """review, record or ready."""
    is_faulty: bool
    """Whether its sound must not be heard as it is."""
    approval: Approval | None
    programme: Programme | None
    """Whose letters and colour a script wears."""
    is_script: bool
    voice: choosing.Told | None
    """Who speaks; None for a tune."""


@dataclass(frozen=True)
class Block:
    """What moves together: a script with its sting and hand-over, or a stretch of tunes and shells."""

    items: list[Item]

    @property
    def main(self) -> Item:
        """The script, or the first item of the frame."""
        return self.items[-1] if self.is_script else self.items[0]

    @property
    def is_script(self) -> bool:
        """Whether a script stands at its end."""
        return self.items[-1].is_script

    @property
    def starts_ms(self) -> int:
        """From the start of the broadcast."""
        return self.items[0].timed.starts_ms

    @property
    def length_ms(self) -> int:
        """Playing time of all of it."""
        return sum(item.timed.length_ms for item in self.items)

    @property
    def is_exact(self) -> bool:
        """Whether all its sound is there."""
        return all(item.timed.is_exact for item in self.items)

    @property
    def voices(self) -> list[choosing.Told]:
        """What is to be said of its voices, each once: the script's or the frame's, and those that fail or stand in."""
        all_of_it = [item.voice for item in self.items if item.voice]
        troubled = [one for one in all_of_it if one.reason or one.instead_of]
        if self.is_script:
            return choosing.once([*([self.main.voice] if self.main.voice else []), *troubled])
        return choosing.once(troubled or all_of_it)

    @property
    def is_faulty(self) -> bool:
        """Whether nothing but faulty sound keeps it from being ready."""
        return self.state == "record" and any(item.is_faulty for item in self.items)

    @property
    def state(self) -> str:
        """The state of what is furthest from ready."""
        return min((item.state for item in self.items), key=("review", "record", "ready").index)


@bp.get("/<int:broadcast_id>")
@allow.any_signed_in
def show(broadcast_id: int) -> ResponseReturnValue:
    """The rundown. `q` searches scripts to add, `replace` a cue to put another script in place of."""
    return _page(_visible(db(), broadcast_id))


@bp.get("/<int:broadcast_id>/follow.json")
@allow.any_signed_in
def follow(broadcast_id: int) -> ResponseReturnValue:
    """What is said when in the broadcast, for the text that follows the voice."""
    tape = same(listening.tape_of_broadcast(db(), studio(), _visible(db(), broadcast_id)))
    return {"pieces": listening.follow(tape.strips)}


@bp.post("/<int:broadcast_id>/cues")
@allow(Role.ADMIN, Role.PLANNER)
def add(broadcast_id: int) -> ResponseReturnValue:
    """Put a script into the rundown."""
    broadcast = _visible(db(), broadcast_id)
    try:
        change = rundowns.add_cue(
            db(),
            studio(),
            broadcast_id,
            script_id=_number("script_id"),
            version=_number("version"),
            place=_number("place") if request.form.get("place") else None,
            everywhere=_everywhere(),
        )
    except Conflict as mistake:
        return _refused(broadcast, mistake)
    return _done(change, f"Đã thêm “{_title(change)}”.", here=change.script_id)


@bp.post("/<int:broadcast_id>/cues/<int:cue_id>/move")
@allow(Role.ADMIN, Role.PLANNER)
def move(broadcast_id: int, cue_id: int) -> ResponseReturnValue:
    """Move a cue a step (`by`) or to the place of another (`to`)."""
    broadcast = _visible(db(), broadcast_id)
    try:
        change = rundowns.move_cue(
            db(),
            studio(),
            broadcast_id,
            cue_id,
            version=_number("version"),
            by=-1 if request.form.get("by") == "-1" else 1,
            to=_number("to") if request.form.get("to") else None,
            everywhere=_everywhere(),
        )
    except Conflict as mistake:
        return _refused(broadcast, mistake)
    return _done(change, "", cue_id=cue_id)


@bp.post("/<int:broadcast_id>/cues/<int:cue_id>/drop")
@allow(Role.ADMIN, Role.PLANNER)
def drop(broadcast_id: int, cue_id: int) -> ResponseReturnValue:
    """Take a cue out; a script can be put back from the page that follows."""
    broadcast = _visible(db(), broadcast_id)
    everywhere = _everywhere()
    try:
        change = rundowns.drop_cue(
            db(), studio(), broadcast_id, cue_id, version=_number("version"), everywhere=everywhere
        )
    except Conflict as mistake:
        return _refused(broadcast, mistake)
    if change.script_id is None:
        return _done(change, "Đã bỏ một mục khỏi kịch bản khung.")
    _tell(change, "")
    undo = {"undo": change.script_id, "place": change.place} | ({"everywhere": "1"} if everywhere else {})
    return redirect(f"{url_for('.show', broadcast_id=broadcast_id)}?{urlencode(undo)}")


@bp.post("/<int:broadcast_id>/cues/<int:cue_id>/replace")
@allow(Role.ADMIN, Role.PLANNER)
def replace(broadcast_id: int, cue_id: int) -> ResponseReturnValue:
    """Put another script in the place of one."""
    broadcast = _visible(db(), broadcast_id)
    try:
        change = rundowns.replace_cue(
            db(),
            studio(),
            broadcast_id,
            cue_id,
            script_id=_number("script_id"),
            version=_number("version"),
            everywhere=_everywhere(),
        )
    except Conflict as mistake:
        return _refused(broadcast, mistake)
    return _done(change, f"Đã thay bằng “{_title(change)}”.", cue_id=cue_id)


@bp.post("/<int:broadcast_id>/cues/<int:cue_id>/speak-again")
@allow(Role.ADMIN, Role.PLANNER)
def speak_again(broadcast_id: int, cue_id: int) -> ResponseReturnValue:
    """Have those pieces of a cue spoken anew that keep the broadcast off the air."""
    broadcast = _visible(db(), broadcast_id)
    cue = next((one for one in broadcast.cues if one.id == cue_id), None)
    if cue is None or cue.rendition_id is None:
        raise NotFound("mục này trong kịch bản khung")
    count = renditions.replace_faulty(db(), cue.rendition_id, studio().now())
    flash(f"Đang thu lại {count} đoạn của “{cue.title}”." if count else f"“{cue.title}” không còn đoạn nào hỏng.")
    return redirect(url_for(".show", broadcast_id=broadcast_id))


def _visible(session: Session, broadcast_id: int) -> Broadcast:
    """The broadcast, if the visitor may see its station. Raises NotFound."""
    broadcast = broadcasts.get_broadcast(session, broadcast_id)
    if not door.visitor().may_see_station(broadcast.station):
        raise NotFound("buổi phát này")
    return broadcast


def _page(broadcast: Broadcast, mistake: Conflict | None = None) -> str:
    session, now = db(), studio().now()
    state = broadcasts.states(session, [broadcast], now)[broadcast.id]
    person = door.visitor()
    may_edit = person.may(Role.ADMIN, Role.PLANNER) and broadcast.starts_at > now
    replacing = _asked_cue(broadcast) if may_edit else None
    offered = (
        suggestions.suggest(
            session,
            studio(),
            broadcast,
            query=request.args.get("q", "")[:200],
            replacing=replacing.script_id if replacing else None,
        )
        if may_edit
        else []
    )
    items = _items(session, broadcast)
    blocks = _blocks(items)
    return render_template(
        "broadcasts/show.html",
        broadcast=broadcast,
        state=state,
        items=items,
        blocks=blocks,
        shared=_shared(blocks),
        mistake=mistake,
        may_edit=may_edit,
        may_plan=person.may(Role.ADMIN, Role.PLANNER),
        others=broadcasts.siblings(session, broadcast, now) if may_edit else [],
        offered=offered,
        query=request.args.get("q", "")[:200],
        replacing=replacing,
        undo=_undo(session) if may_edit else None,
        flaws=[*sound_checks.of_broadcast(session, broadcast), *profiles.flaws_of(session, broadcast)],
        outline=outline,
        heard=_heard(broadcast, blocks),
        place_name=slots.place_name(broadcast.station),
        week=_week_of(broadcast),
        wanted_minutes=_minutes(state),
        hues=programmes.by_field(session),
        fields=FIELDS,
        voices=voice_orders.places(studio(), voice_orders.order_for(session, studio(), broadcast.station, None)),
        takes_next=broadcast.slot.when_voice_fails == choosing.NEXT,
    )


def _heard(broadcast: Broadcast, blocks: list[Block]) -> tapes.Heard | None:
    """What is to be heard; None while something is missing."""
    try:
        tape = listening.tape_of_broadcast(db(), studio(), broadcast)
    except Conflict:
        return None
    return tapes.heard(tape, [[item.timed.cue for item in block.items] for block in blocks])


def _items(session: Session, broadcast: Broadcast) -> list[Item]:
    hues = programmes.by_field(session)
    items = []
    for timed in rundowns.timeline(broadcast):
        cue = timed.cue
        approved = cue.script is None or (
            scripts.is_airable(session, cue.script) and cue.revision_id == cue.script.latest.id
        )
        is_script = cue.kind == Kind.SCRIPT
        own = cue.script is not None and cue.script.field in broadcast.programme.fields
        programme = broadcast.programme if own else hues.get(cue.script.field) if cue.script and is_script else None
        is_faulty = sound_checks.is_faulty(cue)
        items.append(
            Item(
                timed=timed,
                state="review" if not approved else "ready" if timed.is_exact and not is_faulty else "record",
                is_faulty=is_faulty,
                approval=scripts.approval_of(cue.revision) if cue.revision and is_script else None,
                programme=programme,
                is_script=is_script,
                voice=None if cue.kind == Kind.SOUND else choosing.tell(session, studio(), cue, studio().now()),
            )
        )
    return items


def _blocks(items: list[Item]) -> list[Block]:
    """The rows of the page: each script with what leads into it, and the frame around them in one row each."""
    parts = [cues.part_of(item.timed.cue) for item in items]
    blocks: list[Block] = []
    done = 0
    for place, item in enumerate(items):
        if item.is_script:
            start = block_start(parts, place)
            if start > done:
                blocks.append(Block(items[done:start]))
            blocks.append(Block(items[start : place + 1]))
            done = place + 1
    return [*blocks, Block(items[done:])] if done < len(items) else blocks


def _shared(blocks: list[Block]) -> choosing.Told | None:
    """What every row has to say of its voice, to be said once; None where one row says something else."""
    rows = [block.voices for block in blocks if block.voices]
    if len(rows) < 2:
        return None
    for first in (one for one in rows[0] if one.reason):
        if all(any(one.same_as(first) for one in row) for row in rows):
            return choosing.once(one for row in rows for one in row if one.same_as(first))[0]
    return None


def _refused(broadcast: Broadcast, mistake: Conflict) -> ResponseReturnValue:
    """The fresh rundown, with the sentence above it."""
    broadcast_id = broadcast.id
    db().rollback()
    return _page(broadcasts.get_broadcast(db(), broadcast_id), mistake), mistake.http_status


def _done(change: Change, told: str, *, cue_id: int | None = None, here: int | None = None) -> ResponseReturnValue:
    _tell(change, told)
    if here is not None:
        cue_id = next((cue.id for cue in change.broadcast.cues if cue.script_id == here and cue.kind == "script"), None)
    anchor = f"muc-{cue_id}" if cue_id else None
    keep = "1" if _everywhere() else None
    return redirect(url_for(".show", broadcast_id=change.broadcast.id, everywhere=keep, _anchor=anchor))


def _tell(change: Change, told: str) -> None:
    if change.stations > 1:
        told = f"{told} Áp dụng cho {change.stations} đài.".strip()
    if change.left_out:
        told = f"{told} Không đổi ở {', '.join(change.left_out)}, vì kịch bản khung ở đó đã khác.".strip()
    if told:
        flash(told)


def _title(change: Change) -> str:
    script = db().get(Script, change.script_id or 0)
    return script.title if script else ""


def _undo(session: Session) -> dict[str, object] | None:
    """What the slip after a drop needs to put the script back; None without one."""
    script = session.get(Script, request.args.get("undo", 0, int))
    if script is None or script.shell:
        return None
    return {
        "script": script,
        "place": request.args.get("place", 0, int),
        "everywhere": bool(request.args.get("everywhere")),
    }


def _asked_cue(broadcast: Broadcast) -> Cue | None:
    asked = request.args.get("replace", 0, int)
    return next((cue for cue in broadcast.cues if cue.id == asked and cue.kind == Kind.SCRIPT), None)


def _number(field: str) -> int:
    text = request.form.get(field, "")
    if not text.isascii() or not text.isdecimal() or len(text) > 9:
        raise Invalid("Biểu mẫu thiếu dữ liệu. Hãy tải lại trang rồi làm lại.", field=field)
    return int(text)


def _everywhere() -> bool:
    return bool(request.form.get("everywhere"))


def _week_of(broadcast: Broadcast) -> str:
    year, week, _ = broadcast.local_date.isocalendar()
    return f"{year}-W{week:02}"


def _minutes(state: State) -> int:
    """The gap in whole minutes, for the button that offers scripts of its length; 0 when there is none."""
    return round(state.lack_ms / 60_000)
