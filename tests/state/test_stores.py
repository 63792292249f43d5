"""The two places where the state can be kept, by one contract."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ais.state import StateError, Store
from ais.state.redis import RedisStore
from ais.state.sqlite import ROWS, SqliteStore
from conftest import open_files
from support.interpreters import for_others
from support.needs import need_program
from support.site import ROOT

Make = Callable[[], Store]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A private Redis with a password."""
    program = need_program("redis-server", "redis-server")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--requirepass", "hunter2", "--save", ""]
    process = subprocess.Popen(command, cwd=tmp_path_factory.mktemp("redis"), stdout=subprocess.DEVNULL)
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"redis://:hunter2@127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait()


@pytest.fixture
def opened() -> Iterator[Callable[[Store], Store]]:
    """Note a store, to be closed in the end."""
    stores: list[Store] = []

    def noting(store: Store) -> Store:
        stores.append(store)
        return store

    yield noting
    for store in stores:
        store.close()


@pytest.fixture(params=["sqlite", "redis"])
def make(request: pytest.FixtureRequest, tmp_path: Path, opened: Callable[[Store], Store]) -> Make:
    """Open the same state anew, as each CGI process does."""
    if request.param == "sqlite":
        return lambda: opened(SqliteStore(str(tmp_path / "state.sqlite")))
    url = f"{request.getfixturevalue('redis_url')}#{tmp_path.name}"
    return lambda: opened(RedisStore(url))


@pytest.fixture
def sqlite(opened: Callable[[Store], Store]) -> Callable[[Path], Store]:
    """Open a file as a state."""
    return lambda path: opened(SqliteStore(str(path)))


Open = Callable[[Path], Store]


def test_key_never_changes(make: Make) -> None:
    """All processes make digests with one key."""
    assert len(make().key()) == 32
    assert make().key() == make().key()


def test_list_is_remembered(make: Make) -> None:
    """Before the first list nothing is found; later the next process finds the last one saved, also an empty one."""
    assert make().last_list() is None
    for digests in (b"a" * 8, b"", b"b" * 8 * 1000):
        make().save_list(digests)
        assert make().last_list() == digests


def test_tripped_until_a_list_is_saved(make: Make) -> None:
    """A trip is found by every process until a list is saved."""
    assert make().tripped() is False
    make().trip()
    make().trip()
    assert make().tripped() is True
    make().save_list(b"")
    assert make().tripped() is False


def test_the_last_question_for_a_list_is_remembered(make: Make) -> None:
    """The next process finds what was noted last, whole up to 500 bytes, and nothing of what was noted before."""
    assert make().asked() is None
    for what in (b"1795921920 312", b"1795921921 " + b"x" * 600, b"1795921922 "):
        make().save_asked(what)
        assert (make().asked() or b"").rstrip() == what[:500].rstrip()


def test_what_others_laid_in_the_place_of_the_last_question(sqlite: Open, tmp_path: Path) -> None:
    """A link there is not followed, and a pipe holds nobody up."""
    place = tmp_path / "state.sqlite.asked"
    (tmp_path / "secret").write_text("1795921920 secret")
    place.symlink_to("secret")
    with pytest.raises(StateError, match="cannot be read"):
        sqlite(tmp_path / "state.sqlite").asked()
    place.unlink()
    os.mkfifo(place)
    assert sqlite(tmp_path / "state.sqlite").asked() == b""


def test_failures_are_counted_within_the_window(make: Make) -> None:
    """Wrong passwords of one user add up until the window that began with the first is over."""
    assert (make().failures(b"u", 60).count, make().failures(b"u", 60).wrong) == (0, b"")
    make().add_failure(b"u", b"one", 60)
    make().add_failure(b"u", b"two", 60)
    make().add_failure(b"v", b"x", 1)
    assert (make().failures(b"u", 60).count, make().failures(b"u", 60).wrong) == (2, b"two")
    time.sleep(1.1)
    assert make().failures(b"v", 1).count == 0
    make().add_failure(b"v", b"y", 1)
    assert make().failures(b"v", 1).count == 1
    make().forget_failures(b"u")
    assert make().failures(b"u", 60).count == 0


def test_sqlite_file_is_private(sqlite: Open, tmp_path: Path) -> None:
    """The file is for its user alone, also when it lay there open to others."""
    path = tmp_path / "state.sqlite"
    path.touch(0o666)
    sqlite(path).key()
    assert path.stat().st_mode & 0o777 == 0o600


def test_sqlite_refuses_a_link(sqlite: Open, tmp_path: Path) -> None:
    """In a folder that others can write to, a link might lead anywhere."""
    (tmp_path / "target").touch()
    (tmp_path / "state.sqlite").symlink_to(tmp_path / "target")
    with pytest.raises(StateError):
        sqlite(tmp_path / "state.sqlite").key()


def test_sqlite_refuses_a_file_of_another_user(open_folder: Path) -> None:
    """A file that somebody else has laid there is not used."""
    if os.geteuid() != 0:
        pytest.skip("only root can make a file of another user")
    path = open_folder / "state.sqlite"
    path.touch()
    os.chown(path, 12345, 12345)
    path.chmod(0o666)
    code = (
        f"import os, sys; os.setuid(54321); sys.path.insert(0, {str(ROOT / 'lib')!r})\n"
        f"from ais.state.sqlite import SqliteStore\nSqliteStore({str(path)!r}).key()"
    )
    done = subprocess.run([for_others(), "-c", code], capture_output=True, text=True, check=False)
    assert "belongs to another user" in done.stderr


