#!/usr/bin/env bash
# What a CloudWatch that is not ours (ministack) holds after the quickstart, read back by a client that is not ours (boto3).
# Needs Linux, Python 3 with a package index, and `ss`; so it is no part of ./ci.sh. Exits with 1 on any disagreement.
set -euo pipefail
cd "$(dirname "$0")/.."

# Kept between runs, and gone with `cargo clean`. Versions of ministack differ in what they implement: this one was read.
venv=$PWD/target/ministack-venv
packages=(ministack==1.5.33 cbor2 boto3)
work=$(mktemp -d)
server=

stop() {
    if [ -n "$server" ]; then
        kill "$server" 2>/dev/null || true
        # It may finish what it does, but not forever.
        for _ in {1..50}; do
            kill -0 "$server" 2>/dev/null || break
            sleep 0.1
        done
        kill -9 "$server" 2>/dev/null || true
    fi
    rm -rf "$work"
}
trap stop EXIT

fail() {
    [ -z "$server" ] || tail -n 20 "$work/server.log" >&2
    echo "ministack.sh: $1" >&2
    exit 1
}

# The server's listening sockets, all of them: it has listeners besides HTTP, and binds all interfaces unless told.
loopback_only() {
    local sockets
    sockets=$(ss -Hltnp | awk -v pid="pid=$server," 'index($0, pid) { print $4 }')
    [ "$sockets" = "127.0.0.1:$port" ] || fail "ministack listens on '$sockets' and not on 127.0.0.1:$port alone"
    echo "ok  ministack listens on 127.0.0.1:$port alone"
}

command -v ss >/dev/null || fail "please install iproute2: ss was not found"
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    # Debian ships `venv` without pip, in part; virtualenv brings its own, and stays out of the user's Python.
    python3 -m venv --clear "$venv" || {
        python3 -m pip install -q --target "$work/virtualenv" virtualenv
        PYTHONPATH=$work/virtualenv python3 -m virtualenv -q --clear "$venv"
    }
fi
"$venv/bin/python" -m pip install -q "${packages[@]}"

# Before the server stands, as this takes long where nothing is built.
cargo build -p meters-examples --example quickstart
cargo build -p meters-tests --bin known

