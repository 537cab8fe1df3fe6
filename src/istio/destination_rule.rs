//! `DestinationRule`: the TLS that a client uses.

use std::{collections::BTreeMap, fmt};

use super::{
    ClusterDomain, Decoded, ExportTo, Selector,
    decode::{Errors, is_set},
    port,
};
use crate::object::{FieldPath, Id, Labels, Read, Text, wire};

/// What the name of a CA certificate begins with if it comes from a `ConfigMap`.
pub(super) const CONFIG_MAP: &str = "configmap://";

/// What istiod sets as the name of a CA certificate that cannot be used (S263).
pub(super) const UNUSABLE: &str = "invalid://";

#[derive(Clone, Debug)]
pub struct DestinationRule {
    pub id: Id,
    /// When it was created, in seconds since 1970.
    pub created: Option<i64>,
    /// Its host as written.
    pub host: Text,
    resolved_host: Text,
    /// Namespaces that see it, as written in `exportTo`.
    pub export_to: ExportTo,
    /// The clients that it applies to.
    pub selector: Selector,
    /// The traffic policy of the whole host.
    pub policy: TrafficPolicy,
    /// Its subsets, each with a policy of its own.
    pub subsets: Vec<Subset>,
    /// How istiod generated it from policies of the Gateway API for backends; `None` for a rule of a user (S60, S260).
    pub generated: Option<Generated>,
}

/// How istiod generated a rule from policies of the Gateway API for backends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Generated {
    /// The policies of the ports that have one of their own.
    pub by_port: BTreeMap<u16, Id>,
    /// Whether its settings apply where the rules of users set none (S60); otherwise it is like the oldest of these rules (S262).
    pub is_fallback: bool,
}

#[derive(Clone, Debug)]
pub struct Subset {
    pub name: Text,
    /// Labels of its endpoints.
    pub labels: Labels,
    pub policy: TrafficPolicy,
}

/// The TLS settings of a traffic policy.
#[derive(Clone, Debug, Default)]
pub struct TrafficPolicy {
    /// For every port without an entry of its own; `None` is unset.
    pub tls: Option<Tls>,
    /// Whether the load balancer is PASSTHROUGH; `None` is unset.
    pub is_passthrough: Option<bool>,
    /// By service port. An entry without settings removes those of the whole host for this port (S61).
    pub port_tls: BTreeMap<u16, Option<Tls>>,
    /// Whether the load balancer is PASSTHROUGH, for every service port with an entry.
    pub port_passthrough: BTreeMap<u16, Option<bool>>,
    /// The position of every port's entry in `portLevelSettings`.
    pub(super) entry_indices: BTreeMap<u16, usize>,
    /// Whether the field is set: only an absent policy is replaced by that of another rule (S58).
    pub is_present: bool,
}

/// TLS settings of a client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tls {
    /// The effective mode.
    pub mode: TlsMode,
    /// Whether a mode is set; without one the mode is DISABLE (S63).
    pub is_mode_set: bool,
    /// Secret with the certificates; empty if none is set.
    pub credential_name: Text,
    /// Whether there are files with the client's certificate and key.
    pub has_certificate: bool,
    /// Names of the server that the client accepts; `None` leaves them to istiod (S84).
    pub subject_alt_names: Option<Vec<Text>>,
    /// How the server is verified, apart from its names.
    pub verification: Verification,
}

/// How a client verifies the server, apart from its names (S67).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verification {
    /// Whether a file with the CA certificates that verify it is set.
    pub has_ca: bool,
    /// Whether a server name (SNI) is set.
    pub has_sni: bool,
    /// Whether verification is skipped.
    pub is_skipped: bool,
}

/// The TLS mode of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TlsMode {
    /// Plaintext.
    Disable,
    /// One-way TLS.
    Simple,
    /// mTLS with certificates of the user's own.
    Mutual,
    /// The mesh's mTLS.
    IstioMutual,
}

impl TlsMode {
    /// The mode as written in a `DestinationRule`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Disable => "DISABLE",
            Self::Simple => "SIMPLE",
            Self::Mutual => "MUTUAL",
            Self::IstioMutual => "ISTIO_MUTUAL",
        }
    }
}

impl fmt::Display for TlsMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl DestinationRule {
    /// Its host, a short name resolved in its own namespace (S52).
    #[must_use]
    pub fn resolved_host(&self) -> Text {
        self.resolved_host.clone()
    }

