//! The `completion` command: scripts for shells, and the hidden command that prints the candidates for the last word of a command line.
//!
//! A script completes commands, flags and their fixed values. `__complete` also completes rules, namespaces, contexts and
//! workloads; kubectl calls it through `completions/kubectl_complete-mtls`, and expects the output format of Cobra: one
//! candidate per line, with its description after a tab, and a directive for the shell in the last line.

use std::{
    ffi::{OsStr, OsString},
    io::{self, Write as _},
    mem,
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread,
    time::Duration,
};

use clap::{ArgMatches, ValueEnum, ValueHint};
use clap_complete::engine::{self, ArgValueCompleter, CompletionCandidate};

use super::{
    args::{ScopeArgs, SourceArgs},
    exit::Exit,
};
use crate::{
    checks,
    mesh::{Mesh, Subject},
    object::{Id, Kind, Snapshot},
    report::{escape, short_kind},
    source::{
        self, cluster,
        manifest::{self, yaml},
    },
};

/// Flags of `completion`.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  source <(kubectl mtls completion bash)\n  kubectl mtls completion zsh > \"${fpath[1]}/_kubectl-mtls\"\n  kubectl mtls completion fish > ~/.config/fish/completions/kubectl-mtls.fish\n\nThe scripts complete `kubectl-mtls`. For `kubectl mtls`, kubectl's own completion runs the executable kubectl_complete-mtls on the PATH, which is part of every release."
)]
pub(super) struct Args {
    /// The shell.
    shell: Shell,
}

/// Shells for which there is a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
}

impl From<Shell> for clap_complete::Shell {
    fn from(shell: Shell) -> Self {
        match shell {
            Shell::Bash => Self::Bash,
            Shell::Zsh => Self::Zsh,
            Shell::Fish => Self::Fish,
            Shell::Powershell => Self::PowerShell,
        }
    }
}

/// An incomplete command line.
#[derive(Debug, clap::Args)]
pub(super) struct PartialLine {
    /// Its words after `kubectl mtls`; the last is the one to complete, and may be empty.
    #[arg(last = true, value_name = "WORD")]
    words: Vec<OsString>,
}

/// Name of the program in the scripts.
const PROGRAM: &str = "kubectl-mtls";
/// Time limit for a suggestion.
const DEADLINE: Duration = Duration::from_secs(2);
/// Id of the candidate that represents file names.
const FILES: &str = "files";
/// Cobra's directive to complete file names if nothing is suggested.
const DEFAULT: &str = ":0";
/// Cobra's directive to never complete file names.
const NO_FILES: &str = ":4";
/// Kinds of workloads that are listed from a cluster. Pods are omitted: there are many, and they are rarely typed.
const WORKLOADS: [Kind; 4] = [Kind::Deployment, Kind::StatefulSet, Kind::DaemonSet, Kind::CronJob];

/// Prints a script that completes this command line.
pub(super) fn run(args: &Args, all: &clap::Command) -> anyhow::Result<Exit> {
    let mut script = Vec::new();
    clap_complete::generate(clap_complete::Shell::from(args.shell), &mut visible(all), PROGRAM, &mut script);
    io::stdout().lock().write_all(&script)?;
    Ok(Exit::Success)
}

/// Prints the candidates for the last word.
pub(super) fn complete(line: &PartialLine, all: &clap::Command) -> anyhow::Result<Exit> {
    let (word, before) = line.words.split_last().map_or_else(|| (OsString::new(), &[][..]), |(word, before)| (word.clone(), before));
    let given = Arc::new(ParsedFlags::of(before, all.clone()));
    // After a single dash, clap would suggest the short form of a flag instead of the more descriptive long one.
    let word = if word == "-" { "--".into() } else { word };
    let words: Vec<OsString> = std::iter::once(PROGRAM.into()).chain(before.iter().cloned()).chain([word.clone()]).collect();
    let last = words.len() - 1;
    // A command line that cannot be parsed has no candidates.
    let found = engine::complete(&mut with_completers(all, &given), words, last, None).unwrap_or_default();
    let wants_files = found.iter().any(|candidate| candidate.get_id().is_some_and(|id| id == FILES));
    let wants_flags = word.as_encoded_bytes().starts_with(b"-");
    let mut text = String::new();
    for candidate in found.iter().filter(|candidate| candidate.get_id().is_none_or(|id| id != FILES)) {
        let Some(value) = candidate.get_value().to_str() else { continue };
        // A name that would have to be escaped is not suggested.
        if (wants_flags || !value.starts_with('-')) && escape(value) == value {
            let help = candidate.get_help().map(ToString::to_string).unwrap_or_default();
            let help = help.lines().next().unwrap_or_default();
            text += value;
            text += if help.is_empty() { "" } else { "\t" };
            text += help;
            text += "\n";
        }
    }
    text += if wants_files { DEFAULT } else { NO_FILES };
    text += "\n";
    io::stdout().lock().write_all(text.as_bytes())?;
    Ok(Exit::Success)
}

