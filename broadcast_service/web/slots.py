"""The slots: listed by programme, added, changed, ended, and as a table for a spreadsheet."""

import re
from datetime import time, timedelta
from itertools import groupby

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ..domain.roles import Role
from ..domain.slots import mask_of, weekdays_in
from ..errors import Conflict, Invalid
from ..services import broadcasts, due, programmes, slots, stations
from ..services.choosing import LEAD, NEXT, WAIT
from ..storage.tables import Slot, Station
from .door import allow, db, studio

bp = Blueprint("slots", __name__, url_prefix="/slots")

_DAY = timedelta(days=1)


@bp.get("")
@allow(Role.ADMIN, Role.PLANNER)
def index() -> ResponseReturnValue:
    """Every slot that has not ended, by programme."""
    return _index(None)


@bp.get("/new")
@allow(Role.ADMIN, Role.PLANNER)
def new() -> ResponseReturnValue:
    """An empty form: every station, Monday to Friday, from today on."""
    typed: MultiDict[str, str] = MultiDict(
        {
            "programme_id": request.args.get("programme", ""),
            "starts_at": "05:30",
            "length": "15",
            "valid_from": due.local_today(studio()).isoformat(),
        }
    )
    typed.setlist("weekdays", [str(day) for day in range(5)])
    typed.setlist("station_ids", [str(station.id) for station in _stations()])
    return _form(None, typed, None)


@bp.post("")
@allow(Role.ADMIN, Role.PLANNER)
def create() -> ResponseReturnValue:
    """Add a slot."""
    return _save(None)


@bp.get("/<int:slot_id>")
@allow(Role.ADMIN, Role.PLANNER)
def edit(slot_id: int) -> ResponseReturnValue:
    """The form of a slot."""
    slot = slots.get_slot(db(), slot_id)
    typed: MultiDict[str, str] = MultiDict(
        {
            "programme_id": str(slot.programme_id),
            "starts_at": f"{slot.starts_at:%H:%M}",
            "length": f"{slot.length_s // 60}" + (f":{slot.length_s % 60:02}" if slot.length_s % 60 else ""),
            "valid_from": slot.valid_from.isoformat(),
            "when_voice_fails": slot.when_voice_fails,
            "last_day": (slot.valid_until - _DAY).isoformat() if slot.valid_until else "",
        }
    )
    typed.setlist("weekdays", [str(day) for day in weekdays_in(slot.weekdays)])
    typed.setlist("station_ids", [str(station.id) for station in slot.stations])
    return _form(slot, typed, None)


@bp.post("/<int:slot_id>")
@allow(Role.ADMIN, Role.PLANNER)
def save(slot_id: int) -> ResponseReturnValue:
    """Change a slot; broadcasts ahead follow."""
    return _save(slots.get_slot(db(), slot_id))


@bp.post("/<int:slot_id>/end")
@allow(Role.ADMIN, Role.PLANNER)
def end(slot_id: int) -> ResponseReturnValue:
    """Let a slot air no more from tomorrow on."""
    drop_edited = bool(request.form.get("drop_edited"))
    until = due.local_today(studio()) + _DAY
    try:
        slot = slots.end_slot(db(), slot_id, until=until, now=studio().now(), drop_edited=drop_edited)
    except Conflict as mistake:
        db().rollback()
        return _index(mistake, ending=slot_id), mistake.http_status
    flash(f"Khung giờ {slot.starts_at:%H:%M} của “{slot.programme.name}” phát lần cuối hôm nay.")
    return redirect(url_for(".index"))


@bp.get("/khung-gio.csv")
@allow(Role.ADMIN, Role.PLANNER)
def export() -> ResponseReturnValue:
    """All slots as a table."""
    headers = {"Content-Disposition": 'attachment; filename="khung-gio.csv"'}
    return Response(slots.export_slots(db()), mimetype="text/csv", headers=headers)


@bp.post("/import")
@allow(Role.ADMIN, Role.PLANNER)
def import_file() -> ResponseReturnValue:
    """Add and change slots as a table says; with a mistake in any line, nothing is kept."""
    try:
        report = slots.import_slots(db(), _uploaded(), studio().now())
    except Invalid as mistake:
        db().rollback()
        return _index(mistake), mistake.http_status
    broadcasts.materialise(db(), studio(), today=due.local_today(studio()), weeks=due.WEEKS_AHEAD)
    flash(str(report))
    return redirect(url_for(".index"))


