"""Who is looking at a page, and what that person may see."""

from dataclasses import dataclass

from ..domain.roles import CENTRE, Role
from ..storage.tables import Account, Station


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """A signed-in account, cut loose from the database so that it outlives its transaction."""

    account_id: int
    name: str
    full_name: str
    roles: frozenset[Role]
    unit_ids: frozenset[int]
    """Units of the OPERATOR grants: the stations of these units are the account's own."""

    @property
    def is_centre(self) -> bool:
        """Whether any role is one of the Centre's, which sees every station."""
        return bool(self.roles & CENTRE)

    def may(self, *roles: Role) -> bool:
        """Whether the account holds one of these roles."""
        return not self.roles.isdisjoint(roles)

    def may_see_station(self, station: Station) -> bool:
        """Centre roles see every station, an operator those of the own units."""
        return self.is_centre or station.unit_id in self.unit_ids


def visitor_of(account: Account) -> Visitor:
    """The visitor an account is, from its grants."""
    return Visitor(
        account_id=account.id,
        name=account.name,
        full_name=account.full_name,
        roles=frozenset(Role(grant.role) for grant in account.grants),
        unit_ids=frozenset(
            grant.unit_id for grant in account.grants if grant.role == Role.OPERATOR and grant.unit_id is not None
        ),
    )
