from hypothesis import given
from hypothesis import strategies as st

from broadcast_service.domain.comparing import Change, at_a_glance, differing_lines, side_by_side

words = st.lists(st.sampled_from(["một", "hai", "ba", "bốn"]), max_size=8).map(" ".join)


def test_a_phrase_that_changes_is_one_stretch() -> None:
    older, newer = side_by_side("Câu lạc bộ en-nờ en-nờ tê hát họp.", "Câu lạc bộ nông nghiệp tuần hoàn họp.")
    assert older == [Change("same", "Câu lạc bộ "), Change("gone", "en-nờ en-nờ tê hát"), Change("same", " họp.")]
    assert newer == [Change("same", "Câu lạc bộ "), Change("new", "nông nghiệp tuần hoàn"), Change("same", " họp.")]


@given(words, words)
def test_each_side_is_its_text(older: str, newer: str) -> None:
    left, right = side_by_side(older, newer)
    assert "".join(change.text for change in left) == older
    assert "".join(change.text for change in right) == newer
    assert {change.kind for change in left} <= {"same", "gone"}
    assert {change.kind for change in right} <= {"same", "new"}


def test_only_the_lines_that_differ_are_told() -> None:
    older, newer = "Một.\nHai mươi tư.\n\nBa.\nBốn nghìn.", "Một.\nHai mươi bốn.\n\nBa.\nBốn ngàn."
    assert differing_lines(older, newer) == [
        [Change("same", "Hai mươi "), Change("gone", "tư."), Change("new", "bốn.")],
        [Change("same", "Bốn "), Change("gone", "nghìn."), Change("new", "ngàn.")],
    ]
    assert differing_lines("Một.\n\nHai.", "Một.\nHai.") == []


def test_at_a_glance_only_words_beside_the_changes_are_left() -> None:
    long = "bà con cùng nhau dọn rác " * 8
    older, newer = at_a_glance(f"{long}tư {long}hết.", f"{long}bốn {long}hết.")
    near = "dọn rác bà con cùng nhau dọn rác bà con cùng nhau dọn rác"
    after = "bà con cùng nhau dọn rác bà con cùng nhau dọn rác bà con"
    assert older == [Change("same", f"… {near} "), Change("gone", "tư"), Change("same", f" {after} …")]
    assert newer == [Change("same", f"… {near} "), Change("new", "bốn"), Change("same", f" {after} …")]


def test_at_a_glance_what_is_short_stays_whole() -> None:
    assert at_a_glance("Hai mươi tư.", "Hai mươi bốn.") == side_by_side("Hai mươi tư.", "Hai mươi bốn.")
    assert at_a_glance("", "Một câu." * 40) == ([], [Change("new", "Một câu." * 40)])
