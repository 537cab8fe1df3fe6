//! The history of an invented mesh, as `OpenMetrics` text: a sample every two minutes over 26 hours.

use std::fmt::Write as _;

/// Its end: 2026-10-01, noon, UTC.
pub(crate) const END: i64 = 1_790_856_000;

/// Its length in seconds.
pub(crate) const LENGTH: u64 = 26 * 3_600;

const STEP: u64 = 120;

/// The number of samples after the first.
const LAST: u64 = LENGTH / STEP;

/// Samples to the hour.
const HOUR: u64 = 3_600 / STEP;

/// A series: what it counts, its labels, and its value at a sample, if it is there.
struct Series {
    family: &'static str,
    labels: Vec<(&'static str, String)>,
    value: Box<dyn Fn(u64) -> Option<u64>>,
}

/// A call, as the labels of Istio's metrics tell it.
#[derive(Clone)]
struct Call {
    reporter: &'static str,
    policy: &'static str,
    client: (&'static str, &'static str),
    server: (&'static str, &'static str),
    protocol: &'static str,
    flags: &'static str,
    code: &'static str,
    instance: &'static str,
    /// Who counts, where that is not the server's own pod.
    pod: Option<(&'static str, &'static str)>,
}

const NOBODY: (&str, &str) = ("unknown", "unknown");
const WINCH: (&str, &str) = ("depot", "winch");
const ZTUNNEL: Option<(&str, &str)> = Some(("istio-system", "ztunnel-4fk2z"));

impl Call {
    /// An HTTP request into a sidecar.
    fn http(policy: &'static str, client: (&'static str, &'static str), server: (&'static str, &'static str)) -> Self {
        let (reporter, protocol, flags, code) = ("destination", "http", "-", "200");
        Self { reporter, policy, client, server, protocol, flags, code, instance: "10.4.0.1:15020", pod: None }
    }

    /// A connection into a sidecar.
    fn tcp(policy: &'static str, client: (&'static str, &'static str), server: (&'static str, &'static str)) -> Self {
        Self { protocol: "tcp", code: "", ..Self::http(policy, client, server) }
    }

    /// A connection that ztunnel takes in.
    fn ambient(policy: &'static str, client: (&'static str, &'static str), server: (&'static str, &'static str)) -> Self {
        Self { pod: ZTUNNEL, ..Self::tcp(policy, client, server) }
    }

