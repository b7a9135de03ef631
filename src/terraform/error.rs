//! The errors of reading a Terraform root and of planning an edit.
//!
//! Contains only the error types.

use std::path::{Path, PathBuf};

use crate::files::ReadError;
use crate::terraform::answer::{Candidate, OwnerQuestion};
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::ScanError;
use crate::text::{clean, one_line};

/// The reason why a folder cannot be read as a Terraform root.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// It does not exist, or cannot be read.
    #[error("cannot read {}: {source}{}", path.display(), next_step(source))]
    Unread {
        /// File or folder.
        path: PathBuf,
        /// The reason.
        source: ReadError,
    },
    /// It is a symbolic link to nothing.
    #[error("{} is a symbolic link to a file that does not exist: create that file, or remove the link", .0.display())]
    DanglingLink(PathBuf),
    /// A file is given as the folder.
    #[error("{} is not a folder: give the folder in which you run terraform with --terraform", .0.display())]
    NotAFolder(PathBuf),
    /// The code of one folder exceeds a limit.
    #[error("the .tf files of {} are larger than {} MiB together, the limit of egress-doctor", .0.display(), .1 / (1024 * 1024))]
    TooMuchCode(PathBuf, u64),
    /// A variable file in JSON syntax is not a JSON object.
    #[error("{}: it is not a JSON object with values of variables (line {line}, column {column})", path.display())]
    NotJsonValues {
        /// The file.
        path: PathBuf,
        /// The line of the error.
        line: usize,
        /// The column of the error.
        column: usize,
    },
    /// A file in the data directory of Terraform cannot be used.
    #[error("cannot read {}: {why}. Terraform writes this file: {next}", path.display())]
    Data {
        /// The file.
        path: PathBuf,
        /// The reason.
        why: String,
        /// The next step.
        next: &'static str,
    },
    /// The directory has no `*.tf` file.
    #[error("{} has no .tf file: give the folder in which you run terraform with --terraform", .0.display())]
    Empty(PathBuf),
    /// The folder has no code, but folders below it have.
    #[error("{} has no .tf file. These folders below it are root modules: {roots}; {what}. Give one of them with --terraform", path.display())]
    Roots {
        /// The folder.
        path: PathBuf,
        /// Why none of them was chosen.
        what: String,
        /// The folders, relative to it.
        roots: String,
    },
    /// Other code of the repository calls the folder as a module.
    #[error(
        "{} is a module without a provider, and {callers} call it: give the folder in which you run terraform with --terraform",
        path.display()
    )]
    CalledModule {
        /// The folder.
        path: PathBuf,
        /// The folders that call it, relative to the repository.
        callers: String,
    },
    /// Another tool than Terraform owns the code.
    #[error("{}: {what}", path.display())]
    OtherTool {
        /// The file or folder.
        path: PathBuf,
        /// The tool, and the next step.
        what: String,
    },
    /// A file is not valid HCL.
    #[error("{}: {error}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The position and the reason.
        error: ScanError,
    },
    /// A module calls itself.
    #[error(
        "{place}: module {} is in the folder of a module that calls it ({dir}), so the calls never end and terraform init fails. Remove one of the calls",
        quoted(name)
    )]
    ModuleCycle {
        /// `file:line` of the call.
        place: String,
        /// The label of the call.
        name: String,
        /// The folder, relative to the root.
        dir: String,
    },
    /// More module calls than egress-doctor reads.
    #[error("{} has more than {limit} module calls in all its modules, which is the limit of egress-doctor: give a folder with fewer modules with --terraform", path.display())]
    TooManyModules {
        /// The root module's folder.
        path: PathBuf,
        /// The limit.
        limit: usize,
    },
    /// A file is not UTF-8.
    #[error("{} is not UTF-8 text, so it cannot be edited safely", .0.display())]
    NotText(PathBuf),
}

impl ConfigError {
    /// The reason without the file.
    pub(in crate::terraform) fn reason(&self) -> String {
        match self {
            Self::Unread { source, .. } => source.to_string(),
            Self::Malformed { error, .. } => error.to_string(),
            Self::NotText(_) => ReadError::NotText.to_string(),
            Self::NotJsonValues { line, column, .. } => {
                format!("it is not a JSON object with values of variables (line {line}, column {column})")
            }
            Self::DanglingLink(_)
            | Self::NotAFolder(_)
            | Self::TooMuchCode(..)
            | Self::Data { .. }
            | Self::ModuleCycle { .. }
            | Self::TooManyModules { .. }
            | Self::Roots { .. }
            | Self::CalledModule { .. }
            | Self::OtherTool { .. }
            | Self::Empty(_) => self.to_string(),
        }
    }
}

