#!/bin/sh
# Makes .venv and what the site needs to run: the pinned packages and the face models. `make setup` calls it; also
# `tools/setup.sh demo dev`, which adds the packages of `make run` and `make test`; `tools/setup.sh likeness` adds those of
# the optional likeness score. A second run looks and does nothing.
# Once, it tries to fetch the C2PA trust lists; CANDID_FETCH_TRUST=0 forbids it.
set -eu
cd "$(dirname "$0")/.."
VENV=.venv

say() { printf 'setup: %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

find_python() {
    for candidate in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            command -v "$candidate"
            return
        fi
    done
    found=$("${PYTHON:-python3}" --version 2>&1) || found="no ${PYTHON:-python3}"
    fail "Candid needs Python 3.11 or newer; this machine has $found. Install one, or name it: make setup PYTHON=..."
}

# Debian keeps the part of Python that makes virtual environments in a package of its own.
demand_venv() {
    "$1" -c 'import ensurepip, venv' 2>/dev/null && return
    if command -v apt-get >/dev/null; then
        if [ "$(id -u)" = 0 ]; then root=; elif sudo -n true 2>/dev/null; then root=sudo; else
            fail "Python's venv module is missing. Run: sudo apt-get install python3-venv"
        fi
        say "installing python3-venv, which Python needs to make a virtual environment"
        $root apt-get update -qq && $root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv >/dev/null
    fi
    "$1" -c 'import ensurepip, venv' 2>/dev/null ||
        fail "$1 cannot make a virtual environment (its venv or ensurepip module is missing). Install that part of Python."
}

# pip runs only when the pins have changed since it last ran through.
install_pins() {
    stamp=$VENV/.installed-$1
    pins=$(cksum <"$2")
    [ "$(cat "$stamp" 2>/dev/null)" = "$pins" ] && return
    say "installing $2"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r "$2"
    printf '%s\n' "$pins" >"$stamp"
}

# Tried once for a .venv, for five seconds, and never for the tests or while an image is built: a site works without.
try_trust_lists() {
    [ -f manage.py ] || return 0
    case "${CANDID_FETCH_TRUST:-}" in 0 | [Ff]alse | [Nn]o | [Oo]ff) return 0 ;; esac
    stamp=$VENV/.tried-trust
    folder=${CANDID_TRUST:-${CANDID_VAR:-var}/trust}
    if [ -e "$stamp" ] || [ -e "$folder/C2PA-TRUST-LIST.pem" ]; then return 0; fi
    : >"$stamp"
    if "$VENV/bin/python" manage.py refresh_trust --fetch --timeout 5 >/dev/null 2>&1; then
        say "C2PA trust lists fetched into $folder"
    else
        say "not all C2PA trust lists could be fetched; manage.py refresh_trust brings them later"
    fi
}

if ! "$VENV/bin/python" -c 'import sys, pip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$(find_python)
    demand_venv "$python"
    say "making $VENV with $("$python" --version)"
    "$python" -m venv --clear "$VENV"
fi
install_pins runtime requirements.txt
for extra in "$@"; do
    install_pins "$extra" "requirements-$extra.txt"
done
"$VENV/bin/python" -m detector.face_models
case " $* " in *" likeness "*) "$VENV/bin/python" -m detector.face_models likeness ;; esac
case " $* " in
*" dev "*) ;;
*) try_trust_lists ;;
esac
