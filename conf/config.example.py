"""Configuration of the Application Integration Server: copy this file to config.py and edit the copy.

Or let bin/ais init ask, and write config.py. This is a Python file. "# " begins an explanation.
A "#" directly before a word is an option at its default: take the "#" away to switch it on. Check your changes with
bin/ais check. Let only the user that the web server runs scripts as read config.py: it holds secrets.
"""

from ais import caller, guard, log, sql, throttle, users

# Who may ask. Enter the same user name and password in MailStore's directory services. The second argument is the
# stored form of that password: bin/ais hash-password makes both, the password first. allow_from is optional.
callers = [
    #caller("mailstore@example.test", "sha256$…", allow_from=["192.0.2.10"]),
]

# Where the users are, asked in this order; docs/ has a page for each kind of source and for each application.
sources = [
    sql(
        "sqlite",
        database="users.sqlite",  # relative to this file
        list_query="SELECT login AS userName, name AS fullName, mail AS emailAddresses FROM users WHERE active = 1",
        auth_query="SELECT password FROM users WHERE login = :user AND active = 1",
    ),
]

# Refuse plain HTTP, except from this computer itself. A proxy on it counts as another computer. With False let only a
# proxy that takes nothing but https reach the web server.
#require_https = True

# Seconds that one request may take, all sources together.
#timeout = 20

# Answer a browser's GET with a page about the state of the server; for callers only.
#page = True

# A file (relative to this one), or a redis:// URL, for what must be remembered between requests: guard's max_shrink
# and throttle need it. The user that the web server runs scripts as must be able to write to its folder.
#state = None

# Refuse to hand out a list with fewer users than min_users, or that lacks more than this share of the last one.
#guard(min_users=1, max_shrink=0.3)

# Stop asking the sources after so many wrong passwords of one user within so many seconds.
#throttle(failures=10, window=900)

# Shape user names: lower case; a domain for names without one; a domain to take off; a pattern for distinguished names,
# such as "uid={userName},dc=example,dc=com"; names to leave out, with * for any characters.
#users(lowercase=False, domain=None, strip_domain=None, distinguished_name=None, skip=())

# Where the log goes: "stderr" (the web server's error log), "syslog", or a file (relative to this one); level "info"
# or "error".
#log(to="stderr", level="info")
