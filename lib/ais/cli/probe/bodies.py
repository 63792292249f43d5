"""Whether the body of an answer is what MailStore's client can read, and says what MailStore needs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from .problem import Problem, StoppedError
from .replies import explain_reply, is_html, is_source
from .transport import Reply, Target

Report = Callable[[str, str, str], None]

_NO_OUTPUT = "Nothing may be printed before or after the JSON, and no proxy may add to it."


def read_json(reply: Reply, target: Target, report: Report, secrets: tuple[str, ...]) -> object:
    """Return the JSON value of an answer, and report what only some clients can read.

    Raises:
        StoppedError: the answer cannot be read.
    """
    if reply.cut:
        raise StoppedError(*_cut_short(f"The answer is cut short: {reply.cut}."))
    body = reply.body
    if reply.header("Content-Encoding").lower() not in ("", "identity") or body.startswith(b"\x1f\x8b"):
        raise StoppedError(
            "compressed",
            "The answer is compressed, though that was not asked for: MailStore's client cannot read it.",
            "Switch compression off for this address (the example files do), also in a proxy in front.",
        )
    _check_charset(reply, report)
    if body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
        report(
            "bom",
            "The answer begins with a byte order mark, which some .NET clients take for a part of the JSON.",
            "Save the script and the files it reads as UTF-8 without BOM.",
        )
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise StoppedError(
            "charset", "The answer is not UTF-8.", "Send JSON in UTF-8, or in ASCII with \\u escapes."
        ) from None
    return _parse(text, reply, target, secrets)


def _check_charset(reply: Reply, report: Report) -> None:
    match = re.search(r";\s*charset\s*=\s*([^;\s]+)", reply.header("Content-Type"), re.IGNORECASE)
    if match and match[1].lower() not in ("utf-8", "us-ascii"):
        report(
            "charset",
            f"The Content-Type names the charset {match[1]}, which not every .NET client takes.",
            "Send Content-Type: text/json; charset=utf-8 (with the hyphen, without quotes). This program does so:"
            " AddCharset or AddDefaultCharset of the web server, or another program, changes it.",
        )


def _parse(text: str, reply: Reply, target: Target, secrets: tuple[str, ...]) -> object:
    stripped = text.strip()
    if not stripped or is_html(reply.body) or is_source(reply.body):
        raise StoppedError(*explain_reply(reply, target, secrets))
    try:
        value, end = json.JSONDecoder().raw_decode(stripped)
    except (ValueError, RecursionError):
        closing = {"[": "]", "{": "}"}.get(stripped[0])
        if closing and not stripped.endswith(closing):
            raise StoppedError(*_cut_short("The answer is cut short: its JSON breaks off.")) from None
        where = "has other text in front of the JSON or is not JSON" if closing is None else "is not valid JSON"
        raise StoppedError("not-json", f"The answer {where}.", _NO_OUTPUT) from None
    if end < len(stripped):
        raise StoppedError("not-json", "Other text follows the JSON of the answer.", _NO_OUTPUT)
    return value


def _cut_short(text: str) -> Problem:
    return Problem(
        "cut-short",
        text,
        "The script died, or a proxy or a size or time limit cut it off: see the error logs of both. MailStore could"
        " take a part of the list for the whole, and delete the users that are missing.",
    )


def check_list(value: object, report: Report) -> list[str]:
    """Report what is wrong with a list of users; return their names.

    Raises:
        StoppedError: it is no list, or an empty one.
    """
    if not isinstance(value, list):
        raise StoppedError(
            "not-a-list",
            "The answer to cmd=list is JSON, but no list of users.",
            "Another program answers at this address, or it does not know cmd=list.",
        )
    if not value:
        raise StoppedError(
            "empty-list",
            "The list of users is empty. MailStore can be set to delete users who are not listed: that would be all.",
            "Correct list_query, the file or the filter of the source; guard(min_users=1) refuses such a list.",
        )
    wrong = sum(not _is_user(user) for user in value)
    if wrong:
        report(
            "bad-users",
            f"{wrong} of {len(value)} entries are no users as MailStore wants them: each must be an object with a"
            " userName that is a text and not empty; fullName and distinguishedName are texts, emailAddresses is a"
            " list of texts.",
            "Correct the query or program that makes the list.",
        )
    names = [user["userName"] for user in value if isinstance(user, dict) and isinstance(user.get("userName"), str)]
    folded = [name.casefold() for name in names]
    if len(set(folded)) < len(folded):
        seen: set[str] = set()
        twice = {name for name in folded if name in seen or seen.add(name)}  # type: ignore[func-returns-value]
        report(
            "duplicate-users",
            f"{len(twice)} user name(s) are listed more than once, upper and lower case taken alike.",
            "Give each user once, with all addresses; the status page in a browser, or bin/ais check, names them.",
        )
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
    """Return the verdict of an answer to cmd=auth.

    Raises:
        StoppedError: there is none.
    """
    succeeded = value.get("succeeded") if isinstance(value, dict) else None
    if not isinstance(succeeded, bool):
        raise StoppedError(
            "no-verdict",
            'The answer to cmd=auth is JSON, but not {"succeeded": true} or {"succeeded": false}.',
            "Another program answers at this address, or it does not know cmd=auth.",
        )
    return succeeded
