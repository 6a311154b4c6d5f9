"""`manage.py institutions`: an institution from a file, as often as somebody applies it."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from accounts.api import has_capability, person_by_run
from accounts.models import Absence, Agency, Grant, Membership, Role, Unit
from audit.models import Event
from legaltime.api import local_date, now

pytestmark = pytest.mark.django_db

STRUCTURE = """\
agency:
  code: muni-nueva
  name: Municipalidad Nueva
  commune: '16303'
  rut: 69.000.001-6
units:
  rentas:
    name: Departamento de Rentas
    posts:
      revision: {name: Revisión de patentes}
      jefatura: {name: Jefatura de Rentas, may: [order]}
  alcaldia:
    name: Alcaldía
    posts:
      administracion: {name: Administración municipal, may: [design, publish, operate, administer]}
"""
PEOPLE = """\
people:
  - run: 11.111.111-1
    given_names: Rosa
    family_names: Soto Vera
    holds:
      - {role: alcaldia/administracion, post: Administradora Municipal, since: 2026-01-02}
    absences:
      - {from: 2026-12-01, until: 2026-12-05, substitute: 22.222.222-2}
  - run: 22.222.222-2
    given_names: Pedro
    family_names: Rojas Díaz
    holds:
      - {role: rentas/revision, post: Revisor, since: 2026-01-02}
      - {role: rentas/jefatura, post: Jefe de Rentas, since: 2026-01-02}
"""


def apply(folder: Path, text: str, *options: str, people: str = "") -> str:
    file, said = folder / "muni.yaml", StringIO()
    file.write_text(text)
    if people:
        (folder / "gente.yaml").write_text(people)
        options = (*options, "--people", str(folder / "gente.yaml"))
    call_command("institutions", "apply", str(file), *options, stdout=said)
    return said.getvalue()


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Agency, Unit, Role, Grant, Membership, Absence, Event))


def test_a_file_makes_an_institution_that_somebody_may_administer_from_the_first_day(tmp_path: Path) -> None:
    said = apply(tmp_path, STRUCTURE, people=PEOPLE)
    assert "Se crea: la institución «Municipalidad Nueva»." in said
    assert "Pedro Rojas Díaz subroga a Rosa Soto Vera, del 01/12/2026 al 05/12/2026" in said
    assert "11.111" not in said
    agency, rosa = Agency.objects.get(), person_by_run("11.111.111-1")
    assert rosa is not None
    assert has_capability(rosa, agency, "administer", local_date(now(), agency.time_zone))
    stands_in = Membership.objects.get(absence__isnull=False)
    assert (str(stands_in.person), stands_in.post) == ("Pedro Rojas Díaz", "Administradora Municipal (S)")


def test_a_file_applied_again_changes_nothing_and_a_changed_one_only_what_it_says(tmp_path: Path) -> None:
    apply(tmp_path, STRUCTURE, people=PEOPLE)
    before = rows()
    assert apply(tmp_path, STRUCTURE, people=PEOPLE) == "Todo está como dice el archivo.\n"
    assert rows() == before
    said = apply(tmp_path, STRUCTURE.replace("Departamento de Rentas", "Dirección de Rentas").replace("[order]", "[]"))
    assert said.splitlines() == [
        "Se cambia: la unidad «Dirección de Rentas».",
        "Se cambia: el cargo «Jefatura de Rentas, Dirección de Rentas».",
    ]
    assert not Grant.objects.filter(capability="order").exists()


def test_a_trial_says_what_would_change_and_leaves_all_as_it_is(tmp_path: Path) -> None:
    before = rows()
    said = apply(tmp_path, STRUCTURE, "--dry-run", people=PEOPLE)
    assert "Se crea: la unidad «Departamento de Rentas»." in said
    assert said.endswith("Era un ensayo: no se cambió nada.\n")
    assert rows() == before


def test_what_is_missing_is_said_until_somebody_holds_each_post(tmp_path: Path) -> None:
    said = apply(tmp_path, STRUCTURE)
    assert "Falta: nadie tiene el cargo «Revisión de patentes, Departamento de Rentas»." in said
    assert "Falta: nadie administra la institución." in said
    without = STRUCTURE.replace("      revision: {name: Revisión de patentes}\n", "")
    assert "queda como está: el cargo «Revisión de patentes, Departamento de Rentas»" in apply(tmp_path, without)


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ("commune: '16303'", "commune: '99'", "muni.yaml, línea 4: No hay una comuna «99»"),
        ("  name: Municipalidad Nueva", "  nombre: Nueva", "muni.yaml, línea 3: La clave «nombre»"),
        ("may: [order]", "may: [mandar]", "muni.yaml, línea 11: «mandar» no es un valor admitido"),
        ("69.000.001-6", "69.000.001-5", "muni.yaml, línea 5: El RUT"),
        ("  rentas:\n", "  Rentas Chicas:\n", "muni.yaml, línea 7"),
        ("  alcaldia:\n", "  rentas:\n", "muni.yaml, línea 12: La clave «rentas» está repetida"),
        ("{name: Revisión de patentes}", "{name: [", "YAML"),
        ("run: 11.111.111-1", "run: 11.111.111-2", "gente.yaml, línea 2: El RUN no es válido"),
        ("rentas/revision", "rentas/nada", "gente.yaml, línea 13: No hay un cargo «rentas/nada»"),
        ("from: 2026-12-01", "from: 2026-13-01", "gente.yaml, línea 8: «2026-13-01» no es una fecha"),
        ("until: 2026-12-05", "until: 2026-11-05", "gente.yaml, línea 8: La ausencia termina antes"),
        ("substitute: 22.222.222-2", "substitute: 33.333.333-3", "gente.yaml, línea 8: Quien subroga no está"),
        ("people:\n", "agency: {}\npeople:\n", "gente.yaml, línea 1: Aquí va solo la clave «people»"),
    ],
)
def test_what_is_wrong_names_its_line_and_nothing_is_changed(tmp_path: Path, wrong: str, right: str, says: str) -> None:
    assert wrong in STRUCTURE + PEOPLE
    before = rows()
    with pytest.raises(CommandError) as refused:
        apply(tmp_path, STRUCTURE.replace(wrong, right), people=PEOPLE.replace(wrong, right))
    assert says in str(refused.value)
    assert str(refused.value).endswith("No se cambió nada.")
    assert rows() == before


def test_the_run_of_somebody_with_another_name_gives_nobody_a_post(tmp_path: Path) -> None:
    apply(tmp_path, STRUCTURE, people=PEOPLE)
    other = PEOPLE.replace("Rosa", "Clara").replace("Soto Vera", "Luna")
    with pytest.raises(CommandError, match=r"gente.yaml, línea 2: Ese RUN es de una persona con otro nombre"):
        apply(tmp_path, STRUCTURE, people=other)
