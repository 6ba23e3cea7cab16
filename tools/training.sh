#!/bin/sh
# Makes .venv-training, the site's packages with PyTorch beside them: `make fingerprint` calls it. A second run looks and
# does nothing.
set -eu
cd "$(dirname "$0")/.."
VENV=.venv-training
pins=$(cat requirements.txt requirements-training.txt | cksum)

[ "$(cat "$VENV/.installed" 2>/dev/null)" = "$pins" ] && exit 0
echo "training: making $VENV"
.venv/bin/python -c 'import sys; print(sys._base_executable)' | {
    read -r python
    "$python" -m venv --clear "$VENV"
}
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all: -r requirements.txt
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check -r requirements-training.txt
printf '%s\n' "$pins" >"$VENV/.installed"
