"""The options of sources about stored passwords."""

from __future__ import annotations

from ..errors import ConfigError
from ..passwords.schemes import BRACED


def check_options(who: str, default_scheme: object, password_charset: object) -> None:
    """Check what a source is to pass to `ais.passwords.verify`, so that a typo shows before the first login.

    Args:
        who: the function that has the options, such as ``sql()``.
        default_scheme: a scheme as Dovecot writes it, with or without braces and ``.HEX`` or ``.B64``; or None.
        password_charset: a charset that Python knows; or None.

    Raises:
        ConfigError: one of them cannot be used.
    """
    if default_scheme is not None:
        scheme = default_scheme.strip("{} ").upper() if isinstance(default_scheme, str) else ""
        name, dot, coding = scheme.rpartition(".")
        if (name if dot and coding in ("HEX", "B64", "BASE64") else scheme) not in BRACED:
            raise ConfigError(f"{who}: default_scheme is not a known scheme, such as PLAIN or SSHA512")
    if password_charset is not None:
        try:
            "\xe9".encode(password_charset, "replace")  # type: ignore[arg-type]  # checked here
        except (LookupError, TypeError, ValueError):
            raise ConfigError(f"{who}: password_charset is not a charset that Python knows") from None
