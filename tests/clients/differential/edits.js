// Valid documents with one or two edits: a token is removed, doubled, moved, replaced or added; sometimes a single
// character.

import { Lexer, Source, TokenKind } from "graphql-17";

const TOKENS = [
  "{",
  "}",
  "(",
  ")",
  "[",
  "]",
  ":",
  "!",
  "$",
  "@",
  "=",
  "...",
  "|",
  "&",
  "on",
  "query",
  "mutation",
  "fragment",
  "subscription",
  "null",
  "true",
  "1",
  "-1",
  "1.5",
  '"x"',
  '"""x"""',
  "name",
  "id",
  "Query",
  "Country",
  "first",
  "@include",
  "@skip(if: true)",
  "$a",
  "...F",
  "x: ",
  "{ id }",
  "# c\n",
  ",",
  "__typename",
  "code",
  "if",
];
const CHARACTERS = '{}()[]:!$@=.|&"\\#,-+_0a \n\t\u00e9;';

function tokens(text) {
  const lexer = new Lexer(new Source(text));
  const found = [];
  for (let token = lexer.advance(); token.kind !== TokenKind.EOF; token = lexer.advance()) {
    found.push([token.start, token.end]);
  }
  return found;
}

function edit(text, random) {
  if (random.chance(0.15)) {
    const at = random.below(text.length);
    return random.chance(0.5)
      ? text.slice(0, at) + text.slice(at + 1)
      : text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at);
  }
  const places = tokens(text);
  if (places.length === 0) return text;
  const [start, end] = random.pick(places);
  const token = text.slice(start, end);
  switch (random.below(7)) {
    case 0:
      return text.slice(0, start) + text.slice(end);
    case 1:
      return `${text.slice(0, end)} ${token}${text.slice(end)}`;
    case 2: {
      const [other, until] = random.pick(places);
      const [first, second] =
        start < other
          ? [
              [start, end],
              [other, until],
            ]
          : [
              [other, until],
              [start, end],
            ];
      const [a, b] = [text.slice(...first), text.slice(...second)];
      return start === other
        ? text
        : text.slice(0, first[0]) + b + text.slice(first[1], second[0]) + a + text.slice(second[1]);
    }
    case 3:
    case 4: {
      // Another token of the same document: usually a name for a name.
      const alike = places.map((place) => text.slice(...place)).filter((one) => /^\w/.test(one) === /^\w/.test(token));
      return `${text.slice(0, start)}${random.pick(alike)}${text.slice(end)}`;
    }
    case 5:
      return `${text.slice(0, start)}${random.pick(TOKENS)}${text.slice(end)}`;
    default:
      return `${text.slice(0, start)}${random.pick(TOKENS)} ${text.slice(start)}`;
  }
}

/** The given number of edited documents, each a different one. */
export function edited(requests, count, random) {
  const made = new Map();
  while (made.size < count) {
    const request = random.pick(requests);
    let document = request.document;
    const times = random.chance(0.3) ? 2 : 1;
    try {
      for (let time = 0; time < times; time += 1) document = edit(document, random);
    } catch {
      // The first edit left a text that has no tokens.
    }
    if (document !== request.document) made.set(document, { ...request, document });
  }
  return [...made.values()];
}
