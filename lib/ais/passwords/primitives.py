"""SHA, MD5 and a comparison in constant time, without loading OpenSSL.

``hashlib`` and ``hmac`` load OpenSSL, which costs 2.5 ms at every start: more than everything else that checks a
caller's secret. The interpreter has the same hashes of its own; ``hashlib`` is used where a build leaves them out.
"""

from __future__ import annotations

import sys
from _operator import _compare_digest as same  # what hmac.compare_digest is

TYPE_CHECKING = False
if TYPE_CHECKING:
    from hashlib import md5, sha1, sha224, sha256, sha384, sha512
else:
    try:
        from _md5 import md5
        from _sha1 import sha1

        if sys.version_info >= (3, 12):
            from _sha2 import sha224, sha256, sha384, sha512
        else:
            from _sha256 import sha224, sha256
            from _sha512 import sha384, sha512
    except ImportError:  # a build without its own hashes
        from hashlib import md5, sha1, sha224, sha256, sha384, sha512

__all__ = ["digest", "hmac", "same", "sizes", "utf16"]

_HASHES = {"md5": md5, "sha1": sha1, "sha224": sha224, "sha256": sha256, "sha384": sha384, "sha512": sha512}
_INNER = bytes(byte ^ 0x36 for byte in range(256))
_OUTER = bytes(byte ^ 0x5C for byte in range(256))
_BLOCK = {"sha384": 128, "sha512": 128}
sizes = {"md5": 16, "sha1": 20, "sha224": 28, "sha256": 32, "sha384": 48, "sha512": 64}


def digest(name: str, data: bytes) -> bytes:
    """The digest of ``data``; ``name`` is a key of ``sizes``."""
    return _HASHES[name](data).digest()


def hmac(name: str, key: bytes, data: bytes) -> bytes:
    """HMAC of RFC 2104; ``name`` is a key of ``sizes``."""
    block = _BLOCK.get(name, 64)
    if len(key) > block:
        key = digest(name, key)
    key = key.ljust(block, b"\0")
    inner = digest(name, key.translate(_INNER) + data)
    return digest(name, key.translate(_OUTER) + inner)


def utf16(password: bytes) -> bytes | None:
    """The password in UTF-16LE, as Windows programs hash it; None if it is not UTF-8, as in another charset's turn."""
    try:
        return password.decode().encode("utf-16-le")
    except UnicodeDecodeError:
        return None
