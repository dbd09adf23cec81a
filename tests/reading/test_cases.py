"""Tables of written and spoken text: data that is extended without Python."""

from pathlib import Path

import pytest

from broadcast_service.reading import read_aloud

COLUMNS = ["written", "spoken", "region", "style", "kind"]


TABLES = sorted((Path(__file__).parent / "cases").glob("*.tsv"))


def lines_of(table):
    header, *lines = table.read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert header.split("\t") == COLUMNS, table.name
    return [line.split("\t") for line in lines]


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.stem)
def test_every_line_of_the_table_is_said_as_it_says(table):
    wrong = []
    for number, (written, spoken, region, style, _) in enumerate(lines_of(table), start=2):
        said = read_aloud(written, region=region, style=style).spoken.replace("\n", " ⏎ ")
        if said != spoken:
            wrong.append(f"{table.name}:{number}: {written}\n  is said   {said}\n  should be {spoken}")
    assert not wrong, "\n" + "\n".join(wrong)


def test_there_are_enough_cases_and_none_is_written_twice():
    cases = [(line[0], line[2], line[3]) for table in TABLES for line in lines_of(table)]
    assert len(cases) >= 2_000
    assert len(set(cases)) == len(cases), {case for case in cases if cases.count(case) > 1}


def test_every_region_and_style_has_cases():
    lines = [line for table in TABLES for line in lines_of(table)]
    for region in ("bac", "trung", "nam"):
        assert sum(line[2] == region for line in lines) >= 100, region
    assert sum(line[3] == "full" for line in lines) >= 10


def test_an_unknown_abbreviation_is_asked_about():
    questions = read_aloud("Lưu: VT, TĐKT, VHHT.").questions
    assert [(question.written, question.kind) for question in questions] == [("VHHT", "unknown")]


def test_an_ambiguous_abbreviation_offers_its_meanings():
    (question,) = read_aloud("Mời BTV đến họp").questions
    assert question.kind == "context"
    assert set(question.candidates) == {"Ban Thường vụ", "biên tập viên"}


@pytest.mark.parametrize(
    ("text", "kind", "candidates"),
    [
        ("thóc 15t", "context", ("mười lăm tuổi", "mười lăm tấn", "mười lăm tỷ")),
        ("ngày 31/4", "date", ("ba mươi mốt tháng tư", "ba mươi mốt trên bốn", "ba mươi tháng tư")),
        (
            "xem ngày 29/2/2100",
            "date",
            (
                "hai mươi chín tháng hai năm hai nghìn một trăm",
                "hai mươi chín trên hai trên hai nghìn một trăm",
                "hai mươi tám tháng hai năm hai nghìn một trăm",
            ),
        ),
    ],
)
def test_what_may_be_otherwise_is_asked(text, kind, candidates):
    (question,) = read_aloud(text).questions
    assert (question.kind, question.candidates) == (kind, candidates)


def test_the_place_of_a_question_is_where_its_words_stand():
    text = "Hội họp tại XYZQ\u200bW hôm nay, mời ABCQ."
    for question in read_aloud(text).questions:
        assert text[question.start] == question.written[0]


def test_a_lexicon_goes_before_every_rule_and_knows_only_whole_tokens():
    lexicon = {"VHHT": "Văn hóa và Thông tin", "QL26": "quốc lộ hai sáu", "TT": "thị trấn"}
    spoken = read_aloud("VHHT, QL26, QL261, TTYT, TT", lexicon=lexicon).spoken
    assert spoken == ("Văn hóa và Thông tin, quốc lộ hai sáu, quốc lộ hai trăm sáu mươi mốt, Trung tâm Y tế, thị trấn")


def test_the_longest_entry_of_a_lexicon_wins():
    assert read_aloud("đèo Rọ Tượng", lexicon={"Rọ": "x", "Rọ Tượng": "Rọ-Tượng"}).spoken == "Đèo Rọ-Tượng"


@pytest.mark.parametrize("argument", [{"region": "tây"}, {"style": "hát"}])
def test_an_unknown_region_or_style_is_refused(argument):
    with pytest.raises(ValueError, match="must be"):
        read_aloud("x", **argument)
