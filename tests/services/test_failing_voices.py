"""What is heard when a voice fails: as the planner chose, and never without a word."""

import json
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from broadcast_service.pool import run_one
from broadcast_service.services import (
    broadcasts,
    choosing,
    cues,
    due,
    jobs,
    packages,
    renditions,
    rundowns,
    voice_orders,
)
from broadcast_service.services.choosing import LEAD
from broadcast_service.speech.breaker import Breaker
from broadcast_service.speech.faults import Fault, VoiceError
from broadcast_service.speech.voice import READY
from broadcast_service.storage.tables import Broadcast, Cue, Rendition, Script
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY
from tests.factories import make_broadcast, make_script, make_slot, make_station
from tests.services.fickle import STUMBLED, TIRED, FickleVoice, with_voices

WORDS = "Bà con trồng lại vườn bưởi.\n\nAi cũng vui mừng."


@dataclass
class Town:
    """A station whose order is: first, then second."""

    studio: Studio
    first: FickleVoice
    second: FickleVoice
    broadcast: int
    script: int

    def cue(self) -> Cue:
        with self.studio.database.reading() as session:
            cue = next(c for c in broadcasts.get_broadcast(session, self.broadcast).cues if c.kind == "script")
            assert cue.rendition is not None
            return cue

    def heard(self) -> tuple[str, str]:
        """(voice of the cue, state of its sound)."""
        rendition = self.cue().rendition
        assert rendition is not None
        return rendition.voice, rendition.state

    def plan(self) -> None:
        with self.studio.database.transaction() as session:
            version = session.get_one(Broadcast, self.broadcast).version
            rundowns.add_cue(session, self.studio, self.broadcast, script_id=self.script, version=version)

    def work(self) -> None:
        while run_one(self.studio, owner="test", kind=jobs.RENDER):
            pass


def make_town(studio: Studio, when: str) -> Town:
    first, second = FickleVoice("một"), FickleVoice("hai")
    studio = with_voices(studio, first, second)
    with studio.database.transaction() as session:
        station = make_station(session, code="hoa-tri", voices=["một", "hai"])
        slot = make_slot(session, station, when_voice_fails=when, length_s=60)
        script = make_script(session, text=WORDS, status="approved")
        return Town(studio, first, second, make_broadcast(session, slot=slot).id, script.id)


@pytest.fixture
def waiting(studio: Studio) -> Town:
    return make_town(studio, "wait")


@pytest.fixture
def replacing(studio: Studio) -> Town:
    return make_town(studio, "next")


def test_the_first_voice_of_the_order_speaks_and_no_other(replacing: Town) -> None:
    replacing.plan()
    replacing.work()
    assert replacing.heard() == ("một", "ready")
    assert (replacing.first.spoken, replacing.second.spoken) == (WORDS.split("\n\n"), [])
    assert replacing.cue().wanted_voice == ""


def test_where_the_planner_said_wait_the_item_waits_however_near_the_broadcast_is(waiting: Town) -> None:
    waiting.first.tire()
    waiting.plan()
    waiting.work()
    assert due.choose_voices(waiting.studio) == 0
    assert waiting.heard() == ("một", "wanted")
    assert waiting.second.spoken == []


def test_a_text_that_failed_for_good_waits_too_and_says_why_and_until_when(waiting: Town, clock: StoppedClock) -> None:
    waiting.first.hoarse = "bưởi"
    waiting.plan()
    waiting.work()
    due.choose_voices(waiting.studio)
    cue = waiting.cue()
    assert cue.rendition is not None
    assert (cue.rendition.state, cue.rendition.error) == ("failed", "Giọng này không đọc được câu ấy.")
    assert renditions.retry_at(cue.rendition, clock.now) == clock.now + renditions.RETRY_AFTER
    waiting.first.hoarse = ""
    due.choose_voices(waiting.studio)
    waiting.work()
    assert waiting.heard() == ("một", "failed"), "it is left alone for a while"
    clock.forward(minutes=30)
    due.choose_voices(waiting.studio)
    waiting.work()
    assert waiting.heard() == ("một", "ready")


