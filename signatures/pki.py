"""Certificates with the Chilean profile: the RUN or RUT of the holder in subjectAltName. No Django.

DS 181 of 2002: otherName 1.3.6.1.4.1.8321.1, an IA5String "12345678-5". The authorities made here are those of the
demonstration; `site` is where they publish what they revoked, and without one their certificates name no such place.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID, ExtendedKeyUsageOID, ExtensionOID, NameOID

RUN_OID = x509.ObjectIdentifier("1.3.6.1.4.1.8321.1")
NO_LEGAL_VALUE = "DEMOSTRACIÓN, SIN VALOR LEGAL"
AUTHORITY_YEARS = 10
HOLDER_YEARS = 3
_CLOCK_SLACK = timedelta(minutes=5)
_STRING_TAGS = (0x16, 0x0C, 0x13)


@dataclass(frozen=True)
class Identity:
    """A private key with its certificate and those above it, nearest first, root last."""

    key: CertificateIssuerPrivateKeyTypes
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]


@dataclass(frozen=True)
class Authority(Identity):
    """Who issues certificates, with the list of what its root revoked (DER): signed once, for the root's whole life."""

    root_crl: bytes


def new_authority(now: datetime, site: str = "") -> Authority:
    """A demonstration authority under a new root. The root's key is forgotten: nothing else can hang from it."""
    root_key, authority_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root_name, authority_name = _name("Raíz de demostración"), _name("CA de demostración")
    root = _authority(root_name, root_name, root_key, root_key, now, path_length=1)
    crl = f"{site}/raiz.crl" if site else ""
    authority = _authority(authority_name, root_name, authority_key, root_key, now, path_length=0, crl=crl)
    nothing_revoked = revocation_list(Identity(root_key, root, ()), {}, now=now, until=root.not_valid_after_utc)
    return Authority(authority_key, authority, (root,), nothing_revoked)


