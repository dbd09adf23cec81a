"""Writing scripts down: the first text, and every change of it as a new, immutable revision.

The caller opens the transaction and passes the session; nothing here commits.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain import speakers as turns
from ..domain import taxonomy
from ..domain.folding import slug, sort_key
from ..domain.plain_text import clean, clean_line
from ..domain.scripts import LONGEST_BYTES, LONGEST_TITLE, Status, content_hash, paragraphs
from ..domain.searching import search_text
from ..domain.timing import PLANNED_MS_PER_SYLLABLE, count_syllables, estimate_ms
from ..domain.units import Milliseconds
from ..errors import Conflict, Invalid, NotFound
from ..storage.tables import Revision, Script
from ..studio import Studio
from . import lexicon

BY_HAND = "hand"
"""The kind of a span that a person worded: the whole paragraph, without the reader's spans."""

SPEAKER = "speaker"
"""The kind of a span that names who speaks; it is not said."""


class Sorting(TypedDict, total=False):
    """Where a script belongs. Codes are those of `domain.taxonomy`."""

    code: str
    genre: str
    area: str
    field: str
    content_group: str
    movement: str
    object_group: str
    exemplar_kind: str
    source: str
    unit_id: int | None
    shell: str
    is_sample: bool
    is_evergreen: bool
    shipped_sha256: str


@dataclass(frozen=True, kw_only=True)
class SpokenText:
    """How a written text is read aloud, as a revision keeps it."""

    written: str
    spoken: str
    """A paragraph each, parted by blank lines; a sentence a line."""
    spans: list[Any]
    """For each paragraph a list of [written, spoken, kind, certain]."""
    questions: list[Any]
    """Dictionaries: the paragraph's place from 0, and what the reader asks."""
    syllables: int
    estimated_ms: Milliseconds


class EditedMeanwhile(Conflict):
    """Somebody else saved a revision since this one was begun."""

    def __init__(self, latest: Revision, at: datetime) -> None:
        super().__init__(f"Bài này vừa được người khác sửa lúc {at:%H:%M}. Xem chỗ khác nhau rồi lưu lại.")
        self.latest = latest


def get_script(session: Session, script_id: int, *, lock: bool = False) -> Script:
    """The script. lock: keep others from changing it until the transaction ends. Raises NotFound."""
    possible = 0 < script_id < 1 << 31  # what a database can hold; an address may say anything
    script = session.get(Script, script_id, with_for_update=True if lock else None) if possible else None
    if script is None:
        raise NotFound(f"kịch bản số {script_id}")
    return script


def get_revision(session: Session, revision_id: int) -> Revision:
    """The revision. Raises NotFound."""
    revision = session.get(Revision, revision_id) if 0 < revision_id < 1 << 31 else None
    if revision is None:
        raise NotFound(f"bản sửa số {revision_id}")
    return revision


