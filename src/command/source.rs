//! Reads the snapshot of a command: live AWS, a file, AWS CLI output, or a scenario.

use std::path::Path;

use color_eyre::eyre::{Result, eyre};

use crate::cli::{DiagnosisOptions, Live};
use crate::discover::{
    Discovered, LiveRequest, ReadHistory, TimeLimits, endpoint_url, load_aws_json, load_snapshot,
};
#[cfg(feature = "live")]
use crate::discover::{Progress, discover, read_history};
use crate::evidence::{Need, ResolvedHost, hosts_to_resolve};
use crate::model::{ResourceId, Snapshot};
use crate::scenario::{SCENARIOS, Scenario};
#[cfg(feature = "live")]
use crate::text::one_line;

/// The snapshot from the source that the options select. Live AWS also has the log of the service, unless the user gave another
/// log or skips it.
///
/// `hosts` are the destinations of the user.
pub(super) fn snapshot(options: &DiagnosisOptions, hosts: Vec<String>) -> Result<Discovered> {
    let saved = |snapshot| Ok(Discovered { snapshot, log: None });
    if let Some(file) = &options.from {
        return saved(load_snapshot(file)?);
    }
    if let Some(folder) = &options.aws_json {
        return saved(load_aws_json(folder, options.live.region.first().map(String::as_str))?);
    }
    if let Some(name) = &options.scenario {
        return saved(Snapshot::from_json(scenario(Some(name))?.snapshot)?);
    }
    let reads_log = options.log.is_none() && !options.since.is_zero() && options.subnet.is_empty();
    live(&LiveRequest {
        service: options.service.clone(),
        subnets: options.subnet.clone(),
        hosts,
        // Only destinations from the settings of the service need the roles.
        skip_settings: options.no_infer || !options.to.is_empty() || !options.subnet.is_empty(),
        log: reads_log.then_some(options.since),
        prices: true,
        renew_prices: options.refresh,
        is_urgent: true,
        ..request(&options.live)?
    })
}

/// The answers of this machine's resolver for the destinations, if the network is that of a live account. A saved network can be of
/// another time, and its diagnosis is the same on every machine.
pub(super) fn resolve(options: &DiagnosisOptions, needs: &[Need]) -> Result<Vec<ResolvedHost>> {
    let is_saved = options.from.is_some() || options.aws_json.is_some() || options.scenario.is_some();
    let hosts = hosts_to_resolve(needs);
    if is_saved || hosts.is_empty() || request(&options.live)?.no_resolve {
        return Ok(Vec::new());
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answers = runtime.block_on(crate::discover::resolve(&hosts));
    // Does not wait for a query that has no use any more.
    runtime.shutdown_background();
    Ok(answers)
}

/// A saved snapshot, or a folder of AWS CLI output.
pub(super) fn saved(path: &Path) -> Result<Snapshot> {
    Ok(if path.is_dir() { load_aws_json(path, None)? } else { load_snapshot(path)? })
}

/// The scenario with this name; without a name, the first one.
///
/// # Errors
/// No scenario has this name.
pub(super) fn scenario(name: Option<&str>) -> Result<&'static Scenario> {
    let scenario = match name {
        Some(name) => Scenario::named(name),
        None => SCENARIOS.first(),
    };
    let names = || SCENARIOS.iter().map(|scenario| scenario.name).collect::<Vec<_>>().join(", ");
    scenario
        .ok_or_else(|| eyre!("no scenario `{}`: existing scenarios: {}", name.unwrap_or_default(), names()))
}

/// Reads live AWS. Progress goes to standard error if that is a terminal.
#[cfg(feature = "live")]
pub(super) fn live(request: &LiveRequest) -> Result<Discovered> {
    let (progress, clear) = progress_line();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(Box::pin(discover(request, progress)));
    // Does not wait for a call that has no use any more.
    runtime.shutdown_background();
    clear();
    Ok(answer?)
}

/// Reads the last changes of resources from AWS CloudTrail.
#[cfg(feature = "live")]
pub(super) fn history(live: &Live, components: &[ResourceId]) -> Result<ReadHistory> {
    let request = request(live)?;
    let (progress, clear) = progress_line();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let answer = runtime.block_on(Box::pin(read_history(&request, components, progress)));
    runtime.shutdown_background();
    clear();
    Ok(answer?)
}

/// Returns an error: this build has no AWS SDK.
#[cfg(not(feature = "live"))]
pub(super) fn history(_: &Live, _: &[ResourceId]) -> Result<ReadHistory> {
    Err(eyre!(
        "this build cannot read AWS CloudTrail (it was built without the feature `live`): leave out --history"
    ))
}

/// The request for a live account.
///
/// # Errors
/// The endpoint URL is not a URL.
pub(super) fn request(live: &Live) -> Result<LiveRequest> {
    Ok(LiveRequest {
        profile: live.profile.first().cloned(),
        region: live.region.first().cloned(),
        more_profiles: live.profile.iter().skip(1).cloned().collect(),
        more_regions: live.region.iter().skip(1).cloned().collect(),
        endpoint_url: endpoint_url("--endpoint-url", live.endpoint_url.as_deref().unwrap_or_default())?,
        limits: live.timeout.map_or_else(TimeLimits::default, TimeLimits::of),
        // An account behind an endpoint URL is not AWS: on this machine, names of AWS mean other resources.
        no_resolve: live.no_resolve
            || live.endpoint_url.is_some()
            || std::env::var_os("AWS_ENDPOINT_URL").is_some(),
        ..LiveRequest::default()
    })
}

/// Two functions: the first shows the calls in one line on standard error, the second clears this line. Both
/// do nothing if standard error is not a terminal.
#[cfg(feature = "live")]
fn progress_line() -> (impl Fn(Progress) + Send + Sync + 'static, impl Fn()) {
    use std::io::{IsTerminal as _, Write as _};
    use std::sync::atomic::{AtomicUsize, Ordering};

    let is_terminal = std::io::stderr().is_terminal();
    let (sent, done) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let progress = move |step: Progress| {
        let what = match step {
            Progress::Started { call, scope } => {
                sent.fetch_add(1, Ordering::Relaxed);
                format!("{call} {scope}")
            }
            Progress::Ended(_) => {
                done.fetch_add(1, Ordering::Relaxed);
                String::new()
            }
            Progress::Account { .. } | Progress::Workloads(_) | Progress::Part(_) | Progress::Network(_) => {
                String::new()
            }
        };
        if is_terminal {
            let (done, sent) = (done.load(Ordering::Relaxed), sent.load(Ordering::Relaxed));
            let what: String = one_line(&what).chars().take(50).collect();
            let _ = write!(std::io::stderr(), "\r\x1b[Kreading AWS: {done} of {sent} calls  {what}");
        }
    };
    let clear = move || {
        if is_terminal {
            let _ = write!(std::io::stderr(), "\r\x1b[K");
        }
    };
    (progress, clear)
}

/// Returns an error: this build has no AWS SDK.
#[cfg(not(feature = "live"))]
pub(super) fn live(_: &LiveRequest) -> Result<Discovered> {
    Err(eyre!(
        "this build cannot read live AWS (it was built without the feature `live`): give --from FILE, --aws-json DIR or \
         --scenario NAME"
    ))
}
