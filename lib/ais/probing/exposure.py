"""Whether files that nobody should get can be downloaded."""

from __future__ import annotations

from . import Problem
from .replies import is_html, is_source, script_as_text
from .transport import Target

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

SECRET = {
    "conf/config.py": b"callers",
    "conf/users.sqlite": b"SQLite format 3\0",
    "conf/state.sqlite": b"SQLite format 3\0",
}
"""Files that hold secrets, and what their text holds."""

OURS = {"conf/config.example.py": b"callers", "lib/ais/app.py": b"def answer("}
"""Files without secrets, which lie beside those that hold some."""

LEVELS = 3  # from the script upwards: a bundle lies beside it, a checkout two levels above


def problems(target: Target, script_too: bool) -> Iterator[Problem]:
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
            yield script_as_text(script)
    secret = [name for name in _files(path, SECRET) if _is_served(target, *name)]
    ours = [name for name in _files(path, OURS) if _is_served(target, *name)]
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


def _files(path: str, names: dict[str, bytes]) -> list[tuple[str, bytes]]:
    folders = []
    folder = path
    for _ in range(LEVELS):
        folder, slash, _ = folder.rpartition("/")
        if not slash:
            break
        folders.append(f"{folder}/")
    return [(f"{folder}{name}", mark) for folder in folders for name, mark in names.items()]


def _is_served(target: Target, path: str, mark: bytes) -> bool:
    reply = target.ask("GET", path)
    # A site may answer every address with its start page.
    return reply.status == 200 and mark in reply.body and not is_html(reply.body)


def _urls(target: Target, files: list[tuple[str, bytes]]) -> str:
    scheme, _, rest = target.url.partition("://")
    return ", ".join(f"{scheme}://{rest.partition('/')[0]}{path}" for path, _ in files)
