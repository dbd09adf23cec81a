"""What must hold for every text there is, not only for sensible ones."""

import random
import re
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadcast_service.reading import read_aloud
from broadcast_service.reading.tables import pairs

WORDS = (
    "UBND HĐND 15/CT-UBND 34-CT/TW 2021 – - 2025 12-15/9/2022 7h30 19:00 5-7% 500.000đ/người/tháng 1,5 "
    "tỷ đồng/năm QL1A XIII lần thứ quý III/2024 (11/6/1948 11/6/2022) a) 1. I. ** _ # https://a.vn/b "
    "x@y.vn COVID-19 4.0 24/7 m² km/h °C 0258.3845.123 TP. v.v. v.v… P. N.V.A Facebook Anderson "
    "SARS-CoV-2 1/2 3/4 2-0 -5 ≥ ½ ② α 中 é ß 😀 \u200b \u0301 … ... ? ! . , ; : \" “ ” ' ’ / ./. & + = $ "
    "100$ % Nơi nhận: KT. CHỦ TỊCH Lưu: xin chào bà con Ninh Hòa kg 5kg 5A T2-T6 đ/c SN 1975 thứ 4 "
    "tháng ngày 5 \\ | ~ ^ < > [ ] { } \n \n\n \r\n \t "
    '2^3 10^-6 5-<12 tuổi <12 ≥18 0905.123.xxx 09xx v1.2.3 III.2 II.1 Q1/2024 Km12+500 US$5 VND USD 5$-10$ 4K 9"58 '
    "10 : 2 = 5 TCN tài khoản 4711 0000 20-11 lớp 6/2 3kg-6kg 10%-20% 220V-50Hz chuong nguyen file.pdf #covid19 PM AM"
)
PARTS = st.sampled_from(WORDS.split(" "))
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(PARTS, max_size=14).map(" ".join),
    st.lists(PARTS, max_size=10).map("".join),
    st.text(alphabet="aăâbđêIVXCTW0123456789.,-–/:%() \n", max_size=60),
)


def spoken_is_clean(spoken: str) -> bool:
    return not any(letter.isdigit() or letter.isnumeric() for letter in spoken) and not re.search(r"[A-ZĐ]{2,}", spoken)


@settings(max_examples=400, deadline=None)
@given(TEXTS, st.sampled_from(["bac", "trung", "nam"]), st.sampled_from(["radio", "full"]))
@example("\ud800x", "trung", "radio")
@example("1" * 400, "trung", "radio")
def test_every_text_is_read_whole(text, region, style):
    reading = read_aloud(text, region=region, style=style)
    assert "".join(span.written for span in reading.spans) == unicodedata.normalize("NFC", text)
    assert "".join(span.spoken for span in reading.spans) == reading.spoken
    assert spoken_is_clean(reading.spoken), reading.spoken
    for question in reading.questions:
        assert unicodedata.normalize("NFC", text)[question.start :][:1] == question.written[:1] or not question.written


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_reading_what_is_already_spoken_changes_nothing(text):
    spoken = read_aloud(text).spoken
    assert read_aloud(spoken).spoken == spoken


@pytest.mark.parametrize("cased", [str, str.upper, str.capitalize], ids=["as written", "upper", "title"])
def test_foreign_words_that_were_said_are_said_so_again(cased):
    for word in pairs("foreign"):
        spoken = read_aloud(f"Gửi {cased(word)} cho tôi, {cased(word)}.").spoken
        assert read_aloud(spoken).spoken == spoken, word


@pytest.mark.parametrize(
    "unit",
    [
        "1.",
        "1-",
        "1/",
        "12/5/",
        "-",
        "(",
        "[",
        "[a](",
        "*",
        "<a",
        "a.",
        "a@",
        "www.a",
        "I",
        "IV.",
        "UBND-",
        "A&",
        "5kg-",
        "1:",
        "0912 ",
        "\n",
        "\n- ",
        " ",
        "TP.",
        "1,",
        "x",
        "ab",
        "Nơi nhận:\n",
        "KT. A\n",
        "~",
        "́",
        "2021-",
        "0",
        "9",
        "QĐ-",
        "1/QĐ-",
        "thứ ",
        "ngày 1/1 ",
        "\u200b",
        "a\u200b",
        "Lưu\n",
        "0905x",
        "1^",
        "1 : ",
        "5-<",
        "KT. A ",
        "tài khoản 12 ",
        "I.1",
        "uo",
        "a1b2",
        "2tr5",
        "5kg",
        "x1y",
        "aB1",
        "A1",
        "1e5",
        "UBND1",
    ],
)
def test_the_time_grows_in_step_with_the_length(unit):
    def seconds(count: int) -> float:
        text = unit * count
        best = 9.0
        for _ in range(2):
            start = time.process_time()
            read_aloud(text)
            best = min(best, time.process_time() - start)
        return best

    small = seconds(2_000 // len(unit))
    large = seconds(8_000 // len(unit))
    assert large < 0.05 + 8 * small, (small, large)


@pytest.mark.slow
def test_a_megabyte_of_hostile_text_is_read_in_step_with_its_length():
    chooser = random.Random(20_261_123)
    parts = [*WORDS.split(" "), "1.", "((", "12/5/", "a@", "IV.", "A&", "~~", "\u0301", "9" * 30, "\n- ", "-" * 9]

    def seconds(characters: int) -> float:
        text = ""
        while len(text) < characters:
            text += chooser.choice(["", " "]).join(chooser.choices(parts, k=40)) + chooser.choice(["\n", " ", ""])
        start = time.process_time()
        assert spoken_is_clean(read_aloud(text[:characters]).spoken)
        return time.process_time() - start

    small = seconds(100_000)
    assert seconds(1_000_000) < 25 * small
