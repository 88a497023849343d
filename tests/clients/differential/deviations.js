// Where the service is known to differ from graphql-js, and why that is accepted. The suite fails on any other
// difference, and on an entry here that is not needed any more.
//
// An entry has a `reason`, and tells by `covers` which disagreements are its own: each has a section, a request, a
// `kind` (accepted, refused, data, errors, no locations, effect, broken, canonical) and a `cause`.

export const deviations = [];
