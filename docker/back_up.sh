#!/bin/sh
# Copy the proof to another place: the ledger's tables as a dump, checkpoints, certificates, reports
# and public keys as files. No request's key and no signing key is among them. Run it daily, after
# gdpr_seal:
#
#   docker compose run --rm backup
#
# The address names a login that is a member of lacuna_auditor, which reads the ledger and no more.
set -eu
umask 077
target=${1:-/backup}
[ -d "$target" ] || { echo "$target is no folder; mount the place for the copies there" >&2; exit 2; }
# A folder of its own each time; it gets its name when it is complete.
name=$(date -u +%Y%m%dT%H%M%SZ)
[ ! -e "$target/$name" ] || { echo "$target/$name is there already" >&2; exit 1; }
begun=$(mktemp -d "$target/.begun-XXXXXX")
trap 'rm -rf "$begun"' EXIT
url=$(sed 's/^postgresql+psycopg:/postgresql:/' "${LACUNA_BACKUP_URL_FILE:?names the file with the address}")
case $url in
    *[?\&]password=*) echo "write the password before the host: postgresql+psycopg://LOGIN:PASSWORD@HOST/…" >&2
        exit 2 ;;
esac
# On a command line every process could see the password, so it goes by the environment, without the
# escapes of an address.
unescaped() {
    left=$1 clear=
    while [ -n "$left" ]; do
        case $left in
            %[0-9A-Fa-f][0-9A-Fa-f]*)
                left=${left#%} code=${left%"${left#??}"} left=${left#??}
                clear=$clear$(printf "\\$(printf '%03o' "0x$code")") ;;
            *) clear=$clear${left%"${left#?}"} left=${left#?} ;;
        esac
    done
    printf '%s' "$clear"
}
PGPASSWORD=$(unescaped "$(printf '%s' "$url" | sed -n 's#^postgresql://[^:/@]*:\([^@]*\)@.*#\1#p')")
[ -z "$PGPASSWORD" ] || export PGPASSWORD
url=$(printf '%s' "$url" | sed 's#^\(postgresql://[^:/@]*\):[^@]*@#\1@#')
# Row-level security stays on: the auditor's policy shows every tenant's entries.
pg_dump --dbname="$url" --role=lacuna_auditor --enable-row-security --schema=lacuna_evidence \
    --no-owner --no-privileges --format=custom --file="$begun/ledger.dump"
home=${LACUNA_HOME:-/var/lib/lacuna}
for folder in checkpoints certificates reports keys work-keys; do
    if [ -d "$home/evidence/$folder" ]; then
        mkdir -p "$begun/evidence"
        cp -R "$home/evidence/$folder" "$begun/evidence/$folder"
    fi
done
(cd "$begun" && find . -type f ! -name SHA256SUMS -exec sha256sum {} + > SHA256SUMS)
sync
mv "$begun" "$target/$name"
trap - EXIT
echo "$name"
