"""A process that holds Piper models and speaks what it is sent. Started by `workers`; ends with its parent.

A model is a foreign file for a large native library: here it can crash, or swell, alone. Phonemes come from the
libespeak-ng of `espeak_worker`, the very ones Piper was trained with, and the models run in onnxruntime.
"""

import hashlib
import os
import re
import sys
import unicodedata
from collections import OrderedDict
from typing import Any

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

from ..errors import Invalid
from .espeak_worker import Espeak
from .faults import Fault
from .piper_card import PiperCard, read_card
from .worker_side import Said, serve

HELD = 2
"""Models kept open, some 150 MB each; the one not used for longest is closed."""

MOST_BYTES = 3_000_000_000
"""Of addresses, for one process; a model at work takes a good deal less than one billion."""

_NATIVE = [each for each in vars(native).values() if isinstance(each, type) and issubclass(each, Exception)]
_DAMAGED: tuple[type[Exception], ...] = (Invalid, OSError, *_NATIVE)
"""onnxruntime's errors have no common parent."""

_FLAG = re.compile(r"\([^)]+\)")
"""“(en)”: espeak changes its language here. Not a phoneme."""
_MARK_INSIDE = re.compile(r"([,;:.!?])[^\w,;:.!?]*\w?$")
"""The mark that ended a clause; espeak has already taken the first letter of the next one."""
_MARK_AT_END = re.compile(r"([,;:.!?])\W*$")


class Model:
    """One model, opened. Raises Invalid, or one of onnxruntime's errors, when it can not be."""

    def __init__(self, folder: str, sha256: str) -> None:
        path = os.path.join(folder, "voice.onnx")
        with open(path, "rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
                raise Invalid("the model is not the one that was installed")
        with open(f"{path}.json", "rb") as file:
            self.card: PiperCard = read_card(file.read())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # sentences run side by side, in workers
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
        wanted = {"input": "tensor(int64)", "input_lengths": "tensor(int64)", "scales": "tensor(float)"}
        has = {each.name: each.type for each in self._session.get_inputs()}
        self._takes_speaker = has.pop("sid", "") == "tensor(int64)"
        if has != wanted or self._session.get_outputs()[0].type != "tensor(float)":
            raise Invalid(f"inputs {has}, wanted {wanted}")

    def speak(self, phonemes: str, speaker: int) -> bytes:
        """16-bit samples at the card's rate, not normalised: levels are set once, for the whole piece."""
        numbers = self.card.number(phonemes)
        feed = {
            "input": np.array([numbers], dtype=np.int64),
            "input_lengths": np.array([len(numbers)], dtype=np.int64),
            "scales": np.array([self.card.noise, self.card.length, self.card.noise_w], dtype=np.float32),
        }
        if self._takes_speaker:
            feed["sid"] = np.array([speaker], dtype=np.int64)
        (sound, *_) = self._session.run(None, feed)
        samples = np.nan_to_num(np.asarray(sound).reshape(-1), nan=0.0, posinf=0.0, neginf=0.0)
        return np.asarray(np.clip(samples, -1, 1) * 32_767, dtype="<i2").tobytes()


def spell(card: PiperCard, espeak: Espeak, text: str) -> str:
    """The phonemes of one sentence as Piper feeds them: marks kept, accents apart from their letters."""
    if card.phoneme_type == "text":
        return unicodedata.normalize("NFD", text)
    clauses = espeak.phonemes(card.espeak_voice, text)
    said = ""
    for place, (phonemes, taken) in enumerate(clauses):
        found = (_MARK_INSIDE if place + 1 < len(clauses) else _MARK_AT_END).search(taken)
        mark = found.group(1) if found else ""
        said += _FLAG.sub("", phonemes) + mark + (" " if mark and mark in ",;:" else "")
    return unicodedata.normalize("NFD", said)


def _bound_memory() -> None:
    """A model that asks for more than it can have is refused, and the machine does not notice."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MOST_BYTES, MOST_BYTES))


def main() -> None:
    """Serve until stdin ends. A request: {"folder", "sha256", "speaker", "text"}."""
    _bound_memory()
    held: OrderedDict[tuple[str, str], Model] = OrderedDict()
    espeak: Espeak | None = None

    def answer(request: dict[str, Any]) -> Said:
        nonlocal espeak
        key = (request["folder"], request["sha256"])
        try:
            if key not in held:
                while len(held) >= HELD:
                    held.popitem(last=False)
                held[key] = Model(*key)
            held.move_to_end(key)
            model = held[key]
            espeak = espeak or Espeak()
            pcm = model.speak(spell(model.card, espeak, request["text"]), request["speaker"])
        except _DAMAGED as error:
            return {"error": f"{type(error).__name__}: {error}", "fault": Fault.MODEL_DAMAGED.name}, b""
        return {"rate_hz": model.card.rate_hz}, pcm

    serve(answer)


if __name__ == "__main__":
    main()
