"""A user, as MailStore is to know it."""

from __future__ import annotations

from .errors import SourceError
from .identity import split_addresses
from .text import quote

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any


class User:
    """One user of a source.

    Values are trimmed, and one that is only white space is empty.

    Args:
        user_name: the name that the user logs in with.
        full_name: the name to show.
        distinguished_name: a unique name in the manner of a directory.
        email_addresses: addresses in the order wanted; one given again, in whatever case of letters, is left out.
            A text is taken as a cell that may hold several.

    Raises:
        SourceError: there is no user name, or a value is no text.
    """

    __slots__ = ("distinguished_name", "email_addresses", "full_name", "user_name")

    def __init__(
        self,
        user_name: str,
        *,
        full_name: str | None = None,
        distinguished_name: str | None = None,
        email_addresses: str | Iterable[str] | None = (),
    ) -> None:
        self.user_name = _text("userName", user_name)
        if not self.user_name:
            raise SourceError("userName is empty")
        self.full_name = _text("fullName", full_name)
        # Hardly any user has one, and there may be a million users.
        self.distinguished_name = "" if distinguished_name is None else _text("distinguishedName", distinguished_name)
        self.email_addresses: list[str] = []
        if email_addresses:
            self.add_addresses(email_addresses)

    def add_addresses(self, email_addresses: str | Iterable[str] | None) -> None:
        """Add addresses that the user does not have yet.

        Raises:
            SourceError: a value is no text.
        """
        if email_addresses is None or isinstance(email_addresses, str):
            try:
                found: Any = split_addresses(email_addresses)
            except ValueError:
                raise SourceError("emailAddresses cannot be read: a broken JSON array") from None
            if (
                email_addresses
                and email_addresses.isascii()
                and "[" not in email_addresses
                and not self.email_addresses
            ):
                # Split, trimmed and each once already; the escapes of a JSON array may hold what is no Unicode.
                self.email_addresses = found
                return
        else:
            found = email_addresses
        known = {address.lower() for address in self.email_addresses}
        for value in found:
            address = _text("emailAddresses", value)
            if address and address.lower() not in known:
                known.add(address.lower())
                self.email_addresses.append(address)

    def merge(self, other: User) -> None:
        """Take over what another row says of this user: names that are missing here, and addresses."""
        self.full_name = self.full_name or other.full_name
        self.distinguished_name = self.distinguished_name or other.distinguished_name
        self.add_addresses(other.email_addresses)

    def to_json(self) -> str:
        """Return the JSON object of MailStore's protocol: its keys in its order, empty ones left out."""
        parts = [f'{{"userName": {quote(self.user_name)}']
        if self.distinguished_name:
            parts.append(f'"distinguishedName": {quote(self.distinguished_name)}')
        if self.full_name:
            parts.append(f'"fullName": {quote(self.full_name)}')
        if self.email_addresses:
            parts.append(f'"emailAddresses": [{", ".join(map(quote, self.email_addresses))}]')
        return ", ".join(parts) + "}"


def _text(what: str, value: object) -> str:
    """Return the value, trimmed; empty for None."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise SourceError(f"{what} is not a text but of type {type(value).__name__}")
    if not value.isascii():
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            # Half of a surrogate pair: no client could read the JSON.
            raise SourceError(f"{what} is not valid Unicode") from None
    return value.strip()
