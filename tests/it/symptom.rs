//! `explain --symptom`: which failures a text can mean, and what on a configuration would look like it (S96).

use kubectl_mtls::{
    mesh::{Client, Mesh},
    queries::{
        reach::{CallQuestion, CallTarget, reach},
        symptom::{Likelihood, SymptomCause, causes, failures},
    },
};

use crate::support::{meshed_pod, pod, policy, with, workload};

/// What somebody may paste, and the codes it means, the closest first.
const TEXTS: &[(&str, &str)] = &[
    ("curl: (56) Recv failure: Connection reset by peer", "F1 F2 F8 F6 F3 F7 F9"),
    ("read tcp 10.0.0.1:80: read: connection reset by peer", "F1 F2 F8 F6 F3 F7 F9"),
    ("503 UC", "F2 F8"),
    ("HTTP/1.1 503 UC upstream_reset_before_response_started{connection_termination}", "F2 F8"),
    ("503 UF,URX", "F3 F5 F2"),
    ("503 UF WRONG_VERSION_NUMBER", "F3"),
    ("503 URX", "F2 F3 F5 F8"),
    ("503", "F2 F3 F5 F8 F10 F12"),
    ("upstream connect error or disconnect/reset before headers. reset reason: connection termination", "F2 F8"),
    (
        "upstream connect error or disconnect/reset before headers. retried and the latest reset reason: remote connection failure, transport failure \
         reason: TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER:TLS_error_end",
        "F3",
    ),
    (
        "upstream connect error or disconnect/reset before headers. transport failure reason: TLS_error:|268435581:SSL \
         routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:TLS_error_end",
        "F5",
    ),
    ("TLS_error:|268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER", "F3"),
    ("tls: first record does not look like a TLS handshake", "F3"),
    ("http: server gave HTTP response to HTTPS client", "F3"),
    ("HTTP 400: Client sent an HTTP request to an HTTPS server.", "F13"),
    ("dial tcp: lookup db.shop: no such host", "F14"),
    ("x509: certificate signed by unknown authority", "F4 F5"),
    (
        "ssl.SSLCertVerificationError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer certificate",
        "F5 F4",
    ),
    ("failed calling webhook: x509: certificate is not valid for any names, but wanted to match hook.shop.svc", "F4"),
    ("remote error: tls: certificate required", "F4"),
    ("TLS_error:|268435655:SSL routines:OPENSSL_internal:PEER_DID_NOT_RETURN_A_CERTIFICATE:TLS_error_end", "F4"),
    ("tlsv1 alert unknown ca", "F5 F4"),
    ("CERTIFICATE_VERIFY_FAILED: verify SAN list", "F5"),
    ("NR filter_chain_not_found", "F1 F2 F6"),
    ("0 NR filter_chain_not_found - \"-\"", "F1 F2 F6"),
    ("503 NR", ""),
    ("404 NR route_not_found", ""),
    ("503 UH no healthy upstream", "F10"),
    ("503 NC cluster_not_found", "F12"),
    ("connection closed due to policy rejection: explicitly denied by: istio-system/istio_converted_static_strict", "F8"),
    ("connection closed due to policy rejection: explicitly denied by: shop/deny-all", ""),
    ("connection closed due to policy rejection: allow policies exist, but none allowed", ""),
    ("curl: (52) Empty reply from server", "F8 F1 F2"),
    ("context deadline exceeded", "F11"),
    ("connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed", ""),
    ("HTTP 502 from BlackHoleCluster", "F9"),
    ("503 UC - PassthroughCluster", "F2 F8"),
    ("DPE http1.codec_error", "F7"),
    ("RBAC: access denied", ""),
    ("403 UAEX", ""),
    ("503 UO overflow", ""),
    ("504 UT", ""),
    ("400 The plain HTTP request was sent to HTTPS port", "F13"),
    ("http: TLS handshake error from 10.0.0.1:5: EOF", ""),
    ("x509: certificate has expired or is not yet valid", ""),
    ("connect: connection refused", "F14"),
    ("much ado", ""),
];

#[test]
fn s96_a_text_means_the_failures_that_look_like_it() {
    for (text, codes) in TEXTS {
        let found: Vec<&str> = failures(text).iter().map(|failure| failure.code()).collect();
        assert_eq!(found.join(" "), *codes, "{text}");
    }
}

/// A STRICT server with a Service, a client with a sidecar, one without, and whatever else.
fn shop(more: &str) -> String {
    let service = "---\napiVersion: v1\nkind: Service\nmetadata: {name: db, namespace: shop}\nspec: {selector: {app: db}, ports: [{name: tcp, port: 80}]}\n";
    meshed_pod("shop", "db", "app: db", "", &[80])
        + &meshed_pod("shop", "web", "app: web", "", &[])
        + &pod("shop", "job", "app: job", "", &[], "")
        + service
        + &policy("shop", "default", "", "mtls: {mode: STRICT}")
        + more
}

