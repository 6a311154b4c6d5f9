"""In which language the State writes: acts, certificates and records are in Spanish, whoever's page makes them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.utils import translation

_P = ParamSpec("_P")
_R = TypeVar("_R")


def in_spanish(make: Callable[_P, _R]) -> Callable[_P, _R]:
    """For functions that word what stays in the file: its labels and dates do not follow the language of a page."""

    @wraps(make)
    def speaking(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with translation.override("es"):
            return make(*args, **kwargs)

    return speaking
