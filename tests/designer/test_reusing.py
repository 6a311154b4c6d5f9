"""A page of questions of a published procedure is taken into another, as it was published."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from designer import reusing, tree
from designer.queries import findings_of
from tests.designer.conftest import Desk
from tests.designer.hands import Hands
from tests.workflows.permissions import BACKEND


def test_a_page_comes_with_its_questions_under_names_that_are_free(desk: Desk) -> None:
    draft, client = desk.empty(), Client()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    version = desk.story.offering("patente_comercial").version
    hands = Hands(client, draft)
    page = hands.page("preguntas/solicitud/traer/")
    keys = [button.get("value") for button in page.xpath("//button[@name='pagina']")]
    assert f"{version.pk}:solicitud:quien" in keys
    made = hands.send("preguntas/solicitud/traer/", "", {"pagina": f"{version.pk}:solicitud:quien"})
    draft.refresh_from_db()
    brought = tree.get(draft.content, tree.parse(made.removeprefix("parte/")))
    assert [field["id"] for field in brought["fields"]] == ["nombre_2", "por_empresa", "razon_social", "poder"]
    row = brought["fields"][2]["visible_when"]["all"][0]
    assert row == {"field": "inicio.por_empresa", "op": "eq", "value": True}
    assert not any(finding.path.startswith("forms") for finding in findings_of(draft.content).errors)


def test_a_condition_on_a_question_that_stays_behind_is_left_out_and_told(desk: Desk) -> None:
    draft = desk.empty()
    version = desk.story.offering("patente_comercial").version
    source = reusing.source_named(desk.agency, f"{version.pk}:solicitud:documentos")
    page, lost = reusing.page_from(source, draft.content, "solicitud")
    assert lost == ["Plano o croquis del local"]
    assert all("visible_when" not in field for field in page["fields"])


def test_a_page_that_is_not_offered_brings_nothing(desk: Desk, client: Client) -> None:
    draft = desk.empty()
    client.force_login(desk.story.user("Inés"), backend=BACKEND)
    url = reverse("designer:reuse", args=[draft.pk, "solicitud"])
    assert client.post(url, {"pagina": "0:x:y"}).status_code == 302
    draft.refresh_from_db()
    assert draft.revision == 1
