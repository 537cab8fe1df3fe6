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

pub(super) use {ambient, mesh_policy, shop, web};
