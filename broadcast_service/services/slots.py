"""Slots: when a programme airs on which stations. `save_slot` is the only way in, for page, command and file."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..domain import slots as rules
from ..domain.slots import SlotRule
from ..domain.units import Seconds
from ..errors import Invalid, NotFound, UserError
from ..formats.slot_files import SlotRow, read_slots, write_slots
from ..storage.tables import Programme, Slot, Station
from . import broadcasts

DEFAULT_ZONE = "Asia/Ho_Chi_Minh"
FIRST_YEAR, LAST_YEAR = 2000, 2100
"""Years a slot may be valid in: far enough, and safe to reckon with."""

_DAY = timedelta(days=1)
_DAY_NAMES = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


@dataclass(frozen=True)
class SlotsImported:
    """What an import did."""

    added: int
    changed: int
    unchanged: int

    def __str__(self) -> str:
        return f"Thêm {self.added}, sửa {self.changed}, giữ nguyên {self.unchanged} khung giờ."


def typed_date(text: str, field: str) -> date | None:
    """A date as a form sends it, ISO 8601; None for an empty one. Raises Invalid for none of these years."""
    text = text.strip()
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = date.max
    if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise Invalid(f"Không hiểu ngày “{text[:20]}”. Hãy chọn lại ngày.", field=field)
    return day


def rule_of(slot: Slot) -> SlotRule:
    """The recurrence a slot's row stands for."""
    return SlotRule(
        weekdays=slot.weekdays,
        starts_at=slot.starts_at,
        zone=ZoneInfo(slot.zone),
        length_s=Seconds(slot.length_s),
        valid_from=slot.valid_from,
        valid_until=slot.valid_until,
    )


def list_slots(session: Session, *, on: date | None = None) -> list[Slot]:
    """Slots by programme, hour and id; with `on`, only those that have not ended by that date."""
    query = select(Slot).join(Programme).options(selectinload(Slot.stations).joinedload(Station.unit))
    if on is not None:
        query = query.where(Slot.valid_until.is_(None) | (Slot.valid_until > on))
    return list(session.scalars(query.order_by(Programme.position, Slot.starts_at, Slot.weekdays, Slot.id)))


def get_slot(session: Session, slot_id: int) -> Slot:
    """The slot. Raises NotFound."""
    slot = session.get(Slot, slot_id, options=[selectinload(Slot.stations).joinedload(Station.unit)])
    if slot is None:
        raise NotFound("khung giờ này")
    return slot


def save_slot(
    session: Session,
    *,
    slot_id: int | None,
    programme_id: int,
    weekdays: int,
    starts_at: time,
    length_s: int,
    station_ids: Collection[int],
    valid_from: date,
    valid_until: date | None,
    now: datetime,
    zone: str = DEFAULT_ZONE,
    drop_edited: bool = False,
) -> Slot:
    """Add a slot or change one; broadcasts ahead that are not packed yet follow it.

    valid_until: first day on which it no longer airs. Raises Invalid with the field: no weekday, no station,
    a length out of bounds, quiet hours of a station, another slot on a station at the same time; NotFound;
    Conflict when broadcasts edited by hand would be lost and `drop_edited` is not set.
    """
    if session.get(Programme, programme_id) is None:
        raise Invalid("Hãy chọn một chuyên mục.", field="programme_id")
    stations = _stations(session, station_ids)
    _check_shape(weekdays, length_s, valid_from, valid_until)
    rule = SlotRule(
        weekdays=weekdays,
        starts_at=starts_at.replace(second=0, microsecond=0, tzinfo=None),
        zone=ZoneInfo(zone),
        length_s=Seconds(length_s),
        valid_from=valid_from,
        valid_until=valid_until,
    )
    for station in stations:
        _refuse_quiet_hours(station, rule)
    _refuse_overlap(session, stations, rule, slot_id=slot_id, now=now)

    if slot_id is None:
        slot = Slot(created_at=now)
        session.add(slot)
    else:
        slot = get_slot(session, slot_id)
    slot.programme_id, slot.weekdays, slot.starts_at, slot.zone = programme_id, weekdays, rule.starts_at, zone
    slot.length_s, slot.valid_from, slot.valid_until = length_s, valid_from, valid_until
    slot.stations = stations
    session.flush()
    session.refresh(slot, ["programme"])
    if slot_id is not None:
        broadcasts.follow_slot(session, slot, rule, now=now, drop_edited=drop_edited)
    return slot


