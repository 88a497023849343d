// Accepted differences between the service and graphql-js, with the reasons. The suite fails on any other difference,
// and on an entry here that is no longer needed.
//
// An entry has a `reason`, and a function `covers` that recognises its disagreements. A disagreement has a section, a
// request, a `kind` (accepted, refused, data, errors, no locations, faults, effect, broken, canonical) and a `cause`.
// The cause of `faults` lists those that graphql-js alone has, after `-`, and those of the service alone, after `+`.

/** True if each fault of a cause matches one of the patterns. */
function consistsOf(cause, ...patterns) {
  return cause.split(" | ").every((fault) => patterns.some((pattern) => pattern.test(fault)));
}

export const deviations = [
  {
    reason: "async-graphql has `@deprecated(reason: String)`; in the edition of 2025 the reason may not be null.",
    covers: ({ kind, request }) =>
      kind === "data" && /__schema\s*\{\s*directives\s*\{.*\bargs\b.*\btype\b/s.test(request.document),
  },
  {
    reason:
      "A variable that is null where an argument has a default and may not be null fails the field (6.4.1). " +
      "In async-graphql it fails the object that has the field, also where the field itself may be null.",
    covers: ({ kind, request, service }) =>
      kind === "data" &&
      /\$\w+/.test(request.document) &&
      /"message":"Expected input type \\"\w+\\", found null\./.test(service),
  },
  {
    reason: "A document with a fragment that contains itself has that one error, at the fragment: nothing else is validated.",
    covers: ({ kind, service }) => kind === "faults" && /"message":"the fragment `\w+` contains itself"/.test(service),
  },
  {
    reason: "The fields of a fragment that does not exist or never applies are counted for a subscription: graphql-js counts none.",
    covers: ({ kind, cause }) =>
      kind === "faults" &&
      consistsOf(cause, /^- .* must select (only )?one top level field\.$/, /^\+ a subscription selects exactly one field/),
  },
  {
    reason: "Unknown fields of a oneOf input object count as its fields, in a literal.",
    covers: ({ kind, cause }) =>
      kind === "faults" &&
      consistsOf(cause, /^- Within OneOf Input Object type/, /^\+ \w+ needs exactly one of its fields/),
  },
  {
    reason: "A definition of the type system is a syntax error, which is told alone.",
    covers: ({ kind, service }) => kind === "faults" && /"message":"the document has a syntax error/.test(service),
  },
];
