"""The voice from the network against a far end that answers well, badly or not at all."""

import contextlib
import os
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import pytest

from broadcast_service.domain.timing import count_syllables
from broadcast_service.speech import google
from broadcast_service.speech.breaker import FAILURES, REST_S, Breaker
from broadcast_service.speech.faults import Fault, VoiceError
from broadcast_service.speech.google import MAX_CHARS, GttsVoice
from broadcast_service.speech.google_answer import retry_after_s
from broadcast_service.speech.sentences import pack
from tests.speech.google_server import FarEnd

TEXT = "Xin chào bà con.\nĐây là đài truyền thanh.\nXin cảm ơn."
LONG = (
    "Gia đình ông Minh, ở tổ dân phố số ba, đã hiến hơn hai trăm mét vuông đất để mở rộng con đường liên thôn, "
    "nhờ vậy xe cứu thương và xe chở nông sản có thể vào tận nhà mà bà con không còn phải gánh lúa qua bờ ruộng."
)


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def far_end() -> Iterator[FarEnd]:
    far_end = FarEnd()
    yield far_end
    far_end.close()


@pytest.fixture
def voice(far_end: FarEnd, clock: Clock) -> Iterator[GttsVoice]:
    voice = GttsVoice(endpoint=far_end.url, breaker=Breaker(clock=clock), gap_s=0)
    yield voice
    voice.close()


def fault_of(speak: Callable[[], object]) -> Fault:
    with pytest.raises(VoiceError) as caught:
        speak()
    assert caught.value.retryable
    assert "Google" in caught.value.sentence or "mạng" in caught.value.sentence
    return caught.value.fault


def test_a_sentence_is_one_request_if_it_is_short_enough(voice: GttsVoice, far_end: FarEnd) -> None:
    voice.speak(TEXT)
    assert far_end.asked == TEXT.split("\n")


def test_a_long_sentence_is_asked_for_in_parts_cut_after_a_comma() -> None:
    parts = pack(LONG, MAX_CHARS)
    assert all(0 < len(part) <= MAX_CHARS for part in parts)
    assert " ".join(parts) == LONG
    assert parts[0].endswith(",")


def test_a_word_longer_than_the_endpoint_takes_is_cut() -> None:
    assert [len(part) for part in pack("a" * 250, MAX_CHARS)] == [100, 100, 50]


def test_no_syllable_is_lost_in_packing(voice: GttsVoice, far_end: FarEnd) -> None:
    voice.speak(LONG)
    assert sum(map(count_syllables, far_end.asked)) == count_syllables(LONG)


def test_all_is_asked_over_one_connection(voice: GttsVoice, far_end: FarEnd) -> None:
    voice.speak(TEXT)
    voice.speak("Kính chào tạm biệt.")
    assert len(far_end.asked) == 4
    assert far_end.connections == 1


def test_requests_come_one_at_a_time_with_a_gap_between(far_end: FarEnd) -> None:
    voice = GttsVoice(endpoint=far_end.url, gap_s=0.1)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(voice.speak, ["Một.", "Hai.", "Ba.", "Bốn."]))
    assert all(later - earlier >= 0.1 for earlier, later in pairwise(far_end.times))
    voice.close()


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("too_many", Fault.TOO_MANY),
        ("forbidden", Fault.FORBIDDEN),
        ("broken", Fault.FAR_END_BROKEN),
        ("hotel", Fault.PORTAL),
        ("redirect", Fault.PORTAL),
        ("sign_in", Fault.PORTAL),
        ("empty", Fault.EMPTY),
        ("no_sound", Fault.EMPTY),
        ("null", Fault.EMPTY),
        ("silence", Fault.EMPTY),
        ("garbled", Fault.GARBLED),
        ("not_mp3", Fault.GARBLED),
        ("endless", Fault.GARBLED),
        ("hang_up", Fault.OFFLINE),
        ("cut", Fault.TRUNCATED),
        ("cut_before_the_proxy", Fault.TRUNCATED),
        ("half_the_sound", Fault.TRUNCATED),
    ],
)
def test_whatever_is_no_speech_is_told_apart(voice: GttsVoice, far_end: FarEnd, answer: str, fault: Fault) -> None:
    far_end.misbehave = {None: answer}
    assert fault_of(lambda: voice.speak(TEXT)) is fault
    assert len(far_end.asked) == 1


def test_nobody_sends_the_text_on_to_another_address(voice: GttsVoice, far_end: FarEnd) -> None:
    far_end.misbehave = {0: "redirect_to_speech"}
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.PORTAL
    assert len(far_end.asked) == 1


