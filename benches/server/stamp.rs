//! Objects by the hundred thousand: one is encoded, and its names are stamped over with those of each other one.
//!
//! Every name has the length of what stands in its place, so that no length in the encoding changes.

use super::Encoding;
use crate::protobuf;
use serde_json::Value;

/// The first moment in an encoded object; the others follow it by seconds.
const FIRST: u64 = 1_770_017_400;
/// The moments in an encoded object.
const MOMENTS: u64 = 5;

/// One encoded object, and where its names stand.
pub(super) struct Stamp {
    bytes: Vec<u8>,
    places: Vec<(usize, Name)>,
}

/// A name from the number of a pod.
type Named = fn(u64) -> String;

/// A name that differs from object to object.
#[derive(Clone, Copy, Debug)]
enum Name {
    /// From a number.
    Text(Named),
    /// A moment in JSON, so many seconds after the first.
    Moment(u64),
    /// A moment in protobuf.
    Varint(u64),
}

/// What stands in the files for a name, and the name from the number of a pod. Pods with the same number by five belong
/// to one Deployment.
const NAMES: [(&str, Named); 18] = [
    ("zz-ns-zz", |n| format!("team-{:03}", deployment(n) % super::mesh::NAMESPACES)),
    ("zzappz", |n| format!("{:06}", deployment(n))),
    ("zzhashzzzz", |n| format!("{:010x}", mixed(deployment(n), 1) >> 24)),
    ("zzpod", |n| letters(n, 1_000_003)),
    ("zztok", |n| letters(n, 7_654_321)),
    ("zzuidpzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz", |n| uid(n, 2)),
    ("zzuidrzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz", |n| uid(deployment(n), 3)),
    ("zzuiddzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz", |n| uid(deployment(n), 4)),
    ("zzuidszz-zzzz-zzzz-zzzz-zzzzzzzzzzzz", |n| uid(deployment(n), 5)),
    ("zz.pod.ip.zzzz", |n| format!("10.{}.{}.{}", 100 + n / 10_000 % 100, 100 + n / 100 % 100, 100 + n % 100)),
    ("zz.host.ip.z", |n| format!("10.0.{}.{}", 100 + node(n) / 100, 100 + node(n) % 100)),
    ("zz.svc.ip.zzz", |n| format!("10.96.{}.{}", 100 + deployment(n) / 100 % 100, 100 + deployment(n) % 100)),
    ("zzno", |n| format!("{:04}", node(n))),
    ("zzrevizon", |n| format!("{:09}", 400_000_000 + mixed(n, 6) % 100_000_000)),
    ("zzcidazzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", |n| digest(n, 7)),
    ("zzcidpzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", |n| digest(n, 8)),
    ("zzcidizzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", |n| digest(n, 9)),
    ("zzword", |n| ["wallet", "pricer", "search", "mailer", "ledger", "orders", "basket", "quotes"][variant(n)].to_owned()),
];

/// Pods of a Deployment.
pub(super) const REPLICAS: u64 = 5;
/// Shapes of workloads.
pub(super) const VARIANTS: usize = 8;

/// Which shape the pod of that number has.
pub(super) fn variant(n: u64) -> usize {
    usize::try_from(deployment(n)).unwrap_or_default() % VARIANTS
}

impl Stamp {
    /// Encodes an object of a kind as an element of a list.
    pub(super) fn new(kind: &str, mut object: Value, encoding: Encoding) -> Self {
        if let Some(keys) = object.as_object_mut() {
            // Items of a list do not say what they are.
            keys.remove("kind");
            keys.remove("apiVersion");
        }
        let bytes = match encoding {
            Encoding::Protobuf => protobuf::element(&protobuf::item(kind, &object)),
            Encoding::Json => format!("{object},").into_bytes(),
        };
        assert!(NAMES.iter().all(|(mark, name)| name(0).len() == mark.len()), "a name has another length than its mark");
        let texts = NAMES.iter().map(|(mark, name)| (mark.as_bytes().to_vec(), Name::Text(*name)));
        let moments = (0..MOMENTS).map(|second| match encoding {
            Encoding::Protobuf => (varint(FIRST + second), Name::Varint(second)),
            Encoding::Json => (moment(FIRST + second).into_bytes(), Name::Moment(second)),
        });
        // Managed fields and annotations have moments as text in either encoding.
        let first = (encoding == Encoding::Protobuf).then(|| (moment(FIRST).into_bytes(), Name::Moment(0)));
        let marks = texts.chain(moments).chain(first);
        let places = marks.flat_map(|(mark, name)| places(&bytes, &mark).into_iter().map(move |at| (at, name))).collect();
        Self { bytes, places }
    }

