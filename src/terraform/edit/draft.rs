//! Turns a proposal's changes into edits of the tree: new files and insertions, in the tree's own names.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use crate::model::{RouteTable, RouteTableId, Snapshot, Workload};
use crate::reach::route_table_of;
use crate::remedy::{Change, Proposal};
use crate::terraform::answer::OwnerChoices;
use crate::terraform::changeset::{ChangeSet, FileChange};
use crate::terraform::edit::connector;
use crate::terraform::edit::default_egress;
use crate::terraform::edit::endpoints;
use crate::terraform::edit::manual;
use crate::terraform::edit::nat;
use crate::terraform::edit::rules;
use crate::terraform::edit::self_check;
use crate::terraform::edit::splice::{Splice, append, apply, insert_after, with_line_ends};
use crate::terraform::edit::vpc;
use crate::terraform::edit::vpc_module;
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::render::{Line, attribute, block, quoted};
use crate::terraform::lang::scan::Block;
use crate::terraform::read::config::Config;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

/// Plans the edit of a proposal. Reads no file but the state, and writes nothing.
///
/// # Errors
/// The code is not found, is not understood, has the change already, or must be changed by hand; the error says where
/// and what to do. Where several blocks may be meant it asks: plan again with the answer.
pub fn plan_edit(
    config: &Config,
    (snapshot, workload): (&Snapshot, &Workload),
    proposal: &Proposal,
    answers: &OwnerChoices,
) -> Result<ChangeSet, EditError> {
    let finder = Finder::new(config, (snapshot, workload), answers)?;
    let mut draft = Draft {
        notes: finder.code.evidence.clone(),
        finder,
        splices: BTreeMap::new(),
        new: BTreeMap::new(),
        adds: Vec::new(),
        reenabled: Vec::new(),
        imports: Vec::new(),
        changes: Vec::new(),
        tables: None,
    };
    endpoints::security_group(&mut draft, &proposal.changes);
    let is_nat = |change: &&Change| matches!(change, Change::CreateNat { .. });
    let nats = proposal.changes.iter().filter(is_nat).count();
    for change in &proposal.changes {
        match change {
            Change::CreateGatewayEndpoint { service, route_tables, .. } => {
                endpoints::gateway(&mut draft, service, route_tables)?;
            }
            Change::CreateInterfaceEndpoint { service, subnets, .. } => {
                endpoints::interface(&mut draft, service, subnets)?;
            }
            Change::CreateNat { subnet: Some(subnet), route_tables, .. } => {
                if !vpc_module::nat(&mut draft, route_tables, nats > 1)? {
                    nat::gateway(&mut draft, subnet, route_tables)?;
                }
            }
            Change::RouteToNat { nat, route_tables } => nat::routes(&mut draft, nat, route_tables)?,
            Change::RouteToInternet { gateway, route_table } => {
                nat::internet_route(&mut draft, gateway, route_table)?;
            }
            Change::UseDefaultEgress { .. } => default_egress::edit(&mut draft)?,
            Change::AssociateRouteTables { endpoint, service, route_tables } => {
                vpc::associate(&mut draft, endpoint, service, route_tables)?;
            }
            Change::AllowEgress { group, port, peer } => {
                rules::group_rule(&mut draft, "egress", (group, *port, peer))?;
            }
            Change::AllowEndpointIngress { group, port, peer } => {
                rules::group_rule(&mut draft, "ingress", (group, *port, peer))?;
            }
            Change::AllowNacl { acl, outbound, rule } => rules::acl_rule(&mut draft, acl, *outbound, rule)?,
            Change::EnableVpcDns { vpc, support, hostnames } => {
                let attributes = [("enable_dns_support", *support), ("enable_dns_hostnames", *hostnames)];
                let wanted: Vec<&str> =
                    attributes.iter().filter(|(_, on)| *on).map(|(name, _)| *name).collect();
                vpc::dns(&mut draft, change, vpc, &wanted)?;
            }
            Change::EnablePrivateDns { endpoint, service, .. } => {
                vpc::private_dns(&mut draft, change, endpoint, service)?;
            }
            Change::RepairNat { replaces, subnet: Some(subnet), route_tables, .. } => {
                nat::repair(&mut draft, change, replaces, (subnet, route_tables))?;
            }
            Change::MoveConnector { name, subnets, .. } => {
                connector::moved(&mut draft, name, subnets, &manual::snippet(change))?;
            }
            Change::CreateNat { subnet: None, .. }
            | Change::RepairNat { subnet: None, .. }
            | Change::CreateRegionalNat { .. } => return Err(manual::refuse(&draft, change)),
        }
    }
    draft.finish()
}

