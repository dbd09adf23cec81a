"""Listening to a broadcast in a page and taking it along in other forms."""

import re
import subprocess
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from broadcast_service.pool import run_one
from broadcast_service.services import encodings
from broadcast_service.storage.tables import Broadcast, Encoding
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.days import Day, plan_day, speak_all
from tests.machine import find


@pytest.fixture
def day(studio: Studio) -> Day:
    return plan_day(studio)


@pytest.fixture
def planner(sign_in: Callable[..., FlaskClient]) -> FlaskClient:
    return sign_in("planner")


def test_a_broadcast_is_heard_before_it_is_packed(studio: Studio, day: Day, planner: FlaskClient) -> None:
    address = f"/broadcasts/{day.broadcast_ids[0]}/sound.mp3"
    assert planner.get(address).status_code == 409, "nothing is spoken yet"
    speak_all(studio)

    whole = planner.get(address)
    assert whole.status_code == 200
    assert int(whole.headers["Content-Length"]) == len(whole.data)
    part = planner.get(address, headers={"Range": "bytes=1000-1999", "If-Range": whole.headers["ETag"]})
    assert (part.status_code, part.data) == (206, whole.data[1000:2000])
    assert planner.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    assert planner.head(address).headers["Content-Length"] == whole.headers["Content-Length"]


def test_the_segments_are_the_pieces_and_nothing_else(studio: Studio, day: Day, planner: FlaskClient) -> None:
    speak_all(studio)
    address = f"/broadcasts/{day.broadcast_ids[0]}"
    listed = planner.get(f"{address}/listen.m3u8").text.splitlines()
    assert (listed[0], listed[-1]) == ("#EXTM3U", "#EXT-X-ENDLIST")
    segments = [planner.get(line).data for line in listed if line and line[0] != "#"]

    frames = b"".join(segment[10 + segment[9] :] for segment in segments)
    assert planner.get(f"{address}/sound.mp3").data.endswith(frames)
    last = next(line for line in reversed(listed) if line[0] != "#")
    assert planner.get(last.replace(f"/{len(segments) - 1}.mp3", f"/{len(segments)}.mp3")).status_code == 404


def test_a_segment_of_a_tape_that_has_changed_is_not_had_from_the_new_one(
    studio: Studio, day: Day, planner: FlaskClient
) -> None:
    speak_all(studio)
    address = f"/broadcasts/{day.broadcast_ids[0]}/listen.m3u8"
    before = planner.get(address)
    old = [line for line in before.text.splitlines() if line[0] != "#"]
    assert "immutable" in planner.get(old[0]).headers["Cache-Control"]
    assert planner.get(address, headers={"If-None-Match": before.headers["ETag"]}).status_code == 304

    with studio.database.transaction() as session:
        broadcast = session.get_one(Broadcast, day.broadcast_ids[0])
        del broadcast.cues[1]
        for position, cue in enumerate(broadcast.cues):
            cue.position = position
    after = planner.get(address, headers={"If-None-Match": before.headers["ETag"]})
    assert after.status_code == 200
    new = [line for line in after.text.splitlines() if line[0] != "#"]
    assert {planner.get(line).status_code for line in new} == {200}
    assert {planner.get(line).status_code for line in old} == {404}


def test_the_transcript_tells_what_is_said_in_the_order_it_is_said(
    studio: Studio, day: Day, planner: FlaskClient
) -> None:
    speak_all(studio)
    address = f"/broadcasts/{day.broadcast_ids[0]}"
    told = planner.get(f"{address}/transcript.vtt")
    assert told.content_type.startswith("text/vtt")
    assert told.text.startswith("WEBVTT")
    said = [line for line in told.text.splitlines() if line and "-->" not in line and not line.isdigit()][1:]
    read = planner.get(f"{address}/transcript.txt").text
    assert said
    assert all(" ".join(line.split()) in " ".join(read.split()) for line in said)


