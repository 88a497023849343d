"""gql for Python: the schema by introspection, queries validated with it, errors, and the log over a WebSocket.

CYBERPROFILES_URL is a server with the bundled data.
"""

import asyncio
import os
import sys

import httpx
from gql import Client, GraphQLRequest, gql
from gql.transport.exceptions import TransportQueryError
from gql.transport.httpx import HTTPXAsyncTransport
from gql.transport.websockets import WebsocketsTransport
from graphql import GraphQLError, build_schema, lexicographic_sort_schema, print_schema

BASE = os.environ["CYBERPROFILES_URL"]

STANDING = gql("""
    query Standing($code: CountryCode!, $treaty: TreatyReference!) {
      country(code: $code) { name treatyStatus(treaty: $treaty) { ...standing } }
    }
    fragment standing on TreatyParticipation { status since { edtf } }
""")
BESIDE = gql("""
    { known: country(code: "AZ") { name } asked: country(code: "AZ") { history(first: 1000) { totalCount } } }
""")
OLDEST = gql("""
    {
      at(knownAt: "1970-01-01T00:00:00Z") { cursor }
      changes(first: 5) { nodes { cursor sequence operation recordId } }
    }
""")
CHANGES = gql("""
    subscription Changes($after: Cursor) { changes(after: $after) { cursor sequence operation recordId } }
""")


class Differs(Exception):
    """An answer differs from the expected one."""


def expect(what, found, wanted):
    if found != wanted:
        raise Differs(f"{what}: expected {wanted!r}, found {found!r}")
    print(f"ok: {what}")


def over_http(**options):
    return Client(transport=HTTPXAsyncTransport(url=f"{BASE}/graphql"), **options)


def printed(schema):
    """A schema as text, without its description, which only introspection has."""
    schema.description = None
    return print_schema(lexicographic_sort_schema(schema))


async def try_http():
    told = {"input_object_one_of": True, "specified_by_url": True}
    async with over_http(fetch_schema_from_transport=True, introspection_args=told) as session:
        published = build_schema(httpx.get(f"{BASE}/schema.graphql").raise_for_status().text)
        same = printed(session.client.schema) == printed(published)
        expect("introspection tells the published schema", same, True)

        answer = await session.execute(GraphQLRequest(STANDING, variable_values={"code": "AZ", "treaty": "ETS 185"}))
        standing = {"status": "PARTY", "since": {"edtf": "2010-07-01"}}
        country = {"name": "Azerbaijan", "treatyStatus": standing}
        expect("a query with variables and a fragment", answer, {"country": country})

        try:
            await session.execute(gql("{ country(code: \"AZ\") { weather } }"))
            raise Differs("an unknown field: expected to be refused")
        except GraphQLError as error:
            message = "Cannot query field 'weather' on type 'Country'."
            expect("an unknown field is refused before it is sent", error.message, message)

        try:
            await session.execute(BESIDE)
            raise Differs("a field that fails: expected an error")
        except TransportQueryError as error:
            found = [(one["path"], one["extensions"]["code"]) for one in error.errors]
            expect("an error of a field has its code", found, [(["asked", "history"], "BAD_USER_INPUT")])
            expect("the rest is there", error.data, {"known": {"name": "Azerbaijan"}, "asked": None})


async def try_unchecked():
    async with over_http() as session:
        try:
            await session.execute(gql("{ weather }"))
            raise Differs("a document that cannot be executed: expected an error")
        except TransportQueryError as error:
            codes = [one["extensions"]["code"] for one in error.errors]
            expect("a document that cannot be executed has its code", codes, ["BAD_USER_INPUT"])


async def try_socket():
    async with over_http() as session:
        answer = await session.execute(OLDEST)
    wanted = answer["changes"]["nodes"]
    expect("the log begins", [change["sequence"] for change in wanted], [1, 2, 3, 4, 5])
    address = f"{BASE.replace('http', 'ws', 1)}/graphql/ws"
    transport = WebsocketsTransport(
        url=address,
        # Without a bound: with one, websockets may stop reading, and then waits in vain for the close.
        connect_args={"max_queue": None},
    )
    told = []
    async with Client(transport=transport) as session:
        request = GraphQLRequest(CHANGES, variable_values={"after": answer["at"]["cursor"]})
        async for change in session.subscribe(request):
            told.append(change["changes"])
            if len(told) == 5:
                break
    expect("a subscription tells the log from its beginning", told, wanted)


async def main():
    await try_http()
    await try_unchecked()
    await try_socket()


try:
    asyncio.run(asyncio.wait_for(main(), timeout=30))
except Exception as error:
    sys.exit(f"{type(error).__name__}: {error}")
