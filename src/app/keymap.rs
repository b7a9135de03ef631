//! The table of all keys: dispatch, the footer, the help screen, the config file and the README use it. `rebind.rs` changes keys.

use std::borrow::Cow;

use crossterm::event::KeyCode;

use super::Key;
use super::action::Action;
use super::action::Context::{
    self, Checks, Choose, Confirmation, Done, Explain, Filter, Input, Map, Owner, Pick, Picker, Preview,
    Reader, Trace,
};

/// Keys and their action.
#[derive(Clone, Debug)]
pub struct Binding {
    /// The keys; each has the same action.
    pub keys: Cow<'static, [Key]>,
    /// The action.
    pub action: Action,
    /// The contexts in which the keys work.
    pub contexts: &'static [Context],
    /// One or two words for the footer. A binding with an empty hint is not in the footer.
    pub hint: &'static str,
    /// The description in the help and in the README.
    pub help: &'static str,
    /// If the footer is too narrow, it drops the bindings with the highest number first.
    pub priority: u8,
}

const fn bind(
    keys: &'static [Key],
    action: Action,
    contexts: &'static [Context],
    hint: &'static str,
    help: &'static str,
    priority: u8,
) -> Binding {
    Binding { keys: Cow::Borrowed(keys), action, contexts, hint, help, priority }
}

const ENTER: Key = Key::plain(KeyCode::Enter);
const ESC: Key = Key::plain(KeyCode::Esc);
const TAB: Key = Key::plain(KeyCode::Tab);
const LEFT: Key = Key::plain(KeyCode::Left);
const RIGHT: Key = Key::plain(KeyCode::Right);

/// The steps and the dialogs that have a list.
const LISTS: &[Context] =
    &[Pick, Trace, Choose, Preview, Done, Reader, Map, Explain, Confirmation, Owner, Checks];
/// The steps and the dialogs that scroll by pages.
const PAGES: &[Context] = &[Pick, Trace, Choose, Preview, Done, Reader, Map, Explain, Confirmation];
/// The steps after the list of services.
const CASE: &[Context] = &[Trace, Choose, Preview, Done];

