"""The hazards of libespeak-ng, each met once."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import espeakng_loader
import numpy as np
import pytest

from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import EngineError
from broadcast_service.reading import read_aloud
from broadcast_service.speech.espeak import RESPELLED, EspeakVoice, respell
from broadcast_service.speech.manner import Manner
from broadcast_service.speech.workers import WorkerPool
from tests.speech.scribe import Scribe

ROOT = Path(__file__).parents[2]
SPOKEN = {"voice": "vi", "rate": 150, "pitch": 50, "volume": 80, "text": "Xin chào."}
posix = pytest.mark.skipif(os.name == "nt", reason="stops and kills by signals")


@pytest.fixture
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(size=1)
    yield pool
    pool.close()


@pytest.fixture
def voice(pool: WorkerPool) -> EspeakVoice:
    return EspeakVoice(pool=pool)


def pid(pool: WorkerPool) -> int:
    with pool.lend() as worker:
        return worker.process.pid


def is_running(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    try:
        return "Z" not in Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


@posix
def test_a_worker_killed_in_mid_sentence_is_an_error_and_the_next_one_speaks(
    voice: EspeakVoice, pool: WorkerPool
) -> None:
    process = pid(pool)
    os.kill(process, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        spoken = threads.submit(voice.speak, "Xin chào bà con.")
        time.sleep(0.1)
        assert not spoken.done()
        os.kill(process, signal.SIGKILL)
        with pytest.raises(EngineError) as caught:
            spoken.result(5)
    assert caught.value.retryable
    assert voice.speak("Xin chào bà con.").length_ms > 1_000
    assert pid(pool) != process


def test_words_it_takes_for_english_are_asked_for_in_vietnamese() -> None:
    scribe = Scribe()
    EspeakVoice(pool=scribe.pool).speak("Gen của cây lúa.\nChiếc ghe veo qua.")
    assert scribe.asked == ["gien của cây lúa.", "Chiếc ghe vèo qua."]


@posix
def test_a_worker_that_was_lent_while_the_pool_was_closed_ends_when_it_comes_back(pool: WorkerPool) -> None:
    with pool.lend() as worker:
        process = worker.process.pid
        pool.close()
        assert is_running(process), "whoever has it may finish"
    assert not is_running(process)
    assert pid(pool) != process


@posix
def test_a_worker_killed_while_idle_is_replaced_unnoticed(voice: EspeakVoice, pool: WorkerPool) -> None:
    process = pid(pool)
    os.kill(process, signal.SIGKILL)
    time.sleep(0.1)
    assert voice.speak("Xin chào bà con.").length_ms > 1_000


@posix
def test_a_worker_that_hangs_is_killed(voice: EspeakVoice, pool: WorkerPool) -> None:
    pool.hang_after_s = 0.3
    process = pid(pool)
    os.kill(process, signal.SIGSTOP)
    with pytest.raises(EngineError) as caught:
        voice.speak("Xin chào bà con.")
    assert caught.value.retryable
    assert not is_running(process)


@posix
def test_workers_end_when_their_parent_is_killed() -> None:
    program = (
        "import sys, time\n"
        "from broadcast_service.speech.workers import WorkerPool\n"
        "pool = WorkerPool(size=1)\n"
        "with pool.lend() as worker: print(worker.process.pid, flush=True)\n"
        "time.sleep(60)"
    )
    parent = subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert parent.stdout
    worker = int(parent.stdout.readline())
    assert is_running(worker)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    for _ in range(100):
        if not is_running(worker):
            break
        time.sleep(0.05)
    assert not is_running(worker)


def test_a_deep_folder_with_blanks_and_vietnamese_letters_does_no_harm(
    voice: EspeakVoice, pool: WorkerPool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deep = tmp_path.joinpath(*["Đài truyền thanh phường Ninh Hòa"] * 6)
    source = Path(espeakng_loader.__file__).parent
    shutil.copytree(source, deep / "espeakng_loader")
    assert len(os.fsencode(deep)) > 200
    monkeypatch.setenv("PYTHONPATH", str(deep))
    assert voice.speak("Xin chào bà con.").length_ms > 1_000
    if sys.platform == "linux":
        assert os.readlink(f"/proc/{pid(pool)}/cwd") == str(deep / "espeakng_loader")


def test_an_engine_that_is_not_there_is_a_clear_error(
    voice: EspeakVoice, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "espeakng_loader"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(EngineError, match="libespeak-ng"):
        voice.speak("Xin chào.")


@pytest.mark.parametrize(
    "text",
    [
        'Xin chào <sub alias="x">y</sub>',
        "<speak><break time='9s'/>Xin chào</speak>",
        "Xin chào [[h@'loU]]",
        "a" * 20_000,
        "1" * 300,
        "Xin chào " + "«" * 500,
        "\U0001d54f\U0001d54f xin chào",
        "مرحبا xin chào 你好",
    ],
)
def test_markup_and_foreign_matter_do_not_crash_the_engine(voice: EspeakVoice, pool: WorkerPool, text: str) -> None:
    process = pid(pool)
    assert voice.speak(text).length_ms > 700
    assert pid(pool) == process


def test_markup_is_never_obeyed(voice: EspeakVoice) -> None:
    assert voice.speak("<break time='9s'/> Xin chào.").length_ms < 9_000


def test_an_unknown_voice_is_refused(pool: WorkerPool) -> None:
    with pool.lend() as worker, pytest.raises(EngineError, match="xx-none"):
        worker.ask(SPOKEN | {"voice": "xx-none"})
    assert pid(pool)


def test_the_output_never_clips(voice: EspeakVoice) -> None:
    from array import array

    loudest = max(map(abs, array("h", voice.speak("Hoan hô! Hoan hô! Tổ quốc ta, nhân dân ta anh hùng!").pcm)))
    assert loudest < 32_767


def test_no_more_workers_are_started_than_the_pool_has_places() -> None:
    pool = WorkerPool(size=2)
    seen: set[int] = set()
    lock = threading.Lock()

    def speak(_: int) -> None:
        with pool.lend() as worker:
            worker.ask(SPOKEN)
            with lock:
                seen.add(worker.process.pid)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(speak, range(24)))
    pool.close()
    assert 1 <= len(seen) <= 2
    assert not any(is_running(process) for process in seen)


def test_opening_the_voices_starts_nothing_and_loads_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from broadcast_service.speech.installed import open_voices\n"
        "voices = open_voices()\n"
        "print(*voices)\n"
        "print(*{'numpy', 'requests', 'gtts', 'soundfile', 'ctypes'} & set(sys.modules))\n"
    )
    run = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    voices, heavy = run.stdout.split("\n")[:2]
    assert voices.split() == ["espeak:vi", "espeak:vi-vn-x-central", "espeak:vi-vn-x-south", "gtts:vi"]
    assert heavy == ""


def test_the_worker_loads_little_so_that_it_is_up_at_once() -> None:
    program = "import sys, broadcast_service.speech.espeak_worker; print(len(sys.modules))"
    run = subprocess.run([sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {program}"],
                         capture_output=True, text=True, check=True)  # fmt: skip
    assert int(run.stdout) < 110


@pytest.mark.parametrize("accent", ["vi", "vi-vn-x-central", "vi-vn-x-south"])
def test_what_was_rendered_before_is_found_again(accent: str) -> None:
    voice = EspeakVoice(accent)
    assert voice.name == f"espeak:{accent}"
    assert voice.settings == (
        f"espeakng-loader={version('espeakng-loader')} rate=150 pitch=50 volume=80 respelled=5 "
        "pause=420 breath=180 tail=700"
    )


def test_speed_and_pitch_are_heard_and_part_of_the_settings(pool: WorkerPool) -> None:
    text = "Kính thưa bà con và các bạn, phong trào thi đua được nhân dân hưởng ứng sôi nổi."
    plain, slow, high = (EspeakVoice(pool=pool).at(manner) for manner in (Manner(), Manner(rate=120), Manner(pitch=90)))
    assert len({plain.settings, slow.settings, high.settings}) == 3
    assert slow.ms_per_syllable == plain.ms_per_syllable * 1.25
    spoken = {voice: voice.speak(text) for voice in (plain, slow, high)}
    assert spoken[slow].length_ms - 700 == pytest.approx((spoken[plain].length_ms - 700) * 1.25, rel=0.06)
    assert hertz(spoken[high]) > 1.15 * hertz(spoken[plain])


def hertz(wave: Waveform) -> float:
    """The pitch that the loudest hundred milliseconds repeat with, by autocorrelation."""
    samples = np.frombuffer(wave.pcm, dtype="<i2").astype(float)
    size = wave.rate_hz // 10
    found = []
    for start in range(0, len(samples) - size, size):
        part = samples[start : start + size]
        if np.abs(part).max() > 5_000:
            again = np.correlate(part, part, "full")[size - 1 :]
            least, most = wave.rate_hz // 400, wave.rate_hz // 60
            found.append(wave.rate_hz / (least + int(again[least:most].argmax())))
    return float(np.median(found))


def test_words_that_would_be_heard_in_english_are_respelled_whole() -> None:
    assert respell("Nước trong veo, Gen quý, hát hay.") == "Nước trong vèo, gien quý, hát hay."
    assert respell("veoo vẻo nhat matxa") == "veoo vẻo nhat matxa"


PHONEMES = """
import ctypes, sys, espeakng_loader
library = ctypes.CDLL(espeakng_loader.get_library_path())
library.espeak_Initialize(2, 0, str(espeakng_loader.get_data_path()).encode(), 0)
library.espeak_SetVoiceByName(b"vi")
library.espeak_TextToPhonemes.restype = ctypes.c_char_p
text = ctypes.c_char_p(sys.stdin.buffer.read())
while text.value is not None:
    print((library.espeak_TextToPhonemes(ctypes.byref(text), 1, 2) or b"").decode())
