"""The sound of a script: whether it is there, how it looks, and the file to listen to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.scripts import Status, paragraphs
from ..domain.splice import BlobRange, Part, Splice
from ..domain.units import Milliseconds, frames_to_ms
from ..storage.tables import LocalReading, Rendition, RenditionPiece, Revision, Script
from ..studio import Studio
from . import choosing, renditions

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
    """What is heard of the revision at the Centre, in whatever state; or None."""
    return choosing.rendition_of(session, studio, revision)


def rendition_of_reading(session: Session, studio: Studio, reading: LocalReading) -> Rendition | None:
    """The same of a local reading, in the voice that comes first where it is said."""
    spoken = paragraphs(reading.spoken)
    return choosing.rendition_of(session, studio, reading.revision, spoken=spoken, station=reading.station)


def want_reading(session: Session, studio: Studio, reading: LocalReading) -> None:
    """Wish for the sound of a local reading, to be listened to."""
    spoken, now = paragraphs(reading.spoken), studio.now()
    choosing.want_rendition(session, studio, reading.revision, due_at=now, spoken=spoken, station=reading.station)


def states(session: Session, studio: Studio, scripts: Iterable[Script]) -> dict[int, str]:
    """Where each script stands, by id: draft, review, record (approved, not yet spoken), ready, retired."""
    scripts = list(scripts)
    found: dict[int, str] = {}
    for script in scripts:
        found[script.id] = {Status.DRAFT: DRAFT, Status.SUBMITTED: REVIEW, Status.RETIRED: RETIRED}.get(
            Status(script.status), RECORD
        )
        if script.shell and found[script.id] == RECORD:
            found[script.id] = READY  # its words are only complete once it is filled in
    recorded = [script for script in scripts if found[script.id] == RECORD]
    return found | dict.fromkeys(_heard_ms(session, studio, recorded), READY)


def lengths_ms(session: Session, studio: Studio, scripts: Iterable[Script]) -> dict[int, Milliseconds]:
    """Playing time by script id: true where it was rendered, else estimated."""
    scripts = list(scripts)
    found = {script.id: Milliseconds(script.latest.estimated_ms) for script in scripts}
    return found | _heard_ms(session, studio, scripts)


def _heard_ms(session: Session, studio: Studio, scripts: Sequence[Script]) -> dict[int, Milliseconds]:
    """Playing time by script id of those whose sound is there."""
    if not scripts:
        return {}
    chooser = choosing.Chooser(session, studio)
    keys: dict[str, list[int]] = {}
    found: dict[int, Milliseconds] = {}
    for script in scripts:
        spoken = paragraphs(script.latest.spoken)
        choice = chooser.choose(spoken, station=None, script=script, revision=script.latest)
        if choice.rendition is not None:
            found[script.id] = renditions.length_ms(choice.rendition)
        elif choice.voices:
            keys.setdefault(renditions.rendition_key(choice.voices, spoken), []).append(script.id)
    ready = select(Rendition.key, Rendition.frames).where(Rendition.key.in_(keys), Rendition.state == "ready")
    for key, frames in session.execute(ready):
        found.update(dict.fromkeys(keys[key], frames_to_ms(frames or 0)))
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
