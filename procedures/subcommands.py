"""What `manage.py procedures` can do beyond this room: rooms above register their subcommands in `ready()`."""

import argparse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Write = Callable[[str], object]
"""Writes a line to whoever called."""


@dataclass(frozen=True)
class Subcommand:
    """One subcommand. `run(options, write)` writes its lines and raises CommandError when it fails."""

    name: str
    help: str
    add_arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Mapping[str, Any], Write], None]


_registered: dict[str, Subcommand] = {}


def register_subcommand(subcommand: Subcommand) -> None:
    """Add a subcommand; ValueError when its name is taken."""
    if subcommand.name in _registered:
        raise ValueError(subcommand.name)
    _registered[subcommand.name] = subcommand


def subcommands() -> Iterator[Subcommand]:
    """Those registered, in order."""
    yield from _registered.values()
