"""Counts in metrics that others count in, too, transferring each 20. Arguments: port, namespace, how often."""

import sys

import redis
from instrumentor import CollectorRegistry, Counter, Histogram

port, namespace, times = sys.argv[1:]
registry = CollectorRegistry(redis_client=redis.Redis(port=int(port)), namespace=namespace)
hits = Counter("hits_total", "All hits.", allowed_labels=["path"])
took = Histogram("took", "How long.", buckets=[1, 5])
registry.register(hits)
registry.register(took)
# All begin together.
sys.stdin.readline()
for time in range(int(times)):
    hits.inc()
    hits.inc(2, labels={"path": "/x"})
    took.observe(time % 8)
    if time % 20 == 0:
        registry.transfer()
registry.transfer()
