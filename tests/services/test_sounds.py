"""The sounds library: what comes in, which of it a programme is framed with on which day, and where it is used."""

import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast_service.domain.rundown import BED, CLOSING, SIGNATURE, STING
from broadcast_service.domain.units import frames_to_ms
from broadcast_service.errors import Conflict, Invalid
from broadcast_service.services import (
    broadcasts,
    filling,
    framing,
    packages,
    programmes,
    renditions,
    rundowns,
    sounds,
    taking_in,
)
from broadcast_service.services.programmes import Wanted
from broadcast_service.services.sounds import Label, Shelf
from broadcast_service.storage.tables import Broadcast, Piece, Programme, Rendition, Sound
from broadcast_service.studio import Studio
from tests.audio.files import encoded
from tests.audio.test_music import music
from tests.conftest import StoppedClock
from tests.days import DAY, ship_sounds, speak_all
from tests.factories import make_account, make_library, make_programme, make_shells, make_slot, make_station

FROM, UNTIL = date(2026, 11, 20), date(2026, 12, 1)


@pytest.fixture
def upload(studio: Studio, tmp_path: Path) -> Callable[..., Sound]:
    """upload("Tết", kind="bed", …) → a sound made of a few plucked notes."""
    pitches = iter(range(300, 900, 37))

    def take(name: str, *, kind: str = "signature", seconds: float = 6.0, **dates: date) -> Sound:
        path = tmp_path / "nhạc"
        path.write_bytes(encoded(music(seconds, pitch_hz=next(pitches)), "wav"))
        added = sounds.add(studio, path, Label(name=name, kind=kind, **dates), account_id=None)
        with studio.database.reading() as session:
            return session.get_one(Sound, added.sound_id)

    return take


@pytest.fixture
def shipped(studio: Studio) -> Studio:
    """With the four tunes everything falls back on."""
    ship_sounds(studio)
    return studio


def plan(studio: Studio, **programme: object) -> tuple[int, int]:
    """(programme, broadcast) of a filled broadcast with shells and stories."""
    with studio.database.transaction() as session:
        make_shells(session)
        make_library(session, [200, 150, 180, 160, 170, 140])
        made = make_programme(session, **programme)
        make_slot(session, make_station(session, code="hoa-tri"), programme=made)
        broadcasts.materialise(session, studio, today=DAY)
        filling.fill(session, studio, first=DAY, last=DAY)
        one = broadcasts.between(session, DAY, DAY + timedelta(days=1))[0]
        return made.id, one.id


def codes(session: Session, broadcast_id: int) -> list[str]:
    return [cue.sound.code for cue in broadcasts.get_broadcast(session, broadcast_id).cues if cue.sound]


def choose(session: Session, studio: Studio, programme_id: int, *, has_bed: bool = False, **chosen: str) -> int:
    programme = programmes.get_programme(session, programme_id)
    wanted = Wanted(name=programme.name, letters=programme.letters, hue=programme.hue, sounds=chosen, has_bed=has_bed)
    programmes.save_programme(session, programme_id, wanted)
    return framing.follow(session, studio, [programme_id])


def test_what_is_handed_in_is_mastered_checked_and_kept_as_it_came(
    studio: Studio, upload: Callable[..., Sound], tmp_path: Path
) -> None:
    sound = upload("Nhạc hiệu Tết", valid_from=FROM)
    assert (sound.code, sound.kind, sound.valid_from) == ("nhac-hieu-tet", "signature", FROM)
    assert sound.piece.loudness_lufs == pytest.approx(-16, abs=0.5)
    assert sound.piece.true_peak_dbtp <= -1
    assert frames_to_ms(sound.piece.frames) == pytest.approx(6_000, abs=300)
    assert sound.piece.is_faulty is False
    assert sound.original
    assert taking_in.originals(studio).path(sound.original).read_bytes() == (tmp_path / "nhạc").read_bytes()


