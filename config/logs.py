"""How the log is written: where something broke, and never what a person had written."""

import logging
import traceback
from types import TracebackType

from django.core.exceptions import ImproperlyConfigured
from django.db.utils import OperationalError

OF_THE_MACHINE = (OSError, ImproperlyConfigured, OperationalError)
"""Errors whose text speaks of this installation, which whoever operates it needs."""
_Info = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Leaves out the text of an error: it may quote an answer, a name or a RUN (DS 4 of 2020 art. 49; Ley 19.628)."""

    def formatException(self, ei: _Info) -> str:
        """The chain of errors, the first cause first: the places of each, and its class."""
        chain, error = [], ei[1]
        while error is not None and error not in chain:
            chain.append(error)
            error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
        return "\n".join(_told(one) for one in reversed(chain))


def _told(error: BaseException) -> str:
    places = "".join(traceback.format_tb(error.__traceback__))
    text = f": {error}" if isinstance(error, OF_THE_MACHINE) else ""
    return f"{places}{type(error).__name__}{text}"
