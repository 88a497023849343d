//! What the program says of itself: a log for people or machines, and traces where somebody collects them.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::IsTerminal;
use std::panic::{self, PanicHookInfo};

use opentelemetry::global;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use crate::config::LogFormat;

/// What traces are said to be of, and who makes them.
const NAME: &str = env!("CARGO_PKG_NAME");

/// What goes for every level: below this sockets log whole messages, with tokens and all, and above it a panic would
/// leave no line.
const ALWAYS: &str = "tungstenite=info,tungstenite::protocol=info,cyberprofiles::telemetry=warn";

/// Sends what is left of the traces when it is dropped.
pub struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = &self.0
            && let Err(error) = traces.shutdown()
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

/// Sends the log to standard error, and traces to an OpenTelemetry collector where there is one.
///
/// # Errors
/// A sentence where the level cannot be read, or the collector's address cannot be used.
pub fn start(format: LogFormat, level: &str, collector: Option<&str>) -> Result<Telemetry, String> {
    let filter = filter(level).map_err(|what| {
        format!("the log level {what} cannot be read: expected error, warn, info, debug or trace, or one of them by module as in info,cyberprofiles::store=debug")
    })?;
    let log = fmt::layer()
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    let log = match format {
        LogFormat::Text => log.boxed(),
        LogFormat::Json => log.json().boxed(),
    };
    let traces = collector.map(provider).transpose()?;
    let layer = traces.as_ref().map(|traces| {
        global::set_text_map_propagator(TraceContextPropagator::new());
        tracing_opentelemetry::layer().with_tracer(traces.tracer(NAME))
    });
    let layers = registry().with(filter).with(log).with(layer);
    layers.try_init().map_err(|error| error.to_string())?;
    panic::set_hook(Box::new(log_panic));
    Ok(Telemetry(traces))
}

/// A panic is a line of the log as well, of the request that it is of.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let what = panic.payload_as_str().unwrap_or_default();
    let trace = Backtrace::capture();
    let backtrace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
    tracing::error!(what, place, backtrace, "a panic");
}

/// Reads levels. A word alone is one: taken for a module, a misspelt level would log nothing.
fn filter(levels: &str) -> Result<EnvFilter, String> {
    let is_level = |part: &&str| {
        part.is_empty() || part.contains(['=', '[']) || part.parse::<LevelFilter>().is_ok()
    };
    match levels
        .split(',')
        .map(str::trim)
        .find(|part| !is_level(part))
    {
        Some(part) => Err(format!("{part:?}")),
        None => EnvFilter::try_new(format!("{levels},{ALWAYS}"))
            .map_err(|error| format!("{levels:?} ({error})")),
    }
}

fn provider(collector: &str) -> Result<SdkTracerProvider, String> {
    let unusable = |error: &dyn std::fmt::Display| {
        format!("the OTLP endpoint cannot be used: {error}; expected http://HOST:4318")
    };
    let address = url::Url::parse(collector).map_err(|error| unusable(&error))?;
    let address = match address.path() {
        "/" => address
            .join("v1/traces")
            .map_err(|error| unusable(&error))?,
        _ => address,
    };
    let exporter = SpanExporter::builder()
        .with_http()
        .with_endpoint(address)
        .build()
        .map_err(|error| unusable(&error))?;
    let resource = Resource::builder().with_service_name(NAME).build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}
