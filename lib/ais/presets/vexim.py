from __future__ import annotations

from .common import Preset, join, match_name, mixed

DRIVERS = ("mysql", "postgresql")


def vexim(driver: str, **connection: object) -> Preset:
    """List the enabled local accounts of vexim2's database, on MySQL or PostgreSQL.

    Tables: ``setup/mysql.sql`` and ``setup/pgsql.sql`` of vexim/vexim2; delivery: ``docs/configure``. Passwords in
    clear text (``$cryptscheme``) need ``default_scheme="PLAIN"``. Mailing groups are not read.
    """
    address = join(driver, "u.localpart", "'@'", "d.domain")
    accounts = "FROM users u JOIN domains d ON d.domain_id = u.domain_id WHERE"
    local = "u.type = 'local' AND u.enabled = 1 AND d.enabled = 1 AND d.type = 'local'"
    queries = {
        "list_query": f"""SELECT u.username AS userName, u.realname AS fullName, {address} AS emailAddresses
            {accounts} {local} ORDER BY u.username""",
        "auth_query": f"""SELECT u.crypt, u.username AS userName
            {accounts} {local} AND {match_name(driver, "users", "username", "u")}""",
        "alias_query": f"""SELECT {address} AS address, u.smtp AS targets
            {accounts} u.type = 'alias' AND u.enabled = 1 AND d.enabled = 1
            UNION ALL SELECT {mixed(driver, address)}, NULL {accounts} u.type NOT IN ('alias', 'catch')""",
        "alias_domain_query": f"""SELECT da.alias AS alias_domain, d.domain AS target_domain
            FROM domainalias da JOIN domains d ON d.domain_id = da.domain_id
            WHERE d.enabled = 1
            AND {mixed(driver, "da.alias")} NOT IN (SELECT domain FROM domains WHERE enabled = 0)""",
    }
    return Preset("vexim", driver, connection, queries)
