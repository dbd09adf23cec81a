"""The commands as a person types them; errors are one sentence and exit code 1."""

import io
import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.installation import environment

ROOT = Path(__file__).parents[2]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run one command on an installation of its own, with a library of three scripts and the shells."""
    library = tmp_path / "kho"
    shutil.copytree(ROOT / "scripts_library" / "loi-dan", library / "loi-dan")
    for path in sorted((ROOT / "scripts_library" / "van-hoa-xa-hoi").glob("*.md"))[:3]:
        shutil.copy(path, library)

    def run(*arguments: str, stdin: str = "", cwd: Path = ROOT, **settings: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "broadcast_service", *arguments],
            cwd=cwd,
            env=environment(tmp_path, **{"BROADCAST_SCRIPTS_DIR": str(library), "PYTHONPATH": str(ROOT), **settings}),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=110,
        )

    return run


def assert_one_sentence(result: subprocess.CompletedProcess[str], *words: str) -> None:
    assert result.returncode == 1, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    for word in words:
        assert word in result.stderr


def test_stations_are_lines_with_a_header_and_the_code_first(run: Run) -> None:
    result = run("stations")
    header, *lines = result.stdout.splitlines()
    assert header.split("\t")[:2] == ["code", "name"]
    assert len(lines) == 9
    assert ["hoa-tri", "Đài truyền thanh xã Hòa Trí"] in [line.split("\t")[:2] for line in lines]


def test_read_says_what_is_written(run: Run) -> None:
    result = run("read", stdin="UBND xã họp lúc 5h30 ngày 24/11/2026.")
    assert "Ủy ban nhân dân xã họp lúc năm giờ ba mươi phút" in result.stdout
    assert not any(character.isdigit() for character in result.stdout)


def test_read_lines_answers_a_line_for_each_line(run: Run) -> None:
    result = run("read", "--lines", stdin="15 hộ. 3 thôn.\n\nQL26\n")
    assert len(result.stdout.split("\n")) == 4  # three lines and what follows the last
    assert result.stdout.splitlines()[1] == ""


def test_read_questions_are_json_lines(run: Run) -> None:
    result = run("read", "--questions", stdin="Câu lạc bộ XYZW của xã.")
    questions = [json.loads(line) for line in result.stdout.splitlines()]
    assert any(question["written"] == "XYZW" for question in questions)


def test_read_proof_prints_what_a_proof_reader_finds_as_json_lines(run: Run) -> None:
    result = run("read", "--proof", stdin="Họp ngày 31/2/2026.\nBà con cùng cùng nhau dọn rác.")
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [(each["kind"], each["severity"], each["written"]) for each in found] == [
        ("date", "must", "31/2/2026"),
        ("doubled", "advise", "cùng cùng"),
    ]
    assert [each["start"] for each in found] == [9, 27]
    result = run("read", "--proof", "--lines", stdin="Sạch.\nHọp ngày 31/2/2026.\n")
    assert [json.loads(line)["line"] for line in result.stdout.splitlines()] == [2]


def test_speak_writes_an_mp3_of_the_right_length(run: Run, tmp_path: Path) -> None:
    import soundfile

    target = tmp_path / "lời chào.mp3"
    result = run("speak", "-o", str(target), stdin="Kính chào quý vị và bà con.")
    assert result.returncode == 0, result.stderr
    assert 1.5 < soundfile.info(io.BytesIO(target.read_bytes())).duration < 5


def test_speak_says_it_slower_when_asked(run: Run, tmp_path: Path) -> None:
    lengths = []
    for name, asked in (("a.mp3", ()), ("b.mp3", ("--rate", "100", "--pitch", "70"))):
        result = run("speak", "-o", str(tmp_path / name), *asked, stdin="Kính chào quý vị và bà con.")
        assert result.returncode == 0, result.stderr
        lengths.append((tmp_path / name).stat().st_size)
    assert lengths[1] > 1.2 * lengths[0]
    assert_one_sentence(run("speak", "-o", str(tmp_path / "c.mp3"), "--rate", "7", stdin="Chào."), "từ 80 đến 300")


def test_speak_names_the_voices_when_the_voice_is_unknown(run: Run, tmp_path: Path) -> None:
    result = run("speak", "--voice", "nobody", "-o", str(tmp_path / "x.mp3"), stdin="Xin chào.")
    assert_one_sentence(result, "nobody", "espeak:vi")
    assert not (tmp_path / "x.mp3").exists()


def test_speak_with_nothing_to_say_is_a_sentence(run: Run, tmp_path: Path) -> None:
    assert_one_sentence(run("speak", "-o", str(tmp_path / "x.mp3"), stdin="  \n"), "Không có chữ nào")


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (("plan", "--week", "2026-W60"), "2026-W49"),
        (("package", "--station", "hoa-tri", "--date", "hôm nay", "-o", "/nowhere"), "2026-11-24"),
        (("import-scripts", "/không/có"), "/không/có"),
    ],
)
def test_what_can_not_be_done_is_one_sentence(run: Run, arguments: tuple[str, ...], word: str) -> None:
    assert_one_sentence(run(*arguments), word)


def test_every_mistake_of_the_settings_is_reported_at_once(run: Run) -> None:
    result = run("stations", BROADCAST_PORT="x", BROADCAST_AUDO_DIR="y")
    assert_one_sentence(result, "BROADCAST_PORT", "BROADCAST_AUDIO_DIR")


def test_a_folder_that_can_not_be_written_is_a_sentence(run: Run, tmp_path: Path) -> None:
    (tmp_path / "tep").write_text("x")
    assert_one_sentence(run("stations", BROADCAST_DATA_DIR=str(tmp_path / "tep" / "con")), "Không ghi được")


def test_accounts_are_added_listed_and_disabled(run: Run) -> None:
    added = run("accounts", "add", "--name", "lan", "--full-name", "Lan", "--role", "editor")
    assert "/setup/" in added.stdout
    assert "lan\tLan\teditor\tyes" in run("accounts").stdout
    run("accounts", "disable", "lan")
    assert "lan\tLan\teditor\tno" in run("accounts").stdout
    assert_one_sentence(run("accounts", "disable", "minh"), "minh")


@pytest.mark.slow
def test_from_a_library_to_a_folder_for_a_usb_stick(run: Run, tmp_path: Path) -> None:
    """import → slots → plan → render → package, twice the same bytes; the check is content, until a bit is flipped."""
    assert "Thêm 11" in run("import-scripts").stdout
    imported = run("import-scripts")
    assert imported.returncode == 0, imported.stderr
    assert "không đổi" in imported.stdout
    assert run("stations").returncode == 0
    slot = ("slots", "add", "--programme", "NTVT", "--days", "2-CN", "--at", "06:00", "--minutes", "3")
    assert run(*slot, "--stations", "hoa-tri").returncode == 0
    planned = run("plan", "--week", _next_week())
    assert planned.returncode == 0, planned.stderr
    rendered = run("render")
    assert rendered.returncode == 0, rendered.stderr

    monday = _monday(_next_week())
    for name in ("một", "hai"):
        packed = run("package", "--station", "hoa-tri", "--date", monday, "-o", str(tmp_path / name))
        assert packed.returncode == 0, packed.stderr
    first = {
        path.relative_to(tmp_path / "một"): path.read_bytes()
        for path in (tmp_path / "một").rglob("*")
        if path.is_file()
    }
    second = {
        path.relative_to(tmp_path / "hai"): path.read_bytes()
        for path in (tmp_path / "hai").rglob("*")
        if path.is_file()
    }
    assert first == second
    assert any(path.suffix == ".mp3" for path in first)
    assert all(str(path).isascii() for path in first)
    checked = run("check")
    assert checked.returncode == 0, checked.stdout

    blob = next((tmp_path / "âm thanh").rglob("*.mp3"))
    damaged = bytearray(blob.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    blob.write_bytes(damaged)
    checked = run("check")
    assert checked.returncode == 1
    assert "hỏng\tTệp âm thanh" in checked.stdout


def test_a_slot_at_a_quarter_past_three_is_refused(run: Run) -> None:
    run("stations")
    slot = ("slots", "add", "--programme", "NTVT", "--days", "2", "--at", "03:15", "--minutes", "15")
    assert_one_sentence(run(*slot, "--stations", "hoa-tri"), "05:00")


def _next_week() -> str:
    from datetime import UTC, datetime, timedelta

    return f"{datetime.now(UTC) + timedelta(days=7):%G-W%V}"


def _monday(week: str) -> str:
    from datetime import date

    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1).isoformat()
