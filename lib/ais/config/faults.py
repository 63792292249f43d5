"""Says what is wrong with a configuration file: where, and what to do. Loaded only when something is."""

from __future__ import annotations

import ast
import difflib
import re
import warnings

from .. import PUBLIC
from ..errors import AISError, ConfigError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType

_CALL = re.compile(
    r"(?:\w+\.)*?(\w+)(?:\.__init__)?\(\) (got an unexpected keyword argument|got multiple values for argument) '(\w+)'"
)
_MISSING = re.compile(r"(?:\w+\.)*?(\w+)(?:\.__init__)?\(\) missing \d+ required [\w-]+ arguments?: ([\w', ]+)")
_MANY = re.compile(r"(?:\w+\.)*?(\w+)(?:\.__init__)?\(\) takes .*positional argument")


def at(path: str, line: int, text: str) -> ConfigError:
    """Return the error about a line of the file; 0 when it is not known which."""
    if not line:
        return ConfigError(f"{path}: {text}")
    return ConfigError(f"{path}, line {line}: {text}", f"there is a mistake in line {line}")


def explain(error: BaseException, path: str) -> ConfigError:
    """Turn what was raised while the file ran into an error with file, line and remedy.

    The text of a foreign exception stays out: it may hold a secret. The name of an option is no secret.
    """
    line, deeper = _line(error.__traceback__, path)
    return at(path, line, _problem(error, deeper, path))


def _problem(error: BaseException, deeper: bool, path: str) -> str:
    if isinstance(error, AISError):
        return str(error)
    if isinstance(error, ImportError) and error.name == "ais":
        wrong = _wrong_import(path)
        return f"ais has no {wrong!r}{_meant(wrong, PUBLIC)}"
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
        if meant := _meant(name, PUBLIC):
            # The name itself may be a password without its quotation marks.
            return f"a name is used that does not exist{meant}"
        return "a name is used that does not exist: is an import or a quotation mark missing?"
    return f"{type(error).__name__} was raised here"


def locate(error: ConfigError, path: str) -> ConfigError:
    """Add file and line to an error about a top-level name, which its text begins with."""
    name = re.match(r"\w+", str(error))
    line = _assigned_at(path, name[0]) if name else 0
    return at(path, line, str(error))


def refuse_name(name: str, path: str, known: list[str]) -> None:
    """Raise for a top-level name that is no option, unless it was imported.

    Args:
        name: the name.
        path: the configuration file.
        known: the names of the options.

    Raises:
        ConfigError: it was assigned.
    """
    for node in ast.walk(_tree(path)):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            for alias in node.names:
                if alias.name == "*" or name == (alias.asname or alias.name).partition(".")[0]:
                    return
    raise ConfigError(f"{name} is not an option{_meant(name, known)}; a name of your own begins with _")


def _line(trace: TracebackType | None, path: str) -> tuple[int, bool]:
    """Return the last line of the file that was running, and whether it had called something that then failed."""
    line, deeper = 0, False
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line, deeper = trace.tb_lineno, False
        else:
            deeper = True
        trace = trace.tb_next
    return line, deeper


def _call_problem(text: str) -> str:
    """Say which argument of a call is wrong. These texts of Python's hold names of functions and options only."""
    if match := _CALL.match(text):
        called, kind, option = match.groups()
        function = _public(called)
        if "multiple" in kind:
            return f"{function}() is given {option} twice"
        return f"{function}() has no option {option!r}{_meant(option, _options(function))}"
    if match := _MISSING.match(text):
        return f"{_public(match[1])}() needs the option {match[2]}"
    if match := _MANY.match(text):
        return f"{_public(match[1])}() takes its options by name, as in name=value"
    return ""


def _public(called: str) -> str:
    """Return what a configuration calls a function or a class."""
    return {name.replace("_", ""): name for name in PUBLIC}.get(called.lower(), called)


def _options(function: str) -> list[str]:
    """Return the options of one of our functions."""
    if function not in PUBLIC:
        return []
    import inspect

    import ais

    return list(inspect.signature(getattr(ais, function)).parameters)


def _meant(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), 1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _wrong_import(path: str) -> str:
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.ImportFrom) and node.module == "ais":
            for alias in node.names:
                if alias.name not in PUBLIC:
                    return alias.name
    return "such name"


def _assigned_at(path: str, name: str) -> int:
    """Return the line of the last assignment to `name`, 0 when there is none."""
    line = 0
    for node in ast.walk(_tree(path)):
        if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Store):
            line = max(line, node.lineno)
    return line


def _tree(path: str) -> ast.AST:
    with open(path, "rb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as where the file is compiled
        return ast.parse(file.read())
