"""Coming in and going out, against our demonstration provider in its own process, over real HTTP."""

import hashlib
import logging
import time
from datetime import UTC, datetime, timedelta

import pytest
import requests
import time_machine
from django.test import Client
from pytest_django import Settings

from accounts.models import Person as PersonRow
from accounts.models import SignInRecord, User
from accounts.queries import person_by_run
from accounts.sign_in import MOST_PENDING, token_context
from accounts.vault import open_sealed
from legaltime.api import now
from tests.accounts.providers import SITE, Person, parameters
from tests.services.processes import free_port

ANA_RUN, BRUNO_RUN = "41.111.111-3", "42.222.222-7"


def test_ana_comes_in_and_returns_to_the_page_she_wanted(ana: Person) -> None:
    response = ana.sign_in(ANA_RUN, "/cuenta/entrar/?next=/mis-avisos/")
    assert (response.status_code, response["Location"]) == (302, "/mis-avisos/")
    assert ana.name() == "Ana María"
    person = person_by_run(ANA_RUN)
    assert person is not None
    assert person.full_name == "Ana María Pérez Soto"


def test_the_request_carries_state_nonce_pkce_and_the_exact_scope(ana: Person) -> None:
    """R36; MCU: scope is exactly `openid run name`."""
    first, second = parameters(ana.depart()), parameters(ana.depart())
    assert first["scope"] == "openid run name"
    assert first["redirect_uri"] == f"{SITE}/cuenta/entrar/vuelta/"
    assert first["code_challenge_method"] == "S256"
    assert min(len(first["state"]), len(first["nonce"]), len(first["code_challenge"])) >= 30
    assert not {first["state"], first["nonce"], first["code_challenge"]} & set(second.values())


def test_coming_in_twice_makes_one_person_and_two_records(ana: Person) -> None:
    """R39: each authenticated access is recorded, with the instant in UTC."""
    began = datetime.now(UTC)
    ana.sign_in()
    Person(provider=ana.provider).sign_in()
    assert (PersonRow.objects.count(), User.objects.count()) == (1, 1)
    records = SignInRecord.objects.all()
    assert [record.purpose for record in records] == ["session", "session"]
    assert all(began <= record.at <= datetime.now(UTC) for record in records)


def test_the_providers_statement_is_kept_sealed_with_its_digest(ana: Person) -> None:
    began = int(time.time())
    ana.sign_in()
    record = SignInRecord.objects.get()
    token = open_sealed(bytes(record.id_token_sealed), token_context(record.id_token_sha256))
    assert hashlib.sha256(token).hexdigest() == record.id_token_sha256
    assert token.count(b".") == 2
    assert began <= record.auth_time.timestamp() <= record.at.timestamp()


def test_the_session_key_changes_when_somebody_comes_in(ana: Person) -> None:
    """Session fixation: a key known before the sign-in opens nothing afterwards."""
    departure = ana.depart()
    planted = ana.site.session.session_key
    ana.arrive(ana.choose(departure, person=ANA_RUN))
    assert ana.site.session.session_key != planted
    attacker = Person()
    attacker.site.cookies["sp"] = planted or ""
    assert attacker.name() == ""


def test_somebody_else_at_the_same_browser_finds_nothing_of_the_former(ana: Person) -> None:
    ana.sign_in()
    session = ana.site.session
    session["draft"] = "de Ana"
    session.save()
    ana.site.post("/cuenta/salir/")
    ana.provider.cookies.clear()
    ana.sign_in(BRUNO_RUN)
    assert ana.name() == "Bruno"
    assert "draft" not in ana.site.session


def test_a_second_person_in_another_tab_replaces_the_first_whole(ana: Person) -> None:
    first, second = ana.depart(), ana.depart()
    ana.arrive(ana.choose(first, person=ANA_RUN))
    session = ana.site.session
    session["draft"] = "de Ana"
    session.save()
    ana.provider.cookies.clear()
    ana.arrive(ana.choose(second, person=BRUNO_RUN))
    assert ana.name() == "Bruno"
    assert "draft" not in ana.site.session


