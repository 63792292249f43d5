"""A login that is tried from the page."""

from __future__ import annotations

from ..commands import decide
from ..errors import AISError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ..config import Config
    from ..logbook import Entry


class Trial:
    """What became of it.

    Args:
        user: who logged in.
        kind: ``good``, ``bad`` or ``note``.
        answer: in a word or two.
        why: in a sentence, without its full stop.
    """

    __slots__ = ("answer", "kind", "user", "why")

    def __init__(self, user: str, kind: str, answer: str, why: str) -> None:
        self.user = user
        self.kind = kind
        self.answer = answer
        self.why = why


def attempt(config: Config, user: str, password: str, entry: Entry) -> Trial:
    """Check a password as MailStore's cmd=auth does, and note the outcome in the log.

    Args:
        config: the configuration.
        user: the name.
        password: kept nowhere.
        entry: the line of the log that this request will get.
    """
    entry.user = user
    try:
        verdict = decide(config, user, password, entry.warn)
    except AISError as error:
        entry.error = str(error)
        return Trial(user, "note", "Cannot tell", str(error))
    entry.source, entry.outcome = verdict.source, f"{'yes' if verdict.succeeded else 'no'}, {verdict.why}"
    why = f"{verdict.why}, says {verdict.source}" if verdict.source else verdict.why
    return Trial(user, *(("good", "Yes") if verdict.succeeded else ("bad", "No")), why)
