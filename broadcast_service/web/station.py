"""The operator's pages: today with the one big button, the week, the as-run log, help."""

from datetime import datetime, timedelta

from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup

from ..domain.roles import Role
from ..domain.taxonomy import REASONS
from ..errors import NotFound
from ..services import due, receipts, station_days, stations
from ..services.receipts import TooEarly
from ..services.station_days import Airing
from ..storage.tables import Broadcast, Station
from . import door
from .door import allow, db, studio
from .guide import guide_html
from .script_pages import outline

bp = Blueprint("station", __name__, url_prefix="/station")

_DAYS = 7
_LOG_LINES = 50
_WAVE_BARS = 110


@bp.app_context_processor
def own_station() -> dict[str, object]:
    """For the navigation: the code of the station an operator looks at, or of the own one."""
    return {"own_station_code": _own_station_code}


@bp.get("/<code>")
@allow.any_signed_in
def today(code: str) -> str:
    """The next broadcast, its downloads, the report; then everything else of today, and tomorrow."""
    station = _station(code)
    now = studio().now()
    day = station_days.station_day(db(), station.id, now=now, zone=studio().settings.timezone)
    return render_template(
        "station/today.html",
        station=station,
        now=now,
        day=day,
        **_foremost(day.foremost),
        may_report=_may_report(),
        reasons=_reasons(),
    )


@bp.get("/<code>/next")
@allow.any_signed_in
def next_piece(code: str) -> str:
    """The card of the next broadcast alone: asked for again while it is still being made."""
    station = _station(code)
    now = studio().now()
    day = station_days.station_day(db(), station.id, now=now, zone=studio().settings.timezone)
    return render_template("station/_next.html", station=station, now=now, day=day, **_foremost(day.foremost))


@bp.get("/<code>/week")
@allow.any_signed_in
def week(code: str) -> str:
    """Seven days from today, each with its downloads."""
    station = _station(code)
    now, first = studio().now(), due.local_today(studio())
    found = station_days.airings(db(), station.id, first, first + timedelta(days=_DAYS), now=now)
    days = station_days.days_of(found, first, _DAYS)
    return render_template("station/week.html", station=station, now=now, today=first, days=days, reasons=REASONS)


@bp.get("/<code>/log")
@allow.any_signed_in
def log(code: str) -> str:
    """The as-run log, newest entry first, fifty a page."""
    station = _station(code)
    before = request.args.get("before", type=int)
    found = receipts.log(db(), station.id, now=studio().now(), before_id=before, most=_LOG_LINES + 1)
    return render_template(
        "station/log.html",
        station=station,
        lines=found[:_LOG_LINES],
        older=found[_LOG_LINES - 1].entry.id if len(found) > _LOG_LINES else None,
        before=before,
        reasons=REASONS,
    )


@bp.get("/<code>/help")
@allow.any_signed_in
def help_page(code: str) -> str:
    """The operator's guide, the same that is printed."""
    return render_template("station/help.html", station=_station(code), guide=guide_html())


@bp.post("/<code>/broadcasts/<int:broadcast_id>/report")
@allow(Role.OPERATOR, Role.PLANNER, Role.ADMIN)
def report(code: str, broadcast_id: int) -> ResponseReturnValue:
    """Take the station's word: outcome aired, missed with a reason, or withdrawn; then back to where it was said."""
    station = _station(code)
    broadcast = db().get(Broadcast, broadcast_id)
    if broadcast is None or broadcast.station_id != station.id:
        raise NotFound("buổi phát này")
    outcome = request.form.get("outcome", "")
    try:
        receipts.report(
            db(),
            broadcast.id,
            outcome=outcome,
            reason=request.form.get("reason", ""),
            note=request.form.get("note", ""),
            account_id=door.visitor().account_id,
            now=studio().now(),
            is_sure=request.form.get("sure") == "1",
        )
    except TooEarly as question:
        return render_template("station/sure.html", station=station, broadcast=broadcast, question=question), 409
    _tell(broadcast, outcome, request.form.get("reason", ""))
    if request.form.get("back") == "log":
        return redirect(url_for(".log", code=code))
    return redirect(url_for(".today", code=code))


def _station(code: str) -> Station:
    return door.see_station(stations.by_code(db(), code))


def _may_report() -> bool:
    return door.visitor().may(Role.OPERATOR, Role.PLANNER, Role.ADMIN)


def _reasons() -> list[tuple[str, str]]:
    return [(reason, REASONS[reason]) for reason in receipts.GIVEN_REASONS]


def _foremost(airing: Airing | None) -> dict[str, object]:
    """What the card and the order of the foremost broadcast need."""
    if airing is None:
        return {"lines": [], "wave": ""}
    wave = outline(station_days.outline(db(), airing.broadcast.id, bars=_WAVE_BARS), bars=_WAVE_BARS)
    return {"lines": station_days.lines(db(), airing), "wave": wave}


def _tell(broadcast: Broadcast, outcome: str, reason: str) -> None:
    """The slip with the way back."""
    hour: datetime = broadcast.starts_at.astimezone(studio().settings.timezone)
    if outcome == receipts.WITHDRAWN:
        flash(f"Đã rút lại lời báo buổi {hour:%H:%M}. Xin báo lại cho đúng.")
        return
    words = f"Đã báo phát buổi {hour:%H:%M}."
    if outcome == receipts.MISSED:
        words = f"Đã báo không phát buổi {hour:%H:%M}: {REASONS[reason][0].lower()}{REASONS[reason][1:]}."
    place = url_for(".log", code=broadcast.station.code, _anchor=f"buoi-{broadcast.id}")
    flash(Markup('{} <a href="{}">Báo nhầm, rút lại</a>').format(words, place))


def _own_station_code() -> str:
    """Of the station in the address, else the operator's first own one; empty for the Centre."""
    person = door.visitor_or_none()
    if person is None or person.is_centre:
        return ""
    if request.view_args and request.blueprint == bp.name:
        return str(request.view_args.get("code", ""))
    if "own_station_code" not in g:
        with studio().database.reading() as session:
            own = stations.of_units(session, person.unit_ids)
        g.own_station_code = own[0].code if own else ""
    return str(g.own_station_code)
