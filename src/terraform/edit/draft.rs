//! The text edits of one change set: edits of existing files, and new files. The editors decide which
//! changes to make.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::model::{AvailabilityZone, RouteTableId};
use crate::terraform::changeset::{ChangeSet, EditEffect, FileChange};
use crate::terraform::edit::boundary::ensure_editable;
use crate::terraform::edit::comments;
use crate::terraform::edit::folders;
use crate::terraform::edit::ignored::note_of_ignored;
use crate::terraform::edit::network::added_output::{self, AddedOutput};
use crate::terraform::edit::network::placement::{
    self, Position, after_data_sources, after_resources, in_numbered_file, new_file,
};
use crate::terraform::edit::same_resource::same_resource;
use crate::terraform::edit::text;
use crate::terraform::edit::text::splice::{NewEntries, Splice, append, apply, insert_after, with_line_ends};
use crate::terraform::edit::text::tables::Tables;
use crate::terraform::edit::values::switched::{has_switch, switch_of_lines, with_condition};
use crate::terraform::error::EditError;
use crate::terraform::find::finder::Finder;
use crate::terraform::lang::address::ResourceAddress;
use crate::terraform::lang::render::{Line, attribute, block, resource};
use crate::terraform::lang::scan::Block;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;

/// A new public subnet with the internet gateway that makes it public.
pub(in crate::terraform) struct NewPublicSubnet {
    /// `aws_subnet.public.id`
    pub id: String,
    pub zone: String,
    /// `aws_internet_gateway.main`
    pub gateway: String,
}

/// The edits of a change set that is being planned.
pub(in crate::terraform) struct Draft<'a> {
    /// Finds the code that the edit changes or refers to.
    pub finder: Finder<'a>,
    pub(super) splices: BTreeMap<PathBuf, Vec<Splice>>,
    /// The new entries of literal lists and maps, by the file and the beginning of the literal.
    pub(super) entries: BTreeMap<(PathBuf, usize), NewEntries>,
    pub(super) new_files: BTreeMap<PathBuf, String>,
    /// Full addresses of new resources, from the root module.
    pub adds: Vec<ResourceAddress>,
    /// The number of instances of new resources with `count` or `for_each`, by address.
    pub(super) instances: BTreeMap<ResourceAddress, usize>,
    /// Full addresses of re-enabled resources, from the root module.
    pub reenabled: Vec<ResourceAddress>,
    /// Addresses of existing resources that the edit imports.
    imports: Vec<ResourceAddress>,
    /// Addresses of resources that change in place.
    changes: Vec<ResourceAddress>,
    /// Addresses of resources that Terraform will destroy.
    pub destroys: Vec<ResourceAddress>,
    pub(super) notes: Vec<String>,
    /// The expressions of the last requested route tables. Their data source is in the draft.
    pub(super) tables: Option<(Vec<RouteTableId>, Option<String>, Tables)>,
    /// The security group of new interface endpoints, `aws_security_group.endpoints`.
    pub endpoint_group: Option<String>,
    /// The new public subnet, which the edit adds for a NAT gateway.
    pub new_public_subnet: Option<NewPublicSubnet>,
    /// The clients of security groups that lists get: the file and the start of the list, and the element.
    pub(super) clients: BTreeSet<((PathBuf, usize), String)>,
    /// The blocks whose list of endpoints gets a service: `com.amazonaws.us-west-2.dynamodb`.
    pub(super) extended: Vec<(Place<'a>, String)>,
    /// Whether one block creates the NAT gateways of all AZs.
    pub(super) has_nat_of_zones: bool,
    /// The number of NAT gateways that the edit needs.
    pub(super) nat_gateways: usize,
    /// Their AZs.
    pub(super) nat_zones: Vec<AvailabilityZone>,
    /// The addresses of the data sources that new blocks share, by module and purpose.
    pub(super) data_sources: BTreeMap<(Option<String>, String), String>,
    /// The outputs that the edit adds.
    pub(super) outputs: Vec<AddedOutput>,
    /// The new resources and data sources whose `count` is that of another block, by module and address.
    switched: Vec<Switched>,
    /// The first resource of the code that is the same as a new one.
    pub(super) same: Option<EditError>,
    /// What an apply does after an undo, if it is not the rollback of the fix.
    pub(super) rollback: Option<String>,
    /// Whether the edit is only tried: defaults of several environments change too.
    pub(super) is_trial: bool,
}

/// A new resource or data source with the `count` of another block.
struct Switched {
    module: Option<String>,
    address: String,
    count: String,
}

