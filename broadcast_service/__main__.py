"""`python -m broadcast_service`."""

from .cli import main

main()
