// Documents of every kind, sent to the service and to graphql-js. The comparison covers validity, the answer byte for
// byte with the order of its keys, the places that are null, and the locations of errors.
//
// CYBERPROFILES_URL is a separate server with the bundled data and wide limits, CYBERPROFILES_EDITOR_TOKEN the token of
// an editor there. DIFFERENTIAL_SEED sets the random seed, DIFFERENTIAL_EDITS and DIFFERENTIAL_GENERATED the number of
// such documents. With DIFFERENTIAL_REPORT, the name of a file, nothing fails: figures and causes are written to it.

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { TypeInfo, parse, visit, visitWithTypeInfo } from "graphql-17";

import { deviations } from "./deviations.js";
import coercion from "./documents/coercion.js";
import language from "./documents/language.js";
import merging from "./documents/merging.js";
import semantics from "./documents/semantics.js";
import subscriptions from "./documents/subscriptions.js";
import validation from "./documents/validation.js";
import { edited } from "./edits.js";
import { generated, reachable } from "./generate.js";
import { known } from "./known.js";
import { mutate } from "./mutations.js";
import { judge, schema } from "./oracle.js";
import { Random } from "./random.js";
import { causes, describe, table } from "./report.js";
import { close } from "./service.js";
import { Suite } from "./suite.js";

const sections = [language, validation, merging, coercion, semantics, subscriptions];
const seed = Number(process.env.DIFFERENTIAL_SEED ?? 20250903);
const EDITS = Number(process.env.DIFFERENTIAL_EDITS ?? 800);
const GENERATED = Number(process.env.DIFFERENTIAL_GENERATED ?? 306);
const report = process.env.DIFFERENTIAL_REPORT;

/** Fewest documents of each section: a section with fewer has lost some. */
const LEAST = {
  language: 500,
  validation: 380,
  merging: 150,
  coercion: 500,
  semantics: 400,
  subscriptions: 110,
  mutations: 48,
};

const suite = new Suite(deviations);
let values;

before(async () => {
  console.log(`DIFFERENTIAL_SEED=${seed}`);
  values = await known();
});

after(() => {
  close();
  const text = `seed ${seed}, ${EDITS} edits, ${GENERATED} generated; ${suite.compared} values of records compared\n${table(suite.figures)}\n`;
  console.log(text);
  if (!report) return;
  const contradictions = [...suite.contradictions.values()].join("\n");
  const elsewhere = causes(suite.elsewhere);
  writeFileSync(
    report,
    `${text}\n${causes(suite.disagreements)}\n\n${contradictions}\n\nRefusals that name another place:\n\n${elsewhere}\n`,
  );
});

/** The documents of a section as requests. */
function requests({ valid, invalid, isSubscription = false }) {
  return [...valid, ...invalid].map((given) => {
    const request = typeof given === "string" ? { document: given } : given;
    const isPrompt = isSubscription && JSON.stringify(request).includes("OLDEST");
    return { ...JSON.parse(JSON.stringify(request).replaceAll("OLDEST", values.oldest)), isSubscription, isPrompt };
  });
}

/** Number of selected fields of each type. */
function byType(documents) {
  const counts = new Map();
  for (const { document } of documents) {
    const info = new TypeInfo(schema);
    const Field = () => {
      const { name } = info.getParentType();
      counts.set(name, (counts.get(name) ?? 0) + 1);
    };
    visit(parse(document), visitWithTypeInfo(info, { Field }));
  }
  return counts;
}

/**
 * Fails if a section has disagreements (the smallest documents are shown), too few documents, or too many that met a
 * limit.
 */
function agrees(section, least) {
  if (report) return;
  const found = suite.disagreements.filter((one) => one.section === section);
  const sorted = found.toSorted((a, b) => a.request.document.length - b.request.document.length);
  assert.equal(found.length, 0, `${found.length} disagreements\n\n${sorted.slice(0, 12).map(describe).join("\n\n")}`);
  const { documents, agree, known: accepted, limits } = suite.figures[section];
  assert.ok(documents >= least, `only ${documents} documents in ${section}`);
  assert.equal(agree + accepted + limits, documents);
  assert.ok(
    limits <= documents / 100,
    `${limits} of ${documents} documents in ${section} met a limit: give the server wide ones`,
  );
}

for (const one of sections) {
  test(`${one.section}: handwritten documents`, async () => {
    const documents = requests(one);
    const count = one.valid.length;
    for (const [at, request] of documents.entries()) {
      // Checks the author's intention, so that a typing error does not test something else.
      assert.equal(judge(request).errors.length === 0, at < count, `graphql-js judges otherwise: ${request.document}`);
    }
    await suite.run(one.section, documents);
    agrees(one.section, LEAST[one.section]);
  });
}

test("edits: valid documents with an edited token", async () => {
  // Requests without effects: anonymous clients may only send tips.
  const isPlain = (request) =>
    !request.as && request.document.length < 600 && !/\b(submitTip|subscription)\b/.test(request.document);
  const byHand = [language, validation, merging, coercion, semantics].flatMap(({ valid }) =>
    requests({ valid, invalid: [] }),
  );
  const from = [...byHand, ...generated(400, new Random(seed + 2), values)].filter(isPlain);
  // It is unknown if an edited subscription has an event to send at once, so the test does not wait for one.
  const streams = requests({ ...subscriptions, invalid: [] }).map((request) => ({ ...request, isPrompt: false }));
  const random = new Random(seed);
  const documents = [...edited(from, EDITS, random), ...edited(streams, EDITS / 10, random)];
  await suite.run("edits", documents);
  agrees("edits", EDITS);
});

test("generated: selections on every type and interface", async () => {
  const documents = generated(GENERATED, new Random(seed + 1), values);
  for (const request of documents) {
    const { errors } = judge(request);
    assert.equal(errors.length, 0, `generated, and not valid: ${errors[0]?.message}\n${request.document}`);
  }
  await suite.run("generated", documents);
  const composite = Object.values(schema.getTypeMap()).filter(
    (type) => "getFields" in type && !("isOneOf" in type) && !type.name.startsWith("__"),
  );
  const left = composite.map((type) => type.name).filter((name) => !reachable.includes(name));
  // Their fields are those of mutations, and are selected there.
  assert.deepEqual(left.sort(), [
    "ContributionPayload",
    "ImportProfilePagePayload",
    "Mutation",
    "Subscription",
    "UnmappedText",
    "VerifyRecordPayload",
    "WebhookPayload",
  ]);
  agrees("generated", GENERATED);
  const counts = byType(documents);
  const few = reachable.filter((name) => !(counts.get(name) >= 12));
  assert.deepEqual(few, [], "too few selections on these types");
  if (!report)
    assert.ok(suite.figures.generated.selections >= 5000, `only ${suite.figures.generated.selections} selections`);
});

test("a field of a record has the same value wherever it is found", () => {
  const found = [...suite.contradictions.values()];
  if (report) return;
  assert.equal(found.length, 0, `${found.length} contradictions\n${found.slice(0, 20).join("\n")}`);
  assert.ok(suite.compared >= 1000, `only ${suite.compared} values were compared`);
});

test("mutations: each is executed once, and none of a refused document", async () => {
  await mutate((request, found) => suite.note("mutations", request, found));
  agrees("mutations", LEAST.mutations);
});

test("every accepted deviation still exists", { skip: Boolean(report) }, () => {
  const unneeded = deviations.filter((one) => !suite.needed.has(one));
  assert.deepEqual(
    unneeded.map((one) => one.reason),
    [],
  );
});
