"""Says what is wrong with a configuration file: where, and what to do. Loaded only when something is."""

from __future__ import annotations

import ast
import inspect
import re
import traceback
import warnings
from importlib import import_module

from .. import PUBLIC
from ..errors import AISError, ConfigError
from ..options import explain_unknown, suggest

_CALL = re.compile(
    r"(?:\w+\.)*?(\w+)(?:\.__init__)?\(\) (?:got (an unexpected|multiple values for) (?:keyword )?argument '(\w+)'"
    r"|missing \d+ required [\w-]+ arguments?: ([\w', ]+)|takes .*positional argument)"
)
"""What Python says of a call with wrong arguments: names of functions and options only."""


def at(path: str, line: int, text: str) -> ConfigError:
    """Return the error about a line of the file; 0 when it is not known which."""
    if not line:
        return ConfigError(f"{path}: {text}")
    return ConfigError(f"{path}, line {line}: {text}", f"there is a mistake in line {line}")


def explain_text(error: SyntaxError | ValueError, path: str) -> ConfigError:
    """Turn what Python says of a file that it cannot compile into an error with file, line and remedy.

    Of NULs, as in UTF-16, it is a ValueError before Python 3.11.4.
    """
    if not isinstance(error, SyntaxError) or "'utf-8' codec" in error.msg or "null bytes" in error.msg:
        return at(path, getattr(error, "lineno", None) or 1, "this file is not in UTF-8: save it as UTF-8")
    return at(path, error.lineno or 1, f"not valid Python: {error.msg}")


def explain(error: BaseException, path: str) -> ConfigError:
    """Turn what was raised while the file ran into an error with file, line and remedy.

    The text of a foreign exception stays out: it may hold a secret. The name of an option is no secret.
    """
    line, deeper = 0, False  # the last line of the file that ran, and whether it had called something that then failed
    for frame, number in traceback.walk_tb(error.__traceback__):
        deeper = frame.f_code.co_filename != path
        line = line if deeper else number
    return at(path, line, _problem(error, deeper, path))


def _problem(error: BaseException, deeper: bool, path: str) -> str:
    if isinstance(error, AISError):
        return str(error)
    if isinstance(error, ImportError) and error.name == "ais":
        imports = [node for node in ast.walk(_parse(path)) if isinstance(node, ast.ImportFrom) and node.module == "ais"]
        names = [alias.name for node in imports for alias in node.names]
        wrong = next((name for name in names if name not in PUBLIC), "such name")
        return f"ais has no {wrong!r}{suggest(wrong, PUBLIC)}"
    if isinstance(error, ImportError) and (error.name or "").startswith("ais."):
        return f"the folder lib is not complete, {error.name} is missing: copy all of it again"
    if isinstance(error, ModuleNotFoundError) and error.name:
        return f"the module {error.name!r} is not installed"
    if isinstance(error, TypeError) and not deeper and (problem := _call_problem(str(error))):
        return problem
    if isinstance(error, NameError):
        name = error.name or ""
        if name in PUBLIC:
            return f"{name} is not imported: write from ais import {name} at the top"
        if close := suggest(name, PUBLIC):
            # The name itself may be a password without its quotation marks.
            return f"a name is used that does not exist{close}"
        return "a name is used that does not exist: is an import or a quotation mark missing?"
    return f"{type(error).__name__} was raised here"


def locate(error: ConfigError, path: str) -> ConfigError:
    """Add the line of the last assignment to an error about a top-level name, which its text begins with."""
    name = str(error).partition(" ")[0]
    names = (node for node in ast.walk(_parse(path)) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return at(path, max((node.lineno for node in names if node.id == name), default=0), str(error))


def refuse_name(name: str, path: str, known: list[str]) -> None:
    """Raise ConfigError for a top-level name that is not among the `known` options, unless it was imported."""
    for node in ast.walk(_parse(path)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if alias.name == "*" or name == (alias.asname or alias.name).partition(".")[0]:
                    return
    raise ConfigError(f"{name} is not an option{suggest(name, known)}; a name of your own begins with _")


def refuse_colon(path: str) -> None:
    """Raise ConfigError for an option with a colon in place of =: Python takes that for a hint, and sets nothing."""
    for node in _parse(path).body:
        if isinstance(node, ast.AnnAssign) and node.value is None and isinstance(node.target, ast.Name):
            name = node.target.id
            if not name.startswith("_"):
                raise ConfigError(f"{name} is followed by a colon, which sets nothing: write {name} = …")


def _call_problem(text: str) -> str:
    """Say which argument of a call is wrong."""
    match = _CALL.match(text)
    if match is None:
        return ""
    called, kind, option, missing = match.groups()
    function = {name.replace("_", ""): name for name in PUBLIC}.get(called.lower(), called)
    if missing:
        return f"{function}() needs the option {missing}"
    if not option:
        return f"{function}() takes its options by name, as in name=value"
    if kind != "an unexpected":
        return f"{function}() is given {option} twice"
    known = inspect.signature(getattr(import_module("ais"), function)).parameters if function in PUBLIC else ()
    return explain_unknown(function, option, known)


def _parse(path: str) -> ast.Module:
    with open(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as where the file is compiled
        return ast.parse(file.read())
