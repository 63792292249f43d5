"""scripts/demo and scripts/test, from a copy of the checkout."""

from __future__ import annotations

import runpy
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from logins.system import need_root
from support.interpreters import OTHER
from support.needs import need_program
from support.openldap import free_port
from support.site import ROOT

COPIED = ("bin", "cgi-bin", "lib", "scripts", "lighttpd.conf.example", "apache.conf.example")
NO_VENV = "import runpy, sys; sys.modules['ensurepip'] = None; runpy.run_path(sys.argv[0], run_name='__main__')"


@pytest.fixture
def copy(open_folder: Path) -> Path:
    """A copy of the checkout without an environment, where Apache may read it: started by root, it is another user."""
    folder = open_folder / "checkout"
    folder.mkdir()
    for name in COPIED:
        subprocess.run(["cp", "-a", ROOT / name, folder], check=True)
    return folder


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a program and take what it says."""
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)


@pytest.mark.parametrize(("server", "package"), [("lighttpd", "lighttpd"), ("apache", "apache2-bin"), ("own", "")])
def test_demo_shows_both_answers(server: str, package: str, copy: Path) -> None:
    """``--once`` works with each server, says where it was, and ends."""
    if package:
        need_program({"apache": "apache2"}.get(server, server), package)
    (copy / ".venv").symlink_to(Path(sys.prefix))
    port = free_port()
    done = run(sys.executable, copy / "scripts" / "demo", "--once", "--server", server, "--port", str(port))
    assert done.returncode == 0, done.stderr + (copy / "var" / "demo" / "server.log").read_text()
    assert done.stdout.count(" 200 OK") == 3
    for body in ('[{"userName": "john.doe"', '{"succeeded": true}', '{"succeeded": false}'):
        assert body in done.stdout
    assert done.stdout.rstrip().endswith(f"http://127.0.0.1:{port}/mailstore-integration/index.php")


def test_without_venv(copy: Path) -> None:
    """Where Python has no venv, as on Debian without that package, one sentence names it, and nothing is half made."""
    done = run(sys.executable, "-c", f"import sys; sys.argv = [{str(copy / 'scripts' / 'demo')!r}]; {NO_VENV}")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "Python's venv is not installed: apt-get install python3-venv, as root\n"
    assert {path.name for path in copy.iterdir()} == set(COPIED)


def test_tests_without_venv(copy: Path) -> None:
    """scripts/check and scripts/test say the same."""
    python = copy / "python"
    python.write_text(
        f"#!/bin/sh\nexec {sys.executable} -c \"import sys; sys.modules['ensurepip'] = None; exec('$2')\"\n"
    )
    python.chmod(0o755)
    (copy / "pyproject.toml").write_text("")
    command = f"cd {copy}; AIS_PYTHON=./python; AIS_VENV=.venv; . scripts/environment.sh"
    done = run("/bin/sh", "-euc", command)
    assert done.returncode == 1
    assert done.stderr == "Python's venv is not installed for ./python: apt-get install python3-venv, as root\n"
    assert not (copy / ".venv").exists()


def test_tests_on_another_python(copy: Path) -> None:
    """Beside its environment they need .venv, in which the Python that the entry names finds its packages."""
    (copy / "pyproject.toml").write_text("")
    (copy / "own").mkdir()
    (copy / "own" / ".stamp").write_text(run("/bin/sh", "-c", f"cksum < {copy}/pyproject.toml").stdout)
    command = f"cd {copy}; ulimit -f 64; AIS_PYTHON={sys.executable}; AIS_VENV=own; . scripts/environment.sh"
    done = run("/bin/sh", "-euc", command)
    assert (done.returncode, (copy / ".venv" / "pyvenv.cfg").exists()) == (1, True), done.stderr  # pip had no room
    (copy / ".venv" / ".stamp").write_bytes((copy / "own" / ".stamp").read_bytes())
    assert run("/bin/sh", "-euc", command).returncode == 0


def test_closed_checkout(copy: Path) -> None:
    """Below a folder that others may not enter, as root's home is, the tests run in a copy that is gone afterwards."""
    need_root("have a folder that shuts out others, but not those who test")
    (copy / "scripts" / "install").write_text("#!/bin/sh\n")
    (copy / "pyproject.toml").write_text("")
    environment = copy.parent / "environment"
    (environment / "bin").mkdir(parents=True)
    (environment / ".stamp").write_text(run("/bin/sh", "-c", f"cksum < {copy}/pyproject.toml").stdout)
    pytest_here = environment / "bin" / "pytest"
    as_other = f"setpriv --reuid={OTHER} --regid={OTHER} --clear-groups"
    pytest_here.write_text(f'#!/bin/sh\n{as_other} head -c 2 scripts/test; echo " $PWD $*"; exit 3\n')
    pytest_here.chmod(0o755)
    command = f"unset AIS_PYTHON; AIS_VENV={environment} {copy}/scripts/test -k word"
    done = run("/bin/sh", "-c", command)
    assert (done.returncode, done.stdout) == (3, f"#! {copy} --numprocesses auto --dist loadfile -k word\n")
    copy.chmod(0o700)
    done = run("/bin/sh", "-c", command)
    said, _, ran = done.stdout.partition("\n")
    assert (done.returncode, ran[:3], done.stderr) == (3, "#! ", "")
    used = Path(ran.split()[1])
    assert said == f"Other accounts cannot read {copy}, and some tests are other accounts: all run in a copy, {used}"
    assert used != copy
    assert not used.exists()


def test_environment_that_cannot_be_made(copy: Path) -> None:
    """When the making of .venv fails half-way, as on a full disk, a sentence says so, and nothing is left of it."""
    limited = 'ulimit -f 64; exec "$@"'  # no file of more than 32 KiB: pip cannot be unpacked
    done = run("/bin/sh", "-c", limited, "sh", sys.executable, copy / "scripts" / "demo", "--once")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr.splitlines()[-1]
    assert done.stderr.endswith(f"{copy / '.venv'} could not be made; the lines above say why\n")
    assert not (copy / ".venv").exists()


@pytest.mark.parametrize("port", ["-5", "65536", "99999"])
def test_port_that_cannot_be(port: str) -> None:
    """A number that no port has is told in a sentence, before anything is made."""
    done = run(sys.executable, ROOT / "scripts" / "demo", "--once", "--port", port)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "--port must be a number from 0 to 65535\n"


def test_port() -> None:
    """The usual port is taken if it is free, else another; so what README shows can be pasted."""
    script = runpy.run_path(str(ROOT / "scripts" / "demo"))
    choose = script["choose_port"]
    assert script["PORT"] == 8080
    free = free_port()
    assert choose(free) == free
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        assert choose(taken) not in (0, taken)
        done = run(sys.executable, ROOT / "scripts" / "demo", "--once", "--port", str(taken))
    assert done.returncode == 2
    assert f"port {taken} is taken" in done.stderr
