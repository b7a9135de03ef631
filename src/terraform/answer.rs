//! Which block makes what AWS knows by an id: what speaks for each, how much, and whether that is enough to edit it.
//!
//! Nothing is edited on a guess. Where two are close, or one alone has little to show, whoever runs the program is asked.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::terraform::EditError;

/// What is certain: a name that only one thing can have.
pub(in crate::terraform) const CERTAIN: u8 = 100;
/// What its own `Name` tag says.
pub(in crate::terraform) const TAGGED: u8 = 90;
/// A name of which parts are known, and fit.
pub(in crate::terraform) const FITTING: u8 = 80;
/// Nothing is known that speaks against it.
pub(in crate::terraform) const OPEN: u8 = 60;
/// What it loses where its VPC is not known to be ours, where one block makes several, or where the code is at work twice.
pub(in crate::terraform) const DOUBT: u8 = 40;
/// Nearer than this, one is no better than the other.
const CLOSE: u8 = 20;

/// A block that may make what is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its address as the root knows it, `module.app.aws_security_group.app`.
    pub address: String,
    /// `file:line`
    pub place: String,
    /// How much speaks for it, of 100.
    pub score: u8,
    /// What does, and what cannot be told.
    pub evidence: Vec<String>,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let evidence = self.evidence.join(", ");
        write!(f, "{} ({}; {} of 100: {evidence})", self.address, self.place, self.score)
    }
}

/// What was said of an id where the code does not tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// This block makes it, by its address as the root knows it.
    Block(String),
    /// Code that is not here makes it.
    Elsewhere,
    /// No code makes it: it is to be taken into this one.
    Import,
}

/// Answers by the id, or the name, that was asked about.
pub type Answers = BTreeMap<String, Answer>;

/// What is to be said before an edit can be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The id, or the name, that is asked about.
    pub id: String,
    /// The blocks that may make it, best first.
    pub candidates: Vec<Candidate>,
    /// Whether it can be taken into this code where none makes it.
    pub importable: bool,
}

impl Asked {
    /// What can be answered, the likeliest first.
    #[must_use]
    pub fn answers(&self) -> Vec<Answer> {
        let blocks = self.candidates.iter().map(|one| Answer::Block(one.address.clone()));
        blocks.chain([Answer::Elsewhere]).chain(self.importable.then_some(Answer::Import)).collect()
    }
}

/// `ID=ADDRESS`, `ID=none`, `ID=import`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeBy {
    /// Which id or name.
    pub id: String,
    /// What makes it.
    pub answer: Answer,
}

impl FromStr for MadeBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, answer) = text.split_once('=').unwrap_or_default();
        if id.is_empty() || answer.is_empty() {
            return Err("give ID=ADDRESS, ID=none or ID=import".to_owned());
        }
        let answer = match answer {
            "none" => Answer::Elsewhere,
            "import" => Answer::Import,
            address if is_address(address) => Answer::Block(address.to_owned()),
            other => {
                return Err(format!(
                    "{other} is no address of a resource, such as aws_security_group.app or module.app.aws_eip.nat[0]"
                ));
            }
        };
        Ok(Self { id: id.to_owned(), answer })
    }
}

/// Whether a text is names with dots between them, and keys in brackets: what is said goes into code.
fn is_address(text: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let is_key = |key: &str| {
        let plain = |c: char| c.is_alphanumeric() || "_-./: =".contains(c);
        let text = key.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        text.map_or_else(
            || !key.is_empty() && key.chars().all(|c| c.is_ascii_digit()),
            |text| text.chars().all(plain),
        )
    };
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        if !is_name(name) {
            return false;
        }
        rest = behind;
        if let Some(keyed) = rest.strip_prefix('[') {
            let Some((key, behind)) = keyed.split_once(']') else { return false };
            if !is_key(key) {
                return false;
            }
            rest = behind;
        }
        match rest.strip_prefix('.') {
            Some(behind) => rest = behind,
            None => return rest.is_empty() && text.contains('.'),
        }
    }
}

