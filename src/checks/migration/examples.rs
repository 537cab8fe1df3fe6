//! The examples of the rules about STRICT: what fails once the namespaces are STRICT, and the same mended.

use crate::checks::example::{ambient, db, pinned, rule, shop};

/// An example that fires, and one that does not.
pub(super) type Example = [&'static str; 2];

/// What only traffic shows has no manifest.
pub(super) const NONE: Example = ["", ""];

/// A namespace whose pods are not injected, or are, and a Deployment of it.
macro_rules! cron {
    ($injection:literal) => {
        concat!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: legacy\n  labels:\n    istio-injection: ",
            $injection,
            r"
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: cron
  namespace: legacy
spec:
  template:
    metadata:
      labels:
        app: cron
    spec:
      containers:
      - name: cron
        image: cron:1
"
        )
    };
}

/// A second Deployment of the first namespace: annotations of its pods, and what its pods' spec begins with.
macro_rules! batch {
    ($annotation:literal, $spec:literal) => {
        concat!(
            r"---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: batch
  namespace: shop
spec:
  template:
    metadata:
      labels:
        app: batch
      annotations:
        ",
            $annotation,
            "\n    spec:\n",
            $spec,
            r"      containers:
      - name: batch
        image: batch:1
        ports:
        - containerPort: 8080
"
        )
    };
}

/// A namespace that is injected, a client of it, and what its Sidecar lets it see.
macro_rules! seeing {
    ($hosts:literal) => {
        concat!(
            cron!("enabled"),
            "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata:\n  name: default\n  namespace: legacy\nspec:\n  egress:\n  - hosts:\n",
            $hosts
        )
    };
}

/// A Service of this type before the second Deployment.
macro_rules! exposed {
    ($kind:literal) => {
        concat!(
            "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: batch\n  namespace: shop\nspec:\n  type: ",
            $kind,
            "\n  selector:\n    app: batch\n  ports:\n  - name: http\n    port: 80\n    targetPort: 8080\n"
        )
    };
}

/// A webhook that the server answers.
macro_rules! webhook {
    () => {
        r"---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata:
  name: orders
webhooks:
- name: orders.shop.example.com
  clientConfig:
    service:
      namespace: shop
      name: db
      port: 5432
"
    };
}

/// A pod behind a Service without an address of its own, which lists this as well.
macro_rules! listed {
    ($more:literal) => {
        concat!(
            r#"---
apiVersion: v1
kind: Pod
metadata:
  name: queue-0
  namespace: shop
  labels:
    app: queue
    security.istio.io/tlsMode: istio
spec:
  containers:
  - name: queue
    image: queue:1
  - name: istio-proxy
    image: docker.io/istio/proxyv2:1.29.1
    args: [proxy, sidecar]
status:
  phase: Running
  podIP: 10.1.0.7
---
apiVersion: v1
kind: Service
metadata:
  name: queue
  namespace: shop
spec:
  clusterIP: None
  ports:
  - name: tcp
    port: 5672
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata:
  name: queue
  namespace: shop
  labels:
    kubernetes.io/service-name: queue
addressType: IPv4
ports:
- name: tcp
  port: 5672
endpoints:
- addresses: [10.1.0.7]
  targetRef:
    kind: Pod
    namespace: shop
    name: queue-0
"#,
            $more
        )
    };
}

/// A server whose pods have this label, and its Service.
macro_rules! labelled {
    ($label:literal) => {
        concat!(
            r"---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: search
  namespace: shop
spec:
  template:
    metadata:
      labels:
        app: search
        ",
            $label,
            r"
    spec:
      containers:
      - name: search
        image: search:1
---
apiVersion: v1
kind: Service
metadata:
  name: search
  namespace: shop
spec:
  selector:
    app: search
  ports:
  - name: http
    port: 9200
"
        )
    };
}

