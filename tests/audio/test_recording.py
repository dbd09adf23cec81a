"""What a colleague hands in: every kind is taken, whatever its name; what is wrong is told in a sentence."""

import functools
import re
import struct
import subprocess
import time
import zlib
from pathlib import Path

import numpy as np
import pytest
import soxr

from broadcast_service.audio import decoder, recording
from broadcast_service.audio.filtering import Samples
from broadcast_service.audio.loudness import integrated_lufs, true_peak_dbtp
from broadcast_service.audio.mastering import decode, master
from broadcast_service.audio.recording import PIECE_S, Recording, take_in
from broadcast_service.errors import Invalid, NoSpace
from tests.audio.files import KINDS, encoded, float_wav, plain_wav, varying_mp3, written
from tests.audio.sounds import said, sine

TEXT = """Kính thưa bà con, phong trào thi đua yêu nước được các tầng lớp nhân dân hưởng ứng sôi nổi.
Gia đình ông Minh đã hiến hơn hai trăm mét vuông đất để mở rộng con đường liên thôn."""


@functools.cache
def speech() -> Samples:
    """About ten seconds of speech at 44.1 kHz, in a quiet room, half a second of it before and behind."""
    sound = said(TEXT)
    raw = np.frombuffer(sound.pcm, dtype="<i2").astype(np.float32) / np.float32(40_000)
    loud = soxr.resample(raw, sound.rate_hz, 44_100)
    whole = np.concatenate((np.zeros(22_050), loud, np.zeros(22_050)))
    room = np.random.default_rng(4).standard_normal(len(whole)) * 10 ** (-55 / 20)
    return np.asarray(whole + room, dtype=np.float32)


def taken(folder: Path, data: bytes, name: str = "ghi-am.mp3") -> Recording:
    return take_in(written(folder, data, name), folder)


def refused(folder: Path, data: bytes) -> str:
    with pytest.raises(Invalid) as caught:
        taken(folder, data)
    assert caught.value.field == "recording"
    assert str(caught.value).endswith(".")
    return str(caught.value)


def likeness(a: Samples, b: Samples) -> float:
    """How well two sounds agree in their loudness from moment to moment, shifted by up to 0.3 s."""

    def outline(samples: Samples) -> Samples:
        return np.sqrt(np.add.reduceat(np.square(samples), np.arange(0, len(samples), 882)))

    first, second = outline(a), outline(b)
    length = min(len(first), len(second)) - 30
    return max(float(np.corrcoef(first[15 : 15 + length], second[k : k + length])[0, 1]) for k in range(30))


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_taken_whatever_its_name(kind: str, tmp_path: Path) -> None:
    found = taken(tmp_path, encoded(speech(), kind))
    assert abs(found.before.length_ms - len(speech()) / 44.1) < 120
    assert likeness(speech(), np.asarray(found.samples)) > 0.9
    assert found.notes == ()


@pytest.mark.parametrize("rate_hz", [16_000, 22_050, 32_000, 48_000])
def test_any_usual_rate_is_taken(rate_hz: int, tmp_path: Path) -> None:
    data = encoded(soxr.resample(speech(), 44_100, rate_hz), "wav", rate_hz=rate_hz)
    assert abs(taken(tmp_path, data).before.length_ms - len(speech()) / 44.1) < 60


def test_what_comes_out_has_the_promised_loudness_and_every_word(tmp_path: Path) -> None:
    found = taken(tmp_path, encoded(speech(), "m4a"))
    (piece,) = found.pieces()
    decoded = decode(master(piece).frames)
    assert integrated_lufs(decoded) == pytest.approx(-16.0, abs=0.5)
    assert true_peak_dbtp(decoded) <= -1.0
    assert likeness(speech(), decoded) > 0.8


def test_silence_at_both_ends_is_cut_to_a_margin_and_the_pause_of_a_paragraph_follows(tmp_path: Path) -> None:
    long_silence = np.random.default_rng(1).standard_normal(44_100 * 6).astype(np.float32) * np.float32(0.0005)
    found = taken(tmp_path, encoded(np.concatenate((long_silence, speech(), long_silence)), "flac"))
    assert found.before.length_ms - found.after.length_ms > 10_000
    levels = np.abs(np.asarray(found.samples))
    loud = np.flatnonzero(levels > 0.1 * levels.max())
    assert 0.2 < loud[0] / 44_100 < 1.0
    assert 0.6 < (len(levels) - loud[-1]) / 44_100 < 2.1
    assert not levels[-15_000:].any()


