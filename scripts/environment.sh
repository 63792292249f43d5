# Sourced by the scripts beside it: makes .venv with what the tests need, once per change of pyproject.toml.
PYTHON=${AIS_PYTHON:-/usr/bin/python3}
VENV=${AIS_VENV:-.venv}
stamp=$(cksum pyproject.toml)
if [ "$(cat "$VENV/.stamp" 2>/dev/null)" != "$stamp" ]; then
    "$PYTHON" -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[test]'
    printf '%s\n' "$stamp" > "$VENV/.stamp"
fi
