from pathlib import Path
from time import process_time

import pytest
from sqlalchemy import func, select

from broadcast_service.domain.roles import Role
from broadcast_service.errors import Invalid
from broadcast_service.services import scripts
from broadcast_service.storage.tables import Revision, Script
from broadcast_service.studio import Studio
from tests.factories import make_account


def put(folder: Path, name: str, text: str = "Bà con làm tốt.", **other: str) -> Path:
    values = {
        "code": name,
        "title": f"Bài {name}",
        "genre": "tin",
        "area": "van-hoa-xa-hoi",
        "field": "y-duc",
        "source": "Mẫu",
        **other,
    }
    path = folder / f"{name}.md"
    front = "".join(f"{key}: {value}\n" for key, value in values.items())
    path.write_text(f"---\n{front}---\n{text}\n", "utf-8")
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "kho kịch bản"
    folder.mkdir()
    for number in range(3):
        put(folder, f"bai-{number}")
    return folder


def one(studio: Studio, code: str) -> Script:
    with studio.database.reading() as session:
        script = session.scalars(select(Script).where(Script.code == code)).one()
        _ = [revision.decisions for revision in script.revisions]
        return script


def test_scripts_arrive_as_approved_samples(studio: Studio, folder: Path) -> None:
    report = scripts.import_library(studio, folder)

    assert (report.added, report.mistakes) == (["bai-0", "bai-1", "bai-2"], [])
    script = one(studio, "bai-0")
    assert (script.status, script.is_sample, script.latest.author_id) == ("approved", True, None)
    decision = script.latest.decisions[0]
    assert (decision.verdict, decision.account_id, decision.reason) == ("approved", None, "bài mẫu đi kèm")
    with studio.database.reading() as session:
        assert len(scripts.airable(session)) == 3


def test_a_second_import_changes_nothing_and_is_fast(studio: Studio, folder: Path) -> None:
    for number in range(60):
        put(folder, f"them-{number}", "Bà con làm tốt lắm. " * 100)
    begun = process_time()
    scripts.import_library(studio, folder)
    first_s = process_time() - begun
    with studio.database.reading() as session:
        before = session.scalar(select(func.max(Script.updated_at)))

    begun = process_time()
    report = scripts.import_library(studio, folder)

    assert process_time() - begun < first_s / 5
    assert len(report.unchanged) == 63
    assert report.added == report.updated == report.kept_edited == report.mistakes == []
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(Revision.id))) == 63
        assert session.scalar(select(func.max(Script.updated_at))) == before


def test_a_changed_file_becomes_an_approved_revision(studio: Studio, folder: Path) -> None:
    scripts.import_library(studio, folder)
    put(folder, "bai-1", "Bà con làm tốt hơn.", genre="phong-su")

    report = scripts.import_library(studio, folder)

    assert (report.updated, len(report.unchanged)) == (["bai-1"], 2)
    script = one(studio, "bai-1")
    assert (script.latest.number, script.status, script.genre) == (2, "approved", "phong-su")
    assert scripts.approval_of(script.latest) is not None
    assert scripts.import_library(studio, folder).updated == []


def test_an_edited_script_is_never_overwritten(studio: Studio, folder: Path) -> None:
    scripts.import_library(studio, folder)
    with studio.database.transaction() as session:
        lan = make_account(session, Role.EDITOR)
        script = session.scalars(select(Script).where(Script.code == "bai-1")).one()
        scripts.revise_script(session, studio, script.id, title="Của Lan", written="Chữ của Lan.", author_id=lan.id)
    put(folder, "bai-1", "Chữ của bản mới.")

    report = scripts.import_library(studio, folder)

    assert report.kept_edited == ["bai-1"]
    assert one(studio, "bai-1").latest.written == "Chữ của Lan."


def test_a_script_that_somebody_put_away_stays_away(studio: Studio, folder: Path) -> None:
    scripts.import_library(studio, folder)
    with studio.database.transaction() as session:
        scripts.retire(session, session.scalars(select(Script)).first().id, now=studio.now())  # type: ignore[union-attr]
    put(folder, "bai-0", "Chữ của bản mới.")

    assert scripts.import_library(studio, folder).kept_edited == ["bai-0"]
    assert one(studio, "bai-0").status == "retired"


def test_bad_files_are_named_with_their_line_and_the_others_taken(studio: Studio, folder: Path) -> None:
    put(folder, "hong-1", genre="khong-co")
    put(folder, "hong-2", "<b>đậm</b>")
    (folder / "hong-3.md").write_bytes(b"---\ncode: a\n---\n\xb8\xb9")
    put(folder, "bai-9-nua", code="bai-0")
    (folder / "README.md").write_text("Đây là kho.", "utf-8")

    report = scripts.import_library(studio, folder)

    assert len(report.added) == 3
    assert len(report.mistakes) == 4
    for name, line in (("hong-1.md", 4), ("hong-2.md", 9), ("hong-3.md", 4), ("bai-9-nua.md", 2)):
        assert any(f"{name}, dòng {line}:" in mistake for mistake in report.mistakes), report.mistakes


def test_two_files_of_one_code_are_told_every_time(studio: Studio, folder: Path) -> None:
    (folder / "xa").mkdir()
    (folder / "xa" / "ban-sao.md").write_bytes((folder / "bai-0.md").read_bytes())

    for _ in range(2):
        report = scripts.import_library(studio, folder)
        assert [mistake.split(",")[0] for mistake in report.mistakes] == ["ban-sao.md"]


def test_progress_ends_at_the_whole(studio: Studio, folder: Path) -> None:
    told: list[tuple[int, int]] = []

    scripts.import_library(studio, folder, progress=lambda done, of: told.append((done, of)))

    assert told[-1] == (3, 3)
    assert told == sorted(told)


def test_a_missing_folder_is_said_plainly(studio: Studio, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="Không có thư mục"):
        scripts.import_library(studio, tmp_path / "khong")