/// An edit in the making.
pub(in crate::terraform) struct Draft<'a> {
    /// Finds the code that the edit changes or refers to.
    pub finder: Finder<'a>,
    splices: BTreeMap<PathBuf, Vec<Splice>>,
    new: BTreeMap<PathBuf, String>,
    pub adds: Vec<ResourceAddress>,
    /// Resources that are in the code and begin to exist, as the root knows them.
    pub reenabled: Vec<ResourceAddress>,
    /// Resources that AWS has and this code takes over.
    imports: Vec<ResourceAddress>,
    pub changes: Vec<ResourceAddress>,
    pub notes: Vec<String>,
    /// The expression of the workload's route tables, once its data source is in place.
    tables: Option<(Vec<RouteTableId>, Tables)>,
}

/// Route tables as expressions.
#[derive(Clone)]
pub(in crate::terraform) struct Tables {
    /// A data source that finds some of them.
    found: Option<String>,
    /// The others, one by one.
    listed: Vec<String>,
}

impl Tables {
    /// As a list.
    pub fn list(&self) -> String {
        let listed = format!("[{}]", self.listed.join(", "));
        match &self.found {
            None => listed,
            Some(found) if self.listed.is_empty() => found.clone(),
            Some(found) => format!("concat({found}, {listed})"),
        }
    }

    /// As a value for `for_each`. Ids of tables that this code makes are not known before the first apply, so that they cannot
    /// be keys.
    pub fn each(&self) -> String {
        if self.found.is_some() || self.listed.iter().all(|item| item.starts_with('"')) {
            return format!("toset({})", self.list());
        }
        let plain = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
        let key = |item: &String| {
            let address = item.strip_suffix(".id").and_then(|address| address.split_once('.'));
            let name = match address {
                Some((_, name)) => name,
                None if item.ends_with(".main_route_table_id") => "main",
                None => item.strip_prefix("module.").unwrap_or(item),
            };
            name.replace(['"', ']'], "").chars().map(plain).collect()
        };
        let mut keys: Vec<String> = self.listed.iter().map(key).collect();
        if keys.iter().collect::<BTreeSet<_>>().len() < keys.len() {
            keys = self.listed.iter().map(|item| item.chars().map(plain).collect()).collect();
        }
        let width = keys.iter().map(String::len).max().unwrap_or_default();
        let lines = keys.iter().zip(&self.listed).map(|(key, item)| format!("  {key:<width$} = {item}\n"));
        format!("{{\n{}}}", lines.collect::<String>())
    }
}

impl<'a> Draft<'a> {
    /// Adds an edit of an existing file.
    pub fn splice(&mut self, file: &File, splice: Splice) {
        self.splices.entry(file.path.clone()).or_default().push(splice);
    }

    /// Adds several edits of an existing file.
    pub fn splice_all(&mut self, file: &File, splices: impl IntoIterator<Item = Splice>) {
        self.splices.entry(file.path.clone()).or_default().extend(splices);
    }

    /// A sentence for the reader, once.
    pub fn note(&mut self, text: &str) {
        if !self.notes.iter().any(|known| known == text) {
            self.notes.push(text.to_owned());
        }
    }

