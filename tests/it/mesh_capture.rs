//! Which ports a sidecar guards and what other data planes make of the policies, by the rule of the semantics each test holds
//! (S24, S25, S32–S35, S37–S42).

use kubectl_mtls::mesh::Mesh;

use crate::support::{dataplane, instance, meshed_pod, mode, namespace, pod, policy, ports, rules, with, workload};

const STRICT: &str = "mtls: {mode: STRICT}";
/// Ports that the tests on capture look at.
const PROBED: [u16; 7] = [80, 7777, 8080, 9090, 15020, 15021, 15090];
/// Those that are open by default.
const OPEN: [u16; 3] = [15020, 15021, 15090];

/// A Deployment: labels and annotations of its template, and what its pod's spec holds beside the application's container.
pub(crate) fn deployment(namespace: &str, name: &str, labels: &str, annotations: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}, namespace: {namespace}}}\n\
         spec: {{template: {{metadata: {{labels: {{{labels}}}, annotations: {{{annotations}}}}}, \
         spec: {{containers: [{{name: app, ports: [{{containerPort: 8080}}]}}], {spec}}}}}}}\n"
    )
}

/// A `ConfigMap` of the control plane with one key.
pub(crate) fn config_map(namespace: &str, name: &str, key: &str, text: &str) -> String {
    format!("---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\ndata:\n  {key}: |\n    {text}\n")
}

/// The Helm values that the injector keeps, for `global.proxy`.
fn injector(values: &str) -> String {
    if values.is_empty() {
        return String::new();
    }
    config_map("istio-system", "istio-sidecar-injector", "values", &format!(r#"{{"global": {{"proxy": {{{values}}}}}}}"#))
}

/// A Deployment `web` that the namespace's label injects, under a STRICT policy.
fn injected(annotations: &str) -> String {
    let shop = namespace("shop", "istio-injection: enabled");
    shop + &policy("shop", "p", "", STRICT) + &deployment("shop", "web", "app: web", annotations, "")
}

/// A running pod `web` under a STRICT policy: annotations, the proxy's variables, and arguments of `istio-init` (no such
/// container if empty).
fn live(annotations: &str, env: &str, init: &str) -> String {
    let init =
        if init.is_empty() { String::new() } else { format!("initContainers: [{{name: istio-init, args: [istio-iptables, {init}]}}], ") };
    let pod = format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop, labels: {{app: web}}, annotations: {{{annotations}}}}}\n\
         spec: {{{init}containers: [{{name: app}}, {{name: istio-proxy, args: [proxy, sidecar], env: [{env}]}}]}}\n\
         status: {{phase: Running}}\n"
    );
    policy("shop", "p", "", STRICT) + &pod
}

/// The probed ports at which nothing is enforced; everything else must be STRICT.
fn open(mesh: &Mesh<'_>) -> Vec<u16> {
    let is_open = |port: &u16| match mode(mesh, "web", *port).as_str() {
        "NONE shop/p" => true,
        "STRICT shop/p" => false,
        other => panic!("port {port}: {other}"),
    };
    PROBED.into_iter().filter(is_open).collect()
}

/// The default openings and others.
fn open_and(others: &[u16]) -> Vec<u16> {
    PROBED.into_iter().filter(|port| OPEN.contains(port) || others.contains(port)).collect()
}

fn all_but(taken: &[u16]) -> Vec<u16> {
    PROBED.into_iter().filter(|port| !taken.contains(port)).collect()
}

