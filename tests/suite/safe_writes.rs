//! What `fix --write` and `undo` say and keep: full standard output, broken records, changed backups, modes, links.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::support::{UNDO, WRITE, copy_environment, doctor, home_with_code, run, strace};

/// A home folder with the Terraform code of a scenario in `infra`.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(home_with_code())
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    fn text(&self, file: &str) -> String {
        fs::read_to_string(self.path(file)).unwrap()
    }

    /// The Terraform files with their text.
    fn files(&self) -> Vec<(PathBuf, String)> {
        let files = below(&self.path("infra")).into_iter();
        files.map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
    }

    /// The folder of the record.
    fn record(&self) -> PathBuf {
        let folders = fs::read_dir(self.path("state/egress-doctor/writes")).unwrap();
        let mut folders = folders.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir());
        folders.next().unwrap()
    }

    /// Runs the program, which must fail with exit code 2; its messages.
    fn fails(&self, arguments: &[&str]) -> String {
        let output = self.doctor(arguments).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
        let home = fs::canonicalize(self.0.path()).unwrap();
        let message = stderr(&output).replace(home.to_str().unwrap(), "HOME");
        let record = fs::read_dir(self.path("state/egress-doctor/writes")).ok();
        let key = record.and_then(|mut folders| {
            let name = folders.next()?.unwrap().file_name().into_string().unwrap();
            Some(name.split('.').next().unwrap().to_owned())
        });
        key.map_or(message.clone(), |key| message.replace(&key, "KEY"))
    }

    /// Runs the program with faults or delays at system calls.
    fn traced(&self, injections: &[&str], arguments: &[&str]) -> Command {
        let mut command = strace();
        command.args(["-f", "-qq", "-o", "/dev/null"]).current_dir(self.0.path());
        for injection in injections {
            command.arg("-e").arg(format!("inject={injection}"));
        }
        let plain = self.doctor(arguments);
        command.arg(plain.get_program()).args(plain.get_args());
        copy_environment(&plain, &mut command);
        command
    }

    /// Changes the text of the journal.
    fn change_journal(&self, change: impl Fn(&str) -> String) {
        let path = self.record().join("journal.json");
        let text = fs::read_to_string(&path).unwrap();
        let changed = change(&text);
        assert_ne!(changed, text);
        fs::write(path, changed).unwrap();
    }

    /// The program without Terraform and git.
    fn doctor(&self, arguments: &[&str]) -> Command {
        let mut command = doctor(self.0.path());
        command.current_dir(self.0.path()).args(arguments).env("PATH", "");
        command
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_full_standard_output_does_not_hide_what_was_written_or_restored() {
    let home = Home::new();
    let into_full = |arguments| {
        let full = fs::File::options().write(true).open(Path::new("/dev/full")).unwrap();
        let output = home.doctor(arguments).stdout(full).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        stderr(&output)
    };
    let written = into_full(WRITE);
    assert!(written.contains("egress-doctor: wrote data-sources.tf, vpc-endpoints.tf in "), "{written}");
    assert!(home.path("infra/vpc-endpoints.tf").exists());
    let undone = into_full(UNDO);
    assert_eq!(
        undone,
        "egress-doctor: Restored byte for byte in infra: data-sources.tf, vpc-endpoints.tf\n\
         egress-doctor: cannot write to standard output: the disk is full; free space on it and try again\n"
    );
    run(&mut home.doctor(WRITE));
}

#[test]
fn a_full_standard_error_does_not_end_the_program_with_a_panic() {
    let home = Home::new();
    let full = || fs::File::options().write(true).open(Path::new("/dev/full")).unwrap();
    let exit_code = |arguments| home.doctor(arguments).stdout(full()).stderr(full()).status().unwrap().code();
    assert_eq!(exit_code(WRITE), Some(2), "the answer could not be printed");
    assert!(home.path("infra/vpc-endpoints.tf").exists(), "the files are written all the same");
    assert_eq!(exit_code(UNDO), Some(2));
    assert!(!home.path("infra/vpc-endpoints.tf").exists());
    assert_eq!(exit_code(UNDO), Some(2), "there is no write to undo");
}

fn mode(path: &Path) -> u32 {
    fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// Every path below a folder.
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            all.extend(below(&path));
        }
        all.push(path);
    }
    all.sort();
    all
}

/// Makes a write look interrupted after its first file.
fn interrupt(home: &Home) {
    home.change_journal(|text| text.replace("\"finished\": true", "\"finished\": false"));
    fs::remove_file(home.path("infra/vpc-endpoints.tf")).unwrap();
}

