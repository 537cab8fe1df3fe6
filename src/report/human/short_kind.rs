//! Kinds as kubectl shortens them.

/// kubectl's short form of a kind; the kind itself where there is none.
#[must_use]
pub fn short_kind(kind: &str) -> &str {
    match kind {
        "Deployment" => "deploy",
        "StatefulSet" => "sts",
        "DaemonSet" => "ds",
        "ReplicaSet" => "rs",
        "ReplicationController" => "rc",
        "CronJob" => "cj",
        "Job" => "job",
        "Pod" => "pod",
        "WorkloadEntry" => "we",
        "WorkloadGroup" => "wg",
        "PeerAuthentication" => "pa",
        "DestinationRule" => "dr",
        other => other,
    }
}
