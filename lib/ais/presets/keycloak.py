from __future__ import annotations

from .common import ELSEWHERE, Preset, check_text, join, match, match_name

DRIVERS = ("postgresql", "mysql")


def keycloak(driver: str, *, realm: str, alias_attribute: str | None = None, **connection: object) -> Preset:
    """List the enabled users of one realm of Keycloak, on PostgreSQL or MySQL; service accounts are left out.

    Tables: ``model/jpa`` of keycloak/keycloak. `alias_attribute` names a user attribute that holds further addresses.
    Users whose password a federation keeps (LDAP) and who have none here: without a login nobody can tell.
    """
    name = match(driver, "r.name", f"'{check_text('keycloak(): realm', realm)}'")
    everybody = f"FROM user_entity u JOIN realm r ON r.id = u.realm_id AND {name}"
    people = "WHERE u.service_account_client_link IS NULL"
    users = f"{everybody} {people}"
    full_name = join(driver, "COALESCE(u.first_name, '')", "' '", "COALESCE(u.last_name, '')")
    claims = [f"SELECT u.username AS userName, u.email AS emailAddresses {users}"]
    listed = f"SELECT u.username AS userName, {full_name} AS fullName, u.email AS emailAddresses, 0 AS place {users}"
    listed += " AND u.enabled"
    if alias_attribute is not None:
        attribute = match(driver, "a.name", f"'{check_text('keycloak(): alias_attribute', alias_attribute)}'")
        more = f"{everybody} JOIN user_attribute a ON a.user_id = u.id AND {attribute} {people}"
        claims.append(f"SELECT u.username AS userName, a.value AS emailAddresses {more}")
        listed += f" UNION ALL SELECT u.username, NULL, a.value, 1 {more} AND u.enabled"
    stored = f"""(SELECT {join(driver, "c.secret_data", "c.credential_data")} FROM credential c
        WHERE c.user_id = u.id AND c.type = 'password')"""
    realm_users = f"(SELECT u.username {users})"
    queries = {
        "list_query": f"{listed} ORDER BY userName, place, emailAddresses",
        "auth_query": f"""SELECT CASE WHEN u.federation_link IS NULL THEN {stored}
            ELSE COALESCE({stored}, {ELSEWHERE}) END, u.username AS userName {users} AND u.enabled
            AND {match_name(driver, realm_users, "username", "u")}""",
    }
    return Preset("keycloak", driver, connection, queries, entered=claims)
