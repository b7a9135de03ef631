//! Turns a proposal's changes into edits of the tree: new files and insertions, in the tree's own names.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::EditError;
use super::changeset::{ChangeSet, FileChange};
use super::locate::{Site, address, at};
use super::render::{Line, attribute, block, quoted};
use super::scan::Block;
use super::splice::{Splice, append, apply, insert_after, with_line_ends};
use super::workspace::{File, Workspace};
use super::{by_hand, default_egress, endpoints, nat};
use crate::model::{RouteTableId, Snapshot, Workload};
use crate::reach::route_table_of;
use crate::remedy::{Change, Proposal};

/// Plans the edit of a proposal. Reads nothing but the workspace, writes nothing.
///
/// # Errors
/// The code is not found, is not understood, has the change already, or must be changed by hand; the error says where
/// and what to do.
pub fn plan_edit(
    workspace: &Workspace,
    snapshot: &Snapshot,
    workload: &Workload,
    proposal: &Proposal,
) -> Result<ChangeSet, EditError> {
    let site = Site::find(workspace, snapshot, workload)?;
    let mut draft = Draft {
        workspace,
        snapshot,
        workload,
        site,
        splices: BTreeMap::new(),
        new: BTreeMap::new(),
        adds: Vec::new(),
        changes: Vec::new(),
        notes: Vec::new(),
        tables: None,
    };
    endpoints::security_group(&mut draft, &proposal.changes);
    for change in &proposal.changes {
        match change {
            Change::CreateGatewayEndpoint { service, route_tables, .. } => {
                endpoints::gateway(&mut draft, service, route_tables)?;
            }
            Change::CreateInterfaceEndpoint { service, subnets, .. } => {
                endpoints::interface(&mut draft, service, subnets)?;
            }
            Change::CreateNat { subnet, route_tables, .. } => nat::gateway(&mut draft, subnet, route_tables)?,
            Change::UseDefaultEgress { .. } => default_egress::edit(&mut draft)?,
            Change::AssociateRouteTables { .. }
            | Change::AllowEgress { .. }
            | Change::AllowEndpointIngress { .. }
            | Change::AllowNacl { .. }
            | Change::EnableVpcDns { .. }
            | Change::RepairNat { .. }
            | Change::CreateRegionalNat { .. }
            | Change::EnablePrivateDns { .. }
            | Change::MoveConnector { .. } => return Err(by_hand::refuse(&draft, change)),
        }
    }
    draft.finish()
}

/// An edit in the making.
pub(super) struct Draft<'a> {
    pub workspace: &'a Workspace,
    pub snapshot: &'a Snapshot,
    pub workload: &'a Workload,
    pub site: Site<'a>,
    splices: BTreeMap<PathBuf, Vec<Splice>>,
    new: BTreeMap<PathBuf, String>,
    pub adds: Vec<String>,
    pub changes: Vec<String>,
    pub notes: Vec<String>,
    /// The expression of the workload's route tables, once its data source is in place.
    tables: Option<String>,
}

impl<'a> Draft<'a> {
    /// Adds an edit of an existing file.
    pub fn splice(&mut self, file: &File, splice: Splice) {
        self.splices.entry(file.path.clone()).or_default().push(splice);
    }

    /// Refuses when the address is taken.
    pub fn free_name(&self, of: &str, wanted: &str) -> String {
        let taken = |name: &str| {
            self.workspace
                .resources(of)
                .chain(self.workspace.data(of))
                .any(|(_, block)| block.labels.get(1).is_some_and(|label| label == name))
        };
        std::iter::once(wanted.to_owned())
            .chain((2..100).map(|n| format!("{wanted}_{n}")))
            .find(|name| !taken(name))
            .unwrap_or_else(|| wanted.to_owned())
    }

    /// Adds a resource to the file where its kind lives, or to a new file.
    pub fn add_resource(&mut self, of: &str, name: &str, new_file: &str, comment: &str, lines: &[Line]) {
        let text = format!("{comment}{}", block(&format!("resource \"{of}\" \"{name}\""), lines));
        self.adds.push(format!("{of}.{name}"));
        self.place(self.home_of("resource", of), new_file, &text);
    }

