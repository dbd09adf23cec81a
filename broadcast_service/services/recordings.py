"""A colleague's own voice: takes of the spoken paragraphs, and the rendition that is there once all are read.

A take counts wherever just its words are said in the same script, so a later revision asks only for what changed.
How a take comes in is told in `taking_in`.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from ..domain.scripts import paragraphs
from ..domain.timing import PLANNED_MS_PER_SYLLABLE, estimate_ms, is_readers_pace
from ..domain.units import Milliseconds, frames_to_ms
from ..errors import Invalid, NotFound
from ..storage.tables import LocalReading, Piece, Recording, Rendition, RenditionPiece, Revision, Script
from ..studio import Studio
from . import sound_checks
from .revisions import get_revision

HUMAN = "human"
"""The name of this voice in orders of voices and on renditions."""
TITLE = "Người đọc"
WITHDRAWN = "withdrawn"
"""Why a rendition failed whose take was taken back."""


@dataclass(frozen=True, kw_only=True)
class SpokenText:
    """What is to be read: the spoken text of a revision, or of a local reading of it."""

    revision: Revision
    reading: LocalReading | None
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Line:
    """One spoken paragraph, and the take that counts for it."""

    number: int
    """From 1, among the paragraphs that are said."""
    text: str
    """A sentence a line."""
    expected_ms: Milliseconds
    take: Recording | None
    is_kept: bool = False
    """Whether the take was made for an earlier revision."""
    withdrawn: Recording | None = None
    """Where no take counts: the last one that was taken back."""


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A paragraph that lasts much shorter or longer than its words take: it is worth listening to again."""

    number: int
    """From 1, among the paragraphs of the take."""
    took_ms: Milliseconds
    expected_ms: Milliseconds

    @property
    def is_short(self) -> bool:
        """Whether words are likely to be missing; else they were said twice, or there is more than words."""
        return self.took_ms < self.expected_ms


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a text has been read."""

    text: SpokenText
    lines: tuple[Line, ...]
    whole: Recording | None
    """The take of the whole text at once, where there is one."""
    rendition: Rendition | None
    """What is played, once everything is there."""
    counts: tuple[Recording, ...]
    """The takes it is made of."""
    withdrawn_whole: Recording | None = None
    """Where no take of the whole text counts: the last one that was taken back."""

    @property
    def done(self) -> int:
        """How many paragraphs have been read one by one."""
        return sum(line.take is not None for line in self.lines)


def spoken_text(session: Session, revision_id: int, reading_id: int | None = None) -> SpokenText:
    """What is read of a revision. Raises NotFound, and Invalid for words that are filled in for each broadcast."""
    revision = get_revision(session, revision_id)
    reading = None
    if reading_id is not None:
        reading = session.get(LocalReading, reading_id) if 0 < reading_id < 1 << 31 else None
        if reading is None or reading.revision_id != revision.id:
            raise NotFound("lời đọc riêng này")
    if revision.script.shell:
        raise Invalid("Lời này có chỗ điền tên đài, ngày phát nên không thu giọng người trước được.")
    spoken = revision.spoken if reading is None else reading.spoken
    return SpokenText(revision=revision, reading=reading, paragraphs=tuple(paragraphs(spoken)))


def progress(session: Session, revision: Revision, reading: LocalReading | None = None) -> Progress:
    """Which paragraphs of a text have been read, by whom, and whether all of it can be played."""
    text = spoken_text(session, revision.id, reading.id if reading else None)
    hashes = [*_hashes(text.paragraphs), text_hash(text.paragraphs)]
    last = {take.text_hash: take for take in _takes(session, hashes, script_id=revision.script_id)}
    newest = _newest(session, hashes, script_id=revision.script_id)
    whole = newest.get(text_hash(text.paragraphs)) if len(text.paragraphs) > 1 else None
    counts = _that_count(newest, text.paragraphs)
    return Progress(
        text=text,
        lines=tuple(
            Line(
                number=number,
                text=words,
                expected_ms=expected_ms([words])[0],
                take=(take := newest.get(hashed)),
                is_kept=take is not None and take.revision_id != revision.id,
                withdrawn=last.get(hashed) if take is None else None,
            )
            for number, (words, hashed) in enumerate(zip(text.paragraphs, hashes, strict=False), 1)
        ),
        whole=whole,
        rendition=_made_of(session, counts),
        counts=counts,
        withdrawn_whole=last.get(text_hash(text.paragraphs)) if whole is None and len(text.paragraphs) > 1 else None,
    )


def rendition_for(session: Session, paragraphs: Sequence[str]) -> Rendition | None:
    """The ready rendition of just these spoken paragraphs in a person's voice, the newest that counts; or None."""
    found: dict[int, dict[str, Recording]] = {}
    wanted = {*_hashes(paragraphs), text_hash(paragraphs)}
    asked = (
        select(Recording, Revision.script_id)
        .join(Recording.revision)
        .where(Recording.text_hash.in_(wanted), Recording.withdrawn_at.is_(None))
        .order_by(Recording.id)
    )
    for take, script_id in session.execute(asked):
        found.setdefault(script_id, {})[take.text_hash] = take
    sets = [counts for newest in found.values() if (counts := _that_count(newest, paragraphs))]
    sets.sort(key=lambda counts: max(take.id for take in counts), reverse=True)
    made = (_made_of(session, counts) for counts in sets)
    return next((rendition for rendition in made if rendition is not None), None)


