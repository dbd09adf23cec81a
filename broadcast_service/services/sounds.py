"""The station's music: synthesised at first start, so that a programme has a face from the first day."""

import hashlib

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..errors import NotFound
from ..storage.tables import Piece, Sound
from ..studio import Studio
from .renditions import SOUND_SETTINGS, store_piece

TUNES_VERSION = "1"
"""Part of the pieces' keys; raise it when the synthesis changes."""


def ensure_sounds(studio: Studio) -> int:
    """Make the tunes that are missing, rows and files; return how many were made."""
    from ..audio.tunes import TUNES

    with studio.database.reading() as session:
        blobs = dict(session.execute(select(Sound.code, Piece.blob).join(Piece, Piece.key == Sound.piece_key)).all())
    missing = [code for code in TUNES if code not in blobs or not studio.blobs.path(blobs[code]).exists()]
    for code in missing:
        tune = TUNES[code]
        key = hashlib.sha256(f"tune\0{code}\0{TUNES_VERSION}\0{SOUND_SETTINGS}".encode()).hexdigest()
        store_piece(studio, key, tune.make())
        with studio.database.transaction() as session:
            if session.scalar(select(Sound).where(Sound.code == code)) is None:
                session.add(Sound(code=code, name=tune.name, kind=tune.kind, piece_key=key))
    return len(missing)


def by_code(session: Session, code: str) -> Sound:
    """The tune of that code. Raises NotFound."""
    sound = session.scalar(select(Sound).where(Sound.code == code))
    if sound is None:
        raise NotFound(f"đoạn nhạc “{code}”")
    return sound
