"""Listening before anything is published: each piece once, when it is stored; a broadcast out of what was noted then.

A finding that blocks keeps every broadcast with that sound out of the packages until the sound is another one.
"""

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from ..domain.units import Milliseconds, frames_to_ms
from ..storage.tables import Broadcast, Cue, Piece, Rendition, RenditionPiece, Sound
from ..studio import Studio

if TYPE_CHECKING:
    from ..audio.checks import Heard

log = logging.getLogger(__name__)

LONGEST_SILENCE_MS = 2_000
_AT_ONCE = 200
"""How many pieces are listened to between two looks at what else is to be done: some ten seconds."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong in a stretch of sound."""

    kind: str
    """missing, format, decode, silence, clipping, level, peak or length: as `audio.checks.Finding`."""
    at_ms: Milliseconds
    until_ms: Milliseconds
    """From the beginning of the stretch."""
    piece: int
    """Which of its pieces, from 1."""
    blocks: bool


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """One thing that is wrong in a broadcast."""

    cue: Cue
    fault: Fault
    """From the beginning of the cue."""
    starts_ms: Milliseconds
    """When the cue begins in the broadcast."""
    length_ms: Milliseconds
    """Playing time of the cue."""
    peaks: list[int]
    """Outline of the cue, 0 to 100, for each fifth of a second."""
    is_of_station: bool = False
    """Whether only what was made for the station's own loudspeakers is so."""

    @property
    def at_ms(self) -> Milliseconds:
        """From the beginning of the broadcast."""
        return Milliseconds(self.starts_ms + self.fault.at_ms)

    @property
    def lasts_ms(self) -> int:
        """How long it is heard."""
        return self.fault.until_ms - self.fault.at_ms


def noted(heard: "Heard") -> dict[str, Any]:
    """What a piece's row keeps of it: columns `checks` and `is_faulty`."""
    return {
        "checks": {
            "findings": [[one.kind, one.at_ms, one.until_ms, one.blocks] for one in heard.findings],
            "lead_ms": heard.lead_ms,
            "tail_ms": heard.tail_ms,
        },
        "is_faulty": any(one.blocks for one in heard.findings),
    }


def faults(pieces: Iterable[Piece], *, quiet_ms: int = 0) -> Iterator[Fault]:
    """What is wrong with pieces heard one after another; what nobody has listened to yet passes.

    quiet_ms: silence just before them; one that it is a part of begins below zero.
    """
    place_ms = 0
    for number, piece in enumerate(pieces, start=1):
        length_ms, checks = frames_to_ms(piece.frames), piece.checks or {}
        for kind, at_ms, until_ms, blocks in checks.get("findings", ()):
            at, until = Milliseconds(place_ms + at_ms), Milliseconds(place_ms + until_ms)
            yield Fault(kind=kind, at_ms=at, until_ms=until, piece=number, blocks=blocks)
        lead_ms, tail_ms = checks.get("lead_ms", 0), checks.get("tail_ms", 0)
        if max(quiet_ms, lead_ms) < LONGEST_SILENCE_MS <= quiet_ms + lead_ms:  # longer ones a piece has told itself
            at, until = Milliseconds(place_ms - quiet_ms), Milliseconds(place_ms + lead_ms)
            yield Fault(kind="silence", at_ms=at, until_ms=until, piece=number, blocks=True)
        place_ms, quiet_ms = place_ms + length_ms, tail_ms


def judge(rendition: Rendition, pieces: Sequence[Piece]) -> None:
    """Write down whether a finished rendition may go on air; nothing while a piece has not been listened to."""
    if all(piece.is_faulty is not None for piece in pieces):
        rendition.is_faulty = any(fault.blocks for fault in faults(pieces))


def let_length_pass(session: Session, studio: Studio, pieces: Iterable[Piece]) -> None:
    """Let pieces be heard whatever they last, since somebody has listened; what is made of them is judged again."""
    keys = []
    for piece in pieces:
        findings = [[*found[:3], found[3] and found[0] != "length"] for found in (piece.checks or {})["findings"]]
        piece.checks = {**(piece.checks or {}), "findings": findings}
        piece.is_faulty = any(blocks for *_, blocks in findings)
        keys.append(piece.key)
    session.flush()
    made = Rendition.pieces.any(RenditionPiece.piece_key.in_(keys))
    judged = session.scalars(select(Rendition).where(Rendition.state == "ready", made)).all()
    for rendition in judged:
        judge(rendition, [place.piece for place in rendition.pieces])
    session.flush()
    _touch(session, studio, Cue.rendition_id.in_([rendition.id for rendition in judged]))


