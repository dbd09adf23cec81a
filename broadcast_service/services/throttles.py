"""Token buckets: how often something may be tried, counted in the database so that a restart forgives nothing."""

import ipaddress
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from ..storage.tables import Throttle


@dataclass(frozen=True)
class Bucket:
    """So many tries at once; each comes back after `refill`."""

    size: int
    refill: timedelta


BY_ACCOUNT = Bucket(10, timedelta(minutes=3))
BY_ADDRESS = Bucket(30, timedelta(minutes=2))
BY_PROXY = Bucket(300, timedelta(seconds=12))
"""For loopback: behind a proxy of one's own everybody comes from there."""


def take(session: Session, key: str, bucket: Bucket, now: datetime) -> timedelta:
    """Use up one try. Zero if there was one, else how long to wait for the next; then nothing is used up."""
    row = session.get(Throttle, key)
    if row is None:
        row = Throttle(key=key, tokens=float(bucket.size), updated_at=now)
        session.add(row)
    passed = max(timedelta(0), now - row.updated_at)
    row.tokens = min(float(bucket.size), row.tokens + passed / bucket.refill)
    row.updated_at = now
    if row.tokens < 1:
        return timedelta(seconds=math.ceil((1 - row.tokens) * bucket.refill.total_seconds()))
    row.tokens -= 1
    return timedelta(0)


def give_back(session: Session, key: str, bucket: Bucket) -> None:
    """Return the try of someone who turned out to be right."""
    row = session.get(Throttle, key)
    if row is not None:
        row.tokens = min(float(bucket.size), row.tokens + 1)


def sweep(session: Session, now: datetime) -> None:
    """Forget buckets that have long been full again."""
    session.execute(delete(Throttle).where(Throttle.updated_at < now - timedelta(days=2)))


def neighbourhood(address: str) -> tuple[str, Bucket]:
    """The key and bucket of a network address. IPv6 counts by /64, which one household holds whole."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "address:unknown", BY_ADDRESS
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped:
        parsed = parsed.ipv4_mapped
    if parsed.is_loopback:
        return "address:loopback", BY_PROXY
    if isinstance(parsed, ipaddress.IPv6Address):
        return f"address:{ipaddress.ip_network((parsed, 64), strict=False)}", BY_ADDRESS
    return f"address:{parsed}", BY_ADDRESS
