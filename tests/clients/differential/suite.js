// Judges requests one by one and counts the results.

import { Canonical, Refused } from "./canonical.js";
import { difference, expected } from "./execution.js";
import { ask, each } from "./service.js";
import { verdict } from "./verdict.js";

/** The figures of a section. */
export const FIGURES = [
  "documents",
  "agree",
  "differ",
  "known",
  "limits",
  "data",
  "selections",
  "refusals",
  "located",
  "placed",
  "whole",
];

/** Number of selections in a document, as written. */
function selections(document) {
  let count = 0;
  const walk = (set) => {
    for (const selection of set?.selections ?? []) {
      count += 1;
      walk(selection.selectionSet);
    }
  };
  for (const definition of document.definitions) walk(definition.selectionSet);
  return count;
}

export class Suite {
  constructor(deviations = []) {
    this.deviations = deviations;
    this.needed = new Set();
    this.figures = {};
    this.disagreements = [];
    /** Refusals in which no error has a location that graphql-js has: not a disagreement, but worth a look. */
    this.elsewhere = [];
    this.values = new Map();
    this.contradictions = new Map();
    /** Number of values that were compared with the same value at another place. */
    this.compared = 0;
  }

  /** Judges the requests of a section, a few at a time. */
  async run(section, requests) {
    const figures = this.#of(section);
    await each(requests, async (request) => {
      const found = await this.judge(request, figures).catch((error) => {
        if (error instanceof Refused)
          return { kind: "canonical", cause: error.message, oracle: error.document, service: "" };
        return { kind: "suite", cause: "the suite itself failed", oracle: error.stack, service: "" };
      });
      this.note(section, request, found);
    });
  }

  /** Counts the result of a request: equal, a limit was reached, or different. */
  note(section, request, found) {
    const figures = this.#of(section);
    figures.documents += 1;
    if (found === "limit") figures.limits += 1;
    else if (!found) figures.agree += 1;
    else this.#differs(section, request, found, figures);
  }

  #of(section) {
    return (this.figures[section] ??= Object.fromEntries(FIGURES.map((name) => [name, 0])));
  }

  #differs(section, request, found, figures) {
    const known = this.deviations.find((one) => one.covers({ section, request, ...found }));
    if (known) {
      figures.known += 1;
      this.needed.add(known);
      return;
    }
    figures.differ += 1;
    this.disagreements.push({ section, request, ...found });
  }

  /** Difference between both answers to a request; null if they agree. */
  async judge(request, figures) {
    const found = await verdict(request);
    const { oracle, reply, outcome, isValid, placed, unequal } = found;
    const messages = oracle.errors.map((error) => error.message).join(" | ");
    const shown = { oracle: messages || "(valid)", service: reply.text };
    if (outcome === "limit") return "limit";
    if (outcome !== "agree") {
      const cause = isValid ? reply.answer.errors?.[0]?.message : oracle.errors[0].message;
      return { kind: outcome, cause: found.why ?? cause, ...shown };
    }
    if (placed) {
      figures.refusals += 1;
      if (placed.isSame) figures.placed += 1;
      else
        this.elsewhere.push({
          section: "refusals",
          request,
          kind: "another place",
          cause: oracle.errors[0].message,
          oracle: places(oracle.errors),
          service: reply.text,
        });
      if (!unequal) figures.whole += 1;
      if (placed.isTold) figures.located += 1;
      else
        return {
          kind: "no locations",
          cause: reply.answer.errors.find((error) => !error.locations)?.message,
          ...shown,
        };
    }
    if (unequal) {
      const cause = [...unequal.missing.map((one) => `- ${one}`), ...unequal.more.map((one) => `+ ${one}`)];
      return { kind: "faults", cause: cause.join(" | "), ...shown };
    }
    if (!isValid || !("data" in reply.answer)) return null;
    figures.selections += selections(oracle.document);
    const answer = await this.#expected(request, oracle);
    if (!answer) return null;
    figures.data += 1;
    const differs = difference(answer, reply);
    if (!differs) return null;
    return { ...differs, oracle: JSON.stringify({ data: answer.data, errors: answer.all }), service: reply.text };
  }

  /**
   * Checks that a field of a record has the same value at every place: alone, in a list, on an edge, below another
   * record.
   */
  #compare(canonical, request) {
    for (const { id, field, value, path } of canonical.values()) {
      const key = `${request.as ?? "anyone"} ${id} ${field}`;
      const first = this.values.get(key);
      if (!first) {
        this.values.set(key, { value, path });
        continue;
      }
      this.compared += 1;
      if (first.value !== value && !this.contradictions.has(key))
        this.contradictions.set(key, `${id} ${field}: ${first.value} at ${first.path}, ${value} at ${path}`);
    }
  }

  async #expected(request, { document, operation, variables }) {
    if (operation.operation === "mutation") return request.as ? expected(document, request, {}, echo) : null;
    const canonical = new Canonical(document, operation, variables);
    await canonical.fetch(async (text) => (await ask({ document: text, as: request.as })).answer);
    this.#compare(canonical, request);
    return expected(document, request, canonical.rootValue(), canonical.resolve.bind(canonical));
  }
}

/** A mutation with `validateOnly` returns its input. */
function echo(source, values, parent, name) {
  if (parent !== "Mutation") return source[name];
  const { title, rationale } = values.input;
  return { contribution: { title, rationale }, userErrors: [] };
}

function places(errors) {
  return errors
    .map(
      ({ message, locations = [] }) =>
        `${message} (${locations.map(({ line, column }) => `${line}:${column}`).join(", ")})`,
    )
    .join(" | ");
}
