// Verdicts: the decision of graphql-js and of the service to execute a request, and the locations of their errors.

import { judge } from "./oracle.js";
import { ask, subscribe } from "./service.js";

/** Codes of refusals by limits of the service; they do not concern the language. */
const LIMITS = new Set(["TOO_COMPLEX", "RATE_LIMITED", "TIMEOUT", "UNAVAILABLE"]);

/** Milliseconds for which the client waits on a subscription: if an event must arrive, and if none need arrive. */
const PATIENCE = { told: 10_000, silent: 250 };

/**
 * Verdict of both on a request. `outcome` is one of `agree`, `accepted` (by the service alone), `refused` (by it
 * alone), `limit` and `broken` (an invalid answer). For a refusal, `placed` states if each of its errors has a
 * location, and if one of them has a location that graphql-js has; null if graphql-js has none.
 */
export async function verdict(request) {
  const oracle = judge(request);
  const isValid = oracle.errors.length === 0;
  let reply;
  if (oracle.operation?.operation === "subscription" || request.isSubscription) {
    reply = await subscribe(request, isValid && !request.isPrompt ? PATIENCE.silent : PATIENCE.told);
    if (reply.silent) reply = { status: 200, text: "", answer: { silent: true } };
  } else {
    reply = await ask(request);
  }
  return { request, oracle, reply, isValid, ...held(oracle, reply, isValid) };
}

function held(oracle, { answer, status }, isValid) {
  if (answer.silent) return { outcome: isValid ? "agree" : "accepted" };
  const errors = answer.errors ?? [];
  if (errors.some((error) => LIMITS.has(error.extensions?.code))) return { outcome: "limit" };
  // A stream that could not be opened has no data: its error is that of the field, and has its path.
  const isStream = oracle.operation?.operation === "subscription";
  const isExecuted = "data" in answer || (isStream && errors.length > 0 && errors.every((error) => error.path));
  if (!isExecuted && errors.length === 0) return { outcome: "broken", why: "neither data nor errors" };
  if (status !== (isExecuted ? 200 : 400) && status !== 200) return { outcome: "broken", why: `status ${status}` };
  if (errors.some((error) => error.extensions?.code === "INTERNAL")) return { outcome: "broken", why: "INTERNAL" };
  if (isExecuted) return { outcome: isValid ? "agree" : "accepted" };
  if (isValid) return { outcome: "refused" };
  return { outcome: "agree", placed: placed(oracle, errors) };
}

function placed(oracle, errors) {
  const places = new Set(oracle.errors.flatMap((error) => (error.locations ?? []).map(place)));
  if (places.size === 0) return null;
  return {
    isTold: errors.every((error) => error.locations?.length > 0),
    isSame: errors.some((error) => error.locations?.some((location) => places.has(place(location)))),
  };
}

function place({ line, column }) {
  return `${line}:${column}`;
}
