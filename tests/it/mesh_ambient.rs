//! Ambient: whom it captures, and what istiod makes of policies for ztunnel, by the rule of the semantics each test holds (S110–S134).

use kubectl_mtls::{
    istio::Mode,
    mesh::{AmbientDivergence, AmbientPolicy, Dataplane, Mesh},
};

use crate::{
    mesh_injection::deployment,
    support::{ambient_pod, dataplane, meshed_pod, mode, namespace, pod, policy, policy_at, rules, with, workload},
};

const ENROL: &str = "istio.io/dataplane-mode: ambient";

/// Ports with a mode each.
type Ports<'p> = &'p [(u16, &'p str)];

/// What policies say of pods `app: web`: modes of mesh, namespace and workload (empty where there is no policy), and of ports.
#[derive(Clone, Copy, Debug)]
struct Said<'c> {
    mesh: &'c str,
    namespace: &'c str,
    workload: &'c str,
    ports: Ports<'c>,
}

impl Said<'_> {
    fn mesh_policy(&self) -> String {
        if self.mesh.is_empty() { String::new() } else { policy("istio-system", "mesh", "", &mtls(self.mesh)) }
    }

    fn policies(&self, namespace: &str) -> String {
        let whole = if self.namespace.is_empty() { String::new() } else { policy(namespace, "whole", "", &mtls(self.namespace)) };
        let ports: Vec<String> = self.ports.iter().map(|(port, mode)| format!("{port}: {{mode: {mode}}}")).collect();
        let ports = if ports.is_empty() { String::new() } else { format!(", portLevelMtls: {{{}}}", ports.join(", ")) };
        let spec = mtls(self.workload) + &ports;
        if self.workload.is_empty() { whole } else { whole + &policy(namespace, "web", "app=web", &spec) }
    }

    /// The case with one pod of each data plane in namespace `shop`.
    fn yaml(&self) -> String {
        self.mesh_policy() + &self.policies("shop") + &pods("shop")
    }

    fn has_port(&self, modes: &[&str]) -> bool {
        self.ports.iter().any(|(_, mode)| modes.contains(mode))
    }

    /// The mode that the workload inherits.
    fn parent(&self) -> &str {
        if is_set(self.namespace) { self.namespace } else { self.mesh }
    }

    /// S13 and S14, from their text.
    fn sidecar_denies(&self, port: u16) -> bool {
        let whole = if is_set(self.workload) { self.workload } else { self.parent() };
        let own = self.ports.iter().find(|(number, mode)| *number == port && is_set(mode));
        own.map_or(whole, |(_, mode)| mode) == "STRICT"
    }

    /// S128 and S130, from their text.
    fn ambient_denies(&self, port: u16) -> bool {
        match (self.workload, self.parent()) {
            ("STRICT", _) => !self.has_port(&["PERMISSIVE", "DISABLE"]) || self.converted_denies(port),
            ("PERMISSIVE" | "DISABLE", _) => self.has_port(&["STRICT"]) && self.converted_denies(port),
            (_, "STRICT") => !self.has_port(&["PERMISSIVE"]) || self.converted_denies(port),
            _ => self.has_port(&["STRICT"]) && self.converted_denies(port),
        }
    }

    /// S129, from its text.
    fn converted_denies(&self, port: u16) -> bool {
        let is_mesh_strict = self.mesh == "STRICT";
        let is_namespace_unset = !is_set(self.namespace);
        let skips_strict =
            self.workload == "STRICT" || self.workload == "UNSET" && self.namespace == "STRICT" || is_namespace_unset && is_mesh_strict;
        let skips_open = match self.workload {
            "PERMISSIVE" | "DISABLE" => true,
            "UNSET" if self.namespace.is_empty() => !is_mesh_strict,
            "UNSET" => self.namespace != "STRICT",
            _ => false,
        };
        let is_denied = !skips_strict && self.ports.contains(&(port, "STRICT"));
        let is_open = |port| self.ports.contains(&(port, "PERMISSIVE")) || self.ports.contains(&(port, "DISABLE"));
        let has_exception = !skips_open && self.has_port(&["PERMISSIVE", "DISABLE"]);
        let denies_common = self.workload == "STRICT" || self.parent() == "STRICT" && has_exception;
        is_denied || denies_common && (skips_open || !is_open(port))
    }

    /// The family of S134, from its table.
    fn family(&self) -> Option<AmbientDivergence> {
        let is_opening = self.has_port(&["PERMISSIVE", "DISABLE"]);
        let hides_mesh = self.mesh == "STRICT" && !is_set(self.namespace);
        match self.workload {
            "UNSET" if self.parent() == "STRICT" && is_opening && !self.has_port(&["PERMISSIVE"]) => {
                Some(AmbientDivergence::DisablePortStaysStrict)
            }
            "PERMISSIVE" | "DISABLE" if hides_mesh && self.has_port(&["STRICT"]) => Some(AmbientDivergence::StrictPortStaysOpen),
            "UNSET" if hides_mesh && self.namespace == "UNSET" && self.has_port(&["PERMISSIVE"]) => Some(AmbientDivergence::EveryPortOpens),
            _ => None,
        }
    }
}

