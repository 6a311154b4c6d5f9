"""Marks the words that an institution wrote, in Spanish, on a page in another language (WCAG 3.1.2)."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()


@register.simple_tag
def in_spanish() -> SafeString:
    """` lang="es"` for a tag whose text is always in Spanish; nothing on a page in Spanish."""
    return SafeString("" if (get_language() or "es") == "es" else ' lang="es"')


@register.simple_tag
def spoken_in(language: str) -> SafeString:
    """` lang="…"` for a tag whose text is in `language`; nothing where that is the page's."""
    is_page = (get_language() or "es") == language
    return SafeString("") if is_page else format_html(' lang="{}"', language)
