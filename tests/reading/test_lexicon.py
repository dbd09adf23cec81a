"""A lexicon goes before every rule: whole tokens, longest first, said as its words stand."""

import random
import time
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadcast_service.reading import Lexicon, read_aloud
from tests.reading.test_any_text import PARTS, TEXTS, spoken_is_clean

BLOCK = "Họp xong.\nNơi nhận:\n- Như trên;\n- Lưu: VT."


@pytest.mark.parametrize(
    ("written", "key", "value", "spoken"),
    [
        ("họp tại Hòa", unicodedata.normalize("NFD", "Hòa"), "Hòa Bình", "Họp tại Hòa Bình"),
        ("Công\xa0ty  CP Ninh Hòa họp", "Công ty CP Ninh Hòa", "công ty Ninh Hòa", "Công ty Ninh Hòa họp"),
        ("theo 152/KH-UBND, họp", "152/KH-UBND", "kế hoạch năm nay", "Theo kế hoạch năm nay, họp"),
        ("ngày 14/3/2019 và 14/3", "14/3/2019", "hôm ấy", "Ngày hôm ấy và mười bốn tháng ba"),
        ("lúc 7h30 sáng", "7h30", "bảy rưỡi", "Lúc bảy rưỡi sáng"),
        ("HỘI NGHỊ XYZT NĂM NAY", "XYZT", "xuân yêu thương", "Hội nghị xuân yêu thương năm nay"),
        ("1. Họp", "1. Họp", "thứ nhất là họp", "Thứ nhất là họp"),
        ("1. Họp", "1", "mồng một", "Một, Họp"),
        ("_XYZT_ họp", "XYZT", "đội tình nguyện", "Đội tình nguyện họp"),
        ("mời XYZT họp", "XYZT", "", "Mời họp"),
        ("XYZT đạt chuẩn", "XYZT", "Nông thôn mới 2025", "Nông thôn mới hai nghìn không trăm hai mươi lăm đạt chuẩn"),
        ("mời XYZT họp", "XYZT", "UBND xã", "Mời Ủy ban nhân dân xã họp"),
        ("tại XYZT nhé", "XYZT", "Rọ-Tượng", "Tại Rọ-Tượng nhé"),
        ("XYZT nhé", "XYZT", "Fây búc", "Fây búc nhé"),
        ("UBND xã Vạn", "xã Vạn", "xã Vạn Thắng", "Ủy ban nhân dân xã Vạn Thắng"),
    ],
)
def test_an_entry_goes_before_every_rule(written, key, value, spoken):
    assert read_aloud(written, lexicon={key: value}).spoken == spoken


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("QL261", "QL26"),
        ("xyzt", "XYZT"),
        ("lúc 7h30", "30"),
        ("1.500 đồng", "500"),
        ("ngày 14/3/2019", "14/3"),
        ("Chỉ thị 15/CT-UBND", "UBND"),
        ("Phòng VH-TT", "TT"),
        ("tại ninhhoa.gov.vn", "vn"),
    ],
)
def test_an_entry_is_not_found_inside_a_longer_token(written, key):
    assert read_aloud(written, lexicon={key: "sai rồi"}).spoken == read_aloud(written).spoken


def test_a_question_about_an_entry_is_not_asked():
    lexicon = {"VHHT": "văn hóa", "15/CT-XYZT": "chỉ thị mười lăm", "Anderson": "An-đơ-xơn", "31/2/2026": "cuối tháng"}
    text = "VHHT theo 15/CT-XYZT, ông Anderson, 31/2/2026"
    assert len(read_aloud(text).questions) == 4
    assert read_aloud(text, lexicon=lexicon).questions == ()


def test_a_block_left_out_is_asked_about_with_its_first_line():
    (question,) = read_aloud(BLOCK).questions
    assert (question.kind, question.written, question.candidates) == ("dropped", "Nơi nhận:", ("", "Nơi nhận:"))
    assert BLOCK[question.start :].startswith(question.written)


