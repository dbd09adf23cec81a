"""The station's music: synthesised at first start, so that a programme has a face from the first day."""

import hashlib
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..domain.rundown import BED, OVER_BED, ROLES
from ..errors import NotFound
from ..storage.tables import Piece, Programme, Sound
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


class Shelf:
    """All sounds with their pieces, asked for once: which of them a programme is framed with on a day."""

    def __init__(self, session: Session) -> None:
        found = session.scalars(select(Sound).options(joinedload(Sound.piece)))
        self._sounds = {sound.code: sound for sound in found}

    def pick(self, role: str, programme: Programme, day: date) -> Sound | None:
        """The sound that takes this place (`domain.rundown.ROLES`): the programme's own, else the one all fall back on.

        None when there is neither.
        """
        kind = next((kind for kind, place in ROLES.items() if place == role), "")
        own = self._sounds.get(programme.sounds.get(kind, ""))
        if own is not None and why_not(own, day) is None:
            return own
        return self._sounds.get(role)

    def bed(self, shell: str, programme: Programme, day: date) -> str | None:
        """Key of the piece that lies under a shell of this kind; None: nothing does."""
        if not programme.has_bed or shell not in OVER_BED:
            return None
        sound = self.pick(BED, programme, day)
        return sound.piece_key if sound else None


def why_not(sound: Sound, day: date) -> str | None:
    """Why a sound may not be planned on a local date: put-away, early or late; None if it may."""
    if sound.put_away_at is not None:
        return "put-away"
    if sound.valid_from is not None and day < sound.valid_from:
        return "early"
    return "late" if sound.valid_until is not None and day >= sound.valid_until else None


def role_of(sound: Sound) -> str:
    """The place a sound takes in a programme."""
    return sound.code if sound.code in ROLES.values() else ROLES.get(sound.kind, "")


def by_code(session: Session, code: str) -> Sound:
    """The tune of that code. Raises NotFound."""
    sound = session.scalar(select(Sound).where(Sound.code == code))
    if sound is None:
        raise NotFound(f"đoạn nhạc “{code}”")
    return sound
