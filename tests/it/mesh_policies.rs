//! `PeerAuthentication` on the server side, by the rule of the semantics each test holds (S5–S17).

use kubectl_mtls::object::Id;

use crate::support::{ambient_pod, meshed_pod, mode, namespace, policy, policy_at, policy_mode, with};

const STRICT: &str = "mtls: {mode: STRICT}";
const DISABLE: &str = "mtls: {mode: DISABLE}";
const PERMISSIVE: &str = "mtls: {mode: PERMISSIVE}";

/// A policy that selects nothing; none for `-`.
fn wide(namespace: &str, mode: &str) -> String {
    if mode == "-" { String::new() } else { policy(namespace, "default", "", &format!("mtls: {{mode: {mode}}}")) }
}

#[test]
fn s05_selector_and_namespace_make_the_scope() {
    let none = ["", "selector: {}, ", "selector: {matchLabels: {}}, "];
    let some = ["selector: {matchLabels: {app: web}}, "];
    // The modes of shop/web, of shop/other, and of crm/peer, which has web's label.
    let rows = [
        ("istio-system", &none[..], ["STRICT", "STRICT", "STRICT"]),
        ("shop", &none[..], ["STRICT", "STRICT", "PERMISSIVE"]),
        ("shop", &some[..], ["STRICT", "PERMISSIVE", "PERMISSIVE"]),
        ("istio-system", &some[..], ["PERMISSIVE", "PERMISSIVE", "PERMISSIVE"]),
    ];
    let pods = [("shop", "web", "app: web"), ("shop", "other", "app: other"), ("crm", "peer", "app: web")];
    for (namespace, selectors, expected) in rows {
        for selector in selectors {
            let mut yaml = pods.map(|(namespace, name, labels)| meshed_pod(namespace, name, labels, "", &[8080])).concat();
            yaml += &policy(namespace, "p", "", &format!("{selector}{STRICT}"));
            for ((_, name, _), expected) in pods.iter().zip(expected) {
                let by = if expected == "STRICT" { format!("{namespace}/p") } else { "-".into() };
                with(&yaml, |mesh| assert_eq!(mode(mesh, name, 8080), format!("{expected} {by}"), "{namespace} `{selector}`, pod {name}"));
            }
        }
    }
}

#[test]
fn s06_selectors_in_the_root_namespace_count_nowhere() {
    let yaml = [
        meshed_pod("istio-system", "at-home", "app: a", "", &[8080]),
        ambient_pod("istio-system", "ambient-at-home", "app: a", &[8080]),
        meshed_pod("shop", "abroad", "app: a", "", &[8080]),
        ambient_pod("shop", "ambient-abroad", "app: a", &[8080]),
        policy("istio-system", "p", "app=a", "mtls: {mode: STRICT}, portLevelMtls: {8080: {mode: STRICT}}"),
    ];
    with(&yaml.concat(), |mesh| {
        for name in ["at-home", "ambient-at-home", "abroad", "ambient-abroad"] {
            assert_eq!(mode(mesh, name, 8080), "PERMISSIVE -", "{name}");
        }
    });
}

#[test]
fn s07_a_selector_matches_a_subset_of_the_labels() {
    let rows = [
        ("shop", "app: web", true),
        ("shop", "app: web, tier: front", true),
        ("shop", "app: web, tier: back", false),
        ("shop", "app: web, zone: a", false),
        ("shop", "app: Web", false),
        ("shop", "app: we", false),
        ("shop", "App: web", false),
        ("crm", "app: web", false),
    ];
    for (namespace, labels, is_candidate) in rows {
        let yaml = [
            meshed_pod("shop", "web", "app: web, tier: front, extra: x", "", &[8080]),
            policy(namespace, "p", "", &format!("selector: {{matchLabels: {{{labels}}}}}, {STRICT}")),
        ];
        let expected = if is_candidate { "STRICT shop/p" } else { "PERMISSIVE -" };
        with(&yaml.concat(), |mesh| assert_eq!(mode(mesh, "web", 8080), expected, "{namespace} {labels}"));
    }
}

#[test]
fn s08_the_labels_are_those_of_the_pod() {
    let yaml = [
        namespace("shop", "istio-injection: enabled"),
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: shop, labels: {on: deployment}}\n\
         spec: {template: {metadata: {labels: {on: pod, app: web}}, spec: {containers: [{name: app}]}}}\n\
         ---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop, labels: {on: service}}\n\
         spec: {selector: {app: web}, ports: [{port: 80}]}\n"
            .into(),
    ]
    .concat();
    // Injection adds the last four (S150).
    let rows = [
        ("on=pod", true),
        ("on=deployment", false),
        ("on=service", false),
        ("security.istio.io/tlsMode=istio", true),
        ("service.istio.io/canonical-name=web", true),
        ("service.istio.io/canonical-revision=latest", true),
        ("networking.istio.io/tunnel=http", false),
    ];
    for (selector, is_candidate) in rows {
        let expected = if is_candidate { "STRICT shop/p" } else { "PERMISSIVE -" };
        with(&(yaml.clone() + &policy("shop", "p", selector, STRICT)), |mesh| assert_eq!(mode(mesh, "web", 80), expected, "{selector}"));
    }
}

