"""What is missing is skipped with its reason, or fails where everything must be tested."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.needs import need_file, need_program


@pytest.mark.parametrize(("everything", "outcome"), [("", pytest.skip.Exception), ("1", pytest.fail.Exception)])
def test_missing(monkeypatch: pytest.MonkeyPatch, everything: str, outcome: type[BaseException]) -> None:
    """AIS_TEST_ALL=1 turns a skip into a failure; both name what to install."""
    monkeypatch.setenv("AIS_TEST_ALL", everything)
    with pytest.raises(outcome, match="no-such-program is not there; it comes with the package some-package"):
        need_program("no-such-program", "some-package")
    with pytest.raises(outcome, match="/no/such/file is not there"):
        need_file(Path("/no/such/file"), "some-package")


def test_present() -> None:
    """What is there is found, also in sbin."""
    assert need_program("sh", "dash").endswith("/sh")
    assert need_file(Path("/"), "base-files") == Path("/")
