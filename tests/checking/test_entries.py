"""What check says of the scripts that the web server starts, and of the packages of their interpreter."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from ais.checking import versions
from ais.checking.entries import look_at_entries
from ais.checking.versions import NEEDS, Need, fault_of
from support.interpreters import PYTHON, installed
from support.site import ROOT


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A copy of the entries and of what their interpreter needs, in the two places where entries lie."""
    for folder in (tmp_path / "cgi-bin" / "mailstore-integration", tmp_path):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("index.py", "index.fcgi"):
            shutil.copy(ROOT / "cgi-bin" / "mailstore-integration" / name, folder)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "ais").symlink_to(ROOT / "lib" / "ais")
    return tmp_path


def name_interpreter(site: Path, line: str) -> None:
    """Change the first line of every entry."""
    for path in (*site.glob("index.*"), *site.glob("cgi-bin/*/index.*")):
        text = path.read_text().partition("\n")[2]
        path.write_text(f"{line}\n{text}")
        path.chmod(0o755)


def found(site: Path, *packages: str) -> list[tuple[str, str, bool]]:
    """The findings: code, text, whether it is a problem."""
    return [(each.code, each.text, each.problem) for each in look_at_entries(str(site), packages)]


def with_packages(site: Path, name: str = "python") -> str:
    """An interpreter that has the packages of the tests, by its path."""
    wrapper = site / name
    places = f"PYTHONPATH={Path(str(metadata.distribution('pytest').locate_file(''))).resolve()}"
    wrapper.write_text(f'#!/bin/sh\n{places} exec {PYTHON} "$@"\n')
    wrapper.chmod(0o755)
    return str(wrapper)


def test_good_entries(site: Path) -> None:
    """Entries as they are shipped, whose interpreter has what is needed, give no finding."""
    for line in (f"#!{with_packages(site)} -S", f"#!/usr/bin/env {with_packages(site)}"):
        name_interpreter(site, line)
        assert found(site, "python-multipart", "PyMySQL") == []


@pytest.mark.parametrize("name", ["index.py", "index.fcgi", "cgi-bin/mailstore-integration/index.py"])
def test_a_file_that_no_server_can_start(site: Path, name: str) -> None:
    """A mode without x, Windows line ends and a byte order mark are problems that name the file."""
    name_interpreter(site, f"#!{with_packages(site)} -S")
    path = site / name
    good = path.read_bytes()
    path.chmod(0o644)
    assert found(site) == [("entry-mode", f"{path} is not executable, so the web server cannot start it", True)]
    path.chmod(0o755)
    path.write_bytes(good.replace(b"\n", b"\r\n"))
    assert found(site) == [("entry-line-ends", f"{path} has Windows line ends", True)]
    # The first line of a bundle's entry is immune.
    path.write_bytes(good.replace(b" -S\n", b" -SXcr\n", 1).replace(b"\n", b"\r\n"))
    assert found(site) == []
    path.write_bytes(b"\xef\xbb\xbf" + good)
    assert [code for code, _, _ in found(site)] == ["entry-bom"]


def test_an_interpreter_that_is_elsewhere(site: Path) -> None:
    """The web server may be on another computer, so a Python that cannot be run here is only a note."""
    for path in ("/opt/alt/python311/bin/python3.11", str(site)):
        name_interpreter(site, f"#!{path} -S")
        [(code, text, problem)] = found(site)
        assert (code, problem) == ("interpreter", False)
        assert f"names {path}, which cannot be run here" in text
    name_interpreter(site, "import os")
    assert {code for code, _, _ in found(site)} == {"entry-interpreter"}


OLD = installed("2.7", "3.6", "3.8", "3.10")


@pytest.mark.parametrize("python", [*OLD, None], ids=str)
def test_an_interpreter_that_is_too_old(site: Path, python: Path | None) -> None:
    """Its version is said, whichever it is; the last one only says that it is old."""
    if python is None:
        python = site / "old"
        python.write_text("#!/bin/sh\necho '{\"version\": [3, 9]}'\n")
        python.chmod(0o755)
    name_interpreter(site, f"#!{python} -S")
    [(code, text, problem)] = found(site, "python-multipart")
    assert (code, problem) == ("interpreter", True)
    assert re.search(r"which is Python [23]\.\d+: 3\.11 or newer is needed", text)


