//! Lists in sentences.

/// `S3, Okta and Secrets Manager`
pub(super) fn join_and(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => name.clone(),
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}
