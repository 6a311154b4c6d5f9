"""What a notice says, in the language of who reads it, with the Spanish beside it where that is a translation."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils import translation

from notifications.models import SPANISH
from notifications.rules import one_line


@dataclass(frozen=True)
class Said:
    """Subject, text and button, in one language."""

    subject: str
    body: str
    action_label: str = ""


Say = Callable[[], Said]
"""Words a notice in the language that is active when it is called."""


def columns(say: Say, language: str) -> dict[str, Any]:
    """What a notice stores of its words. Spanish is kept where the other language has words of its own."""
    spanish = _in(SPANISH, say)
    said = spanish if language == SPANISH else _in(language, say)
    return {
        "language": language,
        "subject": one_line(said.subject),
        "body": said.body,
        "action_label": one_line(said.action_label, 80),
        "spanish_subject": one_line(spanish.subject) if said.subject != spanish.subject else "",
        "spanish_body": spanish.body if said.body != spanish.body else "",
    }


def _in(language: str, say: Say) -> Said:
    with translation.override(language):
        return say()
