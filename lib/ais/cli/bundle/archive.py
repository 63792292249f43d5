"""Collecting the bundle's files, compiling them, and writing the zip file."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from ... import __version__
from ..options import ROOT
from . import packages, texts
from .packages import BundleError

ENTRIES = ("index.py", "index.fcgi")
EXECUTABLE = (*ENTRIES, "bin/ais")
EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time that a zip file can give


def write(output: str, extras: Sequence[str], python: str) -> int:
    """Write the bundle; the same input gives the same bytes.

    Args:
        output: path of the zip file; an existing one is replaced, at the end.
        extras: keys of `packages.EXTRAS`.
        python: path of the host's interpreter.

    Returns:
        The number of files in it.

    Raises:
        BundleError: something is missing, compiled, or cannot be written.
    """
    contents = dict(_own_files(python))
    for package, module in packages.wanted(extras):
        for path, name in packages.files_of(package, module):
            contents[f"lib/vendor/{name}"] = _read(path)
    contents.update(_bytecode(contents))
    part = f"{output}.part"
    try:
        _zip(part, contents)
        os.replace(part, output)
    except OSError as error:
        Path(part).unlink(missing_ok=True)
        raise BundleError(f"{output} cannot be written: {error.strerror}") from None
    return len(contents)


def _own_files(interpreter: str) -> Iterator[tuple[str, bytes]]:
    """Yield the program's own files, named one by one or from lib/ais, so that nothing from conf/ or var/ gets in."""
    for name in ENTRIES:
        source = _text(f"cgi-bin/mailstore-integration/{name}").decode("utf-8")
        yield name, texts.entry(name, source, interpreter).encode("utf-8")
    for name, text in texts.HTACCESS.items():
        yield name, text.encode("ascii")
    for folder in ("bin", "conf", "lib", "var"):
        yield f"{folder}/.htaccess", texts.DENY.encode("ascii")
    python = f"{sys.version_info[0]}.{sys.version_info[1]}"
    yield "INSTALL.txt", texts.INSTALL.format(version=__version__, python=python).encode("ascii")
    for name in ("LICENSE", "bin/ais", "conf/config.example.py"):
        yield name, _text(name)
    for path in sorted(Path(ROOT, "lib", "ais").rglob("*")):
        name = path.relative_to(ROOT).as_posix()
        hidden = "__pycache__" in name or any(part.startswith(".") for part in name.split("/"))
        if path.is_file() and not hidden and not name.endswith((".pyc", "~", ".part")):
            yield name, _text(name)


def _text(name: str) -> bytes:
    """Read a text file of the checkout; with Unix line ends, whatever git made of them here."""
    return _read(os.path.join(ROOT, name)).replace(b"\r\n", b"\n")


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise BundleError(f"{path}: {error.strerror}: make the bundle from a complete copy of the program") from None


def _bytecode(contents: dict[str, bytes]) -> dict[str, bytes]:
    """Compile everything below lib/ for the running Python.

    Bytecode that knows its source by a hash (PEP 552) survives an upload, which changes the times of files, and is
    never taken for a source that was changed.
    """
    with TemporaryDirectory() as folder:
        for name, data in contents.items():
            if name.startswith("lib/") and name.endswith(".py"):
                path = Path(folder, name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        # A process of its own: the seed gives sets the same order each time.
        command = [sys.executable, "-S", "-W", "ignore", "-m", "compileall", "-q", "-s", folder]
        command += ["--invalidation-mode", "checked-hash", os.path.join(folder, "lib")]
        environment = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONOPTIMIZE": ""}
        environment.pop("PYTHONPYCACHEPREFIX", None)
        done = subprocess.run(command, env=environment, capture_output=True, check=False)  # noqa: S603
        if done.returncode:
            raise BundleError("the library cannot be compiled with this Python: make the bundle with another one")
        return {path.relative_to(folder).as_posix(): path.read_bytes() for path in Path(folder).rglob("*.pyc")}


def _zip(path: str, contents: dict[str, bytes]) -> None:
    members = {f"{texts.FOLDER}/{name}": data for name, data in contents.items()}
    folders = {f"{folder}/" for name in members for folder in PurePosixPath(name).parents if folder.name}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for folder in sorted(folders):
            archive.writestr(_member(folder, 0o40755), b"")
        for name in sorted(members):
            mode = 0o100755 if name.partition("/")[2] in EXECUTABLE else 0o100644
            archive.writestr(_member(name, mode), members[name])


def _member(name: str, mode: int) -> zipfile.ZipInfo:
    """Describe a file or folder; the system is always Unix, so that unzip restores the mode."""
    member = zipfile.ZipInfo(name, EPOCH)
    member.create_system = 3
    member.external_attr = mode << 16 | (0x10 if name.endswith("/") else 0)
    member.compress_type = zipfile.ZIP_STORED if name.endswith("/") else zipfile.ZIP_DEFLATED
    return member
