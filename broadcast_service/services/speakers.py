"""Several voices in one script: who speaks is named in the text, and each name is given a voice.

Another voice for the same name changes no word, so the approval holds. Which names have a voice decides which words
are said, so naming one more or one less makes a new revision.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from ..domain import speakers as turns
from ..domain.scripts import paragraphs
from ..errors import Conflict, Invalid
from ..storage.tables import Revision, Script
from ..studio import Studio
from . import broadcasts, voice_orders
from .recordings import HUMAN
from .revisions import SpokenText, get_script, read_text, revise_script, worded_by_hand

GENRES = frozenset({"tieu-pham", "cau-chuyen", "phong-van", "toa-dam", "phap-luat"})
"""Genres in which several people speak as a rule."""


def labels(script: Script) -> list[str]:
    """The names found in the text, and those that have a voice already, in the order of their first turns."""
    written = script.latest.written
    return list(dict.fromkeys([*turns.labels(written), *(name for name in script.speakers if f"{name}:" in written)]))


def first_turns(script: Script, *, longest: int = 200) -> dict[str, str]:
    """What each of `labels` says first, cut to so many characters, to hear a voice with it."""
    found: dict[str, str] = {}
    known = labels(script)
    for line in script.latest.written.splitlines():
        label = turns.label_of(line)
        if label in known:
            found.setdefault(label, turns.cut_label(line, known)[1][:longest])
    return {label: found.get(label, label) for label in known}


def read(studio: Studio, script: Script, named: Mapping[str, str], decided: Mapping[str, str]) -> SpokenText | None:
    """How the script is said when these names have a voice; None when that is as before. Before any transaction.

    Raises Conflict when a paragraph that a person worded would have to be parted.
    """
    if set(named) == set(script.speakers):
        return None
    revision = script.latest
    own: list[str | None] = []
    by_hand = worded_by_hand(revision) or [None] * len(paragraphs(revision.written))
    for part, said in zip(paragraphs(revision.written), by_hand, strict=True):
        parted = paragraphs(turns.part_turns(part, set(named)))
        if said is not None and len(parted) > 1:
            raise Conflict(
                "Có đoạn tự viết lời đọc gồm lượt nói của nhiều người. "
                "Hãy tách đoạn ấy, mỗi lượt nói một đoạn, rồi chọn giọng lại."
            )
        own += [said] if len(parted) == 1 else [None] * len(parted)
    return read_text(
        studio,
        revision.written,
        decided=decided,
        shell=script.shell,
        spoken=own if any(own) else None,
        speakers=set(named),
    )


def set_speakers(
    session: Session,
    studio: Studio,
    script_id: int,
    named: Mapping[str, str],
    *,
    author_id: int | None,
    text: SpokenText | None,
    note: str = "",
    base: int | None = None,
) -> Revision:
    """Give names in the text their voices; return the newest revision, a new one when `text`, of `read`, is another.

    Rundowns ahead follow. Raises Invalid for a voice or name that is not there, Forbidden for a voice that would send
    an internal text away, EditedMeanwhile, NotFound.
    """
    script = get_script(session, script_id, lock=True)
    known = labels(script)
    for label, name in named.items():
        if label not in known:
            raise Invalid(
                f"Trong bài không có người nói “{label[:40]}”. Hãy tải lại trang rồi chọn lại.", field="speakers"
            )
        voice_orders.checked(studio, [name], before=list(script.speakers.values()))
        if name == HUMAN:
            raise Invalid(
                "Hãy chọn một giọng máy cho từng người nói, hoặc thu cả bài bằng giọng người.", field="speakers"
            )
        voice_orders.require_discreet(studio.voices.get(name), internal=script.is_internal)
    script.speakers = dict(named)
    revision = script.latest
    if text is not None:
        revision = revise_script(
            session,
            studio,
            script_id,
            title=revision.title,
            written=text.written,
            author_id=author_id,
            note=note,
            base=base,
            text=text,
        )
    session.flush()
    broadcasts.follow(session, studio, script_id=script_id)
    return revision
