# Sourced by the scripts beside it: makes .venv with what the tests need, once per change of pyproject.toml.
# AIS_PYTHON names another interpreter, AIS_VENV another folder for its environment.
if [ -z "${AIS_PYTHON:-}" ]; then
    AIS_PYTHON=/usr/bin/python3
    "$AIS_PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || AIS_PYTHON=python3
fi
VENV=${AIS_VENV:-.venv}
if [ "$(cat "$VENV/.stamp" 2>/dev/null)" != "$(cksum < pyproject.toml)" ]; then
    "$AIS_PYTHON" -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[test]'
    cksum < pyproject.toml > "$VENV/.stamp"
fi