# Nothing of the caller's environment reaches the server. It would stop containers of a Docker that it finds, and open
# ports for SFTP and MQTT.
port=$("$venv/bin/python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
env -i PATH="$PATH" HOME="$work" TMPDIR="$work" BIND_HOST=127.0.0.1 GATEWAY_PORT="$port" SERVICES=cloudwatch \
    DOCKER_HOST="unix://$work/none" SFTP_ENABLED=0 IOT_MTLS_ENABLED=0 \
    "$venv/bin/ministack" >"$work/server.log" 2>&1 </dev/null &
server=$!
for attempt in {1..300}; do
    (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null && break
    kill -0 "$server" 2>/dev/null || fail "ministack ended before it listened"
    [ "$attempt" -lt 300 ] || fail "ministack did not listen within 30 s"
    sleep 0.1
done
loopback_only

# From here on nothing may reach AWS, or find the credentials and the profile of whoever runs this.
unset AWS_PROFILE AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_DEFAULT_REGION
export AWS_ENDPOINT_URL_CLOUDWATCH=http://127.0.0.1:$port AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
export AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null no_proxy=127.0.0.1

# Ten minutes, as others may hold cargo's lock; in the foreground, so that Ctrl-C reaches them.
METERS_EXAMPLE_SECONDS=3 timeout --foreground 600 cargo run -q -p meters-examples --example quickstart | tee "$work/quickstart"
timeout --foreground 600 cargo run -q -p meters-tests --bin known
calls=$(sed -n 's/^checkout was called \([0-9]*\) times\.$/\1/p' "$work/quickstart")
[ -n "$calls" ] || fail "the quickstart does not say how often checkout was called"

"$venv/bin/python" - "$calls" <<'PYTHON'
import datetime, os, sys
import boto3

calls = int(sys.argv[1])
cloudwatch = boto3.client("cloudwatch", endpoint_url=os.environ["AWS_ENDPOINT_URL_CLOUDWATCH"])
now, hour = datetime.datetime.now(datetime.timezone.utc), datetime.timedelta(hours=1)
# In one period, so that percentiles are those of the whole run, at any time but midnight.
span, period = {"StartTime": now - hour, "EndTime": now + hour}, 86400
failed = 0


def check(holds, text):
    global failed
    failed += not holds
    print("ok " if holds else "BAD", text)


def equal(what, found, truth, within=0.0):
    check(abs(found - truth) <= within * abs(truth), f"{what} = {found:.10g}, truth {truth:.10g}")


def series(namespace, name, function=""):
    pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace, MetricName=name)
    metrics = [metric for page in pages for metric in page["Metrics"]]
    ends = lambda metric: any(d["Value"].endswith(function) for d in metric["Dimensions"])
    return [metric for metric in metrics if not function or ends(metric)]


def points(metric):
    names = ["SampleCount", "Sum", "Average", "Minimum", "Maximum"]
    return cloudwatch.get_metric_statistics(**metric, **span, Period=period, Statistics=names)["Datapoints"]


def data(metric, stat):
    query = {"Id": "q", "MetricStat": {"Metric": metric, "Period": period, "Stat": stat}}
    return cloudwatch.get_metric_data(**span, MetricDataQueries=[query])["MetricDataResults"][0]["Values"]


def total(stat, *key):
    """Over all series of a name; the two ways of reading must agree."""
    by_statistics = sum(point[stat] for metric in series(*key) for point in points(metric))
    by_data = sum(sum(data(metric, stat)) for metric in series(*key))
    if by_statistics != by_data:
        check(False, f"{key} {stat}: GetMetricStatistics says {by_statistics}, GetMetricData {by_data}")
    return by_statistics


def one(metric, stat):
    values = data(metric, stat)
    return values[0] if len(values) == 1 else float("nan")


# The quickstart: what it says of itself, and what must hold between its metrics whatever the load of this machine.
listed = [m for page in cloudwatch.get_paginator("list_metrics").paginate(Namespace="Shop") for m in page["Metrics"]]
env = {"Name": "Env", "Value": "quickstart"}
check(listed and all(env in m["Dimensions"] for m in listed), f"Shop: {len(listed)} metrics, all with Env = quickstart")
checkout = series("Shop", "Duration", "::checkout")
tiers = sorted(d["Value"] for m in checkout for d in m["Dimensions"] if d["Name"] == "Tier")
check(tiers == ["Gold", "Standard"], f"Duration (checkout) by Tier: {', '.join(tiers)}")
equal("Duration (checkout) SampleCount", total("SampleCount", "Shop", "Duration", "::checkout"), calls)
equal("Errors (checkout) SampleCount", total("SampleCount", "Shop", "Errors", "::checkout"), calls)
equal("Duration (render) SampleCount", total("SampleCount", "Shop", "Duration", "::render"), calls)
equal("Calls (login) Sum", total("Sum", "Shop", "Calls", "::login"), calls)

# Every call that is not cancelled reserves, and only reserving fails.
reserved, errors = total("SampleCount", "Shop", "Reserve"), total("Sum", "Shop", "Errors", "::checkout")
cancelled = total("Sum", "Shop", "Cancelled", "::checkout")
equal("Reserve SampleCount + Cancelled Sum", reserved + cancelled, calls)
equal("Reserve.Errors SampleCount", total("SampleCount", "Shop", "Reserve.Errors"), reserved)
check(errors > 0, f"Errors (checkout) Sum = {errors:g}, more than 0")
equal("Reserve.Errors Sum", total("Sum", "Shop", "Reserve.Errors"), errors)
# A call that outruns its timeout after all is neither cancelled nor sold.
sold = total("Sum", "Shop", "ItemsSold")
check(0 < sold <= calls - errors - cancelled, f"ItemsSold Sum = {sold:g}, at most {calls - errors - cancelled:g}")
equal("BasketValue SampleCount", total("SampleCount", "Shop", "BasketValue"), sold)

for metric in checkout:
    tier = next(d["Value"] for d in metric["Dimensions"] if d["Name"] == "Tier")
    p99s = data(metric, "p99")
    check(len(p99s) == len(points(metric)) > 0, f"Duration (checkout, {tier}) has p99 wherever it has statistics")
    for p99, at in zip(p99s, sorted(points(metric), key=lambda point: point["Timestamp"])):
        low, mean, high = at["Minimum"], at["Average"], at["Maximum"]
        text = f"Average {mean:.0f} < p99 {p99:.0f}, within [{low:.0f}, {high:.0f}]"
        check(low <= mean < p99 <= high, f"Duration (checkout, {tier}): {text}")
        # It sleeps for 2 ms at least, and 47 at most but for the load: any other unit were orders of magnitude off.
        check(at["Unit"] == "Microseconds" and 2e3 < mean < 1e6, f"Duration (checkout, {tier}) in {at['Unit']}")

# What is known in advance: 1 to 1,000, once each. Sums are of doubles, so exact but for their rounding.
known = series("Known", "Known")
check(len(known) == 1, "Known is one metric")
for metric in known:
    for stat, truth in ("SampleCount", 1000), ("Sum", 500500), ("Minimum", 1), ("Maximum", 1000):
        equal(f"Known {stat}", one(metric, stat), truth, within=1e-12)
    for stat, truth in ("p50", 500), ("p90", 900), ("p99", 990):
        equal(f"Known {stat}", one(metric, stat), truth, within=0.023)

sys.exit(f"ministack.sh: {failed} checks failed" if failed else 0)
PYTHON
loopback_only
