"""Says what is wrong with an answer, from the model of a site and a second reading of the request."""

from __future__ import annotations

import json
import re
import unicodedata
from typing import NamedTuple

from _fuzzreading import Reading, read, to_be_read
from _fuzzrequests import Request
from _fuzzsites import ANY, NO, Row, Site, can_be_a_name

STATUSES = (200, 400, 401, 403, 405, 411, 413, 415, 500, 503)
FIXED = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
CHALLENGE = 'Basic realm="MailStore integration", charset="UTF-8"'
LOG = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ mailstore-ais: client=.* status=(\d+)"
    r'((?: (?:caller|command|user|source|outcome|error)="(?:[^"\\]|\\.)*")*) ms=\d+\n'
)
PAIR = re.compile(r' (\w+)=("(?:[^"\\]|\\.)*")')
TRIED = re.compile(rb"<strong>(Yes|No|Cannot tell)</strong>")
HINT = "send cmd=list or cmd=auth."
"""Part of an error's own sentence; a password may be a piece of it."""
SECONDS = 2.0


class Reply(NamedTuple):
    """What came back.

    Attributes:
        log: what was logged of it; None where nobody can tell.
        read: bytes of the body that were read; -1 where nobody can tell.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes
    log: str | None
    seconds: float
    read: int = -1


class Throttle:
    """What the throttle of one site must have counted, for each exact name and for all that may be taken for it.

    Of a damaged form it is not known what was counted: the counts are a lowest and a highest one.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._exact: dict[str, tuple[int, int]] = {}
        self._loose: dict[str, tuple[int, int]] = {}
        self._last: dict[str, str | None] = {}

    def reset(self) -> None:
        """Begin anew, with an empty state."""
        self.__init__(self.limit)  # type: ignore[misc]

    def allowed(self, user: str, right: frozenset[str]) -> frozenset[str]:
        """Return the answers that are right, given those that are without a throttle."""
        low, high = self._counts(user)
        if low >= self.limit:
            return NO
        return right | NO if high >= self.limit else right

    def note(self, user: str, password: str | None, outcome: str) -> None:
        """Count an answer; None for a password that is not known."""
        if not can_be_a_name(user) or password == "":
            return
        if outcome == "true":
            low, high = self._exact.pop(user, (0, 0))
            self._add(self._loose, _folded(user), -high, -low)
            self._last.pop(user, None)
        elif outcome == "false" and password is None:
            self._count(user, 0)
            self._last[user] = None
        elif outcome == "false" and self._counts(user)[0] < self.limit and self._last.get(user, "") != password:
            self._count(user, int(self._last.get(user, "") is not None))
            self._last[user] = password

    def _counts(self, user: str) -> tuple[int, int]:
        exact, loose = self._exact.get(user, (0, 0)), self._loose.get(_folded(user), (0, 0))
        return max(exact[0], loose[0]), max(exact[1], loose[1])

    def _count(self, user: str, surely: int) -> None:
        self._add(self._exact, user, surely, 1)
        self._add(self._loose, _folded(user), surely, 1)

    def _add(self, counts: dict[str, tuple[int, int]], name: str, low: int, high: int) -> None:
        known = counts.get(name, (0, 0))
        counts[name] = (max(0, known[0] + low), max(0, known[1] + high))


