"""Lexicons go out as files and come back the same; what can not be taken is told with its line."""

import csv
import io
from datetime import date
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast_service.domain.lexicon_words import checked_written, cut_example, plain
from broadcast_service.errors import Invalid
from broadcast_service.formats.lexicon_files import (
    LARGEST_BYTES,
    BadLexiconFile,
    FileEntry,
    read_lexicon,
    read_tsv,
    write_tsv,
)
from broadcast_service.formats.lexicon_pls import NAMESPACE, write_pls

HEADER = "written\tspoken\texample\tscope\tauthor\tdate\n"


def entry(written: str, spoken: str, **more: object) -> FileEntry:
    return FileEntry(written=written, spoken=spoken, **more)  # type: ignore[arg-type]


def bare(entries: list[FileEntry]) -> list[tuple[object, ...]]:
    return [(e.written, e.spoken, e.example, e.scope, e.author, e.day) for e in entries]


FULL = [
    entry("UBND", "Ủy ban nhân dân", example="UBND xã họp.", scope="centre", author="Lê Na", day=date(2026, 11, 24)),
    entry("=", "bằng", scope="station/hoa-tri"),
    entry("-5", "trừ năm", example="- Họp (sáng)", scope="script/vuon-buoi"),
    entry("“A&B” <c>", "a và bê", example="+ 'Một' \"hai\""),
    entry("'=x", "", scope="centre"),
]


def test_a_table_comes_back_exactly() -> None:
    assert bare(read_lexicon(write_tsv(FULL).encode())) == bare(FULL)


def test_a_table_may_begin_with_a_mark_or_be_what_a_spreadsheet_calls_unicode_text() -> None:
    text = write_tsv(FULL)
    for data in (text.encode("utf-8-sig"), text.replace("\n", "\r\n").encode("utf-16")):
        assert bare(read_lexicon(data)) == bare(FULL)


def test_a_document_comes_back_with_words_examples_and_its_scope() -> None:
    mine = [entry(e.written, e.spoken, example=e.example, scope="station/hoa-tri") for e in FULL]
    assert bare(read_lexicon(write_pls(mine, scope="station/hoa-tri").encode())) == bare(mine)


def test_a_document_is_what_the_specification_says() -> None:
    root = ElementTree.fromstring(write_pls(FULL[:1], scope="centre").encode())  # noqa: S314  our own
    assert root.tag == f"{{{NAMESPACE}}}lexicon"
    assert root.attrib["version"] == "1.0"
    assert root.attrib["alphabet"] == "ipa"
    assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "vi"
    children = [child.tag.partition("}")[2] for child in root[1]]
    assert children == ["grapheme", "alias", "example"]


words = st.text(max_size=60)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(words, words, words), max_size=6))
def test_any_words_come_back_in_both_formats(texts: list[tuple[str, str, str]]) -> None:
    rows: dict[str, FileEntry] = {}
    for written, spoken, example in texts:
        try:
            kept = entry(checked_written(written), plain(spoken), example=cut_example(example), scope="centre")
        except Invalid:
            continue
        rows[kept.written] = kept
    if rows:
        mine = list(rows.values())
        assert bare(read_lexicon(write_tsv(mine).encode())) == bare(mine)
        assert bare(read_lexicon(write_pls(mine, scope="centre").encode())) == bare(mine)


def test_columns_may_be_named_in_vietnamese_in_any_order_or_not_at_all() -> None:
    assert bare(read_tsv("Lời đọc\tghi chú\tChữ viết\nnông học\tx\tNNTH\n")) == bare([entry("NNTH", "nông học")])
    assert bare(read_tsv("NNTH\tnông học\n")) == bare([entry("NNTH", "nông học")])
    assert read_tsv(HEADER + "a\tá\t\t\t\t24/11/2026\n")[0].day == date(2026, 11, 24)


def test_no_cell_is_a_formula_to_a_spreadsheet() -> None:
    text = write_tsv([entry("=1", "+một", example="@hai", author="-ba"), entry("x", "y", example="=HYPERLINK(1)")])
    for row in csv.reader(io.StringIO(text), delimiter="\t"):
        assert not [cell for cell in row if cell.startswith(("=", "+", "-", "@"))]


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        ("a\tá\na\tá", "Dòng 3: “a” đã có ở dòng 2"),
        ("a\tá\n\na\tà", "Dòng 4: “a” đọc là “à”, còn dòng 2 ghi “á”"),
        ("=HYPERLINK(1)\tmột", "Dòng 2: “=HYPERLINK(1)” là công thức"),
        ("a\t@SUM(A1)", "Dòng 2: “@SUM(A1)” là công thức"),
        ("a", "Dòng 2: chỉ có một cột"),
        ("a\tá\t\t\t\t\tthừa", "Dòng 2: có ô thừa “thừa”, bảng chỉ có 6 cột"),
        ("\tmột", "Dòng 2: chưa ghi chữ viết"),
        (" . \tmột", "Dòng 2: chưa ghi chữ viết"),
        ("x" * 201 + "\tmột", "Dòng 2: chữ viết dài quá 200"),
        ("a\t" + "x" * 401, "Dòng 2: lời đọc dài quá 400"),
        ("a\tá\t\tkhắp nơi", "Dòng 2: không hiểu nơi áp dụng “khắp nơi”"),
        ("a\tá\t\t\t\thôm qua", "Dòng 2: không hiểu ngày “hôm qua”"),
        ('a\t"á\nb\tbê', "Dòng 2: dấu ngoặc kép chưa đóng"),
        ("", "không có mục từ nào"),
    ],
)
def test_what_a_table_can_not_have_is_told_with_its_line(lines: str, told: str) -> None:
    with pytest.raises(BadLexiconFile) as refused:
        read_lexicon((HEADER + lines).encode())
    assert told in str(refused.value)


