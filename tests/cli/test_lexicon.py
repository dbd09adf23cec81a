"""The dictionary from a shell; `read --lexicon` needs no installation at all."""

import csv
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.test_commands import Run, assert_one_sentence, run

__all__ = ["run"]
ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text), delimiter="\t"))


def test_an_entry_is_added_listed_exported_imported_and_removed(run: Run, tmp_path: Path) -> None:
    run("stations")
    assert "Đã lưu" in run("lexicon", "add", "NNTH", "nông nghiệp tuần hoàn", "--example", "CLB NNTH.").stdout
    run("lexicon", "add", "NNTH", "nông học", "--scope", "station/hoa-tri")
    listed = table(run("lexicon", "list", "--query", "nnth").stdout)
    assert [(row["scope"], row["spoken"]) for row in listed[:2]] == [
        ("centre", "nông nghiệp tuần hoàn"),
        ("station/hoa-tri", "nông học"),
    ]

    everything, document = tmp_path / "tu dien.tsv", tmp_path / "tu-dien.pls"
    run("lexicon", "export", "-o", str(everything))
    run("lexicon", "export", "-o", str(document), "--scope", "station/hoa-tri")
    assert len(table(everything.read_text("utf-8-sig"))) == 2
    assert "<alias>nông học</alias>" in document.read_text("utf-8")
    assert "Đã nhập 0 mục, 2 mục vốn đã như vậy" in run("lexicon", "import", str(everything)).stdout

    assert "Đã bỏ" in run("lexicon", "remove", "NNTH").stdout
    assert "Đã nhập 1 mục, 1 mục vốn đã như vậy" in run("lexicon", "import", str(everything)).stdout
    assert "Đã nhập 0 mục" in run("lexicon", "import", str(document)).stdout
    assert_one_sentence(run("lexicon", "remove", "KHÔNG-CÓ"), "KHÔNG-CÓ")
    assert_one_sentence(run("lexicon", "add", "A", "a", "--scope", "station/khong-co"), "station/khong-co")


def test_a_preview_prints_the_sentences_and_keeps_nothing(run: Run, tmp_path: Path) -> None:
    run("import-scripts")
    result = run("lexicon", "preview", "xã", "xã nhà")
    rows = table(result.stdout)
    assert rows, result.stderr
    assert all("xã nhà" in row["after"] and "xã nhà" not in row["before"] for row in rows)
    assert {row["status"] for row in rows} == {"approved"}
    file = tmp_path / "x.tsv"
    file.write_text("xã\txã nhà\n", "utf-8")
    assert table(run("lexicon", "preview", "--file", str(file)).stdout) == rows
    assert table(run("lexicon", "list", "--scope", "centre").stdout) == []
    assert_one_sentence(run("lexicon", "preview"), "--file")
    assert_one_sentence(run("lexicon", "preview", str(file)), f"“{file}” là một tệp. Hãy ghi --file trước tên tệp.")
    assert_one_sentence(run("lexicon", "preview", "KHÔNG-CÓ"), "Chưa ai định cách đọc “KHÔNG-CÓ” ở nơi này.")


def test_a_file_with_mistakes_is_one_sentence_a_line_and_nothing_is_kept(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "x.tsv"
    file.write_text("A\ta\nA\tb\nB\n", "utf-8")
    assert_one_sentence(run("lexicon", "import", str(file)), "Dòng 3: chỉ có một cột")
    assert table(run("lexicon", "list", "--scope", "centre").stdout) == []


def read(text: str, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """`read` where nothing can be written and no database is."""
    return subprocess.run(
        [sys.executable, "-m", "broadcast_service", "read", *arguments],
        cwd=ROOT,
        env=os.environ | {"BROADCAST_DATA_DIR": str(folder / "none"), "PYTHONUTF8": "1"},
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_read_takes_a_lexicon_from_a_file_without_a_database(tmp_path: Path) -> None:
    own, document = tmp_path / "a.tsv", tmp_path / "a.pls"
    own.write_text("NNTH\tnông học\nUBND\tỦy ban xã\n", "utf-8")
    lexeme = "<lexeme><grapheme>NNTH</grapheme><alias>nông học</alias></lexeme>"
    document.write_text(f'<lexicon version="1.0" xml:lang="vi">{lexeme}</lexicon>', "utf-8")
    assert read("UBND họp NNTH", "--lexicon", str(own), folder=tmp_path).stdout == "Ủy ban xã họp nông học\n"
    lines = read("NNTH\n15\n", "--lines", "--lexicon", str(document), folder=tmp_path).stdout
    assert lines == "Nông học\nMười lăm\n"
    assert read("NNTH", "--questions", "--lexicon", str(own), folder=tmp_path).stdout == ""
    assert not (tmp_path / "none").exists()


def test_read_lets_the_nearest_layer_of_a_file_count_and_asks_which_station_is_meant(tmp_path: Path) -> None:
    file = tmp_path / "a.tsv"
    rows = "written\tspoken\tscope\nNNTH\thai\tstation/a\nNNTH\tmột\tcentre\n"
    file.write_text(rows, "utf-8")
    assert read("NNTH", "--lexicon", str(file), folder=tmp_path).stdout == "Hai\n"
    file.write_text(rows + "NNTH\tba\tstation/b\n", "utf-8")
    assert_one_sentence(read("NNTH", "--lexicon", str(file), folder=tmp_path), "nhiều đài")
