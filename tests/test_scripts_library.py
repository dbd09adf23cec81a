"""The shipped scripts are fit for the air: sorted by the plan, sayable in one breath, true to their own arithmetic."""

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import yaml

from broadcast_service.domain import taxonomy
from broadcast_service.domain.speakers import label_of, labels

FOLDER = Path(__file__).parents[1] / "scripts_library"
PIECE_KEYS = {
    "code", "title", "genre", "area", "field", "content_group", "movement", "object_group",
    "exemplar_kind", "source", "evergreen",
}  # fmt: skip
SHELL_KEYS = {"code", "title", "genre", "shell", "source"}
SHELL_FIELDS = {"tên đài", "thứ", "ngày", "chuyên mục", "các mục", "tên bài"}
DEFAULT_SHELLS = {
    "call": "loi-xuong", "greeting": "loi-chao", "contents": "gioi-thieu",
    "handover": "chuyen-muc", "farewell": "chao-ket",
}  # fmt: skip
SYLLABLES_PER_MIN = 190
UNITS = (
    "phường Ninh Hòa", "phường Đông Ninh Hòa", "phường Hòa Thắng", "xã Bắc Ninh Hòa",
    "xã Tân Định", "xã Nam Ninh Hòa", "xã Tây Ninh Hòa", "xã Hòa Trí",
)  # fmt: skip

OLD_UNIT = re.compile(
    r"(?:xã|phường) Ninh (?:Hiệp|Đa|Đông|Phụng|Diêm|Hải|Thủy|Phước|Vân|Giang|Hà|Phú|An|Sơn|Thọ|Bình|Quang|Xuân"
    r"|Hưng|Ích|Lộc|Tân|Sim|Tây|Thân|Thượng|Trung)\b"
)
NEW_TONE_MARKS = re.compile(r"(?:o[àáảãạèéẻẽẹ]|(?<!q)u[ỳýỷỹỵ])(?![^\W\d_])", re.IGNORECASE)
ADDRESS = re.compile(r"\b(?:ông|bà|anh|chị|em|cô|chú|bác) (?=(\w+) (\w+))", re.IGNORECASE)
"""A form of address and the two words after it."""
NO_NAMES = ("Việt Nam", "Hồ Chí")
DOUBLED = re.compile(r"\b(\w+(?: \w+){0,2}) \1\b", re.IGNORECASE)
MEANT_DOUBLES = {"run run", "chiều chiều", "ào ào"}
ANNIVERSARY = re.compile(r"(\d+) năm[^.!?]*?\(\s*\d+/\d+/(\d{4})\s*[-–—]\s*\d+/\d+/(\d{4})\s*\)")
MARKDOWN = re.compile(r"^\s*(?:[#>*+|]|[-–—] |\d+[.)] )|\*\*|__|`|\]\(|<[a-z/]", re.MULTILINE)
SENTENCE_END = re.compile(r"(?<=[.!?…:;”])\s+")


@dataclass(frozen=True)
class File:
    """One file of the library: front matter and body, as they lie on the disk."""

    path: Path
    keys: dict[str, object]
    body: str

    def key(self, name: str) -> str:
        """The value of a front matter key as text; empty when it is not there."""
        return str(self.keys.get(name, ""))

    @property
    def syllables(self) -> int:
        """Written syllables; what digits and abbreviations add when said is not counted."""
        return len(re.findall(r"\w+", self.body))

    @property
    def sentences(self) -> list[str]:
        return [part for part in SENTENCE_END.split(self.body) if part]


@cache
def library() -> tuple[File, ...]:
    files = []
    for path in sorted(FOLDER.rglob("*.md")):
        _, front, body = path.read_text(encoding="utf-8").split("---\n", 2)
        files.append(File(path, yaml.safe_load(front), body.strip()))
    return tuple(files)


def pieces() -> list[File]:
    return [file for file in library() if not file.key("shell")]


def shells() -> list[File]:
    return [file for file in library() if file.key("shell")]


every_file = pytest.mark.parametrize("file", library(), ids=lambda file: file.path.stem)
every_piece = pytest.mark.parametrize("file", pieces(), ids=lambda file: file.path.stem)
every_shell = pytest.mark.parametrize("file", shells(), ids=lambda file: file.path.stem)


