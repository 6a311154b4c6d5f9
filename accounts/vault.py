"""Encryption at rest: AES-256-GCM envelopes and keyed blind indexes.

Every value and every file has a data key of its own, wrapped by the current key-encryption key, so rotation
re-wraps 48 bytes and leaves the data alone.

    value = header ‖ wrapped data key ‖ nonce (12) ‖ ciphertext and tag
    file  = header ‖ wrapped data key ‖ chunks, each 64 KiB of plaintext and a tag (16)
    header = version (1) ‖ key id (4);  wrapped data key = nonce (12) ‖ ciphertext and tag (48)

The context ("accounts_person.run") is authenticated, so a ciphertext moved to another place does not open.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from accounts.errors import SealBroken
from accounts.keyring import KEY_BYTES, current_key_id, index_key, key

VALUE, FILE = 1, 2
"""Versions of the format: what the first byte says."""

_NONCE, _TAG, _HEADER = 12, 16, 5
_WRAPPED = _NONCE + KEY_BYTES + _TAG
_ENVELOPE = _HEADER + _WRAPPED
CHUNK = 64 * 1024
"""Bytes of plaintext in each chunk of a file but the last."""


def seal(plaintext: bytes, context: str) -> bytes:
    """`plaintext` sealed for the place named by `context`; 93 bytes longer."""
    envelope, data_key = _new_envelope(VALUE)
    nonce = secrets.token_bytes(_NONCE)
    return envelope + nonce + AESGCM(data_key).encrypt(nonce, plaintext, _bound(VALUE, context))


def open_sealed(sealed: bytes, context: str) -> bytes:
    """The plaintext of `sealed`. Raises SealBroken when altered or sealed for another place, and KeyMissing."""
    data_key = _unwrap(VALUE, sealed[:_ENVELOPE])
    nonce, ciphertext = sealed[_ENVELOPE : _ENVELOPE + _NONCE], sealed[_ENVELOPE + _NONCE :]
    return _decrypt(data_key, nonce, ciphertext, _bound(VALUE, context))


def seal_stream(source: BinaryIO, context: str) -> Iterator[bytes]:
    """The sealed form of a file, piece by piece, in constant memory."""
    envelope, data_key = _new_envelope(FILE)
    yield envelope
    cipher, aad = AESGCM(data_key), _bound(FILE, context)
    for counter, chunk, is_final in _chunks(source, CHUNK):
        yield cipher.encrypt(_chunk_nonce(counter, is_final), chunk, aad)


def open_stream(source: BinaryIO, context: str) -> Iterator[bytes]:
    """The plaintext of a sealed file, piece by piece; each piece is authentic, the whole only at the end.

    Raises SealBroken, possibly after some pieces, when a chunk was altered, moved, repeated or cut off.
    """
    data_key = _unwrap(FILE, source.read(_ENVELOPE))
    aad = _bound(FILE, context)
    for counter, chunk, is_final in _chunks(source, CHUNK + _TAG):
        yield _decrypt(data_key, _chunk_nonce(counter, is_final), chunk, aad)


def rewrap(sealed: bytes) -> bytes:
    """The same value or file head under the current key; the data behind the envelope is not touched."""
    kind = sealed[0]
    data_key = _unwrap(kind, sealed[:_ENVELOPE])
    return _wrap(kind, data_key) + sealed[_ENVELOPE:]


def key_id_of(sealed: bytes) -> str:
    """Id of the key-encryption key under which a value or file is sealed."""
    return sealed[1:_HEADER].hex()


def blind_index(value: str, purpose: str) -> str:
    """A keyed fingerprint (64 hexadecimal digits) by which an encrypted value can be found, one per purpose."""
    return hmac.new(index_key(), purpose.encode() + b"\x00" + value.encode(), hashlib.sha256).hexdigest()


def _new_envelope(kind: int) -> tuple[bytes, bytes]:
    data_key = secrets.token_bytes(KEY_BYTES)
    return _wrap(kind, data_key), data_key


def _wrap(kind: int, data_key: bytes) -> bytes:
    key_id = current_key_id()
    header = bytes([kind]) + bytes.fromhex(key_id)
    nonce = secrets.token_bytes(_NONCE)
    return header + nonce + AESGCM(key(key_id)).encrypt(nonce, data_key, header)


def _unwrap(kind: int, envelope: bytes) -> bytes:
    if len(envelope) != _ENVELOPE or envelope[0] != kind:
        raise SealBroken
    header, nonce, wrapped = envelope[:_HEADER], envelope[_HEADER : _HEADER + _NONCE], envelope[_HEADER + _NONCE :]
    return _decrypt(key(key_id_of(envelope)), nonce, wrapped, header)


def _decrypt(data_key: bytes, nonce: bytes, ciphertext: bytes, aad: bytes) -> bytes:
    try:
        return AESGCM(data_key).decrypt(nonce, ciphertext, aad)
    except (InvalidTag, ValueError):
        raise SealBroken from None


def _bound(kind: int, context: str) -> bytes:
    """The authenticated data. Without the key id, so that re-wrapping does not touch the data."""
    return bytes([kind]) + context.encode()


def _chunk_nonce(counter: int, is_final: bool) -> bytes:
    """Place and finality of a chunk: what makes cutting and reordering fail. Unique under a file's own key."""
    return counter.to_bytes(_NONCE - 1, "big") + bytes([is_final])


def _chunks(source: BinaryIO, size: int) -> Iterator[tuple[int, bytes, bool]]:
    """The file in pieces of `size`, with their number and whether they are the last; an empty file has one."""
    counter, chunk = 0, source.read(size)
    while True:
        following = source.read(size) if len(chunk) == size else b""
        yield counter, chunk, not following
        if not following:
            return
        counter, chunk = counter + 1, following
