"""Writing, revising, approving. Cast: Lan writes, Minh writes too, Hoa and Sơn approve."""

import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broadcast_service.domain.roles import Role
from broadcast_service.errors import Conflict, Forbidden, Invalid, NotFound
from broadcast_service.services import scripts
from broadcast_service.storage.tables import Job, Rendition, Revision, Script
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import MORNING, make_account, make_script

TEXT = "Năm 2018, một nông dân trồng bưởi.\n\nUBND xã khen."


@dataclass
class Cast:
    lan: int
    minh: int
    hoa: int
    son: int


@pytest.fixture
def cast(studio: Studio) -> Cast:
    with studio.database.transaction() as session:
        lan, minh = (make_account(session, Role.EDITOR).id for _ in range(2))
        hoa, son = (make_account(session, Role.APPROVER).id for _ in range(2))
    return Cast(lan, minh, hoa, son)


@pytest.fixture
def session(studio: Studio, cast: Cast) -> Iterator[Session]:
    """A writing transaction, begun when the cast is there."""
    with studio.database.transaction() as session:
        yield session


def write(session: Session, studio: Studio, cast: Cast, **other: str) -> Script:
    values = {"title": "Vườn bưởi", "written": TEXT, **other}
    return scripts.create_script(session, studio, author_id=cast.lan, field="san-xuat-kinh-doanh", **values)  # type: ignore[arg-type]


def test_a_new_script_is_a_draft_with_one_revision(session: Session, studio: Studio, cast: Cast) -> None:
    script = write(session, studio, cast)

    assert (script.status, script.code, script.area) == ("draft", "vuon-buoi", "kinh-te-chinh-tri")
    revision = script.latest
    assert revision.number == 1
    assert revision.spoken.split("\n\n")[1] == "Ủy ban nhân dân xã khen."
    assert "2018" not in revision.spoken
    assert len(revision.spans) == 2
    assert "".join(span[0] for span in revision.spans[1]) == "UBND xã khen."
    assert revision.estimated_ms > 3_000


def test_two_scripts_of_one_title_get_two_codes(session: Session, studio: Studio, cast: Cast) -> None:
    assert [write(session, studio, cast).code for _ in range(3)] == ["vuon-buoi", "vuon-buoi-2", "vuon-buoi-3"]


def test_a_revision_leaves_the_earlier_ones_alone(session: Session, studio: Studio, cast: Cast) -> None:
    script = write(session, studio, cast)

    revision = scripts.revise_script(
        session, studio, script.id, title="Vườn bưởi", written="Lời mới.", author_id=cast.minh, note="Viết lại"
    )

    assert (revision.number, revision.author_id, revision.note) == (2, cast.minh, "Viết lại")
    assert script.revisions[0].written == TEXT
    assert "loi moi" in script.search_text
    assert "nong dan" not in script.search_text


def test_saving_the_same_text_adds_no_revision(session: Session, studio: Studio, cast: Cast) -> None:
    script = write(session, studio, cast)

    again = unicodedata.normalize("NFD", TEXT.replace("\n", "\r\n")) + "  \n"
    scripts.revise_script(session, studio, script.id, title="Vườn bưởi", written=again, author_id=cast.minh)

    assert [revision.number for revision in script.revisions] == [1]


def test_an_edit_voids_the_approval(session: Session, studio: Studio, cast: Cast) -> None:
    script = approved(session, studio, cast)
    assert scripts.is_airable(session, script)

    scripts.revise_script(session, studio, script.id, title="Vườn bưởi", written="Khác.", author_id=cast.lan)

    assert script.status == "draft"
    assert not scripts.is_airable(session, script)
    assert scripts.approval_of(script.revisions[0]) is not None


def test_a_person_may_say_what_is_spoken(session: Session, studio: Studio, cast: Cast) -> None:
    script = write(session, studio, cast, spoken="Đọc khác.\n\nHai.")

    assert script.latest.spoken == "Đọc khác.\n\nHai."
    with pytest.raises(Invalid, match="Lời đọc có 1 đoạn, văn bản viết có 2 đoạn"):
        write(session, studio, cast, spoken="Một đoạn.")


