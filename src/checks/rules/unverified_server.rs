//! TLS that does not verify the server, or verifies it insufficiently.

use std::collections::BTreeSet;

use crate::{
    checks::{Finding, Rule, Severity, tls_blocks::istioctl_codes},
    istio::{Tls, TlsBlocks, TlsMode},
    mesh::{Mesh, Mismatch, SentAs, Verdict},
    object::{FieldPath, Id, Kind},
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS213",
    name: "unverified-server",
    severity: Severity::Warning,
    summary: "A DestinationRule sets SIMPLE or MUTUAL and does not verify the server, or has neither a CA nor names to verify it with.",
    why: "`insecureSkipVerify` accepts every certificate, so anyone on the network path can answer. Without `caCertificates` the \
          client trusts every CA of its operating system; without `subjectAltNames` it checks the host name of the request, and no \
          name at all if `sni` is set or the port is TCP. Such a client accepts the certificate of another server. istioctl checks \
          only for the missing CA, reports it even if `subjectAltNames` name the server, and does not report `insecureSkipVerify` \
          together with a CA.",
    fix: "Set `caCertificates` to the CA of the server, and `subjectAltNames` to the names in its certificate.",
    bad: include_str!("unverified_server.bad.yaml"),
    good: include_str!("unverified_server.good.yaml"),
    inputs: &[Kind::DestinationRule],
    aka: &["IST0128", "IST0129"],
    see: &["S67", "S168", "S169"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    let rejected = rejected_blocks(mesh);
    for TlsBlocks { id, host, has_selector, blocks } in mesh.snapshot().destination_rules.iter().map(TlsBlocks::of) {
        for block in blocks.into_iter().filter(|block| matches!(block.tls.mode, TlsMode::Simple | TlsMode::Mutual)) {
            // The block has to be removed, which MTLS202, MTLS203 and MTLS204 report.
            if rejected.contains(&(id, block.at.clone().then("mode"))) {
                continue;
            }
            let Some(Weakness { field, message, severity }) = weakness(&block.tls) else { continue };
            let message = format!("{id} sets {} for {host} and {message}", block.tls.mode);
            let aka = istioctl_codes(&block, has_selector);
            let finding = Finding::about(&RULE, mesh.snapshot(), id, block.at.then(field), message);
            out.push(finding.with_severity(severity).with_equivalent_codes(aka));
        }
    }
}

/// The modes of blocks whose TLS mesh workloads reject.
fn rejected_blocks<'m>(mesh: &'m Mesh<'_>) -> BTreeSet<(&'m Id, FieldPath)> {
    let is_rejected = |one: &&Mismatch| {
        matches!(one.verdict, Verdict::Fail(_))
            && matches!(one.configured, Some(TlsMode::Simple | TlsMode::Mutual))
            && one.sent_as != SentAs::Plaintext
    };
    let causes = mesh.mismatches().iter().filter(is_rejected).filter_map(|one| one.cause.as_ref());
    causes.map(|(id, at)| (id, at.clone())).collect()
}

/// A missing verification of a tls block.
struct Weakness {
    field: &'static str,
    message: &'static str,
    severity: Severity,
}

/// The missing verification of a tls block, if any (S67). A Secret contains its own CA.
fn weakness(tls: &Tls) -> Option<Weakness> {
    let has_names = tls.subject_alt_names.as_ref().is_some_and(|names| !names.is_empty());
    if tls.verification.is_skipped {
        let message = "does not verify the server: any certificate is accepted";
        return Some(Weakness { field: "insecureSkipVerify", message, severity: Severity::Warning });
    }
    if has_names || tls.verification.has_ca || !tls.credential_name.is_empty() {
        return None;
    }
    let (message, severity) = if tls.verification.has_sni {
        let message = "has sni, but neither caCertificates nor subjectAltNames: no name is checked, and any certificate is accepted \
                    that a CA of the operating system has issued, for any host";
        (message, Severity::Warning)
    } else {
        let message = "has neither caCertificates nor subjectAltNames: the server is verified with the CAs of the operating system, \
                    against the host of an HTTP request, and on TCP ports against no name";
        (message, Severity::Info)
    };
    Some(Weakness { field: "caCertificates", message, severity })
}
