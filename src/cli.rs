//! The command line as types. [`crate::command`] executes the commands.
//!
//! The doc comments of commands and options are the texts of `--help` and of the man page. Names of commands
//! and options never change: user scripts depend on them.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::PossibleValue;
use clap::{Args, Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use strum::VariantArray as _;

use crate::terraform::{CheckLevel, GivenFiles, MadeBy};

/// The exit codes of all commands, for `--help` and the man page.
const EXIT_CODES: &str = "\
Exit codes of diagnose:
  0  all destinations are reachable
  1  at least one destination is blocked or intermittent
  3  no destination is blocked, but at least one is unknown

Exit codes of fix:
  0  the Terraform change was planned, or written with --write
  1  no fix makes all destinations reachable; the best partial fix is used, if there is one
  4  nothing to do: no destination is known, all are reachable, or the code already contains the fix

Exit codes of check:
  0  everything works
  3  something will be unknown or cannot be checked

Every command returns 2 after an error. The other commands return 0 if they succeed. The interactive application returns
128 plus the signal number if a signal ends it.";

/// Finds out why an AWS App Runner service cannot reach the network, shows the cost of each fix, and writes
/// the Terraform change.
///
/// Without a command, it starts the interactive application on your AWS account. It never changes anything
/// in AWS.
#[derive(Debug, Parser)]
#[command(name = "egress-doctor", version, about, args_conflicts_with_subcommands = true, after_long_help = EXIT_CODES)]
pub struct Cli {
    /// The command.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// Options of the interactive application on live AWS.
    #[command(flatten)]
    pub app: AppOptions,
}

/// The commands. [`crate::command`] lists the result of each command.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Start the interactive application on demo data; needs no account and no network
    Demo {
        /// Name of the scenario [default: the screen lists the scenarios]
        scenario: Option<String>,
        /// Play the scenario automatically; any key stops the playback
        #[arg(long)]
        tour: bool,
        /// List the scenarios
        #[arg(long)]
        list: bool,
        /// What opens by itself.
        #[command(flatten)]
        opening: OpeningOptions,
        /// Display options.
        #[command(flatten)]
        display: DisplayOptions,
    },
    /// Start the interactive application on a saved snapshot or a folder of AWS CLI output
    Open {
        /// Snapshot file, or folder of AWS CLI output
        file: PathBuf,
        /// Log file with connection errors; `-` reads standard input
        #[arg(long, value_name = "FILE")]
        log: Option<PathBuf>,
        /// Folder of the Terraform root module to edit
        #[arg(long, value_name = "DIR")]
        terraform: Option<PathBuf>,
        /// The files beside the folder.
        #[command(flatten)]
        files: GivenFiles,
        /// Highest check of the edit; `validate` and `plan` execute code of the folder (provider binaries,
        /// external data sources), so egress-doctor asks once for each folder [default: your answer]
        #[arg(long, value_enum)]
        check: Option<CheckLevel>,
        /// What opens by itself.
        #[command(flatten)]
        opening: OpeningOptions,
        /// Display options.
        #[command(flatten)]
        display: DisplayOptions,
    },
    /// Show which destinations are not reachable, from which subnets, and why
    #[command(
        after_help = "Exit codes: 0 all destinations are reachable; 1 at least one is blocked or intermittent; \
                            3 none is blocked, but at least one is unknown; 2 error"
    )]
    Diagnose {
        /// What to diagnose.
        #[command(flatten)]
        diagnosis: DiagnosisOptions,
        /// Save the incident report as a Markdown file, and the path map as an SVG file beside it; `-` prints only the report to
        /// standard output
        #[arg(long, value_name = "FILE")]
        report: Option<PathBuf>,
        /// Also show when what blocks was changed last, and by whom (AWS CloudTrail, at most two calls per second)
        #[arg(long, conflicts_with_all = ["from", "aws_json", "scenario"])]
        history: bool,
        /// Output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show a fix as a Terraform diff; --write writes it to the files
    #[command(
        after_help = "Exit codes: 0 planned or written; 1 no fix makes all destinations reachable, the best partial \
                            fix is used; 4 nothing to do; 2 error"
    )]
    Fix {
        /// What to diagnose.
        #[command(flatten)]
        diagnosis: DiagnosisOptions,
        /// Folder of the Terraform root module to edit
        #[arg(long, value_name = "DIR")]
        terraform: PathBuf,
        /// The files beside the folder.
        #[command(flatten)]
        files: GivenFiles,
        /// Terraform address of the block that manages an AWS id or name, if egress-doctor cannot decide:
        /// `none` if other code manages it, `import` if no code does
        #[arg(long, value_name = "ID=ADDRESS|none|import")]
        made_by: Vec<MadeBy>,
        /// Ids of the fixes, separated by commas [default: the recommended fix]
        #[arg(long, value_name = "ID[,ID..]", value_delimiter = ',')]
        remedy: Vec<String>,
        /// Write the files; `egress-doctor undo` restores them
        #[arg(long)]
        write: bool,
        /// Highest check before the write; `validate` and `plan` execute code of the folder (provider
        /// binaries, external data sources). Without --write, at most `fmt` runs [default with --write: your
        /// answer in the interactive application, else plan]
        #[arg(long, value_enum)]
        check: Option<CheckLevel>,
        /// Save the diff as a patch file; `-` prints only the patch to standard output
        #[arg(long, value_name = "FILE")]
        patch: Option<PathBuf>,
        /// Output format
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Restore the files of the last write, byte for byte
    Undo {
        /// Folder of the Terraform root module
        #[arg(long, value_name = "DIR")]
        terraform: PathBuf,
        /// Complete an interrupted write instead of undoing it
        #[arg(long)]
        finish: bool,
        /// Keep the files as they are and drop the undo information, for example if the files were edited
        /// since
        #[arg(long, conflicts_with = "finish")]
        forget: bool,
    },
    /// Save the network state of the account to a file, without secrets
    Snapshot(SnapshotOptions),
    /// Show which credentials, permissions and Terraform are in use, and what will be unknown
    ///
    /// It sends the smallest call for each permission of the policy, all at once; EC2 calls are dry runs. It executes no code
    /// of the Terraform folder.
    #[command(
        after_help = "Exit codes: 0 everything works; 3 something will be unknown or cannot be checked; 2 error"
    )]
    Check(CheckOptions),
    /// Print the IAM policy with the read-only permissions that egress-doctor uses
    ///
    /// The last statement, `EgressDoctorNeedsNoPermission`, lists `sts:GetCallerIdentity`, which AWS allows without a
    /// permission. You can leave it out.
    IamPolicy,
    /// Print the config file in force, with a comment for each setting and key
    ///
    /// Save the output as the config file and change what you want. Options and environment variables come before the file.
    Config,
    /// Print shell completions
    Completions {
        /// Shell
        shell: clap_complete::Shell,
    },
    /// Print the man page
    Man,
}