class Oracle:
    """Judges answers.

    Args:
        in_order: the requests run one after the other, so that the throttle's counts are known.
    """

    def __init__(self, in_order: bool) -> None:
        self._in_order = in_order
        self.throttles: dict[str, Throttle] = {}

    def judge(self, site: Site, request: Request, reply: Reply) -> tuple[str, list[str]]:
        """Return the kind of the answer (``true``, ``false``, ``list``, ``page`` or a status) and what is wrong."""
        kind, faults = _form(reply, request.environ.get("REQUEST_METHOD") == "HEAD")
        reading = read(site, request)
        faults += self._content(site, request, reading, reply, kind)
        faults += _log(reading, reply, kind)
        faults += _secrets(site, request, reading, reply, kind)
        if reply.seconds > SECONDS:
            faults.append(f"it took {reply.seconds:.1f} s")
        if reply.read >= 0 and reply.read != to_be_read(request):
            faults.append(f"{reply.read} bytes of the body were read instead of {to_be_read(request)}")
        return kind, faults

    def _content(self, site: Site, request: Request, reading: Reading, reply: Reply, kind: str) -> list[str]:
        if reading.must:
            allowed = reading.must | reading.may
            return [] if reply.status in allowed else [f"{kind} instead of {sorted(allowed)}"]
        if reading.fields is None:
            return [] if reply.status in reading.may else self._open(site, request, reply, kind)
        fields = reading.fields
        if kind == "list":
            wanted = frozenset({"list"}) if fields.get("cmd") == "list" else frozenset()
        elif kind in ("page", "true", "false") or reply.status >= 500:
            wanted = self._login(site, fields, reply, kind)
        else:
            wanted = frozenset()
        if kind == "list" and reply.body != site.list:
            return ["the list is not the true one"]
        if fields.get("cmd") == "list" and str(site.list) == kind:
            return []
        return (
            []
            if kind in wanted or reply.status in reading.may
            else [f"{kind} for {sorted(name[:20] for name in fields)}"]
        )

    def _login(self, site: Site, fields: dict[str, str], reply: Reply, kind: str) -> frozenset[str]:
        """Return the kinds that are right for a login, by command or on the page."""
        on_page = fields.get("cmd") is None
        if not on_page and fields["cmd"] != "auth":
            return frozenset()
        if on_page and fields.get("action") != "login":
            return frozenset({"page"})
        user, password = fields.get("user", ""), fields.get("password" if on_page else "pass", "")
        right = site.verdict(user, password)
        throttle = self.throttles.setdefault(site.name, Throttle(site.limit))
        if site.limit:
            right = throttle.allowed(user, right) if self._in_order else right | NO
        answer = _answer(reply, kind)
        throttle.note(user, password, answer)
        if not on_page:
            return right
        return frozenset({"page"}) if answer in right or (not answer and right - ANY) else frozenset()

    def _open(self, site: Site, request: Request, reply: Reply, kind: str) -> list[str]:
        """Judge the answer to a damaged multipart form, of which only bounds are known."""
        pairs = dict(PAIR.findall(reply.log or ""))
        throttle = self.throttles.setdefault(site.name, Throttle(site.limit))
        throttle.note(json.loads(pairs.get("user", '""')), None, _answer(reply, kind))
        if kind == "list":
            fine = reply.body == site.list and b"list" in request.body
        elif kind == "true":
            text = request.body.decode("utf-8", "replace").lower()
            rows = [row for source in site.sources for row in source.rows]
            fine = any(_may_be_right(row, text, request.body) for row in rows)
        else:
            statuses = [400, 403] if b"action" in request.body else [400]
            faulty = [500, 503] if site.listed or site.name in ("mixed", "throttled") else []
            fine = kind in ("false", "page") or reply.status in statuses + faulty
        return [] if fine else [f"{kind} for a damaged multipart form"]


def _answer(reply: Reply, kind: str) -> str:
    """Return the answer to a login, by command or on the page; empty there when nobody could tell."""
    tried = TRIED.search(reply.body) if kind == "page" else None
    if tried is None:
        return "" if kind == "page" else kind
    return {b"Yes": "true", b"No": "false"}.get(tried.group(1), "")


def _may_be_right(row: Row, text: str, body: bytes) -> bool:
    if not isinstance(row.password, str) or row.name.lower() not in text:
        return False
    raw = row.password.encode()
    # The second is the same password to a source with a charset of its own.
    return raw in body or raw.decode("cp1252", "replace").encode() in body


def _form(reply: Reply, head: bool) -> tuple[str, list[str]]:
    """Return the kind of the answer, and what is wrong with its form."""
    headers = dict(reply.headers)
    faults = [] if reply.status in STATUSES else [f"status {reply.status}"]
    if len(headers) != len(reply.headers) or any("\r" in v or "\n" in v or not v.isascii() for v in headers.values()):
        faults.append("a header is given twice, or holds what no header may hold")
    if head and reply.body:
        faults.append("the answer to HEAD has a body")
    if not head and headers.get("Content-Length") != str(len(reply.body)):
        faults.append("Content-Length is wrong")
    if any(headers.get(name) != value for name, value in FIXED.items()):
        faults.append("Cache-Control or nosniff is missing")
    wanted = {401: {"WWW-Authenticate"}, 405: {"Allow"}}.get(reply.status, set())
    if wanted != headers.keys() & {"WWW-Authenticate", "Allow", "Location", "Set-Cookie"}:
        faults.append("headers that do not go with the status")
    if headers.get("WWW-Authenticate", CHALLENGE) != CHALLENGE:
        faults.append("another challenge")
    kind = headers.get("Content-Type", "")
    if kind == "text/html; charset=utf-8" and reply.status == 200:
        if not headers.get("Content-Security-Policy", "").startswith("default-src 'none'"):
            faults.append("a page without its policy")
        return "page", faults
    if kind != "text/json; charset=utf-8" or not reply.body.isascii():
        faults.append("Content-Type or charset")
    return str(reply.status) if head else _json_kind(reply, faults), faults