fn is_set(mode: &str) -> bool {
    !matches!(mode, "" | "UNSET")
}

fn mtls(mode: &str) -> String {
    format!("mtls: {{mode: {mode}}}")
}

fn pods(namespace: &str) -> String {
    ambient_pod(namespace, "ambient", "app: web", &[]) + &meshed_pod(namespace, "sidecar", "app: web", "", &[])
}

fn ambient_policy(mesh: &Mesh<'_>) -> AmbientPolicy {
    let workload = workload(mesh, "ambient");
    *mesh.server(workload, &workload.instances[0]).ambient.unwrap()
}

/// What is enforced on the ports without a mode of their own.
fn word(mesh: &Mesh<'_>, name: &str) -> String {
    mode(mesh, name, 0).split(' ').next().unwrap().to_owned()
}

type Denied<'p> = &'p [u16];

/// The ports at which plaintext is denied; 0 is every port that no policy names.
fn denied(mesh: &Mesh<'_>, name: &str) -> Vec<u16> {
    [0, 8080, 9090].into_iter().filter(|&port| mode(mesh, name, port).starts_with("STRICT")).collect()
}

#[test]
fn s110_enrolment_selectors() {
    let table = [
        ("", "", "none"),
        ("", ENROL, "ambient"),
        ("istio.io/dataplane-mode: none", ENROL, "ambient"),
        (ENROL, "", "ambient"),
        (ENROL, "istio.io/dataplane-mode: none", "none"),
        (ENROL, "istio.io/dataplane-mode: other", "ambient"),
        (ENROL, "istio.io/dataplane-mode: None", "ambient"),
        ("istio.io/dataplane-mode: Ambient", "", "none"),
        ("", "istio.io/dataplane-mode: Ambient", "none"),
    ];
    for (of_namespace, of_pod, expected) in table {
        let yaml = namespace("shop", of_namespace) + &deployment("shop", of_pod, "", "");
        with(&yaml, |mesh| assert_eq!(dataplane(mesh, "web"), expected, "namespace {{{of_namespace}}} pod {{{of_pod}}}"));
    }
}

#[test]
fn s111_kube_system_is_excluded() {
    for (of_namespace, of_pod) in [(ENROL, ""), ("", ENROL), (ENROL, ENROL)] {
        let yaml = namespace("kube-system", of_namespace) + &deployment("kube-system", of_pod, "", "");
        with(&yaml, |mesh| assert_eq!(dataplane(mesh, "web"), "none", "namespace {{{of_namespace}}} pod {{{of_pod}}}"));
    }
}

