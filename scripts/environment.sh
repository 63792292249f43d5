# Sourced by the scripts beside it: makes an environment with what the tests need, once per change of pyproject.toml.
# AIS_PYTHON names another interpreter, whose environment is .venv-3.13 or the like; AIS_VENV names another folder.
if [ -n "${AIS_PYTHON:-}" ]; then
    VENV=${AIS_VENV:-.venv-$("$AIS_PYTHON" -c 'import sys; print("%d.%d" % sys.version_info[:2])')}
    # The first line of the entry names the system's Python, which finds its packages in .venv.
    [ "$VENV" = .venv ] || (unset AIS_PYTHON AIS_VENV; . scripts/environment.sh)
else
    VENV=${AIS_VENV:-.venv}
    AIS_PYTHON=/usr/bin/python3
    "$AIS_PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || AIS_PYTHON=python3
fi
if [ "$(cat "$VENV/.stamp" 2>/dev/null)" != "$(cksum < pyproject.toml)" ]; then
    if ! "$AIS_PYTHON" -c 'import ensurepip' 2>/dev/null; then
        echo "Python's venv is not installed for $AIS_PYTHON: apt-get install python3-venv, as root" >&2
        exit 1
    fi
    "$AIS_PYTHON" -m venv "$VENV"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --editable '.[test]'
    cksum < pyproject.toml > "$VENV/.stamp"
fi
