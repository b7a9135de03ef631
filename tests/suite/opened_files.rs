//! `fix` reads only the repository of the root module, and the code outside it that the configuration itself calls or links to.
//! `strace` lists every file that a run opens, and every folder that it lists.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::support::{copy_environment, doctor, skip, strace};
use egress_doctor::scenario::Scenario;

/// Folders of the system: libraries, locale data, information about the process itself.
const SYSTEM: &[&str] =
    &["/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/share", "/etc", "/proc", "/sys", "/dev"];

struct Tree {
    home: tempfile::TempDir,
    root: PathBuf,
}

impl Tree {
    /// The root module `infra` in a repository, and a folder outside with code that calls it, code that it calls, and other
    /// files: other code, variable files, and a file that a function names.
    fn new(is_repository: bool) -> Self {
        let home = tempfile::tempdir().unwrap();
        let top = fs::canonicalize(home.path()).unwrap();
        let root = top.join("clone/infra");
        fs::create_dir_all(&root).unwrap();
        if is_repository {
            fs::create_dir_all(top.join("clone/.git")).unwrap();
            fs::write(top.join("clone/.git/HEAD"), "ref: refs/heads/main\n").unwrap();
        }
        Scenario::named("isolated").unwrap().copy_terraform(&root).unwrap();
        let outside = top.join("outside");
        fs::create_dir_all(outside.join("module")).unwrap();
        fs::write(outside.join("module/main.tf"), "variable \"name\" {}\n").unwrap();
        fs::write(outside.join("secret.tf"), "locals {\n  secret = \"hunter2\"\n}\n").unwrap();
        fs::write(outside.join("secret.auto.tfvars"), "token = \"hunter2\"\n").unwrap();
        for (name, text) in [
            ("caller.tf", "module \"m\" {\n  source = \"../clone/infra\"\n}\n"),
            ("other.tf", "resource \"aws_vpc_endpoint\" \"s3\" {\n}\n"),
            ("prod.tfvars", "token = \"hunter2\"\n"),
            ("text.txt", "hunter2"),
            ("terraform.tfstate", "{}"),
        ] {
            fs::write(outside.join(name), text).unwrap();
        }
        symlink(outside.join("secret.tf"), root.join("link.tf")).unwrap();
        symlink(outside.join("secret.auto.tfvars"), root.join("link.auto.tfvars")).unwrap();
        symlink(outside.join("module"), root.join("linked-module")).unwrap();
        fs::write(
            root.join("calls.tf"),
            "module \"outside\" {\n  source = \"../../outside/module\"\n  name   = \"a\"\n}\n\nmodule \"linked\" {\n  source = \
             \"./linked-module\"\n  name   = \"b\"\n}\n\nlocals {\n  text = file(\"../../outside/text.txt\")\n  list = \
             fileset(\"../../outside\", \"*\")\n}\n",
        )
        .unwrap();
        Self { home, root }
    }

    /// The files and folders that a run opens: everything for reading or writing, with links resolved.
    fn opened(&self, arguments: &[&str]) -> BTreeSet<PathBuf> {
        let list = self.home.path().join("opened.txt");
        let plain = doctor(self.home.path());
        let mut command = strace();
        command
            .args(["-f", "-qq", "-s", "4096", "-y", "-e", "trace=open,openat,openat2,creat,getdents64", "-o"])
            .arg(&list);
        command.arg(plain.get_program()).args(arguments).current_dir(self.home.path()).stdin(Stdio::null());
        copy_environment(&plain, &mut command);
        // Without git and Terraform: the files that they open are not under test.
        command.env("PATH", "");
        let output = command.output().unwrap();
        assert!(
            output.status.code().is_some_and(|code| code < 2),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        // `openat(AT_FDCWD</folder>, "infra/main.tf", O_RDONLY) = 3</folder/infra/main.tf>`: strace names the opened file. A
        // folder is read if it is listed: `getdents64(3</folder/infra>, …) = 120`.
        let trace = fs::read_to_string(list).unwrap();
        let opened = trace.lines().filter_map(|line| {
            let listed = line.split_once("getdents64(").map(|(_, rest)| rest);
            let named = listed.or_else(|| line.rsplit_once(" = ").map(|(_, result)| result))?;
            let (_, path) = named.split_once('<')?;
            let path = PathBuf::from(path.split_once('>')?.0);
            (listed.is_some() || !path.is_dir()).then_some(path)
        });
        opened.collect()
    }

    fn is_allowed(&self, path: &Path, top: &Path) -> bool {
        let home = fs::canonicalize(self.home.path()).unwrap();
        let is_own = ["state", "config"].iter().any(|folder| path.starts_with(home.join(folder)));
        // TMPDIR is the home folder: the folder of the run is directly in it.
        let is_temporary = path == home
            || path.strip_prefix(&home).is_ok_and(|rest| rest.to_string_lossy().starts_with("egress-doctor"));
        path.starts_with(top)
            || is_own
            || is_temporary
            || SYSTEM.iter().any(|folder| path.starts_with(folder))
    }

    /// Runs `fix` without and with `--write`. Outside `top`, it may open only the code that the root module calls and the files
    /// that it links to.
    fn check(&self, top: &Path) {
        let outside = fs::canonicalize(self.home.path()).unwrap().join("outside");
        let called =
            ["module", "module/main.tf", "secret.tf", "secret.auto.tfvars"].map(|path| outside.join(path));
        let base =
            ["fix", "--scenario", "isolated", "--remedy", "s3-gateway", "--check", "none", "--terraform"];
        let root = self.root.display().to_string();
        for more in [&[][..], &["--write"]] {
            let arguments: Vec<&str> =
                base.iter().copied().chain([root.as_str()]).chain(more.iter().copied()).collect();
            let opened = self.opened(&arguments);
            assert!(opened.contains(&self.root.join("main.tf")), "{opened:#?}");
            let is_other = |path: &&PathBuf| !self.is_allowed(path, top) && !called.contains(path);
            let others: Vec<&PathBuf> = opened.iter().filter(is_other).collect();
            assert_eq!(others, Vec::<&PathBuf>::new(), "{more:?}");
        }
    }
}

fn has_strace(test: &str) -> bool {
    let works = Command::new("strace")
        .args(["-o", "/dev/null", "true"])
        .status()
        .is_ok_and(|status| status.success());
    if !works {
        skip(test, "strace does not work here");
    }
    works
}

#[test]
fn fix_opens_no_file_outside_the_repository() {
    if !has_strace("fix_opens_no_file_outside_the_repository") {
        return;
    }
    let tree = Tree::new(true);
    let top = tree.root.parent().unwrap().to_owned();
    tree.check(&top);
}

#[test]
fn without_a_repository_fix_opens_only_the_root_module() {
    if !has_strace("without_a_repository_fix_opens_only_the_root_module") {
        return;
    }
    let tree = Tree::new(false);
    tree.check(&tree.root.clone());
}