    /// Adds a data source to the file where data sources live, or to a new file.
    fn add_data(&mut self, of: &str, name: &str, comment: &str, lines: &[Line]) {
        let text = format!("{comment}{}", block(&format!("data \"{of}\" \"{name}\""), lines));
        self.place(self.home_of_data(), "data-sources.tf", &text);
    }

    /// Puts a text behind the last block of `home`, or at the end of a new file.
    fn place(&mut self, home: Option<(&'a File, usize)>, new_file: &str, text: &str) {
        if let Some((file, end)) = home {
            let list = self.splices.entry(file.path.clone()).or_default();
            match list.iter_mut().find(|splice| splice.span.is_empty() && splice.span.start >= end) {
                Some(splice) => {
                    let tail = splice.text.len() - splice.text.trim_end_matches('\n').len();
                    let body = splice.text.trim_end_matches('\n').to_owned();
                    splice.text = format!("{body}\n\n{text}{}", "\n".repeat(tail.saturating_sub(1)));
                }
                None => list.push(insert_after(file, end, text)),
            }
            return;
        }
        let path = self.file_named(new_file);
        if let Some(file) = self.workspace.files.iter().find(|file| file.path == path) {
            let splice = append(file, text);
            self.splice(file, splice);
            return;
        }
        let whole = self.new.entry(path).or_default();
        if !whole.is_empty() {
            whole.push('\n');
        }
        whole.push_str(text);
    }

    /// The file that holds most blocks of this type, and the end of its last one.
    fn home_of(&self, kind: &str, of: &str) -> Option<(&'a File, usize)> {
        let ends = |file: &'a File| -> Vec<usize> {
            let mine =
                file.body.blocks(kind).filter(|block| block.labels.first().is_some_and(|label| label == of));
            mine.map(|block| block.span.end).collect()
        };
        let files = self.workspace.files.iter().map(|file| (file, ends(file)));
        let best = files.filter(|(_, ends)| !ends.is_empty()).max_by_key(|(_, ends)| ends.len())?;
        Some((best.0, best.1.last().copied().unwrap_or_default()))
    }

    /// The file that holds most data sources, and the end of its last one.
    fn home_of_data(&self) -> Option<(&'a File, usize)> {
        let ends =
            |file: &'a File| -> Vec<usize> { file.body.blocks("data").map(|block| block.span.end).collect() };
        let files = self.workspace.files.iter().map(|file| (file, ends(file)));
        let best = files.filter(|(_, ends)| !ends.is_empty()).max_by_key(|(_, ends)| ends.len())?;
        Some((best.0, best.1.last().copied().unwrap_or_default()))
    }

    /// A file name with the separator that the tree's own names use.
    fn file_named(&self, dashed: &str) -> PathBuf {
        let count = |separator: char| {
            self.workspace.files.iter().filter(|file| file.path.to_string_lossy().contains(separator)).count()
        };
        if count('_') > count('-') { PathBuf::from(dashed.replace('-', "_")) } else { PathBuf::from(dashed) }
    }

    /// `tags` in the tree's own form; none when the tree tags nothing.
    pub fn tags(&self, ending: &str) -> Vec<Line> {
        match self.site.named(ending) {
            Some(name) => vec![Line::Blank, attribute("tags", format!("{{\n  Name = {name}\n}}"))],
            None => Vec::new(),
        }
    }

