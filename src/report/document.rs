//! What every output is drawn from: the JSON contract, schema 1, as plain data.
//!
//! Fields are added freely and never renamed or dropped; an absent value is `null` or an empty list.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::{schema, text};

/// A whole output.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Document {
    /// What every output starts with.
    #[serde(flatten)]
    pub header: Header,
    /// What was asked for.
    #[serde(flatten)]
    pub body: Body,
}

/// What every output starts with.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Header {
    /// Version of this contract.
    pub schema: u32,
    /// The command.
    pub command: &'static str,
    /// Version of the tool.
    pub version: &'static str,
    /// What was read.
    pub source: Source,
    /// The mesh as a whole.
    pub mesh: Mesh,
    /// Whether everything that matters could be read.
    pub complete: bool,
    /// What could not.
    pub gaps: Vec<Gap>,
    /// What was assumed because nothing said it.
    pub assumptions: Vec<String>,
    /// Findings, the worst first.
    pub findings: Vec<Finding>,
    /// How many findings were silenced.
    pub suppressed: usize,
    /// How many findings were left out because the baseline has them.
    pub known: usize,
    /// Rules that could not be applied because of gaps.
    pub not_run: Vec<String>,
    /// The rules of the run, for the formats that list them.
    #[serde(skip)]
    pub rules: Vec<RulePage>,
}

impl Header {
    /// `, 2 silenced, 3 known`: what the findings leave out.
    pub(super) fn left_out(&self) -> String {
        let counts = [(self.suppressed, "silenced"), (self.known, "known")];
        counts.iter().filter(|(n, _)| *n > 0).flat_map(|(n, word)| [", ".to_owned(), n.to_string(), format!(" {word}")]).collect()
    }
}

/// What was read.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Source {
    /// Context of the kubeconfig.
    pub context: Option<String>,
    /// The API server.
    pub server: Option<String>,
    /// Its version.
    pub kubernetes: Option<String>,
    /// Files and folders as they were named.
    pub files: Vec<String>,
    /// What was met in them.
    pub read: Read,
    /// The project's configuration, where there is one.
    pub config: Option<String>,
}

/// What was met in the files.
#[derive(Clone, Debug, Default, Serialize, JsonSchema)]
pub struct Read {
    /// Files read.
    pub files: usize,
    /// Documents with something in them.
    pub documents: usize,
    /// Documents with nothing in them.
    pub empty: usize,
    /// Files that the configuration leaves out.
    pub excluded: usize,
    /// Objects that say nothing about mTLS, by `apiVersion/kind`.
    pub unused: BTreeMap<String, usize>,
}

/// The mesh as a whole.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Mesh {
    /// Root namespace.
    pub root_namespace: String,
    /// Whether clients use mTLS wherever the server can.
    pub auto_mtls: bool,
    /// Trust domain.
    pub trust_domain: String,
    /// The domain that the hosts of Kubernetes Services end in.
    pub cluster_domain: String,
    /// Mode of the mesh.
    pub mode: String,
    /// The policy that sets it.
    pub decided_by: Option<String>,
    /// The istiods.
    pub control_planes: Vec<ControlPlane>,
}

/// An istiod.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ControlPlane {
    /// Where it runs.
    pub namespace: String,
    /// Revision.
    pub revision: String,
    /// Version.
    pub version: Option<String>,
    /// Pods that are ready.
    pub ready: i64,
    /// Pods that are wanted.
    pub desired: i64,
    /// The root namespace its proxies obey.
    pub root_namespace: String,
}

/// Something that could not be read.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Gap {
    /// What was wanted.
    pub wanted: String,
    /// Why it could not be had.
    pub because: String,
    /// What to do about it.
    pub hint: String,
}

/// Who something is.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Subject {
    /// Kind.
    pub kind: String,
    /// Namespace; `null` outside namespaces.
    pub namespace: Option<String>,
    /// Name.
    pub name: String,
}

impl Subject {
    /// `Deployment shop/web`.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.namespace {
            Some(namespace) => format!("{} {namespace}/{}", self.kind, self.name),
            None => format!("{} {}", self.kind, self.name),
        }
    }
}

