#!/usr/bin/env bash
# An hour of chaos: a minute of it for each seed, on new servers. (Power losses are cut out of the servers' logs, which are
# therefore never rewritten: after an hour, loading them would be all that a server does.)
#
#     tests/redis/hour.sh [FIRST SEED] [HOW MANY]
set -euo pipefail
cd "$(dirname "$0")/../.."
first=${1:-1} count=${2:-48} failed=()
cargo build -q --release -p meters-redis-tests --bin chaos
for ((seed = first; seed < first + count; seed++)); do
    "${CARGO_TARGET_DIR:-target}/release/chaos" --seconds 60 --seed "$seed" || failed+=("$seed")
done
echo "$count seeds from $first on, of which failed: ${failed[*]:-none}"
[ ${#failed[@]} -eq 0 ]
