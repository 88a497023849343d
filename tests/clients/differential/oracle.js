// The oracle: graphql-js over the schema of the repository. Version 17, since the language of its version 16 is
// older than the edition of 2025 (descriptions on operations, fragments and variables).

import { readFileSync } from "node:fs";
import {
  GraphQLError,
  GraphQLSchema,
  Kind,
  MaxIntrospectionDepthRule,
  buildSchema,
  getNamedType,
  getOperationAST,
  getVariableValues,
  isNonNullType,
  isScalarType,
  parse,
  specifiedRules,
  typeFromAST,
  validate,
} from "graphql-17";

const text = readFileSync(new URL("../../../schema.graphql", import.meta.url), "utf8");

/** The directives that the service has: graphql-js adds one to every schema that no scalar here needs. */
const DIRECTIVES = new Set(["include", "skip", "oneOf", "deprecated"]);

/** A schema whose own scalars take the kind of value that the service takes; what is in it is for resolvers. */
export function build() {
  const built = buildSchema(text);
  const { directives, ...config } = built.toConfig();
  const schema = new GraphQLSchema({
    ...config,
    directives: directives.filter((directive) => DIRECTIVES.has(directive.name)),
  });
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isScalarType(type) || ["Int", "Float", "String", "Boolean", "ID"].includes(type.name)) continue;
    const takes = type.name === "Sequence" ? isPosition : (value) => typeof value === "string";
    type.coerceOutputValue = type.serialize = (value) => value;
    type.coerceInputValue = type.parseValue = (value) => (takes(value) ? value : undefined);
    const kind = type.name === "Sequence" ? Kind.INT : Kind.STRING;
    type.coerceInputLiteral = type.parseLiteral = (node) => {
      if (node.kind !== kind) return undefined;
      const value = kind === Kind.INT ? Number(node.value) : node.value;
      return takes(value) ? value : undefined;
    };
    // Introspection and defaults print what they are given.
    type.valueToLiteral = (value) =>
      typeof value === "number" ? { kind: Kind.INT, value: String(value) } : { kind: Kind.STRING, value };
  }
  return schema;
}

function isPosition(value) {
  return Number.isSafeInteger(value) && value >= 0;
}

export const schema = build();

/**
 * A variable at a field of an object of which exactly one field is given may not be null (5.8.5). graphql-js 17.1.0
 * has this rule, but overlooks it where the object is an element of a list or may not be null itself.
 */
function VariablesAtOneOfRule(context) {
  const found = new Set();
  return {
    Variable(node, _key, parent) {
      const type = getNamedType(context.getParentInputType());
      if (parent?.kind === Kind.OBJECT_FIELD && type?.isOneOf) found.add(node);
    },
    Document: {
      leave(document) {
        for (const operation of document.definitions) {
          if (operation.kind !== Kind.OPERATION_DEFINITION) continue;
          for (const { node } of context.getRecursiveVariableUsages(operation)) {
            const name = node.name.value;
            const defined = operation.variableDefinitions?.find((one) => one.variable.name.value === name);
            if (!found.has(node) || !defined || isNonNullType(typeFromAST(schema, defined.type))) continue;
            context.reportError(
              new GraphQLError(`Variable "$${name}" must not be nullable.`, { nodes: [defined, node] }),
            );
          }
        }
      },
    },
  };
}

/** What the specification asks of a document. How deep introspection may go is a limit of graphql-js's own. */
const rules = [...specifiedRules.filter((rule) => rule !== MaxIntrospectionDepthRule), VariablesAtOneOfRule];

/**
 * What graphql-js makes of a request before it executes anything: its errors, or the operation to execute and the
 * values of its variables.
 */
export function judge({ document: source, variables, operationName }) {
  let document;
  try {
    // The specification has no empty selection sets; graphql-js takes them unless told.
    document = parse(source, { allowEmptySelectionSets: false });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { stage: "parse", errors: [error] };
  }
  const errors = validate(schema, document, rules, { maxErrors: 500 });
  if (errors.length > 0) return { stage: "validate", document, errors };
  const operation = getOperationAST(document, operationName);
  if (!operation) return { stage: "operation", document, errors: [new GraphQLError("no such operation")] };
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], variables ?? {});
  if (coerced.errors) return { stage: "variables", document, operation, errors: coerced.errors };
  return { document, operation, variables: coerced.variableValues, errors: [] };
}
