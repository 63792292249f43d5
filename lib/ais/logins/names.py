"""What all logins do before they ask: make the name, and answer no where nothing can be right."""

from __future__ import annotations

from ..errors import ConfigError
from . import Login

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PLACES = ("user", "local", "domain")


class NamedLogin(Login):
    """A login that asks about a name and a password.

    Args:
        option: function and argument with the pattern, for errors.
        pattern: a text with ``{user}`` for the name in the list, ``{local}`` for what is before its last ``@`` (all of
            it where there is none) and ``{domain}`` for what is behind.
        ask: says whether this is the password, as `Login.verify`, of two texts in UTF-8, neither empty nor with a NUL.
        escape: makes a part of the name fit for where it goes.

    Raises:
        ConfigError: the pattern cannot be used, or would be the same for all users.
    """

    def __init__(
        self, option: str, pattern: object, ask: Callable[[bytes, bytes], bool], escape: Callable[[str], str] = str
    ) -> None:
        wrong = ConfigError(
            f"{option} must be a text with {{user}} or {{local}} in it, such as '{{user}}@example.com'; "
            "{domain} is the only other word in braces"
        )
        if not isinstance(pattern, str) or "\0" in pattern:
            raise wrong
        self._parts: list[tuple[str, str]] = []
        for number, part in enumerate(pattern.split("{")):
            place, brace, text = part.partition("}") if number else ("", "", part)
            if "}" in text or (number and (not brace or place not in PLACES)):
                raise wrong
            self._parts.append((place, text))
        if all(place in ("", "domain") for place, _ in self._parts):
            raise wrong
        self._ask = ask
        self._escape = escape

    def verify(self, user: str, password: str) -> bool:
        """Ask, unless the answer is a no in any case."""
        if _encode(user, password) is None:
            return False
        local, at, domain = user.rpartition("@")
        values = {"": "", "user": user, "local": local if at else user, "domain": domain if at else ""}
        pair = _encode("".join(self._escape(values[place]) + text for place, text in self._parts), password)
        return pair is not None and self._ask(*pair)


def _encode(user: str, password: str) -> tuple[bytes, bytes] | None:
    """Return both as UTF-8; None where one is empty or cannot be sent, so that they are wrong in any case."""
    if not user or not password or "\0" in user or "\0" in password:
        return None
    try:
        return user.encode("utf-8"), password.encode("utf-8")
    except UnicodeEncodeError:
        return None