def test_a_soft_first_and_last_word_are_not_cut(tmp_path: Path) -> None:
    soft = speech()[22_050:66_150] * np.float32(10 ** (-20 / 20))
    quiet = np.zeros(44_100, dtype=np.float32)
    noise = np.random.default_rng(1).standard_normal(44_100 * 20).astype(np.float32) * np.float32(10 ** (-65 / 20))
    sound = np.concatenate((quiet, soft, quiet, speech(), quiet, soft, quiet))
    found = taken(tmp_path, encoded(sound + noise[: len(sound)], "flac"))
    assert found.after.length_ms > (len(sound) - 2 * 44_100) / 44.1 + 500


def test_a_noisy_room_becomes_quieter_between_the_words(tmp_path: Path) -> None:
    noise = np.random.default_rng(2).standard_normal(len(speech())).astype(np.float32) * np.float32(10 ** (-45 / 20))
    found = taken(tmp_path, encoded(speech() + noise, "wav"))
    assert found.after.noise_db < found.before.noise_db - 3


def test_someone_who_turns_away_is_brought_nearer(tmp_path: Path) -> None:
    away = np.tile(speech(), 3)
    third = len(speech())
    away[third : 2 * third] *= np.float32(10 ** (-9 / 20))

    def difference(samples: Samples) -> float:
        return integrated_lufs(samples[:third]) - integrated_lufs(samples[third + 44_100 : 2 * third - 44_100])

    found = taken(tmp_path, encoded(away, "wav"))
    assert difference(np.asarray(found.samples)) < difference(away) - 3
    assert found.after.range_lu < found.before.range_lu


def test_hum_and_direct_current_are_taken_away(tmp_path: Path) -> None:
    hum = sine(25, len(speech()) / 44_100, dbfs=-20)[: len(speech())]
    found = taken(tmp_path, encoded(speech() * np.float32(0.5) + hum + np.float32(0.2), "wav24"))
    spectrum = np.abs(np.fft.rfft(np.asarray(found.samples)))
    pitch = np.fft.rfftfreq(len(found.samples), 1 / 44_100)
    assert spectrum[(pitch > 22) & (pitch < 28)].max() < spectrum[(pitch > 150) & (pitch < 400)].max()
    assert abs(float(np.mean(found.samples))) < 1e-3
    assert any("lệch" in note for note in found.notes)


def test_two_channels_become_one_and_it_is_said(tmp_path: Path) -> None:
    found = taken(tmp_path, encoded(speech(), "wav", channels=2))
    assert found.notes == ("Bản ghi nhiều kênh đã được gộp thành một kênh.",)


def test_two_channels_that_cancel_each_other_are_heard_all_the_same(tmp_path: Path) -> None:
    found = taken(tmp_path, encoded(np.stack((speech(), -speech())), "wav"))
    assert likeness(speech(), np.asarray(found.samples)) > 0.9


@pytest.mark.slow
def test_a_long_recording_is_cut_into_minutes_in_pauses_and_loses_nothing(tmp_path: Path) -> None:
    found = taken(tmp_path, encoded(np.tile(speech(), 24), "flac"))
    lengths = np.diff(found.cuts) / 44_100
    assert len(lengths) >= 3
    assert lengths.max() <= PIECE_S * 4 / 3
    assert sum(len(piece.pcm) // 2 for piece in found.pieces()) == len(found.samples)
    for cut in found.cuts[1:-1]:
        around = np.abs(np.asarray(found.samples[cut - 2_000 : cut + 2_000]))
        assert around.max() < 0.05 * float(np.abs(found.samples).max())


def louder(by_db: float) -> Samples:
    """The same speech, loudest at full scale and then louder by so much, cut off there as a microphone's input does."""
    return np.clip(speech() / np.abs(speech()).max() * np.float32(10 ** (by_db / 20)), -1, 1)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "m4a", "ogg", "webm"])