def end_slot(session: Session, slot_id: int, *, until: date, now: datetime, drop_edited: bool = False) -> Slot:
    """Let a slot air no more from the date `until` on. Broadcasts before it stay, and its history too.

    Raises NotFound; Conflict when broadcasts edited by hand would be lost and `drop_edited` is not set.
    """
    slot = get_slot(session, slot_id)
    slot.valid_until = max(until, slot.valid_from)
    session.flush()
    broadcasts.follow_slot(session, slot, rule_of(slot), now=now, drop_edited=drop_edited)
    return slot


def place_name(station: Station) -> str:
    """How a station is called in a sentence: “Đài xã Hòa Trí”."""
    is_ward = station.unit.kind in ("phuong", "xa", "dac-khu")
    return f"Đài {station.unit.name}" if is_ward else station.name


def export_slots(session: Session) -> str:
    """All slots as CSV text; imported again, it changes nothing."""
    return write_slots(_row_of(slot) for slot in list_slots(session))


def import_slots(session: Session, text_csv: str, now: datetime) -> SlotsImported:
    """Add and change slots as the table says; nothing is ever deleted.

    A row with a number changes that slot; one without is added, unless just such a slot exists. Raises Invalid
    with every mistake on its own line, each naming the line of the file; then nothing may be kept.
    """
    rows, mistakes = read_slots(text_csv)
    programmes = {programme.code: programme.id for programme in session.scalars(select(Programme))}
    stations = {station.code: station.id for station in session.scalars(select(Station))}
    existing = {slot.id: _row_of(slot) for slot in list_slots(session)}
    added = changed = unchanged = 0
    for row in rows:
        try:
            if _is_there(row, existing):
                unchanged += 1
                continue
            if row.number is not None and row.number not in existing:
                raise Invalid(f"không có khung giờ số {row.number}. Để trống cột “Số” nếu là khung giờ mới.")
            save_slot(
                session,
                slot_id=row.number,
                programme_id=_known(row.programme.upper(), programmes, "chuyên mục"),
                weekdays=row.weekdays,
                starts_at=row.starts_at,
                length_s=row.length_s,
                station_ids=[_known(code, stations, "đài") for code in row.stations],
                valid_from=row.valid_from,
                valid_until=row.last_day + _DAY if row.last_day else None,
                now=now,
            )
            added, changed = added + (row.number is None), changed + (row.number is not None)
        except UserError as error:
            mistakes.append(f"Dòng {row.line}: {error}")
    if mistakes:
        raise Invalid("\n".join(sorted(mistakes, key=_line_of)), field="file")
    return SlotsImported(added, changed, unchanged)


def _stations(session: Session, station_ids: Collection[int]) -> list[Station]:
    wanted = set(station_ids)
    query = select(Station).where(Station.id.in_(wanted)).order_by(Station.position).with_for_update(of=Station)
    found = list(session.scalars(query.options(selectinload(Station.unit))))
    if not wanted:
        raise Invalid("Khung giờ cần ít nhất một đài. Hãy chọn đài.", field="station_ids")
    if len(found) < len(wanted):
        raise Invalid("Có đài không còn trong danh sách. Hãy tải lại trang rồi chọn lại.", field="station_ids")
    return found


def _check_shape(weekdays: int, length_s: int, valid_from: date, valid_until: date | None) -> None:
    if not 0 < weekdays <= rules.EVERY_DAY:
        raise Invalid("Khung giờ cần ít nhất một ngày trong tuần. Hãy chọn ngày.", field="weekdays")
    if not rules.SHORTEST_S <= length_s <= rules.LONGEST_S:
        raise Invalid("Khung giờ dài từ 1 đến 60 phút. Hãy chọn độ dài khác.", field="length")
    if not all(FIRST_YEAR <= day.year <= LAST_YEAR for day in (valid_from, valid_until) if day):
        raise Invalid("Hãy chọn ngày trong khoảng từ năm 2000 đến năm 2100.", field="valid_from")
    if valid_until is not None and valid_until <= valid_from:
        raise Invalid("Ngày cuối không được trước ngày đầu.", field="valid_until")


