//! Meshes of any size, the same for the same seed: ten Services a namespace, three pods a Service, policies at all levels.

use std::fmt::Write as _;

/// What kind of mesh to make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Posture {
    /// Modes of every kind at every level.
    Mixed,
    /// Everything injected, STRICT or PERMISSIVE, no exceptions: nothing to complain about.
    Clean,
    /// The same, and clients with settings of their own: five rules a namespace, a Sidecar resource in every second one, one pod a Service.
    Ruled,
}

/// Services in each namespace.
pub(crate) const SERVICES: usize = 10;
/// Pods behind each Service.
pub(crate) const PODS: usize = 3;

/// A mesh as one text for each namespace; the first is the control plane's.
pub(crate) fn mesh(namespaces: usize, seed: u64, posture: Posture) -> Vec<String> {
    let mut random = Random(seed | 1);
    let mut texts = vec![control_plane(posture)];
    texts.extend((0..namespaces).map(|n| namespace(n, posture, &mut random)));
    texts
}

/// How many objects of used kinds that mesh has, near enough to divide a time by.
pub(crate) fn objects(namespaces: usize) -> usize {
    namespaces * (2 + SERVICES * (1 + PODS) + 3)
}

/// Documents of a kind nobody uses here.
pub(crate) fn unused(count: usize) -> String {
    let data = "    some: data that nobody has to look at, line after line after line\n".repeat(20);
    let document = |n: usize| {
        ["---\napiVersion: example.com/v1\nkind: Widget\nmetadata:\n  name: widget-", &n.to_string(), "\nspec:\n", &data].concat()
    };
    (0..count).map(document).collect()
}

/// xorshift: small, seeded, and good enough to pick modes.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    fn pick<'t>(&mut self, words: &[&'t str]) -> &'t str {
        let n = self.below(u64::try_from(words.len()).unwrap_or(1));
        words[usize::try_from(n).unwrap_or_default()]
    }
}

fn control_plane(posture: Posture) -> String {
    let mode = if posture == Posture::Clean { "STRICT" } else { "PERMISSIVE" };
    format!(
        "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: istio-system\n\
         ---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: istio\n  namespace: istio-system\ndata:\n  mesh: |\n    rootNamespace: istio-system\n{}",
        policy("istio-system", "default", "", mode, "")
    )
}

fn policy(namespace: &str, name: &str, app: &str, mode: &str, port: &str) -> String {
    let mut text = format!(
        "---\napiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: {name}\n  namespace: {namespace}\n  creationTimestamp: \"2025-01-01T00:00:00Z\"\nspec:\n"
    );
    if !app.is_empty() {
        let _ = write!(text, "  selector:\n    matchLabels:\n      app: {app}\n");
    }
    let _ = write!(text, "  mtls:\n    mode: {mode}\n");
    if !port.is_empty() {
        let _ = write!(text, "  portLevelMtls:\n    9090:\n      mode: {port}\n");
    }
    text
}

fn namespace(n: usize, posture: Posture, random: &mut Random) -> String {
    let name = format!("team-{n:05}");
    let mut text = format!("---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:\n    istio-injection: enabled\n");
    match posture {
        Posture::Mixed => {
            text += &policy(&name, "default", "", random.pick(&["STRICT", "PERMISSIVE", "UNSET"]), "");
            for service in 0..3 {
                let modes = ["STRICT", "PERMISSIVE", "DISABLE", "UNSET"];
                text += &policy(&name, &format!("app-{service}"), &format!("app-{service}"), random.pick(&modes), random.pick(&modes));
            }
        }
        Posture::Clean => text += &policy(&name, "default", "", "STRICT", ""),
        Posture::Ruled => text += &clients(n, &name, random),
    }
    for service in 0..SERVICES {
        text += &self::service(&name, service);
        for pod in 0..if posture == Posture::Ruled { 1 } else { PODS } {
            text += &self::pod(&name, service, pod, n);
        }
    }
    text
}

/// A policy, five rules and perhaps a Sidecar resource: own services, one of a neighbour, and the whole namespace.
fn clients(n: usize, name: &str, random: &mut Random) -> String {
    let neighbour = format!("team-{:05}", n.saturating_sub(1));
    let mut text = policy(name, "default", "", random.pick(&["STRICT", "PERMISSIVE"]), "");
    let hosts = [
        "app-0".to_owned(),
        "app-1".to_owned(),
        format!("app-2.{name}.svc.cluster.local"),
        format!("app-3.{neighbour}.svc.cluster.local"),
        format!("*.{name}.svc.cluster.local"),
    ];
    for (at, host) in hosts.iter().enumerate() {
        let mode = random.pick(&["ISTIO_MUTUAL", "ISTIO_MUTUAL", "DISABLE", "SIMPLE"]);
        let _ = write!(
            text,
            "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: rule-{at}\n  namespace: {name}\nspec:\n  host: '{host}'\n  trafficPolicy:\n    tls:\n      mode: {mode}\n"
        );
    }
    if n.is_multiple_of(2) {
        let _ = write!(
            text,
            "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata:\n  name: default\n  namespace: {name}\nspec:\n  egress:\n  - hosts:\n    - ./*\n    - istio-system/*\n    - {neighbour}/*\n"
        );
    }
    text
}

fn service(namespace: &str, service: usize) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: app-{service}\n  namespace: {namespace}\nspec:\n  clusterIP: 10.96.0.10\n  selector:\n    app: app-{service}\n  ports:\n  - name: http\n    port: 80\n    targetPort: 8080\n  - name: http-metrics\n    port: 9090\n"
    )
}

fn pod(namespace: &str, service: usize, pod: usize, n: usize) -> String {
    let address = format!("10.{}.{}.{}", n / 250 % 250, n % 250, service * PODS + pod + 1);
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata:\n  name: app-{service}-6b8f9c7d5-{pod:05}\n  namespace: {namespace}\n  labels:\n    app: app-{service}\n    version: v1\n    pod-template-hash: 6b8f9c7d5\n    security.istio.io/tlsMode: istio\n  annotations:\n    istio.io/rev: default\n    sidecar.istio.io/status: '{{\"initContainers\":[\"istio-init\"],\"containers\":[\"istio-proxy\"],\"revision\":\"default\"}}'\n  ownerReferences:\n  - apiVersion: apps/v1\n    kind: ReplicaSet\n    name: app-{service}-6b8f9c7d5\n    controller: true\nspec:\n  serviceAccountName: app-{service}\n  nodeName: node-1\n  containers:\n  - name: app\n    image: registry.example/app-{service}:1.0.0\n    ports:\n    - containerPort: 8080\n      protocol: TCP\n    - containerPort: 9090\n      protocol: TCP\n  - name: istio-proxy\n    image: docker.io/istio/proxyv2:1.29.1\n    args:\n    - proxy\n    - sidecar\nstatus:\n  phase: Running\n  podIP: {address}\n  conditions:\n  - type: Ready\n    status: \"True\"\n"
    )
}
