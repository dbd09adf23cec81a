"""Another order of voices empties nothing: what is heard stays until the new sound is there."""

from collections.abc import Sequence

import pytest

from broadcast_service.pool import run_one
from broadcast_service.services import broadcasts, due, jobs, packages, voice_orders
from broadcast_service.services.broadcasts import Followed
from broadcast_service.services.choosing import LEAD
from broadcast_service.services.keeping import LATER
from broadcast_service.speech.voice import READY
from broadcast_service.storage.tables import Broadcast, Package, Rendition, Script, Station
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY
from tests.services.fickle import TIRED
from tests.services.test_failing_voices import Town, make_town


@pytest.fixture
def town(studio: Studio) -> Town:
    """Spoken by the second voice, the only one of the order so far."""
    return spoken(make_town(studio, "wait"))


def spoken(town: Town) -> Town:
    order(town, ["hai"])
    town.plan()
    town.work()
    assert town.heard() == ("hai", "ready")
    return town


def order(town: Town, names: Sequence[str]) -> Followed:
    """As the page of the station does."""
    with town.studio.database.transaction() as session:
        station = session.query(Station).one()
        voice_orders.set_station_order(session, town.studio, station, names)
        return broadcasts.follow(session, town.studio, station_ids=[station.id])


def pack(town: Town) -> None:
    assert packages.make_package(town.studio, "hoa-tri", DAY) is not None


def test_what_is_packed_stays_whole_when_the_order_names_a_resting_voice(town: Town, clock: StoppedClock) -> None:
    due.want_packages(town.studio)
    assert run_one(town.studio, owner="test", kind=jobs.PACKAGE)
    town.first.tire()
    clock.forward(minutes=1)
    assert order(town, ["một", "hai"]) == Followed(packed=1)
    due.choose_voices(town.studio)
    town.work()
    assert due.want_packages(town.studio) == 0, "nothing changed"
    assert (town.heard(), town.cue().wanted_voice) == (("hai", "ready"), "")
    with town.studio.database.reading() as session:
        newest = session.query(Package).one()
        assert newest.broadcast_ids == [town.broadcast]


def test_what_is_not_packed_keeps_its_sound_until_the_new_one_is_there_and_says_so(town: Town) -> None:
    assert order(town, ["một", "hai"]) == Followed(later=1)
    assert (town.heard(), town.cue().wanted_voice, town.cue().voice_reason) == (("hai", "ready"), "một", LATER)
    assert due.choose_voices(town.studio) == 0, "it is not there yet"
    town.work()
    assert due.choose_voices(town.studio) == 1
    assert (town.heard(), town.cue().wanted_voice, town.cue().voice_reason) == (("một", "ready"), "", "")


def test_while_the_new_voice_rests_the_page_tells_why(town: Town, clock: StoppedClock) -> None:
    town.first.tire()
    order(town, ["một"])
    town.work()
    due.choose_voices(town.studio)
    assert (town.heard(), town.cue().wanted_voice, town.cue().voice_reason) == (("hai", "ready"), "một", TIRED)
    town.first.state = READY
    due.choose_voices(town.studio)
    assert town.cue().voice_reason == LATER
    clock.forward(minutes=10)
    town.work()
    due.choose_voices(town.studio)
    assert town.heard() == ("một", "ready")


def test_packed_meanwhile_it_stays_in_the_voice_it_has(town: Town) -> None:
    order(town, ["một"])
    pack(town)
    town.work()
    assert due.choose_voices(town.studio) == 0
    assert town.heard() == ("hai", "ready")


def test_sound_that_is_there_already_is_taken_at_once(town: Town) -> None:
    order(town, ["một"])
    town.work()
    due.choose_voices(town.studio)
    assert order(town, ["hai"]) == Followed(now=1)
    assert town.heard() == ("hai", "ready")


def test_other_words_are_not_kept(town: Town) -> None:
    pack(town)
    with town.studio.database.transaction() as session:
        script = session.get_one(Script, town.script)
        script.latest.spoken = "Bà con trồng lại vườn cam."
        session.flush()
        assert broadcasts.follow(session, town.studio, script_id=script.id) == Followed(now=1)
    assert town.heard() == ("hai", "wanted")


def test_sound_that_was_found_faulty_is_not_kept(town: Town) -> None:
    with town.studio.database.transaction() as session:
        session.query(Rendition).one().is_faulty = True
    assert order(town, ["một"]) == Followed(now=1)


def test_a_voice_that_steps_in_is_heard_only_once_it_has_spoken(studio: Studio, clock: StoppedClock) -> None:
    town = spoken(make_town(studio, "next"))
    with town.studio.database.transaction() as session:
        session.get_one(Broadcast, town.broadcast).starts_at = clock.now + LEAD / 2
    town.first.tire()
    order(town, ["một", "tone"])
    assert (town.heard(), town.cue().wanted_voice, town.cue().voice_reason) == (("hai", "ready"), "một", TIRED)
    town.work()
    due.choose_voices(town.studio)
    assert (town.heard(), town.cue().wanted_voice) == (("tone", "ready"), "một")


def test_where_only_people_may_read_a_machine_is_not_kept_unless_packed(town: Town) -> None:
    pack(town)
    assert order(town, ["human"]) == Followed(packed=1)
    with town.studio.database.transaction() as session:
        session.query(Package).delete()
    assert order(town, ["human"]) == Followed(now=1)
