//! Texts about a fix that the table of fixes and the details share.

use crate::app::{Choose, Editable};
use crate::remedy::{PreconditionStatus, Proposal};

/// Whether the edit can be written: a word for the table, and the sentence for the details. Both are empty while it is not known.
pub(super) fn editable(choose: &Choose, proposal: &Proposal) -> (String, String) {
    match choose.editable(proposal) {
        None if choose.is_trying_plans() => (String::new(), "reading the Terraform folder".to_owned()),
        None => (String::new(), String::new()),
        Some(Editable::Files(count)) => {
            let files = if *count == 1 { "1 file".to_owned() } else { format!("{count} files") };
            (files.clone(), files)
        }
        Some(Editable::Part(count)) => {
            let files = if *count == 1 { "1 file".to_owned() } else { format!("{count} files") };
            (format!("{count} + hand"), format!("{files}, and a part that they do not contain: {{forward}}"))
        }
        Some(Editable::AfterQuestion) => (
            "question".to_owned(),
            "The code does not show which resource to edit: {forward} opens a question.".to_owned(),
        ),
        Some(Editable::ByHand(_)) => ("by hand".to_owned(), "by hand ({forward} shows the steps)".to_owned()),
    }
}

/// The first requirement that is not met; `None` if the fix is possible.
pub(super) fn unmet(proposal: &Proposal) -> Option<&str> {
    proposal
        .preconditions
        .iter()
        .find(|condition| condition.status == PreconditionStatus::NotMet)
        .map(|condition| condition.text.as_str())
}
