"""Why an encrypted connection failed."""

from __future__ import annotations

import ssl

from .problem import Problem

# X509_V_ERR_… of OpenSSL's x509_vfy.h.
_NOT_YET_VALID, _EXPIRED, _WRONG_NAME, _WRONG_ADDRESS = 9, 10, 62, 64
_SELF_SIGNED = 18

_PLAIN = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "PACKET_LENGTH_TOO_LONG", "RECORD_LAYER_FAILURE")


def explained(error: ssl.SSLError, host: str) -> Problem:
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
