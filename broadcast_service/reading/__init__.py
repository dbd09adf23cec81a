"""Reading aloud: written Vietnamese becomes what a newsreader would say. Usable without the rest of the service."""

from .reader import Question, Reading, Span, read_aloud

__all__ = ["Question", "Reading", "Span", "read_aloud"]
