"""A colleague reads the text: a rendition like any other, made of takes that count just for their words."""

import functools
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soxr
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.loudness import integrated_lufs, true_peak_dbtp
from broadcast_service.audio.mastering import decode
from broadcast_service.domain.scripts import paragraphs
from broadcast_service.domain.units import frames_to_ms
from broadcast_service.errors import EngineError, Invalid, NotFound
from broadcast_service.services import broadcasts, local_readings, recordings, renditions, revisions
from broadcast_service.services.local_readings import Place
from broadcast_service.services.taking_in import originals, remake, sweep, take_in_upload
from broadcast_service.storage.tables import Cue, Recording, Rendition, Revision, Script
from broadcast_service.studio import Studio
from tests.audio.files import encoded, plain_wav, written
from tests.audio.sounds import said
from tests.factories import make_account, make_broadcast, make_script, plan_script

FIRST = "Kính thưa bà con, hôm nay ông Minh hiến đất mở đường."
SECOND = "Con đường liên thôn dài thêm hơn hai trăm mét.\nXe máy đi lại dễ dàng."
THIRD = "Xin cảm ơn bà con đã lắng nghe."
TEXT = f"{FIRST}\n\n{SECOND}\n\n{THIRD}"


@functools.cache
def speech(*texts: str, pause_s: float = 1.0) -> Samples:
    """The texts said one after the other in a quiet room, at 44.1 kHz, a silence around each."""
    silence = np.zeros(round(44_100 * pause_s), dtype=np.float32)
    parts = [silence]
    for text in texts:
        sound = said(text)
        raw = np.frombuffer(sound.pcm, dtype="<i2").astype(np.float32) / np.float32(40_000)
        parts += [np.asarray(soxr.resample(raw, sound.rate_hz, 44_100)), silence]
    whole = np.concatenate(parts)
    room = np.random.default_rng(4).standard_normal(len(whole)) * 10 ** (-60 / 20)
    return np.asarray(whole + room, dtype=np.float32)


def script_of(studio: Studio, text: str = TEXT, **other: Any) -> Script:
    with studio.database.transaction() as session:
        return make_script(session, text=text, status="approved", **other)


def hand_in(
    studio: Studio,
    script: Script | Revision,
    data: bytes,
    paragraph: int | None,
    folder: Path,
    *,
    reader: str = "Nguyễn Thị Lan",
    reading_id: int | None = None,
) -> int:
    revision = script.latest if isinstance(script, Script) else script
    path = written(folder, data)
    return take_in_upload(
        studio,
        revision.id,
        path,
        paragraph=paragraph,
        reader=reader,
        account_id=None,
        name=f"C:\\ghi âm\\{path.name}",
        reading_id=reading_id,
    )


def read_all(studio: Studio, script: Script, folder: Path) -> list[int]:
    texts = paragraphs(script.latest.spoken)
    return [hand_in(studio, script, encoded(speech(text), "wav"), n, folder) for n, text in enumerate(texts, 1)]


def revise(studio: Studio, script: Script, text: str) -> Revision:
    with studio.database.transaction() as session:
        return revisions.revise_script(
            session, studio, script.id, title=script.title, written=text, spoken=text, author_id=None
        )


def playable(studio: Studio, *texts: str) -> Rendition | None:
    with studio.database.reading() as session:
        rendition = recordings.rendition_for(session, texts)
        if rendition is not None:
            assert len(rendition.pieces) == len(texts)
        return rendition


