"""What the proof-reader finds, what it leaves alone, and what holds for every text there is."""

import time
import unicodedata
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadcast_service.reading.proofreader import Finding, proofread
from broadcast_service.reading.tables import rows
from tests.reading.test_any_text import TEXTS

HERE = Path(__file__).parent
PLAN = (HERE / "plan.vi.txt").read_text(encoding="utf-8")
LIBRARY = sorted((HERE.parents[1] / "scripts_library").rglob("*.md"))
ABOUT_LENGTH = {"breath"}


def cases(*, sound: bool) -> list[tuple[str, ...]]:
    """The lines of the tables: (kind, severity, found, text); `sound` ones have nothing to be found."""
    lines = [
        tuple(line.replace("⏎", "\n").split("\t"))
        for path in sorted((HERE / "proofs").glob("*.tsv"))
        for line in path.read_text(encoding="utf-8").splitlines()[1:]
    ]
    return [line for line in lines if (line[0] == "-") == sound]


@pytest.mark.parametrize(("kind", "severity", "found", "text"), cases(sound=False))
def test_a_fault_is_found_at_its_place(kind: str, severity: str, found: str, text: str) -> None:
    findings = [(each.kind, each.severity, each.written) for each in proofread(text)]
    assert (kind, severity, found) in findings
    assert {each[0] for each in findings} <= {kind, "marks"}


@pytest.mark.parametrize("text", [case[3] for case in cases(sound=True)])
def test_a_sound_text_is_left_alone(text: str) -> None:
    assert proofread(text) == ()


def test_no_right_word_of_the_tables_is_found_wrong_again() -> None:
    rights = [row["right"] for row in rows("confusables")]
    wrong = [each for each in rights if any(finding.kind == "confusable" for finding in proofread(each))]
    assert wrong == []
    assert len(rights) > 400


def find(findings: tuple[Finding, ...], kind: str, written: str) -> list[Finding]:
    return [each for each in findings if each.kind == kind and each.written.startswith(written)]


@pytest.mark.parametrize(
    ("kind", "written", "severity", "count"),
    [
        ("doubled", "Thực hiện Thực hiện", "must", 1),
        ("anniversary", "74 năm ngày Chủ tịch", "must", 1),
        ("deadline", "31/5/2021", "must", 1),
        ("repeated", "gương người tốt, việc tốt", "advise", 1),
        ("confusable", "Công thông tin điện tử", "must", 2),
        ("abbreviation", "VHHT", "advise", 1),
        ("names", "Hội đồng Thi đua - Khen thưởng", "advise", 1),
    ],
)
def test_all_seven_faults_of_the_plan_are_found(kind: str, written: str, severity: str, count: int) -> None:
    found = find(proofread(PLAN), kind, written)
    assert [each.severity for each in found] == [severity] * count


def test_nothing_else_in_the_plan_must_be_mended() -> None:
    must = [each.kind for each in proofread(PLAN) if each.severity == "must"]
    assert sorted(must) == ["anniversary", "confusable", "confusable", "deadline", "doubled"]


def test_the_mends_of_the_plan_are_named() -> None:
    suggestions = [each.suggestion for each in proofread(PLAN)]
    assert "Có lẽ là 31/5/2022." in suggestions
    assert "Sửa thành 73, hoặc sửa năm thành 2022." in suggestions


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_the_library_is_sound(path: Path) -> None:
    findings = proofread(path.read_text(encoding="utf-8").split("---\n", 2)[2])
    assert [each for each in findings if each.kind not in ABOUT_LENGTH] == []
    assert len(findings) <= 2


def test_a_long_sentence_says_how_long_and_where_to_break_it() -> None:
    text = (
        "Bà con trong thôn cùng nhau góp ngày công, góp vật liệu, hiến đất vườn để mở con đường bê tông dài "
        "hai cây số, đồng thời vận động con em làm ăn xa gửi tiền về giúp thôn làm thêm hàng cột đèn chiếu "
        "sáng cho cả xóm."
    )
    (finding,) = proofread(text)
    assert (finding.kind, finding.severity) == ("breath", "advise")
    assert finding.reason == "Câu dài 49 tiếng, khó đọc một hơi."
    assert finding.suggestion == "Tách câu sau “bê tông dài hai cây số”."
    assert finding.mend == text.replace("hai cây số, đồng thời", "hai cây số. Đồng thời")


