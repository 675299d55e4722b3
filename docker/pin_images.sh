#!/bin/sh
# Write the digests of the images that docker-compose.yml and the Dockerfile begin from into a file of
# settings, `.env` if none is named, as your registry says them now:
#
#   sh docker/pin_images.sh [FILE]
#
# Compose reads `.env` beside docker-compose.yml and starts nothing without them. Run it again to take up newer
# images; read the difference, then build anew. Other lines of the file stay.
set -eu
file=${1:-.env}
begun=$(mktemp "$file.begun-XXXXXX")
trap 'rm -f "$begun"' EXIT
[ ! -e "$file" ] || grep -v -E '^LACUNA_(POSTGRES|REDIS|PYTHON)_DIGEST=' "$file" > "$begun" || true
for pair in POSTGRES=postgres:18 REDIS=redis:8 PYTHON=python:3.13-slim-trixie; do
    image=${pair#*=}
    digest=$(docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "$image")
    if ! printf '%s\n' "$digest" | grep -q -x -E 'sha256:[0-9a-f]{64}'; then
        echo "$image: the registry names no digest; nothing was written" >&2
        exit 1
    fi
    echo "LACUNA_${pair%%=*}_DIGEST=$digest" >> "$begun"
done
mv "$begun" "$file"
trap - EXIT
grep -E '^LACUNA_(POSTGRES|REDIS|PYTHON)_DIGEST=' "$file"
