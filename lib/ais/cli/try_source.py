"""Trying a source before it is written into a configuration."""

from __future__ import annotations

import os

from .output import Progress, printable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config.callers import Caller
    from .init.kinds import Kind


class Trial:
    """A configuration that is about to be written.

    Args:
        path: where; relative paths of the source start there.
        known: who may ask.
        kind: the source.

    Attributes:
        count: how many users it lists; None while it does not work.
    """

    def __init__(self, path: str, known: Caller, kind: Kind) -> None:
        self.kind = kind
        self.count: int | None = None
        self._path = path
        self._known = known

    def run(self, values: dict[str, object]) -> str:
        """List the users of the source with these options, and look at logins; return a sentence about them.

        Raises:
            AISError: it does not work.
        """
        from .. import deadline, options
        from ..checking.examine import ask_source
        from ..config import Config
        from ..directory import listing
        from ..errors import SourceError

        self.count = None
        options.folder = os.path.dirname(self._path)
        try:
            source = self.kind.make(values)
        finally:
            options.folder = None
        config = Config(self._path, {"callers": [self._known], "sources": [source]}, {})
        with Progress():
            report = ask_source(config, 1, source, lambda _: deadline.start(config.timeout))
        users = report.users
        if report.error:
            raise SourceError(report.error)
        listing.check_number(config, len(users))
        if report.let_in:
            raise SourceError(f"it lets in {report.let_in[0]} with a random password, so everybody could read all mail")
        self.count, sample = len(users), users[0]
        about = ", ".join(text for text in (sample.full_name, *sample.email_addresses[:1]) if text)
        about = f" ({about})" if about else ""
        without = sum(not user.email_addresses for user in users)
        more = f"; {without} of them have no address, so that MailStore cannot file their mail" if without else ""
        if report.unread:
            more += f"; but logins do not work: {report.unread}"
        elif report.nobody_can_log_in:
            more += f"; but nobody can log in: none of {report.looked_at} users has a readable stored password"
        return printable(f"It works: {self.count} users, such as {sample.user_name}{about}{more}")