#[test]
fn the_record_is_private_with_any_umask_and_files_in_the_tree_keep_their_mode() {
    for (umask, new_mode) in [("000", 0o666), ("022", 0o644), ("077", 0o600)] {
        let home = Home::new();
        set_mode(&home.path("infra/data-sources.tf"), 0o640);
        let program = env!("CARGO_BIN_EXE_egress-doctor");
        let mut command = home.doctor(&[]);
        let script = format!("umask {umask}; exec {program} {}", WRITE.join(" "));
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", &script]).current_dir(home.0.path());
        for (name, value) in command.stdin(std::process::Stdio::null()).get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        run(&mut shell);
        let all = below(&home.path("state"));
        assert!(all.len() > 5, "{all:?}");
        for path in all {
            let expected = if path.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(mode(&path), expected, "{}", path.display());
        }
        assert_eq!(mode(&home.path("infra/data-sources.tf")), 0o640);
        assert_eq!(mode(&home.path("infra/vpc-endpoints.tf")), new_mode, "umask {umask}");
    }
}

#[test]
fn a_state_folder_of_an_earlier_version_is_made_private_and_one_that_others_can_change_is_not_used() {
    let home = Home::new();
    let old = home.text("infra/data-sources.tf");
    run(&mut home.doctor(WRITE));
    let folders = [home.path("state/egress-doctor"), home.path("state/egress-doctor/writes"), home.record()];
    for folder in &folders {
        set_mode(folder, 0o777);
        assert_eq!(
            home.fails(UNDO),
            format!(
                "egress-doctor: cannot use the state folder {0}: other users can write to it. Check its files, then run: chmod -R go-w \
                 {0}. No file was changed\n",
                folder.display()
            )
            .replace(home.0.path().to_str().unwrap(), "HOME")
            .replace(home.record().file_name().unwrap().to_str().unwrap(), "KEY")
        );
        set_mode(folder, 0o755);
    }
    run(&mut home.doctor(UNDO));
    assert_eq!(home.text("infra/data-sources.tf"), old);
    assert_eq!(folders[..2].iter().map(|folder| mode(folder)).collect::<Vec<_>>(), [0o700, 0o700]);
    // A file or a link in place of the folder.
    fs::rename(&folders[0], home.path("moved")).unwrap();
    symlink("../moved", &folders[0]).unwrap();
    assert_eq!(
        home.fails(WRITE).lines().last().unwrap(),
        "egress-doctor: cannot use the state folder HOME/state/egress-doctor: it is a symbolic link. Replace it with a folder. No \
         file was changed"
    );
    fs::remove_file(&folders[0]).unwrap();
    fs::write(&folders[0], "").unwrap();
    assert!(
        home.fails(UNDO).starts_with("egress-doctor: cannot use the state folder HOME/state/egress-doctor")
    );
    assert_eq!(home.text("infra/data-sources.tf"), old);
}

#[test]
fn a_changed_or_missing_backup_restores_nothing_and_the_message_says_what_to_do() {
    let home = Home::new();
    run(&mut home.doctor(WRITE));
    let (new, backup) = (home.text("infra/data-sources.tf"), home.record().join("0.backup"));
    let saved = fs::read(&backup).unwrap();
    let message = |reason: &str| {
        format!(
            "egress-doctor: the copy HOME/state/egress-doctor/writes/KEY/0.backup of data-sources.tf {reason}. No file was changed. \
             Restore the files with version control if necessary. Then remove the record: `egress-doctor undo --forget --terraform \
             HOME/infra`\n"
        )
    };
    fs::write(&backup, &saved[..10]).unwrap();
    assert_eq!(home.fails(UNDO), message("is not what the write saved"));
    fs::remove_file(&backup).unwrap();
    assert_eq!(home.fails(UNDO), message("is missing"));
    assert_eq!(home.text("infra/data-sources.tf"), new);
    assert!(home.path("infra/vpc-endpoints.tf").exists());
    // The record is still there.
    fs::write(&backup, &saved).unwrap();
    run(&mut home.doctor(UNDO));
    assert_eq!(home.text("infra/data-sources.tf").as_bytes(), saved);
    assert!(!home.path("infra/vpc-endpoints.tf").exists());
}

