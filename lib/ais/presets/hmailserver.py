from __future__ import annotations

from .common import Preset, join, match_name, mixed

DRIVERS = ("mysql", "postgresql", "mssql", "odbc")


def hmailserver(driver: str, **connection: object) -> Preset:
    """List the active accounts of hMailServer's database, on MySQL, PostgreSQL or SQL Server.

    Tables: ``hmailserver/source/DBScripts`` of hmailserver/hmailserver. Accounts of Active Directory have no password
    here: they get a no, unless there is a login. Passwords that very old versions stored with Blowfish are not read.
    Distribution lists and the built-in database (SQL Server Compact) are not read.
    """
    accounts = """FROM hm_accounts ac JOIN hm_domains d ON d.domainid = ac.accountdomainid
        WHERE ac.accountactive = 1 AND d.domainactive = 1"""
    name = join(driver, "ac.accountpersonfirstname", "' '", "ac.accountpersonlastname")
    clear = join(driver, "'{PLAIN}'", "ac.accountpassword")  # the row itself says that it is no hash
    queries = {
        "list_query": f"SELECT ac.accountaddress AS userName, {name} AS fullName {accounts} ORDER BY ac.accountaddress",
        "auth_query": f"""SELECT CASE ac.accountpwencryption
            WHEN 0 THEN {clear} WHEN 1 THEN '{{BLOWFISH}}' ELSE ac.accountpassword END, ac.accountaddress AS userName
            {accounts} {"" if connection.get("login") else "AND ac.accountisad = 0"}
            AND {match_name(driver, "hm_accounts", "accountaddress", "ac")}""",
        "alias_query": f"""SELECT al.aliasname AS address, al.aliasvalue AS targets
            FROM hm_aliases al LEFT JOIN hm_domains d ON d.domainid = al.aliasdomainid
            WHERE al.aliasactive = 1 AND (al.aliasdomainid IS NULL OR d.domainactive = 1)
            UNION ALL SELECT {mixed(driver, "accountaddress")}, NULL FROM hm_accounts""",
        "alias_domain_query": """SELECT da.daalias AS alias_domain, d.domainname AS target_domain
            FROM hm_domain_aliases da JOIN hm_domains d ON d.domainid = da.dadomainid""",
    }
    # hMailServer hashes passwords in the code page of its server.
    return Preset("hmailserver", driver, {"password_charset": "windows-1252", **connection}, queries)
