//! Why no fix is recommended although one can be written.

use super::Proposal;

/// For each fix that is possible why it is not recommended; `None` if one is recommended, or if none is possible.
#[must_use]
pub fn not_recommended(proposals: &[Proposal]) -> Option<String> {
    if proposals.iter().any(|proposal| proposal.recommended.is_some()) {
        return None;
    }
    let reasons: Vec<String> = proposals.iter().filter(|proposal| proposal.may_fix()).map(reason).collect();
    (!reasons.is_empty()).then(|| format!("{}.", reasons.join("; ")))
}

fn reason(proposal: &Proposal) -> String {
    let title = &proposal.title;
    if !proposal.breaks.is_empty() {
        return format!("{title} breaks something ({})", proposal.breaks.join(", "));
    }
    match proposal.may_break() {
        Some(_) => format!("{title} may break connections to private resources in the VPC"),
        None if proposal.fixes.is_empty() => format!("{title}: the result is unknown"),
        None => format!("{title} deploys the service again"),
    }
}
