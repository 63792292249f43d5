"""Why there was no answer at all."""

from __future__ import annotations

import http.client
import socket
import ssl

from . import tls
from .problem import Problem

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .transport import Target


def explained(error: Exception, phase: str, target: Target) -> Problem:
    """Explain an exception of a request.

    Args:
        error: an OSError, HTTPException or UnicodeError.
        phase: ``connect`` until the connection is there, then ``answer``.
        target: who was asked.
    """
    where = f"{target.host}, port {target.port}"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return Problem(
            "unknown-host",
            f"No server of the name {target.host} is known.",
            "Compare the name in the address. If it is right, its DNS record is missing, or this computer cannot"
            " ask its DNS server.",
        )
    if isinstance(error, ssl.SSLError):
        return tls.explained(error, target.host)
    if isinstance(error, TimeoutError):
        return _too_slow(phase, where, target.timeout)
    if isinstance(error, ConnectionRefusedError):
        return Problem(
            "refused",
            f"{where} refuses connections.",
            "The web server is not running, or it listens on another port or address: start it, compare the port.",
        )
    if phase == "connect":
        why = getattr(error, "strerror", None) or type(error).__name__
        return Problem(
            "unreachable",
            f"{where} cannot be reached ({why}).",
            "Compare the name and the network: the address may be of a network that this computer is not in.",
        )
    if isinstance(error, (http.client.RemoteDisconnected, ConnectionError)):
        return Problem(
            "no-answer",
            f"{where} closed the connection without an answer.",
            "A port for https may do so when it is asked without encryption: begin the address with https://. Else a"
            " firewall in between, or the web server's error log.",
        )
    return Problem(
        "not-http",
        f"What {where} answers is not HTTP.",
        "Another service listens there, or the port is for https: compare the port and the beginning of the address.",
    )


def _too_slow(phase: str, where: str, timeout: float) -> Problem:
    if phase == "connect":
        return Problem(
            "timeout",
            f"{where} did not take the connection within {timeout:g} s.",
            "A firewall drops it, or the computer is off: open the port for the address of the MailStore server.",
        )
    return Problem(
        "timeout",
        f"{where} did not answer within {timeout:g} s.",
        "A user source hangs, or the web server waits for one: the status page in a browser, or bin/ais check, tells"
        " which. The time limit is timeout in conf/config.py.",
    )
