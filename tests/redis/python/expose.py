"""Writes what instrumentor's exposition client makes of a namespace. Arguments: port, namespace."""

import sys

import redis
from instrumentor.exposition import ExpositionClient

sys.stdout.reconfigure(encoding="utf-8", newline="")
port, namespace = sys.argv[1:]
sys.stdout.write(ExpositionClient(redis.Redis(port=int(port)), namespace).expose())