def test_a_block_is_left_out_silently_when_the_lexicon_says_so():
    reading = read_aloud(BLOCK, lexicon={"Nơi nhận:": ""})
    assert (reading.spoken, reading.questions) == ("Họp xong.", ())


def test_a_block_is_read_when_the_lexicon_has_words_for_its_first_line():
    reading = read_aloud(BLOCK, lexicon={"Nơi nhận:": "Gửi đến các nơi:"})
    assert reading.spoken == "Họp xong.\nGửi đến các nơi:\nNhư trên.\nLưu: văn thư."
    assert reading.questions == ()


def test_a_made_lexicon_answers_like_the_mapping_it_was_made_of():
    lexicon = Lexicon({" Công\xa0ty  CP ": "công ty", "": "x", unicodedata.normalize("NFD", "Hòa"): "hòa"})
    assert dict(lexicon) == {"Công ty CP": "công ty", "Hòa": "hòa"}
    assert lexicon[unicodedata.normalize("NFD", "Hòa")] == "hòa"
    assert len(lexicon) == 2


def test_a_lexicon_changed_by_its_owner_is_seen():
    lexicon = {"XYZT": "một hai"}
    read_aloud("XYZT", lexicon=lexicon)
    lexicon["XYZT"] = "ba bốn"
    assert read_aloud("XYZT", lexicon=lexicon).spoken == "Ba bốn"


ENTRIES = st.dictionaries(
    st.one_of(PARTS, st.lists(PARTS, max_size=3).map(" ".join), st.text(max_size=8)),
    st.one_of(PARTS, st.lists(PARTS, max_size=3).map(" ".join), st.text(max_size=12)),
    max_size=6,
)


@settings(max_examples=400, deadline=None)
@given(TEXTS, ENTRIES)
@example("Nơi nhận:\n- x", {"Nơi nhận:": "1", "x": "."})
def test_any_text_is_read_whole_with_any_lexicon(text, lexicon):
    reading = read_aloud(text, lexicon=lexicon)
    assert "".join(span.written for span in reading.spans) == unicodedata.normalize("NFC", text)
    assert "".join(span.spoken for span in reading.spans) == reading.spoken
    assert spoken_is_clean(reading.spoken), reading.spoken


@settings(max_examples=400, deadline=None)
@given(TEXTS, ENTRIES)
@example("Nơi nhận:\n- x", {"Nơi nhận:": "1", "x": "."})
def test_what_is_spoken_with_a_lexicon_is_not_changed_by_reading_it_again(text, lexicon):
    vietnamese = {key: read_aloud(value).spoken for key, value in lexicon.items()}
    spoken = read_aloud(text, lexicon=vietnamese).spoken
    assert read_aloud(spoken).spoken == spoken


def test_two_thousand_entries_cost_little_and_the_time_grows_in_step():
    chooser = random.Random(1)
    words = ["Công", "ty", "CP", "Ninh Hòa", "Vạn Thắng", "xã", "đèo", "Rọ Tượng", "tổ", "dân", "phố", "UBND", "HTX"]
    lexicon = {" ".join([*chooser.choices(words, k=3), str(number)]): "tên riêng" for number in range(2_000)}
    paragraphs = [" ".join(chooser.choices([*words, "7", "1999", ","], k=60)) for _ in range(100)]

    def seconds(texts: list[str], entries: dict[str, str] | None) -> float:
        best = 9.0
        for _ in range(3):
            start = time.process_time()
            for text in texts:
                read_aloud(text, lexicon=entries)
            best = min(best, time.process_time() - start)
        return best

    assert seconds(paragraphs, lexicon) < 0.1 + 3 * seconds(paragraphs, None)
    joined = " ".join(paragraphs)
    assert seconds([joined * 8], lexicon) < 0.05 + 20 * seconds([joined], lexicon)
