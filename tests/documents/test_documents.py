"""The documents say what is true: their commands run, their links lead somewhere."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from ais.config import load
from cli.probe.trying import raw_server
from support.needs import need_program
from support.openldap import free_port
from support.site import ROOT

PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ENTRIES = sorted((ROOT / "cgi-bin" / "mailstore-integration").glob("index.*"))
DEMO = [sys.executable, str(ROOT / "scripts" / "demo")]


class Demo(NamedTuple):
    """A running scripts/demo: its port, the caller's password and what it has printed."""

    port: str
    password: str
    printed: str


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    """scripts/demo, started by the first block of the README but for the server and the port."""
    (start, _) = blocks("../README.md", "sh")
    assert start == "scripts/demo\n"
    command = [*DEMO, "--server", "own", "--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            text = ""
            for line in process.stdout:
                text += line
                if line.startswith("Ctrl-C"):
                    break
            port = re.search(r"^URL +http://127\.0\.0\.1:(\d+)/", text, re.MULTILINE)
            password = re.search(r"^password +(\S+)$", text, re.MULTILINE)
            assert port, text
            assert password, text
            yield Demo(port[1], password[1], text)
        finally:
            process.send_signal(signal.SIGTERM)


def test_readme_requests_and_answers(demo: Demo) -> None:
    """README's second block, pasted into a shell, gets the answers in it, and the demo prints both by itself."""
    need_program("curl", "curl")
    (_, block) = blocks("../README.md", "sh")
    commands, answers = block.splitlines()[::2], [line.removeprefix("# ") for line in block.splitlines()[1::2]]
    assert len(commands) == len(answers) == 2
    for command, answer in zip(commands, answers, strict=True):
        here = command.replace(":8080", f":{demo.port}")
        assert f"\n{here}\n" in demo.printed
        beginning, dots, _ = answer.partition("…")
        assert f"\n{beginning}" in demo.printed
        got = in_shell(f"{here} -s").stdout
        assert got.startswith(beginning)
        assert dots or got == answer
    # Pasted as a whole.
    assert in_shell(block.replace(":8080", f":{demo.port}")).stdout.endswith(f"]{answers[1]}")
    assert (ROOT / "var" / "demo" / "netrc").stat().st_mode & 0o777 == 0o600


RUN = {
    "README.md": "2 sh: documents/test_documents",
    "docs/apache.md": "1 apache, 1 json, 1 python, 12 sh, 2 text: servers/test_docs",
    "docs/command-line.md": "4 sh: cli/test_page documents/test_pages",
    "docs/command.md": "2 php, 5 python, 3 sh: sources/test_command_page documents/test_pages",
    "docs/csv.md": "2 python, 1 sh, 2 text: sources/text/test_csv documents/test_pages",
    "docs/debian.md": "9 sh: release/test_debian",
    "docs/fastcgi.md": "2 sh: persistent/test_fastcgi_page",
    "docs/guard.md": "6 python, 3 sh, 1 text: documents/test_pages",
    "docs/htpasswd.md": "2 python, 2 text: sources/text/test_htpasswd",
    "docs/ldap.md": "1 plain, 10 python, 1 sh: sources/test_ldap_page documents/test_pages",
    "docs/lighttpd.md": "1 json, 2 lighttpd, 1 python, 12 sh: servers/test_docs",
    "docs/logins.md": "1 plain, 1 dovecot, 8 python: logins/test_page",
    "docs/mailstore.md": "1 sh: documents/test_documents",
    "docs/monitoring.md": "1 sh, 1 text: cli/test_monitoring",
    "docs/moving.md": "1 sh: documents/test_documents",
    "docs/nginx.md": "1 nginx, 1 python, 7 sh: servers/test_nginx_page",
    "docs/own-source.md": "1 python: documents/test_documents",
    "docs/passwd-file.md": "3 python, 4 text: sources/text/test_passwd_file",
    "docs/passwd.md": "2 python, 3 text: sources/text/test_passwd",
    "docs/passwords.md": "1 sql: sources/sql/drivers/test_docs",
    "docs/presets/cpanel.md": "2 python, 3 text: presets/test_panel_files",
    "docs/presets/directadmin.md": "1 python, 2 text: presets/test_panel_files",
    "docs/presets/docker-mailserver.md": "1 python, 2 text: presets/test_docker_mailserver",
    "docs/presets/hestia.md": "2 python, 2 text: presets/test_hestia",
    "docs/presets/virtualmin.md": "2 python, 4 text: presets/test_panel_files",
    "docs/scaling.md": "1 python, 1 text: documents/test_pages",
    "docs/shared-hosting.md": "1 csv, 4 python, 8 sh, 1 text: cli/bundle/test_shared_hosting_page",
    "docs/sql.md": "10 python, 1 sh, 4 sql: sources/sql/drivers/test_docs documents/test_pages",
    "docs/status-page.md": "1 python, 2 text: documents/test_pages",
    "docs/tenants.md": "1 json, 6 sh: servers/test_tenants_page",
    "docs/troubleshooting.md": "1 python, 7 sh: cli/probe/test_troubleshooting_page",
    "docs/users.md": "7 python, 6 text: directory/test_users_page",
    "docs/wsgi.md": "5 sh: persistent/test_page persistent/test_ways",
}
"""How many fenced blocks of which language a page has, and the tests that run them."""

# The other presets, each by its name in the table of that module.
RUN_PRESET = re.compile("1 python(, [12] sql)?: presets/test_pages")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_run(page: Path) -> None:
    """No page has a command or a configuration that no test runs: run a new one, then count it in the table above."""
    fences = re.findall(r"^ *```(\w*)\n.*?\n *```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    name = str(page.relative_to(ROOT))
    counted = ", ".join(f"{number} {language or 'plain'}" for language, number in sorted(Counter(fences).items()))
    if page.parent.name == "presets" and fences and name not in RUN:
        modules, sign = "presets/test_pages", f'"{page.stem.replace("-", "_")}"'
        assert RUN_PRESET.fullmatch(f"{counted}: {modules}")
    else:
        known, _, modules = RUN.get(name, "").partition(": ")
        assert counted == known
        sign = name.removeprefix("docs/")
    for module in modules.split():
        assert sign in (ROOT / "tests" / f"{module}.py").read_text(encoding="utf-8"), module


PACKAGES = {
    r"curl ": "apt-get install [^`\n]*curl",
    r"python3 -m venv ": "python3-venv",
    r"htpasswd ": "apache2-utils|apt-get install apache2",
}
"""Programs that a bare Debian lacks, as commands begin, and how a page says where they come from."""


@pytest.mark.parametrize("program", PACKAGES)
def test_packages_of_commands_are_named(program: str) -> None:
    """A page whose commands call a program that a bare Debian lacks says which package brings it."""
    calls = re.compile(rf"^ *```sh\n(?:(?! *```).*\n)*? *{program}", re.MULTILINE)
    texts = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    calling = [name for name, text in texts.items() if calls.search(text)]
    assert calling
    assert [name for name in calling if not re.search(PACKAGES[program], texts[name])] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of a page leads to a file of the repository, and to a heading in it where it names one."""
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            file = page.parent / target if target else page
            assert file.exists(), target
            assert not anchor or anchor in anchors(file), (target, anchor)


def anchors(page: Path) -> set[str]:
    """What GitHub makes of the headings of a page."""
    headings = re.findall("^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}


def test_own_source_page(tmp_path: Path) -> None:
    """The configuration of docs/own-source.md is complete and does what the page says."""
    page = (ROOT / "docs" / "own-source.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(.*?)```", page, re.DOTALL)
    assert block
    path = tmp_path / "config.py"
    path.write_text(block[1], encoding="utf-8")
    (source,) = load(str(path)).sources
    assert [user.to_json() for user in source.users()] == [
        '{"userName": "anna", "fullName": "Anna M\\u00fcller", "emailAddresses": ["anna@example.com"]}'
    ]
    assert source.authenticate("anna", "secret") is True
    assert source.authenticate("anna", "wrong") is False
    assert source.authenticate("bob", "secret") is None


def test_scripts_are_executable() -> None:
    """Git keeps the x bit of what is run by its name."""
    pages = "".join((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "CONTRIBUTING.md"))
    named = set(re.findall(r"\bscripts/\w+", pages))
    assert len(named) == 5
    for name in ("bin/ais", *(str(path.relative_to(ROOT)) for path in ENTRIES), ".ci/run", *named):
        assert os.access(ROOT / name, os.X_OK), name


def test_entries_have_unix_line_ends() -> None:
    """A carriage return in the first line is a bare 500 on every server."""
    assert [path.name for path in ENTRIES] == ["index.fcgi", "index.py"]
    for path in ENTRIES:
        assert b"\r" not in path.read_bytes()


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


def in_shell(commands: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run commands as an administrator pastes them, in the folder of the checkout."""
    return subprocess.run(
        ["/bin/sh", "-e", "-c", commands],
        cwd=ROOT,
        env={"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_moving_page_compares_lists(demo: Demo, tmp_path: Path) -> None:
    """The commands of docs/moving.md find no difference to a server with the same users, in any order of the keys."""
    need_program("curl", "curl")
    port, password, _ = demo
    (commands,) = blocks("moving.md", "sh")
    commands = f"ROOT={ROOT}; cd {tmp_path}; {commands.replace('bin/ais', '$ROOT/bin/ais')}"
    old = {"OLD_USER": "mailstore@example.test", "OLD_PASSWORD": password}
    old["AIS_CONFIG"] = str(ROOT / "var" / "demo" / "mailstore-ais" / "conf" / "config.py")
    done = in_shell(commands, OLD_URL=f"http://127.0.0.1:{port}/mailstore-integration/index.php", **old)
    assert (done.returncode, done.stdout) == (0, ""), done
    users = json.loads((tmp_path / "new.json").read_text())
    turned = json.dumps([dict(reversed(user.items())) for user in users]).encode()
    assert len(turned) > 100
    with raw_server(b"HTTP/1.0 200 OK\r\n\r\n" + turned) as url:
        done = in_shell(commands, OLD_URL=url, **old)
    assert (done.returncode, done.stdout) == (0, ""), done


def test_mailstore_page_probes(demo: Demo) -> None:
    """The command of docs/mailstore.md finds nothing wrong with a server that runs."""
    port, password, _ = demo
    (command,) = blocks("mailstore.md", "sh")
    address = f"http://127.0.0.1:{port}/mailstore-integration/index.php"
    command = command.strip().replace("https://your.server/mailstore-integration/index.php", address)
    done = in_shell(f"printf '%s\\n' \"$SECRET\" | {command} --password-stdin", SECRET=password)
    assert done.returncode == 0, done
