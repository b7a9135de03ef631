//! The real application in a real terminal, from the first screen to the written fix.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::support::screen::{Screen, assert_restored};
#[cfg(feature = "live")]
use crate::support::{lab, terraform};

#[test]
fn the_demo_writes_a_fix_with_fewer_than_ten_keys() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Screen::start(&["demo", "isolated"], &[], home.path(), (200, 40));
    screen.wait_for("x 4 of 4 destinations blocked");
    screen.press_for("enter", "NO_ROUTE_TO_DESTINATION");
    screen.press_for("enter", "Recommended: 1. S3");
    screen.press_for("enter", "1 file new, 1 changed; 1 to add, 0 to change, 0 to destroy");
    screen.press_for("w", "Write this edit?");
    screen.press_for("enter", "Written");
    assert!(screen.keys < 10, "{} keys", screen.keys);

    // The write creates the file on disk, and the undo deletes it.
    let text = screen.text();
    let line = text.lines().find(|line| line.contains("Written")).unwrap();
    let folder = Path::new(line.split(" in ").nth(1).unwrap().trim());
    let endpoint = std::fs::read_to_string(folder.join("vpc-endpoints.tf")).unwrap();
    assert!(endpoint.contains("resource \"aws_vpc_endpoint\" \"s3\""), "{endpoint}");
    screen.press_for("r", "S3");
    screen.wait_for("x→+");
    screen.press_for("u", "byte for byte");
    assert!(!folder.join("vpc-endpoints.tf").exists());
    screen.press("q");
    let (code, raw) = screen.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
    assert!(!folder.exists(), "the demo's folder goes with the demo");
}

/// The first frame does not wait for a log whose writer is slow, and quitting does not either.
#[cfg(unix)]
#[test]
fn the_services_are_shown_before_the_log_is_read() {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("many.log");
    assert!(std::process::Command::new("mkfifo").arg(&log).status().unwrap().success());
    let snapshot = crate::support::repository("assets/scenarios/isolated/snapshot.json");
    let arguments = ["open", snapshot.to_str().unwrap(), "--log", log.to_str().unwrap()];
    let mut screen = Screen::start(&arguments, &[], home.path(), (120, 24));
    screen.wait_for("bond-ai-dev-backend");
    screen.wait_for("Reading the log");
    let text = crate::support::repository("assets/scenarios/isolated/application.log");
    std::fs::write(&log, std::fs::read(text).unwrap()).unwrap();
    screen.wait_for("x 4 of 4 destinations blocked");
    screen.press("q");
    assert_eq!(screen.end().0, 0);

    let mut screen = Screen::start(&arguments, &[], home.path(), (120, 24));
    screen.wait_for("Reading the log");
    screen.press("q");
    assert_eq!(screen.end().0, 0);
}

#[test]
fn control_c_restores_the_terminal() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Screen::start(&["demo", "isolated"], &[], home.path(), (80, 24));
    screen.wait_for("App Runner services");
    screen.press("ctrl-c");
    let (code, raw) = screen.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
}

/// Each signal that ends the program, on the list of services, with an open dialog, and while the user types: the terminal is restored and
/// the temporary folder is removed.
#[cfg(unix)]
#[test]
fn a_signal_restores_the_terminal() {
    let places = [("App Runner services", ""), ("Quit?", "\rdq"), ("Palette", "\r:fix")];
    for (signal, code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130), ("-QUIT", 131)] {
        for (shown, keys) in places {
            let home = tempfile::tempdir().unwrap();
            let temporary = home.path().join("tmp");
            std::fs::create_dir(&temporary).unwrap();
            let variables = [("TMPDIR".to_owned(), temporary.display().to_string())];
            let mut screen = Screen::start(&["demo", "isolated"], &variables, home.path(), (80, 24));
            screen.wait_for("x 4 of 4 destinations blocked");
            for key in keys.chars() {
                screen.press(&key.to_string());
                screen.wait_for(if key == '\r' { "NO_ROUTE_TO_DESTINATION" } else { "" });
            }
            screen.wait_for(shown);
            let id = screen.process_id().to_string();
            assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
            let (ended, raw) = screen.end();
            assert_eq!(ended, code, "{signal}, {shown}");
            assert_restored(&raw);
            assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "{signal}, {shown}");
        }
    }
}

