"""The form reader and the credentials reader, under any bytes."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
import python_multipart
from hypothesis import given
from hypothesis import strategies as st

from ais.config.callers import _credentials
from ais.errors import RequestError
from ais.http import read_form
from conftest import credentials
from support.site import ROOT

URLENCODED = "application/x-www-form-urlencoded"
field = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=30)


@given(st.binary(max_size=300), st.sampled_from([URLENCODED, "multipart/form-data; boundary=x", "multipart/form-data"]))
def test_any_bytes_are_fields_or_400(body: bytes, kind: str) -> None:
    """Any body is read, or is a 400; nothing else happens."""
    try:
        fields = read_form(kind, body)
    except RequestError as refused:
        status, fields = refused.status, {}
    else:
        status = 200
    assert status in (200, 400)
    assert all("\0" not in name + value for name, value in fields.items())


@given(st.text(max_size=20) | st.just("x=\udcff"))
def test_any_content_type_is_read_or_400(more: str) -> None:
    """Whatever stands in the header beside the boundary, a form is read or a 400."""
    body = b'--x\r\nContent-Disposition: form-data; name="cmd"\r\n\r\nlist\r\n--x--\r\n'
    try:
        fields = read_form(f"multipart/form-data; boundary=x; {more}", body)
    except RequestError as refused:
        status, fields = refused.status, {}
    else:
        status = 200
    assert (status, fields) in ((200, {"cmd": "list"}), (400, {}))


@given(st.dictionaries(field, field, max_size=5))
def test_what_was_encoded_arrives(fields: dict[str, str]) -> None:
    """What a client encodes in the usual ways arrives as it was."""
    assert read_form(URLENCODED, urlencode(fields).encode()) == fields
    # .NET's WebClient writes the digits of an escape in lower case.
    lower = re.sub("%..", lambda match: match[0].lower(), urlencode(fields))
    assert read_form(URLENCODED, lower.encode()) == fields


@given(st.binary(max_size=200))
def test_reads_as_the_standard_library_does(body: bytes) -> None:
    """Where both read a body, it is the same."""
    try:
        fields = read_form(URLENCODED, body)
    except RequestError:
        return
    assert list(fields.items()) == parse_qsl(body.decode(), keep_blank_values=True, errors="strict")


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_any_header_gives_credentials_or_none(header: str) -> None:
    """Any Authorization header is read, or gives nothing."""
    assert isinstance(_credentials(header), list)
    assert isinstance(_credentials(f"Basic {header}"), list)


@given(field.filter(lambda user: ":" not in user), field)
def test_credentials_arrive(user: str, password: str) -> None:
    """User and password arrive as they were, with colons in the password; UTF-8 is tried first."""
    assert _credentials(credentials(user, password))[0] == (user, password)


FORM = b'--x\r\nContent-Disposition: form-data; name="cmd"\r\n\r\nlist\r\n--x--\r\n'


@pytest.mark.parametrize(("old", "found"), [(True, True), (False, False)], ids=["0.0.9", "0.0.5"])
def test_the_old_name_of_the_library(tmp_path: Path, old: bool, found: bool) -> None:
    """Ubuntu 24.04 has python-multipart 0.0.9, whose module is called multipart; one before 0.0.7 is not taken.

    The library takes headers apart by email.message.Message from 0.0.7 on, and by our version no longer.
    """
    library = Path(python_multipart.__file__).parent
    shutil.copytree(library, tmp_path / "multipart")
    if old:
        with (tmp_path / "multipart" / "multipart.py").open("a") as file:
            file.write("\nfrom email.message import Message\n")
    code = (
        "import sys; sys.path[:0] = sys.argv[1:3]; sys.modules['python_multipart'] = None\n"
        "from ais.http import read_form\nfrom ais.errors import MissingPackage\n"
        "try:\n    print(read_form('multipart/form-data; boundary=x', eval(sys.argv[3])))\n"
        "except MissingPackage as error:\n    print(error.package)\n"
    )
    command = [sys.executable, "-S", "-c", code, str(tmp_path), str(ROOT / "lib"), repr(FORM)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == ("{'cmd': 'list'}\n" if found else "python-multipart\n")
