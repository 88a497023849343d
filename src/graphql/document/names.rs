//! Fragments and variables that are used and not defined, or defined and not used. Unlike the validator, this also reads
//! what is below an unknown field: a fragment that is spread only there is not called unused.

use std::collections::{HashMap, HashSet};

use bluejay_core::executable::{OperationDefinition as _, Selection as _, SelectionReference};
use bluejay_core::{AsIter as _, Directive as _, ObjectValue};
use bluejay_parser::HasSpan as _;
use bluejay_parser::ast::Value;
use bluejay_parser::ast::executable::{
    ExecutableDocument, FragmentSpread, OperationDefinition, SelectionSet,
};
use bluejay_validator::executable::document::Error;

use super::fault::MAX_FAULTS;
use super::parts::{Fragments, each};
use super::verdict::Fault;

type Variable<'a> = <Value<'a, false> as bluejay_core::Value<false>>::Variable;

/// True for a fault that [`faults`] finds.
pub fn is_of_names(fault: &Fault<'_>) -> bool {
    matches!(
        fault,
        Error::FragmentDefinitionUnused { .. }
            | Error::FragmentSpreadTargetUndefined { .. }
            | Error::VariableNotDefined { .. }
            | Error::VariableDefinitionUnused { .. }
    )
}

/// The names that a definition uses itself, without those of the fragments that it spreads.
#[derive(Default)]
struct Uses<'a> {
    variables: Vec<&'a Variable<'a>>,
    spreads: Vec<&'a FragmentSpread<'a>>,
}

impl<'a> Uses<'a> {
    fn of_operation(operation: &'a OperationDefinition<'a>) -> Self {
        let mut uses = Self::of(operation.selection_set());
        for directive in each(operation.as_ref().directives()) {
            for argument in each(directive.arguments()) {
                uses.add_value(argument.value());
            }
        }
        uses
    }

    fn of(set: &'a SelectionSet<'a>) -> Self {
        let mut uses = Self::default();
        let mut open = vec![set];
        while let Some(set) = open.pop() {
            for selection in set.iter() {
                let selection = selection.as_ref();
                for directive in each(selection.directives()) {
                    for argument in each(directive.arguments()) {
                        uses.add_value(argument.value());
                    }
                }
                match selection {
                    SelectionReference::Field(field) => {
                        for argument in each(field.arguments()) {
                            uses.add_value(argument.value());
                        }
                        open.extend(field.selection_set());
                    }
                    SelectionReference::InlineFragment(inline) => open.push(inline.selection_set()),
                    SelectionReference::FragmentSpread(spread) => uses.spreads.push(spread),
                }
            }
        }
        uses
    }

    fn add_value(&mut self, value: &'a Value<'a, false>) {
        match value {
            Value::Variable(variable) => self.variables.push(variable),
            Value::List(list) => list.iter().for_each(|element| self.add_value(element)),
            Value::Object(object) => {
                ObjectValue::iter(object).for_each(|(_, member)| self.add_value(member));
            }
            _ => {}
        }
    }
}

/// The faults of names, up to one more than are listed. Fragments do not contain themselves.
pub fn faults<'a>(
    document: &'a ExecutableDocument<'a>,
    fragments: &Fragments<'a>,
) -> Vec<Fault<'a>> {
    let of_fragments: HashMap<&str, Uses<'a>> = fragments
        .iter()
        .map(|(name, fragment)| (*name, Uses::of(fragment.selection_set())))
        .collect();
    let operations = document.operation_definitions().iter();
    let operations: Vec<_> = operations
        .map(|operation| (operation, Uses::of_operation(operation)))
        .collect();
    let mut found = Vec::new();
    let all = operations.iter().map(|(_, uses)| uses);
    let mut spreads: Vec<_> = all
        .chain(of_fragments.values())
        .flat_map(|uses| uses.spreads.iter().copied())
        .filter(|spread| !fragments.contains_key(spread.name().as_str()))
        .collect();
    spreads.sort_by_key(|spread| spread.name().span().byte_range().start);
    found.extend(
        spreads
            .into_iter()
            .map(|fragment_spread| Error::FragmentSpreadTargetUndefined { fragment_spread }),
    );
    let mut reached = HashSet::new();
    for (operation, uses) in &operations {
        if found.len() > MAX_FAULTS {
            break;
        }
        let variables = variables(uses, &of_fragments, &mut reached);
        check_variables(operation, &variables, &mut found);
    }
    let unused = document.fragment_definitions().iter();
    let unused = unused.filter(|fragment| !reached.contains(fragment.name().as_str()));
    found.extend(
        unused.map(|fragment_definition| Error::FragmentDefinitionUnused {
            fragment_definition,
        }),
    );
    found
}

/// The variables that an operation uses, with those of the fragments that it reaches. Adds the names of these.
fn variables<'a>(
    uses: &Uses<'a>,
    of_fragments: &HashMap<&'a str, Uses<'a>>,
    reached: &mut HashSet<&'a str>,
) -> Vec<&'a Variable<'a>> {
    let mut variables = uses.variables.clone();
    let mut seen = HashSet::new();
    let mut open = uses.spreads.clone();
    while let Some(spread) = open.pop() {
        let name = spread.name().as_str();
        if let Some(uses) = of_fragments.get(name)
            && seen.insert(name)
        {
            variables.extend_from_slice(&uses.variables);
            open.extend_from_slice(&uses.spreads);
        }
    }
    reached.extend(seen);
    variables
}

fn check_variables<'a>(
    operation: &'a OperationDefinition<'a>,
    used: &[&'a Variable<'a>],
    found: &mut Vec<Fault<'a>>,
) {
    let definitions = || each(operation.as_ref().variable_definitions());
    let declared: HashSet<&str> = definitions().map(|one| one.variable().as_str()).collect();
    let names: HashSet<&str> = used.iter().map(|variable| variable.as_str()).collect();
    let unknown = used
        .iter()
        .filter(|variable| !declared.contains(variable.as_str()));
    // One fault more than are listed tells that there are others.
    for variable in unknown.take(MAX_FAULTS.saturating_add(1)) {
        found.push(Error::VariableNotDefined {
            variable,
            operation_definition: operation,
        });
    }
    let unused = definitions().filter(|one| !names.contains(one.variable().as_str()));
    found.extend(
        unused.map(|variable_definition| Error::VariableDefinitionUnused {
            variable_definition,
        }),
    );
}
