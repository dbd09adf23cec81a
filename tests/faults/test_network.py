"""The network gone bad under the voice that needs it, from the job that asks to the sentence on the rundown."""

import os
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcast_service.speech import google
from broadcast_service.speech.breaker import Breaker
from broadcast_service.speech.faults import Fault
from broadcast_service.speech.google import GttsVoice
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.faults.aftermath import assert_nothing_is_damaged, counts, planned, rendition_of, rundown, speaking, work
from tests.speech.google_server import FarEnd
from tests.speech.test_google import make_certificate

pytestmark = pytest.mark.faults

SPOKEN = "Kính thưa bà con.\n\nÔng Minh hiến đất.\nXe cứu thương nay vào tận nhà."


def by_google(studio: Studio, endpoint: str) -> Studio:
    """The installation with the voice from that far end; it rests by the clock of the installation."""
    breaker = Breaker(clock=lambda: studio.now().timestamp())
    return speaking(studio, GttsVoice(endpoint=endpoint, breaker=breaker, gap_s=0))


@pytest.fixture
def far_end() -> Iterator[FarEnd]:
    far_end = FarEnd()
    yield far_end
    far_end.close()


@pytest.fixture
def black_hole() -> Iterator[str]:
    """An address that takes no connection and refuses none: its queue is full and nobody looks at it."""
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        yield f"http://127.0.0.1:{full.getsockname()[1]}/"
        for one in waiting:
            one.close()


def test_a_black_hole_holds_no_worker_and_the_rundown_says_how_long_it_waits(
    studio: Studio, clock: StoppedClock, black_hole: str, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google, "TIMEOUT_S", (0.3, 0.3))
    sunk = by_google(studio, black_hole)
    broadcast = planned(sunk, SPOKEN)
    began = time.monotonic()
    for _ in range(6):
        work(sunk)
        clock.forward(seconds=61)
    assert time.monotonic() - began < 5, "three tries of a third of a second, then it is left alone"

    assert rendition_of(sunk, broadcast).state == "wanted"
    page = rundown(sunk, broadcast)
    assert Fault.NO_ANSWER.sentence in page
    assert "Thử lại lúc" in page
    assert counts(sunk)["piece"] == 0
    assert_nothing_is_damaged(sunk)

    clock.forward(minutes=10)
    work(by_google(studio, far_end.url))
    assert rendition_of(sunk, broadcast).state == "ready"
    assert_nothing_is_damaged(sunk)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_somebody_between_us_and_the_far_end_hears_nothing_and_is_named_on_the_rundown(
    studio: Studio, clock: StoppedClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, "IP:127.0.0.1")
    between = FarEnd(certificate=certificate)
    tapped = by_google(studio, between.url)
    broadcast = planned(tapped, SPOKEN)
    for _ in range(5):
        work(tapped)
        clock.forward(minutes=1)
    assert between.asked == [], "not a word was sent"
    assert between.connections <= 1, "and it was not tried again"
    assert rendition_of(tapped, broadcast).state == "wanted"
    assert Fault.INTERCEPTED.sentence in rundown(tapped, broadcast)
    assert counts(tapped)["piece"] == 0
    assert_nothing_is_damaged(tapped)

    monkeypatch.setitem(os.environ, "REQUESTS_CA_BUNDLE", str(certificate[0]))  # the wire is the right one again
    clock.forward(minutes=10)
    work(tapped)
    assert rendition_of(tapped, broadcast).state == "ready"
    between.close()


def test_too_many_requests_for_an_hour_are_an_hour_without_a_request_and_a_sentence_meanwhile(
    studio: Studio, clock: StoppedClock, far_end: FarEnd
) -> None:
    far_end.misbehave = {1: "too_many_for_an_hour"}  # the second sentence
    scolded = by_google(studio, far_end.url)
    broadcast = planned(scolded, SPOKEN)
    for _ in range(12):
        work(scolded)
        clock.forward(minutes=4, seconds=50)
        assert_nothing_is_damaged(scolded)
    assert len(far_end.asked) == 2, "58 minutes of quiet"
    assert counts(scolded)["piece"] == 1, "the paragraph that came whole stays, of the other there is nothing"
    assert Fault.TOO_MANY.sentence in rundown(scolded, broadcast)
    clock.forward(minutes=3)
    work(scolded)
    assert rendition_of(scolded, broadcast).state == "ready"
    assert len(far_end.asked) == 4, "what was had is not asked for again"
    assert_nothing_is_damaged(scolded)


@pytest.mark.parametrize("answer", ["cut", "hotel", "silence", "half_the_sound", "endless", "hang_up"])
def test_an_answer_that_is_no_speech_leaves_no_piece_whatever_came_before_it(
    studio: Studio, clock: StoppedClock, far_end: FarEnd, answer: str
) -> None:
    far_end.misbehave = {2: answer}  # the last sentence of the second paragraph
    listening = by_google(studio, far_end.url)
    broadcast = planned(listening, SPOKEN)
    work(listening)
    assert rendition_of(listening, broadcast).state == "wanted"
    assert counts(listening)["piece"] == 1
    assert_nothing_is_damaged(listening)
    clock.forward(minutes=1)
    work(listening)
    assert rendition_of(listening, broadcast).state == "ready"
    assert counts(listening)["piece"] == 2
    assert_nothing_is_damaged(listening)
