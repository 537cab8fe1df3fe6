//! The effect of a change on a call or a mode: it weakens where plaintext is accepted or sent and was not before, whether or not the call failed.

use super::reach::{CallAnswer, EndpointAnswer, OverallResult};
use crate::{
    istio::Mode,
    mesh::{Enforced, Verdict},
};

/// The effect of a change on a call or a mode, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// A call fails where it worked, at some endpoint at least.
    Breaks,
    /// Plaintext is accepted or sent where it was not.
    Weakens,
    /// It is no longer there.
    Disappears,
    /// Any other change.
    Changes,
    /// It was not there before.
    Appears,
    /// Plaintext is no longer accepted, or no longer sent.
    Strengthens,
    /// A call works where it failed, and nothing is weaker.
    Fixes,
}

/// The effect on a call; `None` if its result does not change.
pub(super) fn of_call(before: Option<&CallAnswer<'_>>, after: Option<&CallAnswer<'_>>) -> Option<Effect> {
    let (was, is) = match (before, after) {
        (None, None) => return None,
        (None, Some(_)) => return Some(Effect::Appears),
        (Some(_), None) => return Some(Effect::Disappears),
        (Some(was), Some(is)) => (was, is),
    };
    if has_same_endpoints(was, is) {
        worst(was.endpoints.iter().zip(&is.endpoints).filter_map(|(was, is)| of_endpoint(was, is)))
    } else {
        of_whole(was, is)
    }
}

/// The effect on what a port enforces; `None` if it does not accept anything else than before.
pub(super) fn of_mode(before: Option<Enforced>, after: Option<Enforced>) -> Effect {
    let is_strict = |mode: Enforced| mode == Some(Mode::Strict);
    match (before, after) {
        (None, _) => Effect::Appears,
        (_, None) => Effect::Disappears,
        (Some(was), Some(is)) if is_strict(was) && !is_strict(is) => Effect::Weakens,
        (Some(was), Some(is)) if !is_strict(was) && is_strict(is) => Effect::Strengthens,
        (Some(_), Some(_)) => Effect::Changes,
    }
}

fn has_same_endpoints(was: &CallAnswer<'_>, is: &CallAnswer<'_>) -> bool {
    let server = |one: &EndpointAnswer<'_>| (one.endpoint.server.map(|(workload, _)| workload.subject.clone()), one.endpoint.port);
    let is_evaluated = |answer: &CallAnswer<'_>| !answer.endpoints.is_empty() && answer.failure.is_none() && answer.unread.is_none();
    is_evaluated(was) && is_evaluated(is) && was.endpoints.iter().map(server).eq(is.endpoints.iter().map(server))
}

/// A call with several endpoints breaks where one of them does, else it weakens where one does.
fn worst(all: impl Iterator<Item = Effect>) -> Option<Effect> {
    let rank = |effect: &Effect| match effect {
        Effect::Breaks => 0,
        Effect::Weakens => 1,
        Effect::Fixes => 2,
        Effect::Strengthens => 3,
        Effect::Disappears | Effect::Changes | Effect::Appears => 4,
    };
    all.min_by_key(rank)
}

fn of_endpoint(was: &EndpointAnswer<'_>, is: &EndpointAnswer<'_>) -> Option<Effect> {
    of_verdict(was.evaluation.verdict, is.evaluation.verdict)
}

/// The effect on a call of one endpoint; `None` if its result does not change.
pub(super) fn of_verdict(was: Verdict, is: Verdict) -> Option<Effect> {
    Some(match (was, is) {
        _ if was == is => return None,
        (Verdict::Fail(_), Verdict::Fail(_))
        | (Verdict::Unknown, _)
        | (_, Verdict::Unknown)
        | (Verdict::Mtls | Verdict::Tls, Verdict::Mtls | Verdict::Tls) => Effect::Changes,
        (_, Verdict::Fail(_)) => Effect::Breaks,
        (_, Verdict::Plaintext) => Effect::Weakens,
        (Verdict::Fail(_), Verdict::Mtls | Verdict::Tls) => Effect::Fixes,
        (Verdict::Plaintext, Verdict::Mtls | Verdict::Tls) => Effect::Strengthens,
    })
}

