"""Sound in other forms than the stored one: for phones, where bytes cost money, and for studios.

Made by the pool when somebody asks, kept as blobs for as long as it is wanted, found again by what it is made of.
"""

import hashlib
import json
import logging
import math
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import cache
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..domain.splice import BlobRange, Splice
from ..errors import EngineError, NoSpace
from ..failpoints import failpoint
from ..formats import bwf
from ..storage.tables import Encoding
from ..studio import Studio
from . import jobs
from .listening import Tape

log = logging.getLogger(__name__)

KEPT = timedelta(days=14)
"""For so long after somebody last wanted it."""

CODING_HISTORY = """\
A=MPEG1L3,F=44100,B=64,M=mono,T=LAME
A=PCM,F={rate_hz},W={bits},M=mono,T=decoded at -23 LUFS"""
"""Of a Broadcast Wave, as EBU R 98 asks: each step the sound has gone through, the first one first."""

PART_BYTES = 4 << 20

_FOLDER = "dang-ma-hoa-"
"""How folders begin in which a file is being made."""


@dataclass(frozen=True)
class Form:
    """A kind of file, as people are told of it."""

    suffix: str
    content_type: str
    title: str
    use: str
    is_for_phones: bool
    bytes_per_s: int
    """About; speech of many pauses takes less."""
    speed: int
    """How many seconds of sound are made in one, about, until this machine has shown it."""

    def estimated_bytes(self, length_ms: int) -> int:
        """Size of a file of that length, about."""
        return self.bytes_per_s * length_ms // 1_000


KINDS = {
    "ogg": Form("ogg", "audio/ogg; codecs=opus", "Opus", "điện thoại, tệp nhỏ nhất", True, 4_000, 30),
    "m4a": Form("m4a", "audio/mp4", "M4A", "iPhone và máy nghe đời cũ", True, 8_500, 20),
    "wav": Form("wav", bwf.CONTENT_TYPE, "WAV", "đài tỉnh, chuẩn −23 LUFS", False, 144_000, 100),
}

_RECENT = 9
"""So many files of the same kind tell how long one takes here."""


@dataclass(frozen=True)
class Outlook:
    """What may be promised of a file that is being made."""

    expected_s: int
    """From when it was asked for until it is there."""
    left_s: int
    """Of that; 0 when it takes longer than expected."""
    ahead: int
    """Other files that were asked for before."""


def want(session: Session, studio: Studio, tape: Tape, kind: str) -> Encoding:
    """Wish for a tape in that form; found when it was made before. One that failed is tried again."""
    recipe, key = _recipe(tape), _key(tape, kind)
    encoding = session.get(Encoding, key)
    if encoding is None:
        encoding = Encoding(key=key, kind=kind, recipe=recipe, length_ms=tape.length_ms, asked_at=studio.now())
        session.add(encoding)
    encoding.asked_at = studio.now()
    if not is_there(studio, encoding):
        encoding.state, encoding.error = "wanted", ""
        jobs.enqueue(session, jobs.ENCODE, key, due_at=studio.now(), now=studio.now())
    session.flush()
    return encoding


def find(session: Session, tape: Tape, kind: str) -> Encoding | None:
    """The file of a tape in that form, in whatever state; None when nobody has asked for it."""
    return session.get(Encoding, _key(tape, kind))


def is_there(studio: Studio, encoding: Encoding) -> bool:
    """Whether the file is made and none of it was lost since."""
    return encoding.state == "ready" and all(studio.blobs.path(blob).exists() for blob in _blobs(encoding))


def outlook(session: Session, studio: Studio, encoding: Encoding) -> Outlook:
    """When a wanted file will be there, judged by the last ones of its kind and by what was asked for before it."""
    before = session.execute(
        select(Encoding.kind, Encoding.length_ms).where(
            Encoding.state == "wanted", Encoding.asked_at < encoding.asked_at, Encoding.key != encoding.key
        )
    ).all()
    waits = [(encoding.kind, encoding.length_ms), *before]
    expected_s = math.ceil(1 + sum(length_ms / 1_000 / _speed(session, kind) for kind, length_ms in waits))
    gone_s = (studio.now() - encoding.asked_at).total_seconds()
    return Outlook(expected_s, max(0, math.ceil(expected_s - gone_s)), len(before))


