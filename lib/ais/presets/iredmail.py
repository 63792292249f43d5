from __future__ import annotations

from .common import Preset, match_name, try_column

DRIVERS = ("mysql", "postgresql")


def iredmail(driver: str, **connection: object) -> Preset:
    """List the active mailboxes of iRedMail's database ``vmail``, on MySQL or PostgreSQL.

    Tables: ``samples/iredmail/iredmail.mysql`` and ``.pgsql`` of iredmail/iRedMail; delivery: ``samples/postfix``. In
    databases from before 0.9.7, the aliases are taken from ``alias.goto``.
    """
    mailboxes = """FROM mailbox m JOIN domain d ON d.domain = m.domain
        WHERE m.active = 1 AND d.active = 1 AND d.backupmx = 0"""
    domains = "SELECT domain FROM domain WHERE active = 1 AND backupmx = 0"
    reserved = "UNION ALL SELECT username, NULL FROM mailbox"
    no_list = try_column("forwardings", "id", "f", "is_maillist = 0")
    queries = {
        "list_query": f"SELECT m.username AS userName, m.name AS fullName {mailboxes} ORDER BY m.username",
        "auth_query": f"""SELECT m.password, m.username AS userName
            {mailboxes} AND {match_name(driver, "mailbox", "username", "m")}""",
        "alias_query": f"""SELECT f.address, f.forwarding AS targets
            FROM forwardings f CROSS JOIN (SELECT 0 AS is_maillist) older
            WHERE f.active = 1 AND f.address LIKE '%@%' AND {no_list} AND f.domain IN ({domains}) {reserved}""",
        "alias_domain_query": f"""SELECT alias_domain, target_domain FROM alias_domain WHERE active = 1
            AND target_domain IN ({domains})
            AND alias_domain NOT IN (SELECT domain FROM domain WHERE active <> 1 OR backupmx <> 0)""",
    }
    older = f"SELECT address, goto AS targets FROM alias WHERE active = 1 AND domain IN ({domains}) {reserved}"
    # Dovecot's default_pass_scheme in samples/dovecot
    return Preset("iredmail", driver, {"default_scheme": "CRYPT", **connection}, queries, {"alias_query": older})
