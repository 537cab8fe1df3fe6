//! Durations on the command line.

use std::time::Duration;

use jiff::SignedDuration;

/// A timeout of 0 means no limit: no request takes longer than this.
const NO_LIMIT: Duration = Duration::from_hours(24);

/// The accepted range of windows.
const SHORTEST: Duration = Duration::from_mins(10);
const LONGEST: Duration = Duration::from_hours(24 * 366);

/// Parses a timeout as kubectl does: a number of seconds, or numbers with units, such as `1m30s`. 0 means no limit.
pub(super) fn parse_timeout(text: &str) -> Result<Duration, String> {
    let timeout =
        seconds(text).or_else(|| duration(text)).ok_or_else(|| format!("invalid duration `{text}`: expected 30s, 2m or 1h30m"))?;
    Ok(if timeout.is_zero() { NO_LIMIT } else { timeout })
}

/// Parses a time window in seconds, of which Prometheus also has days and weeks.
pub(super) fn parse_window(text: &str) -> Result<u64, String> {
    let window = days(text).or_else(|| duration(text)).ok_or_else(|| format!("invalid duration `{text}`: expected 12h, 7d or 4w"))?;
    if !(SHORTEST..=LONGEST).contains(&window) {
        return Err(format!("invalid window `{text}`: expected 10m to 366d"));
    }
    Ok(window.as_secs())
}

/// Numbers with units up to hours; `None` if the duration is negative or too long.
fn duration(text: &str) -> Option<Duration> {
    text.parse::<SignedDuration>().ok()?.try_into().ok()
}

/// A number of seconds without a unit.
fn seconds(text: &str) -> Option<Duration> {
    number(text).map(Duration::from_secs)
}

/// Days or weeks, which a `SignedDuration` does not have, because their length depends on the calendar. Here a day has 24 hours.
fn days(text: &str) -> Option<Duration> {
    let (count, length) = text.strip_suffix('d').zip(Some(1)).or_else(|| text.strip_suffix('w').zip(Some(7)))?;
    Some(Duration::from_secs(number(count)?.saturating_mul(length * 86_400)))
}

/// Digits alone: `u64` would accept a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_written_as_for_kubectl() {
        for (text, millis) in [
            ("30", 30_000),
            ("30s", 30_000),
            ("2m", 120_000),
            ("1h", 3_600_000),
            ("1m30s", 90_000),
            ("1h30m", 5_400_000),
            ("1.5h", 5_400_000),
            ("500ms", 500),
            ("0", 86_400_000),
            ("0s", 86_400_000),
            ("0h", 86_400_000),
        ] {
            assert_eq!(parse_timeout(text), Ok(Duration::from_millis(millis)), "{text}");
        }
        for text in
            ["", "soon", "s", "-1", "-1s", "+1", "1m30", "1s ago", "1d", "1w", "2y", "99999999999999999999", "99999999999999999999s"]
        {
            assert_eq!(parse_timeout(text), Err(format!("invalid duration `{text}`: expected 30s, 2m or 1h30m")), "{text}");
        }
    }

    #[test]
    fn a_window_may_be_in_days_or_weeks() {
        for (text, seconds) in [
            ("600s", 600),
            ("10m", 600),
            ("12h", 43_200),
            ("1h30m", 5_400),
            ("1d", 86_400),
            ("7d", 604_800),
            ("4w", 2_419_200),
            ("366d", 31_622_400),
        ] {
            assert_eq!(parse_window(text), Ok(seconds), "{text}");
        }
        for text in ["", "7", "d", "w", "7y", "-1d", "+1d", "1d2", "-1h", "99999999999999999999d", "99999999999999999999s"] {
            assert_eq!(parse_window(text), Err(format!("invalid duration `{text}`: expected 12h, 7d or 4w")), "{text}");
        }
        for text in ["0d", "0s", "1m", "599s", "367d", "400d", "53w", "9999999999999999999d"] {
            assert_eq!(parse_window(text), Err(format!("invalid window `{text}`: expected 10m to 366d")), "{text}");
        }
    }
}
