"""TLS that checks the server's certificate and its name."""

from __future__ import annotations

from ..errors import ConfigError
from ..options import check_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl


def check_ca_file(function: str, ca_file: object) -> str | None:
    """Return the absolute path of a file of certificates, if one is named; ConfigError if it is no path."""
    return None if ca_file is None else check_path(f"{function}: ca_file", ca_file, "the path of a file (PEM)")


def tls_context(function: str, ca_file: str | None) -> ssl.SSLContext:
    """Return a context that checks the server's certificate, by `ca_file` if one is named, and its name.

    ConfigError says for `function`, which the administrator called, that the file cannot be used.
    """
    import ssl  # here, because who only reads a configuration need not pay for it

    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise ConfigError(f"{function}: ca_file {ca_file} cannot be used: {reason}") from None
    # Python 3.13 and newer refuse authorities that lack what RFC 5280 asks of them. MySQL makes itself such ones, and
    # many a company has one; a newer Python must not end its logins.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context
