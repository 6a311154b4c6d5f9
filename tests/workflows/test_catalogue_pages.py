"""The first page, the search, and fichas of procedures that are done here, elsewhere or on paper."""

import html
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from procedures.api import bundle_of, offerings_on
from procedures.models import CatalogueEntry, CatalogueImport, HandOff
from tests.story import Story
from tests.workflows.permissions import BACKEND
from workflows.models import Case, Draft
from workflows.queries import recent_waits
from workflows.rules import waiting_time
from workflows.sample import seed_catalogue


@pytest.fixture
def story(db: None) -> Story:
    begun = Story.begin()
    seed_catalogue(now=begun.now)
    return begun


def text(address: str, client: Client | None = None) -> str:
    return (client or Client()).get(address).content.decode()


def test_the_first_page_offers_words_moments_of_life_and_what_is_asked_most(story: Story) -> None:
    page = text("/")
    assert 'name="q"' in page
    assert "Hoja de vida del conductor" in page
    assert "/?hecho=home" in page


def test_who_left_something_unfinished_finds_it_on_the_first_page(story: Story) -> None:
    draft = story.draft(story.offering("patente_comercial"))
    client = Client()
    assert "sin terminar" not in text("/", client)
    client.force_login(story.user("Bruno"), BACKEND)
    assert "sin terminar" not in text("/", client)
    client.force_login(story.user("Ana"), BACKEND)
    page = text("/", client)
    assert "Tienes una solicitud sin terminar." in page
    assert f"/s/{draft.ref}/revisar/?seguir=1" in page


def test_a_misspelt_search_finds_and_says_what_it_searched(story: Story) -> None:
    page = text("/?q=permizo+circulacion")
    assert "Primer permiso de circulación" in page
    assert "Ninguna ficha dice «permizo»: buscamos «permiso»." in page


def test_filters_and_pages_keep_each_other(story: Story) -> None:
    page = text("/?todos=1")
    assert "?todos=1&amp;p=2" in page
    assert "Página 2 de 4" in text("/?todos=1&p=2")
    assert "Hay 7 trámites." in text("/?hecho=vehicle")


@pytest.mark.parametrize("odd", ["?p=-1&todos=1", "?p=9999999&q=x", "?nivel=nueve&todos=1", "?hecho=%00&q=%00", "?q="])
def test_odd_addresses_are_answered(story: Story, odd: str) -> None:
    assert Client().get("/" + odd).status_code == 200


def test_a_paper_ficha_says_plainly_that_it_is_not_online(story: Story) -> None:
    page = text(reverse("workflows:ficha", args=["municipalidad-de-huasco", "certificado-de-numero"]))
    assert "Aún no se puede hacer en línea" in page
    assert "Copia del título o escritura" in page
    assert "5 % de una UTM" in page
    assert "Trámites de Municipalidad de Huasco" not in page, "this site never dresses as another institution"


def test_the_way_to_another_site_is_named_and_counted_without_saying_who(story: Story) -> None:
    entry = CatalogueEntry.objects.get(name="Pedir información pública a FONASA")
    assert "Salir hacia www.fonasa.cl" in text(reverse("workflows:ficha", args=["fonasa", entry.code]))
    for _visit in range(2):
        answer = Client().get(reverse("workflows:hand_off", args=["fonasa", entry.code]))
    assert answer["Location"] == "https://www.fonasa.cl/"
    assert HandOff.objects.get(entry=entry).count == 2
    staff = Client()
    staff.force_login(story.user("Inés"), backend=BACKEND)
    listed = " ".join(text("/catalogo/cargar/", staff).split())
    assert f'<a href="/tramites/fonasa/{entry.code}/">{entry.name}</a></th>' in listed
    assert '<td data-label="Veces">2</td>' in listed
    HandOff.objects.update(day=timezone.localdate() - timedelta(days=31))
    assert "Nadie ha seguido a otro sitio" in text("/catalogo/cargar/", staff)


def test_there_is_no_way_out_of_a_ficha_without_a_site(story: Story) -> None:
    away = reverse("workflows:hand_off", args=["municipalidad-de-huasco", "certificado-de-numero"])
    assert Client().get(away).status_code == 404


