//! The rules about what clients send, by what each test holds.

use kubectl_mtls::checks::{self, Finding, Severity};

use crate::{
    mesh_client::{aged, config, entry, gateway_pod, rule, service, service_with, tls},
    support::{meshed_pod, namespace, policy, with},
};

const PORT: &str = "{name: tcp, port: 80, targetPort: 8080}";
const BALANCER: &str = "trafficPolicy: {loadBalancer: {simple: LEAST_REQUEST}}";
const MESH_INTERNAL: &str =
    "hosts: [api.example.com], location: MESH_INTERNAL, resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]";

/// Namespaces `web` with a client and `data` with a meshed `db` and its Service.
fn pair() -> String {
    [
        namespace("web", "istio-injection: enabled"),
        namespace("data", "istio-injection: enabled"),
        meshed_pod("web", "client", "app: client", "", &[]),
        meshed_pod("data", "db", "app: db", "", &[8080]),
        service("data", "db", "app: db", PORT),
    ]
    .concat()
}

/// What one rule finds, as its subjects and fields: `web/a spec.host`.
fn found(id: &str, yaml: &str) -> Vec<String> {
    told(id, yaml, |finding| format!("{} {}", path(finding), finding.field_path))
}

/// What one rule says.
fn messages(id: &str, yaml: &str) -> Vec<String> {
    told(id, yaml, |finding| finding.message.clone())
}

fn told<T>(id: &str, yaml: &str, tell: impl Fn(&Finding) -> T) -> Vec<T> {
    with(yaml, |mesh| checks::run(mesh, |rule| rule.id == id).iter().map(tell).collect())
}

fn path(finding: &Finding) -> String {
    format!("{}/{}", finding.subject.namespace, finding.subject.name)
}

#[test]
fn mtls208_a_host_is_taken_as_it_stands() {
    // The host, and whether it is nobody's.
    let table = [
        ("db", false),
        ("db.data.svc.cluster.local", false),
        ("db.data", true),
        ("db.data.svc", true),
        ("db.web.svc.cluster.local", true),
        ("*.data.svc.cluster.local", false),
        ("*.data", true),
        ("*.local", false),
        ("*", false),
        ("*.example.org", true),
        ("api.example.com", false),
        ("*.example.com", false),
        // A wildcard of a ServiceEntry is matched by wildcards alone (S53).
        ("a.wild.example.net", true),
        ("*.wild.example.net", false),
        ("*.example.net", false),
        // Another name for a host has no rules (S79).
        ("alias.data.svc.cluster.local", true),
        // Services of other clusters are not read.
        ("db.data.svc.clusterset.local", false),
    ];
    let wild = MESH_INTERNAL.replace("api.example.com", "'*.wild.example.net'").replace("resolution: DNS", "resolution: NONE");
    let base = pair()
        + &entry("data", "api", MESH_INTERNAL)
        + &entry("data", "wild", &wild)
        + &service("web", "front", "app: front", PORT)
        + &service_with("data", "alias", "", "type: ExternalName, externalName: db.data.svc.cluster.local");
    for (host, is_orphan) in table {
        let expected: &[&str] = if is_orphan { &["data/r spec.host"] } else { &[] };
        assert_eq!(found("MTLS208", &(base.clone() + &rule("data", "r", host, BALANCER))), expected, "{host}");
    }
    // Manifests without any Service do not show which hosts exist.
    for host in ["*", "db", "db.data.svc.cluster.local"] {
        assert!(found("MTLS208", &rule("shop", "r", host, BALANCER)).is_empty(), "{host}");
    }
}

#[test]
fn mtls208_says_what_the_host_should_be() {
    let full = Some("Set the host to db.data.svc.cluster.local.");
    let table = [
        ("db.data", full),
        ("db.data.svc", full),
        ("db.data.svc.cluster", full),
        ("db", full),
        ("db.web.svc.cluster.local", full),
        ("*.data.svc", Some("Set the host to *.data.svc.cluster.local.")),
        ("nobody", None),
        ("api.example.org", None),
    ];
    let base = pair() + &service("web", "front", "app: front", PORT) + &entry("web", "api", MESH_INTERNAL);
    for (host, fix) in table {
        let fixes = told("MTLS208", &(base.clone() + &rule("web", "r", host, BALANCER)), |finding| finding.fix.clone());
        assert_eq!(fixes, [fix.map(ToOwned::to_owned)], "{host}");
    }
}

