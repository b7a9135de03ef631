//! From an AWS id to the block that makes it: by the local state, else by evidence; never by a guess.
//!
//! Three answers: this block; none here; or blocks here that may be it and cannot be told, which asks instead of editing: a rule
//! beside a block that lists its own rules would be taken away by the next apply.

use std::path::PathBuf;

use crate::model::SubnetId;
use crate::terraform::answer::Answer;
use crate::terraform::edit::draft::Draft;
use crate::terraform::error::EditError;
use crate::terraform::find::decide::{CERTAIN, TAGGED, decide};
use crate::terraform::find::score::{Weight, because, compared, weigh};
use crate::terraform::find::site::{is_vpc, vpc_of};
use crate::terraform::lang::address::address;
use crate::terraform::lang::address::without_keys;
use crate::terraform::lang::render::quoted;
use crate::terraform::lang::scan::Block;
use crate::terraform::read::config::Workspace;
use crate::terraform::read::file::File;
use crate::terraform::read::place::is_ignored;
use crate::terraform::read::place::{Place, at};
use crate::terraform::read::state::{Managed, State};

/// A block that makes a resource, and how that is known.
pub(in crate::terraform) struct Found<'a> {
    /// The root's code, or a module's.
    pub scope: &'a Workspace,
    pub file: &'a File,
    pub block: &'a Block,
    /// `["a"]`, where the block makes several and this is one of them; empty where it is not known which.
    index: Option<String>,
    /// Why an edit of the block would change more than this, or would not last.
    locked: Option<String>,
    /// `sg-1 is aws_security_group.app (security.tf:2): the connector names it`
    pub evidence: String,
}

impl Found<'_> {
    /// `aws_security_group.app`, `aws_security_group.each["a"]`
    pub fn address(&self) -> String {
        format!("{}{}", address(self.block), self.index.as_deref().unwrap_or_default())
    }

    /// As the root knows it, for the list of what is changed.
    pub fn in_root(&self) -> String {
        self.scope.address_of(&self.address())
    }

    /// Refuses where an edit of the block would change others too.
    pub fn alone(&self) -> Result<&Self, EditError> {
        let several = || {
            let index = self.index.as_ref().filter(|_| !self.scope.is_switch(self.file, self.block));
            index.map(|_| "one of several that one block makes: change what it iterates over".to_owned())
        };
        match self.locked.clone().or_else(several) {
            None => Ok(self),
            Some(why) => Err(EditError::NotUnderstood {
                place: at(self.file, self.block),
                what: format!("{} is {why}", self.in_root()),
            }),
        }
    }
}

/// What a block may be known by.
pub(in crate::terraform) struct Clues<'c> {
    /// The id that AWS gave.
    pub id: &'c str,
    /// Its `Name` tag.
    pub tag: Option<&'c String>,
    /// An attribute, and what it must evaluate to.
    pub attributes: &'c [(&'c str, &'c str)],
}

