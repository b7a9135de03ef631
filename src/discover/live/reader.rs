//! Sends calls: limits the number of concurrent calls, reports each call, and records each failure as a gap.

use std::sync::Mutex;
use std::time::Instant;

use aws_config::SdkConfig;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use tokio::sync::Semaphore;

use super::failure::Failure;
use crate::discover::limits;
use crate::discover::request::Progress;
use crate::discover::validate::{Validate, validate};
use crate::model::{Call, Gap, GapKind};

/// Maximum number of concurrent calls. AWS applies its throttling limits to the whole account, so more calls
/// could throttle other programs.
const MAX_CONCURRENT_CALLS: usize = 8;

/// The SDK clients with the gaps of their calls.
pub(super) struct Reader {
    pub ec2: aws_sdk_ec2::Client,
    pub apprunner: aws_sdk_apprunner::Client,
    pub route53: aws_sdk_route53::Client,
    sts: aws_sdk_sts::Client,
    permits: Semaphore,
    progress: Box<dyn Fn(Progress) + Send + Sync>,
    gaps: Mutex<Vec<Gap>>,
}

/// The items of one call. A failure after some pages keeps the items of these pages.
pub(super) struct Answer<T> {
    pub items: Vec<T>,
    pub pages: usize,
    pub failure: Option<Failure>,
}

impl Reader {
    pub fn new(config: &SdkConfig, progress: Box<dyn Fn(Progress) + Send + Sync>) -> Self {
        Self {
            ec2: aws_sdk_ec2::Client::new(config),
            apprunner: aws_sdk_apprunner::Client::new(config),
            route53: aws_sdk_route53::Client::new(config),
            sts: aws_sdk_sts::Client::new(config),
            permits: Semaphore::new(MAX_CONCURRENT_CALLS),
            progress,
            gaps: Mutex::new(Vec::new()),
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
        self.add_gap(Gap { call, kind: GapKind::Partial, message });
    }

    fn add_gap(&self, gap: Gap) {
        if let Ok(mut gaps) = self.gaps.lock() {
            gaps.push(gap);
        }
    }

    /// Runs one call with all its pages and returns the items that arrived. A failure becomes a gap.
    pub async fn read<T>(&self, call: Call, scope: &str, pages: impl Future<Output = Answer<T>>) -> Vec<T> {
        let _permit = self.permits.acquire().await;
        let scope = scope.to_owned();
        self.report(Progress::Started { call, scope: scope.clone() });
        let started = Instant::now();
        let answer = pages.await;
        let elapsed = started.elapsed();
        match answer.failure {
            None => {
                let (items, pages) = (answer.items.len(), answer.pages);
                self.report(Progress::Finished { call, scope, items, pages, elapsed });
            }
            Some(failure) => {
                let (kind, message) = match failure {
                    Failure::Credentials(message) | Failure::Unreachable(message) => {
                        (GapKind::Failed, message)
                    }
                    Failure::Gap(kind, message) => (kind, message),
                };
                let kind = if answer.pages > 0 { GapKind::Partial } else { kind };
                let gap = Gap { call, kind, message };
                self.add_gap(gap.clone());
                self.report(Progress::Failed { gap, scope, elapsed });
            }
        }
        answer.items
    }

    /// The account number. This call needs no permission, so invalid credentials or a missing connection
    /// affect every call.
    ///
    /// # Errors
    /// The credentials are invalid, or there is no connection.
    pub async fn account(&self) -> Result<Option<String>, Failure> {
        let call = Call::GetCallerIdentity;
        let _permit = self.permits.acquire().await;
        self.report(Progress::Started { call, scope: String::new() });
        let started = Instant::now();
        let answer = self.sts.get_caller_identity().send().await;
        let elapsed = started.elapsed();
        match answer {
            Ok(identity) => {
                self.report(Progress::Finished { call, scope: String::new(), items: 1, pages: 1, elapsed });
                Ok(identity.account)
            }
            Err(error) => match Failure::of(&error) {
                Failure::Gap(kind, message) => {
                    let gap = Gap { call, kind, message };
                    self.add_gap(gap.clone());
                    self.report(Progress::Failed { gap, scope: String::new(), elapsed });
                    Ok(None)
                }
                fatal => Err(fatal),
            },
        }
    }
}

impl<T> Answer<T> {
    /// An answer without pages.
    pub fn new() -> Self {
        Self { items: Vec::new(), pages: 0, failure: None }
    }

    /// Adds a page. Returns `false` if the call failed, or if the pages are past a limit: then the page is not added.
    pub fn page<O, E, R>(&mut self, page: Result<O, SdkError<E, R>>, items: impl FnOnce(O) -> Vec<T>) -> bool
    where
        E: ProvideErrorMetadata + std::error::Error + 'static,
        R: std::fmt::Debug + 'static,
    {
        match page {
            Ok(page) => {
                let items = items(page);
                if let Some(message) = limits::past_list(self.pages + 1, self.items.len() + items.len()) {
                    self.failure = Some(Failure::Gap(GapKind::Partial, message));
                    return false;
                }
                self.items.extend(items);
                self.pages += 1;
                true
            }
            Err(error) => {
                self.failure = Some(Failure::of(&error));
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
