"""What can be heard is kept: sound that is there never makes room for sound that is merely wished for."""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from ..storage.tables import Broadcast, Cue
from . import facts

LATER = "Bản thu mới chưa xong, xong thì được thay vào."
"""Why sound that is there goes on being heard although other sound is wanted."""


class Keeper:
    """Knows which broadcasts are packed, and notes where sound was kept."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._packed: dict[int, bool] = {}
        self.awaiting: set[int] = set()
        """Ids of broadcasts that keep some sound until other sound is there, …"""
        self.staying: set[int] = set()
        """… and of those that keep it for good, since they are packed."""

    def learn_packed(self, broadcasts: Sequence[Broadcast]) -> None:
        """Look up at once which of many broadcasts are in a package."""
        packed = facts.ever_packed(self._session, broadcasts)
        self._packed |= {broadcast.id: broadcast.id in packed for broadcast in broadcasts}

    def is_packed(self, broadcast: Broadcast) -> bool:
        """Whether a broadcast is in a package, old or new."""
        if broadcast.id not in self._packed:
            self.learn_packed([broadcast])
        return self._packed[broadcast.id]


def says(cue: Cue, spoken: Sequence[str], bed: str | None) -> bool:
    """Whether these very words are heard of a cue already, over this music."""
    heard = cue.rendition
    if heard is None or heard.state != "ready" or heard.is_faulty:
        return False
    return (list(heard.paragraphs), heard.bed_key) == (list(spoken), bed)
