"""Which voices an installation has."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from .breaker import Breaker
from .espeak import MS_PER_SYLLABLE, PLAIN, EspeakVoice
from .google import GttsVoice
from .manner import Manner, kept_manner, last_change
from .piper import PiperVoice, piper_pool
from .piper_models import installed_models
from .voice import Voice
from .workers import WorkerPool

VOICES_FOLDER = "voices"
"""Inside the data folder."""


class InstalledVoices(Mapping[str, Voice]):
    """Every voice by its name: those of the program, then the models in the folder as they come and go.

    manner: of the embedded voices, unless somebody has chosen another.
    """

    def __init__(self, far: Voice, folder: Path | None, manner: Manner) -> None:
        self._far = far
        self._folder = folder
        self._manner = manner
        self._embedded_pool = WorkerPool()
        self._embedded: dict[str, Voice] = {}
        self._chosen_at: tuple[int, int] | None = None
        self._pool = piper_pool()
        self._models: dict[str, PiperVoice] = {}
        self._seen = -1

    def __getitem__(self, name: str) -> Voice:
        own = self._own()
        return own[name] if name in own else self._look()[name]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._own(), *self._look()])

    def __len__(self) -> int:
        return len(self._own()) + len(self._look())

    def _own(self) -> dict[str, Voice]:
        """The program's voices; another process may have chosen their manner."""
        chosen_at = last_change(self._folder) if self._folder else (0, 0)
        if chosen_at != self._chosen_at:
            manner = (kept_manner(self._folder) if self._folder else None) or self._manner
            voices = [EspeakVoice(accent, manner=manner, pool=self._embedded_pool) for accent in MS_PER_SYLLABLE]
            self._embedded = {voice.name: voice for voice in voices}
            self._chosen_at = chosen_at
        return {**self._embedded, self._far.name: self._far}

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


def open_voices(folder: Path | None = None, *, manner: Manner = PLAIN) -> Mapping[str, Voice]:
    """Every voice by its name. Nothing is started or connected before one is asked to speak.

    folder: where models are installed and what voices must remember is kept; None: there are none, and nothing is.
    manner: of the embedded voices, where nobody has chosen another.
    """
    breaker = Breaker(folder / "gtts.json" if folder else None)
    return InstalledVoices(GttsVoice(breaker=breaker), folder, manner)
