//! The program with which the user runs a configuration.

use std::fmt;
use std::path::{Path, PathBuf};

use crate::text::{shell_quote, shell_quote_path};

/// The program with which the user runs a configuration.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// `terraform`
    #[default]
    Terraform,
    /// `tofu`
    OpenTofu,
    /// `terragrunt`
    Terragrunt,
    /// `terragrunt stack`
    TerragruntStack,
}

impl Tool {
    /// `terraform apply`
    #[must_use]
    pub fn apply(self) -> &'static str {
        match self {
            Self::Terraform => "terraform apply",
            Self::OpenTofu => "tofu apply",
            Self::Terragrunt => "terragrunt apply",
            Self::TerragruntStack => "terragrunt stack run apply",
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Terraform => "terraform",
            Self::OpenTofu => "tofu",
            Self::Terragrunt => "terragrunt",
            Self::TerragruntStack => "terragrunt stack run",
        })
    }
}

/// How the user runs a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runner {
    /// The program.
    pub tool: Tool,
    /// The folder of the Terragrunt unit, if it is another one than that of the root module.
    pub unit: Option<PathBuf>,
    /// The files of `-var-file`, relative to the root module.
    pub var_files: Vec<PathBuf>,
}

impl Runner {
    /// `terraform plan, terraform apply`
    #[must_use]
    pub fn next(&self) -> String {
        let both = ["plan", "apply"].map(|command| format!("{} {command}{}", self.tool, self.options()));
        let place = self.unit.as_ref().map_or_else(String::new, |unit| format!(" in {}", unit.display()));
        format!("{}{place}", both.join(", "))
    }

    /// The commands that plan and apply the root module in a folder.
    #[must_use]
    pub fn commands(&self, root: &Path) -> [String; 2] {
        let dir = self.dir(root);
        ["plan", "apply"].map(|command| match self.tool {
            tool @ (Tool::Terragrunt | Tool::TerragruntStack) => format!("cd {dir} && {tool} {command}"),
            tool => format!("{tool} -chdir={dir} {command}{}", self.options()),
        })
    }

    /// One command line that plans the root module in a folder and applies it.
    #[must_use]
    pub fn plan_and_apply(&self, root: &Path) -> String {
        let dir = self.dir(root);
        match self.tool {
            Tool::Terragrunt | Tool::TerragruntStack => self.commands(root)[1].clone(),
            tool => format!(
                "{tool} -chdir={dir} plan{} -out plan.tfplan && {tool} -chdir={dir} apply plan.tfplan",
                self.options()
            ),
        }
    }

    /// The command that removes a resource from the state of the root module in a folder.
    #[must_use]
    pub fn remove_from_state(&self, root: &Path, address: &str) -> String {
        let (dir, address) = (self.dir(root), shell_quote(address));
        match self.tool {
            tool @ (Tool::Terragrunt | Tool::TerragruntStack) => {
                format!("cd {dir} && {tool} state rm {address}")
            }
            tool => format!("{tool} -chdir={dir} state rm {address}"),
        }
    }

    /// The folder in which the program runs, quoted for the shell.
    fn dir(&self, root: &Path) -> String {
        shell_quote_path(self.unit.as_deref().unwrap_or(root))
    }

    fn options(&self) -> String {
        self.var_files.iter().map(|file| format!(" -var-file={}", shell_quote_path(file))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_commands_are_those_of_the_program_in_its_folder() {
        let runner = |tool, unit: Option<&str>, var_files: &[&str]| Runner {
            tool,
            unit: unit.map(PathBuf::from),
            var_files: var_files.iter().map(PathBuf::from).collect(),
        };
        let terraform = runner(Tool::Terraform, None, &["envs/prod.tfvars"]);
        assert_eq!(
            terraform.next(),
            "terraform plan -var-file=envs/prod.tfvars, terraform apply -var-file=envs/prod.tfvars"
        );
        assert_eq!(
            terraform.commands(Path::new("/infra"))[0],
            "terraform -chdir=/infra plan -var-file=envs/prod.tfvars"
        );
        assert_eq!(
            terraform.plan_and_apply(Path::new("/infra")),
            "terraform -chdir=/infra plan -var-file=envs/prod.tfvars -out plan.tfplan && \
             terraform -chdir=/infra apply plan.tfplan"
        );
        assert_eq!(
            terraform.remove_from_state(Path::new("/my infra"), "aws_vpc_endpoint.s3[\"a\"]"),
            "terraform -chdir='/my infra' state rm 'aws_vpc_endpoint.s3[\"a\"]'"
        );
        assert_eq!(runner(Tool::OpenTofu, None, &[]).next(), "tofu plan, tofu apply");
        let unit = runner(Tool::Terragrunt, Some("live/prod/vpc"), &[]);
        assert_eq!(unit.next(), "terragrunt plan, terragrunt apply in live/prod/vpc");
        assert_eq!(unit.commands(Path::new("/modules/vpc"))[1], "cd live/prod/vpc && terragrunt apply");
        assert_eq!(unit.plan_and_apply(Path::new("/modules/vpc")), "cd live/prod/vpc && terragrunt apply");
        let stack = runner(Tool::TerragruntStack, Some("live/prod"), &[]);
        assert_eq!(
            stack.commands(Path::new("/modules/vpc"))[1],
            "cd live/prod && terragrunt stack run apply"
        );
    }
}
