//! Policies of the Gateway API for backends, which istiod turns into `DestinationRules` (S260–S263).

use super::{
    Metadata,
    destination_rule::{CONFIG_MAP, Tls, TlsMode, UNUSABLE, Verification},
};
use crate::object::{Id, Kind, Read, Text, wire};

/// A `BackendTLSPolicy` or an `XBackendTrafficPolicy`.
#[derive(Clone, Copy, Debug)]
pub struct BackendPolicy<'s> {
    pub id: &'s Id,
    /// When it was created, in seconds since 1970.
    pub created: Option<i64>,
    body: &'s wire::BackendPolicy,
}

/// A backend that a policy applies to, in the policy's namespace.
#[derive(Clone, Copy, Debug)]
pub struct BackendTarget<'s> {
    /// The kind of backend: Service or `ServiceEntry`.
    pub kind: Kind,
    pub name: &'s Text,
    /// The name of the only port that it applies to; `None` means all ports.
    pub port: Option<&'s Text>,
}

impl<'s> BackendPolicy<'s> {
    /// The policy as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::BackendPolicy>) -> Self {
        Self { id: &read.id, created: read.created, body: &read.body }
    }

    /// Whether an annotation excludes it: from Istio 1.30.1 (S263).
    #[must_use]
    pub fn is_excluded(&self) -> bool {
        let annotation = Metadata(&self.body.metadata).annotations().get("istio.io/ignore-policy-attachment");
        annotation.is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The backends that it applies to; references to other kinds have no effect.
    pub fn targets(&self) -> impl Iterator<Item = BackendTarget<'s>> + use<'s> {
        self.body.spec.target_refs.iter().filter_map(|target| {
            let kind = match (target.group.as_str(), target.kind.as_str()) {
                ("" | "core", "Service") => Kind::Service,
                ("networking.istio.io", "ServiceEntry") => Kind::ServiceEntry,
                _ => return None,
            };
            Some(BackendTarget { kind, name: &target.name, port: Some(&target.section_name).filter(|name| !name.is_empty()) })
        })
    }

    /// The TLS that clients originate; `None` for an `XBackendTrafficPolicy`, which sets none (S260).
    #[must_use]
    pub fn tls(&self) -> Option<Tls> {
        let validation = self.body.spec.validation.as_ref().filter(|_| self.id.kind == Kind::BackendTLSPolicy)?;
        let is_well_known = !validation.well_known_ca_certificates.is_empty();
        // istiod uses the first reference only.
        let credential_name = match validation.ca_certificate_refs.first() {
            Some(reference) if !is_well_known => match (reference.group.as_str(), reference.kind.as_str()) {
                ("" | "core", "ConfigMap") => format!("{CONFIG_MAP}{}/{}", self.id.namespace, reference.name).into(),
                _ => Text::from(UNUSABLE),
            },
            _ => Text::default(),
        };
        let names = validation.subject_alt_names.iter().filter_map(|name| match name.kind.as_str() {
            "Hostname" => Some(name.hostname.clone()),
            "URI" => Some(name.uri.clone()),
            _ => None,
        });
        let names: Vec<Text> = names.collect();
        Some(Tls {
            mode: TlsMode::Simple,
            is_mode_set: true,
            credential_name,
            has_certificate: false,
            subject_alt_names: (!names.is_empty()).then_some(names),
            verification: Verification { has_ca: true, has_sni: true, is_skipped: false },
        })
    }
}
