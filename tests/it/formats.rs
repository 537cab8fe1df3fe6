//! Every format on one and the same report, in which names are what no format likes.

use std::thread;

use junit_parser::TestStatus;
use kubectl_mtls::report::{
    self, Document, Format, Style,
    document::{
        Body, Gap, Subject,
        plan::{FixedFinding, Plan, PlanStep, Rejected},
    },
};
use serde_json::Value;
use snapbox::cmd::{Command, cargo_bin};

use crate::goldens::MESHES;

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

/// A finding as a format shows it: its rule, and the text in which its message is.
struct Shown {
    rule: String,
    text: String,
}

/// The findings that a text shows. What only names a rule, such as its description in SARIF, is none.
fn shown(text: &str, format: Format) -> Vec<Shown> {
    let of = |rule: &str, text: &str| Shown { rule: rule.into(), text: text.into() };
    let of_value = |list: &Value, rule: &str, text: &str| -> Vec<Shown> {
        let word = |value: &Value, pointer: &str| value.pointer(pointer).unwrap().as_str().unwrap().to_owned();
        list.as_array().unwrap().iter().map(|one| of(&word(one, rule), &word(one, text))).collect()
    };
    let lines = |parse: fn(&str) -> Option<(&str, &str)>| text.lines().filter_map(parse).map(|(rule, text)| of(rule, text)).collect();
    match format {
        Format::Table | Format::Wide => lines(|line| {
            let rest = ["error[", "warning[", "info["].iter().find_map(|start| line.strip_prefix(start))?;
            rest.split_once("]: ")
        }),
        // The rule is a link to its page.
        Format::Markdown => lines(|line| {
            let (rule, rest) = line.strip_prefix("- **")?.split_once("** [")?.1.split_once("](")?;
            Some((rule, rest.split_once(") ")?.1))
        }),
        Format::Github => lines(|line| match line.strip_prefix("::") {
            Some(command) => command.split_once("title=")?.1.split_once(' '),
            None => ["error ", "warning ", "info "].iter().find_map(|start| line.strip_prefix(start))?.split_once(' '),
        }),
        Format::Json => of_value(&serde_json::from_str::<Value>(text).unwrap()["findings"], "/rule", "/message"),
        Format::Yaml => of_value(&yaml(text)["findings"], "/rule", "/message"),
        Format::Sarif => of_value(&serde_json::from_str::<Value>(text).unwrap()["runs"][0]["results"], "/ruleId", "/message/text"),
        Format::PolicyReport => {
            let results = text.split("---\n").flat_map(|report| yaml(report)["results"].as_array().unwrap().clone());
            let of_rules = results.filter(|result| result.get("rule").is_some()).collect();
            of_value(&of_rules, "/policy", "/message")
        }
        Format::Junit => {
            let suites = junit_parser::from_reader(text.as_bytes()).unwrap().suites;
            let cases = suites.into_iter().flat_map(|suite| suite.cases);
            let of_rules = cases.filter(|case| case.original_name != "all" && case.classname.as_deref() != Some("gap"));
            let of_case = |case: junit_parser::TestCase| {
                let message = match &case.status {
                    TestStatus::Failure(failure) => failure.message.clone(),
                    TestStatus::Success | TestStatus::Error(_) | TestStatus::Skipped(_) => case.system_out.unwrap_or_default(),
                };
                of(&case.classname.unwrap(), &message)
            };
            of_rules.map(of_case).collect()
        }
    }
}