/// The effect if the endpoints are not the same: by the results over all of them.
fn of_whole(was: &CallAnswer<'_>, is: &CallAnswer<'_>) -> Option<Effect> {
    let count = |answer: &CallAnswer<'_>, verdict: Verdict| answer.endpoints.iter().filter(|one| one.evaluation.verdict == verdict).count();
    let [plain_before, plain_after] = [was, is].map(|answer| count(answer, Verdict::Plaintext));
    let degree = |answer: &CallAnswer<'_>| match (answer.result(), answer.lowest_failure()) {
        (OverallResult::All(Verdict::Fail(_)), _) => 2_u8,
        (_, Some(_)) => 1,
        (_, None) => 0,
    };
    let key = |answer: &CallAnswer<'_>| (answer.result(), answer.lowest_failure());
    let weakens = plain_after > 0 && plain_before == 0 && !was.endpoints.is_empty() || degree(was) == 2 && plain_after > 0;
    Some(match degree(was).cmp(&degree(is)) {
        _ if key(was) == key(is) => return None,
        std::cmp::Ordering::Less => Effect::Breaks,
        _ if weakens => Effect::Weakens,
        std::cmp::Ordering::Greater => Effect::Fixes,
        std::cmp::Ordering::Equal if plain_before > 0 && plain_after == 0 && count(is, Verdict::Mtls) > 0 => Effect::Strengthens,
        std::cmp::Ordering::Equal => Effect::Changes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mesh::Failure;

    #[test]
    fn a_change_to_plaintext_weakens_and_never_fixes() {
        let fail = Verdict::Fail(Failure::PlaintextToStrictEnvoy);
        let other = Verdict::Fail(Failure::TlsToPlaintext);
        let table = [
            (fail, Verdict::Plaintext, Some(Effect::Weakens)),
            (other, Verdict::Plaintext, Some(Effect::Weakens)),
            (Verdict::Mtls, Verdict::Plaintext, Some(Effect::Weakens)),
            (Verdict::Tls, Verdict::Plaintext, Some(Effect::Weakens)),
            (fail, Verdict::Mtls, Some(Effect::Fixes)),
            (fail, Verdict::Tls, Some(Effect::Fixes)),
            (Verdict::Plaintext, Verdict::Mtls, Some(Effect::Strengthens)),
            (Verdict::Mtls, fail, Some(Effect::Breaks)),
            (Verdict::Plaintext, fail, Some(Effect::Breaks)),
            (fail, other, Some(Effect::Changes)),
            (Verdict::Unknown, Verdict::Plaintext, Some(Effect::Changes)),
            (Verdict::Mtls, Verdict::Mtls, None),
        ];
        for (was, is, expected) in table {
            assert_eq!(of_verdict(was, is), expected, "{was:?} {is:?}");
        }
    }

    #[test]
    fn the_effect_on_several_endpoints_is_that_of_the_worst() {
        let all = [Effect::Fixes, Effect::Strengthens, Effect::Weakens, Effect::Changes];
        assert_eq!(worst(all.into_iter()), Some(Effect::Weakens));
        assert_eq!(worst([Effect::Changes, Effect::Fixes].into_iter()), Some(Effect::Fixes));
        assert_eq!(worst([Effect::Weakens, Effect::Breaks].into_iter()), Some(Effect::Breaks));
        assert_eq!(worst(std::iter::empty()), None);
    }

    #[test]
    fn a_mode_weakens_where_it_no_longer_rejects_plaintext() {
        let [strict, permissive] = [Mode::Strict, Mode::Permissive].map(|mode| Some(Some(mode)));
        assert_eq!(of_mode(strict, permissive), Effect::Weakens);
        assert_eq!(of_mode(strict, Some(None)), Effect::Weakens);
        assert_eq!(of_mode(permissive, strict), Effect::Strengthens);
        assert_eq!(of_mode(permissive, Some(Some(Mode::Disable))), Effect::Changes);
        assert_eq!(of_mode(None, strict), Effect::Appears);
        assert_eq!(of_mode(strict, None), Effect::Disappears);
    }
}
