"""The public plan this service was first made for: nothing of it may stay unspoken."""

import re
import unicodedata
from pathlib import Path

import pytest

from broadcast_service.reading import read_aloud

PLAN = (Path(__file__).parent / "plan.vi.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("region", ["bac", "trung", "nam"])
def test_no_digit_and_no_abbreviation_is_left_in_the_plan(region):
    spoken = read_aloud(PLAN, region=region).spoken
    assert re.findall(r"\d|\w*[A-ZĐ]{2,}\w*", spoken) == []


def test_the_spans_of_the_plan_join_to_both_texts():
    reading = read_aloud(PLAN)
    assert "".join(span.written for span in reading.spans) == unicodedata.normalize("NFC", PLAN)
    assert "".join(span.spoken for span in reading.spans) == reading.spoken


def test_reading_the_spoken_plan_again_changes_nothing():
    spoken = read_aloud(PLAN).spoken
    assert read_aloud(spoken).spoken == spoken


def test_the_receivers_and_the_signature_are_left_out_and_said_so():
    reading = read_aloud(PLAN)
    assert "Nguyễn Thị Hồng Hải" not in reading.spoken
    assert "Nơi nhận" not in reading.spoken
    assert any(question.kind == "dropped" for question in reading.questions)


def test_the_full_style_leaves_nothing_out():
    spoken = read_aloud(PLAN, style="full").spoken
    assert "Ký thay" in spoken or "ký thay" in spoken.lower()
    assert "ba mươi tư gạch ngang xê tê gạch chéo tê vê kép" in spoken


def test_every_sentence_has_its_own_line_and_begins_with_a_capital():
    for line in read_aloud(PLAN).spoken.split("\n"):
        assert not line or line[0].isupper()
        assert not re.search(r"[.?!] ", line)
