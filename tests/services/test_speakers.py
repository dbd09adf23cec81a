"""Several voices in one script: who speaks is named in the text, and not said."""

import hashlib

import pytest
from sqlalchemy.orm import Session

from broadcast_service.errors import Forbidden, Invalid
from broadcast_service.pool import run_one
from broadcast_service.services import jobs, lexicon, packages, renditions, rundowns, scripts, speakers
from broadcast_service.storage.tables import Broadcast, Rendition, Revision, Script
from broadcast_service.studio import Studio
from tests.days import DAY
from tests.factories import make_account, make_broadcast, make_slot, make_station
from tests.services.fickle import FickleVoice, with_voices

WRITTEN = (
    "Hai chị em nói chuyện bên vườn.\n\nChị Lan: Vườn nhà em mấy gốc?\nAnh Ba: Nhà em 24 gốc.\n\nChị Lan: Nhiều quá."
)
SPOKEN = ["Hai chị em nói chuyện bên vườn.", "Vườn nhà em mấy gốc?", "Nhà em hai mươi tư gốc.", "Nhiều quá."]


def approved_sketch(studio: Studio, voices: dict[str, str]) -> int:
    """The sketch with these voices, approved."""
    with studio.database.transaction() as session:
        lan, hoa = (make_account(session, role).id for role in ("editor", "approver"))
        script = scripts.create_script(
            session,
            studio,
            title="Vườn bưởi",
            written=WRITTEN,
            author_id=lan,
            genre="tieu-pham",
            field="nguoi-tot-viec-tot",
        )
        give(session, studio, script, voices)
        script.status = "submitted"
        scripts.approve(session, studio, script.latest.id, account_id=hoa, now=studio.now())
        return script.id


def give(session: Session, studio: Studio, script: Script, voices: dict[str, str]) -> Revision:
    text = speakers.read(studio, script, voices, lexicon.merged(session, script_id=script.id))
    return speakers.set_speakers(session, studio, script.id, voices, author_id=None, text=text)


@pytest.fixture
def several(studio: Studio) -> Studio:
    return with_voices(studio, FickleVoice("lan"), FickleVoice("ba"), FickleVoice("xa", leaves_the_house=True))


def test_names_in_the_text_are_offered_as_speakers(several: Studio) -> None:
    script_id = approved_sketch(several, {})
    with several.database.reading() as session:
        assert speakers.labels(session.get_one(Script, script_id)) == ["Chị Lan", "Anh Ba"]


def test_without_voices_of_their_own_the_names_are_words_like_any(several: Studio) -> None:
    script_id = approved_sketch(several, {})
    with several.database.reading() as session:
        assert "Chị Lan: Vườn nhà em mấy gốc?" in session.get_one(Script, script_id).latest.spoken


def test_turns_become_paragraphs_each_in_its_voice_and_the_approval_is_of_what_is_said(several: Studio) -> None:
    script_id = approved_sketch(several, {"Chị Lan": "lan", "Anh Ba": "ba"})
    with several.database.reading() as session:
        script = session.get_one(Script, script_id)
        approval = scripts.approval_of(script.latest)
        assert approval is not None
        assert script.latest.spoken.split("\n\n") == SPOKEN
        assert script.latest.spans[1][0][:3] == ["Chị Lan: ", "", "speaker"]
        (rendition,) = session.query(Rendition)
        assert rendition.voices == ["tone", "lan", "ba", "lan"]
    while run_one(several, owner="test", kind=jobs.RENDER):
        pass
    lan, ba = (several.voices[name] for name in ("lan", "ba"))
    assert isinstance(lan, FickleVoice)
    assert isinstance(ba, FickleVoice)
    assert (lan.spoken, ba.spoken) == ([SPOKEN[1], SPOKEN[3]], [SPOKEN[2]])


def test_another_voice_for_a_speaker_needs_no_new_approval(several: Studio) -> None:
    script_id = approved_sketch(several, {"Chị Lan": "lan", "Anh Ba": "ba"})
    with several.database.transaction() as session:
        script = session.get_one(Script, script_id)
        before = script.latest.id
        assert give(session, several, script, {"Chị Lan": "ba", "Anh Ba": "lan"}).id == before
        assert script.status == "approved"


def test_one_speaker_less_is_a_new_revision_that_says_the_name(several: Studio) -> None:
    script_id = approved_sketch(several, {"Chị Lan": "lan", "Anh Ba": "ba"})
    with several.database.transaction() as session:
        script = session.get_one(Script, script_id)
        revision = give(session, several, script, {"Chị Lan": "lan"})
        assert revision.number == 3
        assert script.status == "draft"
        assert "Anh Ba: Nhà em hai mươi tư gốc." in revision.spoken