#[test]
fn mtls209_a_rule_merged_away_is_shadowed() {
    let subset = |mode: &str| format!("subsets: [{{name: v1, labels: {{v: '1'}}, {}}}]", tls(mode));
    let table = [
        // The older policy counts whole.
        (aged(1, "data", "a", "db", BALANCER) + &aged(2, "data", "b", "db", &tls("SIMPLE")), vec!["data/b spec.trafficPolicy"]),
        (aged(1, "data", "a", "db", &tls("SIMPLE")) + &aged(2, "data", "b", "db", BALANCER), vec![]),
        // An older rule without policy makes room.
        (aged(1, "data", "a", "db", "subsets: [{name: v2, labels: {v: '2'}}]") + &aged(2, "data", "b", "db", &tls("SIMPLE")), vec![]),
        // Of subsets of one name the older counts.
        (
            aged(1, "data", "a", "db", &subset("DISABLE")) + &aged(2, "data", "b", "db", &subset("SIMPLE")),
            vec!["data/b spec.subsets.0.trafficPolicy"],
        ),
        (aged(1, "data", "a", "db", BALANCER) + &aged(2, "data", "b", "db", &subset("SIMPLE")), vec![]),
        // Rules without TLS settings are nobody's business here.
        (aged(1, "data", "a", "db", BALANCER) + &aged(2, "data", "b", "db", BALANCER), vec![]),
    ];
    for (rules, expected) in table {
        assert_eq!(found("MTLS209", &(pair() + &rules)), expected, "{rules}");
    }
}

#[test]
fn mtls209_the_order_of_looking_up_goes_before_how_exact_a_host_is() {
    let (db, mutual) = ("db.data.svc.cluster.local", tls("ISTIO_MUTUAL"));
    let only_web = format!("exportTo: [web], {mutual}");
    let table = [
        // In use: by its own namespace, by another, through the root namespace.
        (rule("web", "a", db, &mutual), vec![]),
        (rule("data", "a", "db", &mutual), vec![]),
        (rule("istio-system", "a", "*.local", &mutual), vec![]),
        // Every client has a rule that goes before it.
        (rule("data", "a", "db", &only_web) + &rule("web", "b", "*.local", BALANCER), vec!["data/a spec.trafficPolicy"]),
        (rule("data", "a", "db", &mutual) + &rule("web", "b", "*.local", BALANCER), vec![]),
        (
            rule("istio-system", "a", "*.local", &mutual)
                + &rule("web", "b", "*.local", BALANCER)
                + &rule("data", "b", "*", BALANCER)
                + &rule("istio-system", "b", "*", &format!("exportTo: [.], {BALANCER}")),
            vec!["istio-system/a spec.trafficPolicy"],
        ),
        (rule("istio-system", "a", "*.local", &mutual) + &rule("web", "b", "*.local", BALANCER), vec![]),
        (rule("istio-system", "a", "*.local", &mutual) + &rule("data", "b", "db", BALANCER), vec![]),
        (
            rule("istio-system", "a", "db.data.svc.cluster.local", &mutual) + &rule("data", "b", "db", BALANCER),
            vec!["istio-system/a spec.trafficPolicy"],
        ),
        // Of its own clients none may use it, and other namespaces look for services of its own namespace only.
        (rule("web", "a", db, &format!("exportTo: [data], {mutual}")), vec!["web/a spec.trafficPolicy"]),
        // A wildcard speaks for services to come, too.
        (rule("web", "a", "*.local", &mutual) + &rule("web", "b", db, BALANCER), vec![]),
        (rule("web", "a", "*.local", &mutual) + &rule("web", "b", "*.data.svc.cluster.local", BALANCER), vec![]),
        // A rule for nobody is MTLS208's.
        (rule("web", "a", "nobody", &mutual), vec![]),
    ];
    for (rules, expected) in table {
        assert_eq!(found("MTLS209", &(pair() + &rules)), expected, "{rules}");
    }
    let outside = pair() + &namespace("lab", "team: a") + &rule("lab", "a", db, &mutual);
    assert_eq!(
        messages("MTLS209", &outside),
        [
            "no client uses the TLS settings of DestinationRule lab/a for db.data.svc.cluster.local: no namespace in which it would apply has clients"
        ]
    );
}

