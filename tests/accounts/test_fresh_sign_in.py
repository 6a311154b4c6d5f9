"""The sign-in that must come before a signature: fresh, and of the same person."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from pytest_django import Settings

from accounts import intents
from accounts.api import consume_intent, create_intent, register_continuation
from accounts.models import SigningIntent, SignInRecord, User
from tests.accounts.providers import ANA, SITE, LyingProvider, Person, parameters

BRUNO_RUN = "42.222.222-7"


@pytest.fixture(autouse=True)
def continuation() -> Iterator[None]:
    """What a room above would do with a confirmed intent: sign, once."""

    def sign(request: HttpRequest, intent: SigningIntent) -> HttpResponse:
        consume_intent(intent=intent, now=datetime.now(UTC))
        return HttpResponse(f"firmado {intent.subject}")

    register_continuation("test.sign", sign)
    yield
    del intents._continuations["test.sign"]


def new_intent(created: timedelta = timedelta()) -> SigningIntent:
    """What the only account is about to sign."""
    return create_intent(
        user=User.objects.get(),
        purpose="test.sign",
        subject="7K3M",
        shown_sha256="0" * 64,
        facts={},
        now=datetime.now(UTC) + created,
    )


def confirm(person: Person, intent: SigningIntent, run: str = "41.111.111-3") -> Any:
    return person.sign_in(run, f"/cuenta/confirmar/{intent.nonce}/")


def test_ana_signs_after_entering_again(ana: Person) -> None:
    ana.sign_in()
    intent = new_intent()
    assert confirm(ana, intent).content.decode() == "firmado 7K3M"
    intent.refresh_from_db()
    assert intent.sign_in is not None
    assert intent.sign_in.purpose == "signature"
    assert intent.used_at is not None


def test_the_provider_asks_again_although_it_remembers_her(ana: Person) -> None:
    ana.sign_in()
    address = ana.depart(f"/cuenta/confirmar/{new_intent().nonce}/")
    asked = parameters(address)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    assert not ana.provider.get(address, allow_redirects=False).is_redirect


def test_the_session_key_changes_with_the_fresh_sign_in(ana: Person) -> None:
    ana.sign_in()
    before = ana.site.session.session_key
    confirm(ana, new_intent())
    assert ana.site.session.session_key != before
    assert ana.name() == "Ana María"


def test_another_person_cannot_sign_for_ana(ana: Person) -> None:
    ana.sign_in()
    intent = new_intent()
    response = confirm(ana, intent, BRUNO_RUN)
    back = ana.provider.get(response["Location"], allow_redirects=False).headers["Location"]
    page = ana.arrive(back)
    assert page.status_code == 403
    assert "Entraste con otra identidad" in page.content.decode()
    intent.refresh_from_db()
    assert (intent.sign_in, intent.used_at) == (None, None)
    assert ana.name() == "Ana María"
    assert SignInRecord.objects.filter(purpose="signature").count() == 0


def test_a_stranger_cannot_use_anas_intent(ana: Person) -> None:
    ana.sign_in()
    intent = new_intent()
    bruno = Person()
    bruno.sign_in(BRUNO_RUN)
    assert bruno.site.get(f"/cuenta/confirmar/{intent.nonce}/").status_code == 404


def test_whoever_is_out_must_come_in_first(ana: Person) -> None:
    ana.sign_in()
    intent = new_intent()
    response = Person().site.get(f"/cuenta/confirmar/{intent.nonce}/")
    assert response["Location"] == f"/cuenta/entrar/?next=/cuenta/confirmar/{intent.nonce}/"


def test_whoever_went_out_in_the_middle_signs_nothing(ana: Person) -> None:
    ana.sign_in()
    intent = new_intent()
    back = ana.choose(ana.depart(f"/cuenta/confirmar/{intent.nonce}/"), person="41.111.111-3")
    ana.site.post("/cuenta/salir/")
    assert ana.arrive(back).status_code == 400
    intent.refresh_from_db()
    assert intent.used_at is None


def test_a_used_intent_does_not_start_again(ana: Person) -> None:
    ana.sign_in()
    intent = new_intent()
    confirm(ana, intent)
    response = ana.site.get(f"/cuenta/confirmar/{intent.nonce}/?next=/s/7K3M/")
    assert response.status_code == 400
    assert "Esta firma ya se usó" in response.content.decode()
    assert "/s/7K3M/" in response.content.decode()


def test_an_expired_intent_does_not_start(ana: Person) -> None:
    ana.sign_in()
    response = ana.site.get(f"/cuenta/confirmar/{new_intent(-timedelta(minutes=16)).nonce}/")
    assert response.status_code == 400
    assert "Pasó demasiado tiempo" in response.content.decode()


class TestProviderThatDoesNotAskAgain:
    """The site believes the instant of authentication, not its own request."""

    @pytest.fixture
    def maria(self, liar: LyingProvider) -> Person:
        person = Person()
        self.arrive(person, liar, "/cuenta/entrar/")
        return person

    def arrive(self, person: Person, liar: LyingProvider, start: str) -> Any:
        asked = parameters(person.depart(start))
        liar.nonce = asked["nonce"]
        return person.arrive(f"{SITE}/cuenta/entrar/vuelta/?code=c0de&state={asked['state']}")

    def confirm(self, person: Person, liar: LyingProvider) -> Any:
        return self.arrive(person, liar, f"/cuenta/confirmar/{new_intent().nonce}/")

    @pytest.mark.parametrize(
        "auth_time",
        [
            pytest.param(int(time.time()) - 3600, id="an hour ago"),
            None,
            "ahora",
            True,
            10**12,
        ],  # parallel runs need fixed ids
    )
    def test_an_old_or_unknown_authentication_signs_nothing(
        self, maria: Person, liar: LyingProvider, auth_time: Any
    ) -> None:
        liar.claims = {"auth_time": auth_time}
        response = self.confirm(maria, liar)
        assert response.status_code == 400
        assert "tienes que entrar de nuevo con tu clave" in response.content.decode()

    def test_a_fresh_one_signs(self, maria: Person, liar: LyingProvider) -> None:
        assert "firmado" in self.confirm(maria, liar).content.decode()

    def test_another_run_with_the_same_sub_is_another_person(self, maria: Person, liar: LyingProvider) -> None:
        liar.user = {**ANA, "RolUnico": {"DV": "7", "numero": 42222222, "tipo": "RUN"}}
        page = maria.arrive(self.confirm(maria, liar)["Location"])
        assert "Entraste con otra identidad" in page.content.decode()

    def test_a_provider_without_these_features_is_first_left_by_its_logout(
        self, maria: Person, liar: LyingProvider, settings: Settings
    ) -> None:
        """ClaveÚnica documents neither `prompt` nor `auth_time`: its session is ended before it is asked again."""
        settings.OIDC_FRESH_BY_LOGOUT = True
        liar.claims = {"auth_time": None}
        intent = new_intent()
        left = maria.depart(f"/cuenta/confirmar/{intent.nonce}/")
        assert left == f"{SITE}/cuenta/confirmar/vuelta/"
        response = self.arrive(maria, liar, "/cuenta/confirmar/vuelta/")
        assert response.content.decode() == "firmado 7K3M"
