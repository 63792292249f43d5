"""What scripts/release builds: the same bytes from the same commit, and nothing that does not belong there."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import tarfile
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from ais import __version__
from release.conftest import Release

NAMES = {
    f"mailstore-ais-{__version__}.zip",
    f"mailstore-ais_{__version__}_all.deb",
    f"mailstore_ais-{__version__}-py3-none-any.whl",
    f"mailstore_ais-{__version__}.tar.gz",
}
WRONG = re.compile(r"(^|/)(tests|benchmarks|\.git\w*|\.ci|vendor/bin|conf/config\.py|\.venv/bin)(/|$)|\.so$|~$")


def members(package: Path) -> list[tarfile.TarInfo]:
    """What the Debian package puts on a computer."""
    data = subprocess.run(["dpkg-deb", "--fsys-tarfile", str(package)], capture_output=True, check=True).stdout
    with tarfile.open(fileobj=BytesIO(data)) as opened:
        return opened.getmembers()


def listing(path: Path) -> list[str]:
    """The names of the files in a built file."""
    if path.suffix == ".deb":
        return [member.name for member in members(path)]
    if path.suffix == ".gz":
        with tarfile.open(path) as opened:
            return opened.getnames()
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()


def test_same_bytes(release: Release, built: Path, tmp_path: Path) -> None:
    """The same commit gives the same bytes, whatever the umask, the time zone and the times of the files are."""
    for path in release.tree.rglob("*.py"):
        path.touch()
    again = release.build(tmp_path / "again", umask=0o077, zone="Pacific/Chatham")
    assert {path.name for path in built.iterdir() if path.is_file()} == NAMES
    assert [name for name in NAMES if (again / name).read_bytes() != (built / name).read_bytes()] == []


@pytest.mark.parametrize("suffix", [".deb", ".whl", ".gz", ".zip"])
def test_nothing_else(built: Path, suffix: str) -> None:
    """No test, no data of git, no file that is not in git; bytecode only in the bundle, of the Python that built it."""
    (path,) = built.glob(f"*{suffix}")
    names = listing(path)
    assert [name for name in names if WRONG.search(name)] == []
    assert [name for name in names if "LICENSE" in name or name.endswith("/copyright")]
    caches = {name.rsplit(".", 2)[1] for name in names if name.endswith(".pyc")}
    assert len(caches) == (suffix == ".zip")
    assert [name for name in names if name.endswith("ais/page/page.html")]


def files(folder: Path, name: str) -> set[Path]:
    """The files below a part of a folder."""
    return {path.relative_to(folder) for path in (folder / name).rglob("*") if path.is_file()}


def test_source_is_the_whole_program(release: Release, built: Path, tmp_path: Path) -> None:
    """Who unpacks the source has the folder of docs/, whose bin/ais runs."""
    (path,) = built.glob("*.tar.gz")
    subprocess.run(["tar", "-x", "-f", str(path), "-C", str(tmp_path)], check=True)
    (folder,) = tmp_path.iterdir()
    for name in ("docs", "conf", "cgi-bin", "lib/ais"):
        assert files(folder, name) == files(release.tree, name) - {Path("conf/config.py")}
    done = subprocess.run([sys.executable, str(folder / "bin" / "ais"), "--version"], capture_output=True, text=True)
    assert __version__ in done.stdout, done
    assert (folder / "cgi-bin/mailstore-integration/index.py").stat().st_mode & 0o777 == 0o755


def test_modes_of_debian_package(package: Path) -> None:
    """All belongs to root. Folders and what is run are 755, the rest 644."""
    runs = re.compile(r"bin/ais|cgi-bin/mailstore-integration/index\.\w+|\.rtupdate")
    for member in members(package):
        assert (member.uid, member.gid) == (0, 0)
        executable = member.isdir() or runs.search(member.name)
        assert member.issym() or stat.S_IMODE(member.mode) == (0o755 if executable else 0o644), member.name
    links = {member.name: member.linkname for member in members(package) if member.issym()}
    assert links == {
        "./usr/bin/ais": "../share/mailstore-ais/bin/ais",
        "./usr/share/mailstore-ais/conf": "/etc/mailstore-ais",
    }


def test_configuration_of_debian_package(package: Path, tmp_path: Path) -> None:
    """What an administrator may change is asked about at an update, and has the paths of the package."""
    subprocess.run(["dpkg-deb", "--raw-extract", str(package), str(tmp_path / "deb")], check=True)
    named = (tmp_path / "deb/DEBIAN/conffiles").read_text().split()
    found = [f"/{path.relative_to(tmp_path / 'deb')}" for path in (tmp_path / "deb/etc").rglob("*") if path.is_file()]
    assert named == sorted(found)
    for path in (*(tmp_path / "deb/etc").rglob("*.conf"), *(tmp_path / "deb/usr/share/doc").rglob("examples/*/*")):
        text = path.read_text(encoding="utf-8")
        assert "/opt/mailstore-ais" not in text, path
        assert not re.search(r"[ (](conf|docs)/\w", text), path
    fragment = (tmp_path / "deb/etc/lighttpd/conf-available/99-mailstore-ais.conf").read_text(encoding="utf-8")
    assert '"/etc/mailstore-ais/callers.htpasswd"' in fragment
    assert '"/usr/share/mailstore-ais/cgi-bin/mailstore-integration/index.py"' in fragment
