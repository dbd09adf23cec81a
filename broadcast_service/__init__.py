"""The broadcast service of a town's Culture-Information Centre: from a script to the ward's USB stick."""

__version__ = "0.1.0"
