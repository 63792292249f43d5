"""When MailStore last asked for the list, and what it got."""

from __future__ import annotations

import time
from contextlib import closing

from ..config import Config
from ..errors import AISError
from ..state import store_for
from .report import count

UNKNOWN = "When MailStore last asked for the list is not known"
UNITS = ((86400, "day"), (3600, "hour"), (60, "minute"))


def when_asked(config: Config) -> str:
    """Return a sentence without its full stop; one that says why it is not known, where it is not."""
    store = store_for(config)
    if store is None:
        return f"{UNKNOWN}: it is remembered once state is set in the configuration"
    try:
        with closing(store):
            said = store.asked()
    except AISError as error:
        return f"{UNKNOWN}: {error}"
    if said is None:
        return "MailStore has not asked for the list yet, or only before the last update of this program"
    digits, _, got = said.decode("utf-8", "replace").partition(" ")
    if not digits.isdecimal() or len(digits) > 11:
        return f"{UNKNOWN}: something else is in its place in the state"
    asked = int(digits)
    stamp = time.strftime("%Y-%m-%d %H:%M", time.gmtime(asked))
    seconds = time.time() - asked
    if got.isdecimal():
        what = f"got {count(int(got), 'user')}"
    elif got:
        what = f"got an error: {got.rstrip('.')}"
    elif seconds > config.timeout + 1:
        what = "got no list: the request was ended before there was one"
    else:
        what = "has got no answer yet"
    return f"MailStore last asked for the list {_ago(seconds)} ({stamp} UTC) and {what}"


def _ago(seconds: float) -> str:
    for unit, noun in UNITS:
        if seconds >= unit:
            return f"{count(int(seconds // unit), noun)} ago"
    return "less than a minute ago"
