"""What a weekly rule of wall-clock time means, in zones with and without changing clocks."""

import os
import time as process_time
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast_service.domain.slots import (
    SlotRule,
    clashes,
    first_quiet,
    in_quiet_hours,
    mask_of,
    occurrences,
    to_utc,
    weekdays_in,
)
from broadcast_service.domain.units import Seconds

NINH_HOA = ZoneInfo("Asia/Ho_Chi_Minh")
NEW_YORK = ZoneInfo("America/New_York")
FAR = ("Europe/Berlin", "Australia/Lord_Howe", "UTC")
ZONES = st.sampled_from([NINH_HOA, NEW_YORK, *map(ZoneInfo, FAR)])
TODAY = date(2026, 11, 24)
SUNDAY, MONDAY = 1 << 6, 1


def rule(
    start: str, *, days: int = 127, minutes: int = 15, zone: ZoneInfo = NINH_HOA, **other: date | None
) -> SlotRule:
    values: dict[str, date | None] = {"valid_from": date(2026, 1, 1), "valid_until": None, **other}
    return SlotRule(
        weekdays=days,
        starts_at=time.fromisoformat(start),
        zone=zone,
        length_s=Seconds(minutes * 60),
        valid_from=values["valid_from"] or TODAY,
        valid_until=values["valid_until"],
    )


@pytest.fixture(params=["UTC", "America/New_York", "Asia/Ho_Chi_Minh"])
def process_zone(request: pytest.FixtureRequest) -> Iterator[str]:
    """The zone of the machine, which must not matter."""
    before = os.environ.get("TZ")
    os.environ["TZ"] = request.param
    process_time.tzset()
    yield request.param
    if before is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = before
    process_time.tzset()


def test_sunday_at_six_stays_sunday_wherever_the_service_runs(process_zone: str) -> None:
    moments = list(occurrences(rule("06:00", days=SUNDAY), date(2026, 11, 23), date(2026, 12, 7)))

    assert [moment.local_date for moment in moments] == [date(2026, 11, 29), date(2026, 12, 6)]
    assert moments[0].starts_at == datetime(2026, 11, 28, 23, 0, tzinfo=UTC)  # a Saturday in UTC
    assert moments[0].starts_at.astimezone(NINH_HOA).strftime("%a %H:%M") == "Sun 06:00"


def test_a_daily_hour_stays_where_it_is_across_changes_of_the_clock(process_zone: str) -> None:
    moments = list(occurrences(rule("02:00", zone=NEW_YORK), date(2026, 1, 1), date(2027, 1, 1)))

    off = [m.local_date for m in moments if m.starts_at.astimezone(NEW_YORK).time() != time(2, 0)]
    assert len(moments) == 365
    assert off == [date(2026, 3, 8)], "only on the one day whose 02:00 does not exist"


def test_a_time_the_clocks_skip_is_an_hour_later_on_that_one_day() -> None:
    assert to_utc(date(2026, 3, 8), time(2, 30), NEW_YORK) == datetime(2026, 3, 8, 7, 30, tzinfo=UTC)
    assert to_utc(date(2026, 3, 8), time(2, 30), NEW_YORK).astimezone(NEW_YORK).time() == time(3, 30)


def test_a_time_that_comes_twice_is_its_first_coming() -> None:
    assert to_utc(date(2026, 11, 1), time(1, 30), NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)


def test_a_rule_airs_only_while_it_is_valid() -> None:
    short = rule("05:30", valid_from=date(2026, 11, 25), valid_until=date(2026, 11, 27))
    assert [m.local_date.day for m in occurrences(short, date(2026, 11, 1), date(2026, 12, 30))] == [25, 26]


def test_what_ends_at_midnight_does_not_meet_what_begins_there() -> None:
    late, early = rule("22:00", minutes=120), rule("00:00", minutes=120)
    assert clashes(late, early, since=TODAY) == []
    assert clashes(early, late, since=TODAY) == []


def test_a_slot_over_midnight_meets_the_next_morning() -> None:
    pairs = clashes(rule("23:45", days=SUNDAY, minutes=30), rule("00:10", days=MONDAY, minutes=10), since=TODAY)

    mine, rival = pairs[0]
    assert (mine.local_date.weekday(), rival.local_date.weekday()) == (6, 0), "over the edge of the week"
    assert rival.local_date - mine.local_date == timedelta(days=1)


def test_neighbours_do_not_meet_and_one_minute_more_does() -> None:
    assert clashes(rule("05:30"), rule("05:45"), since=TODAY) == []
    assert clashes(rule("05:30", minutes=16), rule("05:45"), since=TODAY)