def is_faulty(cue: Cue) -> bool:
    """Whether a cue's sound keeps it off the air."""
    if cue.sound is not None:
        return bool(cue.sound.piece.is_faulty)
    return cue.rendition is not None and cue.rendition.state == "ready" and bool(cue.rendition.is_faulty)


def of_broadcast(session: Session, broadcast: Broadcast, *, forms: Mapping[str, Piece] | None = None) -> list[Flaw]:
    """What is wrong with the sound of a broadcast, in order of time; what blocks and what is only worth a look.

    forms: by the key of a piece, what is heard in its stead.
    """
    found: list[Flaw] = []
    pieces = pieces_of(session, broadcast)
    starts_ms = quiet_ms = 0
    for cue in broadcast.cues:
        planned = pieces.get(cue.rendition_id or 0, []) if cue.sound is None else [cue.sound.piece]
        mine = [(forms or {}).get(piece.key, piece) for piece in planned]
        length_ms = sum(frames_to_ms(piece.frames) for piece in mine)
        for fault in faults(mine, quiet_ms=quiet_ms):
            found.append(
                Flaw(
                    cue=cue,
                    fault=fault,
                    starts_ms=Milliseconds(starts_ms),
                    length_ms=Milliseconds(length_ms),
                    peaks=[int(peak) for piece in mine for peak in piece.peaks],
                )
            )
        starts_ms += length_ms or (cue.rendition.estimated_ms if cue.rendition else 0)
        quiet_ms = (mine[-1].checks or {}).get("tail_ms", 0) if mine else 0  # `joints` reckons so for many at once
    return found


def pieces_of(session: Session, broadcast: Broadcast) -> Mapping[int, list[Piece]]:
    """The pieces of its spoken cues in order, by the id of their rendition."""
    ids = [cue.rendition_id for cue in broadcast.cues if cue.rendition_id is not None]
    places = session.scalars(
        select(RenditionPiece).where(RenditionPiece.rendition_id.in_(ids)).order_by(RenditionPiece.position)
    )
    found: dict[int, list[Piece]] = {}
    for place in places:
        found.setdefault(place.rendition_id, []).append(place.piece)
    return found


def waiting(session: Session) -> int:
    """How many pieces and renditions nobody has listened to yet."""
    pieces = select(func.count()).select_from(Piece).where(Piece.is_faulty.is_(None))
    unjudged = Rendition.is_faulty.is_(None) & (Rendition.state == "ready")
    renditions = select(func.count()).select_from(Rendition).where(unjudged)
    return (session.scalar(pieces) or 0) + (session.scalar(renditions) or 0)


def listen_to_old(studio: Studio) -> int:
    """Listen to pieces that were stored before there were checks, and judge what is made of them.

    Return how many pieces and renditions were done: at most some hundred; 0 when there is nothing left.
    """
    with studio.database.reading() as session:
        rows = session.execute(select(Piece.key, Piece.blob).where(Piece.is_faulty.is_(None)).limit(_AT_ONCE)).all()
    heard = {key: noted(_listen(studio, blob)) for key, blob in rows}
    with studio.database.transaction() as session:
        for piece in session.scalars(select(Piece).where(Piece.key.in_(heard))):
            piece.checks, piece.is_faulty = heard[piece.key]["checks"], heard[piece.key]["is_faulty"]
        session.flush()
        unjudged = session.scalars(
            select(Rendition)
            .where(Rendition.state == "ready", Rendition.is_faulty.is_(None))
            .options(selectinload(Rendition.pieces))
            .limit(_AT_ONCE)
        ).all()
        judged = 0
        for rendition in unjudged:
            judge(rendition, [place.piece for place in rendition.pieces])
            judged += rendition.is_faulty is not None
        session.flush()
        spoilt = [rendition.id for rendition in unjudged if rendition.is_faulty]
        tunes = select(Sound.id).join(Piece).where(Piece.key.in_(heard), Piece.is_faulty.is_(True))
        _touch(session, studio, Cue.rendition_id.in_(spoilt) | Cue.sound_id.in_(tunes))
    return len(heard) + judged


def _listen(studio: Studio, blob: str) -> "Heard":
    from ..audio.checks import check_stored

    try:
        frames: bytes | None = b"".join(studio.blobs.read(blob))
    except OSError as error:
        log.warning("a piece of sound can not be read: %s", error)
        frames = None
    return check_stored(frames)


def _touch(session: Session, studio: Studio, playing: Any) -> None:
    """Let the packages of broadcasts ahead be looked at again: what they play has been judged anew."""
    now = studio.now()
    ahead = select(Broadcast).where(Broadcast.starts_at > now, Broadcast.cues.any(playing))
    for broadcast in session.scalars(ahead):
        broadcast.filled_at = now
    session.flush()
