"""What the official parsers read from pages: a JSON list of [format, page] comes in, one of families goes out."""

import io
import json
import sys

from prometheus_client import parser
from prometheus_client.openmetrics import parser as openmetrics


def read(kind, page):
    families = (openmetrics if kind == "openmetrics" else parser).text_fd_to_metric_families(io.StringIO(page))
    return [
        [family.name, family.type, family.documentation, family.unit,
         [[sample.name, sample.labels, float(sample.value).hex(),
           sample.exemplar and [sample.exemplar.labels, sample.exemplar.value, float(sample.exemplar.timestamp)]]
          for sample in family.samples]]
        for family in families
    ]


def answer(kind, page):
    try:
        return read(kind, page)
    except Exception as error:
        return f"{type(error).__name__}: {error}"


json.dump([answer(kind, page) for kind, page in json.load(sys.stdin)], sys.stdout)
