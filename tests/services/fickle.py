"""A voice that hums until it is told to fail, and a studio that has several."""

from dataclasses import dataclass, field, replace

from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import EngineError
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.speech.voice import READY, VoiceState
from broadcast_service.studio import Studio

TIRED = "Giọng này đang nghỉ."
STUMBLED = "Bộ đọc dừng giữa chừng."


@dataclass
class FickleVoice:
    """Hums. `state`: what it says of itself; `hoarse`: words it can not say, whatever its state;
    `stumbles`: it breaks off, and may succeed another time."""

    name: str
    leaves_the_house: bool = False
    region: str = ""
    state: VoiceState = READY
    hoarse: str = ""
    stumbles: bool = False
    spoken: list[str] = field(default_factory=list)
    settings: str = "1"
    ms_per_syllable: float = 250.0

    @property
    def title(self) -> str:
        return f"Giọng {self.name}"

    def speak(self, paragraph: str) -> Waveform:
        if not self.state.is_ready:
            raise EngineError("asleep", retryable=True, sentence=TIRED, retry_after_s=600)
        if self.hoarse and self.hoarse in paragraph:
            raise EngineError("can not", retryable=False, sentence="Giọng này không đọc được câu ấy.")
        if self.stumbles:
            raise EngineError("broke off", retryable=True, sentence=STUMBLED)
        self.spoken.append(paragraph)
        return ToneVoice().speak(paragraph)

    def tire(self) -> None:
        self.state = VoiceState(is_ready=False, sentence=TIRED)

    def close(self) -> None:
        """Nothing is held."""


def with_voices(studio: Studio, *voices: FickleVoice) -> Studio:
    """The same studio with these voices beside its own."""
    return replace(studio, voices={**studio.voices, **{voice.name: voice for voice in voices}})