#[test]
fn mtls209_rules_for_selected_clients() {
    let selects = |labels: &str, mode: &str| format!("workloadSelector: {{matchLabels: {{{labels}}}}}, {}", tls(mode));
    let db = "db.data.svc.cluster.local";
    let table = [
        (vec![("app: client", "DISABLE")], vec![]),
        (vec![("app: client", "DISABLE"), ("app: other", "SIMPLE")], vec![]),
        // Whoever has both labels has the first.
        (vec![("app: client", "DISABLE"), ("app: client, tier: front", "SIMPLE")], vec!["web/r1 spec.trafficPolicy"]),
        (vec![("app: client, tier: front", "DISABLE"), ("app: client", "SIMPLE")], vec![]),
        // One selector, two rules: they are merged.
        (vec![("app: client", "DISABLE"), ("app: client", "SIMPLE")], vec!["web/r1 spec.trafficPolicy"]),
    ];
    for (rules, expected) in table {
        let rules: String =
            rules.iter().enumerate().map(|(n, (labels, mode))| rule("web", &format!("r{n}"), db, &selects(labels, mode))).collect();
        assert_eq!(found("MTLS209", &(pair() + &rules)), expected, "{rules}");
    }
}

#[test]
fn mtls209_says_which_rule_counts_instead() {
    let rules = rule("istio-system", "a", "db.data.svc.cluster.local", &tls("ISTIO_MUTUAL")) + &rule("data", "b", "db", BALANCER);
    assert_eq!(
        messages("MTLS209", &(pair() + &rules)),
        [
            "no client uses the TLS settings of DestinationRule istio-system/a for db.data.svc.cluster.local: clients of namespaces data, istio-system, web use DestinationRule data/b"
        ]
    );
}

#[test]
fn mtls210_rules_that_differ_in_export_are_not_merged() {
    let exported = |to: &str, rest: &str| if to.is_empty() { rest.to_owned() } else { format!("exportTo: [{to}], {rest}") };
    let table = [
        // Exports of the older and the younger, and whether they stay apart where a client sees both.
        ("", "", false),
        ("'*'", "'*'", false),
        ("", "'*'", true),
        ("'*'", "", true),
        ("", ".", true),
        (".", "'*'", true),
        ("web", "lab", false),
        ("web", "'*'", true),
    ];
    for (older, younger, is_apart) in table {
        let rules =
            aged(1, "data", "a", "db", &exported(older, &tls("ISTIO_MUTUAL"))) + &aged(2, "data", "b", "db", &exported(younger, BALANCER));
        let expected: &[&str] = if is_apart { &["data/a spec.exportTo"] } else { &[] };
        assert_eq!(found("MTLS210", &(pair() + &rules)), expected, "{older} {younger}");
        // Who loses is told once.
        let is_idle = !is_apart && older == younger;
        assert!(is_idle || found("MTLS209", &(pair() + &rules)).is_empty(), "{older} {younger}");
    }
    let both = |rest: &str| aged(1, "data", "a", "db", &exported("'*'", rest)) + &aged(2, "data", "b", "db", rest);
    assert!(found("MTLS210", &(pair() + &both(BALANCER))).is_empty(), "neither TLS nor subsets");
    assert_eq!(found("MTLS210", &(pair() + &both("subsets: [{name: v1, labels: {v: '1'}}]"))).len(), 1, "subsets");
    let three = both(&tls("SIMPLE")) + &aged(3, "data", "c", "db", &exported(".", BALANCER));
    assert_eq!(
        messages("MTLS210", &(pair() + &three)),
        ["clients of namespace data use DestinationRule data/c for db.data.svc.cluster.local and nothing of DestinationRule data/a, \
         DestinationRule data/b: they differ in exportTo, and data/c is newer"]
    );
}

