"""Nothing unapproved is heard: what keeps a broadcast out of a package, or takes it out of the next one."""

import json
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, update

from broadcast_service.pool import run_one
from broadcast_service.services import due, jobs, packages, scripts
from broadcast_service.storage.tables import Approval, Cue, Package, Rendition, Revision, Script
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY, Day
from tests.factories import make_account, write_on


def pack(studio: Studio, day: Day) -> Package:
    package = packages.make_package(studio, day.code, DAY)
    assert package is not None
    return package


def text_of(studio: Studio, package: Package, name: str) -> str:
    return b"".join(packages.file_splice(package, name, studio).read(studio.blobs.read_checked)).decode()


def set_status(studio: Studio, script_id: int, status: str) -> None:
    with studio.database.transaction() as session:
        session.execute(update(Script).where(Script.id == script_id).values(status=status))


def edit(studio: Studio, day: Day) -> None:
    write_on(studio, day.script_ids[0])


def drop_approval(studio: Studio, day: Day) -> None:
    with studio.database.transaction() as session:
        revision = session.get_one(Script, day.script_ids[0]).latest
        session.execute(update(Approval).where(Approval.revision_id == revision.id).values(verdict="returned"))


def approve_another_hash(studio: Studio, day: Day) -> None:
    with studio.database.transaction() as session:
        revision = session.get_one(Script, day.script_ids[0]).latest
        session.execute(update(Approval).where(Approval.revision_id == revision.id).values(content_hash="f" * 64))


def change_text_behind_the_back(studio: Studio, day: Day) -> None:
    with studio.database.transaction() as session:
        session.execute(
            update(Revision).where(Revision.script_id == day.script_ids[0]).values(spoken="Lời chưa ai duyệt.")
        )


def speak_other_words(studio: Studio, day: Day) -> None:
    with studio.database.transaction() as session:
        cue = session.scalars(select(Cue).where(Cue.script_id == day.script_ids[0])).one()
        session.execute(
            update(Rendition).where(Rendition.id == cue.rendition_id).values(paragraphs=["Lời chưa ai duyệt."])
        )


def retire(studio: Studio, day: Day) -> None:
    set_status(studio, day.script_ids[0], "retired")


def keep_samples_off(studio: Studio, day: Day) -> None:
    with studio.database.transaction() as session:
        session.execute(update(Script).where(Script.id == day.script_ids[0]).values(is_sample=True))
        scripts.set_samples_on_air(session, False, now=studio.now())


def lose_the_sound(studio: Studio, day: Day) -> None:
    with studio.database.transaction() as session:
        cue = session.scalars(select(Cue).where(Cue.script_id == day.script_ids[0])).one()
        session.get_one(Rendition, cue.rendition_id).state = "wanted"


UNHEARD = [
    edit,
    drop_approval,
    approve_another_hash,
    change_text_behind_the_back,
    speak_other_words,
    retire,
    keep_samples_off,
    lose_the_sound,
]


@pytest.mark.parametrize("spoil", UNHEARD, ids=lambda spoil: spoil.__name__)
def test_nothing_unapproved_or_unspoken_is_ever_packed(
    studio: Studio, day: Day, spoil: Callable[[Studio, Day], None]
) -> None:
    before = pack(studio, day)
    spoil(studio, day)
    after = pack(studio, day)
    assert before.broadcast_ids == day.broadcast_ids
    assert after.broadcast_ids == day.broadcast_ids[1:]
    assert after.number == 2
    told = json.loads(text_of(studio, after, "manifest.json"))
    with studio.database.reading() as session:
        code = session.get_one(Script, day.script_ids[0]).code
    assert code not in {item["script"] for broadcast in told["broadcasts"] for item in broadcast["items"]}


def test_what_has_begun_stays_even_when_its_script_is_edited_afterwards(
    studio: Studio, day: Day, clock: StoppedClock
) -> None:
    pack(studio, day)
    clock.forward(hours=3)
    set_status(studio, day.script_ids[0], "draft")
    assert pack(studio, day).broadcast_ids == day.broadcast_ids


def test_when_nothing_may_be_heard_any_more_there_is_no_current_package(studio: Studio, day: Day) -> None:
    pack(studio, day)
    for script_id in day.script_ids:
        set_status(studio, script_id, "draft")
    assert packages.make_package(studio, day.code, DAY) is None
    assert packages.make_package(studio, day.code, DAY) is None
    with studio.database.reading() as session:
        assert packages.current(session, day.station_id, DAY) is None
        assert session.scalar(select(func.count(Package.id))) == 2


def test_an_edit_after_packing_takes_the_broadcast_out_by_itself(studio: Studio, day: Day, clock: StoppedClock) -> None:
    def tick() -> int:
        clock.forward(minutes=1)
        asked = due.want_packages(studio)
        while run_one(studio, owner="test", kind=jobs.PACKAGE):
            pass
        return asked

    assert (tick(), tick()) == (1, 0)
    clock.forward(minutes=1)
    with studio.database.transaction() as session:
        editor = make_account(session, "editor")
        scripts.revise_script(
            session, studio, day.script_ids[0], title="Vườn bưởi", written="Lời mới.", author_id=editor.id
        )
    assert (tick(), tick()) == (1, 0)
    with studio.database.reading() as session:
        package = packages.current(session, day.station_id, DAY)
        assert package is not None
        assert package.broadcast_ids == day.broadcast_ids[1:]