#[test]
fn a_changed_new_content_is_not_finished() {
    let home = Home::new();
    run(&mut home.doctor(WRITE));
    interrupt(&home);
    fs::write(home.record().join("1.new"), "").unwrap();
    let message = home.fails(&["undo", "--finish", "--terraform", "infra"]);
    assert!(
        message.contains("/1.new of vpc-endpoints.tf is not what the write saved. No file was changed."),
        "{message}"
    );
    assert!(!home.path("infra/vpc-endpoints.tf").exists());
    run(&mut home.doctor(UNDO));
}

#[test]
fn a_changed_journal_changes_no_file_outside_the_tree() {
    let home = Home::new();
    let old = home.text("infra/data-sources.tf");
    run(&mut home.doctor(WRITE));
    fs::write(home.path("outside.tf"), &old).unwrap();
    fs::create_dir_all(home.path("elsewhere")).unwrap();
    fs::write(home.path("elsewhere/x.tf"), &old).unwrap();
    symlink("../elsewhere", home.path("infra/link")).unwrap();
    symlink("../outside.tf", home.path("infra/link.tf")).unwrap();
    let journal = fs::read_to_string(home.record().join("journal.json")).unwrap();
    let damaged = journal.replace("\"data-sources.tf\"", "\"variables.tf\"");
    home.change_journal(|_| damaged.clone());
    assert!(home.fails(UNDO).contains("its checksum is wrong. No file was changed."));
    // A journal of the version before the checksum is read too, so every path is checked.
    let (before, _) = journal.rsplit_once(",\n  \"checksum\"").unwrap();
    let journal = format!("{before}\n}}\n").replace("\"version\": 3", "\"version\": 2");
    home.change_journal(|_| journal.clone());
    let absolute = home.path("outside.tf").display().to_string();
    for (path, reason) in [
        (
            "../outside.tf",
            "../outside.tf is outside the folder of the root module, which is in no git repository",
        ),
        (absolute.as_str(), "HOME/outside.tf is not a path that egress-doctor writes"),
        (
            "../../../../../../etc/cron.d/x.tf",
            "../../../../../../etc/cron.d/x.tf is outside the folder of the root module, which is in no git repository",
        ),
        (".git/config.tf", ".git/config.tf is not a path that egress-doctor writes"),
        ("run.sh", "run.sh is not a *.tf, *.tofu or *.tfvars file"),
        ("link/x.tf", "link/x.tf is outside the folder of the root module, which is in no git repository"),
        ("link.tf", "link.tf is outside the folder of the root module, which is in no git repository"),
    ] {
        home.change_journal(|_| journal.replace("\"data-sources.tf\"", &format!("{path:?}")));
        for arguments in [UNDO, &["undo", "--finish", "--terraform", "infra"]] {
            assert_eq!(
                home.fails(arguments),
                format!(
                    "egress-doctor: the record of the last write is broken: HOME/state/egress-doctor/writes/KEY/journal.json: {reason}. \
                     No file was changed. Restore the files with version control if necessary. Then remove the record: \
                     `egress-doctor undo --forget --terraform HOME/infra`\n"
                ),
                "{path}"
            );
        }
        assert_eq!([home.text("outside.tf"), home.text("elsewhere/x.tf")], [old.clone(), old.clone()]);
    }
    for (from, to) in [
        ("\"0.backup\"", "\"../0.backup\""),
        ("\"0.new\"", "\"/etc/passwd\""),
        ("\".egress-doctor-", "\"main.tf/.egress-doctor-"),
        ("\"finished\"", "\"other\": 1, \"finished\""),
        ("\"version\": 2", "\"version\": 4"),
        ("\"imports\": []", "\"imports\": [\"$(touch x)\"]"),
        ("{", "["),
    ] {
        home.change_journal(|_| journal.replacen(from, to, 1));
        let message = home.fails(UNDO);
        assert!(message.contains("the record of the last write is broken: "), "{to}: {message}");
        let message = home.fails(WRITE);
        assert!(message.contains("the record of the last write is broken: "), "{to}: {message}");
    }
    assert!(home.path("infra/vpc-endpoints.tf").exists());
    // A journal of version 1 has no version and no names of staged files.
    home.change_journal(|_| {
        let lines =
            journal.lines().filter(|line| !line.contains("\"version\"") && !line.contains("\"staged\""));
        let text: Vec<&str> = lines.collect();
        text.join("\n").replace(".new\",", ".new\"")
    });
    run(&mut home.doctor(UNDO));
    assert_eq!(home.text("infra/data-sources.tf"), old);
    assert!(!home.path("infra/vpc-endpoints.tf").exists());
}