#[test]
fn mtls211_clients_that_a_selector_leaves_without_rule() {
    let db = "db.data.svc.cluster.local";
    let selects = |labels: &str| format!("workloadSelector: {{matchLabels: {{{labels}}}}}, {}", tls("DISABLE"));
    let other = meshed_pod("web", "other", "app: other", "", &[]);
    let mine = rule("web", "mine", db, &selects("app: client"));
    let theirs = rule("data", "theirs", "db", &tls("ISTIO_MUTUAL"));
    let strands = vec!["web/mine spec.workloadSelector"];
    let table = [
        // The service's own rule, and one of the root namespace.
        (other.clone() + &mine + &theirs, strands.clone()),
        (other.clone() + &mine + &rule("istio-system", "all", "*.local", &tls("ISTIO_MUTUAL")), strands.clone()),
        (other.clone() + &mine + &rule("data", "theirs", "db", "subsets: [{name: v1, labels: {v: '1'}}]"), strands.clone()),
        // Nothing is lost, nobody is left, nobody sees it, or there is a rule for the others.
        (other.clone() + &mine, vec![]),
        (other.clone() + &mine + &rule("data", "theirs", "db", BALANCER), vec![]),
        (mine.clone() + &theirs, vec![]),
        (other.clone() + &mine + &rule("data", "theirs", "db", &format!("exportTo: [.], {}", tls("ISTIO_MUTUAL"))), vec![]),
        (other.clone() + &mine + &theirs + &rule("web", "rest", db, BALANCER), vec![]),
        (other.clone() + &mine + &theirs + &rule("web", "rest", db, &selects("app: other")), vec![]),
        // Swallowed by the rule for selected clients; one that is exported further is not.
        (other.clone() + &mine + &rule("web", "rest", db, &format!("exportTo: [.], {}", tls("ISTIO_MUTUAL"))), strands),
        (other + &mine + &rule("web", "rest", db, &format!("exportTo: ['*'], {}", tls("ISTIO_MUTUAL"))), vec![]),
    ];
    for (more, expected) in table {
        assert_eq!(found("MTLS211", &(pair() + &more)), expected, "{more}");
    }
}

const PARTNER: &str =
    "hosts: [partner.example.com], location: MESH_EXTERNAL, resolution: DNS, ports: [{number: 80, name: http, protocol: HTTP}]";

/// A rule for a partner outside the mesh: the tls blocks of the host, of port 80 and of subset v1, in flow style.
fn partner(more: &str, host: &str, port: &str, subset: &str) -> String {
    let block = |tls: &str| if tls.is_empty() { String::new() } else { format!("tls: {{{tls}}}") };
    let port = if port.is_empty() { String::new() } else { format!("portLevelSettings: [{{port: {{number: 80}}, {}}}], ", block(port)) };
    let spec = format!("{more}trafficPolicy: {{{port}{}}}, subsets: [{{name: v1, trafficPolicy: {{{}}}}}]", block(host), block(subset));
    rule("web", "partner", "partner.example.com", &spec)
}

#[test]
fn mtls212_a_sidecar_reads_no_secret_without_a_selector() {
    let secret = "mode: SIMPLE, credentialName: partner";
    let selector = "workloadSelector: {matchLabels: {app: client}}, ";
    let (whole, port) =
        ("web/partner spec.trafficPolicy.tls.credentialName", "web/partner spec.trafficPolicy.portLevelSettings.0.tls.credentialName");
    let subset = "web/partner spec.subsets.0.trafficPolicy.tls.credentialName";
    let table = [
        (partner("", secret, "", ""), vec![whole]),
        (partner("", "mode: MUTUAL, credentialName: partner", "", ""), vec![whole]),
        (partner("", "", secret, ""), vec![port]),
        (partner("", "", "", secret), vec![subset]),
        (partner("", secret, secret, secret), vec![subset, port, whole]),
        (partner(selector, secret, secret, secret), vec![]),
        (partner("", "mode: SIMPLE, credentialName: 'configmap://ca'", "", ""), vec![]),
        (partner("", "mode: SIMPLE", "", ""), vec![]),
        (partner("", "mode: DISABLE, credentialName: partner", "", ""), vec![]),
    ];
    for (rule, expected) in table {
        assert_eq!(found("MTLS212", &(pair() + &entry("web", "partner", PARTNER) + &rule)), expected, "{rule}");
    }
}

