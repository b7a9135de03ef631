//! Carries out effects off the drawing thread, and sends the replies as messages: each effect with a reply has exactly one, also after a
//! panic. Does not change the state of the application.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::{AbortHandle, JoinHandle};

use super::clipboard::copy_to_tmux;
use super::demo::open_scenario;
use super::log_file::read_log_file;
use super::profiles::read_profiles;
use super::report_file::save_report;
use crate::app::{Badge, Editable, Effect, Message, OpenedScenario, PlanFailure, RunId, StartLog};
use crate::case::Case;
use crate::discover::LiveRequest;
use crate::evidence::{Query, read_log};
use crate::files::{cause, create_private_subdir};
use crate::model::{ResourceId, Snapshot, WorkloadId};
use crate::process;
use crate::remedy::Proposal;
use crate::scenario::Scenario;
use crate::terraform::{
    Config, Environment, GivenFiles, OwnerChoices, PlannedFix, Verification, plan_in_parts, read_consent,
    save_consent, verify, write,
};

/// The period of a service's own log that is read.
#[cfg(feature = "live")]
const LOG_PERIOD: std::time::Duration = std::time::Duration::from_hours(1);

/// The error after a panic on another thread.
const PANICKED: &str =
    "egress-doctor stopped this step because of a bug: please report it, with the keys that lead here";

/// The error after work was stopped. Its reply is stale, so that the user does not see it.
const STOPPED: &str = "the work was stopped";

/// Carries out effects.
pub(super) struct Worker {
    sender: UnboundedSender<Message>,
    state: PathBuf,
    files: GivenFiles,
    /// The folder for copies of the scenarios, in the demo.
    demo: Option<PathBuf>,
    discovery: Option<AbortHandle>,
    log: Option<AbortHandle>,
    /// The id of the latest diagnosis of all services; an earlier one stops before its next service.
    latest_badges: Arc<AtomicU64>,
}