def test_a_package_that_the_interpreter_lacks(site: Path) -> None:
    """It is a problem, and the command that installs it is that interpreter's."""
    bare = site / "bare"
    # As an interpreter without packages: neither the system's nor those of this environment.
    bare.write_text(f'#!/bin/sh\nexec {PYTHON} -I "$@"\n')
    bare.chmod(0o755)
    name_interpreter(site, f"#!{bare} -S")
    done = subprocess.run([PYTHON, "-I", "-c", "import pymysql"], capture_output=True, check=False)
    findings = list(look_at_entries(str(site), ["PyMySQL"]))
    assert len(findings) == (1 if done.returncode else 0)
    for finding in findings:
        assert f"{bare}, which the first line of" in finding.text
        assert "lacks a package: PyMySQL is missing" in finding.text
        assert f"{bare} -m pip install --upgrade 'PyMySQL>=1.1.1' --target " in finding.remedy


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the path with a package that is needed, in version 1.5: works from 1.0, safe from 2.0."""
    folder = tmp_path / "packages"
    (folder / "needed-1.5.dist-info").mkdir(parents=True)
    (folder / "needed-1.5.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: needed\nVersion: 1.5\n")
    (folder / "needed_module.py").write_text("")
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.setitem(NEEDS, "needed", Need("needed_module", "1.0", "2.0"))
    return folder


def test_versions(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip's packages must be safe; the distribution mends its own without another version, but they must work."""
    assert fault_of("needed") == "1.5 is too old: at least 2.0 is needed"
    monkeypatch.setattr(versions, "DISTRIBUTIONS", str(package.parent))
    assert fault_of("needed") == ""
    assert fault_of("needed", anywhere=True) == "1.5 is too old: at least 2.0 is needed"
    monkeypatch.setitem(NEEDS, "needed", Need("needed_module", "1.10", "2.0"))
    assert fault_of("needed") == "1.5 is too old: at least 1.10 is needed"
    monkeypatch.setitem(NEEDS, "needed", Need("needed_module", "1.5", "1.5"))
    assert fault_of("needed") == ""
    monkeypatch.setitem(NEEDS, "needed", Need("no_such_module", "1.0", "1.0"))
    assert fault_of("needed") == "is missing, or cannot be loaded by this Python"


def test_another_program_of_the_same_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Debian 13's python3-multipart has a module multipart, which is not the one that is needed."""
    (tmp_path / "multipart.py").write_text("class MultipartParser: pass\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setitem(sys.modules, "python_multipart", None)
    monkeypatch.delitem(sys.modules, "multipart", raising=False)
    monkeypatch.delitem(sys.modules, "multipart.multipart", raising=False)
    assert "the package multipart is another program" in fault_of("python-multipart")
    monkeypatch.delitem(sys.modules, "multipart", raising=False)


def test_pip_is_asked_for_the_same() -> None:
    """The versions of pyproject.toml are those that are safe, for each package of which one is named."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [
        *project["dependencies"],
        *(each for name in extras if name not in ("test", "all") for each in extras[name]),
    ]
    pinned = dict(re.findall(r"^([\w-]+)(?:\[\w+\])?>=([\d.]+)$", "\n".join(asked), re.MULTILINE))
    del pinned["argcomplete"]
    # PyMySQL's own extra says which version of cryptography it wants.
    assert pinned == {name: need.safe for name, need in NEEDS.items() if name != "cryptography"}


def test_check_looks_at_the_entry(site: Path, folder: Path) -> None:
    """bin/ais check looks at the entries of its own copy, with the packages that the configuration needs."""
    shutil.copytree(ROOT / "bin", site / "bin")
    name_interpreter(site, f"#!{with_packages(site)} -S")
    (site / "index.py").chmod(0o644)
    command = [sys.executable, str(site / "bin" / "ais"), "check", "--config", str(folder / "config.py")]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "COLUMNS": "200"})
    assert f"PROBLEM {site}/index.py is not executable" in done.stdout, done
    assert "lacks a package" not in done.stdout
