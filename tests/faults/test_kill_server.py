"""The whole server killed while six editors write: what was acknowledged is there, and the next start is quick."""

import http.client
import random
import re
import signal
import threading
import time
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from sqlalchemy import select, text

from broadcast_service.services import sign_ins
from broadcast_service.settings import Settings
from broadcast_service.storage.tables import Piece, Script
from broadcast_service.studio import Studio, open_studio
from tests.factories import make_account
from tests.faults.test_servers import Start, start, wait_for_address

__all__ = ["start"]

pytestmark = [pytest.mark.faults, pytest.mark.slow, pytest.mark.timeout(300)]

ROUNDS, WRITERS = 5, 6


def open_folder(folder: Path) -> Studio:
    return open_studio(Settings(data_dir=folder / "dữ liệu", audio_dir=folder / "âm thanh"), voices={})


class Editor(threading.Thread):
    """Writes one script after another until the server is gone; keeps what was acknowledged."""

    def __init__(self, address: str, token: str, name: str) -> None:
        super().__init__(daemon=True)
        self._host, self._token, self._name = urlsplit(address).netloc, token, name
        self.acknowledged: dict[int, str] = {}

    def run(self) -> None:
        try:
            self._write()
        except (OSError, http.client.HTTPException):
            return  # the server was killed

    def _write(self) -> None:
        connection = http.client.HTTPConnection(self._host, timeout=10)
        connection.request("GET", "/scripts/new", headers={"Cookie": f"dang-nhap={self._token}"})
        page = connection.getresponse()
        body = page.read().decode()
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', body)
        assert csrf, body[:500]
        session = (page.getheader("Set-Cookie") or "").split(";")[0]
        for number in range(10_000):
            title = f"{self._name} {number}"
            form = {"csrf_token": csrf[1], "title": title, "written": f"Bài {title}.", "genre": "tin"}
            connection.request(
                "POST",
                "/scripts",
                urlencode(form | {"field": "nguoi-tot-viec-tot"}),
                {"Cookie": f"dang-nhap={self._token}; {session}", "Content-Type": "application/x-www-form-urlencoded"},
            )
            answer = connection.getresponse()
            answer.read()
            assert answer.status == 302, answer.status
            self.acknowledged[int((answer.getheader("Location") or "").rsplit("/", 1)[1])] = title


def test_what_was_acknowledged_survives_the_death_of_the_server(start: Start, tmp_path: Path) -> None:
    process = start()
    wait_for_address(process)
    studio = open_folder(tmp_path)
    with studio.database.transaction() as session:
        account = make_account(session, "editor")
        tokens = [
            sign_ins.open(session, account.id, remembered=True, browser="", now=studio.now()) for _ in range(WRITERS)
        ]
    studio.close()
    process.send_signal(signal.SIGTERM)
    process.wait(30)

    acknowledged: dict[int, str] = {}
    dice = random.Random(7)
    for round_ in range(ROUNDS):
        process = start()
        address = wait_for_address(process)
        editors = [Editor(address, token, f"vòng {round_} người {n}") for n, token in enumerate(tokens)]
        for editor in editors:
            editor.start()
        while not all(editor.acknowledged for editor in editors):
            assert any(editor.is_alive() for editor in editors)
            time.sleep(0.02)
        time.sleep(dice.uniform(0.1, 0.6))
        process.send_signal(signal.SIGKILL)
        process.wait()
        for editor in editors:
            editor.join(15)
            acknowledged |= editor.acknowledged
        assert_all_there(tmp_path, acknowledged)
    assert len(acknowledged) > ROUNDS * WRITERS


def assert_all_there(folder: Path, acknowledged: dict[int, str]) -> None:
    studio = open_folder(folder)
    with studio.database.reading() as session:
        kept = {number: title for number, title in session.execute(select(Script.id, Script.title))}  # noqa: C416
        assert {number: kept.get(number) for number in acknowledged} == acknowledged
        assert session.scalar(text("PRAGMA integrity_check")) == "ok"
        assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        assert all(studio.blobs.is_whole(blob) for blob in session.scalars(select(Piece.blob)))
    studio.close()
