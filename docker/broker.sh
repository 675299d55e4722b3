#!/bin/sh
# Start Redis with its password read from the secret: on a command line every process could see it.
set -eu
password=$(cat /run/secrets/redis_password)
printf '%s\n' 'dir /data' 'appendonly yes' 'maxmemory-policy noeviction' 'protected-mode yes' \
    "requirepass $password" "$@" | redis-server -
