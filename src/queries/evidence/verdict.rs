//! Evaluates whether metrics show plaintext to a workload, exclude it, or do not cover it.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use crate::{
    istio::{Mode, OwnerKind, Pod},
    mesh::{Dataplane, Instance, Mesh, Subject, Workload},
    object::{
        Id, Kind, Text,
        evidence::{Component, Evidence, EvidenceQuery, FailedRequests, MeasuredTraffic, Pair, Plaintext, Target},
    },
};

/// The verdict of traffic on a workload as a destination.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TrafficVerdict {
    /// Plaintext arrived: it fails once STRICT is enforced.
    PlaintextSeen,
    /// Plaintext was sent, and all of it was refused: STRICT is already enforced.
    Refused,
    /// Proxies were scraped and counted traffic, all of it mutual TLS. The only verdict that excludes a blocker.
    NoPlaintext,
    /// Proxies were scraped and counted no traffic. Weak evidence: a client may appear later.
    NoTraffic,
    /// No plaintext was counted, but that proves nothing: see [`TrafficAssessment::coverage_gaps`].
    NotCovered,
}

/// Why the absence of plaintext for a workload proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MissingEvidence {
    /// Its namespace was not queried.
    NotQueried,
    /// A query was not answered, or not completely; the gaps of the evidence contain the reason.
    Unanswered,
    /// The metrics store contains no metric of Istio.
    NoMetrics,
    /// The history of the metrics store is shorter than the window.
    ShortHistory,
    /// The metrics do not contain the pod that a proxy belongs to.
    UnnamedPods,
    /// The workload's metrics lack `connection_security_policy`.
    LabelDropped,
    /// A gateway: its proxy counts the calls that it sends, never those that it receives.
    Gateway,
    /// A waypoint: calls through it are counted at their destination.
    Waypoint,
    /// No proxy counts incoming calls.
    NoProxy,
    /// It has no pod whose proxy could be scraped.
    NoPods,
    /// No ztunnel was read, so it is unknown whether all were scraped.
    NoZtunnel,
    /// A proxy was not scraped often enough.
    Unscraped {
        /// The pod, as `NAMESPACE/NAME`.
        pod: String,
        /// Share of the relevant time in which it was scraped, in per cent.
        percent: u64,
    },
}

/// The verdict of traffic on a workload, and the facts behind it.
#[derive(Clone, Debug)]
pub struct TrafficAssessment<'e> {
    pub verdict: TrafficVerdict,
    /// Pairs whose plaintext arrived; empty unless the verdict is [`TrafficVerdict::PlaintextSeen`].
    pub plaintext: Vec<(&'e Pair, &'e Plaintext)>,
    /// Pairs that ztunnel denied.
    pub denied: Vec<(&'e Pair, &'e Plaintext)>,
    /// Requests that failed at the client's proxy. They count as refused only where the workload enforces STRICT.
    pub failed: Vec<&'e FailedRequests>,
    /// What was counted, by mutual TLS and without.
    pub measured: MeasuredTraffic,
    /// Share of the window in which its proxies were scraped, in per cent: that of the worst proxy. `None` if unknown.
    pub coverage: Option<u64>,
    /// Why the absence of plaintext proves nothing; empty if the workload is covered.
    pub coverage_gaps: BTreeSet<MissingEvidence>,
}

/// Limits of every verdict, to be shown with the verdicts.
pub const CAVEATS: [&str; 3] = [
    "a client that calls less often than once per window may be missing",
    "metrics have no ports: plaintext to a port that stays open for it is attributed to the whole workload",
    "a listener for which Telemetry disables metrics is not counted",
];

/// Share of the relevant time in which a proxy has to be scraped, in per cent.
const MIN_SCRAPED_PERCENT: u64 = 95;