#[test]
fn a_link_inside_the_repository_stays_a_link_and_its_target_is_edited_and_restored() {
    let home = Home::new();
    fs::create_dir_all(home.path(".git")).unwrap();
    fs::create_dir_all(home.path("shared")).unwrap();
    fs::rename(home.path("infra/data-sources.tf"), home.path("shared/data")).unwrap();
    symlink("../shared/data", home.path("infra/data-sources.tf")).unwrap();
    let old = home.text("shared/data");
    run(&mut home.doctor(WRITE));
    assert_ne!(home.text("shared/data"), old);
    assert!(home.path("infra/data-sources.tf").is_symlink());
    run(&mut home.doctor(UNDO));
    assert_eq!(home.text("shared/data"), old);
    assert!(home.path("infra/data-sources.tf").is_symlink());
    let names: Vec<_> = below(&home.path("shared"));
    assert_eq!(names, [home.path("shared/data")]);
}

#[test]
fn owner_mode_and_attributes_stay_and_what_is_lost_is_named_before_the_write() {
    let home = Home::new();
    let file = home.path("infra/data-sources.tf");
    let note = |value: &[u8]| {
        rustix::fs::setxattr(&file, "user.note", value, rustix::fs::XattrFlags::empty()).is_ok()
    };
    let has_attributes = note(b"network team");
    // Only root can give a file to another user.
    let _ = std::os::unix::fs::chown(&file, Some(1234), Some(1234));
    set_mode(&file, 0o444);
    fs::hard_link(&file, home.path("copy.tf")).unwrap();
    let before = fs::metadata(&file).unwrap();
    let facts = || {
        let now = fs::metadata(&file).unwrap();
        let mut value = vec![0; 100];
        let length = rustix::fs::getxattr(&file, "user.note", value.as_mut_slice()).unwrap_or_default();
        value.truncate(length);
        (now.mode(), now.uid(), now.gid(), String::from_utf8(value).unwrap())
    };
    let note = if has_attributes { "network team" } else { "" };
    let expected = (before.mode(), before.uid(), before.gid(), note.to_owned());
    let output = home.doctor(WRITE).output().unwrap();
    let message = stderr(&output);
    let position = |text: &str| message.find(text).unwrap_or_else(|| panic!("{text} is not in {message}"));
    let read_only = position(
        "egress-doctor: data-sources.tf is read-only (mode 0444). The write replaces it; the new file is read-only too\n",
    );
    let links = position(
        "egress-doctor: data-sources.tf has 2 hard links. The write changes only this one; the others keep the old content\n",
    );
    assert!(
        read_only < links && links < position("egress-doctor: wrote data-sources.tf, vpc-endpoints.tf in ")
    );
    assert_eq!(facts(), expected);
    run(&mut home.doctor(UNDO));
    assert_eq!(facts(), expected);
    assert_eq!(home.text("infra/data-sources.tf"), home.text("copy.tf"));
}

/// A home that belongs to a user without rights, and a copy of the program for this user; `None` if that is not possible.
fn home_of_nobody(test: &str) -> Option<Home> {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root || Command::new("setpriv").arg("--version").output().is_err() {
        crate::support::skip(test, "needs root and setpriv");
        return None;
    }
    let home = Home::new();
    fs::copy(env!("CARGO_BIN_EXE_egress-doctor"), home.path("egress-doctor")).unwrap();
    for path in [home.0.path().to_owned(), home.path("infra")].into_iter().chain(below(home.0.path())) {
        std::os::unix::fs::chown(path, Some(65534), Some(65534)).unwrap();
    }
    Some(home)
}

/// Runs the program of [`home_of_nobody`] as that user.
fn as_nobody(home: &Home, arguments: &[&str]) -> std::process::Output {
    let plain = home.doctor(arguments);
    let mut command = Command::new("setpriv");
    command
        .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
        .arg(home.path("egress-doctor"))
        .args(arguments);
    command.envs(plain.get_envs().filter_map(|(name, value)| Some((name, value?))));
    command.env("PATH", "/usr/bin:/bin").current_dir(home.0.path()).output().unwrap()
}

