"""Makes requests: valid ones by the grammar of forms, HTTP and CGI, and what comes of them when they are damaged."""

from __future__ import annotations

import base64
import random
import unicodedata
import urllib.parse
from typing import NamedTuple

from _fuzzsites import BURO, BURO_SECRET, CALLER, CALLER_SECRET, NEAR, NEAR_SECRET, Site

URLENCODED = "application/x-www-form-urlencoded"
LOOPBACK = ("127.0.0.1", "127.8.9.1", "::1", "::ffff:127.0.0.1")
INSIDE = ("192.0.2.7", "::ffff:192.0.2.255", "2001:db8::1", "2001:DB8:0:0::77", "2001:db8::9%eth0")
ADDRESSES = (
    "198.51.100.1", "192.0.3.1", "::2", "::ffff:198.51.100.1", "fe80::1%eth0", "2001:db9::1", "", "127.1",
    "0x7f000001", "z9" * 150, "unix:", "192.0.2.7, 127.0.0.1", "127.0.0.1.evil.example", "\udcff\x1b[31m",
    "192.0.2.7\nforged", " ", "\u0661\u0662\u0667.0.0.1", "localhost", "1 status=200 caller=x",
)  # fmt: skip
HTTPS_ON = ("on", "ON", "1")
METHODS = ("GET", "HEAD", "PUT", "post", "", "OPTIONS", "TRACE", "POST ", "\udcff", "DELETE\r\nX: y", "CONNECT")
LENGTHS = (
    "-1", "+5", "1e3", "0", " 5", "\u0663", "9" * 5000, "99999999", "65537", "0x10", "5, 5", "000000000000008",
    "18446744073709551616", "8\r\nX: y", "\udcff", "",
)  # fmt: skip
HEADERS = (
    ("HTTP_REMOTE_USER", "frontend"), ("HTTP_HTTPS", "on"), ("HTTP_X_FORWARDED_PROTO", "https"), ("HTTP_HOST", "h"),
    ("HTTP_X_FORWARDED_FOR", "127.0.0.1"), ("HTTP_FORWARDED", "for=127.0.0.1;proto=https"), ("HTTP_VIA", "1.1 proxy"),
    ("HTTP_X_REAL_IP", "::1"), ("HTTP_AIS_CONFIG", "/etc/passwd"), ("HTTP_ORIGIN", "null"),
    ("HTTP_PROXY", "http://127.0.0.1:1/"), ("HTTP_EXPECT", "100-continue"), ("HTTP_COOKIE", "\udcff\udcfe=\r\n"),
    ("HTTP_ORIGIN", "https://evil.example"), ("HTTP_SEC_FETCH_SITE", "cross-site"), ("HTTP_SEC_FETCH_SITE", "none"),
    ("HTTP_SEC_FETCH_SITE", "same-origin"), ("REMOTE_USER", "frontend"), ("REMOTE_USER", "frontend "),
    ("REMOTE_USER", CALLER), ("REDIRECT_REMOTE_USER", "frontend"), ("AUTH_TYPE", "Basic"), ("PATH_INFO", "/../../x"),
    ("PATH_INFO", "\udcff/%2e%2e"), ("SCRIPT_NAME", "/mailstore-integration/index.php"),
    ("HTTP_USER_AGENT", "A" * 9000),
    ("GATEWAY_INTERFACE", "CGI/1.1"), ("HTTP_CONTENT_LENGTH", "3"), ("CONTENT_ENCODING", "gzip"),
    ("HTTP_CONTENT_ENCODING", "gzip"), ("REQUEST_URI", "//evil.example/\x1b[31m"), ("SERVER_PROTOCOL", "HTTP/9.9"),
)  # fmt: skip
QUERIES = (
    "", "search=an", "search=%ff%00<b>", "cmd=list", "&" * 50, "search=<script>alert(1)</script>", "a=b;c",
    "cmd=auth&user=anna&pass=Geheim1!-anna", "search=%E2%80%AE", "\udcff",
)  # fmt: skip
JUNK = (
    b"%", b"%0", b"%zz", b"%C0%80", b"%ED%A0%80", b"%F4%90%80%80", b"%00", b"\0", b"\xff", b"%+1", b"% 1", b"%FF%FE",
    b"%u0041", b"%E2%98%83", b"\xed\xa0\x80", b"\xc0\xaf", b"1' OR '1'='1", b"*)(uid=*", b"$(id)", b"../../etc/passwd",
    b"<script>", b"a\r\nSet-Cookie: x=1", b"%0d%0aX: y", b"' -- ", b":user", b"{0.__class__}", b"%s%n", b"\x1b[31m",
    b"\xe2\x80\xa8", b"\xef\xbb\xbf", b"&cmd=list", b"&user=", b"&", b"&&", b"=", b";", b"+", b"\xe2\x80\xae", b"--",
    b"\r\n", b"\r\n\r\n", b"cmd", b"list", b"auth", b"user", b"pass",
)  # fmt: skip
NAMES = (b"cmd", b"user", b"pass", b"Pass", b"CMD", b"cmd[]", b"pass ", b"action", b"token", b"p\xc3\xa4ss", b"")
COMMANDS = (b"LIST", b"list ", b"", b"auth\0", b"listauth", b"delete", b"__class__", b"l\xc4\xb1st", b"list&cmd=auth")
BOUNDARIES = ("xxBOUNDxx", "a", "----" + "q" * 60, "b d", "--", "'()+_,-./:=?")
# Lines of a part, and whether it then is a field; None where the contract leaves it open.
PART_HEADERS = (
    (b"; filename=x", False), (b'; filename=""', False), (b"\r\nContent-Transfer-Encoding: base64", False),
    (b"\r\nContent-Transfer-Encoding: quoted-printable", False), (b"\r\ncontent-transfer-encoding: 8BIT", True),
    (b"\r\nContent-Type: text/plain; charset=utf-8", True), (b"\r\nContent-Type: text/plain", True),
    (b"; filename*=utf-8''x", None), (b"\r\nX-Other: " + b"y" * 300, True), (b"\r\nbroken", None),
    (b"\r\nContent-Disposition: form-data; name=x", None), (b"; name=user", None), (b"\r\n folded", None),
)  # fmt: skip


