"""A real headless Chromium, and a site that it looks at."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from support.needs import missing, need_program
from support.site import CALLER, CALLER_PASSWORD, ROOT

if TYPE_CHECKING:
    from selenium.webdriver import Chrome

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--no-proxy-server",
)


@contextmanager
def chromium() -> Iterator[Chrome]:
    """Run Chromium with an empty profile; the test is skipped where it is missing."""
    try:
        from selenium.webdriver import Chrome, ChromeOptions, ChromeService
    except ImportError:
        missing("the Python package selenium", "selenium")
    options = ChromeOptions()
    options.binary_location = need_program("chromium", "chromium")
    service = ChromeService(need_program("chromedriver", "chromium-driver"))
    profile = tempfile.mkdtemp(prefix="ais-chromium-")
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = Chrome(options, service)
    try:
        browser.set_page_load_timeout(60)
        yield browser
    finally:
        browser.quit()
        shutil.rmtree(profile, ignore_errors=True)


def resize(browser: Chrome, width: int, height: int = 800) -> None:
    """Give the page this many CSS pixels."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def prefer(browser: Chrome, scheme: str) -> None:
    """Wish for the colour scheme ``light`` or ``dark``."""
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})


@contextmanager
def serving(config: Path) -> Iterator[str]:
    """Run ``bin/ais serve``; give the page's address with the caller's name and password in it."""
    command = [sys.executable, str(ROOT / "bin" / "ais"), "serve", "--port", "0", "--config", str(config)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        try:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            assert re.fullmatch(r"http://127\.0\.0\.1:\d+/mailstore-integration/index\.php", url)
            yield with_credentials(url)
        finally:
            server.terminate()


def with_credentials(url: str) -> str:
    """An address with the caller's name and password, as a browser remembers them for later requests."""
    return url.replace("://", f"://{quote(CALLER, safe='')}:{quote(CALLER_PASSWORD, safe='')}@")


OUTSIDE = """
const wide = document.documentElement.scrollWidth > window.innerWidth
  ? [`page: ${document.documentElement.scrollWidth}`] : [];
for (const element of document.body.querySelectorAll("*")) {
  if (element.closest("thead")) continue;
  const box = element.getBoundingClientRect();
  if (box.width && (box.left < 0 || box.right > window.innerWidth + 0.5)) wide.push(`outside: ${element.outerHTML}`);
  const cut = element.scrollWidth > element.clientWidth + 1 && getComputedStyle(element).display != "inline";
  if (cut && element.tagName != "INPUT") wide.push(`cut: ${element.outerHTML}`);
}
return wide;
"""
"""What is wider than the window, or wider than what it stands in."""

CONTRAST = """
const context = Object.assign(document.createElement("canvas"), {width: 1, height: 1})
  .getContext("2d", {willReadFrequently: true});
function rgba(color) {
  context.clearRect(0, 0, 1, 1); context.fillStyle = color; context.fillRect(0, 0, 1, 1);
  return Array.from(context.getImageData(0, 0, 1, 1).data);
}
function luminance(color) {
  const [r, g, b] = color.slice(0, 3).map(value => value / 255)
    .map(value => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}
function ratio(one, two) {
  const [low, high] = [luminance(one), luminance(two)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}
function behind(element) {
  for (; element; element = element.parentElement) {
    const color = rgba(getComputedStyle(element).backgroundColor);
    if (color[3] == 255) return color;
  }
  return [255, 255, 255, 255];
}
const found = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node; node = walker.nextNode();) {
  const element = node.parentElement;
  if (!node.data.trim()) continue;
  found.push([ratio(rgba(getComputedStyle(element).color), behind(element)), 4.5, node.data.trim()]);
}
for (const input of document.querySelectorAll("input:not([type=hidden])")) {
  found.push([ratio(rgba(getComputedStyle(input).color), behind(input)), 4.5, input.id]);
  found.push([ratio(rgba(getComputedStyle(input).borderTopColor), behind(input.parentElement)), 3, input.id]);
}
return found;
"""
"""Contrast (WCAG 2.2, 1.4.3 and 1.4.11) of each text and each input's border, what it must be, and what it is of."""