#[test]
fn s112_running_pods_are_what_their_annotation_says() {
    let table = [
        (ENROL, "", "none"),
        (ENROL, "ambient.istio.io/redirection: pending", "ambient"),
        (ENROL, "ambient.istio.io/redirection: enabled", "ambient"),
        ("", "ambient.istio.io/redirection: enabled", "ambient"),
    ];
    for (labels, annotations, expected) in table {
        let yaml = namespace("shop", labels) + &pod("shop", "web", labels, annotations, &[], "");
        with(&yaml, |mesh| assert_eq!(dataplane(mesh, "web"), expected, "labels {{{labels}}} annotations {{{annotations}}}"));
    }
}

#[test]
fn s113_never_ambient() {
    let table = [
        ("", "hostNetwork: true"),
        ("sidecar.istio.io/status: '{}'", ""),
        ("sidecar.istio.io/status: ''", ""),
        ("sidecar.istio.io/status: anything", ""),
    ];
    for (annotations, spec) in table {
        let yaml = namespace("shop", ENROL) + &deployment("shop", ENROL, annotations, spec);
        with(&yaml, |mesh| assert_eq!(dataplane(mesh, "web"), "none", "annotations {{{annotations}}} spec {{{spec}}}"));
    }
    let both = meshed_pod("shop", "web", "app: web", "ambient.istio.io/redirection: enabled", &[]);
    with(&both, |mesh| assert_eq!(dataplane(mesh, "web"), "sidecar", "a pod cannot be in both modes"));
}

#[test]
fn s114_a_namespace_labelled_for_both_gets_sidecars() {
    let running = pod("shop", "older", "", "ambient.istio.io/redirection: enabled", &[], "");
    for labels in ["istio-injection: enabled", "istio.io/rev: default"] {
        for (of_pod, expected) in [("", "sidecar"), ("sidecar.istio.io/inject: 'false'", "ambient")] {
            let yaml = namespace("shop", &format!("{labels}, {ENROL}")) + &deployment("shop", of_pod, "", "") + &running;
            with(&yaml, |mesh| {
                assert_eq!(dataplane(mesh, "web"), expected, "namespace {{{labels}}} pod {{{of_pod}}}");
                assert_eq!(dataplane(mesh, "older"), "ambient", "namespace {{{labels}}}");
            });
        }
    }
}

#[test]
fn s117_annotations_of_sidecars_exclude_no_port() {
    for annotation in ["excludeInboundPorts: '8080'", "includeInboundPorts: ''", "includeInboundPorts: '9090'"] {
        let annotations = format!("ambient.istio.io/redirection: enabled, traffic.sidecar.istio.io/{annotation}");
        let yaml = policy("istio-system", "mesh", "", "mtls: {mode: STRICT}") + &pod("shop", "web", "", &annotations, &[8080], "");
        with(&yaml, |mesh| assert_eq!(mode(mesh, "web", 8080), "STRICT istio-system/mesh", "{annotation}"));
    }
}

#[test]
fn s119_bypassed_capture_enforces_nothing() {
    for (bypass, expected) in [("true", "NONE istio-system/mesh"), ("false", "STRICT istio-system/mesh")] {
        let bypass = format!("ambient.istio.io/bypass-inbound-capture: '{bypass}'");
        let yaml = [
            policy("istio-system", "mesh", "", "mtls: {mode: STRICT}"),
            pod("shop", "running", "", &format!("ambient.istio.io/redirection: enabled, {bypass}"), &[8080], ""),
            namespace("shop", ENROL),
            deployment("shop", "", &bypass, ""),
        ];
        with(&yaml.concat(), |mesh| {
            for (name, port) in [("running", 0), ("running", 8080), ("web", 0), ("web", 8080)] {
                assert_eq!(mode(mesh, name, port), expected, "{bypass}: {name} {port}");
            }
        });
    }
}

#[test]
fn s126_only_strict_is_enforced() {
    for (said, expected) in
        [("", "PERMISSIVE"), ("UNSET", "PERMISSIVE"), ("DISABLE", "PERMISSIVE"), ("PERMISSIVE", "PERMISSIVE"), ("STRICT", "STRICT")]
    {
        let nothing = Said { mesh: "", namespace: "", workload: "", ports: &[] };
        for case in [Said { mesh: said, ..nothing }, Said { namespace: said, ..nothing }, Said { workload: said, ..nothing }] {
            with(&case.yaml(), |mesh| assert_eq!(word(mesh, "ambient"), expected, "{case:?}"));
        }
    }
}

