"""`ais.wsgi` in one process: many threads, a configuration that changes under them, and what a proxy says."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ais.sources.sql import SqlSource
from ais.sources.sql import _samples as samples
from ais.wsgi import _configurations, application, behind_proxy
from conftest import credentials
from support.site import ROOT, USERS

WriteConfig = Callable[..., None]


def ask(folder: Path, body: bytes = b"cmd=list", app: Any = application, **changed: Any) -> tuple[int, bytes]:
    """Call the application."""
    environ = {
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": "application/x-www-form-urlencoded",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_AUTHORIZATION": credentials(),
        "REMOTE_ADDR": "127.0.0.1",
        "AIS_CONFIG": str(folder / "config.py"),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.url_scheme": "http",
        **changed,
    }
    seen: list[str] = []
    content = b"".join(app(environ, lambda status, headers: seen.append(status)))
    return int(seen[0][:3]), content


def test_no_stored_password_outlives_a_request(folder: Path, write_config: WriteConfig) -> None:
    """What an unknown user's password was checked against is gone when the answer is."""
    seen: list[object] = []
    before = samples.get()

    def noted(known: object, password: str) -> bool:
        seen.append((samples.get() or {}).get(id(known)))
        return True

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SqlSource, "decoy", noted)
        assert ask(folder, b"cmd=auth&user=nobody&pass=x") == (200, b'{"succeeded": false}')
    assert str(seen[0]).startswith("{")
    assert samples.get() is before
    assert str(seen[0]) not in str([vars(known) for known in _configurations.load(str(folder / "config.py")).sources])


def test_the_configuration_changes_under_many_threads(folder: Path, write_config: WriteConfig) -> None:
    """While it changes from right to broken and back, every answer is the whole list or an error 500."""
    wanted = ask(folder)
    assert wanted[0] == 200
    assert wanted[1].count(b"userName") == len(USERS)
    stop = threading.Event()
    wrong: list[tuple[int, bytes]] = []
    counts = {200: 0, 500: 0}

    def work() -> None:
        while not stop.is_set():
            found = ask(folder)
            if found != wanted and found[0] != 500:
                wrong.append(found)
            counts[found[0]] = counts.get(found[0], 0) + 1

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for turn in range(12):
        before = sum(counts.values())
        write_config("typo = 1\n" if turn % 2 else f"timeout = {turn + 1}\n")
        while sum(counts.values()) < before + 30:
            pass
    write_config()
    stop.set()
    for thread in threads:
        thread.join()
    assert not wrong
    assert counts[200] > 50
    assert counts[500] > 50
    assert ask(folder) == wanted


def test_a_changed_configuration_lets_go_of_files(folder: Path, write_config: WriteConfig) -> None:
    """Handles of the sources as they were are closed."""

    def handles() -> int:
        links = (os.path.realpath(f"/proc/self/fd/{number}") for number in os.listdir("/proc/self/fd"))
        return sum(link == str(folder / "users.sqlite") for link in links)

    for turn in range(4):
        assert ask(folder)[0] == 200
        assert handles() == 1
        write_config(f"timeout = {turn + 1}\n")


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [
        ("for=127.0.0.1;proto=http", 200),
        ("for=192.0.2.7;proto=https", 200),
        ("for=192.0.2.7;proto=http", 403),
        ("for=192.0.2.7", 403),
        ('For="[2001:db8::7]";Proto="https"', 200),
        ('for="[2001:db8::7]"', 403),
        ('for="[::1]"', 200),
        ("proto=http", 403),
        ("", 403),
        ("for=127.0.0.1;proto=https, for=192.0.2.7;proto=http", 403),
        ('for="127.0.0.1;proto=https, for=192.0.2.7;proto=http', 403),
        ("for=192.0.2.7;proto=http, for=127.0.0.1", 403),
        ("for=192.0.2.7;proto=http, for=127.0.0.1;proto=https", 200),
        ("for=unknown;proto=httpsx", 403),
    ],
)
@pytest.mark.parametrize("peer", ["", "127.0.0.1", "::1"])
def test_the_last_word_is_the_proxys(folder: Path, forwarded: str, status: int, peer: str) -> None:
    """HTTPS is required of the client that is named last, unless that is this computer, and no further proxy on it."""
    assert ask(folder, app=behind_proxy, REMOTE_ADDR=peer, HTTP_FORWARDED=forwarded)[0] == status


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("HTTP_X_FORWARDED_FOR", "127.0.0.1", 200),
        ("HTTP_X_FORWARDED_FOR", "192.0.2.7, 127.0.0.1", 403),
        ("HTTP_X_FORWARDED_FOR", "192.0.2.7", 403),
        ("HTTP_X_REAL_IP", "192.0.2.7", 403),
        ("HTTP_VIA", "1.1 proxy", 403),
    ],
)
def test_a_proxy_before_the_proxy_is_seen(folder: Path, header: str, value: str, status: int) -> None:
    """What the proxy itself adds tells of no other one; what it got already does, and then HTTPS is required."""
    said: dict[str, Any] = {"REMOTE_ADDR": "", header: value}
    assert ask(folder, app=behind_proxy, HTTP_FORWARDED="for=127.0.0.1;proto=http", **said)[0] == status
    assert ask(folder, app=behind_proxy, HTTP_FORWARDED="for=127.0.0.1;proto=https", **said)[0] == 200


def test_who_is_no_proxy_is_not_believed(folder: Path) -> None:
    """A client that comes from another computer by itself cannot say who it is."""
    said: dict[str, Any] = {"HTTP_FORWARDED": "for=127.0.0.1;proto=https", "REMOTE_ADDR": "192.0.2.7"}
    assert ask(folder, app=behind_proxy, **said)[0] == 403
    assert ask(folder, **said)[0] == 403


def test_addresses_of_callers_count_behind_a_proxy(folder: Path, write_config: WriteConfig) -> None:
    """allow_from looks at the client, not at the proxy."""
    text = (folder / "config.py").read_text().replace("')]\n", "', allow_from='192.0.2.0/24')]\n", 1)
    assert "allow_from" in text
    write_config(whole=text)
    for address, status in (("192.0.2.7", 200), ("198.51.100.7", 403)):
        said: dict[str, Any] = {"REMOTE_ADDR": "", "HTTP_FORWARDED": f"for={address};proto=https"}
        assert ask(folder, app=behind_proxy, **said)[0] == status


def test_threads_that_miss_modules_do_not_disturb_each_other() -> None:
    """Optional packages are looked for by many first requests at a time; each is found or is missing."""
    code = (
        "import sys, threading; sys.path.insert(0, sys.argv[1])\n"
        "import ais.wsgi\n"
        "barrier, seen = threading.Barrier(20), []\n"
        "def work(number):\n"
        "    barrier.wait()\n"
        "    try:\n"
        "        __import__(f'no_such_module_{number}')\n"
        "    except BaseException as error:\n"
        "        seen.append(type(error).__name__)\n"
        "threads = [threading.Thread(target=work, args=(number,)) for number in range(20)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
        "print(sorted(set(seen)), len(seen))\n"
    )
    command = [sys.executable, "-c", code, str(ROOT / "lib")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == "['ModuleNotFoundError'] 20\n", done
