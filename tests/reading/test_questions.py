"""What is asked can be answered: the words asked about, put into a lexicon, are said as chosen and not asked again."""

from pathlib import Path

import pytest
from hypothesis import example, given, settings

from broadcast_service.reading import Reading, read_aloud
from broadcast_service.reading.lexicon import Lexicon, tidied
from tests.reading.test_any_text import TEXTS
from tests.reading.test_cases import TABLES, lines_of

HERE = Path(__file__).parent
LIBRARY = sorted((HERE.parents[1] / "scripts_library").rglob("*.md"))
ASKING = """UBND xã mời BTV, VHHT và OPEC họp ngày 31/2/2026 với ông Anderson; 3/13/2026, 15/CT-XYZT, lớp ABCD12345678.
TIN VỀ HTXT VÀ JOHNSON
Nơi nhận:
- Như trên;
- Lưu: VT."""


def answered_wrongly(text: str, region: str = "trung", style: str = "radio") -> list[tuple[str, str, str]]:
    """Reads again with each first candidate in a lexicon: (written, said before, said with it) where they differ."""
    reading = read_aloud(text, region=region, style=style)
    wrong = []
    for question in reading.questions:
        assert question.candidates, question
        if not _stands_once(question.written, text):
            continue
        again = read_aloud(text, region=region, style=style, lexicon={question.written: question.candidates[0]})
        assert not _asks(again, question.written)
        if again.spoken != reading.spoken:
            wrong.append((question.written, reading.spoken, again.spoken))
    return wrong


def _stands_once(written: str, text: str) -> bool:
    """Does a lexicon find the words once? Elsewhere in the text their context may decide otherwise."""
    own = Lexicon({written: ""})
    return sum(len(list(own.find(tidied(line)))) for line in text.splitlines()) == 1


def _asks(reading: Reading, written: str) -> bool:
    return any(question.written == written for question in reading.questions)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_the_first_candidate_of_a_question_in_the_cases_is_what_is_said(table: Path) -> None:
    wrong = [answered_wrongly(line[0], line[2], line[3]) for line in lines_of(table)]
    assert [each for each in wrong if each] == []


@pytest.mark.parametrize("path", [HERE / "plan.vi.txt", *LIBRARY], ids=lambda path: path.stem)
def test_the_first_candidate_of_a_question_in_real_texts_is_what_is_said(path: Path) -> None:
    assert answered_wrongly(path.read_text(encoding="utf-8")) == []


@settings(max_examples=400, deadline=None)
@given(TEXTS)
@example(ASKING)
def test_the_first_candidate_of_a_question_in_any_text_is_what_is_said(text: str) -> None:
    for written, before, after in answered_wrongly(text):
        assert _joined(before) == _joined(after), written


def _joined(spoken: str) -> str:
    """The sentences in one line: whether a line in small letters goes on with the one above may change."""
    return " ".join(spoken.lower().replace(".\n", " ").split())


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("ngiêm", "nghiêm"),
        ("nghiẹp", "nghiệp"),
        ("viêc", "việc"),
        ("thưởgn", "thưởng"),
        ("nhữg", "những"),
        ("ngừoi", "người"),
        ("kủa", "của"),
        ("hoạtđộng", "hoạt động"),
        ("Thanhh", "Thanh"),
    ],
)
def test_a_misspelt_word_may_be_the_nearest_syllable(written: str, meant: str) -> None:
    (question,) = read_aloud(f"Bà con {written} vui.").questions
    assert question.candidates[1] == meant


@pytest.mark.parametrize("written", ["Anderson", "Kevin", "Êban", "Krah", "Mlêt", "Zen"])
def test_a_foreign_name_is_no_misspelt_syllable(written: str) -> None:
    assert [len(question.candidates) for question in read_aloud(f"Ông {written} vui.").questions] in ([], [2])


@pytest.mark.parametrize(
    ("written", "candidates"),
    [
        (
            "31/2/2024",
            (
                "ba mươi mốt tháng hai năm hai nghìn không trăm hai mươi tư",
                "ba mươi mốt trên hai trên hai nghìn không trăm hai mươi tư",
                "hai mươi chín tháng hai năm hai nghìn không trăm hai mươi tư",
            ),
        ),
        ("30/2", ("ba mươi tháng hai", "ba mươi trên hai", "hai mươi tám tháng hai")),
        ("31/4", ("ba mươi mốt tháng tư", "ba mươi mốt trên bốn", "ba mươi tháng tư")),
        (
            "13/13/2000",
            ("mười ba tháng mười ba năm hai nghìn", "mười ba trên mười ba trên hai nghìn"),
        ),
        (
            "11/25/2000",
            (
                "hai mươi lăm tháng mười một năm hai nghìn",
                "mười một tháng hai mươi lăm năm hai nghìn",
                "mười một trên hai mươi lăm trên hai nghìn",
            ),
        ),
    ],
)
def test_a_day_that_no_calendar_has_may_be_figures_or_a_day_near_it(written: str, candidates: tuple[str, ...]) -> None:
    (question,) = read_aloud(f"Xã họp ngày {written} tại đình.").questions
    assert question.candidates == candidates
