#!/bin/sh
# The first start of the database's container runs this: the bot's role owns the bot's database and rules nothing else, so
# that neither a flaw of the bot nor a forged backup runs commands on the server. The superuser has no password after it,
# and gets in from within the container alone.
set -eu

psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv password POSTGRES_PASSWORD
CREATE ROLE lentigo LOGIN PASSWORD :'password';
CREATE DATABASE lentigo OWNER lentigo;
ALTER ROLE postgres PASSWORD NULL;
SQL
