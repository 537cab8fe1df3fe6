//! Every way past the proxy of a pod, outbound ones included (S32–S34, S119, S152, S167).

use super::{
    capture::{Bypass, bypass, init_args},
    dataplane::{self, Dataplane},
    instance::Instance,
};
use crate::{
    istio::{Container, PodSpec},
    object::{Labels, Text},
};

/// An outbound exclusion: its annotation, the option of istio-init that it becomes (S33), and what passes.
const OUTBOUND: [(&str, &str, &str); 2] = [
    ("traffic.sidecar.istio.io/excludeOutboundPorts", "-o", "outbound port"),
    ("traffic.sidecar.istio.io/excludeOutboundIPRanges", "-x", "outbound range"),
];
const INCLUDE_RANGES: &str = "traffic.sidecar.istio.io/includeOutboundIPRanges";
const BYPASS: &str = "ambient.istio.io/bypass-inbound-capture";
/// The user the proxy runs as.
const PROXY_USER: i64 = 1337;

impl Instance<'_> {
    /// Every way past the proxy; none for one without proxy, which nothing has to pass.
    #[must_use]
    pub fn bypasses(&self) -> Vec<Bypass> {
        match (self.dataplane, self.spec) {
            (Dataplane::Ambient, _) if self.annotations.has(BYPASS, "true") => {
                vec![bypass("every port".into(), [].into(), Some(BYPASS), "")]
            }
            (Dataplane::Sidecar, Some(spec)) => {
                let user = runs_as_proxy_user(spec).map(|(_, who)| bypass(who, [].into(), None, "it runs as user 1337, the sidecar's"));
                self.bypasses.iter().cloned().chain(outbound(spec, self.annotations)).chain(user).collect()
            }
            _ => Vec::new(),
        }
    }
}

/// What is kept from the sidecar on its way out.
fn outbound(spec: PodSpec<'_>, annotations: &Labels) -> Vec<Bypass> {
    let args = init_args(spec);
    let excluded = OUTBOUND.into_iter().flat_map(|(annotation, option, what)| {
        let list = args.get(option).copied().or_else(|| annotations.get(annotation)).unwrap_or_default();
        let by = annotations.get(annotation).is_some().then_some(annotation);
        let each = list.split(',').map(str::trim).filter(|one| !one.is_empty());
        each.map(move |one| bypass(format!("{what} {one}"), [].into(), by, option_name(annotation))).collect::<Vec<_>>()
    });
    let included = args.get("-i").copied().or_else(|| annotations.get(INCLUDE_RANGES)).unwrap_or("*").trim();
    let by = annotations.get(INCLUDE_RANGES).is_some().then_some(INCLUDE_RANGES);
    let rest = match included {
        "*" => None,
        "" => Some("every outbound range".to_owned()),
        list => Some(format!("every outbound range but {list}")),
    };
    excluded.chain(rest.map(|what| bypass(what, [].into(), by, option_name(INCLUDE_RANGES)))).collect()
}

/// `excludeOutboundPorts`, which is also the name of the value in the chart.
fn option_name(annotation: &'static str) -> &'static str {
    annotation.rsplit('/').next().unwrap_or(annotation)
}

/// The field below a pod's spec that makes the application run as the sidecar's user, and whom it concerns (S167).
#[must_use]
pub fn runs_as_proxy_user(spec: PodSpec<'_>) -> Option<(String, String)> {
    let is_proxy_user = |user: Option<i64>| user == Some(PROXY_USER);
    let containers = spec.containers().enumerate().map(|(at, one)| ("containers", at, one));
    let all = containers.chain(spec.init_containers().enumerate().map(|(at, one)| ("initContainers", at, one)));
    let container = all
        .into_iter()
        .find(|(_, _, one)| is_own(*one) && is_proxy_user(one.run_as_user()))
        .map(|(list, at, one)| (format!("{list}.{at}.securityContext.runAsUser"), format!("container {}", one.name())));
    let pod = || is_proxy_user(spec.run_as_user()).then(|| ("securityContext.runAsUser".to_owned(), "every container".to_owned()));
    container.or_else(pod)
}

/// Whether a container is the application's, not the mesh's.
fn is_own(container: Container<'_>) -> bool {
    !matches!(container.name().as_str(), dataplane::PROXY | "istio-init" | "istio-validation")
}

impl<'s> Instance<'s> {
    /// Whether its proxy is a native sidecar, an init container that goes on running (S146); `None` where none runs in it.
    #[must_use]
    pub fn is_native(&self) -> Option<bool> {
        let spec = self.spec.filter(|_| self.is_running)?;
        dataplane::proxy(spec)?;
        Some(!spec.containers().any(|container| container.name() == dataplane::PROXY))
    }

    /// Init containers of the application that run before the proxy does: what they send is plaintext, or gets nowhere (S152).
    #[must_use]
    pub fn early_containers(&self) -> Vec<&'s Text> {
        let Some(spec) = self.spec.filter(|_| self.dataplane == Dataplane::Sidecar && self.is_native() == Some(false)) else {
            return Vec::new();
        };
        spec.init_containers().filter(|container| is_own(*container)).map(Container::name).collect()
    }

    /// The image of the proxy that runs in it.
    #[must_use]
    pub fn proxy_version(&self) -> Option<&'s str> {
        let proxy = self.spec.filter(|_| self.is_running).and_then(dataplane::proxy)?;
        proxy.image_version().filter(|version| !version.is_empty())
    }
}