def test_there_are_enough_pieces_to_fill_weeks():
    assert len(pieces()) >= 46
    assert sum(piece.syllables for piece in pieces()) >= 95 * SYLLABLES_PER_MIN


def test_codes_and_titles_are_unique_and_codes_are_the_file_names():
    for key in ("code", "title"):
        seen = Counter(file.key(key) for file in library())
        assert [value for value, times in seen.items() if times > 1] == []
    assert [file.path for file in library() if file.key("code") != file.path.stem] == []


@pytest.mark.parametrize(
    ("key", "choices"),
    [
        ("area", taxonomy.AREAS),
        ("field", taxonomy.FIELDS),
        ("content_group", taxonomy.CONTENT_GROUPS),
        ("object_group", taxonomy.OBJECT_GROUPS),
        ("exemplar_kind", taxonomy.EXEMPLAR_KINDS),
        ("genre", {code: name for code, name in taxonomy.GENRES.items() if code != "loi-dan"}),
    ],
)
def test_every_choice_of_the_plan_has_at_least_two_pieces_and_no_other_is_used(key, choices):
    seen = Counter(piece.key(key) for piece in pieces() if piece.key(key))
    assert set(seen) == set(choices)
    assert min(seen.values()) >= 2, seen


@pytest.mark.parametrize("field", ["nguoi-tot-viec-tot", "san-xuat-kinh-doanh", "hoc-tap-bac"])
def test_the_fields_the_plan_names_first_have_at_least_four_pieces(field):
    assert sum(piece.key("field") == field for piece in pieces()) >= 4


def test_every_present_unit_is_heard_of():
    whole = "\n".join(piece.body for piece in pieces())
    assert [unit for unit in UNITS if unit not in whole] == []


def test_evergreens_of_several_lengths_stand_by_for_empty_slots():
    lengths = sorted(piece.syllables for piece in pieces() if piece.keys.get("evergreen") is True)
    assert len(lengths) >= 8
    assert lengths[0] < 250
    assert lengths[-1] > 500


def test_one_piece_introduces_the_plan_and_the_two_levels_of_today():
    (plan,) = [piece for piece in pieces() if piece.key("code") == "gioi-thieu-ke-hoach"]
    for words in ("34-CT/TW", "01/7/2025", "1667/NQ-UBTVQH15", "hai cấp", "đài truyền thanh"):
        assert words in plan.body


@every_piece
def test_a_piece_is_sorted_whole(file):
    assert set(file.keys) <= PIECE_KEYS
    for key in ("title", "genre", "area", "field", "content_group", "movement", "object_group", "source"):
        assert file.key(key).strip(), key
    assert file.keys.get("evergreen", True) is True
    assert file.key("area") == taxonomy.FIELDS[file.key("field")][0]
    assert file.path.parent.name in {file.key("area"), "chung"}
    assert re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", file.key("code"))


@every_piece
def test_a_piece_tells_that_it_was_written_as_a_sample(file):
    assert file.key("source").startswith("Bài mẫu của kho kịch bản")


@every_piece
def test_a_piece_lasts_from_forty_seconds_to_five_minutes(file):
    assert 40 * SYLLABLES_PER_MIN / 60 <= file.syllables <= 5 * SYLLABLES_PER_MIN


@every_piece
def test_a_piece_has_paragraphs_to_breathe_between(file):
    parts = file.body.split("\n\n")
    assert 3 <= len(parts) <= 10
    assert [part for part in parts if len(part.split()) > 170] == []
    turns = [line for part in parts if "\n" in part for line in part.split("\n")]
    assert [line for line in turns if label_of(line) not in labels(file.body)] == []


def test_a_sketch_has_two_or_three_speakers_who_take_turns():
    sketches = [piece for piece in pieces() if piece.key("genre") == "tieu-pham"]
    assert len(sketches) >= 2
    for sketch in sketches:
        speakers = labels(sketch.body)
        assert 2 <= len(speakers) <= 3
        said = [label for line in sketch.body.splitlines() if (label := label_of(line)) in speakers]
        assert min(Counter(said).values()) >= 3, sketch.path.stem
        assert [speaker for speaker in speakers if speaker.split()[-1] not in sketch.body.split("\n\n")[0]] == []


