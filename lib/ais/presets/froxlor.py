from __future__ import annotations

from .common import Preset, match_name, mixed

DRIVERS = ("mysql",)


def froxlor(driver: str, **connection: object) -> Preset:
    """List the mailboxes of Froxlor's database that receive mail and can be read, of active customers and domains.

    Tables: ``install/froxlor.sql.php`` of Froxlor/Froxlor; delivery and logins: ``lib/configfiles``. There are no full
    names and no alias domains for mail.
    """
    mailboxes = """FROM mail_users mu
        JOIN panel_customers c ON c.customerid = mu.customerid
        JOIN panel_domains d ON d.id = mu.domainid
        WHERE mu.postfix = 'Y' AND (mu.imap = 1 OR mu.pop3 = 1) AND c.deactivated = 0 AND d.deactivated = 0"""
    queries = {
        "list_query": f"SELECT mu.username AS userName, mu.email AS emailAddresses {mailboxes} ORDER BY mu.username",
        "auth_query": f"""SELECT mu.password_enc, mu.username AS userName
            {mailboxes} AND {match_name(driver, "mail_users", "username", "mu")}""",
        "alias_query": f"""SELECT v.email AS address, v.destination AS targets FROM mail_virtual v
            WHERE v.iscatchall = 0 AND v.popaccountid = 0 AND (v.domainid = 0 OR EXISTS (
                SELECT 1 FROM panel_domains d JOIN panel_customers c ON c.customerid = d.customerid
                WHERE d.id = v.domainid AND d.deactivated = 0 AND c.deactivated = 0))
            UNION ALL SELECT email_full, NULL FROM mail_virtual WHERE popaccountid <> 0
            UNION ALL SELECT {mixed(driver, "email")}, NULL FROM mail_users""",
    }
    return Preset("froxlor", driver, connection, queries)
