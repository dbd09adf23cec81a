"""Packages over HTTP: files, the ZIP, and a playlist a player can open without signing in."""

from collections.abc import Callable
from datetime import timedelta

from flask import Blueprint, Response, request
from itsdangerous import BadData, URLSafeSerializer

from ..domain.units import Milliseconds
from ..errors import NotFound
from ..formats.m3u import Entry, m3u8
from ..formats.run_sheet import style_source
from ..services import packages
from ..services.visitors import Visitor, visitor_of
from ..storage.tables import Account, Package
from . import door
from .door import allow, db, open_to_all, studio
from .sending import send_splice

bp = Blueprint("packages", __name__)

TAKE_FOR = timedelta(hours=36)
"""How long the addresses in a playlist open: today's list still plays tomorrow morning."""

_TYPES = {
    ".mp3": "audio/mpeg",
    ".m3u8": "audio/x-mpegurl; charset=utf-8",
    ".m3u": "audio/x-mpegurl; charset=us-ascii",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json",
}


@bp.get("/packages/<int:package_id>/package.zip")
@allow.any_signed_in
def archive(package_id: int) -> Response:
    """The whole package as one ZIP."""
    package = _seen(package_id)
    name = f"{package.station.code}_{package.local_date.isoformat()}_goi-{package.number}.zip"
    return send_splice(
        packages.zip_splice(package, studio()),
        content_type="application/zip",
        download_name=name,
        on_complete=_note(package, packages.ZIP, door.visitor()),
    )


@bp.get("/packages/<int:package_id>/files/<path:name>")
@allow.any_signed_in
def file(package_id: int, name: str) -> Response:
    """One file of it: to keep, or with `?listen=1` to play in place, which does not count as fetched."""
    package = _seen(package_id)
    if name.endswith(".mp3") and "listen" not in request.args:
        download_name = f"{package.local_date.isoformat()}_{name.rpartition('/')[2]}"
        return _send(package, name, door.visitor(), download_name=download_name)
    answer = _send(package, name, None)
    if name == packages.SHEET:
        answer.headers["Content-Security-Policy"] = _sheet_policy(package)
    return answer


@bp.get("/packages/<int:package_id>/danh-sach.m3u8")
@allow.any_signed_in
def playlist(package_id: int) -> Response:
    """The items in order as full addresses that a player opens by itself; `?broadcast=` takes one broadcast only."""
    package = _seen(package_id)
    wanted = request.args.get("broadcast", type=int)
    found = packages.packed_broadcasts(package)
    if wanted is not None and wanted not in found:
        raise NotFound("buổi phát này trong gói phát thanh")
    base = f"{studio().settings.url or request.host_url.rstrip('/')}/take/{_ticket(package, door.visitor())}"
    entries = [
        Entry(f"{base}/{item.file.name}", item.title, Milliseconds(item.file.duration_ms or 0))
        for broadcast in found.values()
        if wanted in (None, broadcast.broadcast_id)
        for item in broadcast.items
    ]
    name = f"{package.station.code}_{package.local_date.isoformat()}.m3u8"
    disposition = f'attachment; filename="{name}"'
    return Response(m3u8(entries), headers={"Content-Disposition": disposition}, content_type=_TYPES[".m3u8"])


@bp.get("/take/<ticket>/<path:name>")
@open_to_all
def take(ticket: str, name: str) -> Response:
    """A file by an address out of a playlist: signed, for one package and account, 36 hours.

    The account must still be active and still see the station; else it is as if there were nothing.
    """
    try:
        package_id, account_id, expires = _serializer().loads(ticket)
    except (BadData, ValueError, TypeError) as error:
        raise NotFound("địa chỉ này") from error
    session = db()
    account = session.get(Account, account_id)
    package = packages.get_package(session, package_id)
    if expires < studio().now().timestamp() or account is None or not account.active:
        raise NotFound("địa chỉ này. Danh sách phát đã quá 36 giờ, hãy tải lại danh sách")
    person = visitor_of(account)
    if not person.may_see_station(package.station):
        raise NotFound("địa chỉ này")
    return _send(package, name, person if "listen" not in request.args else None)


def _seen(package_id: int) -> Package:
    """The package, if the visitor may see its station. Raises NotFound otherwise."""
    package = packages.get_package(db(), package_id)
    door.see_station(package.station)
    return package


def _send(package: Package, name: str, person: Visitor | None, *, download_name: str | None = None) -> Response:
    content = packages.file_splice(package, name, studio())
    return send_splice(
        content,
        content_type=_TYPES.get(f".{name.rpartition('.')[2]}", "text/plain; charset=us-ascii"),
        download_name=download_name,
        on_complete=_note(package, name, person) if person and name.endswith(".mp3") else None,
    )


def _note(package: Package, name: str, person: Visitor) -> Callable[[], None] | None:
    """What notes that the station has a file now. What the Centre looks at for itself does not count."""
    if package.station.unit_id not in person.unit_ids:
        return None
    used, package_id, account_id = studio(), package.id, person.account_id

    def note() -> None:
        with used.database.transaction() as session:
            packages.record_fetch(session, package_id, name, account_id=account_id, now=used.now())

    return note


def _ticket(package: Package, person: Visitor) -> str:
    expires = int((studio().now() + TAKE_FOR).timestamp())
    ticket = _serializer().dumps([package.id, person.account_id, expires])
    return ticket if isinstance(ticket, str) else ticket.decode()


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(studio().secret_key, salt="take")


def _sheet_policy(package: Package) -> str:
    """The sheet carries its own style, since it is made to leave the house; nothing else is let in."""
    page = b"".join(packages.file_splice(package, packages.SHEET, studio()).read(studio().blobs.read_checked))
    return (
        f"default-src 'none'; style-src {style_source(page)}; base-uri 'none'; form-action 'none'; sandbox allow-modals"
    )
