"""What a person may do."""

from enum import StrEnum


class Role(StrEnum):
    """The five roles. An account may hold several; only OPERATOR is bound to a unit."""

    ADMIN = "admin"
    """Quản trị: accounts, stations, slots, switches."""
    EDITOR = "editor"
    """Biên tập: writes and submits scripts."""
    APPROVER = "approver"
    """Duyệt: approves what others wrote."""
    PLANNER = "planner"
    """Lập lịch: slots, rundowns, filling."""
    OPERATOR = "operator"
    """Cán bộ đài: downloads and reports, for the stations of the own unit only."""


CENTRE = frozenset({Role.ADMIN, Role.EDITOR, Role.APPROVER, Role.PLANNER})
"""Roles of the Centre: they see every station."""
