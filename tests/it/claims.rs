//! Two objects that claim one host, one address or one port: which of them gets the calls, and what is reported (S233, S277, S279, S281, S283, S290).

use kubectl_mtls::{
    checks::{self, Finding},
    mesh::Mesh,
    queries::reach::Scheme,
};

use crate::{
    mesh_client::{Asked, config, entry, gateway_pod, rule, service, service_with, tls},
    support::{meshed_pod, namespace, pod, policy, rules, with},
};

/// Clients in `web`, one of them a gateway, and a STRICT server `db` in `data` with its address.
fn mesh(more: &str) -> String {
    namespace("web", "istio-injection: enabled")
        + &namespace("data", "istio-injection: enabled")
        + &meshed_pod("web", "client", "app: client", "", &[])
        + &gateway_pod("web", "edge")
        + &meshed_pod("data", "db", "app: db", "", &[5432]).replace("status: {", "status: {podIP: 10.0.0.1, ")
        + &policy("istio-system", "default", "", "mtls: {mode: STRICT}")
        + more
}

fn at_second(second: u8, object: &str) -> String {
    object.replacen("metadata: {", &format!("metadata: {{creationTimestamp: '2026-01-01T00:00:0{second}Z', "), 1)
}

fn external(name: &str, host: &str, more: &str, port: &str) -> String {
    entry("web", name, &format!("hosts: [{host}], location: MESH_EXTERNAL, {more}, ports: [{port}]"))
}

const TCP: &str = "{name: tcp, number: 5432, protocol: TCP}";

/// Who gets a call of a host on 5432.
fn taker(mesh: &Mesh<'_>, asked: &Asked<'_>) -> String {
    asked.ask(mesh).taken_by.map_or_else(|| "-".to_owned(), |taken| taken.by.path())
}

#[test]
fn s277_a_gateway_has_no_endpoint_for_an_entry_with_resolution_none() {
    let objects = external("any", "any.example", "resolution: NONE", TCP);
    with(&mesh(&objects), |mesh| {
        assert_eq!(Asked::new("edge", "any.example").at(5432).outcome(mesh), "none");
        assert_eq!(Asked::new("client", "any.example").at(5432).outcome(mesh), "plain");
    });
}

#[test]
fn s279_a_port_that_only_the_other_object_has_is_merged_or_has_no_cluster() {
    let first = |more: &str| {
        at_second(1, &external("first", "one.example", &format!("resolution: STATIC, endpoints: [{{address: 192.0.2.1}}]{more}"), TCP))
    };
    let second = |more: &str| at_second(2, &external("second", "one.example", more, "{name: more, number: 9000, protocol: TCP}"));
    let same = "resolution: STATIC, endpoints: [{address: 192.0.2.2}]";
    let kubernetes = service("web", "one", "app: client", "{name: http, port: 80}");
    let of_service = external("beside", "one.web.svc.cluster.local", same, "{name: more, number: 9000, protocol: TCP}");
    let table = [
        (vec![first(""), second(same)], "one.example", "plain", false),
        (vec![first(""), second("resolution: DNS")], "one.example", "F12", true),
        (vec![first(""), second(&format!("{same}, exportTo: ['*']"))], "one.example", "F12", true),
        (vec![kubernetes, of_service], "one.web.svc.cluster.local", "F12", true),
    ];
    for (objects, host, expected, is_reported) in table {
        with(&mesh(&objects.concat()), |mesh| {
            assert_eq!(Asked::new("client", host).at(9000).outcome(mesh), expected, "{objects:?}");
            assert_eq!(rules(mesh).contains(&"MTLS225"), is_reported, "{objects:?}");
        });
    }
}

#[test]
fn s233_endpoints_of_an_entry_join_the_service_beside_it_by_the_name_of_the_port() {
    for (name, expected) in [("tcp", 2), ("other", 1)] {
        let objects = service("data", "db", "app: db", "{name: tcp, port: 5432}")
            + &entry(
                "data",
                "more",
                &format!(
                    "hosts: [db.data.svc.cluster.local], resolution: STATIC, location: MESH_INTERNAL, ports: [{{name: {name}, number: 5432, protocol: TCP}}], endpoints: [{{address: 192.0.2.7}}, {{address: a.example}}]"
                ),
            );
        with(&mesh(&objects), |mesh| {
            assert_eq!(Asked::new("client", "db.data.svc.cluster.local").at(5432).ask(mesh).endpoints.len(), expected, "{name}");
        });
    }
}

