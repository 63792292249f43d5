"""What MailStore does, step by step."""

from __future__ import annotations

import os
import re
from base64 import b64encode
from urllib.parse import quote_plus, urlencode

from ...checking.report import count
from . import exposure, replies
from .bodies import check_list, read_json, read_verdict
from .problems import Problem, explain
from .silence import SILENCE_SECONDS, loses_requests
from .transport import FORM, Reply, Target, encode_multipart

SLOW = 10.0
"""Seconds after which an answer is slow, unless half of the time-out is less."""

NOT_REACHED = (
    *("unknown-host", "refused", "timeout", "unreachable", "no-answer", "not-http", "no-tls"),
    *("tls-failed", "tls-expired", "tls-name", "tls-untrusted"),
)
"""Problems after which there is no server to ask anything."""


class Probe:
    """A trial of one address.

    Attributes:
        passed: what works, in one sentence each.
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
        token = b64encode(f"{user}:{password}".encode()).decode("ascii")
        self._authorization = f"Basic {token}"
        tried = login[1] if login else ""
        self._secrets = tuple(secret for secret in (token, password, tried, quote_plus(tried)) if secret)

    def run(self) -> None:
        """Take all steps that can be taken."""
        runs = False
        try:
            challenge = self._ask_without_credentials()
            runs = True
            if self._target.https and not self._target.takes_tls_1_2():
                self.passed.append(replies.ONLY_TLS_1_3)
            if self._target.https or self._target.loopback:
                self._ask_with_credentials(challenge)
            else:
                self._report("not-https/unsent")
        except Problem as problem:
            self.problems.append(problem)
            if problem.code in NOT_REACHED and not runs:
                return
        try:
            known = {problem.code for problem in self.problems}
            found = [each for each in exposure.find_problems(self._target, not runs) if each.code not in known]
        except Problem:
            return  # what can be downloaded is not known, and nothing is said about it
        self.problems += found
        if not any(problem.code == "exposed" for problem in found):
            self.passed.append("No file of the program can be downloaded where it usually lies.")

    def _report(self, key: str, **values: object) -> None:
        self.problems.append(explain(key, **values))

    def _post(self, fields: dict[str, str], authorization: str = "", form: tuple[str, bytes] | None = None) -> Reply:
        kind, body = form or (FORM, urlencode(fields).encode("ascii"))
        reply = self._target.ask("POST", self._target.path, body, authorization, kind)
        limit = min(SLOW, self._target.timeout / 2)
        if reply.seconds > limit and not any(problem.code == "slow" for problem in self.problems):
            self._report("slow", cmd=fields["cmd"], seconds=reply.seconds, limit=limit)
        return reply

    def _ask_without_credentials(self) -> Reply:
        """Ask as a .NET client does at first; it sends its credentials only after a challenge for them."""
        reply = self._post({"cmd": "list"})
        if reply.status == 401:
            words = re.findall(r"(?:^|,)\s*([A-Za-z]+)(?=\s|,|$)", reply.header("WWW-Authenticate"))
            schemes = {word.lower() for word in words}
            if "basic" not in schemes:
                wanted = ", ".join(sorted(schemes)) or "missing"
                how = f"(401), but not by Basic authentication (WWW-Authenticate: {wanted})"
                raise explain("no-challenge", how=how)
            self.passed.append("The server answers, and asks for user name and password (401, Basic).")
            return reply
        start = reply.body.lstrip()[:1]
        if reply.status != 200 or start not in (b"[", b"{"):
            raise replies.explain_reply(reply, self._target, self._secrets)
        if start == b"{":
            raise explain("no-challenge", how="by an answer with the status 200, where it must be 401")
        self._report("open")
        return reply

    def _ask_with_credentials(self, challenge: Reply) -> None:
        reply = self._post({"cmd": "list"}, self._authorization)
        if reply.status == 401:
            raise replies.explain_credentials(reply, challenge)
        if reply.status == 500 and not reply.sentence and not challenge.sentence:
            raise replies.explain_no_start(reply, password_too=True)
        names = check_list(self._json(reply), self.problems)
        users = count(len(names), "user")
        self.passed.append(f"cmd=list gives {users}, {len(reply.body)} bytes, in {reply.seconds:.2f} s.")
        stranger = {"cmd": "auth", "user": f"probe-{os.urandom(8).hex()}", "pass": os.urandom(8).hex()}
        self._try_stranger(stranger)
        self._try_multipart(stranger)
        if self._login is not None:
            self._try_login(*self._login, names)
        if reply.kept:
            self._try_silence(stranger)
        self._try_firewall(stranger)

    def _try_stranger(self, fields: dict[str, str]) -> None:
        """Try to log in a user who does not exist."""
        reply = self._post(fields, self._authorization)
        if read_verdict(self._json(reply)):
            self._report("anybody")
        else:
            untried = " Whether a user gets in was not tried: --login does." if self._login is None else ""
            self.passed.append(f"cmd=auth refuses an unknown user, in {reply.seconds:.2f} s.{untried}")

    def _try_multipart(self, fields: dict[str, str]) -> None:
        """Try the other kind of form; what only the quotes of .NET's boundary spoil does no harm to MailStore."""
        said = ""
        try:
            reply = self._post(fields, self._authorization, encode_multipart(fields, quoted=True))
            said = reply.sentence
            if reply.status != 200 and not said:
                plain = self._post(fields, self._authorization, encode_multipart(fields, quoted=False))
                if plain.status == 200:
                    self.passed.append(replies.QUOTED_BOUNDARY)
                    return
            read_verdict(self._json(reply))
        except Problem as problem:
            self.problems.append(replies.explain_multipart(problem, said))

    def _try_login(self, user: str, password: str, names: list[str]) -> None:
        reply = self._post({"cmd": "auth", "user": user, "pass": password}, self._authorization)
        if read_verdict(self._json(reply)):
            self.passed.append(f"cmd=auth accepts the user of --login, in {reply.seconds:.2f} s.")
        else:
            self._report("login-refused")
        if user.casefold() not in {name.casefold() for name in names}:
            self._report("login-not-listed")

    def _try_silence(self, fields: dict[str, str]) -> None:
        """Send two requests on one connection, with some seconds between them."""
        if loses_requests(self._target, urlencode(fields).encode("ascii"), self._authorization):
            self._report("closes-early")
        else:
            self.passed.append(f"A connection that is silent for {SILENCE_SECONDS:g} s takes a further request.")

    def _try_firewall(self, fields: dict[str, str]) -> None:
        """Try a password that looks like an attack; last, since a firewall may shut us out then."""
        reply = self._post({**fields, "pass": f"x' OR 1=1-- {fields['pass']}"}, self._authorization)
        if not reply.sentence and (reply.status != 200 or replies.is_html(reply.body)):
            self._report("filtered", status=reply.status)

    def _json(self, reply: Reply) -> object:
        if reply.status != 200:
            raise replies.explain_reply(reply, self._target, self._secrets)
        return read_json(reply, self._target, self.problems, self._secrets)