def test_a_session_ends_after_eight_hours_however_much_it_is_used(ana: Person) -> None:
    ana.sign_in()
    begun = now()
    with time_machine.travel(begun + timedelta(hours=7, minutes=30)):
        session = ana.site.session
        session["used"] = "again"
        session.save()
        assert ana.name() == "Ana María"
    with time_machine.travel(begun + timedelta(hours=8, minutes=30)):
        assert ana.name() == ""


def test_going_out_ends_both_sessions_and_comes_back_to_a_page(ana: Person) -> None:
    """R38."""
    ana.sign_in()
    answer = ana.site.post("/cuenta/salir/")
    assert ana.name() == ""
    assert answer["Clear-Site-Data"] == '"cache"'
    back = ana.provider.get(answer["Location"], allow_redirects=False)
    assert back.headers["Location"] == f"{SITE}/cuenta/sesion-cerrada/"
    assert "Cerraste tu sesión" in ana.arrive(back.headers["Location"]).content.decode()
    page = ana.provider.get(ana.depart(), allow_redirects=False)
    assert not page.is_redirect  # the provider asks again who it is


def test_within_its_minute_the_provider_does_not_ask_again(ana: Person) -> None:
    ana.sign_in()
    other_site = Person(provider=ana.provider)
    address = other_site.provider.get(other_site.depart(), allow_redirects=False).headers["Location"]
    other_site.arrive(address)
    assert other_site.name() == "Ana María"


def test_going_out_needs_a_post_with_the_sites_own_token(ana: Person) -> None:
    assert ana.site.get("/cuenta/salir/").status_code == 405
    assert Client(enforce_csrf_checks=True).post("/cuenta/salir/").status_code == 403


def test_whoever_is_in_goes_straight_to_the_page(ana: Person) -> None:
    ana.sign_in()
    assert ana.site.get("/cuenta/entrar/?next=/mis-avisos/")["Location"] == "/mis-avisos/"


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "/\\evil.example"])
def test_the_way_back_never_leaves_the_site(ana: Person, target: str) -> None:
    assert ana.sign_in(ANA_RUN, f"/cuenta/entrar/?next={target}")["Location"] == "/"


def test_a_state_serves_once_and_only_in_its_own_browser(ana: Person) -> None:
    """R36."""
    back = ana.choose(ana.depart(), person=ANA_RUN)
    stranger = Person()
    assert stranger.arrive(back).status_code == 400
    assert stranger.name() == ""
    assert ana.arrive(back).status_code == 302
    again = ana.arrive(back)
    assert again.status_code == 400
    assert "No pudimos comprobar tu identidad" in again.content.decode()


def test_a_code_serves_once(ana: Person) -> None:
    """R36: replay of a code with a good state of one's own."""
    spent = parameters(ana.choose(ana.depart(), person=ANA_RUN))
    ana.arrive(f"{SITE}/cuenta/entrar/vuelta/?code={spent['code']}&state={spent['state']}")
    thief = Person()
    state = parameters(thief.depart())["state"]
    response = thief.arrive(f"{SITE}/cuenta/entrar/vuelta/?code={spent['code']}&state={state}")
    assert response.status_code == 400
    assert thief.name() == ""


def test_a_stolen_code_is_useless_without_the_verifier_of_its_journey(ana: Person) -> None:
    """PKCE: the code was never redeemed, and the thief has a valid state of their own."""
    stolen = parameters(ana.choose(ana.depart(), person=ANA_RUN))["code"]
    thief = Person()
    state = parameters(thief.depart())["state"]
    assert thief.arrive(f"{SITE}/cuenta/entrar/vuelta/?code={stolen}&state={state}").status_code == 400
    assert thief.name() == ""


def test_an_answer_said_to_come_from_another_provider_is_refused(ana: Person) -> None:
    back = parameters(ana.choose(ana.depart(), person=ANA_RUN))
    address = f"{SITE}/cuenta/entrar/vuelta/?code={back['code']}&state={back['state']}&iss=https://evil.example"
    assert ana.arrive(address).status_code == 400