def test_rules_valid_at_different_times_do_not_meet() -> None:
    ended = rule("05:30", valid_until=date(2026, 12, 1))
    assert clashes(ended, rule("05:30", valid_from=date(2026, 12, 1)), since=TODAY) == []
    assert clashes(ended, rule("05:30", valid_from=date(2026, 11, 30)), since=TODAY)


def test_rules_of_two_zones_meet_when_the_clocks_bring_them_together() -> None:
    in_winter = rule("17:00", zone=NEW_YORK)  # 05:00 in Ninh Hòa in winter, 04:00 in summer
    assert clashes(in_winter, rule("05:00"), since=date(2026, 5, 1))
    assert clashes(in_winter, rule("04:00"), since=date(2026, 11, 24))


@pytest.mark.parametrize(
    ("start", "minutes", "is_quiet"),
    [
        ("03:15", 15, True),
        ("04:50", 15, True),
        ("04:45", 15, False),
        ("05:00", 15, False),
        ("20:45", 15, False),
        ("20:50", 15, True),
        ("21:00", 15, True),
        ("23:55", 15, True),
        ("00:00", 1, True),
    ],
)
def test_quiet_hours_hold_for_every_minute_of_a_slot(start: str, minutes: int, is_quiet: bool) -> None:
    quiet_until = time(4, 45) if start == "04:45" else time(5, 0)
    moment = first_quiet(rule(start, minutes=minutes), time(21, 0), quiet_until, NINH_HOA)
    assert (moment is not None) == is_quiet


def test_quiet_hours_within_one_day_and_none_at_all() -> None:
    noon = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
    assert in_quiet_hours(noon, noon + timedelta(minutes=1), time(11, 30), time(13, 0), NINH_HOA)
    assert not in_quiet_hours(noon, noon + timedelta(minutes=1), time(0), time(0), NINH_HOA)
    assert not in_quiet_hours(noon, noon + timedelta(minutes=1), time(12, 1), time(13, 0), NINH_HOA)


@given(st.integers(1, 127))
def test_a_mask_and_its_weekdays_say_the_same(mask: int) -> None:
    assert mask_of(weekdays_in(mask)) == mask


rules = st.builds(
    SlotRule,
    weekdays=st.integers(1, 127),
    starts_at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    zone=ZONES,
    length_s=st.integers(60, 3600),
    valid_from=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
    valid_until=st.none() | st.dates(date(2027, 1, 1), date(2027, 6, 30)),
)


@given(rules)
def test_every_occurrence_lies_on_its_weekday_and_lasts_its_length(drawn: SlotRule) -> None:
    before = None
    for moment in occurrences(drawn, date(2026, 6, 1), date(2027, 3, 1)):
        local = moment.starts_at.astimezone(drawn.zone)
        assert drawn.weekdays >> moment.local_date.weekday() & 1
        assert moment.ends_at - moment.starts_at == timedelta(seconds=drawn.length_s)
        assert local.date() == moment.local_date or local.utcoffset() != (local - timedelta(hours=3)).utcoffset()
        assert before is None or before < moment.starts_at
        before = moment.starts_at


@given(rules, rules)
def test_rules_meet_exactly_when_their_moments_do(one: SlotRule, other: SlotRule) -> None:
    since = max(one.valid_from, other.valid_from)
    span = since - timedelta(days=1), since + timedelta(days=14 if one.zone == other.zone == NINH_HOA else 370)
    mine, theirs = list(occurrences(one, *span)), list(occurrences(other, *span))
    by_day: dict[date, list] = {}  # type: ignore[type-arg]
    for moment in theirs:
        by_day.setdefault(moment.starts_at.date(), []).append(moment)
    near = [timedelta(days=n) for n in (-1, 0, 1)]
    expected = any(m.meets(t) for m in mine for n in near for t in by_day.get(m.starts_at.date() + n, []))
    assert bool(clashes(one, other, since=since)) == expected


@given(rules)
def test_a_slot_breaks_quiet_hours_exactly_when_one_of_its_minutes_does(drawn: SlotRule) -> None:
    moment = next(iter(occurrences(drawn, date(2026, 12, 28), date(2027, 1, 4))), None)
    if moment is None:
        return
    minutes = [
        (moment.starts_at + timedelta(minutes=n)).astimezone(NINH_HOA).time() for n in range(-(-drawn.length_s // 60))
    ]
    by_hand = any(minute >= time(21) or minute < time(5) for minute in minutes)
    assert in_quiet_hours(moment.starts_at, moment.ends_at, time(21), time(5), NINH_HOA) == by_hand
