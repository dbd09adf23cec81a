"""Which voices an installation has."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from .breaker import Breaker
from .espeak import MS_PER_SYLLABLE, PITCH, RATE, EspeakVoice
from .google import GttsVoice
from .piper import PiperVoice, piper_pool
from .piper_models import installed_models
from .voice import Voice
from .workers import WorkerPool

VOICES_FOLDER = "voices"
"""Inside the data folder."""


class InstalledVoices(Mapping[str, Voice]):
    """Every voice by its name: those of the program, then the models in the folder as they come and go."""

    def __init__(self, own: list[Voice], folder: Path | None) -> None:
        self._own: dict[str, Voice] = {voice.name: voice for voice in own}
        self._folder = folder
        self._pool = piper_pool()
        self._models: dict[str, PiperVoice] = {}
        self._seen = -1

    def __getitem__(self, name: str) -> Voice:
        return self._own[name] if name in self._own else self._look()[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._own, *self._look()])

    def __len__(self) -> int:
        return len(self._own) + len(self._look())

    def _look(self) -> dict[str, PiperVoice]:
        """The models, looked for again when the folder has changed: another process may install one."""
        if self._folder is None:
            return self._models
        try:
            changed = self._folder.stat().st_mtime_ns
        except OSError:
            changed = 0
        if changed != self._seen:
            found: dict[str, PiperVoice] = {}
            for place, model in installed_models(self._folder):
                known = self._models.get(f"piper:{model.name}")
                voice = known if known and known.model == model else PiperVoice(place, model, pool=self._pool)
                found[voice.name] = voice
            self._models, self._seen = found, changed
        return self._models


def open_voices(folder: Path | None = None, *, rate: int = RATE, pitch: int = PITCH) -> Mapping[str, Voice]:
    """Every voice by its name. Nothing is started or connected before one is asked to speak.

    folder: where models are installed and what voices must remember is kept; None: there are none, and nothing is.
    rate, pitch: of the embedded voices, in espeak's units.
    """
    pool = WorkerPool()
    breaker = Breaker(folder / "gtts.json" if folder else None)
    return InstalledVoices(
        [
            *(EspeakVoice(accent, rate=rate, pitch=pitch, pool=pool) for accent in MS_PER_SYLLABLE),
            GttsVoice(breaker=breaker),
        ],
        folder,
    )