impl<'a> Draft<'a> {
    /// The block of one of these types that makes the id; `None` when no block of this folder does.
    ///
    /// # Errors
    /// It is in a module, or several blocks could be meant.
    pub fn find(&self, of: &[&str], clues: &Clues<'_>) -> Result<Option<Found<'a>>, EditError> {
        if let Some(managed) = self.state.of(clues.id, of) {
            return self.managed(managed, clues.id).map(Some);
        }
        let (imported, others) = self.imported(clues.id);
        let mut candidates = Vec::new();
        for scope in self.project.scopes().into_iter().filter(|scope| !scope.installed) {
            for (file, block) in of.iter().flat_map(|kind| scope.resources(kind)) {
                if self.is_of_another_region(scope, file, block) {
                    continue;
                }
                let Some(weight) = weigh(scope, file, block, clues) else { continue };
                let Some(weight) = self.within_vpc(scope, file, block, weight) else { continue };
                let place = Place { scope, file, block };
                let mut candidate = weight.of(&place);
                if others.contains(&candidate.address) {
                    continue;
                }
                if imported.as_ref() == Some(&candidate.address) {
                    (candidate.score, candidate.evidence) =
                        (CERTAIN, vec!["an import block says so".to_owned()]);
                }
                candidates.push((candidate, place));
            }
        }
        let answer = self.answers.get(clues.id);
        let can_be_imported = of.iter().any(|kind| ["aws_vpc", "aws_vpc_endpoint"].contains(kind));
        if answer == Some(&Answer::Import) && !can_be_imported {
            let what =
                format!("{} needs no import: say {}=none where other code makes it", clues.id, clues.id);
            return Err(EditError::NotUnderstood { place: self.site.service.at(), what });
        }
        if !self.state.is_empty() && answer.is_none() {
            // What the state does not list is made elsewhere; code that looks like it and is not applied is somebody's question.
            candidates.retain(|(candidate, _)| candidate.score >= TAGGED);
            return if candidates.is_empty() {
                Ok(None)
            } else {
                let candidates = candidates.into_iter().map(|(candidate, _)| candidate).collect();
                Err(EditError::Ambiguous { id: clues.id.to_owned(), candidates })
            };
        }
        if candidates.is_empty()
            && answer.is_none()
            && let Some(path) = self.code_in_json()
        {
            return Err(EditError::InJson { path: path.display().to_string(), id: clues.id.to_owned() });
        }
        let Some((candidate, place)) = decide(clues.id, candidates, TAGGED, answer)? else { return Ok(None) };
        let found = found(clues.id, place.scope, place.file, place.block, &candidate.evidence.join(", "))?;
        // The key, where one was said; else none, and nothing names it by its block.
        let said = match answer {
            Some(Answer::Block(address)) => address.strip_prefix(&candidate.address).map(str::to_owned),
            _ => None,
        };
        if let Some(key) = said.as_deref().filter(|key| !key.is_empty())
            && !makes(place, key)
        {
            let what = format!("{} makes nothing of the key {key}", candidate.address);
            return Err(EditError::NotUnderstood { place: place.at(), what });
        }
        let index = if place.scope.is_switch(place.file, place.block) {
            Some("[0]".to_owned())
        } else {
            place.is_one_of_several().then(|| said.unwrap_or_default())
        };
        let locked = self.project.is_shared(place.scope).then(|| called_often(place.scope));
        Ok(Some(Found { index, locked, ..found }))
    }

    /// Whether what a block says of itself leaves it open that it makes what the clues are of.
    pub fn may_be(&self, file: &File, block: &Block, clues: &Clues<'_>) -> bool {
        let scope = self.workspace;
        let vpc = block.body.attribute("vpc_id").map(|vpc| self.is_ours(scope, file.value(vpc)));
        !self.is_of_another_region(scope, file, block)
            && vpc != Some(Some(false))
            && clues.attributes.iter().all(|(name, wanted)| {
                is_ignored(file, block, name)
                    || scope
                        .merged(file, block, name)
                        .is_none_or(|written| compared(scope, name, written, wanted, true).is_some())
            })
    }

    /// Whether a block makes what it makes in another region than the workload's.
    pub fn is_of_another_region(&self, scope: &Workspace, file: &File, block: &Block) -> bool {
        let own = scope.merged(file, block, "region").map(|region| scope.evaluate(region));
        // One that cannot be told may be any.
        let region = own.unwrap_or_else(|| scope.region_of(file, block));
        region.is_some_and(|region| region != self.snapshot.region.as_str())
    }

    /// Whether a block has the provider that the connector has.
    pub fn has_our_provider(&self, file: &File, block: &Block) -> bool {
        let connector = self.site.connector;
        let ours = connector.block.body.attribute("provider").map(|one| connector.file.value(one).trim());
        block.body.attribute("provider").map(|one| file.value(one).trim()) == ours
    }

    /// What its VPC and its callers add to what speaks for a block; nothing is left of one in another VPC, whatever it is called.
    fn within_vpc(
        &self,
        scope: &Workspace,
        file: &File,
        block: &Block,
        mut weight: Weight,
    ) -> Option<Weight> {
        let vpc = block.body.attribute("vpc_id").map(|vpc| file.value(vpc));
        match vpc.map(|vpc| self.is_ours(scope, vpc)) {
            Some(Some(false)) => return None,
            Some(None) => {
                let why = vpc.and_then(|vpc| scope.why_unknown(vpc));
                weight.doubt(format!("its VPC cannot be told{}", because(why.as_deref())));
            }
            Some(Some(true)) | None => {}
        }
        if self.project.is_shared(scope) {
            weight.doubt(called_often(scope));
        }
        Some(weight)
    }

    /// What the code's import blocks take the id to, and what they take others to.
    fn imported(&self, id: &str) -> (Option<String>, Vec<String>) {
        let (mut own, mut others) = (None, Vec::new());
        for (file, block) in self.project.blocks("import") {
            let says = |name: &str| block.body.attribute(name).map(|one| file.value(one).trim());
            let (Some(to), Some(from)) = (says("to"), says("id").and_then(|id| self.project.evaluate(id)))
            else {
                continue;
            };
            if from == id {
                own = Some(to.to_owned());
            } else {
                others.push(to.to_owned());
            }
        }
        (own, others)
    }

    fn code_in_json(&self) -> Option<&'a PathBuf> {
        let mut scopes = self.project.scopes().into_iter().filter(|scope| !scope.installed);
        scopes.find_map(|scope| scope.json.iter().find(|path| path.to_string_lossy().ends_with(".tf.json")))
    }

