"""The sounds library: signature tunes, stings, beds and closing tunes, and which of them a programme is framed with.

A set of four is synthesised at first start, so that a programme has a face from the first day; every programme falls
back on it where it has chosen nothing else, or what it has chosen is not for that day.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from ..domain.folding import slug
from ..domain.plain_text import clean_line
from ..domain.rundown import BED, OVER_BED, ROLES
from ..domain.waveform import Waveform
from ..errors import Conflict, EngineError, Invalid, NotFound
from ..failpoints import failpoint
from ..storage.tables import Broadcast, Cue, Piece, Programme, Rendition, Sound
from ..studio import Studio
from . import sound_checks, taking_in
from .renditions import SOUND_SETTINGS, store_piece

TUNES_VERSION = "1"
"""Part of the pieces' keys; raise it when the synthesis changes."""

KINDS = tuple(ROLES)
"""signature, sting, bed, closing."""

LONGEST_S = {"signature": 60, "sting": 15, "bed": 600, "closing": 60}
LARGEST_BYTES = 120_000_000
"""Of a file that is handed in: ten minutes of a compact disc."""
LONGEST_NAME = 60

_TREATMENT = "music v1"
_FADE = "cross-fade v1"


def ensure_sounds(studio: Studio) -> int:
    """Make the tunes that are missing, rows and files, and what was handed in anew if it is lost; return how many."""
    from ..audio.tunes import TUNES

    with studio.database.reading() as session:
        blobs = dict(session.execute(select(Sound.code, Piece.blob).join(Piece, Piece.key == Sound.piece_key)).all())
    missing = [code for code in TUNES if code not in blobs or not studio.blobs.path(blobs[code]).exists()]
    for code in missing:
        tune = TUNES[code]
        key = _digest("tune", code, TUNES_VERSION, SOUND_SETTINGS)
        store_piece(studio, key, tune.make())
        with studio.database.transaction() as session:
            if session.scalar(select(Sound).where(Sound.code == code)) is None:
                session.add(Sound(code=code, name=tune.name, kind=tune.kind, piece_key=key, created_at=studio.now()))
    lost = [code for code, blob in blobs.items() if code not in TUNES and not studio.blobs.path(blob).exists()]
    return len(missing) + sum(
        _made_again(studio, code) for code in sorted(lost, key=lambda code: _is_joined(studio, code))
    )


class Shelf:
    """All sounds with their pieces, asked for once: which of them a programme is framed with on a day."""

    def __init__(self, session: Session) -> None:
        found = session.scalars(select(Sound).options(joinedload(Sound.piece)))
        self._sounds = {sound.code: sound for sound in found}

    def pick(self, role: str, programme: Programme, day: date) -> Sound | None:
        """The sound that takes this place (`domain.rundown.ROLES`): the programme's own, else the one all fall back on.

        None when there is neither.
        """
        own = self.own(role, programme)
        if own is not None and why_not(own, day) is None:
            return own
        return self._sounds.get(role)

    def own(self, role: str, programme: Programme) -> Sound | None:
        """What the programme has chosen for this place, whether or not it may be planned."""
        kind = next((kind for kind, place in ROLES.items() if place == role), "")
        return self._sounds.get(programme.sounds.get(kind, ""))

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


def is_default(sound: Sound) -> bool:
    """Whether it is one of the set that everything falls back on: always valid, never put away."""
    return sound.code in ROLES.values()


def list_sounds(session: Session) -> list[Sound]:
    """All sounds by kind, the set everything falls back on first, what was put away last."""
    found = session.scalars(select(Sound).options(joinedload(Sound.account))).all()
    return sorted(
        found, key=lambda one: (KINDS.index(one.kind), one.put_away_at is not None, not is_default(one), one.id)
    )


def get_sound(session: Session, sound_id: int) -> Sound:
    """The sound. Raises NotFound."""
    sound = session.get(Sound, sound_id)
    if sound is None:
        raise NotFound("âm thanh này")
    return sound


def by_code(session: Session, code: str) -> Sound:
    """The tune of that code. Raises NotFound."""
    sound = session.scalar(select(Sound).where(Sound.code == code))
    if sound is None:
        raise NotFound(f"đoạn nhạc “{code}”")
    return sound


@dataclass(frozen=True, kw_only=True)
class Added:
    """What came of a file."""

    sound_id: int
    name: str
    notes: tuple[str, ...]
    """What was put right, in sentences for the person who handed it in."""


