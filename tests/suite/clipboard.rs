//! Copies in a real tmux with its default settings, and the frames as the terminal receives them.

use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use crate::support::say;
use crate::support::screen::Screen;

/// A tmux server of its own, without a configuration file. It ends with the test.
struct Tmux<'a> {
    home: &'a Path,
}

impl Tmux<'_> {
    fn run(&self, arguments: &[&str]) -> Output {
        Command::new("tmux")
            .args(["-L", "test", "-f", "/dev/null"])
            .args(arguments)
            .env_remove("TMUX")
            .env("TMUX_TMPDIR", self.home)
            .env("HOME", self.home)
            .env("XDG_STATE_HOME", self.home)
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap()
    }

    fn text(&self, arguments: &[&str]) -> String {
        String::from_utf8_lossy(&self.run(arguments).stdout).into_owned()
    }

    fn wait_for(&self, wanted: &str) {
        let deadline = Instant::now() + Duration::from_mins(2);
        while !self.text(&["capture-pane", "-p"]).contains(wanted) {
            assert!(Instant::now() < deadline, "`{wanted}`\n{}", self.text(&["capture-pane", "-p"]));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Tmux<'_> {
    fn drop(&mut self) {
        self.run(&["kill-server"]);
    }
}

#[test]
fn a_copy_inside_tmux_is_in_its_paste_buffer() {
    if Command::new("tmux").arg("-V").output().is_err() {
        say("!!! SKIPPED a_copy_inside_tmux_is_in_its_paste_buffer: tmux is not installed !!!");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let tmux = Tmux { home: home.path() };
    let program = format!("'{}' demo isolated", env!("CARGO_BIN_EXE_egress-doctor"));
    tmux.run(&["new-session", "-d", "-x", "100", "-y", "30", &program]);
    tmux.wait_for("4 of 4 destinations blocked");
    assert_eq!(
        tmux.text(&["show-options", "-gv", "set-clipboard"]),
        "external\n",
        "{}",
        "the default of tmux"
    );
    tmux.run(&["send-keys", "Enter"]);
    tmux.wait_for("NO_ROUTE_TO_DESTINATION");
    tmux.run(&["send-keys", "y"]);
    tmux.wait_for("Copied the destination; tmux has it too");
    let copied = tmux.text(&["show-buffer"]);
    assert!(copied.starts_with("s3.us-west-2.amazonaws.com") || copied.contains(".s3."), "{copied}");
    assert!(copied.contains("NO_ROUTE_TO_DESTINATION") || copied.contains("no route"), "{copied}");
}

#[test]
fn each_frame_is_a_synchronized_update() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Screen::start(&["demo", "isolated"], &[], home.path(), (80, 24));
    screen.wait_for("4 of 4 destinations blocked");
    screen.press_for("?", "Keys");
    screen.press_for("esc", "4 of 4 destinations blocked");
    screen.press("q");
    let (_, raw) = screen.end();
    let (begin, end) = ("\u{1b}[?2026h", "\u{1b}[?2026l");
    let frames: Vec<&str> = raw.split(begin).collect();
    assert!(frames.len() > 3, "{} updates", frames.len());
    let before = frames[0];
    assert!(!before.contains("egress-doctor"), "no text is outside an update: {before}");
    for frame in &frames[1..] {
        let (_, outside) = frame.split_once(end).expect("the update ends");
        assert!(!outside.contains("egress"), "no text is outside an update: {outside:?}");
    }
}

#[test]
fn the_mouse_selects_and_scrolls_only_with_its_option() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Screen::start(&["demo", "isolated"], &[], home.path(), (100, 30));
    screen.wait_for("4 of 4 destinations blocked");
    screen.press("q");
    let (_, raw) = screen.end();
    assert!(!raw.contains("\u{1b}[?1000h"), "the mouse selects text");

    let mut screen =
        Screen::start(&["demo", "isolated", "--mouse", "--step", "trace"], &[], home.path(), (100, 30));
    screen.wait_for("> S3");
    // The wheel at column 7, row 6.
    screen.press_for("\u{1b}[<65;7;6M", "> Bedrock");
    let text = screen.text();
    let line = text.lines().position(|line| line.contains("  S3 ")).unwrap();
    screen.press_for(&format!("\u{1b}[<0;7;{}M", line + 1), "> S3");
    screen.press("q");
    let (code, raw) = screen.end();
    assert_eq!(code, 0);
    assert!(raw.contains("\u{1b}[?1000h") && raw.contains("\u{1b}[?1000l"), "the mouse is released");
}
