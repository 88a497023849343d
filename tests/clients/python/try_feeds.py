"""Feeds, read by feedparser and checked against the grammar of Atom (RFC 4287), and walked by their archive pages.

PyPI and npm have no validator of Atom that fits: the W3C Feed Validator is a web service without a package, and
feedparser accepts feeds that are not valid. The grammar is that of RFC 4287, appendix B.

CYBERPROFILES_URL is a server with the bundled data and the default public address.
"""

import os
import sys
from pathlib import Path

import feedparser
import httpx
from lxml import etree

BASE = os.environ["CYBERPROFILES_URL"]
PUBLIC = "http://localhost:8000"
ATOM = "{http://www.w3.org/2005/Atom}"
HISTORY = "{http://purl.org/syndication/history/1.0}"
GRAMMAR = etree.RelaxNG(etree.parse(Path(__file__).with_name("atom.rng")))
FEEDS = {
    "/feed.atom": {},
    "/countries/az/feed.atom": {"countries": ["AZ"]},
    "/treaties/ets-185/feed.atom": {"treaties": ["ETS 185"]},
    "/search/feed.atom?q=cybercrime+police": None,
}
# Each feed is walked so far; those of a country and of a treaty to the end.
MOST_PAGES = {"/feed.atom": 5, "/search/feed.atom?q=cybercrime+police": 5}

client = httpx.Client(base_url=BASE, timeout=120)


class Differs(Exception):
    """An answer differs from the expected one."""


def expect(what, found, wanted):
    if found != wanted:
        raise Differs(f"{what}: expected {wanted!r}, found {found!r}")


def here(address):
    """A public address as a path of the server."""
    expect("an address begins with the public one", address[: len(PUBLIC)], PUBLIC)
    return address[len(PUBLIC):]


def document(path):
    """The entries of a document, and its links by relation. It must be valid."""
    response = client.get(path).raise_for_status()
    root = etree.fromstring(response.content)
    if not GRAMMAR.validate(root):
        raise Differs(f"{path}: {GRAMMAR.error_log}")
    read = feedparser.parse(response.content, response_headers={"content-type": response.headers["content-type"]})
    expect(f"feedparser reads {path}", (read.bozo, read.version), (False, "atom10"))
    expect(f"the entries of {path}", len(read.entries), len(root.findall(f"{ATOM}entry")))
    for entry in read.entries:
        expect("an entry is complete", [name for name in ("id", "title", "link", "updated_parsed", "summary", "author")
                                        if not entry.get(name)], [])
    links = {link.get("rel"): link.get("href") for link in root.findall(f"{ATOM}link")}
    is_archive = root.find(f"{HISTORY}archive") is not None
    expect(f"{path} is an archive page", is_archive, "archive=" in path)
    expect("an archive page names the feed", "current" in links, is_archive)
    return read.entries, links


def changes(filter):
    query = "query($filter: ChangeFilter) { changes(filter: $filter) { totalCount } }"
    answer = client.post("/graphql", json={"query": query, "variables": {"filter": filter}}).json()
    return answer["data"]["changes"]["totalCount"]


for path, filter in FEEDS.items():
    try:
        entries, links = document(path)
        first = entries[0]
        page = client.get(here(first.link)).raise_for_status().json()
        expect("the link of an entry is a permalink", page["record"]["permalink"], first.link)
        pages, ids, days = 1, [entry.id for entry in entries], [entry.updated for entry in entries]
        while "prev-archive" in links and pages < MOST_PAGES.get(path, 10_000):
            entries, links = document(here(links["prev-archive"]))
            ids += [entry.id for entry in entries]
            days += [entry.updated for entry in entries]
            pages += 1
        expect("no entry comes twice", len(set(ids)), len(ids))
        expect("the newest entry comes first", days, sorted(days, reverse=True))
        if path not in MOST_PAGES:
            expect("every change is an entry", len(ids), changes(filter))
        print(f"ok: {path}, {pages} pages, {len(ids)} entries")
    except Exception as error:
        sys.exit(f"{path}: {type(error).__name__}: {error}")