def test_a_voice_that_was_torn_before_it_came_is_told(kind: str, tmp_path: Path) -> None:
    assert taken(tmp_path, encoded(louder(0), kind)).warnings == ()
    (warning,) = taken(tmp_path, encoded(louder(20), kind)).warnings
    assert "vỡ từ lúc thu" in warning


def test_a_voice_that_is_loud_but_whole_is_not_said_to_be_torn(tmp_path: Path) -> None:
    assert taken(tmp_path, encoded(louder(1), "wav")).warnings == ()
    assert taken(tmp_path, encoded(np.stack((louder(0), louder(0))), "mp3")).warnings == ()


def test_a_voice_too_faint_to_be_lifted_without_its_room_is_told(tmp_path: Path) -> None:
    (warning,) = taken(tmp_path, encoded(speech() * np.float32(10 ** (-35 / 20)), "wav24")).warnings
    assert re.search(r"nhỏ quá \(−\d\d LUFS\)", warning)


def test_minutes_are_decoded_in_a_moment(tmp_path: Path) -> None:
    """By itself each frame of an MP3 takes longer to hand over than to decode."""
    path = written(tmp_path, encoded(np.tile(speech(), 12), "mp3", rate_hz=44_100, channels=2))
    started = time.process_time()
    told = decoder.decode("mp3", 0, path, tmp_path / "decoded.f32", 3_600)
    assert (time.process_time() - started) / (told.samples / 44_100) < 1 / 240


@pytest.mark.parametrize("kind", ["mp3", "aac"])
def test_a_length_that_nobody_wrote_down_is_not_held_against_a_recording(kind: str, tmp_path: Path) -> None:
    """Silence takes so few bytes that players guess at many times the true length from the first frames."""
    sound = np.concatenate((np.zeros(8 * 44_100), speech()))
    found = taken(tmp_path, varying_mp3(sound) if kind == "mp3" else encoded(sound, kind))
    assert abs(found.before.length_ms - 8_000 - len(speech()) / 44.1) < 200


