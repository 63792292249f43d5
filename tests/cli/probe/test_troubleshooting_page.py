"""docs/troubleshooting.md: complete, and its commands and sentences are true."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from ais import errors
from ais.cli.probe.problems import PROBLEMS
from ais.config import load
from cli.probe.trying import AIS
from servers.conftest import Kind
from servers.test_docs import blocks
from support.client import post
from support.interpreters import for_others
from support.running import INSTALLED_AT, Server
from support.site import CALLER, CALLER_PASSWORD, ROOT, make_site, sample_config, temporary_folder

SAID = {key.partition("/")[0] for key in PROBLEMS}
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "lib" / "ais").rglob("*.py"))


def test_every_word_of_the_probe() -> None:
    """Every word that the probe can say is explained, and no other."""
    tables = PAGE.partition("## What the probe says")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]*) \|", tables, re.MULTILINE)
    assert {word for cell in cells for word in re.findall("`([^`]*)`", cell)} == SAID
    assert len(SAID) > 40


def test_every_problem_is_used() -> None:
    """Each text of the probe is one that its code names, and the code names no other."""
    code = "\n".join(path.read_text() for path in (ROOT / "lib/ais/cli/probe").glob("*.py") if path.stem != "problems")
    named = set(re.findall(r'"([a-z-]+(?:/[a-z]+)?)"', code)) | {"timeout/connect", "timeout/answer"}
    assert set(PROBLEMS) <= named
    assert {key for key in named if key.partition("/")[0] in SAID and "/" in key} <= set(PROBLEMS)


def test_words_of_the_other_tables() -> None:
    """What MailStore and a browser show leads to words that the probe says."""
    table = PAGE.partition("## What MailStore shows")[2].partition("\n## ")[0]
    used = {
        word for row in re.findall(r"^\|[^|]*\|(.*)\|$", table, re.MULTILINE) for word in re.findall("`(.*?)`", row)
    }
    assert used
    assert used <= SAID


def test_sentences_of_the_program() -> None:
    """Every sentence of the table is the program's, and every sentence that hides its detail is in the table."""
    table = PAGE.partition("## What the program says")[2].partition("\n## ")[0]
    sentences = [row.rstrip("… ") for row in re.findall(r"^\| ([A-Z].*?) \|", table, re.MULTILINE)]
    entry = (ROOT / "cgi-bin" / "mailstore-integration" / "index.py").read_text(encoding="utf-8")
    for sentence in sentences:
        # What is wrong with a configuration comes from elsewhere than the beginning of that sentence.
        said = sentence.removeprefix("The configuration cannot be used: ")
        assert f'"{said}' in SOURCES + entry, sentence
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.AISError)]
    public = {kind.__dict__["public"] for kind in kinds if "public" in kind.__dict__}
    assert len(public) > 5
    refused = set(re.findall(r'(?:RequestError\(\d+, f?|sentence = |REFUSED = )"([A-Z][^"{]+)', SOURCES))
    assert len(refused) > 20
    for text in public | refused:
        assert any(text.startswith(sentence) for sentence in sentences), text


def test_words_of_the_log() -> None:
    """Every word of the table is in a line that the program writes."""
    table = PAGE.partition("## What the log says")[2].partition("\n## ")[0]
    words = {word for row in re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE) for word in re.findall("`(.*?)`", row)}
    joined = re.sub(r'"\s+f?"', "", SOURCES)
    assert len(words) > 12
    assert [word for word in words if word not in joined] == []


AS_SERVER = "su -s /bin/sh www-data -c "


def here(text: str, wrong: Server, log: Path) -> str:
    """A block of commands with the paths and the address of the server under test, and the passwords from stdin."""
    text = text.replace(f"{INSTALLED_AT}/bin/ais", f"{for_others()} {wrong.site}/bin/ais")
    text = text.replace(INSTALLED_AT, str(wrong.site)).replace("/var/log/apache2/error.log", str(log))
    text = text.replace("https://mail.example.test/mailstore-integration/index.php", wrong.url)
    text = re.sub("(?<!/)bin/ais", " ".join(AIS), text)
    if os.geteuid() != 0:
        text = text.replace(AS_SERVER, "/bin/sh -c ")
    if "probe" in text:
        text += " --password-stdin"
    # One user of the sample has no address, and the check says so.
    return re.sub("(check.*)$", r"\1 || [ $? = 1 ]", text, flags=re.MULTILINE)