def gather(session: Session, revision: Revision, *, now: datetime) -> Rendition | None:
    """Make the rendition of a revision if all of it has been read already; None while something is missing.

    Called for each new revision and each new take.
    """
    made = None
    for reading in (None, *revision.local_readings):
        spoken = paragraphs(revision.spoken if reading is None else reading.spoken)
        if revision.script.shell or not spoken:
            continue
        newest = _newest(session, [*_hashes(spoken), text_hash(spoken)], script_id=revision.script_id)
        rendition = _make(session, _that_count(newest, spoken), spoken, now=now)
        made = rendition if reading is None else made
    return made


def replace_earlier(session: Session, take: Recording, script_id: int, *, now: datetime) -> None:
    """Let a new take stand in for those of the same words in the same script."""
    _withdraw(
        session,
        [
            other
            for other in _takes(session, [take.text_hash], script_id=script_id)
            if other.id != take.id and other.withdrawn_at is None
        ],
        account_id=take.account_id,
        now=now,
    )


def withdraw(session: Session, studio: Studio, recording_id: int, *, account_id: int | None) -> Recording:
    """Take a recording back: it is not played again, and its words wait to be read. Harmless twice.

    Broadcasts ahead choose anew who speaks. Raises NotFound.
    """
    from .broadcasts import follow  # its room asks this room what people have read

    take = get_recording(session, recording_id)
    if take.withdrawn_at is None:
        _withdraw(session, [take], account_id=account_id, now=studio.now())
        rows = select(Rendition).where(Rendition.voice == HUMAN, Rendition.state == "ready", _has(take.piece_keys))
        for rendition in session.scalars(rows):
            rendition.state, rendition.error = "failed", WITHDRAWN
        session.flush()
        follow(session, studio, script_id=take.revision.script_id)
    return take


def restore(session: Session, studio: Studio, recording_id: int) -> Recording:
    """Let a recording count again that was taken back; nothing where another take of its words counts by now.

    Raises NotFound.
    """
    from .broadcasts import follow  # its room asks this room what people have read

    take = get_recording(session, recording_id)
    script = take.revision.script
    if newest_take(session, take.paragraphs, script_id=script.id) is None:
        take.withdrawn_at = take.withdrawn_by_id = None
        session.flush()
        for revision in {take.revision, script.latest}:
            gather(session, revision, now=studio.now())
        follow(session, studio, script_id=script.id)
    return take


def vouch(session: Session, studio: Studio, recording_id: int, *, account_id: int) -> Recording:
    """Let a take be heard although it does not last as long as its words: somebody has heard all of them in it.

    Who said so first, and when, is kept. Raises NotFound, also when its sound was lost.
    """
    take = get_recording(session, recording_id)
    if take.vouched_at is None:
        take.vouched_at, take.vouched_by_id = studio.now(), account_id
        sound_checks.let_length_pass(session, studio, pieces_of(session, take))
    return take


def vouched_like(session: Session, take: Recording) -> Recording | None:
    """A take of the same words from the very same file that somebody has vouched for: its sound is the same."""
    same = (Recording.text_hash == take.text_hash) & (Recording.original == take.original)
    asked = select(Recording).where(same, Recording.vouched_at.is_not(None)).order_by(Recording.id)
    return session.scalars(asked.limit(1)).first()


def get_recording(session: Session, recording_id: int) -> Recording:
    """The take of that number. Raises NotFound."""
    take = session.get(Recording, recording_id) if 0 < recording_id < 1 << 31 else None
    if take is None:
        raise NotFound("bản ghi này")
    return take


def newest_take(session: Session, spoken: Sequence[str], *, script_id: int) -> Recording | None:
    """The take of just these paragraphs together that counts in a script."""
    return _newest(session, [text_hash(spoken)], script_id=script_id).get(text_hash(spoken))


def pieces_of(session: Session, take: Recording) -> list[Piece]:
    """The mastered pieces of a take, in order. Raises NotFound when one was lost."""
    rows = {row.key: row for row in session.scalars(select(Piece).where(Piece.key.in_(take.piece_keys)))}
    if len(rows) < len(set(take.piece_keys)):
        raise NotFound("âm thanh của bản ghi này")
    return [rows[key] for key in take.piece_keys]


