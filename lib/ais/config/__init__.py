"""The configuration: a Python file whose top-level names are the options."""

from __future__ import annotations

import sys
from time import time

from .. import options
from ..errors import ConfigError, UnknownTenant
from ..packages import posix
from . import settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.machinery import SourceFileLoader
    from types import CodeType
    from typing import Any, TypeAlias

    from _typeshed import ReadableBuffer as Buffer

    from .callers import Caller, WebServer
    from .settings import Setting

    Source: TypeAlias = Any  # an object with the methods of `sources.Source`, which the administrator may have written
else:
    # importlib.machinery's own origin, which every interpreter has loaded already.
    from _frozen_importlib_external import SourceFileLoader

REDIS_URLS = ("redis://", "rediss://", "unix://")
DEFAULTS: dict[str, Any] = {"require_https": True, "timeout": 20, "state": None, "page": True}
"""The plain top-level options that may be left out."""

SETTINGS = {"guard": settings.Guard, "throttle": settings.Throttle, "users": settings.Users, "log": settings.Log}
"""The options that are made by a call."""


class Config:
    """A configuration: the top-level names of a file, and the settings that it made by calls, checked.

    Args:
        path: the file.
        names: its names.
        made: its settings, by the name of the function.
        tenant: whose it is, for the log; empty for the only one.

    Raises:
        ConfigError: an option is missing or of the wrong type; the text begins with its name.
    """

    def __init__(self, path: str, names: dict[str, Any], made: dict[str, Any], tenant: str = "") -> None:
        self.path = path
        self.tenant = tenant
        what = "caller(…) or web_server(…)"
        self.callers: list[Caller | WebServer] = _list_of(names, "callers", ("allow_from",), what)
        what = "sources such as sql(…) or csv(…)"
        self.sources: list[Source] = _list_of(names, "sources", ("users", "authenticate"), what)
        if not self.sources:
            raise ConfigError("sources is empty: add a source")
        # Whether none of them can wait past the deadline. A class of the administrator's need not say so.
        self.in_time = all(getattr(source, "in_time", False) for source in self.sources)
        for source in self.sources:
            if hasattr(source, "alone"):
                source.alone = len(self.sources) == 1
        given = {**DEFAULTS, **names}
        for name in ("require_https", "page"):
            if not isinstance(given[name], bool):
                raise ConfigError(f"{name} must be True or False")
        self.require_https, self.page = given["require_https"], given["page"]
        timeout, state = given["timeout"], given["state"]
        if not settings.is_number(timeout) or not 0 < timeout <= 3600:
            raise ConfigError("timeout must be a number of seconds, more than 0 and at most 3600")
        self.timeout: float = timeout
        is_url = isinstance(state, str) and state.startswith(REDIS_URLS)
        if state is not None and (not isinstance(state, str) or not state or (not is_url and _is_like_url(state))):
            raise ConfigError("state must be the path of a file, a redis:// URL, or None")
        # A URL names a server; a file is relative to this one.
        self.state = state if is_url or state is None else options.absolute(state, options.parent(path))
        self.guard: settings.Guard = made.get("guard") or settings.Guard()
        self.throttle: settings.Throttle = made.get("throttle") or settings.Throttle()
        self.users: settings.Users = made.get("users") or settings.Users()
        self.log: settings.Log = made.get("log") or settings.Log()


def choose(environ: Mapping[str, str], default: str) -> tuple[str, str]:
    """Return the path of the configuration that the address of a request has, and the name of its tenant, if any.

    AIS_CONFIG names it. Else AIS_TENANTS names the folder where it is ``NAME.py``, for the addresses
    ``/NAME/mailstore-integration/index.php`` and ``/NAME/mailstore-integration/`` alone.

    Args:
        environ: CGI variables or a WSGI environ. Only the web server can set the two, since what a client sends
            arrives as HTTP_…; Apache puts REDIRECT_ in front of them after a rewrite.
        default: the path where neither is set.

    Raises:
        UnknownTenant: this is the address of no tenant.
    """
    get = environ.get
    if path := get("AIS_CONFIG") or get("REDIRECT_AIS_CONFIG"):
        return path, ""
    folder = get("AIS_TENANTS") or get("REDIRECT_AIS_TENANTS")
    if not folder:
        return default, ""
    # The path as the server decoded it and its own rules saw it (RFC 3875, 4.1.5 and 4.1.13; PEP 3333). REQUEST_URI is
    # what the client wrote, which may read otherwise. Whatever is left to be decoded or shortened fits no tenant.
    address = get("SCRIPT_NAME", "") + get("PATH_INFO", "")
    name = address[1:].partition("/")[0]
    folder_of_name = f"/{name}/mailstore-integration/"
    if not is_tenant(name) or address not in (folder_of_name, f"{folder_of_name}index.php"):
        raise UnknownTenant(f"the address is not /NAME/mailstore-integration/index.php, where NAME has {TENANT_RULE}")
    path = f"{folder}/{name}.py"
    try:
        posix.stat(path)
    except OSError:
        raise UnknownTenant(f"{path} does not exist, or this user may not enter its folder") from None
    return path, name


