//! Label selectors of the command line, as `-l` takes them: the first line is the selector, the others are labels to hold it against.
#![no_main]

use kubectl_mtls::{cli::selector, object::Labels};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let Ok(selector) = selector::parse(lines.next().unwrap_or_default()) else { return };
    let labels: Labels = lines.filter_map(|line| line.split_once('=')).collect();
    let selected = selector.selects(&labels);
    // Nothing is an empty selector's exception.
    assert!(!selector.is_empty() || selected);
});
