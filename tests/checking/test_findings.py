"""Every finding, on a set-up that is wrong in that way; each says what to do."""

from __future__ import annotations

import builtins
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ais.checking.examine import examine
from ais.config import load
from support.site import salted, temporary_folder

WriteConfig = Callable[..., None]

HEAD = "from ais import caller, csv\n"
CALLERS = f"callers = [caller('mailstore@example.test', {salted('SSHA256', 'x')!r})]\n"
# A hash of the form that bin/ais hash-password --scheme SHA512-CRYPT makes.
STRONG = "$6$rounds=100000$saltstring12345$" + "a" * 85 + "0"
GOOD = f"userName,emailAddresses,password\nanna,anna@example.com,{STRONG}\n"
LISTED = f"userName,emailAddresses,password\nanna,anna@example.com all@example.com,{STRONG}\n"


@pytest.fixture
def found(folder: Path, write_config: WriteConfig) -> Callable[..., dict[str, tuple[str, bool]]]:
    """Examine a configuration over CSV files; give each finding with its remedy and whether it is a problem."""

    def finding(*files: str, callers: str = CALLERS, added: str = "") -> dict[str, tuple[str, bool]]:
        for number, text in enumerate(files):
            (folder / f"{number}.csv").write_text(text, encoding="utf-8")
        sources = ", ".join(f"csv('{number}.csv')" for number in range(len(files)))
        write_config(whole=f"{HEAD}{callers}sources = [{sources}]\nstate = 'state.sqlite'\n{added}")
        (folder / "config.py").chmod(0o600)
        report = examine(load(str(folder / "config.py")))
        return {finding.text: (finding.remedy, finding.problem) for finding in report.findings}

    return finding


Found = Callable[..., dict[str, tuple[str, bool]]]


def test_a_good_set_up_has_no_finding(found: Found) -> None:
    """Where nothing is wrong, nothing is found."""
    assert found(GOOD) == {}


@pytest.mark.parametrize(
    ("files", "text", "problem"),
    [
        ((GOOD + "bob,,x\n",), "1 user(s) without an address, such as bob", True),
        ((GOOD, GOOD), "anna is in source 1 (csv) too, which wins", True),
        ((GOOD + "Anna,a2@example.com,x\n",), "Anna and anna of source 1 (csv) differ in case only", True),
        ((GOOD + "bob,Anna@Example.com,x\n",), "anna and bob both have the address Anna@Example.com", True),
        ((GOOD + "bob,bob@example.com anna@example.com,x\n",), "both have the address anna@example.com", True),
        ((LISTED + "bob,bob@example.com all@example.com,x\n",), "both have the address all@example.com", False),
        ((GOOD + "bob,nobody,x\n",), "bob has an unusual address: nobody", False),
        ((GOOD + "bob,bob@example.com,bare\n",), "1 stored password(s) as bare text are unreadable", True),
        ((GOOD + "bob,bob@example.com,{MD5}5f4dcc3b5aa765d61d8327deb882cf99\n",), "of the weak scheme", False),
        ((f"{GOOD}anna,anna@example.com,other\n",), "line 3: this user's rows contradict each other", True),
        (("userName,emailAddresses,password\n",), "lists nobody", True),
        (("name;mail\n",), "no column userName", True),
    ],
)
def test_what_is_wrong_with_users(found: Found, files: tuple[str, ...], text: str, problem: bool) -> None:
    """What is wrong with a source or its users is found, with a remedy."""
    matching = [(remedy, wrong) for finding, (remedy, wrong) in found(*files).items() if text in finding]
    assert len(matching) == 1
    assert matching[0][0]
    assert matching[0][1] is problem


def test_a_log_that_cannot_be_written(found: Found, folder: Path) -> None:
    """A log in a folder that is not there is found; a request would only say so on standard error."""
    texts = found(GOOD, added=f"from ais import log\nlog(to={str(folder / 'none' / 'ais.log')!r})\n")
    ((text, (_, problem)),) = texts.items()
    assert "ais.log cannot be written: No such file or directory" in text
    assert problem


@pytest.mark.skipif(os.geteuid() != 0, reason="others make their own log")
def test_a_log_of_the_web_servers_user(found: Found, folder: Path) -> None:
    """Who runs check as root does not make the log, which the web server's user then could not write to."""
    assert found(GOOD, added="from ais import log\nlog(to='ais.log')\n") == {}
    assert not (folder / "ais.log").exists()


def test_no_callers(found: Found) -> None:
    """Without callers nobody can ask."""
    assert "callers is empty, so nobody can ask" in found(GOOD, callers="callers = []\n")


def test_a_callers_secret_that_nobody_can_read(found: Found) -> None:
    """A caller whose secret is no stored password never gets in; the secret is not printed."""
    texts = "".join(found(GOOD, callers="callers = [caller('m', 'hunter2')]\n"))
    assert "the secret of the caller m cannot be used" in texts
    assert "hunter2" not in texts


@pytest.mark.parametrize(
    ("mode", "above", "text", "problem"),
    [
        (0o644, 0o755, "holds secrets and can be read", False),
        (0o644, 0o750, "", False),
        (0o622, 0o750, "can be changed", True),
    ],
)
def test_modes_of_the_file(found: Found, folder: Path, mode: int, above: int, text: str, problem: bool) -> None:
    """A configuration that others can get at is worth knowing; one that they may change is wrong."""
    found(GOOD)
    with temporary_folder() as site:
        shutil.copytree(folder, site / "conf")
        (site / "conf" / "config.py").chmod(mode)
        (site / "conf").chmod(above)
        report = examine(load(str(site / "conf" / "config.py")))
    texts = {
        (finding.text.partition("config.py ")[2].partition(" by ")[0], finding.problem) for finding in report.findings
    }
    assert texts == ({(text, problem)} if text else set())


def test_no_state(found: Found) -> None:
    """Without a state, what is off is named."""
    (text,) = found(GOOD, added="state = None\n")
    assert "guard(max_shrink=…) and throttle(…) are off" in text


def test_a_state_that_cannot_be_used(found: Found) -> None:
    """A state in a folder that is not there is found."""
    assert any("the state cannot be used" in text for text in found(GOOD, added="state = 'none/state.sqlite'\n"))


def test_a_state_that_others_may_replace(found: Found, folder: Path) -> None:
    """A state in a folder that everybody can write to is found."""
    (folder / "open").mkdir()
    (folder / "open").chmod(0o777)
    assert any("can write to" in text for text in found(GOOD, added="state = 'open/state.sqlite'\n"))


def test_a_missing_package(found: Found, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one package that is always needed is looked for."""
    real = builtins.__import__

    def without(name: str, *given: Any, **named: Any) -> Any:
        if name == "python_multipart":
            raise ImportError
        return real(name, *given, **named)

    monkeypatch.setattr(builtins, "__import__", without)
    assert any("python-multipart is missing" in text for text in found(GOOD))
