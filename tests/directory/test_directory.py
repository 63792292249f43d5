"""Several sources together, and what an administrator's own source may do."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest

from ais.config import load
from ais.config.settings import Users
from ais.directory import authenticate
from ais.directory.listing import stream
from ais.directory.naming import originals, shape
from ais.errors import GuardTripped, SourceError
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


def test_values_left_out_are_counted_in_all_sources(ask: Ask, with_sources: With) -> None:
    """The log counts what is no address, also of the sources after one whose users have to be put together first."""
    with_sources("Mine(['a', 'a@example.com']), Mine(['d', 'e f'])")
    assert "left out 2 values that are no addresses" in ask().log


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


@pytest.mark.parametrize("error", ["SystemExit(0)", "SystemExit('hunter2')", "type('Panic', (BaseException,), {})()"])
def test_a_source_that_ends_the_program_cannot_tell(ask: Ask, with_sources: With, error: str) -> None:
    """An exception that is no Exception neither ends the process, as a yes of exit status 0, nor is printed."""
    with_sources(f"Mine(['a'], True, {error})")
    for body in ("cmd=list", "cmd=auth&user=a&pass=x"):
        answer = ask(body)
        assert answer.status == 503
        assert "source 1 (Mine) failed: " in answer.log
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
        ("anna@example.com", True),
        ("bob@other.test", True),
        ("bob@example.com", False),
        ("Anna", False),
        ("root@example.com", False),
        ("root", False),
        ("ROOT@example.com", False),
        ("Róot ", False),
    ]:
        wanted = b'{"succeeded": true}' if yes else b'{"succeeded": false}'
        assert ask(f"cmd=auth&user={user}&pass=x").body == wanted, user


@pytest.mark.parametrize("name", ["anna", "Anna", "anna@example.com", "ANNA@Example.com", "a@b.test", "x@", "@", "ß"])
@pytest.mark.parametrize("lowercase", [False, True])
@pytest.mark.parametrize("domain", [None, "example.com"])
def test_the_way_back_finds_the_original(name: str, lowercase: bool, domain: str | None) -> None:
    """For every name a source may have, the listed name leads back to it, up to case where names are lowered."""
    wanted = Users(lowercase=lowercase, domain=domain)
    user, listed = shape(User(name), wanted)
    assert listed
    found = originals(user.user_name, wanted)
    assert name in found or (lowercase and name.lower() in found)


def test_a_source_may_give_the_same_users_again(write_config: WriteConfig, folder: Path) -> None:
    """What users(…) makes of a name stays out of the source: one that keeps its users still knows them by theirs."""
    kept = "class Kept(Mine):\n    kept = [User('Anna'), User('boss@x.test')]\n    users = lambda self: self.kept\n"
    added = "users(lowercase=True, strip_domain='x.test', skip=['boss@*'])\n"
    write_config(whole=f"{CONFIG.replace('callers =', f'{kept}callers =')}Kept(['Anna'], True)]\n{added}")
    config = load(str(folder / "config.py"))
    for _ in range(2):
        assert [user.user_name for user in stream(config)] == ["anna"]
        assert authenticate(config, "anna", "pw").succeeded


@pytest.mark.parametrize(
    ("names", "setting"),
    [
        (["anna", "anna@example.com"], "users(domain='example.com')"),
        (["Bert", "bert"], "users(lowercase=True)"),
    ],
)
def test_two_users_of_one_name_are_an_error(ask: Ask, with_sources: With, names: list[str], setting: str) -> None:
    """When shaping gives two users of a source one name, the list is an error: one might be let in as the other."""
    with_sources(f"Mine({names}, True)", setting)
    answer = ask()
    assert answer.status == 500
    assert "gives two of its users the same name" in answer.log


def test_a_login_of_two_users_is_an_error(ask: Ask, write_config: WriteConfig) -> None:
    """Whoever registers the listed name of somebody else is not let in with a password of their own."""
    config = CONFIG.replace("self.result if", "(password == user) if") + "Mine(['anna', 'anna@example.com'])]\n"
    write_config(whole=f"{config}users(domain='example.com')\n")
    for password in ("anna", "anna@example.com"):
        answer = ask(f"cmd=auth&user=anna@example.com&pass={password}")
        assert answer.status == 500
    assert ask("cmd=auth&user=anna@example.com&pass=other").body == b'{"succeeded": false}'


ADDRESSES = """
class With(Mine):
    def __init__(self, users):
        self.given = users
    def users(self):
        return [User(name, email_addresses=addresses) for name, addresses in self.given.items()]
