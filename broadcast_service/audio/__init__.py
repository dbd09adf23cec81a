"""Sound: mastering, MP3 frames, programme heads and the synthesised tunes."""
