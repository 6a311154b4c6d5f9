"""Groups of people in public numbers: those of few are told together, so that none of them is told."""

from collections.abc import Sequence

from participation.rules.demand import MINIMUM


def rounded(number: int, least: int = MINIMUM) -> int:
    """The nearest multiple of `least`: less a part that is known, it does not tell a rest of few."""
    return max(least, (number + least // 2) // least * least)


def at_least_few(number: int, least: int = MINIMUM) -> int:
    """The number, or of fewer than `least`, none included, the most that they may be: nobody tells 0 from 4."""
    return max(number, least - 1)


def together(groups: Sequence[tuple[str, int]], least: int = MINIMUM) -> tuple[list[tuple[str, int]], int]:
    """The groups of `least` or more to show, the largest first, and how many are in the others.

    With few kinds of groups a rest tells as much as a group, so a rest of few takes the next smallest in.
    """
    shown, rest = sorted(groups, key=lambda group: (-group[1], group[0])), 0
    while shown and (shown[-1][1] < least or 0 < rest < least):
        rest += shown.pop()[1]
    return shown, rest
