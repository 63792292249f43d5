"""lighttpd of other releases of Debian, from the systems that scripts/install makes for other tests."""

from __future__ import annotations

from pathlib import Path

from support.needs import need_file, need_program

MADE = Path("/var/cache/mailstore-ais-tests")
SYSTEMS = {"trixie": MADE / "debian", "sid": MADE / "mysql"}


def lighttpd_of(release: str) -> list[str]:
    """The command that starts a release's lighttpd outside of its system, by its own loader and libraries.

    What it starts has nothing of that system.

    Args:
        release: one of `SYSTEMS`; the lighttpd that is installed here if empty.
    """
    if not release:
        return [need_program("lighttpd", "lighttpd")]
    system = SYSTEMS[release]
    binary = need_file(system / "usr/sbin/lighttpd", "debootstrap, by which scripts/install makes it")
    (loader,) = system.glob("usr/lib*/ld-linux-*.so.*")
    (libraries,) = system.glob("usr/lib/*-linux-gnu")
    return [str(loader), "--library-path", str(libraries), str(binary), "-m", str(system / "usr/lib/lighttpd")]
