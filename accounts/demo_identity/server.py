"""A small threading web server for one process that keeps its codes in memory."""

from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

from django.core.wsgi import get_wsgi_application


class IdentityServer(ThreadingMixIn, WSGIServer):
    """One thread per request; none outlives the process."""

    daemon_threads = True


class QuietHandler(WSGIRequestHandler):
    """Keeps addresses, which hold codes, out of the log."""

    def log_message(self, format: str, *args: Any) -> None:
        """Writes nothing."""


def identity_server(port: int) -> IdentityServer:
    """A server on the loopback address, ready to serve; port 0 takes a free one."""
    server = IdentityServer(("127.0.0.1", port), QuietHandler)
    server.set_app(get_wsgi_application())
    return server
