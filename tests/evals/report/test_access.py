"""axe-core finds no serious violation on any view, light and dark, wide and narrow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.evals.browser import Watched

pytestmark = pytest.mark.browser


def violations(page: Page, axe: str) -> list[str]:
    """Serious and critical findings, told with the elements they are about."""
    page.evaluate(axe)
    found: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{v['id']}: {v['help']}: {[node['html'][:160] for node in v['nodes'][:3]]}"
        for v in found["violations"]
        if v["impact"] in ("serious", "critical")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("fragment", ["", "#/item/hallucination%2F00003", "#/compare?a=1&b=3"])
def test_no_serious_violation(
    report: Path, watched: Watched, axe: str, scheme: str, fragment: str
) -> None:
    watched.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page = watched.open(report, fragment)
    for details in page.locator("details").all():
        details.evaluate("node => { node.open = true; }")
    assert violations(page, axe) == []


def test_no_serious_violation_on_a_phone(report: Path, watched: Watched, axe: str) -> None:
    watched.page.set_viewport_size({"width": 390, "height": 800})
    assert violations(watched.open(report), axe) == []
