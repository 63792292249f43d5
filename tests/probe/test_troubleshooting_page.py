"""docs/troubleshooting.md: complete, and its commands and sentences are true."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from ais import errors
from ais.configuration import load
from probe.trying import AIS
from servers.running import INSTALLED_AT, Server
from servers.site import CALLER, CALLER_PASSWORD, ROOT, sample_config
from servers.test_docs import blocks

PAGE = (ROOT / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "lib" / "ais").rglob("*.py"))


def test_every_word_of_the_probe() -> None:
    """Every word that the probe can say is explained, and no other."""
    probing = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "lib" / "ais" / "probing").glob("*.py"))
    said = set(re.findall(r'Problem\(\s*"([\w-]+)"', probing))
    tables = PAGE.partition("## What the probe says")[2].partition("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]*) \|", tables, re.MULTILINE)
    assert {word for cell in cells for word in re.findall("`([^`]*)`", cell)} == said
    assert len(said) > 40


def test_words_of_the_other_tables() -> None:
    """What MailStore and a browser show leads to words that the probe says."""
    probing = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "lib" / "ais" / "probing").glob("*.py"))
    said = set(re.findall(r'Problem\(\s*"([\w-]+)"', probing))
    table = PAGE.partition("## What MailStore shows")[2].partition("\n## ")[0]
    used = {
        word for row in re.findall(r"^\|[^|]*\|(.*)\|$", table, re.MULTILINE) for word in re.findall("`(.*?)`", row)
    }
    assert used
    assert used <= said


def test_sentences_of_the_program() -> None:
    """Every sentence of the table is the program's, and every sentence that hides its detail is in the table."""
    table = PAGE.partition("## What the program says")[2].partition("\n## ")[0]
    sentences = [row.rstrip("… ") for row in re.findall(r"^\| ([A-Z].*?) \|", table, re.MULTILINE)]
    entry = (ROOT / "cgi-bin" / "mailstore-integration" / "index.py").read_text(encoding="utf-8")
    for sentence in sentences:
        assert f'"{sentence}' in SOURCES + entry, sentence
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.AISError)]
    public = {kind.__dict__["public"] for kind in kinds if "public" in kind.__dict__}
    assert len(public) > 5
    for text in public:
        assert any(text.startswith(sentence) for sentence in sentences), text


def test_commands(wrong: Server, tmp_path: Path) -> None:
    """The commands run, and find what the page says they find."""
    log = tmp_path / "error.log"
    seen = set()
    for block in blocks("troubleshooting.md"):
        if block.language != "sh":
            continue
        text = block.text.replace(INSTALLED_AT, str(wrong.site)).replace("/var/log/apache2/error.log", str(log))
        text = text.replace("https://mail.example.test/mailstore-integration/index.php", wrong.url)
        stdin = ""
        if "probe" in text:
            text, stdin = f"{text} --password-stdin", f"{CALLER_PASSWORD}\n"
        elif "check" in text:
            text += f" --config {wrong.site}/conf/config.py || [ $? = 1 ]"
        elif "journalctl" in text:
            assert text == "journalctl -u lighttpd"  # there is no systemd here; the command is that of docs/lighttpd.md
            assert text in (ROOT / "docs" / "lighttpd.md").read_text(encoding="utf-8")
            continue
        if "grep" in text:
            log.write_text(wrong.log())
        text = text.replace("bin/ais", " ".join(AIS))
        done = subprocess.run(["/bin/sh", "-euc", text], input=stdin, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (text, done.stdout, done.stderr)
        seen.add(block.text.split()[0])
        if "probe" in text:
            assert done.stdout.splitlines()[-1] == "fine"
        if "< /dev/null" in text:
            assert "Status: 405" in done.stdout
        if "grep" in text:
            assert "status=200" in done.stdout
    assert seen == {"bin/ais", "grep", f"{INSTALLED_AT}/cgi-bin/mailstore-integration/index.py", "/usr/bin/python3"}
    assert f"--user {CALLER}" in PAGE


def test_log_option(tmp_path: Path) -> None:
    """The line for a log of one's own can be added to a configuration."""
    (line,) = (block.text for block in blocks("troubleshooting.md") if block.language == "python")
    path = tmp_path / "config.py"
    path.write_text(f"{sample_config()}\n{line}\n", encoding="utf-8")
    assert load(str(path)).log.to == "/home/account/mailstore-ais.log"
