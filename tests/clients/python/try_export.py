"""The exports with pandas and the Frictionless validator: every CSV file has the columns and values that its
description promises.

CYBERPROFILES_URL is a server with the bundled data.
"""

import io
import json
import os
import sys

import frictionless
import httpx
import pandas

BASE = os.environ["CYBERPROFILES_URL"]
PACKAGE = f"{BASE}/export/datapackage.json"


class Differs(Exception):
    """An answer differs from the expected one."""


def expect(what, found, wanted):
    if found != wanted:
        raise Differs(f"{what}: expected {wanted!r}, found {found!r}")
    print(f"ok: {what}")


def get(address):
    return httpx.get(address, timeout=60).raise_for_status()


def read(resource):
    """A CSV file as a table. Without the two options, pandas takes the code of Namibia for a missing value."""
    text = get(f"{BASE}/export/{resource['path']}").text
    return pandas.read_csv(io.StringIO(text), keep_default_na=False, na_values=[""])


def try_pandas(package):
    tables = {resource["name"]: read(resource) for resource in package["resources"]}
    for resource in package["resources"]:
        name, fields = resource["name"], resource["schema"]["fields"]
        table = tables[name]
        expect(f"{name} has its columns", list(table.columns), [field["name"] for field in fields])
        key = resource["schema"]["primaryKey"]
        expect(f"{name} has one row per key", bool(table.duplicated(key).any()), False)
        for field in fields:
            cells = table[field["name"]].dropna()
            if field["type"] in ("array", "object"):
                wanted = list if field["type"] == "array" else dict
                fits = cells.map(lambda cell: isinstance(json.loads(cell), wanted)).all()
                expect(f"{name}.{field['name']} is JSON", bool(fits), True)
            elif field["type"] in ("date", "datetime") and len(cells):
                fits = cells.str.match(r"\d{4}-\d\d-\d\d").all()
                expect(f"{name}.{field['name']} has days", bool(fits), True)
    lines = pandas.read_json(io.StringIO(get(f"{BASE}/export.jsonl").text), lines=True)
    expect("the first line describes the lines", lines["export"].dropna().iloc[0]["cursor"], package["cursor"])
    records = len(lines) - 1
    without = ("citations", "treaty-status")
    found = sum(len(table) for name, table in tables.items() if name not in without)
    expect("JSON Lines and CSV have the same records", found, records)
    status, countries = tables["treaty-status"], tables["countries"]
    expect("Namibia is there", "NA" in set(countries["code"]), True)
    parties = status[(status["treaty"] == "ETS 185") & status["in_force"]]
    expect("Azerbaijan is a Party to the Budapest Convention", "AZ" in set(parties["country"]), True)
    named = parties.merge(countries, left_on="country", right_on="code")
    expect("each Party has a name", len(named), len(parties))


def try_frictionless():
    report = frictionless.validate(PACKAGE)
    errors = report.flatten(["title", "rowNumber", "fieldName", "message"])
    expect("the validator finds no error", (report.valid, errors[:5]), (True, []))
    expect("it read every file", len(report.tasks), 13)


try:
    try_pandas(get(PACKAGE).json())
    try_frictionless()
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