@pytest.mark.parametrize("answer", ["hang", "drip", "drip_of_headers"])
def test_a_black_hole_does_not_hold_the_service(
    voice: GttsVoice, far_end: FarEnd, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    monkeypatch.setattr(google, "TIMEOUT_S", (0.3, 0.3))
    monkeypatch.setattr(google, "ANSWER_WITHIN_S", 0.5)
    far_end.misbehave = {0: answer}
    began = time.monotonic()
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.NO_ANSWER
    assert time.monotonic() - began < 1.5
    assert voice.speak(TEXT).length_ms > 3_000, "the next request has a connection of its own"


def test_a_handshake_that_drips_is_cut_off_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google, "ANSWER_WITHIN_S", 0.5)
    with socket.socket() as far_end:
        far_end.bind(("127.0.0.1", 0))
        far_end.listen(1)

        def drip() -> None:
            line, _ = far_end.accept()
            with line, contextlib.suppress(OSError):
                line.sendall(b"\x16\x03\x03\x40\x00")  # a record of TLS that is 16 kB long and does not come
                for _ in range(100):
                    line.sendall(b"\x02")
                    time.sleep(0.05)

        threading.Thread(target=drip, daemon=True).start()
        voice = GttsVoice(endpoint=f"https://127.0.0.1:{far_end.getsockname()[1]}/", gap_s=0)
        began = time.monotonic()
        assert fault_of(lambda: voice.speak(TEXT)) is Fault.NO_ANSWER
        assert time.monotonic() - began < 1.5
        voice.close()


def test_a_network_that_swallows_the_connection_is_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(google, "TIMEOUT_S", (0.3, 0.3))
    with socket.socket() as full:  # nobody accepts: once its queue is full, no connection comes about
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        waiting = []
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(full.getsockname())
            waiting.append(one)
        voice = GttsVoice(endpoint=f"http://127.0.0.1:{full.getsockname()[1]}/", gap_s=0)
        assert fault_of(lambda: voice.speak(TEXT)) is Fault.NO_ANSWER
        for one in waiting:
            one.close()


def test_the_wait_has_an_end_by_default() -> None:
    assert google.TIMEOUT_S == (3, 10)


def test_without_a_network_it_says_so() -> None:
    far_end = FarEnd()
    far_end.close()
    assert fault_of(lambda: GttsVoice(endpoint=far_end.url).speak(TEXT)) is Fault.OFFLINE


def test_a_name_that_can_not_be_found_is_the_network_too() -> None:
    assert fault_of(lambda: GttsVoice(endpoint="https://far-end.invalid/").speak(TEXT)) is Fault.OFFLINE


def test_a_paragraph_comes_whole_or_not_at_all_and_what_was_had_is_not_asked_again(
    voice: GttsVoice, far_end: FarEnd
) -> None:
    far_end.misbehave = {2: "broken"}
    with pytest.raises(VoiceError):
        voice.speak(TEXT)
    assert voice.speak(TEXT).length_ms > 3_000
    assert far_end.asked == [*TEXT.split("\n"), TEXT.split("\n")[2]]


def test_one_silent_answer_among_good_ones_is_an_error_too(voice: GttsVoice, far_end: FarEnd) -> None:
    far_end.misbehave = {1: "silence"}
    with pytest.raises(VoiceError):
        voice.speak(TEXT)


def test_after_some_failures_it_rests_then_tries_once(voice: GttsVoice, far_end: FarEnd, clock: Clock) -> None:
    far_end.misbehave = {None: "broken"}
    for _ in range(FAILURES):
        assert voice.state.is_ready
        assert fault_of(lambda: voice.speak(TEXT)) is Fault.FAR_END_BROKEN
    assert not voice.state.is_ready
    assert voice.state.sentence == Fault.FAR_END_BROKEN.sentence, "the time is told apart: the sentence may be kept"
    assert voice.state.until is not None
    assert voice.state.until.timestamp() == clock() + REST_S
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.RESTING
    assert len(far_end.asked) == FAILURES

    clock.seconds += REST_S + 1
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.FAR_END_BROKEN
    assert len(far_end.asked) == FAILURES + 1
    clock.seconds += REST_S + 1
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.RESTING, "the second rest is longer"

    clock.seconds += REST_S
    far_end.misbehave = {}
    assert voice.speak(TEXT).length_ms > 3_000
    assert voice.state.is_ready
    assert voice.state.until is None


def test_too_many_requests_for_an_hour_are_an_hour_of_quiet(voice: GttsVoice, far_end: FarEnd, clock: Clock) -> None:
    far_end.misbehave = {0: "too_many_for_an_hour"}
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.TOO_MANY
    for _ in range(59):
        clock.seconds += 60
        assert fault_of(lambda: voice.speak(TEXT)) is Fault.RESTING
    assert len(far_end.asked) == 1
    clock.seconds += 61
    assert voice.speak(TEXT).length_ms > 3_000


