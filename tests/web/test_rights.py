"""Who may call what: every address of the service × every kind of visitor, against one table.

The cast: *operator* serves the station every object here belongs to, *stranger* serves another one;
editor, approver, planner and admin are the Centre's and see every station; *anonymous* has not signed in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from broadcast_service.services import accounts, listening, local_readings, packages, sign_ins
from broadcast_service.services.accounts import visitor_of
from broadcast_service.services.local_readings import Place
from broadcast_service.settings import Settings
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.storage.migrating import migrate
from broadcast_service.storage.tables import Account, Broadcast, Cue, Package, Piece, Script, Sound, Station
from broadcast_service.studio import Studio, open_studio
from broadcast_service.web import create_app
from broadcast_service.web.door import rights_of
from broadcast_service.web.packages import _ticket
from tests.conftest import StoppedClock
from tests.days import DAY, Day, plan_day, speak_all
from tests.factories import make_account, make_entry, make_programme, make_recording, make_script, make_slot
from tests.web.conftest import COOKIE

CENTRE = {"editor", "approver", "planner", "admin"}
OWN = CENTRE | {"operator"}
"""The Centre, and the operator of the station it is about."""
SIGNED = OWN | {"stranger"}
ALL = SIGNED | {"anonymous"}
PLANS = {"planner", "admin"}
DECIDES = {"editor", "admin"}
"""Who decides how words are said."""

RIGHTS: dict[str, set[str]] = {
    "accounts.create": {"admin"},
    "accounts.edit": {"admin"},
    "accounts.end_sign_ins": {"admin"},
    "accounts.index": {"admin"},
    "accounts.new": {"admin"},
    "accounts.save": {"admin"},
    "accounts.send_link": {"admin"},
    "accounts.set_active": {"admin"},
    "audition.hear": CENTRE,
    "bootstrap": ALL,
    "broadcasts.add": PLANS,
    "broadcasts.drop": PLANS,
    "broadcasts.follow": OWN,
    "broadcasts.move": PLANS,
    "broadcasts.replace": PLANS,
    "broadcasts.show": OWN,
    "broadcasts.speak_again": PLANS,
    "health.show": ALL,
    "home.admin": {"admin"},
    "home.show": SIGNED,
    "lexicon.edit": DECIDES,
    "lexicon.export_pls": CENTRE,
    "lexicon.export_tsv": CENTRE,
    "lexicon.index": CENTRE,
    "lexicon.new": DECIDES,
    "lexicon.preview": DECIDES,
    "lexicon.preview_file": DECIDES,
    "lexicon.preview_removal": DECIDES,
    "lexicon.remove": DECIDES,
    "lexicon.save": DECIDES,
    "lexicon.save_file": DECIDES,
    "listening.playlist": OWN,
    "listening.programme": OWN,
    "listening.script_sound_as": CENTRE,
    "listening.script_transcript": CENTRE,
    "listening.segment": OWN,
    "listening.sound": OWN,
    "listening.transcript": OWN,
    "listening.words": OWN,
    "local_readings.approve": {"approver"},
    "local_readings.index": {"approver"},
    "local_readings.record": {"approver"},
    "local_readings.sound": CENTRE,
    "me.change_password": SIGNED,
    "me.end": SIGNED,
    "me.show": SIGNED,
    "packages.archive": OWN,
    "packages.file": OWN,
    "packages.playlist": OWN,
    "packages.take": ALL,  # the address is signed for one package and account
    "programmes.create": PLANS,
    "programmes.edit": PLANS,
    "programmes.index": PLANS,
    "programmes.new": PLANS,
    "programmes.save": PLANS,
    "recordings.original": {"editor", "approver"},
    "recordings.restore": {"editor", "approver"},
    "recordings.send": {"editor"},
    "recordings.show": {"editor", "approver"},
    "recordings.sound": {"editor", "approver"},
    "recordings.withdraw": {"editor", "approver"},
    "recordings.vouch": {"approver"},
    "rehearsal.answer": {"editor"},
    "rehearsal.correct": {"editor"},
    "rehearsal.follow": CENTRE,
    "rehearsal.heard": CENTRE,
    "rehearsal.mend": {"editor"},
    "rehearsal.read": {"editor"},
    "rehearsal.reread": {"editor"},
    "rehearsal.spoken": CENTRE,
    "rehearsal.word": CENTRE,
    "scripts.approve": {"approver"},
    "scripts.create": {"editor"},
    "scripts.edit": {"editor"},
    "scripts.index": CENTRE,
    "scripts.new": {"editor"},
    "scripts.record": {"editor", "approver"},
    "scripts.retire": {"editor", "approver"},
    "scripts.revise": {"editor"},
    "scripts.samples": {"admin"},
    "scripts.send_back": {"approver"},
    "scripts.show": CENTRE,
    "scripts.sound": CENTRE,
    "scripts.sound_state": CENTRE,
    "scripts.submit": {"editor"},
    "setup.form": ALL,  # the token is the key
    "setup.use": ALL,
    "sign_in.enter": ALL,
    "sign_in.form": ALL,
    "sign_in.leave": SIGNED,
    "slots.create": PLANS,
    "slots.edit": PLANS,
    "slots.end": PLANS,
    "slots.export": PLANS,
    "slots.import_file": PLANS,
    "slots.index": PLANS,
    "slots.new": PLANS,
    "slots.save": PLANS,
    "sounds.add": PLANS,
    "sounds.edit": PLANS,
    "sounds.hear": PLANS,
    "sounds.index": PLANS,
    "sounds.join": PLANS,
    "sounds.put_away": PLANS,
    "sounds.save": PLANS,
    "static": ALL,
    "station.help_page": OWN,
    "station.log": OWN,
    "station.next_piece": OWN,
    "station.report": PLANS | {"operator"},
    "station.today": OWN,
    "station.week": OWN,
    "voices.index": {"admin"},
    "voices.let_try": {"admin"},
    "voices.save_manner": {"admin"},
    "voices.save_order": {"admin"},
    "voices.save_script": {"editor"},
    "voices.save_speakers": {"editor"},
    "voices.save_station": {"admin"},
    "voices.script": CENTRE,
    "voices.station": {"admin"},
    "stations.create": {"admin"},
    "stations.edit": {"admin"},
    "stations.index": {"admin"},
    "stations.new": {"admin"},
    "stations.save": {"admin"},
    "week.fill": PLANS,
    "week.show": CENTRE,
}


@dataclass
class World:
    """An installation with one of everything, and somebody of every kind."""

    studio: Studio
    app: Flask
    day: Day
    package: Package
    people: dict[str, int] = field(default_factory=dict)

    def browser(self, who: str) -> FlaskClient:
        """A browser just signed in with: some of what is tried signs it out."""
        client = self.app.test_client()
        if who != "anonymous":
            with self.studio.database.transaction() as session:
                token = sign_ins.open(session, self.people[who], remembered=False, browser="", now=self.studio.now())
            client.set_cookie(COOKIE, token)
        return client

    def call(self, who: str, method: str, rule: Rule) -> TestResponse:
        values = {name: self.value(name, method, rule) for name in rule.arguments}
        with self.app.test_request_context():
            address = self.app.url_for(rule.endpoint, **values)
        return self.browser(who).open(address, method=method, data=self.form(rule, values))

    def form(self, rule: Rule, values: dict[str, object]) -> dict[str, object]:
        """Empty, but where a form names a second object, which is then checked like the first."""
        if rule.endpoint not in {"scripts.approve", "scripts.send_back", "rehearsal.heard", "recordings.send"}:
            return {}
        with self.studio.database.reading() as session:
            return {"revision_id": session.get_one(Script, values["script_id"]).latest.id, "paragraph": 1}

    def value(self, name: str, method: str, rule: Rule) -> object:
        """An object for this part of an address; a new one where an empty form could change it."""
        if rule.endpoint in {"static", "bootstrap"}:
            return {"static": "theme.css", "bootstrap": "css/bootstrap.min.css"}[rule.endpoint]
        with self.studio.database.transaction() as session:
            makers: dict[str, Callable[[], object]] = {
                "account_id": lambda: make_account(session, "editor").id,
                "broadcast_id": lambda: self.day.broadcast_ids[1],
                "code": lambda: self.day.code,
                "cue_id": lambda: session.scalar(
                    select(Cue.id).where(Cue.broadcast_id == self.day.broadcast_ids[1], Cue.kind == "script")
                ),
                "entry_id": lambda: make_entry(session).id,
                "name": lambda: next(file.name for file in packages.files(self.package) if ".mp3" in file.name),
                "kind": lambda: "ogg",
                "number": lambda: 0,
                "package_id": lambda: self.package.id,
                "programme_id": lambda: make_programme(session).id,
                "reading_id": lambda: self.reading(session),
                "recording_id": lambda: make_recording(session, self.studio, self.day.script_ids[0]).id,
                "script_id": lambda: (
                    self.day.script_ids[0] if method == "GET" else make_script(session, status="submitted").id
                ),
                "slot_id": lambda: make_slot(session).id,
                "sound_id": lambda: self.sound(session),
                "station_id": lambda: self.day.station_id,
                "ticket": lambda: self.ticket(session.get_one(Account, self.people["operator"])),
                "version": lambda: self.version(session),
                "token": lambda: accounts.invite(session, make_account(session, "editor").id, now=self.studio.now()),
            }
            return makers[name]()

    def version(self, session: Session) -> str:
        """Of the tape whose segments are asked for."""
        broadcast = session.get_one(Broadcast, self.day.broadcast_ids[1])
        return listening.tape_of_broadcast(session, self.studio, broadcast).version

    def sound(self, session: Session) -> int:
        """A sound of the library that nothing depends on."""
        piece_key = session.scalars(select(Piece.key)).first() or ""
        sound = Sound(code=f"nhac-{session.scalar(select(func.count(Sound.id)))}", name="Nhạc", kind="bed")
        sound.piece_key = piece_key
        session.add(sound)
        session.flush()
        return sound.id

    def reading(self, session: Session) -> int:
        """A local reading of a story that was spoken, with just its words."""
        revision = session.get_one(Script, self.day.script_ids[0]).latest
        reading = local_readings.add(revision, Place(region="bac"), revision.spoken, now=self.studio.now())
        session.flush()
        return reading.id

    def ticket(self, account: Account) -> str:
        with self.app.app_context():
            return _ticket(self.package, visitor_of(account))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder, voice = tmp_path_factory.mktemp("quyền"), ToneVoice()
    settings = Settings(data_dir=folder / "dữ liệu", audio_dir=folder / "âm thanh", voice=voice.name)
    studio = open_studio(settings, voices={voice.name: voice}, now=StoppedClock())
    migrate(studio.database)
    day = plan_day(studio)
    plan_day(studio, code="noi-khac")
    speak_all(studio)
    package = packages.make_package(studio, day.code, DAY)
    assert package
    app = create_app(studio)
    app.config.update(TESTING=True, WTF_CSRF_ENABLED=False)
    made = World(studio, app, day, package)
    with studio.database.transaction() as session:
        by_code = {station.code: station.unit for station in session.scalars(select(Station))}
        for role in sorted(CENTRE):
            made.people[role] = make_account(session, role, password_hash="x").id
        for who, code in (("operator", day.code), ("stranger", "noi-khac")):
            made.people[who] = make_account(session, "operator", unit=by_code[code]).id
    yield made
    studio.close()


def rules(app: Flask) -> list[Rule]:
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint, rule.rule))


def test_the_table_names_every_address_there_is_and_no_other(world: World) -> None:
    assert sorted({rule.endpoint for rule in rules(world.app)}) == sorted(RIGHTS)


@pytest.mark.parametrize("endpoint", sorted(RIGHTS))
def test_only_who_may_comes_in(world: World, endpoint: str) -> None:
    """Those who may not go first, so that what they try is still there to be taken."""
    wrong = []
    for rule in [rule for rule in rules(world.app) if rule.endpoint == endpoint]:
        for method in sorted((rule.methods or set()) & {"GET", "POST", "PUT", "PATCH", "DELETE"}):
            for who in sorted(ALL, key=lambda who: (who in RIGHTS[endpoint], who)):
                answer = world.call(who, method, rule)
                if not (let_in if who in RIGHTS[endpoint] else kept_out)(answer, who, endpoint):
                    wrong.append(f"{who} {method} {rule.rule}: {answer.status} {answer.location or ''}")
                answer.close()
    assert not wrong, "\n".join(wrong)


def let_in(answer: TestResponse, who: str, endpoint: str) -> bool:
    """An answer about the thing itself, if only that the empty form will not do."""
    sent_away = (answer.location or "").startswith("/sign-in") and endpoint != "sign_in.leave"
    return answer.status_code in {200, 302, 303, 400, 409, 422} and not sent_away


def kept_out(answer: TestResponse, who: str, endpoint: str) -> bool:
    """To the door with those who have not signed in; no with all others, without a word about the thing."""
    if who == "anonymous":
        return answer.status_code == 302 and (answer.location or "").startswith("/sign-in")
    return answer.status_code in {403, 404} and "Vườn bưởi" not in answer.text


def test_no_view_is_open_to_all_by_oversight(world: World) -> None:
    open_views = {name for name, view in world.app.view_functions.items() if rights_of(view) is None}

    assert open_views == {name for name, who in RIGHTS.items() if "anonymous" in who}


def test_an_operator_who_tries_every_number_finds_only_the_own_station(world: World) -> None:
    theirs = packages.make_package(world.studio, "noi-khac", DAY)
    assert theirs
    with world.studio.database.reading() as session:
        stations = {row.id: row.station_id for row in session.execute(select(Broadcast.id, Broadcast.station_id))}
    browser = world.browser("operator")

    for number, station_id in stations.items():
        status = browser.get(f"/broadcasts/{number}").status_code
        assert status == (200 if station_id == world.day.station_id else 404)
    assert len(set(stations.values())) > 1
    for file in packages.files(theirs):
        assert browser.get(f"/packages/{theirs.id}/files/{file.name}").status_code == 404
    assert browser.get(f"/packages/{theirs.id}/package.zip").status_code == 404
    assert browser.get("/station/noi-khac").status_code == 404


def test_the_own_address_does_not_open_the_report_of_another_station(world: World) -> None:
    with world.studio.database.reading() as session:
        other = session.scalars(select(Station.id).where(Station.code == "noi-khac")).one()
        foreign = session.scalars(select(Broadcast.id).where(Broadcast.station_id == other)).first()
    form = {"outcome": "aired", "sure": "1"}

    answer = world.browser("operator").post(f"/station/{world.day.code}/broadcasts/{foreign}/report", data=form)

    assert answer.status_code == 404


def test_a_right_taken_away_is_gone_at_the_next_click(world: World) -> None:
    with world.studio.database.transaction() as session:
        person = make_account(session, "admin", "editor", password_hash="x")
        token = sign_ins.open(session, person.id, remembered=True, browser="", now=world.studio.now())
    browser = world.app.test_client()
    browser.set_cookie(COOKIE, token)
    assert browser.get("/accounts").status_code == 200

    with world.studio.database.transaction() as session:
        account = session.get_one(Account, person.id)
        account.grants = [grant for grant in account.grants if grant.role != "admin"]

    assert browser.get("/accounts").status_code == 403
    assert browser.get("/scripts/new").status_code == 200
    assert world.studio.now() - account.created_at < timedelta(days=1)