#[test]
fn a_writable_file_in_a_folder_without_rights_is_written() {
    let Some(home) = home_of_nobody("a_writable_file_in_a_folder_without_rights_is_written") else { return };
    let folder = home.path("outputs");
    fs::create_dir(&folder).unwrap();
    let (own, other) = (folder.join("own.patch"), folder.join("other.patch"));
    fs::write(&own, "a longer text than that of the patch, so that its end would stay".repeat(200)).unwrap();
    fs::write(&other, "").unwrap();
    std::os::unix::fs::chown(&own, Some(65534), Some(65534)).unwrap();
    let patch = |path: &Path| {
        let path = path.to_str().unwrap();
        let arguments = ["fix", "--scenario", "isolated", "--remedy", "s3-gateway", "--terraform", "infra"];
        as_nobody(&home, &[&arguments[..], &["--patch", path]].concat())
    };
    assert!(patch(&own).status.success());
    let written = fs::read_to_string(&own).unwrap();
    assert!(
        written.starts_with("diff --git ") && written.ends_with('\n') && !written.contains("longer text")
    );
    let output = patch(&other);
    assert!(!output.status.success());
    assert!(
        stderr(&output).contains("access is not permitted; change the permissions of the file"),
        "{}",
        stderr(&output)
    );
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}

#[test]
fn a_user_without_rights_on_the_owner_is_told_before_the_write() {
    let Some(home) = home_of_nobody("a_user_without_rights_on_the_owner_is_told_before_the_write") else {
        return;
    };
    std::os::unix::fs::chown(home.path("infra/data-sources.tf"), Some(0), Some(0)).unwrap();
    // The other user may read the file.
    fs::set_permissions(home.path("infra/data-sources.tf"), fs::Permissions::from_mode(0o644)).unwrap();
    let message = stderr(&as_nobody(&home, WRITE));
    let position = |text: &str| message.find(text).unwrap_or_else(|| panic!("{text} is not in {message}"));
    let wrote = position("egress-doctor: wrote ");
    assert!(
        position("egress-doctor: data-sources.tf belongs to user 0. The new file belongs to you\n") < wrote
    );
    assert!(
        position(
            "egress-doctor: data-sources.tf belongs to group 0. The new file belongs to a group of yours\n"
        ) < wrote
    );
    assert_eq!(fs::metadata(home.path("infra/data-sources.tf")).unwrap().uid(), 65534);
    // A record of another user is not used.
    assert_eq!(
        home.fails(UNDO),
        "egress-doctor: cannot use the state folder HOME/state/egress-doctor: another user owns it. Remove it, or set \
         XDG_STATE_HOME to a folder of your own. No file was changed\n"
    );
    assert!(as_nobody(&home, UNDO).status.success());
}

#[test]
fn staged_files_that_the_journal_does_not_name_stay() {
    let home = Home::new();
    let other = home.path("infra/.egress-doctor-0123456789abcdef.tmp");
    fs::write(&other, "of another root").unwrap();
    run(&mut home.doctor(WRITE));
    interrupt(&home);
    run(&mut home.doctor(UNDO));
    assert_eq!(fs::read_to_string(other).unwrap(), "of another root");
}

