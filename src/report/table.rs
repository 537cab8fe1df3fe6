//! Tables, findings and a verdict, for people.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style as Paint};

use super::{
    Cell, Document, Grid, Style, Tone, diff,
    document::{Audit, Body, By, Catalogue, Counts, Explain, ExplainedPort, Header, Part, Policies, Policy, Severities, Step, Workload},
    escape, finding, matrix, migrate, plan, reach, sidecars,
    text::plural,
};

pub(super) fn write(document: &Document, style: Style, is_wide: bool, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    match &document.body {
        Body::Audit(audit) => {
            mesh(header, style, sink)?;
            grid(&self::audit(audit, is_wide, style.width), style, sink)?;
            if audit.clients.is_some() && !style.no_headers {
                writeln!(sink, "\n{}", matrix::LEGEND)?;
            }
            findings(header, style, sink)?;
            verdict(header, audit, style, sink)
        }
        Body::Analysis(analysis) => {
            findings(header, style, sink)?;
            if !header.findings.is_empty() && !style.quiet {
                writeln!(sink)?;
            }
            last_line(header, &analysis.rests_on(), style, sink)
        }
        Body::Explain(explain) => {
            explanation(explain, style, sink)?;
            findings(header, style, sink)
        }
        Body::Reach(answer) => {
            reach::write(answer, style, sink)?;
            findings(header, style, sink)
        }
        Body::Rule(rule) => write!(sink, "{}", rule.rule.page),
        Body::Plan(answer) => plan::write(header, answer, style, sink),
        Body::Catalogue(all) => grid(&catalogue(all, is_wide), style, sink),
        Body::Policies(all) => {
            grid(&policies(all, is_wide), style, sink)?;
            findings(header, style, sink)
        }
        Body::Sidecars(all) => sidecars::write(header, all, style, is_wide, sink),
        Body::Migration(answer) => migrate::write(header, answer, style, sink),
        Body::Diff(answer) => diff::write(header, answer, style, sink),
    }
}

/// A line a rule.
pub(super) fn catalogue(all: &Catalogue, is_wide: bool) -> Grid {
    const ALIASES: &str = "ALSO KNOWN AS";
    let columns = ["RULE", "SEVERITY", "NAME", ALIASES, "FIRES WHEN"].into_iter().filter(|name| is_wide || *name != ALIASES);
    let mut grid = Grid::new(&columns.collect::<Vec<_>>());
    for rule in &all.catalogue {
        let tone = match rule.severity {
            "error" => Tone::Bad,
            "warning" => Tone::Fair,
            _ => Tone::Plain,
        };
        let aliases = is_wide.then(|| Cell::maybe((!rule.aka.is_empty()).then(|| rule.aka.join(", ")).as_deref()));
        let first = [Cell::new(rule.id), Cell::toned(rule.severity, tone), Cell::new(rule.name)];
        grid.push(first.into_iter().chain(aliases).chain([Cell::new(rule.summary)]).collect());
    }
    grid
}

/// The first two lines: the mesh, and who runs it.
fn mesh(header: &Header, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if style.no_headers {
        return Ok(());
    }
    let mesh = &header.mesh;
    let by = mesh.decided_by.as_deref().map_or_else(|| "by default (no mesh policy)".into(), |by| format!("by {}", escape(by)));
    let auto = if mesh.auto_mtls { "on" } else { "off" };
    let mode = painted(&mesh.mode, tone(&mesh.mode), style);
    let by = if header.complete || mesh.decided_by.is_some() { by } else { format!("{by}, as far as could be read") };
    writeln!(sink, "Mesh {mode} {by}, root namespace {}, auto mTLS {auto}", escape(&mesh.root_namespace))?;
    for plane in &mesh.control_planes {
        let version = plane.version.as_deref().unwrap_or("of unknown version");
        let (version, revision, namespace) = (escape(version), escape(&plane.revision), escape(&plane.namespace));
        write!(sink, "istiod {version}, revision {revision}, {}/{} ready in {namespace}", plane.ready, plane.desired)?;
        let has_other_root = plane.root_namespace != mesh.root_namespace;
        writeln!(sink, "{}", if has_other_root { format!(", root namespace {}", escape(&plane.root_namespace)) } else { String::new() })?;
    }
    writeln!(sink)
}

fn grid(grid: &Grid, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if grid.rows().is_empty() { Ok(()) } else { writeln!(sink, "{}", grid.draw(style)) }
}

