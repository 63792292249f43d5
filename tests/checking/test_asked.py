"""The sentence that says when MailStore last asked for the list."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ais.checking.asked import when_asked
from ais.cli import main
from ais.config import load
from ais.state import store_for
from conftest import Ask

NOW = 1795921920.0  # 2026-11-29 03:12 UTC


@pytest.fixture
def say(folder: Path, write_config: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], str]:
    """Return the sentence for what the state remembers."""
    write_config("state = 'state.sqlite'\n")
    config = load(str(folder / "config.py"))
    store = store_for(config)
    assert store is not None
    monkeypatch.setattr(time, "time", lambda: NOW)

    def saying(what: bytes) -> str:
        with closing(store):
            store.save_asked(what)
        return when_asked(config)

    return saying


@pytest.mark.parametrize(
    ("seconds", "ago"),
    [
        (-7200, "less than a minute ago (2026-11-29 05:12 UTC)"),  # a clock that was set back
        (59, "less than a minute ago (2026-11-29 03:11 UTC)"),
        (60, "1 minute ago (2026-11-29 03:11 UTC)"),
        (720, "12 minutes ago (2026-11-29 03:00 UTC)"),
        (7200, "2 hours ago (2026-11-29 01:12 UTC)"),
        (200000, "2 days ago (2026-11-26 19:38 UTC)"),
    ],
)
def test_how_long_ago(say: Callable[[bytes], str], seconds: int, ago: str) -> None:
    """The time is said in words and as a date; one in the future is now."""
    wanted = f"MailStore last asked for the list {ago} and got 1,312 users"
    assert say(b"%d 1312" % (NOW - seconds)) == wanted


def test_what_it_got(say: Callable[[bytes], str]) -> None:
    """An error is given in the words of the log, also one that was cut within a letter."""
    assert say(b"1795921920 0").endswith(" and got 0 users")
    assert say(b"1795921920 1").endswith(" and got 1 user")
    assert say("1795921920 source 1: für".encode()[:-2]).endswith(" and got an error: source 1: f\ufffd")
    for damaged in (b"", b"x", b"9" * 40 + b" 1"):
        assert "is not known: something else is in its place" in say(damaged)


def test_without_a_state(folder: Path) -> None:
    """Without a state it is said what is needed."""
    assert when_asked(load(str(folder / "config.py"))).endswith(
        "it is remembered once state is set in the configuration"
    )


def test_a_state_that_cannot_be_used(folder: Path, write_config: Callable[..., None]) -> None:
    """Why it is not known is said."""
    write_config("state = 'redis://127.0.0.1:1/0'\n")
    assert "is not known: Redis does not answer" in when_asked(load(str(folder / "config.py")))


def test_check_says_it(
    folder: Path, write_config: Callable[..., None], ask: Ask, capsys: pytest.CaptureFixture[str]
) -> None:
    """check says it where there is a state."""
    for added, said in (("", False), ("state = 'state.sqlite'\n", True)):
        write_config(added)
        ask()
        main(["check", "--config", str(folder / "config.py")])
        assert ("MailStore last asked for the list less than a minute ago" in capsys.readouterr().out) is said
