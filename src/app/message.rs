//! The input of the state machine ([`Message`]) and its output ([`Effect`]).

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Action, Badge, Editable, Hit, Key, Pane, StartLog};
use crate::case::Case;
use crate::discover::{LiveRequest, Progress, ReadHistory, ServiceLog};
use crate::evidence::{LogReading, Query, ResolvedHost};
use crate::model::{ListPrices, ResourceId, Snapshot, Workload, WorkloadId};
use crate::remedy::{Proposal, RemedyId};
use crate::report::IncidentProgress;
use crate::terraform::write::{Receipt, Undone};
use crate::terraform::{
    ChangeSet, CheckLevel, ConfigError, EditError, OwnerChoices, OwnerQuestion, PlannedFix, RequestedChecks,
    Verification,
};

/// Number of a run. A reply with another number than the expected one is stale and is dropped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RunId(pub u64);

/// An input: a terminal event, or the reply to an effect.
#[derive(Debug)]
pub enum Message {
    /// The user pressed a key.
    Key(Key),
    /// The user chose an action without its key: with the mouse wheel, or in the text dialogue.
    Act(Action),
    /// The user chose a row of the list shown, or a button: with the mouse, or in the text dialogue. The index of the row among those shown.
    Select(usize),
    /// The user clicked on a position with the mouse.
    Click(Hit),
    /// The user turned the wheel of the mouse over a pane: the action is up or down.
    Wheel(Option<Pane>, Action),
    /// The next action of the tour is due.
    TourIsDue,
    /// The user pasted text.
    Paste(String),
    /// The size of the terminal: columns, rows. The next frame draws everything.
    Resized(u16, u16),
    /// A discovery, or the reading of a log, sent or finished a call.
    Progress(RunId, Progress),
    /// A discovery ended.
    Discovered(RunId, Result<Box<Snapshot>, String>),
    /// One service of the list was diagnosed.
    Badge(RunId, WorkloadId, Badge),
    /// The diagnosis of all services ended.
    BadgesDone(RunId, Result<(), String>),
    /// The changed copy of the snapshot, with the changes of a written fix.
    Changed(RunId, Result<Arc<Snapshot>, String>),
    /// The diagnosis of one service ended.
    Diagnosed(RunId, Result<Arc<Case>, String>),
    /// The answers of this machine's resolver.
    Resolved(Vec<ResolvedHost>),
    /// The reading of the list prices ended; `None` if no price could be read.
    PricesRead(RunId, Result<Option<ListPrices>, String>),
    /// The reading of the log of the start ended.
    StartLogRead(RunId, Result<LogReading, String>),
    /// The reading of a service's log ended.
    LogRead(RunId, WorkloadId, Result<ServiceLog, String>),
    /// The reading of the last changes ended.
    HistoryRead(RunId, Result<ReadHistory, String>),
    /// The simulation of the marked fixes ended, or why they cannot be combined.
    Simulated(RunId, Result<Box<Proposal>, String>),
    /// The Terraform folder that the user typed was read, or cannot be read.
    FolderRead(RunId, Result<(), String>),
    /// The planning of all fixes ended: which can be written, by the id of the fix.
    PlansTried(RunId, BTreeMap<String, Editable>),
    /// The planning of an edit ended.
    Planned(RunId, Result<PlannedFix, PlanFailure>),
    /// The user's earlier answer which checks may run in the folder; `None` without an answer.
    ConsentRead(RunId, Result<Option<CheckLevel>, String>),
    /// The user's answer was stored, or the error.
    ConsentSaved(Result<(), String>),
    /// The checks of an edit ended.
    Checked(RunId, Verification),
    /// The write ended.
    Written(Result<Receipt, String>),
    /// An interrupted write was finished or undone; the text is the message to the user.
    Recovered(Result<String, String>),
    /// The undo ended.
    Undone(Result<Undone, String>),
    /// The names of the AWS profiles were read.
    ProfilesRead(RunId, Result<Vec<String>, String>),
    /// Another scenario of the demo was opened.
    ScenarioOpened(RunId, Result<Box<OpenedScenario>, String>),
    /// AWS is to be read again, because the user asked for it.
    WatchIsDue,
    /// The user's editor ended, or could not be started.
    Edited(Result<(), String>),
    /// Whether tmux has the copied text; `false` outside tmux.
    CopiedToTmux(bool),
    /// The report was saved to this path, or the error.
    Exported(Result<PathBuf, String>),
}

