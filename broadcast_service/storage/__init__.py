"""Tables, the database that holds them, and the blobs of sound beside it."""
