"""How a user is called where the password is checked."""

from __future__ import annotations

from ..errors import ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

PLACES = ("user", "local", "domain")


class Name:
    """A pattern that makes the name for a login out of that in the list.

    Args:
        option: function and argument, for errors.
        pattern: a text with ``{user}`` for the name in the list, ``{local}`` for what is before its last ``@`` (all of
            it where there is none) and ``{domain}`` for what is behind.

    Raises:
        ConfigError: it is no such pattern, or would be the same for all users.
    """

    def __init__(self, option: str, pattern: object) -> None:
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

    def of(self, user: str, escape: Callable[[str], str] = str) -> str:
        """Return the name of a user.

        Args:
            user: the name in the list.
            escape: makes a part of it fit for where it goes.
        """
        local, at, domain = user.rpartition("@")
        values = {"": "", "user": user, "local": local if at else user, "domain": domain if at else ""}
        return "".join(escape(values[place]) + text for place, text in self._parts)


def encoded(user: str, password: str) -> tuple[bytes, bytes] | None:
    """Return both as UTF-8; None where one is empty or cannot be sent, so that they are wrong in any case."""
    if not user or not password or "\0" in user or "\0" in password:
        return None
    try:
        return user.encode("utf-8"), password.encode("utf-8")
    except UnicodeEncodeError:
        return None
