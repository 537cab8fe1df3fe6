//! kubectl's short names of kinds.

/// kubectl's short name of a kind; the kind itself if it has none.
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
