"""What the tests of officials' pages share: addresses, what a page says, and forms as a browser sends them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Agency, SigningIntent
from procedures.api import publish
from procedures.models import RoleBinding
from tests.story import Story
from workflows.models import Case, CaseTask
from workflows.views.acts import sign_confirmed

Visitor = Callable[[str], Client]


def at(name: str, *arguments: Any) -> str:
    """The address of a page of this room."""
    return reverse(f"workflows:{name}", args=arguments)


def text_of(response: Any) -> str:
    """What the page says: without tags, on one line."""
    html = re.sub(r"<(script|style|head)\b.*?</\1>", " ", response.content.decode(), flags=re.S)
    html = re.sub(r'<span class="nowrap">(.*?)</span>', r"\1", html)
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", html)))


def post_answers(client: Client, story: Story, case: Case, task: CaseTask, remarks: Any = None, **answers: Any) -> Any:
    """Send the form of a step as a browser does, with every question marked as seen."""
    data = dict(story.posted(case, task.step_id, answers).lists())
    for name, text in (remarks or {}).items():
        data[f"obs-{name}"] = [text]
    return client.post(at("desk_step", case.ref, task.pk), data)


def confirm_identity(client: Client, story: Story) -> Any:
    """What the identity provider's return does once the person has signed in afresh: here, without the trip."""
    intent = SigningIntent.objects.latest("pk")
    story.sign_in_for(intent)
    request: Any = client.get(at("inbox")).wsgi_request
    return sign_confirmed(request, intent)


def republish(story: Story, text: str, code: str = "patente_comercial") -> None:
    """Publish another version of a procedure of the demonstration, with the same people behind its roles."""
    agency = Agency.objects.get(code="muni-ejemplo")
    bound = RoleBinding.objects.filter(offering__agency=agency, offering__version__procedure__code=code)
    roles = {binding.slot: binding.role for binding in bound.select_related("role__unit")}
    publish(text=text, agency=agency, by=None, now=story.now, role_bindings=roles, effective_from=story.now.date())