/// A finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Finding {
    /// Rule.
    pub rule: &'static str,
    /// The rule's name.
    pub name: &'static str,
    /// `error`, `warning` or `info`.
    #[schemars(extend("enum" = schema::SEVERITY))]
    pub severity: &'static str,
    /// The same complaint in other tools.
    pub aka: Vec<&'static str>,
    /// The object to blame.
    pub subject: Subject,
    /// The field to blame.
    pub field: String,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub fix: String,
    /// Where it stands in a file; `null` for a cluster.
    pub location: Option<Location>,
    /// Other objects that have a part in it.
    pub related: Vec<Subject>,
    /// The same for the same finding on the same field, whatever line that is on.
    pub fingerprint: String,
    /// The change that mends it; `null` where nobody but the author knows it.
    pub patch: Option<Patch>,
}

/// A change of the object that a finding is about.
#[derive(Clone, Debug, PartialEq, Serialize, JsonSchema)]
pub struct Patch {
    /// The operations of a JSON patch (RFC 6902); empty where the object goes.
    pub operations: Vec<serde_json::Value>,
    /// The command that makes the change. It is never run.
    pub command: String,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Location {
    /// The file as it was named.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
    /// Characters from there that are to blame.
    #[serde(skip)]
    pub width: u32,
    /// The line; empty if the text was not kept.
    #[serde(skip)]
    pub text: String,
}

/// What was asked for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum Body {
    /// `audit`.
    Audit(Audit),
    /// `analyze`.
    Analysis(Analysis),
    /// `explain WORKLOAD`.
    Explain(Box<Explain>),
    /// `explain FROM TO`.
    Reach(Box<Reach>),
    /// `explain MTLSnnn`.
    Rule(Rule),
    /// `analyze --list-rules`.
    Catalogue(Catalogue),
    /// `analyze --fix-plan`.
    Plan(Plan),
    /// `policies`.
    Policies(Policies),
    /// `sidecars`.
    Sidecars(Sidecars),
    /// `migrate-check`.
    Migration(super::migrate::Migration),
    /// `diff`.
    Diff(super::diff::Diff),
}

/// The answer of `analyze`, which is its findings.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Analysis {
    /// How many rules were applied.
    pub rules: usize,
    /// How many workloads were read. Where there is none, rules about workloads had nothing to look at.
    pub workloads: usize,
}

impl Analysis {
    /// What the findings rest on, in a line.
    pub(super) fn rests_on(&self) -> String {
        let rules = text::plural(self.rules, "rule");
        match self.workloads {
            0 => format!("{rules} applied, no workload was read"),
            some => format!("{rules} applied to {}", text::plural(some, "workload")),
        }
    }
}

/// How finely `audit` is drawn as a table. JSON always has all of it, but every port only when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// A line a namespace.
    Namespace,
    /// A line a workload.
    Workload,
    /// A line a port.
    Port,
    /// A line for clients that reach the same.
    Client,
}

/// The answer of `audit`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Audit {
    /// How tables are to be drawn.
    #[serde(skip)]
    pub by: By,
    /// Namespaces.
    pub namespaces: Vec<Namespace>,
    /// Workloads.
    pub workloads: Vec<Workload>,
    /// Who reaches whom; `null` unless it was asked for.
    pub clients: Option<Vec<Clients>>,
}

/// Clients that reach just the same, and what they reach.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Clients {
    /// What sends their calls.
    #[schemars(extend("enum" = schema::DATAPLANE))]
    pub dataplane: &'static str,
    /// Their namespaces.
    pub namespaces: Vec<String>,
    /// What they reach, by namespace.
    pub servers: Vec<Servers>,
}

/// The service ports of a namespace, by what comes of a call to them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Servers {
    /// The namespace of the services.
    pub namespace: String,
    /// Reached over the mesh's mTLS.
    pub mtls: usize,
    /// Reached over TLS that is not the mesh's.
    pub tls: usize,
    /// Reached in plaintext.
    pub plaintext: usize,
    /// Those whose endpoints differ.
    pub mixed: usize,
    /// Those that are not reached.
    pub fail: usize,
    /// Those of which configuration cannot tell.
    pub unknown: usize,
    /// Those that nobody is behind.
    pub no_endpoints: usize,
}

