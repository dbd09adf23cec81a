"""What is said when, as pages and subtitles are told, against the sound that a player decodes."""

import re
import subprocess
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from flask.testing import FlaskClient

from broadcast_service.services import sign_ins
from broadcast_service.studio import Studio
from broadcast_service.web import create_app
from tests.days import fill, speak_all, tunes
from tests.factories import make_account, make_broadcast, make_script, make_slot
from tests.web.conftest import COOKIE

pytestmark = [pytest.mark.media, pytest.mark.slow]

WORDS = "Má, gà, ná, lá, hai, anh, em, ông."
"""A silence before each, and none begins with one: the lips of a “p” or a “t” are closed before they are heard."""
SENTENCES = "Má ra vườn.\nAnh lên nương.\nEm ở nhà.\nÔng đi chợ."
RIGHT_MS = 30
_HOP = 44
_SILENT_DBFS = -45


@pytest.fixture
def browser(espeak_studio: Studio) -> tuple[FlaskClient, str]:
    """(somebody signed in, the address of a broadcast with a tune before two stories)."""
    studio = espeak_studio
    tunes(studio)
    with studio.database.transaction() as session:
        broadcast = make_broadcast(session, slot=make_slot(session, length_s=60))
        stories = [make_script(session, text=text, status="approved") for text in (WORDS, SENTENCES)]
        fill(session, studio, broadcast, stories)
        planner = make_account(session, "planner")
        token = sign_ins.open(session, planner.id, remembered=False, browser="", now=studio.now())
        address = f"/broadcasts/{broadcast.id}"
    speak_all(studio)
    app = create_app(studio)
    app.config.update(TESTING=True)
    client = app.test_client()
    client.set_cookie(COOKIE, token)
    return client, address


def decoded(mp3: bytes, folder: Path) -> npt.NDArray[np.float64]:
    """Samples at 44.1 kHz, as ffmpeg hears the file: it leaves out what the head says is no sound."""
    path = folder / "nghe.mp3"
    path.write_bytes(mp3)
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-ac", "1", "-ar", "44100", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout, dtype="<i2") / 32_768


def onsets_ms(samples: npt.NDArray[np.float64], silence_ms: int) -> list[float]:
    """Where sound begins after so much silence."""
    level = np.sqrt(np.add.reduceat(samples**2, np.arange(0, len(samples), _HOP)) / _HOP)
    found, quiet_ms = [], float(silence_ms)
    for place, is_loud in enumerate(level > 10 ** (_SILENT_DBFS / 20)):
        if is_loud and quiet_ms >= silence_ms:
            found.append(place * _HOP / 44.1)
        quiet_ms = 0 if is_loud else quiet_ms + _HOP / 44.1
    return found


def test_every_word_is_marked_when_it_begins_in_the_decoded_file(
    browser: tuple[FlaskClient, str], tmp_path: Path
) -> None:
    client, address = browser
    pieces = client.get(f"{address}/follow.json").get_json()["pieces"]
    piece = next(one for one in pieces if one["text"] == WORDS)
    assert piece["start"] > 1_000, "a tune goes before it"
    samples = decoded(client.get(f"{address}/sound.mp3").data, tmp_path)
    start, end = (round(44.1 * place) for place in (piece["start"], piece["start"] + piece["length"]))
    heard = onsets_ms(samples[start:end], 60)
    told = [ms for ms, _ in piece["words"]]
    assert len(told) == len(heard) == 8
    print([round(one - other, 1) for one, other in zip(told, heard, strict=True)])
    assert np.abs(np.array(told) - np.array(heard)).max() <= RIGHT_MS


def test_subtitles_come_with_their_sentence_and_go_before_the_next(
    browser: tuple[FlaskClient, str], tmp_path: Path
) -> None:
    client, address = browser
    cues = {
        text: (start, end)
        for start, end, text in re.findall(
            r"(\d\d:\d\d:\d\d\.\d{3}) --> (\d\d:\d\d:\d\d\.\d{3})\n(.+)", client.get(f"{address}/transcript.vtt").text
        )
    }
    spans = [tuple(map(clock_ms, cues[sentence])) for sentence in SENTENCES.split("\n")]
    pieces = client.get(f"{address}/follow.json").get_json()["pieces"]
    piece = next(one for one in pieces if one["text"] == SENTENCES)
    samples = decoded(client.get(f"{address}/sound.mp3").data, tmp_path)
    first, last = (round(44.1 * place) for place in (piece["start"], piece["start"] + piece["length"]))
    heard = [piece["start"] + ms for ms in onsets_ms(samples[first:last], 250)]
    assert len(heard) == 4
    assert [start for start, _ in spans] == pytest.approx(heard, abs=RIGHT_MS)
    assert all(end <= begin for (_, end), (begin, _) in pairwise(spans))
    for _, end in spans:
        before, after = (
            samples[round(44.1 * start) : round(44.1 * until)] for start, until in ((end - 500, end), (end, end + 100))
        )
        assert np.abs(before).max() > 0.1, "the words stay no longer than they are of use"
        assert np.sqrt((after**2).mean()) < 10 ** (_SILENT_DBFS / 20), "nothing is said once they are gone"


def clock_ms(told: str) -> int:
    hours, minutes, seconds = told.split(":")
    return round(1_000 * (3_600 * int(hours) + 60 * int(minutes) + float(seconds)))
