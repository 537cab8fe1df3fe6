//! Webhooks that inject proxies (S137–S142, S165).

use crate::object::{Id, Kind, Labels, Read, wire};

/// A `MutatingWebhookConfiguration`.
#[derive(Clone, Copy, Debug)]
pub struct WebhookConfiguration<'s> {
    pub id: &'s Id,
    /// Its labels, which identify Istio's injectors and name their revision or tag.
    pub labels: &'s Labels,
    hooks: &'s [wire::MutatingWebhook],
}

/// One webhook.
#[derive(Clone, Copy, Debug)]
pub struct Webhook<'s>(&'s wire::MutatingWebhook);

/// A label that no namespace has: webhooks that select it are deactivated (S142).
const DEACTIVATED: &str = "istio.io/deactivated";

impl<'s> WebhookConfiguration<'s> {
    /// The configuration as it was read.
    #[must_use]
    pub fn of(read: &'s Read<wire::MutatingWebhookConfiguration>) -> Self {
        Self { id: &read.id, labels: &read.body.metadata.labels, hooks: &read.body.webhooks }
    }

    /// Whether it belongs to Istio's sidecar injector.
    #[must_use]
    pub fn is_injector(&self) -> bool {
        self.labels.has("app", "sidecar-injector") || self.hooks.iter().any(|hook| hook.name.ends_with("sidecar-injector.istio.io"))
    }

    /// Its webhooks.
    pub fn hooks(&self) -> impl Iterator<Item = Webhook<'s>> + use<'s> {
        self.hooks.iter().map(Webhook)
    }
}

impl Webhook<'_> {
    /// Whether the API server calls it for a pod with labels `pod` in a namespace with labels `namespace`.
    #[must_use]
    pub fn calls(&self, namespace: &Labels, pod: &Labels) -> bool {
        let Self(hook) = self;
        hook.name.ends_with("istio.io") && hook.namespace_selector.selects(namespace) && hook.object_selector.selects(pod)
    }

    /// Whether it is deactivated (S142).
    #[must_use]
    pub fn is_deactivated(&self) -> bool {
        self.0.namespace_selector.match_labels.get(DEACTIVATED).is_some()
    }

    /// The Service that it calls; `None` if it is defined by a URL.
    #[must_use]
    pub fn service(&self) -> Option<Id> {
        let service = self.0.client_config.service.as_ref()?;
        Some(Id::new(Kind::Service, service.namespace.clone(), service.name.clone()))
    }
}
