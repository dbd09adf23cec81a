"""Music comes in as it was played, at most without its silent ends; what would be heard as a fault is refused."""

import io
import zipfile
from pathlib import Path

import numpy as np
import pytest

from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.loudness import integrated_lufs
from broadcast_service.audio.mastering import decode, master
from broadcast_service.audio.music import cross_fade, take_in
from broadcast_service.domain.waveform import Waveform
from broadcast_service.errors import Invalid
from tests.audio.files import encoded, plain_wav
from tests.audio.sounds import sine


def music(seconds: float = 6.0, *, pitch_hz: float = 440.0) -> Samples:
    """Plucked notes, two a second, each dying away to almost nothing."""
    t = np.arange(round(seconds * 44_100)) / 44_100
    return (sine(pitch_hz, seconds, dbfs=-6) * np.exp(-8 * (t % 0.5))).astype(np.float32)


def taken(tmp_path: Path, data: bytes, *, longest_s: int = 60) -> tuple[Samples, tuple[str, ...]]:
    path = tmp_path / "tệp"
    path.write_bytes(data)
    made = take_in(path, tmp_path, longest_s=longest_s)
    return (np.frombuffer(made.wave.pcm, dtype="<i2") / 32_768).astype(np.float32), made.notes


@pytest.mark.parametrize("kind", ["wav", "wav24", "float", "flac", "mp3", "m4a", "aac", "ogg", "opus", "webm"])
def test_what_audio_programs_write_is_taken(tmp_path: Path, kind: str) -> None:
    samples, notes = taken(tmp_path, encoded(music(), kind))
    assert len(samples) / 44_100 == pytest.approx(6.0, abs=0.3)
    assert notes == ()


def test_soft_notes_are_neither_gated_nor_raised(tmp_path: Path) -> None:
    soft = np.concatenate((music(3), music(3) * 0.03))
    samples, _ = taken(tmp_path, encoded(soft, "wav"))
    loud_rms, soft_rms = (np.sqrt(np.mean(samples[a:b] ** 2)) for a, b in ((0, 110_250), (132_300, 242_550)))
    assert 20 * np.log10(soft_rms / loud_rms) == pytest.approx(20 * np.log10(0.03), abs=0.5)


def test_two_channels_become_one_and_that_is_said(tmp_path: Path) -> None:
    _, notes = taken(tmp_path, encoded(np.stack([music(), music(pitch_hz=660.0)]), "wav"))
    assert len(notes) == 1
    assert "một kênh" in notes[0]


def test_silence_at_both_ends_goes_and_nothing_else(tmp_path: Path) -> None:
    quiet = np.zeros(88_200, dtype=np.float32)
    samples, _ = taken(tmp_path, encoded(np.concatenate((quiet, music(), quiet)), "wav"), longest_s=7)
    assert len(samples) / 44_100 == pytest.approx(6.0, abs=0.2)
    assert abs(samples[0]) < 0.01


@pytest.mark.parametrize("level", [1.0, 0.1])
def test_an_end_that_will_be_silent_on_air_goes_however_loud_the_file_is(tmp_path: Path, level: float) -> None:
    hiss = np.random.default_rng(2).standard_normal(3 * 44_100).astype(np.float32)
    own_lufs = integrated_lufs(music())
    for on_air_db, length_s in ((-54, 6.0), (-46, 9.0)):
        end = hiss * np.float32(10 ** ((on_air_db + 16 + own_lufs) / 20))
        samples, _ = taken(tmp_path, encoded(np.concatenate((music(), end)) * np.float32(level), "float"))
        assert len(samples) / 44_100 == pytest.approx(length_s, abs=0.3)


def zip_as_music() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("nhac.mp3", b"x" * 5_000)
    return made.getvalue()


def id3_bomb() -> bytes:
    return b"ID3\x04\x00\x00\x7f\x7f\x7f\x7f" + encoded(music(), "mp3")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "rỗng"),
        (zip_as_music(), "ZIP"),
        (id3_bomb(), "ID3"),
        (encoded(music(20), "wav"), "dài quá 15 giây"),
        (encoded(np.zeros(200_000, dtype=np.float32), "wav"), "không có tiếng"),
        (encoded(np.clip(music() * 8, -1, 1), "wav"), "bị vỡ"),
        (encoded(music(0.3), "wav"), "ngắn quá"),
        (encoded(music(), "wav")[:200_000], "cụt"),
    ],
    ids=["nothing", "zip", "id3", "long", "silent", "clipped", "short", "cut off"],
)
def test_what_can_not_be_used_is_refused_with_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    with pytest.raises(Invalid, match=sentence):
        taken(tmp_path, data, longest_s=15)


def test_crackle_is_heard_through_two_channels_made_one(tmp_path: Path) -> None:
    crackling = np.clip(music() * 8, -1, 1)
    with pytest.raises(Invalid, match="phút 0:00"):
        taken(tmp_path, encoded(np.stack([crackling, crackling * 0.7]), "wav"))


def test_music_longer_than_the_limit_is_not_decoded_to_its_end(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="dài quá 60 giây"):
        taken(tmp_path, encoded(np.tile(music(10), 30), "flac"))
    assert (tmp_path / "decoded.f32").stat().st_size < 100 * 44_100 * 4


def test_one_piece_dies_away_while_the_next_begins(tmp_path: Path) -> None:
    first, second = (master(take_in_wave(music(8, pitch_hz=pitch), tmp_path)).frames for pitch in (440.0, 880.0))
    whole = cross_fade(first, second)
    samples = (np.frombuffer(whole.pcm, dtype="<i2") / 32_768).astype(np.float32)
    assert whole.length_ms == pytest.approx(16_000 - 1_500, abs=150)
    level = np.sqrt(np.convolve(samples**2, np.ones(22_050) / 22_050, "valid"))
    assert level.min() > 0.2 * level.max()
    assert len(decode(first)) < len(samples)


def take_in_wave(samples: Samples, folder: Path) -> Waveform:
    path = folder / "tệp"
    path.write_bytes(encoded(samples, "wav"))
    return take_in(path, folder, longest_s=60).wave


def test_music_as_over_a_telephone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="8 kHz"):
        taken(tmp_path, plain_wav(3, rate_hz=8_000))
