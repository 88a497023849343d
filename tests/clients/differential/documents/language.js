// Lexis and grammar: section 2 of the specification. Each text is in a document that is otherwise in order.

const r = String.raw;

/** What follows where a name of any kind may be one of the words of the language. */
const WORDS = ["query", "mutation", "subscription", "fragment", "on", "true", "false", "null", "type", "input", "enum",
  "schema", "extend", "interface", "union", "scalar", "directive", "implements", "repeatable", "viewer", "_", "__a", "A1_"];

/** A document that reads back a text as it was understood: nothing is stored. */
export function echo(value, variables) {
  const { signature = "", values } = variables ?? {};
  return {
    as: "editor",
    variables: values,
    document: `mutation ${signature} {
  createContribution(input: { title: "An echo", rationale: ${value}, validateOnly: true,
    changes: [{ retire: { id: "Country:az", baseVersion: 1, reason: "It is so." } }] }) {
    contribution { title rationale }
    userErrors { code message path }
  }
}`,
  };
}

const strings = [
  r`"plain"`, r`"a \" quote"`, r`"back\\slash"`, r`"sl\/ash"`, r`"tab\tnewline\nreturn\r"`, r`"\u0041"`, r`"\u00e9\u00E9"`,
  r`"\u{41}"`, r`"\u{1F600}"`, r`"\u{001F600}"`, r`"\u{10FFFF}"`, r`"\ud83d\ude00"`, r`"x\ud83d\ude00y"`, r`"\uFFFD"`, r`"# no comment"`,
  r`"{ } ( ) [ ] $ ! ..."`, `"é ü 中 😀"`, `"a\tb"`, r`"""plain"""`, r`"""a "quote" in it"""`, r`"""two "" quotes"""`, r`"""a\"""b"""`,
  r`"""\""""""`, r`"""a\nb"""`, r`"""back\slash\\ """`, r`"""\u0041"""`, r`"""\u{41}"""`, r`"""ends with \\ """`,
  `"""\n  one\n  two\n"""`, `"""\n    one\n  two\n      three\n"""`, `"""one\n    two\n    three"""`, `"""one\n  two\n\n  three"""`,
  `"""\n    one\n  \n    two\n"""`, `"""\n    one\n\t\n    two\n"""`, `"""\n\n\n  one\n\n\n"""`, `"""one\r\n  two\r\n  three"""`,
  `"""one\r  two\r  three"""`, `"""\n\tone\n\ttwo"""`, `"""\n \tone\n\t two"""`, `"""  one  """`, `"""one  \n  two  \n"""`,
  `"""\n      one\n    \n   \n      two\n  """`, `"""\n  a\n      \n  b"""`, `"""a\n\n\n\nb"""`, `"""\n  \\"""\n  a"""`, `"""😀\n  é"""`,
  `"""\n    a\u00a0\n    b"""`, `"""\n\u2028  a\n  b"""`, `"""a\u2029b"""`, `"""#no comment"""`, `"""\n  # heading\n\n  text\n"""`,
  `"a\u00a0b"`, `"a\u2028b"`,
];

const brokenStrings = [
  r`"open`, r`"open\"`, `"line\nbreak"`, `"line\rbreak"`, r`"\x41"`, r`"\a"`, r`"\'"`, r`"\u"`, r`"\u4"`, r`"\u00g0"`, r`"\u{}"`, r`"\u{110000}"`,
  r`"\u{D800}"`, r`"\ud83d"`, r`"\ud83d x"`, r`"\ude00"`, r`"\ude00\ud83d"`, r`"\ud83d\u0041"`, r`"\u{zz}"`, r`"\u{1F600"`, r`"\U0041"`, r`"""open`, r`"""open""`,
  r`"""a"""b"""`, r`""""""""`, r`'single'`,
];

const list = (value) => `{ countries(first: ${value}) { totalCount } }`;

