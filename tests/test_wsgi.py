"""The WSGI edge, as servers call it."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from ais.wsgi import application
from conftest import credentials

WriteConfig = Callable[..., None]


@pytest.fixture
def call(folder: Path) -> Callable[..., tuple[str, dict[str, str], bytes]]:
    """Call the application, checked by wsgiref's validator."""

    def calling(body: bytes = b"cmd=list", **changed: Any) -> tuple[str, dict[str, str], bytes]:
        environ: dict[str, Any] = {}
        setup_testing_defaults(environ)
        environ.update(
            REQUEST_METHOD="POST",
            CONTENT_TYPE="application/x-www-form-urlencoded",
            CONTENT_LENGTH=str(len(body)),
            HTTP_AUTHORIZATION=credentials(),
            REMOTE_ADDR="127.0.0.1",
            QUERY_STRING="",
            AIS_CONFIG=str(folder / "config.py"),
        )
        environ["wsgi.input"] = io.BytesIO(body)
        environ.update(changed)
        environ = {name: value for name, value in environ.items() if value is not None}
        seen: list[Any] = []

        def start_response(status: str, headers: list[tuple[str, str]], exc_info: object = None, /) -> Any:
            seen.extend((status, headers))

        result = validator(application)(environ, start_response)
        output = b"".join(result)
        result.close()  # type: ignore[attr-defined]
        return seen[0], dict(seen[1]), output

    return calling


Call = Callable[..., tuple[str, dict[str, str], bytes]]


def test_answers_as_the_cgi_edge_does(call: Call) -> None:
    """Both commands, with exact length."""
    status, headers, body = call()
    assert status == "200 OK"
    assert headers["Content-Length"] == str(len(body))
    assert call(b"cmd=auth&user=john.doe&pass=Passw0rd")[2] == b'{"succeeded": true}'
    assert call(b"cmd=auth&user=john.doe&pass=wrong")[2] == b'{"succeeded": false}'


def test_https_is_the_servers_word(call: Call) -> None:
    """wsgi.url_scheme says whether the connection is encrypted; a header does not."""
    assert call(REMOTE_ADDR="192.0.2.1")[0].startswith("403")
    assert call(REMOTE_ADDR="192.0.2.1", HTTPS="on")[0].startswith("403")
    assert call(REMOTE_ADDR="192.0.2.1", **{"wsgi.url_scheme": "https"})[0].startswith("200")


def test_head_has_no_body(call: Call) -> None:
    """HEAD gets the headers of GET."""
    status, headers, body = call(b"", REQUEST_METHOD="HEAD", CONTENT_LENGTH=None)
    assert status == "200 OK"
    assert int(headers["Content-Length"]) > 0
    assert body == b""


def test_without_length_only_a_terminated_stream_is_read(call: Call) -> None:
    """Reading a socket to its end would wait for ever; wsgi.input_terminated says that the end is known."""
    assert call(CONTENT_LENGTH=None)[0].startswith("411")
    assert call(CONTENT_LENGTH=None, HTTP_TRANSFER_ENCODING="chunked")[0].startswith("411")
    assert call(CONTENT_LENGTH=None, **{"wsgi.input_terminated": True})[0].startswith("200")


def test_a_changed_config_is_read_again(call: Call, write_config: WriteConfig, folder: Path) -> None:
    """The process goes on with the new configuration once its file has changed, and says what is wrong with it."""
    assert call()[0].startswith("200")
    write_config("guard_typo = 1\n")
    assert call()[0].startswith("500")
    write_config("timeout = 5\n")
    assert call()[0].startswith("200")
    os.unlink(folder / "config.py")
    assert call()[0].startswith("500")


def test_two_configs_in_one_process(call: Call, tmp_path: Path) -> None:
    """Each address has its own configuration."""
    other = tmp_path / "other.py"
    other.write_text((tmp_path / "config.py").read_text().replace("mailstore@", "other@"))
    assert call(AIS_CONFIG=str(other))[0].startswith("401")
    assert call()[0].startswith("200")
