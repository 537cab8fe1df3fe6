//! The text of the queries. External input is always quoted and escaped.

use std::fmt::{self, Write as _};

/// Matchers that are added to every selector, such as `cluster="east"`. They are parsed and formatted again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matchers(Vec<Matcher>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Matcher {
    label: String,
    operator: &'static str,
    value: String,
}

impl Matchers {
    /// Parses matchers in `PromQL` syntax: `cluster="east",env=~"prod|stage"`.
    ///
    /// # Errors
    /// A message about the part that is invalid.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut matchers = Vec::new();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (matcher, after) =
                matcher(rest).ok_or_else(|| format!("invalid matcher `{text}`: expected LABEL=\"VALUE\", with =, !=, =~ or !~"))?;
            matchers.push(matcher);
            rest = after.trim_start();
            rest = match rest.strip_prefix(',') {
                Some(more) => more.trim_start(),
                None if rest.is_empty() => rest,
                None => return Err(format!("invalid matchers `{text}`: expected a comma between two matchers")),
            };
        }
        Ok(Self(matchers))
    }

    /// Both sets of matchers.
    #[must_use]
    pub fn merged(mut self, more: Self) -> Self {
        self.0.extend(more.0);
        self
    }

    /// A matcher for any of these literal values; none if there are no values.
    fn any_of(label: &str, values: &[String]) -> Self {
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

/// The first matcher of a text, and the rest of the text.
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

/// The quoted string at the start of a text, and the rest of the text.
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

/// A string in `PromQL` syntax.
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

/// A regular expression (RE2) that matches exactly this text.
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

/// Labels of a client and a destination.
const PAIR: &str = "source_cluster,source_workload_namespace,source_workload,destination_cluster,destination_workload_namespace,\
    destination_workload,destination_service_namespace,destination_service_name,request_protocol,reporter,connection_security_policy";
/// Metrics of the server's side, the only ones that show how a call arrived.
const SERVER: &str = r#"reporter=~"destination|waypoint""#;
/// Matchers for plaintext: Envoy reports `none`, ztunnel `unknown`; a missing label is not evidence.
const PLAINTEXT: &str = r#"reporter=~"destination|waypoint",connection_security_policy!="mutual_tls",connection_security_policy!="""#;
/// Maximum length of a regular expression for namespaces; a longer one does not fit into a request, and all namespaces are queried.
const MAX_FILTER_LENGTH: usize = 1_500;

/// Builds the queries of one request.
#[derive(Clone, Debug)]
pub(super) struct Queries {
    /// Matchers for every selector.
    common: Matchers,
    /// Matchers for selectors by destination.
    destinations: Matchers,
}

impl Queries {
    pub(super) fn new(common: Matchers, namespaces: &[String]) -> Self {
        let in_namespaces = Matchers::any_of("destination_workload_namespace", namespaces);
        let is_short = in_namespaces.0.iter().all(|matcher| matcher.value.len() <= MAX_FILTER_LENGTH);
        let destinations = if is_short { common.clone().merged(in_namespaces) } else { common.clone() };
        Self { common, destinations }
    }

    /// Which of Istio's metrics exist.
    pub(super) fn metrics(&self, window: u64) -> String {
        let Self { common, .. } = self;
        format!(
            "count by (__name__,reporter,connection_security_policy) (last_over_time({{__name__=~\"istio_requests_total|\
             istio_tcp_connections_opened_total\"{common}}}[{window}s]))"
        )
    }

    /// Plaintext by client and destination.
    pub(super) fn plaintext(&self, metric: Metric, window: u64) -> String {
        self.increase_or_new(metric.name(), PLAINTEXT, window)
    }

    /// Plaintext that ztunnel denied, by client and destination.
    pub(super) fn denied(&self, window: u64) -> String {
        self.increase_or_new("istio_tcp_connections_closed_total", &format!("{PLAINTEXT},response_flags=\"DENY\""), window)
    }

    /// A counter by client and destination. `increase` ignores the first sample of a series, and so a client that called only once;
    /// the second half adds series that started within the window, by their value.
    fn increase_or_new(&self, metric: &str, matchers: &str, window: u64) -> String {
        let series = format!("{metric}{{{matchers}{}}}", self.destinations);
        format!(
            "(sum by ({PAIR}) (increase({series}[{window}s])) > 0) or \
             (sum by ({PAIR}) (max_over_time({series}[{window}s]) unless {series} offset {window}s) > 0)"
        )
    }

    /// When plaintext was last seen, by client and destination, with the precision of the step.
    pub(super) fn last_seen(&self, metric: Metric, window: u64, step: u64) -> String {
        let series = format!("{}{{{PLAINTEXT}{}}}", metric.name(), self.destinations);
        format!(
            "max by ({PAIR}) (max_over_time(timestamp((changes({series}[{step}s]) > 0) or \
             ({series} unless {series} offset {step}s))[{window}s:{step}s]))"
        )
    }

    /// What destinations counted, by security policy of the connection.
    pub(super) fn measured_traffic(&self, metric: Metric, window: u64) -> String {
        format!(
            "sum by (destination_cluster,destination_workload_namespace,destination_workload,reporter,connection_security_policy) \
             (increase({}{{{SERVER}{}}}[{window}s]))",
            metric.name(),
            self.destinations
        )
    }

    /// Requests that failed before the server received them, by client and destination.
    pub(super) fn failed_requests(&self, window: u64) -> String {
        format!(
            "sum by ({PAIR},response_flags,response_code) (increase(istio_requests_total{{reporter=\"source\",\
             response_flags=~\"(.*,)?(UF|URX|UC)(,.*)?\"{}}}[{window}s])) > 0",
            self.destinations
        )
    }

    /// Destinations without the label for the connection's security policy.
    pub(super) fn unlabelled(&self, window: u64) -> String {
        format!(
            "count by (destination_workload_namespace,destination_workload) (last_over_time({{__name__=~\"istio_requests_total|\
             istio_tcp_connections_opened_total|istio_tcp_received_bytes_total\",{SERVER},connection_security_policy=\"\"{}}}[{window}s]))",
            self.destinations
        )
    }

    /// Which proxies were scraped, and how often.
    pub(super) fn scrapes(&self, window: u64, step: u64) -> String {
        let Self { common, .. } = self;
        format!(
            "count_over_time((count by (component,namespace,pod) (istio_build{{component=~\"proxy|ztunnel\"{common}}}) > 0)\
             [{window}s:{step}s])"
        )
    }

    /// The same, aggregated over all pods of a Deployment, which are recognised by the two suffixes that Kubernetes adds to its
    /// name.
    pub(super) fn deployment_scrapes(&self, window: u64, step: u64) -> String {
        const POD: &str = "(.+)-[bcdfghjklmnpqrstvwxz2456789]{1,10}-[bcdfghjklmnpqrstvwxz2456789]{5}";
        let Self { common, .. } = self;
        format!(
            "count_over_time((count by (namespace,deployment) (label_replace(istio_build{{component=\"proxy\",pod=~\"{POD}\"{common}}},\
             \"deployment\",\"$1\",\"pod\",\"{POD}\")) > 0)[{window}s:{step}s])"
        )
    }

    /// Whether any proxy was scraped at the start of the window.
    pub(super) fn history(&self, window: u64) -> String {
        format!("count(count_over_time(istio_build{{component=~\"proxy|ztunnel\"{}}}[10m] offset {window}s))", self.common)
    }

    /// Proxies that are scraped at two ports, so that all their metrics count twice.
    pub(super) fn duplicate_scrapes(&self, window: u64) -> String {
        format!(
            "count by (namespace,pod) (count by (namespace,pod,instance) (last_over_time(istio_requests_total{{{SERVER}{}}}[{window}s]))) > 1",
            self.destinations
        )
    }
}
