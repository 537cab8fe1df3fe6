//! The command line: the only module that may depend on every other.

mod analyze;
mod answers;
mod args;
mod atomic_file;
mod audit;
mod ci;
mod completion;
mod configuration;
mod destination;
mod diff;
mod document;
mod duration;
mod exit;
mod explain;
mod file_args;
mod findings;
mod kubectl;
mod links;
mod load;
pub mod manifest;
mod migrate;
mod missing;
mod names;
mod output;
mod policies;
mod progress;
mod prometheus;
mod reach;
pub mod selector;
mod sidecars;
mod size;
mod skipped;
mod suggest;
mod usage;

use std::io::{self, Write as _};

use clap::{CommandFactory as _, Parser, Subcommand};

pub use exit::Exit;

use crate::report::{LogLines, escape};

/// Answer questions about mutual TLS in an Istio mesh, from a cluster or from manifests.
#[derive(Debug, Parser)]
#[command(name = "kubectl-mtls", bin_name = "kubectl mtls", version, about, propagate_version = true, max_term_width = 100)]
#[command(after_help = "Exit status: 0 no findings at or above --fail-on, 1 such findings, 2 invalid usage, 3 incomplete or no answer.")]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show the effective mTLS mode of every namespace, workload and port, which policy sets it, and what is wrong.
    Audit(audit::Args),
    /// Check the mTLS configuration against the rules, and show only the findings.
    Analyze(analyze::Args),
    /// Explain why a workload's ports have their modes; whether FROM reaches TO, and why; or what a rule means.
    Explain(explain::Args),
    /// List `PeerAuthentications` and `DestinationRules` with TLS settings: what they apply to, and whether they are in force.
    Policies(policies::Args),
    /// List which workloads have a proxy and of what kind, which should have one but do not, and why.
    Sidecars(sidecars::Args),
    /// Show what breaks if a scope is set to STRICT, for which clients, and in which steps to proceed, with the YAML to apply.
    MigrateCheck(Box<migrate::Args>),
    /// Show what would change if manifests were applied: modes, calls and findings.
    Diff(diff::Args),
    /// Print a script that completes this command line in a shell.
    Completion(completion::Args),
    /// Print the candidates for the last word of a command line.
    #[command(name = "__complete", hide = true)]
    Complete(completion::PartialLine),
}

impl Cli {
    /// Runs the command and returns its exit status.
    ///
    /// # Errors
    /// If the command line is wrong or no result can be produced.
    pub fn run(self) -> anyhow::Result<Exit> {
        match self.command {
            Command::Audit(args) => audit::run(&args),
            Command::Analyze(args) => analyze::run(&args),
            Command::Explain(args) => explain::run(&args),
            Command::Policies(args) => policies::run(&args),
            Command::Sidecars(args) => sidecars::run(&args),
            Command::MigrateCheck(args) => migrate::run(&args),
            Command::Diff(args) => diff::run(&args),
            Command::Completion(args) => completion::run(&args, &Self::command()),
            Command::Complete(line) => completion::complete(&line, &Self::command()),
        }
    }
}

/// Runs the command line of this process, prints errors, and returns the exit status.
#[must_use]
pub fn main() -> Exit {
    match Cli::try_parse().map_err(anyhow::Error::from).and_then(Cli::run) {
        Ok(exit) => exit,
        Err(error) => failed(&error),
    }
}

/// Prints a usage error, or the help. An error repeats arguments, which may contain control characters; it is printed without colours then.
/// Nothing can be printed if the stream is closed.
fn print_usage(usage: &clap::Error) {
    let text = usage.render().to_string();
    let _ = if text.lines().all(|line| escape(line) == line) {
        usage.print()
    } else {
        let mut stream = anstream::stderr();
        let mut sink = LogLines::new(&mut stream);
        text.lines().try_for_each(|line| writeln!(sink, "{}", escape(line))).and_then(|()| sink.flush())
    };
}

/// Prints an error: what failed, why, and how to fix it. Nothing can be printed if standard error is closed.
fn failed(error: &anyhow::Error) -> Exit {
    // Of standard output: its reader ended. A connection that breaks is the cause of another error.
    if error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe) {
        return Exit::Success;
    }
    if let Some(usage) = error.downcast_ref::<clap::Error>() {
        print_usage(usage);
        return if usage.use_stderr() { Exit::InvalidUsage } else { Exit::Success };
    }
    let mut stream = anstream::stderr().lock();
    let mut sink = LogLines::new(&mut stream);
    for (at, cause) in error.chain().enumerate() {
        let title = if at == 0 { "error" } else { "caused by" };
        let _ = writeln!(sink, "{title}: {}", escape(&cause.to_string()));
    }
    if let Some(hint) = load::hint(error) {
        let _ = writeln!(sink, "hint: {}", escape(&hint));
    }
    let _ = sink.flush();
    load::status(error)
}
