"""Real server processes: two on one folder, killed and started again, stopped politely, on a busy port."""

import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.installation import environment

pytestmark = [pytest.mark.faults, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start `serve` on a folder with a small library; whatever still runs at the end is killed."""
    library = tmp_path / "kho"
    shutil.copytree(ROOT / "scripts_library" / "loi-dan", library)
    running: list[subprocess.Popen[str]] = []

    def start(**settings: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "broadcast_service", "serve"],
            cwd=ROOT,
            env=environment(tmp_path, **{"BROADCAST_SCRIPTS_DIR": str(library), **settings}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()


def wait_for_address(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    seen = ""
    for line in process.stdout:
        seen += line
        if found := re.search(r"đang chạy: (http://127\.0\.0\.1:\d+)", line):
            for _ in range(100):
                try:
                    urllib.request.urlopen(found[1] + "/health", timeout=5).read()
                    return found[1]
                except OSError:
                    time.sleep(0.1)
    raise AssertionError(seen)


def rows(folder: Path) -> dict[str, int]:
    """How many rows each table has."""
    with sqlite3.connect(f"file:{folder / 'dữ liệu' / 'broadcast.sqlite3'}?mode=ro", uri=True) as connection:
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in names}  # noqa: S608


def test_a_second_server_on_the_folder_ends_with_a_sentence(start: Start) -> None:
    first = start()
    address = wait_for_address(first)
    second = start()
    output, _ = second.communicate(timeout=60)

    assert second.returncode == 1
    assert f"tiến trình {first.pid}" in output
    assert "Traceback" not in output
    assert urllib.request.urlopen(address + "/health", timeout=5).status == 200


def test_killed_and_started_again_it_goes_on_and_changes_nothing(start: Start, tmp_path: Path) -> None:
    first = start()
    wait_for_address(first)
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = rows(tmp_path)

    began = time.monotonic()
    second = start()
    wait_for_address(second)
    assert time.monotonic() - began < 20
    second.send_signal(signal.SIGTERM)
    assert second.wait(30) == 0
    after = rows(tmp_path)
    for table in ("script", "revision", "slot", "broadcast", "station", "unit", "programme", "sound", "account"):
        assert after[table] == before[table], table
    assert not list((tmp_path / "âm thanh").rglob("*.tmp"))


def test_a_busy_port_is_said_and_the_next_free_one_is_taken(start: Start) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        address = wait_for_address(start(BROADCAST_PORT=str(port)))
    assert port < int(address.rsplit(":", 1)[1]) < port + 100


def test_nobody_listens_beyond_loopback_before_there_is_an_administrator(start: Start) -> None:
    process = start(BROADCAST_HOST="0.0.0.0")  # noqa: S104  it must refuse
    output, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "quản trị" in output
    assert "Traceback" not in output


def test_the_data_folder_is_private_and_holds_no_default_account(start: Start, tmp_path: Path) -> None:
    wait_for_address(start())
    assert (tmp_path / "dữ liệu").stat().st_mode & 0o077 == 0
    assert rows(tmp_path)["account"] == 0
