//! Sends calls: limits the number of concurrent calls and their time, reports each call, and records each failure as a gap.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::{Duration, Instant};

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use tokio::sync::Semaphore;

use super::answer_limit::client;
use super::classify;
use crate::discover::failure::{CredentialsFailure, Failure};
use crate::discover::limits;
use crate::discover::request::{Progress, TimeLimits};
use crate::discover::validate::{Validate, validate};
use crate::model::{Call, CallFailure, CallRecord, Gap, GapKind, Place};

/// Maximum number of concurrent calls. AWS applies its throttling limits to the whole account, so more calls
/// could throttle other programs.
pub(super) const CONCURRENT_CALLS: usize = 16;
/// Maximum number of concurrent calls that only refine an answer. The network of one VPC needs the other 12.
const CONCURRENT_REFINEMENTS: usize = 4;
/// Maximum number of services that are described at once until the network is read.
const CONCURRENT_SERVICES: usize = 8;

/// Gets the steps of discovery.
pub(super) type Report = Arc<dyn Fn(Progress) + Send + Sync>;

/// The SDK clients with the gaps of their calls.
pub(super) struct Reader {
    pub ec2: aws_sdk_ec2::Client,
    pub apprunner: aws_sdk_apprunner::Client,
    pub route53: aws_sdk_route53::Client,
    sts: aws_sdk_sts::Client,
    permits: Semaphore,
    refinements: Semaphore,
    services: Semaphore,
    limits: TimeLimits,
    deadline: tokio::time::Instant,
    progress: Report,
    /// The account and Region, if they are not those of the service.
    place: OnceLock<Place>,
    gaps: Mutex<Vec<Gap>>,
    calls: Mutex<Vec<CallRecord>>,
    has_answer: AtomicBool,
}

/// The items of one call. A failure after some pages keeps the items of these pages.
pub(super) struct Answer<T> {
    pub items: Vec<T>,
    pub pages: usize,
    pub failure: Option<Failure>,
}

impl Reader {
    /// A reader whose calls end after the limit of the discovery.
    pub fn new(config: &SdkConfig, limits: TimeLimits, progress: Report) -> Self {
        Self {
            ec2: client!(aws_sdk_ec2, config),
            apprunner: client!(aws_sdk_apprunner, config),
            route53: client!(aws_sdk_route53, config),
            sts: client!(aws_sdk_sts, config),
            permits: Semaphore::new(CONCURRENT_CALLS),
            refinements: Semaphore::new(CONCURRENT_REFINEMENTS),
            services: Semaphore::new(CONCURRENT_SERVICES),
            limits,
            deadline: tokio::time::Instant::now() + limits.discovery(),
            progress,
            place: OnceLock::new(),
            gaps: Mutex::new(Vec::new()),
            calls: Mutex::new(Vec::new()),
            has_answer: AtomicBool::new(false),
        }
    }

    /// Reports a step to the caller of discovery.
    pub fn report(&self, progress: Progress) {
        (self.progress)(progress);
    }

    /// The gaps so far, sorted by call, without duplicates.
    pub fn gaps(&self) -> Vec<Gap> {
        let mut gaps = self.gaps.lock().map(|gaps| gaps.clone()).unwrap_or_default();
        gaps.sort_by_key(|gap| gap.call);
        gaps.dedup();
        gaps
    }

    /// The calls that ended so far, in the order in which they were sent.
    pub fn calls(&self) -> Vec<CallRecord> {
        let mut calls = self.calls.lock().map(|calls| calls.clone()).unwrap_or_default();
        calls.sort_by(|a, b| (a.sent_at, a.call, &a.scope).cmp(&(b.sent_at, b.call, &b.scope)));
        calls
    }

    /// Returns the item if all required fields are present; otherwise records a gap.
    pub fn validated<T: Validate>(&self, call: Call, item: T) -> Option<T> {
        validate(call, item).map_err(|gap| self.add_gap(gap)).ok()
    }

    /// Whether this call has a gap.
    pub fn has_gap(&self, call: Call) -> bool {
        self.gaps.lock().is_ok_and(|gaps| gaps.iter().any(|gap| gap.call == call))
    }

    /// Records that the answer of a call is past a limit.
    pub fn past_limit(&self, call: Call, message: String) {
        self.add_gap(Gap::new(call, GapKind::Partial, message));
    }

    /// The sentence of the first failure, if no call got an answer of AWS.
    pub fn no_answer(&self) -> Option<String> {
        if self.has_answer.load(Ordering::Relaxed) {
            return None;
        }
        self.gaps.lock().ok()?.first().map(|gap| gap.message.clone())
    }

    /// The network is read: from now on, services may use all calls.
    pub fn release_services(&self) {
        self.services.add_permits(CONCURRENT_CALLS - CONCURRENT_SERVICES);
    }

    /// From now on, calls and gaps name this account and Region.
    pub fn set_place(&self, place: Place) {
        // The place of a reader is set once.
        let _ = self.place.set(place);
    }

    /// The scope of a call with the account and Region, if they are not those of the service.
    fn scope(&self, scope: &str) -> String {
        match self.place.get() {
            Some(place) => format!("{scope}{}", place.suffix()),
            None => scope.to_owned(),
        }
    }

    fn add_gap(&self, mut gap: Gap) {
        gap.place = self.place.get().cloned();
        if let Ok(mut gaps) = self.gaps.lock() {
            gaps.push(gap);
        }
    }