#[test]
fn s08_a_running_pod_counts_and_not_its_template() {
    let pod = "---\napiVersion: v1\nkind: Pod\nmetadata: {name: web-1, namespace: shop, labels: {version: old}, \
               ownerReferences: [{apiVersion: apps/v1, kind: StatefulSet, name: web, controller: true}]}\n\
               spec: {containers: [{name: app}, {name: istio-proxy, args: [proxy, sidecar]}]}\nstatus: {phase: Running}\n\
               ---\napiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: web, namespace: shop}\n\
               spec: {template: {metadata: {labels: {version: new}}, spec: {containers: [{name: app}]}}}\n";
    for (selector, expected) in [("version=old", "STRICT shop/p"), ("version=new", "PERMISSIVE -")] {
        with(&(policy("shop", "p", selector, STRICT) + pod), |mesh| assert_eq!(mode(mesh, "web", 80), expected, "{selector}"));
    }
}

#[test]
fn s08_labels_of_a_workload_entry_are_merged_and_its_metadata_wins() {
    let entry = "---\napiVersion: networking.istio.io/v1\nkind: WorkloadEntry\n\
                 metadata: {name: vm, namespace: shop, labels: {both: metadata, only-metadata: x}}\n\
                 spec: {address: 10.0.0.1, serviceAccount: vm, labels: {both: spec, only-spec: x}}\n";
    let rows = [("both=metadata", true), ("both=spec", false), ("only-metadata=x", true), ("only-spec=x", true)];
    for (selector, is_candidate) in rows {
        let expected = if is_candidate { "STRICT shop/p" } else { "PERMISSIVE -" };
        with(&(policy("shop", "p", selector, STRICT) + entry), |mesh| assert_eq!(mode(mesh, "vm", 80), expected, "{selector}"));
    }
}

#[test]
fn s09_age_then_name_then_namespace() {
    let yaml = [
        policy_at("2025-01-01T00:00:02Z", "a", "a", "", STRICT),
        policy_at("2025-01-01T00:00:01Z", "b", "z", "", STRICT),
        policy_at("2025-01-01T00:00:01Z", "c", "b", "", STRICT),
        policy_at("2025-01-01T00:00:01Z", "a", "b", "", STRICT),
    ];
    with(&yaml.concat(), |mesh| {
        let order: Vec<String> = mesh.policies().all().iter().map(|policy| policy.id.path()).collect();
        assert_eq!(order, ["a/b", "c/b", "b/z", "a/a"]);
    });
}

#[test]
fn s10_only_the_first_wide_policy_of_a_namespace_is_alive() {
    // The loser speaks, the winner says UNSET: nothing of the loser is consulted.
    let (early, late) = ("2025-01-01T00:00:00Z", "2025-01-01T00:00:01Z");
    let rows = [
        ("older wins", (early, "z", ""), (late, "a", "")),
        ("name breaks the tie", (early, "a", ""), (early, "b", "")),
        ("an empty selector competes", (early, "z", "selector: {}, "), (late, "a", "")),
        ("with an empty selector too", (early, "z", ""), (late, "a", "selector: {matchLabels: {}}, ")),
    ];
    for (row, winner, loser) in rows {
        let pair = |namespace: &str| {
            let one = |(created, name, selector): (&str, &str, &str), mode: &str| {
                policy_at(created, namespace, name, "", &format!("{selector}mtls: {{mode: {mode}}}"))
            };
            one(loser, "DISABLE") + &one(winner, "UNSET")
        };
        let web = meshed_pod("shop", "web", "app: web", "", &[8080]);
        let of_mesh = pair("istio-system") + &web;
        with(&of_mesh, |mesh| assert!(mode(mesh, "web", 8080).starts_with("PERMISSIVE"), "mesh: {row}"));
        let of_namespace = pair("shop") + &web + &wide("istio-system", "STRICT");
        with(&of_namespace, |mesh| assert_eq!(mode(mesh, "web", 8080), "STRICT istio-system/default", "namespace: {row}"));
    }
}

