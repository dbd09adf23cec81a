from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcast_service.services import units
from broadcast_service.storage.tables import Station, Unit

IN_2021, IN_2024, IN_2025 = date(2021, 6, 1), date(2024, 11, 1), date(2025, 7, 1)


@pytest.fixture
def seeded(session: Session) -> Session:
    units.seed(session)
    return session


def wards(session: Session, day: date) -> list[str]:
    return [unit.name for unit in units.units_on(session, day) if unit.kind in {"phuong", "xa"}]


def test_twenty_seven_wards_became_twenty_six_and_then_eight(seeded: Session) -> None:
    assert len(wards(seeded, IN_2021)) == 27
    assert len(wards(seeded, date(2024, 10, 31))) == 27
    assert len(wards(seeded, IN_2024)) == 26
    assert len(wards(seeded, date(2025, 6, 30))) == 26
    assert len(wards(seeded, IN_2025)) == 8


def test_every_ward_of_2021_leads_to_one_ward_of_today(seeded: Session) -> None:
    for unit in units.units_on(seeded, IN_2021):
        if unit.kind in {"phuong", "xa"}:
            assert len(units.successors(seeded, unit, IN_2025)) == 1, unit.name


def test_ninh_van_goes_two_steps(seeded: Session) -> None:
    ninh_van = seeded.scalars(select(Unit).where(Unit.code == "ninh-van-2010")).one()
    assert [unit.name for unit in units.successors(seeded, ninh_van, IN_2024)] == ["xã Ninh Phước"]
    assert [unit.name for unit in units.successors(seeded, ninh_van, IN_2025)] == ["phường Đông Ninh Hòa"]


def test_each_ward_of_today_has_its_station_and_the_centre_has_one(seeded: Session) -> None:
    stations = seeded.scalars(select(Station).order_by(Station.position)).all()
    assert len(stations) == 9
    assert {station.unit.name for station in stations[:8]} == set(wards(seeded, IN_2025))


def test_seeding_again_adds_nothing_and_keeps_what_was_changed(seeded: Session) -> None:
    station = seeded.scalars(select(Station).where(Station.code == "hoa-tri")).one()
    station.name = "Đài xã Hòa Trí"
    assert units.seed(seeded) == 0
    assert station.name == "Đài xã Hòa Trí"