#[test]
fn s24_ports_that_no_service_declares_are_guarded_too() {
    let yaml = [
        meshed_pod("shop", "web", "app: web", "", &[8080]),
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 8080}]}\n"
            .into(),
        policy("shop", "w", "app=web", "mtls: {mode: STRICT}, portLevelMtls: {7777: {mode: PERMISSIVE}}"),
    ];
    with(&yaml.concat(), |mesh| {
        for (port, expected) in [(8080, "STRICT shop/w"), (7777, "PERMISSIVE shop/w"), (1234, "STRICT shop/w")] {
            assert_eq!(mode(mesh, "web", port), expected, "port {port}");
        }
        assert_eq!(ports(mesh, "web"), [7777, 8080]);
        let declared = &instance(mesh, "web").ports;
        assert!(
            declared[&7777].by_policy && !declared[&7777].is_declared_outside_policies() && declared[&8080].is_declared_outside_policies()
        );
    });
}

#[test]
fn s25_a_sidecars_ingress_declares_ports_and_the_others_stay_guarded() {
    let yaml = [
        meshed_pod("shop", "web", "app: web", "", &[8080]),
        "---\napiVersion: v1\nkind: Service\nmetadata: {name: web, namespace: shop}\nspec: {selector: {app: web}, ports: [{port: 8080}]}\n\
         ---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: web, namespace: shop}\n\
         spec: {workloadSelector: {labels: {app: web}}, \
         ingress: [{port: {number: 9080, protocol: HTTP, name: in}, defaultEndpoint: '127.0.0.1:8081'}]}\n"
            .into(),
        policy("shop", "w", "app=web", "mtls: {mode: STRICT}, portLevelMtls: {9080: {mode: PERMISSIVE}, 7777: {mode: DISABLE}}"),
    ];
    with(&yaml.concat(), |mesh| {
        let rows = [(9080, "PERMISSIVE shop/w"), (8080, "STRICT shop/w"), (7777, "DISABLE shop/w"), (1234, "STRICT shop/w")];
        for (port, expected) in rows {
            assert_eq!(mode(mesh, "web", port), expected, "port {port}");
        }
        let declared = &instance(mesh, "web").ports;
        assert!(declared[&9080].by_sidecar && !declared[&8080].by_sidecar);
        assert!(!declared.contains_key(&8081), "the key is the listener's port");
    });
}

