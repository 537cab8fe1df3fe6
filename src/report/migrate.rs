//! The way to STRICT: the document of `migrate-check`, its tables, and the same for Markdown.

use std::io::{self, Write};

use schemars::JsonSchema;
use serde::Serialize;

use super::{
    Cell, Grid, Style, Tone,
    document::{Header, Subject},
    escape, schema, table,
    table::painted,
    text::{code, plural},
};

/// The answer of `migrate-check`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Migration {
    /// Namespaces that hold workloads of the mesh.
    pub namespaces: Vec<Namespace>,
    /// The steps, in order.
    pub waves: Vec<Wave>,
    /// The traffic that was looked at; `null` where the answer rests on configuration alone.
    pub traffic: Option<Traffic>,
}

/// The traffic that was looked at.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Traffic {
    /// Who was asked.
    pub from: String,
    /// How far back, such as `7d`.
    pub window: String,
    /// The first moment of that.
    pub start: String,
    /// The last.
    pub end: String,
    /// What is to be known when reading the numbers.
    pub notes: Vec<String>,
    /// What no such numbers can show.
    pub limits: Vec<&'static str>,
}

/// How a namespace stands.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Namespace {
    /// Name.
    pub name: String,
    /// `ready`, `blocked`, `unknown` or `already`.
    #[schemars(extend("enum" = schema::READY))]
    pub ready: &'static str,
    /// The wave in which it goes STRICT; `null` where it cannot, or is.
    pub wave: Option<usize>,
    /// What is in the way.
    pub blockers: Vec<Blocker>,
    /// What was seen of traffic; empty without Prometheus.
    pub evidence: Vec<Evidence>,
    /// The manifests that make it STRICT, as YAML; empty where it is.
    pub patch: String,
}

/// Something in the way.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Blocker {
    /// Rule.
    pub rule: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// What breaks: the one workload, or the namespace of several.
    pub subject: Subject,
    /// The workloads, and the ports that are called.
    pub servers: Vec<Server>,
    /// Who calls.
    pub client: String,
    /// What shows it.
    pub evidence: String,
    /// `certain`, `seen` or `possible`.
    #[schemars(extend("enum" = schema::CONFIDENCE))]
    pub confidence: &'static str,
    /// Failure code.
    pub code: Option<&'static str>,
    /// Whether the call fails as things are.
    pub fails_already: bool,
}

/// A workload and the ports that are called.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Server {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// Its ports.
    pub ports: Vec<u16>,
}

/// What was seen of a workload's traffic.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Evidence {
    /// The workload.
    #[serde(flatten)]
    pub subject: Subject,
    /// `plaintext-seen`, `refused`, `no-plaintext`, `no-traffic` or `not-covered`.
    #[schemars(extend("enum" = schema::VERDICT))]
    pub verdict: &'static str,
    /// What that rests on, in a sentence.
    pub says: String,
    /// How much of the time its proxies were watched, in per cent: the worst of them. `null` where nobody can tell.
    pub coverage: Option<u64>,
    /// What came by mutual TLS.
    pub mutual: Counted,
    /// What came without.
    pub other: Counted,
    /// Plaintext that arrived, by client.
    pub plaintext: Vec<Seen>,
    /// Plaintext that was refused, by client.
    pub refused: Vec<Seen>,
    /// Why silence proves nothing; empty where it does.
    pub lacks: Vec<String>,
}

/// Counts of one kind are never added to those of another.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Counted {
    /// HTTP and gRPC requests.
    pub requests: u64,
    /// TCP connections opened.
    pub connections: u64,
    /// Bytes over TCP.
    pub bytes: u64,
}

/// Plaintext of one client.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// Who sent it, as far as that is known.
    pub client: String,
    /// `headers`, `address` or `nobody`: how that is known. None is proof.
    #[schemars(extend("enum" = schema::NAMED_BY))]
    pub named_by: &'static str,
    /// The Service it called, as `NAMESPACE/NAME`.
    pub service: String,
    /// `http`, `grpc` or `tcp`.
    pub protocol: String,
    /// At least so much.
    #[serde(flatten)]
    pub counted: Counted,
    /// When it was seen last.
    pub last: Option<String>,
}

