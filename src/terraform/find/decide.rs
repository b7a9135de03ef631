//! Decides which of several candidate blocks manages an AWS resource, or asks.
//!
//! Owns the scores and the margin between them. Compares no attributes: `score` does.

use std::cmp::Reverse;

use crate::terraform::answer::{Answer, Candidate};
use crate::terraform::error::EditError;

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
}
