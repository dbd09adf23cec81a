"""From spoken text to stored pieces of sound: each paragraph is rendered once, for every station."""

import hashlib
import logging
import os
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.timing import AROUND_SPEECH_MS, count_syllables, estimate_ms
from ..domain.units import Milliseconds, frames_to_ms
from ..domain.waveform import Waveform
from ..errors import EngineError
from ..failpoints import failpoint
from ..speech.voice import Voice
from ..storage.tables import Piece, Rendition, RenditionPiece, Sound
from ..studio import Studio
from . import jobs, sound_checks

if TYPE_CHECKING:
    from ..audio.mastering import Mastered

log = logging.getLogger(__name__)

SOUND_SETTINGS = "mp3 44100 mono cbr64 -16LUFS v1"
"""What mastering does to every piece; a change makes new keys and so new sound."""


MIX_SETTINGS = "bed v1"
"""How music lies under speech; raise the version when `audio.mixing` changes audibly."""


OUTDATED = "Giọng đọc đã được chỉnh từ khi xin thu bài này. Bản thu được xin lại theo giọng mới."
"""Why a wish is not fulfilled whose voice has other settings by now: its key would lie. It is wished for anew."""

RETRY_AFTER = timedelta(minutes=30)
"""How long sound that could not be had is left alone before it is tried again by itself."""

Speakers = Voice | Sequence[Voice]
"""One voice for all paragraphs, or one for each."""


def piece_key(voice: Voice, paragraph: str) -> str:
    """SHA-256 of everything that decides how the paragraph sounds."""
    return _digest(paragraph, voice.name, voice.settings, SOUND_SETTINGS)


def rendition_key(voice: Speakers, paragraphs: Sequence[str], bed: str | None = None) -> str:
    """SHA-256 over the keys of the pieces, and of the music under them if there is some (the key of its piece)."""
    spoken = _digest(*(piece_key(*pair) for pair in zip(_each(voice, paragraphs), paragraphs, strict=True)))
    return spoken if bed is None else _digest(spoken, bed, MIX_SETTINGS)


def want_rendition(
    session: Session,
    voice: Speakers,
    paragraphs: list[str],
    *,
    due_at: datetime,
    now: datetime,
    bed: str | None = None,
    patient: bool = False,
) -> Rendition:
    """The rendition of these spoken paragraphs in this voice: found, or wished for with a job.

    due_at: when it is needed; the earliest is rendered first. bed: key of the piece of music that lies under it. A
    failed one is tried again; patient: only when it was left alone for RETRY_AFTER.
    """
    key = rendition_key(voice, paragraphs, bed)
    rendition = session.scalar(select(Rendition).where(Rendition.key == key))
    if rendition is None:
        names = [each.name for each in _each(voice, paragraphs)]
        rendition = Rendition(
            key=key,
            voice=names[0],
            voices=names if len(set(names)) > 1 else [],
            paragraphs=paragraphs,
            state="wanted",
            bed_key=bed,
            estimated_ms=estimated_ms(voice, paragraphs) + (AROUND_SPEECH_MS if bed else 0),
            created_at=now,
        )
        session.add(rendition)
        session.flush()
    rests = patient and rendition.state == "failed" and now < retry_at(rendition, now)
    if rendition.state != "ready" and not rests:
        if rendition.state == "failed":
            rendition.error = ""
        rendition.state = "wanted"
        jobs.enqueue(session, jobs.RENDER, str(rendition.id), due_at=due_at, now=now)
    return rendition


def length_ms(rendition: Rendition) -> Milliseconds:
    """Playing time: exact once ready, else estimated."""
    return Milliseconds(rendition.estimated_ms) if rendition.frames is None else frames_to_ms(rendition.frames)


def estimated_ms(voice: Speakers, paragraphs: Sequence[str]) -> Milliseconds:
    """How long these paragraphs should last in this voice."""
    voices = _each(voice, paragraphs)
    syllables = [count_syllables(paragraph) for paragraph in paragraphs]
    spoken = sum(each.ms_per_syllable * count for each, count in zip(voices, syllables, strict=True))
    pace = spoken / sum(syllables) if sum(syllables) else voices[0].ms_per_syllable
    return estimate_ms("\n\n".join(paragraphs), ms_per_syllable=pace)


def voice_names(rendition: Rendition) -> list[str]:
    """The voices that are heard in it, each once, in the order of their first words."""
    return list(dict.fromkeys(rendition.voices or [rendition.voice]))


def retry_at(rendition: Rendition, now: datetime) -> datetime:
    """From when on a failed rendition may be tried again by itself."""
    return now if rendition.failed_at is None else rendition.failed_at + RETRY_AFTER