def read_text(
    studio: Studio,
    written: str,
    *,
    decided: Mapping[str, str],
    shell: str = "",
    spoken: str | Sequence[str | None] | None = None,
    region: str = "",
    speakers: Collection[str] = (),
) -> SpokenText:
    """Read a whole text aloud, a paragraph at a time. Needs no database: call it before a transaction.

    decided: what people have decided about words, as `lexicon.merged` tells it. shell: not empty for templates, whose
    fields are filled before they are read; their spoken text is the written one. spoken: what a person wants
    said instead: a text of as many paragraphs, or a list with None for the paragraphs that the reader says;
    None or empty: all of them. region: the installation's when empty. speakers: the labels that have a voice: each of
    their turns becomes a paragraph, and the label is not said. Raises Invalid for text that is empty, over 200 kB, or
    does not match.
    """
    from ..reading import read_aloud  # its dictionaries are loaded by whoever reads

    if len(written) > LONGEST_BYTES or len(written.encode(errors="replace")) > LONGEST_BYTES:
        raise Invalid(f"Bài dài quá {LONGEST_BYTES // 1_000} kB. Hãy tách thành nhiều bài ngắn hơn.", field="written")
    written = turns.part_turns(clean(written), speakers)
    parts = paragraphs(written)
    if not any(char.isalpha() for char in written):
        raise Invalid("Bài chưa có chữ nào. Hãy viết nội dung bài.", field="written")
    wanted = paragraphs(clean(spoken or "")) if spoken is None or isinstance(spoken, str) else list(spoken)
    if wanted and len(wanted) != len(parts):
        raise Invalid(
            f"Lời đọc có {len(wanted)} đoạn, văn bản viết có {len(parts)} đoạn. Hãy giữ số đoạn bằng nhau.",
            field="spoken",
        )
    said: list[str] = []
    spans: list[Any] = []
    questions: list[Any] = []
    for place, part in enumerate(parts):
        if shell:
            spans.append([[part, part, "plain", True]])
            said.append(part)
            continue
        own = wanted[place] if wanted else None
        label, part = turns.cut_label(part, speakers)
        spans.append([[label, "", SPEAKER, True]] if label else [])
        reading = read_aloud(part, region=region or studio.settings.region, lexicon=decided)
        if own is not None:
            own = turns.cut_label(own, speakers)[1]
        if own is None or own == reading.spoken.strip():
            said.append(reading.spoken.strip())
            spans[-1] += [[span.written, span.spoken, span.kind, span.certain] for span in reading.spans]
            for question in reading.questions:
                told = dataclasses.asdict(question)
                questions.append({"paragraph": place} | told | {"start": question.start + len(label)})
        else:
            said.append(own)
            spans[-1].append([part, own, BY_HAND, True])
    whole = "\n\n".join(filter(None, said))
    if not whole:
        raise Invalid("Bài không có đoạn nào đọc được trên loa. Hãy viết thành câu.", field="written")
    voice = studio.voices.get(studio.settings.voice)
    return SpokenText(
        written="\n\n".join(parts),
        spoken=whole,
        spans=spans,
        questions=questions,
        syllables=count_syllables(whole),
        estimated_ms=estimate_ms(whole, ms_per_syllable=voice.ms_per_syllable if voice else PLANNED_MS_PER_SYLLABLE),
    )


def read_again(studio: Studio, revision: Revision, decided: Mapping[str, str], *, region: str = "") -> SpokenText:
    """Read a revision anew with today's reader and these decisions; paragraphs worded by hand stay as they are."""
    return read_text(
        studio,
        revision.written,
        decided=decided,
        shell=revision.script.shell,
        spoken=worded_by_hand(revision),
        region=region,
        speakers=set(speakers_of(revision)) - {""},
    )


def worded_by_hand(revision: Revision) -> list[str | None] | None:
    """What a person worded of each paragraph, None where the reader did; None when that is all of them."""
    by_hand = [spans[-1][1] if is_by_hand(spans) else None for spans in revision.spans]
    return by_hand if any(by_hand) else None


def is_by_hand(spans: Sequence[Sequence[Any]]) -> bool:
    """Whether a person worded a paragraph of these spans; who speaks it does not matter."""
    return [span[2] for span in spans if span[2] != SPEAKER] == [BY_HAND]


def speakers_of(revision: Revision) -> tuple[str, ...]:
    """Who says each spoken paragraph: the label in the text, empty for the main voice; () where nobody is named."""
    found = tuple(
        turns.label_of(spans[0][0] + "x") if spans[0][2] == SPEAKER else ""
        for spans in revision.spans
        if any(span[1].strip() for span in spans)
    )
    return found if any(found) else ()


def create_script(
    session: Session,
    studio: Studio,
    *,
    title: str,
    written: str,
    author_id: int | None,
    spoken: str | None = None,
    note: str = "",
    text: SpokenText | None = None,
    **sorting: Unpack[Sorting],
) -> Script:
    """Write down a new script with its first revision, as a draft. Raises Invalid, naming the field.

    text: the reading, when it was made before the transaction.
    """
    title = _checked_title(title)
    values = checked_sorting(sorting)
    text = text or read_text(
        studio, written, decided=lexicon.merged(session), shell=values.get("shell", ""), spoken=spoken
    )
    now = studio.now()
    values["code"] = values.get("code") or _free_code(session, title)
    script = Script(
        **({"genre": "guong-dien-hinh"} | values), title=title, status=Status.DRAFT, created_at=now, updated_at=now
    )
    session.add(script)
    _append(script, text, title=title, author_id=author_id, note=note, now=now)
    session.flush()
    return script


