// Effects of mutations: as many tips are stored as graphql-js calls the resolver, and none by a refused document.

import assert from "node:assert/strict";

import { executeSync } from "graphql-17";

import { judge, schema } from "./oracle.js";
import { ask } from "./service.js";

const input = (message = "The agency was renamed.") => `input: { country: "AZ", message: "${message}" }`;
const tip = (selection = "contribution { id }", message) => `submitTip(${input(message)}) { ${selection} }`;

/** Documents that are executed. */
const executed = [
  `mutation { ${tip()} }`,
  `mutation { ${tip("a: contribution { id }")} ${tip("b: contribution { id }")} }`,
  `mutation { ${tip("contribution { id }")} ${tip("contribution { message }")} ${tip("userErrors { code }")} }`,
  `mutation { ...F ...F } fragment F on Mutation { ${tip()} }`,
  `mutation { ...F ${tip("contribution { isTip }")} ...G } fragment F on Mutation { ${tip()} } fragment G on Mutation { ...F }`,
  `mutation { ... on Mutation { ${tip()} } ... { ${tip("userErrors { code }")} } }`,
  `mutation { a: ${tip()} b: ${tip()} }`,
  `mutation { b: ${tip()} a: ${tip("contribution { id message }", "Another.")} b: ${tip("contribution { message }")} }`,
  `mutation { submitTip(${input()}) @skip(if: true) { contribution { id } } }`,
  `mutation { submitTip(${input()}) @include(if: false) { contribution { id } } a: ${tip()} }`,
  `mutation { ...F @skip(if: true) ...F } fragment F on Mutation { ${tip()} }`,
  `mutation { ...F @skip(if: true) } fragment F on Mutation { ${tip()} }`,
  `mutation { __typename ${tip("__typename contribution { __typename id }")} }`,
  {
    document:
      "mutation ($i: SubmitTipInput!) { submitTip(input: $i) { contribution { id } } submitTip(input: $i) { contribution { message } } }",
    variables: { i: { country: "AZ", message: "By variable." } },
  },
  {
    document:
      'mutation ($m: String!, $a: Boolean!) { submitTip(input: { country: "AZ", message: $m }) @include(if: $a) { contribution { message } } }',
    variables: { m: "By variable.", a: true },
  },
  {
    document:
      'mutation ($m: String!, $a: Boolean!) { submitTip(input: { country: "AZ", message: $m }) @include(if: $a) { contribution { message } } }',
    variables: { m: "By variable.", a: false },
  },
  { document: `mutation A { ${tip()} } mutation B { a: ${tip()} b: ${tip()} }`, operationName: "A" },
  { document: `query A { viewer { role } } mutation B { ${tip()} }`, operationName: "A" },
];

