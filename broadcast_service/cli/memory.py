"""How the C library keeps what the service's many threads no longer need."""

import ctypes
import sys

_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8  # malloc.h of glibc
_THRESHOLD_BYTES = 1 << 20
_ARENAS = 2


def give_back() -> bool:
    """Have large pieces of memory given back to the system once they are free; whether the C library takes orders.

    glibc learns from the first recordings to keep blocks of up to 32 MB, in a heap for every thread, and no thread
    finds those of another. Only glibc knows these numbers; elsewhere nothing is done. Call it before threads begin.
    """
    if not sys.platform.startswith("linux"):
        return False
    library = ctypes.CDLL(None)
    if not hasattr(library, "gnu_get_libc_version"):
        return False
    return bool(library.mallopt(_M_MMAP_THRESHOLD, _THRESHOLD_BYTES) and library.mallopt(_M_ARENA_MAX, _ARENAS))
