//! Responses that their store marks as partial, and bodies that are not whole.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};
use kubectl_mtls::{
    mesh::{ControlPlaneOptions, Mesh},
    object::evidence::Evidence,
    queries::evidence::TrafficVerdict,
    source::prometheus::{self, Access, Options},
};
use serde_json::Value;

use super::{
    DAY, EMPTY, Topic, expected, mesh_of_the_history, options, question, read, recorded, replayed,
    stub::{Reply, Stub},
    words,
};
use crate::support::snapshot;

/// What a test does to a body.
type Change = fn(&mut Value);

/// What the history is known for, if the response to each query is changed like this.
fn changed(headers: &'static str, change: Change) -> (Evidence, Vec<TrafficVerdict>) {
    let answers = recorded();
    let stub = Stub::new(move |asked| {
        let reply = replayed(&answers, asked);
        let Reply::Answer(200, _, body) = reply else { return reply };
        let mut body: Value = serde_json::from_str(&body).unwrap();
        change(&mut body);
        Reply::Bytes(headers, body.to_string().into_bytes())
    });
    let evidence = read(&stub, DAY);
    let read = snapshot(&mesh_of_the_history());
    let verdicts = words(&Mesh::new(&read, &ControlPlaneOptions::default()), &evidence).into_values().collect();
    (evidence, verdicts)
}

#[test]
fn a_response_that_its_store_marks_as_partial_is_a_gap() {
    let rows: [(&str, &'static str, Change, &str); 10] = [
        ("Thanos and Mimir", "", |body| body["warnings"] = vec!["store gateway unavailable"].into(), "store gateway unavailable"),
        ("VictoriaMetrics", "", |body| body["isPartial"] = true.into(), "`isPartial`"),
        ("a string", "", |body| body["isPartial"] = "true".into(), "`isPartial`"),
        ("within the data", "", |body| body["data"]["isPartial"] = true.into(), "`isPartial`"),
        ("another spelling", "", |body| body["partialResponse"] = true.into(), "`partialResponse`"),
        ("a third spelling", "", |body| body["data"]["partial_response"] = true.into(), "`partial_response`"),
        ("a note", "", |body| body["infos"] = vec!["Partial data returned"].into(), "Partial data returned"),
        ("a header", "X-Partial-Response: true\r\n", |_| (), "header x-partial-response: true"),
        ("a header of warnings", "Warning: 199 - \"2 of 3 ingesters\"\r\n", |_| (), "2 of 3 ingesters"),
        ("a header among others", "X-Other: 1\r\nPartial-Data: yes\r\n", |_| (), "header partial-data: yes"),
    ];
    for (name, headers, change, because) in rows {
        let (evidence, verdicts) = changed(headers, change);
        assert!(evidence.gaps.iter().any(|gap| gap.reason.contains(because)), "{name}: {:?}", evidence.gaps);
        for asked in [Topic::Metrics, Topic::Plaintext, Topic::MeasuredTraffic, Topic::Scrapes] {
            assert!(evidence.unanswered.contains(&asked), "{name}: {asked:?}");
        }
        let is_clear = |verdict: &TrafficVerdict| matches!(verdict, TrafficVerdict::NoPlaintext | TrafficVerdict::NoTraffic);
        assert!(!verdicts.iter().any(is_clear), "{name}: {verdicts:?}");
    }
}

#[test]
fn a_response_that_is_whole_stays_so_whatever_else_it_has() {
    let whole: Vec<TrafficVerdict> = expected().into_values().collect();
    let rows: [(&str, &'static str, Change); 5] = [
        ("no marks", "", |_| ()),
        ("marks that are off", "X-Partial-Response: false\r\n", |body| body["isPartial"] = false.into()),
        ("lists that are null", "", |body| (body["warnings"], body["infos"]) = (Value::Null, Value::Null)),
        ("lists that are empty", "", |body| body["warnings"] = Value::Array(Vec::new())),
        ("other fields", "", |body| body["data"]["stats"] = serde_json::json!({"seriesFetched": "2"})),
    ];
    for (name, headers, change) in rows {
        let (evidence, verdicts) = changed(headers, change);
        assert_eq!((evidence.gaps, verdicts), (Vec::new(), whole.clone()), "{name}");
    }
}

#[test]
fn a_body_of_prometheus_that_is_too_long_or_not_whole_is_a_gap() {
    let packed = |text: &[u8]| {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    };
    let whole = packed(EMPTY.as_bytes());
    for (name, headers, body, because) in [
        ("plain", "", vec![b' '; 2 << 20], "larger than 1 MiB"),
        ("compressed", "Content-Encoding: gzip\r\n", packed(&vec![b' '; 2 << 20]), "larger than 1 MiB"),
        ("broken off", "Content-Encoding: gzip\r\n", whole[..whole.len() - 4].to_vec(), "damaged or cut off"),
        ("not compressed", "Content-Encoding: gzip\r\n", EMPTY.into(), "damaged or cut off"),
        ("another encoding", "Content-Encoding: br\r\n", EMPTY.into(), "content encoding is br"),
    ] {
        let stub = Stub::new(move |_| Reply::Bytes(headers, body.clone()));
        let access = Access::new(Options { max_response: 1 << 20, ..options(&stub.url) }).unwrap();
        let evidence = prometheus::read(&access, &question(DAY));
        assert!(evidence.gaps[0].reason.contains(because), "{name}: {:?}", evidence.gaps);
        assert!(evidence.unanswered.contains(&Topic::Plaintext), "{name}");
    }
    let stub = Stub::new(move |_| Reply::Bytes("Content-Encoding: gzip\r\n", whole.clone()));
    let evidence = read(&stub, DAY);
    assert!(evidence.gaps[0].reason.contains("no server-side Istio metrics"), "{:?}", evidence.gaps);
}
