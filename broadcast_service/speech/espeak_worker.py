"""A process that holds one libespeak-ng and speaks what it is sent. Started by `workers`; ends with its parent.

The library keeps its state per process, is not safe for threads and can crash; here it can crash alone.
Only the standard library is imported, and little of it: the process is up in some 30 ms.
Calls and events are described in espeak-ng's `speak_lib.h`.
"""

import ctypes
import importlib.util
import os
import sys
from typing import Any

from .worker_side import Said, serve

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
"""The only flag ever passed: the one for SSML crashes the library on some markup, that for phonemes reads “[[”."""
_POS_CHARACTER = 1
_IPA = 2
_RATE, _VOLUME, _PITCH = 1, 2, 3
_LIBRARY_NAMES = {"win32": "espeak-ng.dll", "darwin": "libespeak-ng.dylib"}

_LIST_TERMINATED, _WORD = 0, 1


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # of the first character, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # ms from the start
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.POINTER(_Event))


class Espeak:
    """The library, opened. Raises OSError when it or its data can not be."""

    def __init__(self) -> None:
        spec = importlib.util.find_spec("espeakng_loader")
        if spec is None or spec.origin is None:
            raise OSError("espeakng-loader is not installed")
        folder = os.path.dirname(spec.origin)
        self._library: Any = ctypes.CDLL(os.path.join(folder, _LIBRARY_NAMES.get(sys.platform, "libespeak-ng.so")))
        # A data path of 160 bytes or more makes the library start without data, and on Windows it can not open one
        # with Vietnamese letters. Seen from the folder itself the path is ".", wherever that lies.
        os.chdir(folder)
        self.rate_hz: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, b".", _DONT_EXIT)
        if self.rate_hz <= 0:
            raise OSError(f"libespeak-ng found no data in {folder}")
        self._library.espeak_TextToPhonemes.restype = ctypes.c_char_p
        self._chunks: list[bytes] = []
        self.words: list[tuple[int, int]] = []
        """Of the text spoken last: (ms from the start, place of the word's first character from 0)."""
        self._callback = _Callback(self._take)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)
        self._voice = ""

    def _take(self, samples: int | None, count: int, events: Any) -> int:
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, count * 2))
        place = 0
        while events and (event := events[place]).type != _LIST_TERMINATED:
            if event.type == _WORD:
                self.words.append((event.audio_position, event.text_position - 1))
            place += 1
        return 0

    def speak(self, *, voice: str, rate: int, pitch: int, volume: int, text: str) -> bytes:
        """16-bit samples at `rate_hz`. Raises OSError when the library refuses."""
        self._choose(voice)
        for parameter, value in ((_RATE, rate), (_VOLUME, volume), (_PITCH, pitch)):
            self._library.espeak_SetParameter(parameter, value, 0)
        encoded = text.replace("\0", " ").encode()
        self._chunks.clear()
        self.words = []
        size = ctypes.c_size_t(len(encoded) + 1)
        result = self._library.espeak_Synth(encoded, size, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
        if result != 0:
            raise OSError(f"libespeak-ng answered {result}")
        return b"".join(self._chunks)

    def phonemes(self, voice: str, text: str) -> list[tuple[str, str]]:
        """(IPA, what was taken of the text) of each clause; the first letter of the next clause is taken with it."""
        self._choose(voice)
        encoded = text.replace("\0", " ").encode()
        buffer = ctypes.create_string_buffer(encoded)
        start = ctypes.addressof(buffer)
        place = ctypes.c_void_p(start)
        clauses = []
        while place.value:
            begin = place.value - start
            ipa = self._library.espeak_TextToPhonemes(ctypes.byref(place), _CHARS_UTF8, _IPA) or b""
            end = place.value - start if place.value else len(encoded)
            clauses.append((ipa.decode(errors="replace"), encoded[begin:end].decode(errors="replace")))
        return clauses

    def _choose(self, voice: str) -> None:
        if voice != self._voice:
            if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
                raise OSError(f"libespeak-ng has no voice {voice!r}")
            self._voice = voice


def main() -> None:
    """Serve until stdin ends."""
    espeak: Espeak | None = None

    def answer(request: dict[str, Any]) -> Said:
        nonlocal espeak
        espeak = espeak or Espeak()
        pcm = espeak.speak(**request)
        return {"rate_hz": espeak.rate_hz, "words": espeak.words}, pcm

    serve(answer)


if __name__ == "__main__":
    main()
