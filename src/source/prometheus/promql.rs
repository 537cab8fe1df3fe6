//! The queries, as text. Whatever comes from outside stands between quotes, and cannot leave them.

use std::fmt::{self, Write as _};

/// Matchers that go into every selector, such as `cluster="east"`. They are taken apart and written anew.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matchers(Vec<Matcher>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Matcher {
    label: String,
    operator: &'static str,
    value: String,
}

impl Matchers {
    /// Reads matchers as `PromQL` writes them: `cluster="east",env=~"prod|stage"`.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut matchers = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (matcher, after) =
                matcher(rest).ok_or_else(|| format!("`{text}` is no matcher; write LABEL=\"VALUE\", with =, !=, =~ or !~"))?;
            matchers.push(matcher);
            rest = after.trim_start();
            rest = match rest.strip_prefix(',') {
                Some(more) => more.trim_start(),
                None if rest.is_empty() => rest,
                None => return Err(format!("`{text}`: write a comma between two matchers")),
            };
        }
        Ok(Self(matchers))
    }

    /// These and those.
    #[must_use]
    pub fn and(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// One that holds for any of these values, as they are.
    fn one_of(label: &str, values: &[String]) -> Self {
        if values.is_empty() {
            return Self::default();
        }
        let value = values.iter().map(|value| escaped(value)).collect::<Vec<_>>().join("|");
        Self(vec![Matcher { label: label.to_owned(), operator: "=~", value }])
    }
}

impl fmt::Display for Matchers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Matcher { label, operator, value } in &self.0 {
            write!(f, ",{label}{operator}{}", quoted(value))?;
        }
        Ok(())
    }
}

/// The first matcher of a text, and what follows it.
fn matcher(text: &str) -> Option<(Matcher, &str)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_')?;
    let (label, rest) = text.split_at(end);
    if label.is_empty() || label.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = rest.trim_start();
    let operator = ["=~", "!~", "!=", "="].into_iter().find(|operator| rest.starts_with(operator))?;
    let (value, rest) = unquoted(rest[operator.len()..].trim_start())?;
    Some((Matcher { label: label.to_owned(), operator, value }, rest))
}

/// The string that a text starts with, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let mut value = String::new();
    let mut chars = text.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                c @ ('\\' | '"' | '\'') => c,
                _ => return None,
            }),
            '\n' => return None,
            c if c == quote => return Some((value, &text[at + 1..])),
            c => value.push(c),
        }
    }
    None
}