def _save(slot: Slot | None) -> ResponseReturnValue:
    typed, today = request.form, due.local_today(studio())
    slot_id = slot.id if slot else None
    try:
        last_day = slots.typed_date(typed.get("last_day", ""), "last_day")
        saved = slots.save_slot(
            db(),
            slot_id=slot_id,
            programme_id=_id(typed.get("programme_id", "")),
            weekdays=mask_of([day for day in map(_id, typed.getlist("weekdays")) if day < 7]),
            starts_at=_time(typed),
            length_s=_length_s(typed.get("length", "")),
            station_ids=[_id(station) for station in typed.getlist("station_ids")],
            valid_from=slots.typed_date(typed.get("valid_from", ""), "valid_from") or today,
            valid_until=last_day + _DAY if last_day else None,
            now=studio().now(),
            drop_edited=bool(typed.get("drop_edited")),
        )
        before = saved.when_voice_fails
        saved.when_voice_fails = NEXT if typed.get("when_voice_fails") == NEXT else WAIT
        db().flush()
        if before != saved.when_voice_fails:
            stations_of = [station.id for station in saved.stations]
            broadcasts.follow(db(), studio(), station_ids=stations_of)
    except (Invalid, Conflict) as mistake:
        db().rollback()
        return _form(slots.get_slot(db(), slot_id) if slot_id else None, typed, mistake), mistake.http_status
    new_rows = broadcasts.materialise(db(), studio(), today=today, weeks=due.WEEKS_AHEAD)
    told = f", {new_rows} buổi phát trong bốn tuần tới" if new_rows else ""
    flash(f"Đã lưu khung giờ {saved.starts_at:%H:%M} của “{saved.programme.name}”{told}.")
    return redirect(url_for(".index"))


def _index(mistake: Invalid | Conflict | None, *, ending: int = 0) -> str:
    session, today = db(), due.local_today(studio())
    found = slots.list_slots(session, on=today)
    by_programme = [(programme, list(group)) for programme, group in groupby(found, key=lambda slot: slot.programme)]
    return render_template(
        "slots/index.html",
        by_programme=by_programme,
        without=[p for p in programmes.list_programmes(session) if p.id not in {slot.programme_id for slot in found}],
        stations=_stations(),
        today=today,
        mistake=mistake,
        ending=ending,
        weekdays_in=weekdays_in,
        place_name=slots.place_name,
    )


def _form(slot: Slot | None, typed: MultiDict[str, str], mistake: Invalid | Conflict | None) -> str:
    return render_template(
        "slots/form.html",
        slot=slot,
        typed=typed,
        mistake=mistake,
        programmes=programmes.list_programmes(db()),
        stations=_stations(),
        place_name=slots.place_name,
        lead_hours=LEAD // timedelta(hours=1),
    )


def _stations() -> list[Station]:
    return [station for station in stations.list_stations(db()) if station.active]


def _id(text: str) -> int:
    """A number from a form; what is none names nothing that exists."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 10**9


def _time(typed: MultiDict[str, str]) -> time:
    found = re.fullmatch(r"([01]?[0-9]|2[0-3])[:hg.]([0-5][0-9])", typed.get("starts_at", "").strip(), re.ASCII)
    if found is None:
        raise Invalid("Hãy ghi giờ phát theo kiểu 24 giờ, như 05:30.", field="starts_at")
    return time(int(found[1]), int(found[2]))


def _length_s(text: str) -> int:
    found = re.fullmatch(r"([0-9]{1,2})(?::([0-5][0-9]))?", text.strip(), re.ASCII)
    if found is None:
        raise Invalid("Hãy ghi độ dài bằng phút, như 15, hoặc phút và giây, như 14:30.", field="length")
    return int(found[1]) * 60 + int(found[2] or 0)


def _uploaded() -> str:
    file = request.files.get("file")
    if file is None or not file.filename:
        raise Invalid("Chưa chọn tệp. Hãy chọn tệp CSV đã xuất từ trang này.", field="file")
    content: bytes = file.read(1_000_001)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("Tệp không phải chữ Unicode. Hãy lưu lại thành CSV UTF-8 rồi nhập.", field="file") from None
