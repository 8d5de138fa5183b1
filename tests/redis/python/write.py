"""A program that uses instrumentor as its README says. Arguments: port, namespace."""

import sys

import redis
from instrumentor import CollectorRegistry, Counter, Gauge, Histogram, timer

port, namespace = sys.argv[1:]
registry = CollectorRegistry(redis_client=redis.Redis(port=int(port)), namespace=namespace)
hits = Counter("hits_total", "All hits.", allowed_labels=["code", "path", "ok"])
level = Gauge("level", "How much \u00e9.", allowed_labels=["place"])
took = Histogram("took_seconds", "How long.", buckets=[0.1, 1, 2.5, 10])
eager = CollectorRegistry(redis_client=redis.Redis(port=int(port)), namespace=namespace, eager=True)
at_once = Counter("at_once_total", "At once.")
for metric in (hits, level, took):
    registry.register(metric)
eager.register(at_once)
hits.inc()
hits.inc(2.5, labels={"path": "/x", "code": 200, "ok": True})
level.set(21.5)
level.set(-3, labels={"place": "Malm\u00f6"})
for value in (0.05, 0.5, 3, 30):
    took.observe(value)
with timer(metric=took):
    pass
at_once.inc(7)
registry.transfer()