export default {
  section: "language",
  valid: [
    // White space, line ends, commas, comments, and the byte order mark.
    "{viewer{role}}", " { viewer { role } } ", "\t{\tviewer\t{\trole\t}\t}\t", "{\nviewer\n{\nrole\n}\n}\n", "{\r\nviewer\r\n{\r\nrole\r\n}\r\n}\r\n",
    "{\rviewer\r{\rrole\r}\r}\r", "\ufeff{ viewer { role } }", "{ viewer \ufeff { role } }", "{ node(id: \"nul\u0000\") { id } }", "{ node(id: \"bell\u0007\") { id } }", ",{,viewer,{,role,},},", ",,,{ viewer,,, { role,, } }", "# a comment\n{ viewer { role } }",
    "{ viewer { role } } # at the end", "{ viewer { # é 😀 \" { } \"\"\"\n role } }", "#\n#\r\n#\r{ viewer { role } }", "{ viewer { role#c\n} }", "{ viewer#c\r{ role } }",
    "{ countries(#c\nfirst#c\n:#c\n1#c\n)#c\n{ totalCount } }", "{ countries(first:1,after:null){totalCount} }", "{ countries(first:1 after:null){totalCount} }",
    "{ countries(first:1,,,after:null,){totalCount} }", "{ countries(,first,:,1,){totalCount} }", "{ nodes(ids:[\"Country:az\"\"Country:am\"]) { id } }",
    "{ nodes(ids:[,,\"Country:az\",,\"Country:am\",,]) { id } }", "{ viewer { role, } , }", "{ ...#c\non#c\nQuery#c\n{ viewer { role } } }",
    "{ ... on # a comment\n Query { viewer { role } } }", "{ ... # a comment\n on Query { viewer { role } } }", "{ ...,on,Query,{ viewer { role } } }", "{ ...on Query { viewer { role } } }",
    "{ ...{ viewer { role } } }", "{ ... { viewer { role } } }", "{ ...#c\n{ viewer { role } } }", "{...@include(if:true){viewer{role}}}", "{ ... on Query{viewer{role}} ... on Query{viewer{role}}}",
    "fragment#c\nF#c\non#c\nQuery#c\n{ viewer { role } } { ...F }", "fragment F on Query{viewer{role}}{...F}", "{...F}fragment F on Query{viewer{role}}", "query#c\nQ#c\n{ viewer { role } }",
    "query($c#c\n:#c\n[#c\nCountryCode#c\n!#c\n]#c\n!#c\n=#c\n[\"AZ\"]){ countries(filter:{codes:$c}) { totalCount } }",
    "query ($c: [ CountryCode! ]) { countries(filter: { codes: $c }) { totalCount } }", "query ($c: [CountryCode !] ! = []) { countries(filter: { codes: $c }) { totalCount } }",
    "query ( $c : [ CountryCode ! ] = [ \"AZ\" ] ) { countries(filter: { codes: $c }) { totalCount } }", "query ($ c: [CountryCode!]) { countries(filter: { codes: $ c }) { totalCount } }",
    "query ($,c,:,Int) { countries(first: $,c) { totalCount } }", "query ($a: Int $b: String) { countries(first: $a after: $b) { totalCount } }",
    "query ($a:Int$b:String){ countries(first:$a after:$b) { totalCount } }", "query Q($a:Int=1){countries(first:$a){totalCount}}",
    "{ viewer @ include(if: true) { role } }", "{ viewer @#c\ninclude#c\n(#c\nif: true) { role } }", "{ viewer @include(if:true)@skip(if:false){ role } }",
    "{ a : viewer { role } }", "{ a:viewer { role } }", "{ a#c\n:#c\nviewer { role } }", "{a:viewer{b:role c:role}}", "query{viewer{role}}", "query Q{viewer{role}}",
    // Descriptions, as the edition of 2025 has them.
    r`"What it is for" query Q { viewer { role } }`, r`"""What it is for""" query Q { viewer { role } }`, r`"" query { viewer { role } }`, "\"\"\"\n  Long.\n\n  Longer.\n\"\"\"\nquery Q($a: Int) { countries(first: $a) { totalCount } }",
    r`query Q("How many" $a: Int) { countries(first: $a) { totalCount } }`, r`query Q("How many" $a: Int, """From where""" $b: String) { countries(first: $a, after: $b) { totalCount } }`,
    r`{ ...F } "A part" fragment F on Query { viewer { role } }`, r`{ ...F } """A part""" fragment F on Query { viewer { role } }`, r`"one" query A { viewer { role } ...F } "two" fragment F on Query { head { sequence } }`,
    { document: r`"one" query A { viewer { role } } "two" query B { head { sequence } }`, operationName: "B" }, r`"d"query Q{viewer{role}}`, r`"d"query Q("d"$a:Int){countries(first:$a){totalCount}}`,
    r`"\u{1F600} \" \\" query Q { viewer { role } }`, "# c\n\"d\" # c\nquery Q { viewer { role } }",
    // Names.
    ...WORDS.map((word) => `{ ${word}: viewer { role } }`), ...WORDS.map((word) => `query ${word} { viewer { role } }`), ...WORDS.map((word) => `query ($${word}: Int) { countries(first: $${word}) { totalCount } }`),
    ...WORDS.filter((word) => word !== "on").map((word) => `{ ...${word} } fragment ${word} on Query { viewer { role } }`), "{ __typename }", "{ ____: viewer { role } }", "{ ...onQuery } fragment onQuery on Query { viewer { role } }",
    "{ ...on_ } fragment on_ on Query { viewer { role } }", `{ ${"a".repeat(300)}: viewer { role } }`,
    // Numbers.
    list("1"), list("10"), list("100"), list("0"), list("-0"), list("-1"), list("2147483647"), list("-2147483648"), "{ diff(id: \"Country:az\", from: 1, to: -0) { field } }", "{ node(id: 5) { id } }", "{ node(id: -5) { id } }", "{ node(id: 0) { id } }",
    "{ node(id: 99999999999999999999) { id } }", "{ countries(first:1,last:null){totalCount} }",
    // Values of all kinds.
    "{ countries(filter: {}) { totalCount } }", "{ countries(filter: { codes: [] }) { totalCount } }", "{ countries(filter: { codes: null }) { totalCount } }", "{ countries(filter: null) { totalCount } }", "{countries(filter:{codes:[\"AZ\"]kinds:[STATE]}){totalCount}}",
    "{ countries(filter: { , codes: [ , \"AZ\" , ] , } ) { totalCount } }", "{ changes(filter: { includeShared: true, countries: [\"AZ\"] }) { totalCount } }", "{ changes(filter: { includeShared: false }) { totalCount } }", "{ countries(orderBy: CODE) { totalCount } }", "{ countries(orderBy: null) { totalCount } }",
    "{ country(code: \"AZ\") { code } }", "{ country(code: \"\"\"AZ\"\"\") { code } }", r`{ country(code: "\u0041Z") { code } }`, r`{ country(code: "a\b\f") { code } }`, r`{ country(code: "\u{41}\u{5a}") { code } }`,
    // Documents of several definitions.
    { document: "query A { viewer { role } } query B { head { sequence } }", operationName: "A" }, { document: "query A { viewer { role } } query B { head { sequence } }", operationName: "B" }, { document: "query A { viewer { role } } mutation B { submitTip(input: { country: \"AZ\", message: \"x\" }) { userErrors { code } } }", operationName: "A" },
    { document: "query A { viewer { role } } subscription B { changes { id } }", operationName: "A" }, { document: "query A { ...F } query B { ...F } fragment F on Query { viewer { role } }", operationName: "B" }, { document: "query A { viewer { role } }", operationName: "A" }, "query A { viewer { role } }",
    { document: "fragment F on Query { viewer { role } } query A { ...F } fragment G on Query { head { sequence } } query B { ...G }", operationName: "B" },
    ...strings.map((value) => echo(value)),
  ],
  invalid: [
    "", " ", ",", "# only a comment", "\ufeff", "{", "}", "{}", "{ }", "{ viewer { } }", "{ viewer {} }", "{ viewer { role }", "{ viewer { role } } }", "viewer { role }", "viewer", "[]", "null", "5", "\"text\"", "{ viewer { role } } x", "{ viewer { role } } 5", "{ viewer { role } } {",
    "{ viewer { role } } \"text\"", "queryFoo { viewer { role } }", "queryfoo{viewer{role}}", "Query { viewer { role } }", "QUERY Q { viewer { role } }", "query Q() { viewer { role } }", "query () { viewer { role } }", "query Q { }", "query Q", "query", "query Q { viewer { role } } query", "query query query { viewer { role } }", "query 5 { viewer { role } }", "query \"Q\" { viewer { role } }",
    "query Q R { viewer { role } }", "query ($a Int) { countries(first: $a) { totalCount } }", "query (a: Int) { countries(first: 1) { totalCount } }", "query ($a:) { countries(first: $a) { totalCount } }", "query ($: Int) { viewer { role } }", "query ($a: Int { countries(first: $a) { totalCount } }", "query ($a: Int)) { countries(first: $a) { totalCount } }",
    "query ($a: Int!!) { countries(first: $a) { totalCount } }", "query ($a: []) { countries(first: 1) { totalCount } }", "query ($a: [Int) { countries(first: 1) { totalCount } }", "query ($a: [Int!]!!) { countries(first: 1) { totalCount } }", "query ($a: [Int, Int]) { countries(first: 1) { totalCount } }", "query ($a: !Int) { countries(first: 1) { totalCount } }",
    "query ($a: Int = ) { countries(first: $a) { totalCount } }", "query ($a: Int == 1) { countries(first: $a) { totalCount } }", "query ($a: Int = $b, $b: Int) { countries(first: $a) { totalCount } }", "query ($a: [Int] = [$b], $b: Int) { viewer { role } }", "query ($f: CountryFilter = { codes: $c }, $c: [CountryCode!]) { countries(filter: $f) { totalCount } }",
    "query ($a: Int, $a2) { countries(first: $a) { totalCount } }", "{ viewer($a: 1) { role } }", "{ countries() { totalCount } }", "{ countries(first) { totalCount } }", "{ countries(first:) { totalCount } }", "{ countries(first: 1 { totalCount } }", "{ countries(: 1) { totalCount } }", "{ countries(first = 1) { totalCount } }", "{ countries first: 1 { totalCount } }", "{ countries(first: 1)) { totalCount } }",
    "{ countries((first: 1)) { totalCount } }", "{ countries(first: nullafter: null) { totalCount } }", "{ countries(first: 1after: null) { totalCount } }", "{ countries(first: 1a) { totalCount } }", "{ countries(first: $) { totalCount } }", "{ countries(first: $1) { totalCount } }", "{ countries(1: 1) { totalCount } }", "{ countries(\"first\": 1) { totalCount } }",
    "{ a: { role } }", "{ a: b: viewer { role } }", "{ : viewer { role } }", "{ a:: viewer { role } }", "{ viewer: }", "{ a: 5 }", "{ 5 }", "{ \"viewer\" { role } }", "{ viewer.role }", "{ viewer-role }", "{ viewer { role; } }", "{ viewer | head }", "{ viewer & head }", "{ viewer = 1 }", "{ viewer ! }", "{ viewer { ro le? } }", "{ vie\u00e9wer { role } }", "{ 中: viewer { role } }", "{ a-b: viewer { role } }",
    "{ viewer\u00a0{ role } }", "{ viewer\u2028{ role } }", "{ viewer\u000b{ role } }", "{ viewer\u000c{ role } }", "{ viewer \u0000 { role } }", "{ viewer % { role } }", "{ viewer ^ { role } }", "{ viewer ~ { role } }", "{ viewer \\ { role } }", "{ viewer ` { role } }", "{ viewer / { role } }", "{ viewer * { role } }", "// comment\n{ viewer { role } }", "/* comment */ { viewer { role } }", "{ viewer < { role } }", "{ viewer ; }",
    "{ .. on Query { viewer { role } } }", "{ .... on Query { viewer { role } } }", "{ . . . on Query { viewer { role } } }", "{ ... }", "{ ...5 }", "{ ...\"F\" }", "{ ... on { viewer { role } } }", "{ ... on }", "{ ... on Query }", "{ ... on Query { } }", "{ ... on Query Query { viewer { role } } }", "{ ... on \"Query\" { viewer { role } } }", "{ ... on [Query] { viewer { role } } }", "{ ... on Query! { viewer { role } } }", "{ ...onQuery { viewer { role } } }",
    "{ ...F() } fragment F on Query { viewer { role } }", "{ ...F(a: 1) } fragment F on Query { viewer { role } }", "{ ...F } fragment F($a: Int) on Query { viewer { role } }", "{ ...F { role } } fragment F on Query { viewer { role } }", "fragment on on Query { viewer { role } } { viewer { role } }", "{ ...on } fragment on on Query { viewer { role } }", "fragment F Query { viewer { role } } { ...F }", "fragment F on { viewer { role } } { ...F }", "fragment F { viewer { role } } { ...F }", "fragment on Query { viewer { role } } { viewer { role } }",
    "fragment F on Query { } { ...F }", "fragment F on Query { ...F }", "fragment F on [Query] { viewer { role } } { ...F }", "fragment F on Query! { viewer { role } } { ...F }", "fragment F on Query, Mutation { viewer { role } } { ...F }", "fragment F onQuery { viewer { role } } { ...F }", "fragmentF on Query { viewer { role } } { ...F }", "{ viewer @ { role } }", "{ viewer @(if: true) { role } }", "{ viewer @include if: true { role } }", "{ viewer @include(if true) { role } }", "{ viewer @include() { role } }", "{ @include(if: true) viewer { role } }", "{ viewer { role } @include(if: true) }", "{ viewer @5 { role } }", "{ viewer @@include(if: true) { role } }", "{ viewer @\"include\"(if: true) { role } }",
    // Descriptions where there are none.
    r`"d" { viewer { role } }`, r`"""d""" { viewer { role } }`, r`"a" "b" query Q { viewer { role } }`, r`query "d" Q { viewer { role } }`, r`query Q "d" { viewer { role } }`, r`query Q { "d" viewer { role } }`, r`query Q { viewer { "d" role } }`, r`query Q($a "d": Int) { countries(first: $a) { totalCount } }`, r`query Q($a: "d" Int) { countries(first: $a) { totalCount } }`, r`query Q("a" "b" $a: Int) { countries(first: $a) { totalCount } }`, r`{ ...F } fragment "d" F on Query { viewer { role } }`, r`{ "d" ...F } fragment F on Query { viewer { role } }`, r`{ countries("d" first: 1) { totalCount } }`, r`d query Q { viewer { role } }`, r`5 query Q { viewer { role } }`, r`query Q("d") { viewer { role } }`, r`query Q("d" ) { viewer { role } }`,
    // Numbers.
    ...["00", "01", "-01", "+1", "-", "--1", "- 1", "1_000", "0x10", "1.", ".5", "1.e1", "1e", "1e+", "1.5.5", "1.5a", "1..5", "0b1", "1L", "00.5", "1e5a", "1.0e", "Infinity", "NaN", "1...", "1\"a\"", "[00]", "[1", "1]", "{1}", "{a}", "{a:}", "{a 1}", "{\"a\":1}", "{:1}", "{a:1", "{a:1}}", "[,", "1.0", "1e1", "1.5", "-1.5e-3", "1E2", "0.0", "-0.0", "2147483648", "-2147483649", "99999999999999999999", "1e400", "true", "FIRST", "\"1\"", "[1]", "[[1]]", "[]", "{}"].map(list),
    "{ node(id: 1.5) { id } }", "{ node(id: 1e3) { id } }", "{ node(id: true) { id } }", "{ node(id: AZ) { id } }", "{ node(id: [5]) { id } }", "{ nodes(ids: [00]) { id } }", "{ nodes(ids: [1 01]) { id } }",
    "{ countries(filter: { codes: [\"AZ\" }) { totalCount } }", "{ countries(filter: { codes: \"AZ\"]) { totalCount } }", "{ countries(filter: [codes: \"AZ\"]) { totalCount } }", "{ countries(filter: (codes: \"AZ\")) { totalCount } }", "{ countries(filter: { codes = \"AZ\" }) { totalCount } }", "{ countries(orderBy: \"CODE\") { totalCount } }", "{ countries(orderBy: code) { totalCount } }", "{ countries(orderBy: true) { totalCount } }", "{ countries(orderBy: 1) { totalCount } }", "{ countries(orderBy: { CODE }) { totalCount } }",
    // Definitions of types are no requests.
    "type A { a: Int }", "{ viewer { role } } type A { a: Int }", "extend type Query { a: Int } { viewer { role } }", "schema { query: Query } { viewer { role } }", "scalar A { viewer { role } }", "{ viewer { role } } scalar A", "directive @a on FIELD { viewer @a { role } }", "{ viewer { role } } enum A { B }", "{ viewer { role } } union A = Query", "{ viewer { role } } input A { a: Int }", "{ viewer { role } } interface A { a: Int }", "\"d\" type A { a: Int } query Q { viewer { role } }", "{ viewer { role } } extend schema @a",
    // Which operation is meant.
    "query A { viewer { role } } query B { viewer { role } }", { document: "query A { viewer { role } }", operationName: "B" }, { document: "query A { viewer { role } } query B { viewer { role } }", operationName: "C" }, { document: "{ viewer { role } }", operationName: "A" }, "fragment F on Query { viewer { role } }", { document: "query A { viewer { role } }", operationName: "a" },
    ...brokenStrings.map((value) => echo(value)),
  ],
};
