from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast_service.domain.planning import Candidate, Want, choose
from broadcast_service.domain.units import Milliseconds

TODAY = date(2026, 11, 24)


def script(number: int, seconds: int, *, ago: int | None = None, **other: object) -> Candidate:
    heard = frozenset() if ago is None else frozenset({TODAY - timedelta(days=ago)})
    values: dict[str, object] = {"field": f"f{number % 5}", "area": f"a{number % 3}", "heard_on": heard, **other}
    return Candidate(script_id=number, length_ms=Milliseconds(seconds * 1000), **values)  # type: ignore[arg-type]


def want(least_s: int, most_s: int, **other: object) -> Want:
    values: dict[str, object] = {"on": TODAY, **other}
    return Want(least_ms=Milliseconds(least_s * 1000), most_ms=Milliseconds(most_s * 1000), **values)  # type: ignore[arg-type]


def test_scripts_are_chosen_that_fit_the_slot() -> None:
    choice = choose([script(1, 200), script(2, 300), script(3, 170), script(4, 410)], want(570, 590))
    assert sorted(choice.script_ids) == [3, 4]
    assert choice.length_ms == 580_000


def test_the_same_script_is_not_heard_twice_on_one_day() -> None:
    choice = choose([script(1, 300, ago=0), script(2, 200)], want(280, 310))
    assert choice.script_ids == (2,), "short rather than repeated"


def test_what_rested_longest_comes_first() -> None:
    pool = [script(1, 300, ago=8, field="f"), script(2, 300, ago=20, field="f"), script(3, 300, ago=10, field="f")]
    assert choose(pool, want(290, 310)).script_ids == (2,)


def test_a_new_script_comes_before_one_that_was_heard() -> None:
    pool = [script(1, 300, ago=27, field="f"), script(2, 300, field="f")]
    assert choose(pool, want(290, 310)).script_ids == (2,)


def test_a_script_heard_this_week_waits_if_anything_else_fits() -> None:
    assert choose([script(1, 300, ago=3), script(2, 300, ago=9)], want(290, 310)).script_ids == (2,)
    assert choose([script(1, 300, ago=3)], want(290, 310)).script_ids == (1,), "rather repeated than dead air"


def test_an_evergreen_stands_in_only_when_nothing_fresh_fits_and_is_flagged() -> None:
    evergreen = script(9, 300, is_evergreen=True)
    assert choose([script(1, 300), evergreen], want(290, 310)).fallback_ids == frozenset()
    stands_in = choose([script(1, 120), evergreen], want(290, 310))
    assert stands_in.script_ids == (9,)
    assert stands_in.fallback_ids == {9}


def test_nothing_at_all_leaves_the_broadcast_empty() -> None:
    assert choose([], want(290, 310)).script_ids == ()
    assert choose([script(1, 400)], want(290, 310)).script_ids == ()


def test_the_programmes_own_fields_are_preferred() -> None:
    pool = [script(1, 300, field="y-duc"), script(2, 300, field="quoc-phong")]
    assert choose(pool, want(290, 310, preferred=frozenset({"quoc-phong"}))).script_ids == (2,)


def test_a_field_that_had_less_than_its_share_is_preferred() -> None:
    pool = [script(1, 300, field="y-duc", area="a"), script(2, 300, field="quoc-phong", area="a")]
    assert choose(pool, want(290, 310, field_ms={"y-duc": 0, "quoc-phong": 900_000})).script_ids == (1,)
    assert choose(pool, want(290, 310, field_ms={"y-duc": 900_000, "quoc-phong": 0})).script_ids == (2,)


def test_two_scripts_of_one_field_are_kept_apart() -> None:
    pool = [script(n, 100, field="f" if n < 3 else "g") for n in (1, 2, 3)]
    chosen = choose(pool, want(290, 310)).script_ids
    assert len(chosen) == 3
    assert chosen[1] == 3


scripts = st.lists(
    st.builds(
        script,
        st.integers(1, 10_000),
        st.integers(40, 300),
        ago=st.none() | st.integers(0, 40),
        is_evergreen=st.booleans(),
    ),
    max_size=60,
    unique_by=lambda candidate: candidate.script_id,
)


@settings(deadline=None, max_examples=60)
@given(scripts, st.integers(3, 30))
def test_a_choice_never_outlasts_its_span_and_is_always_the_same(pool: list[Candidate], minutes: int) -> None:
    wanted = want(minutes * 60 - 20, minutes * 60)
    choice = choose(pool, wanted)
    by_id = {candidate.script_id: candidate for candidate in pool}

    assert choice == choose(list(reversed(pool)), wanted)
    assert len(set(choice.script_ids)) == len(choice.script_ids)
    assert sum(by_id[key].length_ms for key in choice.script_ids) == choice.length_ms <= wanted.most_ms
    assert all(TODAY not in by_id[key].heard_on for key in choice.script_ids)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.integers(40, 300), min_size=30, max_size=60), st.integers(10, 40))
def test_from_a_full_library_a_slot_is_filled_to_a_few_seconds(lengths: list[int], minutes: int) -> None:
    pool = [script(number, length) for number, length in enumerate(lengths)]
    wanted = want(minutes * 60 - 20, minutes * 60)
    if sum(lengths) > 2 * minutes * 60:
        assert choose(pool, wanted).length_ms >= wanted.least_ms
