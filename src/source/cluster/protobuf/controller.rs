//! Decodes the workload controllers, which share a wire struct and differ in field numbers.

use super::message::{Field as _, ProtobufError, fields, read};
use crate::object::{Kind, wire::Controller};

/// Field numbers that differ between the workload kinds; 0 if the kind has no such field.
struct Numbers {
    replicas: u64,
    template: u64,
    ready: u64,
    conditions: u64,
}

impl Numbers {
    #[allow(clippy::wildcard_enum_match_arm, reason = "the caller has chosen the workload kinds")]
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::DaemonSet => Self { replicas: 0, template: 2, ready: 4, conditions: 10 },
            Kind::Job => Self { replicas: 0, template: 6, ready: 0, conditions: 1 },
            Kind::StatefulSet => Self { replicas: 1, template: 3, ready: 3, conditions: 10 },
            Kind::Deployment => Self { replicas: 1, template: 3, ready: 7, conditions: 6 },
            // `ReplicaSets` and `ReplicationControllers`; no other kind creates pods.
            _ => Self { replicas: 1, template: 3, ready: 4, conditions: 6 },
        }
    }
}

pub(super) fn controller(kind: Kind, bytes: &[u8], drops_probes_and_hooks: bool) -> Result<Controller, ProtobufError> {
    let (numbers, is_cron) = (Numbers::of(kind), kind == Kind::CronJob);
    let mut controller = Controller::default();
    read(bytes, |number, value| match number {
        1 => controller.metadata.merge(value),
        2 => fields(value, |number, value| match number {
            5 if is_cron => controller.spec.job_template.merge(value),
            _ if is_cron => Ok(()),
            n if n == numbers.replicas => controller.spec.replicas.merge(value),
            5 if kind == Kind::StatefulSet => controller.spec.service_name.merge(value),
            11 if kind == Kind::StatefulSet => fields(value, |number, value| match number {
                1 => controller.spec.ordinals.start.merge(value),
                _ => Ok(()),
            }),
            n if n == numbers.template => controller.spec.template.merge(value),
            _ => Ok(()),
        }),
        3 if !is_cron => fields(value, |number, value| match number {
            n if n == numbers.ready => controller.status.ready_replicas.merge(value),
            n if n == numbers.conditions => controller.status.conditions.merge(value),
            _ => Ok(()),
        }),
        _ => Ok(()),
    })?;
    if drops_probes_and_hooks {
        controller.remove_probes_and_hooks();
    }
    controller.metadata.compact();
    controller.spec.template.compact();
    controller.spec.job_template.compact();
    Ok(controller)
}
