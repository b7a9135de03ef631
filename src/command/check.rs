//! `egress-doctor check`: credentials, permissions and Terraform, and what will be unknown.
//!
//! Exit codes: 0 everything works; 3 something will be unknown or cannot be checked; 2 usage error.

use std::env;
use std::path::{Path, PathBuf};

use color_eyre::eyre::Result;
use serde_json::{Value, json};

use super::emit::emit;
use super::exit::Exit;
use super::source;
use crate::cli::{CheckFormat, CheckOptions, Live, Origin};
use crate::discover::{CheckedAccess, LiveRequest, Permission, PermissionStatus};
use crate::report::json_text;
use crate::terraform::{Environment, FolderState, GivenFiles, folder_state};

/// What was found.
struct Findings {
    /// The credentials with their permissions, or why they cannot be checked.
    access: Result<CheckedAccess, String>,
    /// The same for the profiles of other accounts.
    others: Vec<(String, Result<CheckedAccess, String>)>,
    /// Where the credentials come from.
    credentials: String,
    /// Where the Region comes from.
    region: &'static str,
    folder: PathBuf,
    terraform: FolderState,
}

/// Prints what works here.
pub(super) fn run(options: &CheckOptions) -> Result<Exit> {
    let request = source::request(&options.live)?;
    let folder = match &options.terraform {
        Some(folder) => folder.clone(),
        None => env::current_dir()?,
    };
    // `terraform version` runs while AWS answers.
    let (access, others, terraform) = std::thread::scope(|scope| {
        let terraform =
            scope.spawn(|| folder_state(&folder, &Environment::of(env::vars_os(), GivenFiles::default())));
        let others: Vec<_> = request
            .more_profiles
            .iter()
            .map(|profile| {
                let request = LiveRequest { profile: Some(profile.clone()), ..request.clone() };
                (profile.clone(), scope.spawn(move || access(&request)))
            })
            .collect();
        let own = access(&request);
        let failed = |_| Err("the check of this profile failed".to_owned());
        let others =
            others.into_iter().map(|(profile, check)| (profile, check.join().unwrap_or_else(failed)));
        (own, others.collect(), terraform.join())
    });
    let terraform = terraform.map_err(|_| color_eyre::eyre::eyre!("the Terraform folder cannot be read"))?;
    let findings = Findings {
        access,
        others,
        credentials: credentials(&options.live),
        region: region(&options.live),
        folder,
        terraform,
    };
    let unknown = findings.unknown();
    emit(&match options.format {
        CheckFormat::Text => findings.text(&unknown),
        CheckFormat::Json => json_text(&findings.json(&unknown)),
    })?;
    Ok(if unknown.is_empty() { Exit::Done } else { Exit::Unknown })
}

#[cfg(feature = "live")]
fn access(request: &LiveRequest) -> Result<CheckedAccess, String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    let answer = runtime.block_on(Box::pin(crate::discover::check_access(request)));
    runtime.shutdown_background();
    answer.map_err(|error| error.to_string())
}

#[cfg(not(feature = "live"))]
fn access(_: &LiveRequest) -> Result<CheckedAccess, String> {
    Err("this build cannot read live AWS (it was built without the feature `live`)".to_owned())
}

/// The first source of the credential chain that is set: variables come before a profile
/// (<https://docs.aws.amazon.com/sdk-for-rust/latest/dg/credproviders.html>).
fn credentials(live: &Live) -> String {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    // Of several profiles, each has its own credentials.
    if live.profile.len() < 2 && is_set("AWS_ACCESS_KEY_ID") && is_set("AWS_SECRET_ACCESS_KEY") {
        let unused = if live.profile.is_empty() { "" } else { "; they come before --profile" };
        return format!("environment variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY{unused}");
    }
    match (live.profile.first(), env::var("AWS_PROFILE").ok().filter(|name| !name.is_empty())) {
        (Some(profile), _) => match live.profile_origin {
            Origin::CommandLine => format!("profile {profile} (--profile)"),
            Origin::ConfigFile => format!("profile {profile} (config file)"),
        },
        (None, Some(profile)) => format!("profile {profile} (AWS_PROFILE)"),
        (None, None) => "profile default, or the role of the machine or container".to_owned(),
    }
}