#[test]
fn mtls212_gateways_read_it() {
    let secret = |more: &str| partner(more, "mode: SIMPLE, credentialName: partner", "", "");
    let sidecar = meshed_pod("data", "db", "app: db", "", &[]);
    let table = [
        // What runs, whether the rule is exported, and whether it concerns a sidecar.
        (gateway_pod("web", "edge"), "", false),
        (meshed_pod("web", "client", "app: client", "", &[]), "", true),
        (gateway_pod("web", "edge") + &sidecar, "", true),
        (gateway_pod("web", "edge") + &sidecar, "exportTo: [.], ", false),
        (gateway_pod("web", "edge") + &sidecar, "exportTo: [data], ", true),
        (String::new(), "", true),
    ];
    for (pods, more, concerns) in table {
        let found = found("MTLS212", &(pods.clone() + &entry("web", "partner", PARTNER) + &secret(more)));
        assert_eq!(found.len(), usize::from(concerns), "{pods} {more}");
    }
    // A rule for a host of another namespace is nobody's but its own clients'.
    let theirs = gateway_pod("web", "edge") + &sidecar + &entry("data", "partner", PARTNER) + &secret("");
    assert!(found("MTLS212", &theirs).is_empty());
}

#[test]
fn mtls212_is_said_once() {
    let ignored = rule("web", "r", DB, "trafficPolicy: {tls: {mode: SIMPLE, credentialName: partner}}");
    let yaml = pair() + &ignored;
    assert_eq!(found("MTLS212", &yaml).len(), 1);
    assert!(found("MTLS205", &yaml).is_empty());
    assert_eq!(found("MTLS205", &(pair() + &rule("web", "r", DB, &tls("DISABLE")))).len(), 1);
}

#[test]
fn mtls213_what_a_client_verifies() {
    let table = [
        ("mode: SIMPLE", "info caCertificates"),
        ("mode: MUTUAL, clientCertificate: c, privateKey: k", "info caCertificates"),
        ("mode: SIMPLE, sni: partner.example.com", "warning caCertificates"),
        ("mode: SIMPLE, insecureSkipVerify: true", "warning insecureSkipVerify"),
        ("mode: SIMPLE, insecureSkipVerify: false", "info caCertificates"),
        ("mode: SIMPLE, caCertificates: ca.pem", ""),
        ("mode: SIMPLE, subjectAltNames: [partner.example.com]", ""),
        ("mode: SIMPLE, sni: a, subjectAltNames: [partner.example.com]", ""),
        ("mode: SIMPLE, subjectAltNames: []", "info caCertificates"),
        ("mode: SIMPLE, credentialName: partner", ""),
        ("mode: ISTIO_MUTUAL", ""),
        ("mode: DISABLE", ""),
    ];
    for (tls, expected) in table {
        let yaml = pair() + &entry("web", "partner", PARTNER) + &partner("", tls, "", "");
        let said =
            told("MTLS213", &yaml, |finding| format!("{} {}", finding.severity, finding.field_path.steps().last().unwrap_or_default()));
        assert_eq!(said.join(", "), expected, "{tls}");
    }
}

#[test]
fn mtls213_has_a_code_of_istioctl_for_each_level() {
    let yaml = pair() + &entry("web", "partner", PARTNER) + &partner("", "mode: SIMPLE", "mode: SIMPLE", "mode: SIMPLE");
    let said = told("MTLS213", &yaml, |finding| (finding.field_path.to_string(), finding.equivalent_codes.to_vec()));
    assert_eq!(
        said,
        [
            ("spec.subsets.0.trafficPolicy.tls.caCertificates".to_owned(), vec![]),
            ("spec.trafficPolicy.portLevelSettings.0.tls.caCertificates".to_owned(), vec!["IST0129"]),
            ("spec.trafficPolicy.tls.caCertificates".to_owned(), vec!["IST0128"]),
        ]
    );
}

const DB: &str = "db.data.svc.cluster.local";
const AUTO_OFF: &str = "enableAutoMtls: false";

