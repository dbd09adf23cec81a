"""Who speaks in one script: its order, its speakers, what never leaves the house, and what is heard before."""

import re
from html import unescape
from typing import Any

import pytest

from broadcast_service.services import voice_orders
from broadcast_service.storage.tables import Script
from broadcast_service.studio import Studio
from tests.factories import (
    make_script,
    make_station,
)
from tests.services.fickle import FickleVoice, with_voices
from tests.web.conftest import SignIn


@pytest.fixture
def away() -> FickleVoice:
    return FickleVoice("xa", leaves_the_house=True)


@pytest.fixture
def studio(studio: Studio, away: FickleVoice) -> Studio:
    """With a second voice, which sends the text away."""
    return with_voices(studio, away)


def test_a_script_shows_its_order_and_that_its_text_would_leave_the_house(studio: Studio, sign_in: SignIn) -> None:
    with studio.database.transaction() as session:
        number = make_script(session, status="approved").id
    editor = sign_in("editor")
    editor.post(f"/voices/scripts/{number}/order", data={"do": "add", "add": "xa"})
    page = editor.get(f"/scripts/{number}").text
    assert "Người đọc → Tiếng ngân thử máy → Giọng xa" in page
    assert "Giọng xa: lời đọc được gửi ra ngoài máy này" in page


def test_wherever_a_voice_of_another_house_can_be_chosen_or_heard_the_page_says_that_the_text_leaves(
    studio: Studio, sign_in: SignIn
) -> None:
    with studio.database.transaction() as session:
        number = make_script(session, text="Hỏi: Mấy gốc?", speakers={"Hỏi": "xa"}).id
    admin, editor = sign_in("admin"), sign_in("editor")
    page = editor.get(f"/voices/scripts/{number}").text
    assert page.count("Giọng xa (gửi lời đọc ra ngoài)") == 2, "in the order and for the speaker"
    assert "Giọng xa: lời đọc được gửi ra ngoài máy này để đọc." in page, "the speaker's voice"
    button = page.split("Nghe thử các giọng")[1]
    assert "gửi ra ngoài" in button
    assert "Giọng xa (gửi lời đọc ra ngoài)" in admin.get("/voices").text
    assert "Giọng xa: lời đọc được gửi ra ngoài máy này để đọc." in editor.get(f"/scripts/{number}").text
    with studio.database.transaction() as session:
        station = make_station(session, voices=["xa"]).id
    assert "Giọng xa: lời đọc được gửi ra ngoài máy này để đọc." in admin.get(f"/stations/{station}").text


def test_where_the_installations_own_voice_is_of_another_house_every_trial_says_so(
    studio: Studio, sign_in: SignIn, away: FickleVoice
) -> None:
    said = "lời đọc được gửi ra ngoài máy này để đọc, cả khi nghe thử"
    editor = sign_in("editor")
    assert said not in editor.get("/lexicon").text
    away.leaves_the_house, studio.default_voice.leaves_the_house = False, True  # type: ignore[misc]
    for address in ("/lexicon", "/lexicon/new"):
        assert said in editor.get(address).text


def test_an_internal_script_is_ticked_on_its_form_and_heard_only_in_the_house(studio: Studio, sign_in: SignIn) -> None:
    with studio.database.transaction() as session:
        voice_orders.set_centre_order(session, studio, ["xa", "tone"])
        number = make_script(session, text="Họp nội bộ lúc chín giờ.").id
    editor = sign_in("editor")
    form = {"title": "Họp", "written": "Họp nội bộ lúc chín giờ.", "genre": "tin", "base": 1, "is_internal": "on"}
    assert editor.post(f"/scripts/{number}/revisions", data=form).status_code == 302
    with studio.database.reading() as session:
        assert session.get_one(Script, number).is_internal
    page = editor.get(f"/scripts/{number}").text
    assert "không được gửi ra ngoài" in page
    assert "Giọng xa" not in page
    hear = f"/audition?text=Xin+chào&script={number}"
    assert editor.get(f"{hear}&voice=xa").status_code == 403
    assert editor.get(hear).status_code == 200


