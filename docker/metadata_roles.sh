#!/bin/sh
# Run once by the image of PostgreSQL, when the metadata database is made: a role that reads
# everything that Airflow keeps, and changes nothing. The residual gate searches through it.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" <<'SQL'
-- Read here: on a command line every process could see it.
\set password `cat /run/secrets/metadata_reader_password`
create role airflow_reader login password :'password' connection limit 5;
alter role airflow_reader set default_transaction_read_only = on;
grant usage on schema public to airflow_reader;
alter default privileges in schema public grant select on tables to airflow_reader;
SQL