/// Queries that have to be answered for the absence of plaintext to prove anything.
const REQUIRED_QUERIES: [EvidenceQuery; 6] = [
    EvidenceQuery::Metrics,
    EvidenceQuery::Plaintext,
    EvidenceQuery::MeasuredTraffic,
    EvidenceQuery::Unlabelled,
    EvidenceQuery::Scrapes,
    EvidenceQuery::History,
];

/// The verdict on every workload of the mesh.
///
/// Metrics name a workload without its kind: if two in one namespace share a name, each verdict includes the traffic of both.
#[must_use]
pub fn assessments<'e>(mesh: &Mesh<'_>, evidence: &'e Evidence) -> BTreeMap<Subject, TrafficAssessment<'e>> {
    let index = TrafficIndex::new(mesh, evidence);
    mesh.workloads().iter().map(|workload| (workload.subject.clone(), index.assess(workload))).collect()
}

impl fmt::Display for MissingEvidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotQueried => "Prometheus was not queried for its namespace",
            Self::Unanswered => "Prometheus did not answer every query completely",
            Self::NoMetrics => "Prometheus has no Istio metrics",
            Self::ShortHistory => "the history of Prometheus is shorter than the window",
            Self::UnnamedPods => "the metrics do not name the pods that they come from",
            Self::LabelDropped => "its metrics lack the label connection_security_policy",
            Self::Gateway => "a gateway counts the calls that it sends, not those that it receives",
            Self::Waypoint => "calls through a waypoint are counted at their destination",
            Self::NoProxy => "no proxy counts incoming calls",
            Self::NoPods => "it has no running pod",
            Self::NoZtunnel => "no ztunnel pod was read, so it is unknown whether all of them were scraped",
            Self::Unscraped { pod, percent } => return write!(f, "the proxy of {pod} was scraped {percent} % of the time"),
        })
    }
}

/// The evidence, by destination.
struct TrafficIndex<'m, 's, 'e> {
    mesh: &'m Mesh<'s>,
    evidence: &'e Evidence,
    pairs: BTreeMap<&'e Target, Vec<(&'e Pair, &'e Plaintext)>>,
    failed: BTreeMap<&'e Target, Vec<&'e FailedRequests>>,
    /// Pods of ztunnel.
    ztunnels: Vec<Pod<'s>>,
}

impl<'m, 's, 'e> TrafficIndex<'m, 's, 'e> {
    fn new(mesh: &'m Mesh<'s>, evidence: &'e Evidence) -> Self {
        let mut pairs: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for entry in &evidence.plaintext {
            pairs.entry(&entry.0.server).or_default().push(entry);
        }
        let mut failed: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for entry in &evidence.failed {
            failed.entry(&entry.pair.server).or_default().push(entry);
        }
        let pods = mesh.snapshot().pods.iter().map(Pod::of);
        let ztunnels = pods.filter(|pod| pod.meta().labels().has("app", "ztunnel") && !pod.has_ended()).collect();
        Self { mesh, evidence, pairs, failed, ztunnels }
    }

