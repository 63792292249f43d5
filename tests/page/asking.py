"""Ask for the status page as a browser does, without one."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from urllib.parse import urlencode

from conftest import Answer, Ask

SCRIPT = "<script>alert(1)</script>"


def get(ask: Ask, query: str = "", **changed: str | None) -> Answer:
    """GET the page."""
    given: dict[str, str | None] = {"REQUEST_METHOD": "GET", "CONTENT_LENGTH": None, "CONTENT_TYPE": None}
    return ask(b"", QUERY_STRING=query, **{**given, **changed})


def post(ask: Ask, fields: dict[str, str], **changed: str | None) -> Answer:
    """Send a form as the browser does that shows the page."""
    given: dict[str, str | None] = {"HTTP_SEC_FETCH_SITE": "same-origin", "HTTP_ORIGIN": "null"}
    return ask(urlencode(fields), **{**given, **changed})


def token(answer: Answer) -> str:
    """The token in the forms of a page."""
    found = set(re.findall(r'name="token" value="([0-9a-f]+)"', answer.body.decode()))
    assert len(found) == 1
    return str(found.pop())


def seen(answer: Answer) -> str:
    """What identifies the list that the guard's button lets through."""
    found = re.findall(r'name="seen" value="([0-9a-f]+)"', answer.body.decode())
    assert len(found) == 1
    return str(found[0])


class Reader(HTMLParser):
    """Takes a page apart.

    Attributes:
        tags: every tag that was opened.
        parts: the text of each section, by its id.
    """

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.parts: dict[str, str] = {}
        self._part = ""
        self.feed(answer.body.decode("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag, and which section begins."""
        self.tags.append(tag)
        name = dict(attrs).get("id")
        if tag in ("section", "dd") and name:
            self._part = name

    def handle_endtag(self, tag: str) -> None:
        """Note where a figure ends; sections follow one another."""
        if tag == "dd":
            self._part = ""

    def handle_data(self, data: str) -> None:
        """Add to the section that is open."""
        self.parts[self._part] = self.parts.get(self._part, "") + data
