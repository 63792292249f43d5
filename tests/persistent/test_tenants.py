"""Many tenants in one process: what is kept of each stays its own, and all of it is bounded."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest

from ais import deadline, wsgi
from ais.config import Config, kept, load
from ais.config.kept import Configurations
from ais.errors import ConfigError, SourceUnavailable
from ais.sources.sql.drivers import pool
from conftest import credentials, open_files
from persistent.test_application import ask
from support.running import ADDRESS
from support.site import SampleUser, add_tenant, sample_config, write_database

NAMES = ("a", "b", "c", "d")


@pytest.fixture
def tenants(tmp_path: Path) -> Path:
    """A folder of tenants, each with a caller and a database of its own."""
    for name in NAMES:
        text = sample_config(f"caller-{name}", f"pass-{name}").replace("users.sqlite", f"{name}.sqlite")
        (tmp_path / f"{name}.py").write_text(text)
        write_database(tmp_path / f"{name}.sqlite", (SampleUser(f"user-{name}", None, None, None, "secret"),))
    return tmp_path


def asks(folder: Path, name: str, caller: str = "", **more: str) -> tuple[int, bytes]:
    """The answer to a caller under a tenant's address."""
    caller = caller or name
    said: dict[str, Any] = {"HTTP_AUTHORIZATION": credentials(f"caller-{caller}", f"pass-{caller}"), "SCRIPT_NAME": ""}
    said |= {"PATH_INFO": f"/{name}{ADDRESS}", "AIS_CONFIG": "", "AIS_TENANTS": str(folder), **more}
    return ask(folder, **said)


def test_each_its_own(tenants: Path) -> None:
    """In one process each address has its users, for its caller; others are refused and learn nothing."""
    for _ in range(2):
        for name in NAMES:
            assert asks(tenants, name) == (200, b'[{"userName": "user-%s"}]' % name.encode())
            for other in NAMES:
                assert (asks(tenants, name, other)[0] == 200) == (name == other)
        assert asks(tenants, "e")[0] == asks(tenants, "../a")[0] == asks(tenants, "A")[0] == 404


def test_a_tenant_more_is_a_file_more(tenants: Path) -> None:
    """A new file counts at once, a changed one too, and one that is taken away is a 404."""
    assert asks(tenants, "e", "a")[0] == 404
    (tenants / "e.py").write_text((tenants / "a.py").read_text())
    assert asks(tenants, "e", "a")[0] == 200
    (tenants / "e.py").write_text("callers = []\n")
    assert asks(tenants, "e", "a")[0] == 500
    assert asks(tenants, "a")[0] == 200
    (tenants / "e.py").unlink()
    assert asks(tenants, "e", "a")[0] == 404


def test_the_environment_of_the_process(tenants: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder may be named for the whole process, as in a systemd unit; the bare address is then nobody's."""
    monkeypatch.setenv("AIS_TENANTS", str(tenants))
    known: dict[str, Any] = {"HTTP_AUTHORIZATION": credentials("caller-a", "pass-a"), "AIS_CONFIG": ""}
    assert ask(tenants, PATH_INFO=f"/a{ADDRESS}", **known)[0] == 200
    assert ask(tenants, PATH_INFO=ADDRESS, **known)[0] == 404


def test_those_that_asked_last_are_kept(tenants: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of too many configurations the one unused longest goes; a broken or missing one is not kept."""
    monkeypatch.setattr(kept, "KEPT", 2)
    loaded: list[str] = []

    def counted(path: str, tenant: str) -> Config:
        loaded.append(Path(path).stem)
        return load(path, tenant)

    monkeypatch.setattr(kept, "load", counted)
    configurations = Configurations()
    for name in ("a", "b", "a", "c", "a", "b", "a", "c"):
        assert configurations.load(str(tenants / f"{name}.py")).path == str(tenants / f"{name}.py")
    assert "".join(loaded) == "abcbc"
    (tenants / "a.py").unlink()
    with pytest.raises(ConfigError):
        configurations.load(str(tenants / "a.py"))
    assert str(tenants / "a.py") not in configurations._loaded


def test_one_that_came_late_is_gone_when_it_is_gone(tenants: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that appears between the look at it and the reading of it does not answer after it has been removed."""
    configurations, path = Configurations(), tenants / "e.py"
    with monkeypatch.context() as patch:
        patch.setattr(kept, "load", lambda *given: path.write_text((tenants / "a.py").read_text()) and load(*given))
        assert configurations.load(str(path)).path == str(path)
    path.unlink()
    with pytest.raises(ConfigError):
        configurations.load(str(path))


@pytest.mark.parametrize("end", ["forgotten", "changed"])
def test_connections_go_with_their_tenant(tenants: Path, monkeypatch: pytest.MonkeyPatch, end: str) -> None:
    """The connections of a tenant whose configuration is forgotten, or read again, are closed; others stay."""
    monkeypatch.setattr(kept, "KEPT", 2 if end == "forgotten" else 9)
    monkeypatch.setattr(wsgi, "_configurations", Configurations())
    files = {name: os.path.realpath(tenants / f"{name}.sqlite") for name in NAMES}
    for name in ("a", "b"):
        assert asks(tenants, name)[0] == 200
    assert {files["a"], files["b"]} <= open_files()
    if end == "changed":
        (tenants / "a.py").write_text((tenants / "a.py").read_text().replace("a.sqlite", "c.sqlite"))
        assert asks(tenants, "a")[0] == 200
    else:
        assert asks(tenants, "c")[0] == 200
    assert open_files() & set(files.values()) == {files["b"], files["c"]}


def test_five_hundred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of 500 tenants gets its own users and is refused by its neighbour; what is kept of them is bounded."""
    configurations = Configurations()
    monkeypatch.setattr(wsgi, "_configurations", configurations)
    tenants = tmp_path / "conf" / "tenants"
    tenants.parent.mkdir()
    names = [f"tenant-{number}" for number in range(500)]
    for name in names:
        add_tenant(tmp_path, name)
    for name, other in zip(names, [names[-1], *names], strict=False):
        own, others = credentials(name, f"pass-{name}"), credentials(other, f"pass-{other}")
        assert asks(tenants, name, HTTP_AUTHORIZATION=own) == (200, b'[{"userName": "user-%s"}]' % name.encode())
        assert asks(tenants, name, HTTP_AUTHORIZATION=others)[0] == 401
    assert len(configurations._loaded) == kept.KEPT
    assert sum(str(tenants) in path for path in open_files()) <= pool.KEPT


def test_one_that_loads_for_long_holds_up_no_other(tenants: Path) -> None:
    """While a tenant's configuration does not come to its end, kept ones go on, and others wait for their time only."""
    configurations = Configurations()
    assert configurations.load(str(tenants / "a.py"))
    os.mkfifo(tenants / "pipe")
    slow = tenants / "slow.py"
    waits = f"with open({str(tenants / 'pipe')!r}) as _file:\n    _file.read()\n"
    slow.write_text(waits + (tenants / "b.py").read_text())
    loaded: list[str] = []

    def start(path: Path) -> threading.Thread:
        thread = threading.Thread(target=lambda: loaded.append(configurations.load(str(path)).path))
        thread.start()
        return thread

    first = start(slow)
    with (tenants / "pipe").open("w"):  # the file is being read now
        second = start(tenants / "a.py")
        second.join(10)
        assert loaded == [str(tenants / "a.py")]
        for path in (slow, tenants / "c.py"):
            deadline.start(0.1)
            with pytest.raises(SourceUnavailable, match="takes long"):
                configurations.load(str(path))
    first.join(10)
    assert loaded[1:] == [str(slow)]