@pytest.mark.media
@pytest.mark.parametrize("kind", sorted(encodings.KINDS))
def test_every_form_is_made_once_and_decodes_to_the_same_length(
    studio: Studio, day: Day, planner: FlaskClient, kind: str, tmp_path: Path
) -> None:
    speak_all(studio)
    address = f"/broadcasts/{day.broadcast_ids[0]}/programme.{kind}"
    assert "chưa có" in planner.get(address).text
    assert "Đang làm tệp" in planner.post(address, follow_redirects=True).text
    while run_one(studio, owner="test", kind="encode"):
        pass

    answer = planner.get(address)
    path = tmp_path / f"tep.{kind}"
    path.write_bytes(answer.data)
    decoded = subprocess.run(
        [find("ffmpeg") or "ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-ac", "1", "-ar", "44100", "-"],
        capture_output=True,
        check=True,
    )
    assert decoded.stderr == b""
    with studio.database.reading() as session:
        encoding = session.scalars(select(Encoding)).one()
        assert abs(len(decoded.stdout) / 2 / 44.1 - encoding.length_ms) < 60
    assert planner.get(address, headers={"Range": "bytes=0-99"}).data == answer.data[:100]


def test_who_waits_for_a_file_is_told_how_long_and_finds_it(
    studio: Studio, day: Day, planner: FlaskClient, clock: StoppedClock
) -> None:
    speak_all(studio)
    address = f"/broadcasts/{day.broadcast_ids[0]}/programme.ogg"
    asked = planner.post(address)
    assert asked.status_code == 303, "so that loading the page again asks for nothing"
    page = planner.get(asked.location).text
    left = re.search(r'Còn chừng <span class="num">(\d+) giây</span>', page)
    assert left
    piece = re.search(r'data-poll="([^"]+)"', page)
    assert piece
    poll = piece[1].replace("&amp;", "&")
    clock.forward(seconds=int(left[1]) + 1)
    assert "Lâu hơn dự tính" in planner.get(poll).text
    assert "<html" not in planner.get(poll).text

    while run_one(studio, owner="test", kind="encode"):
        pass
    done = planner.get(poll).text
    assert "Tệp đã xong" in done
    assert "data-poll" not in done, "nobody asks again"
    assert f'href="{address}" download' in done
    assert planner.get(address).headers["Content-Disposition"].endswith('.ogg"')
    assert "Tệp đã xong" in planner.get(asked.location).text


def test_subtitles_go_with_the_players_and_can_be_taken_along(studio: Studio, day: Day, planner: FlaskClient) -> None:
    speak_all(studio)
    for page in (f"/broadcasts/{day.broadcast_ids[0]}", f"/scripts/{day.script_ids[0]}"):
        text = planner.get(page).text
        track = re.search(r'<track kind="captions" srclang="vi" label="[^"]+" src="([^"]+)">', text)
        assert track
        shown = planner.get(track[1])
        assert shown.content_type == "text/vtt; charset=utf-8"
        assert "Content-Disposition" not in shown.headers
        taken = planner.get(f"{page}/transcript.vtt?download=1")
        assert f'href="{page}/transcript.vtt?download=1"' in text
        assert taken.data == shown.data
        assert re.fullmatch(r'attachment; filename="[\w.-]+\.vtt"', taken.headers["Content-Disposition"])


def test_files_of_two_broadcasts_never_have_one_name(studio: Studio, day: Day, planner: FlaskClient) -> None:
    speak_all(studio)
    names = []
    for number in day.broadcast_ids:
        for form in ("sound.mp3", "transcript.txt", "transcript.vtt?download=1"):
            told = planner.get(f"/broadcasts/{number}/{form}").headers["Content-Disposition"]
            names.append(told.removeprefix('attachment; filename="').removesuffix('"'))
    assert names[:3] == [f"2026-11-24_0530_hoa-tri_DHTT.{suffix}" for suffix in ("mp3", "txt", "vtt")]
    assert names[3] == "2026-11-24_1700_hoa-tri_HBAC.mp3"


def test_the_wave_of_a_broadcast_marks_paragraphs_and_the_stream_can_be_taken_to_other_players(
    studio: Studio, day: Day, planner: FlaskClient
) -> None:
    speak_all(studio)
    page = planner.get(f"/broadcasts/{day.broadcast_ids[0]}").text
    assert page.count('class="flag para"') == 2, "two stories of two paragraphs"
    assert f'<a href="/broadcasts/{day.broadcast_ids[0]}/listen.m3u8">Dòng phát HLS</a>' in page


