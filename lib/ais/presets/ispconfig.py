from __future__ import annotations

from .common import Preset, match_name

DRIVERS = ("mysql",)


def ispconfig(driver: str, **connection: object) -> Preset:
    """List the mailboxes of ISPConfig's database that receive mail and that can be read.

    Tables: ``install/sql/ispconfig3.sql`` of ISPConfig 3; delivery and logins: ``install/tpl/mysql-virtual_*`` and
    ``debian_dovecot-sql.conf.master``. Users are listed by the name that they log in with; their address works too.
    """
    on = "NOT IN (SELECT domain FROM mail_domain WHERE active = 'n')"
    mailboxes = f"""FROM mail_user u WHERE u.postfix = 'y' AND (u.disableimap = 'n' OR u.disablepop3 = 'n')
        AND SUBSTRING_INDEX(u.email, '@', -1) {on}"""
    forwards = f"FROM mail_forwarding WHERE active = 'y' AND SUBSTRING_INDEX(source, '@', -1) {on} AND type"
    queries = {
        "list_query": f"""SELECT u.login AS userName, u.name AS fullName, u.email AS emailAddresses {mailboxes}
            ORDER BY u.login""",
        "auth_query": f"""SELECT u.password, u.login AS userName
            {mailboxes} AND ({match_name(driver, "mail_user", "login", "u")}
            OR {match_name(driver, "mail_user", "email", "u")} AND NOT EXISTS (
                SELECT 1 FROM mail_user other WHERE {match_name(driver, "mail_user", "login", "other")}))""",
        "alias_query": f"""SELECT source AS address, destination AS targets {forwards} IN ('alias', 'forward')
            UNION ALL SELECT email, NULL FROM mail_user""",
        "alias_domain_query": f"SELECT source AS alias_domain, destination AS target_domain {forwards} = 'aliasdomain'",
    }
    # Its form for mailboxes hashes passwords in this charset (CRYPTMAIL in tform_base.inc.php).
    return Preset("ispconfig", driver, {"password_charset": "iso-8859-1", **connection}, queries)
