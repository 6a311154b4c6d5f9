"""Reads: a person's inbox, what became of a file's notices, and its legal notifications."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from accounts.models import Person
from documents.models import ElectronicFile
from notifications.models import Notice, NotificationRecord, PlatformSending


def notices_of(person: Person) -> QuerySet[Notice]:
    """The person's inbox, newest first."""
    return person.notices.select_related("agency").order_by("-created_at", "-pk")


def unread_count(person_id: int) -> int:
    """How many notices the person has not opened."""
    return Notice.objects.filter(person_id=person_id, read_at=None).count()


def notices_of_file(file: ElectronicFile) -> QuerySet[Notice]:
    """The notices of a file with their addressees and deliveries, newest first: what officials look at."""
    return file.notices.select_related("person").prefetch_related("deliveries").order_by("-created_at", "-pk")


def notifications_of(file: ElectronicFile) -> QuerySet[NotificationRecord]:
    """The legal notifications of a file in the order in which they were recorded (R27)."""
    found = file.notifications.select_related("person", "document", "recorded_by", "certificate__document")
    return found.order_by("pk")


def sendings_of(file: ElectronicFile) -> QuerySet[PlatformSending]:
    """What was sent of a file by the State's platform, in the order in which it was recorded (R28)."""
    return file.sendings.select_related("person").order_by("pk")


def unreached(files: QuerySet[Any, Any]) -> QuerySet[PlatformSending]:
    """Sendings of these files to somebody whom the platform does not reach and nobody notified since (R29)."""
    told = NotificationRecord.objects.filter(
        **{name: OuterRef(name) for name in ("file", "subject_id", "occurrence", "person")}
    )
    found = PlatformSending.objects.filter(file__in=files).exclude(answer=PlatformSending.Answer.SENT)
    return found.exclude(Exists(told)).select_related("person").order_by("sent_at", "pk")
