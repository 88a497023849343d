//! Lines on standard error, in the format of the log.

use std::ffi::OsString;
use std::io::{self, Write};
use std::sync::OnceLock;

use chrono::SecondsFormat;
use clap::ValueEnum;
use clap::error::ErrorKind;
use serde::Serialize;

use super::redact::redact_addresses;
use crate::config::LogFormat;
use crate::store::Clock;

/// The format of the log, once the command line is read.
static FORMAT: OnceLock<LogFormat> = OnceLock::new();

/// One event in the form of the log.
#[derive(Serialize)]
struct Event<'a> {
    timestamp: String,
    level: &'static str,
    fields: Fields<'a>,
    target: &'static str,
}

#[derive(Serialize)]
struct Fields<'a> {
    message: &'a str,
}

/// Sets the format of all later lines.
pub(super) fn use_format(format: LogFormat) {
    FORMAT.get_or_init(|| format);
}

/// Reports an error, with which the command ends.
pub(super) fn report_error(message: &str) {
    match FORMAT.get() {
        Some(LogFormat::Json) => write_event("ERROR", message),
        _ => write_line(&format!("error: {message}")),
    }
}

/// Reports the progress or the result of a command.
pub(super) fn report_progress(message: &str) {
    match FORMAT.get() {
        Some(LogFormat::Json) => write_event("INFO", message),
        _ => write_line(message),
    }
}

/// Prints why the command line is invalid, or the help that it asks for, and ends the process. The message does not
/// repeat an address: it may contain a password.
pub(super) fn report_usage_error(error: &clap::Error) -> ! {
    let message = error.to_string();
    let redacted = redact_addresses(&message);
    if error.use_stderr() && demanded_format() == Some(LogFormat::Json) {
        write_event("ERROR", &in_one_line(error.kind(), &redacted));
        std::process::exit(error.exit_code());
    }
    if redacted == message {
        error.exit();
    }
    // An error here means that standard error is closed: there is no other place to report it.
    let _ = write!(io::stderr(), "{redacted}");
    std::process::exit(error.exit_code());
}

/// The format that an invalid command line, or the environment, demands.
fn demanded_format() -> Option<LogFormat> {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let mut demanded = std::env::var("CYBERPROFILES_LOG_FORMAT").ok();
    let following = arguments.iter().skip(1).map(Some).chain([None]);
    for (argument, next) in arguments.iter().zip(following) {
        let argument = argument.to_string_lossy();
        if argument == "--" {
            break;
        }
        if let Some(format) = argument.strip_prefix("--log-format=") {
            demanded = Some(format.to_owned());
        } else if argument == "--log-format" {
            demanded = next.map(|next| next.to_string_lossy().into_owned());
        }
    }
    LogFormat::from_str(&demanded?, false).ok()
}

/// The message of an invalid command line, without usage and advice about the help.
fn in_one_line(kind: ErrorKind, message: &str) -> String {
    if kind == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return "a command or an argument is missing: --help lists them".to_owned();
    }
    let ends = ["\n\nUsage:", "\n\nFor more information"];
    let end = ends.iter().filter_map(|end| message.find(end)).min();
    let message = end.and_then(|end| message.get(..end)).unwrap_or(message);
    let message = message.strip_prefix("error: ").unwrap_or(message);
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn write_event(level: &'static str, message: &str) {
    let event = Event {
        timestamp: Clock::default()
            .now()
            .to_rfc3339_opts(SecondsFormat::Micros, true),
        level,
        fields: Fields { message },
        target: module_path!(),
    };
    if let Ok(line) = serde_json::to_string(&event) {
        write_line(&line);
    }
}

fn write_line(line: &str) {
    // An error here means that standard error is closed: there is no other place to report it.
    let _ = writeln!(io::stderr().lock(), "{line}");
}
