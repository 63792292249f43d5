"""The LDAP client: ldap3, within the deadline of the request."""
