import { graphql } from "relay-runtime";

export const units = graphql`
  query pagesUnitsQuery($code: CountryCode!) {
    country(code: $code) { ...pagesUnits_country ...pagesName_country }
  }
`;

export const connection = graphql`
  fragment pagesUnits_country on Country
  @argumentDefinitions(count: { type: "Int", defaultValue: 2 }, cursor: { type: "String" })
  @refetchable(queryName: "pagesMoreUnitsQuery") {
    operationalUnits(first: $count, after: $cursor) @connection(key: "pagesUnits_operationalUnits") {
      edges { node { name } }
    }
  }
`;

export const name = graphql`
  fragment pagesName_country on Country
  @argumentDefinitions(language: { type: "[Language!]" })
  @refetchable(queryName: "pagesNameQuery") {
    name(language: $language)
  }
`;

export const log = graphql`
  query pagesLogQuery($count: Int!, $cursor: Cursor) {
    changes(first: $count, after: $cursor) @connection(key: "pagesLog_changes") {
      edges { node { sequence } }
    }
  }
`;