def revise_script(
    session: Session,
    studio: Studio,
    script_id: int,
    *,
    title: str,
    written: str,
    author_id: int | None,
    spoken: str | None = None,
    note: str = "",
    base: int | None = None,
    text: SpokenText | None = None,
) -> Revision:
    """Add a revision. Earlier ones stay as they are; the script falls back to draft, its approval is void.

    Saving what is there already adds nothing and returns the newest revision. base: number of the revision
    the edit began with; if another came meanwhile, EditedMeanwhile is raised. Raises Invalid, NotFound.
    """
    from . import recordings  # its room asks this room for revisions

    script = get_script(session, script_id, lock=True)
    latest = script.latest
    title = _checked_title(title)
    text = text or read_text(
        studio,
        written,
        decided=lexicon.merged(session, script_id=script_id),
        shell=script.shell,
        spoken=spoken,
        speakers=script.speakers,
    )
    if (latest.title, latest.written, latest.spoken) == (title, text.written, text.spoken):
        return latest
    if base is not None and base != latest.number:
        raise EditedMeanwhile(latest, latest.created_at.astimezone(studio.settings.timezone))
    now = studio.now()
    revision = _append(script, text, title=title, author_id=author_id, note=note, now=now)
    script.title, script.status, script.updated_at = title, Status.DRAFT, now
    session.flush()
    recordings.gather(session, revision, now=now)
    return revision


def sort_script(session: Session, script_id: int, *, now: datetime, **sorting: Unpack[Sorting]) -> Script:
    """Change where a script belongs; its text and approval stay. Raises Invalid, NotFound."""
    script = get_script(session, script_id, lock=True)
    values = checked_sorting(sorting)
    changed = {name: value for name, value in values.items() if getattr(script, name) != value}
    for name, value in changed.items():
        setattr(script, name, value)
    if changed:
        script.updated_at = now
        session.flush()
    return script


def checked_sorting(sorting: Mapping[str, Any]) -> dict[str, Any]:
    """The same values, cleaned; the area follows from the field where it is not given. Raises Invalid."""
    values = {name: clean_line(value) if isinstance(value, str) else value for name, value in sorting.items()}
    choices: dict[str, tuple[Mapping[str, object], str]] = {
        "genre": (taxonomy.GENRES, "thể loại"),
        "field": (taxonomy.FIELDS, "lĩnh vực"),
        "area": (taxonomy.AREAS, "nhóm lĩnh vực"),
        "content_group": (taxonomy.CONTENT_GROUPS, "nhóm nội dung"),
        "object_group": (taxonomy.OBJECT_GROUPS, "nhóm đối tượng"),
        "exemplar_kind": (taxonomy.EXEMPLAR_KINDS, "loại điển hình"),
        "shell": (taxonomy.SHELLS, "loại lời xướng"),
    }
    for name, (known, word) in choices.items():
        if values.get(name) and values[name] not in known:
            raise Invalid(f"Không có {word} “{values[name][:40]}”. Hãy chọn lại trong danh sách.", field=name)
    for name in ("movement", "source"):
        if len(values.get(name, "")) > LONGEST_TITLE:
            raise Invalid(f"Mục này dài quá {LONGEST_TITLE} chữ cái. Hãy ghi ngắn lại.", field=name)
    if values.get("field"):
        values["area"] = taxonomy.FIELDS[values["field"]][0]
    return values


def _checked_title(title: str) -> str:
    title = clean_line(title[:LONGEST_BYTES])
    if not any(char.isalnum() for char in title):
        raise Invalid("Bài chưa có tên. Hãy ghi tên bài.", field="title")
    if len(title) > LONGEST_TITLE:
        raise Invalid(f"Tên bài dài {len(title)} chữ cái, quá mức {LONGEST_TITLE}. Hãy rút gọn.", field="title")
    return title


def _append(
    script: Script, text: SpokenText, *, title: str, author_id: int | None, note: str, now: datetime
) -> Revision:
    revision = Revision(
        number=len(script.revisions) + 1,
        title=title,
        written=text.written,
        spoken=text.spoken,
        spans=text.spans,
        questions=text.questions,
        content_hash=content_hash(title, text.written, text.spoken),
        syllables=text.syllables,
        estimated_ms=text.estimated_ms,
        author_id=author_id,
        note=clean_line(note)[:LONGEST_TITLE],
        created_at=now,
    )
    script.revisions.append(revision)
    script.search_text = search_text(title, script.code, text.written)
    script.sort_key = sort_key(title)
    return revision


def _free_code(session: Session, title: str) -> str:
    """A code made of the title that no script has yet."""
    stem = slug(title, longest=60)
    taken = set(session.scalars(select(Script.code).where(Script.code.startswith(stem, autoescape=True))))
    return next(code for code in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if code not in taken)