    /// Says that a rule or an association stands beside code that this folder does not have.
    pub fn made_elsewhere(&mut self, id: &str) {
        self.note(&format!(
            "{id} is not made in this folder. Where the code that makes it lists its rules or tables itself, put this there instead: \
             its next apply would take this one away."
        ));
    }

    /// A resource that Terraform will change in place.
    pub fn change(&mut self, address: &ResourceAddress) {
        if !self.changes.iter().any(|known| known == address) {
            self.changes.push(address.clone());
        }
    }

    /// Gives a variable another value: where it is set, else its default. `false` when that is not a plain value here, is that
    /// value already (so that another one comes from elsewhere), or when the variable is named more often than in the `uses` that are
    /// meant to change.
    pub fn set_variable(&mut self, name: &str, value: &str, uses: usize) -> bool {
        let (config, module) = (self.finder.config, self.finder.target);
        if config.is_remote || !config.json_var_files.is_empty() {
            return false;
        }
        // The last file wins, over the environment. What a module takes is set by its caller.
        let is_in_a_file = config.var_files.iter().any(|file| file.body.attribute(name).is_some());
        if module.address.is_some() || (config.environment.contains(name) && !is_in_a_file) {
            return false;
        }
        let is_overridden = module.files.iter().filter(|file| file.is_override()).any(|file| {
            file.body.blocks("variable").any(|block| block.labels.first().is_some_and(|label| label == name))
        });
        if is_overridden {
            return false;
        }
        let set = config.var_files.iter().rev().find_map(|file| Some((file, file.body.attribute(name)?)));
        let declared = || {
            let mut blocks = module.blocks("variable");
            let (file, block) =
                blocks.find(|(_, block)| block.labels.first().is_some_and(|label| label == name))?;
            Some((file, block.body.attribute("default")?))
        };
        let Some((file, attribute)) = set.or_else(declared) else { return false };
        if file.value(attribute).trim() == value || module.uses_of_variable(name) != uses {
            return false;
        }
        self.splice(file, Splice::new(attribute.value.clone(), value));
        let elsewhere = config.optional_var_files_with(name);
        if !elsewhere.is_empty() {
            self.note(&format!(
                "{} may set var.{name} too: given with -var-file, that wins over this edit.",
                elsewhere.join(", ")
            ));
        }
        true
    }

    /// A name that no block and no drafted resource has.
    pub fn free_name(&self, of: &str, wanted: &str) -> String {
        let taken = |name: &str| {
            self.finder
                .target
                .resources(of)
                .chain(self.finder.target.data(of))
                .any(|(_, block)| block.name() == Some(name))
                || self.adds.contains(&ResourceAddress::new(None, of, name))
        };
        std::iter::once(wanted.to_owned())
            .chain((2..100).map(|n| format!("{wanted}_{n}")))
            .find(|name| !taken(name))
            .unwrap_or_else(|| wanted.to_owned())
    }

    /// Adds a resource to the file where its kind lives, or to a new file.
    pub fn add_resource(&mut self, of: &str, name: &str, new_file: &str, comment: &str, lines: &[Line]) {
        self.add_resource_beside(of, of, name, new_file, comment, lines);
    }

    /// Lines under the provider that the connector has, where it names one: another one is another region or account.
    pub fn with_provider(&self, lines: &[Line]) -> Vec<Line> {
        let connector = self.finder.code.connector;
        let provider = connector.block.body.attribute("provider");
        let named = provider.filter(|_| connector.module.address == self.finder.target.address);
        let head = named.map(|named| [attribute("provider", connector.file.value(named)), Line::Blank]);
        head.into_iter().flatten().chain(lines.iter().cloned()).collect()
    }

    /// As above, or to the file where its neighbour's kind lives.
    pub fn add_resource_beside(
        &mut self,
        neighbour: &str,
        of: &str,
        name: &str,
        new_file: &str,
        comment: &str,
        lines: &[Line],
    ) {
        let lines = self.with_provider(lines);
        let text = format!("{comment}{}", block(&format!("resource \"{of}\" \"{name}\""), &lines));
        self.adds.push(ResourceAddress::new(None, of, name));
        let home = self.home_of("resource", of).or_else(|| self.home_of("resource", neighbour));
        self.place(home, new_file, &text);
    }