class Request(NamedTuple):
    """A request as CGI gives it.

    Attributes:
        environ: CGI variables.
        body: what standard input holds.
        fields: what a multipart body says, or 400; None where that is open, and for other bodies.
        formed: the body that `fields` is about.
        kind: the Content-Type that it is about.
    """

    environ: dict[str, str]
    body: bytes
    fields: dict[str, str] | int | None = None
    formed: bytes = b""
    kind: str = ""


class Maker:
    """Makes the requests of one seed; the same number gives the same request."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._random = random.Random()
        self._chance = self._random.random
        self._pick = self._random.choice

    def make(self, sites: list[Site], number: int) -> tuple[Site, Request]:
        """Return a site and a request for it."""
        self._random.seed(f"{self._seed}/{number}")
        # Of the sites that answer nothing there is little to see.
        site = self._pick(sites if self._chance() < 0.2 else [one for one in sites if one.sources and one.callers])
        fields = self._fields(site)
        multipart = self._chance() < 0.2
        request = self._multipart(fields) if multipart else self._urlencoded(fields)
        body, kind = request.body, request.kind
        if self._chance() < 0.2:
            body = self._damaged(body)
        if self._chance() < 0.05:
            kind = self._pick(["", "application/json", "text/plain", self._text(self._damaged(kind.encode()))])
        environ = {"REQUEST_METHOD": "POST", "CONTENT_TYPE": kind, **self._connection(site), **self._length(body)}
        if self._chance() < 0.05:
            environ["REQUEST_METHOD"] = self._pick(METHODS)
        if self._chance() < 0.2:
            environ["QUERY_STRING"] = self._pick(QUERIES)
        for _ in range(self._pick((0, 0, 0, 0, 0, 0, 0, 1, 3))):
            name, value = self._pick(HEADERS)
            environ[name] = value
        return site, request._replace(environ=environ, body=body)

    def _text(self, raw: bytes) -> str:
        """Bytes of a header as os.environ shows them."""
        return raw.decode("utf-8", "surrogateescape")

    def _connection(self, site: Site) -> dict[str, str]:
        found = {"REMOTE_ADDR": self._pick(LOOPBACK if self._chance() < 0.6 else INSIDE)}
        if self._chance() < 0.1:
            found["REMOTE_ADDR"] = self._pick(ADDRESSES)
        if self._chance() < 0.7:
            found["HTTPS"] = self._pick(HTTPS_ON)
        elif self._chance() < 0.3:
            found["HTTPS"] = self._pick(("off", "", "0", "no", "\udcff", "true"))
        if self._chance() < 0.95:
            name = "HTTP_AUTHORIZATION" if self._chance() < 0.8 else "REDIRECT_HTTP_AUTHORIZATION"
            found[name] = self._authorization(site)
            if self._chance() < 0.02:
                found["REDIRECT_HTTP_AUTHORIZATION"] = self._authorization(site)
        return found

    def _authorization(self, site: Site) -> str:
        name, secret = self._pick(((CALLER, CALLER_SECRET),) * 6 + ((NEAR, NEAR_SECRET), (BURO, BURO_SECRET)))
        raw = f"{name}:{secret}".encode("cp1252" if name == BURO and self._chance() < 0.5 else "utf-8")
        if self._chance() < 0.15:
            wrong = (name.upper(), "", name + " ", "frontend", "anna"), (secret + "\n", secret[:-1], "", secret.upper())
            raw = self._pick(
                (
                    f"{self._pick(wrong[0])}:{secret}".encode(),
                    f"{name}:{self._pick(wrong[1])}".encode(),
                    f"{name}:{self._pick(site.hashes or [''])}".encode(),
                    f"{name}{secret}".encode(),
                    f"{name}::{secret}".encode(),
                    unicodedata.normalize("NFD", f"{name}:{secret}").encode(),
                    self._damaged(raw),
                    b":",
                    b"\xff" * 9,
                )
            )
        token = base64.b64encode(raw).decode()
        if self._chance() < 0.85:
            return f"Basic {token}"
        scheme = self._pick(("basic ", "BASIC    ", "bAsIc ", "Digest ", "Bearer ", "Basic", "Basic\t", "", " Basic "))
        end = self._pick(("", "", "", "=", "\n", " ", "\0", "====", "\udcff", ", Basic " + token, "\u0661"))
        if self._chance() < 0.2:
            token = self._text(self._damaged(token.encode()))
        return scheme + token + end

    def _length(self, body: bytes) -> dict[str, str]:
        found = {"CONTENT_LENGTH": str(len(body))}
        if self._chance() < 0.06:
            right = (str(len(body) + 1), str(max(0, len(body) - 1)), str(len(body) // 2), f"000{len(body)}")
            found["CONTENT_LENGTH"] = self._pick(right if self._chance() < 0.5 else LENGTHS)
        if self._chance() < 0.1:
            found["HTTP_TRANSFER_ENCODING"] = self._pick(
                ("chunked", "gzip, chunked", "Chunked", "identity", "chunked\n")
            )
            if self._chance() < 0.6:
                del found["CONTENT_LENGTH"]
        elif self._chance() < 0.02:
            del found["CONTENT_LENGTH"]
        return found

    def _fields(self, site: Site) -> list[tuple[bytes, bytes]]:
        kind = self._chance()
        if kind < 0.2:
            found = [(b"cmd", b"list")]
            if self._chance() < 0.1:
                found.append((self._junk(), self._junk()))
        elif kind < 0.22 and site.page and site.sources:
            token = site.token.encode() if self._chance() < 0.7 else self._junk()
            user, password = self._login(site)
            found = [(b"action", self._pick((b"login", b"login", b"accept", b"x"))), (b"token", token)]
            found += [(b"user", user.encode()), (b"password", password.encode()), (b"seen", self._junk())]
        else:
            user, password = self._login(site)
            found = [(b"cmd", b"auth"), (b"user", user.encode()), (b"pass", password.encode())]
        if self._chance() < 0.12:
            self._spoil(found)
        self._random.shuffle(found)
        return found

    def _spoil(self, fields: list[tuple[bytes, bytes]]) -> None:
        at = self._random.randrange(len(fields))
        kind = self._random.randrange(7)
        if kind == 0:
            fields[at] = (self._pick(NAMES), fields[at][1])
        elif kind == 1:
            fields[at] = (fields[at][0], self._junk())
        elif kind == 2:
            fields.append((fields[at][0], self._junk()))
        elif kind == 3:
            del fields[at]
        elif kind == 4:
            fields += [(b"more%d" % n, self._junk()) for n in range(self._pick((1, 5, 28, 29, 30, 40, 200)))]
        elif kind == 5:
            fields[at] = (fields[at][0], self._pick(COMMANDS))
        else:
            fields.append((self._junk(), b"A" * self._pick((4096, 20000, 70000))))

    def _login(self, site: Site) -> tuple[str, str]:
        rows = [row for source in site.sources for row in source.rows]
        if not rows:
            return "anna", "Geheim1!-anna"
        row = self._pick(rows)
        user = row.name
        password = row.password if isinstance(row.password, str) else self._pick(site.passwords)
        if site.shaped and self._chance() < 0.8:
            user = f"{user}@example.com" if self._chance() < 0.2 else self._pick([*site.named])
            password = str(site.named[user].password) if user in site.named else password
        if self._chance() < 0.3:
            user = self._other_user(user, site)
        if self._chance() < 0.35:
            password = self._other_password(password, user, site)
        return user, password

    def _other_user(self, user: str, site: Site) -> str:
        return str(
            self._pick(
                (
                    user.upper(), user.swapcase(), user + " ", " " + user, user + "\t", user + "\u200b", user + "\n",
                    user + "@example.com", user.partition("@")[0], user.replace("ß", "ss"), user.title(), "",
                    unicodedata.normalize("NFD", user), unicodedata.normalize("NFKC", user), "nobody", user * 50,
                    user.replace("a", "\u0430"), user.replace("i", "\u0131"), user + "'", "%", user + "*",
                    user.casefold(), user + "\u0301", "_" * len(user), "skipme", "SKIPME@example.com", "odd", "one",
                    self._pick(site.users), '"\\\x1b[31m\u2028 status=200 outcome="yes"', "A" * 5000, "-1",
                    user + ":x", user + "\ufeff",
                )
            )
        )  # fmt: skip

    def _other_password(self, right: str, user: str, site: Site) -> str:
        return str(
            self._pick(
                (
                    right + " ", " " + right, right[:-1], right.upper(), right.swapcase(), right + "\n", "", user,
                    "\u2003" + right, right + "\u0301", unicodedata.normalize("NFD", right), right.strip(), "*", "!",
                    unicodedata.normalize("NFKC", right), unicodedata.normalize("NFC", right), right * 2, "x",
                    self._pick(site.hashes), self._pick(site.hashes), self._pick(site.passwords), right[:8], right[:72],
                    "' OR '1'='1", "%", "None", "0", "A" * 5000, "B" * 600, right.encode().decode("cp1252", "replace"),
                    "".join(chr(self._random.randrange(1, 0xD800)) for _ in range(12)), f"{{PLAIN}}{right}",
                    "wrong", right + "L",
                )
            )
        )  # fmt: skip

    def _urlencoded(self, fields: list[tuple[bytes, bytes]]) -> Request:
        body = b"&".join([self._escaped(name) + b"=" + self._escaped(value) for name, value in fields])
        kinds = (URLENCODED + "; charset=utf-8", URLENCODED.upper() + ";x", " " + URLENCODED + " ")
        return Request({}, body, kind=URLENCODED if self._chance() < 0.8 else self._pick(kinds))

    def _escaped(self, raw: bytes) -> bytes:
        kind = self._random.randrange(8)
        if kind < 3:
            return urllib.parse.quote_from_bytes(raw).encode()
        if kind < 6:
            return urllib.parse.quote_plus(raw).encode()
        if kind == 6 and len(raw) < 100:
            return b"".join([b"%%%02x" % byte for byte in raw])
        for character in b"%&+=":
            raw = raw.replace(b"%c" % character, b"%%%02X" % character)
        return raw

    def _multipart(self, fields: list[tuple[bytes, bytes]]) -> Request:
        boundary = self._pick(BOUNDARIES)
        mark = b"--" + boundary.encode()
        open_question = boundary == "--" or any(mark in value for _, value in fields)
        refused = False
        parts = []
        for name, value in fields:
            more, fine = self._pick(PART_HEADERS) if self._chance() < 0.1 else (b"", True)
            quotes = b'"' if self._chance() < 0.9 or not name.isalnum() else b""
            header = self._pick((b"Content-Disposition", b"content-disposition", b"CONTENT-DISPOSITION"))
            parts.append(
                b"%s\r\n%s: form-data; name=%s%s%s%s\r\n\r\n%s\r\n" % (mark, header, quotes, name, quotes, more, value)
            )
            refused |= fine is False
            open_question |= (
                fine is None or not 0 < len(name) < 1000 or not name.isascii() or not name.replace(b"[]", b"").isalnum()
            )
        ends = ((b"--", None), (b"", False), (b"\r\n", False), (b"--\r\nepilogue", None))
        end, whole = (b"--\r\n", True) if self._chance() < 0.9 else self._pick(ends)
        body = b"".join(parts) + mark + end
        if self._chance() < 0.03:
            body, open_question = body.replace(b"\r\n", b"\n"), True
        kind = f'multipart/form-data; boundary="{boundary}"'
        if boundary.isalnum() and self._chance() < 0.5:
            kind = f"Multipart/Form-Data;boundary={boundary}"
        known = None if open_question or whole is None else 400 if refused or not whole else _texts(fields)
        return Request({}, body, known, body, kind)

    def _junk(self) -> bytes:
        kind = self._random.randrange(4)
        if kind == 0:
            return self._random.randbytes(self._random.randrange(20))
        if kind == 1:
            return "".join([chr(self._random.randrange(1, 0xD800)) for _ in range(self._random.randrange(9))]).encode()
        if kind == 2 and self._chance() < 0.1:
            return b"A" * self._pick((1, 63, 1000, 4097, 20000))
        return self._pick(JUNK)

    def _damaged(self, raw: bytes) -> bytes:
        body = bytearray(raw)
        for _ in range(self._pick((1, 1, 1, 2, 5))):
            at, kind = self._random.randrange(len(body) + 1), self._random.randrange(7)
            if kind == 0:
                body[at : at + 1] = self._random.randbytes(1)
            elif kind == 1:
                del body[at : at + 1]
            elif kind == 2:
                body[at:at] = self._random.randbytes(1)
            elif kind == 3:
                body[at:at] = self._junk()
            elif kind == 4:
                del body[at : at + self._random.randrange(1, 12)]
            elif kind == 5:
                body[at:at] = body[self._random.randrange(len(body) + 1) :][:30]
            else:
                del body[at:]
        return bytes(body)


def _texts(fields: list[tuple[bytes, bytes]]) -> dict[str, str] | int | None:
    """Return the fields as the contract wants them read, or 400."""
    if len(fields) > 32:
        return None  # how many are too many is left open
    found: dict[str, str] = {}
    try:
        for name, value in fields:
            found[name.decode("utf-8")] = value.decode("utf-8")
    except UnicodeDecodeError:
        return 400
    return 400 if len(found) < len(fields) or "\0" in "".join((*found, *found.values())) else found
