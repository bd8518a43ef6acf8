#!/usr/bin/env bash
# Runs every process of the fleet on the services of this machine, with one log, until Ctrl-C.
#
# Places come from ASSAY__…__URL; what is not set is where `make services` puts it.
set -euo pipefail
cd "$(dirname "$0")/../.."

bin=${CARGO_TARGET_DIR:-target}/debug
login=postgres://assay:assay@127.0.0.1:5432
if [ -z "${ASSAY__STORE__URL:-}" ]; then
    export ASSAY__STORE__URL=$login/assay
    # Docker's image made it already.
    if command -v psql >/dev/null; then
        psql "$login/postgres" -qtc "SELECT 1 FROM pg_database WHERE datname = 'assay'" | grep -q 1 ||
            psql "$login/postgres" -qc 'CREATE DATABASE assay'
    fi
fi
export ASSAY__QUEUE__URL=${ASSAY__QUEUE__URL:-amqp://guest:guest@127.0.0.1:5672/%2f}
export ASSAY__EPHEMERAL__URL=${ASSAY__EPHEMERAL__URL:-redis://127.0.0.1:6379/}
"$bin/assay" migrate

pids=()
stop() {
    trap - INT TERM EXIT
    kill -TERM "${pids[@]}" 2>/dev/null || true
    wait
}
trap stop INT TERM EXIT

port=9100
for name in gateway scheduler crawl extract analyze; do
    ASSAY__ADMIN__BIND=127.0.0.1:$port NO_COLOR=1 "$bin/assay-$name" 2> >(sed -u "s/^/$(printf %-10s "$name")/" >&2) &
    pids+=($!)
    port=$((port + 1))
done
echo "the API: http://127.0.0.1:8080/v1/health   probes and metrics: http://127.0.0.1:9100/readyz to 9104   end: Ctrl-C" >&2
# One that ends by itself ends all: its reason is the last line of the log.
wait -n
