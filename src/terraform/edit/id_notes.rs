//! Notes why new code has ids as text.

use crate::terraform::edit::draft::Draft;
use crate::terraform::lang::render::Line;
use crate::terraform::read::module::Module;

impl Draft<'_> {
    /// Notes why ids are written as text in new code.
    pub(super) fn note_ids(&mut self, lines: &[Line]) {
        let mut ids = Vec::new();
        ids_of(lines, &mut ids);
        let mut notes: Vec<(String, Vec<String>)> = Vec::new();
        for id in ids {
            let text = id.trim_matches('"');
            // Another note explains it. That which names its block does not.
            let evidence = format!("{text} is ");
            let is_evidence = |note: &&String| note.starts_with(&evidence) && !is_of_id(note);
            let mut others = self.notes.iter().filter(|note| !is_evidence(note));
            if others.any(|note| note.split([' ', ',']).any(|word| word == text)) {
                continue;
            }
            if self.notes.iter().any(|note| is_evidence(&note)) {
                let why = ": the module of the new code has no reference to the block of".to_owned();
                notes.push((why, vec![text.to_owned()]));
                continue;
            }
            let mut files = self.finder.config.local_files();
            let known = files.find_map(|file| Some((file, file.text.find(&id)?)));
            let why = match known {
                Some((file, _)) if file.is_json() => {
                    format!(", as in {}: no block, output or variable refers to", file.path.display())
                }
                Some((file, at)) => {
                    let line = file.line(at);
                    format!(", as in {}:{line}: no block, output or variable refers to", file.path.display())
                }
                None => ": egress-doctor found no block, output or variable that has".to_owned(),
            };
            match notes.iter_mut().find(|(known, _)| *known == why) {
                Some((_, ids)) if ids.iter().any(|known| known == text) => {}
                Some((_, ids)) => ids.push(text.to_owned()),
                None => notes.push((why, vec![text.to_owned()])),
            }
        }
        if notes.iter().any(|(why, _)| why.starts_with(": egress-doctor")) {
            self.note_no_repository();
        }
        for (why, ids) in notes {
            self.note(&match ids.as_slice() {
                [only] => format!("{only} is written as an id{why} it."),
                several => format!("{} are written as ids{why} them.", several.join(", ")),
            });
        }
    }

    /// Notes that modules outside the folder get no output, because it is in no git repository.
    pub(super) fn note_no_repository(&mut self) {
        let config = self.finder.config;
        if config.boundary.repository().is_some() {
            return;
        }
        let has_network = |module: &Module| {
            let mut kinds = ["aws_subnet", "aws_route_table"].into_iter();
            kinds.any(|kind| module.resources(kind).next().is_some())
        };
        let modules = config.modules().into_iter();
        let modules =
            modules.filter(|module| module.is_outside && !module.is_installed && has_network(module));
        let mut dirs: Vec<String> = modules.map(|module| module.dir.display().to_string()).collect();
        dirs.sort();
        dirs.dedup();
        if let [first, others @ ..] = dirs.as_slice() {
            let all = others.iter().fold(first.clone(), |all, other| format!("{all} and {other}"));
            self.note(&format!(
                "This folder is in no git repository, so {all} outside it cannot get an output: run egress-doctor in a git repository with all \
                 of this code for references instead of ids and searches."
            ));
        }
    }
}

/// Whether a note is about an id that is written as text.
pub(super) fn is_of_id(note: &str) -> bool {
    note.contains(" is written as an id") || note.contains(" are written as ids")
}

/// Arguments whose texts are no ids.
const TEXTS: [&str; 4] = ["description", "name", "name_prefix", "tags"];
/// The beginnings of ids.
const IDS: [&str; 12] =
    ["vpc-", "subnet-", "rtb-", "sg-", "igw-", "eigw-", "nat-", "pl-", "pcx-", "acl-", "eni-", "vpce-"];

/// The quoted ids in lines.
fn ids_of(lines: &[Line], ids: &mut Vec<String>) {
    for line in lines {
        match line {
            Line::Attribute(name, _) if TEXTS.contains(&name.as_str()) => {}
            Line::Attribute(_, value) => {
                let strings = value.split('"').skip(1).step_by(2);
                let is_id = |text: &&str| IDS.iter().any(|start| text.starts_with(start));
                ids.extend(strings.filter(is_id).map(|id| format!("\"{id}\"")));
            }
            Line::Block(_, lines) => ids_of(lines, ids),
            Line::Blank => {}
        }
    }
}