    fn assess(&self, workload: &Workload<'s>) -> TrafficAssessment<'e> {
        let metric_names = self.metric_names(workload);
        let pairs = metric_names.iter().filter_map(|target| self.pairs.get(target)).flatten().copied();
        let (denied, plaintext): (Vec<_>, Vec<_>) = pairs.partition(|(_, plaintext)| plaintext.is_denied());
        let failed: Vec<_> = metric_names.iter().filter_map(|target| self.failed.get(target)).flatten().copied().collect();
        let measured = metric_names
            .iter()
            .filter_map(|target| self.evidence.measured.get(target))
            .fold(MeasuredTraffic::default(), |sum, more| sum.plus(*more));
        let (coverage, coverage_gaps) = self.coverage(workload, &metric_names);
        let is_refused = !denied.is_empty() || !failed.is_empty() && self.has_strict_port(workload);
        let verdict = match () {
            () if !plaintext.is_empty() => TrafficVerdict::PlaintextSeen,
            () if is_refused && !self.evidence.unanswered.contains(&EvidenceQuery::Plaintext) => TrafficVerdict::Refused,
            () if !coverage_gaps.is_empty() => TrafficVerdict::NotCovered,
            () if measured.mutual.is_zero() => TrafficVerdict::NoTraffic,
            () => TrafficVerdict::NoPlaintext,
        };
        TrafficAssessment { verdict, plaintext, denied, failed, measured, coverage, coverage_gaps }
    }

    /// The names that metrics may contain for a workload. Istio uses the controller of a pod and, for a `ReplicaSet`, the Deployment
    /// that its name is derived from; a label of the pod overrides both. The mesh may know an owner above them.
    fn metric_names(&self, workload: &Workload<'_>) -> BTreeSet<Target> {
        let mut names = BTreeSet::from([workload.subject.name.clone()]);
        for pod in workload.instances.iter().flat_map(|instance| self.pods(workload, instance)) {
            let meta = pod.meta();
            for owner in meta.owners().filter(|owner| owner.kind != OwnerKind::Node) {
                let hash = meta.labels().get("pod-template-hash").or(meta.labels().get("rollouts-pod-template-hash"));
                let stem = hash.and_then(|hash| owner.name.strip_suffix(hash)?.strip_suffix('-'));
                names.insert(stem.map_or_else(|| owner.name.clone(), Text::from));
            }
            names.extend(meta.labels().get("service.istio.io/workload-name").map(Text::from));
        }
        names.into_iter().map(|name| Target { namespace: workload.subject.namespace.clone(), workload: name }).collect()
    }

    fn pods(&self, workload: &Workload<'_>, instance: &Instance<'s>) -> impl Iterator<Item = Pod<'s>> {
        let (pods, namespace) = (&self.mesh.snapshot().pods, workload.subject.namespace.clone());
        let ids: Vec<Id> = instance.pods.iter().map(|&name| Id::new(Kind::Pod, namespace.clone(), name.clone())).collect();
        ids.into_iter().filter_map(|id| Some(Pod::of(&pods[pods.binary_search_by(|read| read.id.cmp(&id)).ok()?])))
    }

    /// Whether any port of the workload accepts mutual TLS only.
    fn has_strict_port(&self, workload: &Workload<'s>) -> bool {
        workload.instances.iter().any(|instance| {
            let server = self.mesh.server(workload, instance);
            let ports = instance.ports.keys().map(|&port| server.port(port));
            ports.chain([server.workload()]).any(|port| port.mode == Some(Mode::Strict))
        })
    }

    /// Share of the window in which the proxies of a workload were scraped, and all reasons why the absence of plaintext proves nothing.
    fn coverage(&self, workload: &Workload<'s>, metric_names: &BTreeSet<Target>) -> (Option<u64>, BTreeSet<MissingEvidence>) {
        let mut coverage = ScrapeCoverage { percent: None, gaps: self.mesh_wide_gaps() };
        let queried = &self.evidence.namespaces;
        if !queried.is_empty() && !queried.contains(&workload.subject.namespace) {
            coverage.gaps.insert(MissingEvidence::NotQueried);
        }
        if metric_names.iter().any(|target| self.evidence.unlabelled.contains(target)) {
            coverage.gaps.insert(MissingEvidence::LabelDropped);
        }
        if workload.pods() == 0 {
            coverage.gaps.insert(MissingEvidence::NoPods);
        }
        for instance in &workload.instances {
            match instance.dataplane {
                Dataplane::Gateway => _ = coverage.gaps.insert(MissingEvidence::Gateway),
                Dataplane::Waypoint => _ = coverage.gaps.insert(MissingEvidence::Waypoint),
                Dataplane::None | Dataplane::Proxyless => _ = coverage.gaps.insert(MissingEvidence::NoProxy),
                Dataplane::Sidecar => {
                    for pod in self.pods(workload, instance) {
                        coverage.include(pod, self.scraped_percent(Component::Proxy, pod, Some(workload)));
                    }
                }
                Dataplane::Ambient if self.ztunnels.is_empty() => _ = coverage.gaps.insert(MissingEvidence::NoZtunnel),
                // Which ztunnel handles the pod depends on its node, so all of them must have been scraped.
                Dataplane::Ambient => {
                    for &pod in &self.ztunnels {
                        coverage.include(pod, self.scraped_percent(Component::Ztunnel, pod, None));
                    }
                }
            }
        }
        (coverage.percent, coverage.gaps)
    }

