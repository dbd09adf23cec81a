"""Neural voices: what is installed is whole and works, what is not is refused with a sentence."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import unicodedata
from array import array
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from broadcast_service.domain.timing import count_syllables
from broadcast_service.errors import Conflict, Invalid, NoSpace, NotFound
from broadcast_service.speech import piper_models
from broadcast_service.speech.faults import Fault, VoiceError
from broadcast_service.speech.installed import open_voices
from broadcast_service.speech.piper import MAX_CHARS, PiperVoice, piper_pool
from broadcast_service.speech.piper_card import read_card
from broadcast_service.speech.piper_models import RECORD, SAMPLE, add_model, installed_models, remove_model
from broadcast_service.speech.workers import WorkerPool
from tests.speech import piper_model
from tests.speech.piper_model import build, card, write
from tests.speech.scribe import Scribe

ROOT = Path(__file__).parents[2]
SWELLING = build(samples_per_id=20_000_000)
"""It would make some hundred gigabytes of sound."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "dữ liệu" / "voices"


@pytest.fixture
def voice(folder: Path, tmp_path: Path) -> PiperVoice:
    add_model(folder, write(tmp_path))
    ((place, model),) = installed_models(folder)
    return PiperVoice(place, model, pool=WorkerPool("piper_worker", size=1, hang_after_s=30))


def left_over(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_a_model_is_installed_under_its_name_with_its_pace_and_says_a_sample(folder: Path, tmp_path: Path) -> None:
    model, sample = add_model(folder, write(tmp_path, "vi_VN-vais1000-medium"), region="bac")
    assert model.name == "vais1000-medium"
    assert 150 < model.ms_per_syllable < 400
    assert model.times_real_time > 1
    assert sample.rate_hz == piper_model.RATE_HZ
    assert sample.length_ms > 100 * count_syllables(SAMPLE)
    voices = open_voices(folder)
    voice = voices["piper:vais1000-medium"]
    assert voice.region == "bac"
    assert "miền Bắc" in voice.title
    assert voice.ms_per_syllable == model.ms_per_syllable


def test_a_long_sentence_is_asked_for_in_parts_and_words_taken_for_english_in_vietnamese(voice: PiperVoice) -> None:
    scribe = Scribe()
    PiperVoice(Path("nowhere"), voice.model, pool=scribe.pool).speak("Gen của lúa, " * 40 + "tốt.")
    assert len(scribe.asked) > 1
    assert all(len(part) <= MAX_CHARS for part in scribe.asked)
    assert " ".join(scribe.asked) == "gien của lúa, " * 40 + "tốt."


def test_a_running_service_finds_a_model_that_comes_and_one_that_goes(folder: Path, tmp_path: Path) -> None:
    voices = open_voices(folder)
    assert "piper:hum-low" not in voices
    add_model(folder, write(tmp_path))
    assert voices["piper:hum-low"].speak("Xin chào.").length_ms > 700
    assert list(voices)[-1] == "piper:hum-low"
    remove_model(folder, "hum-low")
    assert "piper:hum-low" not in voices
    assert left_over(folder) == []
    for voice in voices.values():
        voice.close()


def test_another_model_under_the_same_name_has_other_settings(folder: Path, tmp_path: Path) -> None:
    voices = open_voices(folder)
    add_model(folder, write(tmp_path))
    first = voices["piper:hum-low"].settings
    remove_model(folder, "hum-low")
    add_model(folder, write(tmp_path, inference={"length_scale": 1.2}))
    assert voices["piper:hum-low"].settings != first


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda content: content[: len(content) // 2], "chép"),
        (lambda content: content[:-1], "chép"),
        (lambda content: b"", "rỗng"),
        (lambda content: content[:200] + bytes(len(content) - 200), "chép"),
        (lambda content: b"PK\x03\x04" + content, "chép"),
        (lambda content: b"<html>404</html>", "chép"),
    ],
    ids=["half", "a byte short", "empty", "zeros", "zip", "page"],
)
def test_a_half_written_model_is_refused_and_nothing_is_left(
    folder: Path, tmp_path: Path, damage: object, words: str
) -> None:
    path = write(tmp_path, content=damage(build(weights=40_000)))  # type: ignore[operator]
    with pytest.raises(Invalid, match=words):
        add_model(folder, path)
    assert left_over(folder) == []


