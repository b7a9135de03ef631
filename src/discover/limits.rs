//! The limits of live AWS answers: bytes of an answer, pages and items of a list, lines of a log, policies of a role.
//!
//! Owns the numbers and the sentences of the gaps. Sends no calls. An answer past a limit is incomplete, so it becomes a gap.

/// Bytes of one answer (a page of a list). A page of 1,000 security groups with 100 rules each has about 30 MiB.
pub(super) const ANSWER_BYTES: usize = 64 * 1024 * 1024;
/// Pages of one list call. AWS returns up to 1,000 items in a page.
const PAGES: usize = 1_000;
/// Items of one list call.
const ITEMS: usize = 100_000;
/// Pages of a log.
const LOG_PAGES: usize = 40;
/// Events of a log.
const LOG_EVENTS: usize = 20_000;
/// Bytes of a log. An event has up to 1 MiB.
const LOG_BYTES: usize = 32 * 1024 * 1024;
/// Policies of one kind of a role. The highest quota of AWS is 20.
const POLICIES: usize = 100;
/// Bytes of a policy document. The highest quota of AWS is 10,240 characters.
const POLICY_BYTES: usize = 128 * 1024;

/// The message of the gap of a list with these pages and items; `None` within the limits.
pub(super) fn past_list(pages: usize, items: usize) -> Option<String> {
    if pages > PAGES {
        Some(format!("the answer has more than {PAGES} pages; egress-doctor reads no more"))
    } else if items > ITEMS {
        Some(format!("the answer has more than {ITEMS} items; egress-doctor reads no more"))
    } else {
        None
    }
}

/// The message of the gap of an answer past [`ANSWER_BYTES`].
pub(super) fn past_answer() -> String {
    format!("the answer is larger than {} MiB; egress-doctor does not read it", ANSWER_BYTES / 1024 / 1024)
}

/// Whether no further page of a log is read.
pub(super) fn is_log_full(pages: usize, events: usize, bytes: usize) -> bool {
    pages >= LOG_PAGES || events >= LOG_EVENTS || bytes >= LOG_BYTES
}

/// The message of the gap of a role with this number of policies.
pub(super) fn past_policies(policies: usize) -> Option<String> {
    (policies > POLICIES)
        .then(|| format!("the role has more than {POLICIES} policies; egress-doctor reads none of them"))
}

/// The message of the gap of a policy document with this number of bytes.
pub(super) fn past_policy(bytes: usize) -> Option<String> {
    (bytes > POLICY_BYTES).then(|| {
        format!(
            "the policy document is larger than {} KiB; egress-doctor does not read it",
            POLICY_BYTES / 1024
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_past_a_limit_has_a_message() {
        assert_eq!(past_list(PAGES, ITEMS), None);
        let message = |text: Option<String>| text.unwrap_or_default();
        assert_eq!(
            message(past_list(PAGES + 1, 0)),
            "the answer has more than 1000 pages; egress-doctor reads no more"
        );
        assert_eq!(
            message(past_list(1, ITEMS + 1)),
            "the answer has more than 100000 items; egress-doctor reads no more"
        );
        assert_eq!(past_answer(), "the answer is larger than 64 MiB; egress-doctor does not read it");
        assert_eq!(past_policies(POLICIES), None);
        assert_eq!(
            message(past_policies(POLICIES + 1)),
            "the role has more than 100 policies; egress-doctor reads none of them"
        );
        assert_eq!(past_policy(POLICY_BYTES), None);
        assert_eq!(
            message(past_policy(POLICY_BYTES + 1)),
            "the policy document is larger than 128 KiB; egress-doctor does not read it"
        );
    }

    #[test]
    fn a_log_is_full_at_the_first_limit() {
        assert!(!is_log_full(LOG_PAGES - 1, LOG_EVENTS - 1, LOG_BYTES - 1));
        for (pages, events, bytes) in [(LOG_PAGES, 0, 0), (1, LOG_EVENTS, 0), (1, 0, LOG_BYTES)] {
            assert!(is_log_full(pages, events, bytes));
        }
    }
}