fn yaml(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn every_format_shows_every_finding_once() {
    let document = generator::document(30);
    let mut expected: Vec<&str> = document.header.findings.iter().map(|finding| finding.rule).collect();
    expected.sort_unstable();
    for format in Format::ALL {
        let found = shown(&written(&document, format), format);
        let mut rules: Vec<&str> = found.iter().map(|one| one.rule.as_str()).collect();
        rules.sort_unstable();
        assert_eq!(rules, expected, "{format:?}");
    }
}

/// The golden files have each format of one mesh; this holds for the others. That YAML is JSON is tested elsewhere.
#[test]
fn every_format_shows_the_findings_of_every_mesh_in_the_same_words() {
    thread::scope(|scope| {
        for mesh in MESHES {
            scope.spawn(move || assert_same_findings("analyze", mesh));
        }
        scope.spawn(|| assert_same_findings("migrate-check", "migration"));
    });
}

fn assert_same_findings(command: &str, mesh: &str) {
    let run = |format: Format| {
        let folder = format!("testdata/meshes/{mesh}");
        let args = [command, "-R", "-f", &folder, "-o", format.name(), "--color", "never"];
        let output = Command::new(cargo_bin!("kubectl-mtls")).args(args).env_remove("KUBECONFIG").assert();
        String::from_utf8(output.get_output().stdout.clone()).unwrap()
    };
    // Control characters are printed by their numbers. Backslashes are how Markdown escapes, and the percent sign how annotations do.
    let visible = |c: char| if c.is_control() { c.escape_unicode().to_string() } else { c.to_string() };
    let plain = |text: &str| text.chars().map(visible).collect::<String>().replace('\\', "").replace("%25", "%");
    let expected = shown(&run(Format::Json), Format::Json);
    for format in Format::ALL.into_iter().filter(|format| !matches!(format, Format::Wide | Format::Json | Format::Yaml)) {
        let mut found = shown(&run(format), format);
        for one in &expected {
            let message = plain(one.text.trim_end_matches('.'));
            let at = found.iter().position(|other| other.rule == one.rule && plain(&other.text).contains(&message));
            found.swap_remove(at.unwrap_or_else(|| panic!("{command} {mesh}: {format:?} lacks {}: {message}", one.rule)));
        }
        let rest: Vec<&str> = found.iter().map(|one| one.text.as_str()).collect();
        assert!(rest.is_empty(), "{command} {mesh}: {format:?} shows more: {rest:?}");
    }
}

/// What a format prints of findings that it leaves out: so many silenced, so many known.
fn left_out(format: Format, silenced: usize, known: usize) -> [String; 2] {
    match format {
        Format::Table | Format::Wide => [format!("; {silenced} findings suppressed"), format!("; {known} findings known")],
        Format::Json | Format::Sarif => [format!("\"suppressed\": {silenced},"), format!("\"known\": {known},")],
        Format::Yaml => [format!("\nsuppressed: {silenced}\n"), format!("\nknown: {known}\n")],
        Format::Markdown | Format::Github => [format!(", {silenced} suppressed"), format!(", {known} known")],
        Format::Junit => [format!("<!-- {silenced} suppressed, "), format!(", {known} known -->")],
        Format::PolicyReport => {
            [format!("mtls.kubectl.dev/suppressed: \"{silenced}\"\n"), format!("mtls.kubectl.dev/known: \"{known}\"\n")]
        }
    }
}

#[test]
fn every_format_counts_what_it_leaves_out() {
    let mut document = generator::document(30);
    for (silenced, known) in [(7031, 8052), (8052, 7031)] {
        (document.header.suppressed, document.header.known) = (silenced, known);
        for format in Format::ALL {
            let text = written(&document, format);
            for expected in left_out(format, silenced, known) {
                assert_eq!(text.matches(&expected).count(), 1, "{format:?}: {expected}\n{text}");
            }
        }
    }
}

/// What a format prints of the one gap of the test below.
fn not_read(format: Format) -> &'static [&'static str] {
    match format {
        // The program prints the gap itself on standard error.
        Format::Table | Format::Wide => &["; INCOMPLETE: 1 resource not read\n"],
        Format::Json => &[
            "\"complete\": false,",
            "\"resource\": \"pods in namespace shop\",\n      \"reason\": \"forbidden\",\n      \"hint\": \"grant list\"\n",
        ],
        Format::Yaml => &["\ncomplete: false\n", "\n- resource: \"pods in namespace shop\"\n  reason: forbidden\n  hint: \"grant list\"\n"],
        Format::Markdown => &["\n**Incomplete.** Not read:\n\n- pods in namespace shop: forbidden\n"],
        Format::Sarif => &["\"executionSuccessful\": false,", "\"text\": \"not read: pods in namespace shop: forbidden (grant list)\"\n"],
        Format::Junit => &[
            " errors=\"1\">\n",
            "<testcase classname=\"gap\" name=\"pods in namespace shop\"><error message=\"forbidden\">grant list</error></testcase>\n",
        ],
        Format::Github => &["not read: pods in namespace shop: forbidden\n", "; INCOMPLETE: 1 resource not read\n"],
        Format::PolicyReport => &[
            "mtls.kubectl.dev/complete: \"false\"\n",
            "- policy: gap\n  source: kubectl-mtls\n  category: mTLS\n  result: error\n  message: \"not read: pods in namespace shop: forbidden (grant list)\"\n",
        ],
    }
}