/// Converts the error of a reader to the error for a file or folder.
pub(in crate::terraform) fn unread<E: Into<ReadError>>(path: &Path) -> impl FnOnce(E) -> ConfigError {
    move |error| ConfigError::Unread { path: path.to_owned(), source: error.into() }
}

/// The argument that answers with a block, `--made-by sg-1=aws_security_group.app`; in quotes where a shell needs them.
fn answer(id: &str, candidate: &Candidate) -> String {
    let answer = format!("{id}={}", candidate.address);
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.=".contains(c);
    let quote = if answer.chars().all(is_plain) { "" } else { "'" };
    format!("--made-by {quote}{answer}{quote}")
}

/// What the user can do about a file that was not read.
fn next_step(error: &ReadError) -> &'static str {
    match error {
        ReadError::NotRegular(_) => ". Terraform reads this name too: remove or rename it",
        ReadError::TooLarge(_) => ", the limit of egress-doctor. Split the file",
        ReadError::TooMany(_) => {
            ", the limit of egress-doctor. Move the files that are not Terraform code to another folder"
        }
        ReadError::Io(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            ". Run egress-doctor as a user who can read it"
        }
        ReadError::Io(_) | ReadError::NotText => "",
    }
}

/// The reason why an edit cannot be planned.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The code has no block that the edit needs.
    #[error("not found: {}", one_line(what))]
    NotFound {
        /// The missing block, and the place of the search.
        what: String,
    },
    /// A state exists, but egress-doctor cannot read it.
    #[error(
        "cannot read {} as a Terraform state: {}. Give the output of `terraform state pull` or `terraform show -json` with --state",
        one_line(path),
        one_line(why)
    )]
    State {
        /// The file.
        path: String,
        /// The reason.
        why: String,
    },
    /// Several blocks may manage an AWS id, or one block with too little evidence. The user must decide.
    #[error(
        "{id} may be managed by {}. Neither the code nor a Terraform state identifies the resource. Answer with {}, or \
         with --made-by {id}=none if other code manages it",
        one_line(&candidates.iter().map(ToString::to_string).collect::<Vec<_>>().join(", or by ")),
        one_line(&candidates.iter().map(|one| answer(id, one)).collect::<Vec<_>>().join(", or with ")),
        id = one_line(id)
    )]
    Ambiguous {
        /// The AWS id, or the name of the service or connector.
        id: String,
        /// The blocks, best first.
        candidates: Vec<Candidate>,
    },
    /// A `*.tf.json` file, which egress-doctor does not read, may manage it.
    #[error(
        "{}: egress-doctor does not read code in JSON syntax, which may manage {id}. If it does not, answer with --made-by {id}=none",
        one_line(path),
        id = one_line(id)
    )]
    InJson {
        /// The file.
        path: String,
        /// The AWS id that it may manage.
        id: String,
    },
    /// The code already has the resource.
    #[error(
        "{} is already in the code ({}): run terraform apply, then run egress-doctor again",
        one_line(address),
        one_line(place)
    )]
    AlreadyInCode {
        /// Resource address.
        address: String,
        /// `file:line`
        place: String,
    },
    /// The same where another program than Terraform applies the code.
    #[error(
        "{} is already in the code ({}): run {}, then run egress-doctor again",
        one_line(address),
        one_line(place),
        one_line(apply)
    )]
    NotApplied {
        /// Resource address.
        address: String,
        /// `file:line`
        place: String,
        /// `terragrunt apply in prod/network`
        apply: String,
    },
    /// The plan that the user gave creates or changes the resource.
    #[error(
        "the plan {} {}{}: apply first, then run egress-doctor again",
        if *is_new { "creates" } else { "changes" },
        one_line(address),
        place.as_ref().map(|place| format!(" ({})", one_line(place))).unwrap_or_default()
    )]
    Pending {
        /// Resource address.
        address: String,
        /// `file:line`, if the block is in the code.
        place: Option<String>,
        /// Whether the plan creates it.
        is_new: bool,
    },
    /// The user's answer or the Terraform state contradicts the code.
    #[error("{}: {}", one_line(place), one_line(what))]
    Answer {
        /// `file:line`, or the address in the state.
        place: String,
        /// The contradiction, and the next step.
        what: String,
    },
    /// The code has a form that egress-doctor does not edit.
    #[error("{}: {}", one_line(place), one_line(what))]
    NotUnderstood {
        /// `file:line`
        place: String,
        /// The form of the code, and the instruction.
        what: String,
    },
    /// The user must make this edit by hand.
    #[error("{}: {}. Add this there by hand:\n{}", one_line(place), one_line(what), clean(snippet))]
    ByHand {
        /// `file:line`
        place: String,
        /// The reason.
        what: String,
        /// The code to write.
        snippet: String,
    },
    /// The user must change a block by hand that is not in this folder.
    #[error("{}. Change it by hand:\n{}", one_line(what), clean(snippet))]
    Elsewhere {
        /// What is not in this folder.
        what: String,
        /// The code to write.
        snippet: String,
    },
    /// A variable decides it that nothing in this folder sets.
    #[error("{}: {}:\n{}", one_line(place), one_line(what), clean(values))]
    Given {
        /// `file:line` of the block.
        place: String,
        /// The block, the variable, and where to give the value.
        what: String,
        /// The values, as in a file for `-var-file`.
        values: String,
    },
    /// The edit belongs in a file that egress-doctor must not edit.
    #[error("{place}: {what}. egress-doctor does not edit it. Make this change by hand:\n{patch}")]
    Outside {
        /// The file.
        place: String,
        /// Why it is not edited.
        what: String,
        /// The change as a patch.
        patch: String,
    },
    /// The edit belongs in a block that is not in this folder.
    #[error("{}: egress-doctor found no block for {id} in this folder; change the code that manages it{}. Add this there by hand:\n{}",
        one_line(place), if *importable { format!(". If no code manages it, --made-by {id}=import imports it into this configuration") } else { String::new() }, clean(snippet), id = one_line(id))]
    NotHere {
        /// `file:line` of the service.
        place: String,
        /// The AWS id that is not managed here.
        id: String,
        /// Whether it can be imported into this configuration.
        importable: bool,
        /// The code to write in the configuration that manages it.
        snippet: String,
    },
    /// The edited text failed its self-check, so nothing was written.
    #[error(
        "the edit of {} failed its self-check ({}); nothing was written. Please report this",
        one_line(file),
        one_line(what)
    )]
    SelfCheck {
        /// The file.
        file: String,
        /// The failed check.
        what: String,
    },
}

