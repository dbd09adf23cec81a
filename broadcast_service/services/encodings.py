"""Sound in other forms than the stored one: for phones, where bytes cost money, and for studios.

Made by the pool when somebody asks, kept as blobs for as long as it is wanted, found again by what it is made of.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from ..domain.splice import BlobRange, Splice
from ..errors import EngineError
from ..failpoints import failpoint
from ..formats import bwf
from ..storage.tables import Encoding
from ..studio import Studio
from . import jobs
from .listening import Tape

KEPT = timedelta(days=14)
"""For so long after somebody last wanted it."""

PART_BYTES = 4 << 20


@dataclass(frozen=True)
class Form:
    """A kind of file, as people are told of it."""

    suffix: str
    content_type: str
    title: str
    use: str


KINDS = {
    "ogg": Form("ogg", "audio/ogg; codecs=opus", "Opus", "điện thoại, tệp nhỏ nhất"),
    "m4a": Form("m4a", "audio/mp4", "M4A", "iPhone và máy nghe đời cũ"),
    "wav": Form("wav", bwf.CONTENT_TYPE, "WAV", "đài tỉnh, chuẩn −23 LUFS"),
}


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


def content(encoding: Encoding) -> Splice:
    """The file. Only for a ready one."""
    return Splice.from_json(encoding.parts)


def make(studio: Studio, key: str) -> None:
    """Encode what is wanted; twice is harmless. No transaction is open meanwhile. Raises EngineError, NoSpace."""
    with studio.database.reading() as session:
        encoding = session.get(Encoding, key)
        if encoding is None or encoding.state == "ready":
            return
        kind, recipe, made_at = encoding.kind, dict(encoding.recipe), encoding.asked_at
    with tempfile.TemporaryDirectory(dir=studio.settings.data_dir, prefix="dang-ma-hoa-") as folder:
        path = Path(folder) / f"tep.{kind}"
        if kind == "wav":
            front = _write_wav(studio, path, recipe, made_at.astimezone(studio.settings.timezone))
        else:
            front = b""
            _write_for_phones(studio, path, recipe, kind)
        failpoint("encoding.written")
        kept = _keep(studio, path)
    failpoint("encoding.before-commit")
    parts = Splice([*([front] if front else []), *kept]).to_json()
    with studio.database.transaction() as session:
        encoding = session.get(Encoding, key)
        if encoding is not None:
            encoding.parts, encoding.state, encoding.ready_at = parts, "ready", studio.now()


def mark_failed(session: Session, key: str, error: str) -> None:
    """Write down that the file can not be had, for the page to say so."""
    encoding = session.get(Encoding, key)
    if encoding is not None and encoding.state == "wanted":
        encoding.state, encoding.error = "failed", error


def forget_unwanted(studio: Studio) -> int:
    """Drop what nobody has wanted for KEPT, rows and files; return how many files went."""
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
    """Store a file as blobs of PART_BYTES, so that sending any part of it takes no more memory than that."""
    parts = []
    with path.open("rb") as file:
        while chunk := file.read(PART_BYTES):
            parts.append(BlobRange(studio.blobs.put(chunk), 0, len(chunk)))
    return parts


def _write_for_phones(studio: Studio, path: Path, recipe: dict[str, Any], kind: str) -> None:
    from ..audio import phones

    form = phones.OPUS if kind == "ogg" else phones.M4A
    phones.write(path, _pieces(studio, recipe), form, title=recipe["title"], album=recipe["album"])


def _write_wav(studio: Studio, path: Path, recipe: dict[str, Any], made_at: datetime) -> bytes:
    """Write the samples; return the head that goes before them."""
    from ..audio import studio as for_others

    sound = for_others.for_studio(lambda: _pieces(studio, recipe))
    told = bwf.Described(
        description=recipe["title"],
        originator=recipe["artist"],
        reference=_digest(recipe)[:32],
        made_at=made_at,
        starts_at_sample=0,
        coding_history=f"A=PCM,F={for_others.RATE_HZ},W={for_others.BITS},M=mono\r\n",
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
        "pieces": [[strip.blob, strip.size] for strip in tape.strips],
    }


def _key(tape: Tape, kind: str) -> str:
    return _digest([kind, _recipe(tape)])


def _digest(value: object) -> str:
    return hashlib.sha256(json.dumps(value, ensure_ascii=False, sort_keys=True).encode()).hexdigest()