#[test]
fn s11_oldest_workload_policy_wins_whole() {
    let yaml = [
        meshed_pod("shop", "web", "app: web", "", &[8080]),
        policy_at("2025-01-01T00:00:00Z", "shop", "w1", "app=web", "mtls: {mode: UNSET}"),
        policy_at("2025-01-01T00:00:01Z", "shop", "w2", "app=web", "mtls: {mode: PERMISSIVE}, portLevelMtls: {8080: {mode: DISABLE}}"),
        policy("istio-system", "default", "", "mtls: {mode: STRICT}"),
    ];
    with(&yaml.concat(), |mesh| {
        assert_eq!(mode(mesh, "web", 0), "STRICT istio-system/default");
        assert_eq!(mode(mesh, "web", 8080), "STRICT istio-system/default");
    });
}

#[test]
fn s11_neither_specificity_nor_a_policy_that_does_not_match_plays_a_part() {
    let both = "selector: {matchLabels: {app: web, tier: front}}, ";
    let yaml = [
        meshed_pod("shop", "web", "app: web, tier: front", "", &[8080]),
        policy_at("2025-01-01T00:00:00Z", "shop", "other", "app=other", PERMISSIVE),
        policy_at("2025-01-01T00:00:01Z", "shop", "broad", "tier=front", DISABLE),
        policy_at("2025-01-01T00:00:02Z", "shop", "a-narrow", "", &format!("{both}{STRICT}")),
    ];
    with(&yaml.concat(), |mesh| assert_eq!(mode(mesh, "web", 8080), "DISABLE shop/broad"));
}

#[test]
fn s12_without_timestamps_the_name_decides_and_what_is_not_created_yet_comes_last() {
    let rows = [
        ("no timestamps", ("", "b"), ("", "a"), "a"),
        ("equal timestamps", ("2025-01-01T00:00:00Z", "b"), ("2025-01-01T00:00:00Z", "a"), "a"),
        ("one timestamp", ("2025-01-01T00:00:00Z", "b"), ("", "a"), "b"),
    ];
    for (row, one, other, winner) in rows {
        for selector in ["", "app=web"] {
            let of = |(created, name)| policy_at(created, "shop", name, selector, STRICT);
            let yaml = [meshed_pod("shop", "web", "app: web", "", &[8080]), of(one), of(other)];
            let expected = format!("STRICT shop/{winner}");
            with(&yaml.concat(), |mesh| assert_eq!(mode(mesh, "web", 8080), expected, "{row}, selector `{selector}`"));
        }
    }
}

#[test]
fn s13_worked_examples() {
    let older = "2025-01-01T00:00:00Z";
    let newer = "2025-01-01T00:00:01Z";
    let workload = |spec: &str| policy("shop", "w", "app=a", spec);
    let two = policy_at(older, "shop", "w1", "app=a", "mtls: {mode: UNSET}")
        + &policy_at(newer, "shop", "w2", "app=a", "mtls: {mode: PERMISSIVE}, portLevelMtls: {8080: {mode: DISABLE}}");
    let system = "STRICT istio-system/default";
    let rows = [
        ("-", "-", String::new(), "PERMISSIVE -", "PERMISSIVE -"),
        ("STRICT", "UNSET", String::new(), system, system),
        ("STRICT", "PERMISSIVE", workload("portLevelMtls: {8080: {mode: STRICT}}"), "STRICT shop/w", "PERMISSIVE shop/default"),
        ("-", "STRICT", workload("portLevelMtls: {8080: {}, 9090: {mode: DISABLE}}"), "STRICT shop/default", "DISABLE shop/w"),
        ("STRICT", "-", two, system, system),
        ("-", "-", policy("istio-system", "sel", "app=a", DISABLE), "PERMISSIVE -", "PERMISSIVE -"),
    ];
    for (of_mesh, of_namespace, others, on_8080, on_9090) in rows {
        let pod = meshed_pod("shop", "a", "app: a", "", &[8080, 9090]);
        let yaml = [pod, wide("istio-system", of_mesh), wide("shop", of_namespace), others].concat();
        with(&yaml, |mesh| {
            assert_eq!([mode(mesh, "a", 8080), mode(mesh, "a", 9090)], [on_8080, on_9090], "{of_mesh}, {of_namespace}:\n{yaml}");
        });
    }
}

#[test]
fn s13_every_combination_of_modes_composes() {
    const WORDS: [&str; 5] = ["-", "UNSET", "DISABLE", "PERMISSIVE", "STRICT"];
    let unless_unset = |inherited, word| if matches!(word, "-" | "UNSET") { inherited } else { word };
    for n in 0..625 {
        let [of_mesh, of_namespace, of_workload, of_port] = [1, 5, 25, 125].map(|digit| WORDS[n / digit % 5]);
        let whole = [of_mesh, of_namespace, of_workload].into_iter().fold("PERMISSIVE", unless_unset);
        let on_8080 = if of_workload == "-" { whole } else { unless_unset(whole, of_port) };
        let ports = if of_port == "-" { String::new() } else { format!(", portLevelMtls: {{8080: {{mode: {of_port}}}}}") };
        let mut yaml = meshed_pod("shop", "web", "app: web", "", &[8080]) + &wide("istio-system", of_mesh) + &wide("shop", of_namespace);
        if of_workload != "-" {
            yaml += &policy("shop", "w", "app=web", &format!("mtls: {{mode: {of_workload}}}{ports}"));
        }
        with(&yaml, |mesh| {
            let found = [8080, 9090].map(|port| policy_mode(mesh, "web", port));
            assert_eq!(found, [on_8080, whole], "mesh {of_mesh}, namespace {of_namespace}, workload {of_workload}, port {of_port}");
        });
    }
}

