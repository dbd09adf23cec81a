"""What phones and studios get, read back by other people's programs."""

import io
import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile

from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.loudness import integrated_lufs, true_peak_dbtp
from broadcast_service.audio.mastering import decode, encode
from broadcast_service.audio.phones import M4A, OPUS, PhoneFormat, Tags, write
from broadcast_service.audio.studio import BITS, RATE_HZ, for_studio
from broadcast_service.domain.units import Milliseconds
from broadcast_service.errors import EngineError, NoSpace
from broadcast_service.formats.bwf import Described, head
from tests.audio.sounds import ebur128, pieces

DAY = datetime(2026, 11, 24, tzinfo=UTC)
TITLE = "Người tốt, việc tốt 🌸"
CHAPTERS = [(Milliseconds(0), "Nhạc hiệu"), (Milliseconds(2_500), "Đường hoa")]
TAGS = Tags(title=TITLE, artist="Đài Ninh Hòa", album="Sáng", date="2026-11-24", chapters=CHAPTERS)
KINDS = [OPUS, M4A]
LENGTH_S = sum(piece.frame_count for piece in pieces()) * 1_152 / 44_100


def frames() -> list[bytes]:
    return [piece.frames for piece in pieces()]


def written(folder: Path, kind: PhoneFormat) -> Path:
    path = folder / f"chương trình.{kind.suffix}"
    write(path, frames, kind, TAGS)
    return path


def read(path: Path) -> Samples:
    with av.open(str(path)) as file:
        resampler = av.AudioResampler(format="flt", layout="mono", rate=44_100)
        parts = [part for frame in file.decode(audio=0) for part in resampler.resample(frame)]
        return np.concatenate([part.to_ndarray().reshape(-1) for part in (*parts, *resampler.resample(None))])


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.suffix)
def test_a_phone_hears_the_whole_programme_at_its_loudness(kind: PhoneFormat, tmp_path: Path) -> None:
    heard = read(written(tmp_path, kind))
    assert len(heard) / 44_100 == pytest.approx(LENGTH_S, abs=0.06)
    assert integrated_lufs(heard) == pytest.approx(-16.0, abs=0.7)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.suffix)
def test_no_peak_passes_the_limit_on_a_phone_where_pieces_come_near_it(kind: PhoneFormat, tmp_path: Path) -> None:
    loud = [encode(piece.decoded * np.float32(10 ** ((-1.05 - piece.true_peak_dbtp) / 20))) for piece in pieces()[:3]]
    for number, piece in enumerate(loud):
        path = tmp_path / f"{number}.{kind.suffix}"
        write(path, lambda piece=piece: [piece], kind, TAGS)
        heard = read(path)
        assert true_peak_dbtp(heard) <= -1.0
        assert integrated_lufs(heard) == pytest.approx(integrated_lufs(decode(piece)), abs=0.5)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.suffix)
def test_the_file_tells_of_itself_what_the_mp3_tells(kind: PhoneFormat, tmp_path: Path) -> None:
    with av.open(str(written(tmp_path, kind))) as file:
        tags = {**file.metadata, **file.streams.audio[0].metadata}
        chapters = [
            (round(one["start"] * one["time_base"] * 1_000), one["metadata"]["title"]) for one in file.chapters()
        ]
    told = {name.lower(): value for name, value in tags.items()}
    assert [told[name] for name in ("title", "artist", "album", "date")] == [
        TITLE,
        "Đài Ninh Hòa",
        "Sáng",
        "2026-11-24",
    ]
    assert chapters == CHAPTERS


def test_opus_takes_half_the_bytes_of_the_pieces(tmp_path: Path) -> None:
    assert written(tmp_path, OPUS).stat().st_size < 0.65 * len(b"".join(frames()))


def test_the_index_of_an_m4a_comes_before_its_sound(tmp_path: Path) -> None:
    data = written(tmp_path, M4A).read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.suffix)
def test_a_damaged_piece_makes_no_file_that_looks_whole(kind: PhoneFormat, tmp_path: Path) -> None:
    with pytest.raises(EngineError):
        write(tmp_path / "x", lambda: [pieces()[0].frames, b"\0" * 500], kind, Tags(title="x"))


@pytest.mark.faults
def test_a_full_disk_is_told() -> None:
    with pytest.raises(NoSpace):
        write(Path("/dev/full"), lambda: frames() * 20, OPUS, Tags(title="x"))