def test_the_same_file_is_not_taken_twice_but_again_once_it_was_put_away(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "nhạc"
    path.write_bytes(encoded(music(), "wav"))
    first = sounds.add(studio, path, Label(name="Một", kind="sting"), account_id=None)
    with pytest.raises(Conflict, match="Một"):
        sounds.add(studio, path, Label(name="Hai", kind="sting"), account_id=None)
    with studio.database.transaction() as session:
        sounds.put_away(session, studio, first.sound_id)
    assert sounds.add(studio, path, Label(name="Hai", kind="sting"), account_id=None).sound_id != first.sound_id


def test_two_sounds_of_one_name_have_two_codes(upload: Callable[..., Sound]) -> None:
    assert [upload("Tết").code, upload("Tết").code, upload("tet").code] == ["tet", "tet-2", "tet-3"]


@pytest.mark.parametrize(
    ("label", "field"),
    [
        (Label(name=" ", kind="bed"), "name"),
        (Label(name="x" * 61, kind="bed"), "name"),
        (Label(name="Nền", kind="jingle"), "kind"),
        (Label(name="Nền", kind="bed", valid_from=FROM, valid_until=FROM), "last_day"),
    ],
)
def test_a_label_that_says_nothing_is_refused_before_anything_is_decoded(
    studio: Studio, tmp_path: Path, label: Label, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        sounds.add(studio, tmp_path / "there is no file", label, account_id=None)
    assert refusal.value.field == field


def test_a_sting_may_not_last_as_long_as_a_signature(upload: Callable[..., Sound]) -> None:
    upload("Dài", kind="signature", seconds=20)
    with pytest.raises(Invalid, match="15 giây"):
        upload("Dài", kind="sting", seconds=20)


def test_two_sounds_are_cross_faded_into_a_third_that_knows_what_it_is_made_of(
    studio: Studio, upload: Callable[..., Sound]
) -> None:
    first, second = upload("Trước"), upload("Sau", kind="sting")
    added = sounds.join(studio, first.id, second.id, Label(name="Nối", kind="signature"), account_id=None)
    with studio.database.reading() as session:
        joined = sounds.get_sound(session, added.sound_id)
        assert joined.made_of == ["truoc", "sau"]
        assert joined.piece.frames < first.piece.frames + second.piece.frames
    with pytest.raises(Invalid, match="dài quá"):
        sounds.join(studio, added.sound_id, first.id, Label(name="Nối", kind="sting"), account_id=None)
    with pytest.raises(Invalid, match="khác nhau"):
        sounds.join(studio, first.id, first.id, Label(name="Nối", kind="signature"), account_id=None)


def test_a_programme_is_framed_with_its_own_sounds_and_else_with_the_set_that_ships(
    shipped: Studio, upload: Callable[..., Sound]
) -> None:
    own = upload("Hiệu riêng")
    programme_id, broadcast_id = plan(shipped, sounds={"signature": own.code})
    with shipped.database.reading() as session:
        played = codes(session, broadcast_id)
        programme = session.get_one(Programme, programme_id)
        shelf = Shelf(session)
        picked = {role: shelf.pick(role, programme, DAY) for role in (SIGNATURE, STING, BED, CLOSING)}
    assert played[0] == own.code
    assert set(played[1:-1]) == {STING}
    assert played[-1] == CLOSING
    assert {role: sound.code for role, sound in picked.items() if sound} == {
        SIGNATURE: own.code, STING: STING, BED: BED, CLOSING: CLOSING
    }  # fmt: skip


@pytest.mark.parametrize(
    ("day", "is_own"),
    [(FROM - timedelta(days=1), False), (FROM, True), (UNTIL - timedelta(days=1), True), (UNTIL, False)],
)
def test_outside_its_dates_a_sound_is_not_planned(
    shipped: Studio, upload: Callable[..., Sound], day: date, is_own: bool
) -> None:
    own = upload("Tết", valid_from=FROM, valid_until=UNTIL)
    with shipped.database.transaction() as session:
        programme = make_programme(session, sounds={"signature": own.code})
        picked = Shelf(session).pick(SIGNATURE, programme, day)
        assert picked is not None
        assert (picked.code == own.code) == is_own


def test_the_rundowns_ahead_follow_when_the_programme_chooses_anew(
    shipped: Studio, upload: Callable[..., Sound], clock: StoppedClock
) -> None:
    programme_id, broadcast_id = plan(shipped)
    own = upload("Mới")
    with shipped.database.transaction() as session:
        before = [cue.title for cue in broadcasts.get_broadcast(session, broadcast_id).cues if not cue.sound]
        changed = choose(session, shipped, programme_id, signature=own.code)
        after = broadcasts.get_broadcast(session, broadcast_id)
        assert changed >= 1
        assert (after.cues[0].sound, after.cues[0].title) == (session.get_one(Sound, own.id), "Mới")
        assert [cue.title for cue in after.cues if not cue.sound] == before
        assert choose(session, shipped, programme_id, signature=own.code) == 0
    clock.forward(days=40)
    with shipped.database.transaction() as session:
        assert choose(session, shipped, programme_id) == 0  # nothing is ahead any more


def test_what_is_put_away_gives_its_place_to_the_set_that_ships(shipped: Studio, upload: Callable[..., Sound]) -> None:
    own = upload("Cũ")
    _, broadcast_id = plan(shipped, sounds={"signature": own.code})
    with shipped.database.transaction() as session:
        sound = sounds.put_away(session, shipped, own.id)
        framing.follow_sound(session, shipped, sound)
        assert codes(session, broadcast_id)[0] == SIGNATURE
        framing.follow_sound(session, shipped, sounds.put_away(session, shipped, own.id, away=False))
        assert codes(session, broadcast_id)[0] == own.code


def test_the_set_that_everything_falls_back_on_stays(shipped: Studio) -> None:
    with shipped.database.transaction() as session:
        tune = sounds.by_code(session, SIGNATURE)
        with pytest.raises(Conflict):
            sounds.put_away(session, shipped, tune.id)
        with pytest.raises(Invalid):
            sounds.relabel(session, tune.id, name="Hiệu", valid_from=FROM, valid_until=None)
        assert sounds.relabel(session, tune.id, name="Hiệu", valid_from=None, valid_until=None).name == "Hiệu"


def test_where_a_sound_is_used_is_told(shipped: Studio, upload: Callable[..., Sound]) -> None:
    own, idle = upload("Dùng"), upload("Để đó")
    programme_id, _ = plan(shipped, sounds={"signature": own.code})
    with shipped.database.reading() as session:
        found = sounds.uses(session, shipped)
        assert [one.id for one in found[own.code].programmes] == [programme_id]
        assert found[own.code].planned >= 1
        assert (found[idle.code].programmes, found[idle.code].planned) == ([], 0)


def test_moving_a_script_takes_the_own_sting_of_its_programme_along(
    shipped: Studio, upload: Callable[..., Sound]
) -> None:
    own = upload("Cắt riêng", kind="sting", seconds=3)
    _, broadcast_id = plan(shipped, sounds={"sting": own.code})
    with shipped.database.transaction() as session:
        broadcast = broadcasts.get_broadcast(session, broadcast_id)
        scripts = [cue for cue in broadcast.cues if cue.kind == "script"]
        rundowns.move_cue(session, shipped, broadcast_id, scripts[0].id, version=broadcast.version, by=1)
        kinds = [(cue.kind, cue.sound.code if cue.sound else "") for cue in broadcast.cues]
    places = [place for place, (kind, _) in enumerate(kinds) if kind == "script"]
    assert all(kinds[place - 2] == ("sound", own.code) for place in places)


def test_lost_files_are_made_again_of_what_was_handed_in(studio: Studio, upload: Callable[..., Sound]) -> None:
    first, second = upload("Trước"), upload("Sau")
    joined = sounds.join(studio, first.id, second.id, Label(name="Nối", kind="closing"), account_id=None)
    with studio.database.reading() as session:
        blobs = list(session.scalars(select(Piece.blob)))
        assert joined.sound_id
    for blob in blobs:
        studio.blobs.path(blob).unlink()
    sounds.ensure_sounds(studio)
    assert all(studio.blobs.is_whole(blob) for blob in blobs)


def test_a_bed_lies_under_greeting_contents_and_farewell_and_under_nothing_else(
    shipped: Studio,
) -> None:
    programme_id, broadcast_id = plan(shipped)
    with shipped.database.transaction() as session:
        before = {cue.id: cue.rendition for cue in broadcasts.get_broadcast(session, broadcast_id).cues}
        choose(session, shipped, programme_id, has_bed=True)
        after = broadcasts.get_broadcast(session, broadcast_id)
        bedded = [cue.script.shell for cue in after.cues if cue.rendition and cue.rendition.bed_key and cue.script]
        assert bedded == ["greeting", "contents", "farewell"]
        assert sounds.uses(session, shipped)[BED].planned >= 1
        assert all(
            cue.rendition is before[cue.id] for cue in after.cues if not (cue.rendition and cue.rendition.bed_key)
        )
        choose(session, shipped, programme_id, has_bed=False)
        assert {cue.id: cue.rendition for cue in after.cues} == before


def test_what_lies_over_music_is_one_piece_as_long_as_was_expected_and_shared(shipped: Studio) -> None:
    voice, said = shipped.default_voice, ["Kính chào bà con.", "Mời bà con nghe tiếp chương trình hôm nay."]
    with shipped.database.transaction() as session:
        bed = sounds.by_code(session, BED).piece_key
        now = shipped.now()
        wanted = renditions.want_rendition(session, voice, said, due_at=now, now=now, bed=bed)
        assert renditions.want_rendition(session, voice, said, due_at=now, now=now, bed=bed) is wanted
        assert renditions.want_rendition(session, voice, said, due_at=now, now=now) is not wanted
        number = wanted.id
    renditions.render(shipped, number)
    with shipped.database.reading() as session:
        made = session.get_one(Rendition, number)
        assert made.state == "ready"
        assert len(made.pieces) == 1
        assert made.is_faulty is False
        assert frames_to_ms(made.frames or 0) == pytest.approx(made.estimated_ms, rel=0.1)
        assert made.pieces[0].piece.loudness_lufs == pytest.approx(-16, abs=0.5)


def test_what_lies_over_music_and_lacks_words_is_held_back(shipped: Studio) -> None:
    said = ["Kính chào bà con.", "Mời bà con nghe tiếp chương trình hôm nay."]
    with shipped.database.transaction() as session:
        bed, now = sounds.by_code(session, BED).piece_key, shipped.now()
        wanted = renditions.want_rendition(session, shipped.default_voice, said, due_at=now, now=now, bed=bed)
        wanted.estimated_ms *= 2  # as if half of it had not been said
        number = wanted.id
    renditions.render(shipped, number)
    with shipped.database.reading() as session:
        assert session.get_one(Rendition, number).is_faulty is True


def test_an_account_that_hands_in_is_remembered(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "nhạc"
    path.write_bytes(encoded(music(), "flac"))
    with studio.database.transaction() as session:
        person = make_account(session, "planner", full_name="Trần Văn Lịch").id
    added = sounds.add(studio, path, Label(name="Hiệu", kind="closing"), account_id=person)
    with studio.database.reading() as session:
        account = sounds.get_sound(session, added.sound_id).account
        assert account is not None
        assert account.full_name == "Trần Văn Lịch"


@pytest.mark.media
@pytest.mark.slow
def test_a_package_with_an_own_signature_and_a_bed_decodes_clean(
    shipped: Studio, upload: Callable[..., Sound], tmp_path: Path
) -> None:
    own = upload("Hiệu riêng", seconds=12)
    _, broadcast_id = plan(shipped, sounds={"signature": own.code}, has_bed=True)
    speak_all(shipped)
    package = packages.make_package(shipped, "hoa-tri", DAY)
    assert package is not None
    assert broadcast_id in package.broadcast_ids
    names = packages.unpack(package, tmp_path / "gói", shipped)
    whole = next(name for name in names if name.endswith(".mp3") and "/" not in name)
    ran = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", str(tmp_path / "gói" / whole), "-f", "f32le", "-ac", "1", "-"],
        capture_output=True,
        check=True,
    )
    assert ran.stderr == b""
    samples = np.frombuffer(ran.stdout, dtype="<f4")
    with shipped.database.reading() as session:
        broadcast = session.get_one(Broadcast, broadcast_id)
        frames = sum(cue.sound.piece.frames for cue in broadcast.cues if cue.sound)
        frames += sum(cue.rendition.frames or 0 for cue in broadcast.cues if cue.rendition)
    assert len(samples) == pytest.approx(1_152 * frames, abs=4 * 1_152)
    assert float(np.sqrt(np.mean(samples[: 3 * 44_100] ** 2))) > 0.02