/// A namespace.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Namespace {
    /// Name.
    pub name: String,
    /// Data plane, or `mixed`.
    #[schemars(extend("enum" = schema::DATAPLANE))]
    pub dataplane: &'static str,
    /// Mode.
    #[schemars(extend("enum" = schema::MODE))]
    pub mode: &'static str,
    /// Policy that decides it.
    pub decided_by: Option<String>,
    /// Workloads by mode.
    pub workloads: Counts,
    /// Findings by severity.
    pub findings: Severities,
}

/// Workloads by mode.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
pub struct Counts {
    /// All.
    pub total: usize,
    /// STRICT.
    #[serde(rename = "STRICT")]
    pub strict: usize,
    /// PERMISSIVE.
    #[serde(rename = "PERMISSIVE")]
    pub permissive: usize,
    /// DISABLE.
    #[serde(rename = "DISABLE")]
    pub disable: usize,
    /// Nothing enforced.
    #[serde(rename = "NONE")]
    pub none: usize,
    /// Nobody knows, because policies could not be read.
    #[serde(rename = "UNKNOWN")]
    pub unknown: usize,
    /// Those with a port that differs.
    #[serde(rename = "withExceptions")]
    pub with_exceptions: usize,
}

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Severities {
    /// Errors.
    pub error: usize,
    /// Warnings.
    pub warning: usize,
    /// Infos.
    pub info: usize,
}

impl Severities {
    /// Counts findings.
    #[must_use]
    pub fn of<'f>(findings: impl IntoIterator<Item = &'f Finding>) -> Self {
        let mut counts = Self::default();
        for finding in findings {
            match finding.severity {
                "error" => counts.error += 1,
                "warning" => counts.warning += 1,
                _ => counts.info += 1,
            }
        }
        counts
    }

    /// `2 errors, 1 warning`; `None` if there is nothing.
    #[must_use]
    pub fn words(self) -> Option<String> {
        let plural = |n: usize, one: &str| (n > 0).then(|| text::plural(n, one));
        let info = (self.info > 0).then(|| format!("{} info", self.info));
        let words: Vec<String> = [plural(self.error, "error"), plural(self.warning, "warning"), info].into_iter().flatten().collect();
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// A workload.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Workload {
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Number of Pod objects.
    pub pods: usize,
    /// Data plane of its weakest pods.
    #[schemars(extend("enum" = schema::DATAPLANE))]
    pub dataplane: &'static str,
    /// What these enforce.
    #[schemars(extend("enum" = schema::MODE))]
    pub mode: &'static str,
    /// What the policies say.
    #[schemars(extend("enum" = schema::MODE))]
    pub policy_mode: &'static str,
    /// Policy that decides.
    pub decided_by: Option<String>,
    /// Ports that differ; with `--by port` every declared port.
    pub ports: Vec<Port>,
    /// Pods that differ from each other; empty where all are alike.
    pub variants: Vec<Variant>,
    /// Whether the data plane is only assumed, because its Namespace was not read.
    pub assumed: bool,
}

/// A port.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Port {
    /// Workload port.
    pub port: u16,
    /// What is enforced.
    #[schemars(extend("enum" = schema::MODE))]
    pub mode: &'static str,
    /// What the policies say.
    #[schemars(extend("enum" = schema::MODE))]
    pub policy_mode: &'static str,
    /// Policy that decides.
    pub decided_by: Option<String>,
    /// Everything that was looked at; told by `explain` only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trail: Option<Vec<Step>>,
}

/// Pods of a workload that are alike.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Variant {
    /// How many.
    pub pods: usize,
    /// Data plane.
    #[schemars(extend("enum" = schema::DATAPLANE))]
    pub dataplane: &'static str,
    /// What it enforces.
    #[schemars(extend("enum" = schema::MODE))]
    pub mode: &'static str,
}

/// The answer of `explain WORKLOAD`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Explain {
    /// The workload with every port.
    pub workload: Workload,
    /// Pods that are alike, and why their ports have their modes.
    pub parts: Vec<Part>,
}

