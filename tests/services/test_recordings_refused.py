"""What can not be taken as a recording ends in a sentence, and leaves no row, no piece and no file."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import func, select

from broadcast_service.errors import Invalid, NoSpace
from broadcast_service.storage.tables import Piece, Recording, Rendition
from broadcast_service.studio import Studio
from tests.audio.files import encoded, float_wav, id3, plain_wav
from tests.services.test_recordings import FIRST, hand_in, script_of, speech


def assert_nothing_came_of_it(studio: Studio) -> None:
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(Recording.id))) == 0
        assert session.scalar(select(func.count(Rendition.id))) == 0
        for blob in session.scalars(select(Piece.blob)):
            assert studio.blobs.is_whole(blob)
    incoming = studio.settings.data_dir / "recordings" / "incoming"
    assert not list(incoming.iterdir()) if incoming.exists() else True


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "0 bytes": (lambda: b"", "rỗng"),
    "8 kHz": (lambda: plain_wav(5, rate_hz=8_000), "8 kHz"),
    "silence": (lambda: plain_wav(5, value=0), "không có tiếng"),
    "nothing but direct current": (lambda: plain_wav(5, value=9_000), "không có tiếng"),
    "a renamed ZIP": (lambda: b"PK\x03\x04" + bytes(3_000), "ZIP"),
    "a sound and a ZIP": (lambda: plain_wav(3) + b"PK\x05\x06" + bytes(18), "ZIP"),
    "an ID3 bomb": (lambda: id3(100 << 20) + bytes(2_000), "ID3"),
    "no number": (lambda: float_wav(np.full(200_000, np.nan, dtype=np.float32)), "hỏng"),
    "cut off": (lambda: encoded(speech(FIRST), "wav")[:100_000], "cụt"),
}


@pytest.mark.parametrize("what", list(BROKEN))
def test_a_bad_file_ends_in_a_sentence_and_leaves_nothing(what: str, studio: Studio, tmp_path: Path) -> None:
    make, word = BROKEN[what]
    with pytest.raises(Invalid, match=word) as caught:
        hand_in(studio, script_of(studio, FIRST), make(), 1, tmp_path)
    assert caught.value.field == "recording"
    assert_nothing_came_of_it(studio)


@pytest.mark.slow
def test_three_hours_are_refused_in_time(studio: Studio, tmp_path: Path) -> None:
    import av

    path = tmp_path / "ghi-am.mp3"
    with av.open(str(path), "w", format="flac") as file:
        stream = file.add_stream("flac", rate=16_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4_608), dtype=np.int16), format="s16", layout="mono")
        frame.sample_rate = 16_000
        for _ in range(3 * 3_600 * 16_000 // 4_608):
            frame.pts = None
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    with pytest.raises(Invalid, match="60 phút"):
        hand_in(studio, script_of(studio, FIRST), path.read_bytes(), 1, tmp_path)
    assert_nothing_came_of_it(studio)


def test_a_full_disk_is_told_and_leaves_nothing(studio: Studio, tmp_path: Path) -> None:
    (studio.settings.data_dir / "recordings").write_text("not a folder")
    with pytest.raises(NoSpace):
        hand_in(studio, script_of(studio, FIRST), encoded(speech(FIRST), "wav"), 1, tmp_path)
    assert_nothing_came_of_it(studio)


@pytest.mark.parametrize(("paragraph", "reader", "field"), [(0, "Lan", "paragraph"), (4, "Lan", "paragraph"),
                                                            (1, " ", "reader"), (1, "L" * 81, "reader")])  # fmt: skip
def test_who_reads_what_is_asked_for(studio: Studio, tmp_path: Path, paragraph: int, reader: str, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        hand_in(studio, script_of(studio), encoded(speech(FIRST), "wav"), paragraph, tmp_path, reader=reader)
    assert caught.value.field == field
