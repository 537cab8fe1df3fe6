//! Every format on one and the same report, in which names are what no format likes.

use kubectl_mtls::report::{self, Document, Format, Style};
use serde_json::Value;

#[path = "../../benches/generator/report.rs"]
mod generator;

fn written(document: &Document, format: Format) -> String {
    let mut bytes = Vec::new();
    report::write(document, format, Style::default(), &mut bytes).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn no_format_lets_a_control_character_through() {
    let document = generator::document(30);
    for format in Format::ALL {
        let text = written(&document, format);
        let found = text.chars().find(|c| (c.is_control() && *c != '\n') || matches!(c, '\u{202e}' | '\u{ffff}'));
        assert_eq!(found, None, "{format:?}");
    }
}

#[test]
fn every_format_names_each_rule_and_counts_what_it_leaves_out() {
    let document = generator::document(30);
    for format in Format::ALL {
        let text = written(&document, format);
        for finding in &document.header.findings {
            assert!(text.contains(finding.rule), "{format:?}: {}", finding.rule);
        }
        let message = |n: usize, word: &str| text.contains(&format!("{n} {word}")) || text.contains(word);
        assert!(message(3, "suppressed"), "{format:?}");
        assert!(text.contains("known"), "{format:?}");
    }
}

#[test]
fn what_was_not_read_is_in_every_format() {
    let document = generator::document(3);
    for format in Format::ALL {
        let text = written(&document, format);
        assert!(
            ["INCOMPLETE", "Incomplete", "not read", "errors=\"1\"", "\"complete\": false", "complete: false"]
                .iter()
                .any(|said| text.contains(said)),
            "{format:?}"
        );
    }
}

#[test]
fn github_takes_no_more_than_ten_of_a_kind_and_no_name_is_a_command() {
    let text = written(&generator::document(90), Format::Github);
    for kind in ["error", "warning", "notice"] {
        let told = text.lines().filter(|line| line.starts_with(&format!("::{kind} "))).count();
        assert_eq!(told, 10, "{kind}");
    }
    assert!(!text.lines().any(|line| line.starts_with("::error::")));
}

#[test]
fn what_is_structured_stays_so() {
    let document = generator::document(30);
    let json: Value = serde_json::from_str(&written(&document, Format::Json)).unwrap();
    let yaml: Value = serde_saphyr::from_str(&written(&document, Format::Yaml)).unwrap();
    assert_eq!(json, yaml);
    let sarif: Value = serde_json::from_str(&written(&document, Format::Sarif)).unwrap();
    assert_eq!(sarif["runs"][0]["results"].as_array().unwrap().len(), 30);
    let junit = junit_parser::from_reader(written(&document, Format::Junit).as_bytes()).unwrap();
    assert_eq!((junit.failures, junit.errors), (20, 1));
    let reports = written(&document, Format::PolicyReport);
    let reports: Vec<Value> = reports.split("---\n").map(|one| serde_saphyr::from_str(one).unwrap()).collect();
    let results: usize = reports.iter().map(|report| report["results"].as_array().unwrap().len()).sum();
    assert_eq!(results, 30 + 2);
    // A table of Markdown keeps its columns whatever the cells say.
    let markdown = written(&document, Format::Markdown);
    let rows: Vec<&str> = markdown.lines().filter(|line| line.starts_with("| ")).collect();
    let columns = |row: &str| row.replace("\\|", "").matches('|').count();
    assert!(rows.iter().all(|row| columns(row) == columns(rows[0])), "{markdown}");
}