    /// Decodes a rule, with everything that Istio would reject in its TLS settings.
    #[must_use]
    pub fn decode(read: &Read<wire::DestinationRule>, domain: &ClusterDomain) -> Decoded<Self> {
        let spec = &read.body.spec;
        let mut errors = Errors::new(&read.id);
        if spec.host.is_empty() {
            errors.add(FieldPath::of("spec.host"), "no host", "the host that the rule applies to");
        }
        if let Some(selector) = &spec.workload_selector {
            errors.check_selector(selector, &FieldPath::of("spec.workloadSelector"));
        }
        let at = FieldPath::of("spec.trafficPolicy");
        let policy = decode_policy(spec.traffic_policy.as_ref(), &at, &mut errors);
        let subsets = spec.subsets.iter().enumerate().map(|(index, subset)| decode_subset(index, subset, &mut errors)).collect::<Vec<_>>();
        let value = policy.zip(subsets.into_iter().collect::<Option<Vec<_>>>()).map(|(policy, subsets)| Self {
            id: read.id.clone(),
            created: read.created,
            host: spec.host.clone(),
            resolved_host: domain.resolved(&spec.host, &read.id.namespace),
            export_to: ExportTo::of(&spec.export_to),
            selector: Selector::of(spec.workload_selector.as_ref()),
            policy,
            subsets,
            generated: read
                .body
                .metadata
                .annotations
                .get("internal.istio.io/parents")
                .map(|_| Generated { is_fallback: true, ..Generated::default() }),
        });
        Decoded { value, errors: errors.errors }
    }

    /// A rule that istiod generates from policies for backends: it has no time of creation, which makes it the oldest (S260).
    #[must_use]
    pub fn generated(id: Id, host: Text, policy: TrafficPolicy, by_port: BTreeMap<u16, Id>, is_fallback: bool) -> Self {
        Self {
            id,
            created: Some(i64::MIN),
            host: host.clone(),
            resolved_host: host,
            export_to: ExportTo::default(),
            selector: Selector::Absent,
            policy,
            subsets: Vec::new(),
            generated: Some(Generated { by_port, is_fallback }),
        }
    }

    /// Whether its settings apply where the rules of users set none (S60).
    #[must_use]
    pub fn is_fallback(&self) -> bool {
        self.generated.as_ref().is_some_and(|generated| generated.is_fallback)
    }

    /// Every TLS setting, with a description of what it applies to: a port, a subset, a port of a subset; `None` is the whole host.
    pub fn tls_settings(&self) -> impl Iterator<Item = (Option<String>, &Tls)> {
        let whole = self.policy.settings();
        let subsets = self.subsets.iter().flat_map(|subset| {
            subset.policy.settings().map(move |(scope, tls)| {
                let port = scope.map(|port| format!(" {port}")).unwrap_or_default();
                (Some(format!("subset {}{port}", subset.name)), tls)
            })
        });
        whole.chain(subsets)
    }
}

impl TrafficPolicy {
    /// A policy that sets only TLS.
    #[must_use]
    pub fn of_tls(tls: Option<Tls>, port_tls: BTreeMap<u16, Option<Tls>>) -> Self {
        Self { tls, port_tls, is_present: true, ..Self::default() }
    }

    fn settings(&self) -> impl Iterator<Item = (Option<String>, &Tls)> {
        let whole = self.tls.iter().map(|tls| (None, tls));
        whole.chain(self.port_tls.iter().filter_map(|(port, tls)| Some((Some(format!("port {port}")), tls.as_ref()?))))
    }
}

fn decode_subset(index: usize, subset: &wire::Subset, errors: &mut Errors<'_>) -> Option<Subset> {
    let at = FieldPath::of("spec.subsets").then(index.to_string());
    if subset.name.is_empty() {
        errors.add(at.clone().then("name"), "a subset without a name", "a name that routes can refer to");
    }
    let policy = decode_policy(subset.traffic_policy.as_ref(), &at.then("trafficPolicy"), errors)?;
    Some(Subset { name: subset.name.clone(), labels: subset.labels.clone(), policy })
}