/// A signal while AWS is being read, of which no call ever answers: the program does not wait for the calls.
#[cfg(all(unix, feature = "live"))]
#[test]
fn a_signal_while_aws_is_read_ends_the_program_at_once() {
    let server = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", server.local_addr().unwrap());
    // The connections are accepted and stay open without an answer.
    std::thread::spawn(move || server.incoming().collect::<Vec<_>>());
    let variables = [("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")];
    let variables = variables.map(|(name, value)| (name.to_owned(), value.to_owned()));
    for (signal, code) in [("-TERM", 143), ("-HUP", 129), ("-INT", 130)] {
        let home = tempfile::tempdir().unwrap();
        let arguments = ["--region", "us-west-2", "--endpoint-url", &url];
        let mut screen = Screen::start(&arguments, &variables, home.path(), (80, 24));
        screen.wait_for("calls done");
        let id = screen.process_id().to_string();
        let sent = std::time::Instant::now();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
        let (ended, raw) = screen.end();
        assert_eq!(ended, code, "{signal}");
        assert_restored(&raw);
        // A call is given up after 10 s: the end does not wait for it.
        assert!(sent.elapsed() < std::time::Duration::from_secs(5), "{signal}: {:?}", sent.elapsed());
    }
}

/// When the terminal is closed, the program ends by the signal, prints nothing to it, and removes its folder.
#[cfg(unix)]
#[test]
fn a_closed_terminal_ends_the_demo_cleanly() {
    // The application can notice the end of the terminal before the signal or after it.
    for _ in 0..12 {
        let home = tempfile::tempdir().unwrap();
        let temporary = home.path().join("tmp");
        std::fs::create_dir(&temporary).unwrap();
        let variables = [("TMPDIR".to_owned(), temporary.display().to_string())];
        let mut screen = Screen::start(&["demo", "isolated"], &variables, home.path(), (80, 24));
        screen.wait_for("App Runner services");
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 1);
        let (code, signal) = screen.close();
        assert_eq!(signal, None);
        assert_eq!(code, 129);
        assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0);
    }
}

/// Ctrl-Z stops the program on the main screen; after it is continued, the whole frame is drawn again and keys work.
#[cfg(target_os = "linux")]
#[test]
fn the_program_stops_by_ctrl_z_and_continues() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Screen::start(&["demo", "isolated"], &[], home.path(), (80, 24));
    screen.wait_for("x 4 of 4 destinations blocked");
    screen.press_for("enter", "NO_ROUTE_TO_DESTINATION");
    let lines =
        |screen: &Screen| screen.text().lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    // The rest of the frame.
    screen.quiet(Duration::from_millis(200));
    let shown = lines(&screen);
    screen.press("ctrl-z");
    let id = screen.process_id().to_string();
    let state = || {
        let status = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap();
        status.rsplit_once(") ").unwrap().1.chars().next().unwrap()
    };
    let deadline = Instant::now() + Duration::from_mins(2);
    while state() != 'T' {
        assert!(Instant::now() < deadline, "the program does not stop");
        std::thread::sleep(Duration::from_millis(10));
    }
    screen.quiet(Duration::from_millis(200));
    assert_restored(&screen.raw());
    assert!(std::process::Command::new("kill").args(["-CONT", &id]).status().unwrap().success());
    screen.wait_for("NO_ROUTE_TO_DESTINATION");
    screen.quiet(Duration::from_millis(200));
    assert_eq!(lines(&screen), shown);
    screen.press_for("enter", "Recommended: 1. S3");
    screen.press("q");
    let (code, raw) = screen.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
}

/// Terminals send pasted line ends as carriage returns.
#[test]
fn a_log_pasted_with_carriage_returns_is_read_and_a_resize_draws_it_again() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Screen::start(&["demo", "isolated"], &[], home.path(), (120, 36));
    screen.wait_for("x 4 of 4 destinations blocked");
    screen.press_for("enter", "NO_ROUTE_TO_DESTINATION");
    screen.press(
        "\u{1b}[200~starting\rConnect timeout on endpoint URL: \"https://sqs.us-west-2.amazonaws.com/\"\rend\u{1b}[201~",
    );
    screen.wait_for("SQS");
    // The pasted line end is no key: no fix opens.
    assert!(screen.text().contains("TRACE"), "{}", screen.text());
    screen.resize((40, 10));
    screen.wait_for("needs 60x20");
    screen.resize((80, 24));
    screen.wait_for("SQS");
    screen.press_for("q", "Quit?");
    screen.press("y");
    let (code, raw) = screen.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
}

/// The program finds a key and a new size at the same time: it also takes the second one, so that keys work on the larger screen.
#[cfg(target_os = "linux")]
#[test]
fn a_key_and_a_new_size_that_arrive_together_are_both_handled() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Screen::start(&["demo", "isolated"], &[], home.path(), (120, 36));
    screen.wait_for("x 4 of 4 destinations blocked");
    screen.press_for("enter", "NO_ROUTE_TO_DESTINATION");
    let id = screen.process_id().to_string();
    let send = |signal: &str| {
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    };
    screen.resize((40, 10));
    screen.wait_for("needs 60x20");
    send("-STOP");
    screen.resize((120, 36));
    screen.press("j");
    send("-CONT");
    screen.wait_for("NO_ROUTE_TO_DESTINATION");
    screen.press_for("?", " Keys ──");
    screen.press_for("esc", "NO_ROUTE_TO_DESTINATION");
    screen.press("q");
    let (code, raw) = screen.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
}

