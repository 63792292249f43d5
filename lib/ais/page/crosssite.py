"""Protection of the page's forms: a browser sends its credentials along with whatever another site makes it post.

MailStore's own commands need no token: nobody but this server's callers can read their answers. Where a browser says
that another site uses it, `ais.app` has refused the request already.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from hmac import compare_digest

from ..config import Config
from ..config.callers import Caller
from ..errors import AISError, RequestError
from ..state import digest, store_for

DAY = 86400
"""Seconds that a token is made for; it is taken during the next day too."""

REFUSED = "This form came from another site, or is too old: load the status page again."


class Tokens:
    """Tokens of one caller: another site can neither read nor guess them.

    Args:
        config: the key is that of its state; without a state it comes from the stored secrets of the callers.
        caller: the name of the caller.
        warn: is told what is lost with a damaged state.
    """

    def __init__(self, config: Config, caller: str, warn: Callable[[str], None]) -> None:
        self._keys = list(_keys(config, warn))
        self._caller = caller

    def current(self) -> str:
        """Return the present token; empty if there is no secret to make it with."""
        return self._made(self._keys[0], 0) if self._keys else ""

    def check(self, sent: str) -> None:
        """Return if a form was sent from this page; otherwise raise.

        Raises:
            RequestError: 403; it was not, or this cannot be known.
        """
        wanted = [self._made(key, days) for key in self._keys for days in (0, 1)]
        right = [compare_digest(token.encode(), sent.encode("utf-8", "replace")) for token in wanted]
        if not any(right):
            raise RequestError(403, REFUSED)

    def _made(self, key: bytes, days_ago: int) -> str:
        return digest(key, "page", self._caller, str(int(time.time() // DAY) - days_ago)).hex()


def _keys(config: Config, warn: Callable[[str], None]) -> Iterator[bytes]:
    try:
        store = store_for(config, warn)
        if store is not None:
            with closing(store):
                yield store.key()
    except AISError:
        pass  # the page says so by itself
    secrets = [known.secret for known in config.callers if isinstance(known, Caller)]
    if secrets:
        yield digest(b"status page", *secrets, size=32)