def test_once_every_paragraph_is_read_there_is_a_rendition_like_any_other(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio)
    hand_in(studio, script, encoded(speech(FIRST), "wav"), 1, tmp_path)
    hand_in(studio, script, encoded(speech(THIRD), "webm"), 3, tmp_path)
    with studio.database.reading() as session:
        half = recordings.progress(session, session.get_one(Script, script.id).latest)
        assert [line.take is not None for line in half.lines] == [True, False, True]
        assert (half.done, half.rendition) == (2, None)
        assert recordings.rendition_for(session, [FIRST, SECOND, THIRD]) is None

    hand_in(studio, script, encoded(speech(SECOND), "m4a"), 2, tmp_path)

    rendition = playable(studio, FIRST, SECOND, THIRD)
    assert rendition is not None
    assert (rendition.voice, rendition.state, rendition.paragraphs) == ("human", "ready", [FIRST, SECOND, THIRD])
    pieces = [place.piece for place in rendition.pieces]
    assert rendition.frames == sum(piece.frames for piece in pieces)
    for piece, text in zip(pieces, (FIRST, SECOND, THIRD), strict=True):
        decoded = decode(b"".join(studio.blobs.read(piece.blob)))
        assert integrated_lufs(decoded) == pytest.approx(-16.0, abs=0.5)
        assert true_peak_dbtp(decoded) <= -1.0
        said_ms = said(text).length_ms
        assert said_ms - 700 < frames_to_ms(piece.frames) < said_ms + 1_200


def test_what_was_handed_in_is_kept_as_it_was_and_measured_before_and_after(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio)
    data = encoded(speech(FIRST) + np.float32(0.1), "flac", channels=2)
    number = hand_in(studio, script, data, 1, tmp_path)
    with studio.database.reading() as session:
        take = recordings.get_recording(session, number)
        assert originals(studio).path(take.original).read_bytes() == data
        assert (take.original_name, take.original_format, take.original_bytes) == ("ghi-am.mp3", "flac", len(data))
        assert take.reader == "Nguyễn Thị Lan"
        assert (take.paragraphs, take.paragraph, take.revision_id) == ([FIRST], 1, script.latest.id)
        assert take.after["noise_db"] <= take.before["noise_db"]
        assert take.after["length_ms"] <= take.before["length_ms"]
        assert len(take.notes) == 2


def test_the_whole_text_in_one_take_is_parted_in_its_pauses(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio)
    hand_in(studio, script, encoded(speech(FIRST, SECOND, THIRD), "mp3"), None, tmp_path)
    rendition = playable(studio, FIRST, SECOND, THIRD)
    assert rendition is not None
    for place, text in zip(rendition.pieces, (FIRST, SECOND, THIRD), strict=True):
        assert frames_to_ms(place.piece.frames) == pytest.approx(said(text).length_ms + 600, abs=900)


def test_a_text_read_without_a_stop_is_refused_when_it_has_several_paragraphs(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio)
    with pytest.raises(Invalid, match="chỗ ngừng"):
        hand_in(studio, script, plain_wav(6), None, tmp_path)


def test_a_later_revision_asks_only_for_what_has_changed(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio)
    read_all(studio, script, tmp_path)
    changed = "Con đường nay dài thêm ba trăm mét."
    revision = revise(studio, script, f"{FIRST}\n\n{changed}\n\n{THIRD}")
    with studio.database.reading() as session:
        lines = recordings.progress(session, session.get_one(Revision, revision.id)).lines
        assert [(line.take is not None, line.is_kept) for line in lines] == [(True, True), (False, False), (True, True)]
    assert playable(studio, FIRST, changed, THIRD) is None

    hand_in(studio, revision, encoded(speech(changed), "wav"), 2, tmp_path)

    new, old = playable(studio, FIRST, changed, THIRD), playable(studio, FIRST, SECOND, THIRD)
    assert new is not None
    assert old is not None
    assert [place.piece_key for place in new.pieces][::2] == [place.piece_key for place in old.pieces][::2]


def test_a_revision_of_paragraphs_that_have_all_been_read_is_ready_at_once(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio)
    read_all(studio, script, tmp_path)
    revise(studio, script, f"{FIRST}\n\n{THIRD}")
    assert playable(studio, FIRST, THIRD) is not None


def test_a_take_of_the_whole_text_does_not_count_for_a_part_of_it(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio)
    hand_in(studio, script, encoded(speech(FIRST, SECOND, THIRD), "wav"), None, tmp_path)
    revise(studio, script, f"{FIRST}\n\n{THIRD}")
    assert playable(studio, FIRST, THIRD) is None


