//! Reading, indexing and deciding, apart, for meshes of 100, 1,000 and 10,000 namespaces.
//!
//! `cargo bench` runs all of it; `cargo bench -- 1000` one size. Times are for the whole mesh; the items counted are
//! objects, so that the column of items a second must stay level from size to size.
#![allow(missing_docs, reason = "a benchmark has no readers but its own")]

mod generator;
#[path = "generator/report.rs"]
mod shared;

use std::{collections::BTreeSet, fs, io, path::PathBuf, sync::OnceLock};

use divan::{Bencher, counter::ItemsCount};
use generator::Posture;
use kubectl_mtls::{
    checks::{self, Rule},
    mesh::{ControlPlaneOptions, Mesh},
    object::Snapshot,
    queries::{
        Scope, audit,
        compare::BeforeAfter,
        matrix,
        migrate::{self, Target},
    },
    report::{self, Format, Style},
    source::manifest,
};

const SIZES: [usize; 3] = [100, 1_000, 10_000];

fn main() {
    divan::main();
}

/// A folder with the mesh of that size, a file for each fifty namespaces.
fn folder(namespaces: usize, posture: Posture) -> PathBuf {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("mesh-{namespaces}-{posture:?}"));
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("the target folder is writable");
    for (n, texts) in generator::mesh(namespaces, 7, posture).chunks(50).enumerate() {
        fs::write(path.join(format!("{n:04}.yaml")), texts.concat()).expect("the target folder is writable");
    }
    path
}

fn read(path: PathBuf) -> Snapshot {
    let paths = [path];
    let request = manifest::Request { paths: &paths, recursive: true, namespace: "", now: 0, ..manifest::Request::default() };
    manifest::read(&request, &mut io::empty()).expect("generated meshes are sound")
}

fn snapshot(namespaces: usize) -> &'static Snapshot {
    static READ: [OnceLock<Snapshot>; 3] = [const { OnceLock::new() }; 3];
    let at = SIZES.iter().position(|size| *size == namespaces).unwrap_or_default();
    READ[at].get_or_init(|| read(folder(namespaces, Posture::Mixed)))
}

#[divan::bench(args = SIZES, sample_count = 3, sample_size = 1)]
fn reading(bencher: Bencher, namespaces: usize) {
    let path = folder(namespaces, Posture::Mixed);
    bencher.counter(ItemsCount::new(generator::objects(namespaces))).bench_local(|| read(path.clone()));
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn indexing(bencher: Bencher, namespaces: usize) {
    let snapshot = snapshot(namespaces);
    bencher
        .counter(ItemsCount::new(generator::objects(namespaces)))
        .bench_local(|| Mesh::new(snapshot, &ControlPlaneOptions::default()).workloads().len());
}

#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn deciding(bencher: Bencher, namespaces: usize) {
    let mesh = Mesh::new(snapshot(namespaces), &ControlPlaneOptions::default());
    bencher
        .counter(ItemsCount::new(generator::objects(namespaces)))
        .bench_local(|| (audit::audit(&mesh, &Scope::default()).workloads.len(), checks::run(&mesh, |_| true).len()));
}

/// Every rule about clients and servers that do not meet: 10 Services, 5 rules and half a Sidecar resource a namespace.
#[divan::bench(args = SIZES, sample_count = 5, sample_size = 1)]
fn meeting(bencher: Bencher, namespaces: usize) {
    let snapshot = read(folder(namespaces, Posture::Ruled));
    let is_about_clients = |rule: &Rule| rule.id.starts_with("MTLS2") || ["MTLS110", "MTLS112", "MTLS305", "MTLS306"].contains(&rule.id);
    bencher
        .counter(ItemsCount::new(namespaces * 28))
        .with_inputs(|| Mesh::new(&snapshot, &ControlPlaneOptions::default()))
        .bench_local_refs(|mesh| checks::run(mesh, is_about_clients).len());
}

/// Who reaches whom, namespace by namespace.
#[divan::bench(args = [100, 1_000], sample_count = 3, sample_size = 1)]
fn matrix(bencher: Bencher, namespaces: usize) {
    let snapshot = read(folder(namespaces, Posture::Ruled));
    bencher
        .counter(ItemsCount::new(namespaces * 28))
        .with_inputs(|| Mesh::new(&snapshot, &ControlPlaneOptions::default()))
        .bench_local_refs(|mesh| matrix::matrix(mesh, &Scope::default()).len());
}

