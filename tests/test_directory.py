"""Several sources together, and what an administrator's own source may do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import pytest

from ais.errors import GuardTripped, SourceError
from ais.naming import originals, shape
from ais.settings import Users
from ais.sources import Source
from ais.user import User
from conftest import Ask

WriteConfig = Callable[..., None]

CONFIG = """from ais import Source, User, caller, guard, users

class Mine(Source):
    def __init__(self, names, result=None, fault=None):
        self.names, self.result, self.fault = names, result, fault
    def users(self):
        for name in self.names:
            yield User(name, full_name=str(len(self.names)), email_addresses=[name + "@example.com"])
        if self.fault:
            raise self.fault
    def authenticate(self, user, password):
        if self.fault:
            raise self.fault
        return self.result if user in self.names else None

callers = [caller("mailstore@example.test", "{PLAIN}Passw0rd")]
sources = ["""


@pytest.fixture
def with_sources(write_config: WriteConfig) -> Callable[[str, str], None]:
    """Configure sources made by the class above."""

    def writing(sources: str, added: str = "") -> None:
        write_config(whole=f"{CONFIG}{sources}]\n{added}\n")

    return writing


With = Callable[..., None]


def test_all_are_listed_and_the_earlier_wins(ask: Ask, with_sources: With) -> None:
    """All sources are listed in order; of two users with one name the earlier source's is given."""
    with_sources("Mine(['a', 'b']), Mine(['b', 'c', 'd'])")
    assert [(user["userName"], user["fullName"]) for user in json.loads(ask().body)] == [
        ("a", "2"),
        ("b", "2"),
        ("c", "3"),
        ("d", "3"),
    ]


@pytest.mark.parametrize(
    ("sources", "user", "body"),
    [
        ("Mine(['a'], True), Mine(['a'], False)", "a", b'{"succeeded": true}'),
        ("Mine(['a'], False), Mine(['a'], True)", "a", b'{"succeeded": false}'),
        ("Mine(['b'], False), Mine(['a'], True)", "a", b'{"succeeded": true}'),
        ("Mine(['a'], True), Mine(['b'], True)", "c", b'{"succeeded": false}'),
        ("Mine(['a'], True), Mine(['a'], True, OSError())", "a", b'{"succeeded": true}'),
    ],
)
def test_the_first_that_knows_decides(ask: Ask, with_sources: With, sources: str, user: str, body: bytes) -> None:
    """The first source that knows the user decides, for yes and for no."""
    with_sources(sources)
    assert ask(f"cmd=auth&user={user}&pass=x").body == body


def test_a_source_that_cannot_tell_is_never_skipped(ask: Ask, with_sources: With) -> None:
    """A failing source before the one that knows the user ends the request with 503; so it does for the list."""
    with_sources("Mine(['z'], True, ValueError('hunter2')), Mine(['a'], True)")
    for body in ("cmd=list", "cmd=auth&user=a&pass=x"):
        answer = ask(body)
        assert answer.status == 503
        assert "source 1 (Mine)" in answer.log
        assert "ValueError" in answer.log
        assert "hunter2" not in answer.log + answer.body.decode()


@pytest.mark.parametrize("result", ["1", "'yes'", "[]", "0", "object()", "'false'"])
def test_only_true_is_a_yes(ask: Ask, with_sources: With, result: str) -> None:
    """Whatever else a source returns is never a yes, and is said."""
    with_sources(f"Mine(['a'], {result})")
    answer = ask("cmd=auth&user=a&pass=x")
    assert answer.status == 500
    assert "True, False or None" in answer.log


@pytest.mark.parametrize("user", ["None", "'a'", "5", "{'userName': 'a'}"])
def test_users_gives_users(ask: Ask, write_config: WriteConfig, user: str) -> None:
    """A source that gives something else than a User fails the list."""
    write_config(
        whole=CONFIG.replace("yield User(", f"yield {user} if name == 'b' else User(") + "Mine(['a', 'b', 'c'])]\n"
    )
    answer = ask()
    assert answer.status == 500
    assert b"userName" not in answer.body


def test_nobody_is_an_error_by_default(ask: Ask, with_sources: With) -> None:
    """A list of nobody is 500 and not []; guard(min_users=0) allows it, a higher number wants more."""
    with_sources("Mine([])")
    answer = ask()
    assert (answer.status, answer.body[:2]) == (500, b'{"')
    assert "min_users" in answer.log
    with_sources("Mine([])", "guard(min_users=0)")
    assert (ask().status, ask().body) == (200, b"[]")
    with_sources("Mine(['a', 'b'])", "guard(min_users=3)")
    assert ask().status == 500


def test_names_are_shaped(ask: Ask, with_sources: With) -> None:
    """users(…) lowers, adds the domain, makes distinguished names and skips; a login finds its way back."""
    with_sources(
        "Mine(['Anna', 'bob@other.test', 'root', 'Eve,x'], True)",
        "users(lowercase=True, domain='example.com', distinguished_name='uid={userName},dc=x', skip=['root'])",
    )
    listed = {user["userName"]: user["distinguishedName"] for user in json.loads(ask().body)}
    assert listed == {
        "anna@example.com": "uid=anna@example.com,dc=x",
        "bob@other.test": "uid=bob@other.test,dc=x",
        "eve,x@example.com": "uid=eve\\,x@example.com,dc=x",
    }
    for user, yes in [
        ("Anna@example.com", True),
        ("Anna@EXAMPLE.COM", True),
        ("bob@other.test", True),
        ("bob@example.com", False),
        ("Anna", False),
        ("root@example.com", False),
        ("root", False),
    ]:
        wanted = b'{"succeeded": true}' if yes else b'{"succeeded": false}'
        assert ask(f"cmd=auth&user={user}&pass=x").body == wanted, user


@pytest.mark.parametrize("name", ["anna", "Anna", "anna@example.com", "ANNA@Example.com", "a@b.test", "x@", "@", "ß"])
@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("domain", [None, "example.com"])
def test_the_way_back_finds_the_original(name: str, lowercase: bool, domain: str | None) -> None:
    """For every name a source may have, the listed name leads back to it, up to case where names are lowered."""
    wanted = Users(lowercase=lowercase, domain=domain)
    user = User(name)
    assert shape(user, wanted)
    found = originals(user.user_name, wanted)
    assert name in found or (lowercase and name.lower() in found)


def test_guard_and_source_errors_are_distinct() -> None:
    """Errors of different kinds are different types."""
    assert not issubclass(GuardTripped, SourceError)


class TenLines(Source):
    """The shortest useful source."""

    def users(self) -> Iterable[User]:
        """Two users."""
        return [User("a", email_addresses="a@x.test, b@x.test"), User("b")]

    def authenticate(self, user: str, password: str) -> bool | None:
        """A fixed password."""
        return password == "secret" if user in ("a", "b") else None


def test_a_short_source_is_a_source() -> None:
    """A third party's source needs two methods and nothing else."""
    source = TenLines()
    assert [user.to_json() for user in source.users()] == [
        '{"userName": "a", "emailAddresses": ["a@x.test", "b@x.test"]}',
        '{"userName": "b"}',
    ]
    assert source.description == "TenLines"


@pytest.mark.parametrize(
    "make",
    [
        lambda: User(""),
        lambda: User(" "),
        lambda: User(None),  # type: ignore[arg-type]
        lambda: User(5),  # type: ignore[arg-type]
        lambda: User("a", full_name=5),  # type: ignore[arg-type]
        lambda: User("a", email_addresses=[5]),  # type: ignore[list-item]
        lambda: User("a\ud800"),
        lambda: User("a", email_addresses='["a"'),
        lambda: User("a", email_addresses='["a\\ud800@x.test"]'),
    ],
)
def test_a_user_that_cannot_be_is_an_error(make: Callable[[], User]) -> None:
    """No name, no text, or text that no client could read is an error."""
    with pytest.raises(SourceError):
        make()
