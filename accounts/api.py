"""What other rooms may use of persons, roles, powers, signing intents and encryption at rest."""

from accounts.errors import (
    AccountsError,
    IntentAlreadyUsed,
    IntentExpired,
    KeyMissing,
    NotFreshlySignedIn,
    SealBroken,
)
from accounts.intents import consume_intent, create_intent, register_continuation
from accounts.keyring import current_key_id
from accounts.operations import (
    appoint,
    dismiss,
    get_or_create_person,
    keep_foreign_person,
    keep_organisation,
    register_mandate,
    revoke_mandate,
)
from accounts.queries import (
    agencies_where,
    capabilities_of,
    has_capability,
    may_represent,
    memberships_of,
    organisations_governed,
    person_by_run,
    powers_held,
    roles_of,
    run_of,
)
from accounts.rotation import FileOnDisk, SealedFile, register_sealed, register_sealed_files
from accounts.rules import InvalidRun, InvalidRut, check_digit, format_run, mask_run, normalise_run, normalise_rut
from accounts.sample import demo_people, seed_people
from accounts.vault import blind_index, open_sealed, open_stream, rewrap, seal, seal_stream

__all__ = [
    "AccountsError",
    "FileOnDisk",
    "IntentAlreadyUsed",
    "IntentExpired",
    "InvalidRun",
    "InvalidRut",
    "KeyMissing",
    "NotFreshlySignedIn",
    "SealBroken",
    "SealedFile",
    "agencies_where",
    "appoint",
    "blind_index",
    "capabilities_of",
    "check_digit",
    "consume_intent",
    "create_intent",
    "current_key_id",
    "demo_people",
    "dismiss",
    "format_run",
    "get_or_create_person",
    "has_capability",
    "keep_foreign_person",
    "keep_organisation",
    "mask_run",
    "may_represent",
    "memberships_of",
    "normalise_run",
    "normalise_rut",
    "open_sealed",
    "open_stream",
    "organisations_governed",
    "person_by_run",
    "powers_held",
    "register_continuation",
    "register_mandate",
    "register_sealed",
    "register_sealed_files",
    "revoke_mandate",
    "rewrap",
    "roles_of",
    "run_of",
    "seal",
    "seal_stream",
    "seed_people",
]