/// The command line without hidden commands, which clap's scripts would show.
fn visible(all: &clap::Command) -> clap::Command {
    let subcommands: Vec<clap::Command> = all.get_subcommands().filter(|command| !command.is_hide_set()).cloned().collect();
    let about = all.get_about().cloned().unwrap_or_default();
    clap::Command::new(PROGRAM).version(env!("CARGO_PKG_VERSION")).propagate_version(true).about(about).subcommands(subcommands)
}

/// The command line with completers for the values that are not fixed.
fn with_completers(all: &clap::Command, given: &Arc<ParsedFlags>) -> clap::Command {
    visible(all).mut_subcommands(|command| {
        let is_explain = command.get_name() == "explain";
        command.mut_args(|arg| with_completer(arg, is_explain, given))
    })
}

/// Adds a completer to an argument, if there is one for it.
fn with_completer(arg: clap::Arg, is_explain: bool, given: &Arc<ParsedFlags>) -> clap::Arg {
    let given = Arc::clone(given);
    let completer = match arg.get_long() {
        Some("select" | "ignore") => ArgValueCompleter::new(rules),
        Some("namespace" | "exclude-namespace" | "istio-namespace") => {
            ArgValueCompleter::new(move |word: &OsStr| with_prefix(word, given.namespaces()))
        }
        Some("context") => ArgValueCompleter::new(move |word: &OsStr| with_prefix(word, given.contexts().contexts)),
        Some("cluster") => ArgValueCompleter::new(move |word: &OsStr| with_prefix(word, given.contexts().clusters)),
        Some("user") => ArgValueCompleter::new(move |word: &OsStr| with_prefix(word, given.contexts().users)),
        None if is_explain && arg.is_positional() => ArgValueCompleter::new(move |word: &OsStr| {
            // An empty word after manifests or a namespace were given completes only workloads.
            let mut found = if word.is_empty() && given.has_source_or_namespace() { Vec::new() } else { rules(word) };
            found.extend(given.workloads(word));
            found
        }),
        _ if is_path(&arg) => ArgValueCompleter::new(|_: &OsStr| vec![CompletionCandidate::new("").id(Some(FILES.into()))]),
        _ => return arg,
    };
    arg.add(completer)
}

fn is_path(arg: &clap::Arg) -> bool {
    matches!(arg.get_value_hint(), ValueHint::AnyPath | ValueHint::FilePath | ValueHint::DirPath)
}

/// The names that start with the word.
fn with_prefix(word: &OsStr, names: Vec<String>) -> Vec<CompletionCandidate> {
    let Some(word) = word.to_str() else { return Vec::new() };
    names.into_iter().filter(|name| name.starts_with(word)).map(CompletionCandidate::new).collect()
}

/// Rules by id, in the letter case of the word; and by name, if the word is not empty.
fn rules(word: &OsStr) -> Vec<CompletionCandidate> {
    let Some(word) = word.to_str() else { return Vec::new() };
    let all = || checks::ALL.iter().map(|check| check.rule);
    let by_id = all().filter_map(|rule| {
        let (start, rest) = rule.id.split_at_checked(word.len())?;
        let is_begun = start.eq_ignore_ascii_case(word);
        is_begun.then(|| CompletionCandidate::new(format!("{word}{rest}")).help(Some(rule.name.into())))
    });
    let by_name = all().filter(|rule| !word.is_empty() && rule.name.starts_with(word));
    by_id.chain(by_name.map(|rule| CompletionCandidate::new(rule.name).help(Some(rule.id.into())))).collect()
}

/// The flags given in the words before the last.
#[derive(Debug, Default)]
struct ParsedFlags {
    source: Option<SourceArgs>,
    scope: Option<ScopeArgs>,
}

impl ParsedFlags {
    /// Parses the words and ignores errors.
    fn of(words: &[OsString], all: clap::Command) -> Self {
        let mut command = all.ignore_errors(true);
        let words = std::iter::once(PROGRAM.into()).chain(words.iter().cloned());
        let Ok(matches) = command.try_get_matches_from_mut::<_, OsString>(words) else { return Self::default() };
        let Some((name, matches)) = matches.subcommand() else { return Self::default() };
        let Some(command) = command.find_subcommand(name) else { return Self::default() };
        Self { source: flags(command, matches), scope: flags(command, matches) }
    }

    fn contexts(&self) -> source::Contexts {
        self.source.as_ref().map(|source| source::contexts(&source.cluster.connection())).unwrap_or_default()
    }