/// Runs a command whose renames are delayed, and changes the tree while it waits.
fn during(mut command: Command, is_waiting: impl Fn() -> bool, change: impl FnOnce()) -> Output {
    let child = command
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    for _ in 0..6000 {
        if is_waiting() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(is_waiting(), "the program did not get to its renames");
    // The comparison before the rename.
    std::thread::sleep(std::time::Duration::from_millis(700));
    change();
    child.wait_with_output().unwrap()
}

/// Whether both files of the edit are staged.
fn is_staged(home: &Home) -> bool {
    let is_staged = |path: &&PathBuf| {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        name.starts_with(".egress-doctor-") && fs::metadata(path).is_ok_and(|metadata| metadata.len() > 0)
    };
    below(&home.path("infra")).iter().filter(is_staged).count() >= 2
}

#[test]
fn a_save_between_the_comparison_and_the_rename_is_not_lost() {
    type Change = fn(&Home);
    if !super::interrupted_writes::can_trace("a_save_between_the_comparison_and_the_rename_is_not_lost") {
        return;
    }
    let saves: [(&str, Change); 4] = [
        ("in place", |home| fs::write(home.path("infra/data-sources.tf"), "# saved\n").unwrap()),
        ("by a rename", |home| {
            fs::write(home.path("infra/save"), "# saved\n").unwrap();
            fs::rename(home.path("infra/save"), home.path("infra/data-sources.tf")).unwrap();
        }),
        ("by a link", |home| {
            fs::write(home.path("outside.tf"), "# saved\n").unwrap();
            // Without the exchange, the file does not exist at that moment.
            let _ = fs::remove_file(home.path("infra/data-sources.tf"));
            symlink("../outside.tf", home.path("infra/data-sources.tf")).unwrap();
        }),
        ("by a removal", |home| {
            fs::remove_file(home.path("infra/data-sources.tf")).unwrap();
        }),
    ];
    let delay = "renameat2:delay_enter=3000000:when=1";
    let before_the_first_step = ["renameat2:error=EINVAL", "renameat:delay_enter=3000000:when=1"];
    let between_the_steps = ["renameat2:error=EINVAL", "linkat:delay_enter=3000000:when=3"];
    for (how, save) in saves {
        for injections in [&[delay][..], &before_the_first_step, &between_the_steps] {
            if how == "by a removal" && injections == between_the_steps {
                continue;
            }
            let home = Home::new();
            let output = during(home.traced(injections, WRITE), || is_staged(&home), || save(&home));
            let message = stderr(&output);
            assert_eq!(
                message.lines().last(),
                Some(
                    "egress-doctor: data-sources.tf changed since the preview. Nothing was written: preview the edit again"
                ),
                "{how}, {injections:?}: {message}"
            );
            let expected = (how != "by a removal").then(|| "# saved\n".to_owned());
            assert_eq!(
                fs::read_to_string(home.path("infra/data-sources.tf")).ok(),
                expected,
                "{how}, {injections:?}"
            );
            assert_eq!(home.path("infra/data-sources.tf").is_symlink(), how == "by a link");
            assert!(!home.path("infra/vpc-endpoints.tf").exists() && !home.path("infra/save").exists());
            assert!(
                !below(&home.path("infra"))
                    .iter()
                    .any(|path| path.to_string_lossy().contains("egress-doctor-"))
            );
            assert!(home.fails(UNDO).contains("no write of egress-doctor to undo"));
        }
    }
}

#[test]
fn a_save_into_the_replaced_file_and_a_file_created_during_the_write_are_not_lost() {
    use std::io::Write as _;
    if !super::interrupted_writes::can_trace("a_save_into_the_replaced_file") {
        return;
    }
    let home = Home::new();
    let mut open = fs::File::options().append(true).open(home.path("infra/data-sources.tf")).unwrap();
    let old = home.text("infra/data-sources.tf");
    // The second rename waits, so the first one is done.
    let delayed = home.traced(&["renameat2:delay_enter=3000000:when=2"], WRITE);
    let output = during(delayed, || is_staged(&home), || open.write_all(b"# saved\n").unwrap());
    assert!(
        stderr(&output).contains("data-sources.tf changed since the preview. Nothing was written"),
        "{}",
        stderr(&output)
    );
    assert_eq!(home.text("infra/data-sources.tf"), old.clone() + "# saved\n");
    assert!(!home.path("infra/vpc-endpoints.tf").exists());
    let home = Home::new();
    let delayed = home.traced(&["renameat2:delay_enter=3000000:when=2"], WRITE);
    let create = || fs::write(home.path("infra/vpc-endpoints.tf"), "# mine\n").unwrap();
    let output = during(delayed, || is_staged(&home), create);
    assert!(
        stderr(&output).contains("vpc-endpoints.tf was created since the preview. Nothing was written"),
        "{}",
        stderr(&output)
    );
    assert_eq!(home.text("infra/vpc-endpoints.tf"), "# mine\n");
    assert_eq!(home.text("infra/data-sources.tf"), old);
}

#[test]
fn a_save_during_an_undo_is_not_lost() {
    if !super::interrupted_writes::can_trace("a_save_during_an_undo_is_not_lost") {
        return;
    }
    let home = Home::new();
    run(&mut home.doctor(WRITE));
    let new = home.text("infra/vpc-endpoints.tf");
    let is_waiting =
        || below(&home.path("infra")).iter().any(|path| path.to_string_lossy().contains(".egress-doctor-"));
    let delayed = home.traced(&["renameat2:delay_enter=3000000:when=1"], UNDO);
    let output =
        during(delayed, is_waiting, || fs::write(home.path("infra/data-sources.tf"), "# saved\n").unwrap());
    let message = stderr(&output).replace(fs::canonicalize(home.0.path()).unwrap().to_str().unwrap(), "HOME");
    assert_eq!(
        message,
        "egress-doctor: another program changed data-sources.tf. data-sources.tf has other content; vpc-endpoints.tf has its new \
         content. The record of the write is kept: `egress-doctor undo --terraform HOME/infra` restores the old files\n"
    );
    assert_eq!(home.text("infra/data-sources.tf"), "# saved\n");
    assert_eq!(home.text("infra/vpc-endpoints.tf"), new);
}

#[test]
fn a_file_system_that_cannot_exchange_files_is_written_and_restored() {
    if !super::interrupted_writes::can_trace(
        "a_file_system_that_cannot_exchange_files_is_written_and_restored",
    ) {
        return;
    }
    let home = Home::new();
    let old = home.text("infra/data-sources.tf");
    // Without an exchange; and with RENAME_NOREPLACE, as on FAT, or with links.
    for injections in [
        ["renameat2:error=EINVAL:when=1", "linkat:error=EPERM"],
        ["renameat2:error=EINVAL", "linkat:delay_enter=1:when=1"],
    ] {
        assert!(home.traced(&injections, WRITE).output().unwrap().status.success());
        assert_ne!(home.text("infra/data-sources.tf"), old);
        assert!(home.path("infra/vpc-endpoints.tf").exists());
        assert!(home.traced(&injections, UNDO).output().unwrap().status.success());
        assert_eq!(home.text("infra/data-sources.tf"), old);
        assert_eq!(below(&home.path("infra")).len(), 7);
    }
    // With none of them, no write is safe.
    let none = ["renameat2:error=EINVAL", "linkat:error=EPERM"];
    let output = home.traced(&none, WRITE).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr(&output).ends_with(
            "its file system can neither rename without replacing nor create links, so a save by another program at the same time \
             could be lost; save the change with --patch FILE and apply it with git apply. All files are as before\n"
        ),
        "{}",
        stderr(&output)
    );
    assert_eq!(home.text("infra/data-sources.tf"), old);
    assert_eq!(below(&home.path("infra")).len(), 7);
}