def new_holder(authority: Identity, *, name: str, number: str, now: datetime, site: str = "") -> Identity:
    """A demonstration certificate for a person (RUN) or an agency's seal (RUT). `number` may be empty."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _end_entity(authority, name, key, now, site)
    if number:
        holder = x509.OtherName(RUN_OID, _ia5_string(number))
        builder = builder.add_extension(x509.SubjectAlternativeName([holder]), critical=False)
    return _issued(authority, key, builder)


def new_clock(authority: Identity, *, now: datetime, site: str = "") -> Identity:
    """A demonstration certificate for a time stamp authority (RFC 3161 section 2.3)."""
    key = ec.generate_private_key(ec.SECP256R1())
    builder = _end_entity(authority, "Sello de tiempo", key, now, site)
    only_time = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
    return _issued(authority, key, builder.add_extension(only_time, critical=True))


def revocation_list(issuer: Identity, revoked: Mapping[int, datetime], *, now: datetime, until: datetime) -> bytes:
    """The list (DER) of the serial numbers that `issuer` revoked and when, good from `now` `until` then."""
    builder = x509.CertificateRevocationListBuilder().issuer_name(issuer.certificate.subject)
    builder = builder.last_update(now - _CLOCK_SLACK).next_update(until)
    builder = builder.add_extension(x509.CRLNumber(int(now.timestamp())), critical=False)
    builder = builder.add_extension(_issued_by(issuer), critical=False)
    for serial, moment in revoked.items():
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(moment).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, hashes.SHA256()).public_bytes(Encoding.DER)


def names_its_revocations(certificate: x509.Certificate) -> bool:
    """Whether the certificate says where to ask if it was revoked."""
    found = {item.oid for item in certificate.extensions}
    return bool(found & {ExtensionOID.CRL_DISTRIBUTION_POINTS, ExtensionOID.AUTHORITY_INFORMATION_ACCESS})


def run_of_certificate(certificate: x509.Certificate) -> str:
    """RUN or RUT of the holder: from subjectAltName, else serialNumber; "" when the certificate has none.

    A field survey found the RUN in other places of the subject too, and only this extension right in all.
    """
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        names = x509.SubjectAlternativeName([])
    found = [_decoded(name.value) for name in names if isinstance(name, x509.OtherName) and name.type_id == RUN_OID]
    serial = [str(item.value) for item in certificate.subject.get_attributes_for_oid(NameOID.SERIAL_NUMBER)]
    return tidy_number(next(iter([*found, *serial]), ""))


def common_name(name: x509.Name) -> str:
    """The common name, else the whole name."""
    return next((str(item.value) for item in name.get_attributes_for_oid(NameOID.COMMON_NAME)), name.rfc4514_string())


def is_valid_at(certificates: Sequence[x509.Certificate], moment: datetime) -> bool:
    """Whether each certificate is inside its dates."""
    return all(item.not_valid_before_utc <= moment <= item.not_valid_after_utc for item in certificates)


def _name(common: str) -> x509.Name:
    parts = [(NameOID.COUNTRY_NAME, "CL"), (NameOID.ORGANIZATION_NAME, NO_LEGAL_VALUE), (NameOID.COMMON_NAME, common)]
    return x509.Name([x509.NameAttribute(oid, value) for oid, value in parts])


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, now: datetime
) -> x509.CertificateBuilder:
    builder = x509.CertificateBuilder(subject_name=subject, issuer_name=issuer, public_key=public_key)
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - _CLOCK_SLACK)
    return builder.add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)


def _authority(
    subject: x509.Name,
    issuer: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    *,
    path_length: int,
    crl: str = "",
) -> x509.Certificate:
    builder = _builder(subject, issuer, key.public_key(), now)
    builder = builder.not_valid_after(now + timedelta(days=365 * AUTHORITY_YEARS))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=path_length), critical=True)
    builder = builder.add_extension(_usage(signs_documents=False), critical=True)
    if crl:
        builder = builder.add_extension(_published_at(crl), critical=False)
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key())
    return builder.add_extension(issuer_id, critical=False).sign(issuer_key, hashes.SHA256())


def _end_entity(
    authority: Identity, name: str, key: ec.EllipticCurvePrivateKey, now: datetime, site: str
) -> x509.CertificateBuilder:
    """What the certificates of persons, seals and clocks share."""
    builder = _builder(_name(f"DEMOSTRACIÓN {name}"[:64]), authority.certificate.subject, key.public_key(), now)
    builder = builder.not_valid_after(now + timedelta(days=365 * HOLDER_YEARS))
    builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    builder = builder.add_extension(_usage(signs_documents=True), critical=True)
    builder = builder.add_extension(_issued_by(authority), critical=False)
    if not site:
        return builder
    ask = x509.AccessDescription(AuthorityInformationAccessOID.OCSP, x509.UniformResourceIdentifier(f"{site}/ocsp"))
    builder = builder.add_extension(x509.AuthorityInformationAccess([ask]), critical=False)
    return builder.add_extension(_published_at(f"{site}/ca.crl"), critical=False)


def _published_at(address: str) -> x509.CRLDistributionPoints:
    place = [x509.UniformResourceIdentifier(address)]
    return x509.CRLDistributionPoints([x509.DistributionPoint(place, None, None, None)])


def _issued(authority: Identity, key: ec.EllipticCurvePrivateKey, builder: x509.CertificateBuilder) -> Identity:
    certificate = builder.sign(authority.key, hashes.SHA256())
    return Identity(key, certificate, (authority.certificate, *authority.chain))


def _issued_by(authority: Identity) -> x509.AuthorityKeyIdentifier:
    identifier = authority.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _usage(*, signs_documents: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=signs_documents,
        content_commitment=signs_documents,
        key_cert_sign=not signs_documents,
        crl_sign=not signs_documents,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _ia5_string(text: str) -> bytes:
    data = text.encode("ascii")
    return bytes((0x16, len(data))) + data


def _decoded(der: bytes) -> str:
    """The text of a short string, whichever of the usual types wraps it; "" when it is something else."""
    is_string = len(der) >= 2 and der[0] in _STRING_TAGS and der[1] == len(der) - 2
    return der[2:].decode("utf-8", "replace") if is_string else ""


def tidy_number(number: str) -> str:
    """ "07.880.442-4" to "7880442-4"."""
    return number.replace(".", "").strip().upper().lstrip("0")
