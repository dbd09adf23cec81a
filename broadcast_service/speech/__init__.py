"""Voices: spoken text in, sound out. A voice knows nothing of scripts, slots or the database."""