@pytest.mark.parametrize("content", [b"garbage" * 1000, b"SQLite format 3\0" + b"\xff" * 4000])
def test_sqlite_heals_itself(sqlite: Open, tmp_path: Path, content: bytes) -> None:
    """A damaged file is put aside and made anew; a tripped guard stays tripped."""
    path = tmp_path / "state.sqlite"
    store = sqlite(path)
    store.save_list(b"a" * 8)
    store.trip()
    store.close()
    path.write_bytes(content)
    assert sqlite(path).last_list() is None
    assert (tmp_path / "state.sqlite.damaged").read_bytes() == content
    assert sqlite(path).tripped() is True


def test_sqlite_that_cannot_heal_is_closed(sqlite: Open, tmp_path: Path) -> None:
    """A damaged file that cannot be put aside is an error, and is not kept open."""
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"garbage" * 1000)
    (tmp_path / "state.sqlite.damaged").mkdir()
    with pytest.raises(StateError, match="cannot be replaced"):
        sqlite(path).key()
    assert str(path) not in open_files()


def test_sqlite_in_a_missing_folder_is_said(sqlite: Open, tmp_path: Path) -> None:
    """The error names the file and what is needed."""
    with pytest.raises(StateError, match="must be writable"):
        sqlite(tmp_path / "none" / "state.sqlite").key()


def test_sqlite_for_many_processes(sqlite: Open, tmp_path: Path) -> None:
    """Parallel processes lose no failure."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT / 'lib')!r})\nfrom ais.state.sqlite import SqliteStore\n"
        f"for _ in range(10): SqliteStore({str(tmp_path / 'state.sqlite')!r}).add_failure(b'u', b'w', 900)"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(8)]
    assert [process.wait() for process in processes] == [0] * 8
    assert sqlite(tmp_path / "state.sqlite").failures(b"u", 900).count == 80


def test_a_flood_of_names_does_not_fill_the_disk(sqlite: Open, tmp_path: Path) -> None:
    """Names made up are forgotten, the oldest first; a user under attack is not."""
    path = tmp_path / "state.sqlite"
    store = sqlite(path)
    for wrong in (b"1", b"2", b"3"):
        store.add_failure(b"victim", wrong, 900)
    store.close()
    database = sqlite3.connect(path)
    database.executemany(
        "INSERT INTO failures VALUES (?, 1, ?, ?)", ((os.urandom(16), time.time(), b"w" * 16) for _ in range(ROWS))
    )
    database.commit()
    database.close()
    sqlite(path).add_failure(b"last", b"w", 900)
    database = sqlite3.connect(path)
    (count,) = database.execute("SELECT count(*) FROM failures").fetchone()
    database.close()
    assert count <= ROWS
    assert sqlite(path).failures(b"victim", 900).count == 3


def test_redis_that_holds_something_else(redis_url: str, tmp_path: Path, opened: Callable[[Store], Store]) -> None:
    """Foreign values are an error of the state, with which requests go on; so are answers as text."""
    redis = pytest.importorskip("redis")
    name = f"mailstore-ais:{tmp_path.name}::"
    with redis.Redis.from_url(redis_url) as client:
        client.set(f"{name}list", b"12345")
        client.set(f"{name}key", b"x" * 100)
        client.set(f"{name}count:75", b"many")
    store = opened(RedisStore(f"{redis_url}#{tmp_path.name}"))
    text = opened(RedisStore(f"{redis_url}?decode_responses=true#{tmp_path.name}"))
    for ask in (store.key, store.last_list, lambda: store.failures(b"u", 60), text.last_list):
        with pytest.raises(StateError):
            ask()


def test_redis_without_a_temporary_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no temporary folder can be written to, requests go on all the same."""

    def none() -> str:
        raise FileNotFoundError

    monkeypatch.setattr("ais.state.redis.gettempdir", none)
    RedisStore(DOWN).close()


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of its own."""
    monkeypatch.setattr("ais.state.redis.gettempdir", lambda: str(tmp_path))
    return tmp_path / f"mailstore-ais-{os.geteuid()}"


DOWN = "redis://:hunter2@127.0.0.1:1/0"


def test_a_trip_is_known_while_redis_is_down(temporary: Path) -> None:
    """A web server that held a list back holds it back without its Redis too; others of its state are not touched."""
    with pytest.raises(StateError):
        RedisStore(DOWN, "a.py").trip()
    assert RedisStore(DOWN, "a.py").tripped() is True
    for other in (RedisStore(DOWN, "b.py"), RedisStore(f"{DOWN}#x", "a.py")):
        with pytest.raises(StateError):
            other.tripped()
    assert (temporary.stat().st_mode & 0o777, len(list(temporary.iterdir()))) == (0o700, 1)
    assert "hunter2" not in str(list(temporary.iterdir()))


@pytest.mark.parametrize("planted", ["open", "link", "owner"])
def test_a_planted_marker_does_not_count(temporary: Path, tmp_path: Path, planted: str) -> None:
    """A folder of the same name that another user has made neither trips the guard nor is written to."""
    with pytest.raises(StateError):
        RedisStore(DOWN).trip()
    if planted == "open":
        temporary.chmod(0o777)
    elif planted == "link":
        temporary.rename(tmp_path / "elsewhere")
        temporary.symlink_to(tmp_path / "elsewhere")
    elif os.geteuid() == 0:
        os.chown(temporary, 12345, 12345)
    else:
        pytest.skip("only root can make a folder that belongs to another user")
    with pytest.raises(StateError):
        RedisStore(DOWN).tripped()


def test_redis_that_does_not_answer(tmp_path: Path) -> None:
    """A server that is down or silent is an error in time, without the password."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        begin = time.monotonic()
        for port in (1, silent.getsockname()[1]):
            with pytest.raises(StateError) as raised:
                RedisStore(f"redis://:hunter2@127.0.0.1:{port}/0").key()
            assert "hunter2" not in str(raised.value)
        assert time.monotonic() - begin < 5
