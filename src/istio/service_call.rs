//! Objects that define calls of a Service: webhooks and aggregated APIs, which the API server calls, and Ingresses (S195, S196).

use super::{PortRef, port};
use crate::object::{FieldPath, Id, Kind, Read, Text, wire};

/// A call of a Service that an object defines.
#[derive(Clone, Debug)]
pub struct ServiceCall<'s> {
    pub service: Id,
    pub port: PortRef<'s>,
    /// The object that defines the call.
    pub defined_by: &'s Id,
    /// The field that defines it.
    pub at: FieldPath,
}

/// The default port of a webhook or aggregated API.
const HTTPS: u16 = 443;

impl<'s> ServiceCall<'s> {
    /// `None` for a number that is not a valid port.
    fn by_api_server(service: &wire::ServiceReference, defined_by: &'s Id, at: FieldPath) -> Option<Self> {
        let number = service.port.map_or(Some(HTTPS), |number| port(number.0))?;
        let id = Id::new(Kind::Service, service.namespace.clone(), service.name.clone());
        Some(Self { service: id, port: PortRef::Number(number), defined_by, at })
    }

    /// The calls of mutating webhooks, each with the webhook's name.
    pub fn of_mutating(read: &'s Read<wire::MutatingWebhookConfiguration>) -> impl Iterator<Item = (&'s Text, Self)> {
        let hooks = read.body.webhooks.iter().map(|hook| (&hook.name, &hook.client_config));
        of_webhooks(&read.id, hooks)
    }

    /// The calls of validating webhooks, each with the webhook's name.
    pub fn of_validating(read: &'s Read<wire::ValidatingWebhookConfiguration>) -> impl Iterator<Item = (&'s Text, Self)> {
        let hooks = read.body.webhooks.iter().map(|hook| (&hook.name, &hook.client_config));
        of_webhooks(&read.id, hooks)
    }

    /// The call of a conversion webhook of a custom resource.
    #[must_use]
    pub fn of_conversion(read: &'s Read<wire::CustomResourceDefinition>) -> Option<Self> {
        let service = read.body.spec.conversion.webhook.client_config.service.as_ref()?;
        Self::by_api_server(service, &read.id, FieldPath::of("spec.conversion.webhook.clientConfig.service"))
    }

    /// The call of an aggregated API.
    #[must_use]
    pub fn of_api(read: &'s Read<wire::ApiService>) -> Option<Self> {
        Self::by_api_server(read.body.spec.service.as_ref()?, &read.id, FieldPath::of("spec.service"))
    }

    /// The calls of the backends of an Ingress.
    #[must_use]
    pub fn of_ingress(read: &'s Read<wire::Ingress>) -> Vec<Self> {
        let spec = &read.body.spec;
        let default = spec.default_backend.iter().map(|backend| (backend, FieldPath::of("spec.defaultBackend")));
        let rules = spec.rules.iter().enumerate().flat_map(|(rule, one)| {
            one.http.paths.iter().enumerate().map(move |(path, one)| {
                let (rule, path) = (rule.to_string(), path.to_string());
                (&one.backend, ["spec", "rules", &rule, "http", "paths", &path, "backend"].into_iter().collect())
            })
        });
        default.chain(rules).filter_map(|(backend, at)| Self::of_backend(&read.id, backend, at)).collect()
    }

    fn of_backend(defined_by: &'s Id, backend: &'s wire::IngressBackend, at: FieldPath) -> Option<Self> {
        let service = backend.service.as_ref()?;
        let name = &service.port.name;
        let port = if name.is_empty() { PortRef::Number(port(service.port.number.0)?) } else { PortRef::Name(name) };
        let id = Id::new(Kind::Service, defined_by.namespace.clone(), service.name.clone());
        Some(Self { service: id, port, defined_by, at })
    }
}

fn of_webhooks<'s>(
    id: &'s Id,
    hooks: impl Iterator<Item = (&'s Text, &'s wire::WebhookClientConfig)>,
) -> impl Iterator<Item = (&'s Text, ServiceCall<'s>)> {
    hooks.enumerate().filter_map(move |(at, (name, config))| {
        let at = FieldPath::of("webhooks").then(at.to_string()).then("clientConfig").then("service");
        Some((name, ServiceCall::by_api_server(config.service.as_ref()?, id, at)?))
    })
}

/// The class of an Ingress, from its field, else from its annotation; empty if neither is set.
#[must_use]
pub fn ingress_class(read: &Read<wire::Ingress>) -> &str {
    let class = read.body.spec.ingress_class_name.as_str();
    let annotated = || read.annotations().get("kubernetes.io/ingress.class").unwrap_or_default();
    if class.is_empty() { annotated() } else { class }
}
