//! The interactive application as a pure state machine: state, message in, effects out.
//!
//! Owns what is on which screen and what a key means there. No clock, no files, no network, no terminal: the edge
//! (`terminal`) sends [`Message`]s and carries [`Effect`]s out. Replies name the run that they answer, so that late ones
//! are dropped.

mod choose;
mod dialog;
mod input;
mod keymap;
mod message;
mod pick;
mod preview;
mod reading;
mod state;
mod steps;
mod tour;
mod trace;
mod typing;
mod update;

pub use choose::Choose;
pub use dialog::{Choice, Dialog, Question, Wanted};
pub use input::Input;
pub use keymap::{Action, Binding, Context, KEYMAP, Key};
pub use message::{Effect, Message, Run, Unplanned};
pub use pick::{Badge, Pick, PickRow};
pub use preview::{Done, Plan, Preview, Proof, Ready};
pub use reading::{CallRow, CallState, Reading, ReadingState};
pub use state::{App, Notice, Origin, Start, Step};
pub use trace::{Pane, TraceView};
