import numpy as np
import pytest
import soxr

from broadcast_service.audio.filtering import Samples, band, filtered
from broadcast_service.audio.loudness import (
    HOP,
    integrated_lufs,
    k_energies,
    loudest_lufs,
    loudness_range_lu,
    true_peak_dbtp,
    true_peaks,
)
from tests.audio.sounds import sine


@pytest.mark.parametrize("dbfs", [0.0, -6.0, -20.0, -40.0])
def test_a_sine_of_997_hz_is_three_decibels_below_its_peak_level(dbfs: float) -> None:
    assert integrated_lufs(sine(997, 5, dbfs=dbfs)) == pytest.approx(dbfs - 3.01, abs=0.02)


@pytest.mark.parametrize(
    ("pitch_hz", "weight_db"),
    [(25.0, -10.39), (100.0, -1.13), (1_000.0, 0.70), (2_000.0, 3.07), (4_000.0, 3.97), (10_000.0, 4.04)],
)
def test_low_tones_count_for_less_and_high_ones_for_more(pitch_hz: float, weight_db: float) -> None:
    """Against the curve of the recommendation's 48 kHz filters, read at these pitches."""
    measured = integrated_lufs(sine(pitch_hz, 5)) + 3.01 + 0.691
    assert measured == pytest.approx(weight_db, abs=0.05)


def test_silence_around_a_sound_does_not_make_it_quieter() -> None:
    tone = sine(997, 20, dbfs=-20)
    silence = np.zeros(20 * 44_100, dtype=np.float32)
    assert integrated_lufs(np.concatenate((silence, tone, silence))) == pytest.approx(-23.01, abs=0.1)


def test_what_is_ten_units_below_the_rest_is_gated() -> None:
    """EBU Tech 3341, case 3, for one channel: 10 s at −36, 60 s at −23, 10 s at −36 make −23."""
    quiet, loud = sine(1_000, 10, dbfs=-33), sine(1_000, 60, dbfs=-20)
    assert integrated_lufs(np.concatenate((quiet, loud, quiet))) == pytest.approx(-23.0, abs=0.1)


def test_silence_and_nothing_have_no_loudness() -> None:
    assert integrated_lufs(np.zeros(44_100, dtype=np.float32)) == float("-inf")
    assert integrated_lufs(np.zeros(0, dtype=np.float32)) == float("-inf")


@pytest.mark.parametrize("seconds", [0.05, 0.2, 0.399, 0.4, 0.55])
def test_what_is_shorter_than_a_gating_block_is_measured_too(seconds: float) -> None:
    assert integrated_lufs(sine(997, seconds, dbfs=-20)) == pytest.approx(-23.0, abs=0.6)


def test_filtering_in_chunks_is_filtering_at_once() -> None:
    noise = np.random.default_rng(1).standard_normal(200_000).astype(np.float32) * np.float32(0.1)
    shifted = np.concatenate((np.zeros(HOP * 3, dtype=np.float32), noise))
    assert k_energies(shifted, HOP)[3:-1] == pytest.approx(k_energies(noise, HOP)[:-1], rel=1e-3)


def test_energies_of_groups_add_up_to_those_of_hops() -> None:
    noise = np.random.default_rng(1).standard_normal(100_000).astype(np.float32)
    fine = k_energies(noise, 15)
    assert np.add.reduceat(fine, np.arange(0, len(fine), HOP // 15)) == pytest.approx(k_energies(noise, HOP))


def test_a_peak_between_two_samples_is_seen() -> None:
    """EBU Tech 3341, cases 15–18: a quarter of the sample rate, half scale, at 0°, 45°, 60° and 67.5°."""
    for degrees in (0.0, 45.0, 60.0, 67.5):
        tone = sine(11_025, 1, dbfs=-6.02, phase=np.radians(degrees))
        faded = tone * np.hanning(len(tone)).astype(np.float32)
        assert true_peak_dbtp(faded) == pytest.approx(-6.02, abs=0.2)


def dull_noise(seconds: float) -> Samples:
    """Noise without anything above 12 kHz."""
    noise = np.random.default_rng(2).standard_normal(round(24_000 * seconds)).astype(np.float32)
    return np.asarray(soxr.resample(noise, 24_000, 44_100), dtype=np.float32)


def test_true_peaks_are_those_of_the_whole_sound_at_four_times_the_rate() -> None:
    noise = dull_noise(15)
    fine = np.abs(soxr.resample(noise, 44_100, 176_400))
    peaks = true_peaks(noise, 30)
    assert len(peaks) == -(-len(noise) // 30)
    assert float(peaks.max()) == pytest.approx(float(fine.max()), rel=2e-3)
    grouped = np.maximum.reduceat(fine, np.arange(0, len(fine), 120))[: len(peaks)]
    assert np.abs(peaks - grouped).max() < 0.02 * float(fine.max())


def test_looking_finely_only_where_it_may_be_loud_finds_the_same_peak() -> None:
    noise = dull_noise(15)
    assert true_peak_dbtp(noise) == pytest.approx(20 * np.log10(float(true_peaks(noise, 30).max())), abs=1e-6)


def test_loudest_and_range_are_those_of_the_standard() -> None:
    """EBU Tech 3341, momentary and short-term; EBU Tech 3342, case 1: 20 s at −20 and 20 s at −30 make 10 LU."""
    sound = np.concatenate((sine(1_000, 20, dbfs=-17), sine(1_000, 20, dbfs=-27)))
    energies = k_energies(sound, HOP)
    momentary, short_term = loudest_lufs(energies)
    assert momentary == pytest.approx(-20.0, abs=0.1)
    assert short_term == pytest.approx(-20.0, abs=0.1)
    assert loudness_range_lu(energies) == pytest.approx(10.0, abs=1.0)
    assert loudest_lufs(k_energies(sine(1_000, 1), HOP))[1] == float("-inf")
    assert loudness_range_lu(k_energies(sine(1_000, 1), HOP)) == 0.0


def test_a_dull_sound_is_measured_the_same_from_every_other_sample() -> None:
    noise = dull_noise(8) * np.float32(0.1)
    muted = np.concatenate(list(filtered(noise, band(100, 7_000))))
    assert integrated_lufs(muted, is_dull=True) == pytest.approx(integrated_lufs(muted), abs=0.01)


def test_silence_has_no_peak() -> None:
    assert true_peak_dbtp(np.zeros(100, dtype=np.float32)) == float("-inf")