def _speed(session: Session, kind: str) -> float:
    """Seconds of sound that are made in one second: the median of the last files, waiting included."""
    rows = session.execute(
        select(Encoding.length_ms, Encoding.asked_at, Encoding.ready_at)
        .where(Encoding.kind == kind, Encoding.state == "ready", Encoding.ready_at > Encoding.asked_at)
        .order_by(Encoding.ready_at.desc())
        .limit(_RECENT)
    )
    speeds = [
        length_ms / 1_000 / (ready_at - asked_at).total_seconds() for length_ms, asked_at, ready_at in rows if ready_at
    ]
    return median(speeds) if speeds else KINDS[kind].speed


def content(encoding: Encoding) -> Splice:
    """The file. Only for a ready one."""
    return Splice.from_json(encoding.parts)


def make(studio: Studio, key: str) -> None:
    """Encode what is wanted; twice is harmless. No transaction is open meanwhile. Raises EngineError, NoSpace.

    What goes wrong is written down at once, for whoever waits; whether it is tried again is for the caller to say.
    """
    with studio.database.reading() as session:
        encoding = session.get(Encoding, key)
        if encoding is None or encoding.state == "ready":
            return
        kind, recipe, asked_at = encoding.kind, dict(encoding.recipe), encoding.asked_at
    try:
        parts = _encode(studio, kind, recipe, asked_at)
    except EngineError as error:
        _note_trouble(studio, key, error.sentence)
        raise
    except NoSpace as error:
        _note_trouble(studio, key, str(error))
        raise
    failpoint("encoding.before-commit")
    with studio.database.transaction() as session:
        encoding = session.get(Encoding, key)
        if encoding is not None:
            encoding.parts, encoding.state, encoding.error, encoding.ready_at = parts, "ready", "", studio.now()


def _encode(studio: Studio, kind: str, recipe: dict[str, Any], asked_at: datetime) -> list[Any]:
    """Make the file; its parts, as the row keeps them."""
    folder = studio.settings.data_dir
    try:
        with tempfile.TemporaryDirectory(dir=folder, prefix=_FOLDER, ignore_cleanup_errors=True) as place:
            path = Path(place) / f"tep.{kind}"
            if kind == "wav":
                front = _write_wav(studio, path, recipe, asked_at.astimezone(studio.settings.timezone))
            else:
                front = b""
                _write_for_phones(studio, path, recipe, kind)
            failpoint("encoding.written")
            kept = _keep(studio, path)
    except OSError as error:
        raise NoSpace(str(folder)) from error
    return Splice([*([front] if front else []), *kept]).to_json()


def _note_trouble(studio: Studio, key: str, sentence: str) -> None:
    try:
        with studio.database.transaction() as session:
            encoding = session.get(Encoding, key)
            if encoding is not None:
                encoding.error = sentence
    except SQLAlchemyError:  # a disk that is full has no room for this either
        log.warning("encoding %s: %s", key, sentence)


def mark_failed(session: Session, key: str, error: str) -> None:
    """Write down that the file can not be had, for the page to say so."""
    encoding = session.get(Encoding, key)
    if encoding is not None and encoding.state == "wanted":
        encoding.state, encoding.error = "failed", error


def forget_unwanted(studio: Studio) -> int:
    """Drop what nobody has wanted for KEPT, rows and files; return how many files went.

    With them goes what a worker left that was killed a day ago.
    """
    yesterday = (studio.now() - timedelta(days=1)).timestamp()
    for folder in studio.settings.data_dir.glob(f"{_FOLDER}*"):
        if folder.stat().st_mtime < yesterday:
            shutil.rmtree(folder, ignore_errors=True)
    old = Encoding.asked_at < studio.now() - KEPT
    with studio.database.reading() as session:
        if session.scalar(select(Encoding.key).where(old).limit(1)) is None:
            return 0
    with studio.database.transaction() as session:
        gone = {blob for encoding in session.scalars(select(Encoding).where(old)) for blob in _blobs(encoding)}
        session.execute(delete(Encoding).where(old))
        kept = {blob for encoding in session.scalars(select(Encoding)) for blob in _blobs(encoding)}
    for blob in gone - kept:
        studio.blobs.path(blob).unlink(missing_ok=True)
    return len(gone - kept)


def _blobs(encoding: Encoding) -> set[str]:
    return {part.blob for part in content(encoding).parts if isinstance(part, BlobRange)}