/// Pods that are alike, and why their ports have their modes.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// Names of the pods; none for a manifest.
    pub pods: Vec<String>,
    /// Labels that policies select by, those of injection included.
    pub labels: BTreeMap<String, String>,
    /// Data plane.
    #[schemars(extend("enum" = schema::DATAPLANE))]
    pub dataplane: &'static str,
    /// Revision.
    pub revision: String,
    /// What bypasses the proxy, and what opens that way.
    pub holes: Vec<Hole>,
    /// Ports; the first is for every port without a mode of its own, and has no number.
    pub ports: Vec<ExplainedPort>,
}

/// A way past the proxy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Hole {
    /// What passes.
    pub what: String,
    /// What opens the way.
    pub opened_by: String,
}

/// A port and why it has its mode.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ExplainedPort {
    /// Workload port; `null` for all others.
    pub port: Option<u16>,
    /// What is enforced.
    #[schemars(extend("enum" = schema::MODE))]
    pub mode: &'static str,
    /// What the policies say.
    #[schemars(extend("enum" = schema::MODE))]
    pub policy_mode: &'static str,
    /// Policy that decides.
    pub decided_by: Option<String>,
    /// Everything that was looked at.
    pub trail: Vec<Step>,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// The object.
    pub object: Option<String>,
    /// The field.
    pub field: Option<String>,
    /// What it says.
    pub says: String,
    /// `in force`, `inherits`, `beaten`, `ignored`, or `enforced` for what the data plane makes of it.
    #[schemars(extend("enum" = schema::OUTCOME))]
    pub outcome: &'static str,
    /// Where it stands in a file; `null` for a cluster.
    pub location: Option<Location>,
}

/// The answer of `explain FROM TO`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Reach {
    /// Who calls.
    pub from: ReachFrom,
    /// Whom.
    pub to: ReachTo,
    /// The client's side.
    pub client: ClientSide,
    /// Every endpoint, and what comes of a call to it.
    pub endpoints: Vec<ReachedEndpoint>,
    /// `mtls`, `plaintext`, `tls`, `fail`, `mixed`, `no-endpoints` or `unknown`.
    #[schemars(extend("enum" = schema::RESULT))]
    pub result: &'static str,
    /// The lowest failure code of any endpoint.
    pub code: Option<&'static str>,
    /// What users see of it.
    pub symptom: Option<&'static str>,
    /// Where a `VirtualService` leads the call, as `HOST:PORT subset NAME`; empty where none does.
    pub led_to: Vec<String>,
    /// The answer in a sentence.
    pub why: String,
    /// What would mend it, or make mTLS of it; the gentlest way first.
    pub remedies: Vec<String>,
    /// What somebody saw of the call; `null` where nobody said.
    pub seen: Option<String>,
    /// What on this configuration would look like that, the likeliest first; empty where nobody said what was seen.
    pub causes: Vec<Cause>,
}

/// What would look like a symptom.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Cause {
    /// `certain`, `at some endpoints`, `possible`, `looks otherwise` or `elsewhere`.
    #[schemars(extend("enum" = schema::LIKELIHOOD))]
    pub likelihood: &'static str,
    /// Failure code.
    pub code: Option<&'static str>,
    /// What would have to be otherwise than asked; `null` where the call fails as it was asked.
    pub supposing: Option<String>,
    /// What happens.
    pub says: String,
}

/// Who calls.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReachFrom {
    /// Namespace; `null` outside the cluster.
    pub namespace: Option<String>,
    /// Kind of the workload; `null` for any client of the namespace.
    pub kind: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// What sends its calls.
    #[schemars(extend("enum" = schema::DATAPLANE))]
    pub dataplane: &'static str,
}

/// What is called.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReachTo {
    /// The host.
    pub host: String,
    /// The port: of the service, or of the workload where its own address is called.
    pub port: u16,
    /// The subset.
    pub subset: Option<String>,
}

