//! The program in the metrics: its version, the kind of its database, and what is switched on.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::Registry;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct BuildLabels {
    version: &'static str,
    database: &'static str,
    features: String,
}

/// Adds the program to a registry, as `build_info`.
pub(super) fn register(registry: &mut Registry, database: &'static str, features: &str) {
    let labels = BuildLabels {
        version: env!("CARGO_PKG_VERSION"),
        database,
        features: features.to_owned(),
    };
    registry.register(
        "build",
        "Version of the program, kind of the database, and features that are switched on",
        Info::new(labels),
    );
}
