"""`check` tells what is wrong with the sounds library and with what was listened to."""

from pathlib import Path

import pytest
from sqlalchemy import select

from broadcast_service.services import soundness, sounds, taking_in
from broadcast_service.services.soundness import BAD, GOOD, WARN, Finding
from broadcast_service.services.sounds import Label
from broadcast_service.storage.tables import Piece, Sound
from broadcast_service.studio import Studio
from tests.audio.files import encoded
from tests.audio.test_music import music
from tests.days import ship_sounds
from tests.factories import make_programme


@pytest.fixture
def own(studio: Studio, tmp_path: Path) -> int:
    """A sound beside the set that ships."""
    ship_sounds(studio)
    path = tmp_path / "nhạc"
    path.write_bytes(encoded(music(), "wav"))
    return sounds.add(studio, path, Label(name="Tết", kind="signature"), account_id=None).sound_id


def told(studio: Studio, what: str) -> Finding:
    return next(finding for finding in soundness.check(studio) if finding.what == what)


def test_a_library_in_order_is_good(studio: Studio, own: int) -> None:
    with studio.database.transaction() as session:
        make_programme(session, sounds={"signature": session.get_one(Sound, own).code})
    assert told(studio, "Kho âm thanh") == Finding(GOOD, "Kho âm thanh", "5 âm thanh, chuyên mục nào cũng có nhạc")
    assert told(studio, "Nghe kiểm tra").verdict == GOOD


def test_a_damaged_original_is_named(studio: Studio, own: int) -> None:
    with studio.database.reading() as session:
        original = session.get_one(Sound, own).original or ""
    path = taking_in.originals(studio).path(original)
    path.write_bytes(path.read_bytes()[:-1])
    finding = told(studio, "Kho âm thanh")
    assert finding.verdict == BAD
    assert "“Tết”" in finding.detail


def test_a_programme_that_has_chosen_what_is_not_there_is_named(studio: Studio, own: int) -> None:
    with studio.database.transaction() as session:
        make_programme(session, name="Nông thôn mới", sounds={"sting": session.get_one(Sound, own).code})
    finding = told(studio, "Kho âm thanh")
    assert finding.verdict == BAD
    assert "Nông thôn mới" in finding.detail


def test_an_installation_without_its_tunes_is_bad(studio: Studio) -> None:
    assert "nhac-hieu" in told(studio, "Kho âm thanh").detail


def test_faulty_and_unheard_sound_is_counted(studio: Studio, own: int) -> None:
    with studio.database.transaction() as session:
        piece = session.scalars(select(Piece)).first()
        assert piece is not None
        piece.is_faulty, piece.checks = None, None
    assert told(studio, "Nghe kiểm tra") == Finding(
        WARN, "Nghe kiểm tra", "1 đoạn tiếng, bản thu chưa được nghe kiểm tra"
    )
    with studio.database.transaction() as session:
        session.get_one(Piece, piece.key).is_faulty = True
    assert "1 đoạn tiếng có chỗ hỏng" in told(studio, "Nghe kiểm tra").detail
