//! Selects the candidate block that manages an AWS resource, or returns a question for the user.
//!
//! Defines the scores and the margin. `score` compares the attributes.

use std::cmp::Reverse;

use crate::terraform::answer::{Candidate, OwnerChoice};
use crate::terraform::error::EditError;

/// Score of a certain match: a value that only one resource can have, such as a name.
pub(in crate::terraform) const CERTAIN: u8 = 100;
/// Score of an equal `Name` tag.
pub(in crate::terraform) const TAGGED: u8 = 90;
/// Score of a partly known name that fits.
pub(in crate::terraform) const FITTING: u8 = 80;
/// Score of a block whose attributes do not contradict the AWS resource.
pub(in crate::terraform) const NO_CONTRADICTION: u8 = 60;
/// Penalty when the VPC is unknown, the block has `count` or `for_each`, or the module is used more than
/// once.
pub(in crate::terraform) const PENALTY: u8 = 40;
/// Two candidates whose scores differ by this margin or less are equally likely.
const MARGIN: u8 = 20;

/// The candidate that manages the id; `None` if there is none. A single candidate needs at least the score
/// `enough`.
///
/// # Errors
/// [`EditError::Ambiguous`] if several candidates are equally likely, the best score is too low, or the
/// answer is none of the candidates; [`EditError::NotFound`] if the answer is a block and there is no
/// candidate.
pub(in crate::terraform) fn decide<T>(
    id: &str,
    mut candidates: Vec<(Candidate, T)>,
    enough: u8,
    answer: Option<&OwnerChoice>,
) -> Result<Option<(Candidate, T)>, EditError> {
    candidates.sort_by_key(|(one, _)| Reverse(one.score));
    match answer {
        Some(OwnerChoice::Elsewhere | OwnerChoice::Import) => return Ok(None),
        Some(OwnerChoice::Block(address)) => {
            // The answer can have an instance key, which is ignored here.
            let is_answer = |(candidate, _): &(Candidate, T)| candidate.address.is_same_block(address);
            if let Some(place) = candidates.iter().position(is_answer) {
                let (mut candidate, item) = candidates.swap_remove(place);
                (candidate.score, candidate.evidence) = (CERTAIN, vec!["you chose it".to_owned()]);
                return Ok(Some((candidate, item)));
            }
            if candidates.is_empty() {
                let what = format!("{address} as the resource for {id}: its attributes contradict that");
                return Err(EditError::NotFound { what });
            }
        }
        None => {
            let mut scores = candidates.iter().map(|(one, _)| one.score);
            let (best, next) = (scores.next(), scores.next().unwrap_or_default());
            let Some(best) = best else { return Ok(None) };
            let is_clear = best == CERTAIN && next < CERTAIN || best >= enough && best - next > MARGIN;
            if is_clear {
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
    use crate::terraform::lang::address::ResourceAddress;

    fn address(name: &str) -> ResourceAddress {
        ResourceAddress::new(None, "aws_vpc", name)
    }

    fn candidate(name: &str, score: u8) -> (Candidate, ()) {
        let place = "main.tf:1".to_owned();
        (Candidate { address: address(name), place, score, evidence: Vec::new() }, ())
    }

    fn decided(scores: &[u8], answer: Option<&OwnerChoice>) -> String {
        let names = ["a", "b", "c"];
        let all = names.iter().zip(scores).map(|(name, score)| candidate(name, *score)).collect();
        match decide("sg-1", all, TAGGED, answer) {
            Ok(Some((candidate, ()))) => candidate.address.name,
            Ok(None) => "none".to_owned(),
            Err(EditError::Ambiguous { candidates, .. }) => format!("{} are close", candidates.len()),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_clear_winner_is_taken_and_close_candidates_are_a_question() {
        for (scores, expected) in [
            (&[][..], "none"),
            (&[100], "a"),
            (&[80, 100], "b"),
            (&[100, 100], "2 are close"),
            (&[60, 90, 80], "3 are close"),
            (&[60, 90], "b"),
            (&[80], "1 are close"),
        ] {
            assert_eq!(decided(scores, None), expected, "{scores:?}");
        }
        let answer = |name: &str| OwnerChoice::Block(address(name));
        assert_eq!(decided(&[100, 60], Some(&answer("b"))), "b");
        assert_eq!(decided(&[100, 60], Some(&answer("c"))), "2 are close");
        assert_eq!(decided(&[100, 60], Some(&OwnerChoice::Elsewhere)), "none");
        assert_eq!(
            decided(&[], Some(&answer("c"))),
            "not found: aws_vpc.c as the resource for sg-1: its attributes contradict that"
        );
    }
}
