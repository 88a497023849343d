#!/usr/bin/env python3
"""Keeps a copy of all records in a file, and proves after each change that the copy equals the service.

    mirror.py [URL [FILE]]

The copy begins with an export, and follows the changes after its cursor. It has the line of each record as an export
has it. The digest of a record is the SHA-256 of that line; the sum of all digests is the state digest, which the service
tells with each change. FILE is replaced after each page of changes, together with the cursor, so the script may be
killed at any moment. It needs Python's standard library alone.
"""

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request

URL = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:8000"
FILE = sys.argv[2] if len(sys.argv) > 2 else "mirror.json"
CHANGES = """query Changes($after: Cursor!) {
  changes(first: 50, after: $after) {
    nodes { cursor operation recordId record { exportLine } stateDigest }
    pageInfo { hasNextPage }
  }
}"""
SIZE = 2**256


class BeginAgain(Exception):
    """The service does not know the cursor: it was restored from a backup, or is another one."""


class Differs(Exception):
    """The copy is not equal to the service."""


def request(path, body=None):
    headers = {"Content-Type": "application/json"}
    data = json.dumps(body).encode() if body else None
    return urllib.request.urlopen(urllib.request.Request(URL + path, data, headers), timeout=60)


def ask(query, variables):
    with request("/graphql", {"query": query, "variables": variables}) as response:
        answer = json.load(response)
    errors = answer.get("errors", [])
    if any(error["extensions"]["code"] == "UNKNOWN_CURSOR" for error in errors):
        raise BeginAgain(errors[0]["message"])
    if errors:
        raise RuntimeError(errors)
    return answer["data"]


def digest(line):
    return int(hashlib.sha256(line.encode()).hexdigest(), 16)


def begin():
    """A copy from an export."""
    records, expected = {}, None
    with request("/export.jsonl") as response:
        cursor = response.headers["Cyberprofiles-Cursor"]
        for line in response:
            line = line.decode().removesuffix("\n")
            ((name, content),) = json.loads(line).items()
            if name == "export":
                expected = content["stateDigest"]
            else:
                records[f"{name.removeprefix('create')}:{content['key']}"] = line
    state = f"{sum(map(digest, records.values())) % SIZE:064x}"
    if state != expected:
        raise Differs(f"the export tells the state digest {expected}, and its lines have {state}")
    return {"cursor": cursor, "state": state, "records": records}


def apply(mirror, change):
    """Takes over one change, and compares the state digests."""
    records, record = mirror["records"], change["recordId"]
    operation, total = change["operation"], int(mirror["state"], 16)
    if operation in ("UPDATE", "RETIRE"):
        total -= digest(records.pop(record))
    if operation in ("CREATE", "UPDATE", "RESTORE"):
        records[record] = change["record"]["exportLine"]
        total += digest(records[record])
    mirror["state"], mirror["cursor"] = f"{total % SIZE:064x}", change["cursor"]
    if mirror["state"] != change["stateDigest"]:
        raise Differs(f"the copy differs from the service after {change['cursor']}")


def keep(mirror):
    with open(FILE + ".new", "w") as out:
        json.dump(mirror, out)
        out.flush()
        os.fsync(out.fileno())
    os.replace(FILE + ".new", FILE)


def stored():
    try:
        with open(FILE) as file:
            return json.load(file)
    except FileNotFoundError:
        return None


def main():
    mirror = stored()
    while True:
        try:
            if mirror is None:
                mirror = begin()
                keep(mirror)
            page = ask(CHANGES, {"after": mirror["cursor"]})["changes"]
            for change in page["nodes"]:
                apply(mirror, change)
            if page["nodes"]:
                keep(mirror)
            print(mirror["cursor"], mirror["state"], len(mirror["records"]), flush=True)
            if page["pageInfo"]["hasNextPage"]:
                continue
        except BeginAgain as error:
            print(f"the copy begins again: {error}", file=sys.stderr)
            mirror = None
            continue
        except (urllib.error.URLError, TimeoutError) as error:
            print(f"next attempt in a second: {error}", file=sys.stderr)
        time.sleep(1)


main()