impl Worker {
    pub fn new(
        sender: UnboundedSender<Message>,
        state: PathBuf,
        files: GivenFiles,
        demo: Option<PathBuf>,
    ) -> Self {
        Self { sender, state, files, demo, discovery: None, log: None, latest_badges: Arc::default() }
    }

    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Discover(run, request) => self.discover(run, request),
            Effect::CancelDiscovery => self.cancel_discovery(),
            Effect::DiagnoseAll(run, snapshot, query, order) => {
                self.diagnose_all(run, snapshot, query, order);
            }
            Effect::Diagnose(run, snapshot, workload, query) => self.work(
                move || Message::Diagnosed(run, Ok(Arc::new(Case::open(snapshot, *workload, &query)))),
                move |reason| Message::Diagnosed(run, Err(reason)),
            ),
            Effect::Change(run, case, proposal) => self.work(
                move || Message::Changed(run, Ok(Arc::new(case.changed(&proposal)))),
                move |reason| Message::Changed(run, Err(reason)),
            ),
            Effect::ReadLog(run, request, id) => self.read_log(run, request, id),
            Effect::ReadPrices(run, request) => self.read_prices(run, request),
            Effect::Resolve(hosts) => self.resolve(hosts),
            Effect::ReadHistory(run, request, components) => self.read_history(run, request, components),
            Effect::CancelLog => {
                if let Some(task) = self.log.take() {
                    task.abort();
                }
            }
            Effect::Simulate(run, case, remedies) => self.work(
                move || {
                    Message::Simulated(
                        run,
                        case.compose(&remedies).map(Box::new).map_err(|error| error.to_string()),
                    )
                },
                move |reason| Message::Simulated(run, Err(reason)),
            ),
            Effect::TryPlans(run, folder, case, answers) => {
                let environment = Environment::of(std::env::vars_os(), self.files.clone());
                self.work(
                    move || Message::PlansTried(run, try_plans(&folder, &environment, &case, &answers)),
                    // The list shows no result; planning the selected fix shows the error.
                    move |_| Message::PlansTried(run, BTreeMap::new()),
                );
            }
            Effect::ReadStartLog(run, log) => self.read_start_log(run, log),
            Effect::ReadFolder(run, folder) => self.read_folder(run, folder),
            Effect::Plan(run, folder, case, proposal, answers) => {
                // The checks of the previous edit have no use any more.
                process::cancel();
                let environment = Environment::of(std::env::vars_os(), self.files.clone());
                self.work(
                    move || Message::Planned(run, plan(&folder, &environment, &case, &proposal, &answers)),
                    move |reason| Message::Planned(run, Err(PlanFailure { reason, question: None })),
                );
            }
            Effect::ReadConsent(run, root) => self.read_consent(run, root),
            Effect::SaveConsent(root, level) => {
                self.change_files(move |state| save_consent(state, &root, level), Message::ConsentSaved);
            }
            Effect::Check(run, changes, requested) => {
                // The earlier checks have no use any more.
                process::cancel();
                self.work(
                    move || {
                        let mut verification = verify(&changes, &requested);
                        verification.warnings.extend(write::losses(&changes));
                        Message::Checked(run, verification)
                    },
                    move |reason| {
                        Message::Checked(run, Verification { checks: Vec::new(), warnings: vec![reason] })
                    },
                );
            }
            Effect::Write(changes) => {
                self.change_files(move |state| write::write(&changes, state), Message::Written);
            }
            Effect::Undo(root) => self.change_files(move |state| write::undo(&root, state), Message::Undone),
            Effect::UndoInterrupted(root) => self.change_files(
                move |state| write::undo(&root, state).map(|_| "The interrupted write was undone".to_owned()),
                Message::Recovered,
            ),
            Effect::FinishInterrupted(root) => self.change_files(
                move |state| {
                    write::finish(&root, state).map(|_| "The interrupted write was finished".to_owned())
                },
                Message::Recovered,
            ),
            Effect::Export(name, case, progress) => self.work(
                move || Message::Exported(save_report(&name, &case, &progress)),
                |reason| Message::Exported(Err(reason)),
            ),
            Effect::ReadProfiles(run) => self.work(
                move || Message::ProfilesRead(run, read_profiles()),
                move |reason| Message::ProfilesRead(run, Err(reason)),
            ),
            Effect::OpenScenario(run, name) => self.open_scenario(run, name),
            // `run_async` carries these out.
            Effect::Copy(_) | Effect::Editor(..) | Effect::Suspend | Effect::Quit => {}
        }
    }

    fn resolve(&self, hosts: Vec<String>) {
        self.run(
            async move { Message::Resolved(crate::discover::resolve(&hosts).await) },
            // The destinations keep the addresses that are known without the resolver.
            |_| Message::Resolved(Vec::new()),
        );
    }

    fn read_folder(&self, run: RunId, folder: PathBuf) {
        let environment = Environment::of(std::env::vars_os(), self.files.clone());
        self.work(
            move || {
                let config = Config::read(&folder, &environment);
                Message::FolderRead(run, config.map(|_| ()).map_err(|error| error.to_string()))
            },
            move |reason| Message::FolderRead(run, Err(reason)),
        );
    }

    fn read_consent(&self, run: RunId, root: PathBuf) {
        let state = self.state.clone();
        self.work(
            move || {
                let answer = read_consent(&state, &root);
                Message::ConsentRead(run, answer.map_err(|error| error.to_string()))
            },
            move |reason| Message::ConsentRead(run, Err(reason)),
        );
    }

    fn open_scenario(&self, run: RunId, name: &'static str) {
        let folder = self.demo.as_ref().map(|folder| folder.join(format!("{name}-{}", run.0)));
        self.work(
            move || Message::ScenarioOpened(run, open_by_name(name, folder.as_deref()).map(Box::new)),
            move |reason| Message::ScenarioOpened(run, Err(reason)),
        );
    }

    /// Copies the text to the paste buffer of tmux, if the program runs inside it.
    pub fn copy_to_tmux(&self, text: String) {
        self.work(move || Message::CopiedToTmux(copy_to_tmux(text)), |_| Message::CopiedToTmux(false));
    }

    /// Carries out work on another thread and sends its message. After a panic, sends the message of
    /// `failed`, so that the application always gets a reply.
    fn work(
        &self,
        work: impl FnOnce() -> Message + Send + 'static,
        failed: impl FnOnce(String) -> Message + Send + 'static,
    ) {
        self.reply(tokio::task::spawn_blocking(work), failed);
    }

    /// The same for a task that waits for other programs or for the network. The handle stops it; then the message of `failed` is
    /// sent, which is stale.
    fn run(
        &self,
        task: impl Future<Output = Message> + Send + 'static,
        failed: impl FnOnce(String) -> Message + Send + 'static,
    ) -> AbortHandle {
        let task = tokio::spawn(task);
        let handle = task.abort_handle();
        self.reply(task, failed);
        handle
    }

    /// Sends the message of a task; after a panic, or if the task is stopped, the message of `failed`.
    fn reply(&self, task: JoinHandle<Message>, failed: impl FnOnce(String) -> Message + Send + 'static) {
        let sender = self.sender.clone();
        tokio::spawn(async move {
            let message = task
                .await
                .unwrap_or_else(|error| failed(if error.is_panic() { PANICKED } else { STOPPED }.to_owned()));
            let _ = sender.send(message);
        });
    }

    /// Writes, undoes or finishes a write, with the folder for journals and backups.
    fn change_files<T: 'static, E: std::fmt::Display>(
        &self,
        change: impl FnOnce(&Path) -> Result<T, E> + Send + 'static,
        message: fn(Result<T, String>) -> Message,
    ) {
        let state = self.state.clone();
        self.work(
            move || {
                let _change = process::begin_change();
                message(change(&state).map_err(|error| error.to_string()))
            },
            move |reason| message(Err(reason)),
        );
    }

    fn read_start_log(&self, run: RunId, log: StartLog) {
        self.work(
            move || {
                let read = match log {
                    StartLog::Scenario(text) => read_log(text.as_bytes()),
                    StartLog::File(path) => read_log_file(&path),
                };
                Message::StartLogRead(run, read.map_err(|error| error.to_string()))
            },
            move |reason| Message::StartLogRead(run, Err(reason)),
        );
    }

    fn diagnose_all(&self, run: RunId, snapshot: Arc<Snapshot>, query: Query, order: Vec<WorkloadId>) {
        self.latest_badges.store(run.0, Ordering::Relaxed);
        let (latest, sender) = (self.latest_badges.clone(), self.sender.clone());
        self.work(
            move || {
                for workload in order.iter().filter_map(|id| snapshot.workloads.get(id)) {
                    if latest.load(Ordering::Relaxed) != run.0 {
                        break;
                    }
                    let badge = Badge::of(&snapshot, workload, &query);
                    let _ = sender.send(Message::Badge(run, workload.id.clone(), badge));
                }
                Message::BadgesDone(run, Ok(()))
            },
            move |reason| Message::BadgesDone(run, Err(reason)),
        );
    }

    fn cancel_discovery(&mut self) {
        if let Some(task) = self.discovery.take() {
            task.abort();
        }
    }

    #[cfg(feature = "live")]
    fn discover(&mut self, run: RunId, request: LiveRequest) {
        self.cancel_discovery();
        let progress = self.progress(run);
        let read = async move {
            let snapshot = Box::pin(crate::discover::discover(&request, progress)).await;
            let snapshot = snapshot.map(|read| Box::new(read.snapshot)).map_err(|error| error.to_string());
            Message::Discovered(run, snapshot)
        };
        self.discovery = Some(self.run(read, move |reason| Message::Discovered(run, Err(reason))));
    }

    #[cfg(feature = "live")]
    fn read_log(&mut self, run: RunId, request: LiveRequest, id: WorkloadId) {
        let service = id.clone();
        let progress = self.progress(run);
        let read = async move {
            let log = crate::discover::read_service_log(&request, id.as_str(), LOG_PERIOD, progress).await;
            Message::LogRead(run, id, log.map_err(|error| error.to_string()))
        };
        self.log = Some(self.run(read, move |reason| Message::LogRead(run, service, Err(reason))));
    }

    #[cfg(feature = "live")]
    fn read_prices(&self, run: RunId, request: LiveRequest) {
        let progress = self.progress(run);
        let read = async move {
            let prices = crate::discover::read_prices(&request, progress).await;
            Message::PricesRead(run, prices.map_err(|error| error.to_string()))
        };
        self.run(read, move |reason| Message::PricesRead(run, Err(reason)));
    }

    #[cfg(feature = "live")]
    fn read_history(&self, run: RunId, request: LiveRequest, components: Vec<ResourceId>) {
        let progress = self.progress(run);
        let read = async move {
            let read = crate::discover::read_history(&request, &components, progress).await;
            Message::HistoryRead(run, read.map_err(|error| error.to_string()))
        };
        self.run(read, move |reason| Message::HistoryRead(run, Err(reason)));
    }

    /// Sends the calls of a run.
    #[cfg(feature = "live")]
    fn progress(&self, run: RunId) -> impl Fn(crate::discover::Progress) + Send + Sync + Clone + 'static {
        let sender = self.sender.clone();
        move |step| {
            let _ = sender.send(Message::Progress(run, step));
        }
    }

    /// A build without the AWS SDKs cannot read CloudTrail.
    #[cfg(not(feature = "live"))]
    fn read_history(&self, run: RunId, _: LiveRequest, _: Vec<ResourceId>) {
        let why =
            "this build cannot read AWS CloudTrail (it was built without the feature `live`)".to_owned();
        let _ = self.sender.send(Message::HistoryRead(run, Err(why)));
    }

    /// A build without the AWS SDKs uses the built-in prices.
    #[cfg(not(feature = "live"))]
    fn read_prices(&self, run: RunId, _: LiveRequest) {
        let _ = self.sender.send(Message::PricesRead(run, Ok(None)));
    }

    /// A build without the AWS SDKs cannot read logs.
    #[cfg(not(feature = "live"))]
    fn read_log(&mut self, run: RunId, _: LiveRequest, id: WorkloadId) {
        let _ = self.sender.send(Message::LogRead(run, id, Ok(crate::discover::ServiceLog::default())));
    }

    #[cfg(not(feature = "live"))]
    fn discover(&mut self, run: RunId, _: LiveRequest) {
        self.cancel_discovery();
        let why = "this build cannot read live AWS (it was built without the feature `live`)".to_owned();
        let _ = self.sender.send(Message::Discovered(run, Err(why)));
    }
}

