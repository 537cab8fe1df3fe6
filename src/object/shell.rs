//! Command lines for a POSIX shell. Manifests can contain names that no API server would accept, so every printed command is made here.

use std::fmt;

/// A command line. Its words are quoted for a shell, and a name is never parsed as a flag.
#[derive(Clone, Debug)]
pub struct ShellCommand {
    /// The program, its subcommands, and whatever else is a constant.
    constant: &'static str,
    words: Vec<Word>,
}

#[derive(Clone, Debug)]
enum Word {
    /// A flag with its value, if it has one.
    Flag(&'static str, Option<String>),
    Name(String),
}

impl ShellCommand {
    #[must_use]
    pub fn new(constant: &'static str) -> Self {
        Self { constant, words: Vec::new() }
    }

    /// A word that does not belong to a flag.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.push_name(name);
        self
    }

    pub fn push_name(&mut self, name: impl Into<String>) {
        self.words.push(Word::Name(name.into()));
    }

    #[must_use]
    pub fn flag(mut self, flag: &'static str) -> Self {
        self.words.push(Word::Flag(flag, None));
        self
    }

    /// A flag with a value.
    #[must_use]
    pub fn option(mut self, flag: &'static str, value: impl Into<String>) -> Self {
        self.words.push(Word::Flag(flag, Some(value.into())));
        self
    }

    /// The command with a text as standard input, as a here document whose delimiter is no line of the text.
    #[must_use]
    pub fn with_input(&self, text: &str) -> String {
        let is_free = |delimiter: &String| text.lines().all(|line| line != delimiter);
        let numbered = (1..).map(|n| format!("EOF{n}"));
        let delimiter = std::iter::once("EOF".to_owned()).chain(numbered).find(is_free).unwrap_or_default();
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        format!("{self} <<'{delimiter}'\n{text}{end}{delimiter}\n")
    }
}

impl fmt::Display for ShellCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.constant)?;
        let could_be_flag = self.words.iter().any(|word| matches!(word, Word::Name(name) if name.starts_with('-')));
        let (flags, names): (Vec<&Word>, Vec<&Word>) = if could_be_flag {
            self.words.iter().partition(|word| matches!(word, Word::Flag(..)))
        } else {
            (self.words.iter().collect(), Vec::new())
        };
        flags.into_iter().try_for_each(|word| write!(f, " {word}"))?;
        if could_be_flag {
            f.write_str(" --")?;
        }
        names.into_iter().try_for_each(|word| write!(f, " {word}"))
    }
}

impl fmt::Display for Word {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(&quoted(name)),
            Self::Flag(flag, None) => f.write_str(flag),
            // `-n VALUE` takes any value, but a reader would take one with a dash for another flag.
            Self::Flag(flag, Some(value)) if value.starts_with('-') && flag.starts_with("--") => write!(f, "{flag}={}", quoted(value)),
            Self::Flag(flag, Some(value)) => write!(f, "{flag} {}", quoted(value)),
        }
    }
}

fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:".contains(c);
    let needs_none = !text.is_empty() && !text.starts_with('=') && text.chars().all(is_plain);
    if needs_none { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

/// The words of a command line, with their quotes: a space between quotes ends no word.
pub fn shell_words(line: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    line.split(move |c: char| {
        let ends = c == ' ' && !is_quoted && !is_escaped;
        is_quoted ^= c == '\'' && !is_escaped;
        is_escaped = c == '\\' && !is_quoted && !is_escaped;
        ends
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_never_a_command() {
        assert_eq!(quoted("deployment/web-1.2"), "deployment/web-1.2");
        assert_eq!(quoted("x; rm -rf $HOME"), "'x; rm -rf $HOME'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn a_name_is_never_a_flag() {
        let delete = |name: &str| ShellCommand::new("kubectl delete pod").name(name).option("-n", "shop").to_string();
        assert_eq!(delete("web"), "kubectl delete pod web -n shop");
        assert_eq!(delete("--all"), "kubectl delete pod -n shop -- --all");
    }

    #[test]
    fn no_line_of_the_input_ends_it() {
        let text = ShellCommand::new("cat").with_input("EOF\nEOF1\n");
        assert_eq!(text, "cat <<'EOF2'\nEOF\nEOF1\nEOF2\n");
    }

    #[test]
    fn a_space_between_quotes_ends_no_word() {
        assert_eq!(shell_words(r"a 'b c' 'd'\'' e' f").collect::<Vec<_>>(), ["a", "'b c'", r"'d'\'' e'", "f"]);
    }
}
