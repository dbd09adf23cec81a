"""Speed and pitch of the embedded voices: chosen once, for all processes, and followed by what is planned."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from broadcast_service.errors import Invalid
from broadcast_service.pool import run_one
from broadcast_service.services import audition, broadcasts, due, jobs, manners, renditions, rundowns
from broadcast_service.services.broadcasts import Followed
from broadcast_service.services.manners import InForce
from broadcast_service.speech.installed import VOICES_FOLDER
from broadcast_service.speech.manner import Manner
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.tables import Rendition
from broadcast_service.studio import Studio, installed_voices
from tests.factories import make_broadcast, make_script, make_slot, make_station

SLOW = Manner(rate=110, pitch=40)


@pytest.fixture
def voiced(studio: Studio) -> Iterator[Studio]:
    """The studio with all voices of an installation whose settings say 160."""
    settings = replace(studio.settings, voice="espeak:vi", voice_rate=160)
    everything = installed_voices(settings)
    yield replace(studio, voices=everything, settings=settings)
    for voice in everything.values():
        voice.close()


def choose(studio: Studio, manner: Manner | None) -> Followed:
    with studio.database.transaction() as session:
        return manners.choose(session, studio, manner)


def test_what_was_chosen_goes_before_the_settings_in_every_process(voiced: Studio) -> None:
    other = installed_voices(voiced.settings)
    assert manners.in_force(voiced.settings) == InForce(Manner(rate=160), is_chosen=False)
    assert "rate=160 pitch=50" in other["espeak:vi"].settings
    choose(voiced, SLOW)
    assert manners.in_force(voiced.settings) == InForce(SLOW, is_chosen=True)
    for voices in (voiced.voices, other, installed_voices(voiced.settings)):
        for name in ("espeak:vi", "espeak:vi-vn-x-central", "espeak:vi-vn-x-south"):
            assert "rate=110 pitch=40" in voices[name].settings
    choose(voiced, None)
    assert "rate=160 pitch=50" in other["espeak:vi"].settings


@pytest.mark.parametrize("content", ["", "{", '{"rate": 9000}', '{"speed": 3}', "[]"])
def test_a_choice_that_can_not_be_read_is_none(voiced: Studio, content: str) -> None:
    choose(voiced, SLOW)
    (voiced.settings.data_dir / VOICES_FOLDER / "espeak.json").write_text(content)
    assert not manners.in_force(voiced.settings).is_chosen
    assert "rate=160" in voiced.voices["espeak:vi"].settings


@pytest.mark.parametrize(
    ("rate", "pitch", "field"),
    [("79", "50", "rate"), ("301", "50", "rate"), ("²", "1", "rate"), ("150", "100", "pitch")],
)
def test_what_espeak_does_not_take_is_refused_at_its_field(rate: str, pitch: str, field: str) -> None:
    with pytest.raises(Invalid, match="từ") as caught:
        manners.typed(rate, pitch, instead=Manner())
    assert caught.value.field == field
    assert manners.typed(" 80 ", "", instead=SLOW) == Manner(80, 40)


def test_another_manner_is_heard_before_it_is_chosen(voiced: Studio) -> None:
    plain, slow = (audition.hear(voiced, "Kính thưa bà con.", manner=manner) for manner in (None, SLOW))
    assert len(slow) > 1.2 * len(plain)
    with pytest.raises(Invalid, match="không chỉnh được"):
        manners.tuned(ToneVoice(), SLOW)


def test_planned_sound_follows_once_it_is_made_in_the_new_manner(voiced: Studio) -> None:
    with voiced.database.transaction() as session:
        broadcast = make_broadcast(session, slot=make_slot(session, make_station(session, region="bac"), length_s=60))
        script = make_script(session, status="approved")
        rundowns.add_cue(session, voiced, broadcast.id, script_id=script.id, version=broadcast.version)
        number = broadcast.id

    def keys() -> tuple[str, str]:
        """(key of what is heard, key it should have)"""
        with voiced.database.reading() as session:
            (cue,) = broadcasts.get_broadcast(session, number).cues
            assert cue.rendition is not None
            spoken = cue.rendition.paragraphs
            return cue.rendition.key, renditions.rendition_key(voiced.voices["espeak:vi"], spoken)

    assert run_one(voiced, owner="test", kind=jobs.RENDER)
    before = keys()[0]
    assert choose(voiced, SLOW) == Followed(later=1)
    assert keys()[0] == before
    assert run_one(voiced, owner="test", kind=jobs.RENDER)
    assert due.choose_voices(voiced) == 1
    assert keys()[0] == keys()[1] != before


def test_a_wish_from_before_is_made_anew_and_never_filled_with_other_sound(voiced: Studio) -> None:
    with voiced.database.transaction() as session:
        broadcast = make_broadcast(session, slot=make_slot(session, make_station(session, region="bac"), length_s=60))
        script = make_script(session, status="approved")
        rundowns.add_cue(session, voiced, broadcast.id, script_id=script.id, version=broadcast.version)
        number = broadcast.id
    meanwhile = replace(voiced, voices=installed_voices(replace(voiced.settings, voice_rate=200)))
    assert run_one(meanwhile, owner="test", kind=jobs.RENDER)
    with voiced.database.reading() as session:
        assert session.query(Rendition).one().error == renditions.OUTDATED
    due.choose_voices(meanwhile)
    assert run_one(meanwhile, owner="test", kind=jobs.RENDER)
    with voiced.database.reading() as session:
        (cue,) = broadcasts.get_broadcast(session, number).cues
        assert cue.rendition is not None
        assert cue.rendition.state == "ready"
