"""What the program refuses or reports in its own words, and requests without encryption or with a wrong name."""

from __future__ import annotations

from ...errors import MissingPackage
from .problem import Problem
from .transport import Reply

NOT_HTTPS = Problem(
    "not-https",
    "The address begins with http://: user names and passwords would travel unencrypted. The password was not sent, and"
    " the remaining steps were left out.",
    "Use the https:// address, here and in MailStore.",
)


def explain_no_challenge(how: str) -> Problem:
    """Explain a refusal that does not ask for a password; ``how`` it refuses."""
    return Problem(
        "no-challenge",
        f"The server refuses a request without a password {how}: MailStore's client would never send it.",
        "Set up Basic authentication for this address, or let the program check the caller: caller(…) in"
        " conf/config.py.",
    )


def explain_credentials(reply: Reply, challenge: Reply) -> Problem:
    """Explain a second 401."""
    said = reply.sentence
    wrong = (
        "Compare them with caller(…) in conf/config.py (blanks at the end count); bin/ais hash-password makes a new"
        " secret and its entry. Or, with web_server(), the web server checks nobody at this address."
    )
    if not said:
        return Problem(
            "credentials",
            "The web server itself checks user name and password, and does not accept them (401 with its own page).",
            "Compare them with the server's password file (htpasswd, AuthUserFile, auth.backend). Or the web server"
            " cannot read that file: its error log says so.",
        )
    if said.startswith("The web server passed on no user name"):
        return Problem(
            "not-checked",
            "conf/config.py leaves the password to the web server, web_server(), which checks nobody at this address.",
            'Switch on the part "The server checks the caller\'s password" of the example file for this address, or let'
            " the program check: caller(…).",
        )
    if said.startswith("No user name and password arrived"):
        return Problem(
            "header-lost",
            "The program says that no user name and password arrived, though they were sent: the web server keeps the"
            " Authorization header to itself, as Apache does by default.",
            "Include apache.conf.example unchanged (CGIPassAuth On); with a bundle, upload its .htaccess unchanged. A"
            " proxy in front, or a rule that rewrites the address, can also lose it.",
        )
    # lighttpd always passes the header on; and a program that tells the two cases apart has seen it.
    if said != challenge.sentence or reply.header("Server").lower().startswith("lighttpd"):
        return Problem("credentials", "The program does not accept this user name and password (401).", wrong)
    return Problem(
        "credentials-or-header",
        "The program gives the same 401 with the user name and password as without: either they are wrong, or the web"
        " server keeps the Authorization header to itself, as Apache does by default.",
        f"This is another implementation or an older one. {wrong} If they are right, include apache.conf.example"
        " unchanged (CGIPassAuth On), or upload a bundle's .htaccess unchanged.",
    )


def explain_multipart(problem: Problem, said: str) -> Problem:
    """Explain a failure that only requests of type multipart/form-data have."""
    remedy = "Let the program at this address, and what is in front of it, take both forms."
    if said == MissingPackage.public:
        remedy = (
            "Install python-multipart for the Python in the first line of index.py, or into lib/vendor, where the web"
            " server's user can read it."
        )
    return Problem(
        "multipart",
        "Only requests of type multipart/form-data fail, which some .NET clients send in place of urlencoded ones."
        f" {problem.text}",
        remedy,
    )


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