/// The first source of the Region that is set.
fn region(live: &Live) -> &'static str {
    let is_set = |name: &str| env::var_os(name).is_some_and(|value| !value.is_empty());
    match () {
        () if !live.region.is_empty() => match live.region_origin {
            Origin::CommandLine => "--region",
            Origin::ConfigFile => "config file",
        },
        () if is_set("AWS_REGION") => "AWS_REGION",
        () if is_set("AWS_DEFAULT_REGION") => "AWS_DEFAULT_REGION",
        () => "AWS profile or machine",
    }
}

/// The permissions that the VPCs of another account need.
fn vpc_permissions(access: &CheckedAccess) -> impl Iterator<Item = &Permission> {
    access.permissions.iter().filter(|permission| permission.call.reads_vpc())
}

/// The permissions of a profile of another account, as lines.
fn lines_of(profile: &str, access: &CheckedAccess) -> Vec<String> {
    let account = access.account.as_deref().unwrap_or("unknown");
    let (present, all) = (
        vpc_permissions(access).filter(|one| one.status == PermissionStatus::Present).count(),
        vpc_permissions(access).count(),
    );
    let first = format!(
        "Profile      {profile}: account {account}, {present} of {all} permissions for its VPCs present"
    );
    std::iter::once(first).chain(not_present(vpc_permissions(access))).collect()
}

/// The permissions that are missing or unknown, as lines.
fn not_present<'a>(permissions: impl Iterator<Item = &'a Permission>) -> impl Iterator<Item = String> {
    permissions.filter_map(|permission| {
        let action = permission.call.iam_action().unwrap_or(permission.call.name());
        match &permission.status {
            PermissionStatus::Present => None,
            PermissionStatus::Missing(reason) => Some(format!("  x {action}  {reason}")),
            PermissionStatus::Unknown(reason) => Some(format!("  ? {action}  {reason}")),
        }
    })
}

/// A permission with its status, as JSON.
fn permission_json(permission: &Permission) -> Value {
    let (status, message) = match &permission.status {
        PermissionStatus::Present => ("present", None),
        PermissionStatus::Missing(reason) => ("missing", Some(reason)),
        PermissionStatus::Unknown(reason) => ("unknown", Some(reason)),
    };
    json!({
        "call": permission.call.name(),
        "iam_action": permission.call.iam_action(),
        "purpose": permission.call.purpose(),
        "status": status,
        "message": message,
    })
}

impl Findings {
    /// What will be unknown, or cannot be checked, as sentences.
    fn unknown(&self) -> Vec<String> {
        let mut unknown = Vec::new();
        match &self.access {
            Err(reason) => unknown.push(format!("Everything in AWS is unknown: {reason}.")),
            Ok(access) => {
                for permission in &access.permissions {
                    let purpose = permission.call.purpose();
                    match &permission.status {
                        PermissionStatus::Present => {}
                        PermissionStatus::Missing(_) => {
                            let action = permission.call.iam_action().unwrap_or(permission.call.name());
                            unknown.push(format!("Unknown without {action}: {purpose}."));
                        }
                        PermissionStatus::Unknown(_) => {
                            unknown.push(format!("{} could not be checked: {purpose}.", permission.call));
                        }
                    }
                }
            }
        }
        for (profile, access) in &self.others {
            unknown.extend(self.unknown_of(profile, access));
        }
        let folder = self.folder.display();
        if let Err(reason) = &self.terraform.program {
            unknown.push(format!("Terraform's own checks of an edit cannot run: {reason}."));
        } else if self.terraform.code.is_ok() && !self.terraform.is_initialised {
            unknown.push(format!(
                "validate and plan of an edit cannot run in {folder}: run terraform init there first."
            ));
        }
        if let Err(reason) = &self.terraform.code {
            unknown.push(format!("No fix can be written in {folder}: {reason}."));
        }
        unknown
    }

    /// What will be unknown about the VPCs of another account, as sentences.
    fn unknown_of(&self, profile: &str, access: &Result<CheckedAccess, String>) -> Vec<String> {
        let access = match access {
            Err(reason) => {
                return vec![format!("The account of profile {profile} cannot be read: {reason}.")];
            }
            Ok(access) => access,
        };
        let place = access.account.as_ref().map_or_else(
            || format!("the account of profile {profile}"),
            |account| format!("account {account}"),
        );
        let own = self.access.as_ref().ok().and_then(|own| own.account.as_ref());
        if own.is_some() && own == access.account.as_ref() {
            return vec![format!("Profile {profile} is of {place}, as the first profile: leave it out.")];
        }
        let missing = vpc_permissions(access).filter_map(|permission| match &permission.status {
            PermissionStatus::Present => None,
            PermissionStatus::Missing(_) | PermissionStatus::Unknown(_) => {
                let action = permission.call.iam_action().unwrap_or(permission.call.name());
                Some(format!("Unknown in {place} without {action}: {}.", permission.call.purpose()))
            }
        });
        missing.collect()
    }

