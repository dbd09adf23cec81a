"""The folder of installed Piper models: a folder each, renamed into its place when it is whole and works."""

import contextlib
import hashlib
import importlib.util
import json
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

from ..domain.timing import PARAGRAPH_PAUSE_MS, SENTENCE_PAUSE_MS, count_syllables
from ..domain.waveform import Waveform
from ..errors import Conflict, EngineError, Invalid, NoSpace, NotFound
from ..failpoints import failpoint
from .piper import CARD, MODEL, InstalledModel, PiperVoice, piper_pool
from .piper_card import read_card

RECORD = "installed.json"
LARGEST_BYTES = 500_000_000
"""A high-quality voice is some 110 MB."""
SAMPLE = """Kính chào bà con và các bạn, đây là đài truyền thanh của phường.
Sáng nay, tại nhà văn hóa, nhân dân đã dự buổi gặp mặt những người tốt, việc tốt.
Xin cảm ơn và hẹn gặp lại bà con vào chiều mai."""
SLOWEST_MS, FASTEST_MS = 900, 90
"""A syllable outside of these is not speech at any pace."""

_STAGED, _GONE = ".adding-", ".removed-"
_LEFT_AFTER_S = 3_600
_LOCALE = re.compile(r"^vi_VN-", re.IGNORECASE)
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")


def installed_models(folder: Path) -> Iterator[tuple[Path, InstalledModel]]:
    """Every model whose record can be read, with its folder, by name. Its files are not looked into."""
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        if not place.name.startswith("."):
            with contextlib.suppress(OSError, ValueError, TypeError):
                yield place, InstalledModel(**json.loads((place / RECORD).read_bytes()))


def name_of(source: Path) -> str:
    """What a model in this file is called after “piper:” where nobody names it."""
    return _LOCALE.sub("", source.stem).lower().replace(" ", "-")


def add_model(
    folder: Path, source: Path, *, name: str = "", speaker: int = 0, region: str = ""
) -> tuple[InstalledModel, Waveform]:
    """Install a copy of the model in `source` (.onnx, with its .onnx.json beside it); what it says as a trial.

    name: as it will be called after “piper:”; by default from the file's name. speaker: of a model with several.
    Nothing of it is seen before it has spoken and is whole on the disk. Raises Invalid when it is no whole, working
    Vietnamese Piper model, Conflict when the name is taken, NoSpace.
    """
    if importlib.util.find_spec("onnxruntime") is None:
        raise Invalid("Máy này không có onnxruntime nên không chạy được mẫu giọng Piper. Hãy dùng giọng có sẵn.")
    card_path = source.with_name(source.name + ".json")
    if source.suffix.lower() != ".onnx" or not (source.is_file() and os.access(source, os.R_OK)):
        raise Invalid(f"“{source}” không phải tệp mẫu giọng .onnx. Hãy kiểm tra lại đường dẫn.")
    if not card_path.is_file():
        raise Invalid(f"Thiếu tệp “{card_path.name}” bên cạnh mẫu giọng. Mẫu Piper gồm hai tệp, hãy chép cả hai.")
    if not 0 < source.stat().st_size <= LARGEST_BYTES:
        raise Invalid(f"Tệp “{source.name}” rỗng hoặc lớn quá {LARGEST_BYTES // 1_000_000} MB. Hãy chép lại mẫu giọng.")
    name = name or name_of(source)
    if not _NAME.fullmatch(name):
        raise Invalid(f"Tên giọng “{name}” chỉ được có chữ thường không dấu, số, chấm, gạch. Hãy đặt tên bằng --name.")
    place = folder / name
    if place.exists():
        raise Conflict(f"Đã có giọng piper:{name}. Hãy gỡ giọng cũ trước, hoặc đặt tên khác bằng --name.")
    card = read_card(card_path.read_bytes())
    if not 0 <= speaker < max(1, card.speakers):
        raise Invalid(f"Mẫu này có {card.speakers} người đọc, đánh số từ 0. Hãy chọn lại --speaker.")

    try:
        folder.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        staged = Path(tempfile.mkdtemp(dir=folder, prefix=_STAGED))
    except OSError as error:
        raise NoSpace(str(folder)) from error
    try:
        model = InstalledModel(
            name=name,
            sha256=_copy(source, staged / MODEL),
            card_sha256=_copy(card_path, staged / CARD),
            size=(staged / MODEL).stat().st_size,
            speaker=speaker,
            region=region,
        )
        failpoint("voice.copied")
        model, sample = _try(staged, model)
        _put(staged / RECORD, json.dumps(asdict(model), indent=1).encode())
        failpoint("voice.before-rename")
        os.replace(staged, place)
        failpoint("voice.renamed")
        _sync(folder)
    except OSError as error:
        if place.exists():
            raise Conflict(f"Giọng piper:{name} vừa được người khác cài.") from error
        raise NoSpace(str(folder)) from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
    return model, sample


def remove_model(folder: Path, name: str) -> None:
    """Take the model away, whole at once. Raises NotFound when there is none of that name."""
    place = folder / name
    if not _NAME.fullmatch(name) or not place.is_dir():
        raise NotFound(f"giọng piper:{name}")
    gone = Path(tempfile.mkdtemp(dir=folder, prefix=_GONE))
    os.replace(place, gone / name)
    failpoint("voice.removed")
    _sync(folder)
    shutil.rmtree(gone, ignore_errors=True)


def _try(staged: Path, model: InstalledModel) -> tuple[InstalledModel, Waveform]:
    """The model with its pace and speed filled in, and what it said."""
    pool = piper_pool()
    voice = PiperVoice(staged, model, pool=pool)
    try:
        voice.speak(SAMPLE.split("\n")[0])  # opens it
        started = time.monotonic()
        sample = voice.speak(SAMPLE)
        took_s = time.monotonic() - started
    except EngineError as error:
        raise Invalid(
            "Mẫu giọng không đọc được thử: tệp hỏng, chép dở, hoặc không phải mẫu Piper. "
            f"Hãy chép lại cả hai tệp từ nơi phát hành rồi cài lại. (Chi tiết: {error})"
        ) from error
    finally:
        pool.close()
    pauses_ms = PARAGRAPH_PAUSE_MS + SAMPLE.count("\n") * SENTENCE_PAUSE_MS
    ms_per_syllable = (sample.length_ms - pauses_ms) / count_syllables(SAMPLE)
    if not FASTEST_MS <= ms_per_syllable <= SLOWEST_MS:
        raise Invalid(
            f"Mẫu giọng đọc mỗi tiếng dài {ms_per_syllable:.0f} mili giây, không phải tiếng nói bình thường. "
            "Hãy chọn mẫu khác."
        )
    return replace(
        model, ms_per_syllable=round(ms_per_syllable, 1), times_real_time=round(sample.length_ms / took_s / 1_000, 1)
    ), sample


def _copy(source: Path, target: Path) -> str:
    """Copy, sync, and return the SHA-256 of what was written."""
    digest = hashlib.sha256()
    with source.open("rb") as file, target.open("xb") as copy:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
    return digest.hexdigest()


def _put(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    if os.name == "nt":
        return  # folders can not be opened there
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sweep(folder: Path) -> None:
    """Take away what was left by an installation that was killed an hour ago or earlier."""
    for place in folder.iterdir():
        if place.name.startswith((_STAGED, _GONE)) and time.time() - place.stat().st_mtime > _LEFT_AFTER_S:
            shutil.rmtree(place, ignore_errors=True)
