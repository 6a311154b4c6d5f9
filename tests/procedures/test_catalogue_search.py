"""People find a procedure by the words they have: without accents, in plural, misspelt, or with another name."""

from datetime import UTC, datetime

import pytest

from procedures.api import Filters, apply_import, life_events, most_asked, search, send_catalogue
from procedures.catalogue.rules import near, rank, sound, stem, wanted, words

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
FICHAS = """codigo;nombre;institucion;resumen;hecho de vida;en linea;nivel;volumen;palabras clave
circulacion;Permiso de circulación;Municipalidad de Prueba;Pagas el permiso de tu vehículo.;vehicle;no;2;5000;patente
licencia;Primera licencia de conducir;Municipalidad de Prueba;Sacas la licencia para manejar.;vehicle;no;2;;examen
marca;Registrar una marca;INAPI;Registras el nombre de tu producto.;business;sí;4;;logo
numero;Certificado de número;Municipalidad de Ñuñoa;Acredita el número de tu casa.;home;no;;;numeración
expropiacion;Certificado de no expropiación;Municipalidad de Ñuñoa;Lo piden para hipotecar.;home;no;;9000;banco
"""


@pytest.fixture
def fichas(db: None) -> None:
    sent = send_catalogue(name="fichas.csv", content=FICHAS.encode(), by=None, now=NOW)
    apply_import(sent=sent, by=None, now=NOW)


EVERYTHING = Filters()


def names(query: str, filters: Filters = EVERYTHING) -> list[str]:
    return [entry.code for entry in search(query, filters).entries]


@pytest.mark.parametrize(
    ("written", "first"),
    [
        ("permiso de circulacion", "circulacion"),
        ("PERMISOS", "circulacion"),
        ("circulaciones", "circulacion"),
        ("quiero sacar la licencia", "licencia"),
        ("auto", "circulacion"),
        ("carnet para manejar", "licencia"),
        ("nunoa hipoteca", "expropiacion"),
        ("numeracion casa", "numero"),
        ("expro", "expropiacion"),
    ],
)
@pytest.mark.usefixtures("fichas")
def test_accents_plurals_synonyms_and_beginnings_find_it(written: str, first: str) -> None:
    assert names(written)[0] == first


@pytest.mark.parametrize(
    ("written", "instead", "first"),
    [
        ("permizo", "permiso", "circulacion"),
        ("sircularion", "circulacion", "circulacion"),
        ("lisencia", "licencia", "licencia"),
        ("certficado", "certificado", "numero"),
    ],
)
@pytest.mark.usefixtures("fichas")
def test_a_typing_error_is_searched_as_the_nearest_word_and_said(written: str, instead: str, first: str) -> None:
    found = search(written)
    assert list(found.instead) == [(written, instead)]
    assert first in [entry.code for entry in found.entries]


@pytest.mark.parametrize(
    ("written", "known", "other"),
    [("caye", "calle", "cara"), ("becino", "vecino", "pepino"), ("ueco", "hueco", "eco"), ("jente", "gente", "lente")],
)
def test_who_writes_by_ear_is_understood_before_another_word_is_guessed(written: str, known: str, other: str) -> None:
    assert near(written, [(other, stem(other)), (known, stem(known))]).instead == known


def test_how_the_known_words_sound_is_worked_out_once_and_not_at_each_search() -> None:
    known = [(word, word) for word in ("certificado", "certificada", "sertificar")]
    sound.cache_clear()
    near("sertifikado", known)
    near("zertificado", known)
    assert sound.cache_info().misses == 5, "three known words and two searched ones"


@pytest.mark.usefixtures("fichas")
def test_where_no_ficha_has_every_word_the_nearest_are_shown_and_said() -> None:
    found = search("licencia marciana")
    assert found.entries[0].code == "licencia"
    assert not found.has_all


@pytest.mark.usefixtures("fichas")
def test_a_word_of_nothing_finds_nothing() -> None:
    assert search("zapato").total == 0


@pytest.mark.usefixtures("fichas")
def test_filters_limit_words_and_lists_alike() -> None:
    assert set(names("", Filters(life_event="vehicle"))) == {"circulacion", "licencia"}
    assert names("", Filters(online="digital")) == ["marca"]
    assert "marca" not in names("", Filters(online="paper"))
    assert names("certificado", Filters(institution="municipalidad-de-nunoa")) == ["numero", "expropiacion"]
    assert names("permiso", Filters(institution="inapi")) == []
    assert names("", Filters(level=4)) == ["marca"]


@pytest.mark.usefixtures("fichas")
def test_pages_do_not_overlap_and_one_past_the_end_is_empty() -> None:
    pages = [[entry.code for entry in search("", page=page, size=2).entries] for page in (1, 2, 3, 4)]
    assert sorted(code for page in pages for code in page) == [
        "circulacion",
        "expropiacion",
        "licencia",
        "marca",
        "numero",
    ]
    assert pages[3] == []


@pytest.mark.usefixtures("fichas")
def test_life_events_are_counted_and_the_most_asked_come_first() -> None:
    assert life_events() == {"vehicle": 2, "business": 1, "home": 2}
    assert [entry.code for entry in most_asked(2)] == ["expropiacion", "circulacion"]


@pytest.mark.usefixtures("fichas")
def test_whatever_is_written_is_only_words() -> None:
    for hostile in ("'; DROP TABLE x; --", "%", "_", "\\", "x" * 5000, "🙂", "a b c d e f g h i j k l m n"):
        assert search(hostile).total >= 0


def test_a_search_takes_few_statements(fichas: None, django_assert_max_num_queries: object) -> None:
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        search("permizo de circulacion")


def test_words_leave_out_what_only_joins() -> None:
    assert words("Quiero sacar la Patente N° 5 del Año") == ["patente", "5", "ano"]


def test_a_rare_word_counts_for_more_than_a_common_one() -> None:
    hits = [(1, stem("certificado"), 10), (2, stem("certificado"), 10), (3, stem("expropiacion"), 10)]
    ranking = rank([wanted("certificado"), wanted("expropiacion")], hits, total=100)
    assert ranking.entries[0] == 3
    assert not ranking.has_all


def test_short_words_are_not_guessed() -> None:
    assert near("luz", [("voz", "voz")]).stems == {"luz": 1.0}
