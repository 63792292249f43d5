#!/usr/bin/python3 -S
"""The least that a FastCGI program in Python can do: it answers every request with the same list, unread.

What is left of a request's time then is the web server's own, and the way to the program and back.
"""

from __future__ import annotations

import os
import socket

BODY = b"""[{"userName": "user0@example.com", "fullName": "J\\u00f6rg M\\u00fcller 0", \
"emailAddresses": ["user0@example.com", "alias0@example.com"]}, \
{"userName": "user1@example.com", "fullName": "J\\u00f6rg M\\u00fcller 1", \
"emailAddresses": ["user1@example.com", "alias1@example.com"]}, \
{"userName": "user2@example.com", "fullName": "J\\u00f6rg M\\u00fcller 2", \
"emailAddresses": ["user2@example.com", "alias2@example.com"]}]"""
HEAD = b"Status: 200 OK\r\nContent-Type: text/json; charset=utf-8\r\nContent-Length: %d\r\n\r\n"
OUTPUT = HEAD % len(BODY) + BODY
ANSWER = b"\1\6\0\1%b\0\0%b\1\6\0\1\0\0\0\0\1\3\0\1\0\x08\0\0" % (len(OUTPUT).to_bytes(2, "big"), OUTPUT) + bytes(8)
LAST = b"\1\5\0\1\0\0"  # the record that ends a request; the padding is not looked at

listener = socket.socket(fileno=os.dup(0))
while True:
    handle, _ = listener._accept()  # type: ignore[attr-defined]
    received = os.read(handle, 65535)
    while received[-8:-2] != LAST:
        received += os.read(handle, 65535)
    os.write(handle, ANSWER)
    os.close(handle)
