//! The registry of rules: tidy in itself, and true to its own examples.

use std::{collections::BTreeSet, fs, ops::RangeInclusive, path::Path};

use kubectl_mtls::{
    checks::{self, ALL, Finding, Severity, Topic},
    mesh::{ControlPlaneOptions, Dataplane, Mesh, Subject},
    object::FieldPath,
};
use snapbox::{Data, assert_data_eq};

use crate::support::{folder, with};

#[path = "../../benches/generator/mod.rs"]
#[allow(dead_code, reason = "the benchmark uses the rest")]
mod generator;

/// The numbers of the ids that rules ever had. A new rule extends its range.
const ISSUED: [RangeInclusive<u16>; 6] = [1..=5, 101..=119, 201..=226, 301..=314, 401..=415, 420..=421];

/// The numbers that were given up with their rules: none so far. A baseline or an annotation may still name them.
const RETIRED: &[u16] = &[];

#[test]
fn every_file_is_registered_under_its_own_name() {
    let files: BTreeSet<String> = stems("src/checks/rules", ".rs").filter(|stem| stem != "mod").collect();
    let names: BTreeSet<String> = ALL.iter().map(|check| stem(check.rule)).collect();
    assert_eq!(files, names);
}

#[test]
fn every_example_is_a_file_and_every_file_an_example() {
    let of_checks = ALL.iter().map(|check| ("src/checks/rules", check.rule));
    let of_migration = checks::MIGRATION.iter().map(|rule| ("src/checks/migration", *rule));
    let mut expected: BTreeSet<String> = BTreeSet::new();
    for (folder, rule) in of_checks.chain(of_migration).filter(|(_, rule)| !rule.is_of_traffic()) {
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
    let ids: Vec<&str> = checks::all_rules().map(|rule| rule.id).collect();
    assert!(ids.is_sorted_by(|a, b| a < b), "{ids:?}");
    assert!(ids.iter().all(|id| id.len() == 7 && id.starts_with("MTLS") && id[4..].bytes().all(|b| b.is_ascii_digit())));
    let in_use: BTreeSet<u16> = ids.iter().map(|id| id[4..].parse().unwrap()).collect();
    let issued: BTreeSet<u16> = ISSUED.into_iter().flatten().collect();
    let retired: BTreeSet<u16> = RETIRED.iter().copied().collect();
    assert_eq!(in_use, &issued - &retired, "a rule that is new belongs in ISSUED, one that is gone in RETIRED");
    assert!(retired.is_subset(&issued));
}

#[test]
fn the_hundred_of_an_id_is_the_topic_of_its_rule() {
    for rule in checks::all_rules() {
        let topic = match rule.id[4..].parse::<u16>().unwrap() / 100 {
            0 => Topic::Manifest,
            1 => Topic::Server,
            2 => Topic::Client,
            3 => Topic::Proxy,
            4 => Topic::Migration,
            other => panic!("{}: no topic has the hundred {other}", rule.id),
        };
        assert_eq!(rule.topic(), topic, "{}", rule.id);
    }
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
    loud(&Mesh::new(&folder(&format!("src/checks/rules/{}.{which}.yaml", stem(rule))), &ControlPlaneOptions::default()))
}

/// What is left after the examples' own ignore annotations.
fn loud(mesh: &Mesh<'_>) -> Vec<Finding> {
    // Servers without a proxy may be clients of a STRICT port, too: that is one info for each group of namespaces, and only if there are any.
    let all = checks::suppress(mesh, checks::run(mesh, |_| true)).0;
    let (possible, loud): (Vec<_>, Vec<_>) = all.into_iter().partition(|finding| finding.rule.id == "MTLS415");
    let is_outside = |subject: &Subject| {
        let of_subject = mesh.workloads_in(&subject.namespace).iter().filter(|workload| workload.subject == *subject);
        of_subject.flat_map(|workload| &workload.instances).any(|one| matches!(one.dataplane, Dataplane::None | Dataplane::Proxyless))
    };
    assert!(possible.iter().all(|one| one.severity == Severity::Info && one.related.iter().any(is_outside)), "{possible:?}");
    assert_eq!(possible.iter().map(|one| &one.subject).collect::<BTreeSet<_>>().len(), possible.len());
    loud
}

#[test]
fn a_rule_says_everything_a_reader_needs() {
    for rule in checks::all_rules() {
        for (what, text) in [("summary", rule.summary), ("why", rule.why), ("fix", rule.fix)] {
            assert!(text.ends_with('.') && text.len() > 20 && !text.contains("  "), "{} {what}: {text}", rule.id);
        }
        assert!(!rule.inputs.is_empty(), "{}", rule.id);
        assert!(rule.see.iter().all(|see| see.starts_with('S') && see[1..].parse::<u32>().is_ok()), "{}", rule.id);
    }
}

#[test]
fn the_pages_of_the_rules_are_current() {
    for rule in checks::all_rules() {
        let page = Path::new("docs/rules").join(format!("{}.md", rule.id));
        assert_data_eq!(rule.page(), Data::read_from(&page, None).raw());
    }
    let pages = fs::read_dir("docs/rules").unwrap().count();
    assert_eq!(pages, checks::all_rules().count(), "docs/rules has a page that no rule has");
}

#[test]
fn findings_come_worst_first_then_by_id_and_in_the_same_order_whatever_the_input_order() {
    let found = |documents: &[&str]| {
        let findings = with(&documents.join("\n---\n"), |mesh| checks::run(mesh, |_| true));
        findings.into_iter().map(|finding| (finding.severity, finding.rule.id, finding.message)).collect::<Vec<_>>()
    };
    let files = stems("testdata/meshes/bookinfo", ".yaml").map(|stem| format!("testdata/meshes/bookinfo/{stem}.yaml"));
    let files: BTreeSet<String> = files.collect();
    let text = files.iter().map(|file| fs::read_to_string(file).unwrap()).collect::<Vec<_>>().join("\n---\n");
    let mut documents: Vec<&str> = text.split("\n---\n").collect();
    let forward = found(&documents);
    let order: Vec<_> = forward.iter().map(|(severity, id, _)| (rank(*severity), *id)).collect();
    assert!(order.is_sorted(), "{order:?}");
    assert_eq!(order.iter().map(|(rank, _)| *rank).collect::<BTreeSet<_>>(), BTreeSet::from([0, 1, 2]), "every severity is there");
    assert!(!order.is_sorted_by_key(|(_, id)| *id), "the order of the ids is another");
    documents.reverse();
    assert_eq!(forward, found(&documents));
}

/// Where findings of a severity stand.
fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    }
}

