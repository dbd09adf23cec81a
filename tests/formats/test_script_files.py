import re
import unicodedata
from pathlib import Path

import pytest

from broadcast_service.domain.speakers import labels
from broadcast_service.formats.script_files import BadScriptFile, parse, read_script_file

LIBRARY = Path(__file__).parents[2] / "scripts_library"

FRONT = (
    "code: vuon-buoi\n"
    "title: Vườn bưởi trên đất bạc màu\n"
    "genre: guong-dien-hinh\n"
    "area: kinh-te-chinh-tri\n"
    "field: san-xuat-kinh-doanh\n"
    "source: Bài mẫu\n"
)
BODY = "Năm 2018, một nông dân ở xã Hòa Trí trồng bưởi."


def file(front: str = FRONT, body: str = BODY) -> bytes:
    return f"---\n{front}---\n{body}\n".encode()


def mistakes(data: bytes, name: str = "bai.md") -> list[str]:
    with pytest.raises(BadScriptFile) as caught:
        parse(data, name)
    return caught.value.mistakes


def test_a_good_file_is_read_whole() -> None:
    script = parse(file(FRONT + "evergreen: true\nexemplar_kind: ca-nhan\n"), "bai.md")

    assert (script.code, script.title, script.field) == (
        "vuon-buoi",
        "Vườn bưởi trên đất bạc màu",
        "san-xuat-kinh-doanh",
    )
    assert (script.evergreen, script.exemplar_kind, script.shell) == (True, "ca-nhan", "")
    assert script.body == BODY


def test_lines_broken_for_the_editor_are_joined_and_lines_of_speech_are_not() -> None:
    script = parse(file(body="Một dòng\nnối tiếp.\n- Thưa bác?\n- Dạ.\n\n\n\nĐoạn hai."), "bai.md")

    assert script.body == "Một dòng nối tiếp.\n- Thưa bác?\n- Dạ.\n\nĐoạn hai."


def test_the_turns_of_a_conversation_keep_their_lines() -> None:
    turns = "Chị Lan: Chào bác,\nbác khỏe không?\nBác Tư: Khỏe.\nChị Lan: Thế thì mừng quá."
    script = parse(file(body=f"Mời bà con nghe.\n\n{turns}\n\nLưu ý: nhớ tắt bếp."), "bai.md")

    assert script.body.split("\n\n")[1].split("\n") == [
        "Chị Lan: Chào bác, bác khỏe không?",
        "Bác Tư: Khỏe.",
        "Chị Lan: Thế thì mừng quá.",
    ]
    assert parse(file(body="Việc cần làm\nLưu ý: nhớ tắt bếp."), "bai.md").body == "Việc cần làm Lưu ý: nhớ tắt bếp."


@pytest.mark.parametrize("path", sorted(LIBRARY.glob("*/tieu-pham-*.md")), ids=lambda path: path.stem)
def test_everybody_in_a_shipped_sketch_can_be_given_a_voice(path: Path) -> None:
    named = set(re.findall(r"^(\w+ \w+): ", path.read_text(encoding="utf-8"), re.MULTILINE))

    assert len(named) == 3
    assert set(labels(read_script_file(path).body)) == named


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated() -> None:
    plain, windows = parse(file(), "a.md"), parse(b"\xef\xbb\xbf" + file().replace(b"\n", b"\r\n"), "a.md")

    assert (windows.title, windows.body) == (plain.title, plain.body)


def test_decomposed_letters_are_the_same_text() -> None:
    decomposed = unicodedata.normalize("NFD", file().decode()).encode()

    assert decomposed != file()
    assert parse(decomposed, "a.md").body == parse(file(), "a.md").body