/// The client's side of a call.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ClientSide {
    /// The rule in force.
    pub destination_rule: Option<String>,
    /// Every rule that was merged into it, itself first.
    pub merged_from: Vec<String>,
    /// Rules that match and lost.
    pub other_rules: Vec<String>,
    /// The rule's word; `AUTO` where none sets `tls`.
    pub configured_tls: &'static str,
    /// What the client's proxy does.
    pub tls: &'static str,
    /// What decided.
    pub trail: Vec<Step>,
}

/// An endpoint, and what comes of a call to it.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReachedEndpoint {
    /// `NAMESPACE/KIND/NAME`; `null` for an address that is nobody's in the mesh.
    pub workload: Option<String>,
    /// The pod; `null` for a template.
    pub pod: Option<String>,
    /// Its port.
    pub port: u16,
    /// What is enforced there.
    #[schemars(extend("enum" = schema::MODE))]
    pub mode: &'static str,
    /// What the client sends.
    #[schemars(extend("enum" = schema::WIRE))]
    pub wire: &'static str,
    /// What comes of it.
    #[schemars(extend("enum" = schema::RESULT))]
    pub result: &'static str,
    /// Failure code.
    pub code: Option<&'static str>,
    /// What users see of it.
    pub symptom: Option<&'static str>,
    /// Why the port has its mode.
    pub trail: Vec<Step>,
}

/// The answer of `explain MTLSnnn`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Rule {
    /// The rule.
    pub rule: RulePage,
}

/// The answer of `analyze --list-rules`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Catalogue {
    /// Every rule that is wanted, in order of the identifiers.
    pub catalogue: Vec<RulePage>,
}

/// The answer of `analyze --fix-plan`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// What to do, in order. Each was tried on the mesh as the steps before leave it, and breaks no call that works.
    pub steps: Vec<PlanStep>,
    /// Changes that would break a call.
    pub refused: Vec<Refused>,
    /// Findings that no change is known for.
    pub by_hand: usize,
}

/// A step of the plan.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PlanStep {
    /// The command. It is never run.
    pub command: String,
    /// What it mends.
    pub mends: Vec<Mends>,
}

/// A change that would break something.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Refused {
    /// The command.
    pub command: String,
    /// What it would break.
    pub breaks: String,
    /// What it would mend.
    pub mends: Vec<Mends>,
}

/// A finding that a step mends.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Mends {
    /// The rule.
    pub rule: &'static str,
    /// The object.
    pub subject: Subject,
    /// What is wrong.
    pub message: String,
}

/// Everything a rule says of itself.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct RulePage {
    /// Identifier.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// `error`, `warning` or `info`.
    #[schemars(extend("enum" = schema::SEVERITY))]
    pub severity: &'static str,
    /// When it fires.
    pub summary: &'static str,
    /// Why that matters.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
    /// How to see that it is mended.
    pub verify: String,
    /// Manifests on which it fires.
    pub bad: &'static str,
    /// The same, mended.
    pub good: &'static str,
    /// Kinds it reads.
    pub inputs: Vec<&'static str>,
    /// The same complaint in other tools.
    pub aka: Vec<&'static str>,
    /// Where Istio's behaviour is written down.
    pub see: Vec<&'static str>,
    /// All of it as Markdown, for people.
    #[serde(skip)]
    pub page: String,
}

/// The answer of `policies`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Policies {
    /// Policies: server side first.
    pub policies: Vec<Policy>,
}

/// A policy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Policy {
    /// `PeerAuthentication` or `DestinationRule`.
    pub kind: &'static str,
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// `mesh`, `namespace` or `workload`; `host` for a `DestinationRule`.
    #[schemars(extend("enum" = schema::SCOPE))]
    pub scope: &'static str,
    /// The host of a `DestinationRule`.
    pub host: Option<String>,
    /// Labels it selects by.
    pub selector: Option<String>,
    /// The mode as written.
    pub mode: Option<String>,
    /// Modes of ports, and of subsets, as written.
    pub ports: BTreeMap<String, String>,
    /// Workloads it is in force for; `null` for a `DestinationRule`.
    pub workloads: Option<usize>,
    /// Whether it is in force; `null` where that is not decided.
    pub in_force: Option<bool>,
    /// Why, or why not.
    pub because: String,
}

