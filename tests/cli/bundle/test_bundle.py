"""What bin/ais bundle makes, before it is uploaded."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from ais import __version__
from ais.checking import versions
from ais.cli.bundle.packages import ALWAYS, EXTRAS, BundleError, files_of
from cli.bundle.conftest import AIS
from cli.bundle.hosting import FOLDER, configure, unzip
from conftest import parse, variables
from servers.test_documented_requests import THE_LIST
from support.interpreters import PYTHON
from support.site import ROOT


def ais(*arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run bin/ais in a folder."""
    done = subprocess.run([*AIS, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    return done


def test_default(tmp_path: Path) -> None:
    """Without options, mailstore-ais-VERSION.zip appears in the current folder, with the one package always needed."""
    done = ais("bundle", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    (made,) = tmp_path.iterdir()
    assert made.name == f"mailstore-ais-{__version__}.zip"
    assert done.stdout.startswith(made.name)
    with zipfile.ZipFile(made) as opened:
        vendored = {name.split("/")[3] for name in opened.namelist() if "/lib/vendor/" in name and name[-1] != "/"}
    assert {re.sub("-.*", "", name) for name in vendored} == {"python_multipart", "multipart"}  # its old name


def test_same_bytes(archive: Path, tmp_path: Path) -> None:
    """The same program and packages give the same bytes."""
    again = tmp_path / "again.zip"
    assert ais("bundle", "--with", ",".join(EXTRAS), "--output", str(again)).returncode == 0
    assert again.read_bytes() == archive.read_bytes()


def test_modes(archive: Path) -> None:
    """Folders, the two scripts and bin/ais are 755, all other files 644, and Unix programs are told so."""
    with zipfile.ZipFile(archive) as opened:
        assert opened.testzip() is None
        for member in opened.infolist():
            executable = member.filename.removeprefix(f"{FOLDER}/") in ("index.py", "index.fcgi", "bin/ais")
            mode = member.external_attr >> 16
            assert member.create_system == 3
            assert stat.S_IMODE(mode) == (0o755 if member.is_dir() or executable else 0o644), member.filename
            assert stat.S_ISDIR(mode) == member.is_dir()


def test_nothing_of_ours(archive: Path) -> None:
    """The administrator's configuration, data, tests and what describes this computer stay here."""
    with zipfile.ZipFile(archive) as opened:
        names = [name.removeprefix(f"{FOLDER}/") for name in opened.namelist()]
        assert all(name.startswith(f"{FOLDER}/") for name in opened.namelist())
        assert {name for name in names if name.startswith("conf/")} == {
            "conf/",
            "conf/.htaccess",
            "conf/config.example.py",
        }
        assert {name.split("/")[0] for name in names} == {
            *("", ".htaccess", "INSTALL.txt", "LICENSE", "index.py", "bin", "conf", "lib", "var"),
            *("fastcgi.htaccess", "index.fcgi"),
        }
        assert {name for name in names if name.startswith("var/")} == {"var/", "var/.htaccess"}
        wrong = r"/(tests|RECORD|direct_url\.json|INSTALLER)(/|$)|\.(so|pyd|dll|exe)$|^\.\.|egg-info"
        assert [name for name in names if re.search(wrong, name)] == []
        assert [name for name in opened.namelist() if str(ROOT).encode() in opened.read(name)] == []


def test_licences(archive: Path) -> None:
    """Every package that is passed on brings its licence."""
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
    for package, _ in (*ALWAYS, *(pair for extra in EXTRAS.values() for pair in extra)):
        folder = re.escape(package.lower().replace("-", "_"))
        pattern = rf"{FOLDER}/lib/vendor/{folder}-[^/]*\.dist-info/(licenses/)?(LICENSE|COPYING)"
        assert any(re.match(pattern, name, re.IGNORECASE) for name in names), package


def test_line_ends(archive: Path) -> None:
    """Our files have Unix line ends."""
    with zipfile.ZipFile(archive) as opened:
        for name in opened.namelist():
            if "/vendor/" not in name and not name.endswith(".pyc"):
                assert b"\r" not in opened.read(name), name


def test_bytecode(archive: Path, tmp_path: Path) -> None:
    """Every module has bytecode that is checked by a hash (PEP 552), and Python takes it."""
    with zipfile.ZipFile(archive) as opened:
        names = opened.namelist()
        compiled = [name for name in names if name.endswith(".pyc")]
        modules = [name for name in names if "/lib/" in name and name.endswith(".py")]
        assert len(compiled) == len(modules) > 100
        assert {opened.read(name)[4:8] for name in compiled} == {b"\x03\x00\x00\x00"}
    folder = unzip(archive, tmp_path)
    done = subprocess.run(
        [sys.executable, "-vSc", "import sys; sys.path.insert(0, 'lib'); import ais.app"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    app = [line for line in done.stderr.splitlines() if "ais/app" in line or "ais/__pycache__/app" in line]
    assert any("matches" in line for line in app), app
    assert not any("wrote" in line for line in app), app


@pytest.mark.parametrize("extra", EXTRAS)
def test_vendored_packages_suffice(archive: Path, tmp_path: Path, extra: str) -> None:
    """The packages of each extra can be imported with nothing but the bundle and the standard library."""
    vendor = unzip(archive, tmp_path) / "lib" / "vendor"
    modules = ", ".join(module for _, module in (*ALWAYS, *EXTRAS[extra]))
    code = f"import sys; sys.path.insert(0, {str(vendor)!r}); import {modules}"
    subprocess.run([sys.executable, "-ISc", code], check=True)


@pytest.mark.parametrize("changed", [{}, {"HOME": "/nonexistent"}, {"HOME": "", "LANG": "C", "PATH": ""}])
@pytest.mark.parametrize("where", ["/", "lib/ais"])
def test_entry_relies_on_nothing(archive: Path, tmp_path: Path, where: str, changed: dict[str, str]) -> None:
    """index.py answers from any current folder and with any environment, multipart forms (lib/vendor) included."""
    folder = configure(unzip(archive, tmp_path))
    multipart = b'--x\r\nContent-Disposition: form-data; name="cmd"\r\n\r\nlist\r\n--x--\r\n'
    forms = (
        (b"cmd=list", "application/x-www-form-urlencoded"),
        (multipart, "multipart/form-data; boundary=x"),
    )
    for body, content_type in forms:
        environment = variables(body, CONTENT_TYPE=content_type, **changed)
        done = subprocess.run(
            [folder / "index.py"], env=environment, input=body, cwd=folder / where, capture_output=True, check=False
        )
        answer = parse(done.stdout, done.stderr.decode())
        assert (answer.status, answer.body) == (200, THE_LIST), answer.log


def test_command_line_in_the_bundle(archive: Path, tmp_path: Path) -> None:
    """bin/ais works in the unpacked bundle, and takes the configuration there."""
    folder = configure(unzip(archive, tmp_path))
    environment = {key: value for key, value in os.environ.items() if key != "AIS_CONFIG"}
    done = subprocess.run(
        [PYTHON, folder / "bin" / "ais", "list", "--format", "json"],
        env=environment,
        capture_output=True,
        check=True,
    )
    assert done.stdout.strip() == THE_LIST
    again = subprocess.run([PYTHON, folder / "bin" / "ais", "bundle"], capture_output=True, text=True, check=False)
    assert again.returncode == 2
    assert "complete copy of the program" in again.stderr


@pytest.mark.parametrize(
    ("extra", "words"),
    [
        ("postgresql", "compiled"),
        ("bcrypt", "compiled"),
        ("argon2", "compiled"),
        ("frobnicate", "choose from ldap, mysql, passwords, redis"),
    ],
)
def test_refused(tmp_path: Path, extra: str, words: str) -> None:
    """Packages that are compiled, and unknown names, are refused with a sentence; no file is left."""
    done = ais("bundle", "--with", f"ldap,{extra}", folder=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_package_not_installed(tmp_path: Path) -> None:
    """A package that is not installed here is named, with the command that installs it."""
    # The bare interpreter has neither our packages nor those of the environment that runs the tests.
    copy = tmp_path / "checkout"
    for name in ("bin", "lib", "cgi-bin", "conf", "LICENSE"):
        copy.mkdir(exist_ok=True)
        subprocess.run(["cp", "-R", ROOT / name, copy], check=True)
    done = subprocess.run(
        [PYTHON, "-I", copy / "bin" / "ais", "bundle"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "python3 -m pip install --upgrade 'python-multipart>=0.0.15' --target " in done.stderr


def test_output_cannot_be_written(tmp_path: Path) -> None:
    """A folder that does not exist, or in place of the file, is a sentence and exit status 2, and nothing is left."""
    for output in (tmp_path / "none" / "ais.zip", tmp_path):
        done = ais("bundle", "--output", str(output))
        assert done.returncode == 2
        assert "cannot be written" in done.stderr
    assert list(tmp_path.parent.glob(f"{tmp_path.name}*")) == [tmp_path]


@pytest.mark.parametrize("name", ["index.py", "index.fcgi"])
def test_changed_entry(tmp_path: Path, name: str) -> None:
    """An entry that was edited here would not work there: refused."""
    subprocess.run(["cp", "-R", *(ROOT / name for name in ("bin", "lib", "cgi-bin", "conf")), tmp_path], check=True)
    entry = tmp_path / "cgi-bin" / FOLDER / name
    entry.write_text(entry.read_text().replace("../../lib", "/opt/lib"))
    done = subprocess.run(
        [sys.executable, tmp_path / "bin" / "ais", "bundle"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert f"{name} was changed" in done.stderr


def test_install_text(archive: Path) -> None:
    """INSTALL.txt is short and names files that are there."""
    with zipfile.ZipFile(archive) as opened:
        text = opened.read(f"{FOLDER}/INSTALL.txt").decode("ascii")
        names = set(opened.namelist())
    assert len(text.splitlines()) < 20
    assert max(map(len, text.splitlines())) <= 120
    for name in re.findall(r"(?<![\w/.])(?:conf|bin)/[\w.]*\w|index\.py", text):
        assert f"{FOLDER}/{name}" in names or name == "conf/config.py", name


def test_python_of_the_host(tmp_path: Path) -> None:
    """--python is the first line of both entries, and keeps what makes them immune to Windows line ends."""
    output = tmp_path / "upload.zip"
    python = "/opt/alt/python311/bin/python3.11"
    command = [sys.executable, str(ROOT / "bin" / "ais"), "bundle", "--output", str(output), "--python"]
    subprocess.run([*command, python], capture_output=True, check=True)
    with zipfile.ZipFile(output) as opened:
        for name in ("index.py", "index.fcgi"):
            assert opened.read(f"{FOLDER}/{name}").startswith(f"#!{python} -SXcr\n".encode())
    for wrong in ("python3.11", "/opt/my python", "/opt/{name}", "/opt/p\nython", ""):
        done = subprocess.run([*command, wrong], capture_output=True, text=True, check=False)
        assert done.returncode == 2
        assert "--python must be the whole path" in done.stderr


def test_a_package_that_is_too_old_is_not_passed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host would run it for years: it is refused with the command that brings a newer one."""
    monkeypatch.setitem(versions.NEEDS, "ldap3", versions.Need("ldap3", "2.9", "99"))
    with pytest.raises(BundleError, match=r"ldap3 [\d.]+ is too old: at least 99 is needed: .*--upgrade 'ldap3>=99'"):
        list(files_of("ldap3", "ldap3"))
