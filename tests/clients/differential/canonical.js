// The data that a document asks for, fetched by another document that uses none of the tested features.
//
// A canonical document is made from a valid one: no fragments but `... on T` for objects, no variables, no conditions,
// and no two fields that merge. Each object type lists each field with its arguments once, under a unique alias and on
// a separate line, so that the line of an error identifies the field. Then graphql-js executes the original document,
// and takes the value of each field from the answer to the canonical one.

import {
  GraphQLError,
  Kind,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
} from "graphql-17";

import { schema } from "./oracle.js";

/** A value of an input type as a literal. */
function literal(value, type) {
  if (value === null || value === undefined) return "null";
  const nullable = getNullableType(type);
  if (isListType(nullable)) return `[${value.map((one) => literal(one, nullable.ofType)).join(", ")}]`;
  if (isInputObjectType(nullable)) {
    const given = Object.values(nullable.getFields()).filter((field) => value[field.name] !== undefined);
    return `{${given.map((field) => `${field.name}: ${literal(value[field.name], field.type)}`).join(", ")}}`;
  }
  if (isEnumType(nullable)) return nullable.coerceOutputValue(value);
  return JSON.stringify(value);
}

/** Arguments in a canonical document: those that were given or have a default, in the order of the schema. */
function printed(definition, values) {
  const given = definition.args.filter((argument) => values[argument.name] !== undefined);
  if (given.length === 0) return "";
  return `(${given.map((argument) => `${argument.name}: ${literal(values[argument.name], argument.type)}`).join(", ")})`;
}

function fieldOf(type, name) {
  return type.getFields()[name];
}

export class Canonical {
  constructor(document, operation, variables) {
    this.variables = variables;
    this.fragments = new Map();
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) this.fragments.set(definition.name.value, definition);
    }
    this.entries = [];
    this.root = schema.getRootType(operation.operation);
    this.place = this.#place(this.root, [operation.selectionSet]);
    /** The first event of a subscription to changes equals the first change on the page that a query returns. */
    this.isEvent = operation.operation === "subscription";
    /** Errors of single elements of lists, by their path in the answer. */
    this.elements = new Map();
    this.answer = {};
  }

  /** Selected fields by name and arguments, for each object type that is possible at this place. */
  #place(type, selectionSets) {
    const types = new Map();
    const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
    for (const object of possible) {
      const selected = new Map();
      for (const set of selectionSets) this.#collect(object, set, selected, new Set());
      for (const entry of selected.values()) {
        entry.place = isCompositeType(getNamedType(entry.type))
          ? this.#place(getNamedType(entry.type), entry.sets)
          : null;
      }
      types.set(object.name, selected);
    }
    return { type, types };
  }

  #collect(object, set, selected, visited) {
    for (const selection of set.selections) {
      if (this.#isLeftOut(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        this.#field(object, selection, selected);
        continue;
      }
      let fragment = selection;
      if (selection.kind === Kind.FRAGMENT_SPREAD) {
        const name = selection.name.value;
        if (visited.has(name)) continue;
        visited.add(name);
        fragment = this.fragments.get(name);
      }
      if (applies(fragment.typeCondition, object)) this.#collect(object, fragment.selectionSet, selected, visited);
    }
  }

  #isLeftOut(selection) {
    const skip = getDirectiveValues(GraphQLSkipDirective, selection, this.variables);
    const include = getDirectiveValues(GraphQLIncludeDirective, selection, this.variables);
    return skip?.if === true || include?.if === false;
  }

  #field(object, node, selected) {
    const name = node.name.value;
    if (name.startsWith("__")) return;
    const definition = fieldOf(object, name);
    let values;
    try {
      values = getArgumentValues(definition, node, this.variables);
    } catch (error) {
      // graphql-js will report the same when it executes the document.
      if (error instanceof GraphQLError) return;
      throw error;
    }
    const text = name + printed(definition, values);
    let entry = selected.get(text);
    if (!entry) {
      entry = { alias: `f${this.entries.length}`, text, type: definition.type, sets: [], failure: null };
      this.entries.push(entry);
      selected.set(text, entry);
    }
    if (node.selectionSet) entry.sets.push(node.selectionSet);
  }

  /** Prints the document, and records the field that each of its lines selects. */
  print() {
    const lines = ["{"];
    const byLine = new Map();
    const write = (place) => {
      const isAbstract = isAbstractType(place.type);
      lines.push("t: __typename");
      if (isNode(place.type)) lines.push("i: id");
      for (const [name, selected] of place.types) {
        const entries = [...selected.values()].filter((entry) => !entry.failure);
        if (entries.length === 0) continue;
        if (isAbstract) lines.push(`... on ${name} {`);
        for (const entry of entries) {
          const isEvent = this.isEvent && place === this.place;
          const text = isEvent ? `${entry.text.replace("(", "(first: 1, ")} { nodes` : entry.text;
          lines.push(`${entry.alias}: ${text}${entry.place ? " {" : ""}`);
          byLine.set(lines.length, entry);
          if (entry.place) {
            write(entry.place);
            lines.push(isEvent ? "} }" : "}");
          }
        }
        if (isAbstract) lines.push("}");
      }
    };
    write(this.place);
    lines.push("}");
    return { text: lines.join("\n"), byLine };
  }

  /**
   * Sends the document until nothing fails. A failing field is left out, and fails wherever the original document
   * selects it.
   */
  async fetch(ask) {
    for (;;) {
      const { text, byLine } = this.print();
      this.document = text;
      if (byLine.size === 0) return;
      const answer = await ask(text);
      if (answer.errors && !("data" in answer)) throw new Refused(text, answer);
      let isComplete = true;
      for (const error of answer.errors ?? []) {
        const failure = { message: error.message, extensions: error.extensions };
        const entry = byLine.get(error.locations?.[0]?.line);
        if (!entry) throw new Refused(text, answer);
        const path = error.path ?? [];
        const field = path.findLast((step) => typeof step === "string");
        if (typeof path.at(-1) === "number" && field === entry.alias && at(answer.data, path) === null) {
          this.elements.set(path.join("."), failure);
        } else {
          entry.failure = failure;
          isComplete = false;
        }
      }
      this.answer = this.isEvent ? events(answer.data) : answer.data;
      if (isComplete) return;
      this.elements.clear();
    }
  }

  /** Values of current records: the id of the record, the field, the value, and the path in the answer. */
  *values() {
    yield* told(this.answer, this.place, []);
  }

  rootValue() {
    return { raw: this.answer, place: this.place, path: [] };
  }

  /** The value of a field for graphql-js. */
  resolve(source, values, parentType, name) {
    const object = schema.getType(parentType);
    const definition = fieldOf(object, name);
    const entry = source.place.types.get(parentType)?.get(name + printed(definition, values));
    if (!entry) throw new Error(`the canonical document lacks ${parentType}.${name}${printed(definition, values)}`);
    if (entry.failure) throw failed(entry.failure);
    const path = [...source.path, entry.alias];
    return this.#value(source.raw[entry.alias], entry, entry.type, path);
  }

  #value(raw, entry, type, path) {
    if (raw === null) {
      const failure = this.elements.get(path.join("."));
      return failure ? failed(failure) : null;
    }
    if (raw === undefined) return new Error(`the service left out ${path.join(".")} of the canonical document`);
    const nullable = getNullableType(type);
    // It is a list only if the schema has one: JSON values may be lists too.
    if (isListType(nullable) && Array.isArray(raw)) {
      return raw.map((one, index) => this.#value(one, entry, nullable.ofType, [...path, index]));
    }
    if (entry.place) return { raw, place: entry.place, path };
    return raw;
  }
}

