//! The log on standard error, and traces for an OpenTelemetry collector.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::collections::HashMap;
use std::io::IsTerminal;
use std::panic::{self, PanicHookInfo};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use opentelemetry::global;
use opentelemetry::trace::TracerProvider;
use opentelemetry_otlp::{SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::SdkTracerProvider;
use percent_encoding::percent_decode_str;
use tracing::Metadata;
use tracing_subscriber::filter::{LevelFilter, filter_fn};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, fmt, registry};

use crate::config::LogFormat;
use collector::Collector;

mod collector;

/// Name of the service in traces, and of the tracer.
const NAME: &str = env!("CARGO_PKG_NAME");

/// Directive that is added to every log filter, so that a panic is logged whatever `--log-level` asks for.
const ALWAYS: &str = "cyberprofiles::telemetry=warn";

/// The most detailed level that is logged of these libraries, whatever `--log-level` asks for. At finer levels they log
/// whole messages, or addresses and headers with the tokens and passwords in them.
const FINEST: [(&str, LevelFilter); 5] = [
    ("tungstenite", LevelFilter::INFO),
    ("async_nats", LevelFilter::INFO),
    ("opentelemetry", LevelFilter::INFO),
    ("reqwest", LevelFilter::INFO),
    // This module logs the lines of a password file that it cannot read.
    ("sqlx_postgres::options", LevelFilter::OFF),
];

/// True if an event may be logged, whatever `--log-level` asks for.
fn is_loggable(metadata: &Metadata<'_>) -> bool {
    FINEST.iter().all(|(target, finest)| {
        !metadata.target().starts_with(target) || *metadata.level() <= *finest
    })
}

/// Sends the remaining traces when it is dropped.
pub struct Telemetry(Option<SdkTracerProvider>);

impl Drop for Telemetry {
    fn drop(&mut self) {
        if let Some(traces) = &self.0
            && let Err(error) = traces.shutdown()
        {
            tracing::warn!(%error, "the remaining traces could not be sent");
        }
    }
}

/// Sends the log to standard error, and traces to an OpenTelemetry collector if one is given.
///
/// # Errors
/// One sentence if the level cannot be read or the collector's address cannot be used.
pub fn start(format: LogFormat, level: &str, collector: Option<&str>) -> Result<Telemetry, String> {
    let filter = filter(level).map_err(|what| {
        format!("the log level {what} cannot be read: expected error, warn, info, debug or trace, or a level per module, like info,cyberprofiles_store=debug")
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
    let loggable = filter_fn(is_loggable);
    let layers = registry().with(filter).with(loggable).with(log).with(layer);
    layers.try_init().map_err(|error| error.to_string())?;
    panic::set_hook(Box::new(log_panic));
    Ok(Telemetry(traces))
}

/// Logs a panic as an error, inside the span of the request in which it happened.
fn log_panic(panic: &PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string);
    let what = panic.payload_as_str().unwrap_or_default();
    let trace = Backtrace::capture();
    let backtrace = (trace.status() == BacktraceStatus::Captured).then(|| trace.to_string());
    tracing::error!(what, place, backtrace, "a thread panicked");
}

/// Parses log levels. A single word must be a level: read as the name of a module, a misspelt level would silence the
/// log.
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
    let mut address = url::Url::parse(collector).map_err(|error| unusable(&error))?;
    if address.path().contains('@') || address.fragment().is_some() {
        return Err(unusable(
            &"it contains / or # before its last @; in a user or password write / as %2F and # as %23",
        ));
    }
    let headers = authorization(&mut address).map_err(|error| unusable(&error))?;
    let address = match address.path() {
        "/" => address
            .join("v1/traces")
            .map_err(|error| unusable(&error))?,
        _ => address,
    };
    let client = Collector::new().map_err(|error| unusable(&error))?;
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_endpoint(address)
        .with_headers(headers)
        .build()
        .map_err(|error| unusable(&error))?;
    let resource = Resource::builder().with_service_name(NAME).build();
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .build())
}

/// Moves the user and password of an address into an `Authorization` header, so that no error or log line that repeats
/// the address contains them. Source: RFC 7617.
fn authorization(address: &mut url::Url) -> Result<HashMap<String, String>, &'static str> {
    let decoded = |text: &str| percent_decode_str(text).collect::<Vec<u8>>();
    let user = decoded(address.username());
    let password = decoded(address.password().unwrap_or_default());
    if user.is_empty() && password.is_empty() {
        return Ok(HashMap::new());
    }
    let unfit = |()| "an address of this form cannot have a user or password";
    address.set_username("").map_err(unfit)?;
    address.set_password(None).map_err(unfit)?;
    let credentials = STANDARD.encode([user, vec![b':'], password].concat());
    let header = ("authorization".to_owned(), format!("Basic {credentials}"));
    Ok(HashMap::from([header]))
}
