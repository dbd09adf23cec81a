"""Regular expressions that are compiled when first used: half of the time an import of them would take."""

import re


class _Pattern:
    """Stands for the compiled pattern and takes over its methods at the first use."""

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(self._source, self._flags)
        for method in ("match", "search", "fullmatch", "finditer", "findall", "split", "sub"):
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """The pattern, compiled when first used; a mistake in it is told then, as `re.error`."""
    return _Pattern(source, flags)  # type: ignore[return-value]