/// The table, with the keys that work without a config file.
pub static KEYMAP: &[Binding] = &[
    bind(&[ENTER], Action::Forward, &[Pick], "open", "open the selected service", 0),
    bind(&[ENTER], Action::Forward, &[Trace], "fixes", "show the fixes", 0),
    bind(
        &[ENTER],
        Action::Forward,
        &[Choose],
        "diff",
        "show the Terraform diff of the marked fixes, or of the selected fix",
        0,
    ),
    bind(
        &[Key::char('w')],
        Action::Write,
        &[Preview],
        "write",
        "write the files, after a confirmation; if they are written, show the result. In the demo, Write is selected",
        0,
    ),
    bind(
        &[ENTER],
        Action::Forward,
        &[Preview],
        "",
        "write the files, after a confirmation; if they are written, show the result",
        0,
    ),
    bind(
        &[ENTER],
        Action::Forward,
        &[Done],
        "result",
        "show the result; then show the fixes for what is still blocked",
        0,
    ),
    bind(
        &[Key::char('u')],
        Action::Undo,
        Context::STEPS,
        "undo",
        "restore the files of the last write, byte for byte",
        1,
    ),
    bind(
        &[Key::char('r')],
        Action::Refresh,
        &[Done],
        "refresh",
        "read AWS again and compare; in the demo, show the simulated result",
        0,
    ),
    bind(&[Key::char('r')], Action::Refresh, &[Pick, Trace], "", "read AWS again", 6),
    bind(&[Key::char('r')], Action::Refresh, &[Preview], "", "plan the edit again", 6),
    bind(
        &[Key::char(' ')],
        Action::Mark,
        &[Choose],
        "mark",
        "mark the selected fix or remove its mark; marked fixes are combined",
        1,
    ),
    bind(
        &[Key::char('t')],
        Action::Traffic,
        &[Choose],
        "traffic",
        "set the expected traffic in GB per month",
        3,
    ),
    bind(&[Key::char('f')], Action::Folder, &[Choose, Preview], "folder", "use another Terraform folder", 5),
    bind(
        &[Key::char('n')],
        Action::NextHunk,
        &[Preview],
        "next hunk",
        "go to the next hunk, or to the next match of a search",
        1,
    ),
    bind(
        &[Key::char('N')],
        Action::PreviousHunk,
        &[Preview],
        "",
        "go to the previous hunk, or to the previous match",
        6,
    ),
    bind(
        &[Key::char('}')],
        Action::MoreContext,
        &[Preview],
        "more context",
        "show more unchanged lines around each change",
        5,
    ),
    bind(&[Key::char('{')], Action::LessContext, &[Preview], "", "show fewer unchanged lines", 6),
    bind(
        &[Key::char('s')],
        Action::SideBySide,
        &[Preview],
        "side by side",
        "show the old and the new file side by side, from 120 columns, or as one diff",
        5,
    ),
    bind(
        &[Key::char('v')],
        Action::Checks,
        &[Preview],
        "checks",
        "choose which checks run; validate and plan execute code of the folder",
        2,
    ),
    bind(&[Key::char('a')], Action::Add, &[Trace], "add", "add a destination", 3),
    bind(
        &[Key::char('d'), Key::plain(KeyCode::Delete)],
        Action::Hide,
        &[Trace],
        "hide",
        "hide the selected destination",
        5,
    ),
    bind(
        &[Key::char('U')],
        Action::Unhide,
        &[Trace],
        "unhide",
        "show the destination again that was hidden last",
        4,
    ),
    bind(
        &[Key::char('i')],
        Action::Explain,
        &[Trace],
        "explain",
        "show the configuration behind the deciding hop, and how to check it by hand",
        1,
    ),
    bind(
        &[Key::char('H')],
        Action::History,
        &[Trace],
        "history",
        "show the last changes of what blocks, and who made them (AWS CloudTrail)",
        6,
    ),
    bind(
        &[Key::char('m')],
        Action::Map,
        &[Trace, Choose, Done],
        "map",
        "show the path map; on Choose and Done before and after the fix",
        2,
    ),
    bind(
        &[Key::char('/')],
        Action::Filter,
        &[Pick, Trace, Choose, Reader, Owner],
        "filter",
        "filter the list while you type",
        3,
    ),
    bind(
        &[Key::char('/')],
        Action::Filter,
        &[Preview],
        "search",
        "search in the diff while you type; the keys for hunks then go to the matches",
        3,
    ),
    bind(
        &[Key::char(':'), Key::ctrl('p')],
        Action::Palette,
        Context::STEPS,
        "palette",
        "find an action, a destination, a service or a scenario",
        2,
    ),
    bind(
        &[Key::char('S')],
        Action::Scenarios,
        Context::STEPS,
        "scenarios",
        "list the scenarios of the demo",
        6,
    ),
    bind(
        &[Key::char(']')],
        Action::NextScenario,
        Context::STEPS,
        "",
        "open the next scenario of the demo",
        7,
    ),
    bind(
        &[Key::char('[')],
        Action::PreviousScenario,
        Context::STEPS,
        "",
        "open the previous scenario of the demo",
        7,
    ),
    bind(&[Key::char('p')], Action::Profile, &[Pick], "profile", "use another AWS profile", 4),
    bind(&[Key::char('R')], Action::Region, &[Pick], "region", "use another AWS region", 4),
    bind(
        &[TAB, Key::plain(KeyCode::BackTab)],
        Action::NextPane,
        &[Trace, Preview],
        "switch pane",
        "switch to the other pane",
        2,
    ),
    bind(&[Key::plain(KeyCode::Up), Key::char('k')], Action::Up, LISTS, "", "move up", 9),
    bind(&[Key::plain(KeyCode::Down), Key::char('j')], Action::Down, LISTS, "", "move down", 9),
    bind(
        &[RIGHT, Key::char('l')],
        Action::MoreTraffic,
        &[Choose],
        "",
        "expect more traffic: the costs and the cost chart change",
        4,
    ),
    bind(&[LEFT, Key::char('h')], Action::LessTraffic, &[Choose], "", "expect less traffic", 4),
    bind(&[LEFT, Key::char('h')], Action::Left, &[Trace, Preview, Map], "", "move left", 9),
    bind(&[RIGHT, Key::char('l')], Action::Right, &[Trace, Preview, Map], "", "move right", 9),
    bind(&[Key::plain(KeyCode::Home), Key::char('g')], Action::First, LISTS, "", "go to the first row", 9),
    bind(&[Key::plain(KeyCode::End), Key::char('G')], Action::Last, LISTS, "", "go to the last row", 9),
    bind(&[Key::plain(KeyCode::PageUp), Key::ctrl('u')], Action::PageUp, PAGES, "", "move up by one page", 9),
    bind(
        &[Key::plain(KeyCode::PageDown), Key::ctrl('d')],
        Action::PageDown,
        PAGES,
        "",
        "move down by one page",
        9,
    ),
    bind(
        &[Key::char('y')],
        Action::Copy,
        CASE,
        "copy",
        "copy the destination, the fix, the diff or the commands to the clipboard",
        4,
    ),
    bind(
        &[
            Key::char('1'),
            Key::char('2'),
            Key::char('3'),
            Key::char('4'),
            Key::char('5'),
            Key::char('6'),
            Key::char('7'),
            Key::char('8'),
            Key::char('9'),
        ],
        Action::CopyCommand,
        &[Done],
        "copy command",
        "copy the command with this number to the clipboard",
        3,
    ),
    bind(
        &[Key::char('e')],
        Action::Export,
        &[Done],
        "report",
        "save the incident report in the current directory, with the written fix and its result",
        2,
    ),
    bind(
        &[Key::char('e')],
        Action::Export,
        &[Trace, Choose, Preview],
        "report",
        "save the incident report in the current directory",
        4,
    ),
    bind(
        &[Key::char('L')],
        Action::Calls,
        Context::STEPS,
        "calls",
        "list the AWS calls with times and errors",
        5,
    ),
    bind(&[Key::char('c')], Action::Caption, Context::STEPS, "", "hide or show the captions of the demo", 7),
    bind(&[Key::char('?')], Action::Help, Context::STEPS, "help", "show all keys", 1),
    bind(&[ESC], Action::Back, CASE, "back", "go back one step", 2),
    bind(&[ESC], Action::Back, &[Pick], "", "stop the diagnosis or the reading, or clear the filter", 9),
    bind(&[ESC, Key::char('q')], Action::Back, &[Reader], "close", "close the dialog", 0),
    bind(&[ESC, Key::char('q'), Key::char('m')], Action::Back, &[Map], "close", "close the path map", 0),
    bind(&[ESC, Key::char('q'), Key::char('i')], Action::Back, &[Explain], "close", "close the dialog", 0),
    bind(
        &[RIGHT, Key::char('l')],
        Action::Right,
        &[Explain],
        "next hop",
        "show the configuration of the next hop",
        1,
    ),
    bind(
        &[LEFT, Key::char('h')],
        Action::Left,
        &[Explain],
        "previous hop",
        "show the configuration of the previous hop",
        1,
    ),
    bind(&[Key::char('y')], Action::Copy, &[Explain], "copy command", "copy the command to the clipboard", 2),
    bind(&[ENTER], Action::Forward, &[Confirmation], "OK", "confirm the selected button", 0),
    bind(&[ENTER], Action::Forward, &[Owner, Checks], "select", "confirm the selected answer", 0),
    bind(&[ESC], Action::Back, &[Owner, Checks], "skip", "close the question without an answer", 1),
    bind(
        &[TAB, LEFT, RIGHT, Key::char('h'), Key::char('l')],
        Action::NextPane,
        &[Confirmation],
        "switch",
        "switch to the other button",
        0,
    ),
    bind(&[Key::char('y')], Action::Yes, &[Confirmation], "yes", "answer yes: write, or quit", 1),
    bind(&[Key::char('n')], Action::No, &[Confirmation], "no", "answer no: cancel", 1),
    bind(&[ESC], Action::Back, &[Confirmation], "close", "close the dialog, change nothing", 1),
    bind(&[ENTER], Action::Forward, &[Input], "OK", "confirm the text", 0),
    bind(
        &[ENTER],
        Action::Forward,
        &[Picker],
        "select",
        "use the selected row; without a row, the typed profile or Region",
        0,
    ),
    bind(&[ESC], Action::Back, &[Picker], "close", "close the list", 1),
    bind(&[ENTER], Action::Forward, &[Filter], "keep", "end typing, keep the filter", 0),
    bind(&[ESC], Action::Back, &[Filter], "show all", "end the filter", 1),
    bind(&[Key::plain(KeyCode::Up)], Action::Up, &[Picker, Filter], "", "move up", 9),
    bind(&[Key::plain(KeyCode::Down)], Action::Down, &[Picker, Filter], "", "move down", 9),
    bind(&[Key::plain(KeyCode::PageUp)], Action::PageUp, &[Picker, Filter], "", "move up by one page", 9),
    bind(
        &[Key::plain(KeyCode::PageDown)],
        Action::PageDown,
        &[Picker, Filter],
        "",
        "move down by one page",
        9,
    ),
    bind(&[ESC], Action::Back, &[Input], "cancel", "close the dialog, change nothing", 1),
    bind(&[Key::char('q')], Action::Quit, Context::STEPS, "quit", "quit", 3),
    bind(
        &[Key::ctrl('c')],
        Action::QuitNow,
        <Context as strum::VariantArray>::VARIANTS,
        "",
        "quit; asks first if something would be lost, and then quits when pressed again",
        9,
    ),
    bind(
        &[Key::ctrl('z')],
        Action::Suspend,
        <Context as strum::VariantArray>::VARIANTS,
        "",
        "suspend to the shell",
        9,
    ),
];