/** Documents that are not executed, although large parts of them are valid. */
const refused = [
  `mutation { a: ${tip()} b: withdrawContribution(input: "x") { userErrors { code } } }`,
  `mutation { a: ${tip()} b: withdrawContribution(input: 5) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: withdrawContribution(input: []) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: withdrawContribution(input: {}) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: acceptContribution(input: { id: "x", revision: 2147483648 }) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: acceptContribution(input: { id: "x", revision: "1" }) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: revertChange(input: { sequence: "1", rationale: "r" }) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: revertChange(input: { sequence: 1, rationale: 5 }) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: commentOnContribution(input: { id: "x", body: 5 }) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: submitTip(input: { country: 5, message: "x" }) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: submitTip(input: { country: "AZ", message: "x", foo: 1 }) { userErrors { code } } }`,
  `mutation { a: ${tip()} b: createContribution(input: { title: "t", rationale: "r", changes: [{}] }) { userErrors { code } } }`,
  `mutation { a: ${tip()} foo }`,
  `mutation { a: ${tip()} b: ${tip("foo")} }`,
  `mutation { a: ${tip()} __typename @foo }`,
  `mutation { a: ${tip()} __typename(a: 1) }`,
  `mutation { a: ${tip()} a: ${tip("contribution { id }", "Another.")} }`,
  `mutation { a: ${tip("b: contribution { id }")} a: ${tip("b: userErrors { code }")} }`,
  `mutation { a: ${tip()} ...F } fragment F on Query { viewer { role } }`,
  `mutation { a: ${tip()} } fragment F on Mutation { ${tip()} }`,
  `mutation { a: ${tip()} } mutation B { b: ${tip()} }`,
  `mutation () { a: ${tip()} }`,
  `mutation @foo { a: ${tip()} }`,
  `mutation ($a: Int) { a: ${tip()} }`,
  `mutation ($a: Int @foo) { a: ${tip()} b: acceptContribution(input: { id: "x", revision: $a }) { userErrors { code } } }`,
  {
    document: `mutation ($a: Int!) { a: ${tip()} b: acceptContribution(input: { id: "x", revision: $a }) { userErrors { code } } }`,
    variables: { a: "x" },
  },
  {
    document: `mutation ($a: Int!) { a: ${tip()} b: acceptContribution(input: { id: "x", revision: $a }) { userErrors { code } } }`,
    variables: {},
  },
  {
    document: `mutation ($m: Markdown!) { a: ${tip()} b: commentOnContribution(input: { id: "x", body: $m }) { userErrors { code } } }`,
    variables: { m: 5 },
  },
  { document: `mutation A { a: ${tip()} } query B { foo }`, operationName: "A" },
  {
    document: `mutation A { a: ${tip()} } query B { viewer { role } } fragment F on Query { viewer { role } }`,
    operationName: "A",
  },
  { document: `mutation A { a: ${tip()} } mutation A { b: ${tip()} }`, operationName: "A" },
  { document: `mutation A { a: ${tip()} }`, operationName: "B" },
];

async function stored() {
  const { answer } = await ask({ document: "{ contributions { totalCount } }", as: "editor" });
  return answer.data.contributions.totalCount;
}

/** Replaces ids of contributions by numbers, in the order in which they occur. */
function numbered(text) {
  const ids = [];
  return text.replace(/Contribution:[0-9a-z]+/g, (id) => {
    if (!ids.includes(id)) ids.push(id);
    return `#${ids.indexOf(id) + 1}`;
  });
}

/** Answer of graphql-js, and its number of calls of the resolver. */
function called(request, document) {
  let count = 0;
  const result = executeSync({
    schema,
    document,
    variableValues: request.variables,
    operationName: request.operationName,
    fieldResolver: (source, { input: given }, _context, info) => {
      if (info.parentType.name === "Query") return { role: "ANONYMOUS" };
      if (info.parentType.name !== "Mutation") return source[info.fieldName];
      count += 1;
      return { contribution: { id: `#${count}`, message: given.message, isTip: true }, userErrors: [] };
    },
  });
  assert.equal(result.errors, undefined);
  return { count, text: numbered(JSON.stringify(result)) };
}

/** Sends the mutations one after the other, and passes the difference of each, or nothing, to `outcome`. */
export async function mutate(outcome) {
  for (const [documents, isValid] of [
    [executed, true],
    [refused, false],
  ]) {
    for (const given of documents) {
      const request = typeof given === "string" ? { document: given } : given;
      const oracle = judge(request);
      assert.equal(oracle.errors.length === 0, isValid, `graphql-js judges otherwise: ${request.document}`);
      const expected = isValid ? called(request, oracle.document) : { count: 0 };
      const before = await stored();
      const { text, answer } = await ask(request);
      const count = (await stored()) - before;
      const said = numbered(text);
      const shown = {
        oracle: `${expected.count} stored, ${expected.text ?? oracle.errors[0].message}`,
        service: `${count} stored, ${said}`,
      };
      if (count !== expected.count)
        outcome(request, { kind: "effect", cause: `${count} stored instead of ${expected.count}`, ...shown });
      else if (isValid && said !== expected.text)
        outcome(request, { kind: "data", cause: "the answer of a mutation differs", ...shown });
      else if (!isValid && "data" in answer)
        outcome(request, { kind: "accepted", cause: oracle.errors[0].message, ...shown });
      else outcome(request, null);
    }
  }
}
