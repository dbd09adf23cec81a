"""Every table, one module a noun. `from ..storage.tables import Script` is how services ask for them."""

from .base import Base, UtcDateTime
from .lexicon import LexiconEntry
from .packages import AsRunEntry, Fetch, Package
from .people import Account, Grant, Invitation, SignIn, Throttle
from .places import Station, Succession, Unit
from .programmes import Broadcast, Cue, Programme, Slot, SlotStation
from .recordings import Recording
from .scripts import Approval, Hearing, LocalReading, Revision, Script
from .sound import Encoding, Piece, Rendition, RenditionPiece, Sound
from .work import Job, Preference

__all__ = [
    "Account",
    "Approval",
    "AsRunEntry",
    "Base",
    "Broadcast",
    "Cue",
    "Encoding",
    "Fetch",
    "Grant",
    "Hearing",
    "Invitation",
    "Job",
    "LexiconEntry",
    "LocalReading",
    "Package",
    "Piece",
    "Preference",
    "Programme",
    "Recording",
    "Rendition",
    "RenditionPiece",
    "Revision",
    "Script",
    "SignIn",
    "Slot",
    "SlotStation",
    "Sound",
    "Station",
    "Succession",
    "Throttle",
    "Unit",
    "UtcDateTime",
]