    /// Whether an expression of some code is the workload's VPC; `None` when that cannot be told.
    pub fn is_ours(&self, scope: &Workspace, expression: &str) -> Option<bool> {
        self.is_ours_within(scope, expression, 8)
    }

    fn is_ours_within(&self, scope: &Workspace, expression: &str, depth: usize) -> Option<bool> {
        let expression = expression.trim();
        if scope.module == self.workspace.module && expression == self.site.vpc_id {
            return Some(true);
        }
        // A local is what it is made of, a module's variable what its caller gives.
        let depth = depth.checked_sub(1)?;
        if let Some(written) = expression.strip_prefix("local.").and_then(|name| scope.local(name)) {
            return self.is_ours_within(scope, written, depth);
        }
        if let Some(name) = expression.strip_prefix("var.")
            && let Some(caller) = self.project.caller(scope)
            && let Some(given) = caller.block.body.attribute(name)
        {
            return self.is_ours_within(caller.scope, caller.file.value(given), depth);
        }
        is_vpc(scope, &self.state, self.snapshot, vpc_of(self.snapshot, self.workload)?, expression)
    }

    /// The block of what the state knows.
    fn managed(&self, managed: &Managed, id: &str) -> Result<Found<'a>, EditError> {
        let place = managed.address();
        let refuse = |why: String| {
            Err(EditError::NotUnderstood { place: place.clone(), what: format!("{id} is {why}") })
        };
        let Some(scope) = self.scope_of(managed) else {
            return refuse("made in a module whose code is not at hand: run terraform init".to_owned());
        };
        let locked = if scope.installed {
            Some("made in a module that terraform init installs: change what its caller gives it".to_owned())
        } else {
            self.project.is_shared(scope).then(|| called_often(scope))
        };
        let is_it = |block: &Block| block.labels.get(1).is_some_and(|label| *label == managed.name);
        let Some((file, block)) = scope.resources(&managed.kind).find(|(_, block)| is_it(block)) else {
            return refuse("in the state and not in the code: the next apply would destroy it".to_owned());
        };
        let found = found(id, scope, file, block, "the state says so")?;
        let evidence = format!("{id} is {place} ({}): the state says so.", at(file, block));
        Ok(Found { index: managed.index.clone(), locked, evidence, ..found })
    }

    /// The code that holds it: the root's, or that of a module.
    fn scope_of(&self, managed: &Managed) -> Option<&'a Workspace> {
        let module = managed.module.as_ref().map(|module| without_keys(module));
        self.project.scopes().into_iter().find(|scope| scope.module == module)
    }

    /// A block that something else in the code names.
    ///
    /// # Errors
    /// An override file says something of it too.
    pub fn found(
        &self,
        id: &str,
        file: &'a File,
        block: &'a Block,
        why: &str,
    ) -> Result<Found<'a>, EditError> {
        found(id, self.workspace, file, block, why)
    }

    /// An id as an expression in the code that is edited: of the block that was found, where that can be named here.
    pub fn owner(&self, found: Option<&Found<'_>>, id: &str) -> String {
        let Some(found) = found.filter(|found| found.index.as_deref() != Some("")) else { return quoted(id) };
        if found.scope.module == self.workspace.module {
            return format!("{}.id", found.address());
        }
        let kind = found.block.labels.first().map(String::as_str);
        self.named(kind.as_slice(), id)
    }

    /// An id as an expression: of what makes it, where the state says so, or the id itself.
    pub fn named(&self, of: &[&str], id: &str) -> String {
        self.named_in(self.workspace, of, id)
    }

    /// The same in other code.
    pub fn named_in(&self, scope: &Workspace, of: &[&str], id: &str) -> String {
        named(&self.state, scope, of, id)
    }

    /// Subnets as a list of expressions.
    pub fn subnets_named(&self, subnets: &[SubnetId]) -> String {
        list_of_subnets(&self.state, self.workspace, subnets)
    }

    /// The block that an expression refers to, `aws_security_group.app.id`.
    pub fn referred(&self, expression: &str) -> Option<(&'a File, &'a Block)> {
        let mut parts = expression.trim().split('.');
        let (kind, name) = (parts.next()?, parts.next()?);
        self.workspace
            .blocks("resource")
            .find(|(_, block)| matches!(block.labels.as_slice(), [of, label] if of == kind && label == name))
    }
}