    /// The namespaces of the manifests or the cluster.
    fn namespaces(self: &Arc<Self>) -> Vec<String> {
        let mut names = self.within_deadline(|given, source, found| match given.snapshot(source) {
            Some(snapshot) => {
                let all = snapshot.ids().map(|id| if id.kind == Kind::Namespace { &id.name } else { &id.namespace });
                add(found, all.map(ToString::to_string).collect());
            }
            None => {
                list_from_cluster(source, &[Kind::Namespace], None, |ids| add(found, ids.iter().map(|id| id.name.to_string()).collect()));
            }
        });
        names.retain(|name| !name.is_empty());
        names.sort();
        names.dedup();
        names
    }

    /// The workloads of the manifests or the cluster, in the first spelling that starts with the word.
    fn workloads(self: &Arc<Self>, word: &OsStr) -> Vec<CompletionCandidate> {
        let Some(word) = word.to_str() else { return Vec::new() };
        let namespace = self.namespace().map(str::to_owned);
        let mut subjects = self.within_deadline(|given, source, found| match given.snapshot(source) {
            Some(snapshot) => {
                let mesh = Mesh::new(&snapshot, &source.control_plane_options());
                add(found, mesh.workloads().iter().map(|workload| workload.subject.clone()).collect());
            }
            None => list_from_cluster(source, &WORKLOADS, given.namespace(), |ids| add(found, ids.iter().map(Subject::from).collect())),
        });
        subjects.retain(|subject| namespace.as_ref().is_none_or(|namespace| subject.namespace == namespace.as_str()));
        subjects.sort();
        let mut spelled: Vec<String> = Vec::new();
        for subject in &subjects {
            spelled.extend(spellings(subject, namespace.is_some()).into_iter().find(|spelling| spelling.starts_with(word)));
        }
        spelled.dedup();
        spelled.into_iter().map(CompletionCandidate::new).collect()
    }

    /// Whether manifests or a namespace were given.
    fn has_source_or_namespace(&self) -> bool {
        self.namespace().is_some() || self.source.as_ref().is_some_and(SourceArgs::reads_files)
    }

    /// The namespace of names that are written without one.
    fn namespace(&self) -> Option<&str> {
        self.scope.as_ref()?.namespaces.first().map(String::as_str)
    }

    /// The manifests; `None` if no files are given and the cluster is used. Standard input is not read, as it belongs to the terminal.
    fn snapshot(&self, source: &SourceArgs) -> Option<Snapshot> {
        if !source.reads_files() {
            return None;
        }
        let namespace = self.namespace().unwrap_or_default();
        let request = manifest::Request { paths: &source.filename, recursive: source.recursive, namespace, ..manifest::Request::default() };
        Some(manifest::read(&request, &mut io::empty()).unwrap_or_default())
    }

    /// The results of a search when it ends or the deadline expires; a search that is still running ends with the process.
    fn within_deadline<T: Send + 'static>(
        self: &Arc<Self>,
        search: impl FnOnce(&Self, &SourceArgs, &Mutex<Vec<T>>) + Send + 'static,
    ) -> Vec<T> {
        let (given, found) = (Arc::clone(self), Arc::new(Mutex::new(Vec::new())));
        let (running, end) = mpsc::channel::<()>();
        let shared = Arc::clone(&found);
        let started = thread::Builder::new().stack_size(yaml::STACK_SIZE).spawn(move || {
            if let Some(source) = &given.source {
                search(&given, source, &shared);
            }
            drop(running);
        });
        if started.is_ok() {
            // Nothing is ever sent: this waits until the search drops its sender, or for the deadline.
            let _ = end.recv_timeout(DEADLINE);
        }
        mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Lists names from the cluster; none if it does not respond.
fn list_from_cluster(source: &SourceArgs, kinds: &[Kind], namespace: Option<&str>, found: impl Fn(Vec<Id>)) {
    let _ = cluster::ids(&source.cluster.connection(), kinds, namespace, DEADLINE, found);
}

fn add<T>(found: &Mutex<Vec<T>>, more: Vec<T>) {
    found.lock().unwrap_or_else(PoisonError::into_inner).extend(more);
}

/// A group of flags, if the command has all of them.
fn flags<A: clap::Args>(command: &clap::Command, matches: &ArgMatches) -> Option<A> {
    let group = A::augment_args(clap::Command::new(PROGRAM));
    let has_all = group.get_arguments().all(|flag| command.get_arguments().any(|arg| arg.get_id() == flag.get_id()));
    if has_all { A::from_arg_matches(matches).ok() } else { None }
}

/// The ways to write the name of a workload, the preferred one first.
fn spellings(Subject { namespace, kind, name }: &Subject, is_in_namespace: bool) -> Vec<String> {
    let kind = kind.as_str();
    let (short, long) = (short_kind(kind).to_ascii_lowercase(), kind.to_ascii_lowercase());
    let within = [format!("{short}/{name}"), format!("{long}/{name}"), name.to_string()];
    let full = [format!("{namespace}/{short}/{name}"), format!("{namespace}/{long}/{name}")];
    if is_in_namespace { within.into_iter().chain(full).collect() } else { full.into_iter().chain(within).collect() }
}