def wav(folder: Path) -> Path:
    sound = for_studio(frames)
    told = Described(
        description=TITLE, originator="Ninh Hoa", reference="NH-1", made_at=DAY, starts_at_sample=0,
        coding_history="A=PCM", loudness_lufs=sound.loudness_lufs, range_lu=sound.range_lu,
        true_peak_dbtp=sound.true_peak_dbtp, loudest_momentary_lufs=sound.loudest_momentary_lufs,
        loudest_short_term_lufs=sound.loudest_short_term_lufs,
    )  # fmt: skip
    path = folder / "phòng thu.wav"
    body = b"".join(sound.samples())
    path.write_bytes(
        head(told, sample_count=sound.sample_count, rate_hz=RATE_HZ, bits=BITS) + body + bytes(len(body) & 1)
    )
    return path


def test_a_studio_gets_minus_twenty_three_of_exactly_the_planned_length(tmp_path: Path) -> None:
    samples, rate_hz = soundfile.read(wav(tmp_path), dtype="float32")
    assert rate_hz == 48_000
    assert len(samples) == round(LENGTH_S * 48_000)
    assert soundfile.info(wav(tmp_path)).subtype == "PCM_24"


def test_studio_sound_is_the_pieces_and_nothing_else(tmp_path: Path) -> None:
    samples, _ = soundfile.read(wav(tmp_path), dtype="float32")
    whole = np.concatenate([decode(piece) for piece in frames()])
    sound = for_studio(frames)
    at_48 = np.interp(np.arange(len(samples)) * 44_100 / 48_000, np.arange(len(whole)), whole)
    assert np.corrcoef(samples, at_48)[0, 1] > 0.98
    assert integrated_lufs(whole) + sound.gain_db == pytest.approx(-23.0, abs=0.1)


def test_silence_is_not_for_a_studio() -> None:
    silence = encode(np.zeros(44_100, dtype=np.float32))
    with pytest.raises(EngineError, match="silent"):
        for_studio(lambda: [silence])
    with pytest.raises(EngineError, match="silent"):
        for_studio(list)


@pytest.mark.media
def test_ffmpeg_reads_the_wav_its_chunk_and_its_loudness(tmp_path: Path) -> None:
    path = wav(tmp_path)
    measured = ebur128(path)
    assert measured.integrated_lufs == pytest.approx(-23.0, abs=0.1)
    assert measured.true_peak_dbtp == pytest.approx(for_studio(frames).true_peak_dbtp, abs=0.4)
    shown = subprocess.run(
        ["ffprobe", "-v", "error", "-of", "json", "-show_format", "-show_streams", path],
        capture_output=True,
        check=True,
    )
    told = json.loads(shown.stdout)
    assert told["format"]["tags"]["originator_reference"] == "NH-1"
    assert told["streams"][0]["codec_name"] == "pcm_s24le"
    assert float(told["format"]["duration"]) == pytest.approx(LENGTH_S, abs=1e-4)


@pytest.mark.media
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.suffix)
def test_ffmpeg_decodes_what_phones_get_without_a_warning(kind: PhoneFormat, tmp_path: Path) -> None:
    path = written(tmp_path, kind)
    decoded = subprocess.run(["ffmpeg", "-v", "warning", "-i", path, "-f", "wav", "-"], capture_output=True, check=True)
    assert decoded.stderr == b""
    samples, rate_hz = soundfile.read(io.BytesIO(decoded.stdout), dtype="float32")
    assert len(samples) / rate_hz == pytest.approx(LENGTH_S, abs=0.1)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may read: VLC refuses to be root."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o777)
        yield Path(name)


@pytest.mark.media
@pytest.mark.parametrize("name", ["ogg", "m4a", "wav"])
def test_vlc_plays_it_to_the_end_without_an_error(name: str, open_folder: Path) -> None:
    path = wav(open_folder) if name == "wav" else written(open_folder, OPUS if name == "ogg" else M4A)
    path.chmod(0o644)
    nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] if os.geteuid() == 0 else []
    player = ["cvlc", "-vv", "-I", "dummy", "--aout=dummy", "--rate=10", "--play-and-exit", "--no-dbus", str(path)]
    environment = {"HOME": str(open_folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    played = subprocess.run(
        [*nobody, *player], capture_output=True, text=True, errors="replace", timeout=90, env=environment
    )
    wrong = re.findall(r"^.* (?:input|demux|decoder|stream|access|aout)[\w ]* error: .*$", played.stderr, flags=re.M)
    assert played.returncode == 0
    assert wrong == []
    assert "successfully opened" in played.stderr
    assert "EOF reached" in played.stderr
