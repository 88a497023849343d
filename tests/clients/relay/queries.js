import { graphql } from "relay-runtime";

export const beside = graphql`
  query queriesBesideQuery($cursor: Cursor!, $day: Date!) {
    country(code: "AZ") { id recordId treatyStatus { status } }
    treaty(reference: "ETS 185") { id recordId shortTitle }
    known: at(cursor: $cursor) { treaty(reference: "ETS 185") { id recordId shortTitle } }
    then: at(asOf: $day) { country(code: "AZ") { id recordId treatyStatus { status } } }
  }
`;

export const present = graphql`
  query queriesPresentQuery {
    country(code: "AZ") { id recordId treatyStatus { status } }
    treaty(reference: "ETS 185") { id recordId shortTitle }
  }
`;

export const node = graphql`
  query queriesNodeQuery($id: ID!) {
    node(id: $id) { id ... on Treaty { recordId shortTitle } }
  }
`;
