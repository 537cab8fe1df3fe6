//! The flags for traffic evidence.

use std::path::PathBuf;

use anyhow::Context as _;

use super::{args::ClusterArgs, duration, load, size, usage::usage};
use crate::{
    object::evidence::{Evidence, Window},
    queries::{Scope, migrate::Target},
    source::prometheus::{self, Access, Credentials, Options, Request, Secret},
};

/// Which Prometheus to ask for traffic, and how.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "Traffic evidence")]
#[allow(clippy::struct_field_names, reason = "the names are those of the flags")]
pub(super) struct PrometheusArgs {
    /// Prometheus that scrapes the proxies: a URL, svc:NAMESPACE/NAME:PORT through the API server, or find to list candidates.
    #[arg(long, value_name = "PLACE")]
    prometheus: Option<String>,
    /// How far to look back, such as 12h, 7d or 4w.
    #[arg(long, value_name = "TIME", default_value = "7d", value_parser = duration::parse_window, requires = "prometheus")]
    window: u64,
    /// File with a bearer token for Prometheus.
    #[arg(long, value_name = "FILE", requires = "prometheus", group = "login")]
    prometheus_token_file: Option<PathBuf>,
    /// Environment variable with a bearer token for Prometheus.
    #[arg(long, value_name = "NAME", requires = "prometheus", group = "login")]
    prometheus_token_env: Option<String>,
    /// User name for Prometheus.
    #[arg(long, value_name = "USER", requires = "prometheus_password_file", group = "login")]
    prometheus_user: Option<String>,
    /// File with the password of that user.
    #[arg(long, value_name = "FILE", requires = "prometheus_user")]
    prometheus_password_file: Option<PathBuf>,
    /// File with CA certificates that are trusted for Prometheus.
    #[arg(long, value_name = "FILE", requires = "prometheus")]
    prometheus_ca: Option<PathBuf>,
    /// Do not verify the certificate of Prometheus.
    #[arg(long, requires = "prometheus")]
    prometheus_insecure: bool,
    /// Header of every query, such as X-Scope-OrgID=team. Repeatable.
    #[arg(long = "prometheus-header", value_name = "NAME=VALUE", requires = "prometheus")]
    prometheus_headers: Vec<String>,
    /// Label matcher of every metric, such as 'cluster="east"'. Repeatable.
    #[arg(long = "prometheus-match", value_name = "MATCHER", requires = "prometheus")]
    prometheus_matchers: Vec<String>,
    /// Bytes of one response of Prometheus at most, such as 64Mi; a longer one is a gap.
    #[arg(long, value_name = "SIZE", default_value = "64Mi", value_parser = size::parse, requires = "prometheus")]
    prometheus_max_response: u64,
    /// End of the window, in seconds since 1970.
    #[arg(long, value_name = "SECONDS", hide = true, requires = "prometheus")]
    at: Option<i64>,
}

/// Value of `--prometheus` that lists candidates.
const FIND: &str = "find";

impl PrometheusArgs {
    /// The validated access to a Prometheus; `None` if no evidence was requested.
    ///
    /// # Errors
    /// On wrong usage, and always if candidates are requested: the error lists them, and none is chosen.
    pub(super) fn access(&self, cluster: &ClusterArgs) -> anyhow::Result<Option<Access>> {
        let Some(place) = &self.prometheus else { return Ok(None) };
        if place == FIND {
            return Err(candidates(cluster)?);
        }
        let options = Options {
            address: place.clone(),
            connection: cluster.connection(),
            credentials: self.credentials().map_err(|error| usage(error.to_string()))?,
            ca_file: self.prometheus_ca.clone(),
            insecure: self.prometheus_insecure,
            headers: self.prometheus_headers.iter().map(|text| parse_header(text)).collect::<anyhow::Result<_>>()?,
            matchers: self.prometheus_matchers.clone(),
            timeout: cluster.request_timeout,
            max_response: self.prometheus_max_response,
        };
        Access::new(options).map(Some).map_err(|error| usage(error.to_string()))
    }

