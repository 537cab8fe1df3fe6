//! A tls block without mode.

use crate::{
    checks::{
        Finding, Rule, Severity,
        block_advice::{Goal, with_block_advice},
    },
    istio::TlsBlocks,
    mesh::Mesh,
    object::Kind,
};

pub(super) static RULE: Rule = Rule {
    id: "MTLS206",
    name: "empty-tls-block",
    severity: Severity::Error,
    summary: "A DestinationRule has a `tls` block without `mode`, which means DISABLE.",
    why: "An omitted mode is the first value of the enum, DISABLE: a block that was meant to leave the mode open turns mTLS off.",
    fix: "Set the mode, or remove the whole block so that automatic mTLS decides.",
    bad: include_str!("empty_tls_block.bad.yaml"),
    good: include_str!("empty_tls_block.good.yaml"),
    inputs: &[Kind::DestinationRule],
    aka: &[],
    see: &["S63"],
};

pub(super) fn check(mesh: &Mesh<'_>, out: &mut Vec<Finding>) {
    for TlsBlocks { id, blocks, .. } in mesh.snapshot().destination_rules.iter().map(TlsBlocks::of) {
        for block in blocks.into_iter().filter(|block| !block.tls.is_mode_set) {
            let message = format!("{id} has a tls block without mode: clients send plaintext");
            let finding = Finding::about(&RULE, mesh.snapshot(), id, block.at.clone(), message);
            out.push(with_block_advice(mesh, finding, id, &block.at, Goal::ReplaceBlock));
        }
    }
}
