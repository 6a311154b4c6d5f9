"""What rooms above may use of cases."""

from workflows.rehearsal.apart import RehearsalFailed, rehearse_apart
from workflows.rehearsal.operations import rehearse
from workflows.rehearsal.play import ACTIONS
from workflows.rehearsal.replay import Replayed, replay
from workflows.rehearsal.report import Moment, Report
from workflows.rehearsal.scenario import BadScenario, Entry, Scenario, read_scenarios, scenario_of

__all__ = [
    "ACTIONS",
    "BadScenario",
    "Entry",
    "Moment",
    "RehearsalFailed",
    "Replayed",
    "Report",
    "Scenario",
    "read_scenarios",
    "rehearse",
    "rehearse_apart",
    "replay",
    "scenario_of",
]
