from hypothesis import given
from hypothesis import strategies as st

from broadcast_service.domain.rundown import (
    Kind,
    Part,
    block_start,
    lay_out,
    neighbour,
    order_after_move,
    place_for_script,
    start_times,
)

SHELLS = ("call", "greeting", "contents", "handover", "farewell")


def names(parts: list[Part]) -> list[str]:
    return [part.name or str(part.script_id) for part in parts]


def moved(parts: list[Part], index: int, to: int) -> list[str]:
    return names([parts[place] for place in order_after_move(parts, index, to)])


def test_a_programme_opens_with_call_and_greeting_and_ends_with_farewell() -> None:
    assert names(lay_out([7, 9], shells=SHELLS)) == [
        *("nhac-hieu", "call", "greeting", "contents"),
        *("nhac-cat", "handover", "7", "nhac-cat", "handover", "9"),
        *("farewell", "nhac-ket"),
    ]


def test_shells_that_do_not_exist_are_left_out() -> None:
    assert names(lay_out([7], shells=["call"])) == ["nhac-hieu", "call", "nhac-cat", "7", "nhac-ket"]


def test_a_script_moves_with_its_sting_and_its_handover() -> None:
    parts = lay_out([1, 2, 3], shells=SHELLS)
    one, two, three = (n for n, part in enumerate(parts) if part.kind is Kind.SCRIPT)

    assert moved(parts, three, one) == names(lay_out([3, 1, 2], shells=SHELLS))
    assert moved(parts, one, three) == names(lay_out([2, 3, 1], shells=SHELLS))
    assert moved(parts, two, two) == names(parts)


def test_a_step_leads_from_script_to_script_and_not_beyond() -> None:
    parts = lay_out([1, 2], shells=SHELLS)
    one, two = (n for n, part in enumerate(parts) if part.kind is Kind.SCRIPT)

    assert neighbour(parts, one, 1) == two
    assert neighbour(parts, two, -1) == one
    assert neighbour(parts, two, 1) == two
    assert neighbour(parts, one, -1) == one
    assert neighbour(parts, 0, -1) == 0
    assert neighbour(parts, 0, 1) == 1


def test_an_added_script_goes_behind_the_last_one_or_behind_the_opening() -> None:
    filled, empty = lay_out([1], shells=SHELLS), lay_out([], shells=SHELLS)

    assert filled[place_for_script(filled)].name == "farewell"
    assert empty[place_for_script(empty)].name == "farewell"
    assert place_for_script([]) == 0


def test_items_start_where_the_one_before_ends() -> None:
    assert start_times([20_000, 15_000, 1]) == [0, 20_000, 35_000]  # type: ignore[list-item]
    assert start_times([]) == []


@given(st.lists(st.integers(1, 99), min_size=1, max_size=6, unique=True), st.data())
def test_moving_loses_nothing_and_keeps_every_block_together(scripts: list[int], data: st.DataObject) -> None:
    parts = lay_out(scripts, shells=SHELLS)
    places = [n for n, part in enumerate(parts) if part.kind is Kind.SCRIPT]
    index, to = data.draw(st.sampled_from(places)), data.draw(st.sampled_from(places))

    order = order_after_move(parts, index, to)
    assert sorted(order) == list(range(len(parts)))
    after = [parts[place] for place in order]
    for place, part in enumerate(after):
        if part.kind is Kind.SCRIPT:
            assert after[block_start(after, place) + 1] == Part(Kind.SHELL, "handover", part.script_id)
