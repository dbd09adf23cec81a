"""The voices of an installation: listed with their state, installed, refused where the text must not leave."""

import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import Conflict, EngineError, Forbidden, Invalid, NotFound
from broadcast_service.pool import run_one
from broadcast_service.services import jobs, renditions, voices
from broadcast_service.speech.faults import Fault, VoiceError
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.tables import Rendition
from broadcast_service.studio import Studio, installed_voices
from tests.speech.piper_model import write


@pytest.fixture
def voiced(studio: Studio) -> Iterator[Studio]:
    """The studio with all the voices that an installation has."""
    everything = installed_voices(studio.settings)
    yield replace(studio, voices=everything, settings=replace(studio.settings, voice="espeak:vi"))
    for voice in everything.values():
        voice.close()


def test_every_voice_is_listed_with_what_a_person_must_know(voiced: Studio) -> None:
    lines = {line.name: line for line in voices.list_voices(voiced)}
    assert list(lines) == ["espeak:vi", "espeak:vi-vn-x-central", "espeak:vi-vn-x-south", "gtts:vi"]
    assert [line.region for line in lines.values()] == ["bac", "trung", "nam", "bac"]
    assert [name for name, line in lines.items() if line.leaves_the_house] == ["gtts:vi"]
    assert [name for name, line in lines.items() if line.is_default] == ["espeak:vi"]
    assert {line.times_real_time for line in lines.values()} == {None}
    assert lines["espeak:vi-vn-x-south"].title == "Giọng máy miền Nam"


def test_speed_is_measured_for_the_voices_of_this_machine_and_nothing_is_sent_away(voiced: Studio) -> None:
    lines = {line.name: line.times_real_time for line in voices.list_voices(voiced, measure=True)}
    assert lines["gtts:vi"] is None
    assert (lines["espeak:vi"] or 0) > 20


def test_a_model_is_installed_heard_and_removed(voiced: Studio, tmp_path: Path) -> None:
    import soundfile

    (tmp_path / "MODEL_CARD").write_text("# Model card\n* Language: vi_VN\n* License: CC BY 4.0\n")
    added = voices.add_voice(voiced, write(tmp_path, dataset="vais1000"), region="nam")
    assert added.voice.name == "piper:hum-low"
    assert (added.card.dataset, added.licence) == ("vais1000", "CC BY 4.0")
    assert voices.list_voices(voiced)[-1].region == "nam"
    heard = voices.try_voice(voiced, "piper:hum-low", "UBND phường họp lúc 7h30.")
    assert 3 < soundfile.info(io.BytesIO(heard)).duration < 9
    assert len(added.sample) > len(heard)
    voices.remove_voice(voiced, "piper:hum-low")
    with pytest.raises(Invalid, match="espeak:vi"):
        voices.choose_voice(voiced, "piper:hum-low")
    with pytest.raises(NotFound):
        voices.remove_voice(voiced, "piper:hum-low")


def test_a_voice_that_is_needed_is_not_removed(voiced: Studio, tmp_path: Path) -> None:
    voice = voices.add_voice(voiced, write(tmp_path)).voice
    with voiced.database.transaction() as session:
        now = voiced.now()
        renditions.want_rendition(session, voice, ["Xin chào bà con."], due_at=now, now=now)
    with pytest.raises(Conflict, match="1 bản thu"):
        voices.remove_voice(voiced, voice.name)
    as_default = replace(voiced, settings=replace(voiced.settings, voice=voice.name))
    with pytest.raises(Conflict, match="mặc định"):
        voices.remove_voice(as_default, voice.name)
    with pytest.raises(Conflict, match="không gỡ được"):
        voices.remove_voice(voiced, "espeak:vi")


def test_an_internal_text_is_never_spoken_by_somebody_else(voiced: Studio) -> None:
    with pytest.raises(Forbidden, match="nội bộ"):
        voices.require_discreet(voiced.voices["gtts:vi"], internal=True)
    voices.require_discreet(voiced.voices["gtts:vi"], internal=False)
    voices.require_discreet(voiced.voices["espeak:vi"], internal=True)


def test_a_rendition_that_failed_for_good_says_why_to_a_person(studio: Studio) -> None:
    class Mute(ToneVoice):
        def speak(self, paragraph: str) -> Waveform:
            raise VoiceError(Fault.MODEL_DAMAGED, "InvalidProtobuf")

    voice = Mute()
    studio = replace(studio, voices={voice.name: voice})
    with studio.database.transaction() as session:
        wanted = renditions.want_rendition(session, voice, ["Xin chào."], due_at=studio.now(), now=studio.now()).id
    run_one(studio, owner="test", kind=jobs.RENDER)
    with studio.database.reading() as session:
        assert session.get_one(Rendition, wanted).error == Fault.MODEL_DAMAGED.sentence


def test_a_voice_that_fails_has_no_speed() -> None:
    class Mute(ToneVoice):
        def speak(self, paragraph: str) -> Waveform:
            raise VoiceError(Fault.DIED, "gone")

    assert voices.times_real_time(Mute()) is None
    assert (voices.times_real_time(ToneVoice()) or 0) > 1


def test_speed_and_pitch_of_the_embedded_voices_are_settings(studio: Studio) -> None:
    plain = installed_voices(studio.settings)
    slow = installed_voices(replace(studio.settings, voice_rate=120, voice_pitch=30))
    for name in ("espeak:vi", "espeak:vi-vn-x-central", "espeak:vi-vn-x-south"):
        assert "rate=150 pitch=50" in plain[name].settings
        assert "rate=120 pitch=30" in slow[name].settings
        assert slow[name].ms_per_syllable == pytest.approx(plain[name].ms_per_syllable * 1.25)
    assert plain["gtts:vi"].settings == slow["gtts:vi"].settings


def test_every_fault_has_a_sentence_that_says_what_to_do() -> None:
    for fault in Fault:
        error = VoiceError(fault, "detail", most=1, why=Fault.TOO_MANY.sentence)
        assert error.sentence.endswith(".")
        assert "Hãy" in error.sentence or "hãy" in error.sentence
        assert "{" not in error.sentence
    assert "Hãy" in EngineError("anything", retryable=True).sentence
