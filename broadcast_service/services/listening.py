"""What is heard of a broadcast or a script, straight from the stored pieces: MP3, segments, transcript.

Nothing is encoded or written for it: a tape is a list of pieces with their texts, laid out anew for who asks.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from ..domain.folding import slug
from ..domain.rundown import Kind
from ..domain.scripts import paragraphs
from ..domain.splice import BlobRange, Splice
from ..domain.units import Milliseconds, frames_to_ms
from ..errors import Conflict
from ..formats import hls, webvtt
from ..storage.tables import Broadcast, Cue, Piece, Rendition, RenditionPiece, Revision, Script
from ..studio import Studio
from . import packages, packing
from .laying import Laid


@dataclass(frozen=True, kw_only=True)
class Strip:
    """One piece, and what is said in it; no text for music."""

    blob: str
    size: int
    frames: int
    text: str
    words: tuple[tuple[int, int], ...] | None
    """(ms from the start of the piece, which syllable from 0), where the voice has told."""
    peaks: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """What belongs together under one title: an item of a rundown, a paragraph of a script."""

    title: str
    strips: tuple[Strip, ...]
    kind: str = Kind.SCRIPT
    """sound, shell or script."""

    @property
    def frames(self) -> int:
        """Frames of sound."""
        return sum(strip.frames for strip in self.strips)

    @property
    def peaks(self) -> list[int]:
        """Outline, 0 to 100, for each fifth of a second."""
        return [peak for strip in self.strips for peak in strip.peaks]


@dataclass(frozen=True, kw_only=True)
class Tape:
    """Stretches heard one after another."""

    title: str
    artist: str
    album: str
    file_stem: str
    """What its files are called, without an ending; no two tapes share it."""
    stretches: tuple[Stretch, ...]
    starts_at: datetime | None = None
    """Local; None for what is no broadcast."""
    package: int | None = None
    """Number of the package it was taken from; None: it is as it would be packed now."""
    whole: Splice | None = None
    """The MP3 of that package, to the byte what its station was given."""

    @property
    def day(self) -> date | None:
        """Of the broadcast."""
        return self.starts_at and self.starts_at.date()

    @property
    def version(self) -> str:
        """The same for the same sound, and for no other: 16 hexadecimal digits."""
        return Splice(BlobRange(strip.blob, 0, strip.size) for strip in self.strips).etag[:16]

    @property
    def strips(self) -> list[Strip]:
        """All pieces in order."""
        return [strip for stretch in self.stretches for strip in stretch.strips]

    @property
    def length_ms(self) -> Milliseconds:
        """Playing time."""
        return frames_to_ms(sum(stretch.frames for stretch in self.stretches))

    @property
    def starts_ms(self) -> list[Milliseconds]:
        """When each stretch begins."""
        ends = accumulate((stretch.frames for stretch in self.stretches), initial=0)
        return [frames_to_ms(frames) for frames in ends][:-1]


def tape_of_broadcast(session: Session, studio: Studio, broadcast: Broadcast) -> Tape:
    """The broadcast as its station was given it, else as it would be packed now.

    Raises Conflict while it is in no package and sound or an approval is missing.
    """
    package = packages.current(session, broadcast.station_id, broadcast.local_date)
    entries = package.layout["broadcasts"] if package else []
    entry = next((one for one in entries if one["id"] == broadcast.id), None)
    if package is not None and entry is not None:
        laid = Laid.of(entry, package.layout)
        items = [(facts, _ranges(sound.content)) for facts, sound in laid.items]
        return _of_broadcast(session, studio, broadcast, items, package=package.number, whole=laid.whole.content)
    play = packing.play_of(session, studio, broadcast)
    if play is None:
        raise Conflict(
            "Buổi phát này chưa đủ bản thu đã duyệt nên chưa nghe được. Hãy xem từng mục của kịch bản khung."
        )
    return _of_broadcast(session, studio, broadcast, [(item.facts, item.pieces) for item in play.items])


def tape_of_script(studio: Studio, rendition: Rendition | None, revision: Revision) -> Tape:
    """A script as it was recorded, a stretch a piece. Raises Conflict until it is."""
    if rendition is None or rendition.state != "ready":
        raise Conflict(f"Bài “{revision.title}” chưa có bản thu. Hãy thu bài rồi thử lại.")
    return Tape(
        title=revision.title,
        artist=studio.settings.centre,
        album="Kịch bản",
        file_stem=f"{slug(revision.script.code)}_{slug(revision.title)}",
        stretches=tuple(
            Stretch(title=f"Đoạn {number}", strips=(strip,)) for number, strip in enumerate(_strips(rendition), 1)
        ),
    )


def mp3(tape: Tape) -> Splice:
    """The whole as one MP3 file, each stretch a chapter."""
    if tape.whole is not None:
        return tape.whole
    from ..audio.programme import head

    ends = list(accumulate((stretch.frames for stretch in tape.stretches), initial=0))
    titles = [stretch.title for stretch in tape.stretches]
    front = head(
        ends[-1],
        sum(strip.size for strip in tape.strips),
        title=tape.title,
        artist=tape.artist,
        album=tape.album,
        date=tape.day,
        chapters=list(zip(ends, ends[1:], titles, strict=False)),
    )
    return Splice([front, *(BlobRange(strip.blob, 0, strip.size) for strip in tape.strips)])


def segments(tape: Tape) -> list[hls.Segment]:
    """The whole in segments of ten seconds for HTTP Live Streaming."""
    return hls.segments(hls.Piece(strip.blob, strip.size, strip.frames) for strip in tape.strips)


def transcript(tape: Tape) -> bytes:
    """What is said and when, as WebVTT."""
    return webvtt.webvtt(
        webvtt.cues_of(webvtt.Spoken(strip.text, frames_to_ms(strip.frames), strip.words) for strip in tape.strips)
    )


def spoken_text(tape: Tape) -> str:
    """What is said, a paragraph a stretch, with the titles of the stretches that have words."""
    parts = []
    for stretch in tape.stretches:
        said = "\n".join(strip.text for strip in stretch.strips if strip.text)
        if said:
            parts.append(f"{stretch.title}\n\n{said}")
    return "\n\n\n".join(parts) + "\n"


def follow(strips: Iterable[Strip]) -> list[dict[str, object]]:
    """For a page that marks what is being said: of each piece its start, its length, its text and its words."""
    told: list[dict[str, object]] = []
    frames = 0
    for strip in strips:
        start_ms, frames = frames_to_ms(frames), frames + strip.frames
        told.append({"start": start_ms, "length": frames_to_ms(strip.frames), "text": strip.text, "words": strip.words})
    return told


def _of_broadcast(
    session: Session,
    studio: Studio,
    broadcast: Broadcast,
    items: Sequence[tuple[Mapping[str, Any], Sequence[BlobRange]]],
    *,
    package: int | None = None,
    whole: Splice | None = None,
) -> Tape:
    """items: what the layout of a package tells of each, and its sound."""
    planned = _planned(session, broadcast)
    blobs = {part.blob for _, parts in items for part in parts}
    rows = {piece.blob: piece for piece in session.scalars(select(Piece).where(Piece.blob.in_(blobs)))}
    stretches = []
    for place, (facts, parts) in enumerate(items):
        pieces = [rows[part.blob] for part in parts]
        texts = _texts(_said(session, planned, place, facts, pieces), len(pieces))
        strips = tuple(_strip(piece, text) for piece, text in zip(pieces, texts, strict=True))
        stretches.append(Stretch(title=facts["title"], kind=facts["kind"], strips=strips))
    starts_at = broadcast.starts_at.astimezone(studio.settings.timezone)
    return Tape(
        title=f"{broadcast.programme.name}, {broadcast.station.name}",
        artist=studio.settings.centre,
        album=broadcast.programme.name,
        file_stem=f"{starts_at:%Y-%m-%d_%H%M}_{broadcast.station.code}_{broadcast.programme.code}",
        starts_at=starts_at,
        package=package,
        whole=whole,
        stretches=tuple(stretches),
    )


def _ranges(content: Splice) -> list[BlobRange]:
    """The sound of a packed item without its head."""
    return [part for part in content.parts if isinstance(part, BlobRange)]


@dataclass(frozen=True)
class _Planned:
    """A cue of the rundown that speaks."""

    place: int
    name: tuple[str, int]
    """Its title, and the number of its revision."""
    rendition: Rendition


def _planned(session: Session, broadcast: Broadcast) -> list[_Planned]:
    """Looked up at once: a rundown has some twenty."""
    asked = (
        select(Cue.position, Cue.title, Revision.number, Rendition)
        .join(Revision, Revision.id == Cue.revision_id)
        .join(Rendition, Rendition.id == Cue.rendition_id)
        .where(Cue.broadcast_id == broadcast.id)
        .options(selectinload(Rendition.pieces))
    )
    return [_Planned(place, (title, number), own) for place, title, number, own in session.execute(asked)]


def _said(
    session: Session, planned: Sequence[_Planned], place: int, facts: Mapping[str, Any], pieces: Sequence[Piece]
) -> Sequence[str]:
    """The paragraphs that are heard in these pieces: of the rendition at the same place of the rundown if that still
    plays the same text, of another that sounds the same, or of the revision; nothing for music, and for what nothing
    tells of any more. The pieces of a station's own profile are as many, but others than those of the rendition."""
    if facts["kind"] == Kind.SOUND:
        return ()
    blobs = [piece.blob for piece in pieces]
    own = [cue for cue in planned if cue.name == (facts["title"], facts["revision"])]
    for cue in sorted(own, key=lambda cue: cue.place != place):
        if _blobs(cue.rendition) == blobs or (cue.place == place and len(cue.rendition.pieces) == len(blobs)):
            return cue.rendition.paragraphs
    revision = session.scalar(
        select(Revision).join(Script).where(Script.code == facts["script"], Revision.number == facts["revision"])
    )
    is_written_so = facts["kind"] == Kind.SCRIPT and not facts.get("reading")  # else it is filled in, or said otherwise
    written = paragraphs(revision.spoken) if revision and is_written_so else []
    first = select(RenditionPiece.rendition_id).where(
        RenditionPiece.position == 0, RenditionPiece.piece_key.in_([piece.key for piece in pieces[:1]])
    )
    same = [one for one in session.scalars(select(Rendition).where(Rendition.id.in_(first))) if _blobs(one) == blobs]
    same.sort(key=lambda rendition: list(rendition.paragraphs) != written)
    return same[0].paragraphs if same else written if len(written) == len(blobs) else ()


def _blobs(rendition: Rendition) -> list[str]:
    return [place.piece.blob for place in sorted(rendition.pieces, key=lambda place: place.position)]


def _strips(rendition: Rendition) -> list[Strip]:
    """The pieces of a rendition with what is said in each; in one take for many paragraphs the first has all of it."""
    pieces = [place.piece for place in sorted(rendition.pieces, key=lambda place: place.position)]
    texts = _texts(rendition.paragraphs, len(pieces))
    return [_strip(piece, text) for piece, text in zip(pieces, texts, strict=True)]


def _texts(paragraphs: Sequence[str], pieces: int) -> list[str]:
    if len(paragraphs) == pieces:
        return list(paragraphs)
    return ["\n".join(paragraphs), *[""] * (pieces - 1)]


def _strip(piece: Piece, text: str) -> Strip:
    return Strip(
        blob=piece.blob,
        size=piece.size,
        frames=piece.frames,
        text=text,
        words=tuple((int(start), int(syllable)) for start, syllable in piece.words) if piece.words else None,
        peaks=tuple(int(peak) for peak in piece.peaks),
    )
