"""Voices that break, from the job that makes them speak to the sentence on the rundown."""

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from broadcast_service.domain.waveform import Waveform
from broadcast_service.services import jobs, voices
from broadcast_service.speech.espeak import EspeakVoice
from broadcast_service.speech.faults import Fault
from broadcast_service.speech.installed import VOICES_FOLDER
from broadcast_service.speech.piper import PiperVoice
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.speech.workers import WorkerPool
from broadcast_service.studio import Studio, installed_voices
from tests.conftest import StoppedClock
from tests.faults.aftermath import (
    assert_nothing_is_damaged,
    counts,
    planned,
    rendition_of,
    rundown,
    speaking,
    told,
    work,
)
from tests.speech.piper_model import build, write

pytestmark = pytest.mark.faults

GREETING, STORY = "Kính thưa bà con.", "Ông Minh hiến đất mở đường.\nXe cứu thương nay vào tận nhà."


@pytest.fixture(params=["espeak", "piper"])
def engine(request: pytest.FixtureRequest, studio: Studio, tmp_path: Path) -> Iterator[tuple[Studio, WorkerPool]]:
    """An installation whose voice speaks in a single process, and the pool it lives in."""
    if request.param == "espeak":
        pool = WorkerPool(size=1)
        yield speaking(studio, EspeakVoice(pool=pool)), pool
    else:
        installed = voices.add_voice(replace(studio, voices=installed_voices(studio.settings)), write(tmp_path)).voice
        assert isinstance(installed, PiperVoice)
        pool = WorkerPool("piper_worker", size=1, hang_after_s=30)
        place = studio.settings.data_dir / VOICES_FOLDER / installed.model.name
        yield speaking(studio, PiperVoice(place, installed.model, pool=pool)), pool
    pool.close()


def kill_in_mid_sentence(pool: WorkerPool, work: Callable[[], object]) -> None:
    """Do the work while the engine stands still, and kill the engine once it has been asked."""
    with pool.lend() as worker:
        engine = worker.process.pid
    os.kill(engine, signal.SIGSTOP)
    thread = threading.Thread(target=work)
    thread.start()
    time.sleep(0.3)
    assert thread.is_alive(), "it waits for the engine"
    os.kill(engine, signal.SIGKILL)
    thread.join(20)
    assert not thread.is_alive()


@pytest.mark.skipif(os.name == "nt", reason="stops and kills by signals")
def test_an_engine_killed_in_mid_sentence_costs_the_paragraph_it_was_at_and_ten_seconds(
    engine: tuple[Studio, WorkerPool], clock: StoppedClock
) -> None:
    studio, pool = engine
    first = planned(studio, GREETING)
    work(studio)
    broadcast = planned(studio, f"{GREETING}\n\n{STORY}")

    kill_in_mid_sentence(pool, lambda: work(studio))

    assert (rendition_of(studio, first).state, rendition_of(studio, broadcast).state) == ("ready", "wanted")
    assert "died" in told(studio)
    assert counts(studio)["piece"] == 1, "nothing was kept of the sentence"
    assert_nothing_is_damaged(studio)

    clock.forward(seconds=11)
    work(studio)
    assert rendition_of(studio, broadcast).state == "ready"
    assert counts(studio)["piece"] == 2
    assert_nothing_is_damaged(studio)


@pytest.mark.skipif(os.name == "nt", reason="stops and kills by signals")
def test_an_engine_killed_every_time_ends_in_a_sentence_on_the_rundown(
    engine: tuple[Studio, WorkerPool], clock: StoppedClock
) -> None:
    studio, pool = engine
    broadcast = planned(studio, GREETING)
    for _ in range(4):
        kill_in_mid_sentence(pool, lambda: work(studio))
        clock.forward(minutes=6)
    assert rendition_of(studio, broadcast).state == "failed"
    page = rundown(studio, broadcast)
    assert Fault.DIED.sentence in page
    assert "Traceback" not in page
    assert counts(studio)["piece"] == 0
    assert_nothing_is_damaged(studio)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="finds the engines in /proc")
def test_engines_that_fall_one_after_another_damage_nothing_of_a_long_text(studio: Studio, clock: StoppedClock) -> None:
    pool = WorkerPool(size=2)
    studio = speaking(studio, EspeakVoice(pool=pool))
    texts = [f"{STORY}\nĐoạn này có {'ba ' * number}tiếng." for number in range(1, 25)]
    broadcast = planned(studio, "\n\n".join(texts))
    is_over = threading.Event()

    def fell() -> None:
        while not is_over.wait(0.02):
            ours = " ".join(path.read_text() for path in Path("/proc/self/task").glob("*/children"))
            for engine in map(int, ours.split()):
                with suppress(OSError):
                    if "espeak_worker" in Path(f"/proc/{engine}/cmdline").read_text():
                        os.kill(engine, signal.SIGKILL)

    feller = threading.Thread(target=fell)
    feller.start()
    for _ in range(3):
        work(studio)
        assert "died" in told(studio)
        clock.forward(minutes=6)
    is_over.set()
    feller.join()
    assert rendition_of(studio, broadcast).state == "wanted"
    assert_nothing_is_damaged(studio)

    work(studio)
    assert rendition_of(studio, broadcast).state == "ready"
    assert counts(studio)["piece"] == len(texts)
    assert_nothing_is_damaged(studio)
    pool.close()


def half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def turned(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "damage", "sentence"),
    [
        ("voice.onnx", half, Fault.MODEL_DAMAGED.sentence),
        ("voice.onnx", turned, Fault.MODEL_DAMAGED.sentence),
        ("voice.onnx", lambda path: path.write_bytes(b""), Fault.MODEL_DAMAGED.sentence),
        ("voice.onnx", Path.unlink, Fault.MODEL_DAMAGED.sentence),
        ("voice.onnx.json", half, Fault.MODEL_DAMAGED.sentence),
        ("installed.json", half, "không còn trong máy này"),
    ],
    ids=["half", "one bit", "empty", "gone", "half a card", "half a record"],
)
def test_a_model_that_is_not_whole_is_told_on_the_rundown_and_says_nothing(
    studio: Studio, tmp_path: Path, name: str, damage: Callable[[Path], object], sentence: str
) -> None:
    everything = installed_voices(studio.settings)
    piper = voices.add_voice(replace(studio, voices=everything), write(tmp_path, content=build(weights=40_000))).voice
    place = studio.settings.data_dir / VOICES_FOLDER / "hum-low"
    studio = replace(studio, voices=everything, settings=replace(studio.settings, voice=piper.name))
    broadcast = planned(studio, GREETING)
    damage(place / name)
    os.utime(place.parent)  # whoever copies a model into its place touches the folder

    work(studio)

    assert rendition_of(studio, broadcast).state == "failed"
    assert sentence in rundown(studio, broadcast)
    assert counts(studio)["piece"] == 0
    assert_nothing_is_damaged(studio)
    for voice in everything.values():
        voice.close()


def test_a_bug_in_a_voice_is_a_sentence_on_the_rundown_and_a_trace_in_the_log_only(
    studio: Studio, clock: StoppedClock, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(ToneVoice):
        def speak(self, paragraph: str) -> Waveform:
            raise KeyError("thanh điệu")

    studio = speaking(studio, Broken())
    broadcast = planned(studio, GREETING)
    for _ in range(4):
        work(studio)
        clock.forward(minutes=6)
    assert rendition_of(studio, broadcast).state == "failed"
    page = rundown(studio, broadcast)
    assert jobs.CRASHED in page
    assert "KeyError" not in page
    assert "KeyError" in caplog.text
    assert_nothing_is_damaged(studio)
