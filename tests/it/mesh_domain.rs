//! The domain of the cluster: where it is read, and that every host of a Service is in it.

use kubectl_mtls::{
    istio::ClusterDomain,
    mesh::{ControlPlaneOptions, Mesh},
};

use crate::support::{meshed_pod, policy, rules, snapshot};

fn istiod(args: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: istiod, namespace: istio-system}}\nspec:\n  selector: {{matchLabels: {{app: istiod}}}}\n  template:\n    metadata: {{labels: {{app: istiod, istio.io/rev: default}}}}\n    spec: {{containers: [{{name: discovery, image: 'docker.io/istio/pilot:1.32.0', args: [{args}]}}]}}\n"
    )
}

fn injector(values: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: istio-sidecar-injector, namespace: istio-system}}\ndata: {{config: 'policy: enabled', values: '{values}'}}\n"
    )
}

#[test]
fn the_domain_is_what_was_given_else_istiods_else_the_injectors_else_cluster_local() {
    let of_injector = injector(r#"{"global": {"proxy": {"clusterDomain": "b.internal"}}}"#);
    let table = [
        ("nothing", SERVICE.to_owned(), None, "cluster.local"),
        ("two arguments", istiod("discovery, --domain, a.internal"), None, "a.internal"),
        ("one argument", istiod("discovery, --domain=a.internal"), None, "a.internal"),
        ("another flag", istiod("discovery, --domainless=a.internal"), None, "cluster.local"),
        ("a flag without value", istiod("discovery, --domain"), None, "cluster.local"),
        ("the injector", of_injector.clone(), None, "b.internal"),
        ("istiod before the injector", istiod("--domain, a.internal") + &of_injector, None, "a.internal"),
        ("an injector that says nothing", injector(r#"{"global": {"proxy": {"clusterDomain": ""}}}"#), None, "cluster.local"),
        ("the word of whoever asks", istiod("--domain, a.internal"), ClusterDomain::new("c.internal."), "c.internal"),
    ];
    for (what, text, cluster_domain, expected) in table {
        let snapshot = snapshot(&text);
        let mesh = Mesh::new(&snapshot, &ControlPlaneOptions { cluster_domain, ..ControlPlaneOptions::default() });
        assert_eq!(mesh.cluster_domain().name().as_str(), expected, "{what}");
    }
}

const SERVICE: &str = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{name: tcp, port: 80}]}\n";

#[test]
fn hosts_of_services_are_in_the_domain_of_the_cluster() {
    let base = istiod("--domain, corp.internal") + SERVICE + &policy("shop", "default", "", "mtls: {mode: STRICT}");
    let read = base.clone() + &meshed_pod("shop", "db", "app: db", "", &[80]) + &meshed_pod("shop", "web", "app: web", "", &[]);
    let rule = |host: &str| {
        format!(
            "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {{name: r, namespace: shop}}\nspec: {{host: '{host}', trafficPolicy: {{tls: {{mode: DISABLE}}}}}}\n"
        )
    };
    let table = [
        ("db", vec!["MTLS201"]),
        ("db.shop.svc.corp.internal", vec!["MTLS201"]),
        ("*.shop.svc.corp.internal", vec!["MTLS201"]),
        ("*.internal", vec!["MTLS201"]),
        ("db.shop.svc.cluster.local", vec!["MTLS208"]),
        // Another file may have an entry for it.
        ("*.local", vec![]),
    ];
    for (host, expected) in table {
        for (what, text) in [("with pods", &read), ("without pods", &base)] {
            let snapshot = snapshot(&(text.clone() + &rule(host)));
            let found = rules(&Mesh::new(&snapshot, &ControlPlaneOptions::default()));
            let found: Vec<&str> = found.into_iter().filter(|id| ["MTLS201", "MTLS208"].contains(id)).collect();
            assert_eq!(found, expected, "{host} {what}");
        }
    }
}

#[test]
fn a_domain_without_letters_is_none() {
    assert_eq!(ClusterDomain::new(""), None);
    assert_eq!(ClusterDomain::new("."), None);
    let domain = ClusterDomain::new("corp.internal").unwrap();
    let table = [
        ("db.shop.svc.corp.internal", Some("db.shop")),
        ("db.shop.svc.cluster.local", None),
        ("corp.internal", None),
        ("db.shop.svccorp.internal", None),
    ];
    for (host, expected) in table {
        assert_eq!(domain.service_part(host), expected, "{host}");
    }
}
