"""Text as other machines write it, and folders as deep as people make them: from the page to the stored sound."""

import os
import shutil
import signal
import sys
import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from broadcast_service.domain.scripts import paragraphs
from broadcast_service.pool import run_one
from broadcast_service.services import packing, renditions, soundness, taking_in, voices
from broadcast_service.settings import Settings
from broadcast_service.storage.tables import Piece, Rendition, Script
from broadcast_service.studio import Studio, open_studio
from tests.audio.files import encoded, written
from tests.days import DAY
from tests.factories import make_broadcast, make_script, make_slot, make_station, plan_script
from tests.faults.aftermath import assert_nothing_is_damaged, browser, planned, rendition_of, rundown, work
from tests.faults.test_servers import Start, start, wait_for_address
from tests.services.test_recordings import FIRST, SECOND, speech
from tests.speech.piper_model import write

__all__ = ["start"]

pytestmark = pytest.mark.faults

WRITTEN = "Kính thưa bà con, nhân dịp này phường Hòa Thắng khen thưởng ông Nghĩa.\n\nAi cũng vui mừng hưởng ứng."
STRANGE = {
    "letters and marks apart": lambda text: unicodedata.normalize("NFD", text),
    "NUL inside and between words": lambda text: text.replace("này", "n\0ày").replace(" khen", "\0 khen"),
    "a BOM and zero-width signs": lambda text: "\ufeff" + text.replace("thưa", "th\u200bưa"),
    "controls": lambda text: text.replace(" ", "\x1b \x07", 1).replace("vui", "v\x08ui"),
    "line ends of elsewhere": lambda text: text.replace("\n\n", "\r\n\u2028\r\n"),
}


@pytest.mark.parametrize("what", list(STRANGE))
def test_strange_text_is_written_read_and_said_like_plain_text(espeak_studio: Studio, what: str) -> None:
    studio = espeak_studio
    editor = browser(studio, "editor")
    said = []
    for title, text in (("Bài thường", WRITTEN), (unicodedata.normalize("NFD", "Bài lạ\0"), STRANGE[what](WRITTEN))):
        form = {"title": title, "written": text, "genre": "tin", "field": "y-duc"}
        answer = editor.post("/scripts", data=form)
        assert answer.status_code == 302, answer.text
        with studio.database.transaction() as session:
            script = session.get_one(Script, int(answer.location.rsplit("/", 1)[1]))
            assert script.title == unicodedata.normalize("NFC", title.strip("\0"))
            broadcast = make_broadcast(session, slot=make_slot(session, make_station(session)))
            plan_script(session, studio, broadcast, script)
            session.flush()
            said.append(paragraphs(script.latest.spoken))
            number = broadcast.id
        work(studio)
        assert rendition_of(studio, number).state == "ready"
    assert said[1] == said[0]
    with studio.database.reading() as session:
        assert len(session.scalars(select(Piece)).all()) == len(said[0]), "they are the very same pieces"
    assert_nothing_is_damaged(studio)


@pytest.mark.parametrize("spoken", ["\0", "\u200b\ufeff", "…!?", "😀"])
def test_words_that_are_none_end_in_a_sentence(espeak_studio: Studio, spoken: str) -> None:
    broadcast = planned(espeak_studio, f"Xin chào bà con.\n\n{spoken}")
    work(espeak_studio)
    assert rendition_of(espeak_studio, broadcast).state == "failed"
    assert "Không có chữ nào để đọc. Hãy ghi lời đọc." in rundown(espeak_studio, broadcast)
    assert_nothing_is_damaged(espeak_studio)


@pytest.fixture
def deep(tmp_path: Path) -> Path:
    """A folder whose name takes more than 200 characters, and 300 bytes."""
    folder = tmp_path.joinpath(*["Đài truyền thanh phường Ninh Hòa, tỉnh Khánh Hòa"] * 5)
    folder.mkdir(parents=True)
    assert len(str(folder)) > 240
    return folder


@pytest.mark.slow
def test_an_installation_far_down_speaks_records_installs_voices_and_packs(
    deep: Path, tmp_path: Path, migrated: Path
) -> None:
    settings = Settings(data_dir=deep / "dữ liệu", audio_dir=deep / "âm thanh", voice="espeak:vi")
    settings.data_dir.mkdir()
    shutil.copy(migrated, settings.data_dir)
    studio = open_studio(settings)
    piper = voices.add_voice(studio, write(tmp_path)).voice
    with studio.database.transaction() as session:
        station = make_station(session, code="xa-xoi")
        broadcast = make_broadcast(session, slot=make_slot(session, station, length_s=60), day=DAY)
        script = make_script(session, text=f"{FIRST}\n\n{SECOND}", status="approved")
        plan_script(session, studio, broadcast, script)
        other = renditions.want_rendition(session, piper, [FIRST], due_at=studio.now(), now=studio.now()).id
        revision = script.latest.id
    while run_one(studio, owner="test"):
        pass
    file = written(tmp_path, encoded(speech(FIRST, SECOND), "m4a"))
    taking_in.take_in_upload(studio, revision, file, paragraph=None, reader="Lan", account_id=None)
    assert packing.make_package(replace(studio, now=lambda: broadcast.starts_at), "xa-xoi", DAY) is not None

    with studio.database.reading() as session:
        assert session.get_one(Rendition, other).state == "ready"
        assert {row.state for row in session.scalars(select(Rendition))} == {"ready"}
        assert {row.voice for row in session.scalars(select(Rendition))} == {"espeak:vi", "human", piper.name}
    assert_nothing_is_damaged(studio)
    found = {one.what: one for one in soundness.check(studio)}
    assert found["Cơ sở dữ liệu"].verdict == soundness.GOOD
    studio.close()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="stops by a signal")
def test_a_server_far_down_starts_and_answers(start: Start, deep: Path) -> None:
    process = start(BROADCAST_DATA_DIR=str(deep / "dữ liệu"), BROADCAST_AUDIO_DIR=str(deep / "âm thanh"))
    wait_for_address(process)
    process.send_signal(signal.SIGTERM)
    assert process.wait(30) == 0
    assert (deep / "dữ liệu" / "broadcast.sqlite3").stat().st_size > 0
    assert os.listdir(deep / "âm thanh")
