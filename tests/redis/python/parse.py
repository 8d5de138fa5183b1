"""Reads a JSON list of pages, and writes the JSON list of what the official parser finds in each: [type, help, samples] by name."""

import json
import sys

from prometheus_client.parser import text_string_to_metric_families

pages = []
for page in json.load(sys.stdin):
    families = {}
    for family in text_string_to_metric_families(page):
        samples = [[sample.name, sample.labels, str(float(sample.value))] for sample in family.samples]
        families[family.name] = [family.type, family.documentation, samples]
    pages.append(families)
json.dump(pages, sys.stdout)