def test_a_script_is_offered_in_every_form_where_it_is_heard(studio: Studio, day: Day, planner: FlaskClient) -> None:
    address = f"/scripts/{day.script_ids[0]}"
    assert "Tải về" not in planner.get(address).text
    speak_all(studio)
    page = planner.get(address).text
    for kind in encodings.KINDS:
        assert f'href="{address}/sound.{kind}"' in page
        assert "Làm tệp" in planner.get(f"{address}/sound.{kind}").text
    assert planner.get(f"{address}/sound.mp3?download=1").headers["Content-Disposition"].endswith('.mp3"')


def test_a_file_that_was_lost_is_made_again(studio: Studio, day: Day, planner: FlaskClient) -> None:
    speak_all(studio)
    address = f"/broadcasts/{day.broadcast_ids[0]}/programme.ogg"
    contents: list[bytes] = []
    for _ in range(2):
        assert "Làm tệp" in planner.get(address).text
        planner.post(address)
        while run_one(studio, owner="test", kind="encode"):
            pass
        contents.append(planner.get(address).data)
        with studio.database.reading() as session:
            parts = encodings.content(session.scalars(select(Encoding)).one()).parts
        for part in parts:
            if not isinstance(part, bytes):
                studio.blobs.path(part.blob).unlink()
    assert contents[0] == contents[1]


def test_what_nobody_wants_any_more_goes_with_its_files(
    studio: Studio, day: Day, planner: FlaskClient, clock: StoppedClock
) -> None:
    speak_all(studio)
    planner.post(f"/broadcasts/{day.broadcast_ids[0]}/programme.ogg")
    while run_one(studio, owner="test", kind="encode"):
        pass
    with studio.database.reading() as session:
        parts = encodings.content(session.scalars(select(Encoding)).one()).parts
    files = [studio.blobs.path(part.blob) for part in parts if not isinstance(part, bytes)]
    assert files
    assert all(file.exists() for file in files)

    assert encodings.forget_unwanted(studio) == 0
    clock.now += encodings.KEPT * 1.1
    assert encodings.forget_unwanted(studio) == len(files)
    assert not any(file.exists() for file in files)


def test_a_piece_that_is_damaged_leaves_a_sentence_and_no_file(
    studio: Studio, day: Day, planner: FlaskClient, clock: StoppedClock
) -> None:
    speak_all(studio)
    address = f"/broadcasts/{day.broadcast_ids[0]}/programme.m4a"
    planner.post(address)
    with studio.database.reading() as session:
        broadcast = session.get_one(Broadcast, day.broadcast_ids[0])
        rendition = next(cue.rendition for cue in broadcast.cues if cue.rendition)
        studio.blobs.path(rendition.pieces[0].piece.blob).write_bytes(b"broken")
    for _ in range(5):
        run_one(studio, owner="test", kind="encode")
        clock.now += timedelta(minutes=6)
    page = planner.get(address).text
    assert "Chưa làm được tệp này" in page
    assert "bị mất hoặc hỏng" in page
    assert "Traceback" not in page


def test_a_page_learns_what_is_said_when(studio: Studio, day: Day, planner: FlaskClient) -> None:
    address = f"/broadcasts/{day.broadcast_ids[0]}"
    assert "data-player" not in planner.get(address).text
    speak_all(studio)

    page = planner.get(address).text
    assert f'data-follow-address="{address}/follow.json?v=' in page
    pieces = planner.get(f"{address}/follow.json").get_json()["pieces"]
    assert all(abs(one["start"] + one["length"] - two["start"]) <= 1 for one, two in pairwise(pieces))
    said = " ".join(" ".join(piece["text"] for piece in pieces).split())
    assert said == " ".join(
        line
        for line in planner.get(f"{address}/transcript.vtt").text.split("\n")[2:]
        if line and "-->" not in line and not line.isdigit()
    )


def test_a_script_tells_what_is_said_when(studio: Studio, day: Day, planner: FlaskClient) -> None:
    address = f"/scripts/{day.script_ids[0]}"
    assert planner.get(f"{address}/follow.json").status_code == 409, "nothing is spoken yet"
    speak_all(studio)
    pieces = planner.get(f"{address}/follow.json").get_json()["pieces"]
    assert "\n\n".join(piece["text"] for piece in pieces) == planner.get(f"{address}/spoken.txt").text.strip()
    end_ms = pieces[-1]["start"] + pieces[-1]["length"]
    length = re.search(r'data-length-ms="(\d+)"', planner.get(address).text)
    assert length
    assert abs(int(length[1]) - end_ms) <= 1
