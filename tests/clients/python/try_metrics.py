"""The metrics, read by the parser of OpenMetrics in the client library of Prometheus: names, types, units, help.

CYBERPROFILES_URL is a server with the bundled data, to which a request with a wrong token was sent.
"""

import os

import httpx
from prometheus_client.openmetrics.parser import text_string_to_metric_families

BASE = os.environ["CYBERPROFILES_URL"]
PREFIX = "cyberprofiles_"
# Name after the prefix: type and unit.
WANTED = {
    "build": ("info", ""),
    "requests": ("counter", ""),
    "request_duration_seconds": ("histogram", "seconds"),
    "faults": ("counter", ""),
    "http_responses": ("counter", ""),
    "tokens_refused": ("counter", ""),
    "messages_waiting": ("gauge", ""),
    "webhook_deliveries": ("counter", ""),
    "webhooks": ("gauge", ""),
    "webhooks_behind": ("gauge", ""),
    "sequence": ("gauge", ""),
    "connections": ("gauge", ""),
    "requests_executing": ("gauge", ""),
    "followers": ("gauge", ""),
    "follower_groups": ("gauge", ""),
    "documents_cached": ("gauge", ""),
    "answer_cache_hits": ("counter", ""),
    "answer_cache_misses": ("counter", ""),
    "row_cache_hits": ("counter", ""),
    "row_cache_misses": ("counter", ""),
    "cache_bytes": ("gauge", "bytes"),
    "cache_max_bytes": ("gauge", "bytes"),
    "search_records": ("gauge", ""),
    "search_bytes": ("gauge", "bytes"),
    "database_statements": ("counter", ""),
    "database_size_bytes": ("gauge", "bytes"),
    "contributions_waiting": ("gauge", ""),
    "database_connections": ("gauge", ""),
    "database_connections_idle": ("gauge", ""),
}


def scrape():
    answer = httpx.get(f"{BASE}/metrics")
    answer.raise_for_status()
    assert answer.headers["content-type"].startswith("application/openmetrics-text; version=1.0.0")
    return {family.name: family for family in text_string_to_metric_families(answer.text)}


def values(families, name):
    """Labels and value of each sample of a family."""
    samples = families[PREFIX + name].samples
    return {tuple(sorted(sample.labels.items())): sample.value for sample in samples}


def main():
    families = scrape()
    found = {name.removeprefix(PREFIX): (family.type, family.unit) for name, family in families.items()}
    assert found == WANTED, set(found.items()) ^ set(WANTED.items())
    for name, family in families.items():
        assert name.startswith(PREFIX) and family.documentation.strip(), name
        if family.type == "counter":
            assert all(sample.name == f"{name}_total" for sample in family.samples), family.samples

    (labels,) = [dict(labels) for labels in values(families, "build")]
    assert set(labels) == {"version", "database", "features"} and labels["version"], labels
    assert values(families, "database_size_bytes")[()] > 100_000
    waiting = values(families, "contributions_waiting")
    assert waiting == {
        (("state", "submitted"),): 1,
        (("state", "in_review"),): 0,
        (("state", "changes_requested"),): 0,
    }, waiting
    refused = values(families, "tokens_refused")
    assert refused == {
        (("reason", "unknown"),): 1,
        (("reason", "of_provider"),): 0,
        (("reason", "malformed"),): 1,
    }, refused
    faults = values(families, "faults")
    assert faults == {(("code", "INTERNAL"),): 0, (("code", "UNAVAILABLE"),): 0}, faults

    before = values(families, "database_statements")
    assert all(number > 0 for number in before.values()) and len(before) == 2, before
    query = '{ country(code: "DE") { name history(first: 1) { totalCount } } }'
    assert "errors" not in httpx.post(f"{BASE}/graphql", json={"query": query}).json()
    later = scrape()
    reader = (("connection", "reader"),)
    assert values(later, "database_statements")[reader] > before[reader]
    assert values(later, "answer_cache_misses")[()] > values(families, "answer_cache_misses")[()]
    print("ok: metrics")


main()
