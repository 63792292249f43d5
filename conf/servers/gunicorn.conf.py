"""gunicorn for the MailStore Application Integration Server, behind lighttpd or Apache on the same computer.

gunicorn -c /opt/mailstore-ais/conf/servers/gunicorn.conf.py
"""

wsgi_app = "ais.wsgi:behind_proxy"
pythonpath = "/opt/mailstore-ais/lib"

# Only who may write to the socket, the web server's own user, is believed about who asks.
bind = "unix:/run/mailstore-ais/socket"
umask = 0o177

# Two processes with four threads each: eight requests at a time, and eight connections to each database at most.
workers = 2
worker_class = "gthread"
threads = 4

# Seconds after which a process that hangs is ended; more than the timeout of the configuration.
timeout = 60

# `behind_proxy` reads the proxy's header by itself; gunicorn's own reading of others is not used.
secure_scheme_headers = {}
forwarded_allow_ips = ""