TENANT_RULE = "1 to 63 of the letters a to z, the digits and -, and does not begin with -"
"""What `is_tenant` asks for, in words."""


def is_tenant(name: str) -> bool:
    """Say whether a tenant may have this name, which is part of its address and, with .py, its file."""
    return 0 < len(name) < 64 and name[0] != "-" and not name.strip("abcdefghijklmnopqrstuvwxyz0123456789-")


def load(path: str, tenant: str = "") -> Config:
    """Read a configuration file, whose name need not end in .py; `tenant` says whose it is, for the log.

    Raises:
        ConfigError: it is missing or broken; the text names file, line, option and remedy.
    """
    path = options.absolute(path)
    try:
        loader = _Loader("ais_config", path)
        # Python names a cache file after what stands before the last dot: tenant.a and tenant.b would share one.
        cached = path.endswith(".py")
        code = loader.get_code("ais_config") if cached else loader.source_to_code(loader.get_data(path), path)
    except FileNotFoundError:
        raise _unusable(path, "this file does not exist: copy conf/config.example.py to it") from None
    except PermissionError:
        why = "this file cannot be read: give the user that the web server runs scripts as the right to read it"
        raise _unusable(path, why) from None
    except OSError as error:
        raise _unusable(path, f"this file cannot be read ({error.strerror})") from None
    except (SyntaxError, ValueError) as error:
        from .faults import explain_text

        raise explain_text(error, path) from None
    names, made = _execute(code, path)
    try:
        _refuse_unknown(names, path)
        return Config(path, names, made, tenant)
    except ConfigError as error:
        from .faults import locate

        raise locate(error, path) from None


def _unusable(path: str, why: str) -> ConfigError:
    return ConfigError(f"{path}: {why}", why)


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType | None:
        """Take what was compiled before, unless a full disk has cut it short, or compile the file."""
        try:
            return super().get_code(fullname)
        except (EOFError, ImportError, TypeError, ValueError):
            return self.source_to_code(self.get_data(self.path), self.path)

    def source_to_code(self, data: Any, path: Any, **more: Any) -> CodeType:  # type: ignore[override]  # no static one
        """Compile the file without warnings: Python prints the line that it warns of, and that may hold a password."""
        import warnings

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            code: CodeType = super().source_to_code(data, path, **more)
        return code

    def set_data(self, path: str, data: Buffer, *, _mode: int = 0o666) -> None:
        """Write the bytecode, which holds the secrets of its source, for the owner of both alone.

        Nothing is written while the source is fresh: the cache knows a source by its size and the second of its
        change, so it could hide a second edit in the same second.
        """
        source = posix.stat(self.path)
        if time() - source.st_mtime > 2 and source.st_uid == posix.geteuid():
            super().set_data(path, data, _mode=_mode & 0o600)


def _execute(code: Any, path: str) -> tuple[dict[str, Any], dict[str, Setting]]:
    names: dict[str, Any] = {"__name__": "ais_config", "__file__": path, "print": _print}
    made: dict[str, Setting] = {}
    options.folder, options.settings = options.parent(path), made
    try:
        exec(code, names)  # noqa: S102  # the administrator's own file, found from a fixed place
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt):
            raise
        from .faults import explain

        raise explain(error, path) from None
    finally:
        options.folder = options.settings = None
    return names, made


def _print(*values: object, **more: Any) -> None:
    """Print what the file prints to standard error, where the log is: a command has its output on standard output."""
    print(*values, **{"file": sys.stderr, **more})  # noqa: T201


def _refuse_unknown(names: dict[str, Any], path: str) -> None:
    """Raise for a public name that is no option: a typo in an option must not pass silently."""
    for name, value in names.items():
        if name.startswith("_") or name in ("callers", "sources") or name in DEFAULTS:
            continue
        if name in SETTINGS:
            if not isinstance(value, SETTINGS[name]) and not callable(value):
                raise ConfigError(f"{name} is set by a call, such as {name}()")
        # Imports, functions and classes are free.
        elif not callable(value) and not isinstance(value, type(posix)):
            from .faults import refuse_name

            refuse_name(name, path, ["callers", "sources", *DEFAULTS, *SETTINGS])
    if "__annotations__" in names or "__annotate__" in names:  # the latter since Python 3.14
        from .faults import refuse_colon

        refuse_colon(path)


def _list_of(names: dict[str, Any], name: str, attributes: tuple[str, ...], what: str) -> list[Any]:
    if name not in names:
        raise ConfigError(f"{name} is missing: write {name} = [ … ]")
    items = names[name] if isinstance(names[name], (list, tuple)) else [None]
    for item in items:
        if isinstance(item, type) or not all(hasattr(item, attribute) for attribute in attributes):
            raise ConfigError(f"{name} must be a list of {what}: write {name} = [ … ]")
    return list(items)


def _is_like_url(text: str) -> bool:
    """Whether a text is no path but a mistyped URL, which may hold a password and must not be printed."""
    return ":/" in text or "//:" in text or ":" in text.rpartition("@")[0]
