"""The SMTP server of the demonstration. It accepts everything and passes nothing on."""

import asyncio
import logging
import signal
from collections.abc import Callable

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings

from legaltime.api import now
from notifications.demo_mailbox.store import keep

logger = logging.getLogger("notifications")

LARGEST_MESSAGE = 10 * 1024 * 1024
"""Bytes; the server refuses more by itself."""


class Sink:
    """What aiosmtpd asks at the end of each message."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep the message, or ask the sender to come back when the disk refuses it."""
        content = envelope.original_content or b""
        try:
            keep(content, now())
        except OSError as error:
            logger.warning("demo mailbox cannot keep a message: %s", type(error).__name__)
            return "451 4.3.0 Try again later"
        return "250 2.0.0 Kept"


async def serve(ready: Callable[[], None]) -> None:
    """Receive mail on the loopback address, at the port of the settings, until SIGINT or SIGTERM.

    Calls `ready` once the port is open; OSError when it cannot be opened.
    """
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    server = await loop.create_server(
        lambda: SMTP(Sink(), data_size_limit=LARGEST_MESSAGE, loop=loop), "127.0.0.1", settings.SMTP_SINK_PORT
    )
    ready()
    await stop.wait()
    server.close()
