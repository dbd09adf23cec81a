"""`stations`: who receives."""

import click

from .console import opened_studio, print_table


@click.command()
def stations() -> None:
    """Các đài, mỗi đài một dòng, cách nhau bằng tab, mã đứng đầu."""
    from sqlalchemy import select

    from ..services.first_start import seed_places
    from ..storage.tables import Station

    with opened_studio() as studio:
        seed_places(studio)
        with studio.database.reading() as session:
            rows = session.scalars(select(Station).order_by(Station.position)).all()
            print_table(
                ("code", "name", "unit", "quiet_from", "quiet_until", "region", "profile", "active"),
                (
                    (
                        row.code,
                        row.name,
                        row.unit.code,
                        f"{row.quiet_from:%H:%M}",
                        f"{row.quiet_until:%H:%M}",
                        row.region,
                        row.profile,
                        "yes" if row.active else "no",
                    )
                    for row in rows
                ),
            )


COMMANDS = (stations,)
