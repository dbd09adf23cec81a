"""A few words heard before they are kept."""

from urllib.parse import quote

import pytest

from broadcast_service.audio.mastering import decode
from broadcast_service.services import audition, lexicon
from broadcast_service.services.lexicon import AT_CENTRE
from broadcast_service.speech.tone import MS_PER_SYLLABLE
from broadcast_service.studio import Studio
from tests.web.conftest import SignIn


def seconds(mp3: bytes) -> float:
    return len(decode(mp3)) / 44_100


def length_of_syllables(count: int) -> float:
    """In the humming voice, with the silence around them."""
    return (count * MS_PER_SYLLABLE + 750) / 1000


def test_words_are_heard_as_they_stand(sign_in: SignIn) -> None:
    answer = sign_in("editor").get("/audition?text=" + quote("nông nghiệp tuần hoàn"))

    assert answer.status_code == 200
    assert answer.mimetype == "audio/mpeg"
    assert seconds(answer.data) == pytest.approx(length_of_syllables(4), abs=0.06)


def test_written_words_are_read_aloud_first_with_what_the_centre_decided(sign_in: SignIn, studio: Studio) -> None:
    with studio.database.transaction() as session:
        lexicon.save_entry(session, AT_CENTRE, written="NNTH", spoken="nông học", author_id=None, now=studio.now())

    answer = sign_in("planner").get("/audition?written=1&text=" + quote("NNTH 15"))

    assert audition.said(studio, "NNTH 15") == "Nông học mười lăm"
    assert seconds(answer.data) == pytest.approx(length_of_syllables(4), abs=0.06)


def test_a_player_may_ask_for_a_part_of_the_same_bytes(sign_in: SignIn) -> None:
    browser = sign_in("approver")
    whole = browser.get("/audition?text=xin+chào").data

    part = browser.get("/audition?text=xin+chào", headers={"Range": "bytes=100-199"})

    assert part.status_code == 206
    assert part.data == whole[100:200]


@pytest.mark.parametrize("text", ["", " … ", "a" * 201, "chữ " * 1_000])
def test_nothing_and_too_much_are_refused_with_a_sentence(sign_in: SignIn, text: str) -> None:
    answer = sign_in("editor").get("/audition?text=" + quote(text))

    assert answer.status_code == 422
    assert "nghe thử" in answer.text.lower()


def test_a_voice_that_can_not_speak_is_said_in_a_sentence(sign_in: SignIn, studio: Studio) -> None:
    class Hoarse(type(studio.default_voice)):  # type: ignore[misc]
        def speak(self, paragraph: str) -> object:
            from broadcast_service.errors import EngineError

            raise EngineError("no voice today", retryable=True)

    studio.voices["tone"] = Hoarse()  # type: ignore[index]

    answer = sign_in("editor").get("/audition?text=hôm+nay+khản")

    assert answer.status_code == 503
    assert "giọng đọc" in answer.text
    assert "no voice today" not in answer.text


def test_a_voice_that_rests_is_said_with_the_minutes_that_are_left(sign_in: SignIn, studio: Studio) -> None:
    class Tired(type(studio.default_voice)):  # type: ignore[misc]
        def speak(self, paragraph: str) -> object:
            from broadcast_service.errors import EngineError

            raise EngineError("resting", retryable=True, sentence="Giọng này đang nghỉ.", retry_after_s=301)

    studio.voices["tone"] = Tired()  # type: ignore[index]

    assert "Giọng này đang nghỉ. Thử lại sau 6 phút." in sign_in("editor").get("/audition?text=hôm+nay").text


def test_another_speed_is_tried_only_with_a_voice_that_has_one(sign_in: SignIn) -> None:
    editor = sign_in("editor")

    assert editor.get("/audition?text=xin+chào&rate=200").status_code == 422
    assert "không chỉnh được" in editor.get("/audition?text=xin+chào&rate=200").text
    assert "từ 0 đến 99" in editor.get("/audition?text=xin+chào&pitch=200").text


@pytest.mark.slow
def test_the_embedded_voice_is_heard_within_a_second(espeak_studio: Studio) -> None:
    import time

    audition.hear(espeak_studio, "một")
    began = time.monotonic()
    sound = audition.hear(espeak_studio, "Nhờ bộ phận giọng đọc, cả xã nghe rõ. " * 5)
    assert time.monotonic() - began < 1.0
    assert seconds(sound) > 8
