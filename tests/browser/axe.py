"""The accessibility checker, with the rules of R76."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "resultTypes": ["violations"],  # where else a rule held is not described, which is a third of the work
}
_CHECKER = Axe()


def violations(page: Page) -> list[str]:
    """What axe finds wrong on the page as it is, each with the first place."""
    found = _CHECKER.run(page, options=RULES).response["violations"]
    return [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found]
