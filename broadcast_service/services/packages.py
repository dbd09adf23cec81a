"""Packages: what a station takes home for a day, as files, as one ZIP, or written to a folder."""

import hashlib
import json
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..domain.splice import Splice
from ..domain.units import Milliseconds
from ..errors import EngineError, NoSpace, NotFound
from ..failpoints import failpoint
from ..formats.archive import Member, lay_out
from ..storage.blobs import sync_folder
from ..storage.tables import Fetch, Package
from ..studio import Studio
from .laying import MANIFEST, PARTS_FOLDER, SHEET, ZIP, files_of
from .packing import TOGETHER, make_package, make_packages
from .sealing import sealed

__all__ = [
    "MANIFEST",
    "PARTS_FOLDER",
    "SHEET",
    "TOGETHER",
    "ZIP",
    "PackedBroadcast",
    "PackedFile",
    "PackedItem",
    "current",
    "fetch_times",
    "file_splice",
    "files",
    "get_package",
    "make_package",
    "make_packages",
    "packed_broadcasts",
    "record_fetch",
    "unpack",
    "zip_size",
    "zip_splice",
]

_OURS = re.compile(rf"({PARTS_FOLDER}/)?[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclass(frozen=True, kw_only=True)
class PackedFile:
    """One file of a package."""

    name: str
    size: int
    duration_ms: Milliseconds | None
    """None for what is no sound."""


@dataclass(frozen=True, kw_only=True)
class PackedItem:
    """One item of a packed broadcast and the MP3 it is heard from."""

    title: str
    kind: str
    """sound, shell or script."""
    file: PackedFile


@dataclass(frozen=True, kw_only=True)
class PackedBroadcast:
    """One broadcast of a package: its whole MP3 and its items in order."""

    broadcast_id: int
    whole: PackedFile
    items: tuple[PackedItem, ...]


def get_package(session: Session, package_id: int) -> Package:
    """The package. Raises NotFound."""
    package = session.get(Package, package_id)
    if package is None:
        raise NotFound("gói phát thanh này")
    return package


def current(session: Session, station_id: int, local_date: date) -> Package | None:
    """The newest package of a station's day; None when there is none, or nothing in it may be heard any more."""
    package = session.scalar(
        select(Package)
        .where(Package.station_id == station_id, Package.local_date == local_date)
        .order_by(Package.number.desc())
        .limit(1)
    )
    return package if package and package.broadcast_ids else None


def files(package: Package) -> list[PackedFile]:
    """The files in the order in which they are written and played."""
    return [_packed(file) for file in files_of(package.layout)]


def packed_broadcasts(package: Package) -> dict[int, PackedBroadcast]:
    """What of the package belongs to which broadcast, in order of time."""
    by_name = {file.name: file for file in files(package)}
    return {
        entry["id"]: PackedBroadcast(
            broadcast_id=entry["id"],
            whole=by_name[entry["file"]],
            items=tuple(
                PackedItem(title=item["title"], kind=item["kind"], file=by_name[item["file"]])
                for item in entry["items"]
            ),
        )
        for entry in package.layout["broadcasts"]
    }


def file_splice(package: Package, name: str, studio: Studio) -> Splice:
    """One file of the package. Raises NotFound, and EngineError for sound that is lost."""
    found = files_of(package.layout)
    for file in found:
        if file["name"] == name:
            if file["sha256"] is None and file["duration_ms"] is None:  # a text that tells sums
                file = next(one for one in _sealed(package, studio) if one["name"] == name)
            return Splice.from_json(file["parts"])
    raise NotFound(f"tệp “{name[:80]}” trong gói phát thanh này")


def zip_splice(package: Package, studio: Studio) -> Splice:
    """The whole package as one ZIP; the same bytes every time.

    Raises Invalid above 4 GB, EngineError for sound that is lost.
    """
    return _zipped(package, _sealed(package, studio))


def zip_size(package: Package) -> int:
    """How many bytes the ZIP has. Raises Invalid above 4 GB."""
    return _zipped(package, files_of(package.layout)).size


def _zipped(package: Package, found: Sequence[Mapping[str, Any]]) -> Splice:
    members = [Member(file["name"], Splice.from_json(file["parts"]), file["crc32"] or 0) for file in found]
    return lay_out(members, day=package.local_date)


def _sealed(package: Package, studio: Studio) -> list[dict[str, Any]]:
    try:
        return sealed(files_of(package.layout), studio.blobs.read_checked)
    except OSError as error:
        raise EngineError(f"sound of package {package.id} is lost: {error}", retryable=True) from error


def record_fetch(session: Session, package_id: int, file: str, *, account_id: int | None, now: datetime) -> Fetch:
    """Note that a file, or ZIP, reached the station to its last byte."""
    fetch = Fetch(package_id=package_id, account_id=account_id, file=file, fetched_at=now)
    session.add(fetch)
    session.flush()
    return fetch


def fetch_times(session: Session, package_id: int) -> dict[str, datetime]:
    """When each file of the package, or ZIP, was last fetched."""
    rows = session.execute(
        select(Fetch.file, Fetch.fetched_at).where(Fetch.package_id == package_id).order_by(Fetch.id)
    )
    return {name: fetched_at for name, fetched_at in rows}  # noqa: C416  rows are not yet pairs to mypy


def unpack(
    package: Package, folder: Path, studio: Studio, *, progress: Callable[[str], None] | None = None
) -> list[str]:
    """Write the files into a folder, one after the other, and return their names.

    Cheap players take the order in which files were written for the order of playing. Each file is written
    beside its place, synced and renamed. What an earlier package left there under other names is removed, if
    nobody changed it. Raises NoSpace, and EngineError for sound that is lost.
    """
    old = _left_by_earlier(folder)
    names = []
    for file in _sealed(package, studio):
        path = folder / file["name"]
        _write(path, file, studio)
        names.append(file["name"])
        failpoint("package.file-written")
        if progress:
            progress(file["name"])
    for name, sha256 in old.items():
        path = folder / name
        if name not in names and path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == sha256:
            path.unlink()
    return names


def _write(path: Path, file: Mapping[str, Any], studio: Studio) -> None:
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix="dang-ghi-", suffix=".tmp")
        digest = hashlib.sha256()
        with os.fdopen(handle, "wb") as target:
            for chunk in _checked(file, studio):
                digest.update(chunk)
                target.write(chunk)
            target.flush()
            os.fsync(target.fileno())
        if digest.hexdigest() != file["sha256"]:
            raise EngineError(f"{file['name']} is not what was packed", retryable=False)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
        temporary = None
        sync_folder(path.parent)
    except OSError as error:
        raise NoSpace(str(path.parent)) from error
    finally:
        if temporary:
            Path(temporary).unlink(missing_ok=True)


def _checked(file: Mapping[str, Any], studio: Studio) -> Iterator[bytes]:
    try:
        yield from Splice.from_json(file["parts"]).read(studio.blobs.read_checked)
    except OSError as error:
        raise EngineError(f"sound of {file['name']} is lost: {error}", retryable=True) from error


def _left_by_earlier(folder: Path) -> dict[str, str]:
    """Names and sums of the files that the manifest in the folder names; empty when there is none to be read."""
    try:
        told = json.loads((folder / MANIFEST).read_bytes())
        sums = {str(file["name"]): str(file["sha256"]) for file in told["files"]}
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return {name: sha256 for name, sha256 in sums.items() if _OURS.fullmatch(name)}


def _packed(file: Mapping[str, Any]) -> PackedFile:
    return PackedFile(**{name: file[name] for name in ("name", "size", "duration_ms")})
