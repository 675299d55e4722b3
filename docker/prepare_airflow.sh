#!/bin/sh
# Bring Airflow's metadata up to date: schema, the pool of the chunks, the roles of the
# officer's page, the first administrator.
# Safe to run again; an administrator who is there keeps the password, and `gdpr_chunks` its size.
set -eu
airflow db migrate
# How many workers may do that is the operator's choice, and stays.
airflow pools get gdpr_chunks >/dev/null 2>&1 ||
    airflow pools set gdpr_chunks 4 "chunks of a batch: as many at once as workers may change the platform"
# The provider of logins keeps tables of its own; without this no role exists yet.
airflow sync-perm
PYTHONPATH=/opt/lacuna/plugins python /opt/lacuna/docker/make_roles.py
python /opt/lacuna/docker/make_admin.py /run/secrets/admin_password