const PROBED: &str = concat!(
    shop!(),
    batch!("sidecar.istio.io/rewriteAppHTTPProbers: \"false\"", ""),
    "        readinessProbe:\n          httpGet:\n            path: /ready\n            port: 8080\n"
);

pub(super) const WITHOUT_PROXY: Example = [concat!(shop!(), db!("tcp"), cron!("disabled")), concat!(shop!(), db!("tcp"), cron!("enabled"))];
pub(super) const HOST_NETWORK: Example = [
    concat!(shop!(), db!("tcp"), batch!("team: data", "      hostNetwork: true\n")),
    concat!(shop!(), db!("tcp"), batch!("team: data", "")),
];
pub(super) const PROBE: Example = [
    PROBED,
    concat!(
        shop!(),
        batch!("sidecar.istio.io/rewriteAppHTTPProbers: \"true\"", ""),
        "        readinessProbe:\n          httpGet:\n            path: /ready\n            port: 8080\n"
    ),
];
pub(super) const SCRAPER: Example = [
    concat!(
        shop!(),
        batch!(
            "prometheus.io/scrape: \"true\"\n        prometheus.io/port: \"8080\"\n        prometheus.istio.io/merge-metrics: \"false\"",
            ""
        )
    ),
    concat!(shop!(), batch!("prometheus.io/scrape: \"true\"\n        prometheus.io/port: \"8080\"", "")),
];
pub(super) const WEBHOOK: Example = [
    concat!(shop!(), db!("https"), webhook!()),
    concat!(
        shop!(),
        db!("https"),
        webhook!(),
        r#"---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: db
  namespace: shop
spec:
  selector:
    matchLabels:
      app: db
  mtls:
    mode: STRICT
  portLevelMtls:
    "5432":
      mode: PERMISSIVE
"#
    ),
];
pub(super) const EXPOSED: Example = [
    concat!(shop!(), batch!("team: data", ""), exposed!("LoadBalancer")),
    concat!(shop!(), batch!("team: data", ""), exposed!("ClusterIP")),
];
pub(super) const POD_IP: Example = [concat!(shop!(), listed!("- addresses: [192.0.2.7]\n")), concat!(shop!(), listed!(""))];
pub(super) const HIDDEN: Example =
    [concat!(shop!(), db!("tcp"), seeing!("    - ./*\n")), concat!(shop!(), db!("tcp"), seeing!("    - ./*\n    - shop/*\n"))];
pub(super) const CLIENT_RULE: Example =
    [concat!(shop!(), db!("tcp"), rule!("db", "DISABLE")), concat!(shop!(), db!("tcp"), rule!("db", "ISTIO_MUTUAL"))];
pub(super) const BYPASS: Example = [
    concat!(shop!(), db!("tcp"), batch!("traffic.sidecar.istio.io/excludeOutboundPorts: \"5432\"", "")),
    concat!(shop!(), db!("tcp"), batch!("traffic.sidecar.istio.io/excludeOutboundPorts: \"9042\"", "")),
];
pub(super) const NO_TLS_MODE: Example =
    [concat!(shop!(), labelled!("security.istio.io/tlsMode: disabled")), concat!(shop!(), labelled!("tier: data"))];
pub(super) const DATA_PLANES: Example =
    [concat!(shop!(), labelled!("tier: data"), ambient!()), concat!(shop!(), labelled!("networking.istio.io/tunnel: http"), ambient!())];
pub(super) const IDENTITY: Example = [
    concat!(shop!(), db!("tcp"), pinned!("spiffe://cluster.local/ns/shop/sa/other")),
    concat!(shop!(), db!("tcp"), pinned!("spiffe://cluster.local/ns/shop/sa/default")),
];
pub(super) const PROXYLESS: Example = [
    concat!(shop!(), db!("grpc"), batch!("inject.istio.io/templates: grpc-agent", "")),
    concat!(shop!(), db!("grpc"), batch!("inject.istio.io/templates: grpc-agent", ""), rule!("db", "ISTIO_MUTUAL")),
];