impl Switched {
    /// Whether lines refer to it.
    fn is_in(&self, lines: &[Line]) -> bool {
        let instance = format!("{}[0]", self.address);
        lines.iter().any(|line| match line {
            Line::Attribute(_, value) => value.contains(&instance),
            Line::Block(_, lines) => self.is_in(lines),
            Line::Blank => false,
        })
    }
}

impl<'a> Draft<'a> {
    pub fn new(finder: Finder<'a>) -> Self {
        Self {
            notes: finder.config.notes.iter().chain(&finder.evidence).cloned().collect(),
            finder,
            splices: BTreeMap::new(),
            entries: BTreeMap::new(),
            new_files: BTreeMap::new(),
            adds: Vec::new(),
            instances: BTreeMap::new(),
            reenabled: Vec::new(),
            imports: Vec::new(),
            changes: Vec::new(),
            destroys: Vec::new(),
            tables: None,
            endpoint_group: None,
            new_public_subnet: None,
            clients: BTreeSet::new(),
            extended: Vec::new(),
            has_nat_of_zones: false,
            nat_gateways: 1,
            nat_zones: Vec::new(),
            data_sources: BTreeMap::new(),
            outputs: Vec::new(),
            switched: Vec::new(),
            same: None,
            rollback: None,
            is_trial: false,
        }
    }

    /// Whether an edit changes a part of a span of a file.
    pub fn is_changed(&self, file: &File, span: &std::ops::Range<usize>) -> bool {
        let splices = self.splices.get(&file.path).into_iter().flatten();
        let mut spans = splices.map(|splice| &splice.span);
        spans.any(|own| own.start < span.end && span.start < own.end)
    }

    /// The text of a span of a file with the edits in it.
    pub fn edited(&self, file: &File, span: &std::ops::Range<usize>) -> String {
        let splices = self.splices.get(&file.path).into_iter().flatten();
        let mut own: Vec<&Splice> =
            splices.filter(|one| span.start <= one.span.start && one.span.end <= span.end).collect();
        own.sort_by_key(|one| (one.span.start, one.span.end));
        let (mut text, mut copied) = (String::new(), span.start);
        for splice in own {
            text.push_str(file.text.get(copied..splice.span.start).unwrap_or_default());
            text.push_str(&splice.text);
            copied = splice.span.end;
        }
        text + file.text.get(copied..span.end).unwrap_or_default()
    }

    /// The new blocks of the edit.
    pub fn new_blocks(&self) -> String {
        let inserted = self.splices.values().flatten().filter(|splice| splice.after.is_some());
        let texts = self.new_files.values().chain(inserted.map(|splice| &splice.text));
        texts.map(|text| format!("{}\n", text.trim_matches('\n'))).collect::<Vec<_>>().join("\n")
    }

    /// Adds an edit of an existing file.
    pub fn splice(&mut self, file: &File, splice: Splice) {
        self.splices.entry(file.path.clone()).or_default().push(splice);
    }

    /// Adds several edits of an existing file.
    pub fn splice_all(&mut self, file: &File, splices: impl IntoIterator<Item = Splice>) {
        for splice in splices {
            self.splice(file, splice);
        }
    }

    /// Adds a sentence for the user, once.
    pub fn note(&mut self, text: &str) {
        if !self.notes.iter().any(|known| known == text) {
            self.notes.push(text.to_owned());
        }
    }

    /// Adds the note for a new rule or association of a resource that is not managed here.
    pub fn note_not_managed_here(&mut self, id: &str) {
        let listed = match id.split('-').next() {
            Some("vpce") => "route tables",
            Some("rtb") => "routes",
            _ => "rules",
        };
        self.note(&format!(
            "egress-doctor found no block for {id} in this folder. If code lists its {listed} inline, add this there instead, or \
             the next apply of that code removes it."
        ));
    }

    /// Adds a resource that Terraform will change in place.
    pub fn change(&mut self, address: &ResourceAddress) {
        if !self.changes.iter().any(|known| known == address) {
            self.changes.push(address.clone());
        }
    }

    /// Adds a resource after the others of its type, or to a new file.
    pub fn add_resource(&mut self, kind: &str, name: &str, new_file: &str, comment: &str, lines: &[Line]) {
        self.add_resource_near(kind, kind, name, new_file, comment, lines);
    }

    /// Adds a resource after the others of its type, or after those of a related type, or to a new file.
    pub fn add_resource_near(
        &mut self,
        related_kind: &str,
        kind: &str,
        name: &str,
        new_file: &str,
        comment: &str,
        lines: &[Line],
    ) {
        let position =
            after_resources(&self.finder, kind).or_else(|| after_resources(&self.finder, related_kind));
        let text = self.new_resource(kind, name, comment, lines);
        self.insert(position, new_file, &text);
    }