/// What `sidecars` draws as a table. JSON always has every workload, and Services only when asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View {
    /// Workloads that need a look.
    Attention,
    /// Every workload.
    Workloads,
    /// Services.
    Services,
}

/// The answer of `sidecars`.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Sidecars {
    /// How tables are to be drawn.
    #[serde(skip)]
    pub view: View,
    /// Namespaces that hold a workload.
    pub namespaces: Vec<Enrolment>,
    /// Workloads.
    pub workloads: Vec<Member>,
    /// Services, with `--services`.
    pub services: Vec<ServiceMembers>,
}

/// How a namespace is enrolled.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Enrolment {
    /// Name.
    pub name: String,
    /// What its labels give to pods that say nothing: `sidecar`, `ambient`, `none`, or `unknown` if it was not read.
    #[schemars(extend("enum" = schema::ENROLLED))]
    pub enrolled: &'static str,
    /// The label that says so, or that says no.
    pub by: Option<String>,
    /// Workloads by what they are to the mesh.
    pub workloads: Members,
    /// Commands that bring in what nobody chose to leave out.
    pub fix: Vec<String>,
}

/// Workloads by what they are to the mesh.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Members {
    /// All.
    pub total: usize,
    /// With a proxy before every pod.
    pub meshed: usize,
    /// With pods that should have a proxy and have none.
    pub missing: usize,
    /// Without, because somebody said so.
    pub opted_out: usize,
    /// Without, for any other reason.
    pub outside: usize,
    /// Without, and nobody knows whether that is right.
    pub unknown: usize,
}

impl Members {
    /// The sum of two.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            total: self.total + other.total,
            meshed: self.meshed + other.meshed,
            missing: self.missing + other.missing,
            opted_out: self.opted_out + other.opted_out,
            outside: self.outside + other.outside,
            unknown: self.unknown + other.unknown,
        }
    }
}

/// A workload, and the proxy it has and should have.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Name.
    pub name: String,
    /// Number of Pod objects.
    pub pods: usize,
    /// Data plane of the pods that are worst off.
    #[schemars(extend("enum" = schema::DATAPLANE))]
    pub dataplane: &'static str,
    /// Whether a pod created now would get a sidecar.
    pub would_inject: bool,
    /// Whether it would be taken into ambient.
    pub would_capture: bool,
    /// `sidecar`, `ambient` or `none`.
    #[schemars(extend("enum" = schema::EXPECTED))]
    pub expected: &'static str,
    /// Pods with a proxy of the mesh, ambient included.
    pub injected: usize,
    /// Pods without one that should have one.
    pub missing: usize,
    /// `meshed`, `missing`, `outside`, `opted-out`, `unknown`, `differs`, `other-revision`, `pending`, `both` or `part-of-istio`.
    #[schemars(extend("enum" = schema::STATE))]
    pub state: &'static str,
    /// Whether anything is left to do or to know.
    pub attention: bool,
    /// What asks for the proxy it should have.
    pub asked_by: Option<String>,
    /// Why it has not what it should have, or why it should have none.
    pub reason: Option<String>,
    /// Commands that mend it.
    pub fix: Vec<String>,
    /// Version of the oldest proxy.
    pub proxy_version: Option<String>,
    /// Revision of the proxy.
    pub revision: Option<String>,
    /// Whether the proxy is a native sidecar; `null` where no proxy runs in the pods.
    pub native_sidecar: Option<bool>,
    /// What bypasses the proxy, and what opens that way.
    pub holes: Vec<Hole>,
    /// Init containers that run before a classic sidecar does.
    pub init_containers_before_proxy: Vec<String>,
}

/// A Service, and which of its endpoints have no proxy.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ServiceMembers {
    /// Namespace.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Endpoints: pods, machines and, for manifests, templates.
    pub endpoints: usize,
    /// Those without proxy.
    pub without_proxy: usize,
    /// The workloads of these, as `KIND/NAME`.
    pub workloads: Vec<String>,
    /// Addresses among them that are nobody's in the mesh.
    pub strangers: usize,
}