/// Options of `check`.
#[derive(Debug, Args)]
pub struct CheckOptions {
    /// The account to check.
    #[command(flatten)]
    pub live: Live,
    /// Folder of the Terraform root module [default: the working directory]
    #[arg(long, value_name = "DIR")]
    pub terraform: Option<PathBuf>,
    /// Output format
    #[arg(long, value_enum, default_value_t = CheckFormat::Text)]
    pub format: CheckFormat,
}

/// Output format of `check`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// Plain text
    Text,
    /// JSON, for scripts
    Json,
}

/// Options of `snapshot`.
#[derive(Debug, Args)]
pub struct SnapshotOptions {
    /// The account to read.
    #[command(flatten)]
    pub live: Live,
    /// Save only this service and its network
    #[arg(long, value_name = "NAME_OR_ARN")]
    pub service: Option<String>,
    /// Save all services of the Region and their networks [default without --service]
    #[arg(long, conflicts_with = "service")]
    pub all_services: bool,
    /// Read again only the calls that failed in this snapshot, or with --service only this service, and merge the answers into
    /// it; writes this file unless --output is given
    #[arg(long, value_name = "FILE", conflicts_with = "all_services")]
    pub refresh: Option<PathBuf>,
    /// Use this saved snapshot instead of live AWS, with --redact
    #[arg(long, value_name = "FILE", requires = "redact", conflicts_with_all = ["profile", "region", "endpoint_url", "timeout", "service", "all_services", "refresh"])]
    pub from: Option<PathBuf>,
    /// Replace account numbers, ids, names and addresses, so that the file can be published; it gives the same verdicts
    #[arg(long)]
    pub redact: bool,
    /// Snapshot file to write; `-` writes to standard output
    #[arg(
        short,
        long,
        value_name = "FILE",
        required_unless_present = "refresh",
        required_if_eq("redact", "true")
    )]
    pub output: Option<PathBuf>,
}