def test_a_shell_keeps_its_fields_until_they_are_filled(session: Session, studio: Studio, cast: Cast) -> None:
    script = scripts.create_script(
        session, studio, title="Xướng", written="Đây là {tên đài}, ngày {ngày}.", author_id=None, shell="call"
    )

    assert script.latest.spoken == "Đây là {tên đài}, ngày {ngày}."


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": " \u200b "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"written": "\x00 \n"}, "written"),
        ({"written": "12 34"}, "written"),
        ({"written": "bưởi " * 60_000}, "written"),
        ({"genre": "khong-co"}, "genre"),
        ({"field": "khong-co"}, "field"),
    ],
)
def test_what_can_not_be_taken_is_refused_at_its_field(
    session: Session, studio: Studio, cast: Cast, change: dict[str, str], field: str
) -> None:
    values = {"title": "A", "written": "B.", "field": "y-duc", **change}
    with pytest.raises(Invalid) as caught:
        scripts.create_script(session, studio, author_id=cast.lan, **values)  # type: ignore[arg-type]
    assert caught.value.field == field


def test_unknown_numbers_are_not_found(session: Session) -> None:
    for number in (0, -1, 99, 1 << 70):
        with pytest.raises(NotFound):
            scripts.get_script(session, number)
        with pytest.raises(NotFound):
            scripts.get_revision(session, number)


# --- decisions


def submitted(session: Session, studio: Studio, cast: Cast) -> Script:
    script = write(session, studio, cast)
    scripts.submit(session, script.id, account_id=cast.lan, now=studio.now())
    return script


def approved(session: Session, studio: Studio, cast: Cast) -> Script:
    script = submitted(session, studio, cast)
    scripts.approve(session, studio, script.latest.id, account_id=cast.hoa, now=studio.now())
    return script


def test_an_approval_is_of_the_text_and_wishes_for_its_sound(session: Session, studio: Studio, cast: Cast) -> None:
    script = approved(session, studio, cast)

    approval = scripts.approval_of(script.latest)
    assert approval is not None
    assert (approval.account_id, approval.content_hash) == (cast.hoa, script.latest.content_hash)
    assert scripts.airable(session) == [script]
    rendition = session.scalars(select(Rendition)).one()
    assert rendition.paragraphs == script.latest.spoken.split("\n\n")
    assert session.scalars(select(Job.kind).order_by(Job.id)).all() == ["reread", "render"]


def test_nobody_approves_the_own_text(session: Session, studio: Studio, cast: Cast) -> None:
    script = submitted(session, studio, cast)

    with pytest.raises(Forbidden, match="không tự duyệt"):
        scripts.approve(session, studio, script.latest.id, account_id=cast.lan, now=studio.now())
    assert script.status == "submitted"


def test_who_submitted_may_approve_what_another_wrote(session: Session, studio: Studio, cast: Cast) -> None:
    script = write(session, studio, cast)
    scripts.submit(session, script.id, account_id=cast.hoa, now=studio.now())

    scripts.approve(session, studio, script.latest.id, account_id=cast.hoa, now=studio.now())

    assert script.status == "approved"


def test_only_a_submitted_newest_revision_is_approved(session: Session, studio: Studio, cast: Cast) -> None:
    script = write(session, studio, cast)
    first = script.latest.id
    with pytest.raises(Conflict, match="chưa trình duyệt"):
        scripts.approve(session, studio, first, account_id=cast.hoa, now=studio.now())
    scripts.revise_script(session, studio, script.id, title="Vườn bưởi", written="Hai.", author_id=cast.minh)
    scripts.submit(session, script.id, account_id=cast.lan, now=studio.now())
    with pytest.raises(Conflict, match="bản 2 mới hơn bản 1"):
        scripts.approve(session, studio, first, account_id=cast.hoa, now=studio.now())


def test_a_text_changed_behind_our_back_is_not_approved(session: Session, studio: Studio, cast: Cast) -> None:
    script = submitted(session, studio, cast)
    script.latest.spoken += "\nThêm lén."
    session.flush()

    with pytest.raises(Conflict, match="không còn đúng như lúc lưu"):
        scripts.approve(session, studio, script.latest.id, account_id=cast.hoa, now=studio.now())


