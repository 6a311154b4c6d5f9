"""Which stage may follow which."""

CLOSING = frozenset({"live", "measured", "refused"})
"""Stages that settle a subject: its supporters get their support back."""
PASSED_ON = "transferred"
"""Another institution has it now: for that one it is as if it had just come."""
ONWARD = ("supported", "received", "study", "planned", "design", "pilot", "live", "measured")


def next_stages(stage: str) -> list[str]:
    """Any later stage, or back to study with a reason while it is not open yet; a settled one only goes on to measured.

    A refusal is an answer, not a move: it comes from the procedure in which the institution answers.
    """
    if stage not in (*ONWARD, PASSED_ON):
        return []
    place = ONWARD.index(stage) if stage in ONWARD else 0
    if stage in ("live", "measured"):
        return list(ONWARD[place + 1 :])
    back = ["study"] if stage in ("planned", "design", "pilot") else []
    return [*back, *ONWARD[max(place + 1, 1) : -1]]
