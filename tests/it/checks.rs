//! The registry of rules: tidy in itself, and true to its own examples.

use std::{collections::BTreeSet, fs, path::Path};

use kubectl_mtls::{
    checks::{self, ALL, Finding, Severity},
    mesh::{Mesh, Settings},
};
use snapbox::{Data, assert_data_eq};

use crate::support::{folder, with};

#[path = "../../benches/generator/mod.rs"]
#[allow(dead_code, reason = "the benchmark uses the rest")]
mod generator;

/// Ids that were given up and must not come back.
const RETIRED: &[&str] = &[];

#[test]
fn every_file_is_registered_under_its_own_name() {
    let files: BTreeSet<String> = stems("src/checks/rules", ".rs").filter(|stem| stem != "mod").collect();
    let names: BTreeSet<String> = ALL.iter().map(|check| stem(check.rule)).collect();
    assert_eq!(files, names);
}

#[test]
fn every_example_is_a_file_and_every_file_an_example() {
    let of_traffic = ["MTLS420", "MTLS421"];
    let of_checks = ALL.iter().map(|check| ("src/checks/rules", check.rule));
    let of_migration = checks::MIGRATION.iter().map(|rule| ("src/checks/migration", *rule));
    let mut expected: BTreeSet<String> = BTreeSet::new();
    for (folder, rule) in of_checks.chain(of_migration).filter(|(_, rule)| !of_traffic.contains(&rule.id)) {
        for (which, text) in [("bad", rule.bad), ("good", rule.good)] {
            let file = format!("{folder}/{}.{which}.yaml", stem(rule));
            assert_eq!(fs::read_to_string(&file).unwrap_or_default(), text, "{file}");
            expected.insert(file);
        }
    }
    let files = ["src/checks/rules", "src/checks/migration"].into_iter();
    let files: BTreeSet<String> =
        files.flat_map(|folder| stems(folder, ".yaml").map(move |stem| format!("{folder}/{stem}.yaml"))).collect();
    assert_eq!(files, expected);
}

/// The name of a rule's files.
fn stem(rule: &checks::Rule) -> String {
    rule.name.replace('-', "_")
}

/// The names of a folder's files with an ending, without it.
fn stems(folder: &str, ending: &'static str) -> impl Iterator<Item = String> {
    let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter_map(move |name| name.strip_suffix(ending).map(str::to_owned))
}

#[test]
fn ids_ascend_and_are_never_used_again() {
    let ids: Vec<&str> = checks::every().map(|rule| rule.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert!(ids.iter().all(|id| id.len() == 7 && id.starts_with("MTLS") && id[4..].bytes().all(|b| b.is_ascii_digit())));
    assert!(ids.iter().all(|id| !RETIRED.contains(id)));
}

#[test]
fn the_bad_example_fires_exactly_its_own_rule() {
    for check in ALL {
        let fired: BTreeSet<&str> = example(check.rule, "bad").iter().map(|finding| finding.rule.id).collect();
        assert_eq!(fired, BTreeSet::from([check.rule.id]), "{}", check.rule.name);
    }
}

#[test]
fn the_good_example_fires_nothing() {
    for check in ALL {
        let fired: Vec<String> = example(check.rule, "good").into_iter().map(|f| format!("{}: {}", f.rule.id, f.message)).collect();
        assert!(fired.is_empty(), "{}: {fired:?}", check.rule.name);
    }
}

/// What is found in the file of an example, as `analyze -f` reads it.
fn example(rule: &checks::Rule, which: &str) -> Vec<Finding> {
    loud(&Mesh::new(&folder(&format!("src/checks/rules/{}.{which}.yaml", stem(rule))), &Settings::default()))
}

/// What is left after the examples' own ignore annotations.
fn loud(mesh: &Mesh<'_>) -> Vec<Finding> {
    checks::suppress(mesh, checks::run(mesh, |_| true)).0
}

#[test]
fn a_rule_says_everything_a_reader_needs() {
    for rule in checks::every() {
        for (what, text) in [("summary", rule.summary), ("why", rule.why), ("fix", rule.fix)] {
            assert!(text.ends_with('.') && text.len() > 20 && !text.contains("  "), "{} {what}: {text}", rule.id);
        }
        assert!(!rule.inputs.is_empty(), "{}", rule.id);
        assert!(rule.see.iter().all(|see| see.starts_with('S') && see[1..].parse::<u32>().is_ok()), "{}", rule.id);
    }
}

#[test]
fn the_pages_of_the_rules_are_current() {
    for rule in checks::every() {
        let page = Path::new("docs/rules").join(format!("{}.md", rule.id));
        assert_data_eq!(rule.page(), Data::read_from(&page, None).raw());
    }
    let pages = fs::read_dir("docs/rules").unwrap().count();
    assert_eq!(pages, checks::every().count(), "docs/rules has a page that no rule has");
}

#[test]
fn findings_come_worst_first_and_in_the_same_order_whatever_the_input_order() {
    let yaml = fs::read_to_string("testdata/meshes/bookinfo/policies-bookinfo.yaml").unwrap();
    let forward = with(&yaml, |mesh| checks::run(mesh, |_| true)).iter().map(|f| f.message.clone()).collect::<Vec<_>>();
    let mut documents: Vec<&str> = yaml.split("\n---\n").collect();
    documents.reverse();
    let backward =
        with(&documents.join("\n---\n"), |mesh| checks::run(mesh, |_| true)).iter().map(|f| f.message.clone()).collect::<Vec<_>>();
    assert_eq!(forward, backward);
    assert!(Severity::Error > Severity::Warning && Severity::Warning > Severity::Info);
}

#[test]
fn a_clean_mesh_of_any_size_gives_no_finding() {
    for namespaces in [1, 10, 100] {
        let text = generator::mesh(namespaces, 7, generator::Posture::Clean).concat();
        with(&text, |mesh| {
            let found: Vec<String> = loud(mesh).into_iter().map(|finding| finding.message).collect();
            assert!(found.is_empty(), "{namespaces} namespaces: {found:?}");
            assert_eq!(mesh.workloads().len(), namespaces * generator::SERVICES);
        });
    }
}

#[test]
fn an_ignore_annotation_silences_its_rule_until_it_expires() {
    let policy = |annotation: &str| {
        format!(
            "apiVersion: security.istio.io/v1\nkind: PeerAuthentication\nmetadata:\n  name: a\n  namespace: istio-system\n  annotations:\n    \
             mtls.kubectl.dev/ignore: |\n      {annotation}\nspec:\n  selector: {{matchLabels: {{a: b}}}}\n"
        )
    };
    for (annotation, expected) in [
        ("MTLS105: on purpose", vec![]),
        ("root-selector-policy: on purpose; until=2026-11-01", vec![]),
        ("MTLS105: on purpose; until=2026-10-31", vec!["MTLS105", "MTLS003"]),
        ("MTLS105", vec!["MTLS105", "MTLS003"]),
        ("MTLS999: no such rule", vec!["MTLS105", "MTLS003"]),
        ("MTLS104: another rule", vec!["MTLS105"]),
        ("MTLS104,MTLS105: two at once", vec![]),
        ("MTLS105: broken; until=soon", vec!["MTLS105", "MTLS003"]),
    ] {
        let fired: Vec<&str> = with(&policy(annotation), loud).iter().map(|finding| finding.rule.id).collect();
        assert_eq!(fired, expected, "{annotation}");
    }
}
