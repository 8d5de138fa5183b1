#!/usr/bin/env python3
"""Runs a real Prometheus against a program, with the rules of this folder, and asks it every question of the dashboard.

    check.py PROGRAM PORT     a command that serves /metrics on 127.0.0.1:PORT, and where
"""

import json
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).parent
# Beyond this something hangs.
PATIENCE = 120
# Empty while nothing is wrong, or where the program has no such thing.
MAY_BE_EMPTY = {"Alerts"}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def ask(port, path, **parameters):
    url = f"http://127.0.0.1:{port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        sys.exit(f"{path} {parameters}: {json.load(error)['error']}")


def until(what, question):
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            if question():
                return
        except (urllib.error.URLError, ConnectionError):
            pass
        time.sleep(0.2)
    sys.exit(f"not within {PATIENCE} s: {what}")


def questions():
    dashboard = json.loads((HERE / "grafana/dashboards/meters.json").read_text())
    names = {"job": ".+", "instance": ".+", "metric": "Duration", "by": "Function", "__rate_interval": "15s"}
    for panel in dashboard["panels"]:
        for target in panel.get("targets", []):
            # Variables as Grafana fills them in, `$job` and `${job}`.
            query = re.sub(r"\$\{?(\w+)\}?", lambda name: names[name[1]], target["expr"])
            yield panel["title"], query


def main(program, port):
    classic, native = free_port(), free_port()
    with tempfile.TemporaryDirectory() as folder:
        config = (HERE / "prometheus/prometheus.yml").read_text()
        config = config.replace("127.0.0.1:9464", f"127.0.0.1:{port}").replace("5s", "1s").replace("15s", "1s")
        (pathlib.Path(folder) / "prometheus.yml").write_text(config)
        rules = (HERE / "prometheus/rules.yml").read_text().replace("interval: 15s", "interval: 1s")
        (pathlib.Path(folder) / "rules.yml").write_text(rules)
        # Two, as one that takes native histograms may leave the classic ones out.
        servers = [[*server(folder, classic)], [*server(folder, native), "--enable-feature=native-histograms"]]
        processes = [subprocess.Popen(command) for command in [shlex.split(program), *servers]]
        try:
            failed = check(classic) + check_native(native)
        finally:
            for process in processes:
                process.terminate()
                process.wait()
    sys.exit(f"{failed} of the questions have no answer" if failed else 0)


def server(folder, port):
    yield "prometheus"
    yield f"--config.file={folder}/prometheus.yml"
    yield f"--storage.tsdb.path={folder}/data-{port}"
    yield f"--web.listen-address=127.0.0.1:{port}"
    yield "--log.level=warn"


def query(port, expression):
    return ask(port, "query", query=expression)["result"]


def check_native(port):
    quantile = "histogram_quantile(0.99, sum(rate(Duration_seconds[15s])))"
    until("native histograms", lambda: query(port, quantile))
    print(f"ok   native histograms: p99 {query(port, quantile)[0]['value'][1]} s")
    return 0


def check(port):
    until("the program is scraped", lambda: query(port, 'up{job="shop"} == 1'))
    # A rate wants some samples, and the rules an evaluation of those.
    until("ten scrapes", lambda: query(port, 'count_over_time(up{job="shop"}[1m]) >= 10'))
    until("rules are evaluated", lambda: query(port, "function:duration_seconds:p99_5m"))
    failed = 0
    for title, expression in questions():
        found = query(port, expression)
        values = [sample["value"][1] if "value" in sample else "histogram" for sample in found]
        real = [value for value in values if value != "NaN"]
        fine = bool(real) or title in MAY_BE_EMPTY
        failed += not fine
        print(f"{'ok  ' if fine else 'NONE'} {title:28} {len(found):3} series  {', '.join(real[:3])}")
        if not fine:
            print(f"     {expression}")
    for group in ask(port, "rules")["groups"]:
        for rule in group["rules"]:
            fine = rule["health"] == "ok"
            failed += not fine
            print(f"{'ok  ' if fine else 'BAD '} rule {rule['name']} {rule.get('lastError', '')}")
    return failed


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(sys.argv[1], int(sys.argv[2]))
