"""Packages over HTTP: who may have them, that they are whole, and that a playlist opens by itself."""

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast_service.services import accounts, packages
from broadcast_service.storage.tables import Fetch, Grant, Package, Station, Unit
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import DAY, Day
from tests.web.conftest import Person


@pytest.fixture
def package(studio: Studio, day: Day) -> Package:
    package = packages.make_package(studio, day.code, DAY)
    assert package is not None
    return package


@pytest.fixture
def operator(studio: Studio, day: Day, seat: Callable[..., Person]) -> Person:
    """Of the station the package is for."""
    with studio.database.reading() as session:
        unit = session.get_one(Unit, session.get_one(Station, day.station_id).unit_id)
    return seat("operator", unit=unit)


def fetched(studio: Studio) -> list[tuple[str, int | None]]:
    with studio.database.reading() as session:
        return [(fetch.file, fetch.account_id) for fetch in session.scalars(select(Fetch).order_by(Fetch.id))]


def get(browser: FlaskClient, address: str, **other: Any) -> tuple[int, bytes]:
    """Status and body, read to the end as a browser does."""
    answer = browser.get(address, **other)
    body = answer.data
    answer.close()
    return answer.status_code, body


def test_the_zip_is_named_after_station_day_and_number_and_is_whole(
    studio: Studio, package: Package, operator: Person
) -> None:
    answer = operator.client.get(f"/packages/{package.id}/package.zip")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="hoa-tri_2026-11-24_goi-1.zip"'
    assert answer.content_type == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == [file.name for file in packages.files(package)]
    assert fetched(studio) == [("package.zip", operator.account_id)]


def test_an_mp3_is_named_with_its_day_and_noted_once_it_arrived(
    studio: Studio, package: Package, operator: Person
) -> None:
    address = f"/packages/{package.id}/files/0530_DHTT.mp3"
    head = operator.client.head(address)
    assert head.headers["Content-Disposition"] == 'attachment; filename="2026-11-24_0530_DHTT.mp3"'
    assert fetched(studio) == []
    half = int(head.headers["Content-Length"]) // 2
    assert get(operator.client, address, headers={"Range": f"bytes=0-{half - 1}"})[0] == 206
    assert fetched(studio) == []
    assert get(operator.client, address, headers={"Range": f"bytes={half}-"})[0] == 206
    assert fetched(studio) == [("0530_DHTT.mp3", operator.account_id)]


def test_listening_in_place_and_looking_at_papers_is_not_fetching(
    studio: Studio, package: Package, operator: Person
) -> None:
    answer = operator.client.get(f"/packages/{package.id}/files/0530_DHTT.mp3?listen=1")
    assert answer.data[:3] == b"ID3"
    assert answer.content_type == "audio/mpeg"
    assert "Content-Disposition" not in answer.headers
    for name in ("manifest.json", "SHA256SUMS", "danh-sach.m3u8", "danh-sach.m3u", "LICH_PHAT.html"):
        assert get(operator.client, f"/packages/{package.id}/files/{name}")[0] == 200
    assert fetched(studio) == []


def test_what_the_centre_looks_at_does_not_count_as_fetched_by_the_station(
    studio: Studio, package: Package, seat: Callable[..., Person]
) -> None:
    planner = seat("planner")
    assert get(planner.client, f"/packages/{package.id}/package.zip")[0] == 200
    assert fetched(studio) == []


def test_the_run_sheet_shows_with_its_own_style_and_nothing_else(package: Package, operator: Person) -> None:
    answer = operator.client.get(f"/packages/{package.id}/files/LICH_PHAT.html")
    policy = answer.headers["Content-Security-Policy"]
    assert re.search(r"style-src 'sha256-[^']+'", policy)
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "Lịch phát thanh" in answer.text


def playlist(browser: FlaskClient, package: Package, query: str = "", **other: Any) -> list[str]:
    answer = browser.get(f"/packages/{package.id}/danh-sach.m3u8{query}", **other)
    assert answer.status_code == 200
    assert answer.content_type == "audio/x-mpegurl; charset=utf-8"
    return [line for line in answer.text.split("\r\n") if line.startswith("http")]