def _keep(studio: Studio, path: Path) -> list[BlobRange]:
    """Store a file as blobs of PART_BYTES, so that sending any part of it takes no more memory than that.

    All of it or nothing: a disk that is full keeps no half of it. Raises NoSpace.
    """
    parts: list[BlobRange] = []
    new: list[Path] = []
    try:
        with path.open("rb") as file:
            while chunk := file.read(PART_BYTES):
                place = studio.blobs.path(hashlib.sha256(chunk).hexdigest())
                if not place.exists():
                    new.append(place)
                parts.append(BlobRange(studio.blobs.put(chunk), 0, len(chunk)))
    except (NoSpace, OSError):
        for place in new:
            place.unlink(missing_ok=True)
        raise
    return parts


def _write_for_phones(studio: Studio, path: Path, recipe: dict[str, Any], kind: str) -> None:
    from ..audio import phones

    form = phones.OPUS if kind == "ogg" else phones.M4A
    tags = phones.Tags(
        title=recipe["title"],
        artist=recipe["artist"],
        album=recipe["album"],
        date=(recipe["starts_at"] or "")[: len("2026-11-24")],
        chapters=[(start_ms, title) for start_ms, title in recipe.get("chapters", ())],  # older wishes have none
    )
    phones.write(path, lambda: _pieces(studio, recipe), form, tags)


def _write_wav(studio: Studio, path: Path, recipe: dict[str, Any], asked_at: datetime) -> bytes:
    """Write the samples; return the head that goes before them. A broadcast begins at its own hour of its own day."""
    from ..audio import studio as for_others

    sound = for_others.for_studio(lambda: _pieces(studio, recipe))
    begins = datetime.fromisoformat(recipe["starts_at"]) if recipe["starts_at"] else None
    midnight = begins and begins.replace(hour=0, minute=0, second=0)
    told = bwf.Described(
        description=recipe["title"],
        originator=recipe["artist"],
        reference=_digest(recipe)[:32],
        made_at=begins or asked_at,
        starts_at_sample=int((begins - midnight).total_seconds()) * for_others.RATE_HZ if begins and midnight else 0,
        coding_history=CODING_HISTORY.format(rate_hz=for_others.RATE_HZ, bits=for_others.BITS),
        loudness_lufs=sound.loudness_lufs,
        range_lu=sound.range_lu,
        true_peak_dbtp=sound.true_peak_dbtp,
        loudest_momentary_lufs=sound.loudest_momentary_lufs,
        loudest_short_term_lufs=sound.loudest_short_term_lufs,
    )
    with path.open("wb") as file:
        for samples in sound.samples():
            file.write(samples)
        if file.tell() % 2:
            file.write(b"\0")
    return bwf.head(told, sample_count=sound.sample_count, rate_hz=for_others.RATE_HZ, bits=for_others.BITS)


def _pieces(studio: Studio, recipe: dict[str, Any]) -> Iterator[bytes]:
    for blob, size in recipe["pieces"]:
        try:
            frames = b"".join(studio.blobs.read_checked(blob, 0, size))
        except OSError as error:
            sentence = "Một mẩu tiếng bị mất hoặc hỏng. Hãy báo người quản trị chạy lệnh check."
            raise EngineError(f"blob {blob}: {error}", retryable=True, sentence=sentence) from error
        yield frames


def _recipe(tape: Tape) -> dict[str, Any]:
    return {
        "title": tape.title,
        "artist": tape.artist,
        "album": tape.album,
        "starts_at": tape.starts_at.isoformat(timespec="seconds") if tape.starts_at else None,
        "chapters": [[ms, one.title] for ms, one in zip(tape.starts_ms, tape.stretches, strict=True)],
        "pieces": [[strip.blob, strip.size] for strip in tape.strips],
    }


def _key(tape: Tape, kind: str) -> str:
    return _digest([kind, _maker(kind), _recipe(tape)])


@cache
def _maker(kind: str) -> list[object]:
    """What encodes it, and how: another encoder, or other settings, make another file."""
    from ..audio import phones
    from ..audio.profiles import STUDIO

    if kind == "wav":
        return [STUDIO.settings, version("av"), version("soxr")]
    form = phones.OPUS if kind == "ogg" else phones.M4A
    return [asdict(form), version("av"), "peaks measured"]


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
