"""How a recording comes in: looked at, cleaned, mastered into pieces, and only then written down.

Nothing slow happens in a transaction. Killed anywhere, there are at most files and pieces that nothing names; handed
in once more they are found again.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from ..domain.plain_text import clean_line
from ..errors import EngineError, Invalid, NoSpace
from ..failpoints import failpoint
from ..storage.blobs import BlobStore
from ..storage.tables import Piece, Recording, Rendition
from ..studio import Studio
from . import broadcasts, recordings, renditions
from .revisions import get_revision

if TYPE_CHECKING:
    from ..audio.recording import Measures
    from ..audio.recording import Recording as Heard

LARGEST_BYTES = 200_000_000
"""Of a file that is handed in: an hour as a studio's FLAC, twenty minutes as its WAV."""
LONGEST_NAME = 80
"""Characters of a reader's name."""
TREATMENT = "even clean v1"
"""What is done to a recording before it is mastered; a change makes new keys."""
_HANDS = BoundedSemaphore(os.cpu_count() or 1)
"""So many recordings are treated at once, a core each; each takes some 150 MB, so the others wait."""
_FOLDER = "recordings"
_INCOMING = "incoming"


@dataclass(frozen=True, kw_only=True)
class _Made:
    """What came of a file."""

    heard: "Heard"
    format: str
    keys: list[str]


def originals(studio: Studio) -> BlobStore:
    """The files as they were handed in. They are no one's to make again, so they lie with the database."""
    return BlobStore(studio.settings.data_dir / _FOLDER, suffix=".original")


@contextmanager
def working_folder(studio: Studio) -> Iterator[Path]:
    """A folder for one recording on its way in; gone at the end. Raises NoSpace."""
    incoming = studio.settings.data_dir / _FOLDER / _INCOMING
    try:
        incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder = Path(tempfile.mkdtemp(dir=incoming))
    except OSError as error:
        raise NoSpace(str(incoming)) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(studio: Studio) -> None:
    """Remove what a killed process left on its way in. Only at start-up."""
    shutil.rmtree(studio.settings.data_dir / _FOLDER / _INCOMING, ignore_errors=True)
    originals(studio).sweep()


def take_in_upload(
    studio: Studio,
    revision_id: int,
    path: Path,
    *,
    paragraph: int | None,
    reader: str,
    account_id: int | None,
    reading_id: int | None = None,
    name: str = "",
    shown: str | None = None,
) -> int:
    """Take in a file that somebody has read a text into; the id of the recording.

    paragraph: which of the spoken paragraphs it is, from 1; None: all of them in one take, which is then parted in
    its pauses. reading_id: the local reading that was read. name: what the file is called where it comes from.
    shown: `recordings.text_hash` of the words the reader had before them, of the paragraph or of the text it stands
    in; None: nobody shows any. The same file for the same words is one recording. Takes seconds for a minute: have no
    transaction open.

    Raises Invalid, whose field is recording, paragraph or reader; NotFound; NoSpace; EngineError.
    """
    reader = _checked_reader(reader)
    with studio.database.reading() as session:
        text = recordings.spoken_text(session, revision_id, reading_id)
        words = _words(text.paragraphs, paragraph)
        _check_words(text, words, shown)
    original = _sha256(path)
    if (known := _known(studio, text.revision.script_id, words, original)) is not None:
        return known
    with working_folder(studio) as folder, _HANDS:
        made = _make(studio, path, folder, words, original)
        failpoint("recording.mastered")
        originals(studio).put_file(path)
    failpoint("recording.original-kept")
    with studio.database.transaction() as session:
        take = Recording(
            revision_id=revision_id,
            reading_id=reading_id,
            paragraph=paragraph,
            paragraphs=list(words),
            text_hash=recordings.text_hash(words),
            reader=reader,
            account_id=account_id,
            original=original,
            original_name=clean_line(name.replace("\\", "/").rpartition("/")[2])[:200] or "ghi-am",
            original_format=made.format,
            original_bytes=path.stat().st_size,
            piece_keys=made.keys,
            before=_plain(made.heard.before) | {"warnings": list(made.heard.warnings)},
            after=_plain(made.heard.after),
            notes=list(made.heard.notes),
            created_at=studio.now(),
        )
        if vouched := recordings.vouched_like(session, take):
            take.vouched_at, take.vouched_by_id = vouched.vouched_at, vouched.vouched_by_id
        session.add(take)
        session.flush()
        script = recordings.spoken_text(session, revision_id, reading_id).revision.script
        recordings.replace_earlier(session, take, script.id, now=studio.now())
        for revision in {take.revision, script.latest}:
            recordings.gather(session, revision, now=studio.now())
        broadcasts.follow(session, studio, script_id=script.id)
        failpoint("recording.before-commit")
    failpoint("recording.committed")
    return take.id