def test_a_long_sentence_is_parted_with_everything_that_stands_in_it() -> None:
    half = (
        "bà con trong thôn cùng nhau góp ngày công và góp vật liệu để mở\u200b con đường bê tông dài hai cây số rất đẹp"
    )
    (finding,) = proofread(f"Năm nay {half}; xóm trên {half}.")
    assert finding.mend == f"Năm nay {half}. Xóm trên {half}."


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "Sáng 25/12/2025 tại hội trường UBND xã Hòa Trí đã diễn ra lễ biểu dương 24 điển hình tiên tiến giai đoạn "
            "2021 – 2025 với sự tham dự của 150 đại biểu.",
            "24 điển hình tiên tiến",
        ),
        ("Luật PCCC và CNCH số 55/2024/QH15 có hiệu lực thi hành từ 01-7-2025.", "và CNCH số 55/2024/QH15"),
        ("Bà con xã Hòa Trí" + " cùng nhau dọn rác" * 14, "cùng nhau dọn rác cùng nhau"),
    ],
)
def test_a_long_sentence_without_commas_says_where_to_take_breath(text: str, words: str) -> None:
    (finding,) = (each for each in proofread(text) if each.kind == "breath")
    assert finding.suggestion == f"Thêm dấu phẩy sau “{words}”, hoặc viết thành hai câu."
    assert finding.mend is None


def test_a_long_sentence_of_one_word_is_to_be_written_anew() -> None:
    (finding,) = proofread("1-" * 60 + "1")
    assert (finding.kind, finding.suggestion) == ("breath", "Viết thành hai câu.")


def test_numbers_count_as_they_are_spoken() -> None:
    text = "Ngày 24/11/2026, xã chi 1.250.000 đồng cho 27/27 tổ, mỗi tổ 3-5 hộ, từ 7h30 đến 16h45, tại QL26."
    assert [each.kind for each in proofread(text)] == ["breath"]


def test_places_are_those_of_the_nfc_text() -> None:
    text = "Xã\u200b bổ\u200b xung kinh phí."
    (finding,) = proofread(unicodedata.normalize("NFD", text))
    assert unicodedata.normalize("NFC", text)[finding.start : finding.end] == finding.written == "bổ\u200b xung"


PARTS = (
    'thực hiện Thực cùng ( ) “ ” " [ ] 31/2/2026 thứ Hai, ngày 24/11/2026 74 năm (1948 – 2021) từ 2018 đến 2026 '
    "là 7 trước 1/1/2020 Chỉ thị số 15/CT-UBND 26/8/2021. Công thông tin điện tử bổ xung đảng viên ông Nguyễn A "
    "mua ngay Ban Hội đồng Thi đua - Khen thưởng ; , : … ? ! \n \n\n VHHT nghành \u200b \u0301 T2 CN 0 99 31/4 "
    "hạn nộp từ 9h đến 8h30 giai đoạn 2025 2021 sinh năm 1950, năm nay (2026) 70 tuổi"
)
WORDS = st.sampled_from(PARTS.split(" "))


@settings(max_examples=400, deadline=None)
@given(st.one_of(TEXTS, st.lists(WORDS, max_size=40).map(" ".join)))
@example("\ud800 bổ xung")
@example("ngày 0/0 (0001 - 2021) 0 năm")
@example("")
def test_every_text_is_proofread(text: str) -> None:
    whole = unicodedata.normalize("NFC", text)
    places = []
    for finding in proofread(text):
        assert 0 <= finding.start <= finding.end <= len(whole)
        assert finding.written == whole[finding.start : finding.end]
        assert finding.reason.endswith((".", "”."))
        assert finding.severity in ("must", "advise")
        places.append(finding.start)
    assert places == sorted(places)


@pytest.mark.parametrize(
    "unit",
    [
        "a", "a ", "họp ", "Họp họp. ", "(", ")", "“", '"', "1/1/2026 ", "ngày 31/2/2026 ", "(1948 - 2021)", "74 năm ",
        "từ 2018 đến 2026 ", "Ban ", "Ban Thi đua - Khen ", "a, ", "một hai, ", "15/CT-UBND ", "\n", "\n\n“", "1. ",
        "X. ", "thứ Hai, ", "đảng viên ", "ông A. ", "VHHT ", "nghành ", "Chỉ thị ngày 1/1/2026 trước ngày 1/1/2020 ",
        "1-", "1/1/", "- ", "từ 9h đến 8h ", "giai đoạn 2025 - ", "hạn nộp ", "ngày 2/1 đến ", ";", "…",
        "lần thứ ", "\u200b",
    ],
)  # fmt: skip
def test_the_time_grows_in_step_with_the_length(unit: str) -> None:
    def seconds(count: int) -> float:
        text, best = unit * count, 9.0
        for _ in range(2):
            start = time.process_time()
            proofread(text)
            best = min(best, time.process_time() - start)
        return best

    small, large = seconds(2_000 // len(unit)), seconds(16_000 // len(unit))
    assert large < 0.05 + 40 * small, (small, large)
