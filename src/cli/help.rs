//! The flags in the help of each command. Every setting is accepted before and after every command; the help of a command
//! shows its own flags, and the settings that matter to it.

use clap::{Arg, Command};

/// The settings that the help of the program and of every command shows, besides `schema`.
const EVERYWHERE: [&str; 3] = ["database_url", "log_format", "log_level"];
/// The beginnings of the ids of settings that `doctor` checks.
const EXAMINED: [&str; 9] = [
    "listen",
    "read_database_url",
    "public_url",
    "nats_url",
    "oidc_",
    "webhook_",
    "trusted_",
    "only_trusted_documents",
    "allow_",
];
const HEADING: &str = "Settings";
const MORE: &str = "Every setting of the server is accepted before and after each command, and as a variable: see `cyberprofiles serve --help`.";

/// Hides the settings that do not matter to a command from its help. No help repeats the value of a variable: it may be
/// a password.
pub(super) fn with_own_flags(program: Command) -> Command {
    let program = program.mut_args(|arg| {
        let arg = arg.hide_env_values(true);
        if arg.is_global_set() {
            arg.help_heading(HEADING)
        } else {
            arg
        }
    });
    let settings: Vec<Arg> = program
        .get_arguments()
        .filter(|arg| arg.is_global_set())
        .cloned()
        .collect();
    program
        .mut_subcommands(|command| {
            let name = command.get_name().to_owned();
            // A setting that a command has by itself is not propagated to it.
            let own = settings.iter().cloned().map(|setting| {
                let is_shown = matters(&name, setting.get_id().as_str());
                setting.hide(!is_shown)
            });
            let command = command.mut_args(|arg| arg.hide_env_values(true)).args(own);
            if name == "serve" {
                command
            } else {
                command.after_help(MORE)
            }
        })
        .mut_args(|arg| {
            let is_hidden = arg.is_global_set() && !is_common(arg.get_id().as_str());
            arg.hide(is_hidden)
        })
        .after_help(MORE)
}

/// True for the settings in the help of the program.
fn is_common(setting: &str) -> bool {
    EVERYWHERE.contains(&setting) || ["listen", "public_url"].contains(&setting)
}

/// True if a setting matters to a command.
fn matters(command: &str, setting: &str) -> bool {
    match command {
        "serve" => true,
        "schema" => ["federation", "log_format", "log_level"].contains(&setting),
        "propose" => ["log_format", "log_level"].contains(&setting),
        "doctor" => {
            let is_examined = EXAMINED.iter().any(|begin| setting.starts_with(begin));
            is_examined || EVERYWHERE.contains(&setting)
        }
        _ => EVERYWHERE.contains(&setting),
    }
}
