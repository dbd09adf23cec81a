"""Pieces for the loudspeakers of a station: each once, out of the piece that is heard everywhere else.

Rundowns, lengths and voices know nothing of it: in every profile a piece is as many frames long.
"""

import hashlib
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..audio.profiles import HORN, PROFILES, WEB, Profile
from ..errors import EngineError, Invalid
from ..storage.tables import Broadcast, Cue, Piece, RenditionPiece, Sound, Station
from ..studio import Studio
from . import renditions, sound_checks

log = logging.getLogger(__name__)

OFFERED = (WEB, HORN)
"""What a station may choose; what other broadcasters want is made when a file is asked for."""

_AT_ONCE = 500


def chosen(name: str) -> Profile:
    """The profile of that name. Raises Invalid with its field for one that is not offered."""
    profile = PROFILES.get(name)
    if profile not in OFFERED:
        raise Invalid("Hãy chọn loại loa của đài.", field="profile")
    return profile


def in_use(session: Session) -> list[Profile]:
    """The profiles of working stations that need pieces of their own, by name."""
    names = session.scalars(select(Station.profile).where(Station.active, Station.profile != WEB.name).distinct())
    return [PROFILES[name] for name in sorted(names)]


def of_pieces(session: Session, pieces: Iterable[Piece], profile: Profile) -> Mapping[str, Piece]:
    """By the key of a piece, what is played of it in a profile; what is not made yet, or faulty, is left out."""
    pieces = list(pieces)
    if profile is WEB:
        return {piece.key: piece for piece in pieces}
    keys = {piece.key: _key(piece.blob, profile) for piece in pieces}
    made = {piece.key: piece for piece in _pieces(session, set(keys.values()))}
    return {key: made[other] for key, other in keys.items() if other in made and not made[other].is_faulty}


def flaws_of(session: Session, broadcast: Broadcast) -> list[sound_checks.Flaw]:
    """What is wrong with just what was made for the loudspeakers of its station: it keeps the broadcast out."""
    profile = PROFILES[broadcast.station.profile]
    if profile is WEB:
        return []
    pieces = [piece for own in sound_checks.pieces_of(session, broadcast).values() for piece in own]
    pieces += [cue.sound.piece for cue in broadcast.cues if cue.sound is not None]
    keys = {piece.key: _key(piece.blob, profile) for piece in pieces}
    faulty = {piece.key: piece for piece in _pieces(session, set(keys.values())) if piece.is_faulty}
    forms = {key: faulty[other] for key, other in keys.items() if other in faulty}
    if not forms:
        return []
    known = {_about(flaw) for flaw in sound_checks.of_broadcast(session, broadcast)}
    found = sound_checks.of_broadcast(session, broadcast, forms=forms)
    return [replace(flaw, is_of_station=True) for flaw in found if _about(flaw) not in known]


def _about(flaw: sound_checks.Flaw) -> tuple[int, int, str]:
    return flaw.cue.id, flaw.fault.piece, flaw.fault.kind


def prepare_rendition(studio: Studio, rendition_id: int) -> int:
    """Make of a rendition what the stations' profiles need of it; return how many pieces are new."""
    with studio.database.reading() as session:
        profiles = in_use(session)
        places = select(RenditionPiece.piece_key).where(RenditionPiece.rendition_id == rendition_id)
        keys = session.scalars(places).all() if profiles else []
    return sum(_make(studio, keys, profile) for profile in profiles)


def prepare_days(studio: Studio, days: Collection[tuple[str, date]]) -> int:
    """Make what is missing of all that stations play on these days; return how many pieces are new.

    days: station code and local date.
    """
    wanted: dict[Profile, set[str]] = {}
    with studio.database.reading() as session:
        horns = select(Station).where(Station.profile != WEB.name, Station.code.in_({code for code, _ in days}))
        stations = {station.code: station for station in session.scalars(horns)}
        for local_date in {day for code, day in days if code in stations}:
            here = [stations[code] for code, day in days if day == local_date and code in stations]
            for name in {station.profile for station in here}:
                ids = [station.id for station in here if station.profile == name]
                wanted.setdefault(PROFILES[name], set()).update(_played(session, ids, local_date))
    return sum(_make(studio, keys, profile) for profile, keys in wanted.items())


def _played(session: Session, station_ids: Collection[int], local_date: date) -> Iterable[str]:
    """Keys of the pieces that these stations play on one day, as they are before a profile."""
    cues = select(Cue).join(Broadcast, Broadcast.id == Cue.broadcast_id)
    cues = cues.where(Broadcast.station_id.in_(station_ids), Broadcast.local_date == local_date)
    spoken = cues.join(RenditionPiece, RenditionPiece.rendition_id == Cue.rendition_id)
    yield from session.scalars(spoken.with_only_columns(RenditionPiece.piece_key).distinct())
    played = cues.join(Sound, Sound.id == Cue.sound_id)
    yield from session.scalars(played.with_only_columns(Sound.piece_key).distinct())


def _make(studio: Studio, keys: Collection[str], profile: Profile) -> int:
    """Make these pieces in a profile where they are missing, row or file. Raises EngineError or NoSpace."""
    with studio.database.reading() as session:
        pieces = list(_pieces(session, keys))
        there = {piece.key: piece for piece in _pieces(session, {_key(piece.blob, profile) for piece in pieces})}
    missing = {
        piece.blob: piece
        for piece in pieces
        if (made := there.get(_key(piece.blob, profile))) is None or not studio.blobs.path(made.blob).exists()
    }
    for blob in sorted(missing):
        _remaster(studio, missing[blob], profile)
    return len(missing)


def _remaster(studio: Studio, piece: Piece, profile: Profile) -> None:
    from ..audio.checks import check_mastered  # the workshop is opened by whoever needs it
    from ..audio.remastering import remaster

    try:
        frames = b"".join(studio.blobs.read_checked(piece.blob, 0, piece.size))
    except OSError as error:
        raise EngineError(f"piece {piece.key} is lost: {error}", retryable=True) from error
    mastered = remaster(frames, profile)
    heard = sound_checks.noted(check_mastered(mastered, profile=profile))
    if heard["is_faulty"]:
        log.warning("piece %s came out faulty for %s: %s", piece.key, profile.name, heard["checks"]["findings"])
    renditions.keep_piece(studio, _key(piece.blob, profile), mastered, words=piece.words, **heard)


def _key(blob: str, profile: Profile) -> str:
    """Key of the piece that is this sound in a profile: of its bytes, whatever they were made from."""
    return hashlib.sha256("\0".join((blob, profile.settings)).encode()).hexdigest()


def _pieces(session: Session, keys: Collection[str]) -> Iterable[Piece]:
    names = list(keys)
    for start in range(0, len(names), _AT_ONCE):
        yield from session.scalars(select(Piece).where(Piece.key.in_(names[start : start + _AT_ONCE])))
