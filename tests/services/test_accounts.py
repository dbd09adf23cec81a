"""Accounts, their links, their sign-ins, and what keeps the wrong people out."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast_service.domain.roles import Role
from broadcast_service.errors import Conflict, Invalid, TooManyTries
from broadcast_service.services import accounts, passwords, sign_ins, signing_in, throttles
from broadcast_service.services.accounts import LinkSpent
from broadcast_service.storage.tables import Account, Invitation, SignIn, Throttle
from broadcast_service.studio import Studio
from tests.conftest import StoppedClock
from tests.factories import MORNING, make_account, make_station, make_unit

GOOD = "trâu cày ruộng sâu"
HASH = passwords.hash_password(GOOD)


def test_a_name_is_kept_in_lower_case_and_borne_once(session: Session) -> None:
    lan = create(session, name=" BienTap.Lan ")

    assert lan.name == "bientap.lan"
    with pytest.raises(Invalid, match="Đã có tài khoản"):
        create(session, name="bientap.LAN")


@pytest.mark.parametrize("name", ["", "ab", "lan trần", "lân", "../lan", "a" * 33, "<b>lan</b>", "lan\n"])
def test_odd_names_are_refused(session: Session, name: str) -> None:
    if name == "lan\n":
        assert create(session, name=name).name == "lan"
        return
    with pytest.raises(Invalid) as refused:
        create(session, name=name)
    assert refused.value.field == "name"


def test_an_operator_needs_a_unit_and_nobody_else_has_one(session: Session) -> None:
    unit = make_unit(session)

    with pytest.raises(Invalid) as lacking:
        create(session, grants=[(Role.OPERATOR, None)])
    with pytest.raises(Invalid) as needless:
        create(session, grants=[(Role.EDITOR, unit.id)])
    operator = create(session, grants=[(Role.OPERATOR, unit.id)])

    assert (lacking.value.field, needless.value.field) == ("unit", "roles")
    assert [(grant.role, grant.unit_id) for grant in operator.grants] == [("operator", unit.id)]


def test_a_new_account_can_not_sign_in_before_its_link_is_used(studio: Studio) -> None:
    with studio.database.transaction() as session:
        create(session, name="moi.vao")

    with pytest.raises(Invalid):
        enter(studio, "moi.vao", "")


def test_the_first_link_makes_the_administrator_and_then_is_spent(session: Session) -> None:
    token = accounts.invite(session, None, now=MORNING)

    an = accounts.found_administrator(
        session, token, name="quantri.an", full_name="Nguyễn Thị An", password_hash=HASH, now=MORNING
    )

    assert accounts.has_admin(session)
    assert [grant.role for grant in an.grants] == ["admin"]
    with pytest.raises(LinkSpent):
        accounts.read_link(session, token, now=MORNING)
    with pytest.raises(Conflict):
        accounts.invite(session, None, now=MORNING)


def test_of_two_first_links_only_the_later_works(session: Session) -> None:
    early, late = (accounts.invite(session, None, now=MORNING) for _ in range(2))

    assert accounts.read_link(session, late, now=MORNING).account is None
    with pytest.raises(LinkSpent):
        accounts.read_link(session, early, now=MORNING)


def test_a_link_for_the_first_administrator_dies_when_there_is_one(session: Session) -> None:
    token = accounts.invite(session, None, now=MORNING)
    make_account(session, "admin", password_hash=HASH)

    with pytest.raises(LinkSpent):
        accounts.found_administrator(
            session, token, name="ke.gian", full_name="Kẻ gian", password_hash=HASH, now=MORNING
        )


def test_a_link_lives_a_day_and_only_its_hash_is_kept(session: Session) -> None:
    lan = create(session)
    token = accounts.invite(session, lan.id, now=MORNING)

    assert token not in {link.token_hash for link in session.scalars(select(Invitation))}
    assert accounts.read_link(session, token, now=MORNING + timedelta(hours=23)).account is lan
    with pytest.raises(LinkSpent):
        accounts.accept_link(session, token, password_hash=HASH, now=MORNING + timedelta(hours=24))


def test_using_a_link_signs_the_account_out_everywhere(session: Session) -> None:
    lan = make_account(session, "editor", password_hash=HASH)
    old = sign_ins.open(session, lan.id, remembered=True, browser="", now=MORNING)
    token = accounts.invite(session, lan.id, now=MORNING)

    accounts.accept_link(session, token, password_hash=HASH, now=MORNING)

    assert sign_ins.visitor(session, old, MORNING) is None
    with pytest.raises(LinkSpent):
        accounts.accept_link(session, token, password_hash=HASH, now=MORNING)


def test_locking_an_account_ends_its_sign_ins_and_links(session: Session) -> None:
    lan = make_account(session, "editor", password_hash=HASH)
    seat = sign_ins.open(session, lan.id, remembered=True, browser="", now=MORNING)
    link = accounts.invite(session, lan.id, now=MORNING)

    accounts.set_active(session, lan.id, active=False)
    accounts.set_active(session, lan.id, active=True)

    assert sign_ins.visitor(session, seat, MORNING) is None
    with pytest.raises(LinkSpent):
        accounts.read_link(session, link, now=MORNING)


def test_the_last_administrator_can_be_neither_locked_nor_demoted(session: Session) -> None:
    an = make_account(session, "admin", password_hash=HASH)
    make_account(session, "admin")  # has no password yet: could not help

    with pytest.raises(Conflict, match="duy nhất"):
        accounts.set_active(session, an.id, active=False)
    with pytest.raises(Conflict, match="duy nhất"):
        accounts.change_account(session, an.id, full_name="An", title="", grants=[(Role.EDITOR, None)])

    make_account(session, "admin", password_hash=HASH)
    assert not accounts.set_active(session, an.id, active=False).active


def test_roles_change_for_browsers_that_are_signed_in(session: Session) -> None:
    unit = make_unit(session)
    lan = make_account(session, "editor", password_hash=HASH)
    seat = sign_ins.open(session, lan.id, remembered=False, browser="", now=MORNING)

    accounts.change_account(session, lan.id, full_name="Lan", title="", grants=[(Role.OPERATOR, unit.id)])

    person = sign_ins.visitor(session, seat, MORNING)
    assert person is not None
    assert (person.roles, person.unit_ids) == ({Role.OPERATOR}, {unit.id})
    assert person.may_see_station(make_station(session, unit=unit))
    assert not person.may_see_station(make_station(session))


@pytest.mark.parametrize(
    ("remembered", "idle", "whole"),
    [(False, timedelta(hours=2), timedelta(hours=12)), (True, timedelta(days=30), timedelta(days=30))],
)
def test_a_sign_in_ends_when_idle_and_ends_anyway(
    session: Session, remembered: bool, idle: timedelta, whole: timedelta
) -> None:
    lan = make_account(session, "editor")
    token = sign_ins.open(session, lan.id, remembered=remembered, browser="", now=MORNING)
    row = session.scalars(select(SignIn)).one()

    assert token not in row.token_hash
    assert sign_ins.find(session, token, MORNING + idle - timedelta(seconds=1))
    assert not sign_ins.find(session, token, MORNING + idle)

    now = MORNING
    while now < MORNING + whole:
        assert sign_ins.find(session, token, now)
        sign_ins.touch(session, row.token_hash, now)
        now += idle / 2
    assert not sign_ins.find(session, token, MORNING + whole)


def test_one_sign_in_or_all_others_can_be_ended(session: Session) -> None:
    lan, minh = make_account(session, "editor"), make_account(session, "editor")
    here, there, gone, other = (
        sign_ins.open(session, account.id, remembered=False, browser="", now=MORNING)
        for account in (lan, lan, lan, minh)
    )

    sign_ins.close_one(session, lan.id, sign_ins.hash_token(gone))
    sign_ins.close_one(session, lan.id, sign_ins.hash_token(other))
    assert [bool(sign_ins.find(session, token, MORNING)) for token in (here, there, gone, other)] == [
        True,
        True,
        False,
        True,
    ]

    sign_ins.close_all(session, lan.id, except_hash=sign_ins.hash_token(here))
    assert [bool(sign_ins.find(session, token, MORNING)) for token in (here, there, other)] == [True, False, True]


def test_a_bucket_gives_its_tries_and_fills_up_again(session: Session) -> None:
    bucket = throttles.Bucket(3, timedelta(minutes=1))

    assert [throttles.take(session, "k", bucket, MORNING) for _ in range(3)] == [timedelta(0)] * 3
    assert throttles.take(session, "k", bucket, MORNING) == timedelta(minutes=1)
    assert throttles.take(session, "k", bucket, MORNING + timedelta(seconds=30)) == timedelta(seconds=30)
    assert throttles.take(session, "k", bucket, MORNING + timedelta(seconds=61)) == timedelta(0)
    assert throttles.take(session, "k", bucket, MORNING - timedelta(days=1)) > timedelta(0)


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "address:203.0.113.7"),
        ("::ffff:203.0.113.7", "address:203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "address:2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::2", "address:2001:db8:1:2::/64"),
        ("fe80::1%eth0", "address:fe80::/64"),
        ("::1", "address:loopback"),
        ("rubbish", "address:unknown"),
    ],
)
def test_addresses_are_counted_by_household(address: str, key: str) -> None:
    assert throttles.neighbourhood(address)[0] == key


def test_guessing_is_slowed_for_the_account_even_from_many_addresses(studio: Studio, clock: StoppedClock) -> None:
    with studio.database.transaction() as session:
        make_account(session, "editor", name="bientap.lan", password_hash=HASH)

    for number in range(throttles.BY_ACCOUNT.size):
        with pytest.raises(Invalid):
            enter(studio, "bientap.lan", "sai", address=f"203.0.113.{number}")
    with pytest.raises(TooManyTries, match="chờ 3 phút"):
        enter(studio, "bientap.lan", GOOD, address="198.51.100.1")

    clock.forward(minutes=3)
    assert enter(studio, "bientap.lan", GOOD, address="198.51.100.1")


def test_guessing_many_names_is_slowed_for_the_address(studio: Studio) -> None:
    for number in range(throttles.BY_ADDRESS.size):
        with pytest.raises(Invalid):
            enter(studio, f"ten.{number}", "", address="203.0.113.7")
    with pytest.raises(TooManyTries):
        enter(studio, "ten.moi", "", address="203.0.113.7")


def test_buckets_that_are_long_full_again_are_forgotten(studio: Studio, clock: StoppedClock) -> None:
    for name in ("mot", "hai"):
        with pytest.raises(Invalid):
            enter(studio, name, "", address="203.0.113.7")
        clock.forward(days=3)

    with studio.database.reading() as session:
        assert len(session.scalars(select(Throttle)).all()) == 2  # the address and the last name


def test_signing_in_rightly_uses_up_no_try(studio: Studio) -> None:
    with studio.database.transaction() as session:
        make_account(session, "editor", name="bientap.lan", password_hash=HASH)

    for _ in range(3):
        enter(studio, "BienTap.Lan", GOOD)

    with studio.database.reading() as session:
        assert {row.tokens for row in session.scalars(select(Throttle))} == {10.0, 300.0}


def test_nobody_and_somebody_are_refused_with_the_same_words(studio: Studio) -> None:
    with studio.database.transaction() as session:
        make_account(session, "editor", name="bientap.lan", password_hash=HASH)
        make_account(session, "editor", name="bi.khoa", password_hash=HASH, active=False)

    sentences = set()
    for name, password in (("bientap.lan", "sai"), ("bi.khoa", GOOD), ("khong.ai", GOOD)):
        with pytest.raises(Invalid) as refused:
            enter(studio, name, password)
        sentences.add(str(refused.value))
    assert len(sentences) == 1


def test_an_unknown_name_costs_a_whole_hash_too() -> None:
    import time

    def seconds(password_hash: str) -> float:
        start = time.perf_counter()
        assert not passwords.is_right(password_hash, "sai")
        return time.perf_counter() - start

    assert min(seconds("") for _ in range(3)) > 0.3 * min(seconds(HASH) for _ in range(3))
    assert HASH.startswith("$argon2id$v=19$m=65536,t=3,p=4$")


def test_marks_typed_by_another_keyboard_are_the_same_password() -> None:
    import unicodedata

    assert passwords.is_right(HASH, unicodedata.normalize("NFD", GOOD))
    assert not passwords.is_right(HASH, GOOD + "!")


def create(session: Session, **other: object) -> Account:
    values = {"name": "bientap.lan", "full_name": "Trần Thị Lan", "title": "", "grants": [(Role.EDITOR, None)]}
    return accounts.create_account(session, **{**values, **other}, now=MORNING)  # type: ignore[arg-type]


def enter(studio: Studio, name: str, password: str, address: str = "127.0.0.1") -> str:
    return signing_in.sign_in(studio, name=name, password=password, address=address, remembered=False, browser="test")
