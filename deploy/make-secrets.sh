#!/bin/sh
# Makes the secrets that docker-compose.yml mounts, once; what is there stays. The folder is for its owner alone; the
# files in it are readable, because Docker mounts them as they are for the containers' users.
set -eu
umask 077
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
random() { head -c 48 /dev/urandom | base64 | tr -d '\n/+='; }
[ -s "$folder/secret_key" ] || random >"$folder/secret_key"
[ -s "$folder/postgres_password" ] || random >"$folder/postgres_password"
printf 'postgresql://candid:%s@postgres:5432/candid' "$(cat "$folder/postgres_password")" >"$folder/database_url"
[ -s "$folder/signing_key" ] || openssl genpkey -algorithm ed25519 -out "$folder/signing_key"
chmod 444 "$folder"/*
echo "secrets are in $folder"
