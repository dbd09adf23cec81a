"""From spoken text to stored pieces of sound: each paragraph is rendered once, for every station."""

import hashlib
import logging
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.timing import estimate_ms
from ..domain.units import Milliseconds, frames_to_ms
from ..domain.waveform import Waveform
from ..failpoints import failpoint
from ..speech.voice import Voice
from ..storage.tables import Piece, Rendition, RenditionPiece
from ..studio import Studio
from . import jobs

log = logging.getLogger(__name__)

SOUND_SETTINGS = "mp3 44100 mono cbr64 -16LUFS v1"
"""What mastering does to every piece; a change makes new keys and so new sound."""


def piece_key(voice: Voice, paragraph: str) -> str:
    """SHA-256 of everything that decides how the paragraph sounds."""
    return _digest(paragraph, voice.name, voice.settings, SOUND_SETTINGS)


def rendition_key(voice: Voice, paragraphs: list[str]) -> str:
    """SHA-256 over the keys of the pieces."""
    return _digest(*(piece_key(voice, paragraph) for paragraph in paragraphs))


def want_rendition(
    session: Session, voice: Voice, paragraphs: list[str], *, due_at: datetime, now: datetime
) -> Rendition:
    """The rendition of these spoken paragraphs in this voice: found, or wished for with a job.

    due_at: when it is needed; the earliest is rendered first. A failed one is tried again.
    """
    key = rendition_key(voice, paragraphs)
    rendition = session.scalar(select(Rendition).where(Rendition.key == key))
    if rendition is None:
        rendition = Rendition(
            key=key,
            voice=voice.name,
            paragraphs=paragraphs,
            state="wanted",
            estimated_ms=estimate_ms("\n\n".join(paragraphs), ms_per_syllable=voice.ms_per_syllable),
            created_at=now,
        )
        session.add(rendition)
        session.flush()
    if rendition.state != "ready":
        rendition.state = "wanted"
        jobs.enqueue(session, jobs.RENDER, str(rendition.id), due_at=due_at, now=now)
    return rendition


def length_ms(rendition: Rendition) -> Milliseconds:
    """Playing time: exact once ready, else estimated."""
    return Milliseconds(rendition.estimated_ms) if rendition.frames is None else frames_to_ms(rendition.frames)


def render(studio: Studio, rendition_id: int) -> None:
    """Speak and store what is missing of a rendition, then mark it ready. Doing it twice is harmless.

    Speaking takes a while, so no transaction is open meanwhile. Raises EngineError or NoSpace; pieces
    stored before that stay, and the next attempt goes on behind them.
    """
    with studio.database.reading() as session:
        rendition = session.get_one(Rendition, rendition_id)
        if rendition.state == "ready":
            return
        voice, paragraphs = studio.voice(rendition.voice), list(rendition.paragraphs)
        keys = [piece_key(voice, paragraph) for paragraph in paragraphs]
        stored = set(session.scalars(select(Piece.key).where(Piece.key.in_(keys))))

    for key, paragraph in zip(keys, paragraphs, strict=True):
        if key not in stored:
            store_piece(studio, key, voice.speak(paragraph))
            stored.add(key)

    with studio.database.transaction() as session:
        rendition = session.get_one(Rendition, rendition_id)
        pieces = {piece.key: piece for piece in session.scalars(select(Piece).where(Piece.key.in_(keys)))}
        rendition.pieces = [RenditionPiece(position=n, piece_key=key) for n, key in enumerate(keys)]
        rendition.frames = sum(pieces[key].frames for key in keys)
        rendition.state, rendition.error, rendition.ready_at = "ready", "", studio.now()
        failpoint("rendition.before-commit")


def mark_failed(session: Session, rendition_id: int, error: str) -> None:
    """Write down that the sound can not be had, for the page to say so."""
    rendition = session.get(Rendition, rendition_id)
    if rendition and rendition.state == "wanted":
        rendition.state, rendition.error = "failed", error


def store_piece(studio: Studio, key: str, wave: Waveform) -> None:
    """Master, encode and keep one piece: first the file, then the row that names it.

    Killed in between, the file is an orphan that the next attempt finds or replaces; a row without
    its file can not come about.
    """
    from ..audio.mastering import master  # numpy and soxr are loaded by whoever renders, not by every command

    mastered = master(wave)
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
                    created_at=studio.now(),
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
    from ..storage.tables import Sound

    with studio.database.transaction() as session:
        places = session.scalars(select(RenditionPiece).where(RenditionPiece.piece_key.in_(lost))).all()
        for rendition in {place.rendition_id for place in places}:
            row = session.get_one(Rendition, rendition)
            row.pieces, row.state, row.frames = [], "wanted", None
            jobs.enqueue(session, jobs.RENDER, str(rendition), due_at=now, now=now)
        session.flush()
        tunes = set(session.scalars(select(Sound.piece_key).where(Sound.piece_key.in_(lost))))
        for key in set(lost) - tunes:
            session.delete(session.get_one(Piece, key))
    log.warning("%s pieces of sound were lost; they are rendered again", len(lost))
    return len(lost)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
