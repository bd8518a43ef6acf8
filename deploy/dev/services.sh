#!/usr/bin/env bash
# Makes sure PostgreSQL, RabbitMQ and Redis answer on this machine, and starts those that do not.
#
# A service counts as found when ASSAY_TEST_<NAME>_URL is set or its default port answers. What is missing is started
# with Docker where an engine runs, else installed from Debian's packages where we are root.
set -euo pipefail
cd "$(dirname "$0")"

names=(postgres rabbitmq redis)
declare -A port=([postgres]=5432 [rabbitmq]=5672 [redis]=6379)
declare -A package=([postgres]=postgresql [rabbitmq]=rabbitmq-server [redis]=redis-server)

answers() { timeout 2 bash -c "exec 3<>/dev/tcp/127.0.0.1/$1" 2>/dev/null; }

elsewhere() { local variable="ASSAY_TEST_${1^^}_URL"; [ -n "${!variable:-}" ]; }

missing() {
    for name in "${names[@]}"; do
        elsewhere "$name" || answers "${port[$name]}" || echo "$name"
    done
}

with_docker() { docker compose -f compose.yaml up --detach --wait "$@"; }

with_packages() {
    export DEBIAN_FRONTEND=noninteractive
    apt-get update -qq
    for name in "$@"; do
        # The package's own start-up may be forbidden (containers); each is started by hand below.
        apt-get install -y -qq --no-install-recommends "${package[$name]}" >/dev/null
        case $name in
        postgres)
            read -r version cluster _ < <(pg_lsclusters -h)
            pg_ctlcluster --skip-systemctl-redirect "$version" "$cluster" start || true
            ;;
        rabbitmq) answers 5672 || rabbitmq-server -detached ;;
        redis) answers 6379 || redis-server --daemonize yes --bind 127.0.0.1 --save "" --appendonly no >/dev/null ;;
        esac
    done
}

wait_for() {
    for _ in $(seq 120); do
        answers "${port[$1]}" && return
        sleep 0.5
    done
    echo "$1 does not answer on 127.0.0.1:${port[$1]}" >&2
    return 1
}

# The tests log in as `assay`; on a server that is not from compose.yaml the role has to be made.
postgres_role() {
    elsewhere postgres && return
    local make="DO \$\$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'assay')
                THEN CREATE ROLE assay LOGIN SUPERUSER PASSWORD 'assay'; END IF; END \$\$"
    local login="postgres://assay:assay@127.0.0.1:5432/postgres"
    for attempt in 1 2 3; do
        if command -v psql >/dev/null && psql "$login" -qc 'SELECT 1' >/dev/null 2>&1; then return; fi
        command -v psql >/dev/null || return 0 # Docker's image made the role itself
        psql -h 127.0.0.1 -U "$(id -un)" -d postgres -qc "$make" >/dev/null 2>&1 ||
            (cd / && su postgres -c "psql -qc \"${make//\$/\\\$}\"") >/dev/null 2>&1 || sleep "$attempt"
    done
    psql "$login" -qc 'SELECT 1' >/dev/null ||
        { echo "cannot log in to PostgreSQL as assay; set ASSAY_TEST_POSTGRES_URL" >&2; return 1; }
}

mapfile -t wanted < <(missing)
if [ ${#wanted[@]} -gt 0 ]; then
    echo "starting: ${wanted[*]}"
    if command -v docker >/dev/null && docker info >/dev/null 2>&1; then
        with_docker "${wanted[@]}"
    elif command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
        with_packages "${wanted[@]}"
    else
        echo "not running: ${wanted[*]}. Start them, or set ASSAY_TEST_<NAME>_URL, or run this with Docker or as root on Debian." >&2
        exit 1
    fi
    for name in "${wanted[@]}"; do wait_for "$name"; done
fi
postgres_role
echo "services answer: ${names[*]}"
