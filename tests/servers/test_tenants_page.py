"""docs/tenants.md: its commands, done one after the other, give a provider a tenant that MailStore can use."""

from __future__ import annotations

import os
import re

import pytest

from servers.conftest import Kind
from servers.test_docs import (
    ANSWERS_TO_INIT,
    CALLER_OF_INIT,
    Machine,
    blocks,
    kind,
    machine,
    write_database_of_all_with_mail,
)
from support.client import post
from support.running import ADDRESS
from support.site import ROOT

__all__ = ["kind", "machine"]


def test_commands(kind: Kind, machine: Machine) -> None:
    """A tenant is written, found fine, answers MailStore, is checked with the others, and leaves nothing in the end."""
    texts = [block.text for block in blocks("tenants.md") if block.language == "sh"]
    folder, make, rights, probe, remove, check = texts
    (answer,) = [block.text for block in blocks("tenants.md") if block.language == "json"]
    commands = [block.text for block in blocks(f"{kind.program}.md") if block.language == "sh"]
    write_config = [text for text in commands if "pip" in text or "chmod" in text]
    (machine.site / "conf" / "config.py").write_text("callers = []\n", encoding="utf-8")
    for text in write_config:
        if "htpasswd" not in text:
            machine.run(text)
    if os.geteuid() != 0:
        folder = re.sub("-o [a-z-]+ -g [a-z-]+", "", folder)
        rights = re.sub("^chgrp.*$", "", rights, flags=re.MULTILINE)
        (machine.folder / "state").mkdir()
    machine.run(folder)
    assert (machine.site / "conf" / "tenants").stat().st_mode & 0o777 == 0o750
    with kind(machine.site, sections=("One configuration per tenant",)) as server:
        address = server.at(f"/acme{ADDRESS}")
        assert post(address, b"cmd=list").body.decode() == answer, server.log()
        write_database_of_all_with_mail(machine.site)
        (machine.site / "conf" / "users.sqlite").chmod(0o644)
        printed = machine.run(f"{make.strip()} {ANSWERS_TO_INIT.replace('users.sqlite', '../users.sqlite')}")
        assert f"/acme{ADDRESS}\n" in printed
        (password,) = re.findall(r"^  password   (\S+)$", printed, re.MULTILINE)
        assert machine.run(rights).splitlines()[-1] == "fine"
        probe = re.sub(r"https://\S+", address, probe.strip())
        assert f"--user {CALLER_OF_INIT}" in probe
        assert machine.run(f"{probe} --password-stdin", f"{password}\n").splitlines()[-1] == "fine"
        assert machine.run(check).splitlines()[0] == "acme: fine, 3 users"
        (machine.site / "conf" / "tenants" / "acme.py").rename(machine.folder / "acme.old")
        assert list(machine.folder.rglob("acme.sqlite*")) != []
        compiled = machine.site / "conf" / "tenants" / "__pycache__" / "acme.cpython-311.pyc"
        compiled.parent.mkdir(exist_ok=True)
        compiled.touch()
        machine.run(remove)
        assert [*machine.folder.rglob("acme.sqlite*"), *compiled.parent.iterdir()] == []


@pytest.mark.parametrize("name", ["lighttpd.md", "apache.md", "fastcgi.md", "wsgi.md", "nginx.md"])
def test_pages_lead_here(name: str) -> None:
    """The page of each web server names the part of its file, and this page."""
    (text,) = re.findall(
        r"^## Several tenants\n(.*?)(?:^## |\Z)",
        (ROOT / "docs" / name).read_text(encoding="utf-8"),
        re.MULTILINE | re.DOTALL,
    )
    assert '"One configuration per tenant"' in " ".join(text.split())
    assert "[tenants.md](tenants.md)" in text