    /// Adds a resource after those of another type, also if the module has others of its type, or to a new file.
    pub fn add_resource_beside(
        &mut self,
        other_kind: &str,
        kind: &str,
        name: &str,
        new_file: &str,
        comment: &str,
        lines: &[Line],
    ) {
        let text = self.new_resource(kind, name, comment, lines);
        self.insert(after_resources(&self.finder, other_kind), new_file, &text);
    }

    /// Adds a resource directly after another resource.
    pub fn add_resource_after(
        &mut self,
        (file, block): (&'a File, &Block),
        kind: &str,
        name: &str,
        comment: &str,
        lines: &[Line],
    ) {
        let text = self.new_resource(kind, name, comment, lines);
        self.insert(Some((file, block.span.end)), "", &text);
    }

    fn new_resource(&mut self, kind: &str, name: &str, comment: &str, lines: &[Line]) -> String {
        let address = ResourceAddress::new(self.finder.target.address.as_deref(), kind, name);
        self.instances.extend(self.instances_of(kind, lines).map(|count| (address.clone(), count)));
        self.adds.push(address);
        let lines = self.with_switch(&format!("{kind}.{name}"), lines);
        self.note_ids(&lines);
        let lines = self.with_provider(kind, &lines, true);
        if self.same.is_none() {
            self.same = same_resource(self.finder.target, kind, &lines);
        }
        format!("{comment}{}", resource(kind, name, &lines))
    }

    /// Adds an existing AWS resource with its import block. Terraform imports and changes it in one apply.
    pub fn import_resource(&mut self, (kind, name): (&str, &str), text: &str) {
        let address = ResourceAddress::new(None, kind, name);
        self.insert(after_resources(&self.finder, kind), "imports.tf", text);
        self.change(&address);
        self.imports.push(address);
    }

    /// Adds a data source after the others, or to a new file.
    pub fn add_data(&mut self, kind: &str, name: &str, comment: &str, lines: &[Line]) {
        let head = format!("data \"{kind}\" \"{name}\"");
        let lines = self.with_switch(&format!("data.{kind}.{name}"), lines);
        self.note_ids(&lines);
        let text = format!("{comment}{}", block(&head, &self.with_provider(kind, &lines, false)));
        self.insert(after_data_sources(&self.finder, kind), "data-sources.tf", &text);
    }

    /// A `tags` argument in the form of the other resources of the module, with the common prefix of their names; empty if they
    /// have no tags that a new resource can have.
    pub fn tags(&self, ending: &str) -> Vec<Line> {
        let code = &self.finder.code;
        let tags = code.tag_style.expression(code.name_tag(ending));
        tags.map_or_else(Vec::new, |tags| vec![Line::Blank, attribute("tags", tags)])
    }

    /// The lines of a new block, with the `count` of the blocks that it refers to with `[0]`. Without it, the reference is invalid
    /// if they are switched off.
    fn with_switch(&mut self, address: &str, lines: &[Line]) -> Vec<Line> {
        let module = self.finder.target;
        let of_new = || self.switched.iter().find(|one| one.module == module.address && one.is_in(lines));
        let switch = switch_of_lines(module, lines).or_else(|| of_new().map(|one| one.count.clone()));
        let Some(switch) = switch else { return lines.to_vec() };
        match lines {
            [Line::Attribute(name, value), ..] if name == "count" && has_switch(module, value, &switch) => {
                lines.to_vec()
            }
            [Line::Attribute(name, _), ..] if name == "for_each" || name == "count" => {
                with_condition(lines, &switch)
            }
            _ => {
                self.add_switched(address, &switch);
                [attribute("count", switch), Line::Blank].into_iter().chain(lines.iter().cloned()).collect()
            }
        }
    }

    /// Records that a new resource has the `count` of another block.
    pub fn add_switched(&mut self, address: &str, count: &str) {
        let module = self.finder.target.address.clone();
        self.switched.push(Switched { module, address: address.to_owned(), count: count.to_owned() });
    }

    /// A reference to a new resource or data source of the target module, `aws_eip.nat` or `aws_eip.nat[0]`.
    pub fn new_reference(&self, address: &str) -> String {
        let module = &self.finder.target.address;
        let is_switched = self.switched.iter().any(|one| one.module == *module && one.address == address);
        if is_switched { format!("{address}[0]") } else { address.to_owned() }
    }

    /// Inserts a block at a position, or at the end of a file that is created if it does not exist.
    pub(super) fn insert(&mut self, position: Option<Position<'a>>, file_name: &str, text: &str) {
        let path = new_file(&self.finder, file_name);
        let position = position.or_else(|| in_numbered_file(&self.finder, file_name));
        let insertion = position.map(|(file, end)| (file, insert_after(file, end, text))).or_else(|| {
            let files = &self.finder.target.files;
            let file = files.iter().find(|file| file.path == path && !file.is_override())?;
            Some((file, append(file, text)))
        });
        let Some((file, insertion)) = insertion else {
            let content = self.new_files.entry(path).or_default();
            if !content.is_empty() {
                content.push('\n');
            }
            content.push_str(text);
            return;
        };
        self.splice_after(file, insertion, text);
    }

    /// Adds a new block at its position.
    pub(super) fn splice_after(&mut self, file: &File, insertion: Splice, text: &str) {
        let splices = self.splices.entry(file.path.clone()).or_default();
        let is_same_position =
            |splice: &&mut Splice| splice.after.is_some() && splice.after == insertion.after;
        // Several new blocks after the same block keep the order in which they were added.
        match splices.iter_mut().find(is_same_position) {
            Some(splice) => {
                let body = splice.text.trim_end_matches('\n');
                let line_ends = (splice.text.len() - body.len()).saturating_sub(1);
                splice.text = format!("{body}\n\n{text}{}", "\n".repeat(line_ends));
            }
            None => splices.push(insertion),
        }
    }

    /// Applies the edits and checks the result.
    ///
    /// # Errors
    /// The result fails the self-check, or a changed file is outside the boundary or cannot be recorded for an undo.
    pub fn finish(mut self) -> Result<ChangeSet, EditError> {
        let mut files = self.changed_files()?;
        let (config, target) = (self.finder.config, self.finder.target);
        let crlf = target.files.iter().filter(|file| file.line_end() == "\r\n").count();
        let line_end = if crlf * 2 > target.files.len() { "\r\n" } else { "\n" };
        for (path, text) in std::mem::take(&mut self.new_files) {
            files.push(FileChange { path, before: None, after: with_line_ends(&text, line_end) });
        }
        files.sort_by(|one, two| one.path.cmp(&two.path));
        self.notes.extend(added_output::notes(&self.outputs));
        self.notes.extend(placement::note_for_opentofu(config, &files));
        self.notes.extend(note_of_ignored(config, &files));
        self.notes.extend(folders::notes_of_links(config, &files));
        self.notes.extend(folders::note_of_missing(target, &self.notes));
        self.notes.extend(folders::notes_of_arguments(target, &self.adds));
        ensure_editable(config, target, &files)?;
        for file in &files {
            text::self_check::ensure_no_block_lost(file)?;
        }
        text::self_check::ensure_top_level(&files, self.adds.iter().chain(&self.imports))?;
        let read = config.local_files().map(|file| (file.path.clone(), file.digest.clone())).collect();
        Ok(ChangeSet {
            root: config.root.clone(),
            data: config.data.clone(),
            run: config.run(),
            repository: config.boundary.repository().map(Path::to_owned),
            files,
            read,
            adds: self.adds.into_iter().chain(self.reenabled).collect(),
            more_instances: self.instances.values().map(|count| count.saturating_sub(1)).sum(),
            changes: self.changes,
            destroys: self.destroys,
            imports: self.imports,
            notes: self.notes,
            by_hand: Vec::new(),
            effect: EditEffect { estimate: None, rollback: self.rollback },
        })
    }

    /// The existing files with their edits.
    fn changed_files(&mut self) -> Result<Vec<FileChange>, EditError> {
        for ((path, _), entries) in std::mem::take(&mut self.entries) {
            self.splices.entry(path).or_default().push(Splice::new(entries.span, entries.text));
        }
        let mut changed = Vec::new();
        for (path, splices) in std::mem::take(&mut self.splices) {
            let Some(file) = self.finder.config.local_files().find(|file| file.path == path) else {
                let what = "terraform init installed this file, so the next terraform init discards an edit of it: make the change in the \
                            repository of the module";
                return Err(EditError::NotUnderstood {
                    place: path.display().to_string(),
                    what: what.to_owned(),
                });
            };
            self.notes.extend(comments::notes(file, &splices));
            let after = apply(file, splices)?;
            if let Some(target) = &file.link {
                self.note(&format!(
                    "{} is a symbolic link: the edit also affects everything else that uses {}.",
                    path.display(),
                    target.display()
                ));
            }
            changed.push(FileChange { path, before: Some(file.text.clone()), after });
        }
        Ok(changed)
    }
}
