"""A process that holds one libespeak-ng and speaks what it is sent. Started by `espeak_pool`; ends with its parent.

The library keeps its state per process, is not safe for threads and can crash; here it can crash alone.
Only the standard library is imported, and little of it: the process is up in some 30 ms.

Asked on stdin:  u32 length, JSON {"voice", "rate", "pitch", "volume", "text"}.
Answers on stdout:  i32 rate, u32 length, 16-bit samples; or i32 −1, u32 length, UTF-8 reason.
Numbers are little-endian. Calls are described in espeak-ng's `speak_lib.h`.
"""

import ctypes
import importlib.util
import json
import os
import signal
import struct
import sys
from typing import Any, BinaryIO

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_CHARS_UTF8 = 1
"""The only flag ever passed: the one for SSML crashes the library on some markup, that for phonemes reads “[[”."""
_POS_CHARACTER = 1
_RATE, _VOLUME, _PITCH = 1, 2, 3
_LIBRARY_NAMES = {"win32": "espeak-ng.dll", "darwin": "libespeak-ng.dylib"}

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


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
        self._chunks: list[bytes] = []
        self._callback = _Callback(self._take)  # kept: the library holds only its address
        self._library.espeak_SetSynthCallback(self._callback)
        self._voice = ""

    def _take(self, samples: int | None, count: int, _events: int | None) -> int:
        if samples and count > 0:
            self._chunks.append(ctypes.string_at(samples, count * 2))
        return 0

    def speak(self, *, voice: str, rate: int, pitch: int, volume: int, text: str) -> bytes:
        """16-bit samples at `rate_hz`. Raises OSError when the library refuses."""
        if voice != self._voice:
            if self._library.espeak_SetVoiceByName(voice.encode()) != 0:
                raise OSError(f"libespeak-ng has no voice {voice!r}")
            self._voice = voice
        for parameter, value in ((_RATE, rate), (_VOLUME, volume), (_PITCH, pitch)):
            self._library.espeak_SetParameter(parameter, value, 0)
        encoded = text.replace("\0", " ").encode()
        self._chunks.clear()
        size = ctypes.c_size_t(len(encoded) + 1)
        result = self._library.espeak_Synth(encoded, size, 0, _POS_CHARACTER, 0, _CHARS_UTF8, None, None)
        if result != 0:
            raise OSError(f"libespeak-ng answered {result}")
        return b"".join(self._chunks)


def _answer(out: BinaryIO, rate_hz: int, payload: bytes) -> None:
    out.write(struct.pack("<iI", rate_hz, len(payload)))
    out.write(payload)
    out.flush()


def main() -> None:
    """Serve until stdin ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever the library prints must not get between the answers
    espeak: Espeak | None = None
    while len(header := sys.stdin.buffer.read(4)) == 4:
        request = json.loads(sys.stdin.buffer.read(struct.unpack("<I", header)[0]))
        try:
            espeak = espeak or Espeak()
            _answer(out, espeak.rate_hz, espeak.speak(**request))
        except OSError as error:
            _answer(out, -1, str(error).encode())


if __name__ == "__main__":
    main()
