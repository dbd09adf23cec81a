"""Is this installation sound? Outcomes are checked, not processes: what would be heard tomorrow."""

import shutil
import sqlite3
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from ..domain.rundown import ROLES
from ..domain.scripts import content_hash
from ..errors import EngineError
from ..storage.migrating import HEAD, current_revision
from ..storage.tables import Account, Approval, Job, LocalReading, Piece, Programme, Rendition, Revision, Sound
from ..studio import Studio
from . import broadcasts, due, local_readings, sound_checks, taking_in

GOOD, WARN, BAD = "tốt", "lưu ý", "hỏng"
FREE_BYTES = 500_000_000
SAFE_SQLITE = (3, 51, 3)
"""First release without the write-ahead-log reset bug (sqlite.org/wal.html); we also queue writers."""


@dataclass(frozen=True)
class Finding:
    """One thing looked at: verdict is GOOD, WARN or BAD."""

    verdict: str
    what: str
    detail: str


def check(studio: Studio, *, hash_blobs: bool = True) -> list[Finding]:
    """Look at everything; nothing is changed. hash_blobs: read every stored sound again (about 1 GB/s)."""
    return [
        _database(studio),
        _sqlite_release(studio),
        *_sounds(studio, hash_blobs=hash_blobs),
        _library(studio, hash_blobs=hash_blobs),
        _listened(studio),
        _approvals(studio),
        _local_readings(studio),
        _jobs(studio),
        _coming_days(studio),
        _voice(studio),
        _room(studio),
        _people(studio),
    ]


def _database(studio: Studio) -> Finding:
    revision = current_revision(studio.database)
    if revision != HEAD:
        return Finding(BAD, "Cơ sở dữ liệu", f"đang ở bước {revision}, cần bước {HEAD}")
    if studio.database.is_sqlite:
        with studio.database.engine.connect() as connection:
            answer = connection.scalar(sa.text("PRAGMA integrity_check"))
            orphans = connection.execute(sa.text("PRAGMA foreign_key_check")).all()
        if answer != "ok" or orphans:
            return Finding(BAD, "Cơ sở dữ liệu", f"{answer}; {len(orphans)} dòng mồ côi")
    return Finding(GOOD, "Cơ sở dữ liệu", f"nguyên vẹn, bước {revision}")


def _sqlite_release(studio: Studio) -> Finding:
    release = sqlite3.sqlite_version
    if studio.database.is_sqlite and sqlite3.sqlite_version_info < SAFE_SQLITE:
        return Finding(WARN, "SQLite", f"bản {release}; nên dùng từ 3.51.3, tuy việc ghi đã được xếp hàng")
    return Finding(GOOD, "SQLite", release if studio.database.is_sqlite else "không dùng")


def _sounds(studio: Studio, *, hash_blobs: bool) -> list[Finding]:
    with studio.database.reading() as session:
        pieces = session.execute(select(Piece.blob, Piece.size)).all()
        incomplete = session.scalars(
            select(Rendition.id).where(Rendition.state == "ready", ~Rendition.pieces.any())
        ).all()
    bad = []
    for blob, size in pieces:
        path = studio.blobs.path(blob)
        whole = path.exists() and path.stat().st_size == size and (not hash_blobs or studio.blobs.is_whole(blob))
        if not whole:
            bad.append(blob[:12])
    findings = [Finding(GOOD, "Tệp âm thanh", f"{len(pieces)} tệp, đủ" + (" và đúng từng byte" if hash_blobs else ""))]
    if bad:
        lost = f"{len(bad)} tệp mất hoặc hỏng ({', '.join(bad[:5])}…); khởi động lại dịch vụ để thu lại"
        findings = [Finding(BAD, "Tệp âm thanh", lost)]
    if incomplete:
        findings.append(Finding(BAD, "Bản thu", f"{len(incomplete)} bản ghi là xong mà không có đoạn nào"))
    left = len(list(studio.blobs.folder.glob("*/*.tmp")))
    if left:
        findings.append(Finding(WARN, "Tệp dở dang", f"{left} tệp, sẽ được dọn khi khởi động"))
    return findings


def _library(studio: Studio, *, hash_blobs: bool) -> Finding:
    """The sounds library: the set that everything falls back on, what was handed in, what programmes have chosen."""
    with studio.database.reading() as session:
        rows = {sound.code: sound for sound in session.scalars(select(Sound))}
        chosen = session.execute(select(Programme.name, Programme.sounds)).all()
    originals = taking_in.originals(studio)
    missing = [f"“{code}”" for code in ROLES.values() if code not in rows]
    problems = [f"thiếu nhạc dự phòng {', '.join(missing)}; khởi động lại dịch vụ để tạo lại"] if missing else []
    for sound in rows.values():
        if sound.original is None:
            continue
        if not (originals.is_whole(sound.original) if hash_blobs else originals.path(sound.original).exists()):
            problems.append(f"tệp gốc của “{sound.name}” mất hoặc hỏng")
    for name, codes in chosen:
        for kind, code in codes.items():
            if code not in rows or rows[code].kind != kind:
                problems.append(f"chuyên mục “{name}” chọn âm thanh không có ({code})")
    if problems:
        return Finding(BAD, "Kho âm thanh", "; ".join(problems[:5]))
    return Finding(GOOD, "Kho âm thanh", f"{len(rows)} âm thanh, chuyên mục nào cũng có nhạc")