    /// An expression for exactly these route tables.
    ///
    /// The data source finds explicit associations only, so that a subnet on the main table would be missed: the main
    /// table is named apart.
    pub fn route_tables(&mut self, wanted: &[RouteTableId]) -> String {
        if let Some(expression) = &self.tables {
            return expression.clone();
        }
        let subnets = self.workload_subnets();
        let by_default = subnets
            .iter()
            .filter_map(|id| self.snapshot.network.subnets.get(id))
            .filter_map(|subnet| route_table_of(self.snapshot, subnet));
        let (mut main, mut explicit) = (None, false);
        for (table, is_default) in by_default.filter(|(table, _)| wanted.contains(&table.id)) {
            if is_default {
                main = Some(table.id.clone());
            } else {
                explicit = true;
            }
        }
        let main = main.map(|id| match &self.site.vpc_block {
            Some(vpc) => format!("{vpc}.main_route_table_id"),
            None => quoted(id.as_str()),
        });
        let listed = explicit.then(|| {
            if let Some(name) = self.tables_data() {
                return format!("data.aws_route_tables.{name}.ids");
            }
            let name = self.free_name("aws_route_tables", "app_runner");
            let lines = [
                attribute("vpc_id", self.site.vpc_id.clone()),
                Line::Blank,
                Line::Block(
                    "filter".to_owned(),
                    vec![
                        attribute("name", "\"association.subnet-id\""),
                        attribute("values", self.site.subnets.clone()),
                    ],
                ),
            ];
            let comment =
                "# Route tables associated with the App Runner subnets (explicit associations only)\n";
            self.add_data("aws_route_tables", &name, comment, &lines);
            format!("data.aws_route_tables.{name}.ids")
        });
        let expression = match (listed, main) {
            (Some(listed), Some(main)) => format!("concat({listed}, [{main}])"),
            (Some(listed), None) => listed,
            (None, Some(main)) => format!("[{main}]"),
            (None, None) => "[]".to_owned(),
        };
        self.tables = Some(expression.clone());
        expression
    }

    /// A data source that lists just these tables already, from an earlier fix.
    fn tables_data(&self) -> Option<String> {
        let lists = |file: &File, block: &Block| {
            let filters: Vec<&Block> = block.body.blocks("filter").collect();
            let [filter] = filters.as_slice() else { return false };
            let is = |name: &str, wanted: &str| {
                filter.body.attribute(name).is_some_and(|attribute| file.value(attribute) == wanted)
            };
            is("name", "\"association.subnet-id\"") && is("values", &self.site.subnets)
        };
        let mut found = self.workspace.data("aws_route_tables").filter(|(file, block)| lists(file, block));
        found.find_map(|(_, block)| block.labels.get(1).cloned())
    }

    /// The connector's subnets, as discovered.
    pub fn workload_subnets(&self) -> Vec<crate::model::SubnetId> {
        match crate::reach::egresses(self.snapshot, self.workload) {
            crate::reach::Egresses::Vpc(sources) => sources.into_iter().map(|source| source.subnet).collect(),
            crate::reach::Egresses::Public(_) | crate::reach::Egresses::Unknown(_) => Vec::new(),
        }
    }

    /// Refuses when a resource of this type with such a text in an attribute is in the code already.
    pub fn refuse_double(&self, of: &str, name: &str, ends: &str) -> Result<(), EditError> {
        for (file, block) in self.workspace.resources(of) {
            let text = block.body.attribute(name).map(|attribute| file.value(attribute).trim_matches('"'));
            if text.is_some_and(|text| text.ends_with(ends)) {
                return Err(EditError::AlreadyInCode { address: address(block), place: at(file, block) });
            }
        }
        Ok(())
    }

    fn finish(self) -> Result<ChangeSet, EditError> {
        let mut files = Vec::new();
        for (path, splices) in self.splices {
            let Some(file) = self.workspace.files.iter().find(|file| file.path == path) else { continue };
            let after = apply(file, splices)?;
            files.push(FileChange { path, before: Some(file.text.clone()), after });
        }
        let crlf = self.workspace.files.iter().filter(|file| file.line_end() == "\r\n").count();
        let line_end = if crlf * 2 > self.workspace.files.len() { "\r\n" } else { "\n" };
        for (path, text) in self.new {
            files.push(FileChange { path, before: None, after: with_line_ends(&text, line_end) });
        }
        files.sort_by(|one, two| one.path.cmp(&two.path));
        Ok(ChangeSet {
            root: self.workspace.root.clone(),
            files,
            read: self.workspace.files.iter().map(|file| (file.path.clone(), file.digest.clone())).collect(),
            adds: self.adds,
            changes: self.changes,
            notes: self.notes,
        })
    }
}