/// The table of an audit.
pub(super) fn audit(audit: &Audit, is_wide: bool, width: Option<u16>) -> Grid {
    match audit.by {
        By::Namespace => by_namespace(audit, is_wide),
        By::Workload => by_workload(audit, is_wide),
        By::Port => by_port(audit, is_wide),
        By::Client => matrix::grid(audit.clients.as_deref().unwrap_or_default(), width),
    }
}

fn by_namespace(audit: &Audit, is_wide: bool) -> Grid {
    let mut columns = vec!["NAMESPACE", "DATAPLANE", "MODE", "DECIDED BY", "STRICT"];
    if is_wide {
        columns.extend(["PERMISSIVE", "DISABLE", "NONE", "WITH OTHER PORTS"]);
    }
    columns.push("FINDINGS");
    let mut grid = Grid::new(&columns);
    for namespace in &audit.namespaces {
        let counts = namespace.workloads;
        let mut row = vec![
            Cell::new(&namespace.name),
            Cell::new(namespace.dataplane),
            mode(namespace.mode),
            Cell::maybe(namespace.decided_by.as_deref()),
            strict(counts),
        ];
        if is_wide {
            let toned = [
                (counts.permissive, Tone::Fair),
                (counts.disable, Tone::Bad),
                (counts.none, Tone::Bad),
                (counts.with_exceptions, Tone::Fair),
            ];
            row.extend(toned.map(|(n, tone)| Cell::number(n, tone)));
        }
        row.push(severities(namespace.findings));
        grid.push(row);
    }
    grid
}

/// How many of a namespace's workloads are STRICT.
fn strict(counts: Counts) -> Cell {
    match counts {
        Counts { total: 0, .. } => Cell::maybe(None),
        Counts { total, strict, unknown: 1.., .. } => Cell::toned(format!("{strict}/{total}?"), Tone::Fair),
        Counts { total, strict, .. } => Cell::toned(format!("{strict}/{total}"), if strict == total { Tone::Good } else { Tone::Fair }),
    }
}

fn severities(counts: Severities) -> Cell {
    let tone = match counts {
        Severities { error: 1.., .. } => Tone::Bad,
        Severities { warning: 1.., .. } => Tone::Fair,
        Severities { .. } => Tone::Plain,
    };
    counts.words().map_or_else(|| Cell::maybe(None), |words| Cell::toned(words, tone))
}

fn by_workload(audit: &Audit, is_wide: bool) -> Grid {
    let columns: &[&str] = if is_wide {
        &["NAMESPACE", "WORKLOAD", "PODS", "DATAPLANE", "MODE", "POLICY MODE", "DECIDED BY", "OTHER PORTS"]
    } else {
        &["NAMESPACE", "WORKLOAD", "DATAPLANE", "MODE", "DECIDED BY", "OTHER PORTS"]
    };
    let mut grid = Grid::new(columns);
    for workload in &audit.workloads {
        let mut row = vec![Cell::new(&workload.namespace), Cell::new(short_name(workload))];
        if is_wide {
            row.push(Cell::number(workload.pods, Tone::Plain));
        }
        row.extend([Cell::new(dataplane(workload)), mode(workload.mode)]);
        if is_wide {
            row.push(mode(workload.policy_mode));
        }
        row.extend([Cell::maybe(workload.decided_by.as_deref()), Cell::maybe(other_ports(workload).as_deref())]);
        grid.push(row);
    }
    grid
}

/// `deploy/web`, as kubectl writes it.
fn short_name(workload: &Workload) -> String {
    format!("{}/{}", short_kind(&workload.kind), workload.name)
}

/// kubectl's short form of a kind; the kind itself where there is none.
#[must_use]
pub fn short_kind(kind: &str) -> &str {
    match kind {
        "Deployment" => "deploy",
        "StatefulSet" => "sts",
        "DaemonSet" => "ds",
        "ReplicaSet" => "rs",
        "ReplicationController" => "rc",
        "CronJob" => "cj",
        "Job" => "job",
        "Pod" => "pod",
        "WorkloadEntry" => "we",
        "WorkloadGroup" => "wg",
        "PeerAuthentication" => "pa",
        "DestinationRule" => "dr",
        other => other,
    }
}

/// The data plane, and how many pods have it where they differ.
fn dataplane(workload: &Workload) -> String {
    match workload.variants.iter().find(|v| v.dataplane == workload.dataplane && v.mode == workload.mode) {
        Some(variant) => format!("{} ({} of {} pods)", workload.dataplane, variant.pods, workload.pods),
        // The Namespace was not read, so this is a guess.
        None if workload.assumed => format!("{}?", workload.dataplane),
        None => workload.dataplane.to_owned(),
    }
}