def is_there(session: Session, take: Recording) -> bool:
    """Whether all pieces of a take are there; a lost folder of sound takes them along."""
    asked = select(func.count(Piece.key)).where(Piece.key.in_(take.piece_keys))
    return session.scalar(asked) == len(set(take.piece_keys))


def expected_ms(spoken: Iterable[str]) -> list[Milliseconds]:
    """How long a calm reader takes for each of these paragraphs."""
    return [estimate_ms(words, ms_per_syllable=PLANNED_MS_PER_SYLLABLE) for words in spoken]


def is_said(script: Script, words: Sequence[str]) -> bool:
    """Whether the last revision of a script, or a local reading of it, has just these words: a paragraph or all."""
    latest = script.latest
    spoken = (latest.spoken, *(reading.spoken for reading in latest.local_readings))
    return any(list(words) == said or (len(words) == 1 and words[0] in said) for said in map(paragraphs, spoken))


def doubts(take: Recording, pieces: Sequence[Piece]) -> list[Doubt]:
    """Which paragraphs of a take do not last as long as they should. pieces: those of the take, in order."""
    took = [frames_to_ms(piece.frames) for piece in pieces]
    return [
        Doubt(number=number, took_ms=ms, expected_ms=expected)
        for number, (ms, expected) in enumerate(zip(took, expected_ms(take.paragraphs), strict=True), 1)
        if not is_readers_pace(ms, expected)
    ]


def text_hash(spoken: Sequence[str]) -> str:
    """SHA-256 over spoken paragraphs."""
    return digest(*spoken)


def digest(*parts: str) -> str:
    """SHA-256 over texts without NUL."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def _hashes(spoken: Iterable[str]) -> list[str]:
    return [text_hash([words]) for words in spoken]


def _takes(session: Session, hashes: Iterable[str], *, script_id: int) -> list[Recording]:
    """All takes of these words in a script, the oldest first."""
    asked = select(Recording).join(Recording.revision).where(Revision.script_id == script_id)
    return list(session.scalars(asked.where(Recording.text_hash.in_(set(hashes))).order_by(Recording.id)))


def _newest(session: Session, hashes: Iterable[str], *, script_id: int) -> dict[str, Recording]:
    """By the hash of the words, the newest take that was not withdrawn."""
    takes = _takes(session, hashes, script_id=script_id)
    return {take.text_hash: take for take in takes if take.withdrawn_at is None}


def _that_count(newest: dict[str, Recording], spoken: Sequence[str]) -> tuple[Recording, ...]:
    """The takes the text is played from: all in one, or one a paragraph, whichever was finished last; or none."""
    whole = newest.get(text_hash(spoken))
    singles = [newest[one] for one in _hashes(spoken) if one in newest]
    sets: list[tuple[Recording, ...]] = [(whole,)] if whole else []
    if len(singles) == len(spoken) and singles:
        sets.append(tuple(singles))
    return max(sets, key=lambda takes: max(take.id for take in takes), default=())


def _made_of(session: Session, counts: Sequence[Recording]) -> Rendition | None:
    keys = [key for take in counts for key in take.piece_keys]
    return (
        session.scalar(select(Rendition).where(Rendition.key == digest(*keys), Rendition.state == "ready"))
        if keys
        else None
    )


def _make(session: Session, counts: Sequence[Recording], spoken: list[str], *, now: datetime) -> Rendition | None:
    keys = [key for take in counts for key in take.piece_keys]
    pieces = {piece.key: piece for piece in session.scalars(select(Piece).where(Piece.key.in_(keys)))}
    if not keys or len(pieces) < len(set(keys)):
        return None
    rendition = session.scalar(select(Rendition).where(Rendition.key == digest(*keys)))
    if rendition is None:
        rendition = Rendition(
            key=digest(*keys), voice=HUMAN, paragraphs=spoken, estimated_ms=sum(expected_ms(spoken)), created_at=now
        )
        session.add(rendition)
    if rendition.state != "ready":
        rendition.pieces = [RenditionPiece(position=place, piece_key=key) for place, key in enumerate(keys)]
        rendition.frames = sum(pieces[key].frames for key in keys)
        sound_checks.judge(rendition, [pieces[key] for key in keys])
        rendition.state, rendition.error, rendition.ready_at = "ready", "", now
        session.flush()
    return rendition


def _has(keys: Iterable[str]) -> ColumnElement[bool]:
    return Rendition.pieces.any(RenditionPiece.piece_key.in_(set(keys)))


def _withdraw(session: Session, takes: Iterable[Recording], *, account_id: int | None, now: datetime) -> None:
    for take in takes:
        take.withdrawn_at, take.withdrawn_by_id = now, account_id
    session.flush()


def length_ms(pieces: Iterable[Piece]) -> Milliseconds:
    """Playing time of pieces."""
    return frames_to_ms(sum(piece.frames for piece in pieces))
