//! The command that `explain FROM TO` prints to verify the call on the proxy: it names a cluster that exists there, or there is none.

use snapbox::cmd::{Command, cargo_bin};

use crate::support::{ambient_pod, meshed_pod, namespace, pod, policy};

fn explain(yaml: &str, words: &[&str]) -> Vec<String> {
    let command = Command::new(cargo_bin!("kubectl-mtls")).env_remove("KUBECONFIG").args(["explain", "-f", "-"]).args(words);
    let output = String::from_utf8(command.stdin(yaml).assert().get_output().stdout.clone()).unwrap();
    output.lines().filter_map(|line| line.strip_prefix("to verify on the proxy: ")).map(str::to_owned).collect()
}

fn service(name: &str, more: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{selector: {{app: db}}, ports: [{{name: http, port: 80}}]{more}}}\n"
    )
}

fn istio(kind: &str, name: &str, spec: &str) -> String {
    format!("---\napiVersion: networking.istio.io/v1\nkind: {kind}\nmetadata: {{name: {name}, namespace: shop}}\nspec: {{{spec}}}\n")
}

fn shop() -> String {
    namespace("shop", "istio-injection: enabled")
        + &meshed_pod("shop", "db", "app: db", "", &[80])
        + &meshed_pod("shop", "web", "app: web", "", &[])
        + &pod("shop", "job", "app: job", "", &[], "")
        + &service("db", "")
}

const HOST: &str = "db.shop.svc.cluster.local";

#[test]
fn the_command_names_the_cluster_that_the_proxy_has() {
    let subsets = istio("DestinationRule", "db", "host: db, subsets: [{name: v1, labels: {app: db}}, {name: v2, labels: {app: db}}]");
    let route = istio(
        "VirtualService",
        "db",
        "hosts: [db], http: [{route: [{destination: {host: db, subset: v1}, weight: 50}, {destination: {host: db, subset: gone}, weight: 50}]}]",
    );
    let alias = service("old", "").replace("selector: {app: db}", &format!("type: ExternalName, externalName: {HOST}"));
    let entry = istio(
        "ServiceEntry",
        "e",
        "hosts: ['*.example.com'], location: MESH_EXTERNAL, resolution: NONE, ports: [{number: 443, name: tls, protocol: TLS}]",
    );
    let refuse = istio("Sidecar", "default", "egress: [{hosts: ['shop/*']}], outboundTrafficPolicy: {mode: REGISTRY_ONLY}");
    let whole = format!("istioctl proxy-config cluster web.shop --fqdn {HOST} --port 80 -o json");
    let v1 = format!("istioctl proxy-config cluster web.shop --fqdn {HOST} --port 80 --subset v1 -o json");
    let excluded = "traffic.sidecar.istio.io/excludeOutboundPorts: \"80\"";
    let table: Vec<(&str, String, &[&str], Vec<String>)> = vec![
        ("a Service", shop(), &["shop/pod/web", "db:80"], vec![whole.clone()]),
        ("a subset", shop() + &subsets, &["shop/pod/web", "db:80", "--subset", "v1"], vec![v1.clone()]),
        ("a route, without the subset that has no cluster", shop() + &subsets + &route, &["shop/pod/web", "db:80"], vec![v1]),
        ("an alias has the cluster of its target", shop() + &alias, &["shop/pod/web", "old:80"], vec![whole]),
        (
            "a wildcard entry has one cluster for all its hosts",
            shop() + &entry,
            &["shop/pod/web", "api.example.com:443"],
            vec!["istioctl proxy-config cluster web.shop --fqdn '*.example.com' --port 443 -o json".to_owned()],
        ),
        (
            "the address of a pod",
            shop(),
            &["shop/pod/web", "shop/pod/db:80", "--by-ip"],
            vec!["istioctl proxy-config cluster web.shop --fqdn PassthroughCluster -o json".to_owned()],
        ),
        (
            "an unknown host",
            shop(),
            &["shop/pod/web", "api.example.com:443"],
            vec!["istioctl proxy-config cluster web.shop --fqdn PassthroughCluster -o json".to_owned()],
        ),
        (
            "an unknown host that is refused",
            shop() + &refuse,
            &["shop/pod/web", "api.example.com:443"],
            vec!["istioctl proxy-config cluster web.shop --fqdn BlackHoleCluster -o json".to_owned()],
        ),
        ("a subset that no rule has", shop(), &["shop/pod/web", "db:80", "--subset", "gone"], vec![]),
        ("a client without a proxy", shop(), &["shop/pod/job", "db:80"], vec![]),
        (
            "a port that bypasses the proxy",
            shop() + &meshed_pod("shop", "batch", "app: batch", excluded, &[]),
            &["shop/pod/batch", "db:80"],
            vec![],
        ),
        ("any client", shop(), &["ns/shop", "db:80"], vec![]),
    ];
    for (what, yaml, words, expected) in table {
        let yaml = yaml + &policy("shop", "default", "", "mtls: {mode: PERMISSIVE}");
        assert_eq!(explain(&yaml, words), expected, "{what}");
    }
}

#[test]
fn an_ambient_client_has_the_view_of_ztunnel_on_its_servers() {
    let yaml = namespace("data", "istio.io/dataplane-mode: ambient")
        + &namespace("shop", "istio.io/dataplane-mode: ambient")
        + &ambient_pod("shop", "db", "app: db", &[80])
        + &ambient_pod("data", "web", "app: web", &[])
        + &service("db", "");
    let found = explain(&yaml, &["data/pod/web", "db.shop:80"]);
    assert_eq!(found, ["istioctl ztunnel-config workloads --workload-namespace shop"]);
}
