"""Answers that are not what MailStore needs: who gave them, and why."""

from __future__ import annotations

import re

from ...errors import MissingPackage
from .problems import Problem, clean, explain
from .transport import Reply, Target

# What PHP-FPM and php-cgi say when they are asked for a file that is not there, or not theirs.
_PHP_PHRASES = (b"File not found.", b"No input file specified.", b"Access denied.", b"Primary script unknown")

_BY_STATUS = {
    403: "forbidden/server",
    404: "not-found/nothing",
    405: "not-found/file",
    417: "expect",
    **dict.fromkeys((502, 503, 504), "gateway"),
}

_COMPARE = (
    "Compare them with caller(…) in conf/config.py (blanks at the end count); bin/ais hash-password makes a new secret"
    " and its entry. Or, with web_server(), the web server checks nobody at this address."
)
_PAGE = (
    "The status page (open the address in a browser, with the caller's name and secret) says more; with a shell also"
    " bin/ais check (--config with the file of a tenant)."
)

# What an error of status 500 says at its beginning, and what to do. The status page shows none of these.
_REMEDIES = {
    "The configuration cannot be used: this file": "Do what it says. Which file it is, the web server's error log says,"
    " or bin/ais check on the server.",
    "The configuration cannot be used": "bin/ais check says what is wrong, also on your own computer with the same"
    " conf/config.py (--config with another file, such as a tenant's).",
    "The secret of this caller": "Make a new one with bin/ais hash-password, and put what it prints into caller(…).",
    "Python 3.11": "With a shell, ls /usr/bin/python3* names those that are there; else ask the host.",
    "The library cannot be loaded": "An upload may have been cut short: copy all of lib again. The web server's error"
    " log has the detail, in a line with mailstore-ais:.",
}

_APACHE_LOG = (
    "Apache's error log says which, under suEXEC (shared hosting) only the host's suexec.log; for a bundle it may also"
    " be a line of .htaccess that the host does not allow."
)
_LIGHTTPD_LOG = (
    "lighttpd's journal (or server.breakagelog if set), or its error log in newer versions, says which: Permission"
    " denied. For Windows line ends the journal says Unknown option: -."
)

ONLY_TLS_1_3 = (
    "The server takes TLS 1.3 only, which MailStore on Windows Server 2019, Windows 10 or older does not have. lighttpd"
    " 1.4.77 and newer need the line with MinProtocol of docs/lighttpd.md (HTTPS) for TLS 1.2."
)

QUOTED_BOUNDARY = (
    "A firewall refuses forms of type multipart/form-data whose boundary stands in quotes (rule 200003 of ModSecurity)."
    " MailStore sends urlencoded forms, which pass."
)


def is_html(body: bytes) -> bool:
    """Whether a body is a page for people."""
    tags = rb"\s*(<!doctype html|<html|<\?xml[^>]*>\s*<!doctype html|<head|<body|<br)"
    return re.match(tags, body, re.IGNORECASE) is not None