def test_a_shell_may_leave_the_known_fields_open() -> None:
    script = parse(
        file("code: xuong\ntitle: Lời xướng\nshell: call\n", "Đây là {tên đài}, {thứ}, ngày {ngày}."), "a.md"
    )

    assert (script.shell, script.genre) == ("call", "loi-dan")


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "rỗng"),
        (b"Khong co khai bao", 1, "thiếu dòng “---”"),
        (b"---\ncode: a\n", 3, "kết thúc phần khai báo"),
        (file(FRONT + "code: khac\n"), 8, "đã ghi ở dòng 2"),
        (file(FRONT.replace("genre:", "gnre:")), 4, "Có phải “genre”?"),
        (file(FRONT.replace("title: Vườn bưởi trên đất bạc màu\n", "")), 1, "thiếu mục “title”"),
        (file(FRONT.replace("title: Vườn bưởi trên đất bạc màu", "title:")), 3, "thiếu mục “title”"),
        (file(FRONT.replace("san-xuat-kinh-doanh", "san-xuat")), 6, "“san-xuat”"),
        (file(FRONT.replace("kinh-te-chinh-tri", "van-hoa-xa-hoi")), 5, "thuộc “kinh-te-chinh-tri”"),
        (file(FRONT.replace("vuon-buoi", "vườn bưởi")), 2, "gạch nối"),
        (file(FRONT + "evergreen: chắc thế\n"), 8, "true hoặc false"),
        (file(FRONT.replace("Vườn bưởi trên", "Vườn: bưởi: trên")), 3, "sai cú pháp"),
        (file(FRONT + "movement: [a, b]\n"), 8, "một dòng chữ"),
        (file("a: &a [x]\nb: *a\n"), 2, "& và *"),
        (file("- một\n- hai\n"), 2, "tên: giá trị"),
        (file("a: " + "[" * 3_000 + "\n"), 2, "một dòng chữ"),
        (file("a: " + "x" * 9_000 + "\n"), 2, "quá dài"),
        (file(body=""), 9, "chưa có chữ"),
        (file(body="Một.\n\n<script>alert(1)</script>"), 11, "HTML"),
        (file(body="Một <b>hai</b>."), 9, "HTML"),
        (file(body="# Tiêu đề"), 9, "Markdown"),
        (file(body="Kính chào {tên đài}."), 9, "ô trống"),
        (file("code: x\ntitle: X\nshell: call\n", "Đây là {đài}."), 6, "“{đài}”"),
        (file(body="Một\x00hai."), 9, "U+0000"),
        (file(body="Một\u200bhai."), 9, "U+200B"),
        (file(body="Một \u202ehai."), 9, "U+202E"),
        (file(body="B¸o c¸o thùc tËp tèt nghiÖp"), 9, "TCVN3"),
        (b"---\ncode: a\ntitle: " + "Đồng".replace("ồ", "ô\u0300").encode("cp1258") + b"\n---\nx\n", 3, "Windows-1258"),
        (file().decode().encode("utf-16"), 1, "UTF-16"),
        (b"---\ncode: a\n---\n" + b"x" * 300_000, 1, "200 kB"),
    ],
)
def test_every_mistake_is_told_with_file_and_line(data: bytes, line: int, words: str) -> None:
    told = mistakes(data, "bai.md")

    assert any(f"bai.md, dòng {line}:" in sentence and words in sentence for sentence in told), told
    assert all("\n" not in sentence and sentence.endswith((".", "?")) for sentence in told)


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    told = mistakes(file(FRONT.replace("guong-dien-hinh", "guong") + "tacgia: Lan\n", "<b>đậm</b>"))

    assert len(told) == 3


def test_yaml_builds_nothing_but_text() -> None:
    script = parse(file(FRONT + "movement: !!python/object/apply:os.system ls\n"), "a.md")

    assert script.movement == "ls"


def test_ten_megabytes_are_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "to.md"
    with path.open("wb") as big:
        big.truncate(10_000_000)

    with pytest.raises(BadScriptFile, match=r"to\.md, dòng 1: tệp nặng 10000 kB"):
        read_script_file(path)


def test_a_file_that_is_none_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(BadScriptFile, match=r"khong-co\.md: không đọc được tệp"):
        read_script_file(tmp_path / "khong-co.md")


def test_random_bytes_never_raise_anything_else() -> None:
    for seed in range(300):
        data = bytes((seed * 31 + n * n * 7 + (n >> 3)) % 256 for n in range(seed))
        for content in (data, b"---\n" + data + b"\n---\n" + data):
            with pytest.raises(BadScriptFile):
                parse(content, "a.md")
