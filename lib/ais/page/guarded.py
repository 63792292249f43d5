"""What the guard thinks of the present list, and letting it through once."""

from __future__ import annotations

from hashlib import blake2b

from ..config import Config
from ..errors import AISError
from ..state import Store, store_for
from ..state.guarding import accept, digests_of, missing
from ..user import User
from .view import Notice


def look(config: Config, users: list[User] | None, accepted: str | None = None) -> Notice:
    """Compare the present list with the last one served.

    Args:
        config: the configuration.
        users: the present list; None when there is none.
        accepted: `Notice.of` of a list that is to be let through; None to change nothing.
    """
    if users is None:
        return Notice("note", "Waiting", "The list cannot be compared until every source answers and there is a list.")
    if len(users) < config.guard.min_users:
        return Notice(
            "bad",
            "Holds the list back",
            f"The sources list {len(users)} users, and guard(min_users={config.guard.min_users}) wants more: "
            "correct the query or the file that lists them, or lower min_users.",
        )
    try:
        store = store_for(config)
        if store is None:
            return Notice(
                "note",
                "Off",
                "There is no state, so nothing is remembered: set state in the configuration and lists that lack many "
                "users of the last one are held back.",
            )
        try:
            return _look(config, store, users, accepted)
        finally:
            store.close()
    except AISError as error:
        return Notice("note", "Cannot tell", f"The state cannot be used: {error}")


def _look(config: Config, store: Store, users: list[User], accepted: str | None) -> Notice:
    names, last, tripped = digests_of(store, users), store.last_list(), store.tripped()
    # Whoever presses the button lets the list through that the page was about, and no other that has come since.
    seen = blake2b(names, key=store.key(), digest_size=16).hexdigest()
    if accepted == seen:
        gone = accept(store, users)
        return Notice(
            "good",
            "Let through",
            f"This list of {len(users)} users is now the last one served; {gone} of the one before are gone.",
        )
    changed = "" if accepted is None else "The list has changed since you looked at it, and was not let through. "
    if last is None:
        if tripped:
            return Notice(
                "bad", "Holds the list back", f"{changed}The guard is tripped, and the last list is lost.", seen
            )
        return Notice("good", "Ready", f"{changed}No list has been served yet; the first one will be remembered.")
    gone, total, share = missing(last, names), len(last) // 8, config.guard.max_shrink
    if gone > share * total:
        return Notice(
            "bad",
            "Holds the list back",
            f"{changed}{gone} of the {total} users of the last list served are missing, more than "
            f"guard(max_shrink={share}) allows. MailStore may delete users that are missing from a list.",
            seen,
        )
    again = "It has held back a list; this one passes again. " if tripped else ""
    return Notice(
        "good",
        "Passes",
        f"{changed}{again}{gone} of the {total} users of the last list served are missing; up to "
        f"{share * 100:g} % may be.",
    )