#[test]
fn an_interrupted_exchange_in_steps_is_undone_or_finished() {
    if !super::interrupted_writes::can_trace("an_interrupted_exchange_in_steps_is_undone_or_finished") {
        return;
    }
    let finish: &[&str] = &["undo", "--finish", "--terraform", "infra"];
    for command in [UNDO, finish] {
        let home = Home::new();
        let old = home.text("infra/data-sources.tf");
        let killed =
            home.traced(&["renameat2:error=EINVAL", "linkat:signal=KILL:when=3"], WRITE).output().unwrap();
        assert_eq!(killed.status.code(), None, "{}", stderr(&killed));
        assert!(!home.path("infra/data-sources.tf").exists(), "killed between both steps");
        run(&mut home.doctor(command));
        assert_eq!(home.text("infra/data-sources.tf") == old, command == UNDO);
        assert_eq!(home.path("infra/vpc-endpoints.tf").exists(), command == finish);
        assert!(
            !below(&home.path("infra")).iter().any(|path| path.to_string_lossy().contains("egress-doctor-")),
            "{:?}",
            below(&home.path("infra"))
        );
    }
}

#[test]
fn a_file_that_was_removed_after_the_write_is_named_as_such() {
    let home = Home::new();
    run(&mut home.doctor(WRITE));
    fs::remove_file(home.path("infra/data-sources.tf")).unwrap();
    assert_eq!(
        home.fails(UNDO),
        "egress-doctor: data-sources.tf is missing: another program removed or renamed it after egress-doctor wrote it. Nothing was \
         changed. The old files are in HOME/state/egress-doctor/writes/KEY. `egress-doctor undo --forget --terraform HOME/infra` keeps \
         the files as they are\n"
    );
    assert!(home.path("infra/vpc-endpoints.tf").exists());
    run(&mut home.doctor(&["undo", "--forget", "--terraform", "infra"]));
}

#[test]
fn a_journal_that_others_can_write_to_is_not_used() {
    let home = Home::new();
    run(&mut home.doctor(WRITE));
    let journal = home.record().join("journal.json");
    set_mode(&journal, 0o666);
    assert_eq!(
        home.fails(UNDO),
        "egress-doctor: cannot use the state folder HOME/state/egress-doctor/writes/KEY/journal.json: other users can write to it. Check \
         its content, then remove their permission: chmod go-w. No file was changed\n"
    );
    set_mode(&journal, 0o600);
    run(&mut home.doctor(UNDO));
}

