"""Why there was no answer at all."""

from __future__ import annotations

import http.client
import socket
import ssl

from .problem import Problem

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_NOT_YET_VALID, _EXPIRED, _WRONG_NAME, _WRONG_ADDRESS = 9, 10, 62, 64
_SELF_SIGNED = 18

_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")


def explain_silence(error: Exception, phase: str, host: str, port: int, timeout: float) -> Problem:
    """Explain an exception of a request.

    Args:
        error: an OSError, HTTPException or UnicodeError.
        phase: ``connect`` until the connection is there, then ``answer``.
        host: who was asked.
        port: the port there.
        timeout: seconds that the request might take.
    """
    where = f"{host}, port {port}"
    if isinstance(error, (socket.gaierror, UnicodeError)):
        return Problem(
            "unknown-host",
            f"No server of the name {host} is known.",
            "Compare the name in the address. If it is right, its DNS record is missing, or this computer cannot"
            " ask its DNS server.",
        )
    if isinstance(error, ssl.SSLError):
        return _explain_handshake(error, host)
    if isinstance(error, TimeoutError):
        return _too_slow(phase, where, timeout)
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


def _explain_handshake(error: ssl.SSLError, host: str) -> Problem:
    """Explain a failed handshake with ``host``."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return _certificate(error, host)
    reason = error.reason or ""
    if reason in _PLAIN:
        return Problem(
            "no-tls",
            "The server does not speak TLS on this port.",
            "Set up https on the web server (docs/lighttpd.md and docs/apache.md, HTTPS), or compare the port.",
        )
    return Problem(
        "tls-failed",
        f"The encrypted connection failed ({reason or type(error).__name__}).",
        "The server is set up for old TLS versions only, or for other names, or it asks for a client's certificate: see"
        " the web server's error log.",
    )


def _certificate(error: ssl.SSLCertVerificationError, host: str) -> Problem:
    if error.verify_code == _EXPIRED:
        return Problem(
            "tls-expired",
            "The server's certificate has expired.",
            "Renew it (certbot renew), and reload the web server. If it was renewed, the server has not been reloaded.",
        )
    if error.verify_code == _NOT_YET_VALID:
        return Problem(
            "tls-expired",
            "The server's certificate is not valid yet.",
            "Set the clocks of this computer and of the server.",
        )
    if error.verify_code in (_WRONG_NAME, _WRONG_ADDRESS):
        return Problem(
            "tls-name",
            f"The server's certificate is for another name than {host}.",
            "Enter the name that the certificate is for, or get a certificate for this one. With several sites on one"
            " server: this site has none of its own, and another site's is sent.",
        )
    if error.verify_code == _SELF_SIGNED:
        return Problem(
            "tls-untrusted",
            "The server's certificate is not trusted: it is self-signed.",
            "Best get one of a public authority (certbot). Else give --ca-file cert.pem here, and on MailStore's"
            " computer import it (Windows: trusted root authorities), or tick Ignore SSL warnings in MailStore.",
        )
    return Problem(
        "tls-untrusted",
        "The server's certificate is not trusted: its issuer is not known here.",
        "Let the web server send the whole chain (fullchain.pem, not cert.pem). For a certificate authority of your"
        " own: give --ca-file here, and install its certificate on the MailStore server (Windows: trusted root"
        " authorities).",
    )
