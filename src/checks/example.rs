//! Pieces that the rules' examples share.

/// A namespace whose pods get a sidecar.
macro_rules! shop {
    () => {
        r#"apiVersion: v1
kind: Namespace
metadata:
  name: shop
  labels:
    istio-injection: enabled
"#
    };
}

/// A Deployment of that namespace.
macro_rules! web {
    () => {
        r#"---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  namespace: shop
spec:
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - name: web
        image: web:1
        ports:
        - containerPort: 8080
"#
    };
}

/// A mesh policy.
macro_rules! mesh_policy {
    ($mode:literal) => {
        concat!(
            r#"---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: istio-system
spec:
  mtls:
    mode: "#,
            $mode,
            "\n"
        )
    };
}

/// A namespace whose pods ztunnel takes in, and a Deployment of it.
macro_rules! ambient {
    () => {
        r#"---
apiVersion: v1
kind: Namespace
metadata:
  name: depot
  labels:
    istio.io/dataplane-mode: ambient
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: stock
  namespace: depot
spec:
  template:
    metadata:
      labels:
        app: stock
    spec:
      containers:
      - name: stock
        image: stock:1
        ports:
        - containerPort: 8080
        - containerPort: 9090
"#
    };
}

/// A server of the first namespace, and its Service, whose port is called so.
macro_rules! db {
    ($port:literal) => {
        concat!(
            r#"---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: db
  namespace: shop
spec:
  template:
    metadata:
      labels:
        app: db
    spec:
      containers:
      - name: db
        image: db:1
        ports:
        - containerPort: 5432
---
apiVersion: v1
kind: Service
metadata:
  name: db
  namespace: shop
spec:
  selector:
    app: db
  ports:
  - name: "#,
            $port,
            "\n    port: 5432\n"
        )
    };
}

/// A rule: its namespace, its name and its spec.
macro_rules! destination_rule {
    ($namespace:literal, $name:literal, $($spec:expr),+) => {
        concat!(
            "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata:\n  name: ",
            $name,
            "\n  namespace: ",
            $namespace,
            "\nspec:\n",
            $($spec),+
        )
    };
}

/// A rule of the first namespace that sets the TLS of clients of a host, and what else its tls block says.
macro_rules! rule {
    ($host:literal, $mode:literal $(, $more:literal)*) => {
        $crate::checks::example::destination_rule!(
            "shop",
            "db",
            "  host: ",
            $host,
            "\n  trafficPolicy:\n    tls:\n      mode: ",
            $mode,
            "\n"
            $(, "      ", $more, "\n")*
        )
    };
}

/// Settings of a mesh whose clients speak mTLS only where a rule says so.
macro_rules! manual {
    () => {
        r"---
apiVersion: v1
kind: ConfigMap
metadata:
  name: istio
  namespace: istio-system
data:
  mesh: |
    enableAutoMtls: false
"
    };
}

/// A rule of the first namespace that lists who may answer.
macro_rules! pinned {
    ($identity:literal) => {
        concat!($crate::checks::example::rule!("db", "ISTIO_MUTUAL", "subjectAltNames:"), "      - ", $identity, "\n")
    };
}

/// Two servers of the first namespace behind one Service, the second with this word on injection.
macro_rules! pair {
    ($inject:literal, $cluster_ip:literal) => {
        concat!(
            r#"---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: db
  namespace: shop
spec:
  template:
    metadata:
      labels:
        app: db
        copy: first
    spec:
      containers:
      - name: db
        image: db:1
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: db-copy
  namespace: shop
spec:
  template:
    metadata:
      labels:
        app: db
        copy: second
        sidecar.istio.io/inject: ""#,
            $inject,
            r#""
    spec:
      containers:
      - name: db
        image: db:1
---
apiVersion: v1
kind: Service
metadata:
  name: db
  namespace: shop
spec:
  clusterIP: "#,
            $cluster_ip,
            r"
  selector:
    app: db
  ports:
  - name: tcp
    port: 5432
"
        )
    };
}

/// A policy for the first of these servers.
macro_rules! strict_first {
    () => {
        r"---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: db
  namespace: shop
spec:
  selector:
    matchLabels:
      copy: first
  mtls:
    mode: STRICT
"
    };
}

/// A host outside the mesh that clients know.
macro_rules! partner {
    () => {
        r#"---
apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata:
  name: partner
  namespace: shop
spec:
  hosts:
  - partner.example.com
  location: MESH_EXTERNAL
  resolution: DNS
  ports:
  - name: http
    number: 80
    protocol: HTTP
    targetPort: 443
"#
    };
}

/// A namespace outside the mesh, as its label says, with a server and its Service.
macro_rules! depot {
    () => {
        r#"---
apiVersion: v1
kind: Namespace
metadata:
  name: depot
  labels:
    istio-injection: disabled
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: stock
  namespace: depot
spec:
  template:
    metadata:
      labels:
        app: stock
    spec:
      containers:
      - name: stock
        image: stock:1
---
apiVersion: v1
kind: Service
metadata:
  name: stock
  namespace: depot
spec:
  selector:
    app: stock
  ports:
  - name: tcp
    port: 8080
---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: shop
spec:
  mtls:
    mode: STRICT
"#
    };
}

/// A mesh policy that lets plaintext in, and says that this is known.
macro_rules! quiet_permissive {
    () => {
        r#"---
apiVersion: security.istio.io/v1
kind: PeerAuthentication
metadata:
  name: default
  namespace: istio-system
  annotations:
    mtls.kubectl.dev/ignore: "MTLS107: another rule is shown"
spec:
  mtls:
    mode: PERMISSIVE
"#
    };
}

pub(super) use {
    ambient, db, depot, destination_rule, manual, mesh_policy, pair, partner, pinned, quiet_permissive, rule, shop, strict_first, web,
};
