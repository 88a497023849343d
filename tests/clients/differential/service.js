// Requests to the service: over kept-alive connections, a few at a time.

import http from "node:http";

const base = process.env.CYBERPROFILES_URL ?? "http://127.0.0.1:8000";
const token = process.env.CYBERPROFILES_EDITOR_TOKEN;

/** Number of requests at the same time. */
export const CONCURRENCY = 4;

const agent = new http.Agent({ keepAlive: true, maxSockets: 4 * CONCURRENCY });

function post(body, headers, take) {
  return new Promise((resolve, reject) => {
    const request = http.request(`${base}/graphql`, {
      method: "POST",
      agent,
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers },
    });
    request.on("error", reject);
    request.on("response", (response) => take(response, resolve, reject, request));
    request.end(body);
  });
}

function read(response, resolve, reject) {
  const parts = [];
  response.on("data", (part) => parts.push(part));
  response.on("error", reject);
  response.on("end", () => resolve({ status: response.statusCode, text: Buffer.concat(parts).toString("utf8") }));
}

function identity(as) {
  if (!as) return {};
  if (!token) throw new Error("CYBERPROFILES_EDITOR_TOKEN must be the token of an editor");
  return { authorization: `Bearer ${token}` };
}

export function bodyOf({ document, variables, operationName }) {
  return JSON.stringify({ query: document, variables, operationName });
}

/** Sends one operation. Returns its status, the text of its answer, and the parsed answer. */
export async function ask(request) {
  const headers = { accept: "application/graphql-response+json", ...identity(request.as) };
  const { status, text } = await post(bodyOf(request), headers, read);
  let answer;
  try {
    answer = JSON.parse(text);
  } catch {
    throw new Error(`an answer that is no JSON (${status}): ${text.slice(0, 300)}`);
  }
  return { status, text, answer };
}

/**
 * Opens a subscription until it is known if it is refused. Returns its first event, or nothing after a time. A refusal
 * always arrives, so an expected one can be awaited.
 */
export function subscribe(request, patience) {
  return new Promise((resolve, reject) => {
    let under;
    const end = (answer) => {
      clearTimeout(timer);
      under.destroy();
      resolve(answer);
    };
    const timer = setTimeout(() => end({ silent: true }), patience);
    const headers = { accept: "text/event-stream", ...identity(request.as) };
    const body = bodyOf(request);
    under = http.request(`${base}/graphql`, {
      method: "POST",
      headers: { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers },
    });
    under.on("error", (error) => {
      if (!under.destroyed) reject(error);
    });
    under.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("error", () => {});
      const look = () => {
        if (response.statusCode !== 200) return;
        const found = /^event: next\r?\n(?:id: .*\r?\n)?data: (.*)\r?\n\r?\n/m.exec(text);
        if (found) end({ status: 200, text: found[1], answer: JSON.parse(found[1]) });
      };
      response.on("data", (part) => {
        text += part;
        look();
      });
      response.on("end", () => {
        if (response.statusCode !== 200) end({ status: response.statusCode, text, answer: JSON.parse(text) });
        else end({ status: 200, text, answer: { errors: [{ message: "ended without an event" }] } });
      });
    });
    under.end(body);
  });
}

/** Calls `act` for each item, a few at a time. Returns the results in the order of the items. */
export async function each(items, act, concurrency = CONCURRENCY) {
  const outcomes = new Array(items.length);
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      outcomes[at] = await act(items[at], at);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return outcomes;
}

export function close() {
  agent.destroy();
}
