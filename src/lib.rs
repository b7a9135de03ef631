//! egress-doctor shows why an AWS App Runner service cannot reach a destination, what each fix costs, and the exact Terraform
//! change. It changes nothing in AWS.
//!
//! ```text
//! AWS account ──discover──▶ Snapshot ─┐
//! log, settings ─evidence─▶ Needs ────┼─▶ diagnose ─▶ Diagnosis ─▶ remedy ─▶ Proposals ─▶ terraform ─▶ ChangeSet ─▶ write, undo
//! assets: hosts, services, prices ────┘        ▲                      │           ▲
//!                                              └── trace of the ──────┘           │
//!                                                 changed Snapshot     *.tf of a root module
//! ```
//!
//! Data flows in one direction. A [`Snapshot`](model::Snapshot) is the interface between discovery and everything after it: live AWS,
//! a saved file, AWS CLI output and an embedded scenario all produce one, so the demo runs the code of the product.
//!
//! # The stages, lowest layer first
//!
//! A module imports only modules above it in this table. `tests/suite/architecture.rs` has the exact table and fails on any other
//! import and on any cycle between files.
//!
//! | module | owns | must not |
//! |---|---|---|
//! | [`files`] | reading regular files, private and temporary files and folders, output to a path of the user | know what a file contains |
//! | [`process`] | child processes and their limits, the search in `PATH`, what the end of the program stops and removes | know which programs run |
//! | [`text`] | which characters output contains, the encodings of input, errors of JSON without values, quotes of shell commands | know what a text means |
//! | [`model`] | AWS objects, ids, sets of IP addresses, the snapshot, the list of AWS calls | do I/O, decide reachability |
//! | [`scenario`] | the embedded demo scenarios | contain logic of the product |
//! | [`evidence`] | what log lines, settings and IAM policies say about destinations; the host catalogue | read files, use AWS |
//! | [`reach`] | whether packets arrive, and the rule that decides: one file for each layer | do I/O, explain causes, suggest fixes (it writes the text of the rule that decided) |
//! | [`mod@diagnose`] | traces to causes, and the sentences that explain them | trace differently from `reach` |
//! | [`path_map`] | the paths of a diagnosis as a grid of glyphs, and as SVG | judge paths, know colours of the terminal |
//! | [`discover`] | the snapshot from live AWS, files and AWS CLI output; gaps; the answers of this machine's resolver | change anything in AWS, guess a missing answer |
//! | [`remedy`] | the catalogue of fixes, their simulation, requirements, side effects and prices | write Terraform |
//! | [`terraform`] | finding the code of a resource, planning, checking, writing and undoing an edit | print HCL from a syntax tree |
//! | [`case`] | one workload with its diagnosis and proposals | |
//! | [`cli`] | the command line types | |
//! | [`report`] | text, JSON and Markdown; the labels that screen and reports share | compute results |
//! | [`app`] | the interactive application as a pure state machine | use the clock, files, the network, threads |
//! | [`mod@config`] | the config file: names, values, errors, and its text with comments | apply a setting |
//! | [`ui`] | drawing | change state |
//! | [`terminal`] | terminal modes, the event loop, carrying out effects | decide what a key means |
//! | [`command`] | one file for each command; exit codes | |
//!
//! # Invariants
//!
//! - Unknown is a verdict. A denied, throttled or missing call is a [`Gap`](model::Gap); the checks that need it are unknown, never
//!   blocked or reachable.
//! - Input has limits: files ([`files`]), evaluation (`terraform/lang/budget.rs`), calls of modules (`terraform/read/loader.rs`), answers
//!   of AWS (`discover/limits.rs`). Past a limit there is an error or an unknown value, never a value from a part of the input.
//! - Every fix is simulated on a copy of the snapshot before it is shown.
//! - One rule of AWS has one implementation: remedies ask [`reach`] how a network ACL decides and whether a NAT gateway works.
//! - Only the [`write`](mod@terraform::write) stage changes the user's files, only what was previewed, and only if no file has changed since.
//! - No code of the user's Terraform folder is executed without consent: `terraform validate` and `plan` run only up to the
//!   [`CheckLevel`](terraform::CheckLevel) that the user allowed for the folder, or that `fix --write` requests.
//! - Every AWS call is read-only and is listed in [`Call`](model::Call).
//! - Text from AWS, logs and files is untrusted: no control characters reach the terminal, no `${` reaches HCL unescaped. No secret
//!   value enters a snapshot, a log or a report.
//! - The crate contains no `unsafe` code, and no `unwrap`, `expect` or indexing outside tests. The only `panic!` is in
//!   `evidence/built_in.rs`: a broken built-in table, which the tests find.
//!
//! # Recipes: every file to touch
//!
//! A **remedy** (a fix of the catalogue):
//! 1. `remedy/remedy_id.rs`: its public id and short title, at its place in the order from least to most invasive
//! 2. `remedy/NAME.rs` and `remedy/mod.rs`: the conditions and the changes
//! 3. `remedy/planner.rs`: the call, and its place in `ORDER` (a remedy that is not there is never combined)
//! 4. `remedy/sets.rs`: what it combines with; `remedy/plan.rs` (`changes_the_service`) if it changes the service
//! 5. only if no [`Change`](remedy::Change) fits: `remedy/change.rs` (the change with its facts), `remedy/simulate.rs` (its effect),
//!    `remedy/aws_commands.rs` or `aws_route_commands.rs` (its commands of the AWS CLI),
//!    `terraform/edit/` (its editor in the folder of what it edits, and the call in `dispatch.rs`; `by_hand.rs`, its code for a refusal;
//!    `apply_first.rs`, how a plan has it)
//! 6. tests: `tests/suite/remedies.rs`, a case in `tests/trees/`; the list of fixes in `README.md`
//!
//! A **gateway endpoint service** (today S3, `DynamoDB` and S3 Express One Zone): a remedy as `remedy/dynamodb_gateway.rs`, and the lists in
//! `remedy/endpoint_service.rs`, `terraform/edit/endpoint/new.rs`, `reach/public_addresses.rs` and
//! `discover/interpret/prefix_list.rs`; `assets/hosts.json` and `assets/endpoint-services.json`.
//!
//! A **rule of AWS**: the file of its layer in `reach/`: `egress`, `dns`, `security_group`, `nacl` with `acl_rules`, `route`, `border`
//! (traffic into another subnet), `endpoint`, `nat`, `internet`, `appliance`, `transit` (a transit gateway), `outside` (DEFAULT egress), `public_addresses`. A new
//! blocker code is a variant of `Code` in `reach/trace.rs`, with its clause in `diagnose/blocker.rs`. Test:
//! `tests/suite/aws_rules.rs`.
//!
//! The **order of the checks**: `DestinationTracer::trace` in `reach/path.rs`.
//!
//! The **wording of a cause** (for example of a network ACL): the clause of each code in `diagnose/blocker.rs`, of routes in
//! `diagnose/route_blocker.rs`; `cause` in `diagnose/wording.rs` makes the sentence of it. The text of the rule that decided is in the
//! file of its layer in `reach/`. The step by hand for a cause without a fix: `remedy/manual_step.rs`; for facts of another account
//! or Region: `diagnose/other_account.rs`. What a log line means: `diagnose/log_wording.rs`. Test: `tests/suite/sentences.rs`.
//!
//! The **wording of a failed write**: `files/write_error.rs`.
//!
//! A **log format** (the log line of a new driver or SDK): `evidence/log/mod.rs` lists the steps and the files. Test: a line in
//! `tests/fixtures/logs/e.jsonl`, which `tests/suite/log_corpus.rs` reads, and an exact test in `tests/suite/evidence.rs`.
//!
//! A **destination kind**: `model/destination.rs` (the variant and its name in JSON), `assets/hosts.json` and
//! `evidence/catalogue/lookup.rs` (which host names have it), `evidence/catalogue/names.rs` (its short name), `reach/dns.rs` and
//! `reach/outside.rs` (its addresses inside and outside the VPC), `remedy/ineffective.rs`, `remedy/planner.rs` and
//! `remedy/side_effects.rs` (its sentences).
//!
//! A **name with private addresses** that no call shows (a private endpoint of a partner): `assets/hosts.json` (the rule),
//! `reach/private_name.rs` (what is known about it), `diagnose/private_step.rs` (what decides it). Test:
//! `tests/suite/private_names.rs`.
//!
//! A **workload kind**: `model/workload.rs` (the variant), `discover/interpret/service.rs` and `discover/live/` (how it is read),
//! `command/workload.rs`, `app/update.rs`, `evidence/need.rs` and `diagnose/remarks.rs` (calls of the platform),
//! `remedy/move_connector.rs` and `remedy/default_egress.rs` (which fixes it has). In [`reach`] only `egress.rs` uses workloads.
//!
//! An **AWS call**: `model/call.rs` (name, IAM action, purpose), `discover/live/` (the call; `plan.rs` has the order, `refine.rs` the
//! calls that no verdict waits for, `probe.rs` checks the permission, `convert.rs` turns SDK types into wire types), `discover/wire.rs`
//! and `discover/interpret/` (its answer as model objects), `discover/merge.rs`, `discover/merge_places.rs` with `Call::reads_vpc` and
//! `discover/live/others.rs` (if other accounts and Regions are asked for it too), `discover/aws_json/` (`document.rs`, `network.rs`:
//! the same from a file); a call that names databases, caches or load balancers: `Call::has_host_names`, `model/named_resource.rs`
//! (which names and ARNs need it), `evidence/references.rs` (the ARNs in settings) and `discover/live/named.rs`; a call of CloudTrail:
//! `discover/live/history.rs`; for a new AWS service also `discover/live/reader.rs` and `Cargo.toml`. Tests: the snapshot of
//! `iam-policy`, `tests/lab/`, `tests/suite/live_discovery.rs`; the loop of AWS CLI calls in `README.md`.
//!
//! A **key**: `app/action.rs` (the action), `app/keymap.rs` (the table that dispatch, footer, help, the config file and README use;
//! `app/rebind.rs` changes keys), `app/availability.rs` (`can`: when it works, and `why_not`), `app/step_keys.rs`, `app/choose_keys.rs`
//! or `app/dialog_keys.rs` (what it does); the palette lists it by itself. The key table in `README.md`:
//! `tests/suite/readme.rs` writes and compares it.
//!
//! A **setting** of the config file: `config/mod.rs` (its field), `config/settings.rs` (the table), `command/config.rs` (what comes
//! before it). Tests: `tests/suite/config_file.rs`.
//!
//! A **screen**: `app/step.rs` (its place), `app/NAME.rs`, `app/mod.rs` and `app/state.rs` (its state), `app/action.rs`, `app/keymap.rs`
//! and `app/step_keys.rs` (its keys), `app/movement.rs` (its scrolling), `ui/NAME.rs` and `ui/mod.rs` (drawing), `ui/captions.rs` (the
//! demo). Test: `tests/suite/screens.rs`.
//!
//! A **check** of an edit: `terraform/prove/level.rs` (its level, and whether it executes code of the user's folder),
//! `terraform/prove/check.rs` (the run), `README.md`. Tests: `tests/suite/consent.rs`, `tests/suite/hostile_tree.rs`.
//!
//! A **theme**: `ui/theme.rs`, `ThemeName` in `cli.rs`, the match in `command/screen.rs`, the comment in `config/settings.rs`. Test:
//! `tests/suite/screen_styles.rs`.
//!
//! A **picture** of the README: the list in `tests/suite/readme.rs`, which draws it; `README.md`.

pub mod app;
pub mod case;
pub mod cli;
pub mod command;
pub mod config;
pub mod diagnose;
pub mod discover;
pub mod evidence;
pub mod files;
pub mod model;
pub mod path_map;
pub mod process;
pub mod reach;
pub mod remedy;
pub mod report;
pub mod scenario;
pub mod terminal;
pub mod terraform;
pub mod text;
pub mod ui;
