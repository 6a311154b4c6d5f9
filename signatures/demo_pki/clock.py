"""Time stamps as RFC 3161 wants them. No Django."""

import hashlib
import secrets
from datetime import UTC, datetime

from asn1crypto import algos, cms, core, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from signatures.pki import Identity

POLICY = "2.25.191210187.1"
"""An identifier under a UUID arc: nobody's policy, since these stamps have no legal value."""
DIGESTS = {"sha256": 32, "sha384": 48, "sha512": 64}
"""Digest algorithms that may be stamped, and their length in bytes."""


def stamp(request: bytes, clock: Identity, now: datetime) -> bytes:
    """The response (DER) to a time stamp request (DER): a token, or the reason for which there is none."""
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        imprint = asked["message_imprint"]
        algorithm = imprint["hash_algorithm"]["algorithm"].native
        is_whole = len(imprint["hashed_message"].native) == DIGESTS.get(algorithm)
    except (ValueError, TypeError):
        return _refusal("bad_data_format")
    return _granted(asked, clock, now) if is_whole else _refusal("bad_alg")


def _refusal(reason: str) -> bytes:
    status = tsp.PKIStatusInfo({"status": "rejection", "fail_info": {reason}})
    return bytes(tsp.TimeStampResp({"status": status}).dump())


def _granted(asked: tsp.TimeStampReq, clock: Identity, now: datetime) -> bytes:
    facts = {
        "version": "v1",
        "policy": POLICY,
        "message_imprint": asked["message_imprint"],
        "serial_number": secrets.randbits(63),
        "gen_time": core.GeneralizedTime(now.astimezone(UTC).replace(microsecond=0)),
        "accuracy": {"seconds": 1},
    }
    if asked["nonce"].native is not None:
        facts["nonce"] = asked["nonce"]
    token = _signed(tsp.TSTInfo(facts).dump(), clock, with_chain=bool(asked["cert_req"].native))
    return bytes(tsp.TimeStampResp({"status": {"status": "granted"}, "time_stamp_token": token}).dump())


def _signed(content: bytes, clock: Identity, *, with_chain: bool) -> cms.ContentInfo:
    """The content (RFC 3161 TSTInfo) as CMS SignedData, with the signer's certificate bound into it (RFC 5816)."""
    certificate, *chain = (_asn1(item) for item in (clock.certificate, *clock.chain))
    attributes = cms.CMSAttributes(
        [
            {"type": "content_type", "values": ["tst_info"]},
            {"type": "message_digest", "values": [hashlib.sha256(content).digest()]},
            {"type": "signing_certificate_v2", "values": [{"certs": [_certificate_id(certificate)]}]},
        ]
    )
    digest = algos.DigestAlgorithm({"algorithm": "sha256"})
    name = {"issuer": certificate.issuer, "serial_number": certificate.serial_number}
    signer = {
        "version": "v1",
        "sid": cms.SignerIdentifier({"issuer_and_serial_number": name}),
        "digest_algorithm": digest,
        "signed_attrs": attributes,
        "signature_algorithm": {"algorithm": "sha256_ecdsa"},
        "signature": _signature(attributes.dump(), clock),
    }
    data = {
        "version": "v3",
        "digest_algorithms": [digest],
        "encap_content_info": {"content_type": "tst_info", "content": cms.ParsableOctetString(content)},
        "certificates": [certificate, *chain] if with_chain else [certificate],
        "signer_infos": [signer],
    }
    return cms.ContentInfo({"content_type": "signed_data", "content": cms.SignedData(data)})


def _certificate_id(certificate: asn1_x509.Certificate) -> tsp.ESSCertIDv2:
    return tsp.ESSCertIDv2({"cert_hash": hashlib.sha256(certificate.dump()).digest()})


def _signature(data: bytes, clock: Identity) -> bytes:
    if not isinstance(clock.key, ec.EllipticCurvePrivateKey):
        raise TypeError("the demonstration's keys are on elliptic curves")
    return clock.key.sign(data, ec.ECDSA(hashes.SHA256()))


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
