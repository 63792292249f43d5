"""Which configuration an address has, where the web server names a folder of tenants."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ais.config import choose, is_tenant
from ais.errors import UnknownTenant
from conftest import Ask
from support.site import sample_config, write_database

END = "/mailstore-integration/index.php"
RULE = re.compile("[a-z0-9][a-z0-9-]{0,62}")
DEFAULT = "/default.py"


@pytest.fixture(scope="module")
def tenants(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the files of two tenants, and with files whose names no tenant can have."""
    folder = tmp_path_factory.mktemp("tenants")
    for name in ("a", "acme-9", "Upper", "under_score", "-dash", "a.b", "", "ü", "x" * 64):
        (folder / f"{name}.py").write_text("")
    (folder / "sub").mkdir()
    (folder / "sub" / "a.py").write_text("")
    return folder


def chosen(folder: Path, script: str, more: str = "", **others: str) -> str | None:
    """The tenant whose file in the folder is chosen; None for a 404."""
    environ = {"AIS_TENANTS": str(folder), "SCRIPT_NAME": script, "PATH_INFO": more, **others}
    try:
        path, tenant = choose(environ, DEFAULT)
        assert path == str(folder / f"{tenant}.py")
        return tenant
    except UnknownTenant:
        return None


@given(
    st.one_of(
        st.text(max_size=70),
        st.text("abcz019-", max_size=70),
        st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}\n?", fullmatch=True),
    )
)
def test_names(name: str) -> None:
    """A name is what the rule of the design says, in full and in ASCII."""
    assert is_tenant(name) == (RULE.fullmatch(name) is not None)


@pytest.mark.parametrize("name", ["a", "acme-9"])
@pytest.mark.parametrize("end", [END, "/mailstore-integration/"])
def test_addresses(tenants: Path, name: str, end: str) -> None:
    """Both addresses of a tenant lead to its file, however the server divides them into two variables."""
    address = f"/{name}{end}"
    for cut in range(len(address) + 1):
        assert chosen(tenants, address[:cut], address[cut:]) == name


WRONG = [
    *("", "/", END, "/mailstore-integration/", "/a", "/a/", f"a{END}", f"//a{END}", f"/a/{END}", f"/./a{END}"),
    *(f"/a{END}/", f"/a{END}/x", f"/a{END}x", f"/a{END}\n", f"/a\n{END}", f"/a{END}?x", f"/a{END};x", f"/a{END}\0"),
    *("/a/mailstore-integration", "/a/mailstore-integration/index.py", "/a/mailstore-integration/INDEX.PHP"),
    *(f"/b/../a{END}", f"/..{END}", f"/.{END}", f"/../a{END}", f"/sub/a{END}", f"/sub%2fa{END}", f"/%61{END}"),
    *(f"/Upper{END}", f"/A{END}", f"/under_score{END}", f"/-dash{END}", f"/a.b{END}", f"/a.py{END}", f"/ü{END}"),
    *(f"/{'x' * 64}{END}", f"/a {END}", f"/a\0{END}", f"/sub{END}", f"/missing{END}", f"http://host/a{END}"),
]


@pytest.mark.parametrize("address", WRONG)
def test_nothing_else_is_an_address(tenants: Path, address: str) -> None:
    """Every other address is a 404, that of a file which is there under a name that no tenant can have too."""
    assert chosen(tenants, address) is None
    assert chosen(tenants, "", address) is None


@given(st.text(max_size=20), st.sampled_from(["a", "b", "acme-9"]), st.text(max_size=20))
def test_only_the_address_itself(tenants: Path, before: str, name: str, after: str) -> None:
    """Nothing around an address belongs to it."""
    address = f"{before}/{name}{END}{after}"
    known = not before and not after and name != "b"
    assert chosen(tenants, address) == (name if known else None)


def test_only_the_decoded_path_counts(tenants: Path) -> None:
    """What the client wrote, its query and its headers choose nothing."""
    others = {"REQUEST_URI": f"/acme-9{END}", "QUERY_STRING": f"/acme-9{END}", "HTTP_HOST": "acme-9"}
    others |= {"HTTP_SCRIPT_NAME": f"/acme-9{END}", "HTTP_PATH_INFO": f"/acme-9{END}", "HTTP_AIS_CONFIG": "/x"}
    others |= {"HTTP_AIS_TENANTS": "/x", "HTTP_X_ORIGINAL_URL": f"/acme-9{END}", "REDIRECT_URL": f"/acme-9{END}"}
    assert chosen(tenants, f"/a{END}", **others) == "a"
    assert chosen(tenants, END, **others) is None


@pytest.mark.parametrize("prefix", ["", "REDIRECT_"])
def test_the_server_decides(tenants: Path, prefix: str) -> None:
    """AIS_CONFIG beats AIS_TENANTS, both count after a rewrite of Apache's, and without them there is the default."""
    environ = {"SCRIPT_NAME": f"/a{END}", f"{prefix}AIS_TENANTS": str(tenants)}
    assert choose(environ, DEFAULT) == (str(tenants / "a.py"), "a")
    assert choose({**environ, f"{prefix}AIS_CONFIG": "/named.py"}, DEFAULT) == ("/named.py", "")
    assert choose({"SCRIPT_NAME": f"/missing{END}", "AIS_TENANTS": "", "AIS_CONFIG": ""}, DEFAULT) == (DEFAULT, "")


@pytest.mark.parametrize("method", ["POST", "GET"])
def test_the_answer_tells_nothing(run: Ask, tenants: Path, method: str) -> None:
    """A name that cannot be and a tenant that is not there get the same bytes, without a challenge; the log has why."""
    asked = {"AIS_CONFIG": None, "AIS_TENANTS": str(tenants), "REQUEST_METHOD": method}
    seen = [run(**asked, SCRIPT_NAME=f"{name}{END}") for name in ("/missing", "/Upper", "/../a", "")]
    assert {(answer.status, *answer.headers.items(), answer.body) for answer in seen} == {
        (404, *seen[0].headers.items(), seen[0].body)
    }
    assert seen[0].headers["Status"] == "404 Not Found"
    assert "WWW-Authenticate" not in seen[0].headers
    assert f"{tenants}/missing.py does not exist" in seen[0].log
    assert "the address is not /NAME/mailstore-integration/index.php" in seen[1].log
    assert str(tenants) not in seen[0].body.decode()


def test_a_tenant_is_asked(run: Ask, folder: Path) -> None:
    """The real entry answers by the file of the address, which may be a symbolic link, and by no other."""
    (folder / "tenants").mkdir()
    write_database(folder / "tenants" / "users.sqlite")
    (folder / "tenants" / "a.py").write_text(sample_config())
    (folder / "tenants" / "b.py").symlink_to(folder / "tenants" / "a.py")
    (folder / "tenants" / "c.py").write_text(sample_config("c"))
    (folder / "tenants" / "gone.py").symlink_to("nowhere.py")
    asked = {"AIS_CONFIG": None, "AIS_TENANTS": str(folder / "tenants")}
    for name, status in (("a", 200), ("b", 200), ("c", 401), ("gone", 404)):
        answer = run(**asked, SCRIPT_NAME="", PATH_INFO=f"/{name}{END}")
        assert answer.status == status
        assert (f' tenant="{name}" ms=' in answer.log) == (status != 404)
    asked["AIS_CONFIG"] = str(folder / "config.py")
    answer = run(**asked, SCRIPT_NAME=f"/c{END}")
    assert answer.status == 200
    assert "tenant=" not in answer.log
