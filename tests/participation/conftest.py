"""What every test of participation begins with."""

import pytest

from participation.views import showing


@pytest.fixture(autouse=True)
def nothing_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network has been shown anything in this hour."""
    monkeypatch.setattr(showing, "GAUGE", showing.Gauge())
