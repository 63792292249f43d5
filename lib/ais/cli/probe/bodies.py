"""Whether the body of an answer is what MailStore's client can read, and says what MailStore needs."""

from __future__ import annotations

import json
import re
from collections import Counter

from .problems import Problem, clean, explain
from .replies import explain_reply, is_html, is_source
from .transport import Reply, Target


def read_json(reply: Reply, target: Target, problems: list[Problem], secrets: tuple[str, ...]) -> object:
    """Return the JSON value of an answer, and add to the problems what only some clients can read."""
    if reply.cut:
        raise explain("cut-short", why=reply.cut)
    body = reply.body
    if reply.header("Content-Encoding").lower() not in ("", "identity") or body.startswith(b"\x1f\x8b"):
        raise explain("compressed")
    found = []
    charset = re.search(r";\s*charset\s*=\s*([^;\s]+)", reply.header("Content-Type"), re.IGNORECASE)
    if charset and charset[1].lower() not in ("utf-8", "us-ascii"):
        found.append(explain("charset/name", name=clean(charset[1], secrets)))
    if body.startswith(b"\xef\xbb\xbf"):
        found.append(explain("bom"))
    known = {problem.code for problem in problems}  # most servers spoil every answer in the same way
    problems += [problem for problem in found if problem.code not in known]
    try:
        text = body.decode("utf-8-sig").strip()
    except UnicodeDecodeError:
        raise explain("charset") from None
    if not text or is_html(body) or is_source(body):
        raise explain_reply(reply, target, secrets)
    try:
        value, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        closing = {"[": "]", "{": "}"}.get(text[0])
        if closing and not text.endswith(closing):
            raise explain("cut-short", why="its JSON breaks off") from None
        where = "has other text in front of the JSON or is not JSON" if closing is None else "is not valid JSON"
        raise explain("not-json", what=f"The answer {where}") from None
    if end < len(text):
        raise explain("not-json", what="Other text follows the JSON of the answer")
    return value


def check_list(value: object, problems: list[Problem]) -> list[str]:
    """Add to the problems what is wrong with a list of users; return their names."""
    if not isinstance(value, list):
        raise explain("not-a-list")
    if not value:
        raise explain("empty-list")
    if wrong := sum(not _is_user(user) for user in value):
        problems.append(explain("bad-users", wrong=wrong, all=len(value)))
    names = [user["userName"] for user in value if isinstance(user, dict) and isinstance(user.get("userName"), str)]
    times = Counter(name.casefold() for name in names)
    if len(times) < len(names):
        problems.append(explain("duplicate-users", number=sum(count > 1 for count in times.values())))
    return names


def _is_user(user: object) -> bool:
    if not isinstance(user, dict):
        return False
    name = user.get("userName")
    texts = all(isinstance(user.get(key, ""), str) for key in ("fullName", "distinguishedName"))
    addresses = user.get("emailAddresses", [])
    listed = isinstance(addresses, list) and all(isinstance(address, str) and address for address in addresses)
    return isinstance(name, str) and bool(name.strip()) and texts and listed


def read_verdict(value: object) -> bool:
    """Return the verdict of an answer to cmd=auth."""
    succeeded = value.get("succeeded") if isinstance(value, dict) else None
    if not isinstance(succeeded, bool):
        raise explain("no-verdict")
    return succeeded
