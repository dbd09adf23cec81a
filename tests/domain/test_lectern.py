from broadcast_service.domain.comparing import compare
from broadcast_service.domain.lectern import estimated_starts, lay_out
from broadcast_service.domain.units import Milliseconds

SPANS = [
    [
        ["Năm ", "Năm", "plain", True],
        ["2018", " hai nghìn không trăm mười tám", "cardinal", True],
        [",", ",", "pause", True],
        [" tám hộ làm ", " tám hộ làm", "plain", True],
        ["8", " tám", "cardinal", True],
        [" ", "", "plain", True],
        ["HTX", " hợp tác xã", "abbreviation", True],
        [".", ".", "pause", True],
        [" CLB ", "\nCLB", "plain", True],
        ["NNTT", " nờ nờ tê tê", "letters", False],
        [".", ".", "pause", True],
    ]
]
WRITTEN = ["Năm 2018, tám hộ làm 8 HTX. CLB NNTT."]
SPOKEN = ["Năm hai nghìn không trăm mười tám, tám hộ làm tám hợp tác xã.\nCLB nờ nờ tê tê."]


def test_what_differs_is_marked_in_pairs() -> None:
    (paragraph,) = lay_out(WRITTEN, SPOKEN, SPANS, starts_ms=[])

    assert [(part.text, part.look) for part in paragraph.written if part.look] == [
        ("2018", "num"),
        ("8", "num"),
        ("HTX", "abbr"),
        ("NNTT", "ask"),
    ]
    assert [part.pair for part in paragraph.written if part.look] == [
        part.pair for part in paragraph.spoken if part.look
    ]


def test_the_sheet_shows_exactly_what_will_be_said() -> None:
    (paragraph,) = lay_out(WRITTEN, SPOKEN, SPANS, starts_ms=[])

    shown = "".join(part.text + (" " if part.breath == "//" else "") for part in paragraph.spoken)
    assert " ".join(shown.split()) == " ".join(SPOKEN[0].split())
    assert [part.breath for part in paragraph.spoken if part.breath] == ["/", "//"]


def test_the_mark_stands_at_the_word_that_was_read_and_not_at_its_like() -> None:
    (paragraph,) = lay_out(WRITTEN, SPOKEN, SPANS, starts_ms=[])

    assert "".join(part.text if part.look else "_" for part in paragraph.spoken).count("tám") == 2
    eight = next(part for part in paragraph.spoken if part.text == "tám")
    assert eight.pair == next(part.pair for part in paragraph.written if part.text == "8")


def test_a_paragraph_that_is_not_said_does_not_shift_the_others() -> None:
    spans = [[["Nơi nhận: ban.", "", "dropped", True]], [["Bà con.", "Bà con.", "plain", True]]]

    first, second = lay_out(["Nơi nhận: ban.", "Bà con."], ["Bà con."], spans, starts_ms=[Milliseconds(0)])

    assert first.spoken == []
    assert [part.text for part in second.spoken] == ["Bà con."]


def test_spans_that_do_not_fit_leave_the_text_whole() -> None:
    (paragraph,) = lay_out(["Khác hẳn."], ["Lời khác."], SPANS, starts_ms=[])

    assert [part.text for part in paragraph.written] == ["Khác hẳn."]
    assert "".join(part.text for part in paragraph.spoken) == "Lời khác."


def test_paragraphs_start_one_after_another() -> None:
    starts = estimated_starts(["một hai ba.", "bốn năm.", "sáu."], of_ms=9_000)

    assert starts[0] == 0
    assert starts == sorted(starts)
    assert starts[-1] < 9_000


def test_a_comparison_leads_from_one_text_to_the_other() -> None:
    changes = compare("Trồng 7 gốc bưởi.", "Trồng 8 gốc bưởi\nngon.")

    assert "".join(change.text for change in changes if change.kind != "new") == "Trồng 7 gốc bưởi."
    assert "".join(change.text for change in changes if change.kind != "gone") == "Trồng 8 gốc bưởi\nngon."


def test_what_somebody_has_decided_is_no_longer_marked_as_unclear() -> None:
    (asked,) = lay_out(WRITTEN, SPOKEN, SPANS, starts_ms=[], asked={0: [(33, 37)]})
    (decided,) = lay_out(WRITTEN, SPOKEN, SPANS, starts_ms=[], asked={})

    assert [part.text for part in asked.written if part.look == "ask"] == ["NNTT"]
    assert [part.look for part in decided.written if part.text == "NNTT"] == ["abbr"]


def test_a_mark_names_the_span_it_is_of() -> None:
    (paragraph,) = lay_out(WRITTEN, SPOKEN, SPANS, starts_ms=[])

    assert [(part.text, SPANS[0][part.span][0]) for part in paragraph.written if part.look] == [
        (word, word) for word in ("2018", "8", "HTX", "NNTT")
    ]


def test_a_paragraph_that_a_person_worded_says_so_and_is_not_marked_as_a_number() -> None:
    (paragraph,) = lay_out(["7 hộ."], ["Bảy nhà."], [[["7 hộ.", "Bảy nhà.", "hand", True]]], starts_ms=[])

    assert paragraph.by_hand
    assert not any(part.look for part in paragraph.written)
