"""One browser for all tests of this folder that need one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from support.chromium import chromium, prefer, resize

if TYPE_CHECKING:
    from selenium.webdriver import Chrome


@pytest.fixture(scope="session")
def _browser() -> Iterator[Chrome]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def browser(_browser: Chrome) -> Chrome:
    """A Chromium with a window of 1280 pixels, an empty page, and an empty console."""
    _browser.get("about:blank")
    resize(_browser, 1280)
    prefer(_browser, "light")
    _browser.get_log("browser")  # type: ignore[no-untyped-call]
    return _browser
