//! Terraform folders with files that cannot be read: named pipes, devices, huge files, unusual names, links, and files of
//! another user. egress-doctor ends quickly, names the file, and says what to do.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

use egress_doctor::scenario::Scenario;
use rustix::fs::{CWD, FileType, Mode, mknodat};

/// The Terraform folder of the scenario `isolated`, in a home folder of its own.
struct Tree {
    home: tempfile::TempDir,
    root: PathBuf,
}

/// A kind of file that is not read.
#[derive(Clone, Copy)]
enum Kind {
    Pipe,
    Device,
    /// Size in MiB.
    Large(u64),
}

impl Tree {
    fn new() -> Self {
        Self::at("infra")
    }

    /// The Terraform files in a folder of the home folder.
    fn at(folder: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(home.path()).unwrap().join(folder);
        fs::create_dir_all(&root).unwrap();
        Scenario::named("isolated").unwrap().copy_terraform(&root).unwrap();
        for path in fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
            fs::set_permissions(path, fs::Permissions::from_mode(0o644)).unwrap();
        }
        Self { home, root }
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.home.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Creates a file that is not read in the Terraform folder.
    fn plant(&self, path: &str, kind: Kind) {
        let path = self.root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let _ = fs::remove_file(&path);
        match kind {
            Kind::Pipe => mknodat(CWD, &path, FileType::Fifo, Mode::from_raw_mode(0o666), 0).unwrap(),
            Kind::Device => symlink("/dev/zero", &path).unwrap(),
            Kind::Large(size) => File::create(&path).unwrap().set_len(size * 1024 * 1024).unwrap(),
        }
    }

    /// Exit code, standard output and standard error of a command, with at most 20 seconds and 4 GB of memory.
    fn doctor(&self, before: &[&str], arguments: &[&OsStr]) -> (i32, String, String) {
        let mut command = Command::new("sh");
        command.args(["-c", "ulimit -v 4000000; exec timeout 20 \"$@\"", "sh"]).args(before);
        command.arg(env!("CARGO_BIN_EXE_egress-doctor")).args(arguments);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("HOME", self.home.path());
        let output = command.current_dir(self.home.path()).output().unwrap();
        let home = fs::canonicalize(self.home.path()).unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap().replace(&home.display().to_string(), "HOME");
        (output.status.code().unwrap_or(-1), text(output.stdout), text(output.stderr))
    }

    /// The same for `fix` with interface endpoints: it edits `security.tf` and creates `vpc-endpoints.tf`.
    fn fix_as(&self, before: &[&str], more: &[&str]) -> (i32, String, String) {
        let mut arguments =
            ["fix", "--scenario", "isolated", "--remedy", "interface-endpoints", "--terraform"]
                .map(OsStr::new)
                .to_vec();
        arguments.push(self.root.as_os_str());
        arguments.extend(more.iter().map(OsStr::new));
        self.doctor(before, &arguments)
    }

    /// The error of `fix`.
    fn error(&self, more: &[&str]) -> String {
        let (code, _, error) = self.fix_as(&[], more);
        assert_eq!(code, 2, "{error}");
        error
    }

    /// The lines of `fix` about files that were not read.
    fn not_read(&self) -> Vec<String> {
        let (code, output, error) = self.fix_as(&[], &[]);
        assert_eq!(code, 0, "{output}{error}");
        let notes = output.lines().filter_map(|line| line.trim().strip_prefix("note: "));
        notes.filter(|note| note.starts_with("Not read")).map(str::to_owned).collect()
    }
}

#[test]
fn a_pipe_a_device_or_a_huge_file_that_terraform_reads_is_an_error_with_its_name() {
    let code = |path: &'static str| (path, 8, ". Terraform reads this name too: remove or rename it");
    let workspace =
        ". Terraform writes this file: select the workspace again with terraform workspace select";
    let state = ". Give the output of `terraform state pull` or `terraform show -json` with --state";
    for (path, limit, next) in [
        code("x.tf"),
        code("terraform.tfvars"),
        code("x.auto.tfvars"),
        code("terraform.tfvars.json"),
        code("x.auto.tfvars.json"),
        (".terraform/environment", 1, workspace),
        (".terraform/modules/modules.json", 8, ". Terraform writes this file: run terraform init again"),
        ("terraform.tfstate", 64, state),
    ] {
        let tree = Tree::new();
        let subject = match path {
            "terraform.tfstate" => format!("HOME/infra/{path} as a Terraform state"),
            _ => format!("HOME/infra/{path}"),
        };
        for (kind, why) in [(Kind::Pipe, "a named pipe"), (Kind::Device, "a device")] {
            tree.plant(path, kind);
            let expected =
                format!("egress-doctor: cannot read {subject}: it is {why}, not a regular file{next}\n");
            assert_eq!(tree.error(&[]), expected);
        }
        tree.plant(path, Kind::Large(limit + 1));
        let is_code = next.starts_with(". Terraform reads");
        let next = if is_code { ", the limit of egress-doctor. Split the file" } else { next };
        let expected = format!("egress-doctor: cannot read {subject}: it is larger than {limit} MiB{next}\n");
        assert_eq!(tree.error(&[]), expected);
    }
}