def test_the_playlist_opens_without_signing_in(
    studio: Studio, package: Package, operator: Person, client: FlaskClient
) -> None:
    addresses = playlist(operator.client, package)
    parts = [file.name for file in packages.files(package) if file.name.startswith("TUNG_MUC/")]
    assert [address.split("/", 5)[5] for address in addresses] == parts
    for address, name in zip(addresses, parts, strict=True):
        status, body = get(client, address)
        assert status == 200
        assert body == b"".join(packages.file_splice(package, name, studio).read(studio.blobs.read_checked))
    assert fetched(studio) == [(name, operator.account_id) for name in parts]


def test_the_playlist_of_one_broadcast_has_its_items_only(package: Package, operator: Person, day: Day) -> None:
    addresses = playlist(operator.client, package, f"?broadcast={day.broadcast_ids[1]}")
    assert len(addresses) == 6
    assert all("_1700_" in address for address in addresses)
    assert operator.client.get(f"/packages/{package.id}/danh-sach.m3u8?broadcast=999").status_code == 404


def test_the_playlist_names_the_host_it_was_asked_at(package: Package, operator: Person) -> None:
    (first, *_) = playlist(operator.client, package, base_url="http://localhost:8123/")
    assert first.startswith("http://localhost:8123/take/")


def test_a_ticket_ends_after_36_hours(
    package: Package, operator: Person, client: FlaskClient, clock: StoppedClock
) -> None:
    (address, *_) = playlist(operator.client, package)
    clock.forward(hours=35, minutes=59)
    assert get(client, address)[0] == 200
    clock.forward(minutes=2)
    status, body = get(client, address)
    assert status == 404
    assert "36 giờ" in body.decode()


def test_a_ticket_dies_with_its_account_and_with_its_right_to_the_station(
    studio: Studio, package: Package, operator: Person, client: FlaskClient
) -> None:
    (address, *_) = playlist(operator.client, package)
    with studio.database.transaction() as session:
        (grant,) = session.scalars(select(Grant).where(Grant.account_id == operator.account_id))
        right, grant.unit_id = grant.unit_id, None
    assert get(client, address)[0] == 404
    with studio.database.transaction() as session:
        session.scalars(select(Grant).where(Grant.account_id == operator.account_id)).one().unit_id = right
    assert get(client, address)[0] == 200
    with studio.database.transaction() as session:
        accounts.get_account(session, operator.account_id).active = False
    assert get(client, address)[0] == 404


@pytest.mark.parametrize("ticket", ["x", "WzEsMSw5OTk5XQ.AAAA", "WzEsMSw5OTk5XQ", "[]", "%00", "." * 50])
def test_a_made_up_ticket_opens_nothing(package: Package, client: FlaskClient, ticket: str) -> None:
    assert get(client, f"/take/{ticket}/0530_DHTT.mp3")[0] == 404


def test_a_ticket_is_for_one_package(package: Package, operator: Person, client: FlaskClient) -> None:
    (address, *_) = playlist(operator.client, package)
    base = address.rsplit("/TUNG_MUC/", 1)[0]
    for name in ("../secret.key", "..%2f..%2fsecret.key", "nothing.mp3", "TUNG_MUC", "manifest.json/x"):
        assert get(client, f"{base}/{name}")[0] in (404, 308)


ADDRESSES = (
    "/packages/{}/package.zip",
    "/packages/{}/danh-sach.m3u8",
    "/packages/{}/files/0530_DHTT.mp3",
    "/packages/{}/files/0530_DHTT.mp3?listen=1",
    "/packages/{}/files/manifest.json",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_another_station_and_a_stranger_get_nothing(
    package: Package, seat: Callable[..., Person], client: FlaskClient, address: str
) -> None:
    neighbour = seat("operator")
    assert get(neighbour.client, address.format(package.id))[0] == 404
    assert get(neighbour.client, address.format(package.id), headers={"Range": "bytes=0-9"})[0] == 404
    assert client.get(address.format(package.id)).status_code == 302
    assert neighbour.client.get(address.format(999)).status_code == 404


def test_a_lost_blob_is_a_page_that_says_so(studio: Studio, package: Package, operator: Person) -> None:
    for path in studio.blobs.folder.glob("*/*.mp3"):
        path.unlink()
    status, _ = get(operator.client, f"/packages/{package.id}/package.zip")
    assert status == 503
    assert fetched(studio) == []
