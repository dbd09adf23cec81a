"""The week sheet: every station's broadcasts of a week, what state each is in, and the filler's button."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from ..domain.readiness import Key, State, Trouble
from ..domain.roles import Role
from ..errors import NotFound
from ..services import broadcasts, due, filling, programmes, slots
from ..services.broadcasts import Headline
from ..storage.tables import Broadcast, Station
from .door import allow, db, studio

bp = Blueprint("week", __name__, url_prefix="/week")

_WEEK = timedelta(days=7)
_MOST_NOTES = 3
TROUBLE, FAULTY = "trouble", "sound"
"""The filters for what outlasts its slot, lies in quiet hours or meets another broadcast, and for faulty sound."""


@dataclass
class Cell:
    """One broadcast on the sheet."""

    broadcast: Broadcast
    state: State
    headline: Headline | None
    rival: Broadcast | None = None
    """A broadcast of the station that starts before this one ends."""

    @property
    def has_trouble(self) -> bool:
        """Whether it can not be aired at its hour as it is planned."""
        return self.state.trouble in (Trouble.OVER, Trouble.QUIET) or self.rival is not None

    @property
    def is_faulty(self) -> bool:
        """Whether it waits for other sound."""
        return self.state.trouble is Trouble.SOUND and self.state.key == Key.RECORD

    @property
    def needs_work(self) -> bool:
        """Whether the Centre has something left to do for it."""
        return self.state.needs_work or self.rival is not None


@dataclass
class Row:
    """One hour of a station, over the days of the week."""

    starts: time
    length_s: int
    cells: dict[date, Cell] = field(default_factory=dict)


@dataclass
class Group:
    """One station."""

    station: Station
    rows: list[Row]

    @property
    def notes(self) -> list[Cell]:
        """What has to be said of the station, soonest first."""
        cells = [cell for row in self.rows for cell in row.cells.values()]
        telling = [cell for cell in cells if cell.needs_work or cell.state.key == Key.MISSED]
        return sorted(telling, key=lambda cell: cell.broadcast.starts_at)[:_MOST_NOTES]


@bp.get("")
@allow(Role.ADMIN, Role.EDITOR, Role.APPROVER, Role.PLANNER)
def show() -> ResponseReturnValue:
    """The sheet of a week: `week` is its ISO name, `station` a code, `state` a filter, `day` the day a phone shows."""
    session, now, today = db(), studio().now(), due.local_today(studio())
    monday = _monday(request.args.get("week", ""), today)
    days = [monday + timedelta(days=n) for n in range(7)]
    found = broadcasts.between(session, monday, monday + _WEEK)
    stations = list({b.station_id: b.station for b in sorted(found, key=lambda b: b.station.position)}.values())
    code = request.args.get("station", "")
    if code in {station.code for station in stations}:
        found = [broadcast for broadcast in found if broadcast.station.code == code]
    cells = _cells(found, broadcasts.states(session, found, now), broadcasts.headlines(session, found))
    state, only_todo = request.args.get("state", ""), bool(request.args.get("todo"))
    shown = [cell for cell in cells if _is_shown(cell, state, only_todo)]
    ahead = [cell for cell in cells if cell.needs_work and cell.broadcast.starts_at > now]
    return render_template(
        "week/show.html",
        monday=monday,
        days=days,
        day=_day(request.args.get("day", ""), days, today),
        today=today,
        tomorrow=today + timedelta(days=1),
        week=name_of(monday),
        weeks={"before": name_of(monday - _WEEK), "now": name_of(today), "after": name_of(monday + _WEEK)},
        stations=stations,
        station=code,
        groups=_groups(shown),
        counts=_counts(cells),
        trouble=sum(cell.has_trouble for cell in cells),
        faulty=sum(cell.is_faulty for cell in cells),
        resting={d for d in days if cells and all(cell.broadcast.local_date != d for cell in cells)},
        urgent={cell.broadcast.local_date for cell in cells if cell.needs_work},
        ahead=ahead,
        is_empty=not cells,
        state=state,
        only_todo=only_todo,
        programmes=programmes.list_programmes(session),
        may_fill=monday + _WEEK > today,
        place_name=slots.place_name,
    )


@bp.post("/fill")
@allow(Role.ADMIN, Role.PLANNER)
def fill() -> ResponseReturnValue:
    """Let the filler choose for every broadcast of the week that is still empty."""
    session, today = db(), due.local_today(studio())
    monday = _monday(request.form.get("week", ""), today)
    weeks_ahead = (monday - today).days // 7 + 2
    if weeks_ahead > due.WEEKS_AHEAD:
        raise NotFound("tuần này, vì còn quá xa")
    broadcasts.materialise(session, studio(), today=today, weeks=due.WEEKS_AHEAD)
    report = filling.fill(session, studio(), first=max(today, monday), last=monday + timedelta(days=6))
    if not report.filled and not report.empty:
        flash("Tuần này không còn chỗ trống nào để xếp.")
    else:
        flash(str(report), "bad" if report.empty and not report.filled else "message")
    return redirect(url_for(".show", week=name_of(monday), station=request.form.get("station") or None))


def name_of(day: date) -> str:
    """The ISO name of a day's week: “2026-W48”."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def _monday(name: str, today: date) -> date:
    """The Monday of a week by its ISO name; empty: this week. Raises NotFound for a name that is none."""
    if not name:
        return today - timedelta(days=today.weekday())
    try:
        return datetime.strptime(f"{name}-1", "%G-W%V-%u").date()  # noqa: DTZ007  a date has no zone
    except ValueError:
        raise NotFound(f"tuần “{name[:20]}”") from None