    /// Runs one call with all its pages and returns the items that arrived. A failure becomes a gap.
    pub async fn read<T>(&self, call: Call, scope: &str, pages: impl Future<Output = Answer<T>>) -> Vec<T> {
        let scope = self.scope(scope);
        let class = match call {
            Call::DescribeService => Some(&self.services),
            _ if refines(call) => Some(&self.refinements),
            _ => None,
        };
        let waiting = (Timestamp::now(), Instant::now());
        let sent = AtomicBool::new(false);
        let run = async {
            let _class = match class {
                Some(class) => class.acquire().await.ok(),
                None => None,
            };
            let _permit = self.permits.acquire().await;
            sent.store(true, Ordering::Relaxed);
            self.report(Progress::Started { call, scope: scope.clone() });
            let sent = (Timestamp::now(), Instant::now());
            (pages.await, sent)
        };
        let out_of_time = || Answer { failure: Some(Failure::OutOfTime), ..Answer::new() };
        let (answer, (sent_at, started)) =
            tokio::time::timeout_at(self.deadline, run).await.unwrap_or_else(|_| (out_of_time(), waiting));
        if !sent.load(Ordering::Relaxed) {
            self.report(Progress::Started { call, scope: scope.clone() });
        }
        if answer.pages > 0 {
            self.has_answer.store(true, Ordering::Relaxed);
        }
        let record = CallRecord {
            call,
            scope,
            sent_at,
            milliseconds: milliseconds(started.elapsed()),
            items: answer.items.len(),
            pages: answer.pages,
            failure: None,
        };
        self.ended(record, answer.failure.as_ref());
        answer.items
    }

    /// Records a call, and its failure as a gap.
    fn ended(&self, mut record: CallRecord, failure: Option<&Failure>) {
        if failure.is_some_and(Failure::is_answer) {
            self.has_answer.store(true, Ordering::Relaxed);
        }
        record.failure = failure.map(|failure| CallFailure {
            kind: if record.pages > 0 { GapKind::Partial } else { failure.kind() },
            message: failure.sentence(record.call, self.limits),
        });
        if let Some(gap) = record.gap() {
            self.add_gap(gap);
        }
        if let Ok(mut calls) = self.calls.lock() {
            calls.push(record.clone());
        }
        self.report(Progress::Ended(record));
    }

    /// The account number. `scope` names the profile if there are several. This call needs no permission, so credentials that it does not accept affect every call.
    ///
    /// # Errors
    /// AWS does not accept the credentials, or there are none.
    pub async fn account(&self, scope: &str) -> Result<Option<String>, CredentialsFailure> {
        let (call, scope) = (Call::GetCallerIdentity, scope.to_owned());
        self.report(Progress::Started { call, scope: scope.clone() });
        let (sent_at, started) = (Timestamp::now(), Instant::now());
        let answer = tokio::time::timeout_at(self.deadline, self.sts.get_caller_identity().send()).await;
        let milliseconds = milliseconds(started.elapsed());
        let result = match answer {
            Ok(Ok(identity)) => Ok(identity.account),
            Ok(Err(error)) => Err(classify::failure(&error)),
            Err(_) => Err(Failure::OutOfTime),
        };
        if let Err(Failure::Credentials(failure)) = result {
            return Err(failure);
        }
        let count = usize::from(result.is_ok());
        if result.is_ok() {
            self.has_answer.store(true, Ordering::Relaxed);
        }
        let record =
            CallRecord { call, scope, sent_at, milliseconds, items: count, pages: count, failure: None };
        self.ended(record, result.as_ref().err());
        Ok(result.unwrap_or_default())
    }
}

fn milliseconds(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// Whether a call only refines an answer: no verdict needs it.
fn refines(call: Call) -> bool {
    matches!(
        call,
        Call::DescribeVpcEndpointServices
            | Call::GetProducts
            | Call::FilterLogEvents
            | Call::LookupEvents
            | Call::ListAttachedRolePolicies
            | Call::ListRolePolicies
            | Call::GetPolicy
            | Call::GetPolicyVersion
            | Call::GetRolePolicy
    )
}

impl<T> Answer<T> {
    /// An answer without pages.
    pub fn new() -> Self {
        Self { items: Vec::new(), pages: 0, failure: None }
    }

    /// Adds a page. Returns `false` if the call failed, or if the pages are past a limit: then the page is not added.
    pub fn page<O, E>(
        &mut self,
        page: Result<O, SdkError<E, HttpResponse>>,
        items: impl FnOnce(O) -> Vec<T>,
    ) -> bool
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        match page {
            Ok(page) => {
                let items = items(page);
                if let Some(message) = limits::past_list(self.pages + 1, self.items.len() + items.len()) {
                    self.failure = Some(Failure::PastLimit(message));
                    return false;
                }
                self.items.extend(items);
                self.pages += 1;
                true
            }
            Err(error) => {
                self.failure = Some(classify::failure(&error));
                false
            }
        }
    }
}

/// Reads every page of a list call: `pages!(reader, Call, scope, request, |page| items)`.
macro_rules! pages {
    ($reader:expr, $call:expr, $scope:expr, $request:expr, $items:expr) => {{
        let pages = async {
            let mut answer = $crate::discover::live::reader::Answer::new();
            let mut stream = $request.into_paginator().send();
            while let Some(page) = stream.next().await {
                if !answer.page(page, $items) {
                    break;
                }
            }
            answer
        };
        $reader.read($call, $scope, pages).await
    }};
}
pub(super) use pages;
