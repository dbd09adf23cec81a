"""A recording handed in from the command line."""

from pathlib import Path

from tests.audio.files import encoded, written
from tests.cli.test_commands import Run, run
from tests.services.test_recordings import speech

__all__ = ["run"]

WORDS = ("Kính thưa bà con.", "Xin cảm ơn bà con đã lắng nghe.")


def library(folder: Path) -> Path:
    """A library of one script of two paragraphs, called thu-giong."""
    scripts = folder / "thư viện"
    scripts.mkdir()
    head = (
        "---\ncode: thu-giong\ntitle: Thu giọng\ngenre: guong-dien-hinh\narea: van-hoa-xa-hoi\nfield: y-duc\n"
        "content_group: bieu-duong\nmovement: Thi đua\nobject_group: vien-chuc\nexemplar_kind: ca-nhan\n"
        "source: Bài mẫu\n---\n\n"
    )
    (scripts / "thu-giong.md").write_text(head + "\n\n".join(WORDS) + "\n", "utf-8")
    return scripts


def test_a_file_for_each_paragraph_is_told_until_all_is_there(run: Run, tmp_path: Path) -> None:
    imported = run("import-scripts", str(library(tmp_path)))
    assert imported.returncode == 0, imported.stderr
    for number, words in enumerate(WORDS, 1):
        path = written(tmp_path, encoded(speech(words), "flac"), "đoạn đọc.flac")
        done = run("record", "thu-giong", str(path), "--paragraph", str(number), "--reader", "Nguyễn Thị Lan")
        assert done.returncode == 0, done.stderr
        told = "đọc bản sửa 1: đã thu 1 trên 2 đoạn" if number == 1 else "đọc bản sửa 1: đã đủ, dùng được"
        assert done.stdout.strip().endswith(f"{told}.")


def test_what_can_not_be_taken_is_one_sentence(run: Run, tmp_path: Path) -> None:
    imported = run("import-scripts", str(library(tmp_path)))
    assert imported.returncode == 0, imported.stderr
    bad = str(written(tmp_path, b"PK\x03\x04" + bytes(900), "x.wav"))
    for arguments, word in (
        (("khong-co", bad), "khong-co"),
        (("thu-giong", bad), "Chưa ghi tên người đọc"),
        (("thu-giong", bad, "--reader", "Lan", "--paragraph", "9"), "chỉ có 2 đoạn"),
        (("thu-giong", bad, "--reader", "Lan", "--revision", "7"), "không có bản sửa 7"),
        (("thu-giong", bad, "--reader", "Lan"), "ZIP"),
    ):
        refused = run("record", *arguments)
        assert refused.returncode == 1
        assert word in refused.stderr
        assert "Traceback" not in refused.stderr