FOUND: dict[str, Callable[[str], bool]] = {
    "probe": lambda printed: printed.endswith("fine\n"),
    "check": lambda printed: printed.count("user without an address, such as nomail") == 2,
    "< /dev/null": lambda printed: "Status: 405" in printed,
    "grep": lambda printed: "status=200" in printed,
}
"""What a command must print."""


def test_commands(wrong: Server, tmp_path: Path) -> None:
    """The commands run, and find what the page says they find."""
    log = tmp_path / "error.log"
    seen = set()
    shutil.copytree(ROOT / "bin", wrong.site / "bin", dirs_exist_ok=True)
    for block in blocks("troubleshooting.md"):
        if block.text == "journalctl -u lighttpd":  # there is no systemd here; the command is that of docs/lighttpd.md
            assert block.text in (ROOT / "docs" / "lighttpd.md").read_text(encoding="utf-8")
        elif block.language == "sh":
            log.write_text(wrong.log())
            command = ["/bin/sh", "-euc", here(block.text, wrong, log)]
            stdin = f"{CALLER_PASSWORD}\n"
            done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
            assert done.returncode == 0, (command, done.stdout, done.stderr)
            for words, found in FOUND.items():
                assert words not in block.text or found(done.stdout), (command, done.stdout)
            seen.add(block.text.removeprefix(AS_SERVER).split()[0].strip("'"))
    scripts = {f"{INSTALLED_AT}/bin/ais", f"{INSTALLED_AT}/cgi-bin/mailstore-integration/index.py"}
    assert seen == {"bin/ais", "grep", "/usr/bin/python3", *scripts}
    assert f"--user {CALLER}" in PAGE


def test_log_option(tmp_path: Path) -> None:
    """The line for a log of one's own can be added to a configuration."""
    (line,) = (block.text for block in blocks("troubleshooting.md") if block.language == "python")
    path = tmp_path / "conf" / "config.py"
    path.parent.mkdir()
    path.write_text(f"{sample_config()}\n{line}\n", encoding="utf-8")
    assert load(str(path)).log.to == str(tmp_path / "var" / "mailstore-ais.log")


def test_bare_500(kind: Kind) -> None:
    """What the page quotes from the log is what the web server writes when it cannot start the script."""
    table = PAGE.partition("## A bare 500")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (`[^|]*) \|", table, re.MULTILINE)
    (denied,), usage, (missing,) = (re.findall("`([^`]*)`", row.partition(", with")[0]) for row in rows[:3])
    with temporary_folder() as folder:
        site = make_site(folder / "ais")
        site.chmod(0o777)
        script = site / "cgi-bin" / "mailstore-integration" / "index.py"
        working = script.read_bytes()
        extra = f'server.breakagelog = "{site}/scripts.log"' if kind.program == "lighttpd" else ""
        with kind(site, extra=extra) as server:
            for text, mode, wanted in (
                (working, 0o644, [denied]),
                (working.replace(b"\n", b"\r\n"), 0o755, usage),
                (b"#!/usr/bin/no-such-python\n" + working, 0o755, [missing]),
            ):
                script.unlink()
                script.write_bytes(text)
                script.chmod(mode)
                before = complaints(server)
                answer = post(server.url, b"cmd=list")
                assert (answer.status, answer.body[:1]) == (500, b"<")
                new = "".join(text[len(old) :] for old, text in zip(before, complaints(server), strict=True))
                for words in wanted:
                    assert words.replace("/usr/bin/python3 …", for_others()) in new
                assert wanted == usage or str(script) in new


def complaints(server: Server) -> tuple[str, str]:
    """What the web server and the scripts that it started have written so far."""
    scripts = server.site / "scripts.log"
    return server.log(), scripts.read_text() if scripts.exists() else ""