def test_staff_see_what_each_row_would_do_before_it_does(story: Story) -> None:
    client = Client()
    client.force_login(story.user("Inés"), backend=BACKEND)
    rows = "nombre,institucion,nivel\n"
    rows += "Permiso de prueba,Municipalidad de Ejemplo,alto\nOtro,Municipalidad de Otra Comuna,1\n"
    sent = client.post("/catalogo/cargar/", {"archivo": SimpleUploadedFile("f.csv", rows.encode())})
    page = text(sent["Location"], client)
    assert "Cargar 1 ficha" in page
    assert "solo su personal puede cambiarla" in page
    assert not CatalogueEntry.objects.filter(name="Permiso de prueba").exists()
    client.post(sent["Location"])
    assert "Qué hizo cada fila" in text(sent["Location"], client)
    assert CatalogueEntry.objects.get(name="Permiso de prueba").remarks == {"nivel": "alto"}
    assert "ya se cargó" in client.post(sent["Location"], follow=True).content.decode()


def test_a_file_that_cannot_be_read_is_refused_where_it_was_chosen(story: Story) -> None:
    client = Client()
    client.force_login(story.user("Inés"), backend=BACKEND)
    before = CatalogueImport.objects.count()
    answer = client.post("/catalogo/cargar/", {"archivo": SimpleUploadedFile("f.csv", b"nombre\n")})
    assert answer.status_code == 422
    assert "no tiene filas" in answer.content.decode()
    assert CatalogueImport.objects.count() == before


def test_the_wait_that_is_shown_is_the_one_people_had() -> None:
    days = [1] * 10 + [2] * 6 + [9] * 3 + [30]
    shown = waiting_time(days, latest=[])
    assert shown is not None
    assert (shown.half, shown.most, shown.nearly_all, shown.cases) == (1, 2, 9, 20)


def test_nothing_is_promised_from_a_handful_of_cases() -> None:
    assert waiting_time([1] * 9, latest=[1] * 9) is None


def test_it_is_said_when_it_goes_slower_than_usual() -> None:
    usual = [2] * 30
    assert waiting_time([*usual, *[5] * 5], latest=[5] * 5).is_slower  # type: ignore[union-attr]
    assert not waiting_time([*usual, *[5] * 4], latest=[5] * 4).is_slower  # type: ignore[union-attr]
    assert not waiting_time([*usual, *[3] * 5], latest=[3] * 5).is_slower  # type: ignore[union-attr]


def test_an_office_that_stopped_answering_is_slower_though_what_it_ended_was_quick() -> None:
    quick, stuck = [(60, 2)] * 30, [(10, 10)] * 5
    assert waiting_time([2] * 30, latest=[], filed=[*quick, *stuck]).is_slower  # type: ignore[union-attr]
    few = [(10, 10)] * 4
    assert not waiting_time([2] * 30, latest=[], filed=[*quick, *few]).is_slower  # type: ignore[union-attr]


def test_a_few_that_were_left_behind_do_not_make_an_office_slow() -> None:
    """Those filed in the same days are compared: among all that are open, the slow ones pile up."""
    answered, left_behind, fresh = [(10, 2)] * 8, [(12, 12)] * 3, [(1, 1)] * 20
    old = [(170, 170)] * 40
    filed = [*answered, *left_behind, *fresh, *old]
    assert not waiting_time([2] * 30, latest=[2] * 8, filed=filed).is_slower  # type: ignore[union-attr]


def test_the_page_warns_while_what_was_filed_these_weeks_stays_without_an_answer(story: Story) -> None:
    cases = [story.file() for _case in range(15)]
    ended, open_ones = [case.pk for case in cases[:10]], [case.pk for case in cases[10:]]
    days = {"filed_at": story.now - timedelta(days=62), "finished": story.now - timedelta(days=60)}
    Case.objects.filter(pk__in=ended).update(**days)
    Case.objects.filter(pk__in=open_ones).update(filed_at=story.now - timedelta(days=3))
    waits = recent_waits(cases[0].offering, story.now)
    assert waits is not None
    assert (waits.half, waits.is_slower) == (2, False)
    Case.objects.filter(pk__in=open_ones).update(filed_at=story.now - timedelta(days=12))
    with time_machine.travel(story.now, tick=False):
        ficha = text(reverse("workflows:ficha", args=["muni-ejemplo", "patente_comercial"]))
    assert "En estas semanas va más lento que de costumbre" in ficha


