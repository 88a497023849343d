// Valid documents generated from the schema: selections on every type and interface, with arguments that find
// something, aliases, fragments, conditions, variables, and repeated fields.
//
// In the whole document, each response key means one field with one set of arguments and one type. So all fields with
// the same key can be merged.

import {
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
} from "graphql-17";

import { schema } from "./oracle.js";

/** Unpaged lists that are too long for large selections below them. */
const LONG = new Set(["statuses", "timeline"]);
/** Fields whose answer changes from one moment to the next. */
const UNSTEADY = new Set(["knownAt"]);
/** Types that only editors see. */
const OF_EDITORS = /^(Contribution|Proposed|Comment|FieldConflict|Actor)/;
const MOST = { selections: 30, depth: 6 };

/** A shortest path from the query to each type; through a long list only if there is no other. */
function ways() {
  const query = schema.getQueryType();
  const found = new Map([[query.name, []]]);
  spread(found, [query], false);
  spread(
    found,
    [...found.keys()].map((name) => schema.getType(name)),
    true,
  );
  return found;
}

function spread(found, waiting, isLong) {
  while (waiting.length > 0) {
    const type = waiting.shift();
    const reach = (next, step) => {
      if (found.has(next.name)) return;
      found.set(next.name, [...found.get(type.name), step]);
      waiting.push(next);
    };
    for (const field of Object.values(type.getFields())) {
      const next = getNamedType(field.type);
      if (isCompositeType(next) && (isLong || !LONG.has(field.name))) reach(next, { field: field.name });
    }
    if (isAbstractType(type)) for (const next of schema.getPossibleTypes(type)) reach(next, { type: next.name });
  }
}

const WAYS = ways();

/** More paths to an interface, or to an object through one: every field that returns an interface. */
function waysByInterface(target) {
  const found = [];
  for (const [name, way] of WAYS) {
    for (const field of Object.values(schema.getType(name).getFields())) {
      const type = getNamedType(field.type);
      if (!isInterfaceType(type)) continue;
      if (type.name === target) found.push([...way, { field: field.name }]);
      else if (schema.getPossibleTypes(type).some((one) => one.name === target))
        found.push([...way, { field: field.name }, { type: target }]);
    }
  }
  return found;
}

/** Every type of which a query can select something. */
export const reachable = [...WAYS.keys()];

class Maker {
  constructor(random, known) {
    this.random = random;
    this.known = known;
    this.keys = new Map();
    this.fragments = [];
    this.variables = [];
    this.values = {};
    this.count = 0;
  }

  document(target) {
    this.target = target;
    const others = waysByInterface(target);
    const way = others.length > 0 && this.random.chance(0.7) ? this.random.pick(others) : WAYS.get(target);
    const kind = target.replace(/(?<=[a-z])(?=[A-Z])/g, "_").toUpperCase();
    this.kind = schema.getType("RecordKind").getValue(kind) ? kind : null;
    const body = this.#along(schema.getQueryType(), way);
    const head =
      this.variables.length > 0 || this.random.chance(0.3)
        ? `query${this.random.chance(0.5) ? " Q" : ""}${this.variables.length > 0 ? `(${this.variables.join(this.random.pick([", ", " "]))})` : ""} `
        : "";
    const parts = this.fragments.map(({ name, type, text }) => `fragment ${name} on ${type} ${text}`);
    const all = [`${head}${body}`, ...parts];
    if (this.random.chance(0.3)) all.reverse();
    return { document: all.join("\n"), variables: this.variables.length > 0 ? this.values : undefined };
  }