/// Options of the interactive application on live AWS.
#[derive(Debug, Args)]
pub struct AppOptions {
    /// The account to read.
    #[command(flatten)]
    pub live: Live,
    /// Log file with connection errors
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Folder of the Terraform root module to edit
    #[arg(long, value_name = "DIR")]
    pub terraform: Option<PathBuf>,
    /// The files beside the folder.
    #[command(flatten)]
    pub files: GivenFiles,
    /// Highest check of the edit; `validate` and `plan` execute code of the folder (provider binaries,
    /// external data sources), so egress-doctor asks once for each folder [default: your answer]
    #[arg(long, value_enum)]
    pub check: Option<CheckLevel>,
    /// Read the list prices of AWS again, although those of the last day are known
    #[arg(long)]
    pub refresh: bool,
    /// What opens by itself.
    #[command(flatten)]
    pub opening: OpeningOptions,
    /// Display options.
    #[command(flatten)]
    pub display: DisplayOptions,
}

/// A live AWS account. Credentials and region come from the default chain of the AWS SDK.
#[derive(Clone, Debug, Args)]
pub struct Live {
    /// AWS profile; repeat it to read a VPC that another account shares or has peered with the VPC of the service, the profile of the
    /// service first
    #[arg(long)]
    pub profile: Vec<String>,
    /// AWS region; repeat it to read peer VPCs in other regions, the region of the service first
    #[arg(long)]
    pub region: Vec<String>,
    /// Endpoint URL for all AWS services, for tests
    #[arg(long, value_name = "URL")]
    pub endpoint_url: Option<String>,
    /// Time limit for reading AWS; what has not arrived by then is a gap. A call has a sixth of it, at least 10 s [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = time_limit)]
    pub timeout: Option<Duration>,
    /// Do not ask this machine's resolver for the addresses of databases and other hosts
    #[arg(long)]
    pub no_resolve: bool,
    /// Where the profile comes from.
    #[arg(skip)]
    pub profile_origin: Origin,
    /// Where the Region comes from.
    #[arg(skip)]
    pub region_origin: Origin,
}

/// Where the value of an option comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Origin {
    /// The command line.
    #[default]
    CommandLine,
    /// The config file.
    ConfigFile,
}

/// What the interactive application opens by itself.
#[derive(Clone, Debug, Args)]
pub struct OpeningOptions {
    /// Name or ARN of the service to open; optional if there is only one
    #[arg(long, value_name = "NAME_OR_ARN")]
    pub service: Option<String>,
    /// Destination to add and to select
    #[arg(long, value_name = "HOST[:PORT]")]
    pub to: Option<String>,
    /// Step to open [default with --service or --to: trace]
    #[arg(long, value_enum)]
    pub step: Option<StepName>,
}

/// The steps that can be opened directly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum StepName {
    /// The destinations and their paths
    Trace,
    /// The fixes
    Choose,
    /// The Terraform diff of the recommended fix
    Preview,
}

/// Colours and characters of the interactive application.
#[derive(Clone, Debug, Args)]
pub struct DisplayOptions {
    /// Colour theme [default: ansi]
    #[arg(long, value_enum)]
    pub theme: Option<ThemeName>,
    /// When to use colours [default: auto]
    #[arg(long, value_enum)]
    pub color: Option<Colour>,
    /// Use only ASCII characters
    #[arg(long)]
    pub ascii: bool,
    /// Use the mouse: a click selects a row, the wheel moves. Without it, the mouse selects text
    #[arg(long)]
    pub mouse: bool,
    /// Show a dialogue of text with numbered choices instead of the screen, for screen readers; it also works through a pipe
    #[arg(long)]
    pub plain: bool,
}

