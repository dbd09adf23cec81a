"""The voice from the network against a far end that answers well, badly or not at all."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from broadcast_service.domain.timing import count_syllables
from broadcast_service.errors import EngineError
from broadcast_service.speech import google
from broadcast_service.speech.google import MAX_CHARS, GttsVoice, pack
from tests.speech.google_server import FarEnd

TEXT = "Xin chào bà con.\nĐây là đài truyền thanh.\nXin cảm ơn."
LONG = (
    "Gia đình ông Minh, ở tổ dân phố số ba, đã hiến hơn hai trăm mét vuông đất để mở rộng con đường liên thôn, "
    "nhờ vậy xe cứu thương và xe chở nông sản có thể vào tận nhà mà bà con không còn phải gánh lúa qua bờ ruộng."
)


@pytest.fixture
def far_end() -> Iterator[FarEnd]:
    far_end = FarEnd()
    yield far_end
    far_end.close()


@pytest.fixture
def voice(far_end: FarEnd) -> GttsVoice:
    return GttsVoice(endpoint=far_end.url)


def test_a_sentence_is_one_request_if_it_is_short_enough(voice: GttsVoice, far_end: FarEnd) -> None:
    voice.speak(TEXT)
    assert far_end.asked == TEXT.split("\n")


def test_a_long_sentence_is_asked_for_in_parts_cut_after_a_comma() -> None:
    parts = pack(LONG)
    assert all(0 < len(part) <= MAX_CHARS for part in parts)
    assert " ".join(parts) == LONG
    assert parts[0].endswith(",")


def test_a_word_longer_than_the_endpoint_takes_is_cut() -> None:
    assert [len(part) for part in pack("a" * 250)] == [100, 100, 50]


def test_no_syllable_is_lost_in_packing(voice: GttsVoice, far_end: FarEnd) -> None:
    voice.speak(LONG)
    assert sum(map(count_syllables, far_end.asked)) == count_syllables(LONG)


@pytest.mark.parametrize(
    "fault",
    ["too_many", "broken", "hotel", "redirect", "empty", "no_sound", "garbled", "not_mp3", "silence", "endless", "cut"],
)
def test_whatever_is_no_speech_is_a_retryable_error(voice: GttsVoice, far_end: FarEnd, fault: str) -> None:
    far_end.misbehave = {None: fault}
    with pytest.raises(EngineError) as caught:
        voice.speak(TEXT)
    assert caught.value.retryable
    assert len(far_end.asked) <= 3


def test_a_paragraph_comes_whole_or_not_at_all(voice: GttsVoice, far_end: FarEnd) -> None:
    far_end.misbehave = {2: "too_many"}
    with pytest.raises(EngineError):
        voice.speak(TEXT)
    far_end.misbehave = {}
    assert voice.speak(TEXT).length_ms > 3_000


def test_one_silent_answer_among_good_ones_is_an_error_too(voice: GttsVoice, far_end: FarEnd) -> None:
    far_end.misbehave = {1: "silence"}
    with pytest.raises(EngineError):
        voice.speak(TEXT)


def test_a_far_end_that_hangs_does_not_hang_the_service(
    voice: GttsVoice, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(google, "TIMEOUT_S", (0.3, 0.3))
    far_end.misbehave = {None: "hang"}
    with pytest.raises(EngineError) as caught:
        voice.speak(TEXT)
    assert caught.value.retryable


def test_the_wait_has_an_end_by_default() -> None:
    assert google.TIMEOUT_S == (3, 10)


def test_without_a_network_the_error_is_retryable() -> None:
    far_end = FarEnd()
    far_end.close()
    with pytest.raises(EngineError) as caught:
        GttsVoice(endpoint=far_end.url).speak(TEXT)
    assert caught.value.retryable


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
def test_a_far_end_nobody_vouches_for_is_not_spoken_to(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1",
         "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    far_end = FarEnd(certificate=(certificate, key))
    with pytest.raises(EngineError, match="certificate"):
        GttsVoice(endpoint=far_end.url).speak(TEXT)
    assert far_end.asked == []
    far_end.close()


def test_the_default_endpoint_is_reached_over_tls() -> None:
    assert google.ENDPOINT.startswith("https://")
