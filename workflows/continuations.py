"""What happens when a person comes back from the fresh sign-in that precedes a signature."""

from accounts.api import register_continuation
from workflows.views.acts import sign_confirmed
from workflows.views.cosigning import cosigned
from workflows.views.filling import filing_confirmed
from workflows.views.signing import several_confirmed

FILE_APPLICATION = "workflows.file_application"
SIGN_ACT = "workflows.sign_act"
SIGN_ACTS = "workflows.sign_acts"
COSIGN = "workflows.cosign"


def register() -> None:
    """Name the continuations of this room."""
    register_continuation(FILE_APPLICATION, filing_confirmed)
    register_continuation(SIGN_ACT, sign_confirmed)
    register_continuation(SIGN_ACTS, several_confirmed)
    register_continuation(COSIGN, cosigned)