/// A rule of namespace `web` for `db`: tls modes of the host, of port 80, of subset v1 and of port 80 of the subset.
/// `-` stands for settings without tls, nothing for none.
fn layered(host: &str, port: &str, subset: &str, subset_port: &str) -> String {
    let policy = |whole: &str, port: &str| {
        let tls = |mode: &str| if mode == "-" { String::new() } else { format!(", tls: {{mode: {mode}}}") };
        let port = if port.is_empty() { String::new() } else { format!(", portLevelSettings: [{{port: {{number: 80}}{}}}]", tls(port)) };
        let whole = if whole.is_empty() { String::new() } else { tls(whole) };
        format!("trafficPolicy: {{loadBalancer: {{simple: RANDOM}}{whole}{port}}}")
    };
    let subsets = format!("subsets: [{{name: v1, labels: {{app: db}}, {}}}]", policy(subset, subset_port));
    rule("web", "r", DB, &format!("{}, {subsets}", policy(host, port)))
}

#[test]
fn mtls207_an_entry_without_tls_takes_it_away() {
    let (port, subset) = ("web/r spec.trafficPolicy.portLevelSettings.0", "web/r spec.subsets.0.trafficPolicy.portLevelSettings.0");
    let mutual = "ISTIO_MUTUAL";
    // Auto mTLS off: modes of host, port, subset and the subset's port.
    let table = [
        ([mutual, "", "", ""], vec![]),
        ([mutual, "-", "", ""], vec![port]),
        ([mutual, mutual, "", ""], vec![]),
        ([mutual, "DISABLE", "", ""], vec![]),
        (["DISABLE", "-", "", ""], vec![]),
        (["", "-", "", ""], vec![]),
        ([mutual, "", "", "-"], vec![subset]),
        (["", "", mutual, "-"], vec![subset]),
        ([mutual, "", "DISABLE", "-"], vec![]),
        ([mutual, "-", "", "-"], vec![port]),
        ([mutual, mutual, "", "-"], vec![subset]),
        (["", "", "", "-"], vec![]),
    ];
    for ([host, entry, subset, subset_entry], expected) in table {
        let rules = layered(host, entry, subset, subset_entry);
        assert_eq!(found("MTLS207", &(pair() + &config(AUTO_OFF) + &rules)), expected, "{rules}");
        // Where auto mTLS brings mTLS all the same, nothing is lost.
        assert!(found("MTLS207", &(pair() + &rules)).is_empty(), "{rules}");
    }
}

#[test]
fn mtls207_is_an_error_where_calls_fail() {
    let severity = |policies: &str| {
        let yaml = pair() + &config(AUTO_OFF) + policies + &layered("ISTIO_MUTUAL", "-", "", "");
        told("MTLS207", &yaml, |finding| finding.severity)
    };
    assert_eq!(severity(""), [Severity::Warning]);
    assert_eq!(severity(&policy("data", "p", "", "mtls: {mode: STRICT}")), [Severity::Error]);
    assert!(severity(&policy("data", "p", "", "mtls: {mode: DISABLE}")).is_empty(), "mTLS would fail there");
}

#[test]
fn mtls207_the_settings_of_the_whole_keep_auto_mtls_away() {
    // SIMPLE to a port that takes it; the entry for the port leaves auto mTLS on, but not for the endpoints (S64).
    let yaml = pair() + &layered("SIMPLE", "-", "", "");
    let said = messages("MTLS207", &yaml);
    assert_eq!(said.len(), 1);
    assert!(
        said[0].contains("SIMPLE still disables automatic mTLS for the endpoints: calls to ")
            && said[0].contains(" are sent in plaintext;"),
        "{said:?}"
    );
}

