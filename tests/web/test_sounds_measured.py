"""Music as planners lay it, from the page to the samples: it fades into music, steps back for words, and
words are never faded, never mixed with words, and have no music in a story."""

import io
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.mastering import decode
from broadcast_service.domain.units import SAMPLE_RATE_HZ, SAMPLES_PER_FRAME
from broadcast_service.pool import run_one
from broadcast_service.services import broadcasts, filling
from broadcast_service.storage.tables import Broadcast, Cue, Programme, Sound
from broadcast_service.studio import Studio
from tests.audio.files import encoded
from tests.audio.sounds import sine
from tests.days import DAY, ship_sounds
from tests.factories import make_library, make_programme, make_shells, make_slot, make_station
from tests.web.conftest import SignIn

pytestmark = pytest.mark.slow

BED_HZ, FIRST_HZ, SECOND_HZ, VOICE_HZ = 3_000.0, 1_000.0, 1_900.0, 180.0
"""Tones that tell each from the others. The humming voice sounds at 180, 360 and 540 Hz."""
STEP = SAMPLE_RATE_HZ // 20
STEP_MS = 50


def strength(samples: Samples, pitch_hz: float) -> Samples:
    """How strong a tone is in each fiftieth of a second, full scale 1."""
    turns = np.exp(-2j * np.pi * pitch_hz * np.arange(len(samples)) / SAMPLE_RATE_HZ)
    steps = (samples * turns)[: len(samples) // STEP * STEP].reshape(-1, STEP)
    return np.asarray(2 * np.abs((steps * np.hanning(STEP) * 2).mean(axis=1)), dtype=np.float32)


def upload(planner: FlaskClient, name: str, kind: str, pitch_hz: float, seconds: float) -> None:
    file = io.BytesIO(encoded(sine(pitch_hz, seconds, dbfs=-9), "wav"))
    assert planner.post("/sounds", data={"name": name, "kind": kind, "file": (file, "a.wav")}).status_code == 302


@pytest.fixture
def planner(studio: Studio, sign_in: SignIn) -> FlaskClient:
    """Somebody who has handed in a bed and two tunes, and joined the tunes."""
    ship_sounds(studio)
    planner = sign_in("planner", "approver")
    upload(planner, "Nền", "bed", BED_HZ, 20)
    upload(planner, "Một", "signature", FIRST_HZ, 6)
    upload(planner, "Hai", "signature", SECOND_HZ, 6)
    with studio.database.reading() as session:
        one, two = (session.scalars(select(Sound.id).where(Sound.name == name)).one() for name in ("Một", "Hai"))
    form = {"first": one, "second": two, "name": "Mở đầu", "kind": "signature"}
    assert planner.post("/sounds/join", data=form).status_code == 302
    return planner


def heard(planner: FlaskClient, address: str) -> Samples:
    """What is heard of an MP3 of ours, its first frame without sound included; the tag before it is left out."""
    data = planner.get(address).data
    assert data[:3] == b"ID3"
    length = sum(byte << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    return decode(data[10 + length :])


def test_one_tune_fades_into_the_next_without_a_hole_or_a_click(planner: FlaskClient, studio: Studio) -> None:
    with studio.database.reading() as session:
        joined = session.scalars(select(Sound).where(Sound.name == "Mở đầu")).one()
        number, frames = joined.id, joined.piece.frames
    samples = heard(planner, f"/sounds/{number}.mp3")[-frames * SAMPLES_PER_FRAME :]
    first, second = strength(samples, FIRST_HZ), strength(samples, SECOND_HZ)
    both = np.flatnonzero((first > 0.1 * first.max()) & (second > 0.1 * second.max()))
    assert 20 <= len(both) <= 30, "a second and a half, but for its faint ends"
    assert (np.diff(both) == 1).all()
    assert second[: both[0] - 6].max() < 0.02 * second.max(), "nothing of the second before"
    assert first[both[-1] + 7 :].max() < 0.02 * first.max(), "nothing of the first after"
    whole = np.hypot(first, second)[3:-4]
    assert whole.min() > 0.45 * whole.max(), "no hole"
    edge = slice((both[0] - 4) * STEP, (both[-1] + 5) * STEP)
    inside = samples[len(samples) - 40 * STEP : len(samples) - 8 * STEP]
    assert np.abs(np.diff(samples[edge], 2)).max() < 1.3 * np.abs(np.diff(inside, 2)).max(), "no click"


@pytest.fixture
def played(planner: FlaskClient, studio: Studio) -> tuple[Broadcast, Samples]:
    """A broadcast of a programme that has chosen these sounds on its page, and what is heard of it."""
    with studio.database.transaction() as session:
        make_shells(session)
        make_library(session, [20, 25, 22, 18, 24, 21])
        programme = make_programme(session, name="Người tốt", letters="NT")
        make_slot(session, make_station(session), programme=programme, length_s=120)
        number = programme.id
    form = {
        "name": "Người tốt", "letters": "NT", "hue": "hb", "signature": "mo-dau", "bed": "nen", "has_bed": "1"
    }  # fmt: skip
    assert planner.post(f"/programmes/{number}", data=form).status_code == 302
    with studio.database.transaction() as session:
        assert session.get_one(Programme, number).sounds["bed"] == "nen"
        broadcasts.materialise(session, studio, today=DAY)
        filling.fill(session, studio, first=DAY, last=DAY)
    while run_one(studio, owner="test"):
        pass
    with studio.database.reading() as session:
        (broadcast,) = broadcasts.between(session, DAY, DAY + timedelta(days=1), rundowns=True)
    return broadcast, heard(planner, f"/broadcasts/{broadcast.id}/sound.mp3")


def parts(studio: Studio, broadcast: Broadcast) -> list[tuple[Cue, int, list[Samples]]]:
    """Of each cue: where it begins in the broadcast, in samples, and its pieces decoded one by one."""
    found, place = [], 0
    with studio.database.reading() as session:
        for cue in session.scalars(select(Cue).where(Cue.broadcast_id == broadcast.id).order_by(Cue.position)):
            pieces = [cue.sound.piece] if cue.sound else [each.piece for each in cue.rendition.pieces]  # type: ignore[union-attr]
            own = [decode(b"".join(studio.blobs.read(piece.blob))) for piece in pieces]
            _ = cue.script
            found.append((cue, place, own))
            place += sum(map(len, own))
    return found


def test_words_stand_alone_and_music_steps_back_for_them(played: tuple[Broadcast, Samples], studio: Studio) -> None:
    broadcast, whole = played
    laid = parts(studio, broadcast)
    total = laid[-1][1] + sum(map(len, laid[-1][2]))
    assert len(whole) - total in (0, SAMPLES_PER_FRAME), "nothing is laid over anything else"
    whole = whole[-total:]

    places = [place + sum(map(len, own[:n])) for _, place, own in laid for n in range(len(own))]
    pieces = [piece for _, _, own in laid for piece in own]
    for (start, end), piece in zip(pairwise([*places, len(whole)]), pieces, strict=True):
        inside = slice(start + 2 * SAMPLES_PER_FRAME, end)
        assert np.abs(whole[inside] - piece[2 * SAMPLES_PER_FRAME :]).max() < 1e-3, "not faded, not mixed"

    stories = [(place, own) for cue, place, own in laid if cue.kind == "script"]
    assert len(stories) >= 2
    for place, own in stories:
        story = whole[place : place + sum(map(len, own))]
        assert strength(story, BED_HZ).max() < 0.002, "a story has no music under it"
        assert strength(story, VOICE_HZ).max() > 0.05

    bedded = [(place, own) for cue, place, own in laid if cue.script and cue.script.shell in ("greeting", "farewell")]
    assert len(bedded) == 2
    for place, own in bedded:
        part = whole[place : place + sum(map(len, own))]
        voice, bed = strength(part, VOICE_HZ), strength(part, BED_HZ)
        said = np.flatnonzero(voice > 0.2 * voice.max())
        before, beside = bed[5 : said[0] - 14], bed[said[0] + 14 : said[-1] - 14]
        assert 20 * np.log10(before.max() / np.median(beside)) > 10, "it steps back for the words"
        assert 20 * np.log10(np.median(voice[said]) / np.median(beside)) > 12, "and every word is above it"
        assert np.median(beside) > 1e-4, "but it goes on"