"""


def phonemes(text: str) -> str:
    """As the library itself reads a text, without what we do for it."""
    done = subprocess.run(
        [sys.executable, "-c", PHONEMES], input=text, check=True, capture_output=True, encoding="utf-8"
    )
    return done.stdout


@pytest.mark.parametrize("region", ["bac", "trung", "nam"])
def test_nothing_spoken_in_the_plan_and_the_library_is_said_in_a_foreign_language(region: str) -> None:
    plan = ROOT / "tests" / "reading" / "plan.vi.txt"
    scripts = sorted((ROOT / "scripts_library").rglob("*.md"))
    texts = [path.read_text("utf-8").rpartition("\n---\n")[2] for path in (plan, *scripts)]
    spoken = "\n".join(read_aloud(text, region=region).spoken for text in texts)
    foreign = [line for line in phonemes(spoken).splitlines() if "(en)" in line]
    assert not foreign


def test_respelled_words_are_said_without_a_foreign_phoneme() -> None:
    assert "(en)" in phonemes("trong veo")
    assert "(en)" not in phonemes(respell(" ".join(["trong", *RESPELLED, "xanh"])))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_memory_stays_flat_over_a_thousand_paragraphs(voice: EspeakVoice, pool: WorkerPool) -> None:
    def resident_mb() -> float:
        with pool.lend() as worker:
            status = Path(f"/proc/{worker.process.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) / 1_000

    accents = [EspeakVoice(accent, pool=pool) for accent in ("vi", "vi-vn-x-central", "vi-vn-x-south")]

    def speak(paragraphs: int) -> None:
        for number in range(paragraphs):
            accents[number % 3].speak("Kính thưa bà con và các bạn, phong trào thi đua được hưởng ứng sôi nổi.")

    speak(50)
    before = resident_mb()
    speak(1_000)
    assert resident_mb() < before + 3
