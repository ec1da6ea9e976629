"""Parses OpenMetrics from standard input with Prometheus' own Python client, and prints the result as JSON."""

import json
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families


def exemplar_of(sample):
    if sample.exemplar is None:
        return None
    labels, value, timestamp = sample.exemplar
    return {"labels": labels, "value": repr(float(value)), "timestamp": float(timestamp)}


text = sys.stdin.buffer.read().decode("utf-8")
families = [
    {
        "name": family.name,
        "help": family.documentation,
        "type": family.type,
        "unit": family.unit,
        "samples": [
            {
                "name": sample.name,
                "labels": sample.labels,
                # JSON has neither NaN nor infinities.
                "value": repr(float(sample.value)),
                "exemplar": exemplar_of(sample),
            }
            for sample in family.samples
        ],
    }
    for family in text_string_to_metric_families(text)
]
json.dump(families, sys.stdout)
