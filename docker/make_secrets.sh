#!/bin/sh
# Draw the secrets of docker-compose.yml, each into a file of its own, in the folder given.
#
#   sh docker/make_secrets.sh FOLDER
#
# What is there already stays as it is. Seven addresses cannot be drawn: the script names those that
# are missing and ends with 1 until you have written them. Nothing is printed but names.
set -eu
umask 077
folder=${1:?name the folder for the secrets}
mkdir -p "$folder"
# The services run as other users than you: the folder is closed, its files are not.
chmod 0700 "$folder"

# A file gets its name when it is complete.
write() {
    [ ! -e "$folder/$1" ] || return 0
    cat > "$folder/.begun"
    chmod 0644 "$folder/.begun"
    mv "$folder/.begun" "$folder/$1"
    echo "$1"
}
# URL-safe, 32 bytes: Airflow's Fernet key has this form too.
drawn() { openssl rand -base64 32 | tr '+/' '-_' | tr -d '\n'; }
content() { cat "$folder/$1"; }

for name in metadata_password metadata_reader_password redis_password admin_password \
            fernet_key jwt_secret api_secret_key; do
    drawn | write "$name"
done
# In a URL the padding has to be escaped.
escaped() { content "$1" | sed 's/=/%3D/g'; }
printf 'postgresql+psycopg2://airflow:%s@metadata/airflow' "$(escaped metadata_password)" | write metadata_url
printf 'postgresql+psycopg://airflow_reader:%s@metadata/airflow' "$(escaped metadata_reader_password)" | write metadata_reader_url
printf 'redis://:%s@broker:6379/0' "$(escaped redis_password)" | write broker_url
printf 'redis://:%s@broker:6379/1' "$(escaped redis_password)" | write results_url

missing=
for name in lacuna_owner_url lacuna_planner_url lacuna_executor_url lacuna_verifier_url \
            lacuna_seal_url lacuna_page_url lacuna_backup_url; do
    [ -s "$folder/$name" ] || missing="$missing $name"
done
if [ -n "$missing" ]; then
    echo "Write the addresses of the platform's PostgreSQL into:$missing" >&2
    echo "docs/installation.md says with which rights." >&2
    exit 1
fi
