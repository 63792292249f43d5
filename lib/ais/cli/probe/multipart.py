"""The other encoding of a form, and what is wrong when only that fails."""

from __future__ import annotations

import binascii
import os

from ...errors import MissingPackage
from .problem import Problem


def encoded(fields: dict[str, str]) -> tuple[str, bytes]:
    """Return the Content-Type and the body of a form (RFC 7578), written as .NET's MultipartFormDataContent does."""
    boundary = binascii.hexlify(os.urandom(8)).decode("ascii")
    parts = [
        f"--{boundary}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Disposition: form-data; name={name}\r\n\r\n{value}\r\n"
        for name, value in fields.items()
    ]
    return f'multipart/form-data; boundary="{boundary}"', "".join([*parts, f"--{boundary}--\r\n"]).encode()


def fails(problem: Problem, said: str) -> Problem:
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
