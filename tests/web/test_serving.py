"""The server itself: which port, for whom, and what it does to rude clients."""

import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from broadcast_service.errors import UserError
from broadcast_service.studio import Studio
from broadcast_service.web import serving
from tests.factories import make_account

EVERYWHERE = "0.0.0.0"  # noqa: S104  bound for a moment, to see that it can be


@contextlib.contextmanager
def running(app: Flask, studio: Studio) -> Iterator[serving.Server]:
    server = serving.open_server(app, studio)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield server
    server.close()
    thread.join(5)
    assert not thread.is_alive()


def test_it_answers_and_does_not_say_what_it_is(app: Flask, studio: Studio) -> None:
    with running(app, studio) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/sign-in")
        answer = connection.getresponse()

        assert answer.status == 200
        assert answer.getheader("Server") is None
        assert "Đăng nhập" in answer.read().decode()


def test_the_next_free_port_is_taken_when_the_wanted_one_is_busy(app: Flask, studio: Studio) -> None:
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        port = busy.getsockname()[1]
        server = serving.open_server(app, replace(studio, settings=replace(studio.settings, port=port)))

    assert port < server.port <= port + 50
    server.close()


@pytest.mark.parametrize("host", [EVERYWHERE, "::", "192.0.2.10"])
def test_nobody_may_listen_to_the_network_before_there_is_an_administrator(
    app: Flask, studio: Studio, host: str
) -> None:
    open_wide = replace(studio, settings=replace(studio.settings, host=host))

    with pytest.raises(UserError, match="chưa có người quản trị"):
        serving.open_server(app, open_wide)


def test_with_an_administrator_it_may(app: Flask, studio: Studio) -> None:
    with studio.database.transaction() as session:
        make_account(session, "admin", password_hash="x")

    server = serving.open_server(app, replace(studio, settings=replace(studio.settings, host=EVERYWHERE)))

    assert server.port
    server.close()


def test_an_address_that_is_not_ours_is_a_plain_sentence(app: Flask, studio: Studio) -> None:
    with studio.database.transaction() as session:
        make_account(session, "admin", password_hash="x")

    with pytest.raises(UserError, match=r"Không mở được cổng .* ở địa chỉ 192\.0\.2\.10"):
        serving.open_server(app, replace(studio, settings=replace(studio.settings, host="192.0.2.10", port=8080)))


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, gzip\r\n\r\n",
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999999\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header: x\r\n\r\n",
        b"GET /sign-in HTTP/1.1\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
def test_malformed_requests_get_an_error_and_the_next_one_is_served(
    app: Flask, studio: Studio, request_bytes: bytes
) -> None:
    with running(app, studio) as server:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5) as rude:
            rude.sendall(request_bytes)
            head = rude.recv(4096).split(b"\r\n")[0]
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        connection.request("GET", "/sign-in")

        assert head.split()[1][:1] in (b"4", b"5")
        assert connection.getresponse().status == 200


def test_stopping_does_not_wait_for_browsers_that_keep_their_connection(app: Flask, studio: Studio) -> None:
    with running(app, studio) as server:
        idle = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
        idle.request("GET", "/sign-in")
        assert idle.getresponse().read()
    with pytest.raises(ConnectionError):
        socket.create_connection(("127.0.0.1", server.port), timeout=1)