#[test]
fn mtls207_a_rule_without_tls_hides_broader_ones() {
    let mutual = tls("ISTIO_MUTUAL");
    let cause = |path: &str| vec![format!("{path} spec.trafficPolicy")];
    let table = [
        // A more specific host, a namespace that is looked at earlier, and both.
        (rule("web", "a", "*.local", &mutual) + &rule("web", "b", DB, BALANCER), cause("web/b")),
        (rule("data", "a", "db", &mutual) + &rule("web", "b", "*.local", BALANCER), cause("web/b")),
        (rule("istio-system", "a", "*.local", &mutual) + &rule("data", "b", "db", BALANCER), cause("data/b")),
        // What is between them without tls does not count.
        (
            rule("istio-system", "a", "*", &mutual) + &rule("web", "b", "*.local", BALANCER) + &rule("web", "c", DB, BALANCER),
            cause("web/c"),
        ),
        // Rules of the same host are another matter.
        (aged(1, "data", "a", "db", BALANCER) + &aged(2, "data", "b", "db", &mutual), vec![]),
        // The client sees no broader rule, or it has nothing to lose.
        (rule("data", "a", "*.local", &format!("exportTo: [.], {mutual}")) + &rule("web", "b", DB, BALANCER), vec![]),
        (rule("istio-system", "a", "*.local", &tls("DISABLE")) + &rule("data", "b", "db", BALANCER), vec![]),
        (rule("istio-system", "a", "*.local", &mutual) + &rule("data", "b", "db", &tls("DISABLE")), vec![]),
        (rule("istio-system", "a", "*.local", &mutual) + &rule("data", "b", "other", BALANCER), cause("data/b")),
        (rule("istio-system", "a", "*.local", &mutual), vec![]),
    ];
    for (rules, expected) in table {
        assert_eq!(found("MTLS207", &(pair() + &config(AUTO_OFF) + &rules)), expected, "{rules}");
        assert!(found("MTLS207", &(pair() + &rules)).is_empty(), "{rules}");
    }
}

#[test]
fn mtls207_a_host_outside_the_mesh_has_no_auto_mtls() {
    let base = pair() + &entry("web", "partner", PARTNER);
    let broad = rule("web", "all", "*.example.com", &tls("SIMPLE"));
    assert_eq!(
        found("MTLS207", &(base.clone() + &broad + &rule("web", "one", "partner.example.com", BALANCER))),
        ["web/one spec.trafficPolicy"]
    );
    assert!(found("MTLS207", &(base + &broad)).is_empty());
}

/// A `ServiceEntry` of namespace `data`, for port 80 of `db`.
fn behind(host: &str, more: &str) -> String {
    entry("data", "e", &format!("hosts: [{host}], ports: [{{number: 80, name: tcp, protocol: TCP, targetPort: 8080}}], {more}"))
}

/// The pod of `db` with an address, as a cluster shows it.
fn addressed() -> String {
    pair().replace("status: {phase: Running}", "status: {phase: Running, podIP: 10.0.0.9}")
}

#[test]
fn mtls217_workloads_of_the_mesh_behind_an_external_entry() {
    let selects = "resolution: STATIC, workloadSelector: {labels: {app: db}}";
    let address = "resolution: STATIC, endpoints: [{address: 10.0.0.9}]";
    let internal = "location: MESH_INTERNAL, ";
    let mutual = rule("data", "r", "db.internal", &tls("ISTIO_MUTUAL"));
    let table = [
        (behind("db.internal", selects), true),
        (behind("db.internal", &format!("location: MESH_EXTERNAL, {selects}")), true),
        (behind("db.internal", &(internal.to_owned() + selects)), false),
        // The endpoint declares no identity, so another location would not help (MTLS226).
        (behind("db.internal", address), false),
        (behind("db.internal", &(internal.to_owned() + address)), false),
        (behind("db.internal", "resolution: STATIC, endpoints: [{address: 10.0.0.9, serviceAccount: db}]"), true),
        (behind("db.internal", "resolution: NONE, addresses: [10.0.0.9]"), true),
        (behind("db.internal", "resolution: STATIC, endpoints: [{address: 192.0.2.1}]"), false),
        (behind("db.internal", "resolution: DNS"), false),
        // A rule sets TLS for it, whatever that is.
        (behind("db.internal", selects) + &mutual, false),
        (behind("db.internal", selects) + &rule("data", "r", "db.internal", &tls("DISABLE")), false),
        (behind("db.internal", selects) + &rule("data", "r", "db.internal", BALANCER), true),
        // Policies keep mTLS away, too, and without auto mTLS there is nothing to lose.
        (behind("db.internal", selects) + &policy("data", "p", "app=db", "mtls: {mode: DISABLE}"), false),
        (behind("db.internal", selects) + &config(AUTO_OFF), false),
    ];
    let machine = addressed().replacen("podIP: 10.0.0.9", "podIP: 10.0.0.8", 1);
    for (more, fires) in table {
        // Where clients connect to the address that they dial, another location changes nothing (S224).
        let field = if more.contains("NONE") { "data/e spec.resolution" } else { "data/e spec.location" };
        let expected: &[&str] = if fires { &[field] } else { &[] };
        assert_eq!(found("MTLS217", &(machine.clone() + &more)), expected, "{more}");
    }
}

