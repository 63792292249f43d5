"""Whether files that nobody should get can be downloaded."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from ...config import is_tenant
from .problems import Problem, explain
from .replies import explain_source, is_html, is_source
from .transport import Target

SECRET = {
    "conf/config.py": b"callers",
    "conf/users.sqlite": b"SQLite format 3\0",
    "conf/state.sqlite": b"SQLite format 3\0",
    "var/state.sqlite": b"SQLite format 3\0",
}
"""Files that hold secrets, and what their text holds."""

OURS = {"conf/config.example.py": b"callers", "lib/ais/app.py": b"def answer("}
"""Files without secrets, which lie beside those that hold some."""

_SIGNS = {name: (SECRET | OURS)[name] for name in ("conf/config.py", "lib/ais/app.py")}

LEVELS = 3  # from the script upwards: a bundle lies beside it, a checkout two levels above

ELSEWHERE = ("/mailstore-ais/", "/mailstore-ais-main/")
"""Where a checkout or its archive comes to lie that is unpacked in the document root."""


def find_problems(target: Target, script_too: bool) -> Iterator[Problem]:
    """Ask for files without a password, as any visitor can, and yield what is wrong. Their text is not shown.

    Args:
        target: the address of the script.
        script_too: ask for the script as well; needless where it has shown that it runs.

    Raises:
        Problem: the server has ceased to answer.
    """
    path = target.path.partition("?")[0]
    if script_too:
        script = target.ask("GET", path)
        if script.status == 200 and is_source(script.body):
            yield explain_source(script)
    parts = path.split("/")[:-1]
    folders = ["/".join([*parts[: len(parts) - up], ""]) for up in range(min(LEVELS, len(parts)))]
    # Two requests tell whether anything lies elsewhere, and the others are spared.
    folders += [folder for folder in ELSEWHERE if folder not in folders and any(_served(target, [folder], _SIGNS))]
    tenant = parts[-2] if len(parts) > 2 and is_tenant(parts[-2]) else ""
    secret_files = SECRET | ({f"conf/tenants/{tenant}.py": SECRET["conf/config.py"]} if tenant else {})
    if secret := list(_served(target, folders, secret_files)):
        yield explain("exposed/secrets", urls=", ".join(secret))
    elif ours := list(_served(target, folders, OURS)):
        yield explain("exposed/program", urls=", ".join(ours))


def _served(target: Target, folders: list[str], names: dict[str, bytes]) -> Iterator[str]:
    """Yield the addresses of files that anybody can download."""
    for folder in folders:
        for name, mark in names.items():
            reply = target.ask("GET", f"{folder}{name}")
            # A site may answer every address with its start page.
            if reply.status == 200 and mark in reply.body and not is_html(reply.body):
                yield urlsplit(target.url)._replace(path=f"{folder}{name}", query="", fragment="").geturl()