def test_all_mistakes_are_told_at_once_up_to_twenty() -> None:
    with pytest.raises(BadLexiconFile) as refused:
        read_tsv(HEADER + "a\n" * 30)
    lines = str(refused.value).splitlines()
    assert lines[0].startswith("Dòng 2: ")
    assert len(lines) == 21
    assert lines[-1] == "Còn 10 chỗ nữa."
    with pytest.raises(BadLexiconFile) as refused:
        read_tsv("a\tá\nb\na\tà\n")
    assert [sentence.partition(":")[0] for sentence in refused.value.mistakes] == ["Dòng 2", "Dòng 3"]


def test_a_file_over_two_megabytes_is_refused_and_one_just_below_is_not_slow() -> None:
    line = "\tmột hai ba bốn năm sáu\n"
    rows = [f"từ{number}{line}" for number in range(LARGEST_BYTES // 45)]
    data = (HEADER + "".join(rows)).encode()
    assert len(data) < LARGEST_BYTES
    assert len(read_lexicon(data)) == len(rows)
    with pytest.raises(BadLexiconFile, match="2 MB"):
        read_lexicon(data + b" " * (LARGEST_BYTES - len(data) + 1))


def test_text_that_is_not_unicode_is_told_with_its_line() -> None:
    with pytest.raises(BadLexiconFile, match="Dòng 2: không phải chữ Unicode"):
        read_lexicon(b"written\tspoken\n\xe9\x80\tx\n")


PLS = '<lexicon version="1.0" xmlns="%s" alphabet="ipa" xml:lang="vi">\n%s</lexicon>'


def test_the_preferred_alias_counts_and_every_grapheme_is_an_entry() -> None:
    graphemes = "<grapheme>A</grapheme><grapheme>B</grapheme>"
    lexeme = f"<lexeme>{graphemes}<alias>một</alias><alias prefer='true'>hai</alias></lexeme>"
    assert bare(read_lexicon((PLS % (NAMESPACE, lexeme)).encode())) == bare([entry("A", "hai"), entry("B", "hai")])


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ("<lexeme><grapheme>A</grapheme><phoneme>a</phoneme></lexeme>", "Dòng 2: mục này ghi âm bằng phoneme"),
        ("\n<lexeme><alias>a</alias></lexeme>", "Dòng 3: mục này thiếu grapheme"),
        ("<lexeme><grapheme>A</grapheme></lexeme>", "Dòng 2: mục này thiếu grapheme hoặc alias"),
        ("<lexeme>", "viết chưa đúng XML"),
        ("", "không có mục từ nào"),
        (
            "<lexeme><grapheme>A</grapheme><alias>a</alias></lexeme>\n<lexeme><grapheme>A</grapheme><alias>b</alias></lexeme>",
            "Dòng 3: “A” đọc là “b”, còn dòng 2 ghi “a”",
        ),
    ],
)
def test_what_a_document_can_not_have_is_told_with_its_line(body: str, told: str) -> None:
    with pytest.raises(BadLexiconFile) as refused:
        read_lexicon((PLS % (NAMESPACE, body)).encode())
    assert told in str(refused.value)


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE lexicon [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE lexicon [<!ENTITY file SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE lexicon SYSTEM "http://127.0.0.1/pls.dtd">',
    ],
)
def test_a_document_type_is_refused_before_anything_is_expanded(doctype: str) -> None:
    document = doctype + PLS % (NAMESPACE, "<lexeme><grapheme>&b;</grapheme><alias>a</alias></lexeme>")
    with pytest.raises(BadLexiconFile, match="DOCTYPE"):
        read_lexicon(document.encode())


def test_another_language_and_another_kind_of_document_are_refused() -> None:
    document = PLS % (NAMESPACE, "<lexeme><grapheme>A</grapheme><alias>a</alias></lexeme>")
    with pytest.raises(BadLexiconFile, match="en-us"):
        read_lexicon(document.replace('"vi"', '"en-US"').encode())
    with pytest.raises(BadLexiconFile, match="không phải tệp PLS"):
        read_lexicon(b"<html><body/></html>")


def test_deep_documents_are_read_without_recursion() -> None:
    with pytest.raises(BadLexiconFile):
        read_lexicon(b"<lexicon>" + b"<a>" * 100_000 + b"</a>" * 100_000 + b"</lexicon>")


def test_a_cell_beyond_the_header_is_told_unless_it_is_empty() -> None:
    with pytest.raises(BadLexiconFile, match="Dòng 3: có ô thừa “ghi chú”, bảng chỉ có 2 cột"):
        read_tsv("written\tspoken\na\tá\t \nb\tbê\tghi chú\n")
    assert bare(read_tsv("written\tspoken\na\tá\t \t\n")) == bare([entry("a", "á")])


def test_a_long_example_is_cut_at_a_blank() -> None:
    assert cut_example("ngày 14/3/2026 " * 40) == ("ngày 14/3/2026 " * 40)[:394]
    assert cut_example("a" * 500) == "a" * 400
    assert cut_example("a" * 400 + " b") == "a" * 400