fn found<'a>(
    id: &str,
    scope: &'a Workspace,
    file: &'a File,
    block: &'a Block,
    why: &str,
) -> Result<Found<'a>, EditError> {
    if let Some(place) = scope.overridden(block) {
        let what = format!(
            "{} is overridden here: an edit of {} would be shadowed",
            address(block),
            at(file, block)
        );
        return Err(EditError::NotUnderstood { place, what });
    }
    let evidence = format!("{id} is {} ({}): {why}.", scope.address_of(&address(block)), at(file, block));
    Ok(Found { scope, file, block, index: None, locked: None, evidence })
}

/// An id as an expression of a scope: of what makes it there, of an output of the module that makes it, or the id itself.
pub(in crate::terraform) fn named(state: &State, scope: &Workspace, of: &[&str], id: &str) -> String {
    let expression = state.of(id, of).and_then(|managed| {
        if managed.module == scope.module {
            // One that was renamed, or taken out of the code, is nothing to name.
            let is_it = |(_, block): &(&File, &Block)| block.labels.get(1) == Some(&managed.name);
            scope.resources(&managed.kind).find(is_it)?;
            return Some(format!("{}.id", managed.own_address()));
        }
        let mut called =
            scope.calls.iter().filter(|call| call.code.module == managed.module && !call.several);
        let call = called.next()?;
        Some(format!("module.{}.{}", call.name, output(&call.code, managed)?))
    });
    expression.unwrap_or_else(|| quoted(id))
}

/// Subnets as a list of expressions.
pub(in crate::terraform) fn list_of_subnets(
    state: &State,
    scope: &Workspace,
    subnets: &[SubnetId],
) -> String {
    let named = |id: &SubnetId| named(state, scope, &["aws_subnet", "aws_default_subnet"], id.as_str());
    format!("[{}]", subnets.iter().map(named).collect::<Vec<_>>().join(", "))
}

/// The output of a module that is a resource's id, or the element of one that lists several: `vpc_id`, `private_subnets[1]`.
fn output(module: &Workspace, managed: &Managed) -> Option<String> {
    let address = format!("{}.{}", managed.kind, managed.name);
    module.blocks("output").find_map(|(file, block)| {
        let name = block.labels.first()?;
        let written: String =
            file.value(block.body.attribute("value")?).chars().filter(|c| !c.is_whitespace()).collect();
        // `try(aws_vpc.this[0].id, null)` is that id where there is one.
        let inner = written.strip_prefix("try(").and_then(|rest| rest.rsplit_once(','));
        let written = inner.map_or(written.as_str(), |(inner, _)| inner);
        let rest = written.strip_prefix(&address)?;
        match (&managed.index, rest) {
            (None, ".id") => Some(name.clone()),
            (Some(index), _) if *rest == *format!("{index}.id") => Some(name.clone()),
            (Some(index), "[*].id" | ".*.id") if !index.contains('"') => Some(format!("{name}{index}")),
            _ => None,
        }
    })
}

/// Whether a block makes one of a key, `["a"]` or `[0]`; also where that cannot be told.
fn makes(place: Place<'_>, key: &str) -> bool {
    let key = key.trim_start_matches('[').trim_end_matches(']');
    let says = |name: &str| place.scope.merged(place.file, place.block, name);
    match (says("for_each"), says("count")) {
        (Some(each), _) => {
            let keys = place.scope.keys(each);
            key.starts_with('"')
                && keys.is_none_or(|keys| keys.iter().any(|one| one == key.trim_matches('"')))
        }
        (None, Some(count)) => {
            let count: Option<u64> = place.scope.evaluate(count).and_then(|count| count.parse().ok());
            key.parse().is_ok_and(|key: u64| count.is_none_or(|count| key < count))
        }
        (None, None) => false,
    }
}

fn called_often(scope: &Workspace) -> String {
    format!("made in {}, which is called more than once", scope.dir.display())
}
