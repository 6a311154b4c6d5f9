"""What the jobs of this room share."""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from documents.models import Blob
from jobs import api as jobs
from signatures import rules, trust
from signatures.analysis import Unreadable, read_signatures
from signatures.errors import DocumentChanged, SignatureNotSound
from signatures.models import SignatureRequest

State = SignatureRequest.State
ATTEMPTS = 10
"""With waits that double up to an hour: an hour and a half, and then whoever signs is asked again."""
PATIENCE = 60
"""Where nobody can be asked again, more than two days."""


def request_of(job: jobs.Job) -> SignatureRequest:
    """The request that a job works on."""
    requests = SignatureRequest.objects.select_related("document__agency", "signer", "prepared_blob", "signed_blob")
    return requests.get(pk=job.payload["request"])


def fail(job: jobs.Job) -> None:
    """The seal fails with the signature that waited for it: both may be asked for again."""
    pending = SignatureRequest.objects.filter(pk__in=[job.payload["request"], job.payload["last"]])
    failure = _("No se pudo firmar (trabajo %(job)s).") % {"job": job.pk}
    pending.exclude(state=State.SIGNED).update(state=State.FAILED, failure=failure, failed_job=job.pk)


def present(blob: Blob | None) -> Blob:
    """The bytes that must be there by now. Raises GiveUp."""
    if blob is None:
        raise jobs.GiveUp(str(DocumentChanged()))
    return blob


def validated(data: bytes, expected: Sequence[rules.Expected], now: datetime) -> list[rules.FoundSignature]:
    """What a reader finds in a revision. Accepts only one whose signatures all hold; raises Retry otherwise."""
    try:
        found = read_signatures(data, trust.roots(), trust.demo_root(), now=now)
    except Unreadable as error:
        raise jobs.Retry(str(SignatureNotSound())) from error
    if not rules.signatures_hold(found, expected):
        raise jobs.Retry(str(SignatureNotSound()))
    return found
