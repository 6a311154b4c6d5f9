"""In which language the State writes: acts, certificates and records are in Spanish, whoever's page makes them."""

import re
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.utils import translation
from django.utils.html import format_html

_P = ParamSpec("_P")
_R = TypeVar("_R")


def in_spanish(make: Callable[_P, _R]) -> Callable[_P, _R]:
    """For functions that word what stays in the file: its labels and dates do not follow the language of a page."""

    @wraps(make)
    def speaking(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        with translation.override("es"):
            return make(*args, **kwargs)

    return speaking


def marked_spanish(text: str) -> str:
    """As HTML, what somebody of the State wrote in Spanish; it says so on a page of another language (WCAG 3.1.2)."""
    is_page = (translation.get_language() or "es") == "es"
    return format_html("{}" if is_page else '<span lang="es">{}</span>', text)


def as_html(words: str, **parts: object) -> str:
    """A sentence with gaps as `%(name)s`, as HTML: what stands in them may say its own language."""
    return format_html(re.sub(r"%\((\w+)\)s", r"{\1}", words), **parts)
