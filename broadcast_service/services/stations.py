"""Stations: their names, their quiet hours and whether they still receive."""

import re
from collections.abc import Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from ..domain.slots import first_quiet
from ..errors import Conflict, Invalid, NotFound
from ..reading.regions import REGIONS
from ..storage.tables import Slot, Station, Unit
from . import profiles
from .slots import rule_of

QUIET_FROM, QUIET_UNTIL = time(21, 0), time(5, 0)
"""Nothing is aired at night unless a decision says otherwise."""

_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def list_stations(session: Session) -> Sequence[Station]:
    """All stations in their order, disabled ones last."""
    return session.scalars(
        select(Station).options(joinedload(Station.unit)).order_by(Station.active.desc(), Station.position, Station.id)
    ).all()


def of_units(session: Session, unit_ids: frozenset[int]) -> Sequence[Station]:
    """Working stations of these units, in their order."""
    return session.scalars(
        select(Station).where(Station.unit_id.in_(unit_ids), Station.active).order_by(Station.position, Station.id)
    ).all()


def by_code(session: Session, code: str) -> Station | None:
    """The station of that code, working or not."""
    return session.scalar(select(Station).where(Station.code == code).options(joinedload(Station.unit)))


def by_codes(session: Session, codes: str) -> Sequence[Station]:
    """The stations of codes parted by commas, or every working one for “*”. Raises NotFound for an unknown code."""
    if codes.strip() == "*":
        return [station for station in list_stations(session) if station.active]
    found = {code: by_code(session, code) for code in (part.strip() for part in codes.split(","))}
    for code, station in found.items():
        if station is None:
            raise NotFound(f"đài mã “{code}”")
    return [station for station in found.values() if station is not None]


def get_station(session: Session, station_id: int) -> Station:
    """The station. Raises NotFound."""
    station = session.get(Station, station_id)
    if station is None:
        raise NotFound("đài này")
    return station


def save_station(
    session: Session,
    station_id: int | None,
    *,
    name: str,
    letters: str,
    region: str,
    quiet_from: time,
    quiet_until: time,
    quiet_decision: str,
    active: bool,
    today: date,
    now: datetime,
    profile: str = "web",
    code: str = "",
    unit_id: int | None = None,
) -> Station:
    """Add a station or change one. The code stays once given: it is in addresses and on sticks.

    Raises NotFound, Invalid with its field (quiet hours other than 21:00-05:00 need the number of the
    decision), Conflict when a running slot of the station would fall into its quiet hours.
    """
    station = get_station(session, station_id) if station_id is not None else _new(session, code, unit_id)
    station.name = _text(name, "name", "Hãy ghi tên đài như đọc trên loa, tối đa 120 ký tự.", longest=120)
    station.letters = _text(letters, "letters", "Chữ viết tắt gồm một đến ba ký tự.", longest=3)
    if region not in REGIONS:
        raise Invalid("Hãy chọn giọng vùng.", field="region")
    station.region = region
    decision = quiet_decision.strip()[:120]
    if (quiet_from, quiet_until) != (QUIET_FROM, QUIET_UNTIL) and not decision:
        raise Invalid(
            "Giờ yên lặng khác 21:00 đến 05:00 cần có quyết định cho phép. Hãy ghi số quyết định.",
            field="quiet_decision",
        )
    _keep_slots_awake(session, station, quiet_from, quiet_until, today)
    station.quiet_from, station.quiet_until, station.quiet_decision = quiet_from, quiet_until, decision
    station.active = active
    station.profile = profiles.chosen(profile).name
    station.updated_at = now
    session.flush()
    return station


def _new(session: Session, code: str, unit_id: int | None) -> Station:
    code = code.strip()
    if not _CODE.fullmatch(code) or len(code) > 40:
        raise Invalid("Mã đài gồm chữ thường không dấu, chữ số và gạch nối, như “hoa-tri”.", field="code")
    if by_code(session, code) is not None:
        raise Invalid(f"Đã có đài mang mã “{code}”. Hãy chọn mã khác.", field="code")
    unit = session.get(Unit, unit_id) if unit_id is not None else None
    if unit is None:
        raise Invalid("Hãy chọn đơn vị quản lý đài.", field="unit")
    places = session.scalars(select(Station.position)).all()
    station = Station(code=code, name="", letters="", unit=unit, position=max(places, default=0) + 1)
    session.add(station)
    return station


def _text(value: str, field: str, sentence: str, *, longest: int) -> str:
    value = " ".join(value.split())
    if not 1 <= len(value) <= longest:
        raise Invalid(sentence, field=field)
    return value


def _keep_slots_awake(session: Session, station: Station, quiet_from: time, quiet_until: time, today: date) -> None:
    """Refuse quiet hours that a running slot of this station would fall into."""
    running = session.scalars(
        select(Slot)
        .where(
            Slot.stations.any(Station.id == station.id),
            Slot.valid_until.is_(None) | (Slot.valid_until > today),
        )
        .options(selectinload(Slot.stations))
    ).all()
    for slot in running:
        if first_quiet(rule_of(slot), quiet_from, quiet_until, ZoneInfo(slot.zone)):
            raise Conflict(
                f"Khung giờ {slot.starts_at:%H:%M} của chuyên mục “{slot.programme.name}” rơi vào giờ yên lặng mới. "
                "Hãy dời khung giờ ấy trước."
            )
