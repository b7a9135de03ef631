//! Scores how well a block's own attributes, `Name` tag, `count` and `for_each` match an AWS resource.
//!
//! Scores one block at a time; `decide` compares the candidates.

use crate::terraform::answer::Candidate;
use crate::terraform::find::decide::{CERTAIN, FITTING, NO_CONTRADICTION, PENALTY, TAGGED};
use crate::terraform::find::instances::{for_instance, instance_keys};
use crate::terraform::lang::expression::Expr;
use crate::terraform::lang::tags::{Tag, name_tag_of};
use crate::terraform::read::module::Module;
use crate::terraform::read::place::Place;

/// Known attributes of the AWS resource whose block is searched.
pub(in crate::terraform) struct Clues<'c> {
    /// Its AWS id.
    pub id: &'c str,
    /// Its `Name` tag.
    pub tag: Option<&'c String>,
    /// Names of attributes, and the values that they must have.
    pub attributes: &'c [(&'c str, &'c str)],
}

/// The match score of a block, with the reasons.
pub(in crate::terraform) struct Score {
    pub points: u8,
    pub evidence: Vec<String>,
    /// The instance of a block with several that has these attributes, `["a"]`.
    pub key: Option<String>,
}

impl Score {
    /// Keeps the higher score and both reasons.
    pub fn add(&mut self, points: u8, evidence: String) {
        self.points = self.points.max(points);
        self.evidence.push(evidence);
    }

    /// Lowers the score for one uncertainty.
    pub fn penalise(&mut self, evidence: String) {
        self.points = self.points.saturating_sub(PENALTY);
        self.evidence.push(evidence);
    }

    /// The block with this score as a candidate.
    pub fn candidate(self, place: &Place<'_>) -> Candidate {
        let address = place.address_in_root();
        Candidate {
            address: match self.key {
                Some(key) => address.with_key(key),
                None => address,
            },
            place: place.location(),
            score: self.points,
            evidence: self.evidence,
        }
    }
}

/// ` (reason)`, or nothing without a reason.
pub(in crate::terraform) fn because(why: Option<&str>) -> String {
    why.map_or_else(String::new, |why| format!(" ({why})"))
}

/// Scores a block by its own attributes; `None` if they contradict the clues.
pub(in crate::terraform) fn score_block(place: &Place<'_>, clues: &Clues<'_>) -> Option<Score> {
    let Place { module, file, block } = *place;
    // AWS has the resource, so a disabled block does not manage it.
    if module.is_disabled(file, block) == Some(true) {
        return None;
    }
    let mut score = Score { points: 0, evidence: Vec::new(), key: None };
    let is_certain = score_attributes(&mut score, place, clues)?;
    score_tag(&mut score, place, clues, is_certain)?;
    if score.points == 0 {
        score_unnamed(&mut score, place, clues)?;
    }
    // A block with several instances, or with its own provider or region, may manage another resource.
    let is_switch = module.is_switch(file, block);
    if is_switch && module.is_disabled(file, block).is_none() {
        score.penalise("it is unknown whether its count creates one".to_owned());
    }
    if let Some((key, points, evidence)) = only_instance(place, clues) {
        (score.points, score.evidence, score.key) = (points, vec![evidence], Some(key));
    }
    let is_repeated = !is_switch && score.key.is_none();
    for name in
        ["count", "for_each"].iter().filter(|name| block.body.attribute(name).is_some() && is_repeated)
    {
        score.penalise(format!("{name} creates several instances"));
    }
    // A known region is the workload's: blocks of other regions are no candidates.
    let has_unknown_region =
        module.expression(file, block, "region").is_some() && module.region_of(file, block).is_none();
    let own = [("provider", block.body.attribute("provider").is_some()), ("region", has_unknown_region)];
    for (name, _) in own.iter().filter(|(_, is_own)| *is_own) {
        score.penalise(format!("it sets its own {name}"));
    }
    Some(score)
}

/// The only instance of a block with several whose known name or `Name` tag is that of the resource: its key, the points and the reason.
fn only_instance(place: &Place<'_>, clues: &Clues<'_>) -> Option<(String, u8, String)> {
    place.is_one_of_several().then_some(())?;
    let keys = instance_keys(*place)?;
    let mut found = keys.into_iter().filter_map(|key| {
        let (points, evidence) = instance_points(place, &key, clues)?;
        Some((key, points, evidence))
    });
    found.next().filter(|_| found.next().is_none())
}

/// The points of one instance by its known attributes; `None` if it has another name, or none is known.
fn instance_points(place: &Place<'_>, key: &str, clues: &Clues<'_>) -> Option<(u8, String)> {
    let Place { module, file, block } = *place;
    let mut best = None;
    for (name, value) in clues.attributes {
        let Some(written) = module.expression(file, block, name) else { continue };
        let own = module.evaluate(Expr::from(&for_instance(*place, key, written.text)))?;
        (own == *value).then_some(())?;
        best = Some((CERTAIN, format!("its {name} matches")));
    }
    let tags = module.expression(file, block, "tags").map(|tags| for_instance(*place, key, tags.text));
    match tags.map_or(Tag::Absent, |tags| name_tag_of(&module.values, Expr::from(&tags))) {
        Tag::Known(own) if clues.tag == Some(&own) => {
            best = best.or_else(|| Some((TAGGED, "its Name tag matches".to_owned())));
        }
        Tag::Known(_) if !place.is_ignored("tags") => return None,
        Tag::Known(_) | Tag::Absent | Tag::Unknown(..) => {}
    }
    best
}

