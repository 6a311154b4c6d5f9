"""Threads or processes that act at the same moment. Django-free until it begins: a new process imports this first."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context

AT_ONCE = 3
"""How many act at the same moment."""


@contextmanager
def crew(database: str, *, in_processes: bool) -> Iterator[Executor]:
    """Threads of this process, or processes of their own, on a database of that name."""
    if not in_processes:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            yield threads
        return
    spawned = get_context("spawn")
    with ProcessPoolExecutor(AT_ONCE, mp_context=spawned, initializer=begin, initargs=(database,)) as processes:
        yield processes


def begin(database: str) -> None:
    """Make a new process ready to act on the same database."""
    import django
    from django.conf import settings

    settings.DATABASES["default"]["NAME"] = database
    django.setup()