#[test]
fn what_was_not_read_is_in_every_format() {
    let gap = Gap { resource: "pods in namespace shop".into(), reason: "forbidden".into(), hint: "grant list".into() };
    for is_complete in [false, true] {
        let mut document = generator::document(3);
        document.header.complete = is_complete;
        document.header.gaps = if is_complete { Vec::new() } else { vec![gap.clone()] };
        for format in Format::ALL {
            let text = written(&document, format);
            for expected in not_read(format) {
                assert_eq!(text.matches(expected).count(), usize::from(!is_complete), "{format:?}: {expected}\n{text}");
            }
        }
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

/// Code scanning of GitHub rejects a log with more results.
#[test]
fn sarif_has_no_more_results_than_code_scanning_accepts_and_a_note_about_the_rest() {
    let mut document = generator::document(25_010);
    document.header.rules.clear();
    document.header.findings.sort_by_key(|finding| finding.severity);
    let log: Value = serde_json::from_str(&written(&document, Format::Sarif)).unwrap();
    let run = &log["runs"][0];
    assert_eq!(run["results"].as_array().unwrap().len(), 25_000);
    let notes = run["invocations"][0]["toolExecutionNotifications"].as_array().unwrap();
    let note = notes.last().unwrap()["message"]["text"].as_str().unwrap();
    assert!(note.starts_with("10 of 25010 findings, the least severe ones, are left out"), "{note}");
}

/// A comment of GitHub has at most 65,536 characters.
#[test]
fn markdown_fits_into_a_comment_and_counts_what_is_cut_off() {
    for count in [0, 1, 20, 21, 90, 400, 5_000] {
        let mut document = generator::document(count);
        document.header.findings.sort_by_key(|finding| finding.severity);
        let text = written(&document, Format::Markdown);
        assert!(text.len() <= 65_536, "{count}: {}", text.len());
        assert_eq!(text.matches("<details>\n").count(), text.matches("</details>\n").count(), "{count}");
        let shown = shown(&text, Format::Markdown).len();
        let (_, note) = text.rsplit_once("Not shown: ").unwrap_or_default();
        let left_out = ["errors", "warnings", "info"].iter().map(|noun| {
            let parts = note.split([';', '.']).filter_map(|part| part.trim().strip_suffix(noun)?.split_once(" of "));
            parts.map(|(rest, _)| rest.trim().parse::<usize>().unwrap()).sum::<usize>()
        });
        assert_eq!(shown + left_out.sum::<usize>(), count, "{note}");
        let severities = text.lines().filter_map(|line| line.strip_prefix("- **")?.split_once("** ")).map(|(severity, _)| severity);
        let ranks: Vec<_> = severities.map(|severity| ["error", "warning", "info"].iter().position(|known| *known == severity)).collect();
        assert!(ranks.is_sorted(), "{ranks:?}");
        assert_eq!(note.is_empty(), count < 100, "{count}: {note}");
    }
}

#[test]
fn markdown_folds_what_fails_no_run() {
    let mut document = generator::document(60);
    document.header.findings.sort_by_key(|finding| finding.severity);
    let text = written(&document, Format::Markdown);
    // Errors and warnings fail the run of this document.
    let (open, folded) = text.split_once("<details>\n<summary>20 info</summary>\n").unwrap();
    assert_eq!((open.matches("- **error**").count(), open.matches("- **warning**").count()), (20, 20));
    assert!(!open.contains("<details>") && folded.matches("- **info**").count() == 20, "{text}");
    let link = "[mesh/web.yaml:7](https://example.com/blob/main/mesh/web.yaml#L7)";
    assert!(open.contains(link), "{text}");
}

/// The plan is a script: whatever names and messages are, only commands are outside its comments.
#[test]
fn no_text_ends_a_comment_of_the_plan() {
    for end in ["\n", "\r", "\r\n", "\u{85}", "\u{2028}", "\u{2029}", "\u{b}", "\u{c}", "\0"] {
        let hostile = format!("x{end}rm -rf / #");
        let subject = Subject { kind: hostile.clone(), api_version: None, namespace: None, name: hostile.clone() };
        let fixes = || vec![FixedFinding { rule: "MTLS201", subject: subject.clone(), message: hostile.clone() }];
        let plan = Plan {
            steps: vec![PlanStep { command: "kubectl get pods".into(), weakens: Some(hostile.clone()), fixes: fixes(), mesh_name: None }],
            rejected: vec![Rejected {
                command: hostile.clone(),
                breaks: Some(hostile.clone()),
                weakens: None,
                fixes: fixes(),
                mesh_name: None,
            }],
            manual: 0,
        };
        let document = Document { body: Body::Plan(plan), ..generator::document(0) };
        let text = written(&document, Format::Table);
        let script: Vec<&str> = text.lines().filter(|line| !line.is_empty() && !line.starts_with("# ")).collect();
        let commands: Vec<&&str> = script.iter().filter(|line| line.contains("rm ") || line.contains("kubectl ")).collect();
        assert_eq!(commands, [&"kubectl get pods"], "{end:?}: {text}");
        assert!(!text.chars().any(|c| c != '\n' && (c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))), "{end:?}: {text}");
    }
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