    /// Writes the object of that number.
    pub(super) fn write(&self, out: &mut Vec<u8>, n: u64) {
        let start = out.len();
        out.extend_from_slice(&self.bytes);
        for (at, name) in &self.places {
            let name = name.of(n);
            out[start + at..][..name.len()].copy_from_slice(&name);
        }
    }
}

impl Name {
    fn of(self, n: u64) -> Vec<u8> {
        let since = |second: u64| FIRST + second + mixed(n, 10) % 5_000_000;
        match self {
            Self::Text(name) => name(n).into_bytes(),
            Self::Moment(second) => moment(since(second)).into_bytes(),
            Self::Varint(second) => varint(since(second)),
        }
    }
}

/// Where a mark stands.
fn places(bytes: &[u8], mark: &[u8]) -> Vec<usize> {
    bytes.windows(mark.len()).enumerate().filter(|(_, window)| *window == mark).map(|(at, _)| at).collect()
}

fn deployment(n: u64) -> u64 {
    n / REPLICAS
}

fn node(n: u64) -> u64 {
    mixed(n, 11) % 2_000
}

/// A number that looks random and depends on a number and a purpose.
fn mixed(n: u64, purpose: u64) -> u64 {
    let mut all = n.wrapping_add(purpose << 40).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    all ^= all >> 29;
    all.wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (all >> 32)
}

/// Five letters as Kubernetes appends them, others for each number below 14 million.
fn letters(n: u64, factor: u64) -> String {
    const LETTERS: &[u8; 27] = b"bcdfghjklmnpqrstvwxz2456789";
    let mut rest = n * factor % 27_u64.pow(5);
    let mut letter = || {
        let at = usize::try_from(rest % 27).unwrap_or_default();
        rest /= 27;
        char::from(LETTERS[at])
    };
    (0..5).map(|_| letter()).collect()
}

fn uid(n: u64, purpose: u64) -> String {
    let (a, b) = (mixed(n, purpose), mixed(n, purpose + 20));
    format!("{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}", a >> 32, a >> 16 & 0xffff, a & 0xfff, b >> 52, b & 0xffff_ffff_ffff)
}

fn digest(n: u64, purpose: u64) -> String {
    let part = |part: u64| u128::from(mixed(n, purpose + 40 * part)) << 64 | u128::from(mixed(n, purpose + 40 * part + 80));
    format!("{:032x}{:032x}", part(0), part(1))
}

/// Five bytes, as every moment of these decades has.
fn varint(mut number: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while number > 0x7f {
        out.push(u8::try_from(number & 0x7f).unwrap_or_default() | 0x80);
        number >>= 7;
    }
    out.push(u8::try_from(number).unwrap_or_default());
    out
}

/// RFC 3339 for a moment of 2026: February begins the count, and the days of the months are walked through.
fn moment(seconds: u64) -> String {
    const MONTHS: [u64; 11] = [28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    const FEBRUARY: u64 = 1_769_904_000;
    let since = seconds - FEBRUARY;
    let (mut day, mut month) = (since / 86_400, 2);
    for days in MONTHS {
        if day < days {
            break;
        }
        day -= days;
        month += 1;
    }
    format!("2026-{month:02}-{:02}T{:02}:{:02}:{:02}Z", day + 1, since / 3600 % 24, since / 60 % 60, since % 60)
}
