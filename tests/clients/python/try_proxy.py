"""A subscription through a proxy with TLS: over WebSocket and as an event stream, each event without delay.

CYBERPROFILES_URL is the https address of the proxy, and CYBERPROFILES_CERTIFICATE the file of its certificate.
"""

import asyncio
import json
import os
import ssl

import httpx
import websockets

BASE = os.environ["CYBERPROFILES_URL"]
CONTEXT = ssl.create_default_context(cafile=os.environ["CYBERPROFILES_CERTIFICATE"])
LAST = "{ changes(last: 2) { nodes { cursor sequence } } }"
CHANGES = "subscription Changes($after: Cursor) { changes(after: $after) { sequence } }"
# A proxy that collects events until its buffer is full would need longer.
AT_ONCE = 10


async def try_websocket(after, wanted):
    address = BASE.replace("https://", "wss://") + "/graphql/ws"
    async with websockets.connect(address, ssl=CONTEXT, subprotocols=["graphql-transport-ws"]) as socket:
        await socket.send(json.dumps({"type": "connection_init"}))
        assert json.loads(await socket.recv())["type"] == "connection_ack"
        payload = {"query": CHANGES, "variables": {"after": after}}
        await socket.send(json.dumps({"id": "1", "type": "subscribe", "payload": payload}))
        event = json.loads(await socket.recv())
        assert event["payload"]["data"]["changes"]["sequence"] == wanted, event
    print("ok: WebSocket")


async def try_event_stream(client, after, wanted):
    body = {"query": CHANGES, "variables": {"after": after}}
    headers = {"Accept": "text/event-stream"}
    async with client.stream("POST", "/graphql", json=body, headers=headers) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream"), stream.headers
        async for line in stream.aiter_lines():
            if line.startswith("data:") and "changes" in line:
                sequence = json.loads(line.removeprefix("data:"))["data"]["changes"]["sequence"]
                assert sequence == wanted, line
                break
        else:
            raise AssertionError("no event")
    print("ok: event stream")


async def main():
    async with httpx.AsyncClient(base_url=BASE, verify=CONTEXT) as client:
        answer = await client.post("/graphql", json={"query": LAST})
        before, last = answer.json()["data"]["changes"]["nodes"]
        followed = before["cursor"], last["sequence"]
        await asyncio.wait_for(try_websocket(*followed), AT_ONCE)
        await asyncio.wait_for(try_event_stream(client, *followed), AT_ONCE)


asyncio.run(main())
