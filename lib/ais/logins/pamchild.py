"""The process that asks PAM: run as a program, it loads nothing else of this library.

Standard input holds service, user and password, each with a NUL behind. The exit status is `OFFSET` and PAM's result,
so that no other program and no crash can say yes.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from ctypes import Structure

OFFSET = 64
SUCCESS = 0
NO_LIBRARY = 100
CONVERSATION_FAILED = 19
SILENT, NO_EMPTY_PASSWORD = 0x8000, 1
PASSWORD_PROMPT, OTHER_PROMPT = 1, 2
"""Values of Linux-PAM's _pam_types.h and pam_appl.h."""


def ask(service: bytes, user: bytes, password: bytes) -> int:
    """Return PAM's result for a login, and then for the account."""
    from ctypes import CDLL, byref, c_char_p, c_int, c_void_p

    try:
        libpam = CDLL("libpam.so.0")
    except OSError:
        return NO_LIBRARY
    handle = c_void_p()
    conversation = _make_conversation(password)
    libpam.pam_start.argtypes = [c_char_p, c_char_p, c_void_p, c_void_p]
    libpam.pam_authenticate.argtypes = libpam.pam_acct_mgmt.argtypes = libpam.pam_end.argtypes = [c_void_p, c_int]
    result: int = libpam.pam_start(service, user, byref(conversation), byref(handle))
    if result == SUCCESS:
        result = libpam.pam_authenticate(handle, SILENT | NO_EMPTY_PASSWORD)
        if result == SUCCESS:
            result = libpam.pam_acct_mgmt(handle, SILENT | NO_EMPTY_PASSWORD)
        libpam.pam_end(handle, result)
    return result


def _make_conversation(password: bytes) -> Structure:
    """Return PAM's struct pam_conv: the password answers every question whose answer is not to be seen."""
    from ctypes import CDLL, CFUNCTYPE, POINTER, Structure, c_char_p, c_int, c_size_t, c_void_p, cast, sizeof

    class Message(Structure):
        _fields_ = [("style", c_int), ("text", c_char_p)]  # as ctypes wants it

    class Response(Structure):
        _fields_ = [("text", c_void_p), ("code", c_int)]

    question = CFUNCTYPE(c_int, c_int, POINTER(POINTER(Message)), POINTER(POINTER(Response)), c_void_p)

    class Conversation(Structure):
        _fields_ = [("answer", question), ("data", c_void_p)]

    libc = CDLL(None)
    # PAM frees what it is answered.
    libc.calloc.restype, libc.calloc.argtypes = c_void_p, [c_size_t, c_size_t]
    libc.strdup.restype, libc.strdup.argtypes = c_void_p, [c_char_p]

    def answer(count: int, messages: object, responses: object, data: object) -> int:
        replies = cast(libc.calloc(count, sizeof(Response)), POINTER(Response))
        for number in range(count):
            style = messages[number].contents.style  # type: ignore[index]
            if style == OTHER_PROMPT:
                return CONVERSATION_FAILED
            if style == PASSWORD_PROMPT:
                replies[number].text = libc.strdup(password)
        responses[0] = replies  # type: ignore[index]
        return SUCCESS

    return Conversation(question(answer), None)


if __name__ == "__main__":
    os._exit(OFFSET + ask(*sys.stdin.buffer.read().split(b"\0")[:3]))
