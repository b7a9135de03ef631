//! Which block makes what AWS knows by an id: what speaks for each, how much, and whether that is enough to edit it.
//!
//! Nothing is edited on a guess. Where two are close, or one alone has little to show, whoever runs the program is asked.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::terraform::lang::address::is_address;

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

#[cfg(test)]
mod tests {
    use super::*;

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
