//! The actions of the keys, and the contexts in which keys work.

use strum::{EnumString, IntoStaticStr, VariantArray};

use super::Step;

/// The place in which a key is pressed: a step or a dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, IntoStaticStr, VariantArray)]
pub enum Context {
    /// The list of services.
    Pick,
    /// The matrix and the path.
    Trace,
    /// The list of fixes.
    Choose,
    /// The diff.
    Preview,
    /// The written files and the result.
    Done,
    /// A dialog that scrolls: help, AWS calls.
    #[strum(serialize = "Help and AWS calls")]
    Reader,
    /// The path map on the whole screen.
    #[strum(serialize = "Path map")]
    Map,
    /// The configuration behind a hop.
    #[strum(serialize = "Configuration of a hop")]
    Explain,
    /// A confirmation with two buttons.
    #[strum(serialize = "Confirmations")]
    Confirmation,
    /// The question which Terraform resource manages an AWS resource.
    #[strum(serialize = "Which resource?")]
    Owner,
    /// The question which checks may run.
    #[strum(serialize = "Which checks?")]
    Checks,
    /// A line of text that the user types.
    #[strum(serialize = "Text input")]
    Input,
    /// A list with a line of text: palette, profiles, Regions, scenarios.
    #[strum(serialize = "Palette and lists")]
    Picker,
    /// The filter of a list, while the user types it.
    Filter,
}

impl Context {
    /// The contexts without a dialog.
    pub const STEPS: &[Self] = &[Self::Pick, Self::Trace, Self::Choose, Self::Preview, Self::Done];

    /// Whether characters are text there, not keys.
    pub(super) fn takes_text(self) -> bool {
        matches!(self, Self::Input | Self::Picker | Self::Filter)
    }

    /// Its heading in the help and in the README.
    #[must_use]
    pub fn title(self) -> &'static str {
        self.into()
    }
}

impl From<Step> for Context {
    fn from(step: Step) -> Self {
        match step {
            Step::Pick => Self::Pick,
            Step::Trace => Self::Trace,
            Step::Choose => Self::Choose,
            Step::Preview => Self::Preview,
            Step::Done => Self::Done,
        }
    }
}

/// The effect of a key. Its name in kebab case is its name in the config file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, EnumString, IntoStaticStr, VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum Action {
    /// Move up by one row.
    Up,
    /// Move down by one row.
    Down,
    /// Move left by one column.
    Left,
    /// Move right by one column.
    Right,
    /// Go to the first row.
    First,
    /// Go to the last row.
    Last,
    /// Move up by one page.
    PageUp,
    /// Move down by one page.
    PageDown,
    /// Switch to the other pane or button.
    NextPane,
    /// Show the focused pane on the whole screen, or all panes again.
    Zoom,
    /// Go to the next step, or confirm.
    Forward,
    /// Go to the previous step, or cancel.
    Back,
    /// Answer a confirmation with yes.
    Yes,
    /// Answer a confirmation with no.
    No,
    /// Quit; a confirmation opens first if something would be lost.
    Quit,
    /// Quit from everywhere; pressed again, without a question.
    QuitNow,
    /// Suspend to the shell.
    Suspend,
    /// Show all keys.
    Help,
    /// Show the AWS calls.
    Calls,
    /// Show the path map on the whole screen.
    Map,
    /// Show the configuration behind a hop of the path.
    Explain,
    /// Read the last changes of what blocks the selected destination.
    History,
    /// Filter the list while the user types.
    Filter,
    /// Open the palette.
    Palette,
    /// List the scenarios of the demo.
    Scenarios,
    /// Open the next scenario.
    NextScenario,
    /// Open the previous scenario.
    PreviousScenario,
    /// Add a destination.
    Add,
    /// Hide a destination.
    Hide,
    /// Show the destination again that was hidden last.
    Unhide,
    /// Show the services in another order.
    Sort,
    /// Use another AWS profile.
    Profile,
    /// Use another region.
    Region,
    /// Read AWS again.
    Refresh,
    /// Read AWS again and again, until all destinations are reachable.
    Watch,
    /// Mark the selected fix, or remove its mark.
    Mark,
    /// Set the expected traffic.
    Traffic,
    /// Expect more traffic.
    MoreTraffic,
    /// Expect less traffic.
    LessTraffic,
    /// Use another Terraform folder.
    Folder,
    /// Go to the next hunk.
    NextHunk,
    /// Go to the previous hunk.
    PreviousHunk,
    /// Show more unchanged lines in the diff.
    MoreContext,
    /// Show fewer unchanged lines in the diff.
    LessContext,
    /// Show the old and the new file side by side, or below each other.
    SideBySide,
    /// Choose which checks run.
    Checks,
    /// Write the files.
    Write,
    /// Restore the files.
    Undo,
    /// Open the selected file in the user's editor.
    Editor,
    /// Copy the destination, the fix, the patch or the next commands, depending on the step.
    Copy,
    /// List what can be copied.
    CopyList,
    /// Select the next cause on Trace.
    NextCause,
    /// Copy the command with the number of the key.
    CopyCommand,
    /// Save the incident report.
    Export,
    /// Hide or show the captions of the demo.
    Caption,
}

impl Action {
    /// Its name in the config file.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether the config file can give it other keys. Ctrl-C always quits, and a command is copied with its number.
    #[must_use]
    pub fn can_be_rebound(self) -> bool {
        !matches!(self, Self::QuitNow | Self::CopyCommand)
    }

    /// Whether it only moves the selection or the scroll position.
    pub(super) fn is_movement(self) -> bool {
        matches!(
            self,
            Self::Up
                | Self::Down
                | Self::Left
                | Self::Right
                | Self::First
                | Self::Last
                | Self::PageUp
                | Self::PageDown
                | Self::NextPane
        )
    }
}
