"""Whether the lists that a procedure names are there before it is published."""

from collections.abc import Iterator

from accounts.models import Agency
from procedures.findings import Finding, Place, make_finding
from procedures.models import ReferenceList
from procedures.schema import Bundle, Field


def lacking_lists(bundle: Bundle, agency: Agency) -> list[Finding]:
    """A finding for each question whose list the agency has not published."""
    asked = [(place, field) for place, field in _fields(bundle) if field.list_code]
    codes = {field.list_code for _place, field in asked}
    published = ReferenceList.objects.filter(owner=agency, code__in=codes, versions__published_at__isnull=False)
    known = set(published.values_list("code", flat=True)) if codes else set()
    return [
        make_finding(
            {},
            (*place, "list_code"),
            "no_list",
            f"La institución no ha publicado la lista '{field.list_code}'.",
            "Cárguela y publíquela en «Listas», en las páginas de diseño.",
        )
        for place, field in asked
        if field.list_code not in known
    ]


def _fields(bundle: Bundle) -> Iterator[tuple[Place, Field]]:
    for number, form in enumerate(bundle.forms):
        for index, page in enumerate(form.pages):
            for position, field in enumerate(page.fields):
                place: Place = ("forms", number, "pages", index, "fields", position)
                yield place, field
                yield from (((*place, "fields", row), inner) for row, inner in enumerate(field.fields))