def test_between_two_tries_it_says_why_and_when_the_next_is(waiting: Town, clock: StoppedClock) -> None:
    def told() -> tuple[str, datetime | None]:
        with waiting.studio.database.reading() as session:
            one = choosing.tell(session, waiting.studio, session.get_one(Cue, waiting.cue().id), clock.now)
            return one.reason, one.until

    waiting.plan()
    assert told() == ("", None), "it is merely in the queue"
    waiting.first.stumbles = True
    for wait in jobs.BACKOFF:
        waiting.work()
        assert waiting.heard() == ("một", "wanted")
        assert told() == (STUMBLED, clock.now + wait)
        clock.forward(seconds=wait.total_seconds())
    waiting.first.stumbles = False
    waiting.work()
    assert (waiting.heard(), told()) == (("một", "ready"), ("", None))


def test_sound_that_is_wished_for_anew_does_not_tell_of_what_failed_before(waiting: Town) -> None:
    waiting.first.hoarse = "bưởi"
    waiting.plan()
    waiting.work()
    waiting.first.hoarse = ""
    with waiting.studio.database.transaction() as session:
        rendition = session.get_one(Rendition, waiting.cue().rendition_id)
        voice = waiting.studio.voices["một"]
        renditions.want_rendition(
            session, voice, rendition.paragraphs, due_at=waiting.studio.now(), now=waiting.studio.now()
        )
        assert (rendition.state, rendition.error) == ("wanted", "")


def test_the_next_voice_takes_over_shortly_before_the_broadcast_and_says_so(replacing: Town) -> None:
    replacing.plan()
    replacing.first.tire()
    replacing.work()
    assert due.choose_voices(replacing.studio) == 1
    replacing.work()
    cue = replacing.cue()
    assert replacing.heard() == ("hai", "ready")
    assert (cue.wanted_voice, cue.voice_reason) == ("một", TIRED)
    assert due.choose_voices(replacing.studio) == 0, "looking again changes nothing"


def test_long_before_the_broadcast_it_waits(replacing: Town, clock: StoppedClock) -> None:
    with replacing.studio.database.transaction() as session:
        broadcast = session.get_one(Broadcast, replacing.broadcast)
        broadcast.starts_at = clock.now + LEAD + LEAD / 24
    replacing.first.tire()
    replacing.plan()
    due.choose_voices(replacing.studio)
    assert replacing.heard() == ("một", "wanted")
    clock.forward(hours=1)
    assert due.choose_voices(replacing.studio) == 1
    assert replacing.heard()[0] == "hai"


def test_the_reason_that_is_kept_names_no_moment_and_the_page_is_told_when_it_is_over(
    replacing: Town, clock: StoppedClock
) -> None:
    breaker = Breaker(clock=lambda: clock.now.timestamp())
    breaker.failed(VoiceError(Fault.TOO_MANY, "429"))
    replacing.first.state = breaker.state
    replacing.plan()
    cue = replacing.cue()
    assert (cue.wanted_voice, cue.voice_reason) == ("một", Fault.TOO_MANY.sentence)
    clock.forward(minutes=4)
    with replacing.studio.database.reading() as session:
        told = choosing.tell(session, replacing.studio, session.get_one(Cue, cue.id), clock.now)
    assert told.until == clock.now + timedelta(minutes=6)


def test_a_voice_that_is_gone_is_replaced_like_one_that_fails(replacing: Town) -> None:
    replacing.plan()
    left = {name: voice for name, voice in replacing.studio.voices.items() if name != "một"}
    replacing.studio = replace(replacing.studio, voices=left)
    replacing.work()
    due.choose_voices(replacing.studio)
    replacing.work()
    assert replacing.heard() == ("hai", "ready")
    assert "không còn trong máy" in replacing.cue().voice_reason