  /** A selection that leads to a type, and sometimes selects more on the way. */
  #along(type, [step, ...rest]) {
    if (!step) return this.#selection(type, 0);
    const more = this.random.chance(0.4) ? this.#fields(type, MOST.depth - 1, 1 + this.random.below(2)) : "";
    if (step.type) {
      const inner = this.#along(schema.getType(step.type), rest);
      return `{ ${more} ... on ${step.type} ${inner} }`;
    }
    const field = type.getFields()[step.field];
    return `{ ${this.#field(type, field, this.#along(getNamedType(field.type), rest))} ${more} }`;
  }

  #selection(type, depth) {
    return `{ ${this.#fields(type, depth, 1 + this.random.below(depth < 2 ? 7 : 4))} }`;
  }

  #fields(type, depth, count) {
    const parts = [];
    for (let at = 0; at < count; at += 1) {
      const kind = this.random.next();
      if (kind < 0.08)
        parts.push(
          `${this.random.chance(0.5) ? `${this.#alias(`__typename of ${"String!"}`)}: ` : ""}__typename${this.#condition()}`,
        );
      else if (kind < 0.3 && depth < MOST.depth) parts.push(this.#fragment(type, depth));
      else parts.push(this.#some(type, depth));
      if (this.random.chance(0.12)) parts.push(this.random.pick(parts));
    }
    return parts.join(" ");
  }

  #some(type, depth) {
    const isDeep = depth >= MOST.depth || this.count >= MOST.selections;
    const fields = Object.values(type.getFields()).filter(
      (field) => !UNSTEADY.has(field.name) && !(isDeep && isCompositeType(getNamedType(field.type))),
    );
    if (fields.length === 0) return "__typename";
    const field = this.random.pick(fields);
    const next = getNamedType(field.type);
    if (!isCompositeType(next)) return this.#field(type, field, "");
    return this.#field(type, field, this.#selection(next, LONG.has(field.name) ? MOST.depth : depth + 1));
  }

  #field(_type, field, selection) {
    this.count += 1;
    const args = this.#arguments(field);
    const signature = `${field.name}${args} of ${field.type}`;
    const key = this.random.chance(0.25) ? this.#alias(signature) : this.#key(field.name, signature);
    const shown = key === field.name ? field.name : `${key}: ${field.name}`;
    const text = `${shown}${args}${this.#condition()} ${selection}`.trim();
    // Selected again, with another selection.
    if (selection && this.random.chance(0.1))
      return `${text} ${shown}${args} ${this.#selection(getNamedType(field.type), MOST.depth)}`;
    return text;
  }

  #key(name, signature) {
    const taken = this.keys.get(name);
    if (taken === undefined) this.keys.set(name, signature);
    return taken === undefined || taken === signature ? name : this.#alias(signature);
  }

  #alias(signature) {
    if (this.random.chance(0.3)) {
      const same = [...this.keys].filter(([key, one]) => one === signature && key.startsWith("a_"));
      if (same.length > 0) return this.random.pick(same)[0];
    }
    const key = `a_${this.keys.size}`;
    this.keys.set(key, signature);
    return key;
  }

  #condition() {
    if (!this.random.chance(0.1)) return "";
    const value = this.random.chance(0.5)
      ? String(this.random.chance(0.7))
      : this.#variable("Boolean!", this.random.chance(0.7), "b");
    return ` @${this.random.pick(["include", "skip"])}(if: ${value})`;
  }

  #fragment(type, depth) {
    const fitting = [
      null,
      type.name,
      ...(isInterfaceType(type) || isObjectType(type) ? type.getInterfaces().map((one) => one.name) : []),
      ...(isAbstractType(type) ? schema.getPossibleTypes(type).map((one) => one.name) : []),
    ];
    const on = this.random.pick(fitting);
    const target = on ? schema.getType(on) : type;
    if (on && this.random.chance(0.4)) {
      const again = this.fragments.filter((one) => one.type === on && one.text);
      if (again.length > 0 && this.random.chance(0.4)) return `...${this.random.pick(again).name}${this.#condition()}`;
      const fragment = { name: `F${this.fragments.length}`, type: on, text: "" };
      this.fragments.push(fragment);
      fragment.text = this.#selection(target, depth + 1);
      return `...${fragment.name}${this.#condition()}`;
    }
    return `...${on ? ` on ${on}` : ""}${this.#condition()} ${this.#selection(target, depth + 1)}`;
  }

  #arguments(field) {
    const given = [];
    const isPage = field.args.some((argument) => argument.name === "last");
    for (const argument of field.args) {
      const isRequired =
        isNonNullType(argument.type) && argument.defaultValue === undefined && argument.default === undefined;
      if (argument.name === "first") {
        given.push([argument, 1 + this.random.below(3)]);
      } else if (
        isRequired ||
        field.name === "timeline" ||
        (argument.name === "kinds" && this.kind) ||
        (field.name === "at" && argument.name === "asOf")
      ) {
        given.push([argument, this.#value(argument.type, argument.name)]);
      } else if (!(isPage && argument.name === "last") && this.random.chance(0.35)) {
        given.push([argument, this.#value(argument.type, argument.name)]);
      }
    }
    if (given.length === 0) return "";
    if (this.random.chance(0.3)) given.reverse();
    return `(${given.map(([argument, value]) => `${argument.name}: ${this.#written(argument, value)}`).join(", ")})`;
  }

  #written(argument, value) {
    if (!this.random.chance(0.2)) return this.#literal(value, argument.type);
    const isRequired = isNonNullType(argument.type);
    if (value === null && isRequired) return this.#literal(value, argument.type);
    return this.#variable(
      isRequired || value === null || this.random.chance(0.7) ? String(argument.type) : `${argument.type}!`,
      value,
      "v",
      argument.type,
    );
  }

  #variable(type, value, prefix, inputType) {
    const name = `${prefix}${this.variables.length}`;
    if (inputType && this.random.chance(0.4))
      this.variables.push(`$${name}: ${type} = ${this.#literal(value, inputType)}`);
    else if (!inputType && this.random.chance(0.4)) this.variables.push(`$${name}: ${type} = ${value}`);
    else {
      this.variables.push(`$${name}: ${type}`);
      this.values[name] = value;
    }
    return `$${name}`;
  }

  /** Ids, mostly of the kind that the target has. */
  #ids() {
    const fitting = this.known.ids.filter((id) => this.target && id.startsWith(`${this.target}:`));
    return fitting.length > 0 && this.random.chance(0.8) ? fitting : this.known.ids;
  }

  #literal(value, type) {
    const nullable = getNullableType(type);
    if (value === null) return "null";
    if (isListType(nullable)) {
      return Array.isArray(value)
        ? `[${value.map((one) => this.#literal(one, nullable.ofType)).join(this.random.pick([", ", " "]))}]`
        : this.#literal(value, nullable.ofType);
    }
    if (isEnumType(nullable)) return value;
    if (typeof value === "object") {
      const fields = nullable.getFields();
      return `{ ${Object.entries(value)
        .map(([name, one]) => `${name}: ${this.#literal(one, fields[name].type)}`)
        .join(", ")} }`;
    }
    return typeof value === "string" && this.random.chance(0.05) ? `"""${value}"""` : JSON.stringify(value);
  }

  #value(type, name) {
    const { random, known } = this;
    const nullable = getNullableType(type);
    if (!isNonNullType(type) && random.chance(0.05)) return null;
    if (isListType(nullable)) {
      const item = getNullableType(nullable.ofType);
      if (random.chance(0.15)) return this.#value(nullable.ofType, name) ?? [];
      const length = item.name === "ID" ? 1 + random.below(3) : random.below(4);
      return Array.from({ length }, () => this.#value(nullable.ofType, name)).filter(
        (one) => one !== null || !isNonNullType(nullable.ofType),
      );
    }
    if (nullable.name === "RecordKind" && this.kind && random.chance(0.8)) return this.kind;
    if (isEnumType(nullable)) return random.pick(nullable.getValues()).name;
    switch (nullable.name) {
      case "Int":
        return name === "from" || name === "to" ? 1 + random.below(2) : 1 + random.below(3);
      case "Boolean":
        return random.chance(0.5);
      case "ID":
        return random.chance(0.05) ? "x" : random.pick(this.#ids());
      case "CountryCode":
        return random.chance(0.04) ? "!" : random.pick(known.codes);
      case "TreatyReference":
        return random.chance(0.06) ? "!" : random.pick(known.references);
      case "Language":
        return random.chance(0.06) ? "zz!" : random.pick(["en", "az", "fr", "de-AT", "*"]);
      case "Date":
        return name === "to" || name === "adoptedTo" ? "2022-01-01" : random.pick(["2020-01-01", "2021-06-30"]);
      case "DateTime":
        return "2020-01-01T00:00:00Z";
      case "Cursor":
        return random.chance(0.2) ? "x" : random.pick(known.cursors);
      case "String":
        if (name === "articles" || name === "reservedArticles") return random.pick(["2", "3", "9", "29"]);
        return random.chance(0.2) ? "x" : "Europe";
      case "URL":
        return random.chance(0.2) ? "x" : "https://example.org/news";
      default:
    }
    const fields = Object.values(nullable.getFields());
    const chosen = fields.filter((field) => isNonNullType(field.type) || random.chance(0.3));
    return Object.fromEntries(
      chosen
        .map((field) => [field.name, this.#value(field.type, field.name)])
        .filter(([, value]) => value !== undefined),
    );
  }
}

/**
 * The types in turn; those that are reached through an interface are more frequent, because they have more sources of
 * errors.
 */
const TARGETS = reachable.flatMap((target) =>
  waysByInterface(target).length > 0 ? [target, target, target, target] : [target],
);

/** The given number of documents, each for the next type in turn. `known` has values that find something. */
export function generated(count, random, known) {
  return Array.from({ length: count }, (_, at) => {
    const maker = new Maker(random, known);
    const target = TARGETS[at % TARGETS.length];
    const request = maker.document(target);
    // Only editors see proposed changes.
    return random.chance(0.3) || OF_EDITORS.test(target) ? { ...request, as: "editor" } : request;
  });
}
