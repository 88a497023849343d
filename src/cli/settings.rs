//! The settings that differ from their defaults, for the log.

use std::any::TypeId;
use std::ffi::OsStr;

use clap::{Arg, ArgMatches, Args};

use crate::config::{Config, Secret};

/// The settings that differ from their defaults, as `name=value`, separated by spaces. An address that may contain a
/// password is only called `set`.
pub(super) fn changed_settings(matches: &ArgMatches) -> String {
    let declared = Config::augment_args(clap::Command::new("settings"));
    let changed = declared
        .get_arguments()
        .filter_map(|setting| changed(setting, matches));
    changed.collect::<Vec<_>>().join(" ")
}

fn changed(setting: &Arg, matches: &ArgMatches) -> Option<String> {
    let name = setting.get_long()?;
    let values = matches.try_get_raw(setting.get_id().as_str()).ok()??;
    let values: Vec<_> = values.collect();
    let defaults = setting
        .get_default_values()
        .iter()
        .map(AsRef::<OsStr>::as_ref);
    if defaults.eq(values.iter().copied()) {
        return None;
    }
    if setting.get_value_parser().type_id() == TypeId::of::<Secret>() {
        return Some(format!("{name}=set"));
    }
    let values = values.iter().map(|value| value.to_string_lossy());
    let value = values.collect::<Vec<_>>().join(",");
    let is_plain = !value.is_empty() && value.chars().all(|letter| letter.is_ascii_graphic());
    Some(if is_plain {
        format!("{name}={value}")
    } else {
        format!("{name}={value:?}")
    })
}
