// The oracle: graphql-js over the schema of the repository. It is version 17, because version 16 implements a language
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

/** The directives of the service. graphql-js adds one to every schema, which no scalar here needs. */
const DIRECTIVES = new Set(["include", "skip", "oneOf", "deprecated"]);

/** A schema whose custom scalars accept the same kind of value as the service; the content is left to the resolvers. */
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
    // Introspection and defaults print the given values.
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
 * A variable at a field of a oneOf input object may not be null (5.8.5). graphql-js 17.1.0 has this rule, but misses it
 * if the object is an element of a list or is non-null itself.
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

/** Validation rules of the specification. The maximum depth of introspection is a limit of graphql-js only. */
const rules = [...specifiedRules.filter((rule) => rule !== MaxIntrospectionDepthRule), VariablesAtOneOfRule];

/**
 * Result of graphql-js for a request before execution: its errors, or the operation to execute and the values of its
 * variables.
 */
export function judge({ document: source, variables, operationName }) {
  let document;
  try {
    // The specification has no empty selection sets; graphql-js accepts them by default.
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