def test_while_it_rests_it_tells_what_has_failed_and_not_more(voice: GttsVoice, far_end: FarEnd) -> None:
    far_end.misbehave = {0: "too_many"}
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.TOO_MANY
    with pytest.raises(VoiceError) as caught:
        voice.speak(TEXT)
    assert caught.value.sentence == f"Giọng Google đang tạm nghỉ. {Fault.TOO_MANY.sentence}"
    assert caught.value.retry_after_s == REST_S


def test_one_trial_is_made_by_one_process_at_a_time(tmp_path: Path, clock: Clock) -> None:
    ours, theirs = (Breaker(tmp_path / "gtts.json", clock=clock) for _ in range(2))
    ours.failed(VoiceError(Fault.TOO_MANY, "429"))
    assert not theirs.state.is_ready, "what one process has met, the other knows"
    clock.seconds += REST_S + 1
    theirs.admit()
    with pytest.raises(VoiceError):
        ours.admit()
    theirs.succeeded()
    ours.admit()


def test_the_rest_outlives_the_process(tmp_path: Path, clock: Clock, far_end: FarEnd) -> None:
    path = tmp_path / "giọng" / "gtts.json"
    Breaker(path, clock=clock).failed(VoiceError(Fault.TOO_MANY, "429", retry_after_s=3_600))
    voice = GttsVoice(endpoint=far_end.url, breaker=Breaker(path, clock=clock), gap_s=0)
    assert voice.state.until is not None
    assert voice.state.until.timestamp() == clock() + 3_600
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.RESTING
    path.write_text('{"half": ')
    assert voice.speak(TEXT).length_ms > 3_000


def test_a_rest_that_was_written_while_the_clock_was_wrong_is_over(tmp_path: Path, clock: Clock) -> None:
    right = clock.seconds
    clock.seconds += 4 * 365 * 86_400
    breaker = Breaker(tmp_path / "gtts.json", clock=clock)
    breaker.failed(VoiceError(Fault.INTERCEPTED, "certificate not valid yet"))
    clock.seconds += REST_S + 1
    breaker.admit()
    clock.seconds = right
    assert breaker.state.is_ready
    breaker.admit()
    with pytest.raises(VoiceError):
        breaker.admit()


def test_whoever_may_ends_the_rest_for_one_trial(tmp_path: Path, clock: Clock, far_end: FarEnd) -> None:
    voice = GttsVoice(endpoint=far_end.url, breaker=Breaker(tmp_path / "gtts.json", clock=clock), gap_s=0)
    voice.let_try()
    assert not (tmp_path / "gtts.json").exists(), "it did not rest"
    far_end.misbehave = {None: "too_many_for_an_hour"}
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.TOO_MANY
    voice.let_try()
    assert voice.state.is_ready
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.TOO_MANY
    assert fault_of(lambda: voice.speak(TEXT)) is Fault.RESTING, "the trial failed: it rests again"
    voice.let_try()
    far_end.misbehave = {}
    assert voice.speak(TEXT).length_ms > 3_000
    voice.close()


def test_retry_after_is_understood_as_seconds_and_as_a_date() -> None:
    assert retry_after_s("120") == 120
    assert retry_after_s("Fri, 31 Dec 1999 23:59:59 GMT") == 0
    assert retry_after_s("Sat, 01 Jan 2095 00:00:00 GMT") > 1e9  # type: ignore[operator]
    assert retry_after_s("soon") is None
    assert retry_after_s("") is None


def make_certificate(folder: Path, name: str) -> tuple[Path, Path]:
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=test",
         "-addext", f"subjectAltName={name}", "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    return certificate, key


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl to make a certificate")
@pytest.mark.parametrize(
    ("name", "is_trusted", "fault"),
    [
        ("IP:127.0.0.1", True, None),
        ("IP:127.0.0.1", False, Fault.INTERCEPTED),
        ("DNS:other.example", True, Fault.INTERCEPTED),
    ],
)
def test_only_a_far_end_with_the_right_certificate_is_spoken_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_trusted: bool, fault: Fault | None
) -> None:
    certificate = make_certificate(tmp_path, name)
    if is_trusted:
        monkeypatch.setitem(os.environ, "REQUESTS_CA_BUNDLE", str(certificate[0]))
    far_end = FarEnd(certificate=certificate)
    voice = GttsVoice(endpoint=far_end.url, gap_s=0)
    if fault:
        assert fault_of(lambda: voice.speak(TEXT)) is fault
        assert far_end.asked == [], "not a word was sent"
        assert not voice.state.is_ready, "nobody sends it again to the same wire"
    else:
        assert voice.speak(TEXT).length_ms > 3_000
    voice.close()
    far_end.close()


def test_the_default_endpoint_is_reached_over_tls() -> None:
    assert google.ENDPOINT.startswith("https://")


def test_everybody_can_see_that_the_text_leaves_the_house(voice: GttsVoice) -> None:
    assert voice.leaves_the_house
