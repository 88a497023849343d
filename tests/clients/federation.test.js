// A supergraph of this service and another subgraph: it composes, and a gateway answers queries over both.
//
// CYBERPROFILES_SUBGRAPH_URL is a server with the bundled data that is a subgraph.

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, before, test } from "node:test";
import { composeServices } from "@theguild/federation-composition";
import { getStitchedSchemaFromSupergraphSdl } from "@graphql-tools/federation";
import { buildSchema, execute, graphql, parse } from "graphql";

const url = `${process.env.CYBERPROFILES_SUBGRAPH_URL}/graphql`;

/** A subgraph of somebody else: it adds a field to countries and treaties, and knows them by their codes. */
const dialling = `
  type Country @key(fields: "code") { code: CountryCode! diallingCode: String }
  type Treaty @key(fields: "id") { id: ID! nickname: String }
  type PageInfo @shareable { hasNextPage: Boolean! }
  scalar CountryCode
  type Query { dialled(number: String!): [Country!]! treatyCalled(nickname: String!): Treaty }
`;
const codes = { AZ: "+994", FR: "+33", ZZ: "+999" };
const treaties = { "Treaty:ets-185": "Budapest" };

/** Its executable schema. */
function executable() {
  const entities = `
    scalar _Any
    union _Entity = Country | Treaty
    extend type Query { _entities(representations: [_Any!]!): [_Entity]! }
  `;
  const schema = buildSchema(dialling.replaceAll(/@(key\(.*?\)|shareable)/g, "") + entities);
  const fields = (name) => schema.getType(name).getFields();
  fields("Country").diallingCode.resolve = ({ code }) => codes[code] ?? null;
  fields("Treaty").nickname.resolve = ({ id }) => treaties[id] ?? null;
  const query = fields("Query");
  query.dialled.resolve = (_, { number }) =>
    Object.keys(codes).filter((code) => number.startsWith(codes[code])).map((code) => ({ code }));
  query.treatyCalled.resolve = (_, { nickname }) => {
    const [id] = Object.keys(treaties).filter((id) => treaties[id] === nickname);
    return id ? { id } : null;
  };
  query._entities.resolve = (_, { representations }) => representations;
  schema.getType("_Entity").resolveType = ({ __typename }) => __typename;
  return schema;
}

/** Sends a request to this service. */
async function ask(query) {
  const headers = { "content-type": "application/json" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ query }) });
  const { data, errors } = await response.json();
  assert.equal(errors, undefined);
  return data;
}

let server;
let supergraph;
let gateway;

before(async () => {
  const schema = executable();
  server = createServer(async (request, response) => {
    const body = JSON.parse(Buffer.concat(await request.toArray()).toString());
    const answer = await graphql({ schema, source: body.query, variableValues: body.variables });
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(answer));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  const { _service: { sdl } } = await ask("{ _service { sdl } }");
  const link = "extend schema @link(url: \"https://specs.apollo.dev/federation/v2.3\", import: [\"@key\", \"@shareable\"])";
  const composed = composeServices([
    { name: "profiles", url, typeDefs: parse(sdl) },
    { name: "dialling", url: `http://127.0.0.1:${server.address().port}`, typeDefs: parse(link + dialling) },
  ]);
  assert.equal(composed.errors, undefined);
  supergraph = composed.supergraphSdl;
  gateway = getStitchedSchemaFromSupergraphSdl({ supergraphSdl: supergraph, batch: true });
});

after(() => server.close());

/** The data of an answer of the gateway. */
async function data(query) {
  const answer = await execute({ schema: gateway, document: parse(query) });
  assert.equal(answer.errors, undefined);
  return JSON.parse(JSON.stringify(answer.data));
}

test("The supergraph has the keys, costs and specifications of this service", () => {
  for (const key of ["id", "recordId", "code"]) {
    assert.ok(supergraph.includes(`@join__type(graph: PROFILES, key: "${key}")`), key);
  }
  assert.match(supergraph, /@cost\(weight: \d+\)/);
  assert.match(supergraph, /@listSize\(\s*assumedSize: \d+/);
  assert.match(supergraph, /scalar Date .*@specifiedBy\(url: "https:/);
  assert.equal(supergraph.includes("_entities"), false);
});

test("A query of this service gets a field of the other subgraph", async () => {
  const { country } = await data("{ country(code: \"AZ\") { name diallingCode } }");
  assert.deepEqual(country, { name: "Azerbaijan", diallingCode: "+994" });
});

test("A query of the other subgraph gets fields of this service, by code and by id", async () => {
  const query = `{
    dialled(number: "+33 1") { name recordId treatyParticipations { treaty { reference nickname } } }
    treatyCalled(nickname: "Budapest") { reference title }
  }`;
  const found = await data(query);
  const { recordId, name, treatyParticipations } = found.dialled[0];
  assert.deepEqual([name, recordId], ["France", "Country:fr"]);
  const budapest = treatyParticipations.find(({ treaty }) => treaty.nickname === "Budapest");
  assert.equal(budapest.treaty.reference, "ETS 185");
  assert.deepEqual(found.treatyCalled, { reference: "ETS 185", title: "Convention on Cybercrime" });
});

test("A country that only the other subgraph knows has no fields of this service, and no error", async () => {
  const { dialled } = await data("{ dialled(number: \"+999\") { code diallingCode alpha3 } }");
  assert.deepEqual(dialled, [{ code: "ZZ", diallingCode: "+999", alpha3: null }]);
});

test("A page of this service gets a field of the other subgraph for each node", async () => {
  const { countries } = await data("{ countries(first: 100) { nodes { code diallingCode } pageInfo { hasNextPage } } }");
  assert.equal(countries.nodes.length, 100);
  assert.equal(countries.pageInfo.hasNextPage, true);
  for (const { code, diallingCode } of countries.nodes) {
    assert.equal(diallingCode, codes[code] ?? null, code);
  }
  assert.ok(countries.nodes.some(({ code }) => code === "AZ"));
});
