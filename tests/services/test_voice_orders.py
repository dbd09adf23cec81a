"""Whose order of voices counts, and what is never in one."""

import pytest
from sqlalchemy.orm import Session

from broadcast_service.errors import Forbidden, Invalid
from broadcast_service.services import voice_orders
from broadcast_service.services.voice_orders import order_for
from broadcast_service.studio import Studio
from tests.factories import make_script, make_shells, make_station
from tests.services.fickle import FickleVoice, with_voices


@pytest.fixture
def several(studio: Studio) -> Studio:
    """Voices of the house for two regions, and one that is not of the house."""
    return with_voices(
        studio,
        FickleVoice("espeak:giua", region="trung"),
        FickleVoice("espeak:nam", region="nam"),
        FickleVoice("xa", leaves_the_house=True),
    )


def test_without_any_order_people_come_first_then_the_installations_voice_then_the_regions(
    several: Studio, session: Session
) -> None:
    south, script = make_station(session, region="nam"), make_script(session)
    assert order_for(session, several, south, script) == ["human", "tone", "espeak:nam"]
    assert order_for(session, several, None, script) == ["human", "tone", "espeak:giua"]


def test_the_nearest_order_that_is_set_counts(several: Studio, session: Session) -> None:
    station, script = make_station(session), make_script(session)
    voice_orders.set_centre_order(session, several, ["xa", "tone"])
    assert order_for(session, several, station, script) == ["xa", "tone"]
    voice_orders.set_station_order(session, several, station, ["human", "tone"])
    assert order_for(session, several, station, script) == ["human", "tone"]
    assert order_for(session, several, make_station(session), script) == ["xa", "tone"]
    voice_orders.set_script_order(session, several, script, ["espeak:nam"], is_internal=False)
    assert order_for(session, several, station, script) == ["espeak:nam"]
    voice_orders.set_script_order(session, several, script, [], is_internal=False)
    voice_orders.set_station_order(session, several, station, [])
    voice_orders.set_centre_order(session, several, [])
    assert order_for(session, several, station, script)[:2] == ["human", "tone"]


def test_the_text_of_an_internal_script_stays_in_the_house(several: Studio, session: Session) -> None:
    voice_orders.set_centre_order(session, several, ["xa", "tone"])
    script = make_script(session, is_internal=True)
    assert order_for(session, several, None, script) == ["tone"]
    voice_orders.set_centre_order(session, several, ["xa"])
    assert order_for(session, several, None, script) == ["human", "tone", "espeak:giua"]
    with pytest.raises(Forbidden, match="nội bộ"):
        voice_orders.set_script_order(session, several, script, ["xa"], is_internal=True)


def test_an_internal_script_does_not_keep_a_speaker_whose_voice_is_elsewhere(several: Studio, session: Session) -> None:
    script = make_script(session, text="Hỏi: Mấy giờ?", speakers={"Hỏi": "xa"})
    with pytest.raises(Forbidden, match="nội bộ"):
        voice_orders.set_script_order(session, several, script, [], is_internal=True)
    assert not script.is_internal
    voice_orders.set_script_order(session, several, make_script(session, speakers={"Hỏi": "xa"}), [], is_internal=True)


def test_a_shell_always_has_a_voice_of_the_machine(several: Studio, session: Session) -> None:
    voice_orders.set_centre_order(session, several, ["human"])
    shell = make_shells(session)["greeting"]
    assert order_for(session, several, None, shell) == ["human", "tone", "espeak:giua"]
    assert order_for(session, several, None, make_script(session)) == ["human"]


def test_an_order_names_each_voice_once_and_only_voices_there_are(several: Studio, session: Session) -> None:
    voice_orders.set_centre_order(session, several, ["xa", "tone", "xa"])
    assert voice_orders.centre_order(session) == ["xa", "tone"]
    with pytest.raises(Invalid, match="không-có"):
        voice_orders.set_centre_order(session, several, ["không-có"])


def test_a_voice_that_was_taken_away_stays_in_the_order_and_is_shown_as_missing(
    several: Studio, session: Session
) -> None:
    station = make_station(session, voices=["piper:x", "tone"])
    first, second = voice_orders.places(several, order_for(session, several, station, None))
    assert (first.is_missing, second.is_missing) == (True, False)
    assert "không còn trong máy" in first.state.sentence
    voice_orders.set_station_order(session, several, station, ["tone", "piper:x"])
    assert station.voices == ["tone", "piper:x"]


def test_voices_that_speak_together_are_named_as_a_person_lists_them(studio: Studio) -> None:
    assert voice_orders.title_of(studio, "human") == "Người đọc"
    assert voice_orders.title_of(studio, "human+tone") == "Người đọc và Tiếng ngân thử máy"
    assert voice_orders.title_of(studio, "human+tone+human") == "Người đọc, Tiếng ngân thử máy và Người đọc"
    assert voice_orders.title_of(studio, "") == ""