#[test]
fn a_file_of_another_user_is_an_error_that_says_who_can_read_it() {
    if !rustix::process::geteuid().is_root() {
        crate::support::skip("a file of another user", "it needs root to become another user");
        return;
    }
    let nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
    let denied = "Permission denied (os error 13)";
    let user = ". Run egress-doctor as a user who can read it";
    for (path, next) in [
        ("x.tf", user),
        ("terraform.tfvars", user),
        (".terraform/modules/modules.json", ". Terraform writes this file: run terraform init again"),
    ] {
        let tree = Tree::new();
        fs::set_permissions(tree.home.path(), fs::Permissions::from_mode(0o755)).unwrap();
        tree.write(&format!("infra/{path}"), "");
        fs::set_permissions(tree.root.join(path), fs::Permissions::from_mode(0o600)).unwrap();
        let (code, _, error) = tree.fix_as(&nobody, &[]);
        let expected = format!("egress-doctor: cannot read HOME/infra/{path}: {denied}{next}\n");
        assert_eq!((code, error), (2, expected));
    }
}

#[test]
fn a_folder_of_another_user_is_named_as_not_searched() {
    if !rustix::process::geteuid().is_root() {
        crate::support::skip("a folder of another user", "it needs root to become another user");
        return;
    }
    let tree = Tree::new();
    fs::set_permissions(tree.home.path(), fs::Permissions::from_mode(0o755)).unwrap();
    tree.write("infra/database/data.tfvars", "");
    fs::set_permissions(tree.root.join("database"), fs::Permissions::from_mode(0o700)).unwrap();
    let (code, output, error) =
        tree.fix_as(&["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"], &[]);
    assert_eq!(code, 0, "{error}");
    let expected = "note: Not read: database (permission denied). If you give one of them with -var-file, check whether this edit \
                    agrees with it.\n";
    assert!(output.contains(expected), "{output}");
}

#[test]
fn an_optional_variable_file_that_is_not_read_is_named_beside_the_edit() {
    let tree = Tree::new();
    tree.plant("envs/dev.tfvars", Kind::Device);
    tree.plant("envs/prod.tfvars.json", Kind::Pipe);
    tree.plant("envs/test.tfvars", Kind::Large(9));
    tree.write("infra/envs/other.tfvars.json", "no json");
    let expected = "Not read: envs/dev.tfvars (it is a device, not a regular file), envs/other.tfvars.json (it is not a JSON object \
                    with values of variables (line 1, column 2)), envs/prod.tfvars.json (it is a named pipe, not a regular file) \
                    and 1 more. If you give one of them with -var-file, check whether this edit agrees with it.";
    assert_eq!(tree.not_read(), [expected]);
}

#[test]
fn other_callers_are_searched_only_in_the_repository_and_only_in_regular_files() {
    let tree = Tree::at("repository/live");
    tree.write("repository/live/empty.tf", "module \"empty\" {\n  source = \"../modules/empty\"\n}\n");
    tree.write("repository/modules/empty/main.tf", "variable \"size\" {\n  default = 1\n}\n");
    tree.write("elsewhere.tf", "");
    tree.plant("../prod/pipe.tf", Kind::Pipe);
    tree.plant("../prod/pipe.tf.json", Kind::Pipe);
    tree.plant("../prod/zero.tf", Kind::Device);
    symlink("../../elsewhere.tf", tree.root.join("../prod/elsewhere.tf")).unwrap();
    symlink("..", tree.root.join("../prod/loop")).unwrap();
    // Without a repository, only the folder of the root module is searched.
    assert_eq!(tree.not_read(), Vec::<String>::new());
    fs::create_dir(tree.root.join("../.git")).unwrap();
    let expected = "Not read in the search for other callers of the local modules: prod/elsewhere.tf (it is a symbolic link out of the \
                    repository), prod/pipe.tf (it is a named pipe, not a regular file), prod/pipe.tf.json (it is a named pipe, not a \
                    regular file) and 1 more. If one of them calls a module that this edit changes, its resources change too.";
    assert_eq!(tree.not_read(), [expected]);
    // A repository in the repository is not searched.
    fs::create_dir(tree.root.join("../prod/.git")).unwrap();
    assert_eq!(tree.not_read(), Vec::<String>::new());
}

