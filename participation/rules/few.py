"""Groups of people in public numbers: those of few are told together, so that none of them is told."""

from collections.abc import Sequence

from participation.rules.demand import MINIMUM


def together(groups: Sequence[tuple[str, int]]) -> tuple[list[tuple[str, int]], int]:
    """The groups to show, the largest first, and how many are in the others.

    With few kinds of groups a rest tells as much as a group, so a rest of few takes the next smallest in.
    """
    shown, rest = sorted(groups, key=lambda group: (-group[1], group[0])), 0
    while shown and (shown[-1][1] < MINIMUM or 0 < rest < MINIMUM):
        rest += shown.pop()[1]
    return shown, rest