/// The colour themes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ThemeName {
    /// The 16 colours of the terminal
    Ansi,
    /// Verdicts on colours of their own, readable on a light and on a dark background
    HighContrast,
    /// Blue, and black on orange
    ColourBlind,
    /// No colours
    Mono,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Colour {
    /// Use colours unless `NO_COLOR` is set or `TERM` is `dumb`
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to diagnose: the data source, the workload and its destinations.
#[derive(Debug, Args)]
pub struct DiagnosisOptions {
    /// The account to read.
    #[command(flatten)]
    pub live: Live,
    /// Read a saved snapshot instead of live AWS
    #[arg(long, value_name = "FILE", conflicts_with_all = ["profile", "region", "endpoint_url", "timeout", "scenario"])]
    pub from: Option<PathBuf>,
    /// Read a folder of AWS CLI output instead of live AWS
    #[arg(long, value_name = "DIR", conflicts_with_all = ["profile", "endpoint_url", "timeout", "from", "scenario"])]
    pub aws_json: Option<PathBuf>,
    /// Use a demo scenario instead of live AWS, with its log unless --log or --to is given
    #[arg(long, value_name = "NAME", conflicts_with_all = ["profile", "region", "endpoint_url", "timeout"])]
    pub scenario: Option<String>,
    /// Name or ARN of the App Runner service; optional if the region has only one service
    #[arg(long, value_name = "NAME_OR_ARN", conflicts_with_all = ["subnet", "security_group"])]
    pub service: Option<String>,
    /// Subnets to use as the source, for example those of a connector that does not exist yet
    #[arg(long, value_name = "ID", num_args = 1..)]
    pub subnet: Vec<String>,
    /// Security groups of the source [default: the default security group of the VPC]
    #[arg(long, value_name = "ID", num_args = 1.., requires = "subnet")]
    pub security_group: Vec<String>,
    /// The source uses IPv6 in addition to IPv4 in subnets with IPv6
    #[arg(long, requires = "subnet")]
    pub dual_stack: bool,
    /// Destination to check; may be repeated
    #[arg(long, value_name = "HOST[:PORT]")]
    pub to: Vec<String>,
    /// Log file with connection errors, plain or gzip; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    pub log: Option<PathBuf>,
    /// Age of the oldest line to read from the service's own log, on live AWS without --log; 0s skips the
    /// log
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = duration, conflicts_with_all = ["from", "aws_json", "scenario", "log"])]
    pub since: Duration,
    /// Use only the destinations of --to and of the log, none from the settings of the service
    #[arg(long)]
    pub no_infer: bool,
    /// Read the list prices of AWS again, although those of the last day are known
    #[arg(long, conflicts_with_all = ["from", "aws_json", "scenario"])]
    pub refresh: bool,
}

impl ValueEnum for CheckLevel {
    fn value_variants<'a>() -> &'a [Self] {
        Self::VARIANTS
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).help(self.description()))
    }
}

/// Parses a duration: `30m`, `1h`, `2 days`.
fn duration(text: &str) -> Result<Duration, String> {
    let error = || format!("`{text}` is not a duration: use for example 30m, 1h or 2h30m");
    let span: SignedDuration = text.parse().map_err(|_| error())?;
    Duration::try_from(span).map_err(|_| error())
}

/// Parses a duration that is not zero, for an option or a setting.
pub(crate) fn time_limit(text: &str) -> Result<Duration, String> {
    duration(text).and_then(|limit| {
        if limit.is_zero() { Err("the limit must be above 0 s".to_owned()) } else { Ok(limit) }
    })
}

/// Output format of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Plain text
    Text,
    /// JSON, for scripts
    Json,
    /// Markdown, for tickets
    Markdown,
}