fn other_ports(workload: &Workload) -> Option<String> {
    let differing = workload.ports.iter().filter(|port| port.mode != workload.mode);
    let words: Vec<String> = differing.map(|port| format!("{} {}", port.port, port.mode)).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

fn by_port(audit: &Audit, is_wide: bool) -> Grid {
    let columns: &[&str] = if is_wide {
        &["NAMESPACE", "WORKLOAD", "PORT", "DATAPLANE", "MODE", "POLICY MODE", "DECIDED BY"]
    } else {
        &["NAMESPACE", "WORKLOAD", "PORT", "MODE", "DECIDED BY"]
    };
    let mut grid = Grid::new(columns);
    for workload in &audit.workloads {
        let rest = (None, workload.mode, workload.policy_mode, &workload.decided_by);
        let ports = workload.ports.iter().map(|port| (Some(port.port), port.mode, port.policy_mode, &port.decided_by));
        for (port, enforced, policy, decided_by) in ports.chain([rest]) {
            let port = port.map_or_else(|| "other".to_owned(), |port| port.to_string());
            let mut row = vec![Cell::new(&workload.namespace), Cell::new(short_name(workload)), Cell::new(port)];
            if is_wide {
                row.push(Cell::new(workload.dataplane));
            }
            row.push(mode(enforced));
            if is_wide {
                row.push(mode(policy));
            }
            row.push(Cell::maybe(decided_by.as_deref()));
            grid.push(row);
        }
    }
    grid
}

/// The table of policies.
pub(super) fn policies(all: &Policies, is_wide: bool) -> Grid {
    let columns: &[&str] = if is_wide {
        &["NAMESPACE", "POLICY", "SCOPE", "SELECTOR", "MODE", "WORKLOADS", "IN FORCE"]
    } else {
        &["NAMESPACE", "POLICY", "SCOPE", "MODE", "WORKLOADS", "IN FORCE"]
    };
    let mut grid = Grid::new(columns);
    for policy in &all.policies {
        let scope = policy.host.as_deref().map_or_else(|| policy.scope.to_owned(), |host| format!("host {host}"));
        let mut row =
            vec![Cell::new(&policy.namespace), Cell::new(format!("{}/{}", short_kind(policy.kind), policy.name)), Cell::new(scope)];
        if is_wide {
            row.push(Cell::maybe(policy.selector.as_deref()));
        }
        row.push(modes(policy));
        row.push(policy.workloads.map_or_else(|| Cell::maybe(None), |n| Cell::number(n, Tone::Plain)));
        let (word, tone) = match policy.in_force {
            Some(true) => ("yes", Tone::Good),
            Some(false) => ("no", Tone::Bad),
            None => ("open", Tone::Plain),
        };
        row.push(Cell::toned(if policy.because.is_empty() { word.to_owned() } else { format!("{word}: {}", policy.because) }, tone));
        grid.push(row);
    }
    grid
}

/// The mode of a policy, and those of its ports.
fn modes(policy: &Policy) -> Cell {
    let ports = policy.ports.iter().map(|(port, mode)| format!("{port} {mode}"));
    let words: Vec<String> = policy.mode.iter().cloned().chain(ports).collect();
    match words.as_slice() {
        [one] => mode(one),
        several => Cell::maybe((!several.is_empty()).then(|| several.join(", ")).as_deref()),
    }
}

fn explanation(explain: &Explain, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let workload = &explain.workload;
    let name = format!("{} {}/{}", workload.kind, workload.namespace, workload.name);
    for part in &explain.parts {
        let pods = match part.pods.as_slice() {
            [] => "no pods yet".to_owned(),
            [one] => format!("pod {one}"),
            [first, rest @ ..] => format!("{} pods, {first} and {} more", part.pods.len(), rest.len()),
        };
        writeln!(sink, "{}", escape(&format!("{name}: {}, revision {}, {pods}", part.dataplane, part.revision)))?;
        for hole in &part.holes {
            writeln!(sink, "{}", escape(&format!("bypasses the proxy: {} ({})", hole.what, hole.opened_by)))?;
        }
        ports(part, style, sink)?;
    }
    Ok(())
}

/// The ports of a part; those that have their mode for the same reasons are told together.
fn ports(part: &Part, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let mut groups: Vec<(&ExplainedPort, Vec<u16>, bool)> = Vec::new();
    for port in &part.ports {
        match groups.iter_mut().find(|(first, ..)| (first.mode, &first.trail) == (port.mode, &port.trail)) {
            Some((_, numbers, _)) => numbers.extend(port.port),
            None => groups.push((port, port.port.into_iter().collect(), port.port.is_none())),
        }
    }
    for (port, numbers, is_rest) in groups {
        let title = title(&numbers, is_rest, part.ports.len() == 1);
        let mode = painted(port.mode, tone(port.mode), style);
        let policy = if port.mode == port.policy_mode { String::new() } else { format!(" (the policies say {})", port.policy_mode) };
        let by = port.decided_by.as_deref().map_or_else(|| "by default".into(), |by| format!("by {}", escape(by)));
        writeln!(sink, "\n{title}: {mode}{policy} {by}")?;
        port.trail.iter().try_for_each(|step| self::step(step, style, sink))?;
    }
    writeln!(sink)
}

fn title(numbers: &[u16], is_rest: bool, is_only: bool) -> String {
    let list = numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    match (numbers.len(), is_rest) {
        (0, _) if is_only => "every port".into(),
        (0, _) => "every other port".into(),
        (1, false) => format!("port {list}"),
        (1, true) => format!("port {list} and every other"),
        (_, false) => format!("ports {list}"),
        (_, true) => format!("ports {list} and every other"),
    }
}

pub(super) fn step(step: &Step, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let tone = if matches!(step.outcome, "in force" | "enforced") { Tone::Plain } else { Tone::Dim };
    let object = step.object.as_deref().map(|object| format!("{object}: ")).unwrap_or_default();
    // What decided is worth a look into the file; where the losers stand is in JSON.
    let place = step.location.as_ref().filter(|_| step.outcome == "in force");
    let place = place.map(|at| format!(" ({}:{})", at.file, at.line)).unwrap_or_default();
    let line = format!("{:<9} {object}{}{place}", step.outcome, step.says);
    writeln!(sink, "  {}", painted(&line, tone, style))
}

pub(super) fn findings(header: &Header, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if style.quiet {
        return Ok(());
    }
    header.findings.iter().try_for_each(|finding| writeln!(sink, "\n{}", finding::draw(finding, style)))
}

/// The last line of an audit.
fn verdict(header: &Header, audit: &Audit, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if audit.namespaces.is_empty() && header.complete && header.findings.is_empty() {
        return writeln!(
            sink,
            "{}",
            painted("Nothing in scope: no namespace holds anything that says something about mTLS", Tone::Fair, style)
        );
    }
    let place = format!("{} in {}", plural(audit.workloads.len(), "workload"), plural(audit.namespaces.len(), "namespace"));
    writeln!(sink)?;
    last_line(header, &place, style, sink)
}

pub(super) fn last_line(header: &Header, about: &str, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let counts = Severities::of(&header.findings);
    let tone = match counts {
        Severities { error: 1.., .. } => Tone::Bad,
        Severities { warning: 1.., .. } => Tone::Fair,
        Severities { .. } => Tone::Good,
    };
    let mut line = format!("{}: {about}", counts.words().unwrap_or_else(|| "No findings".into()));
    if header.suppressed > 0 {
        line.extend(["; ", &plural(header.suppressed, "finding"), " silenced"]);
    }
    if header.known > 0 {
        line.extend(["; ", &plural(header.known, "finding"), " known"]);
    }
    if !header.complete {
        line.extend(["; INCOMPLETE: ", &plural(header.gaps.len(), "thing"), " could not be read"]);
    }
    writeln!(sink, "{}", painted(&line, if header.complete { tone } else { Tone::Bad }, style))
}

/// A mode in its tone.
fn mode(word: &str) -> Cell {
    Cell::toned(word, tone(word))
}

pub(super) fn tone(mode: &str) -> Tone {
    match mode {
        "STRICT" => Tone::Good,
        "PERMISSIVE" | "UNKNOWN" => Tone::Fair,
        "DISABLE" | "NONE" => Tone::Bad,
        _ => Tone::Plain,
    }
}

pub(super) fn painted(text: &str, tone: Tone, style: Style) -> String {
    let text = escape(text);
    let paint = match tone {
        _ if !style.colour => Paint::new(),
        Tone::Plain => Paint::new(),
        Tone::Good => Paint::new().green(),
        Tone::Fair => Paint::new().yellow(),
        Tone::Bad => Paint::new().red(),
        Tone::Dim => Paint::new().dimmed(),
    };
    text.style(paint).to_string()
}