/// The candidate that it is; `None` where none is. `enough` is what one alone must have to be taken unasked.
///
/// # Errors
/// Several are close, or the only one has too little to show: the error asks. An answer that names none of them is one too.
pub(in crate::terraform) fn decide<T>(
    id: &str,
    mut candidates: Vec<(Candidate, T)>,
    enough: u8,
    answer: Option<&Answer>,
) -> Result<Option<(Candidate, T)>, EditError> {
    candidates.sort_by_key(|(one, _)| Reverse(one.score));
    match answer {
        Some(Answer::Elsewhere | Answer::Import) => return Ok(None),
        Some(Answer::Block(address)) => {
            // With or without the key of one of several.
            let is_it = |(one, _): &(Candidate, T)| {
                let bare = one.address.trim_end_matches("[0]");
                address.strip_prefix(bare).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
            };
            if let Some(place) = candidates.iter().position(is_it) {
                let (mut candidate, item) = candidates.swap_remove(place);
                (candidate.score, candidate.evidence) = (CERTAIN, vec!["you said so".to_owned()]);
                return Ok(Some((candidate, item)));
            }
            if candidates.is_empty() {
                let what =
                    format!("{address} as what may make {id}: what is known of it speaks against that");
                return Err(EditError::NotFound { what });
            }
        }
        None => {
            let mut scores = candidates.iter().map(|(one, _)| one.score);
            let (best, next) = (scores.next(), scores.next().unwrap_or_default());
            let Some(best) = best else { return Ok(None) };
            let stands_out = best == CERTAIN && next < CERTAIN || best >= enough && best - next > CLOSE;
            if stands_out {
                return Ok(candidates.into_iter().next());
            }
        }
    }
    Err(EditError::Ambiguous {
        id: id.to_owned(),
        candidates: candidates.into_iter().map(|(candidate, _)| candidate).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidate(address: &str, score: u8) -> (Candidate, ()) {
        let place = "main.tf:1".to_owned();
        (Candidate { address: address.to_owned(), place, score, evidence: Vec::new() }, ())
    }

    fn decided(scores: &[u8], answer: Option<&Answer>) -> String {
        let names = ["a", "b", "c"];
        let all = names.iter().zip(scores).map(|(name, score)| candidate(name, *score)).collect();
        match decide("sg-1", all, TAGGED, answer) {
            Ok(Some((candidate, ()))) => candidate.address,
            Ok(None) => "none".to_owned(),
            Err(EditError::Ambiguous { candidates, .. }) => format!("{} are close", candidates.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn one_that_stands_out_is_taken_and_others_are_asked_about() {
        for (scores, wanted) in [
            (&[][..], "none"),
            (&[100], "a"),
            (&[80, 100], "b"),
            (&[100, 100], "2 are close"),
            (&[60, 90, 80], "3 are close"),
            (&[60, 90], "b"),
            (&[80], "1 are close"),
        ] {
            assert_eq!(decided(scores, None), wanted, "{scores:?}");
        }
        let said = |address: &str| Answer::Block(address.to_owned());
        assert_eq!(decided(&[100, 60], Some(&said("b"))), "b");
        assert_eq!(decided(&[100, 60], Some(&said("c"))), "2 are close");
        assert_eq!(decided(&[100, 60], Some(&Answer::Elsewhere)), "none");
        assert_eq!(
            decided(&[], Some(&said("c"))),
            "not found: c as what may make sg-1: what is known of it speaks against that"
        );
    }

    #[test]
    fn an_answer_is_an_id_and_what_makes_it() {
        let read = |text: &str| text.parse::<MadeBy>().map(|one| (one.id, one.answer));
        let block = Answer::Block("module.a.aws_vpc.b[\"x=y\"]".to_owned());
        assert_eq!(read("vpc-1=module.a.aws_vpc.b[\"x=y\"]"), Ok(("vpc-1".to_owned(), block)));
        assert_eq!(read("sg-1=none"), Ok(("sg-1".to_owned(), Answer::Elsewhere)));
        assert_eq!(read("vpce-1=import"), Ok(("vpce-1".to_owned(), Answer::Import)));
        for text in [
            "",
            "sg-1",
            "=a",
            "sg-1=",
            "sg-1=a",
            "sg-1=a.b[c]",
            "sg-1=a.b[\"c\"].id\n}",
            "sg-1=a.b # ",
            "sg-1=a.b[\"${x}\"]",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
