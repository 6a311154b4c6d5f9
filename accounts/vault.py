"""Encryption at rest: AES-256-GCM envelopes and keyed blind indexes.

Every value and every file has a data key of its own, wrapped by the current key-encryption key, so rotation
re-wraps 48 bytes and leaves the data alone.

    sealed = header ‖ wrapped data key ‖ nonce (12) ‖ ciphertext and tag
    header = version (1) ‖ key id (4);  wrapped data key = nonce (12) ‖ ciphertext and tag (48)

The context ("accounts_person.run") is authenticated, so a ciphertext moved to another place does not open.
"""

import hashlib
import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.errors import SealBroken
from accounts.keyring import KEY_BYTES, current_key_id, index_key, key

VERSION = 1
"""Of the format: what the first byte says."""

_NONCE, _TAG, _HEADER = 12, 16, 5
_WRAPPED = _NONCE + KEY_BYTES + _TAG
_ENVELOPE = _HEADER + _WRAPPED


def seal(plaintext: bytes, context: str) -> bytes:
    """`plaintext` sealed for the place named by `context`; 93 bytes longer."""
    envelope, data_key = _new_envelope()
    nonce = secrets.token_bytes(_NONCE)
    return envelope + nonce + AESGCM(data_key).encrypt(nonce, plaintext, _bound(context))


def open_sealed(sealed: bytes, context: str) -> bytes:
    """The plaintext of `sealed`. Raises SealBroken when altered or sealed for another place, and KeyMissing."""
    data_key = _unwrap(sealed[:_ENVELOPE])
    nonce, ciphertext = sealed[_ENVELOPE : _ENVELOPE + _NONCE], sealed[_ENVELOPE + _NONCE :]
    return _decrypt(data_key, nonce, ciphertext, _bound(context))


def rewrap(sealed: bytes) -> bytes:
    """The same value, or head of one, under the current key; the data behind the envelope is not touched."""
    return _wrap(_unwrap(sealed[:_ENVELOPE])) + sealed[_ENVELOPE:]


def key_id_of(sealed: bytes) -> str:
    """Id of the key-encryption key under which something is sealed."""
    return sealed[1:_HEADER].hex()


def blind_index(value: str, purpose: str) -> str:
    """A keyed fingerprint (64 hexadecimal digits) by which an encrypted value can be found, one per purpose."""
    return hmac.new(index_key(), purpose.encode() + b"\x00" + value.encode(), hashlib.sha256).hexdigest()


def _new_envelope() -> tuple[bytes, bytes]:
    data_key = secrets.token_bytes(KEY_BYTES)
    return _wrap(data_key), data_key


def _wrap(data_key: bytes) -> bytes:
    key_id = current_key_id()
    header = bytes([VERSION]) + bytes.fromhex(key_id)
    nonce = secrets.token_bytes(_NONCE)
    return header + nonce + AESGCM(key(key_id)).encrypt(nonce, data_key, header)


def _unwrap(envelope: bytes) -> bytes:
    if len(envelope) != _ENVELOPE or envelope[0] != VERSION:
        raise SealBroken
    header, nonce, wrapped = envelope[:_HEADER], envelope[_HEADER : _HEADER + _NONCE], envelope[_HEADER + _NONCE :]
    return _decrypt(key(key_id_of(envelope)), nonce, wrapped, header)


def _decrypt(data_key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    try:
        return AESGCM(data_key).decrypt(nonce, ciphertext, aad)
    except (InvalidTag, ValueError):
        raise SealBroken from None


def _bound(context: str) -> bytes:
    """The authenticated data. Without the key id, so that re-wrapping does not touch the data."""
    return bytes([VERSION]) + context.encode()
