//! Who calls from outside the mesh, by the rule of the semantics each test holds (S182–S190, S195, S196, S205).

use std::time::Duration;

use kubectl_mtls::{
    istio::{Mode, ProtocolClass},
    mesh::{Acceptance, CallProperties, ClientKind, ControlPlaneOptions, ExternalCaller, Failure, Mesh, Verdict, verdict},
    object::Snapshot,
    source::{
        Connection,
        cluster::{self, Kinds},
    },
};

use crate::{
    api::{Api, Fault, What},
    mesh_capture::config_map,
    source_cluster::request,
    support::{folder, namespace, snapshot, with, workload},
};

const SIDECAR: &str = "{name: istio-proxy, args: [proxy, sidecar]}";
const GET: &str = "{name: app, ports: [{name: http, containerPort: 8080}], readinessProbe: {httpGet: {path: /ready, port: http}}}";
/// What comes of it where nothing rewrites it.
const READY: &str = "8080 Probe Plaintext: readiness probe of container app: GET /ready";
const AS_WRITTEN: &str = "sidecar.istio.io/rewriteAppHTTPProbers: 'false'";
const TWO_PORTS: &str = "{name: app, ports: [{name: http, containerPort: 8080}, {name: metrics, containerPort: 9090}]}";

/// A Deployment `web` that the namespace's label injects: annotations and containers in flow style.
fn planned(annotations: &str, containers: &str) -> String {
    let template = format!("metadata: {{labels: {{app: web}}, annotations: {{{annotations}}}}}, spec: {{containers: [{containers}]}}");
    let web = format!(
        "---\napiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, namespace: shop}}\nspec: {{template: {{{template}}}}}\n"
    );
    namespace("shop", "istio-injection: enabled") + &web
}

/// A pod `web` that runs with these containers.
fn running(annotations: &str, containers: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Pod\nmetadata: {{name: web, namespace: shop, labels: {{app: web}}, annotations: {{{annotations}}}}}\n\
         spec: {{containers: [{containers}]}}\nstatus: {{phase: Running}}\n"
    )
}

/// The same with a sidecar beside them.
fn meshed(annotations: &str, containers: &str) -> String {
    running(annotations, &format!("{containers}, {SIDECAR}"))
}

/// A Service in front of `web`: name, annotations and the rest of its spec in flow style.
fn service(name: &str, annotations: &str, spec: &str) -> String {
    format!(
        "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}, namespace: shop, labels: {{app: web}}, annotations: {{{annotations}}}}}\n\
         spec: {{selector: {{app: web}}, {spec}}}\n"
    )
}

/// An object with a body in flow style.
fn object(api_version: &str, kind: &str, metadata: &str, body: &str) -> String {
    format!("---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: {metadata}}}\n{body}\n")
}

/// Who calls a workload: port, who, wire and what; `?` where that is only possible, `(blind)` where it only connects.
fn callers(mesh: &Mesh<'_>, name: &str) -> Vec<String> {
    let workload = workload(mesh, name);
    let line = |one: ExternalCaller| {
        let (doubt, blind) = (if one.is_certain { "" } else { "?" }, if one.is_connect_only { " (blind)" } else { "" });
        format!("{} {:?} {:?}{doubt}: {}{blind}", one.port, one.kind, one.sent_as, one.message)
    };
    mesh.external_callers(workload, &workload.instances[0]).into_iter().map(line).collect()
}

fn of_web(yaml: &str) -> Vec<String> {
    with(yaml, |mesh| callers(mesh, "web"))
}

fn values(text: &str) -> String {
    config_map("istio-system", "istio-sidecar-injector", "values", text)
}

