"""Requests that are refused: for lack of encryption, for who asks, or for the encoding of their form."""

from __future__ import annotations

from ...errors import MissingPackage
from .problem import Problem
from .replies import sentence
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
    said = sentence(reply)
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
    if said != sentence(challenge) or reply.header("Server").lower().startswith("lighttpd"):
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
