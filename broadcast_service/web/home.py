"""The first page after signing in: today over all stations for the Centre, the own station for its operator."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from ..domain.readiness import Key, State
from ..domain.roles import Role
from ..services import accounts, broadcasts, due, scripts, stations
from ..services.accounts import Visitor
from ..storage.tables import Broadcast
from . import door
from .door import allow, db, studio

bp = Blueprint("home", __name__)

_DAYS_LOOKED_AHEAD = 3
_MOST_TO_DO = 6
_MOST_WAITING = 5


@dataclass(frozen=True)
class Row:
    """One broadcast and what is to be said of it."""

    broadcast: Broadcast
    state: State


@dataclass(frozen=True)
class Hour:
    """All that starts at one moment, station by station."""

    starts_at: datetime
    rows: list[Row]
    is_next: bool


@dataclass(frozen=True)
class Task:
    """What one programme lacks at one moment, on as many stations as lack it."""

    rows: list[Row]

    @property
    def first(self) -> Broadcast:
        """Where to begin."""
        return self.rows[0].broadcast

    @property
    def counts(self) -> list[tuple[str, int]]:
        """How many stand in which state, the most urgent first."""
        return [(key, number) for key in Key if (number := sum(row.state.key is key for row in self.rows))]


@bp.get("/")
@allow.any_signed_in
def show() -> ResponseReturnValue:
    """What airs today and what has to be done for it."""
    person = door.visitor()
    if not person.is_centre:
        return _own_station(person)
    session, now, today = db(), studio().now(), due.local_today(studio())
    found = broadcasts.between(session, today, today + timedelta(days=_DAYS_LOOKED_AHEAD))
    states = broadcasts.states(session, found, now)
    rows = [Row(broadcast, states[broadcast.id]) for broadcast in found]
    to_do = [row for row in rows if row.state.needs_work and row.broadcast.starts_at > now]
    waiting = scripts.search(session, status="submitted", per_page=_MOST_WAITING)
    return render_template(
        "home.html",
        today=today,
        hours=_hours([row for row in rows if row.broadcast.local_date == today], now),
        tasks=_tasks(to_do)[:_MOST_TO_DO],
        to_do_total=len(to_do),
        unreported=[row for row in rows if row.state.is_unreported],
        waiting=waiting,
        vacant=accounts.vacant_roles(session) if person.may(Role.ADMIN) else [],
        days=_DAYS_LOOKED_AHEAD,
    )


@bp.get("/admin")
@allow(Role.ADMIN)
def admin() -> ResponseReturnValue:
    """What an administrator looks after, in one place."""
    session = db()
    people, places = accounts.list_accounts(session), stations.list_stations(session)
    return render_template(
        "admin.html",
        accounts=sum(account.active for account in people),
        without_password=sum(account.active and not account.password_hash for account in people),
        stations=sum(station.active for station in places),
        vacant=accounts.vacant_roles(session),
        samples_on_air=scripts.samples_on_air(session),
    )


def _own_station(person: Visitor) -> ResponseReturnValue:
    own = stations.of_units(db(), person.unit_ids)
    if not own:
        return render_template("home_without_station.html")
    return redirect(url_for("station.today", code=own[0].code))


def _hours(rows: list[Row], now: datetime) -> list[Hour]:
    ahead = min((row.broadcast.starts_at for row in rows if row.broadcast.starts_at > now), default=None)
    return [
        Hour(starts_at, list(group), starts_at == ahead)
        for starts_at, group in groupby(rows, key=lambda row: row.broadcast.starts_at)
    ]


def _tasks(rows: list[Row]) -> list[Task]:
    together = groupby(
        sorted(rows, key=lambda row: (row.broadcast.starts_at, row.broadcast.programme_id)),
        key=lambda row: (row.broadcast.starts_at, row.broadcast.programme_id),
    )
    return [Task(list(group)) for _, group in together]
