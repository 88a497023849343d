/** The kinds of records. */
export const kinds = [
  "COUNTRY",
  "COVERAGE_ASSERTION",
  "CYBERSECURITY_BODY",
  "OPERATIONAL_UNIT",
  "POLICY_DOCUMENT",
  "PROFILE_SECTION",
  "SOURCE",
  "TREATY",
  "TREATY_EVENT",
];
