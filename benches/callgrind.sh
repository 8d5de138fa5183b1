#!/usr/bin/env bash
# Instructions a call of each row of the benchmark `hot_path`, loop and call included: free of noise, so fit for CI.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "callgrind.sh: valgrind is not installed" >&2; exit 1; }
binary=$(cargo bench -q -p meters-benches --bench hot_path --no-run --message-format=json \
    | sed -n 's/.*"executable":"\([^"]*hot_path[^"]*\)".*/\1/p' | tail -n 1)
calls=20000
"$binary" --cells | while read -r cell; do
    all=$(valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=counted_calls \
        "$binary" --only "$cell" "$calls" 2>&1 | sed -n 's/.*Collected : \([0-9]*\).*/\1/p')
    printf '%-26s %4d instructions a call\n' "$cell" $((all / calls))
done