def test_voices_of_two_scripts_are_never_put_together(studio: Studio, tmp_path: Path) -> None:
    hand_in(studio, script_of(studio, f"{FIRST}\n\n{SECOND}"), encoded(speech(FIRST), "wav"), 1, tmp_path)
    hand_in(studio, script_of(studio, f"{FIRST}\n\n{SECOND}"), encoded(speech(SECOND), "wav"), 2, tmp_path)
    assert playable(studio, FIRST, SECOND) is None


def test_a_retake_is_played_instead_also_where_the_earlier_one_was_planned(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, f"{FIRST}\n\n{THIRD}")
    read_all(studio, script, tmp_path)
    before = playable(studio, FIRST, THIRD)
    assert before is not None
    with studio.database.transaction() as session:
        cue = plan_script(session, studio, make_broadcast(session), session.get_one(Script, script.id))
        session.flush()
        broadcasts.follow(session, studio, script_id=script.id)
        assert cue.rendition is before or cue.rendition_id == before.id

    retake = np.concatenate((speech(THIRD), speech(THIRD)))
    hand_in(studio, script, encoded(retake, "wav"), 2, tmp_path)

    after = playable(studio, FIRST, THIRD)
    assert after is not None
    assert after.id != before.id
    with studio.database.reading() as session:
        assert session.get_one(Cue, cue.id).rendition_id == after.id
        takes = session.scalars(select(Recording).order_by(Recording.id)).all()
        assert [take.withdrawn_at is None for take in takes] == [True, False, True]


def test_broadcasts_ahead_take_the_reader_once_all_is_read_and_the_next_voice_when_it_is_taken_back(
    studio: Studio, tmp_path: Path
) -> None:
    script = script_of(studio, f"{FIRST}\n\n{THIRD}")
    with studio.database.transaction() as session:
        cue = plan_script(session, studio, make_broadcast(session), session.get_one(Script, script.id))
        session.flush()

    def voice() -> str:
        with studio.database.reading() as session:
            rendition = session.get_one(Cue, cue.id).rendition
            assert rendition is not None
            return rendition.voice

    assert voice() == "tone"
    *_, last = read_all(studio, script, tmp_path)
    assert voice() == "human"
    with studio.database.transaction() as session:
        recordings.withdraw(session, studio, last, account_id=None)
    assert voice() == "tone"
    with studio.database.transaction() as session:
        recordings.restore(session, studio, last)
    assert voice() == "human"


def test_a_recording_taken_back_is_played_no_more_and_none_before_it_either(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, f"{FIRST}\n\n{THIRD}")
    read_all(studio, script, tmp_path)
    retake = hand_in(studio, script, encoded(np.tile(speech(THIRD), 2), "wav"), 2, tmp_path)
    rendition = playable(studio, FIRST, THIRD)
    assert rendition is not None
    with studio.database.transaction() as session:
        who = make_account(session, "editor")
        recordings.withdraw(session, studio, retake, account_id=who.id)
    assert playable(studio, FIRST, THIRD) is None
    with studio.database.reading() as session:
        gone = session.get_one(Rendition, rendition.id)
        assert (gone.state, gone.error) == ("failed", "withdrawn")
        progress = recordings.progress(session, session.get_one(Script, script.id).latest)
        assert [line.take is not None for line in progress.lines] == [True, False]
        assert session.get_one(Recording, retake).withdrawn_by_id == who.id
        assert originals(studio).is_whole(session.get_one(Recording, retake).original)


def test_what_was_taken_back_does_not_push_a_newer_take_aside(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, FIRST)
    old = hand_in(studio, script, encoded(speech(FIRST), "wav"), 1, tmp_path)
    new = hand_in(studio, script, encoded(np.tile(speech(FIRST), 2), "wav"), 1, tmp_path)
    with studio.database.transaction() as session:
        recordings.restore(session, studio, old)
        newest = recordings.newest_take(session, [FIRST], script_id=script.id)
        assert newest is not None
        assert newest.id == new


