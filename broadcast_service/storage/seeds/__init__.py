"""Dated data that ships with the service: units, stations, programmes, the first slots."""
