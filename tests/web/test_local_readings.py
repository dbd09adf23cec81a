"""The pages about what regions and stations say in their own way: beside the script, and where it waits."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from broadcast_service.pool import run_one
from broadcast_service.services import due, jobs, lexicon, local_readings, renditions, scripts
from broadcast_service.services.lexicon import STATION, Scope
from broadcast_service.storage.tables import Job, LocalReading, Rendition, Script, Station
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import make_account, make_station
from tests.web.conftest import Person

Seat = Callable[..., Person]
SOUTH = "Đài truyền thanh xã Bến"


def work(studio: Studio) -> None:
    due.want_readings(studio)
    while run_one(studio, owner="test", kind=jobs.REREAD):
        pass


@pytest.fixture
def script_id(studio: Studio, clock: StoppedClock) -> int:
    """A story put forward in a town of the central region with one southern station."""
    with studio.database.transaction() as session:
        author = make_account(session, "editor")
        make_station(session, code="nam", name=SOUTH, region="nam")
        script = scripts.create_script(
            session, studio, title="Vườn bưởi", written="Có 24.000 gốc bưởi NNTH.\n\nAi cũng vui.", author_id=author.id
        )
        script.status = "submitted"
    work(studio)
    clock.forward(minutes=1)
    return script.id


def form_of(page: str, action: str) -> list[tuple[str, str]]:
    """The hidden fields of the first form that posts there."""
    form = page.split(f'action="{action}"', 1)[1].split("</form>", 1)[0]
    return re.findall(r'name="(reading|revision_id|script)" value="(\d+)"', form)


def press(person: Person, page: str, action: str) -> int:
    fields: dict[str, list[str]] = {}
    for name, value in form_of(page, action):
        fields.setdefault(name, []).append(value)
    return person.client.post(action, data=fields).status_code


def test_the_script_s_page_marks_what_the_region_says_otherwise_and_its_approval_covers_it(
    studio: Studio, script_id: int, seat: Seat
) -> None:
    hoa = seat("approver")
    page = hoa.client.get(f"/scripts/{script_id}").text
    assert "Miền Nam: 1 câu đọc khác" in page
    assert "<del>tư</del>" in page
    assert "<ins>bốn</ins>" in page
    assert "Ai cũng vui" not in page.split('id="loi-doc-rieng"', 1)[1].split("</section>", 1)[0]

    assert press(hoa, page, f"/scripts/{script_id}/approve") == 302

    with studio.database.reading() as session:
        reading = session.scalars(select(LocalReading)).one()
        assert local_readings.is_genuine(reading)
        assert reading.approval
        assert reading.approval.account_id == hoa.account_id
    assert "Đã duyệt" in hoa.client.get(f"/scripts/{script_id}").text.split('id="loi-doc-rieng"', 1)[1]


def test_an_approval_of_a_page_that_is_out_of_date_is_refused(studio: Studio, script_id: int, seat: Seat) -> None:
    hoa = seat("approver")
    page = hoa.client.get(f"/scripts/{script_id}").text
    with studio.database.transaction() as session:
        station = session.scalars(select(Station)).one()
        scope = Scope(STATION, station.id)
        lexicon.save_entry(session, scope, written="NNTH", spoken="nông học", author_id=None, now=studio.now())
    work(studio)

    assert press(hoa, page, f"/scripts/{script_id}/approve") == 409
    page = hoa.client.get(f"/scripts/{script_id}").text
    assert f"{SOUTH}: 1 câu đọc khác" in page
    assert press(hoa, page, f"/scripts/{script_id}/approve") == 302


def approved_then_decided(studio: Studio, script_id: int, hoa: Person, author_id: int | None = None) -> None:
    """The script is approved; then its station has a word said in its own way."""
    press(hoa, hoa.client.get(f"/scripts/{script_id}").text, f"/scripts/{script_id}/approve")
    with studio.database.transaction() as session:
        station = session.scalars(select(Station)).one()
        scope = Scope(STATION, station.id)
        lexicon.save_entry(session, scope, written="NNTH", spoken="nông học", author_id=author_id, now=studio.now())
    work(studio)


def test_what_comes_later_is_on_the_approver_s_list_and_leaves_it(studio: Studio, script_id: int, seat: Seat) -> None:
    hoa = seat("approver")
    assert "Lời đọc riêng của đài" not in hoa.client.get("/").text
    approved_then_decided(studio, script_id, hoa)

    assert 'href="/local-readings"' in hoa.client.get("/").text
    page = hoa.client.get("/local-readings").text
    assert "Vườn bưởi" in page
    assert SOUTH in page
    assert press(hoa, page, "/local-readings") == 302
    assert "Không có lời đọc riêng nào chờ duyệt" in hoa.client.get("/local-readings").text
    assert press(hoa, page, "/local-readings") == 409, "it is approved once"


def test_who_decided_about_the_word_finds_no_button(studio: Studio, script_id: int, seat: Seat) -> None:
    hoa, son = seat("approver"), seat("approver", "editor")
    approved_then_decided(studio, script_id, hoa, author_id=son.account_id)

    assert "cần người khác duyệt" in son.client.get("/local-readings").text
    assert "Duyệt lời này" not in son.client.get("/local-readings").text
    with studio.database.reading() as session:
        (waits,) = local_readings.waiting(session)
    assert son.client.post("/local-readings", data={"reading": waits.id}).status_code == 403
    assert hoa.client.post("/local-readings", data={"reading": waits.id}).status_code == 302


def test_a_reading_can_be_heard_before_it_is_approved(studio: Studio, script_id: int, seat: Seat) -> None:
    hoa = seat("approver")
    with studio.database.reading() as session:
        number = session.scalars(select(LocalReading.id)).one()
    assert hoa.client.get(f"/local-readings/{number}/sound.mp3").status_code == 404
    hoa.client.post(f"/local-readings/{number}/record")
    with studio.database.reading() as session:
        wanted = session.scalars(select(Rendition.id)).all()
    for rendition_id in wanted:
        renditions.render(studio, rendition_id)

    answer = hoa.client.get(f"/local-readings/{number}/sound.mp3")
    assert answer.mimetype == "audio/mpeg"
    assert answer.data.startswith(b"ID3")
    assert "Nghe bản thu" in hoa.client.get(f"/scripts/{script_id}").text


def test_a_station_that_changes_its_region_tells_how_many_scripts_are_read_anew(
    studio: Studio, script_id: int, seat: Seat
) -> None:
    admin = seat("admin")
    with studio.database.reading() as session:
        station = session.scalars(select(Station)).one()
    form = {
        "name": station.name,
        "letters": "Bn",
        "quiet_from": "21:00",
        "quiet_until": "05:00",
        "active": "yes",
    }
    assert "bài được đọc lại" not in save(admin, station.id, form | {"region": "nam"})
    assert "1 bài được đọc lại" in save(admin, station.id, form | {"region": "bac"})
    with studio.database.reading() as session:
        assert session.scalars(select(Job.subject).where(Job.kind == "reread", Job.state == "queued")).all() == ["1"]
        assert session.get_one(Script, script_id).status == "submitted"


def save(person: Person, station_id: int, form: dict[str, str]) -> str:
    return person.client.post(f"/stations/{station_id}", data=form, follow_redirects=True).text
