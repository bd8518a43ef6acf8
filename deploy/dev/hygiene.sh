#!/usr/bin/env bash
# File hygiene and licences: what no compiler checks.
set -euo pipefail
shopt -s lastpipe # so that a complaint at the end of a pipe is remembered
cd "$(dirname "$0")/../.."

failed=0
complain() { # complain WHAT: reads offending lines from standard input
    local lines
    lines=$(cat)
    [ -z "$lines" ] && return 0
    printf '%s:\n%s\n' "$1" "$lines" >&2
    failed=1
}

text=(-- '*.rs' '*.toml' '*.md' '*.sh' '*.json' '*.proto' '*.yaml' 'Makefile' ':!LICENSE' ':!*.snap')

git grep -nI ' $' "${text[@]}" ':!*.md' | complain 'trailing white space' || true
git grep -lI $'\r' "${text[@]}" | complain 'carriage returns' || true
git grep -nE '\b(TODO|FIXME|XXX)\b|todo!\(|unimplemented!\(|#\[ignore\]' -- '*.rs' | complain 'left-overs' || true
git ls-files -z "${text[@]}" | xargs -0 -r -n1 sh -c '[ -s "$0" ] && [ -n "$(tail -c1 "$0")" ] && echo "$0"; true' |
    complain 'no newline at the end' || true
git ls-files -z | xargs -0 -r -n1 sh -c 's=$(wc -c <"$0"); [ "$s" -gt 400000 ] && echo "$0 $s bytes"; true' |
    complain 'large files' || true
git ls-files -z '*.rs' | xargs -0 -r -n1 sh -c 'n=$(wc -l <"$0"); [ "$n" -gt 600 ] && echo "$0 $n lines"; true' |
    complain 'files that want to be two' || true
git ls-files 'services/*/src/main.rs' | xargs -r -n1 sh -c 'n=$(wc -l <"$0"); [ "$n" -gt 60 ] && echo "$0 $n lines"; true' |
    complain 'a main that does more than start' || true

cargo deny --version >/dev/null 2>&1 || cargo install --locked --quiet cargo-deny
# It looks at the crates of every platform; a build has fetched only those of this one.
cargo fetch --locked --quiet
cargo deny --offline --log-level error check licenses bans sources || failed=1

exit "$failed"