#[test]
fn s182_annotation_and_value_switch_the_rewriting() {
    let off = values(r#"{"sidecarInjectorWebhook": {"rewriteAppHTTPProbe": false}}"#);
    let on = values(r#"{"sidecarInjectorWebhook": {"rewriteAppHTTPProbe": true}}"#);
    let key = "sidecar.istio.io/rewriteAppHTTPProbers";
    for (word, config, is_rewritten) in [
        ("", "", true),
        ("", off.as_str(), false),
        ("", &on, true),
        ("true", &off, true),
        ("T", &off, true),
        ("false", &on, false),
        ("0", "", false),
        ("maybe", &off, false),
        ("maybe", &on, true),
    ] {
        let annotation = if word.is_empty() { String::new() } else { format!("{key}: '{word}'") };
        let found = of_web(&(planned(&annotation, GET) + config));
        assert_eq!(found.is_empty(), is_rewritten, "{word} {config}: {found:?}");
    }
}

#[test]
fn s182_what_runs_shows_itself_whether_it_was_rewritten() {
    assert_eq!(of_web(&meshed("", GET)), [READY]);
    // istioctl kube-inject has written the proxy into the template, and nothing comes after it.
    let webhooks_pass_by = planned("", &format!("{GET}, {SIDECAR}")).replace("istio-injection: enabled", "");
    assert_eq!(of_web(&webhooks_pass_by), [READY]);
}

#[test]
fn s183_probes_and_hooks_of_every_container_but_the_proxys() {
    let port = "ports: [{name: http, containerPort: 8080}]";
    let rows: &[(&str, &[&str])] = &[
        ("readinessProbe: {httpGet: {path: /r, port: 8080}}", &["8080 Probe Plaintext: readiness probe of container app: GET /r"]),
        ("livenessProbe: {httpGet: {port: http, scheme: HTTPS}}", &["8080 Probe AppTls: liveness probe of container app: GET / over TLS"]),
        ("startupProbe: {grpc: {port: 9000}}", &["9000 Probe Plaintext: startup probe of container app: gRPC"]),
        ("startupProbe: {tcpSocket: {port: http}}", &["8080 Probe Plaintext: startup probe of container app: TCP connection (blind)"]),
        ("lifecycle: {postStart: {httpGet: {path: /s, port: 8081}}}", &["8081 Probe Plaintext: postStart hook of container app: GET /s"]),
        (
            "lifecycle: {preStop: {tcpSocket: {port: 8081}}}",
            &["8081 Probe Plaintext: preStop hook of container app: TCP connection (blind)"],
        ),
        ("lifecycle: {preStop: {sleep: {seconds: 5}}}", &[]),
        ("readinessProbe: {exec: {command: [ready]}}", &[]),
        ("readinessProbe: {httpGet: {port: 8080, host: 127.0.0.1}}", &[]),
        ("readinessProbe: {tcpSocket: {port: 8080, host: example.com}}", &[]),
        ("readinessProbe: null, lifecycle: null", &[]),
    ];
    for (said, expected) in rows {
        let container = format!("{{name: app, {port}, {said}}}");
        assert_eq!(of_web(&planned(AS_WRITTEN, &container)), *expected, "{said}");
        assert_eq!(of_web(&planned("", &container)), Vec::<String>::new(), "{said} is rewritten");
        let proxys = container.replace("name: app", "name: istio-proxy, args: [proxy, sidecar]");
        assert_eq!(of_web(&running("", &proxys)), Vec::<String>::new(), "{said} of the proxy");
        let native = format!("{{name: app, restartPolicy: Always, {port}, {said}}}");
        let yaml = running("", SIDECAR).replace("spec: {", &format!("spec: {{initContainers: [{native}], "));
        assert_eq!(of_web(&yaml), *expected, "{said} of an init container");
    }
}

#[test]
fn s184_rewritten_probes_go_to_the_status_port() {
    let probe = |port: u16| format!("{{name: app, readinessProbe: {{httpGet: {{path: /app-health/app/readyz, port: {port}}}}}}}");
    let moved = "status.sidecar.istio.io/port: '15999'";
    for (annotation, port, is_external) in [("", 15020, false), (moved, 15999, false), ("", 15999, true), (moved, 15020, true)] {
        assert_eq!(!of_web(&meshed(annotation, &probe(port))).is_empty(), is_external, "{annotation} {port}");
    }
}

#[test]
fn s185_a_name_that_the_container_does_not_declare_reaches_nobody() {
    let beside = "{name: beside, ports: [{name: admin, containerPort: 9000}]}";
    for (own, expected) in [
        ("", &[][..]),
        ("ports: [{name: other, containerPort: 8080}],", &[]),
        ("ports: [{name: admin, containerPort: 8080}],", &["8080 Probe Plaintext: liveness probe of container app: GET /"]),
    ] {
        let container = format!("{{name: app, {own} livenessProbe: {{httpGet: {{port: admin}}}}}}");
        assert_eq!(of_web(&planned(AS_WRITTEN, &format!("{container}, {beside}"))), expected, "{own}");
    }
}

#[test]
fn s186_strict_fails_them_and_only_a_connection_passes_blindly() {
    let rows = [
        ("httpGet: {port: 8080}", Mode::Strict, Some(Failure::PlaintextToStrictNoEnvoy), false),
        ("httpGet: {port: 8080}", Mode::Permissive, None, false),
        ("httpGet: {port: 8080, scheme: HTTPS}", Mode::Strict, Some(Failure::TlsWithoutMeshCertificate), false),
        ("httpGet: {port: 8080, scheme: HTTPS}", Mode::Permissive, Some(Failure::ForeignTlsToPermissiveHttp), false),
        ("grpc: {port: 8080}", Mode::Strict, Some(Failure::PlaintextToStrictNoEnvoy), false),
        ("grpc: {port: 8080}", Mode::Permissive, None, false),
        ("tcpSocket: {port: 8080}", Mode::Strict, Some(Failure::PlaintextToStrictNoEnvoy), true),
    ];
    for (probe, mode, expected, is_connect_only) in rows {
        with(&planned(AS_WRITTEN, &format!("{{name: app, readinessProbe: {{{probe}}}}}")), |mesh| {
            let web = workload(mesh, "web");
            let [one] = &mesh.external_callers(web, &web.instances[0])[..] else { panic!("{probe}") };
            let call = CallProperties { client: ClientKind::None, is_not_http: false, is_app_tls: false, is_server_first: false };
            let failure = match verdict(one.sent_as, Acceptance::Sidecar(mode, ProtocolClass::Http), call) {
                Verdict::Fail(failure) => Some(failure),
                Verdict::Mtls | Verdict::Tls | Verdict::Plaintext | Verdict::Unknown => None,
            };
            assert_eq!((failure, one.is_connect_only), (expected, is_connect_only), "{probe} {mode}");
        });
    }
}

#[test]
fn s187_no_probe_breaks_at_gateways_or_in_ambient() {
    let router = "{name: istio-proxy, args: [proxy, router], readinessProbe: {httpGet: {port: 8080}}}";
    let redirected = "ambient.istio.io/redirection: enabled";
    for (yaml, expected) in [
        (meshed("", GET), &[READY][..]),
        (running(redirected, GET), &[]),
        (running("", &format!("{GET}, {router}")), &[]),
        (running("", GET), &[]),
    ] {
        assert_eq!(of_web(&yaml), expected, "{yaml}");
    }
    // Without a proxy in the pod the library guards gRPC alone, and health may have a server of its own.
    let library = "{name: istio-proxy, args: [proxy, sidecar], env: [{name: ISTIO_META_GENERATOR, value: grpc}]}";
    let probes = "{name: app, readinessProbe: {grpc: {port: 9000}}, livenessProbe: {httpGet: {port: 8080}}}";
    assert_eq!(of_web(&running("", &format!("{probes}, {library}"))), ["9000 Probe Plaintext?: readiness probe of container app: gRPC"]);
}

#[test]
fn s188_merged_metrics_are_scraped_from_the_agent() {
    let scraped = "prometheus.io/scrape: 'true', prometheus.io/port: '9090'";
    let merge = |word: &str| format!("{scraped}, prometheus.istio.io/merge-metrics: '{word}'");
    let mesh = |text: &str| config_map("istio-system", "istio", "mesh", text);
    let (off, on) = (mesh("enablePrometheusMerge: false"), mesh("enablePrometheusMerge: true"));
    for (annotations, config, is_external) in [
        (scraped.to_owned(), "", false),
        (scraped.to_owned(), on.as_str(), false),
        (scraped.to_owned(), &off, true),
        (merge("true"), &off, false),
        (merge("false"), "", true),
        (merge("perhaps"), &off, true),
        (merge("false").replace("scrape: 'true'", "scrape: 'false'"), "", false),
        (merge("false").replace("prometheus.io/scrape: 'true', ", ""), "", false),
        (merge("false").replace("prometheus.io/scrape", "prometheus_io_scrape"), "", true),
    ] {
        let found = of_web(&(planned(&annotations, TWO_PORTS) + config));
        let expected = ["9090 Scraper Plaintext: annotation prometheus.io/scrape of Deployment shop/web"];
        assert_eq!(found, expected[..usize::from(is_external)], "{annotations} {config}");
    }
}

#[test]
fn s189_scrapes_of_application_ports_are_external_callers() {
    let asked = |rest: &str| format!("prometheus.io/scrape: 'true'{rest}");
    let of_pod = |port: u16, how: &str| format!("{port} Scraper {how}: annotation prometheus.io/scrape of Pod shop/web");
    for (annotations, expected) in [
        (asked(", prometheus.io/port: '9090'"), vec![of_pod(9090, "Plaintext")]),
        (asked(", prometheus.io/port: '9090', prometheus.io/scheme: https"), vec![of_pod(9090, "AppTls")]),
        (asked(""), vec![of_pod(8080, "Plaintext?"), of_pod(9090, "Plaintext?")]),
        (asked(", prometheus.io/port: '15020'"), vec![]),
        (asked(", prometheus.io/port: '15090'"), vec![]),
        ("prometheus.io/port: '9090'".into(), vec![]),
    ] {
        assert_eq!(of_web(&meshed(&annotations, TWO_PORTS)), expected, "{annotations}");
    }
    let ports = "ports: [{name: http, port: 80, targetPort: http}, {name: http-m, port: 9090, targetPort: metrics}]";
    let of_service = |port: u16, how: &str| format!("{port} Scraper {how}: annotation prometheus.io/scrape of Service shop/web");
    for (annotations, expected) in [
        (asked(", prometheus.io/port: '9090'"), vec![of_service(9090, "Plaintext")]),
        (asked(""), vec![of_service(8080, "Plaintext?"), of_service(9090, "Plaintext?")]),
        (String::new(), vec![]),
    ] {
        assert_eq!(of_web(&(meshed("", TWO_PORTS) + &service("web", &annotations, ports))), expected, "{annotations}");
    }
}

#[test]
fn s189_monitors_select_services_and_pods() {
    let port = "ports: [{name: http-m, port: 90, targetPort: metrics}]";
    let web = meshed("", TWO_PORTS) + &service("web", "", port);
    let monitor = |kind: &str, namespace: &str, spec: &str| {
        object("monitoring.coreos.com/v1", kind, &format!("m, namespace: {namespace}"), &format!("spec: {{{spec}}}"))
    };
    let chosen = "selector: {matchLabels: {app: web}}";
    let istio = "scheme: https, tlsConfig: {certFile: /etc/prom-certs/cert-chain.pem, keyFile: /etc/prom-certs/key.pem}";
    let rows = [
        ("ServiceMonitor", "shop", format!("{chosen}, endpoints: [{{port: http-m}}]"), "9090 Scraper Plaintext"),
        ("ServiceMonitor", "shop", format!("{chosen}, endpoints: [{{port: other}}]"), ""),
        ("ServiceMonitor", "shop", format!("{chosen}, endpoints: [{{targetPort: 8080}}]"), "8080 Scraper Plaintext"),
        ("ServiceMonitor", "shop", format!("{chosen}, endpoints: [{{targetPort: metrics}}]"), "9090 Scraper Plaintext"),
        ("ServiceMonitor", "shop", format!("{chosen}, endpoints: [{{path: /stats/prometheus}}]"), ""),
        ("ServiceMonitor", "shop", format!("{chosen}, endpoints: [{{targetPort: 15090}}]"), ""),
        ("ServiceMonitor", "shop", "selector: {}, endpoints: [{port: http-m}]".into(), "9090 Scraper Plaintext"),
        ("ServiceMonitor", "shop", "selector: {matchLabels: {app: other}}, endpoints: [{port: http-m}]".into(), ""),
        ("ServiceMonitor", "far", format!("{chosen}, endpoints: [{{port: http-m}}]"), ""),
        (
            "ServiceMonitor",
            "far",
            format!("{chosen}, namespaceSelector: {{any: true}}, endpoints: [{{port: http-m}}]"),
            "9090 Scraper Plaintext",
        ),
        (
            "ServiceMonitor",
            "far",
            format!("{chosen}, namespaceSelector: {{matchNames: [shop]}}, endpoints: [{{port: http-m}}]"),
            "9090 Scraper Plaintext",
        ),
        ("ServiceMonitor", "shop", format!("{chosen}, namespaceSelector: {{matchNames: [far]}}, endpoints: [{{port: http-m}}]"), ""),
        ("ServiceMonitor", "shop", format!("{chosen}, endpoints: [{{port: http-m, scheme: HTTPS}}]"), "9090 Scraper AppTls"),
        (
            "ServiceMonitor",
            "shop",
            format!("{chosen}, endpoints: [{{port: http-m, scheme: https, tlsConfig: {{cert: {{secret: {{name: c, key: k}}}}}}}}]"),
            "9090 Scraper AppTls?",
        ),
        ("ServiceMonitor", "shop", format!("{chosen}, endpoints: [{{port: http-m, {istio}}}]"), ""),
        ("ServiceMonitor", "shop", format!("{chosen}, podMetricsEndpoints: [{{port: metrics}}]"), ""),
        ("PodMonitor", "shop", format!("{chosen}, podMetricsEndpoints: [{{port: metrics}}]"), "9090 Scraper Plaintext"),
        ("PodMonitor", "shop", format!("{chosen}, podMetricsEndpoints: [{{portNumber: 8080}}]"), "8080 Scraper Plaintext"),
        ("PodMonitor", "shop", format!("{chosen}, podMetricsEndpoints: [{{targetPort: 8080}}]"), "8080 Scraper Plaintext"),
        ("PodMonitor", "shop", format!("{chosen}, podMetricsEndpoints: [{{path: /stats/prometheus}}]"), ""),
        ("PodMonitor", "far", format!("{chosen}, podMetricsEndpoints: [{{port: metrics}}]"), ""),
    ];
    for (kind, namespace, spec, expected) in rows {
        let expected: Vec<String> =
            [expected].iter().filter(|of| !of.is_empty()).map(|of| format!("{of}: {kind} {namespace}/m scrapes it")).collect();
        assert_eq!(of_web(&format!("{web}{}", monitor(kind, namespace, &spec))), expected, "{kind} {namespace} {spec}");
    }
}

#[test]
fn s190_a_prometheus_in_ambient_scrapes_ambient_over_hbone() {
    let redirected = "ambient.istio.io/redirection: enabled";
    let scraped = "prometheus.io/scrape: 'true', prometheus.io/port: '9090'";
    let ambient = running(&format!("{scraped}, {redirected}"), TWO_PORTS);
    let sidecar = meshed(scraped, TWO_PORTS);
    let prometheus = |annotations: &str, containers: &str| {
        running(annotations, containers)
            .replace("name: web, namespace: shop", "name: prom, namespace: mon")
            .replace("app: web", "app: prometheus")
    };
    let plain = "{name: prometheus}";
    let with_sidecar = format!("{plain}, {SIDECAR}");
    for (web, prometheus, is_external) in [
        (&ambient, String::new(), true),
        (&ambient, prometheus("", plain), true),
        (&ambient, prometheus("", &with_sidecar), true),
        (&ambient, prometheus(redirected, plain), false),
        (&sidecar, prometheus(redirected, plain), true),
    ] {
        assert_eq!(!of_web(&format!("{web}{prometheus}")).is_empty(), is_external, "{web}{prometheus}");
    }
}

#[test]
fn s195_the_api_server_calls_webhooks_and_apis_over_tls() {
    let hook = |service: &str| format!("webhooks: [{{name: v.shop.io, clientConfig: {{{service}}}}}]");
    let to = |rest: &str| format!("service: {{namespace: shop, name: hooks{rest}}}");
    let conversion = |service: &str| format!("spec: {{conversion: {{strategy: Webhook, webhook: {{clientConfig: {{{service}}}}}}}}}");
    let (admission, extensions) = ("admissionregistration.k8s.io/v1", "apiextensions.k8s.io/v1");
    let validating = |service: &str| object(admission, "ValidatingWebhookConfiguration", "shop", &hook(service));
    let mutating = |service: &str| object(admission, "MutatingWebhookConfiguration", "shop", &hook(service));
    let custom = |service: &str| object(extensions, "CustomResourceDefinition", "orders.shop.io", &conversion(service));
    let api = |service: &str| object("apiregistration.k8s.io/v1", "APIService", "v1.shop.io", &format!("spec: {{{service}}}"));
    let webhook = "8443 ApiServer AppTls: admission webhook v.shop.io";
    let rows = [
        (validating(&to("")), webhook),
        (validating(&to(", port: 443")), webhook),
        (validating(&to(", port: 8080")), "8080 ApiServer AppTls: admission webhook v.shop.io"),
        (validating(&to(", port: 444")), ""),
        (validating(&to("").replace("hooks", "other")), ""),
        (validating(&to("").replace("shop", "far")), ""),
        (validating("url: 'https://hooks.example.com'"), ""),
        (mutating(&to("")), webhook),
        (mutating(&to("").replace("hooks", "other")), ""),
        (custom(&to("")), "8443 ApiServer AppTls: conversion webhook of orders.shop.io"),
        (custom(&to("").replace("hooks", "other")), ""),
        (object(extensions, "CustomResourceDefinition", "orders.shop.io", "spec: {conversion: {strategy: None}}"), ""),
        (api(&to("")), "8443 ApiServer AppTls: APIService v1.shop.io"),
        (api(&to(", port: 8080")), "8080 ApiServer AppTls: APIService v1.shop.io"),
        (api(&to("").replace("hooks", "other")), ""),
        (api("group: shop.io"), ""),
    ];
    let ports = "ports: [{name: https, port: 443, targetPort: 8443}, {name: http, port: 8080}]";
    for web in [meshed("", TWO_PORTS), running("ambient.istio.io/redirection: enabled", TWO_PORTS)] {
        for (yaml, expected) in &rows {
            let expected: Vec<&str> = [*expected].into_iter().filter(|one| !one.is_empty()).collect();
            assert_eq!(of_web(&format!("{web}{}{yaml}", service("hooks", "", ports))), expected, "{yaml}");
        }
    }
    for web in [running("", TWO_PORTS), running("", &format!("{TWO_PORTS}, {{name: istio-proxy, args: [proxy, router]}}"))] {
        assert_eq!(of_web(&format!("{web}{}{}", service("hooks", "", ports), rows[0].0)), Vec::<String>::new(), "no policy governs it");
    }
}

#[test]
fn s196_nodes_load_balancers_and_ingresses_bring_external_callers() {
    let typed =
        |of: &str, port: &str| service("web", "", &format!("type: {of}, ports: [{{name: http, port: 80, targetPort: http{port}}}]"));
    let ingress = |metadata: &str, spec: &str| {
        object("networking.k8s.io/v1", "Ingress", &format!("in, namespace: shop{metadata}"), &format!("spec: {{{spec}}}"))
    };
    let rule = |port: &str| {
        format!("rules: [{{host: a}}, {{http: {{paths: [{{path: /, backend: {{service: {{name: web, port: {{{port}}}}}}}}}]}}}}]")
    };
    let default = "defaultBackend: {service: {name: web, port: {number: 80}}}";
    let plain = typed("ClusterIP", "");
    let nginx = "8080 Outside Plaintext?: Ingress shop/in (class nginx) routes to it";
    let nobody = "8080 Outside Plaintext?: Ingress shop/in routes to it";
    let rows = [
        (plain.clone(), ""),
        (typed("LoadBalancer", ", nodePort: 30080"), "8080 Outside Plaintext: port 80 of Service shop/web, a LoadBalancer"),
        (typed("LoadBalancer", ", protocol: UDP"), ""),
        (typed("NodePort", ""), "8080 Outside Plaintext?: port 80 of Service shop/web, a NodePort"),
        (typed("NodePort", ", nodePort: 30080"), "8080 Outside Plaintext?: port 80 of Service shop/web, a NodePort, node port 30080"),
        (typed("LoadBalancer", ", appProtocol: https"), "8080 Outside AppTls: port 80 of Service shop/web, a LoadBalancer"),
        (plain.clone() + &ingress("", default), nobody),
        (plain.clone() + &ingress("", &format!("ingressClassName: nginx, {}", rule("name: http"))), nginx),
        (plain.clone() + &ingress(", annotations: {kubernetes.io/ingress.class: nginx}", &rule("number: 80")), nginx),
        (plain.clone() + &ingress("", &format!("ingressClassName: istio, {default}")), ""),
        (plain.clone() + &ingress(", annotations: {kubernetes.io/ingress.class: istio}", default), ""),
        (plain.clone() + &ingress("", &rule("name: other")), ""),
        (plain.clone() + &ingress("", &rule("number: 81")), ""),
        (plain.clone() + &ingress("", default).replace("namespace: shop", "namespace: far"), ""),
        (plain.clone() + &ingress("", "defaultBackend: {resource: {kind: Bucket, name: static}}"), ""),
    ];
    for (yaml, expected) in rows {
        let expected: Vec<&str> = [expected].into_iter().filter(|one| !one.is_empty()).collect();
        assert_eq!(of_web(&(meshed("", TWO_PORTS) + &yaml)), expected, "{yaml}");
    }
    for (port, expected) in
        [("hostPort: 80", &["8080 Outside Plaintext?: host port 80"][..]), ("hostPort: 0", &[]), ("hostPort: 80, protocol: UDP", &[])]
    {
        let container = format!("{{name: app, ports: [{{containerPort: 8080, {port}}}]}}");
        assert_eq!(of_web(&meshed("", &container)), expected, "{port}");
    }
}

#[test]
fn s205_what_passes_the_proxy_by_is_left_out() {
    let balanced = service("web", "", "type: LoadBalancer, ports: [{name: http, port: 80, targetPort: http}]");
    let outside = "8080 Outside Plaintext: port 80 of Service shop/web, a LoadBalancer";
    for (annotations, expected) in [
        ("", &[READY, outside][..]),
        ("traffic.sidecar.istio.io/excludeInboundPorts: '8080'", &[]),
        ("traffic.sidecar.istio.io/excludeInboundPorts: '9090'", &[READY, outside]),
        ("traffic.sidecar.istio.io/includeInboundPorts: '9090'", &[]),
        ("sidecar.istio.io/interceptionMode: NONE", &[]),
    ] {
        assert_eq!(of_web(&(meshed(annotations, GET) + &balanced)), expected, "{annotations}");
    }
    let bypassing = "ambient.istio.io/redirection: enabled, ambient.istio.io/bypass-inbound-capture: 'true'";
    assert_eq!(of_web(&(running(bypassing, GET) + &balanced)), Vec::<String>::new());
}

/// The object and field that define an external caller are those in which it is written, however injection changed the pods.
#[test]
fn external_callers_point_at_the_controllers_template() {
    let snapshot = folder("testdata/meshes/external-callers");
    let mesh = Mesh::new(&snapshot, &ControlPlaneOptions::default());
    let web = workload(&mesh, "web");
    let places = mesh.external_callers(web, &web.instances[0]).into_iter().map(|one| format!("{} {} {}", one.port, one.defined_by, one.at));
    let spec = "Deployment shop/web spec.template.spec";
    let expected = [
        format!("6060 {spec}.containers.0.ports.3.hostPort"),
        format!("8080 {spec}.containers.0.lifecycle.preStop"),
        format!("8080 {spec}.containers.0.readinessProbe"),
        format!("8080 {spec}.containers.0.startupProbe"),
        "8080 Service shop/web spec.type".into(),
        "8080 Ingress shop/web spec.defaultBackend".into(),
        format!("8443 {spec}.containers.0.livenessProbe"),
        "8443 MutatingWebhookConfiguration shop webhooks.0.clientConfig.service".into(),
        "8443 ValidatingWebhookConfiguration shop webhooks.0.clientConfig.service".into(),
        "8443 CustomResourceDefinition orders.shop.example.com spec.conversion.webhook.clientConfig.service".into(),
        "8443 APIService v1.stock.example.com spec.service".into(),
        "8443 Ingress shop/web spec.rules.0.http.paths.0.backend".into(),
        "9090 ServiceMonitor monitoring/web spec.endpoints.0".into(),
        "9090 PodMonitor shop/web spec.podMetricsEndpoints.0".into(),
        "9090 Service shop/web-nodes spec.type".into(),
        "9100 Deployment shop/web spec.template.metadata.annotations[\"prometheus.io/scrape\"]".into(),
        format!("50051 {spec}.containers.1.readinessProbe"),
    ];
    assert_eq!(places.collect::<Vec<_>>(), expected);
    let bare = crate::support::snapshot(&meshed("", GET));
    let mesh = Mesh::new(&bare, &ControlPlaneOptions::default());
    let web = workload(&mesh, "web");
    let one = &mesh.external_callers(web, &web.instances[0])[0];
    assert_eq!((one.defined_by.to_string().as_str(), one.at.to_string().as_str()), ("Pod shop/web", "spec.containers.0.readinessProbe"));
}

/// Everybody who calls anything in a snapshot.
fn everybody(snapshot: &Snapshot) -> Vec<ExternalCaller> {
    let mesh = Mesh::new(snapshot, &ControlPlaneOptions::default());
    let all = mesh.workloads().iter().flat_map(|workload| workload.instances.iter().map(move |instance| (workload, instance)));
    all.flat_map(|(workload, instance)| mesh.external_callers(workload, instance)).collect()
}

fn read(api: &Api, name: &str, kinds: Kinds) -> Snapshot {
    let connection = Connection { kubeconfig: Some(api.kubeconfig(name)), ..Connection::default() };
    cluster::read(&cluster::Request { kinds, timeout: Duration::from_secs(30), ..request(connection) }).unwrap()
}

#[test]
fn files_and_cluster_show_the_same_external_callers() {
    for mesh in ["ambient", "bookinfo", "clean", "legacy-versions", "external-callers", "two-revisions"] {
        let path = format!("testdata/meshes/{mesh}");
        let expected = everybody(&folder(&path));
        for (name, api) in [("protobuf", Api::new(&path, &[])), ("json", Api::new(&path, &[]).json_only())] {
            let snapshot = read(&api, &format!("external-callers-{mesh}-{name}"), Kinds::Comparison);
            assert_eq!(snapshot.gaps, [], "{mesh} {name}");
            assert_eq!(everybody(&snapshot), expected, "{mesh} {name}");
        }
    }
    assert_eq!(everybody(&folder("testdata/meshes/external-callers")).len(), 17);
}

/// The lists that only show external callers.
const OF_STRANGERS: [&str; 8] = [
    "validatingwebhookconfigurations",
    "customresourcedefinitions",
    "apiservices",
    "ingresses",
    "servicemonitors",
    "podmonitors",
    "vmservicescrapes",
    "vmpodscrapes",
];

#[test]
fn commands_with_findings_ask_for_what_shows_external_callers_alone() {
    for (name, kinds, is_asked) in [
        ("compared", Kinds::Comparison, true),
        ("all", Kinds::All, true),
        ("call", Kinds::Call, false),
        ("policies", Kinds::Policies, false),
        ("workloads", Kinds::Workloads, false),
    ] {
        let api = Api::new("testdata/meshes/external-callers", &[]);
        read(&api, &format!("lists-of-{name}"), kinds);
        let requests = api.requests();
        for list in OF_STRANGERS {
            assert_eq!(requests.iter().any(|request| request.contains(&format!("/{list}?"))), is_asked, "{name}: {list}");
        }
    }
}

#[test]
fn a_monitor_that_is_not_served_is_no_gap_and_one_that_is_refused_is() {
    let answer = |at, code| Api::new("testdata/meshes/external-callers", &[Fault { at, what: What::Status(code, "no"), times: 100 }]);
    for (at, code, gaps) in [
        ("/servicemonitors", 404, 0),
        ("/podmonitors", 404, 0),
        ("/servicemonitors", 403, 1),
        ("/ingresses", 403, 1),
        ("/apiservices", 403, 1),
    ] {
        let snapshot = read(&answer(at, code), &format!("missing{}-{code}", at.replace('/', "-")), Kinds::Comparison);
        assert_eq!(snapshot.gaps.len(), gaps, "{at} {code}: {:?}", snapshot.gaps);
    }
}

/// What is read of a custom resource or an API that the API server serves itself would only cost memory.
#[test]
fn what_no_service_offers_is_not_kept() {
    let yaml = object("apiextensions.k8s.io/v1", "CustomResourceDefinition", "a.shop.io", "spec: {group: shop.io}")
        + &object("apiregistration.k8s.io/v1", "APIService", "v1.apps", "spec: {group: apps}");
    let read = snapshot(&yaml);
    assert!(read.custom_resources.is_empty() && read.api_services.is_empty() && read.gaps.is_empty());
    assert_eq!(read.tally.unused.values().sum::<usize>(), 2, "{:?}", read.tally.unused);
}