/// A scenario of the demo, with its own copy of the Terraform configuration.
#[derive(Debug)]
pub struct OpenedScenario {
    /// Its name.
    pub name: &'static str,
    /// Its snapshot.
    pub snapshot: Snapshot,
    /// Its log.
    pub log: &'static str,
    /// The copy of its Terraform configuration.
    pub terraform: PathBuf,
}

/// Why an edit cannot be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanFailure {
    /// The reason as a sentence.
    pub reason: String,
    /// The question whose answer makes the edit possible, if there is one.
    pub question: Option<OwnerQuestion>,
}

impl From<EditError> for PlanFailure {
    fn from(error: EditError) -> Self {
        Self { reason: error.to_string(), question: error.question() }
    }
}

impl From<ConfigError> for PlanFailure {
    fn from(error: ConfigError) -> Self {
        Self { reason: error.to_string(), question: None }
    }
}

/// Work for `terminal`, which carries it out off the drawing thread and replies with a [`Message`].
#[derive(Debug)]
pub enum Effect {
    /// Read AWS. This cancels an earlier discovery.
    Discover(RunId, LiveRequest),
    /// Stop the discovery.
    CancelDiscovery,
    /// Diagnose these services of the snapshot, in this order, for the badges of the list. This ends the earlier request.
    DiagnoseAll(RunId, Arc<Snapshot>, Query, Vec<WorkloadId>),
    /// Diagnose one service and propose fixes.
    Diagnose(RunId, Arc<Snapshot>, Box<Workload>, Query),
    /// Make the changes of a fix on a copy of the snapshot, which is then the network of a demo or a saved file.
    Change(RunId, Arc<Case>, Box<Proposal>),
    /// Read the log of a service.
    ReadLog(RunId, LiveRequest, WorkloadId),
    /// Read the log of the start.
    ReadStartLog(RunId, StartLog),
    /// Ask this machine's resolver for the addresses of these hosts.
    Resolve(Vec<String>),
    /// Read the list prices of the Region.
    ReadPrices(RunId, LiveRequest),
    /// Read the last changes of these resources.
    ReadHistory(RunId, LiveRequest, Vec<ResourceId>),
    /// Stop reading the log.
    CancelLog,
    /// Simulate these remedies as one fix.
    Simulate(RunId, Arc<Case>, Vec<RemedyId>),
    /// Plan all possible fixes of the case in this folder, to find which can be written.
    TryPlans(RunId, PathBuf, Arc<Case>, OwnerChoices),
    /// Read a Terraform folder that the user typed.
    ReadFolder(RunId, PathBuf),
    /// Read the Terraform folder and plan the edit.
    Plan(RunId, PathBuf, Arc<Case>, Box<Proposal>, OwnerChoices),
    /// Read the user's answer which checks may run in this folder.
    ReadConsent(RunId, PathBuf),
    /// Store the user's answer which checks may run in this folder.
    SaveConsent(PathBuf, CheckLevel),
    /// Run these checks of Terraform on a copy with the edit.
    Check(RunId, ChangeSet, RequestedChecks),
    /// Write the files.
    Write(ChangeSet),
    /// Undo the last write in this folder.
    Undo(PathBuf),
    /// Undo an interrupted write in this folder.
    UndoInterrupted(PathBuf),
    /// Finish an interrupted write in this folder.
    FinishInterrupted(PathBuf),
    /// Read the names of the AWS profiles from the config files of AWS.
    ReadProfiles(RunId),
    /// Open another scenario of the demo, with a new copy of its Terraform configuration.
    OpenScenario(RunId, &'static str),
    /// Copy the text to the clipboard.
    Copy(String),
    /// Open a file in the user's editor on this terminal, at a line.
    Editor(PathBuf, usize),
    /// Save the incident report of a case and of the user's fixes under this file name.
    Export(String, Arc<Case>, Box<IncidentProgress>),
    /// Suspend to the shell.
    Suspend,
    /// End the program.
    Quit,
}
