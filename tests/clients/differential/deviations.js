// Accepted differences between the service and graphql-js, with the reasons. The suite fails on any other difference,
// and on an entry here that is no longer needed.
//
// An entry has a `reason`, and a function `covers` that recognises its disagreements. A disagreement has a section, a
// request, a `kind` (accepted, refused, data, errors, no locations, effect, broken, canonical) and a `cause`.

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
];