    fn credentials(&self) -> Result<Credentials, prometheus::AccessError> {
        if let Some(path) = &self.prometheus_token_file {
            return Secret::from_file(path).map(Credentials::Token);
        }
        if let Some(name) = &self.prometheus_token_env {
            return Secret::from_env(name).map(Credentials::Token);
        }
        match (&self.prometheus_user, &self.prometheus_password_file) {
            (Some(user), Some(path)) => Secret::from_file(path).map(|password| Credentials::Basic { user: user.clone(), password }),
            _ => Ok(Credentials::None),
        }
    }

    /// The traffic evidence for a target: restricted to its namespaces, unless the whole mesh is requested.
    pub(super) fn evidence(&self, access: &Access, target: &Target<'_>, scope: &Scope) -> Evidence {
        let is_whole = target.workload.is_none() && scope.namespaces.is_empty();
        let namespaces = target.namespaces.iter().filter(|_| !is_whole).map(ToString::to_string).collect();
        prometheus::read(access, &Request { namespaces, window: self.window(load::now()) })
    }

    /// The time window, which ends now unless `--at` overrides it.
    fn window(&self, now: i64) -> Window {
        Window { end: self.at.unwrap_or(now), seconds: self.window }
    }
}

/// The error that lists the candidates.
fn candidates(cluster: &ClusterArgs) -> anyhow::Result<anyhow::Error> {
    let services = prometheus::candidates(&cluster.connection(), cluster.request_timeout).context("cannot search for Prometheus")?;
    let places: Vec<String> = services.iter().map(|service| format!("  --prometheus {service}")).collect();
    Ok(usage(if places.is_empty() {
        "no Service has the label app.kubernetes.io/name=prometheus or operated-prometheus=true; set a URL with --prometheus".into()
    } else {
        format!("these Services may be the Prometheus that scrapes the proxies; choose one:\n{}", places.join("\n"))
    }))
}

/// Splits a header. Its value may be a secret, so a wrong one is not repeated, as the parser of the command line would do.
fn parse_header(text: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = text.split_once('=').ok_or_else(|| usage("invalid --prometheus-header: expected NAME=VALUE".into()))?;
    Ok((name.to_owned(), value.to_owned()))
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        cluster: ClusterArgs,
        #[command(flatten)]
        prometheus: PrometheusArgs,
    }

    fn line(text: &str) -> Result<Line, clap::Error> {
        Line::try_parse_from(std::iter::once("x").chain(text.split_whitespace()))
    }

    #[test]
    fn a_window_is_a_week_unless_it_is_named_and_ends_now_unless_it_is_told() {
        for (text, seconds, end) in [
            ("--prometheus http://h", 604_800, 100),
            ("--prometheus http://h --window 12h", 43_200, 100),
            ("--prometheus http://h --window 2w --at 50", 1_209_600, 50),
        ] {
            assert_eq!(line(text).unwrap().prometheus.window(100), Window { end, seconds }, "{text}");
        }
    }

    #[test]
    fn flags_that_do_not_go_together_are_refused() {
        for text in [
            "--window 2d",
            "--prometheus-ca x",
            "--prometheus http://h --prometheus-user a",
            "--prometheus http://h --prometheus-password-file a",
            "--prometheus http://h --prometheus-token-file a --prometheus-token-env B",
            "--prometheus http://h --prometheus-token-file a --prometheus-user u --prometheus-password-file p",
        ] {
            assert!(line(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_way_is_checked_before_anything_is_sent() {
        for (text, expected) in [
            ("--prometheus h:9090", "invalid Prometheus address"),
            ("--prometheus http://h --prometheus-token-env NO_SUCH_VARIABLE_HERE", "NO_SUCH_VARIABLE_HERE"),
            ("--prometheus http://h --prometheus-header Authorization=x", "not sent unencrypted over http:// to h"),
            ("--prometheus http://h --prometheus-match cluster", "invalid matcher"),
            ("--prometheus http://h --prometheus-header Authorization:s3cret", "invalid --prometheus-header: expected NAME=VALUE"),
        ] {
            let line = line(text).unwrap();
            let error = line.prometheus.access(&line.cluster).unwrap_err().to_string();
            assert!(error.contains(expected) && !error.contains("s3cret"), "{text}: {error}");
        }
        let line = line("--prometheus svc:mon/prometheus:9090 --prometheus-match cluster=\"east\"").unwrap();
        assert_eq!(line.prometheus.access(&line.cluster).unwrap().unwrap().display_address(), "svc:mon/prometheus:9090");
    }
}
