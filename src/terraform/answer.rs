//! Questions to the user about which resource block manages an AWS id, and the user's answers.
//!
//! Contains only the types. `find` creates the questions and applies the answers.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::terraform::lang::address::ResourceAddress;

/// A block that may manage an AWS id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its full address, from the root module: `module.app.aws_security_group.app`.
    pub address: ResourceAddress,
    /// `file:line`
    pub place: String,
    /// The match score, of 100.
    pub score: u8,
    /// The reasons for the score, with the unknown attributes.
    pub evidence: Vec<String>,
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let evidence = self.evidence.join(", ");
        write!(f, "{} ({}; score {} of 100: {evidence})", self.address, self.place, self.score)
    }
}

/// The user's answer for an ambiguous id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OwnerChoice {
    /// The block with this full address, from the root module, manages it.
    Block(ResourceAddress),
    /// Code outside this folder manages it.
    Elsewhere,
    /// No code manages it: import it into this configuration.
    Import,
}

/// The user's answers, by the id or name in the question.
pub type OwnerChoices = BTreeMap<String, OwnerChoice>;

/// A question that the user must answer before an edit can be planned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerQuestion {
    /// The AWS id, or the name of the service or connector.
    pub id: String,
    /// The blocks that may manage it, best first.
    pub candidates: Vec<Candidate>,
    /// Whether the user may choose to import it.
    pub importable: bool,
}

impl OwnerQuestion {
    /// The possible answers, the most likely first.
    #[must_use]
    pub fn answers(&self) -> Vec<OwnerChoice> {
        let blocks = self.candidates.iter().map(|candidate| OwnerChoice::Block(candidate.address.clone()));
        blocks.chain([OwnerChoice::Elsewhere]).chain(self.importable.then_some(OwnerChoice::Import)).collect()
    }
}

/// `ID=ADDRESS`, `ID=none`, `ID=import`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MadeBy {
    /// The AWS id, or the name of the service or connector.
    pub id: String,
    /// The user's answer.
    pub answer: OwnerChoice,
}

impl FromStr for MadeBy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, answer) = text.split_once('=').unwrap_or_default();
        if id.is_empty() || answer.is_empty() {
            return Err("give ID=ADDRESS, ID=none or ID=import".to_owned());
        }
        let answer = match answer {
            "none" => OwnerChoice::Elsewhere,
            "import" => OwnerChoice::Import,
            address => {
                let address: ResourceAddress = address.parse().map_err(|error| format!("{error}"))?;
                if !is_plain(&address) {
                    return Err(format!(
                        "{address} has characters in a key that egress-doctor does not write into code"
                    ));
                }
                OwnerChoice::Block(address)
            }
        };
        Ok(Self { id: id.to_owned(), answer })
    }
}

/// Whether an address has only plain characters in its keys. Keys are written into code, where other
/// characters can be syntax.
fn is_plain(address: &ResourceAddress) -> bool {
    let keys = address.module.iter().chain(&address.key);
    keys.flat_map(|text| text.chars()).all(|c| c.is_alphanumeric() || "_-./: =[]\"".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_has_an_id_and_what_manages_it() {
        let read = |text: &str| text.parse::<MadeBy>().map(|made_by| (made_by.id, made_by.answer));
        let address = ResourceAddress::new(Some("module.a"), "aws_vpc", "b").with_key("[\"x=y\"]");
        let block = OwnerChoice::Block(address);
        assert_eq!(read("vpc-1=module.a.aws_vpc.b[\"x=y\"]"), Ok(("vpc-1".to_owned(), block)));
        assert_eq!(read("sg-1=none"), Ok(("sg-1".to_owned(), OwnerChoice::Elsewhere)));
        assert_eq!(read("vpce-1=import"), Ok(("vpce-1".to_owned(), OwnerChoice::Import)));
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
