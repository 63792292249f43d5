"""The login pam with services of our own in /etc/pam.d."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ais import deadline
from ais.errors import ConfigError, SourceUnavailable
from ais.logins import Login
from ais.logins.pam import REFUSED, pam
from logins.contract import ACCOUNTS, OTHER, PASSWORD, LoginContract
from logins.system import is_running, need_root
from support.needs import need_file, need_program

MODULES = Path("/lib/x86_64-linux-gnu/security")
Service = Callable[..., str]


@pytest.fixture
def service() -> Iterator[Service]:
    """Writes a service, and returns its name."""
    need_root("write to /etc/pam.d")
    written: list[Path] = []

    def writing(*lines: str) -> str:
        path = Path(f"/etc/pam.d/ais-test-{os.getpid()}-{len(written)}")
        written.append(path)
        path.write_text("".join(f"{line}\n" for line in lines))
        return path.name

    try:
        yield writing
    finally:
        for path in written:
            path.unlink()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the file of passwords, and programs that PAM runs."""
    folder = tmp_path_factory.mktemp("pam")
    lines = [f"{user}:{hashed(password)}\n" for user, password in ACCOUNTS.items()]
    (folder / "pwdfile").write_text("".join(lines), encoding="utf-8")
    for name, text in (("count", f"echo >> {folder}/asked"), ("hang", f"echo $PPID $$ > {folder}/pids; exec sleep 61")):
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return folder


def hashed(password: str) -> str:
    """A password as crypt(3) stores it."""
    openssl = need_program("openssl", "openssl")
    done = subprocess.run(
        [openssl, "passwd", "-6", "-stdin"], input=password.encode(), check=True, stdout=subprocess.PIPE
    )
    return done.stdout.decode().strip()


class TestPam(LoginContract):
    """The contract, with pam_pwdfile."""

    @pytest.fixture
    def login(self, service: Service, folder: Path) -> Login:
        """Counts, then looks into the file."""
        need_file(MODULES / "pam_pwdfile.so", "libpam-pwdfile")
        return pam(
            service(
                f"auth optional pam_exec.so quiet {folder}/count",
                f"auth required pam_pwdfile.so nodelay pwdfile={folder}/pwdfile",
                "account required pam_permit.so",
            )
        )

    @pytest.fixture
    def asked(self, folder: Path) -> Callable[[], int]:
        """How often PAM was asked."""
        counter = folder / "asked"
        return lambda: counter.stat().st_size if counter.exists() else 0

    @pytest.fixture
    def down(self) -> Login:
        """There is no such service; PAM itself would take `other` and refuse everybody."""
        return pam("no-such-service")

    @pytest.fixture
    def hanging(self, service: Service, folder: Path) -> Iterator[tuple[Login, str]]:
        """A module that waits, here for a program in a session of its own; afterwards the module's process is gone."""
        name = service(f"auth required pam_exec.so quiet {folder}/hang", "account required pam_permit.so")
        yield pam(name), f"PAM service {name}"
        asking, started = map(int, (folder / "pids").read_text().split())
        os.kill(started, signal.SIGKILL)
        assert not is_running(asking)

    @pytest.fixture
    def failing(self, service: Service, folder: Path) -> Login:
        """The file of passwords is missing."""
        need_file(MODULES / "pam_pwdfile.so", "libpam-pwdfile")
        return pam(
            service(f"auth required pam_pwdfile.so nodelay pwdfile={folder}/missing", "account required pam_permit.so")
        )


@pytest.mark.parametrize(
    ("result", "refused"),
    [
        ("auth=perm_denied", True),
        ("auth=auth_err", True),
        ("auth=user_unknown", True),
        ("auth=maxtries", True),
        ("acct=perm_denied", True),
        ("acct=auth_err", True),
        ("acct=user_unknown", True),
        ("acct=acct_expired", True),
        ("acct=new_authtok_reqd", True),
        ("acct=authtok_expired", True),
        ("auth=authinfo_unavail", False),
        ("auth=cred_insufficient", False),
        ("auth=system_err", False),
        ("auth=service_err", False),
        ("auth=buf_err", False),
        ("auth=conv_err", False),
        ("auth=abort", False),
        ("auth=try_again", False),
        ("acct=authinfo_unavail", False),
        ("acct=system_err", False),
    ],
)
def test_what_results_mean(service: Service, result: str, refused: bool) -> None:
    """A result about the user or the password is a no; every other is no answer. The account is asked about, too."""
    need_file(MODULES / "pam_debug.so", "libpam-modules")
    login = pam(service(f"auth required pam_debug.so {result}", f"account required pam_debug.so {result}"))
    if refused:
        assert login.verify("anna", PASSWORD) is False
    else:
        with pytest.raises(SourceUnavailable, match=r"PAM service ais-test-\S+, cannot check a password: result \d+"):
            login.verify("anna", PASSWORD)