def remake(studio: Studio, rendition_id: int) -> None:
    """Make the pieces of a person's rendition once more from the files they came from, where they were lost.

    Raises EngineError when its takes were withdrawn or their files are gone too.
    """
    with studio.database.reading() as session:
        rendition = session.get_one(Rendition, rendition_id)
        spoken = list(rendition.paragraphs)
        hashes = {recordings.text_hash(spoken), *(recordings.text_hash([words]) for words in spoken)}
        takes = list(
            session.scalars(select(Recording).where(Recording.text_hash.in_(hashes), Recording.withdrawn_at.is_(None)))
        )
        revisions = {take.revision_id for take in takes}
    for take in takes:
        path = originals(studio).path(take.original)
        if path.exists():
            with working_folder(studio) as folder, _HANDS:
                _make(studio, path, folder, take.paragraphs, take.original, is_vouched=take.vouched_at is not None)
    with studio.database.transaction() as session:
        for revision_id in revisions:
            recordings.gather(session, get_revision(session, revision_id), now=studio.now())
        if session.get_one(Rendition, rendition_id).state != "ready":
            raise EngineError("a person's recording is withdrawn or lost", retryable=False)


def _make(
    studio: Studio, path: Path, folder: Path, words: Sequence[str], original: str, *, is_vouched: bool = False
) -> _Made:
    """Treat the file and store its pieces, one for each paragraph; those that are stored are left alone.

    is_vouched: a person has heard that nothing is missing, however long it lasts.
    """
    from ..audio.parting import part, told_words  # numpy and its kin are loaded by whoever records
    from ..audio.recording import take_in
    from ..audio.sniffing import sniff

    expected_ms = recordings.expected_ms(words)
    heard = part(take_in(path, folder), expected_ms)
    hashed = recordings.text_hash(words)
    keys = [
        recordings.digest(hashed, original, recordings.HUMAN, TREATMENT, renditions.SOUND_SETTINGS, str(number))
        for number in range(len(words))
    ]
    with studio.database.reading() as session:
        stored = set(session.scalars(select(Piece.key).where(Piece.key.in_(keys))))
    for key, wave, text, lasts_ms in zip(keys, heard.pieces(), words, expected_ms, strict=True):
        if key in stored:
            continue
        try:
            told = replace(wave, words=told_words(wave, text))
            renditions.store_piece(studio, key, told, expected_ms=None if is_vouched else lasts_ms, is_read=True)
        except EngineError as error:
            if error.retryable:
                raise
            raise Invalid(
                "Bản ghi này nhỏ quá hoặc vỡ tiếng, không đưa lên mức loa được. Hãy lại gần micrô hơn rồi ghi lại.",
                field="recording",
            ) from error
    return _Made(heard=heard, format=sniff(path).format, keys=keys)


def _known(studio: Studio, script_id: int, words: Sequence[str], original: str) -> int | None:
    """The recording that counts for these words, if it was made of this very file and its sound is there."""
    with studio.database.reading() as session:
        newest = recordings.newest_take(session, words, script_id=script_id)
        is_same = newest is not None and newest.original == original and recordings.is_there(session, newest)
        return newest.id if newest is not None and is_same else None


def _words(spoken: Sequence[str], paragraph: int | None) -> tuple[str, ...]:
    if paragraph is None:
        return tuple(spoken)
    if not 1 <= paragraph <= len(spoken):
        raise Invalid(f"Bài này chỉ có {len(spoken)} đoạn được đọc. Hãy chọn lại đoạn.", field="paragraph")
    return (spoken[paragraph - 1],)


def _check_words(text: recordings.SpokenText, words: tuple[str, ...], shown: str | None) -> None:
    """Raise Invalid unless the words were on the screen as they stand there, and are still said in the script.

    A take of other words would be heard under an approval that was not given for it.
    """
    is_shown = shown is None or shown in {recordings.text_hash(words), recordings.text_hash(text.paragraphs)}
    if is_shown and recordings.is_said(text.revision.script, words):
        return
    again = "đọc lại đoạn này" if len(words) < len(text.paragraphs) else "đọc lại"
    raise Invalid(
        f"Bài vừa được sửa thành bản {text.revision.script.latest.number}. Hãy tải lại trang rồi {again}.",
        field="paragraph",
    )


def _checked_reader(name: str) -> str:
    name = clean_line(name[: LONGEST_NAME * 4])
    if not any(char.isalpha() for char in name):
        raise Invalid("Chưa ghi tên người đọc. Hãy ghi họ tên người có giọng trong bản ghi.", field="reader")
    if len(name) > LONGEST_NAME:
        raise Invalid(f"Tên người đọc dài quá {LONGEST_NAME} chữ cái. Hãy ghi ngắn lại.", field="reader")
    return name


def _plain(measures: "Measures") -> dict[str, Any]:
    """As JSON keeps them: no endless numbers, a tenth of a decibel."""
    return {name: round(max(-120.0, min(value, 1e8)), 1) for name, value in asdict(measures).items()}


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
