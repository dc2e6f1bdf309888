"""Seeded applications: every faulty one is found, nothing is said of the right ones."""

from __future__ import annotations

import asyncio

import pytest

from funcpipe_laws.endpoints.disconnects import EndpointFaults, sweep_disconnects
from tests.endpoints.faulty import FAULTY
from tests.endpoints.right import RIGHT


@pytest.mark.parametrize("name", FAULTY)
def test_a_faulty_application_is_found(name: str) -> None:
    """Each is found by a kind of fault that it has, and by none that it has not."""
    app, expected = FAULTY[name]
    with pytest.raises(EndpointFaults) as raised:
        asyncio.run(sweep_disconnects(app, "GET /"))
    kinds = {finding.fault.kind for finding in raised.value.sweep.findings}
    assert kinds
    assert kinds <= expected, str(raised.value)
    assert not raised.value.sweep.missed
    assert "replay: await sweep_disconnects(app, 'GET /', step='2." in str(raised.value)


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_application_passes(name: str) -> None:
    """Nothing is said of it, and the steps came about; a slow send may leave one send less."""
    swept = asyncio.run(sweep_disconnects(*RIGHT[name]))
    assert swept.findings == []
    assert len(swept.missed) <= 1
    assert len(swept.visits) > 10
    assert swept.loop == "simulated loop"


@pytest.mark.parametrize("name", FAULTY)
def test_a_step_alone_shows_the_fault_again(name: str) -> None:
    """What a report names as the step to replay shows the same fault by itself."""
    app, _ = FAULTY[name]
    with pytest.raises(EndpointFaults) as raised:
        asyncio.run(sweep_disconnects(app, "GET /"))
    for finding in raised.value.sweep.findings:
        step = finding.steps[0].key
        with pytest.raises(EndpointFaults) as again:
            asyncio.run(sweep_disconnects(app, "GET /", step=step))
        assert finding.fault in [found.fault for found in again.value.sweep.findings]