#[test]
fn a_second_finding_with_the_same_fingerprint_is_new() {
    let [first, ..] = &example(checks::find("MTLS105").unwrap(), "bad")[..] else { panic!("the example has a finding") };
    let other = Finding { severity: Severity::Info, message: "another message".into(), ..first.clone() };
    let elsewhere = Finding { field_path: FieldPath::of("spec.elsewhere"), ..first.clone() };
    assert_eq!(first.fingerprint(), other.fingerprint());
    assert_ne!(first.fingerprint(), elsewhere.fingerprint());
    let fingerprints = |findings: &[Finding]| findings.iter().map(Finding::fingerprint).collect::<Vec<_>>();
    for (before, after, new, resolved) in [
        (vec![first], vec![first], vec![], vec![]),
        (vec![first], vec![first, &other], vec![first], vec![]),
        (vec![first, &other], vec![first], vec![], vec![first]),
        (vec![first], vec![&elsewhere], vec![&elsewhere], vec![first]),
    ] {
        let cloned = |findings: Vec<&Finding>| findings.into_iter().cloned().collect::<Vec<_>>();
        let found = checks::compare(cloned(before), cloned(after));
        assert_eq!(fingerprints(&found.new), fingerprints(&cloned(new)));
        assert_eq!(fingerprints(&found.resolved), fingerprints(&cloned(resolved)));
    }
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
