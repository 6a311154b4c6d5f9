"""One HTTP exchange that cannot be turned against the own network: the name is resolved once, its address checked."""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Timer
from urllib.parse import urlsplit

MOST_BYTES = 1_000_000
"""A longer answer is refused."""
CHUNK = 65_536
OK = range(200, 300)
GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
SIX_TO_FOUR = ipaddress.IPv6Network("2002::/16")
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
"""How a machine without IPv4 is told an IPv4 address: the last 32 bits are the one that is reached."""


class Refused(Exception):
    """The call or its answer is not acceptable, and would not be the next time either."""


class Unavailable(Exception):
    """There was no answer, or one that says to try later."""


@dataclass(frozen=True)
class Request:
    """What is sent, and within how many seconds in all."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    seconds: float = 10.0
    allow_loopback: bool = False
    """Only outside production: lets a connector reach this machine, and nothing else that is private."""


def exchange(request: Request) -> bytes:
    """The body of a successful answer. Redirects are refused. Raises Refused or Unavailable."""
    parts = urlsplit(request.url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise Refused("La dirección del conector no es válida.")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    address = _checked_address(parts.hostname, port, request.allow_loopback)
    deadline = time.monotonic() + request.seconds
    connection = _connection(parts.scheme, parts.hostname, port, address, request.seconds)
    try:
        path = parts.path or "/"
        target = f"{path}?{parts.query}" if parts.query else path
        with _cut_at(deadline, connection.sock):
            connection.request(request.method, target, body=request.body, headers=dict(request.headers))
            return _body(connection.getresponse(), deadline)
    except (OSError, http.client.HTTPException) as error:
        raise Unavailable("El servicio no respondió.") from error
    finally:
        connection.close()


def _checked_address(host: str, port: int, allow_loopback: bool) -> str:
    """The address to connect to. Every address of the name must be public: a name must not hide a private one."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Unavailable("No se encontró la dirección del servicio.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    if not addresses or not all(_is_allowed(address, allow_loopback) for address in addresses):
        raise Refused("La dirección del conector apunta a una red privada.")
    return str(addresses[0])


def _is_allowed(address: ipaddress.IPv4Address | ipaddress.IPv6Address, allow_loopback: bool) -> bool:
    plain = _reached(address)
    if plain.is_loopback:
        return allow_loopback
    if isinstance(plain, ipaddress.IPv6Address) and (plain not in GLOBAL_UNICAST or plain in SIX_TO_FOUR):
        return False
    return plain.is_global and not plain.is_multicast


def _reached(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The IPv4 address that an IPv6 one stands for, else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    return ipaddress.IPv4Address(address.packed[-4:]) if address in NAT64 else address.ipv4_mapped or address


def _connection(scheme: str, host: str, port: int, address: str, seconds: float) -> http.client.HTTPConnection:
    """A connection to the address that was checked, whatever the name resolves to from now on."""
    connection: http.client.HTTPConnection
    if scheme == "https":
        connection = http.client.HTTPSConnection(host, port, timeout=seconds)
    else:
        connection = http.client.HTTPConnection(host, port, timeout=seconds)
    try:
        connected = socket.create_connection((address, port), timeout=seconds)
        if scheme == "https":
            connected = ssl.create_default_context().wrap_socket(connected, server_hostname=host)
    except OSError as error:
        raise Unavailable("El servicio no respondió.") from error
    connection.sock = connected
    return connection


@contextmanager
def _cut_at(deadline: float, connected: socket.socket) -> Iterator[None]:
    """Break the connection when the time is over: who sends a letter now and then would be waited for for ever."""

    def cut() -> None:
        with suppress(OSError):
            socket.socket.shutdown(connected, socket.SHUT_RDWR)

    watch = Timer(max(0.0, deadline - time.monotonic()), cut)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def _body(response: http.client.HTTPResponse, deadline: float) -> bytes:
    if time.monotonic() >= deadline:  # what was read of its head is not to be believed
        raise Unavailable("El servicio tardó demasiado.")
    if response.status in range(300, 400):
        raise Refused("El servicio respondió con un desvío, y no se siguen desvíos.")
    if response.status in range(400, 500) and response.status not in (408, 429):
        raise Refused(f"El servicio rechazó la consulta ({response.status}).")
    if response.status not in OK:
        raise Unavailable(f"El servicio falló ({response.status}).")
    received = b""
    while chunk := response.read(CHUNK):
        received += chunk
        if len(received) > MOST_BYTES:
            raise Refused("La respuesta del servicio es demasiado larga.")
    if time.monotonic() >= deadline:
        raise Unavailable("El servicio tardó demasiado.")
    if response.length:
        raise Unavailable("La respuesta del servicio llegó cortada.")
    return received
