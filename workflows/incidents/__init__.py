"""Incidents: how one is opened, whether its cause is still there, and how cases that stand still are found."""

from workflows.incidents.causes import cause_left, settle
from workflows.incidents.finding import examine, report_challenges, report_people, solved_cases, suspicious_cases
from workflows.incidents.opening import open_incident

__all__ = [
    "cause_left",
    "examine",
    "open_incident",
    "report_challenges",
    "report_people",
    "settle",
    "solved_cases",
    "suspicious_cases",
]
