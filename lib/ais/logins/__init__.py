"""Where passwords are checked elsewhere: one module for each kind, imported when the configuration names it.

What all of them do first is here: make the name, and answer no where nothing can be right.
"""

from __future__ import annotations

from ..errors import ConfigError
from ..sources import Login

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Login", "NamedLogin"]


class NamedLogin(Login):
    """A login that asks about a name and a password.

    Args:
        option: function and argument with the pattern, for errors.
        pattern: a text with ``{user}`` for the name in the list, ``{local}`` for what is before its last ``@`` (all of
            it without an ``@``) and ``{domain}`` for what is behind.
        ask: says whether this is the password, as `Login.verify`, of two texts in UTF-8, neither empty nor with a NUL.
        escape: makes a part of the name fit for where it goes.

    Raises:
        ConfigError: the pattern cannot be used, or would be the same for all users.
    """

    in_time = True

    def __init__(
        self, option: str, pattern: object, ask: Callable[[bytes, bytes], bool], escape: Callable[[str], str] = str
    ) -> None:
        # Each part but the first begins with a place and its brace; the first gets a brace, too.
        parts = [part.partition("}") for part in f"}}{pattern}".split("{")] if isinstance(pattern, str) else []
        places = {place for place, _, _ in parts[1:]}
        clean = all(brace and "}" not in text and "\0" not in text for _, brace, text in parts)
        if not clean or not places & {"user", "local"} or places - {"user", "local", "domain"}:
            raise ConfigError(
                f"{option} must be a text with {{user}} or {{local}} in it, such as '{{user}}@example.com'; "
                "{domain} is the only other word in braces"
            )
        self._parts = [(place, text) for place, _, text in parts]
        self._ask = ask
        self._escape = escape

    def verify(self, user: str, password: str) -> bool:
        """Ask, unless a text is empty or cannot be sent, so that the answer is a no in any case."""
        if not user or not password or "\0" in user or "\0" in password:
            return False
        local, at, domain = user.rpartition("@")
        values = {"": "", "user": user, "local": local if at else user, "domain": domain if at else ""}
        try:
            name = "".join(self._escape(values[place]) + text for place, text in self._parts).encode("utf-8")
            secret = password.encode("utf-8")
        except UnicodeEncodeError:
            return False
        return name != b"" and self._ask(name, secret)