def test_a_model_for_something_else_is_refused(folder: Path, tmp_path: Path) -> None:
    import onnx

    model = onnx.load_from_string(build())
    model.graph.input[2].name = "speed"
    model.graph.node[0].input[0] = "speed"
    with pytest.raises(Invalid, match="không phải mẫu Piper"):
        add_model(folder, write(tmp_path, content=model.SerializeToString()))
    assert left_over(folder) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"language": {"code": "en_US"}}, "en_US"),
        ({"language": {}, "espeak": {"voice": "de"}}, "“de”"),
        ({"audio": {"sample_rate": 4_000}}, "4000 Hz"),
        ({"audio": {}}, "sample_rate"),
        ({"phoneme_type": "pinyin"}, "pinyin"),
        ({"phoneme_id_map": {"a": [1]}}, "thiếu dấu"),
        ({"phoneme_id_map": card()["phoneme_id_map"] | {"a": [256]}}, "0–255"),
        ({"phoneme_id_map": [1, 2]}, "thiếu hoặc sai"),
    ],
)
def test_a_card_that_does_not_fit_is_refused_with_what_is_wrong(
    folder: Path, tmp_path: Path, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(Invalid, match=words):
        add_model(folder, write(tmp_path, **changes))
    assert left_over(folder) == []


def test_a_card_cut_off_or_missing_is_refused(folder: Path, tmp_path: Path) -> None:
    path = write(tmp_path)
    beside = path.with_name(path.name + ".json")
    beside.write_text(beside.read_text("utf-8")[:100], "utf-8")
    with pytest.raises(Invalid, match="chép dở"):
        add_model(folder, path)
    beside.unlink()
    with pytest.raises(Invalid, match="hai tệp"):
        add_model(folder, path)
    with pytest.raises(Invalid, match="đường dẫn"):
        add_model(folder, tmp_path / "không có.onnx")


@pytest.mark.parametrize(
    "content", [build(loudness=0.0), build(samples_per_id=8), build(samples_per_id=5_000), SWELLING]
)
def test_a_model_that_does_not_speak_like_a_person_is_refused(folder: Path, tmp_path: Path, content: bytes) -> None:
    with pytest.raises(Invalid):
        add_model(folder, write(tmp_path, content=content))
    assert left_over(folder) == []


def test_names_are_checked_and_taken_once(folder: Path, tmp_path: Path) -> None:
    path = write(tmp_path)
    add_model(folder, path)
    with pytest.raises(Conflict, match="hum-low"):
        add_model(folder, path)
    for name in ["../evil", "Tên Có Dấu", ".hidden", "a/b"]:
        with pytest.raises(Invalid, match="--name"):
            add_model(folder, path, name=name)
    for name in ["../voices/hum-low", "none", "..", "."]:
        with pytest.raises(NotFound):
            remove_model(folder, name)
    assert left_over(folder) == ["hum-low"]


def test_a_speaker_that_the_model_does_not_have_is_refused(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="--speaker"):
        add_model(folder, write(tmp_path), speaker=1)


def test_a_full_disk_is_said_and_leaves_nothing(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    path = write(tmp_path)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoSpace):
        add_model(folder, path)
    assert left_over(folder) == []


def test_what_a_killed_installation_left_is_not_a_voice_and_is_swept_later(folder: Path, tmp_path: Path) -> None:
    add_model(folder, write(tmp_path))
    half = folder / ".adding-killed"
    shutil.copytree(folder / "hum-low", half)
    assert [model.name for _, model in installed_models(folder)] == ["hum-low"]
    os.utime(half, (time.time() - 7_200,) * 2)
    add_model(folder, tmp_path / "vi_VN-hum-low.onnx", name="second")
    assert sorted(left_over(folder)) == ["hum-low", "second"]


PROGRAM = """
import sys
from pathlib import Path
from broadcast_service.speech.piper_models import add_model, remove_model
add_model(Path(sys.argv[1]), Path(sys.argv[2]))
remove_model(Path(sys.argv[1]), "hum-low")
"""


@pytest.mark.faults
@pytest.mark.parametrize(
    ("point", "there"),
    [("voice.copied", False), ("voice.before-rename", False), ("voice.renamed", True), ("voice.removed", False)],
)
def test_killed_while_it_comes_or_goes_a_model_is_there_whole_or_not_at_all(
    folder: Path, tmp_path: Path, point: str, there: bool
) -> None:
    path = write(tmp_path)
    killed = subprocess.run(
        [sys.executable, "-c", PROGRAM, folder, path], cwd=ROOT, env=os.environ | {"FAILPOINT": point}
    )
    assert killed.returncode == -signal.SIGKILL
    voices = open_voices(folder)
    assert ("piper:hum-low" in voices) is there
    if not there:
        add_model(folder, path)
    assert voices["piper:hum-low"].speak("Xin chào bà con.").length_ms > 1_000
    for voice in voices.values():
        voice.close()


def test_a_damaged_record_hides_the_voice_and_nothing_else(folder: Path, tmp_path: Path) -> None:
    add_model(folder, write(tmp_path))
    add_model(folder, tmp_path / "vi_VN-hum-low.onnx", name="second")
    (folder / "second" / RECORD).write_text('{"name": ')
    assert [model.name for _, model in installed_models(folder)] == ["hum-low"]


def test_a_model_damaged_after_it_was_installed_is_found_out(voice: PiperVoice, folder: Path) -> None:
    path = folder / "hum-low" / "voice.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(VoiceError) as caught:
        voice.speak("Xin chào.")
    assert caught.value.fault is Fault.MODEL_DAMAGED
    assert not caught.value.retryable
    path.write_bytes(content[:-1])
    assert not voice.state.is_ready
    assert "voices remove" in voice.state.sentence
    voice.close()


def test_a_worker_killed_in_mid_sentence_is_an_error_and_the_next_one_speaks(voice: PiperVoice) -> None:
    assert voice.speak("Xin chào bà con.").length_ms > 1_000
    with voice._pool.lend() as worker:
        process = worker.process.pid
    os.kill(process, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as threads:
        spoken = threads.submit(voice.speak, "Xin chào bà con.")
        time.sleep(0.1)
        assert not spoken.done()
        os.kill(process, signal.SIGKILL)
        with pytest.raises(VoiceError) as caught:
            spoken.result(5)
    assert caught.value.fault is Fault.DIED
    assert voice.speak("Xin chào bà con.").length_ms > 1_000
    voice.close()


def test_workers_hold_two_models_and_say_the_right_one(folder: Path, tmp_path: Path) -> None:
    pool = WorkerPool("piper_worker", size=1, hang_after_s=30)
    voices = []
    for number, slowness in enumerate([0.8, 1.0, 1.3]):
        path = write(tmp_path, inference={"length_scale": slowness})
        add_model(folder, path, name=f"hum-{number}")
    voices = [PiperVoice(place, model, pool=pool) for place, model in installed_models(folder)]
    for _ in range(2):
        fast, middle, slow = (voice.speak("Xin chào bà con nhân dân.").length_ms - 700 for voice in voices)
        assert fast / middle == pytest.approx(0.8, abs=0.03)
        assert slow / middle == pytest.approx(1.3, abs=0.03)
    pool.close()


def test_a_deep_folder_with_blanks_and_vietnamese_letters_does_no_harm(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["Đài truyền thanh phường Ninh Hòa"] * 6)
    assert len(os.fsencode(deep)) > 200
    assert add_model(deep, write(tmp_path))[1].length_ms > 3_000


def test_levels_of_sentences_are_left_as_the_model_made_them(folder: Path, tmp_path: Path) -> None:
    add_model(folder, write(tmp_path, content=build(loudness=0.2)))
    ((place, model),) = installed_models(folder)
    voice = PiperVoice(place, model, pool=piper_pool())
    loudest = max(array("h", voice.speak("Xin chào.").pcm))
    assert loudest == pytest.approx(0.2 * 32_767, rel=0.02)
    voice.close()


SPELL = """
import json, sys
from broadcast_service.speech.espeak_worker import Espeak
from broadcast_service.speech.piper_card import read_card
from broadcast_service.speech.piper_worker import spell
card, texts = json.load(sys.stdin)
espeak = Espeak()
print(json.dumps([spell(read_card(json.dumps(card).encode()), espeak, text) for text in texts]))
"""
"""In a process of its own, as always: the library may be opened once only, and can take its process along."""


def test_sentences_are_spelled_as_piper_spells_them() -> None:
    expected = {
        "Ai cũng làm được.": "ˈaːj kˈu5ŋ lˈaː2m ɗˌyə6c.",
        "Ông nói không thành tiếng: Tiền bán đôi bò…": "ˈoŋ nˈɔɜj xˌoŋ tˈe-2ɲ t̪ˈiɛɜŋ: t̪ˈiɛ2n bˈaːɜn ɗˈoj bˈɔ2",
        "Học xong, về nhà?": "hˈɔ6k sˈɔŋ, vˈe2 ɲˈaː2?",
    }
    asked = json.dumps([card(), list(expected)])
    done = subprocess.run(
        [sys.executable, "-c", SPELL], input=asked, cwd=ROOT, capture_output=True, check=True, text=True
    )
    assert json.loads(done.stdout) == [unicodedata.normalize("NFD", spelled) for spelled in expected.values()]


def test_phonemes_become_numbers_with_pads_between_and_strange_ones_are_left_out() -> None:
    ids = {"_": [0], "^": [1], "$": [2], "a": [14], "ɓ": [53, 54]}
    assert read_card(json.dumps(card(phoneme_id_map=ids)).encode()).number("aɓ語a") == [
        1, 0, 14, 0, 53, 54, 0, 14, 0, 2,
    ]  # fmt: skip


def test_a_model_added_twice_at_once_is_there_once(folder: Path, tmp_path: Path) -> None:
    path = write(tmp_path)
    outcomes: list[str] = []

    def add() -> None:
        try:
            add_model(folder, path)
            outcomes.append("added")
        except Conflict:
            outcomes.append("taken")

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["added", "taken"]
    assert left_over(folder) == ["hum-low"]


def test_reading_the_record_back_gives_the_same_model(folder: Path, tmp_path: Path) -> None:
    model, _ = add_model(folder, write(tmp_path), region="nam")
    assert [kept for _, kept in installed_models(folder)] == [model]
    assert piper_models.FASTEST_MS < model.ms_per_syllable < piper_models.SLOWEST_MS
