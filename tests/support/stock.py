"""Debian's own server configurations, which the example files are included in.

The same modules in the same order, the same denials and limits; only paths, port and MIME table differ.
"""

from __future__ import annotations

# Debian's /etc/lighttpd/lighttpd.conf, paths, port and MIME table apart.
LIGHTTPD = """\
server.modules = ( "mod_indexfile", "mod_access", "mod_alias", "mod_redirect" )
server.document-root = "{home}/htdocs"
server.upload-dirs = ( "{home}/uploads" )
server.errorlog = "{home}/error.log"
server.pid-file = "{home}/pid"
{user}
server.bind = "127.0.0.1"
server.port = {port}
server.feature-flags += ( "server.h2proto" => "enable", "server.h2c" => "enable" )
server.http-parseopts = (
    "header-strict" => "enable", "host-strict" => "enable", "host-normalize" => "enable",
    "url-normalize-unreserved" => "enable", "url-normalize-required" => "enable",
    "url-ctrls-reject" => "enable", "url-path-2f-decode" => "enable", "url-path-dotseg-remove" => "enable",
)
index-file.names = ( "index.php", "index.html" )
url.access-deny = ( "~", ".inc" )
static-file.exclude-extensions = ( ".php", ".pl", ".fcgi" )
mimetype.assign = ( ".html" => "text/html", ".txt" => "text/plain", ".py" => "text/x-python" )
{before}
{fragment}
{after}
server.modules += ( "mod_dirlisting", "mod_staticfile" )
"""

# What Debian's apache2 package switches on at installation, besides an MPM.
APACHE_STOCK_MODULES = (
    *("authz_core", "authz_host", "authn_core", "auth_basic", "access_compat", "authn_file", "authz_user"),
    *("alias", "dir", "autoindex", "env", "mime", "negotiation", "setenvif", "filter", "deflate", "status"),
    "reqtimeout",
)

# Debian's /etc/apache2/apache2.conf, paths, port and MIME table apart.
APACHE = """\
ServerRoot "{home}"
ServerName localhost
DefaultRuntimeDir "{home}"
PidFile "{home}/pid"
Listen 127.0.0.1:{port}
{user}
{modules}
Timeout 300
KeepAlive On
MaxKeepAliveRequests 100
KeepAliveTimeout 5
HostnameLookups Off
ErrorLog "{home}/error.log"
LogLevel warn
TypesConfig /dev/null
AddType text/html .html
AddType text/plain .txt
DirectoryIndex index.html index.cgi index.pl index.php index.xhtml index.htm
AddOutputFilterByType DEFLATE text/html text/plain text/xml text/css text/javascript
<Directory />
    Options FollowSymLinks
    AllowOverride None
    Require all denied
</Directory>
DocumentRoot "{home}/htdocs"
<Directory "{home}/htdocs">
    Options Indexes FollowSymLinks
    AllowOverride None
    Require all granted
</Directory>
<FilesMatch "^\\.ht">
    Require all denied
</FilesMatch>
{before}
{fragment}
{after}
"""