#[test]
fn an_output_file_that_is_not_complete_is_removed_when_a_signal_ends_the_program() {
    if !super::interrupted_writes::can_trace("an_output_file_that_is_not_complete_is_removed") {
        return;
    }
    let report: &[&str] = &["diagnose", "--scenario", "isolated", "--report", "out/report.md"];
    let patch: &[&str] =
        &["fix", "--scenario", "isolated", "--terraform", "infra", "--patch", "out/fix.patch"];
    for arguments in [report, patch] {
        let home = Home::new();
        fs::create_dir(home.path("out")).unwrap();
        // With -D, the child process is the program and not strace.
        let plain = home.doctor(arguments);
        let mut traced = strace();
        traced.args(["-D", "-f", "-qq", "-o", "/dev/null", "-e", "inject=fsync:delay_enter=20000000"]);
        traced.arg(plain.get_program()).args(plain.get_args()).current_dir(home.0.path());
        copy_environment(&plain, &mut traced);
        let mut child = traced.stdout(std::process::Stdio::null()).spawn().unwrap();
        for _ in 0..6000 {
            if below(&home.path("out")).iter().any(|path| path.to_string_lossy().contains(".tmp")) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        assert_eq!(below(&home.path("out")).len(), 1, "the output is being written");
        assert!(Command::new("kill").args(["-TERM", &child.id().to_string()]).status().unwrap().success());
        assert!(!child.wait().unwrap().success());
        assert_eq!(below(&home.path("out")), Vec::<PathBuf>::new(), "{arguments:?}");
    }
}

#[test]
fn a_report_into_a_pipe_has_no_second_file() {
    let home = Home::new();
    let (pipe, reader) = (home.path("report"), home.path("report"));
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_raw_mode(0o600),
        0,
    )
    .unwrap();
    let read = std::thread::spawn(move || fs::read_to_string(reader).unwrap());
    let output = home
        .doctor(&["diagnose", "--scenario", "isolated", "--report", "report", "--format", "json"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert!(read.join().unwrap().starts_with("# "));
    assert!(!home.path("report.svg").exists());
    assert!(stderr(&output).contains("wrote report without the path map: it is not a regular file"));
}

/// Each undo restores the newest write that is left; `--forget` forgets all of them.
#[test]
fn writes_are_undone_one_after_the_other() {
    const NAT: &[&str] = &[
        "fix",
        "--scenario",
        "isolated",
        "--to",
        "bond.okta.com",
        "--remedy",
        "nat",
        "--terraform",
        "infra",
        "--write",
    ];
    let write_both = || {
        let home = Home::new();
        let old = home.files();
        run(&mut home.doctor(WRITE));
        let first = home.files();
        run(&mut home.doctor(NAT));
        assert!(old != first && first != home.files());
        (home, old, first)
    };
    let (home, old, first) = write_both();
    assert_eq!(run(&mut home.doctor(UNDO)).0, 0);
    assert!(home.files() == first, "the newest write is undone");
    assert_eq!(run(&mut home.doctor(UNDO)).0, 0);
    assert!(home.files() == old, "then the write before it");
    assert!(home.fails(UNDO).contains("no write of egress-doctor to undo"));
    let writes = fs::read_dir(home.path("state/egress-doctor/writes")).unwrap();
    let left: Vec<PathBuf> = writes.map(|entry| entry.unwrap().path()).filter(|path| path.is_dir()).collect();
    assert_eq!(left, Vec::<PathBuf>::new());
    // A record that an interrupted undo removed does not take the one before it away.
    let (home, old, _) = write_both();
    assert_eq!(run(&mut home.doctor(UNDO)).0, 0);
    let record = home.record();
    fs::create_dir(record.with_extension("removed")).unwrap();
    fs::rename(&record, record.with_extension("removed").join("former")).unwrap();
    assert_eq!(run(&mut home.doctor(UNDO)).0, 0);
    assert!(home.files() == old);
    // The record of the write before stays until the interrupted write is undone.
    let (home, old, first) = write_both();
    home.change_journal(|text| text.replace("\"finished\": true", "\"finished\": false"));
    fs::remove_file(home.path("infra/nat-gateway.tf")).unwrap();
    assert_eq!(run(&mut home.doctor(UNDO)).0, 0);
    assert!(home.files() == first);
    assert_eq!(run(&mut home.doctor(UNDO)).0, 0);
    assert!(home.files() == old);
    let (home, ..) = write_both();
    let both = home.files();
    assert_eq!(run(&mut home.doctor(&["undo", "--terraform", "infra", "--forget"])).0, 0);
    assert!(home.fails(UNDO).contains("no write of egress-doctor to undo"));
    assert!(home.files() == both);
}
