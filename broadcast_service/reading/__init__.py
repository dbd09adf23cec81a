"""Reading aloud: written Vietnamese becomes what a newsreader would say. Usable without the rest of the service."""

from .lexicon import Lexicon
from .reader import Question, Reading, Span, read_aloud

__all__ = ["Lexicon", "Question", "Reading", "Span", "read_aloud"]