def _refuse_quiet_hours(station: Station, rule: SlotRule) -> None:
    """Raises Invalid when any moment of the slot lies in the station's quiet hours, not only its start."""
    zone = ZoneInfo(DEFAULT_ZONE)
    moment = rules.first_quiet(rule, station.quiet_from, station.quiet_until, zone)
    if moment is None:
        return
    opens, closes = station.quiet_until, station.quiet_from
    start, end = moment.starts_at.astimezone(zone), moment.ends_at.astimezone(zone)
    basis = f"theo {station.quiet_decision}" if station.quiet_decision else "theo quy chế"
    if opens < closes and start.time() < opens:
        rule_said = f"không phát trước {opens:%H:%M} {basis}"
    elif opens < closes:
        rule_said = f"không phát sau {closes:%H:%M} {basis}"
        if start.time() < closes:
            rule_said += f", mà buổi này đến {end:%H:%M} mới hết"
    else:
        rule_said = f"không phát từ {closes:%H:%M} đến {opens:%H:%M} {basis}"
    raise Invalid(
        f"{place_name(station)} {rule_said}. Chọn giờ từ {opens:%H:%M} đến {closes:%H:%M}.", field="starts_at"
    )


def _refuse_overlap(
    session: Session, stations: list[Station], rule: SlotRule, *, slot_id: int | None, now: datetime
) -> None:
    """Raises Invalid that names the rival programme, its hours, the days and the station."""
    ids = {station.id for station in stations}
    today = now.astimezone(rule.zone).date()
    for rival in list_slots(session, on=max(rule.valid_from, today)):
        shared = [station for station in rival.stations if station.id in ids]
        if rival.id == slot_id or not shared:
            continue
        pairs = rules.clashes(rule, rule_of(rival), since=today)
        if pairs:
            days = sorted({other.local_date.weekday() for _, other in pairs})
            end = (datetime.combine(today, rival.starts_at) + timedelta(seconds=rival.length_s)).time()
            more = f" và {len(shared) - 1} đài khác" if len(shared) > 1 else ""
            raise Invalid(
                f"{place_name(shared[0])}{more} đã có chuyên mục “{rival.programme.name}” lúc "
                f"{rival.starts_at:%H:%M}–{end:%H:%M} {_days(days)}. "
                "Hãy chọn giờ, ngày hoặc đài khác.",
                field="starts_at",
            )


def _days(days: list[int]) -> str:
    return "hằng ngày" if len(days) == 7 else ", ".join(_DAY_NAMES[day] for day in days)


def _row_of(slot: Slot) -> SlotRow:
    return SlotRow(
        line=0,
        number=slot.id,
        programme=slot.programme.code,
        weekdays=slot.weekdays,
        starts_at=slot.starts_at,
        length_s=slot.length_s,
        stations=tuple(sorted(station.code for station in slot.stations)),
        valid_from=slot.valid_from,
        last_day=slot.valid_until - _DAY if slot.valid_until else None,
    )


def _is_there(row: SlotRow, existing: dict[int, SlotRow]) -> bool:
    rivals = existing.values() if row.number is None else [existing[row.number]] if row.number in existing else []
    return any(_content(row) == _content(other) for other in rivals)


def _content(row: SlotRow) -> tuple[object, ...]:
    return (
        row.programme.upper(),
        row.weekdays,
        row.starts_at,
        row.length_s,
        row.stations,
        row.valid_from,
        row.last_day,
    )


def _known(code: str, ids: dict[str, int], noun: str) -> int:
    if code not in ids:
        raise Invalid(f"không có {noun} mang mã “{code}”.")
    return ids[code]


def _line_of(mistake: str) -> int:
    return int(mistake.split(":")[0].removeprefix("Dòng "))