def failed_voice(session: Session, studio: Studio, rendition: Rendition) -> str:
    """Which of several voices has failed: that of the first paragraph that was not stored."""
    for name, paragraph in zip(rendition.voices, rendition.paragraphs, strict=False):
        if name not in studio.voices or session.get(Piece, piece_key(studio.voices[name], paragraph)) is None:
            return name
    return rendition.voice


def render(studio: Studio, rendition_id: int) -> None:
    """Speak and store what is missing of a rendition, then mark it ready. Doing it twice is harmless.

    Speaking takes a while, so no transaction is open meanwhile. Raises EngineError or NoSpace; pieces
    stored before that stay, and the next attempt goes on behind them.
    """
    from . import recordings, taking_in  # which ask this room to store pieces

    with studio.database.reading() as session:
        rendition = session.get_one(Rendition, rendition_id)
        if rendition.state != "wanted":
            return
        is_human = rendition.voice == recordings.HUMAN
    if is_human:
        taking_in.remake(studio, rendition_id)
        return
    with studio.database.reading() as session:
        rendition = session.get_one(Rendition, rendition_id)
        paragraphs = list(rendition.paragraphs)
        voices = [studio.voice(name) for name in rendition.voices or [rendition.voice] * len(paragraphs)]
        spoken = list(zip(voices, paragraphs, strict=True))
        is_outdated = rendition_key(voices, paragraphs, rendition.bed_key) != rendition.key
        bed = session.get_one(Piece, rendition.bed_key).blob if rendition.bed_key else None
        expected_ms = rendition.estimated_ms
        keys = [rendition.key] if bed else [piece_key(*pair) for pair in spoken]
        stored = set(session.scalars(select(Piece.key).where(Piece.key.in_(keys))))

    if is_outdated:
        with studio.database.transaction() as session:
            rendition = session.get_one(Rendition, rendition_id)
            rendition.state, rendition.error, rendition.failed_at = "failed", OUTDATED, None
        return
    if bed and not stored:
        store_piece(studio, keys[0], _over_music(studio, spoken, bed), expected_ms=expected_ms)
    if not bed:
        _speak(studio, {key: pair for key, pair in zip(keys, spoken, strict=True) if key not in stored})

    with studio.database.transaction() as session:
        rendition = session.get_one(Rendition, rendition_id)
        pieces = {piece.key: piece for piece in session.scalars(select(Piece).where(Piece.key.in_(keys)))}
        rendition.pieces = [RenditionPiece(position=n, piece_key=key) for n, key in enumerate(keys)]
        rendition.frames = sum(pieces[key].frames for key in keys)
        sound_checks.judge(rendition, [pieces[key] for key in keys])
        rendition.state, rendition.error, rendition.ready_at = "ready", "", studio.now()
        rendition.failed_at = None
        failpoint("rendition.before-commit")


@cache
def _hands() -> ThreadPoolExecutor:
    """The threads that make pieces, one a core, for all texts that are in hand: memory goes with their number."""
    return ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="piece")


def _speak(studio: Studio, wanted: Mapping[str, tuple[Voice, str]]) -> None:
    """Speak and store these pieces, by key, as many at once as there are cores; a far end is asked for one at a time.

    When one fails nothing new is begun. Raises as `render` says.
    """

    def store(key: str, voice: Voice, paragraph: str) -> None:
        expected_ms = estimate_ms(paragraph, ms_per_syllable=voice.ms_per_syllable)
        store_piece(studio, key, voice.speak(paragraph), expected_ms=expected_ms)

    if any(voice.leaves_the_house for voice, _ in wanted.values()):
        for key, pair in wanted.items():
            store(key, *pair)
        return
    left = iter(wanted.items())
    begun = {_hands().submit(store, key, *pair) for key, pair in islice(left, os.cpu_count() or 1)}
    try:
        while begun:
            done, begun = wait(begun, return_when=FIRST_COMPLETED)
            for each in done:
                each.result()
            begun |= {_hands().submit(store, key, *pair) for key, pair in islice(left, len(done))}
    finally:
        wait(begun)


def _over_music(studio: Studio, spoken: Sequence[tuple[Voice, str]], bed: str) -> Waveform:
    """The paragraphs with music under them. bed: its blob. Raises EngineError, also when the music is lost."""
    from ..audio.bedding import lay_under

    try:
        frames = b"".join(studio.blobs.read(bed))
    except OSError as error:
        raise EngineError(f"the music under {spoken[0][1][:40]!r} is lost: {error}", retryable=True) from error
    return lay_under([(voice.speak(paragraph), count_syllables(paragraph)) for voice, paragraph in spoken], frames)