def test_the_second_submission_and_the_second_approval_are_told_so(
    session: Session, studio: Studio, cast: Cast
) -> None:
    script = submitted(session, studio, cast)
    with pytest.raises(Conflict, match="đã trình duyệt"):
        scripts.submit(session, script.id, account_id=cast.minh, now=studio.now())
    scripts.approve(session, studio, script.latest.id, account_id=cast.hoa, now=studio.now())
    with pytest.raises(Conflict, match="đã được duyệt"):
        scripts.approve(session, studio, script.latest.id, account_id=cast.son, now=studio.now())


def test_of_two_approvers_at_once_one_wins(studio: Studio, cast: Cast) -> None:
    with studio.database.transaction() as session:
        revision_id = submitted(session, studio, cast).latest.id
    outcomes: list[str] = []

    def approve(account_id: int) -> None:
        try:
            with studio.database.transaction() as session:
                scripts.approve(session, studio, revision_id, account_id=account_id, now=studio.now())
            outcomes.append("approved")
        except Conflict:
            outcomes.append("conflict")

    threads = [threading.Thread(target=approve, args=[account]) for account in (cast.hoa, cast.son)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["approved", "conflict"]
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(Rendition.id))) == 1


def test_sending_back_wants_a_reason(session: Session, studio: Studio, cast: Cast) -> None:
    script = submitted(session, studio, cast)
    with pytest.raises(Invalid) as caught:
        scripts.send_back(session, script.latest.id, account_id=cast.hoa, reason=" ", now=studio.now())
    assert caught.value.field == "reason"

    scripts.send_back(session, script.latest.id, account_id=cast.hoa, reason="Thiếu số hộ.", now=studio.now())

    assert script.status == "draft"
    assert script.latest.decisions[-1].reason == "Thiếu số hộ."


def test_a_retired_script_is_aired_no_more_until_it_is_revised(session: Session, studio: Studio, cast: Cast) -> None:
    script = approved(session, studio, cast)

    scripts.retire(session, script.id, now=studio.now())

    assert scripts.airable(session) == []
    scripts.revise_script(session, studio, script.id, title="Vườn bưởi", written="Mới.", author_id=cast.lan)
    assert script.status == "draft"


# --- two people on one text


def test_the_later_of_two_edits_is_told_and_nothing_is_lost(
    session: Session, studio: Studio, cast: Cast, clock: StoppedClock
) -> None:
    script = write(session, studio, cast)
    clock.forward(hours=6, minutes=15)
    scripts.revise_script(session, studio, script.id, title="A", written="Của Lan.", author_id=cast.lan, base=1)

    with pytest.raises(scripts.EditedMeanwhile, match="sửa lúc 09:15") as caught:
        scripts.revise_script(session, studio, script.id, title="B", written="Của Minh.", author_id=cast.minh, base=1)

    assert caught.value.latest.written == "Của Lan."
    scripts.revise_script(session, studio, script.id, title="B", written="Của Minh.", author_id=cast.minh, base=2)
    assert [revision.written for revision in script.revisions[1:]] == ["Của Lan.", "Của Minh."]


def test_edits_at_once_make_one_revision_each_or_a_conflict(studio: Studio, cast: Cast) -> None:
    with studio.database.transaction() as session:
        script_id = write(session, studio, cast).id
    conflicts: list[int] = []

    def edit(number: int) -> None:
        try:
            with studio.database.transaction() as session:
                scripts.revise_script(
                    session, studio, script_id, title="A", written=f"Bản của {number}.", author_id=cast.lan, base=1
                )
        except scripts.EditedMeanwhile:
            conflicts.append(number)

    threads = [threading.Thread(target=edit, args=[number]) for number in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(conflicts) == 4
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(Revision.id))) == 2


# --- what may be heard


def test_samples_are_kept_off_the_air_by_one_switch(session: Session) -> None:
    sample = make_script(session, status="approved", is_sample=True)
    own = make_script(session, status="approved")
    make_script(session, status="approved", shell="call")
    make_script(session, status="submitted")
    assert scripts.airable(session) == [sample, own]

    scripts.set_samples_on_air(session, False, now=MORNING)

    assert scripts.airable(session) == [own]
    assert not scripts.is_airable(session, sample)
    scripts.set_samples_on_air(session, True, now=MORNING)
    assert scripts.is_airable(session, sample)


def test_a_status_without_its_approval_is_not_heard(session: Session) -> None:
    script = make_script(session, status="approved")
    script.latest.content_hash = "0" * 64
    session.flush()

    assert not scripts.is_airable(session, script)
