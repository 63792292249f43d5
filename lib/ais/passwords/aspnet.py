"""ASP.NET Identity: base64 whose first byte is the version. (aspnetcore, PasswordHasher.cs)"""

from __future__ import annotations

from .encoding import DamagedError, from_base64
from .pbkdf2 import check

TYPE_CHECKING = False
if TYPE_CHECKING:
    from .schemes import Check

_DIGESTS = ("sha1", "sha256", "sha512")


def identity(body: str) -> Check:
    """Version 2: 16 bytes of salt, 32 of PBKDF2-SHA1, 1000 rounds. Version 3: digest, rounds, salt size, salt, hash."""
    raw = from_base64(body)
    if raw[0] == 0 and len(raw) == 49:
        return check("sha1", raw[1:17], "1000", raw[17:])
    if raw[0] != 1 or len(raw) < 13:
        raise DamagedError("damaged or cut")
    kind, rounds, size = (int.from_bytes(raw[at : at + 4], "big") for at in (1, 5, 9))
    if kind >= len(_DIGESTS) or size < 16 or len(raw) < 13 + size + 16:
        raise DamagedError("damaged or cut")
    return check(_DIGESTS[kind], raw[13 : 13 + size], str(rounds), raw[13 + size :])
