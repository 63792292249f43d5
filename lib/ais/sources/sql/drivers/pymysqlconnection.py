"""PyMySQL's connection, held to the deadline, and a cursor for large results.

Imported when the first connection is made: PyMySQL takes longer to load than all the rest of a request.
"""

from __future__ import annotations

import importlib
import socket
import ssl
import sys

from ....network import sockets
from . import keeper

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

# The package cryptography takes 15 of PyMySQL's 40 ms, and one way to log in needs it: see `Connection.connect`. In a
# process of one request, which has no other thread, it is as if it were not installed.
_hidden = keeper.get() is None and "cryptography" not in sys.modules
if _hidden:
    sys.modules["cryptography"] = None  # type: ignore[assignment]  # an import fails
try:
    import pymysql.connections  # type: ignore[import-untyped]
    import pymysql.cursors  # type: ignore[import-untyped]
finally:
    if _hidden:
        del sys.modules["cryptography"]


class Connection(pymysql.connections.Connection):  # type: ignore[misc]
    """A connection whose waiting ends with the deadline."""

    ctx: Any = None  # PyMySQL sets it where there is TLS
    _result: Any

    def connect(self, sock: Any = None) -> None:
        """Connect, with TLS if it was asked for, and log in."""
        if getattr(self, "ctx", None):
            self.ctx.sslsocket_class = sockets.TimedTlsSocket
        try:
            super().connect(sock or self._opened())
        except RuntimeError as error:
            # "'cryptography' package is required": for the password of caching_sha2_password without TLS.
            if "cryptography" not in str(error) or pymysql.connections._auth._have_cryptography:
                raise
            _load_cryptography()
            super().connect(self._opened())
        if not hasattr(self, "set_character_set"):
            # PyMySQL before 1.1 names the encoding in the handshake alone, where a server may be told to ignore it.
            self.set_charset(self.charset)

    def _get_server_information(self) -> None:
        """Read the server's greeting; nothing has been sent yet."""
        super()._get_server_information()
        # PyMySQL before 1.2 goes on without TLS where the server offers none, up to sending the password as it is.
        wanted = self.ctx and getattr(self, "_ssl_required", True)
        if wanted and not self.server_capabilities & pymysql.constants.CLIENT.SSL:
            raise pymysql.err.OperationalError(2026, "no TLS")

    def _process_auth(self, plugin_name: bytes, *more: Any) -> Any:
        """Log in by the method that the server names, unless it asks for the password in the clear."""
        private = self.unix_socket or (isinstance(self._sock, ssl.SSLSocket) and self.ctx and self.ctx.check_hostname)
        if plugin_name in (b"mysql_clear_password", b"dialog") and not private:
            raise pymysql.err.OperationalError(2059, "the password would be sent as it is")
        return super()._process_auth(plugin_name, *more)

    def _opened(self) -> socket.socket:
        if self.unix_socket:
            self._secure = True  # nobody reads along: the password may be sent as it is
            return sockets.connect_unix(self.unix_socket)
        wire = sockets.connect(self.host, self.port, source=self.bind_address)
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return wire

    def fileno(self) -> int:
        """Return the number of the open socket."""
        return self._sock.fileno()  # type: ignore[no-any-return]

    def close(self) -> None:
        """End the connection, whatever is still to be read."""
        self.forget_result()
        super().close()

    def forget_result(self) -> None:
        """Read no more rows; nothing can be asked before the next `connect`."""
        if self._result is not None:
            self._result.unbuffered_active = False
            self._result = None


connect = Connection


class StreamCursor(pymysql.cursors.SSCursor):  # type: ignore[misc]
    """A cursor that holds one row at a time."""

    def close(self) -> None:
        """Leave the rest of the result: to connect again is cheaper than to read it."""
        connection, result = self.connection, self._result
        if connection is not None and result is not None and result is connection._result and result.unbuffered_active:
            connection.forget_result()
            connection._force_close()
            connection.connect()
        super().close()


def _load_cryptography() -> None:
    importlib.reload(pymysql.connections._auth)
