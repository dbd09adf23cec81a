from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from broadcast_service.domain.readiness import Facts, Key, Trouble, derive, tolerance_ms
from broadcast_service.domain.units import Milliseconds

START = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
QUARTER = Milliseconds(900_000)
COMPLETE = Facts(starts_at=START, slot_ms=QUARTER, length_ms=Milliseconds(895_000), scripts=4)
BEFORE, AFTER = START - timedelta(hours=5), START + timedelta(minutes=15)


def key(now: datetime = BEFORE, **changes: object) -> Key:
    return derive(replace(COMPLETE, **changes), now).key  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"scripts": 0, "length_ms": 60_000}, Key.EMPTY),
        ({"length_ms": 648_000}, Key.SHORT),
        ({"unapproved": 1, "unrendered": 3}, Key.REVIEW),
        ({"unrendered": 1}, Key.RECORD),
        ({}, Key.READY),
        ({"is_fetched": True}, Key.FETCHED),
        ({"outcome": "aired", "is_fetched": True}, Key.AIRED),
        ({"outcome": "missed", "scripts": 0}, Key.MISSED),
        ({"outcome": "withdrawn", "is_fetched": True}, Key.FETCHED),
        ({"is_fetched": True, "unapproved": 1}, Key.REVIEW),
    ],
)
def test_a_broadcast_passes_through_eight_states(changes: dict[str, object], expected: Key) -> None:
    assert key(**changes) == expected


def test_a_broadcast_is_short_below_its_slot_by_more_than_five_percent_and_ten_seconds() -> None:
    assert tolerance_ms(QUARTER) == 45_000
    assert tolerance_ms(Milliseconds(60_000)) == 10_000
    assert key(length_ms=855_000) == Key.READY
    state = derive(replace(COMPLETE, length_ms=Milliseconds(854_999)), BEFORE)
    assert (state.key, state.lack_ms) == (Key.SHORT, 45_001)


def test_a_broadcast_that_outlasts_its_slot_is_not_ready_and_says_by_how_much() -> None:
    state = derive(replace(COMPLETE, length_ms=Milliseconds(900_001)), BEFORE)
    assert (state.key, state.trouble, state.over_ms, state.lack_ms) == (Key.SHORT, Trouble.OVER, 1, 0)
    assert state.needs_work


def test_quiet_hours_that_came_later_keep_a_broadcast_off_the_air() -> None:
    state = derive(replace(COMPLETE, is_quiet=True), BEFORE)
    assert (state.trouble, state.needs_work) == (Trouble.QUIET, True)


def test_what_was_aired_is_not_judged_by_rules_that_came_later() -> None:
    state = derive(replace(COMPLETE, is_quiet=True, outcome="aired"), AFTER)
    assert (state.key, state.trouble) == (Key.AIRED, Trouble.NONE)


def test_the_reason_of_a_miss_is_told() -> None:
    assert derive(replace(COMPLETE, outcome="missed", reason="power"), AFTER).reason == "power"
    assert derive(replace(COMPLETE, outcome="aired", reason="power"), AFTER).reason == ""


def test_past_its_hour_without_a_word_it_is_unreported() -> None:
    assert derive(replace(COMPLETE, is_fetched=True), AFTER).is_unreported
    assert not derive(replace(COMPLETE, is_fetched=True), BEFORE).is_unreported
    assert not derive(replace(COMPLETE, outcome="missed"), AFTER).is_unreported


def test_only_what_is_complete_needs_no_work() -> None:
    assert not derive(COMPLETE, BEFORE).needs_work
    assert derive(replace(COMPLETE, unrendered=1), BEFORE).needs_work


def test_faulty_sound_is_told_before_a_length_that_it_may_be_the_reason_of() -> None:
    for length_ms in (300_000, 1_200_000):
        state = derive(replace(COMPLETE, faulty=1, length_ms=Milliseconds(length_ms)), BEFORE)
        assert (state.key, state.trouble) == (Key.RECORD, Trouble.SOUND)
    assert key(faulty=1, unapproved=1) == Key.REVIEW