#[test]
fn s32_annotations_and_values_choose_the_captured_ports() {
    let include = |list: &str| format!("traffic.sidecar.istio.io/includeInboundPorts: '{list}'");
    let exclude = |list: &str| format!("traffic.sidecar.istio.io/excludeInboundPorts: '{list}'");
    let both = |of: &str, but: &str| format!("{}, {}", include(of), exclude(but));
    let (include_80, exclude_7777) = (r#""includeInboundPorts": "80""#, r#""excludeInboundPorts": "7777""#);
    // Annotations, Helm values, open ports.
    let rows = [
        (String::new(), "", open_and(&[])),
        (include("*"), "", open_and(&[])),
        (exclude("9090"), "", open_and(&[9090])),
        (exclude("9090,80"), "", open_and(&[80, 9090])),
        (both("*", "9090"), "", open_and(&[9090])),
        (include("80,8080"), "", all_but(&[80, 8080])),
        (both("80,8080", "8080"), "", all_but(&[80, 8080])),
        (include(""), "", all_but(&[])),
        (both("", "9090"), "", all_but(&[])),
        (String::new(), exclude_7777, open_and(&[7777])),
        (exclude("9090"), exclude_7777, open_and(&[9090])),
        (exclude(""), exclude_7777, open_and(&[])),
        (String::new(), include_80, all_but(&[80])),
        (String::new(), r#""includeInboundPorts": """#, all_but(&[])),
        (include("*"), include_80, open_and(&[])),
        (exclude("80"), include_80, all_but(&[80])),
        (include("8080"), exclude_7777, all_but(&[8080])),
        ("status.sidecar.istio.io/port: '9090'".into(), "", vec![9090, 15021, 15090]),
    ];
    for (annotations, values, expected) in rows {
        let yaml = injected(&annotations) + &injector(values);
        with(&yaml, |mesh| assert_eq!(open(mesh), expected, "annotations {{{annotations}}}, values {{{values}}}"));
    }
}

#[test]
fn s32_the_values_are_those_of_the_revision() {
    let values = |name: &str, port: u16| {
        config_map("istio-system", name, "values", &format!(r#"{{"global": {{"proxy": {{"excludeInboundPorts": "{port}"}}}}}}"#))
    };
    let maps = values("istio-sidecar-injector", 7777) + &values("istio-sidecar-injector-canary", 9090);
    for (label, expected) in [("istio-injection: enabled", 7777), ("istio.io/rev: canary", 9090)] {
        let web = policy("shop", "p", "", STRICT) + &deployment("shop", "web", "app: web", "", "");
        with(&(namespace("shop", label) + &web + &maps), |mesh| assert_eq!(open(mesh), open_and(&[expected]), "{label}"));
    }
}

#[test]
fn s33_a_live_pod_is_read_and_not_the_values() {
    let values = injector(r#""includeInboundPorts": "*", "excludeInboundPorts": "7777""#);
    let own = "15090,15021,15020";
    let with_cni = "traffic.sidecar.istio.io/includeInboundPorts: '*', traffic.sidecar.istio.io/excludeInboundPorts";
    // Annotations, arguments of istio-init, open ports.
    let rows = [
        (String::new(), format!("-b, '*', -d, '{own}'"), open_and(&[])),
        (String::new(), format!("-b, '*', -d, '{own},9090'"), open_and(&[9090])),
        (String::new(), format!("-b, '80,8080', -d, '{own},8080'"), all_but(&[80, 8080])),
        (String::new(), format!("-b, '', -d, '{own}'"), all_but(&[])),
        (format!("{with_cni}: '15020'"), String::new(), open_and(&[])),
        (format!("{with_cni}: '15020,9090'"), String::new(), open_and(&[9090])),
    ];
    for (annotations, init, expected) in rows {
        let yaml = live(&annotations, "", &init) + &values;
        with(&yaml, |mesh| assert_eq!(open(mesh), expected, "annotations {{{annotations}}}, istio-init [{init}]"));
    }
}

#[test]
fn s34_interception_mode_none_opens_every_port() {
    let mesh_says = |mode: &str| config_map("istio-system", "istio", "mesh", &format!("defaultConfig: {{interceptionMode: {mode}}}"));
    let own = |mode: &str| format!("sidecar.istio.io/interceptionMode: {mode}");
    let config = |mode: &str| format!("proxy.istio.io/config: '{{interceptionMode: {mode}}}'");
    let env = |mode: &str| format!("{{name: ISTIO_META_INTERCEPTION_MODE, value: {mode}}}");
    let rows = [
        ("annotation REDIRECT", injected(&own("REDIRECT")), true),
        ("annotation TPROXY", injected(&own("TPROXY")), true),
        ("annotation NONE", injected(&own("NONE")), false),
        ("proxy config NONE", injected(&config("NONE")), false),
        ("mesh NONE", injected("") + &mesh_says("NONE"), false),
        ("annotation over mesh", injected(&own("REDIRECT")) + &mesh_says("NONE"), true),
        ("annotation over proxy config", injected(&format!("{}, {}", own("TPROXY"), config("NONE"))), true),
        ("proxy config over mesh", injected(&config("REDIRECT")) + &mesh_says("NONE"), true),
        ("proxy config without a mode", injected("proxy.istio.io/config: '{statusPort: 15555}'") + &mesh_says("NONE"), false),
        ("live NONE", live("", &env("NONE"), ""), false),
        ("live REDIRECT over mesh", live("", &env("REDIRECT"), "") + &mesh_says("NONE"), true),
    ];
    for (row, yaml, is_guarded) in rows {
        with(&yaml, |mesh| {
            assert_eq!(mode(mesh, "web", 8080), if is_guarded { "STRICT shop/p" } else { "NONE shop/p" }, "{row}");
            assert_eq!(dataplane(mesh, "web"), "sidecar", "{row}");
        });
    }
}

#[test]
fn s34_with_interception_mode_none_only_ingress_ports_obey() {
    let yaml = [
        injected("sidecar.istio.io/interceptionMode: NONE"),
        "---\napiVersion: networking.istio.io/v1\nkind: Sidecar\nmetadata: {name: web, namespace: shop}\n\
         spec: {ingress: [{port: {number: 9080, protocol: HTTP, name: a}}, {port: {number: 9081, protocol: HTTP, name: b}}]}\n"
            .into(),
        policy("shop", "w", "app=web", "portLevelMtls: {9081: {mode: PERMISSIVE}}"),
    ];
    with(&yaml.concat(), |mesh| {
        for (port, expected) in [(9080, "STRICT shop/p"), (9081, "PERMISSIVE shop/w"), (8080, "NONE shop/p")] {
            assert_eq!(mode(mesh, "web", port), expected, "port {port}");
        }
        assert!(instance(mesh, "web").labels.has("security.istio.io/tlsMode", "istio"), "the pod carries the label all the same");
    });
}

#[test]
fn s35_pods_on_the_hosts_network_have_no_data_plane() {
    for label in ["istio-injection: enabled", "istio.io/dataplane-mode: ambient"] {
        for (spec, is_meshed) in [("hostNetwork: true", false), ("hostNetwork: false", true)] {
            let yaml = [namespace("shop", label), policy("shop", "p", "", STRICT), deployment("shop", "web", "app: web", "", spec)];
            with(&yaml.concat(), |mesh| {
                assert_eq!(dataplane(mesh, "web") != "none", is_meshed, "{label}, {spec}");
                assert_eq!(mode(mesh, "web", 8080), if is_meshed { "STRICT shop/p" } else { "NONE shop/p" }, "{label}, {spec}");
            });
        }
    }
}

#[test]
fn s37_a_sidecar_that_speaks_hbone_gets_a_label() {
    let metadata = |value: &str| format!("{{proxyMetadata: {{ISTIO_META_ENABLE_HBONE: \"{value}\"}}}}");
    let of_mesh = |value: &str| config_map("istio-system", "istio", "mesh", &format!("defaultConfig: {}", metadata(value)));
    let of_pod = |value: &str| format!("proxy.istio.io/config: '{}'", metadata(value));
    let rows = [
        ("by default", injected(""), false),
        ("mesh", injected("") + &of_mesh("true"), true),
        ("mesh false", injected("") + &of_mesh("false"), false),
        ("pod", injected(&of_pod("true")), true),
        ("pod over mesh", injected(&of_pod("false")) + &of_mesh("true"), false),
    ];
    for (row, yaml, is_labelled) in rows {
        with(&yaml, |mesh| assert_eq!(instance(mesh, "web").labels.has("networking.istio.io/tunnel", "http"), is_labelled, "{row}"));
    }
}

#[test]
fn s38_gateways_obey_no_policy() {
    let router = "{name: istio-proxy, image: proxyv2, args: [proxy, router, --domain, x]}";
    let yaml = [
        pod("istio-system", "ingress", "app: gw", "", &[80], router),
        pod("shop", "egress", "app: gw", "", &[80], router),
        policy("istio-system", "default", "", STRICT),
        policy("shop", "w", "app=gw", "mtls: {mode: STRICT}, portLevelMtls: {80: {mode: STRICT}}"),
    ];
    with(&yaml.concat(), |mesh| {
        for name in ["ingress", "egress"] {
            assert_eq!(dataplane(mesh, name), "gateway", "{name}");
            assert!(mode(mesh, name, 80).starts_with("NONE "), "{name}: {}", mode(mesh, name, 80));
        }
    });
}

#[test]
fn s39_injection_gives_gateways_no_tls_mode_label() {
    for (template, dataplane_word, is_labelled) in
        [("sidecar", "sidecar", true), ("gateway", "gateway", false), ("grpc-agent", "proxyless", false)]
    {
        with(&injected(&format!("inject.istio.io/templates: {template}")), |mesh| {
            assert_eq!(dataplane(mesh, "web"), dataplane_word, "{template}");
            assert_eq!(instance(mesh, "web").labels.has("security.istio.io/tlsMode", "istio"), is_labelled, "{template}");
        });
    }
}

#[test]
fn s40_waypoints_accept_mtls_alone_whatever_the_policies_say() {
    let waypoint = "{name: istio-proxy, args: [proxy, waypoint, --domain, x]}";
    for word in ["DISABLE", "PERMISSIVE", "STRICT"] {
        let yaml = pod("shop", "waypoint", "app: wp, istio.io/dataplane-mode: none", "", &[15008], waypoint)
            + &policy("shop", "w", "app=wp", &format!("mtls: {{mode: {word}}}"));
        with(&yaml, |mesh| {
            assert_eq!(dataplane(mesh, "waypoint"), "waypoint", "{word}");
            assert!(mode(mesh, "waypoint", 15008).starts_with("STRICT "), "{word}: {}", mode(mesh, "waypoint", 15008));
        });
    }
}

#[test]
fn s41_proxyless_grpc_knows_no_permissive() {
    let agent = "{name: istio-proxy, args: [proxy, sidecar], env: [{name: ISTIO_META_GENERATOR, value: grpc}]}";
    let label = "security.istio.io/tlsMode: istio";
    let other = "security.istio.io/tlsMode: disabled";
    let rows = [
        ("STRICT", "", "STRICT"),
        ("STRICT", label, "STRICT"),
        ("DISABLE", "", "DISABLE"),
        ("DISABLE", label, "DISABLE"),
        ("PERMISSIVE", "", "DISABLE"),
        ("PERMISSIVE", other, "DISABLE"),
        ("PERMISSIVE", label, "STRICT"),
    ];
    for (word, label, expected) in rows {
        let template = "inject.istio.io/templates: grpc-agent";
        let planned = namespace("shop", "istio-injection: enabled") + &deployment("shop", "web", label, template, "");
        for yaml in [pod("shop", "web", label, "", &[8080], agent), planned] {
            let yaml = yaml + &policy("shop", "p", "", &format!("mtls: {{mode: {word}}}"));
            with(&yaml, |mesh| {
                assert_eq!(dataplane(mesh, "web"), "proxyless", "{yaml}");
                assert_eq!(mode(mesh, "web", 8080), format!("{expected} shop/p"), "{word}, label `{label}`:\n{yaml}");
                assert_eq!(mesh.server(workload(mesh, "web"), instance(mesh, "web")).port(8080).policy_mode.as_str(), word);
            });
        }
    }
}

#[test]
fn s42_an_envoy_filter_that_applies_to_a_workload_is_reported() {
    let rows = [
        ("istio-system", "", true),
        ("istio-system", "workloadSelector: {labels: {app: web}}", true),
        ("istio-system", "workloadSelector: {labels: {app: other}}", false),
        ("shop", "", true),
        ("shop", "workloadSelector: {labels: {app: web}}", true),
        ("shop", "workloadSelector: {labels: {app: other}}", false),
        ("crm", "workloadSelector: {labels: {app: web}}", false),
        ("crm", "", false),
    ];
    for (namespace, spec, is_told) in rows {
        let filter = format!(
            "---\napiVersion: networking.istio.io/v1alpha3\nkind: EnvoyFilter\n\
             metadata: {{name: f, namespace: {namespace}}}\nspec: {{{spec}}}\n"
        );
        let yaml = meshed_pod("shop", "web", "app: web", "", &[8080]) + &filter;
        with(&yaml, |mesh| assert_eq!(rules(mesh).contains(&"MTLS117"), is_told, "{namespace} {{{spec}}}"));
    }
}
