"""The status page in a real Chromium: what a person sees and can do."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from page.asking import SCRIPT
from support.chromium import CONTRAST, OUTSIDE, prefer, resize, serving
from support.site import USERS

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

WriteConfig = Callable[..., None]

STATE = 'state = "state.sqlite"\n'
DOWN = """
from ais import csv
sources = [*sources, csv("missing-" + "long" * 40 + ".csv")]
"""


@pytest.fixture
def url(folder: Path, write_config: WriteConfig) -> Iterator[str]:
    """The page of a site with everything on it: long and hostile names, a source that is down, a guard, findings."""
    long = "x" * 200
    add(folder, [(SCRIPT, SCRIPT, f"{long}@{'y' * 60}.example.com"), (long, long, f"a{long}@example.com")])
    add(folder, [("a" * 30, "Word " * 60, " ".join(f"address{n}@example.com" for n in range(30)))])
    write_config(STATE + DOWN)
    with serving(folder / "config.py") as address:
        yield address


@pytest.fixture
def held(folder: Path, write_config: WriteConfig, ask: Callable[..., object]) -> Iterator[str]:
    """The page of a site whose guard holds the list back."""
    add(folder, [(f"gone{number}", None, f"gone{number}@example.com") for number in range(20)])
    write_config(STATE)
    ask("cmd=list")
    with sqlite3.connect(folder / "users.sqlite") as connection:
        connection.execute("DELETE FROM users WHERE login LIKE 'gone%'")
    connection.close()
    ask("cmd=list")
    with serving(folder / "config.py") as address:
        yield address


def add(folder: Path, users: list[tuple[str, str | None, str]]) -> None:
    """Add users (login, name, addresses) to the sample database."""
    with sqlite3.connect(folder / "users.sqlite") as connection:
        connection.executemany("INSERT INTO users VALUES (?, ?, NULL, ?, NULL)", users)
    connection.close()


def by_id(browser: Chrome, name: str) -> WebElement:
    """The element with this id."""
    return browser.find_element("id", name)


def until(condition: Callable[[], bool]) -> None:
    """Wait while the browser goes from page to page."""
    from selenium.common.exceptions import WebDriverException

    for _ in range(200):
        try:
            if condition():
                return
        except WebDriverException:  # the old page has just gone
            pass
        time.sleep(0.05)
    raise AssertionError("the page that was waited for has not come")


def console(browser: Chrome) -> list[str]:
    """What the browser complained about, refusals of the security policy included."""
    return [entry["message"] for entry in browser.get_log("browser")]  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 360, 700, 1280])
@pytest.mark.parametrize("site", ["url", "held"])
def test_layout_and_contrast(
    browser: Chrome, request: pytest.FixtureRequest, site: str, width: int, scheme: str
) -> None:
    """Nothing is cut or needs sideways scrolling, and every text has the contrast of WCAG AA; also after a login."""
    resize(browser, width)
    prefer(browser, scheme)
    browser.get(request.getfixturevalue(site))
    backgrounds = "return getComputedStyle(document.body).backgroundColor"
    assert ("243" in browser.execute_script(backgrounds)) == (scheme == "light")
    for step in ("shown", "tried"):
        if step == "tried":
            by_id(browser, "user").send_keys("w" * 150)
            by_id(browser, "password").send_keys("wrong\n")
            until(lambda: " for www" in by_id(browser, "login").text)
        assert browser.execute_script(OUTSIDE) == [], step
        texts = browser.execute_script(CONTRAST)
        assert len(texts) > 30
        assert [found for found in texts if found[0] < found[1]] == [], step
    assert console(browser) == []


def test_keyboard_only(browser: Chrome, held: str) -> None:
    """Tab goes through links, login, guard and search in this order, each visibly, and Enter sends."""
    from selenium.webdriver import ActionChains, Keys

    browser.get(held)

    def press(*keys: str) -> None:
        ActionChains(browser).send_keys(*keys).perform()

    def focused() -> str:
        outline = browser.execute_script(
            "const s = getComputedStyle(document.activeElement); return [s.outlineStyle, parseFloat(s.outlineWidth)]"
        )
        assert outline[0] == "solid"
        assert outline[1] >= 2
        element = browser.switch_to.active_element
        return str(element.get_attribute("id") or element.text)

    order = []
    for _ in range(10):
        press(Keys.TAB)
        order.append(focused())
    assert order[:4] == ["What to look at", "Try a login", "Guard of the list", "Users"]
    assert order[4:] == ["user", "password", "Try the login", "Let this list through", "search", "Search"]

    browser.get(held)
    press(*[Keys.TAB] * 9, "jane", Keys.ENTER)
    until(lambda: "1 of 4 users match" in by_id(browser, "users").text)
    assert browser.current_url.endswith("?search=jane#users")
    # The next Tab goes on from the part of the page that the address names.
    press(Keys.TAB)
    assert focused() == "search"
    by_id(browser, "user").click()
    press("john.doe", Keys.TAB, "Passw0rd", Keys.ENTER)
    until(lambda: "Yes for john.doe: right password" in by_id(browser, "login").text)
    assert "1 of 4 users match" in by_id(browser, "users").text
    assert by_id(browser, "password").get_attribute("value") == ""
    assert "Passw0rd" not in browser.page_source.replace(held, "")
    by_id(browser, "user").click()
    press(Keys.TAB, Keys.TAB, Keys.TAB, Keys.ENTER)
    until(lambda: "now the last one served" in by_id(browser, "guard").text)
    assert by_id(browser, "guard").find_elements("tag name", "button") == []
    assert console(browser) == []


ADDRESSES = ["maximilian.mustermann-oberhausen@verwaltung.example.com", "a.b@c.example", "user" * 12 + "@example.com"]
LINES = """return Array.from(document.querySelectorAll("td:first-child bdi"),
  element => element.getBoundingClientRect().height / parseFloat(getComputedStyle(element).lineHeight))"""


def test_names_are_whole(browser: Chrome, folder: Path, write_config: WriteConfig) -> None:
    """On a wide screen a user name of 60 characters stands in one line, beside long full names and addresses."""
    for number, name in enumerate(ADDRESSES):
        long = " ".join(f"{number}{address}" for address in ADDRESSES)
        add(folder, [(name, "Maximilian Mustermann-Oberhausen", long)])
    write_config()
    with serving(folder / "config.py") as address:
        browser.get(address)
        assert len(browser.execute_script(LINES)) == len(USERS) + len(ADDRESSES)
        assert max(browser.execute_script(LINES)) < 1.5
        assert browser.execute_script(OUTSIDE) == []
        resize(browser, 1000)
        assert browser.execute_script(OUTSIDE) == []


@pytest.mark.parametrize("part", ["login", "guard"])
def test_forms_are_near_on_a_phone(browser: Chrome, held: str, part: str) -> None:
    """On a phone a link at the top, big enough for a finger, leads to each form."""
    resize(browser, 360)
    browser.get(held)
    (link,) = browser.find_elements("css selector", f'nav a[href="#{part}"]')
    assert link.size["height"] >= 40
    assert link.location["y"] + link.size["height"] < 800
    link.click()
    place = f"return document.getElementById('{part}').getBoundingClientRect().top"
    until(lambda: browser.execute_script("return location.hash") == f"#{part}")
    assert -1 < browser.execute_script(place) < 400


def test_names_are_no_markup(browser: Chrome, url: str) -> None:
    """A user called <script> is shown by that name, and nothing runs."""
    browser.get(f"{url}?search=%3Cscript%3E")
    assert SCRIPT in by_id(browser, "users").text
    assert by_id(browser, "search").get_attribute("value") == "<script>"
    assert browser.find_elements("tag name", "script") == []
    by_id(browser, "user").send_keys('"><script>alert(1)</script>')
    by_id(browser, "password").send_keys("x\n")
    until(lambda: "Cannot tell for" in by_id(browser, "login").text)
    assert by_id(browser, "user").get_attribute("value") == '"><script>alert(1)</script>'
    assert console(browser) == []


def test_policy_is_kept_by_the_browser(browser: Chrome, url: str) -> None:
    """Were a script or a picture to get into the page, the browser would refuse it."""
    browser.get(url)
    add_script = "const s = document.createElement('script'); s.textContent = 'window.ran = 1'; document.body.append(s)"
    browser.execute_script(add_script)
    browser.execute_script("const i = new Image(); i.src = '/x.png'; document.body.append(i)")
    assert browser.execute_script("return window.ran") is None
    assert sum("Content Security Policy" in line for line in console(browser)) == 2


def test_a_source_that_is_down(browser: Chrome, url: str) -> None:
    """It is shown as down, in words, and the users of the others are there."""
    browser.get(url)
    assert "Fails" in by_id(browser, "sources").text
    assert by_id(browser, "total").text == "unknown"
    assert "john.doe" in by_id(browser, "users").text


def test_many_users(browser: Chrome, folder: Path, write_config: WriteConfig) -> None:
    """With 100,000 users the page comes soon, and a search too."""
    add(folder, [(f"user{n}", f"User {n}", f"user{n}@example.com") for n in range(100_000 - len(USERS))])
    write_config(STATE)
    with serving(folder / "config.py") as address:
        resize(browser, 360)
        for query, word in (("", "the first 50 are shown"), ("?search=user4242", "11 of 100000 users match")):
            began = time.monotonic()
            browser.get(address + query)
            assert word in by_id(browser, "users").text
            assert time.monotonic() - began < 20
        assert by_id(browser, "total").text == "100000"
        assert browser.execute_script(OUTSIDE) == []


FORM = """<form id="f" method="post" action="{url}"><input name="action" value="login"><input name="token" value="x">
<input name="user" value="john.doe"><input name="password" value="wrong"></form>
<form id="g" method="post" action="{url}"><input name="cmd" value="auth">
<input name="user" value="john.doe"><input name="pass" value="wrong"></form>
<form id="h" action="{url}"><input name="search" value="john"></form>
<iframe src="{url}"></iframe>"""


@contextmanager
def other_site(html: str) -> Iterator[int]:
    """Serve a page at another port of this computer."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["cross-site", "same-site"])
@pytest.mark.parametrize("form", ["f", "g", "h"], ids=["page", "command", "get"])
def test_other_sites_cannot_use_the_forms(browser: Chrome, url: str, host: str, form: str) -> None:
    """A browser that knows the caller's password sends it along from another site, and the answer is 403."""
    browser.get(url)
    plain = "http://" + url.rpartition("@")[2]
    with other_site(FORM.format(url=plain)) as port:
        browser.get(f"http://{host}:{port}/")
        browser.execute_script(f"document.getElementById('{form}').submit()")
        until(lambda: browser.current_url.startswith(plain))
        # Not 401: the credentials came along.
        assert "another site" in browser.page_source
        assert "john.doe" not in browser.page_source
