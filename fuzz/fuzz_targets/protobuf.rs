//! A page of a list in protobuf: the first byte chooses the kind, the second how the body is cut into pieces.
//!
//! How it is cut must not matter, because a network cuts as it likes.
#![no_main]

use kubectl_mtls::{
    object::{Encoding, Kind},
    source::cluster::page,
};
use kubectl_mtls_fuzz::evaluate;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let [kind, cut, body @ ..] = bytes else { return };
    let kinds: Vec<Kind> = Kind::ALL.iter().copied().filter(|kind| kind.encoding() == Encoding::Protobuf).collect();
    let kind = kinds[usize::from(*kind) % kinds.len()];
    let whole = page(kind, [body]);
    let pieces = page(kind, body.chunks(usize::from(*cut).max(1)));
    assert_eq!(whole.as_ref().map(|read| format!("{read:?}")).ok(), pieces.map(|read| format!("{read:?}")).ok());
    if let Ok(snapshot) = whole {
        evaluate(&snapshot);
    }
});