"""


@pytest.mark.parametrize(
    ("sources", "listed"),
    [
        # A mailbox's own address goes to nobody else, whatever the source says, and wherever in the list it is.
        (
            [{"a@x.test": "a@x.test, i@x.test", "b@x.test": "b@x.test A@X.test i@x.test"}],
            {"b@x.test": "b@x.test i@x.test"},
        ),
        ([{"b@x.test": "b@x.test a@x.test", "a@x.test": ""}], {"b@x.test": "b@x.test"}),
        # What several users of one source share, they share.
        ([{"anna": "a@x.test i@x.test", "bob": "b@x.test i@x.test"}], {"bob": "b@x.test i@x.test"}),
        # Between sources, the earlier one's users keep their addresses.
        ([{"anna": "a@x.test"}, {"bob": "b@x.test a@x.test"}], {"anna": "a@x.test", "bob": "b@x.test"}),
        ([{"bob": "b@x.test"}, {"b@x.test": "b@x.test c@x.test"}], {"bob": None, "b@x.test": "b@x.test c@x.test"}),
        # Whose name an address is, owns it, with other addresses too.
        ([{"b@x.test": "anna@x.test", "bob": "b@x.test"}], {"b@x.test": "anna@x.test", "bob": None}),
    ],
)
def test_nobody_gets_the_address_of_another(
    ask: Ask, write_config: WriteConfig, sources: list[dict[str, str]], listed: dict[str, str | None]
) -> None:
    """One mailbox's own address is never given to another user, also not across sources."""
    made = ", ".join(f"With({users})" for users in sources)
    write_config(whole=CONFIG.replace("\ncallers", f"{ADDRESSES}\ncallers", 1) + f"{made}]\n")
    found = {user["userName"]: user.get("emailAddresses") for user in json.loads(ask().body)}
    for name, addresses in listed.items():
        assert found[name] == (addresses.split() if addresses else None)


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


def test_only_who_is_meant_is_skipped(ask: Ask, write_config: WriteConfig) -> None:
    """Another person of a similar name stays in the list; an invisible character makes nobody another."""
    body = "[User(name) for name in ('soren', 's\\u00f8ren', 'sor\\u200ben')]"
    write_config(whole=f"{OWN.format(users=body)}from ais import users\nusers(skip=['soren'])\nsources = [Own()]\n")
    assert [user["userName"] for user in json.loads(ask().body)] == ["s\u00f8ren"]


def test_two_spellings_of_one_address(ask: Ask, write_config: WriteConfig) -> None:
    """Of users whose names differ in case only, the one whose name is the address has it; its letters are small."""
    body = "[User(name, email_addresses=[name]) for name in ('anna@example.com', 'ANNA@example.com')]"
    write_config(whole=f"{OWN.format(users=body)}sources = [Own()]\n")
    listed = json.loads(ask().body)
    assert [user.get("emailAddresses") for user in listed] == [["anna@example.com"], None]


def test_sources_with_nothing_in_common_are_asked_once(ask: Ask, write_config: WriteConfig) -> None:
    """Only a list in which users or addresses meet is put together again."""
    body = "print('asked') or [User(self.name, email_addresses=[self.name + '@example.com', self.name + '@b.test'])]"
    write_config(whole=f"{OWN.format(users=body)}sources = [Own('a'), Own('b'), Own('c')]\n")
    with redirect_stderr(StringIO()) as printed:
        assert len(json.loads(ask().body)) == 3
    assert printed.getvalue() == "asked\n" * 3


@pytest.mark.parametrize("body", [b"cmd=list", b"cmd=auth&user=anna&pass=x"])
def test_what_comes_too_late_is_an_error(ask: Ask, write_config: WriteConfig, body: bytes) -> None:
    """An answer after the timeout is a 503 that names the source, also within the grace that ends a process."""
    late = "__import__('time').sleep(0.2) or [User('anna')]"
    login = f"Own.authenticate = lambda *_: {late} != []\n"
    write_config(whole=f"{OWN.format(users=late)}{login}sources = [Own()]\ntimeout = 0.1\n")
    answer = ask(body)
    assert answer.status == 503
    assert "source 1 (Own) took longer than the timeout" in answer.log


OWN = """from ais import Source, User, caller
class Own(Source):
    def __init__(self, name=""):
        self.name = name
    def users(self):
        return {users}
    def authenticate(self, user, password):
        return None
callers = [caller("mailstore@example.test", "{{PLAIN}}Passw0rd")]
"""
