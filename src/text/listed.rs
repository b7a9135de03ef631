//! Items as a list in a sentence.

/// The items as English lists them: `a`, `a and b`, `a, b and c`. `last` stands before the last item: `and` or `or`.
#[must_use]
pub fn listed<T: AsRef<str>>(items: &[T], last: &str) -> String {
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    match items.split_last() {
        None => String::new(),
        Some((only, [])) => (*only).to_owned(),
        Some((end, rest)) => format!("{} {last} {end}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_last_item_has_the_word_before_it() {
        let lists: [(&[&str], &str); 4] =
            [(&[], ""), (&["a"], "a"), (&["a", "b"], "a and b"), (&["a", "b", "c"], "a, b and c")];
        for (items, text) in lists {
            assert_eq!(listed(items, "and"), text);
        }
        assert_eq!(listed(&["a", "b", "c"], "or"), "a, b or c");
    }
}
