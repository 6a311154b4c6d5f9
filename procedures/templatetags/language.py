"""Marks the words that an institution wrote, in Spanish, on a page in another language (WCAG 3.1.2)."""

from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from procedures.queries import bundle_of

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


@register.simple_tag
def procedure_name(of: Any, *, plain: bool = False) -> str:
    """The name of the procedure of a case, a draft, an offering or a version, as far as the page's language has it.

    What is only in Spanish says so; `plain`: without saying it, where no tag may stand, as in `title`. It reads the
    version only on a page in another language.
    """
    language = get_language() or "es"
    said = of.title if hasattr(of, "title") else of.version.title
    if language == "es":
        return str(said)
    version = getattr(of, "version", of)
    bundle = bundle_of(version).spoken(language, language)
    told = (bundle.title, bundle.lang) if said == version.title else (said, "es")
    if plain or not told[1]:
        return told[0]
    return format_html('<span lang="{}">{}</span>', told[1], told[0])