/// Adds the attributes to a score. Returns whether one of them is certain; `None` if one of them
/// contradicts the clues.
fn score_attributes(score: &mut Score, place: &Place<'_>, clues: &Clues<'_>) -> Option<bool> {
    let mut is_certain = false;
    for (name, value) in clues.attributes {
        let prefix = format!("{name}_prefix");
        let written = |name: &str| place.module.expression(place.file, place.block, name);
        let (name, written, is_whole) = match (written(name), written(&prefix)) {
            (Some(written), _) => (*name, written, true),
            (None, Some(written)) => (prefix.as_str(), written, false),
            (None, None) => continue,
        };
        let matched = match_attribute(place.module, name, written, value, is_whole);
        // An attribute in ignore_changes may have any value in AWS.
        let ignored = || {
            let evidence = || format!("its {name} differs, but lifecycle.ignore_changes ignores it");
            place.is_ignored(name).then(|| (NO_CONTRADICTION, evidence()))
        };
        let (points, evidence) = matched.or_else(ignored)?;
        is_certain |= points == CERTAIN;
        score.add(points, evidence);
    }
    Some(is_certain)
}

/// Adds the `Name` tag to a score; `None` if it contradicts the clues.
fn score_tag(score: &mut Score, place: &Place<'_>, clues: &Clues<'_>, is_certain: bool) -> Option<()> {
    let tag = name_tag(place);
    match (&tag, clues.tag) {
        (Tag::Known(tag), value) if value == Some(tag) => {
            score.add(TAGGED, "its Name tag matches".to_owned());
        }
        (Tag::Known(_) | Tag::Absent, _) if place.is_ignored("tags") => {
            score.add(
                NO_CONTRADICTION,
                "its tags may differ in AWS: lifecycle.ignore_changes ignores them".to_owned(),
            );
        }
        (Tag::Known(_), Some(_)) if !is_certain => return None,
        (Tag::Known(_), None) if score.points == 0 => return None,
        (Tag::Known(tag), _) => {
            score.penalise(format!("its Name tag is {tag}, which the resource in AWS does not have"));
        }
        (Tag::Unknown(pattern, _), Some(value)) if !pattern.fits(value) => return None,
        (Tag::Unknown(pattern, _), Some(_)) if pattern.has_known_text() => {
            score.add(FITTING, format!("its Name tag fits {pattern}"));
        }
        (Tag::Unknown(_, why), _) => {
            score.add(NO_CONTRADICTION, format!("its Name tag is unknown{}", because(why.as_deref())));
        }
        (Tag::Absent, _) => {}
    }
    Some(())
}

/// Scores a block without a name: the VPC's default resource, or a resource that has no name in AWS either;
/// `None` for any other block.
fn score_unnamed(score: &mut Score, place: &Place<'_>, clues: &Clues<'_>) -> Option<()> {
    // The default security group has the name `default`; a default network ACL or route table has no name.
    let is_default = place.block.kind().is_some_and(|kind| kind.starts_with("aws_default_"));
    let may_be_default = clues.attributes.iter().all(|(name, value)| *name != "name" || *value == "default");
    let has_no_clues = clues.tag.is_none() && clues.attributes.is_empty();
    if !(is_default && may_be_default || has_no_clues) {
        return None;
    }
    let evidence = if is_default {
        "it is the default of its VPC"
    } else {
        "neither the block nor the AWS resource has a name"
    };
    score.add(NO_CONTRADICTION, evidence.to_owned());
    Some(())
}

/// Compares an attribute's expression with a value: the points, and the reason; `None` if they differ. A
/// `…_prefix` attribute is compared with the beginning of the value.
pub(in crate::terraform) fn match_attribute(
    module: &Module,
    name: &str,
    written: Expr<'_>,
    value: &str,
    is_whole: bool,
) -> Option<(u8, String)> {
    let Some(text) = module.evaluate(written) else {
        let pattern = module.pattern(written);
        if is_whole && !pattern.fits(value) {
            return None;
        }
        return Some(if is_whole && pattern.has_known_text() {
            (FITTING, format!("its {name} fits {pattern}"))
        } else {
            let why = module.why_unknown(written);
            (NO_CONTRADICTION, format!("its {name} is unknown{}", because(why.as_deref())))
        });
    };
    match is_whole {
        true if text == value => Some((CERTAIN, format!("its {name} matches"))),
        false if value.starts_with(&text) => Some((FITTING, format!("its {name} is {text}"))),
        true | false => None,
    }
}

/// The `Name` tag of a block: its own, or the provider's default tag.
pub(in crate::terraform) fn name_tag(place: &Place<'_>) -> Tag {
    let Place { module, file, block } = *place;
    let own =
        module.expression(file, block, "tags").map_or(Tag::Absent, |tags| name_tag_of(&module.values, tags));
    match own {
        // A data source has no default tags.
        Tag::Absent if block.block_type == "data" => Tag::Absent,
        Tag::Absent => module.default_tags().map_or(Tag::Absent, |tags| name_tag_of(&module.values, tags)),
        own => own,
    }
}