#[test]
fn a_file_that_is_a_link_out_of_the_repository_is_never_written() {
    let tree = Tree::new();
    fs::create_dir(tree.root.join(".git")).unwrap();
    let shared = tree.home.path().join("security.tf");
    fs::rename(tree.root.join("security.tf"), &shared).unwrap();
    symlink(&shared, tree.root.join("security.tf")).unwrap();
    let before = fs::read(&shared).unwrap();
    insta::assert_snapshot!(tree.error(&["--write"]));
    assert_eq!(fs::read(&shared).unwrap(), before);
    assert!(!tree.root.join("vpc-endpoints.tf").exists());
}

#[test]
fn a_folder_with_the_name_of_a_code_file_is_ignored_unless_the_edit_creates_that_file() {
    let tree = Tree::new();
    fs::create_dir(tree.root.join("x.tf")).unwrap();
    assert_eq!(tree.fix_as(&[], &[]).0, 0);
    fs::create_dir(tree.root.join("vpc-endpoints.tf")).unwrap();
    let expected = "egress-doctor: vpc-endpoints.tf: this is a folder, but the edit creates a file with this name: rename the folder\n";
    assert_eq!(tree.error(&[]), expected);
    assert_eq!(tree.error(&["--write"]), expected);
}

#[test]
fn a_file_name_that_is_not_utf_8_is_named_before_anything_is_written() {
    let tree = Tree::new();
    let name = OsStr::from_bytes(b"sec\xff.tf");
    fs::write(tree.root.join(OsStr::from_bytes(b"\xff.tf")), "").unwrap();
    assert_eq!(tree.fix_as(&[], &[]).0, 0, "a file that the edit does not change may have any name");
    fs::rename(tree.root.join("security.tf"), tree.root.join(name)).unwrap();
    let expected = "egress-doctor: sec\u{fffd}.tf: this file name is not UTF-8, so egress-doctor cannot record the edit for an undo: \
                    rename the file\n";
    assert_eq!(tree.error(&["--write"]), expected);
}

#[test]
fn a_path_that_is_no_terraform_folder_is_an_error_that_says_what_to_give() {
    let tree = Tree::new();
    symlink("none.tf", tree.root.join("x.tf")).unwrap();
    let expected = "egress-doctor: HOME/infra/x.tf is a symbolic link to a file that does not exist: create that file, or remove the \
                    link\n";
    assert_eq!(tree.error(&[]), expected);
    let tree = Tree { root: tree.root.join("main.tf"), home: tree.home };
    let expected = "egress-doctor: HOME/infra/main.tf is not a folder: give the folder in which you run terraform with --terraform\n";
    assert_eq!(tree.error(&[]), expected);
}

#[test]
fn a_workspace_name_that_is_a_path_is_an_error() {
    let tree = Tree::new();
    tree.write("infra/.terraform/environment", "../../other");
    let expected = "egress-doctor: cannot read HOME/infra/.terraform/environment: it contains no name of a workspace. Terraform writes \
                    this file: select the workspace again with terraform workspace select\n";
    assert_eq!(tree.error(&[]), expected);
}

#[test]
fn links_in_a_circle_and_links_to_the_file_system_end() {
    let tree = Tree::new();
    fs::create_dir_all(tree.root.join("envs/a")).unwrap();
    symlink("..", tree.root.join("envs/a/loop")).unwrap();
    symlink("/", tree.root.join("envs/all")).unwrap();
    symlink("b", tree.root.join("envs/a/c")).unwrap();
    symlink("c", tree.root.join("envs/a/b")).unwrap();
    assert_eq!(tree.not_read(), Vec::<String>::new());
}

#[test]
fn a_folder_with_too_many_files_is_an_error() {
    let tree = Tree::new();
    for number in 0..100_001 {
        File::create(tree.root.join(number.to_string())).unwrap();
    }
    let expected = "egress-doctor: cannot read HOME/infra: it has more than 100000 entries, the limit of egress-doctor. Move the files \
                    that are not Terraform code to another folder\n";
    assert_eq!(tree.error(&[]), expected);
}

#[test]
fn an_answer_of_the_aws_cli_that_is_a_pipe_is_an_error() {
    let tree = Tree::new();
    tree.plant("answers/describe-vpcs.json", Kind::Pipe);
    let folder = tree.root.join("answers");
    let arguments = [OsStr::new("diagnose"), OsStr::new("--aws-json"), folder.as_os_str()];
    let (code, _, error) = tree.doctor(&[], &arguments);
    let path = Path::new("HOME/infra/answers/describe-vpcs.json").display();
    let expected = format!("egress-doctor: cannot read {path}: it is a named pipe, not a regular file\n");
    assert_eq!((code, error), (2, expected));
}