@pytest.mark.slow
def test_three_hours_are_too_long_however_small_the_file(tmp_path: Path) -> None:
    """A FLAC of silence: three hours in two megabytes, all of which would be unpacked."""
    import av

    path = tmp_path / "ba-gio.flac"
    with av.open(str(path), "w", format="flac") as file:
        stream = file.add_stream("flac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4_608), dtype=np.int16), format="s16", layout="mono")
        frame.sample_rate = 16_000
        for _ in range(3 * 3_600 * 16_000 // 4_608):
            frame.pts = None
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    assert path.stat().st_size < 4 << 20
    with pytest.raises(Invalid, match="60 phút"):
        take_in(path, tmp_path)
    assert not (tmp_path / "decoded.f32").stat().st_size, "its head is believed before anything is unpacked"


def test_eight_kilohertz_are_refused(tmp_path: Path) -> None:
    assert "8 kHz" in refused(tmp_path, plain_wav(3, rate_hz=8_000))


def test_a_tenth_of_a_second_is_refused(tmp_path: Path) -> None:
    assert "ngắn quá" in refused(tmp_path, plain_wav(0.1))


@pytest.mark.parametrize("value", [0, 1, 12_000])
def test_silence_is_refused(value: int, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="không có tiếng"):
        taken(tmp_path, plain_wav(3, value=value))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_refused(bad: float, tmp_path: Path) -> None:
    samples = speech().copy()
    samples[5_000] = bad
    assert "hỏng" in refused(tmp_path, float_wav(samples))


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac", "m4a", "mp4", "ogg", "opus"])
def test_a_file_that_was_not_uploaded_whole_is_refused(kind: str, tmp_path: Path) -> None:
    data = encoded(np.tile(speech(), 3), kind)
    assert refused(tmp_path, data[: len(data) // 2])


@pytest.mark.parametrize("kind", ["ogg", "opus"])
def test_an_ogg_that_stops_between_two_pages_is_taken_with_a_word_of_warning(kind: str, tmp_path: Path) -> None:
    """Some recorders never write the mark of the end, so that it is no proof that something is missing."""
    data = encoded(speech(), kind)
    found = taken(tmp_path, data[: data.rfind(b"OggS")])
    assert [note for note in found.warnings if "dấu kết thúc" in note]


def test_a_header_that_claims_thirteen_hours_is_not_believed(tmp_path: Path) -> None:
    data = bytearray(plain_wav(3))
    data[40:44] = struct.pack("<I", 0xFFFFFFFF)
    assert 2_900 < taken(tmp_path, bytes(data)).before.length_ms < 3_100


@pytest.mark.faults
@pytest.mark.parametrize("kind", ["mp3", "ogg", "opus", "flac", "aac", "m4a", "webm"])
def test_bytes_turned_in_the_middle_end_in_a_recording_or_a_sentence(kind: str, tmp_path: Path) -> None:
    data = bytearray(encoded(speech(), kind))
    rng = np.random.default_rng(zlib.crc32(kind.encode()))
    for share in (0.001, 0.05):
        for place in rng.integers(300, len(data), int(len(data) * share)):
            data[place] ^= 1 << int(rng.integers(8))
        try:
            found = taken(tmp_path, bytes(data))
        except Invalid:
            continue
        assert np.isfinite(np.asarray(found.samples)).all()


HEADS = [
    b"RIFF\x00\x00\x00\x00WAVE", b"fLaC", b"OggS", b"\xff\xfb\x50\xc4", b"\0\0\0\x20ftypM4A ", b"\x1a\x45\xdf\xa3",
]  # fmt: skip


@pytest.mark.faults
@pytest.mark.parametrize("head", HEADS)
def test_noise_under_an_honest_head_is_refused(head: bytes, tmp_path: Path) -> None:
    assert refused(tmp_path, head + np.random.default_rng(9).bytes(60_000))


@pytest.mark.faults
def test_a_decoder_that_dies_is_a_sentence_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_DECODER", "broadcast_service.audio.is_not_there")
    assert "Không đọc được" in refused(tmp_path, encoded(speech(), "wav"))


@pytest.mark.faults
def test_a_decoder_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_PATIENCE", 0.000_01)
    assert "lâu quá" in refused(tmp_path, encoded(speech(), "wav"))


@pytest.mark.slow
@pytest.mark.faults
def test_a_decoder_that_takes_all_its_time_is_not_said_to_have_met_a_broken_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "_CPU_AT_LEAST_S", 1)
    monkeypatch.setattr(recording, "_CPU_SHARE", 0)
    monkeypatch.setattr(recording, "_PATIENCE", 60)
    assert "lâu quá" in refused(tmp_path, encoded(np.tile(speech(), 120), "flac"))


@pytest.mark.faults
@pytest.mark.parametrize("name", ["decoded.f32", "filtered.f32", "treated.f32"])
def test_a_full_disk_is_told_and_kills_nobody(name: str, tmp_path: Path) -> None:
    (tmp_path / name).symlink_to("/dev/full")
    with pytest.raises(NoSpace):
        taken(tmp_path, encoded(speech(), "wav"))


@pytest.mark.media
@pytest.mark.parametrize(
    "options",
    [
        ["-c:a", "libopus", "-f", "webm", "-live", "1"],
        ["-c:a", "aac", "-f", "mp4", "-movflags", "frag_keyframe+empty_moov"],
        ["-c:a", "libopus", "-f", "ogg"],
        ["-c:a", "pcm_s16le", "-f", "wav"],
        ["-c:a", "alac", "-f", "mov"],
    ],
    ids=lambda options: " ".join(options[1::2]),
)
def test_streams_as_browsers_and_phones_write_them_are_taken(options: list[str], tmp_path: Path) -> None:
    """Through a pipe: no length in the head, boxes in fragments, clusters of unknown size."""
    source = written(tmp_path, encoded(speech(), "wav"), "nguon.wav")
    piped = options if "mov" not in options[-1:] else [*options, "-movflags", "frag_keyframe+empty_moov"]
    command = ["ffmpeg", "-v", "error", "-i", str(source), *piped, "pipe:1"]
    data = subprocess.run(command, capture_output=True, check=True).stdout
    found = taken(tmp_path, data)
    assert likeness(speech(), np.asarray(found.samples)) > 0.85
