from __future__ import annotations

from .common import Preset, match

DRIVERS = ("mysql",)


def kopano(driver: str, **connection: object) -> Preset:
    """List the active users of Kopano's or Zarafa's own user database (the "DB" plug-in). It has no aliases.

    Tables: ``provider/plugins/DBBase.cpp`` and ``DBUserPlugin.cpp`` of Kopano-dev/kopano-core. Users that may not log
    in (shared stores) and SYSTEM are left out.
    """
    users = """FROM object o JOIN objectproperty l ON l.objectid = o.id AND l.propname = 'loginname'"""
    active = "WHERE o.objectclass = 65537 AND l.value <> 'SYSTEM'"
    queries = {
        "list_query": f"""SELECT l.value AS userName, f.value AS fullName, e.value AS emailAddresses {users}
            LEFT JOIN objectproperty f ON f.objectid = o.id AND f.propname = 'fullname'
            LEFT JOIN objectproperty e ON e.objectid = o.id AND e.propname = 'emailaddress'
            {active} ORDER BY l.value""",
        "auth_query": f"""SELECT p.value, l.value AS userName {users}
            LEFT JOIN objectproperty p ON p.objectid = o.id AND p.propname = 'password'
            {active} AND {match(driver, "l.value")}""",
    }
    return Preset("kopano", driver, connection, queries)
