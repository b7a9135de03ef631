//! The lines of values in JSON and YAML files.

use crate::terraform::lang::json_lines::line_of;

/// The line of a key in JSON or YAML.
pub(in crate::terraform) fn line_of_key((text, is_json): (&str, bool), path: &[String]) -> Option<usize> {
    if is_json { line_of(text, path) } else { key_in_yaml(text, path).map(|(line, _)| line) }
}

/// The line and the value at a path of keys in YAML with one key in each line.
pub(in crate::terraform) fn value_in_yaml(text: &str, path: &[String]) -> Option<(usize, String)> {
    key_in_yaml(text, path).filter(|(_, value)| !value.is_empty())
}

/// The same; the value of a key with a block is empty.
fn key_in_yaml(text: &str, path: &[String]) -> Option<(usize, String)> {
    // The indentation of each key of the path that is found, and of the first key in it.
    let (mut found, mut inner): (Vec<usize>, Option<usize>) = (Vec::new(), None);
    for (number, line) in text.lines().enumerate() {
        let content = line.trim_start();
        if content.is_empty() || content.starts_with('#') || line == "---" {
            continue;
        }
        let indent = line.len() - content.len();
        if found.last().is_some_and(|outer| indent <= *outer) {
            return None;
        }
        if *inner.get_or_insert(indent) != indent {
            continue;
        }
        let (key, value) = content.split_once(':')?;
        let wanted = path.get(found.len())?;
        if key.trim_matches(['"', '\'']) != wanted {
            continue;
        }
        let value = value.split(" #").next().unwrap_or_default().trim();
        if found.len() + 1 == path.len() {
            return Some((number + 1, value.to_owned()));
        }
        // A value in the same line is another form of YAML.
        value.is_empty().then_some(())?;
        found.push(indent);
        inner = None;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_yaml_has_a_line() {
        let text = "# dev\nlogs: 30\nvpc:\n  nat:\n    # costs\n    enabled: false # later\n  enabled: true\nnat:\n  enabled: true\n";
        let path = |path: &str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
        for (of, expected) in [
            ("vpc.nat.enabled", Some((6, "false"))),
            ("vpc.enabled", Some((7, "true"))),
            ("nat.enabled", Some((9, "true"))),
            ("logs", Some((2, "30"))),
            ("vpc.nat.other", None),
            ("nat.nat", None),
        ] {
            let expected = expected.map(|(line, value)| (line, value.to_owned()));
            assert_eq!(value_in_yaml(text, &path(of)), expected, "{of}");
        }
        assert_eq!(line_of_key((text, false), &path("vpc.nat")), Some(4));
        assert_eq!(value_in_yaml(text, &path("vpc.nat")), None);
        assert_eq!(value_in_yaml("nat: { enabled: false }\n", &path("nat.enabled")), None);
    }
}
