"""PyMySQL's connection, held to the deadline, and a cursor for large results.

Imported when the first connection is made: PyMySQL takes longer to load than all the rest of a request.
"""

from __future__ import annotations

import sys

from ... import deadline

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _WithoutCryptography:
    """Hides the package cryptography from this thread, as if it were not installed.

    Loading it takes 15 of PyMySQL's 40 ms, and it is needed for one way to log in only: see `Connection.connect`.
    """

    def __init__(self) -> None:
        from _thread import get_ident

        self._ident = get_ident
        self._thread = get_ident()

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        """Refuse (importlib.abc.MetaPathFinder)."""
        if name == "cryptography" and self._ident() == self._thread:
            raise ModuleNotFoundError(name=name)


_finder = _WithoutCryptography()
sys.meta_path.insert(0, _finder)
try:
    import pymysql.connections  # type: ignore[import-untyped]
    import pymysql.cursors  # type: ignore[import-untyped]
finally:
    sys.meta_path.remove(_finder)


class Connection(pymysql.connections.Connection):  # type: ignore[misc]
    """A connection whose waiting ends with `deadline.remaining`."""

    _logged_in = False
    _result: Any

    def connect(self, sock: Any = None) -> None:
        """Connect, with TLS if it was asked for, and log in."""
        self._logged_in = False
        try:
            super().connect(sock)
        except RuntimeError as error:
            # "'cryptography' package is required": for the password of caching_sha2_password without TLS.
            if "cryptography" not in str(error) or "cryptography" in sys.modules:
                raise
            _load_cryptography()
            super().connect(sock)
        # PyMySQL before 1.2 goes on without TLS where the server offers none.
        if (
            getattr(self, "ctx", None)
            and getattr(self, "_ssl_required", True)
            and not hasattr(self._sock, "getpeercert")
        ):
            self.close()
            raise pymysql.err.OperationalError(2026, "no TLS")
        self._logged_in = True

    def limit_query(self) -> None:
        """Let the server end the next query when the time is over."""
        seconds = deadline.remaining()
        if "MariaDB" in self.get_server_info():
            statement = f"SET max_statement_time = {seconds:.3f}"
        else:
            statement = f"SET max_execution_time = {int(seconds * 1000) + 1}"
        try:
            self.query(statement)
        except pymysql.err.OperationalError as error:
            if error.args[0] != 1193:  # old servers do not know the variable
                raise

    def restart(self) -> None:
        """Connect again: cheaper than reading the rest of a large result."""
        self._forget_result()
        self._force_close()
        self.connect_timeout = deadline.remaining()
        self.connect()

    def close(self) -> None:
        """End the connection, whatever is still to be read."""
        self._forget_result()
        super().close()

    def _forget_result(self) -> None:
        if self._result is not None:
            self._result.unbuffered_active = False
            self._result = None

    def _read_packet(self, *args: Any, **options: Any) -> Any:
        if self._logged_in:
            self._read_timeout = deadline.remaining()
        return super()._read_packet(*args, **options)


class StreamCursor(pymysql.cursors.SSCursor):  # type: ignore[misc]
    """A cursor that holds one row at a time, and does not read the others when it is closed."""

    def close(self) -> None:
        """Leave the rest of the result."""
        connection, result = self.connection, self._result
        if connection is not None and result is not None and result is connection._result and result.unbuffered_active:
            connection.restart()
        super().close()


def _load_cryptography() -> None:
    import importlib

    importlib.reload(pymysql.connections._auth)