#[test]
fn s127_which_policies_are_candidates() {
    let strict = |namespace, selector: &str| policy(namespace, "a", "", &format!("{selector}mtls: {{mode: STRICT}}"));
    let behind_empty = |first: &str, then: &str| {
        let older = policy_at("2025-01-01T00:00:00Z", "istio-system", "older", "", &format!("selector: {{}}, {}", mtls(first)));
        older + &created("istio-system", "", &[(1, then)])
    };
    let of_app = "selector: {matchLabels: {app: web}}, ";
    // Namespace of the pods, policies, mode of a sidecar, mode in ambient.
    let table = [
        ("shop", strict("istio-system", ""), "STRICT", "STRICT"),
        ("shop", strict("istio-system", "selector: {}, "), "STRICT", "PERMISSIVE"),
        ("shop", strict("istio-system", "selector: {matchLabels: {}}, "), "STRICT", "PERMISSIVE"),
        ("istio-system", strict("istio-system", "selector: {}, "), "STRICT", "STRICT"),
        ("shop", strict("shop", "selector: {}, "), "STRICT", "STRICT"),
        ("shop", strict("depot", ""), "PERMISSIVE", "PERMISSIVE"),
        ("shop", strict("istio-system", of_app), "PERMISSIVE", "PERMISSIVE"),
        ("istio-system", strict("istio-system", of_app), "PERMISSIVE", "PERMISSIVE"),
        ("shop", behind_empty("STRICT", "PERMISSIVE"), "STRICT", "PERMISSIVE"),
        ("shop", behind_empty("PERMISSIVE", "STRICT"), "PERMISSIVE", "STRICT"),
        ("shop", created("istio-system", "", &[(2, "PERMISSIVE"), (1, "STRICT")]), "STRICT", "STRICT"),
        ("shop", created("shop", "", &[(2, "STRICT"), (1, "PERMISSIVE")]), "PERMISSIVE", "PERMISSIVE"),
        ("shop", created("shop", "app=web", &[(2, "PERMISSIVE"), (1, "STRICT")]), "STRICT", "STRICT"),
    ];
    for (namespace, policies, sidecar, ambient) in table {
        with(&(pods(namespace) + &policies), |mesh| {
            assert_eq!((word(mesh, "sidecar").as_str(), word(mesh, "ambient").as_str()), (sidecar, ambient), "{namespace}: {policies}");
        });
    }
}