impl EditError {
    /// The note for a part of a fix that the code has already.
    pub(in crate::terraform) fn in_code_note(&self) -> Option<String> {
        let (Self::AlreadyInCode { address, place } | Self::NotApplied { address, place, .. }) = self else {
            return None;
        };
        Some(format!(
            "{address} is already in the code ({place}) and not applied yet: this edit adds the rest."
        ))
    }

    /// Whether the resource of the change is not in this folder.
    pub(in crate::terraform) fn is_elsewhere(&self) -> bool {
        match self {
            // The block is in this folder, in another workspace.
            Self::NotFound { what } => !what.contains("run egress-doctor with TF_WORKSPACE"),
            Self::Elsewhere { .. } | Self::NotHere { .. } => true,
            // A place that is no line of a file.
            Self::ByHand { place, .. } | Self::NotUnderstood { place, .. } => {
                place.starts_with("the code of ")
            }
            _ => false,
        }
    }

    /// Whether the user can make the change by hand instead: it is not the input that must be corrected first.
    #[must_use]
    pub fn is_by_hand(&self) -> bool {
        match self {
            Self::NotFound { .. }
            | Self::NotHere { importable: false, .. }
            | Self::Answer { .. }
            | Self::NotUnderstood { .. }
            | Self::ByHand { .. }
            | Self::Elsewhere { .. }
            | Self::Given { .. }
            | Self::Outside { .. } => true,
            Self::NotHere { importable: true, .. }
            | Self::State { .. }
            | Self::Ambiguous { .. }
            | Self::InJson { .. }
            | Self::AlreadyInCode { .. }
            | Self::NotApplied { .. }
            | Self::Pending { .. }
            | Self::SelfCheck { .. } => false,
        }
    }

    /// The question that the user must answer before the edit can be planned; `None` if an answer does not
    /// solve the problem.
    #[must_use]
    pub fn question(&self) -> Option<OwnerQuestion> {
        match self {
            Self::Ambiguous { id, candidates } => {
                Some(OwnerQuestion { id: id.clone(), candidates: candidates.clone(), importable: false })
            }
            Self::NotHere { id, importable: true, .. } => {
                Some(OwnerQuestion { id: id.clone(), candidates: Vec::new(), importable: true })
            }
            Self::InJson { id, .. } => {
                Some(OwnerQuestion { id: id.clone(), candidates: Vec::new(), importable: false })
            }
            Self::NotFound { .. }
            | Self::NotHere { importable: false, .. }
            | Self::State { .. }
            | Self::AlreadyInCode { .. }
            | Self::NotApplied { .. }
            | Self::Pending { .. }
            | Self::Answer { .. }
            | Self::NotUnderstood { .. }
            | Self::ByHand { .. }
            | Self::Elsewhere { .. }
            | Self::Given { .. }
            | Self::Outside { .. }
            | Self::SelfCheck { .. } => None,
        }
    }
}