/// What breaks if the mesh goes STRICT: two states resolved, and every call asked in both.
#[divan::bench(args = [100, 1_000], sample_count = 3, sample_size = 1)]
fn migrating(bencher: Bencher, namespaces: usize) {
    let before = snapshot(namespaces);
    bencher.counter(ItemsCount::new(generator::objects(namespaces))).bench_local(|| {
        let mesh = Mesh::new(before, &ControlPlaneOptions::default());
        let target = Target::namespaces(&mesh, &Scope::default());
        let text = kubectl_mtls::cli::manifest::policies(&migrate::strict_policies(&mesh, &target))
            .expect("manifests of a generated mesh can be written");
        let request =
            manifest::Request { paths: &[PathBuf::from("-")], recursive: false, namespace: "", now: 0, ..manifest::Request::default() };
        let manifests = manifest::read(&request, &mut text.as_bytes()).expect("what this program writes is sound");
        let after = before.with_manifests(&manifests, &BTreeSet::new());
        let after = Mesh::new(&after, &ControlPlaneOptions::default());
        migrate::blockers(BeforeAfter { before: &mesh, after: &after }, &target, &Scope::default()).len()
    });
}

/// Services and Deployments that all have one label: every Service has every Deployment behind it.
fn with_one_label(count: usize) -> Snapshot {
    let one = |n: usize| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: d{n}, namespace: shop}}\nspec: {{template: {{metadata: {{labels: {{app: x}}}}, \
             spec: {{containers: [{{name: a, image: a, ports: [{{containerPort: 8080}}]}}]}}}}}}\n---\n\
             apiVersion: v1\nkind: Service\nmetadata: {{name: s{n}, namespace: shop}}\n\
             spec: {{selector: {{app: x}}, ports: [{{name: http, port: 80, targetPort: 8080}}]}}\n---\n"
        )
    };
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: shop, labels: {istio-injection: enabled}}\n---\n".to_owned();
    let text = namespace + &(0..count).map(one).collect::<String>();
    let request = manifest::Request { paths: &["-".into()], ..manifest::Request::default() };
    manifest::read(&request, &mut text.as_bytes()).expect("generated meshes are sound")
}

/// The slope where one selector matches everything: twice as many should take little more than twice the time.
#[divan::bench(args = [250, 500, 1_000], sample_count = 3, sample_size = 1)]
fn one_label_by_client(bencher: Bencher, count: usize) {
    let snapshot = with_one_label(count);
    bencher.counter(ItemsCount::new(count)).bench_local(|| {
        let mesh = Mesh::new(&snapshot, &ControlPlaneOptions::default());
        matrix::matrix(&mesh, &Scope::default()).len()
    });
}

#[divan::bench(args = [250, 500, 1_000], sample_count = 3, sample_size = 1)]
fn one_label_migrating(bencher: Bencher, count: usize) {
    let snapshot = with_one_label(count);
    bencher.counter(ItemsCount::new(count)).bench_local(|| {
        let mesh = Mesh::new(&snapshot, &ControlPlaneOptions::default());
        let target = Target::namespaces(&mesh, &Scope::default());
        migrate::plan(&mesh, &ControlPlaneOptions::default(), &target, &Scope::default(), None).waves.len()
    });
}

#[divan::bench(args = [10_000], sample_count = 5, sample_size = 1)]
fn passing_over_unused_kinds(bencher: Bencher, documents: usize) {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("unused.yaml");
    fs::write(&path, generator::unused(documents)).expect("the target folder is writable");
    bencher.counter(ItemsCount::new(documents)).bench_local(|| read(path.clone()));
}

#[divan::bench(args = Format::ALL, sample_count = 3, sample_size = 1)]
fn rendering(bencher: Bencher, format: Format) {
    let document = shared::document(10_000);
    bencher.counter(ItemsCount::new(10_000_usize)).bench_local(|| {
        let mut bytes = Vec::new();
        report::write(&document, format, Style { width: Some(160), ..Style::default() }, &mut bytes).expect("memory takes it");
        bytes.len()
    });
}
