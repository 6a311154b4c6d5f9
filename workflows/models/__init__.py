"""How a case runs: the case, its tasks, what was filed, who takes part, its clocks and incidents."""

from workflows.models.accesses import CaseAccess
from workflows.models.cases import (
    FIRST,
    IN_ORDER,
    NEVER,
    ORDINARY,
    AgencyFact,
    Case,
    CaseParty,
    CaseTask,
    Channel,
    Draft,
    DraftFile,
    EmailCheck,
    PastRepresentation,
    UploadPiece,
)
from workflows.models.challenges import Challenge
from workflows.models.clocks import ActFormality, Deadline, DeadlineChange, Outage
from workflows.models.correspondence import CaseMessage, SatisfactionCount
from workflows.models.cosigning import CoSignature
from workflows.models.counter import Attendance, IdentityQuestion, OverlookedPaper, PaperAnswer, PowerPaper
from workflows.models.entry_orders import EntryOrder
from workflows.models.exchanges import AuthorisationWithdrawal, Exchange
from workflows.models.exemptions import Exemption
from workflows.models.incidents import Incident
from workflows.models.joinders import Joinder
from workflows.models.links import CaseLink
from workflows.models.opening import BulkRow, BulkStart, OpenedKey
from workflows.models.originals import OriginalRequest
from workflows.models.powers import PowerClaim
from workflows.models.recusals import Recusal
from workflows.models.reporting import OutsideSystem, ReportedEvent, SystemKey
from workflows.models.sensitive import SensitiveMark
from workflows.models.states import StatusIn
from workflows.models.submissions import CorrectionItem, Submission, SubmissionValue
from workflows.models.suspensions import ActSuspension
from workflows.models.versions import CaseMove, VersionMove

__all__ = [
    "FIRST",
    "IN_ORDER",
    "NEVER",
    "ORDINARY",
    "ActFormality",
    "ActSuspension",
    "AgencyFact",
    "Attendance",
    "AuthorisationWithdrawal",
    "BulkRow",
    "BulkStart",
    "Case",
    "CaseAccess",
    "CaseLink",
    "CaseMessage",
    "CaseMove",
    "CaseParty",
    "CaseTask",
    "Challenge",
    "Channel",
    "CoSignature",
    "CorrectionItem",
    "Deadline",
    "DeadlineChange",
    "Draft",
    "DraftFile",
    "EmailCheck",
    "EntryOrder",
    "Exchange",
    "Exemption",
    "IdentityQuestion",
    "Incident",
    "Joinder",
    "OpenedKey",
    "OriginalRequest",
    "Outage",
    "OutsideSystem",
    "OverlookedPaper",
    "PaperAnswer",
    "PastRepresentation",
    "PowerClaim",
    "PowerPaper",
    "Recusal",
    "ReportedEvent",
    "SatisfactionCount",
    "SensitiveMark",
    "StatusIn",
    "Submission",
    "SubmissionValue",
    "SystemKey",
    "UploadPiece",
    "VersionMove",
]
