#!/bin/sh
# Redis, PostgreSQL and Chromium for the tests that start the real ones. Where one is missing and this user may install
# packages (root, or sudo without a password), it is installed; else its tests are skipped by name, or fail with CI=true.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }
has_browser() {
    has chromium || has chromium-browser || has google-chrome ||
        [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ] ||
        [ -x "/Applications/Chromium.app/Contents/MacOS/Chromium" ]
}
has_postgres() { has initdb || ls /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql@*/bin/initdb >/dev/null 2>&1; }

missing=
has redis-server || missing="$missing redis-server"
has_postgres || missing="$missing postgresql"
has_browser || missing="$missing chromium"
[ -z "$missing" ] && exit 0

if ! has apt-get; then
    echo "services: not here:$missing. Their tests are skipped; install them with your package manager to run these too."
    exit 0
fi
if [ "$(id -u)" = 0 ]; then root=; elif has sudo && sudo -n true 2>/dev/null; then root=sudo; else
    echo "services: not here:$missing. Their tests are skipped; to run these too: sudo apt-get install$missing"
    exit 0
fi
echo "services: installing$missing"
# The tests start their own: no service is to come up, and no cluster to be made, by the installation.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | $root tee $policy >/dev/null
    $root chmod 755 $policy
    trap '$root rm -f $policy' EXIT
fi
$root apt-get update -qq || echo "services: the package lists could not be renewed" >&2
# shellcheck disable=SC2086 - several names
$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null ||
    echo "services: the installation failed; the tests will name what is missing" >&2