/// A step.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Wave {
    /// Its number, from 1.
    pub wave: usize,
    /// `permissive`, `strict`, `strict-with-exceptions`, `strict-if-nobody-calls` or `mesh`.
    #[schemars(extend("enum" = schema::STEP))]
    pub step: &'static str,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// What has to be so for it to break nothing; empty where nothing has.
    pub rests_on: Vec<String>,
    /// What to apply, as YAML.
    pub manifests: String,
    /// The way back: what to apply, and what to delete, as a script's lines.
    pub back: String,
}

impl Migration {
    /// The tables with their titles.
    pub(super) fn grids(&self) -> Vec<(&'static str, Grid)> {
        let all = [("Namespaces", self.summary_grid()), ("Traffic", self.traffic_grid()), ("Steps", self.steps())];
        all.into_iter().filter(|(_, grid)| !grid.rows().is_empty()).collect()
    }

    fn summary_grid(&self) -> Grid {
        let mut grid = Grid::new(&["NAMESPACE", "READY", "WAVE", "CERTAIN", "SEEN", "POSSIBLE", "IN THE WAY"]);
        for one in &self.namespaces {
            let count =
                |confidence: &str, tone| Cell::number(one.blockers.iter().filter(|blocker| blocker.confidence == confidence).count(), tone);
            let mut rules: Vec<&str> = one.blockers.iter().map(|blocker| blocker.name).collect();
            rules.dedup();
            grid.push(vec![
                Cell::new(&one.name),
                Cell::toned(one.ready, tone(one.ready)),
                Cell::maybe(one.wave.map(|wave| wave.to_string()).as_deref()),
                count("certain", Tone::Bad),
                count("seen", Tone::Bad),
                count("possible", Tone::Fair),
                Cell::maybe((!rules.is_empty()).then(|| rules.join(", ")).as_deref()),
            ]);
        }
        grid
    }

    /// What was seen of each workload; those of which nothing but mutual TLS was seen are counted below.
    fn traffic_grid(&self) -> Grid {
        let mut grid = Grid::new(&["NAMESPACE", "WORKLOAD", "TRAFFIC", "WATCHED", "SAYS"]);
        for (namespace, one) in self.namespaces.iter().flat_map(|namespace| namespace.evidence.iter().map(move |one| (namespace, one))) {
            if one.verdict == "no-plaintext" {
                continue;
            }
            let tone = if one.verdict == "plaintext-seen" { Tone::Bad } else { Tone::Fair };
            grid.push(vec![
                Cell::new(&namespace.name),
                Cell::new(format!("{}/{}", one.subject.kind, one.subject.name)),
                Cell::toned(one.verdict, tone),
                Cell::maybe(one.coverage.map(|percent| format!("{percent} %")).as_deref()),
                Cell::new(&one.says),
            ]);
        }
        grid
    }

    /// `Traffic of 7d until 2026-…: 3 workloads no-plaintext, 1 plaintext-seen`, from where, and what it cannot show.
    fn traffic_lines(&self) -> Vec<String> {
        let Some(traffic) = &self.traffic else { return Vec::new() };
        let all = || self.namespaces.iter().flat_map(|namespace| &namespace.evidence);
        let words = ["plaintext-seen", "not-covered", "no-traffic", "refused", "no-plaintext"];
        let counts = words.map(|word| (all().filter(|one| one.verdict == word).count(), word));
        let counts: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        let counts = if counts.is_empty() { "no workload to watch".to_owned() } else { counts.join(", ") };
        let first = format!("Traffic of {} until {} by {}: {counts}", traffic.window, traffic.end, traffic.from);
        let notes = traffic.notes.iter().map(|note| format!("  note: {note}"));
        let limits = traffic.limits.iter().map(|limit| format!("  not in it: {limit}"));
        [first].into_iter().chain(notes).chain(limits).collect()
    }

    fn steps(&self) -> Grid {
        let mut grid = Grid::new(&["WAVE", "STEP", "NAMESPACES"]);
        for wave in &self.waves {
            grid.push(vec![Cell::new(wave.wave.to_string()), Cell::new(wave.step), Cell::new(wave.namespaces.join(", "))]);
        }
        grid
    }

