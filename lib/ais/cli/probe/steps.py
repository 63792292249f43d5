"""What MailStore does, step by step."""

from __future__ import annotations

import binascii
import os
import re
from urllib.parse import quote_plus, urlencode

from . import exposure, refusals
from .bodies import check_list, read_json, read_verdict
from .problem import Problem, StoppedError
from .replies import explain_no_start, explain_reply
from .transport import FORM, Reply, Target, encode_multipart

SLOW = 10.0
"""Seconds after which an answer is slow, unless half of the time-out is less."""


class Probe:
    """A trial of one address.

    Attributes:
        passed: what is well, a sentence each.
        problems: what is not.

    Args:
        target: where.
        user: the caller's name.
        password: the caller's password.
        login: a user's name and password to be tried with cmd=auth.
    """

    def __init__(self, target: Target, user: str, password: str, login: tuple[str, str] | None = None) -> None:
        self.passed: list[str] = []
        self.problems: list[Problem] = []
        self._target = target
        self._login = login
        token = binascii.b2a_base64(f"{user}:{password}".encode(), newline=False).decode("ascii")
        self._authorization = f"Basic {token}"
        tried = login[1] if login else ""
        self._secrets = tuple(secret for secret in (token, password, tried, quote_plus(tried)) if secret)
        self._slow = False

    def run(self) -> None:
        """Take all steps that can be taken."""
        runs = False
        try:
            challenge = self._without_credentials()
        except StoppedError as stopped:
            self._report(*stopped.problem)
            if stopped.problem.code in NOT_REACHED:
                return
        else:
            runs = True
            self._with_credentials(challenge)
        try:
            self._downloads(script_too=not runs)
        except StoppedError:
            pass  # what can be downloaded is not known, and nothing is said about it

    def _downloads(self, script_too: bool) -> None:
        known = {problem.code for problem in self.problems}
        found = [each for each in exposure.find_problems(self._target, script_too) if each.code not in known]
        self.problems += found
        if not any(problem.code == "exposed" for problem in found):
            self.passed.append("No file of the program can be downloaded where it usually lies.")

    def _report(self, code: str, text: str, remedy: str) -> None:
        self.problems.append(Problem(code, text, remedy))

    def _post(self, fields: dict[str, str], authorization: str = "", as_multipart: bool = False) -> Reply:
        kind, body = encode_multipart(fields) if as_multipart else (FORM, urlencode(fields).encode("ascii"))
        reply = self._target.ask("POST", self._target.path, body, authorization, kind)
        limit = min(SLOW, self._target.timeout / 2)
        if reply.seconds > limit and not self._slow:
            self._slow = True
            self._report(
                "slow",
                f"The answer to cmd={fields['cmd']} took {reply.seconds:.1f} s (more than {limit:g} s).",
                "The status page in a browser, or bin/ais check, tells which source takes so long. If every"
                " request is slow: the library is compiled anew each time (docs/troubleshooting.md).",
            )
        return reply

    def _without_credentials(self) -> Reply:
        """Ask as a .NET client does at first; it sends its credentials only after a challenge for them."""
        reply = self._post({"cmd": "list"})
        schemes = {
            word.lower() for word in re.findall(r"(?:^|,)\s*([A-Za-z]+)(?=\s|,|$)", reply.header("WWW-Authenticate"))
        }
        if reply.status == 401:
            if "basic" not in schemes:
                wanted = ", ".join(sorted(schemes)) or "missing"
                raise StoppedError(
                    *refusals.explain_no_challenge(
                        f"(401), but not by Basic authentication (WWW-Authenticate: {wanted})"
                    )
                )
            self.passed.append("The server answers, and asks for user name and password (401, Basic).")
            return reply
        start = reply.body.lstrip()[:1]
        if reply.status != 200 or start not in (b"[", b"{"):
            raise StoppedError(*explain_reply(reply, self._target, self._secrets))
        if start == b"{":
            raise StoppedError(*refusals.explain_no_challenge("by an answer with the status 200, where it must be 401"))
        self._report(
            "open",
            "The server gives the list to anyone, without a password.",
            "Let the program check the caller, caller(…) in conf/config.py, or the web server.",
        )
        return reply

    def _with_credentials(self, challenge: Reply) -> None:
        if not self._target.https and not self._target.loopback:
            self._report(*refusals.NOT_HTTPS)
            return
        try:
            names = self._list(challenge)
            self._stranger()
            if self._login is not None:
                self._login_of(self._login, names)
        except StoppedError as stopped:
            self._report(*stopped.problem)

    def _list(self, challenge: Reply) -> list[str]:
        reply = self._post({"cmd": "list"}, self._authorization)
        if reply.status == 401:
            raise StoppedError(*refusals.explain_credentials(reply, challenge))
        if reply.status == 500 and not reply.sentence and not challenge.sentence:
            raise StoppedError(*explain_no_start(reply, password_too=True))
        names = check_list(self._json(reply), self._report)
        self.passed.append(f"cmd=list gives {len(names)} users, {len(reply.body)} bytes, in {reply.seconds:.2f} s.")
        return names

    def _stranger(self) -> None:
        user, password = _random(), _random()
        fields = {"cmd": "auth", "user": f"probe-{user}", "pass": password}
        reply = self._post(fields, self._authorization)
        if read_verdict(self._json(reply)):
            self._report(
                "anybody",
                "A user who does not exist, with a random password, is let in: everybody can read every archive.",
                "Do not use this in MailStore. Correct auth_query or the program that answers cmd=auth.",
            )
        else:
            untried = " Whether a user gets in was not tried: --login does." if self._login is None else ""
            self.passed.append(f"cmd=auth refuses an unknown user, in {reply.seconds:.2f} s.{untried}")
        self._in_the_other_form(fields)

    def _in_the_other_form(self, fields: dict[str, str]) -> None:
        """Send a command that has been answered once more, as multipart/form-data."""
        reply = None
        try:
            reply = self._post(fields, self._authorization, as_multipart=True)
            read_verdict(self._json(reply))
        except StoppedError as stopped:
            self._report(*refusals.explain_multipart(stopped.problem, reply.sentence if reply else ""))

    def _login_of(self, login: tuple[str, str], names: list[str]) -> None:
        user, password = login
        reply = self._post({"cmd": "auth", "user": user, "pass": password}, self._authorization)
        if read_verdict(self._json(reply)):
            self.passed.append(f"cmd=auth accepts the user of --login, in {reply.seconds:.2f} s.")
        else:
            self._report(
                "login-refused",
                "The user of --login is refused.",
                "The password is wrong; or it was so within the last 15 minutes (throttle), and is not asked again;"
                " or the user is unknown or disabled. The form of the status page says which, or bin/ais auth USER"
                " --explain.",
            )
        if user.casefold() not in {name.casefold() for name in names}:
            self._report(
                "login-not-listed",
                "The user of --login is not in the list, so MailStore would have no archive for this name.",
                "Log in with a name as the list gives it, or change list_query and auth_query so that both mean the"
                " same names.",
            )

    def _json(self, reply: Reply) -> object:
        if reply.status != 200:
            raise StoppedError(*explain_reply(reply, self._target, self._secrets))
        return read_json(reply, self._target, self._report, self._secrets)


NOT_REACHED = (
    *("unknown-host", "refused", "timeout", "unreachable", "no-answer", "not-http", "no-tls"),
    *("tls-failed", "tls-expired", "tls-name", "tls-untrusted"),
)
"""Problems after which there is no server to ask anything."""


def _random() -> str:
    return binascii.hexlify(os.urandom(8)).decode("ascii")
