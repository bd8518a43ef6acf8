#!/usr/bin/env bash
# Runs every bench and keeps what it printed.
set -euo pipefail
cd "$(dirname "$0")/.."
mkdir -p target/bench
print=target/bench/$(date -u +%Y%m%dT%H%M%SZ).txt
{
    grep -m1 'model name' /proc/cpuinfo || true
    echo "cores: $(nproc), $(rustc --version), commit $(git rev-parse --short HEAD 2>/dev/null || echo none)"
    for bench in assay-net:robots_conformance assay-content:main_text assay-entities:throughput assay:site; do
        echo
        echo "== ${bench}"
        cargo bench --quiet --package "${bench%%:*}" --bench "${bench##*:}"
    done
} 2>&1 | tee "$print"
echo "kept in $print"
