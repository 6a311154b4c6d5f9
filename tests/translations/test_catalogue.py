"""The English catalogue: complete, current and compiled (check 17 of pages.md)."""

import re
from pathlib import Path

import polib
import pytest
from django.db.models import TextChoices
from django.utils import translation
from django.utils.functional import Promise

from documents.models import FileItem, Scan
from notifications.models import NotificationRecord
from tests.translations.catalogue import PO, WIDTH, Text, in_python, in_template, text_of, texts
from workflows.models import (
    Attendance,
    Case,
    CaseLink,
    CaseParty,
    Channel,
    Deadline,
    DeadlineChange,
    PowerClaim,
)

PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%s")
REMEDY = "Corre: python -m tests.translations.catalogue y traduce lo que falte en locale/en."


@pytest.fixture(scope="module")
def catalogue() -> polib.POFile:
    return polib.pofile(str(PO), wrapwidth=WIDTH)


def test_every_text_of_the_program_is_in_the_catalogue_and_nothing_else(catalogue: polib.POFile) -> None:
    assert {text_of(entry) for entry in catalogue} == texts(), REMEDY


def test_no_text_is_untranslated_or_doubtful(catalogue: polib.POFile) -> None:
    assert [entry.msgid for entry in catalogue if not entry.translated() or entry.fuzzy] == [], REMEDY


def test_each_translation_has_the_placeholders_of_its_text(catalogue: polib.POFile) -> None:
    for entry in catalogue:
        wanted = set(PLACEHOLDER.findall(entry.msgid_plural or entry.msgid))
        for said in entry.msgstr_plural.values() or [entry.msgstr]:
            assert set(PLACEHOLDER.findall(said)) == wanted, entry.msgid


@pytest.mark.parametrize(
    "states",
    [Channel, Case.Outcome, CaseParty.Kind, CaseLink.Kind, Deadline.Kind, Deadline.State, DeadlineChange.Kind,
     DeadlineChange.State, PowerClaim.Form, Attendance.Identity, FileItem.Direction, Scan, NotificationRecord.Medium],
    ids=lambda states: states.__qualname__,
)  # fmt: skip
def test_states_that_people_read_are_said_in_the_language_of_the_page(states: type[TextChoices]) -> None:
    """Check 17."""
    assert [state.name for state in states if not isinstance(state._label_, Promise)] == []


def test_what_is_compiled_is_what_is_written(catalogue: polib.POFile, tmp_path: Path) -> None:
    """Machines without gettext tools run with the compiled file of the repository."""
    fresh = tmp_path / "django.mo"
    catalogue.save_as_mofile(str(fresh))
    assert PO.with_suffix(".mo").read_bytes() == fresh.read_bytes(), REMEDY


def test_a_page_speaks_english_when_asked_and_spanish_otherwise() -> None:
    with translation.override("en"):
        assert translation.gettext("Escribe tu RUN") == "Enter your RUN"
        assert translation.ngettext("%(n)s día hábil", "%(n)s días hábiles", 2) == "%(n)s business days"
    with translation.override("es"):
        assert translation.gettext("Escribe tu RUN") == "Escribe tu RUN"


def test_texts_are_found_in_python_however_the_function_is_named() -> None:
    source = """
a = _("Uno")
b = gettext_lazy("Dos" " y medio")
c = ngettext("Tres", "Treses", n)
d = _(variable)
e = pgettext("clase", "Cinco")
"""
    assert set(in_python(source)) == {
        Text("Uno"),
        Text("Dos y medio"),
        Text("Tres", "Treses"),
        Text("Cinco", context="clase"),
    }


def test_texts_are_found_in_templates_in_every_form() -> None:
    source = (
        '{% translate "Uno" %}{{ x|default:_("Dos") }}{% translate "Sube %s" as y %}'
        "{% blocktranslate trimmed %}\n  Tres con {{ nombre }}.\n{% endblocktranslate %}"
        "{% blocktranslate count n=n %}{{ n }} hora{% plural %}{{ n }} horas{% endblocktranslate %}"
    )
    assert set(in_template(source)) == {
        Text("Uno"),
        Text("Dos"),
        Text("Sube %%s"),
        Text("Tres con %(nombre)s."),
        Text("%(n)s hora", "%(n)s horas"),
    }
