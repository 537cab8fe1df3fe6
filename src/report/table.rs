//! Tables, findings and a verdict, for people.

use std::io::{self, Write};

use owo_colors::{OwoColorize, Style as Paint};

use super::{
    Cell, Document, Grid, Style, Tone,
    document::{Audit, Body, By, Explain, Header, Part, Policies, Severities, Step, Workload},
    escape, finding,
};

pub(super) fn write(document: &Document, style: Style, is_wide: bool, sink: &mut dyn Write) -> io::Result<()> {
    let header = &document.header;
    match &document.body {
        Body::Audit(audit) => {
            mesh(header, style, sink)?;
            grid(&self::audit(audit, is_wide), style, sink)?;
            findings(header, style, sink)?;
            verdict(header, audit, style, sink)
        }
        Body::Explain(explain) => {
            explanation(explain, style, sink)?;
            findings(header, style, sink)
        }
        Body::Policies(all) => {
            grid(&policies(all, is_wide), style, sink)?;
            findings(header, style, sink)
        }
    }
}

/// The first two lines: the mesh, and who runs it.
fn mesh(header: &Header, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if style.no_headers {
        return Ok(());
    }
    let mesh = &header.mesh;
    let by = mesh.decided_by.as_deref().map_or_else(|| "no mesh policy".into(), |by| format!("by {}", escape(by)));
    let auto = if mesh.auto_mtls { "on" } else { "off" };
    let mode = painted(&mesh.mode, tone(&mesh.mode), style);
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
pub(super) fn audit(audit: &Audit, is_wide: bool) -> Grid {
    match audit.by {
        By::Namespace => by_namespace(audit),
        By::Workload => by_workload(audit, is_wide),
        By::Port => by_port(audit, is_wide),
    }
}

fn by_namespace(audit: &Audit) -> Grid {
    let mut grid = Grid::new(&["NAMESPACE", "DATAPLANE", "MODE", "DECIDED BY", "WORKLOADS", "FINDINGS"]);
    for namespace in &audit.namespaces {
        let counts = namespace.workloads;
        let named = [(counts.strict, "STRICT"), (counts.permissive, "PERMISSIVE"), (counts.disable, "DISABLE"), (counts.none, "NONE")];
        let mut words: Vec<String> = named.iter().filter(|(n, _)| *n > 0).map(|(n, mode)| format!("{n} {mode}")).collect();
        if counts.with_exceptions > 0 {
            words.push(format!("{} with other ports", counts.with_exceptions));
        }
        grid.push(vec![
            Cell::new(&namespace.name),
            Cell::new(namespace.dataplane),
            mode(namespace.mode),
            Cell::maybe(namespace.decided_by.as_deref()),
            Cell::maybe((!words.is_empty()).then(|| words.join(", ")).as_deref()),
            severities(namespace.findings),
        ]);
    }
    grid
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
        let mut row = vec![Cell::new(&workload.namespace), Cell::new(format!("{}/{}", workload.kind, workload.name))];
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

/// The data plane, and how many pods have it where they differ.
fn dataplane(workload: &Workload) -> String {
    match workload.variants.iter().find(|v| v.dataplane == workload.dataplane && v.mode == workload.mode) {
        Some(variant) => format!("{} ({} of {} pods)", workload.dataplane, variant.pods, workload.pods),
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
            let mut row = vec![Cell::new(&workload.namespace), Cell::new(format!("{}/{}", workload.kind, workload.name)), Cell::new(port)];
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
        &["POLICY", "SCOPE", "MODE", "PORTS", "SELECTOR", "WORKLOADS", "IN FORCE", "BECAUSE"]
    } else {
        &["POLICY", "SCOPE", "MODE", "WORKLOADS", "IN FORCE", "BECAUSE"]
    };
    let mut grid = Grid::new(columns);
    for policy in &all.policies {
        let scope = policy.host.as_deref().map_or_else(|| policy.scope.to_owned(), |host| format!("host {host}"));
        let mut row = vec![
            Cell::new(format!("{} {}/{}", policy.kind, policy.namespace, policy.name)),
            Cell::new(scope),
            policy.mode.as_deref().map_or_else(|| Cell::maybe(None), mode),
        ];
        if is_wide {
            let ports: Vec<String> = policy.ports.iter().map(|(port, mode)| format!("{port} {mode}")).collect();
            row.push(Cell::maybe((!ports.is_empty()).then(|| ports.join(", ")).as_deref()));
            row.push(Cell::maybe(policy.selector.as_deref()));
        }
        row.push(policy.workloads.map_or_else(|| Cell::maybe(None), |n| Cell::number(n, Tone::Plain)));
        row.push(match policy.in_force {
            Some(true) => Cell::toned("yes", Tone::Good),
            Some(false) => Cell::toned("no", Tone::Bad),
            None => Cell::maybe(None),
        });
        row.push(Cell::maybe(Some(policy.because.as_str()).filter(|text| !text.is_empty())));
        grid.push(row);
    }
    grid
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

fn ports(part: &Part, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let is_only = part.ports.len() == 1;
    for port in &part.ports {
        let title = match port.port {
            Some(port) => format!("port {port}"),
            None if is_only => "every port".into(),
            None => "every other port".into(),
        };
        let mode = painted(port.mode, tone(port.mode), style);
        let policy = if port.mode == port.policy_mode { String::new() } else { format!(" (the policies say {})", port.policy_mode) };
        let by = port.decided_by.as_deref().map_or_else(|| "by default".into(), |by| format!("by {}", escape(by)));
        writeln!(sink, "\n{title}: {mode}{policy} {by}")?;
        port.trail.iter().try_for_each(|step| self::step(step, style, sink))?;
    }
    writeln!(sink)
}

fn step(step: &Step, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let tone = if step.outcome == "in force" { Tone::Plain } else { Tone::Dim };
    let object = step.object.as_deref().map(|object| format!("{object}: ")).unwrap_or_default();
    let line = format!("{:<9} {object}{}", step.outcome, step.says);
    writeln!(sink, "  {}", painted(&line, tone, style))
}

fn findings(header: &Header, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    if style.quiet {
        return Ok(());
    }
    header.findings.iter().try_for_each(|finding| writeln!(sink, "\n{}", finding::draw(finding, style)))
}

/// The last line of an audit.
fn verdict(header: &Header, audit: &Audit, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    let plural = |n: usize, one: &str| if n == 1 { format!("1 {one}") } else { format!("{n} {one}s") };
    let place = format!("{} in {}", plural(audit.workloads.len(), "workload"), plural(audit.namespaces.len(), "namespace"));
    let counts = Severities::of(&header.findings);
    let tone = match counts {
        Severities { error: 1.., .. } => Tone::Bad,
        Severities { warning: 1.., .. } => Tone::Fair,
        Severities { .. } => Tone::Good,
    };
    let mut line = format!("{}: {place}", counts.words().unwrap_or_else(|| "No findings".into()));
    if header.suppressed > 0 {
        line.push_str(&format!("; {} silenced", plural(header.suppressed, "finding")));
    }
    if !header.complete {
        line.push_str(&format!("; INCOMPLETE: {} could not be read", plural(header.gaps.len(), "thing")));
    }
    writeln!(sink, "\n{}", painted(&line, if header.complete { tone } else { Tone::Bad }, style))
}

/// A mode in its tone.
fn mode(word: &str) -> Cell {
    Cell::toned(word, tone(word))
}

fn tone(mode: &str) -> Tone {
    match mode {
        "STRICT" => Tone::Good,
        "PERMISSIVE" => Tone::Fair,
        "DISABLE" | "NONE" => Tone::Bad,
        _ => Tone::Plain,
    }
}

fn painted(text: &str, tone: Tone, style: Style) -> String {
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