def test_only_recent_finished_cases_of_the_office_count(story: Story) -> None:
    case = story.file()
    Case.objects.filter(pk=case.pk).update(finished=story.now, filed_at=story.now - timedelta(days=3))
    assert recent_waits(case.offering, story.now) is None
    ficha = text(reverse("workflows:ficha", args=["muni-ejemplo", "patente_comercial"]))
    assert "Cuánto se demora de verdad" not in ficha


def test_what_only_the_institution_opens_is_neither_shown_nor_begun(story: Story) -> None:
    """A case of the institution's own motion has no applicant (Ley 19.880 art. 29)."""
    address = reverse("workflows:begin", args=["muni-ejemplo", "respuesta_ciudadana"])
    client = Client()
    client.force_login(story.user("Ana"), backend=BACKEND)
    assert story.offering("respuesta_ciudadana")
    assert client.post(address).status_code == 404
    assert client.get(reverse("workflows:ficha", args=["muni-ejemplo", "respuesta_ciudadana"])).status_code == 404
    assert not Draft.objects.exists()


def test_every_ficha_says_before_starting_what_it_costs_takes_and_needs_and_where_else_it_is_done(story: Story) -> None:
    """Check 25."""
    client = Client()
    client.force_login(story.user("Bruno"), backend=BACKEND)
    offered = [one for one in offerings_on(story.now.date()) if "web" in bundle_of(one.version).ficha.channels]
    assert len(offered) > 5
    for one in offered:
        ficha = bundle_of(one.version).ficha
        page = html.unescape(
            text(reverse("workflows:ficha", args=[one.agency.code, one.version.procedure.code]), client)
        )
        before_starting, _start, after = page.partition("button-start")
        told = [ficha.cost, str(ficha.minutes), ficha.response, *ficha.requirements]
        assert [said for said in told if said not in before_starting] == [], one
        contact = ficha.contact
        assert [said for said in (contact.office, contact.hours, contact.phone) if said not in after] == [], one


@pytest.mark.parametrize("asked", ["a", "🎉", "-"])
def test_what_has_no_word_to_search_says_so_before_the_whole_list(client: Client, asked: str, story: Story) -> None:
    page = client.get("/", {"q": asked}).content.decode()
    assert "Escribe una palabra de dos letras o más" in page
    assert "Escribe una palabra de dos letras o más" not in client.get("/", {"q": "patente"}).content.decode()


def test_whoever_finds_nothing_may_propose_it_with_what_they_typed(story: Story) -> None:
    page = html.unescape(text("/?q=xilofonista+de+plaza"))
    assert "Propón que este trámite sea digital" in page
    assert "/participa/proponer/?q=xilofonista%20de%20plaza" in page
    client = Client()
    client.force_login(story.user("Bruno"), BACKEND)
    assert 'value="xilofonista de plaza"' in text("/participa/proponer/?q=xilofonista%20de%20plaza", client)
    assert "Propón que este trámite sea digital" not in text("/?q=patente+comercial")
    assert "Propón que este trámite sea digital" not in text("/?todos=1")


def test_people_read_no_code_of_a_register_and_staff_do(story: Story) -> None:
    """In any ficha of the demonstration's catalogue: names, and where it comes from; the rest on demand, for staff."""
    entry = CatalogueEntry.objects.get(name="Aprobación de anteproyecto de edificación")
    assert entry.institution.name == "Municipalidad (la fuente no dice cuál)"
    where = reverse("workflows:ficha", args=[entry.institution.code, entry.code])
    page = text(where)
    assert "código de portal" not in page + text("/?todos=1")
    assert "/TC/TAC" not in page
    assert "Fuente: portaltransparencia.cl." in page
    staff = Client()
    staff.force_login(story.user("Inés"), BACKEND)
    kept = text(where, staff)
    assert "Municipalidad con código de portal MU185" in kept
    assert "portaltransparencia.cl /ta/MU185/TC/TAC" in kept
