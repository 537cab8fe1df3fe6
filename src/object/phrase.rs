//! Formats names and numbers for a sentence.

use std::fmt;

/// Maximum number of names in a sentence or a cell.
const MAX_NAMES: usize = 3;

/// The first names and the number of the others: `a, b, c and 2 more`.
pub fn list_names<T: ToString>(names: impl IntoIterator<Item = T>) -> String {
    abbreviated_list(MAX_NAMES, names)
}

/// The first `limit` names and the number of the others: `a, b, c and 2 more`.
pub fn abbreviated_list<T: ToString>(limit: usize, names: impl IntoIterator<Item = T>) -> String {
    let mut names = names.into_iter();
    let first: Vec<String> = names.by_ref().take(limit).map(|name| name.to_string()).collect();
    let first = first.join(", ");
    match names.count() {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// A number of things: `1 workload`, `2 workloads`.
pub fn plural<N: Copy + fmt::Display + PartialEq + From<u8>>(n: N, one: &str) -> String {
    if n == N::from(1) { format!("1 {one}") } else { format!("{n} {one}s") }
}

#[cfg(test)]
mod tests {
    use super::{abbreviated_list, plural};

    #[test]
    fn only_one_is_singular() {
        assert_eq!([0_u64, 1, 2].map(|n| plural(n, "byte")), ["0 bytes", "1 byte", "2 bytes"]);
    }

    #[test]
    fn names_beyond_the_limit_are_counted() {
        let names = ["a", "b", "c"];
        let all = [0, 1, 2, 3].map(|n| abbreviated_list(2, &names[..n]));
        assert_eq!(all, ["", "a", "a, b", "a, b and 1 more"]);
    }
}
