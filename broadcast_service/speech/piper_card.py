"""The card of a Piper model: the JSON beside the `.onnx` that says how it is to be fed.

Its fields are described in Piper's TRAINING.md and written by its exporter.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from ..errors import Invalid

BOS, EOS, PAD = "^", "$", "_"
_LICENCE = re.compile(r"^\W*licen[cs]e\W*:\s*(\S.*)$", re.IGNORECASE | re.MULTILINE)
PHONEME_TYPES = ("espeak", "text")
"""Of Piper's kinds those that Vietnamese models use: IPA of espeak, or plain letters."""


@dataclass(frozen=True, kw_only=True)
class PiperCard:
    """How one model is fed."""

    rate_hz: int
    phoneme_type: str
    espeak_voice: str
    ids: dict[str, list[int]]
    """Numbers of each phoneme."""
    speakers: int
    noise: float
    length: float
    """More is slower."""
    noise_w: float
    dataset: str = ""
    """What it was trained with, as its maker calls it."""
    licence: str = ""
    """As the card says; Piper's own cards do not."""

    def number(self, phonemes: str) -> list[int]:
        """The model's input: begin, then every phoneme it knows with a pad behind, and end."""
        pad = self.ids[PAD]
        numbers = [*self.ids[BOS], *pad]
        for phoneme in phonemes:
            if phoneme in self.ids:
                numbers += [*self.ids[phoneme], *pad]
        return [*numbers, *self.ids[EOS]]


def read_card(content: bytes) -> PiperCard:
    """The card in this JSON. Raises Invalid with what is wrong with it."""
    try:
        card = json.loads(content)
    except ValueError as error:
        raise Invalid("Tệp .onnx.json không đọc được, có thể do chép dở. Hãy chép lại cả hai tệp.") from error
    try:
        inference = card.get("inference", {})
        espeak_voice = str(card.get("espeak", {}).get("voice", ""))
        language = str(card.get("language", {}).get("code", "")) or espeak_voice
        read = PiperCard(
            rate_hz=int(card["audio"]["sample_rate"]),
            phoneme_type=str(card.get("phoneme_type", "espeak")),
            espeak_voice=espeak_voice or "vi",
            ids={
                str(phoneme): [int(number) for number in numbers] for phoneme, numbers in card["phoneme_id_map"].items()
            },
            speakers=int(card.get("num_speakers", 1)),
            noise=float(inference.get("noise_scale", 0.667)),
            length=float(inference.get("length_scale", 1.0)),
            noise_w=float(inference.get("noise_w", 0.8)),
            dataset=_line(card.get("dataset")),
            licence=_line(card.get("license") or card.get("licence")),
        )
        symbols = int(card.get("num_symbols", 256))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"Tệp .onnx.json thiếu hoặc sai mục {error}. Đây có phải mẫu giọng Piper không?") from error
    if not language.lower().startswith("vi"):
        raise Invalid(f"Mẫu này đọc tiếng “{language}”, không phải tiếng Việt. Hãy chọn mẫu vi_VN.")
    if not 8_000 <= read.rate_hz <= 48_000:
        raise Invalid(f"Mẫu ghi tần số {read.rate_hz} Hz; cần từ 8.000 đến 48.000 Hz.")
    if read.phoneme_type not in PHONEME_TYPES:
        raise Invalid(f"Mẫu dùng kiểu âm vị “{read.phoneme_type}”, chỉ nhận được {' hoặc '.join(PHONEME_TYPES)}.")
    if missing := {BOS, EOS, PAD} - read.ids.keys():
        raise Invalid(f"Bảng âm vị của mẫu thiếu dấu {' '.join(sorted(missing))}. Tệp .onnx.json không dùng được.")
    if any(not 0 <= number < symbols for numbers in read.ids.values() for number in numbers):
        raise Invalid(f"Bảng âm vị của mẫu có số ngoài khoảng 0–{symbols - 1}. Tệp .onnx.json không dùng được.")
    return read


def licence_beside(model: Path) -> str:
    """What a MODEL_CARD beside a model, as Piper's own come with, says of its licence; empty: nothing."""
    try:
        with model.with_name("MODEL_CARD").open("rb") as file:
            text = file.read(20_000).decode("utf-8", "replace")
    except OSError:
        return ""
    found = _LICENCE.search(text)
    return _line(found[1]) if found else ""


def _line(value: object) -> str:
    """A stranger's words, on one line that is not too long."""
    return " ".join("".join(char for char in str(value or "") if char.isprintable() or char.isspace()).split())[:200]
