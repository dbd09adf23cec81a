"""Nothing goes out that was heard to be wrong: pieces are listened to once, broadcasts wait for other sound."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast_service.audio.checks import check_mastered, check_stored
from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.mastering import decode, encode, master
from broadcast_service.domain.readiness import Key, Trouble
from broadcast_service.domain.units import Frames, frames_to_ms
from broadcast_service.domain.waveform import Waveform
from broadcast_service.pool import run_one
from broadcast_service.services import broadcasts, due, jobs, packages, renditions, sound_checks
from broadcast_service.services.sound_checks import Fault, Flaw, faults, listen_to_old
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.tables import Broadcast, Job, Package, Piece, Rendition, RenditionPiece, Sound
from broadcast_service.studio import Studio
from tests.audio.sounds import pieces, sine
from tests.conftest import StoppedClock
from tests.days import DAY, Day, plan_day, speak_all


def piece(
    seconds: float, *findings: Sequence[object], lead_ms: int = 0, tail_ms: int = 0, is_faulty: bool | None = None
) -> Piece:
    """A row without its file."""
    checks = {"findings": list(findings), "lead_ms": lead_ms, "tail_ms": tail_ms}
    faulty = any(finding[3] for finding in findings) if is_faulty is None else is_faulty
    return Piece(frames=round(seconds * 44_100 / 1_152), checks=checks, is_faulty=faulty, peaks=[])


def only(found: Sequence[Fault]) -> Fault:
    assert len(found) == 1, found
    return found[0]


def test_what_is_wrong_with_a_piece_is_told_from_the_beginning_of_all() -> None:
    fault = only(list(faults([piece(10), piece(5, ["clipping", 1_000, 1_200, True])])))
    assert (fault.kind, fault.piece, fault.blocks) == ("clipping", 2, True)
    assert fault.at_ms == pytest.approx(11_000, abs=30)
    assert fault.until_ms - fault.at_ms == 200


def test_two_short_silences_that_meet_are_one_long_one() -> None:
    fault = only(list(faults([piece(10, tail_ms=1_200), piece(10, lead_ms=900)])))
    assert (fault.kind, fault.blocks) == ("silence", True)
    assert fault.until_ms - fault.at_ms == 2_100
    assert list(faults([piece(10, tail_ms=1_000), piece(10, lead_ms=900)])) == []


def test_a_silence_that_a_piece_has_told_is_not_told_twice() -> None:
    pieces = [piece(10, ["silence", 7_500, 10_000, True], tail_ms=2_500), piece(10, lead_ms=100)]
    assert only(list(faults(pieces))).piece == 1


def test_what_nobody_has_listened_to_passes() -> None:
    assert list(faults([Piece(frames=100, checks=None, is_faulty=None, peaks=[])])) == []


def test_listening_while_mastering_hears_what_listening_afterwards_hears() -> None:
    for one in pieces():
        at_once, later = check_mastered(one), check_stored(one.frames)
        assert [finding.kind for finding in at_once.findings] == [finding.kind for finding in later.findings]
        assert (at_once.lead_ms, at_once.tail_ms) == (later.lead_ms, later.tail_ms)


def test_silence_at_both_ends_is_measured() -> None:
    quiet = [np.zeros(round(44_100 * seconds), dtype=np.float32) for seconds in (0.8, 1.5)]
    frames = encode(np.concatenate((quiet[0], sine(440, 5, dbfs=-12), quiet[1])))
    heard = check_stored(frames)
    assert heard.lead_ms == pytest.approx(825, abs=25)
    assert heard.tail_ms == pytest.approx(1_475, abs=30)


def test_a_piece_is_listened_to_when_it_is_stored(studio: Studio) -> None:
    wave = Waveform(
        _pcm(np.concatenate((sine(300, 4, dbfs=-12), np.zeros(44_100 * 3), sine(300, 4, dbfs=-12)))), 44_100
    )
    renditions.store_piece(studio, "quiet", wave)
    renditions.store_piece(studio, "good", ToneVoice().speak("một hai ba bốn năm sáu bảy tám"))
    with studio.database.reading() as session:
        quiet, good = session.get_one(Piece, "quiet"), session.get_one(Piece, "good")
        assert (quiet.is_faulty, good.is_faulty) == (True, False)
        kind, at_ms, until_ms, blocks = (quiet.checks or {})["findings"][0]
    assert (kind, blocks) == ("silence", True)
    assert at_ms == pytest.approx(4_025, abs=60)
    assert until_ms - at_ms == pytest.approx(3_000, abs=60)


@dataclass(frozen=True)
class Hasty(ToneVoice):
    """A voice that breaks off in the middle of every paragraph."""

    def speak(self, spoken: str) -> Waveform:
        whole = super().speak(spoken)
        return Waveform(whole.pcm[: len(whole.pcm) // 4 * 2], whole.rate_hz)


def test_a_voice_that_breaks_off_is_noticed_by_the_length(studio: Studio) -> None:
    hasty = replace(studio, voices={"tone": Hasty()})
    with hasty.database.transaction() as session:
        said = ["một câu dài để người nghe còn kịp nhận ra là nó bị đứt giữa chừng hay không bị đứt"]
        wanted = renditions.want_rendition(session, hasty.default_voice, said, due_at=studio.now(), now=studio.now())
        number = wanted.id
    renditions.render(hasty, number)
    with studio.database.reading() as session:
        made = session.get_one(Rendition, number)
        assert made.is_faulty is True
        assert [fault.kind for fault in faults(place.piece for place in made.pieces)] == ["length"]


@pytest.fixture
def day(studio: Studio) -> Day:
    made = plan_day(studio, hours=(time(5, 30), time(17, 0)))
    speak_all(studio)
    return made


def spoil(studio: Studio, piece_key: str, *, at_s: float = 0.3) -> None:
    """Let a stored piece be as an older release may have left it: cut off at full scale from a place on."""
    with studio.database.reading() as session:
        samples = decode(b"".join(studio.blobs.read(session.get_one(Piece, piece_key).blob)))
    start = round(at_s * 44_100)
    samples[start : start + 4_410] = np.sign(sine(400, 0.1)) * np.float32(1.4)
    frames = encode(samples)
    blob = studio.blobs.put(frames)
    with studio.database.transaction() as session:
        row = session.get_one(Piece, piece_key)
        row.blob, row.size, row.frames = blob, len(frames), _count(frames)
        row.checks, row.is_faulty = None, None
        for place in session.scalars(select(RenditionPiece).where(RenditionPiece.piece_key == piece_key)):
            session.get_one(Rendition, place.rendition_id).is_faulty = None


def own_piece(studio: Studio, broadcast_id: int) -> tuple[str, int, int]:
    """(key of a piece no other text has, id of its rendition, when it begins in ms), in the first script."""
    with studio.database.reading() as session:
        starts_ms = 0
        for cue in broadcasts.get_broadcast(session, broadcast_id).cues:
            if cue.rendition is not None:
                *before, last = cue.rendition.pieces
                starts_ms += sum(frames_to_ms(Frames(place.piece.frames)) for place in before)
                return last.piece_key, cue.rendition.id, starts_ms
            starts_ms += frames_to_ms(Frames(cue.sound.piece.frames)) if cue.sound else 0
    raise AssertionError


def listen(studio: Studio) -> None:
    due.want_listening(studio)
    while run_one(studio, owner="test", kind=jobs.LISTEN):
        pass


def package_of(studio: Studio, day: Day) -> Package:
    package = packages.make_package(studio, day.code, DAY)
    assert package is not None
    return package


def test_older_sound_is_listened_to_by_and_by_and_only_once(studio: Studio, day: Day) -> None:
    with studio.database.transaction() as session:
        for row in session.scalars(select(Piece)):
            row.checks, row.is_faulty = None, None
        for rendition in session.scalars(select(Rendition)):
            rendition.is_faulty = None
    assert due.want_listening(studio) > 0
    listen(studio)
    assert due.want_listening(studio) == 0
    assert listen_to_old(studio) == 0
    with studio.database.reading() as session:
        assert set(session.scalars(select(Piece.is_faulty))) == {False}
        assert set(session.scalars(select(Rendition.is_faulty))) == {False}
        assert session.scalar(select(Job.state).where(Job.kind == jobs.LISTEN)) == "done"
    assert day.broadcast_ids


def test_a_clipping_piece_keeps_its_broadcast_out_of_the_package_and_its_place_is_told(
    studio: Studio, day: Day, clock: StoppedClock
) -> None:
    key, _, starts_ms = own_piece(studio, day.broadcast_ids[1])
    assert package_of(studio, day).broadcast_ids == day.broadcast_ids
    spoil(studio, key)
    clock.forward(minutes=1)
    listen(studio)
    with studio.database.reading() as session:
        broadcast = broadcasts.get_broadcast(session, day.broadcast_ids[1])
        state = broadcasts.states(session, [broadcast], studio.now())[broadcast.id]
        flaws = [flaw for flaw in sound_checks.of_broadcast(session, broadcast) if flaw.fault.kind == "clipping"]
    assert (state.key, state.trouble, state.needs_work) == (Key.RECORD, Trouble.SOUND, True)
    assert flaws[0].fault.blocks
    assert flaws[0].at_ms == pytest.approx(starts_ms + 300, abs=80)
    assert flaws[0].lasts_ms == pytest.approx(100, abs=40)
    assert due.want_packages(studio) == 1
    assert package_of(studio, day).broadcast_ids == [day.broadcast_ids[0]]


def test_speaking_it_again_brings_the_broadcast_back(studio: Studio, day: Day) -> None:
    key, rendition_id, _ = own_piece(studio, day.broadcast_ids[1])
    spoil(studio, key)
    listen(studio)
    assert package_of(studio, day).broadcast_ids == [day.broadcast_ids[0]]
    with studio.database.transaction() as session:
        assert renditions.replace_faulty(session, rendition_id, studio.now()) == 1
    while run_one(studio, owner="test", kind=jobs.RENDER):
        pass
    with studio.database.reading() as session:
        assert session.get_one(Rendition, rendition_id).is_faulty is False
        assert session.get_one(Piece, key).is_faulty is False
    assert package_of(studio, day).broadcast_ids == day.broadcast_ids


def test_a_faulty_tune_keeps_every_broadcast_with_it_out(studio: Studio, day: Day) -> None:
    with studio.database.reading() as session:
        tune = session.scalars(select(Sound).where(Sound.code == "nhac-cat")).one()
    spoil(studio, tune.piece_key)
    listen(studio)
    assert packages.make_package(studio, day.code, DAY) is None


def test_a_silence_that_two_items_share_keeps_their_broadcast_out_and_no_other(studio: Studio, day: Day) -> None:
    key, _, _ = own_piece(studio, day.broadcast_ids[1])
    with studio.database.transaction() as session:
        broadcast = broadcasts.get_broadcast(session, day.broadcast_ids[1])
        cues = list(broadcast.cues)
        place = next(n for n, cue in enumerate(cues) if cue.rendition and cue.rendition.pieces[-1].piece_key == key)
        following = cues[place + 1]
        first = following.sound.piece if following.sound else following.rendition.pieces[0].piece  # type: ignore[union-attr]
        lead_ms = (first.checks or {})["lead_ms"]
        row = session.get_one(Piece, key)
        row.checks = {**(row.checks or {}), "tail_ms": 1_999 - lead_ms}
        session.flush()
        assert sound_checks.of_broadcast(session, broadcast) == []
        assert broadcasts.states(session, [broadcast], studio.now())[broadcast.id].trouble is Trouble.NONE
        row.checks = {**row.checks, "tail_ms": 2_000 - lead_ms}
    with studio.database.reading() as session:
        broadcast = broadcasts.get_broadcast(session, day.broadcast_ids[1])
        flaw = only_flaw(sound_checks.of_broadcast(session, broadcast))
        assert (flaw.fault.kind, flaw.fault.blocks, flaw.cue.id) == ("silence", True, following.id)
        assert flaw.at_ms == flaw.starts_ms - (2_000 - lead_ms)
        assert broadcasts.states(session, [broadcast], studio.now())[broadcast.id].trouble is Trouble.SOUND
    assert package_of(studio, day).broadcast_ids == [day.broadcast_ids[0]]


def only_flaw(found: Sequence[Flaw]) -> Flaw:
    assert len(found) == 1, found
    return found[0]


def test_a_missing_file_is_a_finding_and_no_crash(studio: Studio, day: Day) -> None:
    key, _, _ = own_piece(studio, day.broadcast_ids[0])
    with studio.database.transaction() as session:
        row = session.get_one(Piece, key)
        row.checks, row.is_faulty = None, None
        studio.blobs.path(row.blob).unlink()
    listen(studio)
    with studio.database.reading() as session:
        assert (session.get_one(Piece, key).checks or {})["findings"][0][0] == "missing"


def test_what_only_deserves_a_look_is_listed_and_keeps_nothing_out(studio: Studio, day: Day, session: Session) -> None:
    key, rendition_id, _ = own_piece(studio, day.broadcast_ids[0])
    row = session.get_one(Piece, key)
    row.checks = {**(row.checks or {}), "findings": [["length", 0, 2_000, False]]}
    sound_checks.judge(session.get_one(Rendition, rendition_id), [row])
    session.flush()
    broadcast = session.get_one(Broadcast, day.broadcast_ids[0])
    assert [flaw.fault.blocks for flaw in sound_checks.of_broadcast(session, broadcast)] == [False]
    assert broadcasts.states(session, [broadcast], studio.now())[broadcast.id].trouble is Trouble.NONE


def _pcm(samples: Samples) -> bytes:
    return bytes(np.rint(samples * 32_767).astype("<i2").tobytes())


def _count(frames: bytes) -> int:
    return len(decode(frames)) // 1_152


def test_the_level_that_mastering_measured_is_the_one_that_is_judged() -> None:
    good = master(Waveform(_pcm(sine(300, 5, dbfs=-12)), 44_100))
    too_soft = replace(good, loudness_lufs=-19.0)
    assert [finding.kind for finding in check_mastered(too_soft).findings] == ["level"]
    assert check_mastered(good).findings == ()
