"""Errors that the program itself reports, in its own words, and what to do about each."""

from __future__ import annotations

from .problem import Problem

_PAGE = (
    "The status page (open the address in a browser, with the caller's name and secret) says more; with a shell also"
    " bin/ais check (--config with the file of a tenant)."
)
_LOG = "The web server's error log has the detail, in a line with mailstore-ais:."

# What an error of status 500 says at its beginning, and what to do. The status page shows none of these.
_REMEDIES = {
    "The configuration cannot be used: this file": "Do what it says. Which file it is, the web server's error log says,"
    " or bin/ais check on the server.",
    "The configuration cannot be used": "bin/ais check says what is wrong, also on your own computer with the same"
    " conf/config.py (--config with another file, such as a tenant's).",
    "The secret of this caller": "Make a new one with bin/ais hash-password, and put what it prints into caller(…).",
    "Python 3.11": "With a shell, ls /usr/bin/python3* names those that are there; else ask the host.",
    "The library cannot be loaded": f"An upload may have been cut short: copy all of lib again. {_LOG}",
}


def explain_error(status: int, said: str, https: bool) -> Problem:
    """Explain an error.

    Args:
        status: no 401.
        said: the program's sentence.
        https: whether the address begins with https://.
    """
    if status == 403 and said.startswith("HTTPS is required"):
        return _https(https)
    if status == 403:
        return Problem(
            "forbidden", f"Refused by the program: {said}", "Do what it says; the option is in conf/config.py."
        )
    if status == 503:
        return Problem(
            "unavailable",
            f"The program runs, but cannot ask a user source: {said}",
            "Usually a database or directory is down, or its host, user or password in conf/config.py is wrong."
            f" {_PAGE}",
        )
    if status >= 500:
        remedies = [remedy for beginning, remedy in _REMEDIES.items() if said.startswith(beginning)]
        return Problem(
            "server-error",
            f"The program runs, but cannot answer ({status}): {said}",
            remedies[0] if remedies else _PAGE,
        )
    return Problem(
        "request-refused",
        f"The program refuses MailStore's request ({status}): {said}",
        "Something between here and the program changes requests, such as a proxy, or another program answers here.",
    )


def _https(https: bool) -> Problem:
    if https:
        return Problem(
            "not-https",
            "The program takes the request for unencrypted (403), though the address begins with https://: a proxy ends"
            " the encryption.",
            "Write require_https = False into conf/config.py, and let nobody but the proxy reach the web server.",
        )
    return Problem(
        "not-https",
        "The address begins with http://, and the program wants https (403). The password was not sent.",
        "Use the https:// address, here and in MailStore. require_https = False is only for a server behind a proxy"
        " that ends the encryption.",
    )