    /// Adds a resource right behind another one.
    pub fn add_resource_behind(
        &mut self,
        (file, neighbour): (&'a File, &Block),
        of: &str,
        name: &str,
        comment: &str,
        lines: &[Line],
    ) {
        let lines = self.with_provider(lines);
        let text = format!("{comment}{}", block(&format!("resource \"{of}\" \"{name}\""), &lines));
        self.adds.push(ResourceAddress::new(None, of, name));
        self.place(Some((file, neighbour.span.end)), "", &text);
    }

    /// Adds a resource that AWS has, with its import block; it is changed in the same step.
    pub fn import_resource(&mut self, (of, name): (&str, &str), text: &str) {
        let address = ResourceAddress::new(None, of, name);
        self.place(self.home_of("resource", of), "imports.tf", text);
        self.change(&address);
        self.imports.push(address);
    }

    /// Adds a data source to the file where data sources live, or to a new file.
    fn add_data(&mut self, of: &str, name: &str, comment: &str, lines: &[Line]) {
        let lines = self.with_provider(lines);
        let text = format!("{comment}{}", block(&format!("data \"{of}\" \"{name}\""), &lines));
        self.place(self.home_of_data(), "data-sources.tf", &text);
    }

    /// Puts a text behind the last block of `home`, or at the end of a new file.
    fn place(&mut self, home: Option<(&'a File, usize)>, new_file: &str, text: &str) {
        let place = home.map(|(file, end)| (file, insert_after(file, end, text))).or_else(|| {
            let path = self.file_named(new_file);
            let file =
                self.finder.target.files.iter().find(|file| file.path == path && !file.is_override())?;
            Some((file, append(file, text)))
        });
        if let Some((file, new)) = place {
            let list = self.splices.entry(file.path.clone()).or_default();
            // What was put behind the same block before comes first.
            match list.iter_mut().find(|splice| splice.behind.is_some() && splice.behind == new.behind) {
                Some(splice) => {
                    let tail = splice.text.len() - splice.text.trim_end_matches('\n').len();
                    let body = splice.text.trim_end_matches('\n').to_owned();
                    splice.text = format!("{body}\n\n{text}{}", "\n".repeat(tail.saturating_sub(1)));
                }
                None => list.push(new),
            }
            return;
        }
        let path = self.file_named(new_file);
        let whole = self.new.entry(path).or_default();
        if !whole.is_empty() {
            whole.push('\n');
        }
        whole.push_str(text);
    }

    /// The file that holds most blocks of this type, and the end of its last one. Where they are spread with what they belong
    /// to, that is the service's own file.
    fn home_of(&self, kind: &str, of: &str) -> Option<(&'a File, usize)> {
        let ends = |file: &'a File| -> Vec<usize> {
            let mine =
                file.body.blocks(kind).filter(|block| block.labels.first().is_some_and(|label| label == of));
            mine.map(|block| block.span.end).collect()
        };
        let files = self.finder.target.files.iter().filter(|file| !file.is_override());
        let files: Vec<_> =
            files.map(|file| (file, ends(file))).filter(|(_, ends)| !ends.is_empty()).collect();
        let all: usize = files.iter().map(|(_, ends)| ends.len()).sum();
        let best = files.iter().max_by_key(|(_, ends)| ends.len())?;
        let Place { file, block: service, module } = self.finder.code.service;
        if module.address == self.finder.target.address && files.len() > 2 && best.1.len() * 2 <= all {
            let own = files.iter().find(|(one, _)| one.path == file.path);
            return Some(own.map_or((file, service.span.end), |(file, ends)| (*file, last(ends))));
        }
        Some((best.0, last(&best.1)))
    }

    /// The file that holds most data sources, and the end of its last one.
    fn home_of_data(&self) -> Option<(&'a File, usize)> {
        let ends =
            |file: &'a File| -> Vec<usize> { file.body.blocks("data").map(|block| block.span.end).collect() };
        let files = self.finder.target.files.iter().filter(|file| !file.is_override());
        let files = files.map(|file| (file, ends(file)));
        let best = files.filter(|(_, ends)| !ends.is_empty()).max_by_key(|(_, ends)| ends.len())?;
        Some((best.0, last(&best.1)))
    }

    /// A file name with the separator that the tree's own names use.
    fn file_named(&self, dashed: &str) -> PathBuf {
        let count = |separator: char| {
            let name =
                |file: &File| file.path.file_name().map(|name| name.to_string_lossy().contains(separator));
            self.finder.target.files.iter().filter(|file| name(file) == Some(true)).count()
        };
        let name = if count('_') > count('-') { dashed.replace('-', "_") } else { dashed.to_owned() };
        self.finder.target.dir.join(name)
    }

    /// `tags` in the tree's own form; none when the tree tags nothing.
    pub fn tags(&self, ending: &str) -> Vec<Line> {
        match self.finder.code.name_tag(ending) {
            Some(name) => vec![Line::Blank, attribute("tags", format!("{{\n  Name = {name}\n}}"))],
            None => Vec::new(),
        }
    }

    /// An expression for exactly these route tables: the blocks that make them, a data source that finds just them, or ids.
    ///
    /// The data source finds explicit associations only, so that a subnet on the main table would be missed: the main
    /// table is named apart.
    pub fn route_tables(&mut self, wanted: &[RouteTableId]) -> Result<Tables, EditError> {
        if let Some((_, tables)) = self.tables.as_ref().filter(|(known, _)| known == wanted) {
            return Ok(tables.clone());
        }
        let subnets = self.finder.workload_subnets();
        let tables = subnets
            .iter()
            .filter_map(|id| self.finder.snapshot.network.subnets.get(id))
            .filter_map(|subnet| route_table_of(self.finder.snapshot, subnet));
        let (mut main, mut explicit): (Option<RouteTableId>, Vec<&RouteTable>) = (None, Vec::new());
        for (table, is_default) in tables {
            if is_default {
                main = Some(table.id.clone()).filter(|id| wanted.contains(id));
            } else if !explicit.iter().any(|known| known.id == table.id) {
                explicit.push(table);
            }
        }
        let chosen: Vec<&RouteTable> =
            explicit.iter().copied().filter(|table| wanted.contains(&table.id)).collect();
        let mut listed: Vec<String> = Vec::new();
        let mut in_code = !chosen.is_empty();
        for table in &chosen {
            let found = self.finder.route_table(&table.id)?;
            let name = self.finder.id_expression(found.as_ref(), table.id.as_str());
            in_code &= name != quoted(table.id.as_str());
            listed.push(name);
        }
        let main = main.map(|id| self.main_table(&id));
        let tables = if in_code || chosen.len() < explicit.len() || chosen.is_empty() {
            listed.extend(main);
            Tables { found: None, listed }
        } else {
            Tables { found: Some(self.tables_found()), listed: main.into_iter().collect() }
        };
        self.tables = Some((wanted.to_vec(), tables.clone()));
        Ok(tables)
    }

    /// The main table: of the block that makes it, as the VPC's attribute, or found by a data source in a module, where an id
    /// would hold for one account alone.
    fn main_table(&mut self, id: &RouteTableId) -> String {
        let made = self.finder.expression_for(&["aws_route_table", "aws_default_route_table"], id.as_str());
        if made != quoted(id.as_str()) {
            return made;
        }
        match &self.finder.code.vpc_block {
            Some(vpc) => format!("{vpc}.main_route_table_id"),
            None if self.finder.target.address.is_none() => made,
            None => {
                let name = self.free_name("aws_route_table", "main");
                let filter =
                    vec![attribute("name", "\"association.main\""), attribute("values", "[\"true\"]")];
                let lines = [
                    attribute("vpc_id", self.finder.code.vpc_id.clone()),
                    Line::Blank,
                    Line::Block("filter".to_owned(), filter),
                ];
                let comment = "# The main route table, which subnets without an association rely on\n";
                self.add_data("aws_route_table", &name, comment, &lines);
                format!("data.aws_route_table.{name}.id")
            }
        }
    }

    /// The ids that a data source finds by the workload's subnets; the data source is added where there is none.
    fn tables_found(&mut self) -> String {
        if let Some(name) = self.tables_data() {
            return format!("data.aws_route_tables.{name}.ids");
        }
        let name = self.free_name("aws_route_tables", "app_runner");
        let filter = vec![
            attribute("name", "\"association.subnet-id\""),
            attribute("values", self.finder.code.subnets.clone()),
        ];
        let lines = [
            attribute("vpc_id", self.finder.code.vpc_id.clone()),
            Line::Blank,
            Line::Block("filter".to_owned(), filter),
        ];
        let comment = "# Route tables associated with the App Runner subnets (explicit associations only)\n";
        self.add_data("aws_route_tables", &name, comment, &lines);
        format!("data.aws_route_tables.{name}.ids")
    }

    /// A data source that lists just these tables already, from an earlier fix.
    fn tables_data(&self) -> Option<String> {
        let lists = |file: &File, block: &Block| {
            let filters: Vec<&Block> = block.body.blocks("filter").collect();
            let [filter] = filters.as_slice() else { return false };
            let is = |name: &str, wanted: &str| {
                filter.body.attribute(name).is_some_and(|attribute| file.value(attribute) == wanted)
            };
            is("name", "\"association.subnet-id\"") && is("values", &self.finder.code.subnets)
        };
        let mut found =
            self.finder.target.data("aws_route_tables").filter(|(file, block)| lists(file, block));
        found.find_map(|(_, block)| block.labels.get(1).cloned())
    }

    fn finish(self) -> Result<ChangeSet, EditError> {
        let (mut files, mut notes) = (Vec::new(), self.notes);
        for (path, splices) in self.splices {
            let Some(file) = self.finder.config.editable_files().find(|file| file.path == path) else {
                continue;
            };
            let after = apply(file, splices)?;
            if let Some(target) = &file.link {
                let shown = target.display();
                if self.finder.config.repository.as_ref().is_some_and(|top| !target.starts_with(top)) {
                    return Err(EditError::NotUnderstood {
                        place: path.display().to_string(),
                        what: format!("it is a link that leaves the repository, to {shown}"),
                    });
                }
                notes.push(format!(
                    "{} is a link to {shown}: whatever else uses that file changes too.",
                    path.display()
                ));
            }
            files.push(FileChange { path, before: Some(file.text.clone()), after });
        }
        let module = self.finder.target;
        let crlf = module.files.iter().filter(|file| file.line_end() == "\r\n").count();
        let line_end = if crlf * 2 > module.files.len() { "\r\n" } else { "\n" };
        for (path, text) in self.new {
            files.push(FileChange { path, before: None, after: with_line_ends(&text, line_end) });
        }
        files.sort_by(|one, two| one.path.cmp(&two.path));
        for file in &files {
            self_check::keeps_its_blocks(file)?;
        }
        self_check::every_address_is_there(&files, self.adds.iter().chain(&self.imports))?;
        let in_root = |address| ResourceAddress { module: module.address.clone(), ..address };
        Ok(ChangeSet {
            root: self.finder.config.root.clone(),
            data: self.finder.config.data.clone(),
            repository: self.finder.config.repository.clone(),
            files,
            read: self
                .finder
                .config
                .editable_files()
                .map(|file| (file.path.clone(), file.digest.clone()))
                .collect(),
            adds: self.adds.into_iter().map(in_root).chain(self.reenabled).collect(),
            changes: self.changes,
            imports: self.imports,
            notes,
        })
    }
}

fn last(ends: &[usize]) -> usize {
    ends.last().copied().unwrap_or_default()
}