/** True if objects of the type have an id of their own. */
function isNode(type) {
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [type];
  return possible.every((object) => schema.isSubType(schema.getType("Node"), object));
}

/** Fields below which records are read at another moment. */
const OTHER_MOMENTS = /^(at|changes|history|diff|contribution|contributions|record|before)\b/;

function* told(raw, place, path) {
  if (typeof raw !== "object" || raw === null) return;
  if (Array.isArray(raw)) {
    for (const one of raw) yield* told(one, place, path);
    return;
  }
  const selected = place.types.get(raw.t);
  if (!selected) return;
  for (const entry of selected.values()) {
    if (entry.failure) continue;
    const value = raw[entry.alias];
    if (entry.place) {
      if (!OTHER_MOMENTS.test(entry.text)) yield* told(value, entry.place, [...path, entry.text]);
    } else if (raw.i && value !== undefined) {
      yield { id: raw.i, field: entry.text, value: JSON.stringify(value), path: [...path, entry.text].join(" / ") };
    }
  }
}

/** The service refused a canonical document, or failed at none of its lines. */
export class Refused extends Error {
  constructor(document, answer) {
    super(`a canonical document was not executed: ${JSON.stringify(answer).slice(0, 500)}`);
    this.document = document;
    this.answer = answer;
  }
}

function applies(condition, object) {
  if (!condition) return true;
  const type = schema.getType(condition.name.value);
  return type === object || (isAbstractType(type) && schema.isSubType(type, object));
}

/** The value of each root field of a subscription in its first event. */
function events(data) {
  return data && Object.fromEntries(Object.entries(data).map(([key, page]) => [key, page?.nodes?.[0] ?? page]));
}

function failed({ message, extensions }) {
  return new GraphQLError(message, { extensions });
}

function at(data, path) {
  return path.reduce((value, step) => value?.[step], data);
}