/// `None` if the schema rejects a mode.
fn decode_policy(policy: Option<&wire::TrafficPolicy>, at: &FieldPath, errors: &mut Errors<'_>) -> Option<TrafficPolicy> {
    let Some(policy) = policy else { return Some(TrafficPolicy::default()) };
    let passthrough = |balancer: &Option<wire::LoadBalancer>| balancer.as_ref().map(|balancer| balancer.simple == "PASSTHROUGH");
    let whole =
        |tls| TrafficPolicy { tls, is_passthrough: passthrough(&policy.load_balancer), is_present: true, ..TrafficPolicy::default() };
    let mut decoded = decode_tls(policy.tls.as_ref(), &at.clone().then("tls"), errors).map(whole);
    for (index, entry) in policy.port_level_settings.iter().enumerate() {
        let at = at.clone().then("portLevelSettings").then(index.to_string());
        let settings = decode_tls(entry.tls.as_ref(), &at.clone().then("tls"), errors);
        let number = port(entry.port.number.0);
        if number.is_none() {
            errors.add(at.then("port").then("number"), format!("`{}`", entry.port.number.0), "the number of a Service port, 1 to 65535");
        }
        match (decoded.as_mut(), number, settings) {
            // istiod uses the first entry of a port.
            (Some(all), Some(number), Some(settings)) => {
                all.port_tls.entry(number).or_insert(settings);
                all.port_passthrough.entry(number).or_insert(passthrough(&entry.load_balancer));
                all.entry_indices.entry(number).or_insert(index);
            }
            (_, _, None) => decoded = None,
            _ => {}
        }
    }
    decoded
}

#[allow(clippy::option_option, reason = "the outer Option is None if the schema rejects the mode")]
fn decode_tls(tls: Option<&wire::Tls>, at: &FieldPath, errors: &mut Errors<'_>) -> Option<Option<Tls>> {
    let Some(tls) = tls else { return Some(None) };
    let Some(decoded) = Tls::of(tls) else {
        errors.add(at.clone().then("mode"), format!("`{}`", tls.mode), "DISABLE, SIMPLE, MUTUAL or ISTIO_MUTUAL, in upper case");
        return None;
    };
    check_certificates(decoded.mode, tls, at, errors);
    Some(Some(decoded))
}

impl Tls {
    /// `None` if the schema rejects the mode.
    pub(super) fn of(tls: &wire::Tls) -> Option<Self> {
        let mode = match tls.mode.as_str() {
            "" | "DISABLE" => TlsMode::Disable,
            "SIMPLE" => TlsMode::Simple,
            "MUTUAL" => TlsMode::Mutual,
            "ISTIO_MUTUAL" => TlsMode::IstioMutual,
            _ => return None,
        };
        Some(Self {
            mode,
            is_mode_set: is_set(&tls.mode),
            credential_name: tls.credential_name.clone(),
            has_certificate: is_set(&tls.client_certificate) && is_set(&tls.private_key),
            subject_alt_names: tls.subject_alt_names.as_ref().map(|names| names.to_vec()),
            verification: Verification {
                has_ca: is_set(&tls.ca_certificates),
                has_sni: is_set(&tls.sni),
                is_skipped: tls.insecure_skip_verify.is_some_and(|skip| skip.0),
            },
        })
    }

    /// The Secret with the certificates, if there is one: a `ConfigMap` with certificates is not a Secret (S68).
    #[must_use]
    pub fn secret(&self) -> Option<&Text> {
        Some(&self.credential_name).filter(|name| !name.is_empty() && !name.starts_with(CONFIG_MAP))
    }

    /// Whether the reference to the CA certificate cannot be used, so that every handshake fails (S263).
    #[must_use]
    pub fn has_unusable_ca(&self) -> bool {
        self.credential_name.starts_with(UNUSABLE)
    }
}

/// Checks which certificates each mode requires. [istio: pkg/config/validation/agent/validation.go › `ValidateTLS`]
fn check_certificates(mode: TlsMode, tls: &wire::Tls, at: &FieldPath, errors: &mut Errors<'_>) {
    if !matches!(mode, TlsMode::Simple | TlsMode::Mutual) {
        return;
    }
    let field = |name: &str| at.clone().then(name);
    let has_names = tls.subject_alt_names.as_ref().is_some_and(|names| !names.is_empty());
    let has_credential = is_set(&tls.credential_name);
    if tls.insecure_skip_verify.is_some_and(|skip| skip.0) {
        let verifies = is_set(&tls.ca_certificates) || has_names || (mode == TlsMode::Simple && has_credential);
        if verifies {
            errors.add(
                field("insecureSkipVerify"),
                "insecureSkipVerify together with settings that verify the server",
                "either insecureSkipVerify, or caCertificates, credentialName and subjectAltNames",
            );
        }
    }
    let files = [&tls.client_certificate, &tls.private_key, &tls.ca_certificates, &tls.ca_crl];
    if has_credential {
        if files.into_iter().any(is_set) {
            errors.add(field("credentialName"), "credentialName together with certificate files", "either credentialName or files");
        }
    } else if mode == TlsMode::Mutual {
        for (name, value) in [("clientCertificate", &tls.client_certificate), ("privateKey", &tls.private_key)] {
            if !is_set(value) {
                errors.add(field(name), format!("MUTUAL without {name}"), "clientCertificate and privateKey, or credentialName");
            }
        }
    }
}