def is_source(body: bytes) -> bool:
    """Whether a body is the text of a script."""
    head = body[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    first = head.split(b"\n", 1)[0]
    if first.startswith(b"#!") or b'"""CGI entry of the Application Integration Server' in head:
        return True
    return head.startswith(b"<?php") or re.match(rb"(import|from) \w+", head) is not None


def by_php(reply: Reply) -> bool:
    """Whether PHP gave an answer. (That is no fault by itself: an implementation may be in PHP.)"""
    powered = reply.header("X-Powered-By").lower().startswith("php")
    return powered or reply.body.strip() in _PHP_PHRASES


def explain_source(reply: Reply) -> Problem:
    """Explain a reply that is the text of a script."""
    # PHP calls what it prints HTML, and leaves out a first line that begins with #!.
    html = reply.header("Content-Type").lower().startswith("text/html")
    php = by_php(reply) or html or (b'"""CGI entry' in reply.body[:100] and not reply.body.startswith(b"#!"))
    return explain("php/source" if php else "script-as-text")


def explain_reply(reply: Reply, target: Target, secrets: tuple[str, ...]) -> Problem:
    """Explain a reply whose status or kind MailStore cannot use.

    Args:
        reply: not a 401 with a challenge, and no JSON with status 200.
        target: where it came from.
        secrets: what must not be repeated from it.
    """
    status, body = reply.status, reply.body
    if is_source(body):
        return explain_source(reply)
    if 300 <= status < 400:
        return _redirect(reply, target, secrets)
    if reply.sentence:
        return _explain_error(status, clean(reply.sentence, secrets), target.https)
    if by_php(reply) and not (status == 403 and body.strip() not in _PHP_PHRASES):
        return explain("php/answers", status=status, folder=target.url.rpartition("/")[0])
    # "speaking plain HTTP to an SSL-enabled server port" (Apache), "sent to HTTPS port" (nginx).
    if status == 400 and not target.https and (b"SSL-enabled" in body or b"HTTPS port" in body):
        return explain("https-port")
    if status == 500:
        return explain_no_start(reply)
    if 200 <= status < 300:
        kind = "a page for people (HTML)" if is_html(body) else "other text" if body.strip() else "nothing"
        return explain("not-json/answer", kind=kind)
    return explain(_BY_STATUS.get(status, "status"), status=status)


def _redirect(reply: Reply, target: Target, secrets: tuple[str, ...]) -> Problem:
    location = reply.header("Location")
    lost = "" if reply.status in (307, 308) else ", and turns its POST into a GET that has lost its fields"
    if location.startswith("https://") and not target.https:
        remedy = "Begin the address with https:// in MailStore."
    elif location.partition("?")[0].endswith(f"{target.path}/"):
        remedy = "Add the slash at the end of the address in MailStore."
    else:
        remedy = (
            "Enter the address that it leads to in MailStore. If that is a log-in page, except this address from it."
        )
    location = clean(location, secrets) or "nowhere"
    return explain("redirect", status=reply.status, location=location, lost=lost, remedy=remedy)


def _explain_error(status: int, said: str, https: bool) -> Problem:
    """Explain an error, no 401, that the program reports in a sentence."""
    remedy = _PAGE
    if status == 403 and said.startswith("HTTPS is required"):
        passed = "a proxy on the server" in said
        key = "not-https/proxy" if https else "not-https/passed" if passed else "not-https/refused"
    elif status == 403:
        key = "forbidden/program"
    elif status == 404:
        key = "not-found/tenant"
    elif status == 503:
        key = "unavailable"
    elif status >= 500:
        key = "server-error"
        remedy = next((remedy for beginning, remedy in _REMEDIES.items() if said.startswith(beginning)), _PAGE)
    else:
        key = "request-refused"
    return explain(key, status=status, said=said, remedy=remedy)


def explain_no_start(reply: Reply, password_too: bool = False) -> Problem:
    """Explain a bare 500; `password_too`: the web server itself checks the password, and got one."""
    server = reply.header("Server").lower()
    logs = [] if server.startswith("lighttpd") else [_APACHE_LOG]
    logs += [] if server.startswith("apache") else [_LIGHTTPD_LOG]
    task, first = "start", "In"
    if password_too:
        task = "check the password, or not start"
        first = "The web server may not read its password file: its error log says so. Else, in"
    page = "its own page" if reply.body else "an empty page"
    return explain("cannot-start", task=task, page=page, first=first, logs=" ".join(logs))


def explain_credentials(reply: Reply, challenge: Reply) -> Problem:
    """Explain a second 401."""
    said = reply.sentence
    if not said:
        key = "credentials/server"
    elif said.startswith("The web server passed on no user name"):
        key = "not-checked"
    elif said.startswith("No user name and password arrived"):
        key = "header-lost"
    # lighttpd always passes the header on; and a program that tells the two cases apart has seen it.
    elif said != challenge.sentence or reply.header("Server").lower().startswith("lighttpd"):
        key = "credentials/program"
    else:
        key = "credentials-or-header"
    return explain(key, compare=_COMPARE)


def explain_multipart(problem: Problem, said: str) -> Problem:
    """Explain a failure that only requests of type multipart/form-data have."""
    remedy = "Let the program at this address, and what is in front of it, take both forms."
    if said == MissingPackage.public:
        remedy = (
            "Install python-multipart for the Python in the first line of index.py, or into lib/vendor, where the web"
            " server's user can read it."
        )
    return explain("multipart", text=problem.text, remedy=remedy)