/// Opens a scenario in a new folder.
fn open_by_name(name: &str, folder: Option<&Path>) -> Result<OpenedScenario, String> {
    let (Some(scenario), Some(folder)) = (Scenario::named(name), folder) else {
        return Err("only the demo has scenarios".to_owned());
    };
    create_private_subdir(folder)
        .map_err(|error| format!("cannot create {}: {}", folder.display(), cause(&error)))?;
    open_scenario(scenario, folder)
}

/// Plans the edit of a fix.
fn plan(
    folder: &Path,
    environment: &Environment,
    case: &Case,
    proposal: &Proposal,
    answers: &OwnerChoices,
) -> Result<PlannedFix, PlanFailure> {
    let config = Config::open(folder, environment, &case.workload.name)?;
    Ok(plan_in_parts(&config, (&case.snapshot, &case.workload), proposal, answers)?)
}

/// Which fixes of a case can be written in the folder, by the id of the fix.
fn try_plans(
    folder: &Path,
    environment: &Environment,
    case: &Case,
    answers: &OwnerChoices,
) -> BTreeMap<String, Editable> {
    let config = Config::open(folder, environment, &case.workload.name);
    let mut results = BTreeMap::new();
    for proposal in case.proposals.iter().filter(|proposal| proposal.is_possible()) {
        let editable = match &config {
            Err(error) => Editable::ByHand(error.to_string()),
            Ok(config) => {
                Editable::of(plan_in_parts(config, (&case.snapshot, &case.workload), proposal, answers))
            }
        };
        results.insert(proposal.id(), editable);
    }
    results
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(
        clippy::unwrap_used,
        clippy::panic,
        reason = "a test may stop at the first error, and one tests a panic"
    )]

    use super::*;

    fn worker() -> (Worker, tokio::sync::mpsc::UnboundedReceiver<Message>, tempfile::TempDir) {
        let (sender, replies) = tokio::sync::mpsc::unbounded_channel();
        let state = tempfile::tempdir().unwrap();
        (Worker::new(sender, state.path().to_owned(), GivenFiles::default(), None), replies, state)
    }

    /// Work that panics or is stopped has a reply, so that nothing waits for ever: the functions that every effect uses.
    #[tokio::test]
    async fn work_that_panics_or_is_stopped_has_a_reply() {
        let (worker, mut replies, _state) = worker();
        let failed = |run| move |reason| Message::ProfilesRead(RunId(run), Err(reason));
        worker.work(|| panic!("a bug"), failed(1));
        let Some(Message::ProfilesRead(RunId(1), Err(reason))) = replies.recv().await else { panic!() };
        assert_eq!(reason, PANICKED);
        worker.run(async { panic!("a bug") }, failed(2));
        let Some(Message::ProfilesRead(RunId(2), Err(reason))) = replies.recv().await else { panic!() };
        assert_eq!(reason, PANICKED);
        worker.run(std::future::pending(), failed(3)).abort();
        let Some(Message::ProfilesRead(RunId(3), Err(reason))) = replies.recv().await else { panic!() };
        assert_eq!(reason, STOPPED);
    }

    /// Each effect that reads something has its reply, also if there is nothing to read.
    #[tokio::test]
    async fn every_request_has_one_reply() {
        let (mut worker, mut replies, _state) = worker();
        let (folder, run) = (PathBuf::from("/nonexistent"), RunId(7));
        let snapshot =
            Arc::new(Snapshot::from_json(crate::scenario::SCENARIOS.first().unwrap().snapshot).unwrap());
        let workload = Box::new(snapshot.workloads.iter().next().unwrap().clone());
        let case = Arc::new(Case::open(snapshot.clone(), (*workload).clone(), &Query::default()));
        let fix = Box::new(case.proposals.first().unwrap().clone());
        let effects = [
            Effect::DiagnoseAll(run, snapshot.clone(), Query::default(), Vec::new()),
            Effect::Diagnose(run, snapshot, workload, Query::default()),
            Effect::Change(run, case.clone(), fix.clone()),
            Effect::Resolve(Vec::new()),
            Effect::Simulate(run, case.clone(), fix.remedies.clone()),
            Effect::TryPlans(run, folder.clone(), case.clone(), OwnerChoices::new()),
            Effect::ReadStartLog(run, StartLog::Scenario("")),
            Effect::ReadStartLog(run, StartLog::File(folder.clone())),
            Effect::ReadFolder(run, folder.clone()),
            Effect::Plan(run, folder.clone(), case, fix, OwnerChoices::new()),
            Effect::ReadConsent(run, folder.clone()),
            Effect::SaveConsent(folder.clone(), crate::terraform::CheckLevel::None),
            Effect::Undo(folder.clone()),
            Effect::UndoInterrupted(folder.clone()),
            Effect::FinishInterrupted(folder),
            Effect::ReadProfiles(run),
            Effect::OpenScenario(run, "isolated"),
        ];
        for effect in effects {
            let name = format!("{effect:?}").chars().take(20).collect::<String>();
            worker.perform(effect);
            let reply = async {
                loop {
                    match replies.recv().await {
                        Some(Message::Badge(..) | Message::Progress(..)) => {}
                        reply => return reply,
                    }
                }
            };
            let reply = tokio::time::timeout(std::time::Duration::from_mins(1), reply).await;
            assert!(matches!(reply, Ok(Some(_))), "{name} has no reply");
        }
    }
}
