"""What can be wrong with a deployed address: the words, sentences and remedies of the probe."""

from __future__ import annotations

import re

from ...errors import AISError, command
from ...text import one_line


class ProbeError(AISError):
    """The address could not be tried; the text says why."""


class Problem(Exception):
    """Something that keeps MailStore from working, or secrets from being kept.

    It is raised where the remaining steps would say nothing new.

    Attributes:
        code: a short name, the same in ``--json`` and in docs/troubleshooting.md.
        text: what is wrong, and what it was seen by.
        remedy: what to do.
    """

    def __init__(self, code: str, text: str, remedy: str) -> None:
        super().__init__(code)
        self.code, self.text, self.remedy = code, text, remedy.replace("bin/ais", command())


# A code, after a slash what tells its problems apart; then what is wrong, and what to do.
_TEXTS = """
unknown-host: No server of the name {host} is known.
  → Compare the name in the address. If it is right, its DNS record is missing, or this computer cannot ask its DNS
  server.
timeout/connect: {host}, port {port} did not take the connection within {timeout:g} s.
  → A firewall drops it, or the computer is off: open the port for the address of the MailStore server.
timeout/answer: {host}, port {port} did not answer within {timeout:g} s.
  → A user source hangs, or the web server waits for one: the status page in a browser, or bin/ais check, tells which.
  The time limit is timeout in conf/config.py.
refused: {host}, port {port} refuses connections.
  → The web server is not running, or it listens on another port or address: start it, compare the port.
unreachable: {host}, port {port} cannot be reached ({why}).
  → Compare the name and the network: the address may be of a network that this computer is not in.
no-answer: {host}, port {port} closed the connection without an answer.
  → A port for https may do so when it is asked without encryption: begin the address with https://. Otherwise look
  for a firewall in between, and into the web server's error log.
not-http: What {host}, port {port} answers is not HTTP.
  → Another service listens there, or the port is for https: compare the port and the beginning of the address.
no-tls: The server does not speak TLS on this port.
  → Set up https on the web server (docs/lighttpd.md and docs/apache.md, HTTPS), or compare the port.
tls-failed: The encrypted connection failed ({why}).
  → The server is set up for old TLS versions only, or for other names, or it asks for a client's certificate: see the
  web server's error log.
tls-expired: The server's certificate has expired.
  → Renew it (certbot renew), and reload the web server. If it was renewed, the server has not been reloaded.
tls-expired/early: The server's certificate is not valid yet.
  → Set the clocks of this computer and of the server.
tls-name: The server's certificate is for another name than {host}.
  → Enter the name that the certificate is for, or get a certificate for this one. If the server
  has several sites, this one has no certificate of its own, and that of another is sent.
tls-untrusted/itself: The server's certificate is not trusted: it is self-signed.
  → Best get one from a public authority (certbot). Otherwise give --ca-file cert.pem here, and import the certificate
  on MailStore's computer (Windows: trusted root authorities), or tick Ignore SSL warnings in MailStore.
tls-untrusted/issuer: The server's certificate is not trusted: its issuer is not known here.
  → Let the web server send the whole chain (fullchain.pem, not cert.pem). For a certificate authority of your own: give
  --ca-file here, and install its certificate on the MailStore server (Windows: trusted root authorities).

not-https/unsent: The address begins with http://: user names and passwords would travel unencrypted. The password was
  not sent, and the remaining steps were left out.
  → Use the https:// address, here and in MailStore.
not-https/refused: The address begins with http://, and the program wants https (403). The password was not sent.
  → Use the https:// address, here and in MailStore. require_https = False is only for a server behind a proxy that ends
  the encryption.
not-https/proxy: The program sees an unencrypted request (403), though the address begins with https://: a proxy ends
  the encryption.
  → Let the proxy refuse http://, let nobody but the proxy reach the web server, and write require_https = False into
  conf/config.py.
not-https/passed: The address begins with http://, and a proxy on the program's own computer passed the request on. The
  program then treats it as one from another computer, and wants https (403). The password was not sent.
  → Use the https:// address, here and in MailStore. If the proxy ends the encryption, let it refuse http://, let nobody
  but the proxy reach the web server, and write require_https = False into conf/config.py.
https-port: This port is for https, and the address begins with http:// (400).
  → Begin the address with https://, here and in MailStore.
redirect: The server redirects ({status}) to {location}: MailStore's client follows without the password{lost}.
  → {remedy}
php/source: PHP took the address and sent the text of the script, which is Python, to the visitor.
  → The file must be called index.py, not index.php. Let the web server map the address to it before PHP is asked:
  include lighttpd.conf.example or apache.conf.example unchanged; with a bundle, upload its .htaccess.
php/answers: PHP answers at this address (status {status}), not this program.
  → Either the address is not mapped to index.py, and a PHP application such as WordPress answers in its place; or a
  rule that gives every .php address to PHP comes first. Include the example file unchanged: it keeps PHP off. With a
  bundle, try the address without index.php: {folder}/
script-as-text: The web server sends the text of the script instead of running it.
  → Apache: switch CGI on (a2enmod cgi) and include apache.conf.example. Shared hosting: .htaccess is missing or ignored
  there. lighttpd: include lighttpd.conf.example, as the last file (99-mailstore-ais.conf). Until then take the files,
  and the secrets in conf/config.py, off the server.
not-found/nothing: There is nothing at this address (404).
  → Compare the address letter by letter. The example file is not included, or the web server was not reloaded, or
  another site (virtual host) of this server answers. lighttpd: or a later block sets alias.url again: include the file
  last (99-mailstore-ais.conf). Apache: or an Alias of the virtual host comes first. With a bundle: .htaccess was not
  uploaded.
not-found/tenant: The program says: {said} (404)
  → Compare the name in the address letter by letter. On the server: is there a file of this name, with .py, in the
  folder of tenants, and may the web server's user enter that folder? The web server's error log names the file.
not-found/file: The web server takes no POST at this address (405): it sees a plain file there, not a script.
  → Include the example file in the web server's configuration, and compare the address.
forbidden/server: The web server forbids the address (403), before the program is asked.
  → The web server's user may not enter a folder above the script; or Require, allow or deny in the server's
  configuration; or a filter such as mod_security: its error log says which ("Options ExecCGI is off": see "A bare 500"
  in docs/troubleshooting.md). lighttpd: or a later block has a cgi.assign
  of its own: include the file last (99-mailstore-ais.conf). nginx with fcgiwrap: or the script is not executable (755).
forbidden/program: Refused by the program: {said}
  → Do what it says; the option is in conf/config.py.
gateway: The web server waited for the program, or a proxy for the web server, and gave up ({status}).
  → If there is a proxy in front: is the server behind it running? lighttpd: does a later block set proxy.server?
  Include the file last (99-mailstore-ais.conf). FastCGI: can index.fcgi be started? It must be executable (755), have
  Unix line ends, and name a Python that exists in its first line. Otherwise the script took longer than the server
  allows: make timeout in conf/config.py smaller than the server's limit, and see bin/ais check.
expect: The server refuses the header Expect: 100-continue (417), which .NET clients send.
  → An old proxy or server is in between: let MailStore ask the web server directly.
status: The server answers with status {status}.
  → That is not from this program. Compare the address, and see the web server's error log.
cannot-start: The web server could not {task} the script (500 with {page}).
  → {first} this order: index.py, or index.fcgi, is executable (755), and its folders are not writable for others; it
  has Unix line ends (upload in binary mode); its first line names a Python that exists. {logs}

unavailable: The program runs, but cannot ask a user source: {said}
  → Usually a database or directory is down, or its host, user or password in conf/config.py is wrong. {remedy}
server-error: The program runs, but cannot answer ({status}): {said}
  → {remedy}
request-refused: The program refuses MailStore's request ({status}): {said}
  → Something between here and the program changes requests, such as a proxy, or another program answers here.
no-challenge: The server refuses a request without a password {how}: MailStore's client would never send it.
  → Set up Basic authentication for this address, or let the program check the caller: caller(…) in conf/config.py.
open: The server gives the list to anyone, without a password.
  → Let the program check the caller, caller(…) in conf/config.py, or the web server.
credentials/server: The web server itself checks user name and password, and does not accept them (401 with its own
  page).
  → Compare them with the server's password file (htpasswd, AuthUserFile, auth.backend). Or the web server cannot read
  that file: its error log says so.
credentials/program: The program does not accept this user name and password (401).
  → {compare}
credentials-or-header: The program gives the same 401 with the user name and password as without: either they are wrong,
  or the web server does not pass on the Authorization header, which is Apache's default.
  → This is another implementation or an older one. {compare} If they are right, include apache.conf.example unchanged
  (CGIPassAuth On), or upload a bundle's .htaccess unchanged.
header-lost: The program says that no user name and password arrived, though they were sent: the web server does
  not pass on the Authorization header, which is Apache's default.
  → Include apache.conf.example unchanged (CGIPassAuth On); with a bundle, upload its .htaccess unchanged. A proxy in
  front, or a rule that rewrites the address, can also lose it.
not-checked: conf/config.py leaves the password to the web server, web_server(), which checks nobody at this address.
  → Switch on the part "The server checks the caller's password" of the example file for this address, or let the
  program check: caller(…).

compressed: The answer is compressed, though that was not asked for: MailStore's client cannot read it.
  → Switch compression off for this address (the example files do), also in a proxy in front.
bom: The answer begins with a byte order mark, which some .NET clients take for a part of the JSON.
  → Save the script and the files it reads as UTF-8 without BOM.
charset: The answer is not UTF-8.
  → Send JSON in UTF-8, or in ASCII with \\u escapes.
charset/name: The Content-Type names the charset {name}, which not every .NET client takes.
  → Send Content-Type: text/json; charset=utf-8 (with the hyphen, without quotes). This program does so: AddCharset or
  AddDefaultCharset of the web server, or another program, changes it.
cut-short: The answer is cut short: {why}.
  → The script died, or a proxy or a size or time limit cut it off: see the error logs of both. MailStore could take a
  part of the list for the whole, and delete the users that are missing.
not-json/answer: The server sends {kind} where a user list or a verdict should be.
  → Another program answers at this address: a start page, a log-in page, a parked domain. Compare the address, and
  which site (virtual host) it leads to. Or rules for all addresses, as a front controller has them, come first: include
  the example file unchanged, under lighttpd as the last one (99-mailstore-ais.conf).
not-json: {what}.
  → Nothing may be printed before or after the JSON, and no proxy may add to it.
not-a-list: The answer to cmd=list is JSON, but not a list of users.
  → Another program answers at this address, or it does not know cmd=list.
empty-list: The list of users is empty. MailStore can be set to delete users who are not listed: that would be all
  of them.
  → Correct list_query, the file or the filter of the source; guard(min_users=1) refuses such a list.
bad-users: {wrong} of {all} entries are not users as MailStore needs them: each must be an object with a userName that
  is a text and not empty; fullName and distinguishedName are texts, emailAddresses is a list of texts.
  → Correct the query or program that makes the list.
duplicate-users: {number} user name(s) are listed more than once, upper and lower case taken alike.
  → Give each user once, with all addresses; the status page in a browser, or bin/ais check, names them.
no-verdict: The answer to cmd=auth is JSON, but not {{"succeeded": true}} or {{"succeeded": false}}.
  → Another program answers at this address, or it does not know cmd=auth.

slow: The answer to cmd={cmd} took {seconds:.1f} s (more than {limit:g} s).
  → The status page in a browser, or bin/ais check, tells which source takes so long. If every request is slow: the
  library is compiled anew each time (docs/troubleshooting.md).
closes-early: The server closes a kept connection after a few seconds of silence, without announcing it: a request that
  arrives just then is lost, and .NET does not repeat it.
  → lighttpd: include the example file unchanged; its server.max-keep-alive-requests = 0 ends a connection with its
  answer. Another server, or a proxy in front: let it do the same, or keep connections for more than 100 seconds.
multipart: Only requests of type multipart/form-data fail, which some .NET clients send in place of urlencoded ones.
  {text}
  → {remedy}
filtered: A firewall refuses a password that looks like an attack ({status}), before the program is asked: users who
  have one cannot log in. Such a firewall often writes refused requests to its log, with the passwords in them.
  → Switch it off for this address: Apache's ModSecurity by the example file, unchanged. With a bundle, .htaccess
  cannot: ask the host for SecRuleEngine Off and SecAuditEngine Off in this folder (docs/troubleshooting.md).
anybody: A user who does not exist, with a random password, is let in: everybody can read every archive.
  → Do not use this in MailStore. Correct auth_query or the program that answers cmd=auth.
login-refused: The user of --login is refused.
  → The password is wrong; or it was wrong within the last 15 minutes, and the throttle does not try it again; or the
  user is unknown or disabled. The form of the status page says which, or bin/ais auth USER --explain.
login-not-listed: The user of --login is not in the list, so MailStore would have no archive for this name.
  → Log in with a name as the list gives it, or change list_query and auth_query so that both mean the same names.
exposed/secrets: EVERYBODY CAN DOWNLOAD SECRETS: {urls}
  → Take these files off the server now. Move conf out of the document root, or make the server forbid it: it ignores
  .htaccess, or the file is missing (docs/shared-hosting.md). Then change every password in them.
exposed/program: Everybody can download files of the program: {urls}. A conf/config.py with secrets would be sent as
  well.
  → Do not upload conf/config.py yet. Move lib and conf out of the document root, or make the server forbid them: it
  ignores .htaccess, or the file is missing (docs/shared-hosting.md).
"""

PROBLEMS = dict(" ".join(each.split()).split(": ", 1) for each in re.split(r"\n+(?=\S)", _TEXTS.strip()))


def explain(key: str, **values: object) -> Problem:
    """Return a problem.

    Args:
        key: one of `PROBLEMS`.
        values: what its texts name in braces.
    """
    text, _, remedy = PROBLEMS[key].partition(" → ")
    return Problem(key.partition("/")[0], text.format(**values), remedy.format(**values))


def clean(text: str, secrets: tuple[str, ...] = ()) -> str:
    """Return what a server said, fit for a terminal: one line, not long, without secrets that it echoes."""
    for secret in secrets:
        text = text.replace(secret, "…")
    text = re.sub(r"\s+", " ", text).strip()
    text = "…".join(one_line(part) for part in text.split("…"))
    return text if len(text) <= 300 else f"{text[:299]}…"
