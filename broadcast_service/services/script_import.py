"""The scripts shipped with the service, taken into the library; again and again without harm."""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.scripts import Status
from ..errors import Invalid
from ..formats.script_files import BadScriptFile, ScriptFile, parse, read_bytes
from ..storage.tables import Revision, Script
from ..studio import Studio
from . import lexicon, rereading
from .approvals import approve_as_shipped
from .local_readings import Place, add
from .revisions import Sorting, SpokenText, create_script, read_text, revise_script, sort_script

BATCH = 20
"""Scripts written down in one transaction."""

Progress = Callable[[int, int], None]
"""(files done, files in all)"""


@dataclass
class ImportReport:
    """What an import did: codes of scripts, and a sentence for each mistake in a file."""

    added: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    kept_edited: list[str] = field(default_factory=list)
    """The file is newer, but somebody edited the script here: the edited text stays."""
    mistakes: list[str] = field(default_factory=list)


def import_library(studio: Studio, folder: Path, *, progress: Progress | None = None) -> ImportReport:
    """Take in every .md file of the folder. Scripts are keyed by code and arrive as approved samples.

    A file that was imported as it is costs its hash. An unedited script whose file changed gets a new
    revision, approved as shipped. Bad files are left out and named; the others are taken. Reading aloud
    happens outside of any transaction. Raises Invalid when there is no such folder.
    """
    if not folder.is_dir():
        raise Invalid(f"Không có thư mục “{folder}”. Hãy ghi đúng đường dẫn tới thư mục kịch bản.")
    report = ImportReport()
    paths = sorted(p for p in folder.rglob("*.md") if p.is_file() and p.stem.upper() != "README")
    with studio.database.reading() as session:
        shipped = {sha: code for code, sha in session.execute(select(Script.code, Script.shipped_sha256)) if sha}
        lexicons = lexicon.Layers(session)
        regions = rereading.other_regions(session, studio)
        ids = {script.code: script.id for script in session.execute(select(Script.code, Script.id))}
    files = _changed_files(paths, shipped, report)
    done = len(paths) - len(files)
    for start in range(0, len(files), BATCH):
        read: list[tuple[ScriptFile, SpokenText, dict[str, str]]] = []
        for file in files[start : start + BATCH]:
            decided = lexicons.merged(script_id=ids.get(file.code))
            text = read_text(studio, file.body, decided=decided, shell=file.shell)
            local = {
                region: read_text(studio, file.body, decided=decided, region=region).spoken
                for region in regions
                if not file.shell
            }
            read.append((file, text, local))
            done += 1
            if progress:
                progress(done, len(paths))
        with studio.database.transaction() as session:
            for file, text, local in read:
                _take_in(session, studio, file, text, local, report)
    if progress:
        progress(len(paths), len(paths))
    return report


def _changed_files(paths: list[Path], shipped: dict[str, str], report: ImportReport) -> list[ScriptFile]:
    """The files that are not in the library byte for byte, checked; the rest goes into the report."""
    data: dict[Path, bytes] = {}
    for path in paths:
        try:
            data[path] = read_bytes(path)
        except BadScriptFile as error:
            report.mistakes += error.mistakes
    hashes = {path: hashlib.sha256(content).hexdigest() for path, content in data.items()}
    times = Counter(hashes.values())
    files: list[ScriptFile] = []
    first: dict[str, str] = {}
    for path, content in data.items():
        sha256 = hashes[path]
        if sha256 in shipped and times[sha256] == 1:
            report.unchanged.append(shipped[sha256])
            first[shipped[sha256]] = path.name
            continue
        try:
            file = parse(content, path.name)
        except BadScriptFile as error:
            report.mistakes += error.mistakes
            continue
        if file.code in first:
            line = next(n for n, text in enumerate(content.split(b"\n"), 1) if text.lstrip().startswith(b"code"))
            report.mistakes.append(
                f"{path.name}, dòng {line}: mã “{file.code}” đã dùng trong tệp {first[file.code]}. Hãy đặt mã khác."
            )
            continue
        first[file.code] = path.name
        if sha256 in shipped:
            report.unchanged.append(file.code)
        else:
            files.append(file)
    return files


def _take_in(
    session: Session,
    studio: Studio,
    file: ScriptFile,
    text: SpokenText,
    local: Mapping[str, str],
    report: ImportReport,
) -> None:
    """local: what the other regions say."""
    from .broadcasts import adopt_revision  # its room asks this room what may be aired

    script = session.scalar(select(Script).where(Script.code == file.code))
    sorting = Sorting(
        code=file.code,
        is_sample=True,
        genre=file.genre,
        area=file.area,
        field=file.field,
        content_group=file.content_group,
        movement=file.movement,
        object_group=file.object_group,
        exemplar_kind=file.exemplar_kind,
        source=file.source,
        shell=file.shell,
        is_evergreen=file.evergreen,
        shipped_sha256=file.sha256,
    )
    now = studio.now()
    if script is None:
        script = create_script(
            session, studio, title=file.title, written=text.written, author_id=None, text=text, **sorting
        )
        _say_locally(script.latest, local, now)
        session.flush()
        approve_as_shipped(session, script.latest, now=now)
        report.added.append(file.code)
        return
    if _is_edited(script):
        report.kept_edited.append(file.code)
        return
    before = script.latest.number
    revision = revise_script(
        session, studio, script.id, title=file.title, written=text.written, author_id=None, text=text
    )
    sort_script(session, script.id, now=now, **sorting)
    if revision.number > before:
        _say_locally(revision, local, now)
        session.flush()
        approve_as_shipped(session, revision, now=now)
        adopt_revision(session, studio, revision)
    report.updated.append(file.code)


def _say_locally(revision: Revision, local: Mapping[str, str], now: datetime) -> None:
    for region, spoken in local.items():
        if spoken != revision.spoken:
            add(revision, Place(region=region), spoken, now=now)


def _is_edited(script: Script) -> bool:
    """Whether a person had a hand in it: wrote a revision, decided about one, or changed its state."""
    by_hand = any(
        revision.author_id is not None or any(decision.account_id is not None for decision in revision.decisions)
        for revision in script.revisions
    )
    return by_hand or not script.is_sample or script.status != Status.APPROVED