@pytest.mark.parametrize(
    ("own", "who"),
    [({"voices": ["xa"]}, "Thứ tự giọng đọc riêng của bài này"), ({"speakers": {"Hỏi": "xa"}}, "Người nói “Hỏi”")],
)
def test_a_script_whose_own_voices_send_it_away_is_not_made_internal_and_its_editor_keeps_the_edit(
    studio: Studio, sign_in: SignIn, own: dict[str, Any], who: str
) -> None:
    with studio.database.transaction() as session:
        number = make_script(session, text="Hỏi: Mấy giờ?", **own).id
    form = {"title": "Họp kín", "written": "Hỏi: Chín giờ à?", "genre": "tin", "base": 1, "is_internal": "on"}
    answer = sign_in("editor").post(f"/scripts/{number}/revisions", data=form)
    assert answer.status_code == 422
    assert f"{who} " in answer.text
    assert "dùng “Giọng xa”" in answer.text
    assert "Chín giờ à?" in answer.text
    assert 'value="Họp kín"' in answer.text
    with studio.database.reading() as session:
        script = session.get_one(Script, number)
        assert (script.is_internal, script.latest.number) == (False, 1)


def test_any_voice_there_is_can_be_heard_and_no_other(sign_in: SignIn, away: FickleVoice) -> None:
    editor = sign_in("editor")
    assert editor.get("/audition?text=Xin+chào+bà+con&voice=xa").mimetype == "audio/mpeg"
    assert away.spoken == ["Xin chào bà con"]
    assert editor.get("/audition?text=Xin+chào&voice=khong-co").status_code == 422


def test_speakers_are_given_voices_on_the_page_of_the_script(studio: Studio, sign_in: SignIn) -> None:
    with studio.database.transaction() as session:
        number = make_script(session, text="Hỏi: Mấy gốc?\n\nĐáp: Mười gốc.\n\nHỏi: Nhiều thật.", genre="phap-luat").id
    editor = sign_in("editor")
    page = editor.get(f"/voices/scripts/{number}").text
    assert "Nhiều giọng trong bài" in page
    assert "voice=tone&amp;text=M%E1%BA%A5y+g%E1%BB%91c?" in page
    form = {"label": ["Hỏi", "Đáp"], "voice": ["tone", ""]}
    page = editor.post(f"/voices/scripts/{number}/speakers", data=form, follow_redirects=True).text
    assert "thành bản 2" in page
    with studio.database.reading() as session:
        script = session.get_one(Script, number)
        assert script.speakers == {"Hỏi": "tone"}
        assert script.latest.spoken == "Mấy gốc?\n\nĐáp: Mười gốc.\n\nNhiều thật."
    assert "Hỏi: Tiếng ngân thử máy" in editor.get(f"/scripts/{number}").text


def test_a_voice_is_tried_with_the_scripts_own_sentences(studio: Studio, sign_in: SignIn) -> None:
    with studio.database.transaction() as session:
        number = make_script(session, text="Nhà có 24 gốc. Ai cũng vui!\n\n***\n\n" + "rất dài " * 40 + ".").id
    page = sign_in("editor").get(f"/voices/scripts/{number}").text
    assert re.search("<textarea[^>]*>Nhà có 24 gốc.</textarea>", page)
    options = re.findall("<option>(.*?)</option>", page)
    assert options[:2] == ["Nhà có 24 gốc.", "Ai cũng vui!"]
    assert len(options) == 3
    assert len(options[2]) <= 200
    hear = re.search('href="([^"]*voice=tone&amp;text=[^"]*)"', page.split("Nghe thử các giọng")[1])
    assert hear
    assert sign_in("editor").get(unescape(hear[1])).mimetype == "audio/mpeg"
