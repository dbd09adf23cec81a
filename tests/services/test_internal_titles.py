"""The title of an internal script stays in the house with its text, though shells say it."""

import pytest

from broadcast_service.pool import run_one
from broadcast_service.services import broadcasts, jobs, rundowns, voice_orders
from broadcast_service.storage.tables import Broadcast, Script
from broadcast_service.studio import Studio
from tests.factories import make_broadcast, make_script, make_shells, make_slot, make_station, write_on
from tests.services.fickle import FickleVoice, with_voices

TITLE = "Gặp mặt 15 tân binh xã Hòa Trí"
NAMED = "tân binh"


@pytest.fixture
def away() -> FickleVoice:
    return FickleVoice("xa", leaves_the_house=True)


@pytest.fixture
def studio(studio: Studio, away: FickleVoice) -> Studio:
    """A station that is spoken to by a voice of another house, with a shell of each kind."""
    studio = with_voices(studio, away)
    with studio.database.transaction() as session:
        make_shells(session)
        make_broadcast(session, slot=make_slot(session, make_station(session, voices=["xa", "tone"])))
    return studio


def plan(studio: Studio, *, is_internal: bool) -> int:
    with studio.database.transaction() as session:
        broadcast = session.query(Broadcast).one()
        script = make_script(session, title=TITLE, text="Đoạn mật.", status="approved", is_internal=is_internal)
        rundowns.add_cue(session, studio, broadcast.id, script_id=script.id, version=broadcast.version)
        return script.id


def work(studio: Studio) -> None:
    while run_one(studio, owner="test", kind=jobs.RENDER):
        pass


def heard(studio: Studio) -> dict[str, str]:
    """The voice of each shell and of the script, by what they are."""
    with studio.database.reading() as session:
        cues = broadcasts.get_broadcast(session, session.query(Broadcast).one().id).cues
        return {
            cue.script.shell or "script": cue.rendition.voice
            for cue in cues
            if cue.script is not None and cue.rendition is not None and cue.rendition.state == "ready"
        }


def test_a_shell_that_names_an_internal_script_is_said_by_a_voice_of_the_house(
    studio: Studio, away: FickleVoice
) -> None:
    plan(studio, is_internal=True)
    work(studio)
    assert heard(studio) == {
        "call": "xa",
        "greeting": "xa",
        "contents": "tone",
        "handover": "tone",
        "script": "tone",
        "farewell": "xa",
    }
    assert away.spoken
    assert not any(NAMED in said for said in away.spoken)


def test_also_after_the_rundown_was_looked_at_again(studio: Studio, away: FickleVoice) -> None:
    script_id = plan(studio, is_internal=True)
    with studio.database.transaction() as session:
        broadcasts.follow(session, studio, script_id=script_id)
    work(studio)
    assert (heard(studio)["contents"], heard(studio)["handover"]) == ("tone", "tone")
    assert not any(NAMED in said for said in away.spoken)


def test_wishes_that_name_a_script_are_taken_back_when_it_becomes_internal(studio: Studio, away: FickleVoice) -> None:
    script_id = plan(studio, is_internal=False)
    write_on(studio, script_id)
    with studio.database.transaction() as session:
        script = session.get_one(Script, script_id)
        voice_orders.keep_in_house(session, studio, script, True)
    work(studio)
    assert not any(NAMED in said or "mật" in said for said in away.spoken)
    assert heard(studio)["contents"] == heard(studio)["handover"] == heard(studio)["script"] == "tone"
    assert heard(studio)["call"] == heard(studio)["farewell"] == "xa"


def test_also_where_the_script_has_left_the_rundown_meanwhile(studio: Studio, away: FickleVoice) -> None:
    script_id = plan(studio, is_internal=False)
    with studio.database.transaction() as session:
        broadcast = session.query(Broadcast).one()
        cue = next(cue for cue in broadcast.cues if cue.script_id == script_id)
        rundowns.drop_cue(session, studio, broadcast.id, cue.id, version=broadcast.version)
        voice_orders.keep_in_house(session, studio, session.get_one(Script, script_id), True)
    work(studio)
    assert away.spoken
    assert not any(NAMED in said for said in away.spoken)
