//! Limits on documents: a document that reaches a limit passes, and is refused under a limit one lower.

use super::{Limit, at_and_over};

/// Number of aliases in a document.
#[tokio::test]
async fn max_aliases_passes_and_one_alias_more_is_refused() {
    at_and_over(&Limit {
        name: "maxAliases",
        set: |limits, most| limits.max_aliases = most,
        query: "{ head { a: sequence b: sequence ...f } } fragment f on Head { c: cursor d: cursor }",
        comes_to: 4,
    })
    .await;
}

/// Complexity of an anonymous request, with page sizes from variables and their defaults.
#[tokio::test]
async fn max_anonymous_complexity_passes_and_one_point_more_is_refused() {
    at_and_over(&Limit {
        name: "maxAnonymousComplexity",
        set: |limits, most| limits.max_anonymous_complexity = most,
        query: "query($first: Int = 10) { countries(first: $first) { nodes { code } } }",
        comes_to: 20,
    })
    .await;
}

/// Complexity of a request, with pages inside pages.
#[tokio::test]
async fn max_complexity_passes_and_one_point_more_is_refused() {
    at_and_over(&Limit {
        name: "maxComplexity",
        set: |limits, most| limits.max_complexity = most,
        query: "{ countries(first: 10) { nodes { code treatyEvents(first: 5) { nodes { kind } } } } }",
        comes_to: 120,
    })
    .await;
}

/// Depth of nested selections.
#[tokio::test]
async fn max_depth_passes_and_one_level_more_is_refused() {
    at_and_over(&Limit {
        name: "maxDepth",
        set: |limits, most| limits.max_depth = most,
        query: "{ treaties(first: 1) { nodes { parent { parent { id } } } } }",
        comes_to: 5,
    })
    .await;
}

/// Number of directives in a document.
#[tokio::test]
async fn max_directives_passes_and_one_directive_more_is_refused() {
    at_and_over(&Limit {
        name: "maxDirectives",
        set: |limits, most| limits.max_directives = most,
        query: "{ head { sequence @skip(if: false) cursor @skip(if: false) ... @include(if: true) { sequence } } }",
        comes_to: 3,
    })
    .await;
}

/// Depth of nested brackets.
#[tokio::test]
async fn max_nesting_passes_and_one_bracket_more_is_refused() {
    at_and_over(&Limit {
        name: "maxNesting",
        set: |limits, most| limits.max_nesting = most,
        query: "{ treaties(first: 1) { nodes { parent { id } } } }",
        comes_to: 4,
    })
    .await;
}

/// Number of fields at the root.
#[tokio::test]
async fn max_root_fields_passes_and_one_root_field_more_is_refused() {
    at_and_over(&Limit {
        name: "maxRootFields",
        set: |limits, most| limits.max_root_fields = most,
        query: "{ head { sequence } viewer { role } serviceConfig { maxDepth } }",
        comes_to: 3,
    })
    .await;
}

/// Number of selections, counted again for each spread of a fragment.
#[tokio::test]
async fn max_selections_passes_and_one_selection_more_is_refused() {
    at_and_over(&Limit {
        name: "maxSelections",
        set: |limits, most| limits.max_selections = most,
        query: "{ a: head { ...f } b: head { ...f } } fragment f on Head { sequence cursor }",
        comes_to: 8,
    })
    .await;
}

/// Number of tokens in a document.
#[tokio::test]
async fn max_tokens_passes_and_one_token_more_is_refused() {
    at_and_over(&Limit {
        name: "maxTokens",
        set: |limits, most| limits.max_tokens = most,
        query: "{ head { sequence cursor } }",
        comes_to: 7,
    })
    .await;
}