def _day(text: str, days: list[date], today: date) -> date:
    try:
        asked = date.fromisoformat(text)
    except ValueError:
        asked = today
    return asked if asked in days else today if today in days else days[0]


def _cells(found: list[Broadcast], states: dict[int, State], lines: dict[int, Headline]) -> list[Cell]:
    cells = [Cell(b, states[b.id], lines.get(b.id)) for b in found]
    before: dict[int, Cell] = {}
    for cell in cells:
        earlier = before.get(cell.broadcast.station_id)
        if earlier is not None:
            end = earlier.broadcast.starts_at + timedelta(seconds=earlier.broadcast.length_s)
            if cell.broadcast.starts_at < end and earlier.state.key not in (Key.AIRED, Key.MISSED):
                earlier.rival = cell.broadcast
        before[cell.broadcast.station_id] = cell
    return cells


def _is_shown(cell: Cell, state: str, only_todo: bool) -> bool:
    if only_todo and not cell.needs_work:
        return False
    if state in (TROUBLE, FAULTY):
        return cell.has_trouble if state == TROUBLE else cell.is_faulty
    return not state or (cell.state.key == state and not cell.is_faulty)


def _groups(cells: list[Cell]) -> list[Group]:
    zone = studio().settings.timezone
    groups: dict[int, Group] = {}
    rows: dict[tuple[int, time, int], Row] = {}
    for cell in sorted(cells, key=lambda cell: cell.broadcast.station.position):
        broadcast = cell.broadcast
        group = groups.setdefault(broadcast.station_id, Group(broadcast.station, []))
        key = (broadcast.station_id, broadcast.starts_at.astimezone(zone).time(), broadcast.length_s)
        if key not in rows:
            rows[key] = Row(key[1], key[2])
            group.rows.append(rows[key])
        rows[key].cells[broadcast.local_date] = cell
    for group in groups.values():
        group.rows.sort(key=lambda row: (row.starts, row.length_s))
    return list(groups.values())


def _counts(cells: list[Cell]) -> dict[str, int]:
    counts = dict.fromkeys(Key, 0)
    for cell in cells:
        if cell.state.trouble in (Trouble.NONE, Trouble.SOUND) and not cell.is_faulty:
            counts[cell.state.key] += 1
    return {str(key): count for key, count in counts.items()}
