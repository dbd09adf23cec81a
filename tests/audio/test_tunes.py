import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from broadcast_service.audio.tunes import TUNES

ROOT = Path(__file__).parents[2]
SECONDS = {"nhac-hieu": (7, 9), "nhac-cat": (3, 4), "nhac-nen": (11.5, 12.5), "nhac-ket": (5, 6)}


@pytest.fixture(scope="module", params=list(SECONDS))
def tune(request: pytest.FixtureRequest) -> "tuple[str, np.ndarray[tuple[int], np.dtype[np.float64]]]":
    made = TUNES[request.param].make()
    assert made.rate_hz == 44_100
    return request.param, np.frombuffer(made.pcm, dtype="<i2") / 32_768


def test_there_are_the_four_tunes_a_programme_is_framed_with() -> None:
    assert {code: tune.kind for code, tune in TUNES.items()} == {
        "nhac-hieu": "signature", "nhac-cat": "sting", "nhac-nen": "bed", "nhac-ket": "closing",
    }  # fmt: skip


def test_a_tune_has_its_length(tune: "tuple[str, np.ndarray]") -> None:  # type: ignore[type-arg]
    code, samples = tune
    least, most = SECONDS[code]
    assert least <= len(samples) / 44_100 <= most


def test_a_tune_begins_and_ends_without_a_click(tune: "tuple[str, np.ndarray]") -> None:  # type: ignore[type-arg]
    _, samples = tune
    assert np.abs(samples[:20]).max() < 0.01
    assert np.abs(samples[-20:]).max() < 0.001


def test_a_tune_does_not_clip_and_has_no_click_inside(tune: "tuple[str, np.ndarray]") -> None:  # type: ignore[type-arg]
    _, samples = tune
    assert 0.2 < np.abs(samples).max() < 0.95
    assert np.abs(np.diff(samples, 2)).max() < 0.3
    assert abs(samples.mean()) < 0.001


def test_a_tune_is_never_silent_for_long(tune: "tuple[str, np.ndarray]") -> None:  # type: ignore[type-arg]
    _, samples = tune
    parts = samples[: len(samples) // 22_050 * 22_050].reshape(-1, 22_050)[:-1]
    assert np.abs(parts).max(axis=1).min() > 0.01


def test_a_tune_moves_over_the_five_tones_of_its_scale(tune: "tuple[str, np.ndarray]") -> None:  # type: ignore[type-arg]
    """Of the energy between 130 and 1 200 Hz nearly all lies at D, E, G, A and B."""
    _, samples = tune
    power = np.abs(np.fft.rfft(samples * np.hanning(len(samples)))) ** 2
    pitch = np.fft.rfftfreq(len(samples), 1 / 44_100)
    within = (pitch > 130) & (pitch < 1_200)
    semitone = 12 * np.log2(pitch[within] / 293.665)
    near = np.abs((semitone[:, None] - np.array([0, 2, 5, 7, 9]) + 6) % 12 - 6).min(axis=1) < 0.5
    assert power[within][near].sum() > 0.9 * power[within].sum()


def test_a_tune_is_played_the_same_every_time() -> None:
    assert TUNES["nhac-cat"].make() == TUNES["nhac-cat"].make()


def test_loading_the_tunes_is_quiet_and_needs_no_ffmpeg() -> None:
    program = "import broadcast_service.audio.tunes as t; print(len(t.TUNES['nhac-cat'].make().pcm))"
    run = subprocess.run(
        [sys.executable, "-W", "always", "-c", program],
        cwd=ROOT, env={"PATH": ""}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert run.stderr == ""
    assert int(run.stdout) > 100_000