def test_refusals_are_numbered_as_in_the_header() -> None:
    """The numbers are those of Linux-PAM's header file."""
    header = need_file(Path("/usr/include/security/_pam_types.h"), "libpam0g-dev").read_text()
    numbers = dict(
        line.split()[1:3] for line in header.splitlines() if line.startswith("#define PAM_") and len(line.split()) > 2
    )
    assert {name: numbers[name] for name in REFUSED.values()} == {name: str(number) for number, name in REFUSED.items()}


def test_success_of_both_is_a_yes(service: Service) -> None:
    """A password that is right and an account that is valid."""
    assert pam(service("auth required pam_permit.so", "account required pam_permit.so")).verify("anna", "x") is True
    assert pam(service("auth required pam_permit.so", "account required pam_deny.so")).verify("anna", "x") is False
    assert pam(service("auth required pam_deny.so", "account required pam_permit.so")).verify("anna", "x") is False


def test_a_service_that_names_a_missing_module_is_a_no_or_no_answer(service: Service) -> None:
    """A broken service never says yes."""
    login = pam(service("auth required pam_no_such_module.so", "account required pam_permit.so"))
    with pytest.raises(SourceUnavailable):
        login.verify("anna", PASSWORD)


def test_names(service: Service, folder: Path) -> None:
    """PAM gets the name that the pattern makes."""
    lines = (f"auth required pam_pwdfile.so nodelay pwdfile={folder}/pwdfile", "account required pam_permit.so")
    assert pam(service(*lines), name="{local}").verify("anna@example.com", PASSWORD) is True
    assert pam(service(*lines), name="{local}").verify("anna@example.com", OTHER) is False


def test_another_program_runs_this_interpreter(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    """Inside a web server, where sys.executable is that or nothing, PAM is asked by the interpreter on disk."""
    login = pam(service("auth required pam_permit.so", "account required pam_permit.so"))
    for executable in ("/usr/sbin/apache2", "", None):
        monkeypatch.setattr(sys, "executable", executable)
        assert login.verify("anna", "x") is True


@pytest.mark.parametrize("text", ["exit 0", "exit 1", "exit 7", "kill -9 $$"])
def test_another_exit_status_is_no_answer(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """A process that did not ask PAM can say neither yes nor no."""
    program = tmp_path / "python-of-somebody"
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    with pytest.raises(SourceUnavailable):
        pam(service("auth required pam_deny.so", "account required pam_deny.so")).verify("anna", PASSWORD)


def test_the_password_is_in_no_argument_and_no_environment(service: Service, tmp_path: Path) -> None:
    """Other users of the computer see arguments; what PAM starts sees the environment."""
    (tmp_path / "look").write_text(
        f"#!/bin/sh\nenv > {tmp_path}/env\nfor each in /proc/[0-9]*/cmdline; do tr '\\0' ' ' < $each; done"
        f" > {tmp_path}/arguments 2>/dev/null\n"
    )
    (tmp_path / "look").chmod(0o755)
    os.environ["HTTP_AUTHORIZATION"] = "Basic secret"
    try:
        lines = (f"auth required pam_exec.so quiet {tmp_path}/look", "account required pam_permit.so")
        assert pam(service(*lines)).verify("anna", OTHER) is True
    finally:
        del os.environ["HTTP_AUTHORIZATION"]
    assert "pamchild" in (tmp_path / "arguments").read_text()
    for name in ("arguments", "env"):
        assert OTHER not in (tmp_path / name).read_text()
    assert "AUTHORIZATION" not in (tmp_path / "env").read_text()


def test_deadline_over(service: Service) -> None:
    """When no time is left, PAM is not asked."""
    login = pam(service("auth required pam_permit.so", "account required pam_permit.so"))
    deadline.start(-1)
    with pytest.raises(SourceUnavailable):
        login.verify("anna", "x")


@pytest.mark.parametrize("given", ["", "a/b", "../x", "a b", "a\0b", "ü", "..", "Login", None, 5])
def test_wrong_service(given: Any) -> None:
    """What can be no service is an error when the configuration is read."""
    with pytest.raises(ConfigError, match="service"):
        pam(given)


def test_wrong_name() -> None:
    """As in every login."""
    with pytest.raises(ConfigError, match="name"):
        pam("login", name="anna")
