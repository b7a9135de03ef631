//! Carries out what the application asks for, away from the screen, and sends the answers back.

use std::fs::File;
use std::io::{self, ErrorKind, Write as _};
use std::path::PathBuf;

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;

use crate::app::{Effect, Message, Run, Unplanned};
use crate::discover::LiveRequest;
use crate::model::WorkloadId;
use crate::terraform::{Config, Environment, plan_edit, verify, write};

/// How far back a service's own log is read.
#[cfg(feature = "live")]
const LOG_BACK: std::time::Duration = std::time::Duration::from_hours(1);

/// Does the work.
pub(super) struct Worker {
    sender: UnboundedSender<Message>,
    state: PathBuf,
    terraform_state: Option<PathBuf>,
    discovery: Option<AbortHandle>,
    log: Option<AbortHandle>,
}

impl Worker {
    pub fn new(sender: UnboundedSender<Message>, state: PathBuf, terraform_state: Option<PathBuf>) -> Self {
        Self { sender, state, terraform_state, discovery: None, log: None }
    }

    pub fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Discover(run, request) => self.discover(run, request),
            Effect::CancelDiscovery => self.cancel(),
            Effect::ReadLog(run, request, id) => self.read_log(run, request, id),
            Effect::CancelLog => {
                if let Some(task) = self.log.take() {
                    task.abort();
                }
            }
            Effect::Plan(run, folder, case, proposal, answers) => {
                let environment = Environment::of(std::env::vars_os(), self.terraform_state.clone());
                self.work(move || {
                    let config = Config::read(&folder, &environment).map_err(Unplanned::from);
                    let planned = config.and_then(|config| {
                        Ok(plan_edit(&config, (&case.snapshot, &case.workload), &proposal, &answers)?)
                    });
                    Message::Planned(run, planned)
                });
            }
            Effect::Check(run, changes) => self.work(move || Message::Checked(run, verify(&changes))),
            Effect::Write(changes) => {
                let state = self.state.clone();
                self.work(move || {
                    Message::Written(write::write(&changes, &state).map_err(|error| error.to_string()))
                });
            }
            Effect::Undo(root) => {
                let state = self.state.clone();
                self.work(move || {
                    Message::Undone(write::undo(&root, &state).map_err(|error| error.to_string()))
                });
            }
            Effect::RollBack(root) => {
                let state = self.state.clone();
                self.work(move || {
                    let done = write::undo(&root, &state).map_err(|error| error.to_string());
                    Message::Recovered(done.map(|_| "the earlier write is taken back".to_owned()))
                });
            }
            Effect::Finish(root) => {
                let state = self.state.clone();
                self.work(move || {
                    let done = write::finish(&root, &state).map_err(|error| error.to_string());
                    Message::Recovered(done.map(|_| "the earlier write is finished".to_owned()))
                });
            }
            Effect::Export(name, text) => self.work(move || {
                Message::Exported(
                    export(&name, &text).map_err(|error| format!("cannot save {name}: {error}")),
                )
            }),
            // The session does these itself.
            Effect::Copy(_) | Effect::Suspend | Effect::Quit => {}
        }
    }

    fn work(&self, work: impl FnOnce() -> Message + Send + 'static) {
        let sender = self.sender.clone();
        tokio::task::spawn_blocking(move || {
            let _ = sender.send(work());
        });
    }

    fn cancel(&mut self) {
        if let Some(task) = self.discovery.take() {
            task.abort();
        }
    }

    #[cfg(feature = "live")]
    fn discover(&mut self, run: Run, request: LiveRequest) {
        self.cancel();
        let (sender, answer) = (self.sender.clone(), self.sender.clone());
        let task = tokio::spawn(async move {
            let progress = move |step| {
                let _ = sender.send(Message::Progress(run, step));
            };
            let snapshot = Box::pin(crate::discover::discover(&request, progress)).await;
            let snapshot = snapshot.map(Box::new).map_err(|error| error.to_string());
            let _ = answer.send(Message::Discovered(run, snapshot));
        });
        self.discovery = Some(task.abort_handle());
    }

    #[cfg(feature = "live")]
    fn read_log(&mut self, run: Run, request: LiveRequest, id: WorkloadId) {
        let (sender, answer) = (self.sender.clone(), self.sender.clone());
        let task = tokio::spawn(async move {
            let progress = move |step| {
                let _ = sender.send(Message::Progress(run, step));
            };
            let log = crate::discover::read_service_log(&request, id.as_str(), LOG_BACK, progress).await;
            let _ = answer.send(Message::LogRead(run, id, log.map_err(|error| error.to_string())));
        });
        self.log = Some(task.abort_handle());
    }

    /// Without the SDKs there is no log to be had, and nobody who asks for it.
    #[cfg(not(feature = "live"))]
    fn read_log(&mut self, run: Run, _: LiveRequest, id: WorkloadId) {
        let _ = self.sender.send(Message::LogRead(run, id, Ok(crate::discover::ServiceLog::default())));
    }

    #[cfg(not(feature = "live"))]
    fn discover(&mut self, run: Run, _: LiveRequest) {
        self.cancel();
        let why = "this build cannot read live AWS (it was built without the feature `live`)".to_owned();
        let _ = self.sender.send(Message::Discovered(run, Err(why)));
    }
}

/// Saves the text in the working directory, under a name that is still free.
fn export(name: &str, text: &str) -> io::Result<PathBuf> {
    let (stem, ending) = name.rsplit_once('.').unwrap_or((name, "md"));
    for number in 1..100 {
        let path =
            PathBuf::from(if number == 1 { name.to_owned() } else { format!("{stem}-{number}.{ending}") });
        match File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(text.as_bytes())?;
                return Ok(path);
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::new(ErrorKind::AlreadyExists, "a hundred of them are here already"))
}