@dataclass(frozen=True, kw_only=True)
class Label:
    """What people say about a sound."""

    name: str
    kind: str
    valid_from: date | None = None
    valid_until: date | None = None
    """First day on which it is no longer used."""

    def checked(self) -> "Label":
        """The same with a clean name. Raises Invalid."""
        name = clean_line(self.name)
        if not name or len(name) > LONGEST_NAME:
            raise Invalid(f"Hãy đặt tên cho âm thanh, nhiều nhất {LONGEST_NAME} ký tự.", field="name")
        if self.kind not in KINDS:
            raise Invalid("Hãy chọn loại âm thanh.", field="kind")
        if self.valid_from and self.valid_until and self.valid_until <= self.valid_from:
            raise Invalid("Ngày cuối phải từ ngày đầu trở đi.", field="last_day")
        return Label(name=name, kind=self.kind, valid_from=self.valid_from, valid_until=self.valid_until)


def add(studio: Studio, path: Path, label: Label, *, account_id: int | None) -> Added:
    """Take a file of music into the library: looked at, decoded, mastered, and only then written down.

    No transaction is open meanwhile. Raises Invalid with a sentence about what is wrong with the file or the label,
    Conflict when the same file is there already, NoSpace, EngineError.
    """
    label = label.checked()
    with path.open("rb") as file:
        original = hashlib.file_digest(file, "sha256").hexdigest()
    _refuse_twin(studio, original, label.kind)
    key, notes = _master_file(studio, path, original, label.kind)
    taking_in.originals(studio).put_file(path)
    failpoint("sound.original-kept")
    return _written(studio, label, key, account_id=account_id, original=original, notes=notes)


def join(studio: Studio, first_id: int, second_id: int, label: Label, *, account_id: int | None) -> Added:
    """A new sound of two that are there, the second beginning while the first dies away.

    Raises NotFound, Invalid when it becomes too long for its kind or two are one, EngineError.
    """
    label = label.checked()
    if first_id == second_id:
        raise Invalid("Hãy chọn hai âm thanh khác nhau để nối.", field="second")
    with studio.database.reading() as session:
        codes = [get_sound(session, sound_id).code for sound_id in (first_id, second_id)]
    key = _join(studio, codes, label.kind)
    return _written(studio, label, key, account_id=account_id, made_of=codes)


def relabel(session: Session, sound_id: int, *, name: str, valid_from: date | None, valid_until: date | None) -> Sound:
    """Give a sound another name or other dates; one of the set that all fall back on has none. Raises Invalid."""
    sound = get_sound(session, sound_id)
    label = Label(name=name, kind=sound.kind, valid_from=valid_from, valid_until=valid_until).checked()
    if is_default(sound) and (valid_from or valid_until):
        raise Invalid("Bộ nhạc dự phòng không có hạn: mọi chuyên mục dựa vào nó.", field="valid_from")
    sound.name, sound.valid_from, sound.valid_until = label.name, label.valid_from, label.valid_until
    session.flush()
    return sound


def put_away(session: Session, studio: Studio, sound_id: int, *, away: bool = True) -> Sound:
    """Let nobody choose a sound any more, or again. Raises Conflict for one of the set that all fall back on."""
    sound = get_sound(session, sound_id)
    if is_default(sound):
        raise Conflict(f"“{sound.name}” là nhạc dự phòng của mọi chuyên mục nên không cất đi được.")
    sound.put_away_at = studio.now() if away else None
    session.flush()
    return sound


@dataclass(frozen=True)
class Use:
    """Where a sound is heard."""

    programmes: list[Programme]
    """Those that have chosen it."""
    planned: int = 0
    """Broadcasts ahead in which it is heard, alone or under speech."""


def uses(session: Session, studio: Studio) -> dict[str, Use]:
    """Where each sound is used, by code."""
    chosen = list(session.scalars(select(Programme).order_by(Programme.position, Programme.code)))
    ahead = select(Sound.code, Broadcast.id).where(Broadcast.starts_at > studio.now())
    played = ahead.join(Cue, Cue.sound_id == Sound.id).join(Broadcast, Broadcast.id == Cue.broadcast_id)
    under = ahead.join(Rendition, Rendition.bed_key == Sound.piece_key).join(Cue, Cue.rendition_id == Rendition.id)
    planned: dict[str, int] = {}
    heard: set[tuple[str, int]] = set()
    for rows in (played, under.join(Broadcast, Broadcast.id == Cue.broadcast_id)):
        heard |= {(code, broadcast_id) for code, broadcast_id in session.execute(rows)}
    for code, _ in heard:
        planned[code] = planned.get(code, 0) + 1
    return {
        code: Use([one for one in chosen if code in one.sounds.values()], planned.get(code, 0))
        for code in session.scalars(select(Sound.code))
    }


