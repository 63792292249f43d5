"""Whether files that nobody should get can be downloaded."""

from __future__ import annotations

from collections.abc import Iterator

from .problem import Problem
from .replies import explain_source, is_html, is_source
from .transport import Target

SECRET = {
    "conf/config.py": b"callers",
    "conf/users.sqlite": b"SQLite format 3\0",
    "conf/state.sqlite": b"SQLite format 3\0",
}
"""Files that hold secrets, and what their text holds."""

OURS = {"conf/config.example.py": b"callers", "lib/ais/app.py": b"def answer("}
"""Files without secrets, which lie beside those that hold some."""

_SIGNS = {"conf/config.py": SECRET["conf/config.py"], "lib/ais/app.py": OURS["lib/ais/app.py"]}

LEVELS = 3  # from the script upwards: a bundle lies beside it, a checkout two levels above

ELSEWHERE = ("/mailstore-ais/", "/mailstore-ais-main/")
"""Where a checkout or its archive comes to lie that is unpacked in the document root."""


def find_problems(target: Target, script_too: bool) -> Iterator[Problem]:
    """Ask for files without a password, as any visitor can, and yield what is wrong. Their text is not shown.

    Args:
        target: the address of the script.
        script_too: ask for the script as well; needless where it has shown that it runs.

    Raises:
        StoppedError: the server has ceased to answer.
    """
    path = target.path.partition("?")[0]
    if script_too:
        script = target.ask("GET", path)
        if script.status == 200 and is_source(script.body):
            yield explain_source(script)
    folders = _folders(path)
    secret = _served(target, folders, SECRET)
    ours = _served(target, folders, OURS)
    for folder in ELSEWHERE:
        # Two requests tell whether anything lies there, and the others are spared.
        if folder not in folders and any(_is_served(target, folder + name, mark) for name, mark in _SIGNS.items()):
            secret += _served(target, [folder], SECRET)
            ours += _served(target, [folder], OURS)
    if secret:
        yield Problem(
            "exposed",
            f"EVERYBODY CAN DOWNLOAD SECRETS: {_urls(target, secret)}",
            "Take these files off the server now. Move conf out of the document root, or make the server forbid it: it"
            " ignores .htaccess, or the file is missing (docs/shared-hosting.md). Then change every password in them.",
        )
    elif ours:
        yield Problem(
            "exposed",
            f"Everybody can download files of the program: {_urls(target, ours)}. A conf/config.py with secrets would"
            " be sent as well.",
            "Do not upload conf/config.py yet. Move lib and conf out of the document root, or make the server forbid"
            " them: it ignores .htaccess, or the file is missing (docs/shared-hosting.md).",
        )


def _folders(path: str) -> list[str]:
    folders = []
    folder = path
    for _ in range(LEVELS):
        folder, slash, _ = folder.rpartition("/")
        if not slash:
            break
        folders.append(f"{folder}/")
    return folders


def _served(target: Target, folders: list[str], names: dict[str, bytes]) -> list[str]:
    return [
        f"{folder}{name}"
        for folder in folders
        for name, mark in names.items()
        if _is_served(target, f"{folder}{name}", mark)
    ]


def _is_served(target: Target, path: str, mark: bytes) -> bool:
    reply = target.ask("GET", path)
    # A site may answer every address with its start page.
    return reply.status == 200 and mark in reply.body and not is_html(reply.body)


def _urls(target: Target, paths: list[str]) -> str:
    scheme, _, rest = target.url.partition("://")
    return ", ".join(f"{scheme}://{rest.partition('/')[0]}{path}" for path in paths)
