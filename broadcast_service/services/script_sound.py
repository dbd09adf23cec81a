"""The sound of a script: whether it is there, how it looks, and the file to listen to."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..domain.scripts import Status, paragraphs
from ..domain.splice import BlobRange, Part, Splice
from ..domain.units import Milliseconds, frames_to_ms
from ..storage.tables import Rendition, RenditionPiece, Revision, Script
from ..studio import Studio
from . import renditions

DRAFT, REVIEW, RECORD, READY, RETIRED = "draft", "review", "record", "ready", "retired"


@dataclass(frozen=True, kw_only=True)
class Sound:
    """A rendition that can be listened to."""

    rendition: Rendition
    length_ms: Milliseconds
    starts_ms: list[Milliseconds]
    """When each paragraph begins."""
    peaks: list[int]
    """Outline, 0 to 100, for each fifth of a second."""


def rendition_of(session: Session, studio: Studio, revision: Revision) -> Rendition | None:
    """The rendition of the revision in the installation's voice, in whatever state, with its pieces; or None."""
    return rendition_of_text(session, studio, revision.spoken)


def rendition_of_text(session: Session, studio: Studio, spoken: str) -> Rendition | None:
    """The same for any spoken text, such as a local reading."""
    voice = studio.voices.get(studio.settings.voice)
    if voice is None:
        return None
    key = renditions.rendition_key(voice, paragraphs(spoken))
    return session.scalar(select(Rendition).where(Rendition.key == key).options(selectinload(Rendition.pieces)))


def want_spoken(session: Session, studio: Studio, spoken: str) -> None:
    """Wish for the sound of a spoken text, to be listened to; nothing when no voice is installed."""
    voice, now = studio.voices.get(studio.settings.voice), studio.now()
    if voice:
        renditions.want_rendition(session, voice, paragraphs(spoken), due_at=now, now=now)


def states(session: Session, studio: Studio, scripts: Iterable[Script]) -> dict[int, str]:
    """Where each script stands, by id: draft, review, record (approved, not yet spoken), ready, retired."""
    scripts = list(scripts)
    voice = studio.voices.get(studio.settings.voice)
    keys: dict[str, list[int]] = {}
    found: dict[int, str] = {}
    for script in scripts:
        found[script.id] = {Status.DRAFT: DRAFT, Status.SUBMITTED: REVIEW, Status.RETIRED: RETIRED}.get(
            Status(script.status), RECORD
        )
        if script.shell and found[script.id] == RECORD:
            found[script.id] = READY  # its words are only complete once it is filled in
        elif found[script.id] == RECORD and voice:
            key = renditions.rendition_key(voice, paragraphs(script.latest.spoken))
            keys.setdefault(key, []).append(script.id)
    ready = select(Rendition.key).where(Rendition.key.in_(keys), Rendition.state == "ready")
    for key in session.scalars(ready) if keys else ():
        found.update(dict.fromkeys(keys[key], READY))
    return found


def lengths_ms(session: Session, studio: Studio, scripts: Iterable[Script]) -> dict[int, Milliseconds]:
    """Playing time by script id: true where it was rendered, else estimated."""
    voice = studio.voices.get(studio.settings.voice)
    found = {script.id: Milliseconds(script.latest.estimated_ms) for script in scripts}
    if voice is None or not found:
        return found
    keys: dict[str, list[int]] = {}
    for script in scripts:
        keys.setdefault(renditions.rendition_key(voice, paragraphs(script.latest.spoken)), []).append(script.id)
    rows = session.execute(select(Rendition.key, Rendition.frames).where(Rendition.key.in_(keys)))
    for key, frames in rows:
        if frames is not None:
            found.update(dict.fromkeys(keys[key], frames_to_ms(frames)))
    return found


def listen(rendition: Rendition | None) -> Sound | None:
    """What a player needs of a rendition; None until it is ready."""
    if rendition is None or rendition.state != "ready" or rendition.frames is None:
        return None
    starts: list[Milliseconds] = []
    peaks: list[int] = []
    frames = 0
    for place in rendition.pieces:
        starts.append(frames_to_ms(frames))
        frames += place.piece.frames
        peaks += [int(peak) for peak in place.piece.peaks]
    return Sound(rendition=rendition, length_ms=frames_to_ms(frames), starts_ms=starts, peaks=peaks)


def splice(rendition: Rendition, revision: Revision, *, artist: str) -> Splice:
    """The rendition as one MP3 file: head, then the stored pieces, each a chapter. Only for a ready one."""
    from ..audio.programme import head

    chapters: list[tuple[int, int, str]] = []
    frames = 0
    parts: list[Part] = []
    for number, place in enumerate(_pieces(rendition), 1):
        chapters.append((frames, frames + place.piece.frames, f"Đoạn {number}"))
        frames += place.piece.frames
        parts.append(BlobRange(place.piece.blob, 0, place.piece.size))
    tags: dict[str, Any] = {"title": revision.title, "artist": artist, "album": "Kịch bản", "chapters": chapters}
    return Splice([head(frames, **tags), *parts])


def _pieces(rendition: Rendition) -> list[RenditionPiece]:
    return sorted(rendition.pieces, key=lambda place: place.position)
