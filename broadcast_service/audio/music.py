"""Music on its way in: decoded apart and left as it was played, but for silence at both ends.

Nothing of the treatment of voices is done to it: no gate, no hand on the fader, no filter.
"""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..domain.units import SAMPLE_RATE_HZ
from ..domain.waveform import Waveform
from ..errors import EngineError, Invalid
from .checks import SILENT_DB
from .dynamics import STEP, levels_db
from .filtering import Samples
from .loudness import gating_for, integrated_lufs
from .profiles import WEB
from .recording import LOWEST_RATE_HZ, decoded, refuse_broken
from .sniffing import sniff

SHORTEST_MS = 500
_SLACK_S = 30
"""So much silence at the ends may be cut off before it is too long."""
_SILENT_DB = -60.0
"""As it is handed in."""
_MARGIN_STEPS = 5
"""50 ms stay before the first tone and after the last."""
_FULL, _RUN = 0.999, 3
_COULD_BE_CUT_OFF = 0.5
"""Two channels that were cut off one way or another peak no lower once they are one."""
_SPOILT_SHARE = 0.005
"""Of all samples: beyond that what stands at the highest level in runs is heard as crackle."""
_FADE = SAMPLE_RATE_HZ // 200


@dataclass(frozen=True)
class Music:
    """What has been taken in: ready for `mastering.master`."""

    wave: Waveform
    notes: tuple[str, ...]
    """What was put right, in sentences for the person who handed it in."""


def take_in(path: Path, folder: Path, *, longest_s: int) -> Music:
    """Decode and check a piece of music; what is made on the way lies in the folder, which is the caller's to remove.

    Raises Invalid with a sentence for whoever handed it in, NoSpace, EngineError when the decoder could not run.
    """
    kind = sniff(path)
    told = decoded(kind.format, kind.offset, path, folder / "decoded.f32", longest_s=longest_s + _SLACK_S)
    refuse_broken(told)
    if told["is_too_long"]:
        raise _too_long(longest_s)
    rate_hz = int(told["rate_hz"])
    if rate_hz < LOWEST_RATE_HZ:
        raise _refusal(
            f"Âm thanh chỉ có {rate_hz // 1_000} kHz, nghe như qua điện thoại, phát ra loa không hay."
            " Hãy chọn bản 44,1 hoặc 48 kHz."
        )
    samples: Samples = np.fromfile(folder / "decoded.f32", dtype="<f4")
    notes = ["Âm thanh nhiều kênh đã được gộp thành một kênh."] if int(told["channels"]) > 1 else []
    notes += _crackle(samples)
    samples = _trimmed(samples - np.float32(samples.mean(dtype=np.float64)))
    length_s = len(samples) / SAMPLE_RATE_HZ
    if length_s * 1_000 < SHORTEST_MS:
        raise _refusal("Đoạn này ngắn quá, chưa được nửa giây. Hãy chọn lại tệp.")
    if length_s > longest_s + 0.5:
        raise _too_long(longest_s)
    peak = float(np.abs(samples).max())
    pcm = np.rint(samples * np.float32(min(1.0, 0.98 / peak) * 32_767)).astype("<i2").tobytes()
    return Music(Waveform(pcm, SAMPLE_RATE_HZ), tuple(notes))


def cross_fade(first: bytes, second: bytes) -> Waveform:
    """Two stored pieces of music (bare frames), the second beginning while the first dies away. Raises EngineError."""
    from .mastering import decode
    from .mixing import cross_faded

    waves = [np.clip(np.rint(decode(frames) * 32_767), -32_768, 32_767).astype("<i2") for frames in (first, second)]
    if not all(len(wave) for wave in waves):
        raise EngineError("there is nothing to cross-fade", retryable=False)
    return cross_faded([Waveform(wave.tobytes(), SAMPLE_RATE_HZ) for wave in waves])


def _crackle(samples: Samples) -> list[str]:
    """A note on the odd peak that was cut off. Raises Invalid where so much was that it is heard."""
    sizes = np.abs(samples)
    peak = float(sizes.max(initial=0.0))
    if peak < _COULD_BE_CUT_OFF:
        return []
    full = np.concatenate(([False], sizes >= _FULL * peak, [False])).astype(np.int8)
    edges = np.flatnonzero(np.diff(full))
    starts, lengths = edges[::2], edges[1::2] - edges[::2]
    runs = lengths >= _RUN
    if not runs.any():
        return []
    seconds = int(starts[runs][0]) // SAMPLE_RATE_HZ
    place = f"{seconds // 60}:{seconds % 60:02}"
    if int(lengths[runs].sum()) > _SPOILT_SHARE * len(samples):
        raise _refusal(
            f"Tiếng bị vỡ vì thu hoặc xuất quá to, chỗ đầu tiên ở phút {place}. Hãy xuất lại nhỏ hơn chừng 3 dB."
        )
    return [f"Có chỗ chạm đỉnh, như ở phút {place}, nhưng không đáng kể."]


def _trimmed(samples: Samples) -> Samples:
    """Without the silence at both ends, begun and ended without a click. Raises Invalid for silence."""
    levels = levels_db(samples)
    if not (levels > _SILENT_DB).any():
        raise _refusal("Tệp này không có tiếng, từ đầu đến cuối đều im lặng. Hãy chọn lại tệp.")
    louder_db = WEB.target_lufs - integrated_lufs(samples, gating_for(samples))  # what mastering will add
    heard = np.flatnonzero(levels > SILENT_DB - louder_db)
    start = max(0, int(heard[0]) - _MARGIN_STEPS) * STEP
    kept = samples[start : (int(heard[-1]) + 1 + _MARGIN_STEPS) * STEP].copy()
    fade = np.linspace(0, 1, min(_FADE, len(kept)), dtype=np.float32)
    kept[: len(fade)] *= fade
    kept[-len(fade) :] *= fade[::-1]
    return kept


def _too_long(longest_s: int) -> Invalid:
    most = f"{longest_s} giây" if longest_s <= 60 else f"{math.floor(longest_s / 60)} phút"
    return _refusal(f"Đoạn này dài quá {most}, là mức dài nhất cho loại âm thanh ấy. Hãy cắt ngắn rồi tải lên lại.")


def _refusal(sentence: str) -> Invalid:
    return Invalid(sentence, field="file")
