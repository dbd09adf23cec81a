"""The rules of the trade: pure functions and frozen dataclasses; no clock, no file, no database."""