def test_saving_the_text_again_keeps_the_names_unsaid(several: Studio) -> None:
    script_id = approved_sketch(several, {"Chị Lan": "lan", "Anh Ba": "ba"})
    with several.database.transaction() as session:
        latest = session.get_one(Script, script_id).latest
        written = latest.written.replace("Nhiều quá", "Nhiều thật")
        revision = scripts.revise_script(
            session, several, script_id, title=latest.title, written=written, author_id=None
        )
        assert revision.spoken.split("\n\n") == [*SPOKEN[:3], "Nhiều thật."]


def test_only_names_in_the_text_and_voices_there_are_can_be_chosen(several: Studio) -> None:
    script_id = approved_sketch(several, {})
    with several.database.transaction() as session:
        script = session.get_one(Script, script_id)
        for wrong in ({"Bà Tư": "lan"}, {"Chị Lan": "không-có"}, {"Chị Lan": "human"}):
            with pytest.raises(Invalid):
                speakers.set_speakers(session, several, script.id, wrong, author_id=None, text=None)
        script.is_internal = True
        with pytest.raises(Forbidden, match="nội bộ"):
            speakers.set_speakers(session, several, script.id, {"Chị Lan": "xa"}, author_id=None, text=None)


def test_in_an_internal_script_a_speaker_whose_voice_is_elsewhere_is_heard_in_the_main_voice(several: Studio) -> None:
    script_id = approved_sketch(several, {"Chị Lan": "xa", "Anh Ba": "ba"})
    with several.database.transaction() as session:
        session.get_one(Script, script_id).is_internal = True
        broadcast = make_broadcast(session, slot=make_slot(session, make_station(session)))
        change = rundowns.add_cue(session, several, broadcast.id, script_id=script_id, version=broadcast.version)
        cue = next(cue for cue in change.broadcast.cues if cue.kind == "script")
        assert cue.rendition is not None
        assert cue.rendition.voices == ["tone", "tone", "ba", "tone"]


def test_when_one_of_the_voices_fails_only_its_turns_change(several: Studio) -> None:
    script_id = approved_sketch(several, {"Chị Lan": "lan", "Anh Ba": "ba"})
    ba = several.voices["ba"]
    assert isinstance(ba, FickleVoice)
    ba.tire()
    with several.database.transaction() as session:
        slot = make_slot(session, make_station(session), when_voice_fails="next")
        broadcast = make_broadcast(session, slot=slot)
        version = session.get_one(Broadcast, broadcast.id).version
        change = rundowns.add_cue(session, several, broadcast.id, script_id=script_id, version=version)
        cue = next(cue for cue in change.broadcast.cues if cue.kind == "script")
        assert cue.rendition is not None
        assert (cue.rendition.voices, cue.wanted_voice) == (["tone", "lan", "tone", "lan"], "ba")


def test_what_one_voice_says_keeps_the_key_it_always_had(several: Studio) -> None:
    lan = several.voices["lan"]
    pieces = [
        hashlib.sha256("\0".join((text, "lan", "1", renditions.SOUND_SETTINGS)).encode()).hexdigest() for text in SPOKEN
    ]
    assert [renditions.piece_key(lan, text) for text in SPOKEN] == pieces
    whole = hashlib.sha256("\0".join(pieces).encode()).hexdigest()
    assert renditions.rendition_key(lan, SPOKEN) == renditions.rendition_key([lan] * 4, SPOKEN) == whole


@pytest.mark.slow
def test_two_voices_of_the_machine_from_text_to_package(espeak_studio: Studio) -> None:
    studio = espeak_studio
    script_id = approved_sketch(studio, {"Chị Lan": "espeak:vi-vn-x-south", "Anh Ba": "espeak:vi"})
    with studio.database.transaction() as session:
        station = make_station(session, code="hoa-tri")
        broadcast = make_broadcast(session, slot=make_slot(session, station, length_s=60))
        rundowns.add_cue(session, studio, broadcast.id, script_id=script_id, version=broadcast.version)
    while run_one(studio, owner="test", kind=jobs.RENDER):
        pass
    with studio.database.reading() as session:
        (rendition,) = session.query(Rendition).where(Rendition.state == "ready")
        keys = [place.piece_key for place in rendition.pieces]
        said_by = ["espeak:vi", "espeak:vi-vn-x-south", "espeak:vi", "espeak:vi-vn-x-south"]
        assert keys == [
            renditions.piece_key(studio.voices[name], text) for name, text in zip(said_by, SPOKEN, strict=True)
        ]
    package = packages.make_package(studio, "hoa-tri", DAY)
    assert package is not None
    assert list(package.layout["broadcasts"][0]["items"][0]["voices"]) == ["espeak:vi", "espeak:vi-vn-x-south"]
