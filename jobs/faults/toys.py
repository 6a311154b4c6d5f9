"""Toy kinds of work, one for each way in which an effect can leave the database."""

import smtplib
from abc import abstractmethod
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db.models import F

from jobs import registry
from jobs.errors import OutcomeUnknown, Retry
from jobs.faults import weather
from jobs.faults.scenarios import CountedJobs
from jobs.models import Job
from jobs.operations import enqueue

PATIENCE = 1000
"""More attempts than a run can use up: a dead job would hide a lost one."""


def count_in_database(job: Job) -> None:
    """Adds one to a column of the job's own row, so that a second effect in the database shows."""
    Job.objects.filter(pk=job.pk).update(agency_id=F("agency_id") + 1)


def counted_in_database(kind: str) -> Counter[int]:
    """How often that was done for each job of `kind`."""
    return Counter(dict(Job.objects.filter(kind=kind).values_list("id", "agency_id")))


def job_of(key: str) -> int:
    """The id of the job whose idempotency key this is."""
    return int(key.removeprefix("job-"))


@dataclass
class Toy(CountedJobs):
    """What the external toys have in common."""

    name: str = ""
    kind: str = ""
    queue: str = "fast"
    timeout: timedelta = timedelta(seconds=3)
    max_attempts: int = PATIENCE

    def install(self) -> None:
        """Attend the kind in this process."""
        registry.register_external(self)

    def set_up(self) -> None:
        """Start without jobs of an earlier run."""
        Job.objects.filter(kind=self.kind).delete()

    def prepare(self, job: Job) -> Any:
        """All is in the key."""
        return None

    def begin(self, now: datetime) -> None:
        """One more job."""
        enqueue(kind=self.kind, payload={}, now=now, agency_id=0)

    @abstractmethod
    def call(self, prepared: Any, key: str) -> Any:
        """The effect outside the database."""

    def finish(self, job: Job, result: Any, now: datetime) -> dict[str, Any]:
        """The effect inside the database."""
        count_in_database(job)
        return {}

    def gave_up(self, job: Job, now: datetime) -> None:
        """Make it visible: with so much patience it cannot happen."""
        weather.note("gave-up", str(job.pk))

    def is_once(self) -> bool:
        """The other side recognises keys."""
        return True

    def effects(self) -> Counter[int]:
        """The larger of what happened outside and inside."""
        outside = Counter(job_of(line) for line in weather.noted(self.name))
        return outside | counted_in_database(self.kind)


@dataclass
class Ledger(Toy):
    """A provider that recognises keys and can be asked, as a signature service does."""

    name: str = "registro"
    kind: str = "toy.ledger"
    queue: str = "sign"

    def call(self, prepared: Any, key: str) -> bool:
        """One line per key, however often it is called; sometimes the answer is lost on the way."""
        if weather.current.strikes(0.05, "provider refuses"):
            raise Retry("No atiende.")
        if key not in weather.noted(self.name):
            weather.note(self.name, key)
        if weather.current.strikes(0.05, "answer lost"):
            raise OutcomeUnknown("Se cortó.")
        return True

    def ask(self, prepared: Any, key: str) -> bool | None:
        """Whether the line is there."""
        return True if key in weather.noted(self.name) else None


@dataclass
class Render(Toy):
    """Work whose result is the same each time and is kept only when the job ends, as a PDF is."""

    name: str = "documento"
    kind: str = "toy.render"
    queue: str = "pdf"

    def call(self, prepared: Any, key: str) -> str:
        """Some computation."""
        digest = key.encode()
        for _ in range(500):
            digest = sha256(digest).digest()
        return digest.hex()

    def finish(self, job: Job, result: Any, now: datetime) -> dict[str, Any]:
        """Keep the result."""
        return super().finish(job, result, now) | {"sha256": result}

    def effects(self) -> Counter[int]:
        """Nothing leaves the database."""
        return counted_in_database(self.kind)


@dataclass
class Mail(Toy):
    """A message through a real SMTP server, which can neither be asked nor recognises a Message-ID."""

    name: str = "correo"
    kind: str = "toy.mail"
    queue: str = "mail"

    def call(self, prepared: Any, key: str) -> None:
        """Send it, always under the same Message-ID."""
        message = EmailMessage()
        message["From"], message["To"] = "no-responder@sinpapeleo.example", "ana@sinpapeleo.example"
        message["Subject"], message["Message-ID"] = "Aviso", f"<{key}@sinpapeleo.example>"
        message.set_content("Tienes un aviso.")
        try:
            with smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT, timeout=2) as client:
                client.send_message(message)
        except smtplib.SMTPDataError as error:
            raise Retry("El servidor de correo rechazó el mensaje.") from error
        except (OSError, smtplib.SMTPException) as error:
            raise OutcomeUnknown("Se cortó la conexión con el servidor de correo.") from error

    def is_once(self) -> bool:
        """Every attempt may deliver once more."""
        return False

    def effects(self) -> Counter[int]:
        """What the server received; the effect inside the database counts apart."""
        own = [line for line in weather.noted("mailbox") if line.startswith("<job-")]
        received = Counter(job_of(line.strip("<>").partition("@")[0]) for line in own)
        inside = counted_in_database(self.kind)
        return Counter({job: 10**6 if inside[job] > 1 else received[job] for job in received | inside})


class Count(CountedJobs):
    """Work that lives in the database only, as a deadline does."""

    name = "plazo"
    kind = "toy.count"

    def install(self) -> None:
        """Attend the kind in this process."""
        registry.register_pure(self.kind, lambda job, now: count_in_database(job), max_attempts=PATIENCE)

    def set_up(self) -> None:
        """Start without jobs of an earlier run."""
        Job.objects.filter(kind=self.kind).delete()

    def begin(self, now: datetime) -> None:
        """A timer that becomes due soon."""
        after = timedelta(seconds=weather.current.random.random() * 3)
        enqueue(kind=self.kind, payload={}, now=now, run_at=now + after, agency_id=0)

    def effects(self) -> Counter[int]:
        """Nothing leaves the database."""
        return counted_in_database(self.kind)

    def is_once(self) -> bool:
        """Exactly once."""
        return True


ALL = tuple(f"jobs.faults.toys.{toy}" for toy in ("Count", "Ledger", "Render", "Mail"))