def test_whoever_gives_up_at_the_provider_is_told_and_may_try_again(ana: Person) -> None:
    state = parameters(ana.depart("/cuenta/entrar/?next=/mis-avisos/"))["state"]
    response = ana.arrive(f"{SITE}/cuenta/entrar/vuelta/?error=access_denied&state={state}")
    assert response.status_code == 400
    assert "/cuenta/entrar/?next=/mis-avisos/" in response.content.decode()


def test_many_tabs_do_not_fill_the_session(ana: Person) -> None:
    departures = [ana.depart() for _ in range(MOST_PENDING + 1)]
    assert ana.arrive(ana.choose(departures[0], person=ANA_RUN)).status_code == 400
    assert ana.arrive(ana.choose(departures[-1], person=ANA_RUN)).status_code == 302


def test_a_closed_account_is_told_so_after_closing_the_providers_session(ana: Person) -> None:
    """R38."""
    ana.sign_in()
    ana.site.post("/cuenta/salir/")
    User.objects.update(is_active=False)
    response = ana.sign_in()
    assert "/api/v1/accounts/app/logout" in response["Location"]
    back = ana.provider.get(response["Location"], allow_redirects=False).headers["Location"]
    page = ana.arrive(back)
    assert page.status_code == 403
    assert "Tu cuenta está desactivada" in page.content.decode()
    assert ana.name() == ""


def test_closing_an_account_ends_its_sessions(ana: Person) -> None:
    ana.sign_in()
    User.objects.update(is_active=False)
    assert ana.name() == ""


def test_when_the_provider_is_down_a_page_says_so_and_nothing_is_lost(ana: Person, settings: Settings) -> None:
    session = ana.site.session
    session["draft"] = "a medio llenar"
    session.save()
    settings.OIDC_ISSUER = f"http://127.0.0.1:{free_port()}/openid"
    response = ana.site.get("/cuenta/entrar/?next=/mis-avisos/")
    assert response.status_code == 503
    assert "Lo que llevas escrito está guardado" in response.content.decode()
    assert ana.site.session["draft"] == "a medio llenar"


def test_going_out_works_although_the_provider_is_down(ana: Person, settings: Settings) -> None:
    from django.core.cache import cache

    ana.sign_in()
    cache.clear()
    settings.OIDC_ISSUER = f"http://127.0.0.1:{free_port()}/openid"
    assert ana.site.post("/cuenta/salir/")["Location"] == f"{SITE}/cuenta/sesion-cerrada/"
    assert ana.name() == ""


def test_a_browser_at_another_address_of_the_site_is_brought_to_the_registered_one(ana: Person) -> None:
    response = ana.site.get("/cuenta/entrar/?next=/mis-avisos/", headers={"host": "localhost"})
    assert response["Location"] == f"{SITE}/cuenta/entrar/?next=/mis-avisos/"


def test_a_name_changed_at_the_civil_registry_replaces_ours(ana: Person) -> None:
    ana.sign_in()
    PersonRow.objects.update(family_names="Antiguo Apellido")
    Person(provider=ana.provider).sign_in()
    assert PersonRow.objects.get().family_names == "Pérez Soto"


def test_no_log_line_holds_a_run_a_name_or_a_token(ana: Person, caplog: pytest.LogCaptureFixture) -> None:
    """Canary: everything that may identify Ana, through a good sign-in, a refused one and a sign-out."""
    caplog.set_level(logging.DEBUG)
    ana.sign_in()
    token = open_sealed(*_sealed_token())
    ana.arrive(f"{SITE}/cuenta/entrar/vuelta/?code=x&state=y")
    ana.site.post("/cuenta/salir/")
    assert "Sign-in refused: state" in caplog.text
    for canary in ("41111111", "41.111.111", "Ana", "Pérez", "Soto", token.decode()):
        assert canary not in caplog.text


def _sealed_token() -> tuple[bytes, str]:
    record = SignInRecord.objects.get()
    return bytes(record.id_token_sealed), token_context(record.id_token_sha256)


def test_the_token_is_asked_for_by_the_server_and_never_reaches_the_browser(ana: Person) -> None:
    """R36."""
    response = ana.sign_in()
    session = str(dict(ana.site.session.items()))
    assert "id_token" not in response.content.decode() + session
    assert requests.codes.found == response.status_code
