"""MailStore's two commands.

Each takes the fields of a request, fills the line of the log that it will get, and returns the JSON body of the answer.
"""

from __future__ import annotations

from . import deadline, directory
from .directory import Verdict
from .errors import AISError, GuardTripped, RequestError
from .identity import login_name

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import IO

    from .config import Config
    from .logbook import Entry
    from .state import Store
    from .user import User

BATCH = 500
"""Users that are encoded at a time."""


def list_users(fields: dict[str, str], config: Config, entry: Entry) -> bytes | Spool:
    """``cmd=list``: all users, as a JSON array.

    Raises:
        AISError: the list would not be whole.
    """
    # Here, because a login does not need it; by its whole name, because Python finds that faster.
    from ais.directory.listing import Notes, make_whole

    notes = Notes()
    store = _store(config, entry.warn)
    if store is None:
        body, count = make_whole(config, _write, notes)
    else:
        from .state.guarding import Asked, Names

        asked = Asked(store, entry.warn)
        try:
            names = Names(store, config.guard.max_shrink, entry.warn)
            body, count = make_whole(config, lambda users: _write(names.note(users)), notes)
            deadline.remaining()  # too late, and the client has its 503: this is not the list that was served last
            names.check(notes.first)
            asked.note(str(count))
        except AISError as error:
            asked.note("the guard held it back" if isinstance(error, GuardTripped) else str(error))
            raise
        finally:
            store.close()
    entry.outcome = f"listed {count}"
    if notes.left_over:
        entry.outcome += f", left out {notes.left_over} values that are no addresses"
    return body


def authenticate(fields: dict[str, str], config: Config, entry: Entry) -> bytes:
    """``cmd=auth&user=…&pass=…``: whether this is the password of that user.

    Raises:
        RequestError: a field is missing.
        AISError: nobody can tell.
    """
    if "user" not in fields or "pass" not in fields:
        raise RequestError(400, "The fields user and pass are needed for cmd=auth.")
    entry.user = fields["user"]
    verdict = decide(config, fields["user"], fields["pass"], entry.warn)
    entry.source, entry.outcome = verdict.source, f"{'yes' if verdict.succeeded else 'no'}, {verdict.why}"
    return b'{"succeeded": true}' if verdict.succeeded else b'{"succeeded": false}'


def decide(config: Config, user: str, password: str, warn: Callable[[str], None]) -> Verdict:
    """Say whether this is the user's password. If the state does not know the answer, the sources are asked.

    Raises:
        AISError: nobody can tell.
    """
    store = _store(config, warn) if password and login_name(user) else None
    if store is None:
        return directory.authenticate(config, user, password)
    from .state import attempt
    from .state.throttling import Counted

    try:
        counted = attempt(lambda: Counted(store, config.throttle, user, password), None, warn)
        if counted is None:
            return directory.authenticate(config, user, password)
        if counted.held:
            return Verdict(False, "", counted.held)
        listed: dict[int, str] = attempt(store.listed, {}, warn)
        for number, source in enumerate(config.sources, 1):
            if hasattr(source, "listed"):
                source.listed = listed.get(number, "")  # for what an unknown user has to cost
        verdict = directory.authenticate(config, user, password)
        deadline.remaining()  # too late, and the client has its 503: nothing of it counts
        if not verdict.succeeded:
            attempt(counted.add, None, warn)
        elif counted.failures:
            attempt(counted.forget, None, warn)
        return verdict
    finally:
        store.close()


def _store(config: Config, warn: Callable[[str], None]) -> Store | None:
    if config.state is None:
        return None
    from .state import store_for  # here, because many installations have no state

    return store_for(config, warn)


def to_json(users: Iterable[User]) -> Spool:
    """Return the JSON array of users."""
    return _write(users)[0]


def _write(users: Iterable[User]) -> tuple[Spool, int]:
    """Write the JSON array of users, in pure ASCII; return it and their number."""
    spool, count, separator = Spool(), 0, "["
    each = iter(users)
    while batch := [user.to_json() for _, user in zip(range(BATCH), each, strict=False)]:
        batch[0] = separator + batch[0]
        spool.write(", ".join(batch).encode("ascii"))
        count, separator = count + len(batch), ", "
    spool.write(b"]" if count else b"[]")
    return spool, count


IN_MEMORY = 4 * 1024 * 1024
"""Bytes that are kept in memory; some 25,000 users."""

CHUNK = 256 * 1024
"""Bytes that are read at a time."""


class Spool:
    """Bytes, written once and then read once."""

    def __init__(self) -> None:
        self._memory = bytearray()
        self._file: IO[bytes] | None = None
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def write(self, part: bytes) -> None:
        """Add bytes."""
        self._length += len(part)
        self._memory += part
        if len(self._memory) <= IN_MEMORY:
            return
        from tempfile import TemporaryFile  # heavy: only for large lists

        try:
            # Unbuffered, so that a full disk shows here and not while the answer is being sent.
            self._file = self._file or TemporaryFile(buffering=0)  # noqa: SIM115  # closed in chunks()
            left = memoryview(self._memory)
            while left:
                left = left[self._file.write(left) :]
        except OSError as error:
            raise AISError(f"the list does not fit into the temporary folder: {error.strerror}") from None
        self._memory = bytearray()

    def chunks(self) -> Iterator[bytes]:
        """Give all bytes, in pieces; nothing is left afterwards."""
        if self._file is not None:
            with self._file as file:
                file.seek(0)
                while part := file.read(CHUNK):
                    yield part
        yield bytes(self._memory)


COMMANDS = {"list": list_users, "auth": authenticate}
