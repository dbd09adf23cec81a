"""Files in and out: script files, playlists, manifests, archives, run sheets."""