/// A string as `PromQL` reads it.
#[must_use]
pub fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            // Writing to a string cannot fail.
            c if c.is_control() => _ = write!(out, "\\u{:04x}", u32::from(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// A regular expression (RE2) that matches this text and no other.
#[must_use]
pub fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if r"\.+*?()|[]{}^$".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Metric {
    Requests,
    Connections,
    Bytes,
}

impl Metric {
    pub(super) const ALL: [Self; 3] = [Self::Requests, Self::Connections, Self::Bytes];

    fn name(self) -> &'static str {
        match self {
            Self::Requests => "istio_requests_total",
            Self::Connections => "istio_tcp_connections_opened_total",
            Self::Bytes => "istio_tcp_received_bytes_total",
        }
    }
}

/// A pair of client and server.
const PAIR: &str = "source_cluster,source_workload_namespace,source_workload,destination_cluster,destination_workload_namespace,\
    destination_workload,destination_service_namespace,destination_service_name,request_protocol,reporter,connection_security_policy";
/// Who alone knows how a call came: the server's side.
const SERVER: &str = r#"reporter=~"destination|waypoint""#;
/// How plaintext is told: Envoy says `none`, ztunnel `unknown`, and a label that is missing says nothing.
const PLAIN: &str = r#"reporter=~"destination|waypoint",connection_security_policy!="mutual_tls",connection_security_policy!="""#;
/// A regular expression for more namespaces than this does not fit into a request; then all of them are asked for.
const LONGEST_FILTER: usize = 1_500;

/// Writes the queries of one question.
#[derive(Clone, Debug)]
pub(super) struct Queries {
    /// Matchers of every selector.
    everywhere: Matchers,
    /// Those of selectors that are about destinations.
    destinations: Matchers,
}

impl Queries {
    pub(super) fn new(everywhere: Matchers, namespaces: &[String]) -> Self {
        let within = Matchers::one_of("destination_workload_namespace", namespaces);
        let is_short = within.0.iter().all(|matcher| matcher.value.len() <= LONGEST_FILTER);
        let destinations = if is_short { everywhere.clone().and(within) } else { everywhere.clone() };
        Self { everywhere, destinations }
    }

    /// Which of Istio's metrics there are.
    pub(super) fn metrics(&self, window: u64) -> String {
        let Self { everywhere, .. } = self;
        format!(
            "count by (__name__,reporter,connection_security_policy) (last_over_time({{__name__=~\"istio_requests_total|\
             istio_tcp_connections_opened_total\"{everywhere}}}[{window}s]))"
        )
    }

    /// Plaintext by pairs.
    pub(super) fn plaintext(&self, metric: Metric, window: u64) -> String {
        self.grown_or_born(metric.name(), PLAIN, window)
    }

    /// Plaintext that ztunnel denied, by pairs.
    pub(super) fn denied(&self, window: u64) -> String {
        self.grown_or_born("istio_tcp_connections_closed_total", &format!("{PLAIN},response_flags=\"DENY\""), window)
    }

    /// A counter by pairs. `increase` does not see the first sample of a series, and with it a client that called once;
    /// the second half finds series born within the window, by their value.
    fn grown_or_born(&self, metric: &str, matchers: &str, window: u64) -> String {
        let series = format!("{metric}{{{matchers}{}}}", self.destinations);
        format!(
            "(sum by ({PAIR}) (increase({series}[{window}s])) > 0) or \
             (sum by ({PAIR}) (max_over_time({series}[{window}s]) unless {series} offset {window}s) > 0)"
        )
    }

    /// When plaintext was last seen, by pairs, as precise as the step.
    pub(super) fn last_seen(&self, metric: Metric, window: u64, step: u64) -> String {
        let series = format!("{}{{{PLAIN}{}}}", metric.name(), self.destinations);
        format!(
            "max by ({PAIR}) (max_over_time(timestamp((changes({series}[{step}s]) > 0) or \
             ({series} unless {series} offset {step}s))[{window}s:{step}s]))"
        )
    }

    /// What destinations counted, by how it came.
    pub(super) fn measured(&self, metric: Metric, window: u64) -> String {
        format!(
            "sum by (destination_cluster,destination_workload_namespace,destination_workload,reporter,connection_security_policy) \
             (increase({}{{{SERVER}{}}}[{window}s]))",
            metric.name(),
            self.destinations
        )
    }

    /// Requests that failed before they were HTTP to the server, by pairs.
    pub(super) fn failed(&self, window: u64) -> String {
        format!(
            "sum by ({PAIR},response_flags,response_code) (increase(istio_requests_total{{reporter=\"source\",\
             response_flags=~\"(.*,)?(UF|URX|UC)(,.*)?\"{}}}[{window}s])) > 0",
            self.destinations
        )
    }

    /// Destinations without the label that says how calls came.
    pub(super) fn unlabelled(&self, window: u64) -> String {
        format!(
            "count by (destination_workload_namespace,destination_workload) (last_over_time({{__name__=~\"istio_requests_total|\
             istio_tcp_connections_opened_total|istio_tcp_received_bytes_total\",{SERVER},connection_security_policy=\"\"{}}}[{window}s]))",
            self.destinations
        )
    }

    /// Which proxies were scraped, and how often.
    pub(super) fn scrapes(&self, window: u64, step: u64) -> String {
        let Self { everywhere, .. } = self;
        format!(
            "count_over_time((count by (component,namespace,pod) (istio_build{{component=~\"proxy|ztunnel\"{everywhere}}}) > 0)\
             [{window}s:{step}s])"
        )
    }

    /// The same for all pods of a Deployment together, told by the two parts that Kubernetes adds to its name.
    pub(super) fn generations(&self, window: u64, step: u64) -> String {
        const POD: &str = "(.+)-[bcdfghjklmnpqrstvwxz2456789]{1,10}-[bcdfghjklmnpqrstvwxz2456789]{5}";
        let Self { everywhere, .. } = self;
        format!(
            "count_over_time((count by (namespace,deployment) (label_replace(istio_build{{component=\"proxy\",pod=~\"{POD}\"{everywhere}}},\
             \"deployment\",\"$1\",\"pod\",\"{POD}\")) > 0)[{window}s:{step}s])"
        )
    }

    /// Whether any proxy was scraped at the start of the window.
    pub(super) fn history(&self, window: u64) -> String {
        format!("count(count_over_time(istio_build{{component=~\"proxy|ztunnel\"{}}}[10m] offset {window}s))", self.everywhere)
    }

    /// Proxies that are scraped at two ports, so that everything of theirs counts twice.
    pub(super) fn twice(&self, window: u64) -> String {
        format!(
            "count by (namespace,pod) (count by (namespace,pod,instance) (last_over_time(istio_requests_total{{{SERVER}{}}}[{window}s]))) > 1",
            self.destinations
        )
    }
}