def mark_failed(session: Session, rendition_id: int, error: str, *, now: datetime) -> None:
    """Write down that the sound can not be had, for the page to say so."""
    rendition = session.get(Rendition, rendition_id)
    if rendition and rendition.state == "wanted":
        rendition.state, rendition.error, rendition.failed_at = "failed", error, now


def note_failed_try(session: Session, rendition_id: int, error: str) -> None:
    """Write down why the last try came to nothing, while the sound is still wished for."""
    rendition = session.get(Rendition, rendition_id)
    if rendition and rendition.state == "wanted":
        rendition.error = error


def store_piece(
    studio: Studio, key: str, wave: Waveform, *, expected_ms: int | None = None, is_read: bool = False
) -> None:
    """Master, encode, listen to and keep one piece: first the file, then the row that names it.

    expected_ms: how long it should last; None where nobody knows. is_read: by a person, whose pace is their own.

    Killed in between, the file is an orphan that the next attempt finds or replaces; a row without
    its file can not come about.
    """
    from ..audio.checks import check_mastered
    from ..audio.mastering import DELAY_MS, master  # numpy is loaded by whoever renders, not by every command

    mastered = master(wave)
    words = None if wave.words is None else [[ms + DELAY_MS, syllable] for ms, syllable in wave.words]
    heard = sound_checks.noted(check_mastered(mastered, expected_ms=expected_ms, is_read=is_read))
    keep_piece(studio, key, mastered, words=words, **heard)


def keep_piece(
    studio: Studio, key: str, mastered: "Mastered", *, words: list[Any] | None, checks: dict[str, Any], is_faulty: bool
) -> None:
    """Keep what was mastered: first the file, then the row that names it; a row that is there stays.

    checks, is_faulty: as `sound_checks.noted` tells them. Raises NoSpace.
    """
    blob = studio.blobs.put(mastered.frames)
    failpoint("piece.before-commit")
    with studio.database.transaction() as session:
        if session.get(Piece, key) is None:
            session.add(
                Piece(
                    key=key,
                    blob=blob,
                    size=len(mastered.frames),
                    frames=mastered.frame_count,
                    loudness_lufs=mastered.loudness_lufs,
                    true_peak_dbtp=mastered.true_peak_dbtp,
                    peaks=mastered.peaks,
                    words=words,
                    created_at=studio.now(),
                    checks=checks,
                    is_faulty=is_faulty,
                )
            )
    failpoint("piece.committed")


def restore_lost(studio: Studio) -> int:
    """Wish again for every rendition whose blobs are gone or damaged; return how many.

    A lost folder of sound is rendered anew: rows of lost pieces go, with the renditions made of them
    set back to wanted. What can not be spoken again (a tune) is made by `sounds.ensure_sounds`.
    """
    now = studio.now()
    with studio.database.reading() as session:
        pieces = session.execute(select(Piece.key, Piece.blob)).all()
    lost = [key for key, blob in pieces if not studio.blobs.path(blob).exists()]
    if not lost:
        return 0
    with studio.database.transaction() as session:
        _speak_again(session, lost, now)
    log.warning("%s pieces of sound were lost; they are rendered again", len(lost))
    return len(lost)


def replace_faulty(session: Session, rendition_id: int, now: datetime) -> int:
    """Have the faulty pieces of a rendition spoken again, also for all others that use them; return how many."""
    places = session.scalars(select(RenditionPiece).where(RenditionPiece.rendition_id == rendition_id))
    faulty = [place.piece_key for place in places if place.piece.is_faulty]
    _speak_again(session, faulty, now)
    return len(faulty)


def _speak_again(session: Session, keys: Collection[str], now: datetime) -> None:
    """Forget these pieces and wish again for all that is made of them; those of tunes stay."""
    places = session.scalars(select(RenditionPiece).where(RenditionPiece.piece_key.in_(keys))).all()
    for rendition in {place.rendition_id for place in places}:
        row = session.get_one(Rendition, rendition)
        row.pieces, row.state, row.frames, row.is_faulty = [], "wanted", None, None
        jobs.enqueue(session, jobs.RENDER, str(rendition), due_at=now, now=now)
    session.flush()
    tunes = set(session.scalars(select(Sound.piece_key).where(Sound.piece_key.in_(keys))))
    for key in set(keys) - tunes:
        session.delete(session.get_one(Piece, key))
    session.flush()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _each(voice: Speakers, paragraphs: Sequence[str]) -> list[Voice]:
    """A voice for each paragraph."""
    return list(voice) if isinstance(voice, Sequence) else [voice] * len(paragraphs)
