"""Measurements, each of both sides in one run: `./run bench NAME [--quick]`."""
