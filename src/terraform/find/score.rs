//! What speaks for a block as the one that makes something, and what speaks against it: its attributes, its `Name` tag, its switch.
//!
//! Looks at one block alone; which of several is taken is decided elsewhere.

use hcl_edit::expr::{Expression, ObjectKey};

use crate::terraform::answer::Candidate;
use crate::terraform::find::decide::{CERTAIN, DOUBT, FITTING, OPEN, TAGGED};
use crate::terraform::find::finder::Clues;
use crate::terraform::lang::partial::Pattern;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::config::Workspace;
use crate::terraform::read::file::File;
use crate::terraform::read::place::Place;
use crate::terraform::read::place::is_ignored;

/// What speaks for a block.
pub(in crate::terraform) struct Weight {
    pub score: u8,
    pub evidence: Vec<String>,
}

impl Weight {
    /// Of two, the stronger counts; both are told.
    pub fn add(&mut self, score: u8, evidence: String) {
        self.score = self.score.max(score);
        self.evidence.push(evidence);
    }

    pub fn doubt(&mut self, evidence: String) {
        self.score = self.score.saturating_sub(DOUBT);
        self.evidence.push(evidence);
    }

    pub fn of(self, place: &Place<'_>) -> Candidate {
        Candidate { address: place.in_root(), place: place.at(), score: self.score, evidence: self.evidence }
    }
}

pub(in crate::terraform) fn because(why: Option<&str>) -> String {
    why.map_or_else(String::new, |why| format!(" ({why})"))
}

/// What a block's own attributes say; `None` where they speak against it.
pub(in crate::terraform) fn weigh(
    workspace: &Workspace,
    file: &File,
    block: &Block,
    clues: &Clues<'_>,
) -> Option<Weight> {
    let mut weight = Weight { score: 0, evidence: Vec::new() };
    let mut is_certain = false;
    // What AWS has is not made by a block that makes none.
    if workspace.makes_none(file, block) == Some(true) {
        return None;
    }
    for (name, wanted) in clues.attributes {
        let prefix = format!("{name}_prefix");
        let says = |name: &str| workspace.merged(file, block, name);
        let (name, written, is_whole) = match (says(name), says(&prefix)) {
            (Some(written), _) => (*name, written, true),
            (None, Some(written)) => (prefix.as_str(), written, false),
            (None, None) => continue,
        };
        let compared = compared(workspace, name, written, wanted, is_whole);
        // What Terraform does not look after may have become anything.
        let ignored = is_ignored(file, block, name)
            .then(|| (OPEN, format!("its {name} is another, but changes of that are ignored")));
        let (score, evidence) = compared.or(ignored)?;
        is_certain |= score == CERTAIN;
        weight.add(score, evidence);
    }
    let tag = name_tag(workspace, file, block);
    match (&tag, clues.tag) {
        (Tag::Known(tag), wanted) if wanted == Some(tag) => {
            weight.add(TAGGED, "its Name tag says so".to_owned());
        }
        (Tag::Known(_) | Tag::Absent, _) if is_ignored(file, block, "tags") => {
            weight.add(OPEN, "its tags may have changed: changes of them are ignored".to_owned());
        }
        (Tag::Known(_), Some(_)) if !is_certain => return None,
        (Tag::Known(_), None) if weight.score == 0 => return None,
        (Tag::Known(tag), _) => weight.doubt(format!("its Name tag is {tag}, which AWS does not have")),
        (Tag::Unknown(pattern, _), Some(wanted)) if !pattern.fits(wanted) => return None,
        (Tag::Unknown(pattern, _), Some(_)) if pattern.says_something() => {
            weight.add(FITTING, format!("its Name tag fits {pattern}"));
        }
        // A tag that cannot be told may be the one.
        (Tag::Unknown(_, why), _) => {
            weight.add(OPEN, format!("its Name tag cannot be told{}", because(why.as_deref())));
        }
        (Tag::Absent, _) => {}
    }
    if weight.score == 0 {
        // The default group is called so; a default ACL or table has no name at all.
        let is_default = block.labels.first().is_some_and(|kind| kind.starts_with("aws_default_"));
        let may_be_default =
            clues.attributes.iter().all(|(name, wanted)| *name != "name" || *wanted == "default");
        let says_nothing = clues.tag.is_none() && clues.attributes.is_empty();
        if !(is_default && may_be_default || says_nothing) {
            return None;
        }
        let evidence =
            if is_default { "it is the default one of its VPC" } else { "it has no name, as AWS has none" };
        weight.add(OPEN, evidence.to_owned());
    }
    // Several of them, or of another account or region: it cannot be told which.
    let switches = workspace.is_switch(file, block);
    if switches && workspace.makes_none(file, block).is_none() {
        weight.doubt("whether its count makes one cannot be told".to_owned());
    }
    for name in ["count", "for_each"].iter().filter(|name| block.body.attribute(name).is_some() && !switches)
    {
        weight.doubt(format!("{name} makes several"));
    }
    for name in ["provider", "region"].iter().filter(|name| block.body.attribute(name).is_some()) {
        weight.doubt(format!("it names a {name} of its own"));
    }
    Some(weight)
}

