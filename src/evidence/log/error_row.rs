//! A row of the tables of error texts. Contains no pattern.

use crate::evidence::Symptom;

/// A pattern and its symptom. With `None`, a line that matches shows no failure, even if it matches later
/// rows too.
pub(super) struct Row(pub Option<Symptom>, pub &'static str);

pub(super) const fn row(symptom: Symptom, pattern: &'static str) -> Row {
    Row(Some(symptom), pattern)
}