fn ask<T>(more: &str, from: &str, seen: &str, look: impl FnOnce(Vec<SymptomCause>) -> T) -> T {
    with(&shop(more), |mesh| look(found(mesh, from, seen)))
}

fn found(mesh: &Mesh<'_>, from: &str, seen: &str) -> Vec<SymptomCause> {
    let client = workload(mesh, from);
    let from = Client::workload(client, &client.instances[0]);
    let question = CallQuestion { from, to: CallTarget::Host("db.shop.svc.cluster.local".into()), port: 80, subset: None, scheme: None };
    causes(mesh, &question, &reach(mesh, &question), seen)
}

fn outline(causes: &[SymptomCause]) -> Vec<(Likelihood, &'static str)> {
    causes.iter().map(|cause| (cause.likelihood, cause.failure.map_or("-", kubectl_mtls::mesh::Failure::code))).collect()
}

#[test]
fn what_fails_as_it_was_asked_comes_first_and_is_certain() {
    ask("", "job", "connection reset by peer", |causes| {
        assert_eq!(causes[0].likelihood, Likelihood::Certain);
        assert_eq!(causes[0].message, "plaintext is sent to a port that requires mTLS at port 80 of Pod shop/db");
    });
}

#[test]
fn what_would_fail_if_the_call_were_made_otherwise_is_possible() {
    ask("", "web", "connection reset by peer", |causes| {
        assert_eq!(outline(&causes), [(Likelihood::Possible, "F1"), (Likelihood::Possible, "F2")]);
        assert!(causes[0].assuming.as_ref().unwrap().contains("before the sidecar has started"));
        assert!(causes[1].assuming.as_ref().unwrap().contains("address of a pod"));
    });
}

#[test]
fn a_failure_that_looks_otherwise_is_told_after_those_that_fit() {
    ask("", "job", "WRONG_VERSION_NUMBER", |causes| {
        assert_eq!(outline(&causes), [(Likelihood::LooksOtherwise, "F1"), (Likelihood::Elsewhere, "-")]);
        assert!(causes[0].message.contains("its symptom is"));
        assert!(causes[1].message.contains("does not make this call fail with this symptom"));
    });
}

#[test]
fn each_sign_of_another_cause_has_where_to_look_and_no_failure_is_certain() {
    let table = [
        ("503 NR", "no route of the proxy matches"),
        ("connection closed due to policy rejection: explicitly denied by: shop/deny-all", "AuthorizationPolicy"),
        ("403 UAEX", "AuthorizationPolicy"),
        ("503 UO", "limit of connections"),
        ("504 UT", "does not answer in time"),
        ("maybe a NetworkPolicy is blocking HBONE port 15008: deadline has elapsed", "port 15008"),
        ("400 The plain HTTP request was sent to HTTPS port", "accepts only TLS"),
        ("x509: certificate has expired", "expired"),
        ("connect: connection refused", "nothing listens"),
        ("no such host", "does not resolve"),
    ];
    for (symptom, expected) in table {
        ask("", "job", symptom, |causes| {
            assert_eq!(outline(&causes), [(Likelihood::LooksOtherwise, "F1"), (Likelihood::Elsewhere, "-")], "{symptom}");
            assert!(causes[1].message.contains(expected), "{symptom}: {}", causes[1].message);
        });
    }
}

#[test]
fn a_failing_subset_is_supposed() {
    let rule = "---\napiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: {name: db, namespace: shop}\nspec: {host: db, subsets: [{name: v1, labels: {app: db}, trafficPolicy: {tls: {mode: SIMPLE}}}]}\n";
    ask(rule, "web", "certificate required", |causes| {
        assert_eq!(outline(&causes), [(Likelihood::Possible, "F4")]);
        assert_eq!(causes[0].assuming.as_deref(), Some("a route sends the call to subset v1"));
    });
}

#[test]
fn a_symptom_without_a_cause_in_configuration_says_so() {
    ask("", "web", "CERTIFICATE_VERIFY_FAILED", |causes| {
        assert_eq!(outline(&causes), [(Likelihood::Elsewhere, "-")]);
        assert!(causes[0].message.contains("does not make this call fail with this symptom"));
    });
    ask("", "web", "RBAC: access denied", |causes| {
        assert_eq!(outline(&causes), [(Likelihood::Elsewhere, "-")]);
        assert!(causes[0].message.contains("AuthorizationPolicy"));
    });
}

#[test]
fn words_that_nobody_knows_consider_every_failure_and_say_so() {
    ask("", "job", "it does not work", |causes| {
        assert_eq!(causes[0].likelihood, Likelihood::Certain);
        assert!(causes.last().unwrap().message.contains("the symptom is unknown"));
    });
}