/// What an attribute says of what it must be: how much, and in words. A prefix is compared with the beginning.
pub(in crate::terraform) fn compared(
    workspace: &Workspace,
    name: &str,
    written: &str,
    wanted: &str,
    is_whole: bool,
) -> Option<(u8, String)> {
    let Some(text) = workspace.evaluate(written) else {
        let pattern = workspace.pattern(written);
        if is_whole && !pattern.fits(wanted) {
            return None;
        }
        return Some(if is_whole && pattern.says_something() {
            (FITTING, format!("its {name} fits {pattern}"))
        } else {
            let why = workspace.why_unknown(written);
            (OPEN, format!("its {name} cannot be told{}", because(why.as_deref())))
        });
    };
    match is_whole {
        true if text == wanted => Some((CERTAIN, format!("its {name} says so"))),
        false if wanted.starts_with(&text) => Some((FITTING, format!("its {name} is {text}"))),
        true | false => None,
    }
}

/// What `tags` say of `Name`.
pub(in crate::terraform) enum Tag {
    /// There is none.
    Absent,
    Known(String),
    /// An expression decides: what is known of the text, and why no more is.
    Unknown(Pattern, Option<String>),
}

/// The `Name` that a block gives, or the provider gives everything.
pub(in crate::terraform) fn name_tag(workspace: &Workspace, file: &File, block: &Block) -> Tag {
    let own = workspace.merged(file, block, "tags").map_or(Tag::Absent, |tags| name_within(workspace, tags));
    match own {
        // What is looked for has the tags that it has.
        Tag::Absent if block.kind == "data" => Tag::Absent,
        Tag::Absent => workspace.default_tags().map_or(Tag::Absent, |tags| name_within(workspace, tags)),
        own => own,
    }
}

/// What a map of tags says.
pub(in crate::terraform) fn name_within(workspace: &Workspace, tags: &str) -> Tag {
    if let Some(known) = workspace.value(tags) {
        let name = known.as_object().and_then(|known| known.get("Name"));
        return name.and_then(|name| name.as_str()).map_or(Tag::Absent, |name| Tag::Known(name.to_owned()));
    }
    match tags.parse::<Expression>() {
        Ok(expression) => name_in(workspace, &expression),
        Err(_) => unknown(workspace, tags),
    }
}

fn unknown(workspace: &Workspace, written: &str) -> Tag {
    Tag::Unknown(workspace.pattern(written), workspace.why_unknown(written))
}

fn name_in(workspace: &Workspace, expression: &Expression) -> Tag {
    match expression {
        Expression::Object(object) => {
            // `None` where the key cannot be told.
            let key = |key: &ObjectKey| match key {
                ObjectKey::Ident(ident) => Some(ident.as_str().to_owned()),
                ObjectKey::Expression(expression) => workspace.evaluate(&expression.to_string()),
            };
            let mut tag = Tag::Absent;
            for (name, value) in object {
                let value = value.expr().to_string();
                match key(name).as_deref() {
                    Some("Name") => {
                        let known = workspace.evaluate(&value);
                        return known.map_or_else(|| unknown(workspace, &value), Tag::Known);
                    }
                    None => tag = unknown(workspace, &value),
                    Some(_) => {}
                }
            }
            tag
        }
        // The last argument that has it wins; a map that is made elsewhere may hold anything.
        Expression::FuncCall(call) if call.name.name.as_str() == "merge" => {
            let tags = call.args.iter().map(|argument| name_in(workspace, argument));
            tags.fold(Tag::Absent, |before, this| if matches!(this, Tag::Absent) { before } else { this })
        }
        other => unknown(workspace, &other.to_string()),
    }
}
