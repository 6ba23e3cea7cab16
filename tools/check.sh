#!/bin/sh
# What `make test` runs: the linters, the checks of templates, migrations and production settings, then the tests.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"

step() { printf '\n== %s\n' "$*"; "$@"; }

# Settings as a production site has them, with made-up values: nothing is connected to. Trust lists and the key that
# signs reports are files of an installation, and this run has none (vetting.W004, vetting.W020).
production() {
    CANDID_PRODUCTION=1 CANDID_SILENCED_CHECKS=vetting.W004,vetting.W020 \
        SECRET_KEY=$(python -c 'import secrets; print(secrets.token_urlsafe(60))') \
        ALLOWED_HOSTS=candid.example CSRF_TRUSTED_ORIGINS=https://candid.example \
        DATABASE_URL=postgresql://candid:unused@localhost/candid REDIS_URL=redis://localhost:6379/0 "$@"
}

# Nothing of this run mixes with the rows and photos of a site that runs from the same folder.
CANDID_VAR=$(mktemp -d)
export CANDID_VAR
trap 'rm -rf "$CANDID_VAR"' EXIT

step ruff check .
step ruff format --check .
step mypy .
step lint-imports
step python manage.py check_templates
step python manage.py makemigrations --check --dry-run
step production python manage.py check --deploy --fail-level WARNING
step pytest "$@"