def _json_kind(reply: Reply, faults: list[str]) -> str:
    if reply.status == 200 and reply.body in (b'{"succeeded": true}', b'{"succeeded": false}'):
        return reply.body[14:-1].decode()
    try:
        value = json.loads(reply.body)
    except ValueError:
        faults.append("no JSON")
        return str(reply.status)
    if reply.status == 200:
        if not isinstance(value, list):
            faults.append("another answer than the two of the protocol")
        return "list"
    if not isinstance(value, dict) or list(value) != ["error"] or not isinstance(value["error"], str):
        faults.append('another error than {"error": …}')
    return str(reply.status)


def _log(reading: Reading, reply: Reply, kind: str) -> list[str]:
    if reply.log is None:
        return []
    found = LOG.fullmatch(reply.log)
    if not found or not (reply.log[:-1].isascii() and reply.log[:-1].isprintable()):
        return ["the log has not one clean line"]
    faults = [] if found.group(1) == str(reply.status) else ["the log has another status"]
    pairs = {name: json.loads(value) for name, value in PAIR.findall(found.group(2))}
    if "internal error" in pairs.get("error", "") or "Traceback" in reply.log:
        faults.append("an internal error")
    if kind in ("true", "false"):
        wanted = {"caller": reading.caller, "command": "auth"}
        if reading.fields is not None:
            wanted["user"] = reading.fields.get("user", "")
        if any(pairs.get(name, "") != value for name, value in wanted.items()):
            faults.append("the log names another caller, command or user")
        if pairs.get("outcome", "").partition(",")[0] != {"true": "yes", "false": "no"}[kind] and pairs.get("user"):
            faults.append("the log has another outcome")
    return faults


def _secrets(site: Site, request: Request, reading: Reading, reply: Reply, kind: str) -> list[str]:
    """Look for what must stay inside; the log's own field for the user may hold whatever a client sends as its user."""
    log = without_user(reply.log or "")
    body = "" if kind == "list" and reply.body == site.list else reply.body.decode("utf-8", "replace")
    text = "\n".join((log, body, *(value for _, value in reply.headers)))
    header = request.environ.get("HTTP_AUTHORIZATION") or request.environ.get("REDIRECT_HTTP_AUTHORIZATION") or ""
    fields = reading.fields or {}
    sent = [fields.get("pass", ""), fields.get("password", ""), header.strip().rpartition(" ")[2]]
    sent = [secret for secret in sent if secret not in HINT]
    # A page shows the user that was tried; of a damaged form that may be any part.
    damaged = request.body.decode("utf-8", "replace") if reading.fields is None else ""
    shown = fields.get("user", damaged) if kind == "page" else ""
    looked_for = [secret for secret in [*site.secrets, *sent] if len(secret) > 5 and secret not in shown]
    # A page shows the users' names, and one of the passwords is a name.
    if any(form in text for secret in looked_for if secret not in site.users for form in forms(secret)):
        return ["a secret is told"]
    if "Traceback" in body or (kind != "page" and (str(site.path.parent) in body or "/lib/ais" in body)):
        return ["a path or a traceback is told"]
    return []


def without_user(log: str) -> str:
    """Return log lines without the names that users typed."""
    return re.sub(r' user="(?:[^"\\]|\\.)*"', "", log)


def forms(secret: str) -> tuple[str, ...]:
    """Return a text as it stands, as JSON and as HTML writes it."""
    if secret.isascii() and secret.isalnum():
        return (secret,)
    escaped = json.dumps(secret)[1:-1]
    return secret, escaped, escaped.replace("\\", "\\\\")


def _folded(name: str) -> str:
    """Return what all spellings have in common that some source may take for one name."""
    seen = "".join(map(_weight, unicodedata.normalize("NFKD", name)))
    return "".join(one for one in seen.casefold() if _has_weight(one))


def _weight(one: str) -> str:
    if one.isascii():
        return one if one.isprintable() or one.isspace() else ""
    if one.casefold().isascii():
        return one.casefold()
    if (digit := unicodedata.digit(one, None)) is not None:
        return str(digit)
    words = unicodedata.name(one, "").partition(" WITH ")[0].split()
    if words[:1] == ["LATIN"] or words[:2] == ["COMBINING", "LATIN"]:
        return words[-1].lower()
    return "" if unicodedata.category(one) in ("Cc", "Cf", "Mn", "Me") and not one.isspace() else one


def _has_weight(one: str) -> bool:
    if one.isascii():
        return not one.isspace()
    return unicodedata.category(one) in ("Ll", "Lu", "Lt", "Lo", "Nd", "Nl", "No") and one not in "\ufe73\u1cf2\u1cf3"
