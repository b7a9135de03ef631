//! Questions to the user about which resource block manages an AWS id, and the user's answers.
//!
//! Holds the types only: `find` asks, and decides what an answer means.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::terraform::lang::address::is_address;

/// A block that may manage an AWS id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its address as the root module sees it, `module.app.aws_security_group.app`.
    pub address: String,
    /// `file:line`
    pub place: String,
    /// The match score, of 100.
    pub score: u8,
    /// The reasons for the score, and what is unknown.
    pub evidence: Vec<String>,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let evidence = self.evidence.join(", ");
        write!(f, "{} ({}; {} of 100: {evidence})", self.address, self.place, self.score)
    }
}

/// The user's answer for an id that the code does not decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The block with this address manages it. The address is as the root module sees it.
    Block(String),
    /// Code outside this folder manages it.
    Elsewhere,
    /// No code manages it: import it into this configuration.
    Import,
}

/// Answers, by the id or the name of the question.
pub type Answers = BTreeMap<String, Answer>;

/// A question that the user must answer before an edit can be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// The AWS id, or the name of the service or connector.
    pub id: String,
    /// The blocks that may manage it, best first.
    pub candidates: Vec<Candidate>,
    /// Whether the user may choose to import it.
    pub importable: bool,
}

impl Asked {
    /// The possible answers, the most likely first.
    #[must_use]
    pub fn answers(&self) -> Vec<Answer> {
        let blocks = self.candidates.iter().map(|candidate| Answer::Block(candidate.address.clone()));
        blocks.chain([Answer::Elsewhere]).chain(self.importable.then_some(Answer::Import)).collect()
    }
}

/// `ID=ADDRESS`, `ID=none`, `ID=import`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeBy {
    /// The AWS id, or the name of the service or connector.
    pub id: String,
    /// What manages it.
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
    fn an_answer_has_an_id_and_what_manages_it() {
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