    /// What to say of namespaces that have no step, though they are not STRICT.
    fn stuck(&self) -> Option<String> {
        let stuck = self.namespaces.iter().filter(|one| one.ready != "already" && one.wave.is_none());
        let names: Vec<&str> = stuck.map(|one| one.name.as_str()).collect();
        (!names.is_empty()).then(|| {
            format!("No step for {}: something would break there that no open port keeps working. Mend it first.", names.join(", "))
        })
    }

    /// The answer in a line.
    pub(super) fn summary(&self) -> String {
        let of = |ready: &str| self.namespaces.iter().filter(|one| one.ready == ready).count();
        let parts: Vec<String> = ["ready", "blocked", "unknown", "already"]
            .into_iter()
            .filter(|ready| of(ready) > 0)
            .map(|ready| format!("{} {}", of(ready), if ready == "already" { "STRICT already" } else { ready }))
            .collect();
        if parts.is_empty() {
            "No namespace in scope holds a workload of the mesh".into()
        } else {
            let rests = if self.traffic.is_some() { "" } else { " (by configuration alone; --prometheus adds what was seen)" };
            format!("Towards STRICT: {}{rests}", parts.join(", "))
        }
    }
}

fn tone(ready: &str) -> Tone {
    match ready {
        "ready" | "already" => Tone::Good,
        "blocked" => Tone::Bad,
        _ => Tone::Fair,
    }
}

pub(super) fn write(header: &Header, migration: &Migration, style: Style, sink: &mut dyn Write) -> io::Result<()> {
    for (at, (title, grid)) in migration.grids().into_iter().enumerate() {
        if !style.no_headers {
            writeln!(sink, "{}{title}", if at == 0 { "" } else { "\n" })?;
        }
        writeln!(sink, "{}", grid.draw(style))?;
    }
    if !style.quiet {
        let lines = migration.traffic_lines();
        if !lines.is_empty() {
            writeln!(sink)?;
        }
        lines.iter().try_for_each(|line| writeln!(sink, "{}", escape(line)))?;
        table::findings(header, style, sink)?;
        for wave in &migration.waves {
            writeln!(sink, "\n{}", title(wave))?;
            wave.rests_on.iter().try_for_each(|says| writeln!(sink, "  only if {}", escape(says)))?;
            writeln!(sink, "{}", indented(&escape_lines(&wave.manifests)))?;
        }
        migration.stuck().iter().try_for_each(|says| writeln!(sink, "\n{}", escape(says)))?;
    }
    let incomplete =
        if header.complete { String::new() } else { format!("; INCOMPLETE: {} could not be read", plural(header.gaps.len(), "thing")) };
    let is_good = header.complete && migration.namespaces.iter().all(|one| matches!(one.ready, "ready" | "already"));
    writeln!(sink, "\n{}", painted(&(migration.summary() + &incomplete), if is_good { Tone::Good } else { Tone::Fair }, style))
}

/// `Wave 2: strict for shop, web`.
fn title(wave: &Wave) -> String {
    format!("Wave {}: {} for {}", wave.wave, wave.step, escape(&wave.namespaces.join(", ")))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect::<Vec<_>>().concat().trim_end().to_owned()
}

fn escape_lines(text: &str) -> String {
    text.lines().map(escape).collect::<Vec<_>>().join("\n")
}

/// The steps for Markdown: what to apply, and the way back.
pub(super) fn markdown(migration: &Migration, sink: &mut dyn Write) -> io::Result<()> {
    for line in migration.traffic_lines() {
        writeln!(sink, "{}  ", super::text::markdown(line.trim_start()))?;
    }
    if migration.traffic.is_some() {
        writeln!(sink)?;
    }
    for wave in &migration.waves {
        writeln!(sink, "### {}\n", super::text::markdown(&title(wave)))?;
        if !wave.rests_on.is_empty() {
            writeln!(sink, "Only if:\n")?;
            wave.rests_on.iter().try_for_each(|says| writeln!(sink, "- {}", super::text::markdown(says)))?;
            writeln!(sink)?;
        }
        writeln!(sink, "{}\n", code("yaml", &escape_lines(wave.manifests.trim_end())))?;
        writeln!(sink, "The way back:\n\n{}\n", code("sh", &escape_lines(wave.back.trim_end())))?;
    }
    migration.stuck().iter().try_for_each(|says| writeln!(sink, "{}\n", super::text::markdown(says)))?;
    Ok(())
}
