//! The interactive application as a pure state machine: a message changes the state and returns effects.
//!
//! Owns the state of each step and the meaning of each key. It must not use the clock, files, the network,
//! the terminal or threads, and it must not diagnose: `terminal` sends each [`Message`] and carries out each
//! [`Effect`]. Each effect that may take longer than a frame has a [`RunId`], and its reply has the same id,
//! so that stale replies are dropped.

mod action;
mod availability;
mod badge;
mod checks;
mod choose;
mod choose_keys;
mod confirm;
mod confirmation;
mod copy;
mod copy_list;
mod diagnose;
mod diagnosing;
mod dialog;
mod dialog_keys;
mod discovery;
mod done;
mod editable;
mod editor;
mod explain;
mod file_change;
mod filter;
mod filter_keys;
mod follow_up;
mod history;
mod hit;
mod input;
mod key;
mod keymap;
mod message;
mod movement;
mod open_by_option;
mod opening;
mod palette;
mod paste;
mod pick;
mod picker;
mod preview;
mod prices;
mod rebind;
mod refinement;
mod resolution;
mod scroll;
mod search;
mod select;
mod state;
mod step;
mod step_keys;
mod tour;
mod tour_keys;
mod trace;
mod update;
mod watch;
mod writes;

pub use action::{Action, Context};
pub use badge::Badge;
pub use choose::{Choose, MarkedSet};
pub use confirmation::{Button, Confirmation};
pub use diagnosing::Diagnosing;
pub use dialog::{Dialog, InputPurpose, InputState};
pub use discovery::{CallRow, CallState, Discovery, DiscoveryState};
pub use done::{After, Done};
pub use editable::Editable;
pub use filter::Filter;
pub use filter_keys::answers_shown;
pub use hit::Hit;
pub use input::Input;
pub use key::Key;
pub use keymap::{Binding, KEYMAP};
pub use message::{Effect, Message, OpenedScenario, PlanFailure, RunId};
pub use opening::Opening;
pub use pick::{Pick, PickOrder, PickRow};
pub use picker::{Entry, Picker, PickerPurpose};
pub use preview::{Plan, PlannedEdit, Preview};
pub use rebind::{KeyConflict, Keymap};
pub use scroll::Scroll;
pub use state::{App, Notice, Origin, Preferences, SMALLEST_SCREEN, Start};
pub use step::Step;
pub use tour::Tour;
pub use trace::{Pane, TraceView};
pub use watch::WATCH;
