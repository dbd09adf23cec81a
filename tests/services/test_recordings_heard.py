"""What is heard in a reading: that words are missing, until somebody says that none are, and when sentences begin."""

import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from broadcast_service.errors import Invalid
from broadcast_service.services import broadcasts, listening, recordings, renditions, sound_checks
from broadcast_service.services.taking_in import take_in_upload
from broadcast_service.storage.tables import Rendition, Script
from broadcast_service.studio import Studio
from tests.audio.files import encoded
from tests.factories import make_account, make_broadcast, plan_script
from tests.services.test_recordings import SECOND, hand_in, playable, script_of, speech

LONG = "\n".join([SECOND] * 4)


def is_faulty(studio: Studio, text: str) -> bool | None:
    rendition = playable(studio, text)
    assert rendition is not None
    return rendition.is_faulty


def test_a_reading_that_lacks_half_its_words_is_kept_off_the_air(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, LONG)
    hand_in(studio, script, encoded(speech(SECOND), "wav"), 1, tmp_path)
    assert is_faulty(studio, LONG) is True


def test_a_reading_at_a_persons_own_pace_is_not(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, LONG)
    hand_in(studio, script, encoded(speech(SECOND, SECOND, SECOND), "wav"), 1, tmp_path)
    assert is_faulty(studio, LONG) is False


def test_who_has_heard_that_all_words_are_there_lets_it_on_the_air(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, LONG)
    number = hand_in(studio, script, encoded(speech(SECOND), "wav"), 1, tmp_path)
    with studio.database.transaction() as session:
        broadcast = plan_script(session, studio, make_broadcast(session), session.get_one(Script, script.id)).broadcast
        session.flush()
        broadcasts.follow(session, studio, script_id=script.id)
        assert [flaw.fault.kind for flaw in sound_checks.of_broadcast(session, broadcast)] == ["length"]
        broadcast.filled_at = None
        who = make_account(session, "approver")
        take = recordings.vouch(session, studio, number, account_id=who.id)
        assert (take.vouched_by_id, take.vouched_at) == (who.id, studio.now())
        assert broadcast.filled_at == studio.now()
        assert not any(flaw.fault.blocks for flaw in sound_checks.of_broadcast(session, broadcast))
    assert is_faulty(studio, LONG) is False


def test_the_same_sound_of_the_same_words_is_vouched_for_wherever_it_is_handed_in(
    studio: Studio, tmp_path: Path
) -> None:
    number = hand_in(studio, script_of(studio, LONG), encoded(speech(SECOND), "wav"), 1, tmp_path)
    with studio.database.transaction() as session:
        who = make_account(session, "approver").id
        recordings.vouch(session, studio, number, account_id=who)
    other = hand_in(studio, script_of(studio, LONG), encoded(speech(SECOND), "wav"), 1, tmp_path)
    with studio.database.reading() as session:
        take = recordings.get_recording(session, other)
        assert (take.vouched_by_id, take.vouched_at) == (who, studio.now())


def test_what_was_vouched_for_stays_so_when_its_sound_is_made_again(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, LONG)
    number = hand_in(studio, script, encoded(speech(SECOND), "wav"), 1, tmp_path)
    rendition = playable(studio, LONG)
    assert rendition is not None
    with studio.database.transaction() as session:
        recordings.vouch(session, studio, number, account_id=make_account(session, "approver").id)
    shutil.rmtree(studio.settings.audio_dir)
    renditions.restore_lost(studio)
    renditions.render(studio, rendition.id)
    assert is_faulty(studio, LONG) is False


def test_subtitles_of_a_reading_come_with_its_sentences_also_behind_a_long_pause(
    studio: Studio, tmp_path: Path
) -> None:
    one, other = SECOND.split("\n")
    script = script_of(studio, SECOND)
    quiet = speech(other, pause_s=0.0)[:1] * 0
    sound = np.concatenate((speech(one, pause_s=0.0), np.tile(quiet, 4 * 44_100), speech(other, pause_s=0.0)))
    hand_in(studio, script, encoded(sound, "wav"), 1, tmp_path)
    rendition = playable(studio, SECOND)
    with studio.database.reading() as session:
        tape = listening.tape_of_script(studio, rendition, session.get_one(Script, script.id).latest)
        lines = listening.transcript(tape).decode().splitlines()
    start = lines[lines.index(other) - 1].split(" --> ")[0]
    minutes, seconds = start.split(":")[1:]
    begins_ms = len(speech(one, pause_s=0.0)) / 44.1 + 4_000
    assert 60_000 * int(minutes) + 1_000 * float(seconds) == pytest.approx(begins_ms, abs=200)


@pytest.mark.parametrize(("pause_s", "is_held_back"), [(0.3, False), (3.0, True)])
def test_a_long_pause_is_silence_also_in_a_room_that_hums(
    studio: Studio, tmp_path: Path, pause_s: float, is_held_back: bool
) -> None:
    one, other = SECOND.split("\n")
    script = script_of(studio, SECOND)
    pause = np.zeros(round(pause_s * 44_100), dtype=np.float32)
    sound = np.concatenate((speech(one, pause_s=0.3), pause, speech(other, pause_s=0.3)))
    room = np.random.default_rng(5).standard_normal(len(sound)) * 10 ** (-40 / 20)
    hand_in(studio, script, encoded(np.asarray(sound + room, dtype=np.float32), "wav"), 1, tmp_path)
    assert is_faulty(studio, SECOND) is is_held_back
    rendition = playable(studio, SECOND)
    assert rendition is not None
    with studio.database.reading() as session:
        pieces = [place.piece for place in session.get_one(Rendition, rendition.id).pieces]
        assert [fault.kind for fault in sound_checks.faults(pieces)] == ["silence"] * is_held_back


def test_no_more_recordings_are_treated_at_once_than_there_are_cores(
    studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = script_of(studio, SECOND)
    inside: list[int] = []
    most: list[int] = []

    def take_in(path: Path, folder: Path) -> None:
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.05)
        inside.pop()
        raise Invalid("không nghe", field="recording")

    monkeypatch.setattr("broadcast_service.audio.recording.take_in", take_in)

    def send(number: int) -> None:
        path = tmp_path / str(number)
        path.write_bytes(b"RIFF")
        with pytest.raises(Invalid):
            take_in_upload(studio, script.latest.id, path, paragraph=1, reader="Lan", account_id=None)

    many = 3 * (os.cpu_count() or 1)
    with ThreadPoolExecutor(many) as pool:
        list(pool.map(send, range(many)))
    assert max(most) <= (os.cpu_count() or 1)
    assert len(most) == many