    /// The reasons that hold for every workload.
    fn mesh_wide_gaps(&self) -> BTreeSet<MissingEvidence> {
        let Evidence { unanswered, has_metrics, covers_window, has_unlabelled_scrapes, .. } = self.evidence;
        let is_answered = |asked: EvidenceQuery| !unanswered.contains(&asked);
        let all = [
            (REQUIRED_QUERIES.into_iter().any(|asked| !is_answered(asked)), MissingEvidence::Unanswered),
            (is_answered(EvidenceQuery::Metrics) && !has_metrics, MissingEvidence::NoMetrics),
            (is_answered(EvidenceQuery::History) && !covers_window, MissingEvidence::ShortHistory),
            (*has_unlabelled_scrapes, MissingEvidence::UnnamedPods),
        ];
        all.into_iter().filter_map(|(holds, reason)| holds.then_some(reason)).collect()
    }

    /// Share of the relevant time in which a proxy was scraped, in per cent.
    ///
    /// For a pod of a Deployment that was created within the window, the time since its creation is relevant, provided that pods of the
    /// same Deployment were scraped for the rest of the window.
    fn scraped_percent(&self, component: Component, pod: Pod<'_>, workload: Option<&Workload<'_>>) -> Option<u64> {
        let Evidence { points, step, window, scrapes, deployment_scrapes, .. } = self.evidence;
        let (namespace, name) = (&pod.id.namespace, &pod.id.name);
        let count = scrapes.get(&(component, namespace.clone(), name.clone())).copied().unwrap_or_default();
        let percent_of_window = (*points > 0).then(|| percent(count, *points))?;
        let created_in_window =
            workload.filter(|workload| pod_names_are_generated(workload)).zip(pod.created.filter(|&created| created > window.start()));
        let Some((workload, created)) = created_in_window else { return Some(percent_of_window) };
        let deployment_count = deployment_scrapes.get(&(namespace.clone(), workload.subject.name.clone())).copied().unwrap_or_default();
        // The first scrape happens some time after the creation of the pod.
        let expected_scrapes =
            u64::try_from(window.end - created).unwrap_or_default().checked_div(*step).unwrap_or_default().saturating_sub(1);
        Some(percent_of_window.max(percent(deployment_count, *points).min(percent(count, expected_scrapes))))
    }
}

/// Coverage of the proxies of one workload.
struct ScrapeCoverage {
    percent: Option<u64>,
    gaps: BTreeSet<MissingEvidence>,
}

impl ScrapeCoverage {
    /// Includes a proxy; one without a known share is ignored.
    fn include(&mut self, pod: Pod<'_>, percent: Option<u64>) {
        let Some(percent) = percent else { return };
        self.percent = Some(self.percent.map_or(percent, |lowest| lowest.min(percent)));
        if percent < MIN_SCRAPED_PERCENT {
            self.gaps.insert(MissingEvidence::Unscraped { pod: pod.id.path(), percent });
        }
    }
}

/// A share in per cent, at most 100; 100 if `whole` is zero.
fn percent(part: u64, whole: u64) -> u64 {
    part.saturating_mul(100).checked_div(whole).map_or(100, |percent| percent.min(100))
}

/// Whether every rollout of a workload gives its pods new names.
fn pod_names_are_generated(workload: &Workload<'_>) -> bool {
    matches!(workload.subject.kind.as_str(), "Deployment" | "Rollout")
}