#[test]
fn mtls226_an_entry_that_replaces_a_service() {
    let theirs = |namespace: &str| {
        entry(namespace, "e", &format!("hosts: [{DB}], ports: [{{number: 80, name: tcp, protocol: TCP}}], resolution: DNS"))
    };
    for location in ["", "location: MESH_INTERNAL, "] {
        let said = messages("MTLS226", &(pair() + &theirs("web").replace("resolution", &format!("{location}resolution"))));
        assert_eq!(
            said,
            ["ServiceEntry web/e sends calls of db.data.svc.cluster.local:80, which replaces Service data/db, to 1 workload of the mesh \
                 (Pod data/db) without their identity: clients send plaintext; clients: namespace web"]
        );
    }
    assert!(messages("MTLS217", &(pair() + &theirs("web"))).is_empty(), "another location would not help");
    // In the Service's own namespace the Service goes before it (S48).
    assert!(messages("MTLS226", &(pair() + &theirs("data"))).is_empty());
    // Whoever starts TLS there does so on purpose.
    assert!(messages("MTLS226", &(pair() + &theirs("web") + &rule("web", "r", DB, &tls("SIMPLE")))).is_empty());
}

#[test]
fn mtls217_is_an_error_where_calls_fail() {
    let yaml = pair() + &behind("db.internal", "resolution: STATIC, workloadSelector: {labels: {app: db}}");
    let severity = |mode: &str| {
        told("MTLS217", &(yaml.clone() + &policy("data", "p", "", &format!("mtls: {{mode: {mode}}}"))), |finding| finding.severity)
    };
    assert_eq!(severity("PERMISSIVE"), [Severity::Warning]);
    assert_eq!(severity("STRICT"), [Severity::Error]);
}

#[test]
fn mtls226_endpoints_that_declare_no_identity() {
    let at = |more: &str| behind("db.internal", &format!("location: MESH_INTERNAL, {more}"));
    let by_name = "resolution: DNS, endpoints: [{address: db.data.svc.cluster.local, ports: {tcp: 80}}]";
    let table = [
        ("the address of a pod", at("resolution: STATIC, endpoints: [{address: 10.0.0.9}]"), true),
        ("with an account", at("resolution: STATIC, endpoints: [{address: 10.0.0.9, serviceAccount: db}]"), false),
        ("with the label", at("resolution: STATIC, endpoints: [{address: 10.0.0.9, labels: {security.istio.io/tlsMode: istio}}]"), false),
        ("the name of a Service", at(by_name), true),
        ("a rule sets TLS", at(by_name) + &rule("data", "r", "db.internal", &tls("ISTIO_MUTUAL")), false),
        ("an address outside", at("resolution: STATIC, endpoints: [{address: 192.0.2.1}]"), false),
        ("selected pods, of which istiod knows the identity", at("resolution: STATIC, workloadSelector: {labels: {app: db}}"), false),
    ];
    for (name, more, fires) in table {
        let expected: &[&str] = if fires { &["data/e spec.endpoints"] } else { &[] };
        assert_eq!(found("MTLS226", &(addressed() + &more)), expected, "{name}");
    }
    let strict = policy("data", "p", "", "mtls: {mode: STRICT}");
    let severity = |more: &str| told("MTLS226", &(addressed() + &at(by_name) + more), |finding| finding.severity);
    assert_eq!((severity(""), severity(&strict)), (vec![Severity::Warning], vec![Severity::Error]));
}
