//! What a change would do: the document of `diff`, its tables, and the same for Markdown.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Cell, Grid, Style, Tone,
    document::{Finding, Header, Severities, Subject},
    escape, schema,
    table::{self, painted, short_kind},
    text::plural,
};

/// The answer of `diff`. Its findings are those that the change brings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Diff {
    /// The manifests, and what becomes of their objects.
    pub objects: Vec<Object>,
    /// The mesh and namespaces whose own policies come to another mode.
    pub scopes: Vec<ScopeChange>,
    /// Workloads and ports whose mode or data plane is another.
    pub modes: Vec<ModeChange>,
    /// Calls of which something else comes, worst first.
    pub calls: Vec<CallChange>,
    /// Findings that the change takes away.
    pub resolved: Vec<Finding>,
}

/// An object of the change.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Object {
    /// Who it is.
    #[serde(flatten)]
    pub subject: Subject,
    /// `added`, `changed`, `unchanged` or `deleted`.
    #[schemars(extend("enum" = schema::CHANGE))]
    pub change: &'static str,
}

/// The mode of the mesh or of a namespace as a whole, before and after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ScopeChange {
    /// Namespace; `null` for the mesh.
    pub namespace: Option<String>,
    /// Before.
    pub before: ScopeMode,
    /// After.
    pub after: ScopeMode,
    /// How many of its workloads were read. Where there is none, what becomes of its calls is not known.
    pub workloads: usize,
}

/// What the policies of the mesh or of a namespace come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ScopeMode {
    /// The mode.
    #[schemars(extend("enum" = schema::MODE))]
    pub mode: &'static str,
    /// Policy that decides.
    pub decided_by: Option<String>,
}

/// What a workload or a port enforces, before and after.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ModeChange {
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Workload port; `null` for the workload.
    pub port: Option<u16>,
    /// Before; `null` for what is new.
    pub before: Option<State>,
    /// After; `null` for what goes.
    pub after: Option<State>,
}

/// What takes the traffic of a workload, and what that enforces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct State {
    /// Data plane.
    #[schemars(extend("enum" = schema::DATAPLANE))]
    pub dataplane: &'static str,
    /// What it enforces.
    #[schemars(extend("enum" = schema::MODE))]
    pub mode: &'static str,
    /// What the policies say.
    #[schemars(extend("enum" = schema::MODE))]
    pub policy_mode: &'static str,
    /// Policy that decides.
    pub decided_by: Option<String>,
}

/// Calls of which something else comes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct CallChange {
    /// `breaks`, `weakens`, `disappears`, `changes`, `appears`, `strengthens` or `mends`.
    #[schemars(extend("enum" = schema::EFFECT))]
    pub effect: &'static str,
    /// Who calls.
    pub from: Callers,
    /// Whom.
    pub to: Called,
    /// Before; `null` where nobody could make the call.
    pub before: Option<Answer>,
    /// After; `null` where nobody can make it.
    pub after: Option<Answer>,
}

/// Clients that fare alike.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Callers {
    /// What sends their calls.
    #[schemars(extend("enum" = schema::DATAPLANE))]
    pub dataplane: &'static str,
    /// What sends them after the change, where that is something else; else `null`.
    pub becomes: Option<&'static str>,
    /// Their namespaces.
    pub namespaces: Vec<String>,
    /// The labels that set them apart, where a rule or a scope is for some of their namespace only.
    pub labels: BTreeMap<String, String>,
}

/// A service port.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Called {
    /// Namespace of the service.
    pub namespace: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// What comes of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Answer {
    /// `mtls`, `plaintext`, `tls`, `fail`, `mixed`, `no-endpoints` or `unknown`.
    #[schemars(extend("enum" = schema::RESULT))]
    pub result: &'static str,
    /// The lowest failure code of any endpoint.
    pub code: Option<&'static str>,
    /// What users see of it.
    pub symptom: Option<&'static str>,
}