/// The codes of all styles that the program set.
fn style_codes(raw: &str) -> Vec<u8> {
    let sequences = raw.split("\u{1b}[").filter_map(|part| Some(part.split_once('m')?.0));
    sequences.flat_map(|codes| codes.split(';')).filter_map(|code| code.parse().ok()).collect()
}

/// A terminal without colours and attributes shows the same text.
#[test]
fn a_dumb_terminal_gets_no_colours() {
    let home = tempfile::tempdir().unwrap();
    let dumb = [("TERM".to_owned(), "dumb".to_owned())];
    let mut screen = Screen::start(&["demo", "isolated"], &dumb, home.path(), (80, 24));
    screen.wait_for("x 4 of 4 destinations blocked");
    screen.press_for("enter", "NO_ROUTE_TO_DESTINATION");
    screen.press("q");
    let (code, raw) = screen.end();
    assert_eq!(code, 0);
    let codes = style_codes(&raw);
    assert!(!codes.iter().any(|code| (30..38).contains(code) || (90..98).contains(code)), "{codes:?}");
}

#[test]
fn no_colour_keeps_reverse_video() {
    let home = tempfile::tempdir().unwrap();
    let mut screen = Screen::start(
        &["demo", "isolated"],
        &[("NO_COLOR".to_owned(), "1".to_owned())],
        home.path(),
        (80, 24),
    );
    screen.wait_for("App Runner services");
    screen.press("q");
    let (_, raw) = screen.end();
    let codes = style_codes(&raw);
    assert!(codes.contains(&7), "the selection stays visible: {codes:?}");
    assert!(!codes.iter().any(|code| (30..38).contains(code)), "no colour: {codes:?}");
}

#[test]
fn without_a_terminal_the_error_names_the_commands() {
    let home = tempfile::tempdir().unwrap();
    let output = crate::support::doctor(home.path()).arg("demo").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let words = String::from_utf8(output.stderr).unwrap();
    assert_eq!(
        words,
        "egress-doctor: the screen needs a terminal; without one, use egress-doctor diagnose and egress-doctor fix\n"
    );
}

#[cfg(feature = "live")]
#[test]
fn a_live_account_is_green_after_two_passes() {
    let test = "a_live_account_is_green_after_two_passes";
    if !lab::is_available(test) || !terraform::is_available(test) {
        return;
    }
    let account = lab::AppliedAccount::apply();
    let log = crate::support::repository("assets/scenarios/isolated/application.log");
    let arguments = ["--log", log.to_str().unwrap(), "--terraform", account.app.folder.to_str().unwrap()];
    let mut screen = Screen::start(&arguments, &account.lab.environment(), account.home.path(), (120, 36));
    screen.wait_for("x 4 of 4 destinations blocked");
    screen.press_for("enter", "NO_ROUTE_TO_DESTINATION");
    screen.press_for("enter", "Recommended: 1. S3");
    // A folder of the user: the checks that execute its code run only after the answer.
    screen.press_for("enter", "Which checks may run?");
    screen.press("G");
    screen.press_for("enter", "+ validate passed");
    screen.press_for("w", "Write this edit?");
    screen.press("right");
    screen.press_for("enter", "Written");
    account.app.apply();
    screen.press_for("r", "Before and after, read from AWS");
    // The rest of the frame can arrive later.
    screen.wait_for("x→+");
    let shown = screen.text();
    let fixed: Vec<&str> = shown.lines().filter(|line| line.contains("x→+")).collect();
    assert_eq!(fixed.len(), 1, "only S3 becomes reachable\n{shown}");
    // One column for all subnets, which behave alike.
    assert!(fixed[0].contains("S3") && fixed[0].matches("x→+").count() == 1, "{shown}");
    assert!(shown.contains(" a-c "), "{shown}");

    // The second pass fixes the rest. The checks need no new answer.
    screen.wait_for("fix the other 3");
    screen.press_for("enter", "Recommended: Fixes all blocked destinations");
    screen.press_for("enter", "+ validate passed");
    screen.press_for("w", "Write this edit?");
    screen.press("right");
    screen.press_for("enter", "Written");
    account.app.apply();
    screen.press_for("r", "Before and after, read from AWS");
    screen.wait_until(|screen| screen.text().matches("x→+").count() == 3);
    let shown = screen.text();
    assert_eq!(shown.matches("x→+").count(), 3, "the other three become reachable\n{shown}");
    assert!(!shown.contains("fix the other"), "{shown}");
    screen.press("q");
    let (code, raw) = screen.end();
    assert_eq!(code, 0);
    assert_restored(&raw);
}