def _listened(studio: Studio) -> Finding:
    """Whether all sound was listened to, and what keeps broadcasts off the air."""
    with studio.database.reading() as session:
        faulty = session.scalar(select(func.count(Piece.key)).where(Piece.is_faulty.is_(True))) or 0
        waiting = sound_checks.waiting(session)
    if faulty:
        return Finding(WARN, "Nghe kiểm tra", f"{faulty} đoạn tiếng có chỗ hỏng, buổi phát dùng chúng bị giữ lại")
    if waiting:
        return Finding(WARN, "Nghe kiểm tra", f"{waiting} đoạn tiếng, bản thu chưa được nghe kiểm tra")
    return Finding(GOOD, "Nghe kiểm tra", "không đoạn tiếng nào hỏng")


def _approvals(studio: Studio) -> Finding:
    with studio.database.reading() as session:
        rows = session.execute(
            select(Revision.id, Revision.title, Revision.written, Revision.spoken, Approval.content_hash)
            .join(Approval, Approval.revision_id == Revision.id)
            .where(Approval.verdict == "approved")
        ).all()
    wrong = [number for number, *texts, approved in rows if content_hash(*texts) != approved]
    if wrong:
        return Finding(BAD, "Phê duyệt", f"{len(wrong)} bản sửa không còn đúng văn bản đã duyệt (số {wrong[:5]})")
    return Finding(GOOD, "Phê duyệt", f"{len(rows)} phê duyệt khớp với văn bản")


def _local_readings(studio: Studio) -> Finding:
    with studio.database.reading() as session:
        rows = session.scalars(
            select(LocalReading)
            .where(LocalReading.approval_id.is_not(None))
            .options(joinedload(LocalReading.revision), joinedload(LocalReading.approval))
        ).all()
        waiting = len(local_readings.waiting(session))
        wrong = [row.id for row in rows if not local_readings.is_genuine(row)]
    if wrong:
        return Finding(
            BAD,
            "Lời đọc riêng",
            f"{len(wrong)} lời đọc không còn đúng như đã duyệt (số {wrong[:5]}), sẽ không được phát",
        )
    if waiting:
        return Finding(WARN, "Lời đọc riêng", f"{len(rows)} lời khớp với phê duyệt, {waiting} lời chờ duyệt")
    return Finding(GOOD, "Lời đọc riêng", f"{len(rows)} lời khớp với phê duyệt")


def _jobs(studio: Studio) -> Finding:
    with studio.database.reading() as session:
        dead = session.scalar(select(func.count()).where(Job.state == "dead"))
        late = session.scalar(select(func.count()).where(Job.state == "queued", Job.due_at < studio.now()))
    if dead:
        return Finding(WARN, "Việc tự động", f"{dead} việc hỏng hẳn sau nhiều lần thử")
    return Finding(GOOD, "Việc tự động", f"không việc nào hỏng, {late} việc trễ giờ")


def _coming_days(studio: Studio) -> Finding:
    today = due.local_today(studio)
    with studio.database.reading() as session:
        rows = broadcasts.between(session, today, today + timedelta(days=due.DAYS_FILLED))
        states = broadcasts.states(session, rows, studio.now())
        empty = sum(states[row.id].key == "empty" for row in rows)
    if empty:
        return Finding(WARN, "Bảy ngày tới", f"{len(rows)} buổi phát, {empty} buổi còn trống")
    return Finding(GOOD if rows else WARN, "Bảy ngày tới", f"{len(rows)} buổi phát, không buổi nào trống")


def _voice(studio: Studio) -> Finding:
    try:
        wave = studio.default_voice.speak("Xin chào bà con.")
    except EngineError as error:
        return Finding(BAD, "Giọng đọc", f"{studio.settings.voice}: {error}")
    return Finding(GOOD, "Giọng đọc", f"{studio.settings.voice}, nói được {wave.length_ms} ms")


def _room(studio: Studio) -> Finding:
    free = min(shutil.disk_usage(folder).free for folder in (studio.settings.data_dir, studio.settings.audio_dir))
    return Finding(GOOD if free > FREE_BYTES else WARN, "Đĩa trống", f"{free / 1e9:.1f} GB")


def _people(studio: Studio) -> Finding:
    with studio.database.reading() as session:
        number = session.scalar(select(func.count(Account.id)).where(Account.active))
    if not number:
        return Finding(WARN, "Tài khoản", "chưa có ai; mở liên kết đặt người quản trị")
    return Finding(GOOD, "Tài khoản", f"{number} đang dùng")