    fn labels(&self) -> Vec<(&'static str, String)> {
        let (client, server) = (self.client, self.server);
        let own = (server.0, server.1);
        let (namespace, pod) = self.pod.unwrap_or(own);
        let cluster = if client == NOBODY { "unknown" } else { "Kubernetes" };
        let all = [
            ("connection_security_policy", self.policy),
            ("destination_cluster", "Kubernetes"),
            ("destination_service_name", server.1),
            ("destination_service_namespace", server.0),
            ("destination_workload", server.1),
            ("destination_workload_namespace", server.0),
            ("instance", self.instance),
            ("namespace", namespace),
            ("pod", pod),
            ("reporter", self.reporter),
            ("request_protocol", self.protocol),
            ("response_code", self.code),
            ("response_flags", self.flags),
            ("source_cluster", cluster),
            ("source_workload", client.1),
            ("source_workload_namespace", client.0),
        ];
        all.into_iter().filter(|(_, value)| !value.is_empty()).map(|(label, value)| (label, value.to_owned())).collect()
    }
}

/// So many at every sample.
fn steady(each: u64) -> Box<dyn Fn(u64) -> Option<u64>> {
    Box::new(move |sample| Some(each * sample))
}

/// There from a sample on, with this value, and never more.
fn once(at: u64, value: u64) -> Box<dyn Fn(u64) -> Option<u64>> {
    Box::new(move |sample| (sample >= at).then_some(value))
}

/// So many at every sample until this one, and gone then.
fn until(end: u64, each: u64) -> Box<dyn Fn(u64) -> Option<u64>> {
    Box::new(move |sample| (sample <= end).then_some(each * sample))
}

/// So many at every sample, anew from this one on, as after a restart.
fn restarted(at: u64, each: u64) -> Box<dyn Fn(u64) -> Option<u64>> {
    Box::new(move |sample| Some(each * if sample < at { sample } else { sample - at }))
}

const REQUESTS: &str = "istio_requests";
const OPENED: &str = "istio_tcp_connections_opened";
const CLOSED: &str = "istio_tcp_connections_closed";
const RECEIVED: &str = "istio_tcp_received_bytes";

#[rustfmt::skip]
fn traffic() -> Vec<Series> {
    let mut all = Vec::new();
    let mut add = |family: &'static str, call: &Call, value| all.push(Series { family, labels: call.labels(), value });
    let (crane, ferry, buoy, anchor) = (("quay", "crane"), ("quay", "ferry"), ("quay", "buoy"), ("quay", "anchor-db"));
    let (coral, kelp, mint) = (("reef", "coral"), ("reef", "kelp"), ("reef", "mint"));
    let (hoist, vault, late, mast, ghost, crew) =
        (("depot", "hoist"), ("depot", "vault"), ("depot", "late"), ("depot", "mast"), ("depot", "ghost"), ("depot", "crew"));
    // All of it by mutual TLS; the client's side never knows. A plaintext client left long before the window, and the pod restarted.
    add(REQUESTS, &Call::http("mutual_tls", WINCH, crane), restarted(LAST / 2, 100));
    add(REQUESTS, &Call { reporter: "source", pod: Some(WINCH), ..Call::http("unknown", WINCH, crane) }, steady(100));
    add(REQUESTS, &Call::http("none", ("attic", "old-cron"), crane), until(HOUR, 3));
    // A client without proxy, and one whose DestinationRule turns mutual TLS off.
    add(REQUESTS, &Call::http("mutual_tls", WINCH, ferry), steady(10));
    add(REQUESTS, &Call::http("none", NOBODY, ferry), steady(2));
    add(REQUESTS, &Call::http("none", WINCH, ferry), steady(5));
    // One single request without mutual TLS: the series is born with it, and never grows.
    add(REQUESTS, &Call::http("mutual_tls", WINCH, buoy), steady(10));
    add(REQUESTS, &Call::http("none", ("depot", "night-job"), buoy), once(LAST - 200, 1));
    // A connection without mutual TLS that was opened before the window: its bytes alone grow.
    for (family, each) in [(OPENED, 1), (CLOSED, 1), (RECEIVED, 900)] {
        add(family, &Call::tcp("mutual_tls", WINCH, anchor), steady(each));
    }
    add(OPENED, &Call::tcp("none", NOBODY, anchor), once(0, 1));
    add(RECEIVED, &Call::tcp("none", NOBODY, anchor), steady(50));
    // ztunnel says `unknown` of plaintext, on either side.
    for (family, each) in [(OPENED, 4), (CLOSED, 4), (RECEIVED, 400)] {
        add(family, &Call::ambient("mutual_tls", ("reef", "basil"), coral), steady(each));
        add(family, &Call::ambient("unknown", ("attic", "old-cron"), coral), steady(each / 2));
        add(family, &Call { reporter: "source", ..Call::ambient("unknown", ("reef", "basil"), ("attic", "old-db")) }, steady(each));
    }
    // Denied by ztunnel: opened, then closed with DENY, and not one byte.
    add(OPENED, &Call::ambient("unknown", ("attic", "old-cron"), kelp), steady(2));
    add(RECEIVED, &Call::ambient("unknown", ("attic", "old-cron"), kelp), steady(0));
    add(CLOSED, &Call { flags: "DENY", ..Call::ambient("unknown", ("attic", "old-cron"), kelp) }, steady(2));
    // Through a waypoint, which counts in its own pod.
    add(REQUESTS, &Call { reporter: "waypoint", pod: Some(("reef", "waypoint")), ..Call::http("mutual_tls", ("reef", "basil"), mint) }, steady(7));
    // Somebody took the label away.
    add(REQUESTS, &Call::http("", WINCH, hoist), steady(5));
    // A STRICT server counts nothing of what it refuses; the client's proxy does.
    add(REQUESTS, &Call { reporter: "source", flags: "UF,URX", code: "503", pod: Some(WINCH), ..Call::http("unknown", WINCH, vault) }, steady(1));
    // Scraped at two ports; scraped too late; not scraped at all; of two releases.
    for instance in ["10.4.0.9:15020", "10.4.0.9:15090"] {
        add(REQUESTS, &Call { instance, ..Call::http("mutual_tls", WINCH, mast) }, steady(6));
    }
    for server in [late, ghost, crew] {
        add(REQUESTS, &Call::http("mutual_tls", WINCH, server), steady(3));
    }
    all
}

/// Proxies, each with its first sample and its last.
#[rustfmt::skip]
fn proxies() -> Vec<Series> {
    let whole = [
        ("quay", "crane"), ("quay", "ferry"), ("quay", "buoy"), ("quay", "anchor-db"), ("depot", "hoist"), ("depot", "vault"),
        ("depot", "lamp"), ("depot", "mast"), ("depot", "gate"), ("reef", "waypoint"),
    ];
    let whole = whole.into_iter().map(|(namespace, pod)| ("proxy", namespace, pod, 0, LAST));
    let parts = [
        ("ztunnel", "istio-system", "ztunnel-4fk2z", 0, LAST),
        ("proxy", "depot", "late", LAST - 2 * HOUR, LAST),
        ("proxy", "depot", "crew-5b6c7d8f9-q8w7z", 0, LAST - 3 * HOUR),
        ("proxy", "depot", "crew-7d9f8b6c5d-x2k4m", LAST - 3 * HOUR, LAST),
    ];
    let series = |(component, namespace, pod, from, to): (&str, &str, &str, u64, u64)| Series {
        family: "istio_build",
        labels: [("component", component), ("namespace", namespace), ("pod", pod)].map(|(label, value)| (label, value.to_owned())).into(),
        value: Box::new(move |sample| (from..=to).contains(&sample).then_some(1)),
    };
    whole.chain(parts).map(series).collect()
}

/// The history, as `promtool tsdb create-blocks-from openmetrics` takes it.
pub(crate) fn open_metrics() -> String {
    let mut text = String::new();
    for (family, kind, suffix) in [
        (REQUESTS, "counter", "_total"),
        (OPENED, "counter", "_total"),
        (CLOSED, "counter", "_total"),
        (RECEIVED, "counter", "_total"),
        ("istio_build", "gauge", ""),
    ] {
        writeln!(text, "# TYPE {family} {kind}").unwrap();
        for series in traffic().into_iter().chain(proxies()).filter(|series| series.family == family) {
            let labels: Vec<String> = series.labels.iter().map(|(label, value)| format!("{label}=\"{value}\"")).collect();
            for sample in 0..=LAST {
                let Some(value) = (series.value)(sample) else { continue };
                let time = END - i64::try_from((LAST - sample) * STEP).unwrap();
                writeln!(text, "{family}{suffix}{{{}}} {value} {time}", labels.join(",")).unwrap();
            }
        }
    }
    text + "# EOF\n"
}