impl Diff {
    fn has_nothing(&self, header: &Header) -> bool {
        self.scopes.is_empty() && self.modes.is_empty() && self.calls.is_empty() && self.resolved.is_empty() && header.findings.is_empty()
    }

    /// The tables with their titles; none that is empty.
    pub(super) fn grids(&self) -> Vec<(&'static str, Grid)> {
        let all = [
            ("Objects", objects(&self.objects)),
            ("Scopes", scopes(&self.scopes)),
            ("Modes", modes(&self.modes)),
            ("Calls", calls(&self.calls)),
        ];
        all.into_iter().filter(|(_, grid)| !grid.rows().is_empty()).collect()
    }

    /// The answer in a line.
    pub(super) fn summary(&self, header: &Header) -> String {
        if self.has_nothing(header) {
            return "Nothing changes: no mode, no call, no finding".into();
        }
        let of = |effect: &str| self.calls.iter().filter(|call| call.effect == effect).count();
        let effects = ["breaks", "weakens", "strengthens", "mends"].into_iter().filter(|effect| of(effect) > 0);
        let mut parts: Vec<String> = effects.map(|effect| format!("{effect} {}", plural(of(effect), "call"))).collect();
        if parts.is_empty() {
            parts.push("breaks no call".into());
        }
        parts.push(format!("changes {}", plural(self.modes.len(), "mode")));
        let new = Severities::of(&header.findings).words().map_or_else(|| "brings no finding".into(), |words| format!("brings {words}"));
        parts.push(new);
        if !self.resolved.is_empty() {
            parts.push(format!("resolves {}", self.resolved.len()));
        }
        format!("The change {}{}", parts.join(", "), self.unread())
    }

    /// The scopes of which no workload was read: what becomes of their calls nobody knows.
    fn unread(&self) -> String {
        let all: Vec<&str> = self.scopes.iter().filter(|one| one.workloads == 0).map(name).collect();
        if all.is_empty() {
            return String::new();
        }
        format!("; UNKNOWN what becomes of calls to {}, of which no workload was read", listed(&all))
    }
}

pub(super) fn write(header: &Header, diff: &Diff, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    for (at, (title, grid)) in diff.grids().into_iter().enumerate() {
        if !style.no_headers {
            writeln!(sink, "{}{title}", if at == 0 { "" } else { "\n" })?;
        }
        writeln!(sink, "{}", grid.draw(style))?;
    }
    table::findings(header, style, sink)?;
    writeln!(sink)?;
    if !diff.resolved.is_empty() && !style.quiet {
        writeln!(sink, "No longer found")?;
        for gone in &diff.resolved {
            writeln!(sink, "  {} {}: {}", gone.rule, gone.name, escape(&gone.subject.title()))?;
        }
        writeln!(sink)?;
    }
    let incomplete =
        if header.complete { String::new() } else { format!("; INCOMPLETE: {} could not be read", plural(header.gaps.len(), "thing")) };
    let breaks = diff.calls.iter().any(|call| call.effect == "breaks");
    let is_known = header.complete && diff.unread().is_empty();
    let tone = if breaks || !is_known { Tone::Bad } else { Tone::Good };
    writeln!(sink, "{}", painted(&escape(&(diff.summary(header) + &incomplete)), tone, style))
}

fn objects(all: &[Object]) -> Grid {
    let mut grid = Grid::new(&["CHANGE", "KIND", "NAMESPACE", "NAME"]);
    for one in all.iter().filter(|one| one.change != UNCHANGED) {
        let Subject { kind, namespace, name } = &one.subject;
        grid.push(vec![Cell::new(one.change), Cell::new(kind), Cell::maybe(namespace.as_deref()), Cell::new(name)]);
    }
    grid
}