    fn text(&self, unknown: &[String]) -> String {
        let mut lines = vec![format!("Credentials  {}", self.credentials)];
        match &self.access {
            Err(_) => {}
            Ok(access) => {
                if let Some(arn) = &access.arn {
                    lines.push(format!("             {arn}"));
                }
                if let Some(account) = &access.account {
                    lines.push(format!("Account      {account}"));
                }
                lines.push(format!("Region       {} ({})", access.region, self.region));
                let present = access.permissions.iter().filter(|one| one.status == PermissionStatus::Present);
                lines.push(format!(
                    "Permissions  {} of {} present",
                    present.count(),
                    access.permissions.len()
                ));
                lines.extend(not_present(access.permissions.iter()));
            }
        }
        for (profile, access) in &self.others {
            lines.extend(access.iter().flat_map(|access| lines_of(profile, access)));
        }
        lines.push(match &self.terraform.program {
            Ok(program) => format!("Terraform    {}, {}", program.version, program.path.display()),
            Err(reason) => format!("Terraform    {reason}"),
        });
        lines.push(format!("Folder       {}", self.folder.display()));
        lines.push(match &self.terraform.code {
            Ok(code) => {
                let initialised = if self.terraform.is_initialised { "initialised" } else { "not initialised" };
                let lock = if self.terraform.has_lock_file { "lock file" } else { "no lock file" };
                let workspace = code.workspace.as_deref().unwrap_or("unknown");
                let (files, modules) = (code.files, code.modules);
                format!(
                    "             {initialised}, {lock}, backend {}, workspace {workspace}, {files} files, {modules} modules",
                    code.backend
                )
            }
            Err(reason) => format!("             {reason}"),
        });
        if unknown.is_empty() {
            lines.push("Everything that egress-doctor needs works here.".to_owned());
        } else {
            lines.push(String::new());
            lines.extend(unknown.iter().cloned());
        }
        lines.join("\n") + "\n"
    }

    fn json(&self, unknown: &[String]) -> Value {
        let access = self.access.as_ref().ok();
        let permissions = access.into_iter().flat_map(|access| &access.permissions).map(permission_json);
        let others = self.others.iter().map(|(profile, access)| {
            let error = access.as_ref().err();
            let access = access.as_ref().ok();
            json!({
                "profile": profile,
                "account": access.and_then(|access| access.account.as_ref()),
                "arn": access.and_then(|access| access.arn.as_ref()),
                "error": error,
                "permissions": access.into_iter().flat_map(vpc_permissions).map(permission_json).collect::<Vec<_>>(),
            })
        });
        let terraform = &self.terraform;
        let path = |path: &Path| path.display().to_string();
        json!({
            "schema": "egress-doctor/check/v1",
            "credentials": {
                "source": self.credentials,
                "account": access.and_then(|access| access.account.as_ref()),
                "arn": access.and_then(|access| access.arn.as_ref()),
                "error": self.access.as_ref().err(),
            },
            "region": {
                "name": access.map(|access| &access.region),
                "source": self.region,
            },
            "permissions": permissions.collect::<Vec<_>>(),
            "other_accounts": others.collect::<Vec<_>>(),
            "terraform": {
                "program": terraform.program.as_ref().ok().map(|program| path(&program.path)),
                "version": terraform.program.as_ref().ok().map(|program| &program.version),
                "program_error": terraform.program.as_ref().err(),
                "folder": path(&self.folder),
                "initialised": terraform.is_initialised,
                "lock_file": terraform.has_lock_file,
                "backend": terraform.code.as_ref().ok().map(|code| &code.backend),
                "workspace": terraform.code.as_ref().ok().and_then(|code| code.workspace.as_ref()),
                "error": terraform.code.as_ref().err(),
            },
            "unknown": unknown,
        })
    }
}
