"""What other rooms may use of the job table."""

from jobs.errors import Blocked, CaseMissing, GiveUp, Lost, NotRetryable, OutcomeUnknown, Retry, UnknownKind
from jobs.execution import Outcome, drain, run_job
from jobs.models import Job
from jobs.operations import enqueue, enqueue_all, new_job, resume_blocked, retry_job
from jobs.queries import jobs_of_case, oldest_due_age
from jobs.registry import (
    Handler,
    every,
    every_day,
    register_external,
    register_pure,
    set_case_lock,
)
from jobs.rehearsal import imagine, next_due, rehearse_due
from jobs.supervisor import announce

__all__ = [
    "Blocked",
    "CaseMissing",
    "GiveUp",
    "Handler",
    "Job",
    "Lost",
    "NotRetryable",
    "Outcome",
    "OutcomeUnknown",
    "Retry",
    "UnknownKind",
    "announce",
    "drain",
    "enqueue",
    "enqueue_all",
    "every",
    "every_day",
    "imagine",
    "jobs_of_case",
    "new_job",
    "next_due",
    "oldest_due_age",
    "register_external",
    "register_pure",
    "rehearse_due",
    "resume_blocked",
    "retry_job",
    "run_job",
    "set_case_lock",
]