fn scopes(all: &[ScopeChange]) -> Grid {
    let mut grid = Grid::new(&["SCOPE", "WORKLOADS", "BEFORE", "AFTER", "DECIDED BY"]);
    for one in all {
        let mode = |scope: &ScopeMode| Cell::toned(scope.mode, table::tone(scope.mode));
        let read = if one.workloads == 0 { "none read".to_owned() } else { one.workloads.to_string() };
        let by = Cell::maybe(one.after.decided_by.as_deref());
        grid.push(vec![Cell::new(name(one)), Cell::new(read), mode(&one.before), mode(&one.after), by]);
    }
    grid
}

fn name(scope: &ScopeChange) -> &str {
    scope.namespace.as_deref().unwrap_or("the mesh")
}

fn modes(all: &[ModeChange]) -> Grid {
    let mut grid = Grid::new(&["NAMESPACE", "WORKLOAD", "PORT", "BEFORE", "AFTER", "DECIDED BY"]);
    for one in all {
        let both = (one.before.as_ref(), one.after.as_ref());
        let has_moved = matches!(both, (Some(was), Some(is)) if was.dataplane != is.dataplane);
        let state = |state: Option<&State>| match state {
            None => Cell::maybe(None),
            Some(state) if has_moved => Cell::toned(format!("{} ({})", state.mode, state.dataplane), table::tone(state.mode)),
            Some(state) if state.mode == state.policy_mode || state.mode == "NONE" => Cell::toned(state.mode, table::tone(state.mode)),
            Some(state) => Cell::toned(format!("{} (policy: {})", state.mode, state.policy_mode), table::tone(state.mode)),
        };
        grid.push(vec![
            Cell::new(&one.namespace),
            Cell::new(format!("{}/{}", short_kind(&one.kind), one.name)),
            Cell::maybe(one.port.map(|port| port.to_string()).as_deref()),
            state(both.0),
            state(both.1),
            Cell::maybe(both.1.and_then(|state| state.decided_by.as_deref())),
        ]);
    }
    grid
}

/// An object that says what it said.
const UNCHANGED: &str = "unchanged";

/// How many namespaces a cell names.
const NAMED: usize = 3;

fn calls(all: &[CallChange]) -> Grid {
    let mut grid = Grid::new(&["EFFECT", "FROM", "TO", "BEFORE", "AFTER"]);
    for one in all {
        let tone = match one.effect {
            "breaks" => Tone::Bad,
            "weakens" | "disappears" | "changes" => Tone::Fair,
            _ => Tone::Good,
        };
        grid.push(vec![
            Cell::toned(one.effect, tone),
            Cell::new(callers(&one.from)),
            Cell::new(format!("{}:{}", one.to.host, one.to.port)),
            answer(one.before.as_ref()),
            answer(one.after.as_ref()),
        ]);
    }
    grid
}

/// `shop, web, … 12 more (sidecar)`.
pub(super) fn callers(from: &Callers) -> String {
    let named: Vec<&str> = from.namespaces.iter().map(String::as_str).collect();
    let word = |dataplane: &'static str| if dataplane == "none" { "no proxy" } else { dataplane };
    let by = from.becomes.map_or_else(|| word(from.dataplane).to_owned(), |after| format!("{} → {}", word(from.dataplane), word(after)));
    let labels = from.labels.iter().map(|(key, value)| format!("{key}={value}"));
    let who: Vec<String> = labels.chain([by]).collect();
    format!("{} ({})", listed(&named), who.join(", "))
}

/// `shop, web, db, … 12 more`.
fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(", … {more} more") } else { String::new() };
    format!("{}{more}", names[..names.len().min(NAMED)].join(", "))
}

fn answer(answer: Option<&Answer>) -> Cell {
    let Some(answer) = answer else { return Cell::maybe(None) };
    let tone = match answer.result {
        "mtls" => Tone::Good,
        "fail" => Tone::Bad,
        _ => Tone::Fair,
    };
    Cell::toned(answer.code.map_or_else(|| answer.result.to_owned(), |code| format!("{} {code}", answer.result)), tone)
}
