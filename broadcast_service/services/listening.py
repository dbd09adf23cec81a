"""What is heard of a broadcast or a script, straight from the stored pieces: MP3, segments, transcript.

Nothing is encoded or written for it: a tape is a list of pieces with their texts, laid out anew for who asks.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import accumulate

from sqlalchemy.orm import Session

from ..domain.splice import BlobRange, Splice
from ..domain.units import Milliseconds, frames_to_ms
from ..errors import Conflict
from ..formats import hls, webvtt
from ..storage.tables import Broadcast, Piece, Rendition, Revision
from ..studio import Studio
from . import packing


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
    day: date | None
    stretches: tuple[Stretch, ...]

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
    """The broadcast as it would be packed now. Raises Conflict while sound or an approval is missing."""
    if packing.play_of(session, studio, broadcast) is None:
        raise Conflict(
            "Buổi phát này chưa đủ bản thu đã duyệt nên chưa nghe được. Hãy xem từng mục của kịch bản khung."
        )
    stretches = []
    for cue in broadcast.cues:
        strips = [_strip(cue.sound.piece, "")] if cue.sound else _strips(cue.rendition)
        stretches.append(Stretch(title=cue.title, strips=tuple(strips)))
    return Tape(
        title=f"{broadcast.programme.name}, {broadcast.station.name}",
        artist=studio.settings.centre,
        album=broadcast.programme.name,
        day=broadcast.local_date,
        stretches=tuple(stretches),
    )


def tape_of_script(studio: Studio, rendition: Rendition | None, revision: Revision) -> Tape:
    """A script as it was recorded, a stretch a piece. Raises Conflict until it is."""
    if rendition is None or rendition.state != "ready":
        raise Conflict(f"Bài “{revision.title}” chưa có bản thu. Hãy thu bài rồi thử lại.")
    return Tape(
        title=revision.title,
        artist=studio.settings.centre,
        album="Kịch bản",
        day=None,
        stretches=tuple(
            Stretch(title=f"Đoạn {number}", strips=(strip,)) for number, strip in enumerate(_strips(rendition), 1)
        ),
    )


def mp3(tape: Tape) -> Splice:
    """The whole as one MP3 file, each stretch a chapter."""
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


def _strips(rendition: Rendition | None) -> list[Strip]:
    """The pieces of a rendition with what is said in each; in one take for many paragraphs the first has all of it."""
    assert rendition is not None, "a playable broadcast has its renditions"
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
