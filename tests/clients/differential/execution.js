// The answer of graphql-js to a valid document over the data of the service, and its comparison with the answer of the
// service.

import {
  Kind,
  buildASTSchema,
  executeSync,
  getNamedType,
  getNullableType,
  isAbstractType,
  isListType,
  isNonNullType,
  parse,
  printSchema,
  visit,
} from "graphql-17";

import { schema } from "./oracle.js";

/** The same schema with all fields nullable: each error stays at its place. */
const lenient = buildASTSchema(
  visit(parse(printSchema(schema)), {
    FieldDefinition(node) {
      return { ...node, type: without(node.type) };
    },
  }),
  { assumeValid: true },
);

function without(type) {
  if (type.kind === Kind.NON_NULL_TYPE) return without(type.type);
  return type.kind === Kind.LIST_TYPE ? { ...type, type: without(type.type) } : type;
}

for (const type of Object.values(lenient.getTypeMap())) {
  const own = schema.getType(type.name);
  for (const name of [
    "coerceInputValue",
    "coerceInputLiteral",
    "coerceOutputValue",
    "parseValue",
    "parseLiteral",
    "serialize",
  ]) {
    if (own && Object.hasOwn(own, name) && typeof own[name] === "function") type[name] = own[name];
  }
}

/**
 * Answer of graphql-js: its data, all errors of its fields, and for each error the place that becomes null through it.
 */
export function expected(document, request, rootValue, resolve) {
  const types = new Map();
  const nodes = new Map();
  const args = (over, isNoted) => ({
    schema: over,
    document,
    rootValue,
    variableValues: request.variables,
    operationName: request.operationName,
    fieldResolver: (source, values, _context, info) => {
      if (isNoted) {
        const parent = schema.getType(info.parentType.name);
        types.set(steps(info.path).join("."), parent.getFields()[info.fieldName].type);
        nodes.set(steps(info.path).join("."), info.fieldNodes);
      }
      return resolve(source, values, info.parentType.name, info.fieldName);
    },
    typeResolver: (value) => value.raw.t,
  });
  const { data, errors } = executeSync(args(schema, false));
  const all = executeSync(args(lenient, true)).errors ?? [];
  for (const error of all) noteRefused(error, types, nodes, document);
  const typeAt = (path) => {
    let depth = path.length;
    while (depth > 0 && typeof path[depth - 1] === "number") depth -= 1;
    let type = types.get(path.slice(0, depth).join("."));
    for (const _ of path.slice(depth)) {
      const nullable = type && getNullableType(type);
      type = isListType(nullable) ? nullable.ofType : undefined;
    }
    return type;
  };
  const target = (path) => {
    let nulled = path;
    while (nulled.length > 0) {
      const type = typeAt(nulled);
      if (!type || !isNonNullType(type)) return nulled;
      nulled = nulled.slice(0, -1);
    }
    return nulled;
  };
  // Field errors of the service have a code, argument errors of graphql-js have none. Any other error means that the
  // service's answer violates the schema.
  const unsound = [...(errors ?? []), ...all].find(
    (error) => !error.extensions?.code && !error.message.startsWith("Argument "),
  );
  const isIntrospection = /\b__(schema|type)\b/.test(request.document);
  return {
    data,
    isIntrospection,
    unsound: unsound?.message,
    all: all.map((error) => ({ ...shown(error), nulls: target(error.path) })),
  };
}

/** Records the type of a field that was not resolved, because its arguments could not be coerced. */
function noteRefused({ path }, types, nodes, document) {
  const key = path.join(".");
  if (typeof path.at(-1) !== "string" || types.has(key)) return;
  const above = path.slice(0, path.slice(0, -1).findLastIndex((step) => typeof step === "string") + 1).join(".");
  const roots = document.definitions.filter((one) => one.kind === Kind.OPERATION_DEFINITION);
  const name = named(path.at(-1), above ? nodes.get(above) : roots, document);
  const parent = above ? getNamedType(types.get(above)) : schema.getQueryType();
  const possible = isAbstractType(parent) ? [parent, ...schema.getPossibleTypes(parent)] : [parent];
  types.set(key, possible.map((type) => type.getFields()[name]).find(Boolean).type);
}

/** Name of the field behind a response key in a selection. */
function named(key, selecting, document) {
  for (const { selectionSet } of selecting) {
    for (const selection of selectionSet?.selections ?? []) {
      if (selection.kind === Kind.FIELD) {
        if ((selection.alias ?? selection.name).value === key) return selection.name.value;
        continue;
      }
      const isNamed = selection.kind === Kind.FRAGMENT_SPREAD;
      const fragment = isNamed
        ? document.definitions.find(
            (one) => one.kind === Kind.FRAGMENT_DEFINITION && one.name.value === selection.name.value,
          )
        : selection;
      const found = named(key, [fragment], document);
      if (found) return found;
    }
  }
  return undefined;
}

