//! The command line, as types. What the commands do is in [`crate::command`].

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;

use crate::terraform::MadeBy;

/// Finds out why an AWS App Runner service cannot reach the network, prices the fixes, and writes the Terraform.
///
/// Without a command: the interactive application on your AWS account. It changes nothing in AWS.
#[derive(Debug, Parser)]
#[command(name = "egress-doctor", version, about, args_conflicts_with_subcommands = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Live options of the interactive application.
    #[command(flatten)]
    pub app: AppOptions,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The interactive application on an embedded scenario; no account, no network
    Demo {
        /// Which story; the first one when left out
        scenario: Option<String>,
        /// Play it by itself at reading speed; any key takes over
        #[arg(long)]
        tour: bool,
        /// List the stories
        #[arg(long)]
        list: bool,
        /// Appearance.
        #[command(flatten)]
        display: DisplayOptions,
    },
    /// The interactive application on a saved snapshot, or on a folder of AWS CLI output
    Open {
        /// The snapshot's file, or the folder
        file: PathBuf,
        /// A log to read destinations from, `-` for standard input
        #[arg(long, value_name = "FILE")]
        log: Option<PathBuf>,
        /// The Terraform folder to edit
        #[arg(long, value_name = "DIR")]
        terraform: Option<PathBuf>,
        /// The Terraform state where it is not in that folder, or what `terraform show -json` prints of it
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        /// Appearance.
        #[command(flatten)]
        display: DisplayOptions,
    },
    /// Say what is unreachable, from where and why
    Diagnose {
        /// What to look at.
        #[command(flatten)]
        diagnosis: DiagnosisOptions,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Plan a fix as a Terraform diff, and write it with --write
    Fix {
        /// What to look at.
        #[command(flatten)]
        diagnosis: DiagnosisOptions,
        /// The Terraform folder to edit
        #[arg(long, value_name = "DIR")]
        terraform: PathBuf,
        /// The Terraform state where it is not in that folder, or what `terraform show -json` prints of it
        #[arg(long, value_name = "FILE")]
        state: Option<PathBuf>,
        /// The block that makes an id, or a name, where the code does not tell; `none` where other code does, `import` where none does
        #[arg(long, value_name = "ID=ADDRESS|none|import")]
        made_by: Vec<MadeBy>,
        /// Which remedies, joined by commas; the recommended ones when left out
        #[arg(long, value_name = "ID[,ID..]", value_delimiter = ',')]
        remedy: Vec<String>,
        /// Write the files
        #[arg(long)]
        write: bool,
        /// Save the diff as a patch
        #[arg(long, value_name = "FILE")]
        patch: Option<PathBuf>,
        /// How to print it
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Take the last write back, byte for byte
    Undo {
        /// The Terraform folder
        #[arg(long, value_name = "DIR")]
        terraform: PathBuf,
        /// Finish a write that was cut short instead
        #[arg(long)]
        finish: bool,
        /// Keep the files as they are and forget the write, where it was edited since
        #[arg(long, conflicts_with = "finish")]
        forget: bool,
    },
    /// Save the account's network state, without secrets
    Snapshot {
        /// Where from.
        #[command(flatten)]
        live: Live,
        /// Only this service's network
        #[arg(long, value_name = "NAME_OR_ARN")]
        service: Option<String>,
        /// The file to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Print the least-privilege read-only IAM policy
    IamPolicy,
    /// Print shell completions
    Completions {
        /// For which shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

/// Options of the interactive application on live AWS.
#[derive(Debug, Args)]
pub struct AppOptions {
    /// Where from.
    #[command(flatten)]
    pub live: Live,
    /// A log to read destinations from
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// The Terraform folder to edit
    #[arg(long, value_name = "DIR")]
    pub terraform: Option<PathBuf>,
    /// The Terraform state where it is not in that folder, or what `terraform show -json` prints of it
    #[arg(long, value_name = "FILE")]
    pub state: Option<PathBuf>,
    /// Appearance.
    #[command(flatten)]
    pub display: DisplayOptions,
}

/// Live AWS, by the usual chain of credentials.
#[derive(Clone, Debug, Args)]
pub struct Live {
    /// Profile of the AWS configuration
    #[arg(long)]
    pub profile: Option<String>,
    /// AWS region
    #[arg(long)]
    pub region: Option<String>,
    /// Another address for every AWS service, for tests
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
}

/// How the screen looks.
#[derive(Clone, Debug, Args)]
pub struct DisplayOptions {
    /// Colours
    #[arg(long, value_enum, default_value_t = ThemeName::Ansi)]
    pub theme: ThemeName,
    /// Whether to use colours
    #[arg(long, value_enum, default_value_t = Colour::Auto)]
    pub color: Colour,
    /// ASCII only
    #[arg(long)]
    pub ascii: bool,
}

/// The themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeName {
    /// The terminal's own sixteen colours
    Ansi,
    /// Bright on the terminal's background
    HighContrast,
    /// Blue and orange
    ColourBlind,
    /// No colours
    Mono,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// Unless `NO_COLOR` is set or TERM is dumb
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to look at.
#[derive(Debug, Args)]
pub struct DiagnosisOptions {
    /// Where from.
    #[command(flatten)]
    pub live: Live,
    /// A saved snapshot instead of live AWS
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "region", "endpoint_url", "scenario"])]
    pub from: Option<PathBuf>,
    /// A folder of AWS CLI output instead of live AWS
    #[arg(long, value_name = "DIR", conflicts_with_all = ["profile", "endpoint_url", "from", "scenario"])]
    pub aws_json: Option<PathBuf>,
    /// An embedded scenario instead of live AWS
    #[arg(long, value_name = "NAME", conflicts_with_all = ["profile", "region", "endpoint_url"])]
    pub scenario: Option<String>,
    /// The App Runner service; may be left out where there is one
    #[arg(long, value_name = "NAME_OR_ARN", conflicts_with_all = ["subnet", "security_group"])]
    pub service: Option<String>,
    /// Any subnets as the source, e.g. of a connector that does not exist yet
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub subnet: Vec<String>,
    /// Security groups of that source
    #[arg(long, value_name = "ID", num_args = 1.., requires = "subnet")]
    pub security_group: Vec<String>,
    /// That source speaks IPv6 beside IPv4, where its subnets do
    #[arg(long, requires = "subnet")]
    pub dual_stack: bool,
    /// A destination to test
    #[arg(long, value_name = "HOST[:PORT]")]
    pub to: Vec<String>,
    /// A log to read destinations from, packed with gzip or not, `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// How far back the service's own log is read, live and without --log; 0s reads none
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = time_back, conflicts_with_all = ["from", "aws_json", "scenario", "log"])]
    pub since: Duration,
    /// Only what --to and the log name, nothing from the service's settings
    #[arg(long)]
    pub no_infer: bool,
}

/// Reads `30m`, `1h`, `2 days`.
fn time_back(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is no time: give 30m, 1h, 2h30m or the like");
    let span: SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(span).map_err(|_| wrong())
}

/// How to print an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    Text,
    /// For programs
    Json,
    /// For tickets
    Markdown,
}
