"""Apache's ModSecurity as Debian's packages set it up, switched on, with the OWASP Core Rule Set."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from support.needs import need_file
from support.site import temporary_folder

RECOMMENDED = Path("/etc/modsecurity/modsecurity.conf-recommended")
RULES = Path("/usr/share/modsecurity-crs/owasp-crs.load")
MODULES = Path("/usr/lib/apache2/modules")

HOSTILE = ("x' OR 1=1--", "<script>alert(1)</script>", "../../etc/passwd", "; cat /etc/passwd", "Passw0rd")
"""Passwords that people may have, and that the rules take for attacks; the last is harmless."""


@dataclass(frozen=True)
class ModSecurity:
    """A firewall in an Apache.

    Attributes:
        configuration: the lines for Apache, to be read before those of this program.
        audit_log: where it keeps whole requests.
    """

    configuration: str
    audit_log: Path

    def kept(self) -> str:
        """What it has kept of requests so far."""
        return self.audit_log.read_text(encoding="utf-8", errors="replace") if self.audit_log.exists() else ""


@contextmanager
def modsecurity() -> Iterator[ModSecurity]:
    """Set up the firewall, blocking, in a folder of its own."""
    lines = [
        f'LoadModule {name}_module "{need_file(MODULES / f"mod_{name}.so", package)}"'
        for name, package in (("unique_id", "apache2-bin"), ("security2", "libapache2-mod-security2"))
    ]
    text = need_file(RECOMMENDED, "libapache2-mod-security2").read_text(encoding="utf-8")
    text = text.replace("SecRuleEngine DetectionOnly", "SecRuleEngine On")
    text = text.replace("unicode.mapping", "/etc/modsecurity/unicode.mapping")
    with temporary_folder() as folder:
        audit_log = folder / "modsec_audit.log"
        text = text.replace("/var/log/apache2/modsec_audit.log", str(audit_log))
        assert "SecRuleEngine On" in text
        assert str(audit_log) in text
        lines += [text, f"Include {need_file(RULES, 'modsecurity-crs')}", ""]
        yield ModSecurity("\n".join(lines), audit_log)
