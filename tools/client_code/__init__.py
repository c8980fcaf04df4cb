"""Writes what of the client follows from docs/openapi.json: `make client`."""
