#!/bin/sh
# Bring Airflow's metadata up to date: schema, the pool of the flows, the first administrator.
# Safe to run again; an administrator who is there keeps the password.
set -eu
airflow db migrate
airflow pools set gdpr 1 "flows that change or publish something: one at a time"
# The provider of logins keeps tables of its own; without this no role exists yet.
airflow sync-perm
airflow users create --role Admin --username admin --firstname Ada --lastname Ministrator \
    --email admin@example.org --password "$(cat /run/secrets/admin_password)"
