"""What a screen reader hears of a page that saves while somebody writes."""

from django import template
from django.template import Context

register = template.Library()

SAID = "_dicho"  # sent by the page: what its status says now


@register.simple_tag(takes_context=True)
def already_says(context: Context, text: object) -> bool:
    """Whether the page says `text` already: drawn again, it would be read aloud at each pause in typing."""
    request = context.get("request")
    return request is not None and request.POST.get(SAID) == str(text)
