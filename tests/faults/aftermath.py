"""What must be true after any fault: nothing damaged, nothing half, and no file that nobody knows."""

from collections.abc import Sequence
from dataclasses import replace

from flask.testing import FlaskClient
from sqlalchemy import func, select, text

from broadcast_service.audio.frames import count
from broadcast_service.audio.mastering import decode
from broadcast_service.domain.units import SAMPLES_PER_FRAME
from broadcast_service.pool import run_one
from broadcast_service.services import jobs, sign_ins, taking_in
from broadcast_service.speech.voice import Voice
from broadcast_service.storage.tables import Broadcast, Cue, Job, Piece, Recording, Rendition, Sound
from broadcast_service.studio import Studio
from broadcast_service.web import create_app
from tests.factories import make_account, make_broadcast, make_script, plan_script


def speaking(studio: Studio, voice: Voice) -> Studio:
    """The same installation with this voice as the one that speaks."""
    return replace(studio, voices={voice.name: voice}, settings=replace(studio.settings, voice=voice.name))


def planned(studio: Studio, spoken: str) -> int:
    """The number of a broadcast whose only item says these paragraphs; its sound is wished for."""
    with studio.database.transaction() as session:
        broadcast = make_broadcast(session)
        plan_script(session, studio, broadcast, make_script(session, status="approved", text=spoken))
        session.flush()
        return broadcast.id


def rendition_of(studio: Studio, broadcast: int) -> Rendition:
    """What is to be heard in that broadcast, in whatever state."""
    with studio.database.reading() as session:
        return session.scalars(
            select(Rendition).join(Cue, Cue.rendition_id == Rendition.id).where(Cue.broadcast_id == broadcast)
        ).one()


def browser(studio: Studio, *roles: str) -> FlaskClient:
    """A browser over this very installation, signed in with a new account of these roles."""
    with studio.database.transaction() as session:
        token = sign_ins.open(
            session, make_account(session, *roles).id, remembered=False, browser="test", now=studio.now()
        )
    app = create_app(studio)
    app.config.update(WTF_CSRF_ENABLED=False)
    client = app.test_client()
    client.set_cookie("dang-nhap", token)
    return client


def rundown(studio: Studio, broadcast: int) -> str:
    """The page a planner reads."""
    return browser(studio, "planner").get(f"/broadcasts/{broadcast}").text


def work(studio: Studio, times: int = 1) -> None:
    """Render so many times, if there is something to do."""
    for _ in range(times):
        run_one(studio, owner="test", kind=jobs.RENDER)


def told(studio: Studio) -> str:
    """What stands in the row of the job that was tried last."""
    with studio.database.reading() as session:
        return session.scalars(select(Job.error).where(Job.kind == jobs.RENDER).order_by(Job.id.desc())).first() or ""


def counts(studio: Studio) -> dict[str, int]:
    """How many pieces, recordings, sounds and broadcasts there are."""
    with studio.database.reading() as session:
        return {
            table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
            for table in (Piece, Recording, Sound, Broadcast)
        }


def assert_nothing_is_damaged(studio: Studio, *, unnamed: Sequence[str] = ()) -> None:
    """Rows and files agree and every piece decodes as long as its row says.

    unnamed: hashes of whole files that no row has to name: what was stored before its row could be written.
    """
    with studio.database.reading() as session:
        if studio.database.is_sqlite:
            assert session.scalar(text("PRAGMA integrity_check")) == "ok"
            assert session.execute(text("PRAGMA foreign_key_check")).all() == []
        pieces = session.scalars(select(Piece)).all()
        for piece in pieces:
            assert studio.blobs.is_whole(piece.blob)
            frames = b"".join(studio.blobs.read(piece.blob))
            assert (len(frames), count(frames)) == (piece.size, piece.frames)
            assert len(decode(frames)) == piece.frames * SAMPLES_PER_FRAME
        for rendition in session.scalars(select(Rendition)):
            if rendition.state == "ready":
                assert rendition.frames == sum(place.piece.frames for place in rendition.pieces) > 0
            else:
                assert rendition.pieces == []
        takes = session.scalars(select(Recording)).all()
        assert {key for take in takes for key in take.piece_keys} <= {piece.key for piece in pieces}
    originals = taking_in.originals(studio)
    for store in (studio.blobs, originals):
        files = [path for path in store.folder.rglob("*") if path.is_file()]
        assert [path.name for path in files if path.suffix != store.suffix] == [], "something half-written was left"
        for path in files:
            assert store.is_whole(path.parent.name + path.stem), "a partial file has a final name"
    named = {piece.blob for piece in pieces}
    stored = {path.parent.name + path.stem for path in studio.blobs.folder.rglob("*.mp3")}
    assert stored - named <= set(unnamed), "sound that nobody knows was left"
    incoming = originals.folder / "incoming"
    assert not incoming.exists() or list(incoming.iterdir()) == []