#[test]
fn s281_the_oldest_entry_without_address_gets_the_tcp_calls_of_its_port() {
    let old = at_second(1, &external("old", "old.example", "resolution: DNS", TCP));
    let new = |protocol: &str| at_second(2, &external("new", "new.example", "resolution: DNS", &TCP.replace("TCP", protocol)));
    let hidden = service_with("data", "db", "networking.istio.io/exportTo: .", "selector: {app: db}, ports: [{name: tcp, port: 5432}]");
    let http = service("web", "site", "app: client", "{name: http, port: 5432}");
    let (new_host, hidden_host) = ("new.example", "db.data.svc.cluster.local");
    let table = [
        (vec![old.clone(), new("TCP")], new_host, None, "web/old"),
        (vec![old.clone(), new("TCP")], "old.example", None, "-"),
        (vec![old.clone(), new("HTTP")], new_host, None, "-"),
        (vec![old.clone(), new("HTTP")], new_host, Some(Scheme::Tcp), "web/old"),
        (vec![old.clone(), new("TLS")], new_host, None, "-"),
        (vec![old.clone(), new("TLS")], new_host, Some(Scheme::Http), "web/old"),
        (vec![old.clone(), hidden.clone()], hidden_host, None, "web/old"),
        (vec![old.clone()], "unknown.example", None, "web/old"),
        // HTTP is routed by name where any service has it on the port.
        (vec![old.clone(), http.clone()], "unknown.example", Some(Scheme::Http), "-"),
        (vec![old.clone(), http], "unknown.example", Some(Scheme::Tcp), "web/old"),
        (vec![old.replace("location", "addresses: [192.0.2.5], location"), hidden], hidden_host, None, "-"),
        // MySQL shares the listener with no other protocol.
        (vec![old.clone(), new("MySQL")], new_host, None, "web/old"),
        (
            vec![at_second(0, &external("sql", "sql.example", "resolution: DNS", &TCP.replace("TCP", "MySQL"))), old],
            "old.example",
            None,
            "web/sql",
        ),
    ];
    for (objects, host, scheme, expected) in table {
        with(&mesh(&objects.concat()), |mesh| {
            assert_eq!(taker(mesh, &Asked { scheme, ..Asked::new("client", host).at(5432) }), expected, "{host} {scheme:?} {objects:?}");
            assert_eq!(taker(mesh, &Asked { scheme, ..Asked::new("edge", host).at(5432) }), "-", "a gateway: {objects:?}");
        });
    }
}

#[test]
fn s234_proxies_that_capture_dns_use_allocated_addresses_from_1_25_on() {
    let objects = external("old", "old.example", "resolution: DNS", TCP) + &external("sql", "sql.example", "resolution: DNS", TCP);
    let istiod = |version: &str| {
        format!(
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: istiod, namespace: istio-system, labels: {{app: istiod, istio.io/rev: default}}}}\nspec: {{template: {{metadata: {{labels: {{app: istiod, istio.io/rev: default}}}}, spec: {{containers: [{{name: discovery, image: 'docker.io/istio/pilot:{version}'}}]}}}}}}\n"
        )
    };
    let capture = |more: &str| config(&format!("defaultConfig: {{proxyMetadata: {{ISTIO_META_DNS_CAPTURE: 'true'{more}}}}}"));
    let auto = ", ISTIO_META_DNS_AUTO_ALLOCATE: 'true'";
    let table = [
        ("1.24.3", capture(""), "web/old"),
        ("1.25.0", capture(""), "-"),
        ("1.24.3", capture(auto), "-"),
        ("1.25.0", String::new(), "web/old"),
    ];
    for (version, settings, expected) in table {
        with(&mesh(&(objects.clone() + &istiod(version) + &settings)), |mesh| {
            assert_eq!(taker(mesh, &Asked::new("client", "sql.example").at(5432)), expected, "{version} {settings}");
        });
    }
}

#[test]
fn s283_a_pending_pod_is_not_called_over_hbone() {
    for (state, expected) in [("enabled", "hbone"), ("pending", "plaintext")] {
        let objects = pod("data", "amb", "app: amb", &format!("ambient.istio.io/redirection: {state}"), &[80], "")
            + &service("data", "amb", "app: amb", "{name: http, port: 80}");
        with(&mesh(&objects), |mesh| {
            assert_eq!(Asked::new("client", "amb.data.svc.cluster.local").wire(mesh), expected, "{state}");
        });
    }
}

#[test]
fn s290_the_first_service_with_an_address_gets_the_tcp_calls_to_it() {
    let db = at_second(2, &service_with("data", "db", "", "clusterIP: 10.96.0.9, selector: {app: db}, ports: [{name: tcp, port: 5432}]"));
    let same = |second: u8| at_second(second, &external("same", "same.example", "addresses: [10.96.0.9], resolution: DNS", TCP));
    for (second, expected) in [(1, "web/same"), (3, "-")] {
        with(&mesh(&(db.clone() + &same(second))), |mesh| {
            assert_eq!(taker(mesh, &Asked::new("client", "db.data.svc.cluster.local").at(5432)), expected);
            assert!(rules(mesh).contains(&"MTLS225"), "either loses its calls");
        });
    }
}

