"""Compares the present list with the last one, and lets it through once if told to."""

from __future__ import annotations

from contextlib import closing
from hashlib import blake2b

from ..checking.report import count
from ..config import Config
from ..errors import AISError
from ..state import Store, attempt, store_for
from ..state.guarding import accept, are_too_many, digests_of, missing
from ..user import User
from .view import Notice

HOLDS = "Holds the list back"


def look(config: Config, users: list[User] | None, accepted: str | None = None) -> Notice:
    """Compare the present list with the last one served.

    Args:
        config: the configuration.
        users: the present list; None without a whole list.
        accepted: `Notice.of` of a list that is to be let through; None to change nothing.
    """
    if users is None:
        return Notice("note", "Waiting", "The list cannot be compared until every source answers and there is a list.")
    if len(users) < (least := config.guard.min_users):
        text = (
            f"The sources list {count(len(users), 'user')}, and guard(min_users={least}) wants more: correct the query"
        )
        return Notice("bad", HOLDS, f"{text} or the file that lists them, or lower min_users.")
    store = store_for(config)
    if store is not None:
        with closing(store):
            try:
                return _look(config.guard.max_shrink, store, users, accepted)
            except AISError as error:
                tripped = attempt(store.tripped, False, lambda _: None)
                kind = ("bad", HOLDS) if tripped else ("note", "Cannot tell")
                return Notice(*kind, f"The state cannot be used: {error}")
    text = "There is no state, so nothing is remembered: set state in the configuration and lists that lack many users"
    return Notice("note", "Off", f"{text} of the last one are held back.")


def _look(share: float, store: Store, users: list[User], accepted: str | None) -> Notice:
    names, last, tripped = digests_of(store, users), store.last_list(), store.tripped()
    # The button lets the list through that the page showed, and not one that has come since.
    seen = blake2b(names, key=store.key(), digest_size=16).hexdigest()
    if accepted == seen:
        now = f"This list of {count(len(users), 'user')} is now the last one served"
        return Notice("good", "Let through", f"{now}; {accept(store, users)} of the one before are gone.")
    changed = "" if accepted is None else "The list has changed since you looked at it, and was not let through. "
    if last is None:
        if tripped:
            return Notice("bad", HOLDS, f"{changed}The guard is tripped, and the last list is lost.", seen)
        return Notice("good", "Ready", f"{changed}No list has been served yet; the first one will be remembered.")
    gone, total = missing(last, names), len(last) // 8
    lost = f"{gone} of the {count(total, 'user')} of the last list served are missing"
    if are_too_many(gone, total, share):
        text = f"{changed}{lost}, more than guard(max_shrink={share}) allows."
        return Notice("bad", HOLDS, f"{text} MailStore may delete users that are missing from a list.", seen)
    again = "It has held back a list; this one passes again. " if tripped else ""
    return Notice("good", "Passes", f"{changed}{again}{lost}; up to {share * 100:g} % may be.")
