"""Why there was no answer at all."""

from __future__ import annotations

import socket
import ssl

from .problems import Problem, explain

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_CERTIFICATE = {
    9: "tls-expired/early",
    10: "tls-expired",
    18: "tls-untrusted/itself",
    62: "tls-name",  # of a host
    64: "tls-name",  # of an IP address
}

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
    why = getattr(error, "strerror", None) or type(error).__name__
    if isinstance(error, (socket.gaierror, UnicodeError)):
        key = "unknown-host"
    elif isinstance(error, ssl.SSLCertVerificationError):
        key = _CERTIFICATE.get(error.verify_code, "tls-untrusted/issuer")
    elif isinstance(error, ssl.SSLError):
        why = error.reason or type(error).__name__
        key = "no-tls" if why in _PLAIN else "tls-failed"
    elif isinstance(error, TimeoutError):
        key = f"timeout/{phase}"
    elif isinstance(error, ConnectionRefusedError):
        key = "refused"
    elif phase == "connect":
        key = "unreachable"
    else:
        # http.client.RemoteDisconnected is a ConnectionError.
        key = "no-answer" if isinstance(error, ConnectionError) else "not-http"
    return explain(key, host=host, port=port, timeout=timeout, why=why)
