"""What MailStore does, by curl: the requests of its description and their relatives."""

from __future__ import annotations

import subprocess
from typing import NamedTuple

from support.needs import need_program
from support.site import CALLER, CALLER_PASSWORD

CREDENTIALS = f"{CALLER}:{CALLER_PASSWORD}"
CHALLENGE = 'Basic realm="MailStore integration", charset="UTF-8"'


class Answer(NamedTuple):
    """An HTTP answer: its status, its headers by lower-case name, its body."""

    status: int
    headers: dict[str, str]
    body: bytes


def curl(*arguments: str, body: bytes | None = None) -> Answer:
    """Run curl and take its answer apart.

    Args:
        arguments: options and URL.
        body: sent as it is, by POST; None sends no body.

    Raises:
        subprocess.CalledProcessError: there was no whole answer, such as one that is shorter than its Content-Length.
    """
    command = [
        need_program("curl", "curl"),
        "--silent",
        "--show-error",
        "--include",
        "--max-time",
        "30",
        "--noproxy",
        "*",
    ]
    if body is not None:
        command += ["--data-binary", "@-"]
    done = subprocess.run([*command, *arguments], input=body, stdout=subprocess.PIPE, check=True)
    rest = done.stdout
    while True:
        head, _, rest = rest.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        status = int(first.split()[1])
        if status != 100:
            break
    return Answer(
        status, {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}, rest
    )


def post(url: str, body: bytes, *arguments: str, credentials: str | None = CREDENTIALS) -> Answer:
    """POST an urlencoded form, as MailStore does.

    Args:
        url: where to.
        body: the form, encoded.
        arguments: further options of curl.
        credentials: ``user:password`` for Basic authentication; None sends none.
    """
    who = ("--user", credentials) if credentials is not None else ()
    return curl(*who, *arguments, url, body=body)
