//! What the decoders of `istio/` make of single objects, by the rule of the semantics each test holds.

use kubectl_mtls::{
    istio::{
        Action, AuthorizationPolicy, ClusterDomain, Container, EgressPort, EndpointSlice, EntryResolution, ExportTo, Gateway, GatewayTls,
        ImportNamespace, KubeletAction, KubernetesGateway, Location, Monitor, OutboundPolicy, Pod, PortRef, Protocol, RouteType,
        ScrapePort, ScrapeTls, Service, ServiceCall, ServiceEntry, ServiceType, Sidecar, SliceTarget, TlsBlocks, TlsLevel, TlsMode,
        VirtualService, WorkloadEntry, parse_port, port,
    },
    object::{Id, Kind, Snapshot, Text},
};

use crate::support::snapshot;

/// A snapshot of one object, its spec in flow style.
fn object(version: &str, kind: &str, spec: &str) -> Snapshot {
    snapshot(&format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: one, namespace: shop}}\nspec: {{{spec}}}\n"))
}

fn networking(kind: &str, spec: &str) -> Snapshot {
    object("networking.istio.io/v1", kind, spec)
}

fn words<T: std::fmt::Display>(all: impl IntoIterator<Item = T>) -> String {
    all.into_iter().map(|one| one.to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn s16_a_port_is_a_number_from_1_to_65535() {
    for (number, expected) in [(-1, None), (0, None), (1, Some(1)), (65535, Some(65535)), (65536, None), (i64::MAX, None)] {
        assert_eq!(port(number), expected, "{number}");
        assert_eq!(parse_port(&number.to_string()), expected, "`{number}`");
    }
    for text in ["", "http", "80 ", "8_0"] {
        assert_eq!(parse_port(text), None, "`{text}`");
    }
}

#[test]
fn s47_the_words_of_export_to() {
    // Whether everybody sees it, then whether clients of shop, web and other do, for an object of shop; and the namespaces that are named.
    let rows: [(&str, bool, [bool; 3], &str); 9] = [
        ("", true, [true, true, true], ""),
        ("*", true, [true, true, true], ""),
        (".", false, [true, false, false], ""),
        ("~", false, [false, false, false], ""),
        ("web", false, [false, true, false], "web"),
        (".,web", false, [true, true, false], "web"),
        ("web, web ,other", false, [false, true, true], "other web"),
        ("~,.", false, [true, false, false], ""),
        ("*,web", true, [true, true, true], "web"),
    ];
    for (list, is_public, seen, names) in rows {
        let exports = ExportTo::of_list(list);
        assert_eq!(exports.is_public(), is_public, "`{list}`");
        assert_eq!(["shop", "web", "other"].map(|client| exports.is_visible_in("shop", client)), seen, "`{list}`");
        assert_eq!(words(exports.namespaces()), names, "`{list}`");
        let field: Vec<Text> = list.split(',').map(str::trim).filter(|word| !word.is_empty()).map(Text::from).collect();
        assert_eq!(ExportTo::of(&field), exports, "the field and the annotation say the same: `{list}`");
    }
}

#[test]
fn s55_rules_compare_their_export_to() {
    for (list, is_only, has_own_namespace) in
        [("", false, false), (".", true, true), ("shop", true, false), (".,web", false, true), ("~", false, false)]
    {
        let exports = ExportTo::of_list(list);
        assert_eq!((exports.is_only("shop"), exports.has_own_namespace()), (is_only, has_own_namespace), "`{list}`");
    }
    // Whether the first holds all of the second, and whether both have a word besides `.` in common.
    let rows = [
        ("a,b", "b", true, true),
        ("b", "a,b", false, true),
        (".,a", ".,b", false, false),
        (".", ".", true, false),
        ("a", "", false, false),
        ("*", "*", true, true),
    ];
    for (one, other, includes, overlaps) in rows {
        let (one, other) = (ExportTo::of_list(one), ExportTo::of_list(other));
        assert_eq!((one.includes(&other), one.has_common_entry(&other)), (includes, overlaps), "{one:?} {other:?}");
    }
    let (none, default) = (ExportTo::default(), ExportTo::own_namespace());
    assert_eq!((none.or(&default), default.or(&none)), (&default, &default));
}

#[test]
fn s75_s79_what_a_service_is() {
    let host = Text::from("db.example");
    let rows = [
        ("", ServiceType::ClusterIp),
        ("clusterIP: 10.0.0.1", ServiceType::ClusterIp),
        ("clusterIP: None", ServiceType::Headless),
        ("type: NodePort", ServiceType::NodePort),
        ("type: LoadBalancer", ServiceType::LoadBalancer),
        ("type: ExternalName, externalName: db.example", ServiceType::ExternalName(&host)),
    ];
    for (spec, expected) in rows {
        let snapshot = object("v1", "Service", spec);
        assert_eq!(Service::of(&snapshot.services[0]).kind, expected, "{spec}");
    }
}

#[test]
fn s104_the_tcp_ports_of_a_service_and_their_targets() {
    let rows = [
        ("port: 80", "80 80"),
        ("port: 80, targetPort: 0", "80 80"),
        ("port: 80, targetPort: 8080, protocol: TCP", "80 8080"),
        ("port: 80, targetPort: http", "80 http"),
        ("port: 80, targetPort: '8080'", "80 8080"),
        ("port: 80, protocol: UDP", ""),
        ("port: 80, protocol: SCTP", ""),
    ];
    for (port, expected) in rows {
        let snapshot = object("v1", "Service", &format!("ports: [{{{port}}}]"));
        let found = Service::of(&snapshot.services[0]).tcp_ports().map(|port| match port.target {
            PortRef::Number(target) => format!("{} {target}", port.number),
            PortRef::Name(target) => format!("{} {target}", port.number),
        });
        assert_eq!(words(found), expected, "{port}");
    }
}

#[test]
fn s81_location_and_resolution_of_a_service_entry() {
    let rows = [
        ("", Location::External, EntryResolution::None),
        ("location: MESH_EXTERNAL, resolution: NONE", Location::External, EntryResolution::None),
        ("location: MESH_INTERNAL, resolution: STATIC", Location::Internal, EntryResolution::Static),
        ("resolution: DNS", Location::External, EntryResolution::Dns),
        ("resolution: DNS_ROUND_ROBIN", Location::External, EntryResolution::Dns),
        ("resolution: DYNAMIC_DNS", Location::External, EntryResolution::Dns),
    ];
    for (spec, location, resolution) in rows {
        let snapshot = networking("ServiceEntry", &format!("hosts: [a.example], {spec}"));
        let entry = ServiceEntry::of(&snapshot.service_entries[0]);
        assert_eq!((entry.location, entry.resolution), (location, resolution), "{spec}");
    }
    let ports = "{number: 80, name: web, protocol: HTTP, targetPort: 8080}, {number: 53, name: dns, protocol: udp}, \
                 {number: 0, name: none, protocol: TCP}, {number: 81, name: raw, protocol: TCP}";
    let snapshot = networking("ServiceEntry", &format!("hosts: [a.example], ports: [{ports}]"));
    let found: Vec<_> =
        ServiceEntry::of(&snapshot.service_entries[0]).ports().map(|port| (port.number, port.target, port.protocol)).collect();
    assert_eq!(found, [(80, Some(8080), Protocol::Http), (81, None, Protocol::Tcp)]);
}

#[test]
fn s74_a_machine_has_ports_and_may_have_an_account() {
    for (spec, account, target) in [
        ("address: 10.0.0.1", None, None),
        ("address: 10.0.0.1, serviceAccount: vm, ports: {http: 8080}", Some("vm"), Some(8080)),
        ("address: 10.0.0.1, ports: {http: 0}", None, None),
    ] {
        let snapshot = networking("WorkloadEntry", spec);
        let entry = WorkloadEntry::of(&snapshot.workload_entries[0]);
        assert_eq!((entry.service_account().map(Text::as_str), entry.port("http")), (account, target), "{spec}");
    }
}

#[test]
fn s83_routes_of_a_virtual_service() {
    let route = |matches: &str, host: &str| format!("{{{matches}route: [{{destination: {{host: {host}}}}}]}}");
    let spec = format!(
        "hosts: [db], http: [{}, {}], tls: [], tcp: [{}]",
        route("match: [{port: 80}, {port: 81}], ", "ports"),
        route("match: [{uri: {prefix: /a}}, {port: 90}], ", "all"),
        route("", "raw.data"),
    );
    let snapshot = networking("VirtualService", &spec);
    let decoded = VirtualService::decode(&snapshot.virtual_services[0], &ClusterDomain::default());
    let led = |protocols, port| {
        let routes = decoded.routes(protocols).iter().filter(|route| route.is_for(port));
        words(routes.flat_map(|route| &route.destinations).map(|to| to.host.clone()))
    };
    assert_eq!(words(&decoded.hosts), "db.shop.svc.cluster.local");
    for (protocols, port, expected) in [
        (RouteType::Http, 80, "ports.shop.svc.cluster.local all.shop.svc.cluster.local"),
        (RouteType::Http, 90, "all.shop.svc.cluster.local"),
        (RouteType::Tls, 80, ""),
        (RouteType::Tcp, 80, "raw.data"),
    ] {
        assert_eq!(led(protocols, port), expected, "{protocols:?} {port}");
    }
    for (gateways, expected) in
        [("", true), (", gateways: [mesh]", true), (", gateways: [edge, mesh]", true), (", gateways: [edge]", false)]
    {
        let snapshot = networking("VirtualService", &format!("hosts: [db]{gateways}"));
        let decoded = VirtualService::decode(&snapshot.virtual_services[0], &ClusterDomain::default());
        assert_eq!(decoded.is_for_mesh, expected, "{gateways}");
    }
}

#[test]
fn s45_what_a_sidecar_imports() {
    let rows = [
        ("'*/*'", Some((ImportNamespace::Any, "*", false))),
        ("./db.shop.svc.cluster.local", Some((ImportNamespace::Own, "db.shop.svc.cluster.local", false))),
        ("data/*.example", Some((ImportNamespace::Named("data"), "*.example", false))),
        ("~/*", Some((ImportNamespace::Any, "*", true))),
        ("~data/*", Some((ImportNamespace::Named("data"), "*", true))),
        ("db.example", None),
        ("data/db/80", None),
    ];
    for (entry, expected) in rows {
        let snapshot = networking("Sidecar", &format!("egress: [{{hosts: [{entry}]}}]"));
        let decoded = Sidecar::decode(&snapshot.sidecars[0]);
        let found = decoded.egress[0].hosts.first().map(|import| (import.namespace, import.host, import.excludes));
        assert_eq!(found, expected, "{entry}");
    }
    for (listener, port, is_everything) in [
        ("hosts: ['*/*']", EgressPort::All, true),
        ("hosts: ['*/*', '~data/*']", EgressPort::All, false),
        ("port: {number: 80}, hosts: ['*/*']", EgressPort::One(80), false),
        ("port: {number: 0}, hosts: ['*/*']", EgressPort::Invalid, false),
        ("hosts: ['./*']", EgressPort::All, false),
    ] {
        let snapshot = networking("Sidecar", &format!("egress: [{{{listener}}}]"));
        let decoded = Sidecar::decode(&snapshot.sidecars[0]);
        assert_eq!((decoded.egress[0].port, decoded.egress[0].imports_everything()), (port, is_everything), "{listener}");
    }
}

#[test]
fn s44_s49_whose_a_sidecar_is_and_what_it_does_with_the_unknown() {
    for (spec, selects) in [("", false), ("workloadSelector: {}", false), ("workloadSelector: {labels: {app: web}}", true)] {
        let snapshot = networking("Sidecar", spec);
        assert_eq!(Sidecar::decode(&snapshot.sidecars[0]).selector.is_some(), selects, "{spec}");
    }
    for (policy, expected) in [
        ("mode: ALLOW_ANY", OutboundPolicy::AllowAny),
        ("mode: REGISTRY_ONLY", OutboundPolicy::RegistryOnly),
        ("", OutboundPolicy::RegistryOnly),
        ("mode: ALLOW_ANY_DYNAMIC_DNS", OutboundPolicy::DynamicDns(None)),
    ] {
        let snapshot = networking("Sidecar", &format!("outboundTrafficPolicy: {{{policy}}}"));
        assert_eq!(Sidecar::decode(&snapshot.sidecars[0]).outbound, Some(expected), "{policy}");
    }
}

/// Every word of a server's TLS, as Gateways and the ingress of Sidecars have it.
#[test]
fn s36_s38_tls_of_a_server() {
    let rows = [
        ("", GatewayTls::Plain),
        (", tls: {httpsRedirect: true}", GatewayTls::Passthrough),
        (", tls: {mode: PASSTHROUGH}", GatewayTls::Passthrough),
        (", tls: {mode: AUTO_PASSTHROUGH}", GatewayTls::Passthrough),
        (", tls: {mode: SIMPLE}", GatewayTls::Simple),
        (", tls: {mode: OPTIONAL_MUTUAL}", GatewayTls::Simple),
        (", tls: {mode: MUTUAL}", GatewayTls::Mutual),
        (", tls: {mode: ISTIO_MUTUAL}", GatewayTls::IstioMutual),
    ];
    for (tls, expected) in rows {
        let snapshot = networking("Gateway", &format!("servers: [{{port: {{number: 0}}}}, {{port: {{number: 443}}{tls}}}]"));
        let found: Vec<_> = Gateway::of(&snapshot.gateways[0]).servers().map(|server| (server.index, server.port, server.tls)).collect();
        assert_eq!(found, [(1, 443, expected)], "{tls}");
        let snapshot = networking("Sidecar", &format!("ingress: [{{port: {{number: 443}}{tls}}}]"));
        let listener = Sidecar::decode(&snapshot.sidecars[0]).ingress[0];
        assert_eq!((listener.port, listener.tls), (Some(443), Some(expected).filter(|_| !tls.is_empty())), "{tls}");
    }
}

#[test]
fn s154_plaintext_listeners_of_a_gateway_of_kubernetes() {
    for (listener, expected) in [
        ("port: 80, protocol: HTTP", true),
        ("port: 80, protocol: TCP", true),
        ("port: 443, protocol: HTTPS, tls: {mode: Terminate}", false),
        ("port: 80, protocol: HTTP, tls: {}", false),
        ("port: 15008, protocol: HBONE", false),
    ] {
        let snapshot = object("gateway.networking.k8s.io/v1", "Gateway", &format!("gatewayClassName: istio, listeners: [{{{listener}}}]"));
        let found: Vec<_> = KubernetesGateway::of(&snapshot.kubernetes_gateways[0]).listeners().map(|one| one.is_plain).collect();
        assert_eq!(found, [expected], "{listener}");
    }
}

#[test]
fn s206_where_a_policy_asks_who_calls() {
    let rows = [
        ("rules: [{}]", ""),
        ("rules: [{from: [{source: {principals: [a]}}]}]", "spec.rules.0.from.0.source.principals"),
        ("rules: [{}, {from: [{source: {}}, {source: {notNamespaces: [a]}}]}]", "spec.rules.1.from.1.source.notNamespaces"),
        ("rules: [{when: [{key: request.auth}, {key: source.namespace}]}]", "spec.rules.0.when.1.key"),
        ("rules: [{when: [{key: source.ip}]}]", ""),
    ];
    for (spec, expected) in rows {
        let snapshot = object("security.istio.io/v1", "AuthorizationPolicy", spec);
        let found = AuthorizationPolicy::of(&snapshot.authorization_policies[0]).identity_field();
        assert_eq!(found.map(|(at, _)| at.to_string()).unwrap_or_default(), expected, "{spec}");
    }
    let sources = "namespaces: [web, 'a*'], principals: [cluster.local/ns/data/sa/db, '*', 'td/ns/*/sa/x']";
    for (action, expected) in [
        ("", Some(Action::Allow)),
        ("action: ALLOW, ", Some(Action::Allow)),
        ("action: DENY, ", Some(Action::Deny)),
        ("action: allow, ", None),
    ] {
        let spec = format!("{action}rules: [{{from: [{{source: {{{sources}}}}}]}}]");
        let snapshot = object("security.istio.io/v1", "AuthorizationPolicy", &spec);
        let policy = AuthorizationPolicy::of(&snapshot.authorization_policies[0]);
        assert_eq!((policy.action, policy.is_attached), (expected, false), "{action}");
        assert_eq!(words(policy.named_namespaces()), "data web", "{action}");
    }
    let attached = object("security.istio.io/v1", "AuthorizationPolicy", "targetRefs: [{kind: Gateway, name: waypoint}]");
    assert!(AuthorizationPolicy::of(&attached.authorization_policies[0]).is_attached);
}

#[test]
fn s63_s67_every_tls_block_of_a_rule() {
    let spec = "host: db, trafficPolicy: {tls: {mode: SIMPLE, sni: a, insecureSkipVerify: true}, portLevelSettings: \
                [{port: {number: 80}}, {port: {number: 81}, tls: {mode: simple}}, {port: {number: 82}, tls: {caCertificates: ca.pem}}]}, \
                subsets: [{name: v1, trafficPolicy: {tls: {mode: MUTUAL, credentialName: 'configmap://ca'}}}]";
    let snapshot = networking("DestinationRule", spec);
    let blocks = TlsBlocks::of(&snapshot.destination_rules[0]);
    let found: Vec<_> = blocks.blocks.iter().map(|block| (block.at.to_string(), block.level, block.tls.mode)).collect();
    let at = |path: &str| format!("spec.{path}.tls");
    assert_eq!(
        found,
        [
            (at("trafficPolicy"), TlsLevel::Host, TlsMode::Simple),
            // That of port 81 has a mode that the schema refuses.
            (at("trafficPolicy.portLevelSettings.2"), TlsLevel::Port, TlsMode::Disable),
            (at("subsets.0.trafficPolicy"), TlsLevel::Subset, TlsMode::Mutual),
        ]
    );
    let tls = |place: usize| &blocks.blocks[place].tls;
    assert!(tls(0).verification.has_sni && tls(0).verification.is_skipped && tls(0).is_mode_set && !tls(0).verification.has_ca);
    assert!(tls(1).verification.has_ca && !tls(1).is_mode_set && !tls(1).verification.is_skipped);
    assert_eq!(tls(2).secret(), None, "a ConfigMap is no Secret (S68)");
}

#[test]
fn s183_s185_what_the_kubelet_calls() {
    let container = "name: app, ports: [{name: web, containerPort: 8080, protocol: UDP}], \
                     readinessProbe: {httpGet: {port: web, path: /ready}}, livenessProbe: {tcpSocket: {port: 0}}, \
                     startupProbe: {grpc: {port: 9000}}, lifecycle: {preStop: {httpGet: {port: 8081, scheme: https}}, \
                     postStart: {tcpSocket: {port: 8082, host: other.example}}}";
    let snapshot = object("v1", "Pod", &format!("containers: [{{{container}}}]"));
    let calls = Pod::of(&snapshot.pods[0]).spec().containers().flat_map(Container::kubelet_calls);
    let found: Vec<_> = calls.map(|call| (call.field.as_str(), call.port, call.action)).collect();
    let http = |path, is_tls| KubeletAction::Http { path, is_tls };
    assert_eq!(
        found,
        [
            ("readiness probe", 8080, http("/ready", false)),
            ("startup probe", 9000, KubeletAction::Grpc),
            ("preStop hook", 8081, http("/", true))
        ]
    );
}

#[test]
fn s105_what_the_status_of_a_pod_says() {
    let rows = [
        ("", false, false, None),
        ("status: {phase: Running}", true, false, None),
        ("status: {phase: Succeeded}", true, true, None),
        ("status: {phase: Failed, conditions: [{type: Ready, status: 'False'}]}", true, true, Some(false)),
        ("status: {conditions: [{type: Ready, status: 'True'}]}", true, false, Some(true)),
        ("status: {conditions: [{type: Ready, status: Unknown}]}", true, false, None),
    ];
    for (status, has_status, has_ended, is_ready) in rows {
        let snapshot = snapshot(&format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: one, namespace: shop}}\nspec: {{}}\n{status}\n"));
        let pod = Pod::of(&snapshot.pods[0]);
        assert_eq!((pod.has_status(), pod.has_ended(), pod.is_ready()), (has_status, has_ended, is_ready), "{status}");
    }
}

#[test]
fn s149_the_version_of_an_image() {
    for (image, expected) in [
        ("proxyv2:1.29.1", Some("1.29.1")),
        ("registry:5000/istio/proxyv2:1.29.1-distroless", Some("1.29.1")),
        ("proxyv2:1.29.1-debug", Some("1.29.1")),
        ("registry:5000/proxyv2", None),
        ("proxyv2:1.29.1@sha256:0123", None),
    ] {
        let snapshot = object("v1", "Pod", &format!("containers: [{{name: a, image: '{image}'}}]"));
        let found =
            Pod::of(&snapshot.pods[0]).spec().containers().next().and_then(|container| container.image_version().map(ToOwned::to_owned));
        assert_eq!(found.as_deref(), expected, "{image}");
    }
}

#[test]
fn s74_s105_endpoints_of_a_slice() {
    let slice = |address_type: &str| {
        let endpoints = "{addresses: [10.0.0.1], targetRef: {kind: Pod, namespace: data, name: db-0, uid: 1-2}}, \
                         {addresses: [10.0.0.2], conditions: {ready: false}}, {addresses: [10.0.0.3], targetRef: {kind: Node, name: node-1}}, \
                         {addresses: [10.0.0.4], targetRef: {kind: Pod, name: db-0}}";
        snapshot(&format!(
            "apiVersion: discovery.k8s.io/v1\nkind: EndpointSlice\nmetadata: {{name: one, namespace: shop, labels: {{kubernetes.io/service-name: db}}}}\n\
             addressType: {address_type}\nports: [{{name: tcp, port: 8080}}, {{name: none}}]\nendpoints: [{endpoints}]\n"
        ))
    };
    let snapshot = slice("IPv4");
    let decoded = EndpointSlice::of(&snapshot.endpoint_slices[0]);
    assert_eq!((decoded.service(), decoded.port("tcp"), decoded.port("none"), decoded.port("other")), (Some("db"), Some(8080), None, None));
    let pod = SliceTarget::Pod(Id::new(Kind::Pod, "data", "db-0"), "1-2".into());
    let ready: Vec<_> = decoded.ready().map(|one| (one.address.unwrap().as_str(), one.target)).collect();
    let expected = [("10.0.0.1", pod), ("10.0.0.3", SliceTarget::Address), ("10.0.0.4", SliceTarget::PodWithoutNamespace)];
    assert_eq!(ready, expected);
    assert_eq!(words(decoded.addresses()), "10.0.0.1 10.0.0.2 10.0.0.3 10.0.0.4");
    let names = slice("FQDN");
    let names = EndpointSlice::of(&names.endpoint_slices[0]);
    assert_eq!((names.port("tcp"), names.port_names().count(), names.ready().count()), (None, 0, 0));
}

#[test]
fn s214_endpoints_as_the_slices_that_kubernetes_makes_of_them() {
    let endpoints = |labels: &str| {
        snapshot(&format!(
            "apiVersion: v1\nkind: Endpoints\nmetadata: {{name: db, namespace: shop, labels: {{{labels}}}}}\nsubsets:\n\
             - {{addresses: [{{ip: 10.0.0.1, targetRef: {{kind: Pod, namespace: shop, name: db-0, uid: 1-2}}}}], notReadyAddresses: [{{ip: 10.0.0.2}}], \
             ports: [{{name: tcp, port: 8080}}]}}\n- {{addresses: [{{ip: 10.0.0.3}}], ports: [{{port: 9090}}]}}\n"
        ))
    };
    let read = endpoints("");
    let slices: Vec<EndpointSlice<'_>> = EndpointSlice::mirrored(&read.endpoints[0]).collect();
    let ports: Vec<_> = slices.iter().map(|slice| (slice.service(), slice.port("tcp"), slice.port(""))).collect();
    assert_eq!(ports, [(Some("db"), Some(8080), None), (Some("db"), None, Some(9090))]);
    let first: Vec<_> = slices[0].endpoints().map(|one| (one.address.unwrap().as_str(), one.target, one.is_ready)).collect();
    let pod = SliceTarget::Pod(Id::new(Kind::Pod, "shop", "db-0"), "1-2".into());
    assert_eq!(first, [("10.0.0.1", pod, true), ("10.0.0.2", SliceTarget::Address, false)]);
    assert_eq!(words(slices[0].addresses()), "10.0.0.1 10.0.0.2");
    let skipped = endpoints("endpointslice.kubernetes.io/skip-mirror: 'true'");
    assert_eq!(EndpointSlice::mirrored(&skipped.endpoints[0]).count(), 0);
}

#[test]
fn s189_s190_what_a_monitor_scrapes() {
    let rows = [
        ("ServiceMonitor", "endpoints: [{port: web}]", Some((ScrapePort::Named(&Text::from("web")), ScrapeTls::None))),
        (
            "ServiceMonitor",
            "endpoints: [{targetPort: 8080, scheme: HTTPS}]",
            Some((ScrapePort::OfPod(PortRef::Number(8080)), ScrapeTls::OneWay)),
        ),
        ("ServiceMonitor", "endpoints: [{}]", None),
        ("PodMonitor", "podMetricsEndpoints: [{portNumber: 0}]", None),
        (
            "PodMonitor",
            "podMetricsEndpoints: [{portNumber: 81, scheme: https, tlsConfig: {certFile: /etc/a.pem}}]",
            Some((ScrapePort::OfPod(PortRef::Number(81)), ScrapeTls::Certificate)),
        ),
        (
            "PodMonitor",
            "podMetricsEndpoints: [{port: web, scheme: https, tlsConfig: {certFile: /etc/prom-certs/cert-chain.pem}}]",
            Some((ScrapePort::Named(&Text::from("web")), ScrapeTls::MeshCertificate)),
        ),
    ];
    for (kind, spec, expected) in rows {
        let snapshot = object("monitoring.coreos.com/v1", kind, spec);
        let found = Monitor::of(&snapshot.monitors[0]).scrapes();
        assert_eq!(found.first().map(|scrape| (scrape.port, scrape.tls)), expected, "{spec}");
    }
}

#[test]
fn s195_the_services_that_the_api_server_calls() {
    let rows = [
        ("name: hook, namespace: infra", Some(443)),
        ("name: hook, namespace: infra, port: 8443", Some(8443)),
        ("name: hook, namespace: infra, port: 0", None),
    ];
    for (service, expected) in rows {
        let yaml = format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: ValidatingWebhookConfiguration\nmetadata: {{name: one}}\nwebhooks: [{{name: by-url, \
             clientConfig: {{url: 'https://a'}}}}, {{name: a, clientConfig: {{service: {{{service}}}}}}}]\n"
        );
        let snapshot = snapshot(&yaml);
        let found: Vec<_> =
            ServiceCall::of_validating(&snapshot.validating_webhooks[0]).map(|(_, call)| (call.port, call.at.to_string())).collect();
        let expected: Vec<_> =
            expected.into_iter().map(|port| (PortRef::Number(port), "webhooks.1.clientConfig.service".to_owned())).collect();
        assert_eq!(found, expected, "{service}");
    }
}
