//! Whether client and server accept each other's identity when both use the mesh's mTLS (S31, S84, S85).

use std::collections::BTreeSet;

use super::{Client, cluster::Cluster, endpoint::Endpoint};
use crate::{
    mesh::{Dataplane, indices::Indices},
    object::Text,
};

impl Indices<'_> {
    /// The identities that a client accepts (S84): those of its rule, else those of all endpoints that istiod knows; an empty list means
    /// any.
    #[must_use]
    pub fn accepted_names(&self, client: &Client<'_>, cluster: &Cluster<'_>, endpoints: &[Endpoint<'_>]) -> Vec<Text> {
        if let Some(names) = &cluster.subject_alt_names {
            return names.clone();
        }
        let settings = self.control_planes().of_revision(&client.revision);
        let domains = || settings.trust_domain_aliases.iter().chain([&settings.trust_domain]);
        let known = endpoints.iter().filter(|endpoint| endpoint.is_registered);
        let mut seen = BTreeSet::new();
        let accounts = known.filter_map(|endpoint| Some((&endpoint.namespace, endpoint.account.as_ref()?)));
        let accounts = accounts.filter(|account| seen.insert(*account));
        let mut names: Vec<Text> =
            accounts.flat_map(|(namespace, account)| domains().map(move |domain| identity(domain, namespace, account))).collect();
        for name in &cluster.service_names {
            names.push(name.clone());
            names.extend(settings.trust_domain_aliases.iter().filter_map(|alias| in_domain(name, alias)));
        }
        names
    }

    /// Whether both sides accept each other: the client the server's identity, the server the client's trust domain.
    #[must_use]
    pub fn is_identified(&self, client: &Client<'_>, names: &[Text], endpoint: &Endpoint<'_>) -> bool {
        self.is_server_accepted(names, endpoint) && self.is_client_accepted(client, endpoint)
    }

    fn is_server_accepted(&self, names: &[Text], endpoint: &Endpoint<'_>) -> bool {
        names.is_empty() || self.identity_of(endpoint).is_none_or(|identity| names.contains(&identity))
    }

    /// The identity of an endpoint's server; `None` if it is unknown.
    #[must_use]
    pub fn identity_of(&self, endpoint: &Endpoint<'_>) -> Option<Text> {
        let (workload, instance) = endpoint.server?;
        let account = instance.service_account()?;
        Some(identity(&self.control_planes().of_revision(&instance.revision).trust_domain, &workload.subject.namespace, &account))
    }

    /// A sidecar accepts the trust domains that its own istiod knows (S31).
    fn is_client_accepted(&self, client: &Client<'_>, endpoint: &Endpoint<'_>) -> bool {
        let Some((_, instance)) = endpoint.server.filter(|(_, instance)| instance.dataplane == Dataplane::Sidecar) else { return true };
        if client.revision == instance.revision || self.control_planes().istiod_env().skips_trust_domain_validation {
            return true;
        }
        let own = &self.control_planes().of_revision(&client.revision).trust_domain;
        let settings = self.control_planes().of_revision(&instance.revision);
        let mut known = settings.trust_domain_aliases.iter().chain(&settings.other_trust_domains).chain([&settings.trust_domain]);
        known.any(|domain| domain == own)
    }
}

/// The same identity in another trust domain; `None` for a name that is not an identity of the mesh.
fn in_domain(name: &str, domain: &str) -> Option<Text> {
    let (_, path) = name.strip_prefix("spiffe://")?.split_once('/')?;
    let parts: Vec<&str> = path.split('/').collect();
    matches!(parts[..], ["ns", _, "sa", _]).then(|| format!("spiffe://{domain}/{path}").into())
}

fn identity(domain: &str, namespace: &str, account: &str) -> Text {
    format!("spiffe://{domain}/ns/{namespace}/sa/{account}").into()
}
