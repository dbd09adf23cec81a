"""What can not be taken as a recording leaves no row, no piece and no file; bad files are told in `tests/faults`."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from broadcast_service.errors import Invalid, NoSpace
from broadcast_service.storage.tables import Piece, Recording, Rendition
from broadcast_service.studio import Studio
from tests.audio.files import encoded
from tests.services.test_recordings import FIRST, hand_in, script_of, speech


def assert_nothing_came_of_it(studio: Studio) -> None:
    with studio.database.reading() as session:
        assert session.scalar(select(func.count(Recording.id))) == 0
        assert session.scalar(select(func.count(Rendition.id))) == 0
        for blob in session.scalars(select(Piece.blob)):
            assert studio.blobs.is_whole(blob)
    incoming = studio.settings.data_dir / "recordings" / "incoming"
    assert not list(incoming.iterdir()) if incoming.exists() else True


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
