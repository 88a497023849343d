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
  return { request, oracle, reply, isValid, ...held(request, oracle, reply, isValid) };
}

function held(request, oracle, { answer, status }, isValid) {
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
  return { outcome: "agree", placed: placed(oracle, errors), unequal: unequal(oracle, errors, request.document) };
}

/** Number of faults that the service lists. One error more states that there are others. */
const MAX_FAULTS = 20;

/**
 * Differences between the faults of both: messages of graphql-js without a fault of the service at one of their places,
 * and the reverse. The place of a fault in the value of a variable is its path. Parts of a field that does not exist are
 * not compared: the service does not validate them. Null if the faults are the same, and for a document that cannot be
 * parsed: graphql-js has one fault then.
 */
function unequal(oracle, errors, text) {
  if (!["validate", "variables"].includes(oracle.stage)) return null;
  const offset = nameAt(text);
  const of = oracle.stage === "validate" ? ({ locations = [] }) => locations.map(offset) : pathOf;
  const listed = errors.slice(0, MAX_FAULTS);
  const [theirs, ours] = [oracle.errors, listed].map((all) => new Set(all.flatMap(of)));
  const lacks = (known) => (error) => {
    const places = of(error);
    return places.length > 0 && !places.some((one) => known.has(one));
  };
  // Of more faults than are listed, each that is listed must be one.
  const unlisted = errors.length > MAX_FAULTS ? [] : oracle.errors.filter(lacks(ours));
  const missing = unlisted.filter((error) => !isOfUnknownField(error, oracle));
  const more = listed.filter(lacks(theirs));
  if (missing.length + more.length === 0) return null;
  return { missing: missing.map(({ message }) => message), more: more.map(({ message }) => message) };
}

/** True for a fault of a part of a field that does not exist. */
function isOfUnknownField({ nodes = [] }, oracle) {
  const unknown = oracle.errors.filter(({ message }) => message.startsWith("Cannot query field "));
  const fields = unknown.map((error) => error.nodes[0].loc);
  return nodes.some(({ loc }) => fields.some((field) => loc.start > field.start && loc.end <= field.end));
}

/** What may come before the name of a part of a document: one names the part, the other its beginning. */
const BEFORE_NAME = /(?:[\s,[$]|"(?:""[^]*?""|[^"\n]*)"|\.\.\.|(?:query|mutation|subscription|fragment)\b(?=\s+\w)|\w+\s*:)*/y;

/** Returns a function from a location to the offset of the name that follows there. */
function nameAt(text) {
  const lines = [0, ...[...text.matchAll(/\r\n|\n|\r/g)].map((end) => end.index + end[0].length)];
  return ({ line, column }) => {
    BEFORE_NAME.lastIndex = lines[line - 1] + column - 1;
    BEFORE_NAME.exec(text);
    return BEFORE_NAME.lastIndex;
  };
}

/** Path of a fault in the value of a variable, as in `$filter.codes[0]`. */
function pathOf({ message }) {
  const theirs = /^Variable "(\$\w+)" has invalid value(?: at (\S*?))?:/.exec(message);
  if (theirs) return [`${theirs[1]}${theirs[2] ?? ""}`];
  const ours = /^(\$\w+\S*?): /.exec(message);
  return ours ? [ours[1]] : [];
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
