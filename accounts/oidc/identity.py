"""From what the provider says to the person who came in (norms 5.2; R37). Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from accounts.errors import ClaimsIncomplete, SignInRefused
from accounts.rules import names_of


@dataclass(frozen=True)
class VerifiedIdentity:
    """A natural person for whom the provider vouches."""

    number: int
    digit: str
    given_names: str
    family_names: str
    issuer: str
    id_token: str
    auth_time: datetime | None
    """When the person authenticated; None when the provider does not say."""
    issued_at: datetime


def identity_of(claims: Mapping[str, Any], user_info: Mapping[str, Any], id_token: str) -> VerifiedIdentity:
    """The person keyed by `RolUnico.numero`. Raises SignInRefused and ClaimsIncomplete.

    The check digit is taken as it comes: the provider's own sample does not match its number.
    """
    if user_info.get("sub") != claims["sub"]:
        raise SignInRefused("sub")
    number, digit = _run_of(user_info.get("RolUnico"))
    given = names_of(user_info.get("name"), "nombres")
    if not given:
        raise ClaimsIncomplete
    return VerifiedIdentity(
        number=number,
        digit=digit,
        given_names=given,
        family_names=names_of(user_info.get("name"), "apellidos"),
        issuer=claims["iss"],
        id_token=id_token,
        auth_time=_instant(claims.get("auth_time")),
        issued_at=_instant(claims["iat"]) or datetime.fromtimestamp(0, UTC),
    )


def _run_of(claim: Any) -> tuple[int, str]:
    """Number and digit of the `RolUnico` claim; other kinds of number than the RUN are not ours to key by."""
    if not isinstance(claim, Mapping) or claim.get("tipo", "RUN") != "RUN":
        raise ClaimsIncomplete
    number, digit = str(claim.get("numero", "")), str(claim.get("DV", "")).upper()
    if not (number.isascii() and number.isdecimal() and 0 < int(number) < 10**9):
        raise ClaimsIncomplete
    if len(digit) != 1 or digit not in "0123456789K":
        raise ClaimsIncomplete
    return int(number), digit


def _instant(seconds: Any) -> datetime | None:
    """Seconds since 1970 as an instant; None for anything else, and for years that no clock shows."""
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < 2**33:
        return None
    return datetime.fromtimestamp(seconds, UTC)
