//! Formats a list of names for a message.

/// The first `shown` names and the number of the others: `a, b, c and 2 more`.
pub fn first_of<T: ToString>(shown: usize, names: impl IntoIterator<Item = T>) -> String {
    let mut names = names.into_iter();
    let first: Vec<String> = names.by_ref().take(shown).map(|name| name.to_string()).collect();
    let first = first.join(", ");
    match names.count() {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::first_of;

    #[test]
    fn no_more_are_named_than_are_shown() {
        let names = ["a", "b", "c"];
        let all = [0, 1, 2, 3].map(|n| first_of(2, &names[..n]));
        assert_eq!(all, ["", "a", "a, b", "a, b and 1 more"]);
    }
}