def test_the_wanted_voice_comes_back_as_soon_as_its_sound_is_there(replacing: Town) -> None:
    replacing.first.tire()
    replacing.plan()
    replacing.work()
    assert replacing.heard() == ("hai", "ready")
    replacing.first.state = READY
    due.choose_voices(replacing.studio)
    assert replacing.heard() == ("hai", "ready"), "until then the other one stays: the item keeps its sound"
    replacing.work()
    assert due.choose_voices(replacing.studio) == 1
    assert replacing.heard() == ("một", "ready")
    assert (replacing.cue().wanted_voice, replacing.cue().voice_reason) == ("", "")


def test_in_a_packed_broadcast_the_voice_stays(replacing: Town) -> None:
    replacing.first.tire()
    replacing.plan()
    replacing.work()
    assert packages.make_package(replacing.studio, "hoa-tri", DAY) is not None
    replacing.first.state = READY
    for _ in range(2):
        assert due.choose_voices(replacing.studio) == 0
        replacing.work()
    assert replacing.heard() == ("hai", "ready")


def test_manifest_and_run_sheet_name_the_voice_of_each_item_and_in_whose_stead_it_speaks(replacing: Town) -> None:
    replacing.first.tire()
    replacing.plan()
    replacing.work()
    package = packages.make_package(replacing.studio, "hoa-tri", DAY)
    assert package is not None

    def text_of(name: str) -> str:
        read = replacing.studio.blobs.read_checked
        return b"".join(packages.file_splice(package, name, replacing.studio).read(read)).decode()

    (item,) = json.loads(text_of("manifest.json"))["broadcasts"][0]["items"]
    assert (item["voices"], item["instead_of"], item["voice_reason"]) == (["hai"], "một", TIRED)
    assert f"Đọc bằng Giọng hai thay cho Giọng một: {TIRED}" in text_of("LICH_PHAT.html")


def test_another_order_takes_effect_on_rundowns_ahead(replacing: Town) -> None:
    replacing.plan()
    with replacing.studio.database.transaction() as session:
        script = session.get_one(Script, replacing.script)
        voice_orders.set_script_order(session, replacing.studio, script, ["hai"], is_internal=False)
        broadcasts.follow(session, replacing.studio, script_id=script.id)
    assert replacing.heard()[0] == "hai"
    assert replacing.cue().wanted_voice == "", "it is the wanted voice now"


def test_a_text_only_people_may_read_waits_without_a_wish(replacing: Town) -> None:
    with replacing.studio.database.transaction() as session:
        script = session.get_one(Script, replacing.script)
        voice_orders.set_script_order(session, replacing.studio, script, ["human"], is_internal=False)
    replacing.plan()
    with replacing.studio.database.reading() as session:
        broadcast = broadcasts.get_broadcast(session, replacing.broadcast)
        cue = next(c for c in broadcast.cues if c.kind == "script")
        assert cue.rendition is None
        assert cues.length_ms(cue) == session.get_one(Script, replacing.script).latest.estimated_ms
        state = broadcasts.states(session, [broadcast], replacing.studio.now())[broadcast.id]
        assert state.length_ms == cues.length_ms(cue)
        assert session.query(Rendition).count() == 0


def test_a_wish_that_would_send_a_text_away_is_taken_back_when_the_script_becomes_internal(replacing: Town) -> None:
    replacing.first.leaves_the_house = True
    replacing.plan()
    assert replacing.heard() == ("một", "wanted")
    with replacing.studio.database.transaction() as session:
        script = session.get_one(Script, replacing.script)
        voice_orders.keep_in_house(session, replacing.studio, script, True)
    replacing.work()
    assert replacing.first.spoken == [], "not a word has left"
    assert replacing.heard() == ("hai", "ready")
    assert replacing.cue().wanted_voice == "", "for an internal script that is the first voice there is"