@every_file
def test_a_sentence_fits_one_breath(file):
    assert [sentence for sentence in file.sentences if len(sentence.split()) > 45] == []


def test_most_sentences_are_short():
    lengths = [len(sentence.split()) for piece in pieces() for sentence in piece.sentences]
    assert sum(length <= 28 for length in lengths) / len(lengths) > 0.97


@every_file
def test_the_text_is_composed_and_has_no_signs_that_are_not_read(file):
    text = file.path.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert not text.startswith("\ufeff")
    assert "\r" not in text
    assert MARKDOWN.findall(file.body) == []
    assert '"' not in file.body
    assert file.body.count("“") == file.body.count("”")


@every_file
def test_tone_marks_stand_where_the_old_rule_puts_them(file):
    assert NEW_TONE_MARKS.findall(file.key("title") + "\n" + file.key("movement") + "\n" + file.body) == []


@every_file
def test_no_fault_of_the_plan_is_repeated(file):
    assert "Công thông tin" not in file.body
    assert "VHHT" not in file.body
    assert [match[0] for match in DOUBLED.finditer(file.body) if match[0].lower() not in MEANT_DOUBLES] == []
    assert wrong_anniversaries(file.body) == []
    assert OLD_UNIT.findall(file.body) == []


@every_piece
def test_a_piece_can_be_aired_in_any_year(file):
    assert re.findall(r"năm nay|năm ngoái|hôm qua|vừa qua|ngày mai|{|}", file.body) == []


@every_piece
def test_people_are_types_without_full_names(file):
    assert full_names(file.body) == []


@every_shell
def test_a_shell_leaves_only_known_fields_open(file):
    assert set(file.keys) == SHELL_KEYS
    assert file.key("genre") == "loi-dan"
    assert file.key("shell") in taxonomy.SHELLS
    assert set(re.findall(r"\{([^{}]*)\}", file.body)) <= SHELL_FIELDS
    assert file.body.count("{") == file.body.count("}")


def test_every_kind_of_shell_has_its_default():
    kinds = {file.key("code"): file.key("shell") for file in shells()}
    assert {kind: code for kind, code in DEFAULT_SHELLS.items() if kinds.get(code) == kind} == DEFAULT_SHELLS
    assert set(DEFAULT_SHELLS) == set(taxonomy.SHELLS)


def wrong_anniversaries(text: str) -> list[str]:
    """The anniversaries whose years do not add up, e.g. 74 years from 1948 to 2021."""
    return [match[0] for match in ANNIVERSARY.finditer(text) if int(match[3]) - int(match[2]) != int(match[1])]


def full_names(text: str) -> list[str]:
    """Persons called by a form of address and two or more capitalised words."""
    names = [f"{match[1]} {match[2]}" for match in ADDRESS.finditer(text) if match[1].istitle() and match[2].istitle()]
    return [name for name in names if name not in NO_NAMES]


def test_the_checks_find_what_they_look_for():
    assert wrong_anniversaries("kỷ niệm 74 năm ngày … (11/6/1948 – 11/6/2021)")
    assert not wrong_anniversaries("kỷ niệm 74 năm ngày … (11/6/1948 - 11/6/2022)")
    assert full_names("gia đình ông Trần Văn Tám ở thôn")
    assert full_names("chị Đỗ Lan kể")
    assert not full_names("trẻ em Việt Nam; anh Hai thợ mộc; bà con Ninh Hòa")
    assert len(NEW_TONE_MARKS.findall("hoà, thuỷ, khoẻ, tuý")) == 4
    assert not NEW_TONE_MARKS.findall("hòa, thủy, quý, hoàn, khoản")
    assert DOUBLED.search("Thực hiện Thực hiện Chỉ thị")
    assert OLD_UNIT.search("xã Ninh Sim")
    assert not OLD_UNIT.search("phường Ninh Hòa, xã Bắc Ninh Hòa")
