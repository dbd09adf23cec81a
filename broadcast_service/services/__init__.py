"""What the service does, one noun a module. A service takes a session, flushes, and never commits."""
