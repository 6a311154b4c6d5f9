"""Decisions of this room, without Django."""
