#!/usr/bin/env bash
# Every check of the project, from a clean clone with nothing but Rust. Exits with 1 if any of them fails.
set -euo pipefail
cd "$(dirname "$0")"

# A cold run builds everything once and throws it away: no incremental state, no debug information.
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=0
if [ -n "${CI:-}" ]; then
    export CARGO_TERM_COLOR=never
fi

# Nothing here may find the credentials, the profile or the region of whoever runs it, or reach AWS.
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_ENDPOINT_URL_CLOUDWATCH AWS_DEFAULT_REGION
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_REGION=us-east-1

names=() seconds=() outcomes=()
failed=0

note() {
    names+=("$1") seconds+=("$2") outcomes+=("$3")
}

# step NAME COMMAND...: runs the command, times it, and goes on whatever it says.
step() {
    local name=$1 outcome=ok code start=$SECONDS
    shift
    printf '\n=== %s\n' "$name"
    # Not as a condition: bash would then ignore `set -e` inside the command.
    set +e
    (
        set -e
        "$@"
    )
    code=$?
    set -e
    if [ "$code" -ne 0 ]; then
        outcome="FAILED ($code)"
        failed=1
    fi
    note "$name" $((SECONDS - start)) "$outcome"
    printf -- '--- %s: %s, %s s\n' "$name" "$outcome" $((SECONDS - start))
}

# skip NAME REASON: a step that this machine has not the means for.
skip() {
    printf '\n=== %s\n--- skipped: %s\n' "$1" "$2"
    note "$1" - "skipped: $2"
}

have() {
    command -v "$1" >/dev/null 2>&1
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif have sudo && sudo -n true 2>/dev/null; then
        sudo -n "$@"
    else
        return 1
    fi
}

# package COMMAND PACKAGE: installs the package where the command is missing and that is possible.
package() {
    have "$1" && return 0
    if have apt-get; then
        { as_root apt-get update -q && as_root apt-get install -q -y --no-install-recommends "$2"; } || true
    fi
    have "$1" || {
        echo "please install $2: $1 was not found, and could not be installed from here"
        return 1
    }
}

component() {
    cargo "$1" --version >/dev/null 2>&1 && return 0
    have rustup && rustup component add "$2" && return 0
    echo "please install $2: cargo $1 was not found, and there is no rustup to add it"
    return 1
}

tools() {
    component fmt rustfmt
    component clippy clippy
    # ring compiles C.
    package cc build-essential
    # The tests of shared storage start their own.
    package redis-server redis-server
    # Pages are read by Prometheus itself, and by the Python libraries that wrote them before.
    package promtool prometheus
    package python3 python3
    python3 -c 'import ensurepip, venv' 2>/dev/null || as_root apt-get install -q -y --no-install-recommends python3-venv
    cargo --version
    rustc --version
    # Fails where Cargo.lock does not fit the manifests; every later step may then trust it.
    cargo metadata --locked --format-version 1 >/dev/null
}

# The names under [features] in the manifest of `meters`.
features() {
    awk '/^\[/ { inside = ($0 == "[features]") } inside && /^[a-z0-9_-]+ *=/ { print $1 }' meters/Cargo.toml
}

each_feature() {
    local feature
    cargo check -p meters --no-default-features
    for feature in $(features); do
        echo "feature $feature"
        cargo check -p meters --no-default-features --features "$feature"
    done
    cargo check -p meters-redis --no-default-features
    cargo check -p meters-prometheus --no-default-features
}

tests_without_sdk() {
    cargo test -q -p meters --no-default-features --features redis --lib --test without_sdk
    cargo test -q -p meters --no-default-features --features macros,prometheus,process --lib
}

# The names of all examples in their package's manifest.
example_names() {
    awk '/^\[/ { inside = ($0 == "[[example]]") } inside && /^name/ { gsub(/"/, "", $3); print $3 }' examples/Cargo.toml
}

examples() {
    local name ran=0
    export METERS_EXAMPLE_SECONDS=1
    cargo build -p meters-examples --examples
    for name in $(example_names); do
        echo "example $name"
        limited cargo run -q --example "$name"
        ran=$((ran + 1))
    done
    echo "$ran examples ran"
}

# An example that hangs must not hang everything.
limited() {
    if have timeout; then
        timeout 120 "$@"
    else
        "$@"
    fi
}

# The dashboard, the rules and the scrape configuration of the example, by Prometheus's own tools and by a real Prometheus.
observability() {
    local folder=examples/observability
    promtool check config "$folder/prometheus/prometheus.yml"
    (cd "$folder/prometheus" && promtool test rules rules_test.yml)
    cargo build -q --example observability
    METERS_EXAMPLE_PORT=19464 limited "$folder/check.py" "${CARGO_TARGET_DIR:-target}/debug/examples/observability" 19464
}

step "tools" tools
step "format" cargo fmt --all --check
step "clippy, all features" cargo clippy --workspace --all-targets --all-features -- -D warnings
# Alone, as the examples and tests of the workspace would turn the features on again.
step "clippy, no features" cargo clippy -p meters -p meters-core -p meters-macros -p meters-local \
    -p meters-redis -p meters-prometheus --all-targets --no-default-features -- -D warnings
step "each feature alone" each_feature
step "documentation" env RUSTDOCFLAGS="-D warnings" cargo doc --workspace --all-features --no-deps
# What a library depends on: no link may lead to what is not there.
step "documentation, no SDK" env RUSTDOCFLAGS="-D warnings" cargo doc -p meters --no-default-features --features macros --no-deps
step "documentation, no SDK, more" env RUSTDOCFLAGS="-D warnings" \
    cargo doc -p meters --no-default-features --features redis,prometheus,tower,metrics,process --no-deps
step "python" bash tests/python.sh
step "tests" cargo test --workspace --all-features --no-fail-fast
# What has no SDK: the workspace turns all features on.
step "tests, no SDK" tests_without_sdk
step "examples" examples
step "observability" observability

# Random schedules of load and faults for a minute; nothing may be lost without being counted as lost.
step "fault campaign" cargo run -q -p meters-campaign -- --seconds 60
# Processes that share a Redis, and everything that can die of it, in all modes at once; needs redis-server.
step "chaos campaign" cargo run -q -p meters-redis-tests --bin chaos -- --seconds 60 --seed 1
# The hot path under loom, four seconds a model. Apart, as its flags would build everything again.
step "loom, short" env RUSTFLAGS="--cfg loom" LOOM_MAX_DURATION=4 CARGO_TARGET_DIR="${CARGO_TARGET_DIR:-target}/loom" \
    cargo test --release -p meters-core --test hand_over models::

# Each benchmark once, to see that it runs; the profile is that of the tests, so that little is built again.
step "benchmarks, once" cargo bench -p meters-benches -p meters-tests --profile dev \
    --bench hot_path --bench many_series --bench outage -- --test
step "batches, once" cargo bench -p meters-redis --bench wire --bench redis --profile dev -- --test
if have valgrind; then
    step "instruction counts" bash benches/callgrind.sh
else
    skip "instruction counts" "valgrind is not installed"
fi
if cargo deny --version >/dev/null 2>&1; then
    step "dependencies" cargo deny check bans licenses sources
else
    skip "dependencies" "cargo-deny is not installed"
fi

printf '\n%-24s %9s  %s\n' step seconds outcome
for i in "${!names[@]}"; do
    printf '%-24s %9s  %s\n' "${names[i]}" "${seconds[i]}" "${outcomes[i]}"
done
printf '%-24s %9s\n' total "$SECONDS"
exit "$failed"
