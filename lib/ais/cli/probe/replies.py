"""Answers that are not what MailStore needs: who gave them, and why."""

from __future__ import annotations

import re

from . import refusals
from .problem import Problem, clean
from .transport import Reply, Target

# What PHP-FPM and php-cgi say when they are asked for a file that is not there, or not theirs.
_PHP_PHRASES = (b"File not found.", b"No input file specified.", b"Access denied.", b"Primary script unknown")


def is_html(body: bytes) -> bool:
    """Whether a body is a page for people."""
    return (
        re.match(rb"\s*(<!doctype html|<html|<\?xml[^>]*>\s*<!doctype html|<head|<body|<br)", body, re.IGNORECASE)
        is not None
    )


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
    if by_php(reply) or html or (b'"""CGI entry' in reply.body[:100] and not reply.body.startswith(b"#!")):
        return Problem(
            "php",
            "PHP took the address and sent the text of the script, which is Python, to the visitor.",
            "The file must be called index.py, not index.php. Let the web server map the address to it before PHP is"
            " asked: include lighttpd.conf.example or apache.conf.example unchanged; with a bundle, upload its"
            " .htaccess.",
        )
    return Problem(
        "script-as-text",
        "The web server sends the text of the script instead of running it.",
        "Apache: switch CGI on (a2enmod cgi) and include apache.conf.example. Shared hosting: .htaccess is missing or"
        " ignored there. lighttpd: mod_cgi and lighttpd.conf.example. Until then take the files, and the secrets in"
        " conf/config.py, off the server.",
    )


def explain_reply(reply: Reply, target: Target, secrets: tuple[str, ...]) -> Problem:
    """Explain a reply whose status or kind MailStore cannot use.

    Args:
        reply: not a 401 with a challenge, and no JSON with status 200.
        target: where it came from.
        secrets: what must not be repeated from it.
    """
    if is_source(reply.body):
        return explain_source(reply)
    if 300 <= reply.status < 400:
        return _redirect(reply, target, secrets)
    said = reply.sentence
    if said:
        return refusals.explain_error(reply.status, clean(said, secrets), target.https)
    if by_php(reply) and not (reply.status == 403 and reply.body.strip() not in _PHP_PHRASES):
        return Problem(
            "php",
            f"PHP answers at this address (status {reply.status}), not this program.",
            "Either the address is not mapped to index.py, and a PHP application such as WordPress answers in its"
            " place; or a rule that gives every .php address to PHP comes first. Include the example file unchanged: it"
            f" keeps PHP off. With a bundle, try the address without index.php: {target.url.rpartition('/')[0]}/",
        )
    return _by_the_web_server(reply, target)


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
    return Problem(
        "redirect",
        f"The server redirects ({reply.status}) to {clean(location, secrets) or 'nowhere'}: MailStore's client follows"
        f" without the password{lost}.",
        remedy,
    )


def _by_the_web_server(reply: Reply, target: Target) -> Problem:
    status = reply.status
    # "speaking plain HTTP to an SSL-enabled server port" (Apache), "sent to HTTPS port" (nginx).
    if status == 400 and not target.https and (b"SSL-enabled" in reply.body or b"HTTPS port" in reply.body):
        return Problem(
            "https-port",
            "This port is for https, and the address begins with http:// (400).",
            "Begin the address with https://, here and in MailStore.",
        )
    if status == 404:
        return Problem(
            "not-found",
            "There is nothing at this address (404).",
            "Compare the address letter by letter. The example file is not included, or the web server was not"
            " reloaded, or another site (virtual host) of this server answers. With a bundle: .htaccess was not"
            " uploaded.",
        )
    if status == 403:
        return Problem(
            "forbidden",
            "The web server forbids the address (403), before the program is asked.",
            "The web server's user may not enter a folder above the script; or Require, allow or deny in the server's"
            " configuration; or a filter such as mod_security: its error log says which.",
        )
    if status == 500:
        return explain_no_start(reply)
    if status in (502, 503, 504):
        return Problem(
            "gateway",
            f"The web server waited for the program, or a proxy for the web server, and gave up ({status}).",
            "Where a proxy is in front: is the server behind it running? Else the script took longer than the server"
            " allows: make timeout in conf/config.py smaller than the server's limit, and see bin/ais check.",
        )
    if status == 405:
        return Problem(
            "not-found",
            "The web server takes no POST at this address (405): it is a plain file to it, and no script.",
            "Include the example file in the web server's configuration, and compare the address.",
        )
    if status == 417:
        return Problem(
            "expect",
            "The server refuses the header Expect: 100-continue (417), which .NET clients send.",
            "An old proxy or server is in between: let MailStore ask the web server directly.",
        )
    if 200 <= status < 300:
        kind = (
            "a page for people (HTML)" if is_html(reply.body) else "nothing" if not reply.body.strip() else "other text"
        )
        return Problem(
            "not-json",
            f"The server sends {kind} where a user list or a verdict should be.",
            "Another program answers at this address: a start page, a log-in page, a parked domain. Compare the"
            " address, and which site (virtual host) it leads to.",
        )
    return Problem(
        "status",
        f"The server answers with status {status}.",
        "That is not from this program. Compare the address, and see the web server's error log.",
    )


_APACHE_LOG = (
    "Apache's error log says which, under suEXEC (shared hosting) only the host's suexec.log; for a bundle it may also"
    " be a line of .htaccess that the host does not allow."
)
_LIGHTTPD_LOG = (
    "lighttpd's journal, or its server.breakagelog if set, says which: Permission denied, or Unknown option: - for"
    " Windows line ends."
)


def explain_no_start(reply: Reply, password_too: bool = False) -> Problem:
    """Explain a bare 500.

    Args:
        reply: the answer.
        password_too: whether the web server itself checks the password, and had one to check.
    """
    server = reply.header("Server").lower()
    logs = [] if server.startswith("lighttpd") else [_APACHE_LOG]
    logs += [] if server.startswith("apache") else [_LIGHTTPD_LOG]
    page = "its own page" if reply.body else "an empty page"
    first = "The web server may not read its password file: its error log says so. Else, in" if password_too else "In"
    return Problem(
        "cannot-start",
        f"The web server could not {'check the password, or not ' if password_too else ''}start the script (500 with"
        f" {page}).",
        f"{first} this order: index.py is executable (755), and its folders are not writable for others; it has Unix"
        " line ends (upload in binary mode); its first line names a Python that exists. " + " ".join(logs),
    )