/// Policies `a`, `b` …: the day on which each was created (0 for no timestamp), and its mode.
type Created<'p> = &'p [(u8, &'p str)];

fn created(namespace: &str, selector: &str, policies: Created<'_>) -> String {
    let created = |day: u8| if day == 0 { String::new() } else { format!("2026-01-0{day}T00:00:00Z") };
    let named = policies.iter().zip(["a", "b", "c"]);
    named.map(|((day, mode), name)| policy_at(&created(*day), namespace, name, selector, &mtls(mode))).collect()
}

fn is_tie_reported(policies: &str) -> bool {
    with(&(ambient_pod("shop", "web", "app: web", &[]) + policies), |mesh| {
        let findings = kubectl_mtls::checks::run(mesh, |_| true);
        findings.iter().any(|finding| finding.message.contains("(S282"))
    })
}

#[test]
fn s127_ties_are_reported() {
    let table: [(&str, Created<'_>, bool); 7] = [
        ("istio-system", &[(1, "PERMISSIVE"), (1, "STRICT")], true),
        ("shop", &[(1, "PERMISSIVE"), (1, "STRICT")], true),
        ("shop", &[(0, "PERMISSIVE"), (0, "STRICT")], true),
        ("shop", &[(1, "PERMISSIVE"), (2, "STRICT")], false),
        ("shop", &[(1, "PERMISSIVE"), (0, "STRICT")], false),
        ("shop", &[(1, "STRICT"), (1, "STRICT")], false),
        ("shop", &[(1, "STRICT"), (2, "STRICT"), (2, "PERMISSIVE")], false),
    ];
    for (namespace, policies, expected) in table {
        assert_eq!(is_tie_reported(&created(namespace, "", policies)), expected, "{namespace} {policies:?}");
    }
}

#[test]
fn s127_a_tie_of_workload_policies_is_reported() {
    assert!(is_tie_reported(&created("shop", "app=web", &[(1, "PERMISSIVE"), (1, "STRICT")])));
}

#[test]
fn s127_a_tie_of_three_is_reported() {
    assert!(is_tie_reported(&created("shop", "", &[(1, "PERMISSIVE"), (1, "PERMISSIVE"), (1, "STRICT")])));
}

#[test]
fn s127_a_tie_behind_an_empty_selector_is_reported() {
    let older = policy_at("2025-01-01T00:00:00Z", "istio-system", "older", "", "selector: {}");
    assert!(is_tie_reported(&(older + &created("istio-system", "", &[(1, "PERMISSIVE"), (1, "STRICT")]))));
}

#[test]
fn s128_which_policy_is_attached() {
    const STRICT: (u16, &str) = (8080, "STRICT");
    const PERMISSIVE: (u16, &str) = (9090, "PERMISSIVE");
    const DISABLE: (u16, &str) = (9090, "DISABLE");
    const UNSET: (u16, &str) = (8080, "UNSET");
    let parents = [
        ("STRICT", "", true),
        ("STRICT", "UNSET", true),
        ("PERMISSIVE", "STRICT", true),
        ("STRICT", "PERMISSIVE", false),
        ("STRICT", "DISABLE", false),
        ("", "", false),
    ];
    // Workload mode, ports, attached below a STRICT parent, attached below another.
    let table: [(&str, Ports<'_>, &str, &str); 20] = [
        ("", &[], "static", "nothing"),
        ("STRICT", &[], "static", "static"),
        ("STRICT", &[STRICT], "static", "static"),
        ("STRICT", &[UNSET], "static", "static"),
        ("STRICT", &[PERMISSIVE], "converted", "converted"),
        ("STRICT", &[DISABLE], "converted", "converted"),
        ("STRICT", &[STRICT, PERMISSIVE], "converted", "converted"),
        ("PERMISSIVE", &[], "nothing", "nothing"),
        ("PERMISSIVE", &[DISABLE], "nothing", "nothing"),
        ("PERMISSIVE", &[STRICT], "converted", "converted"),
        ("DISABLE", &[PERMISSIVE], "nothing", "nothing"),
        ("DISABLE", &[UNSET], "nothing", "nothing"),
        ("DISABLE", &[STRICT, PERMISSIVE], "converted", "converted"),
        ("UNSET", &[], "static", "nothing"),
        ("UNSET", &[UNSET], "static", "nothing"),
        ("UNSET", &[DISABLE], "static", "nothing"),
        ("UNSET", &[STRICT], "static", "converted"),
        ("UNSET", &[PERMISSIVE], "converted", "nothing"),
        ("UNSET", &[STRICT, PERMISSIVE], "converted", "converted"),
        ("UNSET", &[STRICT, DISABLE], "static", "converted"),
    ];
    for (mesh, namespace, is_strict) in parents {
        for (workload, ports, below_strict, below_other) in table {
            let case = Said { mesh, namespace, workload, ports };
            with(&case.yaml(), |mesh| {
                let policy = ambient_policy(mesh);
                let attached = match (policy.is_static_attached, policy.attached.map(|id| id.path()).as_deref()) {
                    (true, None) => "static",
                    (false, Some("shop/web")) => "converted",
                    (false, None) => "nothing",
                    _ => "both",
                };
                assert_eq!(attached, if is_strict { below_strict } else { below_other }, "{case:?}");
            });
        }
    }
}

#[test]
fn s129_what_the_converted_policy_denies() {
    let (strict, open, disable) = ((8080, "STRICT"), (9090, "PERMISSIVE"), (9090, "DISABLE"));
    let table: [(&str, &str, &str, Ports<'_>, Denied<'_>); 13] = [
        ("", "", "STRICT", &[open], &[0, 8080]),
        ("", "", "STRICT", &[strict, disable], &[0, 8080]),
        ("", "STRICT", "UNSET", &[strict, open], &[0, 8080]),
        ("STRICT", "", "UNSET", &[open], &[0, 8080]),
        ("STRICT", "", "UNSET", &[(8080, "DISABLE"), open], &[0]),
        ("PERMISSIVE", "STRICT", "UNSET", &[open], &[0, 8080]),
        ("", "", "UNSET", &[strict], &[8080]),
        ("", "", "UNSET", &[strict, open], &[8080]),
        ("", "PERMISSIVE", "PERMISSIVE", &[strict, disable], &[8080]),
        ("STRICT", "PERMISSIVE", "PERMISSIVE", &[strict], &[8080]),
        ("STRICT", "PERMISSIVE", "UNSET", &[strict, open], &[8080]),
        ("", "STRICT", "PERMISSIVE", &[strict], &[8080]),
        ("STRICT", "STRICT", "DISABLE", &[strict], &[8080]),
    ];
    for (mesh, namespace, workload, ports, expected) in table {
        let case = Said { mesh, namespace, workload, ports };
        with(&case.yaml(), |mesh| assert_eq!(denied(mesh, "ambient"), expected, "{case:?}"));
    }
}

#[test]
fn s129_an_empty_selector_is_no_parent_of_the_converted_policy() {
    let exception = policy("shop", "web", "app=web", "portLevelMtls: {9090: {mode: PERMISSIVE}}");
    for (selector, expected) in [("", vec![0, 8080]), ("selector: {}, ", vec![])] {
        let yaml = pods("shop") + &exception + &policy("shop", "whole", "", &format!("{selector}mtls: {{mode: STRICT}}"));
        with(&yaml, |mesh| {
            assert_eq!(denied(mesh, "sidecar"), [0, 8080], "{selector}");
            assert_eq!(denied(mesh, "ambient"), expected, "{selector}");
        });
    }
}

#[test]
fn s130_a_policy_that_is_never_made_denies_nothing() {
    let table: [(&str, &str, Ports<'_>); 2] = [("", "PERMISSIVE", &[(8080, "STRICT")]), ("UNSET", "UNSET", &[(9090, "PERMISSIVE")])];
    for (namespace, workload, ports) in table {
        let case = Said { mesh: "STRICT", namespace, workload, ports };
        with(&case.yaml(), |mesh| {
            let policy = ambient_policy(mesh);
            assert_eq!((policy.attached.map(|id| id.path()), policy.converted), (Some("shop/web".into()), None), "{case:?}");
            assert_eq!(denied(mesh, "ambient"), [0_u16; 0], "{case:?}");
        });
    }
}

#[test]
fn s134_families_where_sidecar_and_ambient_part() {
    use AmbientDivergence::{DisablePortStaysStrict as A, EveryPortOpens as C, StrictPortStaysOpen as B};
    /// Modes of mesh, namespace and workload; ports; what a sidecar denies and what ambient denies; the family.
    type Row<'r> = ([&'r str; 3], Ports<'r>, [Denied<'r>; 2], Option<AmbientDivergence>);
    let table: [Row<'_>; 11] = [
        (["STRICT", "", "UNSET"], &[(8080, "DISABLE")], [&[0, 9090], &[0, 8080, 9090]], Some(A)),
        (["", "STRICT", "UNSET"], &[(8080, "DISABLE"), (9090, "STRICT")], [&[0, 9090], &[0, 8080, 9090]], Some(A)),
        (["STRICT", "UNSET", "UNSET"], &[(8080, "DISABLE"), (9090, "DISABLE")], [&[0], &[0, 8080, 9090]], Some(A)),
        (["STRICT", "", "UNSET"], &[(8080, "DISABLE"), (9090, "PERMISSIVE")], [&[0], &[0]], None),
        (["STRICT", "", "PERMISSIVE"], &[(8080, "STRICT")], [&[8080], &[]], Some(B)),
        (["STRICT", "UNSET", "DISABLE"], &[(8080, "STRICT"), (9090, "PERMISSIVE")], [&[8080], &[]], Some(B)),
        (["STRICT", "STRICT", "PERMISSIVE"], &[(8080, "STRICT")], [&[8080], &[8080]], None),
        (["", "", "DISABLE"], &[(8080, "STRICT")], [&[8080], &[8080]], None),
        (["STRICT", "UNSET", "UNSET"], &[(9090, "PERMISSIVE")], [&[0, 8080], &[]], Some(C)),
        (["STRICT", "UNSET", "UNSET"], &[(8080, "STRICT"), (9090, "PERMISSIVE")], [&[0, 8080], &[]], Some(C)),
        (["STRICT", "", "UNSET"], &[(9090, "PERMISSIVE")], [&[0, 8080], &[0, 8080]], None),
    ];
    for ([mesh, namespace, workload], ports, [sidecar, ambient], corner) in table {
        let case = Said { mesh, namespace, workload, ports };
        with(&case.yaml(), |mesh| {
            assert_eq!(denied(mesh, "sidecar"), sidecar, "{case:?}");
            assert_eq!(denied(mesh, "ambient"), ambient, "{case:?}");
            assert_eq!(ambient_policy(mesh).divergence, corner, "{case:?}");
            let fails_open = matches!(corner, Some(B | C));
            assert_eq!(rules(mesh).contains(&"MTLS115"), fails_open, "{case:?}");
            assert!(corner != Some(A) || rules(mesh).contains(&"MTLS114"), "{case:?}");
        });
    }
}

#[test]
fn s134_brute_force() {
    const WIDE: [&str; 5] = ["", "UNSET", "DISABLE", "PERMISSIVE", "STRICT"];
    let port_maps = port_maps();
    for mesh in WIDE {
        let mut cases = Vec::new();
        for namespace in WIDE {
            for workload in &WIDE[1..] {
                cases.extend(port_maps.iter().map(|ports| Said { mesh, namespace, workload, ports }));
            }
        }
        let named = |at: usize| format!("n{at}");
        let texts = cases.iter().enumerate().map(|(at, case)| case.policies(&named(at)) + &pods(&named(at)));
        with(&(cases[0].mesh_policy() + &texts.collect::<String>()), |mesh| {
            assert_eq!(mesh.workloads().len(), cases.len() * 2);
            for (workload, _, server) in mesh.servers() {
                let case = cases[workload.subject.namespace[1..].parse::<usize>().unwrap()];
                let is_ambient = server.dataplane == Dataplane::Ambient;
                for port in [7070, 8080, 9090] {
                    let expected = if is_ambient { case.ambient_denies(port) } else { case.sidecar_denies(port) };
                    assert_eq!(server.port(port).mode == Some(Mode::Strict), expected, "{} {port} {case:?}", server.dataplane);
                }
                assert_eq!(server.workload().mode, server.port(7070).mode, "{case:?}");
                assert_eq!(server.ambient.and_then(|ambient| ambient.divergence), case.family().filter(|_| is_ambient), "{case:?}");
            }
        });
        for case in cases {
            let parts = [7070, 8080, 9090].into_iter().any(|port| case.sidecar_denies(port) != case.ambient_denies(port));
            assert_eq!(parts, case.family().is_some(), "{case:?}");
        }
    }
}

/// No port, 8080 with each mode, and 8080 and 9090 with each pair of modes.
fn port_maps() -> Vec<Vec<(u16, &'static str)>> {
    const MODES: [&str; 4] = ["UNSET", "DISABLE", "PERMISSIVE", "STRICT"];
    let mut all = vec![vec![]];
    for first in MODES {
        all.push(vec![(8080, first)]);
        all.extend(MODES.map(|second| vec![(8080, first), (9090, second)]));
    }
    all
}