def test_the_same_file_handed_in_again_after_it_was_taken_back_counts_again(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, FIRST)
    data = encoded(speech(FIRST), "wav")
    number = hand_in(studio, script, data, 1, tmp_path)
    with studio.database.transaction() as session:
        recordings.withdraw(session, studio, number, account_id=None)
    assert hand_in(studio, script, data, 1, tmp_path) != number
    assert playable(studio, FIRST) is not None


def test_the_same_file_sent_twice_is_one_recording(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, FIRST)
    data = encoded(speech(FIRST), "wav")
    assert hand_in(studio, script, data, 1, tmp_path) == hand_in(studio, script, data, 1, tmp_path)


def test_a_local_reading_is_read_by_itself(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, FIRST)
    other = "Kính thưa bà con, bữa nay ông Minh hiến đất mở đường."
    with studio.database.transaction() as session:
        revision = session.get_one(Revision, script.latest.id)
        reading = local_readings.add(revision, Place(region="nam"), other, now=studio.now())
        session.flush()
    hand_in(studio, script, encoded(speech(other), "wav"), 1, tmp_path, reading_id=reading.id)
    assert playable(studio, other) is not None
    assert playable(studio, FIRST) is None


def test_a_reading_much_shorter_than_its_words_is_doubted(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, SECOND)
    number = hand_in(studio, script, encoded(speech("Vâng."), "wav"), 1, tmp_path)
    with studio.database.reading() as session:
        take = recordings.get_recording(session, number)
        (doubt,) = recordings.doubts(take, recordings.pieces_of(session, take))
        assert doubt.is_short


def test_lost_sound_is_made_again_from_the_file_that_was_handed_in(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, f"{FIRST}\n\n{THIRD}")
    read_all(studio, script, tmp_path)
    rendition = playable(studio, FIRST, THIRD)
    assert rendition is not None
    shutil.rmtree(studio.settings.audio_dir)
    assert renditions.restore_lost(studio) == 2
    assert playable(studio, FIRST, THIRD) is None

    renditions.render(studio, rendition.id)

    again = playable(studio, FIRST, THIRD)
    assert again is not None
    assert (again.id, again.frames) == (rendition.id, rendition.frames)


def test_a_lost_take_of_one_paragraph_is_mended_by_sending_its_file_again(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio)
    data = encoded(speech(FIRST), "wav")
    hand_in(studio, script, data, 1, tmp_path)
    shutil.rmtree(studio.settings.audio_dir)
    renditions.restore_lost(studio)
    number = hand_in(studio, script, data, 1, tmp_path)
    with studio.database.reading() as session:
        (piece,) = recordings.pieces_of(session, recordings.get_recording(session, number))
        assert studio.blobs.is_whole(piece.blob)


def test_what_was_taken_back_is_not_made_again(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, FIRST)
    (number,) = read_all(studio, script, tmp_path)
    rendition = playable(studio, FIRST)
    assert rendition is not None
    with studio.database.transaction() as session:
        recordings.withdraw(session, studio, number, account_id=None)
    with pytest.raises(EngineError):
        remake(studio, rendition.id)


def test_words_that_are_filled_in_for_each_day_are_not_read_beforehand(studio: Studio, tmp_path: Path) -> None:
    script = script_of(studio, "Đây là {tên đài}.", shell="call")
    with pytest.raises(Invalid, match="chỗ điền"):
        hand_in(studio, script, encoded(speech(FIRST), "wav"), 1, tmp_path)


def test_what_is_not_there_is_not_found(session: Session) -> None:
    for number in (0, -1, 5, 1 << 40):
        with pytest.raises(NotFound):
            recordings.get_recording(session, number)


def test_what_a_killed_process_left_is_swept_at_the_next_start(studio: Studio) -> None:
    left = studio.settings.data_dir / "recordings" / "incoming" / "x"
    left.mkdir(parents=True)
    (left / "decoded.f32").write_bytes(bytes(1_000))
    sweep(studio)
    assert not left.exists()