function shown(error) {
  return { message: error.message, path: error.path, locations: error.locations, code: error.extensions?.code };
}

function steps(path) {
  const keys = [];
  for (let at = path; at; at = at.prev) keys.unshift(at.key);
  return keys;
}

function begins(path, prefix) {
  return prefix.length <= path.length && prefix.every((step, at) => step === path[at]);
}

/**
 * Difference between an answer and that of graphql-js; null if there is none. Data are compared byte for byte. If
 * several errors make the same place null, or lie below such a place, the specification does not define which are
 * reported. All other errors are reported once.
 */
export function difference({ data, all, unsound, isIntrospection }, { text, answer }) {
  // The answer to a canonical document violates the schema by itself.
  if (unsound) return { kind: "data", cause: unsound };
  if (isIntrospection) {
    const [wanted, got] = [unordered(JSON.parse(JSON.stringify(data))), unordered(answer.data)];
    if (JSON.stringify(wanted) !== JSON.stringify(got)) return { kind: "data", cause: changed(wanted, got) };
  } else if (!text.endsWith(`"data":${JSON.stringify(data ?? null)}}`)) {
    return { kind: "data", cause: changed(data ?? null, answer.data) ?? "the data are written differently" };
  }
  const told = answer.errors ?? [];
  const paths = new Set();
  for (const error of told) {
    const path = error.path ?? [];
    const key = JSON.stringify(path);
    const same = all.filter((one) => JSON.stringify(one.path) === key);
    if (same.length === 0)
      return { kind: "errors", cause: `an error at a path that graphql-js has not: ${shape(path)}: ${error.message}` };
    if (paths.has(key)) return { kind: "errors", cause: `two errors at ${shape(path)}` };
    paths.add(key);
    const match = same.find(
      (one) => one.code === undefined || (one.message === error.message && one.code === error.extensions?.code),
    );
    if (!match) return { kind: "errors", cause: `another message at ${shape(path)}: ${error.message}` };
    if (!(error.locations?.length > 0)) return { kind: "errors", cause: `no locations at ${shape(path)}` };
    // For an argument that cannot be coerced graphql-js names the value, but the field is an equally valid place.
    if (match.code === undefined) continue;
    const places = new Set(match.locations.map(({ line, column }) => `${line}:${column}`));
    if (!error.locations.every(({ line, column }) => places.has(`${line}:${column}`)))
      return { kind: "errors", cause: `another location at ${shape(path)}` };
  }
  for (const error of all) {
    if (all.some((other) => other.nulls.length < error.nulls.length && begins(error.nulls, other.nulls))) continue;
    const isTold = all.some(
      (other) => JSON.stringify(other.nulls) === JSON.stringify(error.nulls) && paths.has(JSON.stringify(other.path)),
    );
    if (!isTold)
      return { kind: "errors", cause: `no error for what is null at ${shape(error.nulls)}: ${error.message}` };
  }
  return null;
}

/** Types and fields of a schema have no order: sorts the lists in an answer to introspection. */
function unordered(value) {
  if (Array.isArray(value)) {
    const sorted = value
      .map(unordered)
      .map((one) => JSON.stringify(one))
      .sort();
    return sorted.map((one) => JSON.parse(one));
  }
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unordered(one)]));
}

function shape(path) {
  return path.map((step) => (typeof step === "number" ? "#" : step)).join(".") || "(no path)";
}

/** The first difference of two answers, in a few words. */
function changed(wanted, got, path = []) {
  const where = path.map((step) => (typeof step === "number" ? "#" : step)).join(".") || "data";
  const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);
  if (isObject(wanted) && isObject(got)) {
    const keys = Object.keys(wanted);
    const others = Object.keys(got);
    const missing = keys.find((key) => !others.includes(key));
    if (missing) return `${where} lacks a key`;
    const surplus = others.find((key) => !keys.includes(key));
    if (surplus) return `${where} has a key too many`;
    for (const key of keys) {
      const found = changed(wanted[key], got[key], [...path, key]);
      if (found) return found;
    }
    return keys.join() === others.join() ? null : `${where} has its keys in another order`;
  }
  if (Array.isArray(wanted) && Array.isArray(got)) {
    if (wanted.length !== got.length) return `${where} has ${got.length} elements instead of ${wanted.length}`;
    for (const [at, one] of wanted.entries()) {
      const found = changed(one, got[at], [...path, at]);
      if (found) return found;
    }
    return null;
  }
  return Object.is(wanted, got)
    ? null
    : `${where} is ${JSON.stringify(got)?.slice(0, 60)} instead of ${JSON.stringify(wanted)?.slice(0, 60)}`;
}