#[test]
fn s14_a_port_without_an_entry_has_the_mode_of_the_workload() {
    let yaml = [
        meshed_pod("shop", "web", "app: web", "", &[8080, 9090]),
        policy("shop", "w", "app=web", "mtls: {mode: STRICT}, portLevelMtls: {9090: {mode: PERMISSIVE}}"),
    ];
    with(&yaml.concat(), |mesh| {
        for (port, expected) in [(9090, "PERMISSIVE shop/w"), (8080, "STRICT shop/w"), (1, "STRICT shop/w")] {
            assert_eq!(mode(mesh, "web", port), expected, "port {port}");
        }
    });
}

#[test]
fn s15_without_a_word_from_anybody_the_mode_is_permissive() {
    let rows = [("-", "-", "PERMISSIVE"), ("UNSET", "-", "PERMISSIVE"), ("UNSET", "UNSET", "PERMISSIVE"), ("DISABLE", "UNSET", "DISABLE")];
    for (of_mesh, of_namespace, expected) in rows {
        let yaml = meshed_pod("shop", "web", "app: web", "", &[8080]) + &wide("istio-system", of_mesh) + &wide("shop", of_namespace);
        with(&yaml, |mesh| {
            let found = mode(mesh, "web", 8080);
            assert_eq!(found.split(' ').next(), Some(expected), "mesh {of_mesh}, namespace {of_namespace}: {found}");
        });
    }
}

/// When a policy was created.
const OLD: &str = "2020-01-01T00:00:00Z";

#[test]
fn s16_ports_are_workload_ports_of_the_winner() {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\n\
                   spec: {selector: {app: web}, ports: [{name: http, port: 80, targetPort: 8080}]}\n";
    let strict_but = |port: &str| format!("{STRICT}, portLevelMtls: {{{port}: {{mode: DISABLE}}}}");
    let rows = [
        ("a workload port", policy("shop", "w", "app=web", &strict_but("8080")), "DISABLE shop/w"),
        ("a Service port", policy("shop", "w", "app=web", &strict_but("80")), "STRICT shop/w"),
        // The API server rejects ports without a selector today (S4), but such a policy may be older than that.
        ("a namespace policy", policy_at(OLD, "shop", "w", "", &strict_but("8080")), "STRICT shop/w"),
        ("a mesh policy", policy_at(OLD, "istio-system", "w", "", &strict_but("8080")), "STRICT istio-system/w"),
        ("a loser", policy("shop", "v", "app=web", STRICT) + &policy("shop", "w", "app=web", &strict_but("8080")), "STRICT shop/v"),
    ];
    for (row, policies, expected) in rows {
        let yaml = meshed_pod("shop", "web", "app: web", "", &[8080]) + service + &policies;
        with(&yaml, |mesh| assert_eq!(mode(mesh, "web", 8080), expected, "{row}"));
    }
}

#[test]
fn s17_the_mode_of_a_namespace_knows_no_workloads() {
    let rows = [
        ("-", "-", "PERMISSIVE -"),
        ("STRICT", "-", "STRICT istio-system/default"),
        ("STRICT", "UNSET", "STRICT istio-system/default"),
        ("STRICT", "DISABLE", "DISABLE shop/default"),
        ("-", "STRICT", "STRICT shop/default"),
    ];
    for (of_mesh, of_namespace, expected) in rows {
        let workload = policy("shop", "a", "app=web", "mtls: {mode: DISABLE}, portLevelMtls: {8080: {mode: STRICT}}");
        let yaml =
            [meshed_pod("shop", "web", "app: web", "", &[8080]), workload, wide("istio-system", of_mesh), wide("shop", of_namespace)];
        with(&yaml.concat(), |mesh| {
            let found = mesh.namespace_mode("shop");
            let by = found.decided_by.map_or_else(|| "-".into(), Id::path);
            assert_eq!(format!("{} {by}", found.mode), expected, "mesh {of_mesh}, namespace {of_namespace}");
        });
    }
}

#[test]
fn s17_an_unset_namespace_without_a_mesh_policy_is_permissive() {
    with(&wide("shop", "UNSET"), |mesh| assert_eq!(mesh.namespace_mode("shop").mode.as_str(), "PERMISSIVE"));
}
