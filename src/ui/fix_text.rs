//! Texts about a fix that the table of fixes and the details share.

use unicode_width::UnicodeWidthStr as _;

use crate::app::{Choose, Editable};
use crate::remedy::{PreconditionStatus, Proposal};

/// Whether the edit can be written: a word for the table, and the sentence for the details. Both are empty while it is not known.
pub(super) fn editable(choose: &Choose, proposal: &Proposal) -> (String, String) {
    match choose.editable(proposal) {
        None => (String::new(), String::new()),
        Some(Editable::Files(count)) => {
            let files = if *count == 1 { "1 file".to_owned() } else { format!("{count} files") };
            (files.clone(), files)
        }
        Some(Editable::AfterQuestion) => (
            "question".to_owned(),
            "The code does not show which resource to edit: {forward} opens a question.".to_owned(),
        ),
        Some(Editable::ByHand(_)) => ("by hand".to_owned(), "by hand: {forward}".to_owned()),
    }
}

/// The title, or the short titles of its remedies if it does not fit.
pub(super) fn title(proposal: &Proposal, room: usize) -> String {
    if proposal.title.width() + 3 <= room {
        return proposal.title.clone();
    }
    proposal.remedies.iter().map(|remedy| remedy.short_title()).collect::<Vec<_>>().join(" + ")
}

/// The first requirement that is not met; `None` if the fix is possible.
pub(super) fn unmet(proposal: &Proposal) -> Option<&str> {
    proposal
        .preconditions
        .iter()
        .find(|condition| condition.status == PreconditionStatus::NotMet)
        .map(|condition| condition.text.as_str())
}
