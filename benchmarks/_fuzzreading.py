"""Reads requests a second time, by the rules of the contract and without any code of the library."""

from __future__ import annotations

import base64
import binascii
import re
import urllib.parse
from typing import NamedTuple

from _fuzzrequests import INSIDE, LOOPBACK, URLENCODED, Request
from _fuzzsites import CALLER, Site

LIMIT = 65536
PROXIES = ("HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR", "HTTP_X_REAL_IP", "HTTP_VIA")


class Reading(NamedTuple):
    """What a request asks for.

    Attributes:
        must: statuses that there is a reason for; when there are any, the answer is one of them.
        may: statuses that the contract leaves open.
        fields: those of the form; None when they are open.
    """

    must: set[int]
    may: set[int]
    fields: dict[str, str] | None
    caller: str


def read(site: Site, request: Request) -> Reading:
    """Read a request as the contract says."""
    environ = request.environ
    method = environ.get("REQUEST_METHOD", "")
    if method not in ("POST", "GET", "HEAD"):
        return Reading({405}, set(), None, "")
    if site.broken:
        return Reading({500}, set(), None, "")
    must, may, caller = _admitted(site, environ)
    foreign = environ.get("HTTP_SEC_FETCH_SITE", ""), environ.get("HTTP_ORIGIN", "")
    if foreign[0] == "cross-site" or (not foreign[0] and "evil" in foreign[1]):
        must.add(403)
    elif "evil" in foreign[1]:
        may.add(403)
    if method != "POST":
        return Reading(must if site.page else must | {405}, may, {"action": ""}, caller)
    body, refused = _body(environ, request.body)
    must |= refused
    fields, wrong = _fields(request, body)
    must |= wrong
    if fields is not None:
        must |= _wrong_fields(site, fields, caller)
        # How many fields are too many is left open.
        may |= {400} if body.count(b"&") >= 32 else set()
    return Reading(must, may, fields, caller)


def _fields(request: Request, body: bytes) -> tuple[dict[str, str] | None, set[int]]:
    """Return the fields, None where they are open, and the statuses that there is a reason for."""
    kind = request.environ.get("CONTENT_TYPE", "")
    plain = kind.partition(";")[0].strip().lower()
    if plain == URLENCODED:
        fields = _urlencoded(body)
        return fields, {400} if fields is None else set()
    if plain != "multipart/form-data":
        return None, {415}
    if request.kind != kind or body != request.formed or request.fields is None:
        return None, set()
    return (None, {request.fields}) if isinstance(request.fields, int) else (request.fields, set())


def _wrong_fields(site: Site, fields: dict[str, str], caller: str) -> set[int]:
    if "cmd" not in fields and "action" in fields and site.page:
        wrong = set() if fields["action"] in ("login", "accept") else {400}
        return wrong if fields.get("token") == site.token and caller == CALLER else wrong | {403}
    if fields.get("cmd") == "list":
        return set()
    return set() if fields.get("cmd") == "auth" and "user" in fields and "pass" in fields else {400}


def _admitted(site: Site, environ: dict[str, str]) -> tuple[set[int], set[int], str]:
    """Return the statuses that must and that may come of the connection, and who calls."""
    must: set[int] = set()
    may: set[int] = set()
    address = environ.get("REMOTE_ADDR", "")
    https = environ.get("HTTPS", "").lower()
    here = address in LOOPBACK and not any(name in environ for name in PROXIES)
    if site.require_https and https not in ("on", "1") and not here:
        (may if https == "true" else must).add(403)
    caller = ""
    trusted = environ.get("REMOTE_USER") or environ.get("REDIRECT_REMOTE_USER")
    if trusted and trusted in site.remote_users:
        if address in INSIDE:
            return must, may, trusted
        may.add(403)
    header = environ.get("HTTP_AUTHORIZATION") or environ.get("REDIRECT_HTTP_AUTHORIZATION") or ""
    for name, secret, sure in _credentials(header):
        known = site.callers.get(name)
        if known and known[0] == secret:
            caller = name
            if known[1] and address not in INSIDE:
                must.add(403)
            if not sure:
                may.add(401)
            break
    else:
        must |= {401} | (may & {403})
    return must, may, caller


def _credentials(header: str) -> list[tuple[str, str, bool]]:
    """Read Basic credentials; the last of three says whether they are well-formed beyond doubt."""
    scheme, _, token = header.strip().partition(" ")
    letters = re.sub(r"[^A-Za-z0-9+/]", "", token)
    if scheme.lower() != "basic":
        return []
    try:
        raw = base64.b64decode(letters[: len(letters) - (len(letters) % 4 == 1)] + "==")
    except binascii.Error:
        return []
    sure = base64.b64encode(raw).decode() == token.strip(" ")
    found = []
    for charset in ("utf-8", "cp1252"):
        try:
            name, colon, secret = raw.decode(charset).partition(":")
        except UnicodeDecodeError:
            continue
        if colon:
            found.append((name, secret, sure))
    return found


def to_be_read(request: Request) -> int:
    """Return how many bytes are read: all of the body and none past it, on every path."""
    length, there = request.environ.get("CONTENT_LENGTH", ""), len(request.body)
    if re.fullmatch("[0-9]+", length):
        return min(int(length[-30:]), there)
    chunked = "chunked" in request.environ.get("HTTP_TRANSFER_ENCODING", "").lower()
    return there if chunked and not length else 0


def _body(environ: dict[str, str], raw: bytes) -> tuple[bytes, set[int]]:
    length = environ.get("CONTENT_LENGTH", "")
    if not length:
        if "chunked" not in environ.get("HTTP_TRANSFER_ENCODING", "").lower():
            return raw, {411}
        return raw, {413} if len(raw) > LIMIT else set()
    if not re.fullmatch("[0-9]+", length):
        return raw, {400}
    size = int(length[-30:])
    if size > LIMIT:
        return raw, {413}
    return raw[:size], {400} if size > len(raw) else set()


def _urlencoded(body: bytes) -> dict[str, str] | None:
    """Return the fields; None for a form that is to be refused."""
    if re.search(rb"%(?![0-9A-Fa-f]{2})", body):
        return None
    fields: dict[str, str] = {}
    for part in body.split(b"&"):
        if not part:
            continue
        name, _, value = part.replace(b"+", b" ").partition(b"=")
        try:
            key, text = (urllib.parse.unquote_to_bytes(raw).decode("utf-8") for raw in (name, value))
        except UnicodeDecodeError:
            return None
        if key in fields or "\0" in key + text:
            return None
        fields[key] = text
    return fields
