"""The administrator's list of stations."""

from datetime import time

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from ..domain.roles import Role
from ..errors import Conflict, Invalid
from ..services import due, rereading, stations, units
from ..storage.tables import Station
from .door import allow, db, studio

bp = Blueprint("stations", __name__, url_prefix="/stations")


@bp.get("")
@allow(Role.ADMIN)
def index() -> ResponseReturnValue:
    """Every station."""
    return render_template("admin_stations/index.html", stations=stations.list_stations(db()), default=stations)


@bp.get("/new")
@allow(Role.ADMIN)
def new() -> ResponseReturnValue:
    """An empty form."""
    typed = MultiDict({"quiet_from": "21:00", "quiet_until": "05:00", "profile": "web", "active": "yes"})
    typed["region"] = studio().settings.region
    return _form(None, typed, None)


@bp.post("")
@allow(Role.ADMIN)
def create() -> ResponseReturnValue:
    """Add a station."""
    return _save(None)


@bp.get("/<int:station_id>")
@allow(Role.ADMIN)
def edit(station_id: int) -> ResponseReturnValue:
    """The form of a station."""
    station = stations.get_station(db(), station_id)
    typed = MultiDict(
        {
            "name": station.name,
            "letters": station.letters,
            "region": station.region,
            "profile": station.profile,
            "quiet_from": f"{station.quiet_from:%H:%M}",
            "quiet_until": f"{station.quiet_until:%H:%M}",
            "quiet_decision": station.quiet_decision,
            "active": "yes" if station.active else "",
        }
    )
    return _form(station, typed, None)


@bp.post("/<int:station_id>")
@allow(Role.ADMIN)
def save(station_id: int) -> ResponseReturnValue:
    """Change a station."""
    return _save(stations.get_station(db(), station_id))


def _save(station: Station | None) -> ResponseReturnValue:
    typed = request.form
    unit = typed.get("unit", "")
    try:
        saved = stations.save_station(
            db(),
            station.id if station else None,
            code=typed.get("code", ""),
            unit_id=int(unit) if unit.isdecimal() else None,
            name=typed.get("name", ""),
            letters=typed.get("letters", ""),
            region=typed.get("region", ""),
            quiet_from=_hour(typed, "quiet_from"),
            quiet_until=_hour(typed, "quiet_until"),
            quiet_decision=typed.get("quiet_decision", ""),
            active=bool(typed.get("active")),
            profile=typed.get("profile", "web"),
            now=studio().now(),
            today=due.local_today(studio()),
        )
    except (Invalid, Conflict) as mistake:
        db().rollback()  # what the form already changed must not show through in the page
        fresh = stations.get_station(db(), station.id) if station else None
        return _form(fresh, typed, mistake), mistake.http_status
    again = rereading.notice(db(), studio()).scripts
    told = f"Đã lưu {saved.name}."
    if again:
        told += f" {again} bài được đọc lại theo vùng và từ riêng của các đài; chỗ nào đọc khác sẽ chờ duyệt."
    flash(told)
    return redirect(url_for(".index"))


def _hour(typed: MultiDict[str, str], field: str) -> time:
    try:
        hour = time.fromisoformat(typed.get(field, "").strip().replace("h", ":"))
    except ValueError:
        raise Invalid("Hãy ghi giờ theo kiểu 24 giờ, như 21:00.", field=field) from None
    return hour.replace(second=0, microsecond=0, tzinfo=None)


def _form(station: Station | None, typed: MultiDict[str, str], mistake: Invalid | Conflict | None) -> str:
    today = due.local_today(studio())
    return render_template(
        "admin_stations/form.html",
        station=station,
        typed=typed,
        mistake=mistake,
        units=[unit for unit in units.units_on(db(), today) if unit.kind in {"xa", "phuong", "co-quan"}],
    )