/// The findings of a rule.
fn findings(mesh: &Mesh<'_>, id: &str) -> Vec<Finding> {
    checks::run(mesh, |_| true).into_iter().filter(|finding| finding.rule.id == id).collect()
}

#[test]
fn a_port_that_an_entry_takes_is_one_finding_and_addresses_cure_it() {
    let old = at_second(1, &external("old", "old.example", "resolution: DNS", TCP));
    let new = external("new", "new.example", "resolution: DNS", TCP) + &external("third", "third.example", "resolution: DNS", TCP);
    with(&mesh(&(old.clone() + &new)), |mesh| {
        let found = findings(mesh, "MTLS224");
        let [one] = found.as_slice() else { panic!("one cause: {found:#?}") };
        assert!(one.message.contains("new.example:5432") && one.message.contains("third.example:5432"), "{}", one.message);
    });
    let addressed = |object: &str, address: &str| object.replace("location", &format!("addresses: [{address}], location"));
    let cured = addressed(&old, "192.0.2.1") + &addressed(&new.replacen("192", "193", 0), "192.0.2.2");
    with(&mesh(&cured), |mesh| assert_eq!(findings(mesh, "MTLS224").len(), 0));
}

#[test]
fn an_entry_with_several_hosts_and_endpoints_of_its_own_is_no_conflict() {
    let hosts =
        |more: &str| entry("web", "both", &format!("hosts: [a.example, b.example], location: MESH_EXTERNAL, {more}, ports: [{TCP}]"));
    let table = [
        ("resolution: STATIC, endpoints: [{address: 192.0.2.1}]", 0),
        ("resolution: NONE", 0),
        // By DNS each host would have its own endpoint.
        ("resolution: DNS", 1),
    ];
    for (more, expected) in table {
        with(&mesh(&hosts(more)), |mesh| assert_eq!(findings(mesh, "MTLS224").len(), expected, "{more}"));
    }
    let settings = rule("web", "b", "b.example", &tls("SIMPLE"));
    with(&mesh(&(hosts("resolution: NONE") + &settings)), |mesh| assert_eq!(findings(mesh, "MTLS224").len(), 1, "b's rule is not used"));
}

#[test]
fn headless_services_over_the_same_pods_are_a_finding_if_their_tls_differs() {
    let headless = |second: u8, name: &str| {
        at_second(second, &service_with("data", name, "", "clusterIP: None, selector: {app: db}, ports: [{name: tcp, port: 5432}]"))
    };
    let both = headless(1, "old") + &headless(2, "new");
    with(&mesh(&both), |mesh| assert_eq!(findings(mesh, "MTLS225").len(), 0));
    let settings = rule("data", "old", "old.data.svc.cluster.local", &tls("DISABLE"));
    with(&mesh(&(both + &settings)), |mesh| {
        let found = findings(mesh, "MTLS225");
        let [one] = found.as_slice() else { panic!("one cause: {found:#?}") };
        assert_eq!((one.subject.name.as_str(), one.severity), ("new", checks::Severity::Error), "{}", one.message);
        // The rule of the other Service is the cause of the calls to both: one finding about it, and none for the younger host.
        let hosts: Vec<_> = mesh.mismatches().iter().map(|one| one.service.0.as_str()).collect();
        assert!(hosts.iter().all(|host| *host == "old.data.svc.cluster.local") && !hosts.is_empty(), "{hosts:?}");
    });
}

#[test]
fn no_advice_about_the_location_where_it_changes_nothing() {
    let db = service("data", "db", "app: db", "{name: tcp, port: 5432}");
    let none = external("none", "db.example", "addresses: [10.0.0.1], resolution: NONE", TCP);
    let empty = external("empty", "db.data.svc.cluster.local", "resolution: STATIC", TCP);
    for object in [none, empty] {
        with(&mesh(&(db.clone() + &object)), |mesh| {
            for finding in findings(mesh, "MTLS217") {
                assert!(finding.patch.is_none() && !finding.fix.unwrap().contains("MESH_INTERNAL"), "{object}");
            }
        });
    }
}

#[test]
fn an_entry_without_identity_is_no_finding_without_automatic_mtls() {
    let listed = entry(
        "web",
        "db",
        &format!("hosts: [db.example], location: MESH_INTERNAL, resolution: STATIC, endpoints: [{{address: 10.0.0.1}}], ports: [{TCP}]"),
    );
    for (setting, expected) in [("enableAutoMtls: true", 1), ("enableAutoMtls: false", 0)] {
        with(&mesh(&(listed.clone() + &config(setting))), |mesh| assert_eq!(findings(mesh, "MTLS226").len(), expected, "{setting}"));
    }
}
