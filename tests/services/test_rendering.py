"""A text is spoken by as many paragraphs at once as there are cores, and by a far end one after another."""

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import EngineError
from broadcast_service.services import renditions
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.tables import Piece, Rendition
from broadcast_service.studio import Studio

TEXTS = [f"Đoạn thứ {number} có bảy tiếng." for number in ("nhất", "hai", "ba", "tư", "năm", "sáu", "bảy", "tám")]


class Choir(ToneVoice):
    """Notes how many speak at once. together: each waits for so many others. hoarse: the paragraph it can not say."""

    name = "choir"

    def __init__(self, *, together: int = 1, hoarse: str = "", leaves_the_house: bool = False) -> None:
        self.meeting = threading.Barrier(together, timeout=10)
        self.hoarse, self.leaves_the_house = hoarse, leaves_the_house
        self.spoken: list[str] = []
        self.most = self._now = 0
        self._lock = threading.Lock()

    def speak(self, paragraph: str) -> Waveform:
        with self._lock:
            self.spoken.append(paragraph)
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            self.meeting.wait()
            time.sleep(0.03)  # long enough for another to begin
            if paragraph == self.hoarse:
                raise EngineError("hoarse", retryable=True)
            return super().speak(paragraph)
        finally:
            with self._lock:
                self._now -= 1


@pytest.fixture
def two_cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    renditions._hands.cache_clear()
    yield
    renditions._hands.cache_clear()


def rendered(studio: Studio, choir: Choir, texts: list[str]) -> Rendition:
    studio = replace(studio, voices={choir.name: choir})
    with studio.database.transaction() as session:
        number = renditions.want_rendition(session, choir, texts, due_at=studio.now(), now=studio.now()).id
    renditions.render(studio, number)
    with studio.database.reading() as session:
        found = session.get_one(Rendition, number)
        keys = [place.piece_key for place in found.pieces]
    assert keys == [renditions.piece_key(choir, text) for text in texts], "in the order of the text"
    return found


def count(studio: Studio) -> int:
    with studio.database.reading() as session:
        return session.scalar(select(func.count(Piece.key))) or 0


@pytest.mark.usefixtures("two_cores")
def test_two_paragraphs_are_spoken_at_once_on_two_cores(studio: Studio) -> None:
    choir = Choir(together=2)
    assert rendered(studio, choir, TEXTS).state == "ready"
    assert choir.most == 2
    assert count(studio) == len(TEXTS)


@pytest.mark.usefixtures("two_cores")
def test_a_far_end_is_asked_for_one_paragraph_after_another(studio: Studio) -> None:
    choir = Choir(leaves_the_house=True)
    rendered(studio, choir, TEXTS)
    assert choir.most == 1
    assert choir.spoken == TEXTS


@pytest.mark.usefixtures("two_cores")
def test_words_that_stand_there_twice_are_spoken_once(studio: Studio) -> None:
    choir = Choir()
    texts = [TEXTS[0], TEXTS[1], TEXTS[0]]
    assert len(rendered(studio, choir, texts).pieces) == 3
    assert sorted(choir.spoken) == sorted(TEXTS[:2])


@pytest.mark.usefixtures("two_cores")
def test_after_a_failure_nothing_new_is_begun_and_what_was_made_stays(studio: Studio) -> None:
    choir = Choir(hoarse=TEXTS[2])
    with pytest.raises(EngineError, match="hoarse"):
        rendered(studio, choir, TEXTS)
    assert len(choir.spoken) < len(TEXTS)
    assert count(studio) >= 2
    made, choir.hoarse = count(studio), ""
    choir.spoken.clear()
    assert rendered(studio, choir, TEXTS).state == "ready"
    assert len(choir.spoken) == len(TEXTS) - made


@pytest.mark.usefixtures("two_cores")
def test_several_texts_in_hand_share_the_cores(studio: Studio) -> None:
    choir = Choir(together=2)
    with ThreadPoolExecutor(3) as workers:
        made = [workers.submit(rendered, studio, choir, [f"{text} {name}" for text in TEXTS]) for name in "xyz"]
        assert {each.result().state for each in made} == {"ready"}
    assert choir.most == 2
