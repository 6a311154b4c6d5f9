"""Forms of this room."""

from participation.forms.care import MergeForm, ReviewForm
from participation.forms.promising import CommitmentForm, VolumeForm
from participation.forms.proposing import EditForm, ProposalForm, TextForm
from participation.forms.supporting import AssistForm, EmailForm, EvidenceForm

__all__ = [
    "AssistForm",
    "CommitmentForm",
    "EditForm",
    "EmailForm",
    "EvidenceForm",
    "MergeForm",
    "ProposalForm",
    "ReviewForm",
    "TextForm",
    "VolumeForm",
]
