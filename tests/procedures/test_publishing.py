"""Publishing: immutable versions, offerings that follow one another, and a record of who did it."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from accounts.models import Agency, Role, Unit
from audit.models import Event
from procedures.api import (
    MissingRoleBindings,
    NotPublishable,
    StartsBeforeCurrent,
    TamperedVersion,
    UnknownRoleBindings,
    bundle_of,
    offering_for,
    offerings_on,
    publish,
)
from procedures.models import Offering, ProcedureVersion

pytestmark = pytest.mark.django_db
EXAMPLES = Path(__file__).parents[2] / "examples"
LICENCE = (EXAMPLES / "patente_comercial.yaml").read_text()
CERTIFICATE = (EXAMPLES / "certificado_patente_vigente.yaml").read_text()
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def make_agency(code: str = "muni-ejemplo") -> Agency:
    return Agency.objects.create(code=code, name="Municipalidad de Ejemplo", commune="16301")


def make_roles(agency: Agency) -> dict[str, Role]:
    unit = Unit.objects.create(agency=agency, code="rentas", name="Rentas")
    slots = ("revision", "obras", "salud", "jefatura", "alcaldia", "secretaria_municipal")
    return {slot: Role.objects.create(unit=unit, code=slot, name=slot) for slot in slots}


def publish_certificate(agency: Agency, text: str = CERTIFICATE, **options: object) -> Offering:
    given = {"by": None, "now": MONDAY, "role_bindings": {}, **options}
    return publish(text=text, agency=agency, **given)  # type: ignore[arg-type]


def test_publishing_keeps_the_canonical_bytes_under_their_digest() -> None:
    offering = publish_certificate(make_agency())
    version = offering.version
    assert version.number == 1
    assert bundle_of(version).canonical() == bytes(version.canonical)
    assert bundle_of(version).sha256() == version.sha256
    assert "<svg" in version.diagram_svg


def test_the_licence_is_published_with_a_role_for_every_slot() -> None:
    agency = make_agency()
    roles = make_roles(agency)
    offering = publish(text=LICENCE, agency=agency, by=None, now=MONDAY, role_bindings=roles)
    assert {binding.slot: binding.role for binding in offering.role_bindings.all()} == roles


def test_a_slot_without_role_is_named() -> None:
    agency = make_agency()
    roles = make_roles(agency)
    del roles["salud"]
    with pytest.raises(MissingRoleBindings, match="salud"):
        publish(text=LICENCE, agency=agency, by=None, now=MONDAY, role_bindings=roles)


def test_a_role_of_another_agency_is_refused() -> None:
    agency = make_agency()
    roles = make_roles(agency) | {"salud": make_roles(make_agency("muni-otra"))["salud"]}
    with pytest.raises(UnknownRoleBindings, match="salud"):
        publish(text=LICENCE, agency=agency, by=None, now=MONDAY, role_bindings=roles)


def test_a_faulty_procedure_is_not_published() -> None:
    with pytest.raises(NotPublishable) as caught:
        publish_certificate(make_agency(), CERTIFICATE.replace("goto: sello_vigente", "goto: sello_vijente"))
    assert [finding.code for finding in caught.value.findings] == ["unknown_step"]
    assert not ProcedureVersion.objects.exists()


def test_the_same_content_published_again_makes_nothing_new() -> None:
    agency = make_agency()
    first = publish_certificate(agency)
    again = publish_certificate(agency, f"# otro comentario\n{CERTIFICATE}")
    assert again == first
    assert ProcedureVersion.objects.count() == 1
    assert Event.objects.filter(kind="procedure.published").count() == 1


def test_a_new_version_ends_the_offering_before_it_the_day_before() -> None:
    """R78: what began under the old version keeps it; the new one serves from its day on."""
    agency = make_agency()
    old = publish_certificate(agency)
    new = publish_certificate(
        agency, CERTIFICATE.replace("No tiene costo.", "Gratis."), effective_from=date(2026, 4, 1)
    )
    old.refresh_from_db()
    assert (new.version.number, old.effective_to) == (2, date(2026, 3, 31))
    assert offering_for(agency.code, "certificado_patente_vigente", date(2026, 3, 31)) == old
    assert offering_for(agency.code, "certificado_patente_vigente", date(2026, 4, 1)) == new


def test_a_version_that_replaces_another_on_its_first_day_prevails() -> None:
    agency = make_agency()
    publish_certificate(agency)
    new = publish_certificate(agency, CERTIFICATE.replace("No tiene costo.", "Gratis."))
    assert list(offerings_on(date(2026, 3, 2))) == [new]


def test_going_back_to_an_earlier_content_offers_its_version_again() -> None:
    agency = make_agency()
    first = publish_certificate(agency)
    publish_certificate(agency, CERTIFICATE.replace("No tiene costo.", "Gratis."))
    back = publish_certificate(agency)
    assert back == first
    assert list(offerings_on(date(2026, 3, 2))) == [first]


def test_a_version_cannot_start_before_one_already_announced() -> None:
    agency = make_agency()
    publish_certificate(agency, effective_from=date(2026, 5, 1))
    with pytest.raises(StartsBeforeCurrent):
        publish_certificate(agency, CERTIFICATE.replace("No tiene costo.", "Gratis."))


def test_today_is_the_day_of_the_agency() -> None:
    offering = publish_certificate(make_agency(), now=datetime(2026, 3, 2, 2, tzinfo=UTC))
    assert offering.effective_from == date(2026, 3, 1)


def test_publishing_leaves_an_audit_event() -> None:
    agency = make_agency()
    publish_certificate(agency)
    event = Event.objects.get(stream=f"publishing:{agency.pk}")
    assert event.kind == "procedure.published"
    assert b"certificado_patente_vigente" in bytes(event.body)


def test_a_version_whose_bytes_were_changed_is_refused() -> None:
    version = publish_certificate(make_agency()).version
    version.canonical = bytes(version.canonical).replace(b"issued", b"isuued")
    with pytest.raises(TamperedVersion):
        bundle_of(version)


@pytest.mark.parametrize("change", ["update", "delete"])
def test_the_database_refuses_to_change_a_version(change: str) -> None:
    publish_certificate(make_agency())
    versions = ProcedureVersion.objects.all()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        versions.update(title="Otro") if change == "update" else versions._raw_delete("default")