def _master_file(studio: Studio, path: Path, original: str, kind: str) -> tuple[str, tuple[str, ...]]:
    """Key of the mastered piece, and notes. The level of every kind is that of speech: a bed is lowered under it."""
    from ..audio.music import take_in

    key = _digest("sound", original, _TREATMENT, SOUND_SETTINGS)
    with taking_in.working_folder(studio) as folder:
        music = take_in(path, folder, longest_s=LONGEST_S[kind])
    _store(studio, key, music.wave)
    return key, music.notes


def _join(studio: Studio, codes: list[str], kind: str) -> str:
    from ..audio.music import cross_fade

    with studio.database.reading() as session:
        pieces = [by_code(session, code).piece for code in codes]
    key = _digest("cross", *(piece.key for piece in pieces), _FADE, SOUND_SETTINGS)
    try:
        first, second = (b"".join(studio.blobs.read(piece.blob)) for piece in pieces)
    except OSError as error:
        raise EngineError(f"the sounds {codes} are lost: {error}", retryable=False) from error
    wave = cross_fade(first, second)
    if wave.length_ms > LONGEST_S[kind] * 1_000:
        raise Invalid(
            f"Nối lại thành {wave.length_ms // 1_000} giây, dài quá {LONGEST_S[kind]} giây của loại này."
            " Hãy chọn loại khác hoặc đoạn ngắn hơn.",
            field="kind",
        )
    _store(studio, key, wave)
    return key


def _store(studio: Studio, key: str, wave: Waveform) -> None:
    try:
        store_piece(studio, key, wave)
    except EngineError as error:
        raise Invalid(
            "Không đưa được đoạn này về mức tiếng chung: chỗ to chỗ nhỏ quá chênh nhau. Hãy nén bớt rồi xuất lại.",
            field="file",
        ) from error
    with studio.database.reading() as session:
        piece = session.get_one(Piece, key)
        fault = next((one for one in sound_checks.faults([piece]) if one.blocks), None)
    if fault is not None:  # it would keep every broadcast with it off the air
        what = "im lặng quá hai giây" if fault.kind == "silence" else "tiếng hỏng"
        place = f"{fault.at_ms // 60_000}:{fault.at_ms // 1_000 % 60:02}"
        raise Invalid(f"Có chỗ {what}, từ phút {place}. Hãy cắt bỏ hoặc sửa chỗ ấy rồi xuất lại.", field="file")


def _refuse_twin(studio: Studio, original: str, kind: str) -> None:
    same = (Sound.original == original) & (Sound.kind == kind) & Sound.put_away_at.is_(None)
    with studio.database.reading() as session:
        name = session.scalar(select(Sound.name).where(same))
    if name is not None:
        raise Conflict(f"Tệp này đã có trong kho với tên “{name}”. Hãy dùng âm thanh ấy.")


def _written(
    studio: Studio,
    label: Label,
    key: str,
    *,
    account_id: int | None,
    original: str | None = None,
    made_of: list[str] | None = None,
    notes: tuple[str, ...] = (),
) -> Added:
    with studio.database.transaction() as session:
        sound = Sound(
            code=_free_code(session, label.name),
            name=label.name,
            kind=label.kind,
            piece_key=key,
            original=original,
            made_of=made_of,
            valid_from=label.valid_from,
            valid_until=label.valid_until,
            account_id=account_id,
            created_at=studio.now(),
        )
        session.add(sound)
        session.flush()
        return Added(sound_id=sound.id, name=sound.name, notes=notes)


def _free_code(session: Session, name: str) -> str:
    wanted = slug(name)
    taken = set(session.scalars(select(Sound.code))) | set(ROLES.values())
    return next(code for n in range(1, len(taken) + 2) if (code := wanted if n == 1 else f"{wanted}-{n}") not in taken)


def _made_again(studio: Studio, code: str) -> int:
    """Make the lost file of a sound from what it was made of; 0 when that is lost too, which `check` tells."""
    with studio.database.reading() as session:
        sound = by_code(session, code)
    try:
        if sound.made_of:
            _join(studio, sound.made_of, sound.kind)
        elif sound.original:
            _master_file(studio, taking_in.originals(studio).path(sound.original), sound.original, sound.kind)
        else:
            return 0
    except (OSError, Invalid, EngineError, NotFound):
        return 0
    return 1


def _is_joined(studio: Studio, code: str) -> bool:
    with studio.database.reading() as session:
        return bool(by_code(session, code).made_of)


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()
