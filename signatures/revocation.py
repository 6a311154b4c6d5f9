"""Asks, over the network, whether our own certificates were revoked: OCSP first where they name it, then lists.

Only for certificates of our keys and of our time stamp authority. A file that somebody uploads names addresses of its
own, and nobody asks there (see `signatures.analysis`).
"""

import asyncio
from collections.abc import Awaitable, Coroutine, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import requests
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from pyhanko_certvalidator import CertificateValidator, ValidationContext, errors
from pyhanko_certvalidator.fetchers import Fetchers
from pyhanko_certvalidator.fetchers.requests_fetchers import RequestsFetcherBackend
from pyhanko_certvalidator.fetchers.requests_fetchers.crl_client import RequestsCRLFetcher
from pyhanko_certvalidator.fetchers.requests_fetchers.ocsp_client import RequestsOCSPFetcher

from signatures import keystore, trust
from signatures.errors import CertificateNotTrusted, CertificateRevoked, RevocationUnknown
from signatures.pki import Identity, names_its_revocations

T = TypeVar("T")
TIMEOUT = 10
"""Seconds to wait for one answer."""
SHORT_LIST = 100_000
"""Bytes of a revocation list that a document can well carry."""


def check(identity: Identity) -> bool:
    """Ask now whether the certificate or those above it were revoked; False when none of them says where to ask.

    Raises CertificateRevoked, CertificateNotTrusted, and RevocationUnknown when nobody answers. Goes to the network.
    """
    return run(_check(identity))


async def _check(identity: Identity) -> bool:
    validator = CertificateValidator(as_asn1(identity.certificate), validation_context=context(identity.chain))
    try:
        await validator.async_validate_usage(set())  # type: ignore[no-untyped-call]
    except errors.RevokedError as error:
        raise CertificateRevoked from error
    except errors.InsufficientRevinfoError as error:
        raise RevocationUnknown from error
    except (errors.ValidationError, errors.PathError) as error:
        raise CertificateNotTrusted from error
    return names_its_revocations(identity.certificate)


def context(others: Iterable[x509.Certificate] = (), *, by_lists: bool = False) -> ValidationContext:
    """What a certificate is judged by: our roots, and fresh answers wherever it names a place to ask.

    `by_lists` prefers short lists to OCSP: one list serves all certificates of an issuer, and pyHanko cannot tell
    later which of several old OCSP answers was meant for which certificate.
    """
    return ValidationContext(
        trust_roots=[asn1_x509.Certificate.load(root) for root in trust.roots()],
        other_certs=[as_asn1(item) for item in others],
        allow_fetching=True,
        revocation_mode="hard-fail",
        fetcher_backend=_Sources(by_lists),
    )


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine, run in a thread of its own: the caller may be inside an event loop."""
    with ThreadPoolExecutor(max_workers=1) as pool:
        return pool.submit(asyncio.run, work).result()


def as_asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    """The certificate as pyHanko wants it."""
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def local_address(url: str) -> str:
    """Where to ask: the demonstration's site is a name that leads to its own process on this machine."""
    site = keystore.demo_site()
    is_ours = site and url.startswith(f"{site}/")
    return f"http://127.0.0.1:{settings.DEMO_PKI_PORT}{url.removeprefix(site)}" if is_ours else url


class _Lists(RequestsCRLFetcher):
    """Revocation lists."""

    longest: int | None = None
    """Bytes."""

    async def _get(self, url: str, **options: Any) -> Any:
        answer = await super()._get(local_address(url), **options)
        if self.longest is not None and len(answer.content) > self.longest:
            raise requests.RequestException("list too long")
        return answer


class _Answers(RequestsOCSPFetcher):
    """OCSP responders."""

    by_lists = False

    async def fetch(self, cert: asn1_x509.Certificate, authority: Any) -> Any:
        if self.by_lists and cert.crl_distribution_points:
            raise errors.OCSPFetchError("a list says it")
        return await super().fetch(cert, authority)

    def _post(self, url: str, data: bytes, **options: Any) -> Awaitable[Any]:
        return super()._post(local_address(url), data, **options)


class _Sources(RequestsFetcherBackend):
    """Lists and responders, those of the demonstration included."""

    def __init__(self, by_lists: bool) -> None:
        super().__init__(per_request_timeout=TIMEOUT)
        self._by_lists = by_lists

    def get_fetchers(self) -> Fetchers:
        """Fresh ones: what they fetched for one document is not kept for another."""
        answers, lists = _Answers(per_request_timeout=TIMEOUT), _Lists(per_request_timeout=TIMEOUT)  # type: ignore[no-untyped-call]
        answers.by_lists, lists.longest = self._by_lists, SHORT_LIST if self._by_lists else None
        return Fetchers(ocsp_fetcher=answers, crl_fetcher=lists, cert_fetcher=super().get_fetchers().cert_fetcher)
