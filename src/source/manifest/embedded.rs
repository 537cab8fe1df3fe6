//! YAML inside YAML: the mesh configuration, the injector's configuration, and proxy settings in annotations.

use std::{cell::RefCell, sync::Arc};

use serde::de::DeserializeOwned;

use super::yaml;
use crate::object::{
    Gap, Id, Kind, Labels, Object, Text,
    wire::{ConfigMap, EmbeddedConfig, ProxyConfig},
};

/// Annotation with proxy settings of one pod.
const PROXY_CONFIG: &str = "proxy.istio.io/config";

/// Decodes the YAML that an object contains as text. If that fails, returns a gap.
#[allow(clippy::wildcard_enum_match_arm, reason = "a kind that contains YAML as text is added here explicitly")]
pub(super) fn expand(object: &mut Object, id: &Id) -> Option<Gap> {
    match object {
        Object::ConfigMap(map) => config_map(map, id),
        Object::Pod(pod) => annotation(&pod.metadata.annotations, id, &mut pod.proxy_config),
        Object::Controller(controller) => {
            let annotations = controller.template().metadata.annotations.clone();
            annotation(&annotations, id, &mut controller.proxy_config)
        }
        _ => None,
    }
}

/// Whether the object is used: only `ConfigMaps` of the control plane, and only CRDs and `APIServices` for which the API server
/// calls a Service.
#[allow(clippy::wildcard_enum_match_arm, reason = "a kind of which some objects are not used is added here explicitly")]
pub(super) fn is_used(object: &Object) -> bool {
    match object {
        Object::ConfigMap(map) => map.mesh.0.is_some() || map.injector.0.is_some() || map.values.0.is_some(),
        Object::CustomResourceDefinition(definition) => definition.spec.conversion.webhook.client_config.service.is_some(),
        Object::ApiService(api) => api.spec.service.is_some(),
        _ => true,
    }
}

fn config_map(map: &mut ConfigMap, id: &Id) -> Option<Gap> {
    let data = std::mem::take(&mut map.data);
    if id.name.starts_with("istio-sidecar-injector") {
        let policy = read(data.get("config"), id, "data.config", &mut map.injector);
        let gap = policy.or(read(data.get("values"), id, "data.values", &mut map.values));
        return gap.map(|gap| gap.of(Kind::ConfigMap));
    }
    // Other `ConfigMaps` can have a key `mesh` too; it is a gap only if the name is one of Istio's.
    let gap = read(data.get("mesh"), id, "data.mesh", &mut map.mesh);
    gap.filter(|_| id.name.starts_with("istio")).map(|gap| gap.of(Kind::ConfigMap))
}

thread_local! {
    /// The last decoded proxy settings: the pods of a workload all have the same.
    static LAST_DECODED: RefCell<Option<(Text, Arc<ProxyConfig>)>> = const { RefCell::new(None) };
}

fn annotation(annotations: &Labels, id: &Id, into: &mut EmbeddedConfig<ProxyConfig>) -> Option<Gap> {
    let text = annotations.get(PROXY_CONFIG)?;
    let known = LAST_DECODED.with_borrow(|last| last.as_ref().filter(|(known, _)| known == text).map(|(_, config)| Arc::clone(config)));
    if known.is_some() {
        into.0 = known;
        return None;
    }
    let gap = read(Some(text), id, "the annotation proxy.istio.io/config", into);
    if let Some(config) = &into.0 {
        LAST_DECODED.set(Some((text.into(), Arc::clone(config))));
    }
    gap
}

fn read<T: DeserializeOwned>(text: Option<&str>, id: &Id, field: &str, into: &mut EmbeddedConfig<T>) -> Option<Gap> {
    match yaml::from_str(text?) {
        Ok(config) => {
            *into = EmbeddedConfig(Some(Arc::new(config)));
            None
        }
        Err(error) => Some(Gap::new(
            format!("{field} of {id}"),
            format!("line {} of that text: {}", error.line, error.reason),
            "fix the embedded YAML; the defaults were assumed instead",
        )),
    }
}
