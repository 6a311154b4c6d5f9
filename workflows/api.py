"""What rooms above may use of cases."""

from workflows.access import attendances_of, cases_for
from workflows.bulk.sheets import UnreadableSheet, read_sheet, write_csv
from workflows.commands.counter import counter_post
from workflows.commands.opening import open_of_own_motion
from workflows.downloads import file_response
from workflows.figures import FEWEST_PEOPLE, FIGURES_WINDOW, Figures, form_figures
from workflows.panels import register_attendance_panel, register_ficha_panel
from workflows.proofs import address_waiting, prove_of_person, send_to_person
from workflows.rehearsal.apart import RehearsalFailed, prepare_to_rehearse, rehearse_apart, replay_apart
from workflows.rehearsal.operations import EngineBroke, rehearse
from workflows.rehearsal.play import ACTIONS
from workflows.rehearsal.replay import Replayed, replay
from workflows.rehearsal.report import Moment, Report
from workflows.rehearsal.scenario import BadScenario, Entry, Scenario, read_scenarios, scenario_of
from workflows.rehearsal.subcommand import scenarios_of
from workflows.sample import EXAMPLES, register_seed, sample_offerings

__all__ = [
    "ACTIONS",
    "EXAMPLES",
    "FEWEST_PEOPLE",
    "FIGURES_WINDOW",
    "BadScenario",
    "EngineBroke",
    "Entry",
    "Figures",
    "Moment",
    "RehearsalFailed",
    "Replayed",
    "Report",
    "Scenario",
    "UnreadableSheet",
    "address_waiting",
    "attendances_of",
    "cases_for",
    "counter_post",
    "file_response",
    "form_figures",
    "open_of_own_motion",
    "prepare_to_rehearse",
    "prove_of_person",
    "read_scenarios",
    "read_sheet",
    "register_attendance_panel",
    "register_ficha_panel",
    "register_seed",
    "rehearse",
    "rehearse_apart",
    "replay",
    "replay_apart",
    "sample_offerings",
    "scenario_of",
    "scenarios_of",
    "send_to_person",
    "write_csv",
]
