"""Neural voices of this machine: Piper models that somebody has installed."""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..domain.waveform import Waveform
from . import pauses
from .espeak import RESPELLED, respell
from .faults import Fault, VoiceError
from .sentences import pack, sentences
from .voice import READY, VoiceState
from .workers import WorkerPool

MODEL, CARD = "voice.onnx", "voice.onnx.json"
"""Names inside a model's folder."""

MAX_CHARS = 300
"""Of what is spoken in one go: the model's work grows with the square of it."""

_REGION_NAMES = {"bac": " (miền Bắc)", "trung": " (miền Trung)", "nam": " (miền Nam)"}


@dataclass(frozen=True, kw_only=True)
class InstalledModel:
    """What was found out about a model when it was installed."""

    name: str
    """Such as “vais1000-medium”."""
    sha256: str
    card_sha256: str
    size: int
    """Bytes of the model."""
    speaker: int = 0
    region: str = ""
    ms_per_syllable: float = 250.0
    times_real_time: float = 0.0
    """Seconds of sound a second of one core makes; measured on this machine."""


def piper_pool() -> WorkerPool:
    """Processes for Piper voices; opening a model on a slow disk takes its time."""
    return WorkerPool("piper_worker", hang_after_s=60.0)


class PiperVoice:
    """One installed model in its folder."""

    leaves_the_house = False

    def __init__(self, folder: Path, model: InstalledModel, *, pool: WorkerPool | None = None) -> None:
        self._folder = folder.absolute()
        self.model = model
        self._pool = pool or piper_pool()

    @property
    def name(self) -> str:
        """Such as “piper:vais1000-medium”."""
        return f"piper:{self.model.name}"

    @property
    def title(self) -> str:
        """Such as “Giọng Piper vais1000-medium (miền Bắc)”."""
        return f"Giọng Piper {self.model.name}{_REGION_NAMES.get(self.model.region, '')}"

    @property
    def region(self) -> str:
        """As whoever installed it has said."""
        return self.model.region

    @property
    def state(self) -> VoiceState:
        """Broken when its files are not there or not whole."""
        try:
            whole = (self._folder / MODEL).stat().st_size == self.model.size and (self._folder / CARD).exists()
        except OSError:
            whole = False
        return READY if whole else VoiceState(is_ready=False, sentence=Fault.MODEL_DAMAGED.sentence)

    @cached_property
    def settings(self) -> str:
        """The model and its card by their content, the speaker, the phonemes' source and our pauses."""
        from importlib.metadata import version  # slow to load, and seldom needed

        build = version("espeakng-loader")
        model = f"model={self.model.sha256[:16]} card={self.model.card_sha256[:16]} speaker={self.model.speaker}"
        return f"piper=1 {model} espeakng-loader={build} respelled={len(RESPELLED)} {pauses.SETTINGS}"

    @property
    def ms_per_syllable(self) -> float:
        """Measured when it was installed."""
        return self.model.ms_per_syllable

    def speak(self, paragraph: str) -> Waveform:
        """Each sentence said apart and trimmed, at the model's rate. Safe for threads: each takes a process.

        Raises VoiceError: retryable when the process died or hung, not when the model is damaged.
        """
        said = []
        rate_hz = 0
        asked = {"folder": str(self._folder), "sha256": self.model.sha256, "speaker": self.model.speaker}
        wanted = sentences(paragraph)
        with self._pool.lend() as worker:
            for sentence in wanted:
                parts = []
                for part in pack(respell(sentence), MAX_CHARS):
                    answer = worker.ask(asked | {"text": part})
                    rate_hz = answer.facts["rate_hz"]
                    sound, _ = pauses.trim(answer.pcm, rate_hz)
                    if not sound:
                        raise VoiceError(Fault.NO_SOUND, f"the model made no sound of {part!r}")
                    parts.append(sound)
                said.append(pauses.silence(pauses.BREATH_MS, rate_hz).join(parts))
        return pauses.join(said, rate_hz)

    def close(self) -> None:
        """End the worker processes; they are started again if the voice is used again."""
        self._pool.close()
