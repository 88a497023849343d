// Follows every accepted change over a WebSocket or server-sent events, and appends each to a file as one line, oldest
// first. The last line contains the cursor from which to continue, so the script may be killed at any moment.
//
//   node dist/follow.js ws|sse [URL [FILE]]
import { appendFileSync, existsSync, readFileSync, truncateSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient as overEvents } from "graphql-sse";
import { createClient as overSocket } from "graphql-ws";
import WebSocket from "ws";
import type { FollowSubscription, FollowSubscriptionVariables, OldestQuery } from "./generated.js";

const [transport = "ws", url = "http://127.0.0.1:8000/graphql", file = "changes.jsonl"] = process.argv.slice(2);
const documents = readFileSync(new URL("../follow.graphql", import.meta.url), "utf8");

type Change = FollowSubscription["changes"];
type Answer<Data> = { data?: Data | null; errors?: readonly unknown[] };

/** Returns the cursor of the last complete line, and removes an incomplete line after it. */
function resumed(): string | undefined {
  if (!existsSync(file)) return undefined;
  const bytes = readFileSync(file);
  const whole = bytes.subarray(0, bytes.lastIndexOf("\n") + 1);
  if (whole.length < bytes.length) truncateSync(file, whole.length);
  const last = whole.toString("utf8").trimEnd().split("\n").at(-1);
  return last ? (JSON.parse(last) as Change).cursor : undefined;
}

/** Fetches the cursor before the first change. */
async function oldest(): Promise<string> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ query: documents, operationName: "Oldest" }),
  });
  const answer = (await response.json()) as Answer<OldestQuery>;
  if (!answer.data) throw new Error(JSON.stringify(answer.errors));
  return answer.data.at.cursor;
}

/** Streams the changes after a cursor until the connection ends. The libraries must not reconnect by themselves: only
 * this script knows the last cursor that it has stored. */
function changes(after: string): AsyncIterable<Answer<FollowSubscription>> {
  const variables: FollowSubscriptionVariables = { after };
  const request = { query: documents, operationName: "Follow", variables };
  if (transport === "sse") {
    return overEvents({ url, retryAttempts: 0 }).iterate<FollowSubscription>(request);
  }
  const socket = `${url.replace(/^http/, "ws")}/ws`;
  const client = overSocket({ url: socket, webSocketImpl: WebSocket, retryAttempts: 0, keepAlive: 20_000 });
  return client.iterate<FollowSubscription>(request);
}

let after = resumed();
for (;;) {
  try {
    after ??= await oldest();
    for await (const answer of changes(after)) {
      if (!answer.data) throw new Error(JSON.stringify(answer.errors));
      const change = answer.data.changes;
      appendFileSync(file, `${JSON.stringify(change)}\n`);
      after = change.cursor;
    }
  } catch (error) {
    console.error("next attempt in a second:", error instanceof Error ? error.message : JSON.stringify(error));
  }
  await sleep(1_000);
}
