//! Addresses of resources, `module.app.aws_eip.nat[0]`
//! (<https://developer.hashicorp.com/terraform/cli/state/resource-addressing>).

use crate::terraform::lang::scan::Block;

/// `resource` blocks are addressed by type and name.
pub(in crate::terraform) fn address(block: &Block) -> String {
    let labels = block.labels.join(".");
    if block.block_type == "data" { format!("data.{labels}") } else { labels }
}

/// `module.app["a"].aws_eip.nat[0]` without what tells one instance from the other.
pub(in crate::terraform) fn without_keys(address: &str) -> String {
    let (mut out, mut inside, mut quotes, mut escaped) = (String::new(), false, false, false);
    for c in address.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quotes => escaped = true,
            '"' => quotes = !quotes,
            _ if quotes => {}
            '[' => inside = true,
            ']' => inside = false,
            c if !inside => out.push(c),
            _ => {}
        }
    }
    out
}

/// Whether a text is names with dots between them, and keys in brackets: what is said goes into code.
pub(in crate::terraform) fn is_address(text: &str) -> bool {
    let is_name =
        |name: &str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-');
    let is_key = |key: &str| {
        let plain = |c: char| c.is_alphanumeric() || "_-./: =".contains(c);
        let text = key.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        text.map_or_else(
            || !key.is_empty() && key.chars().all(|c| c.is_ascii_digit()),
            |text| text.chars().all(plain),
        )
    };
    let mut rest = text;
    loop {
        let end = rest.find(['.', '[']).unwrap_or(rest.len());
        let (name, behind) = rest.split_at(end);
        if !is_name(name) {
            return false;
        }
        rest = behind;
        if let Some(keyed) = rest.strip_prefix('[') {
            let Some((key, behind)) = keyed.split_once(']') else { return false };
            if !is_key(key) {
                return false;
            }
            rest = behind;
        }
        match rest.strip_prefix('.') {
            Some(behind) => rest = behind,
            None => return rest.is_empty() && text.contains('.'),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_left_out_whatever_is_in_them() {
        let address = r#"module.a["x]\"["].aws_eip.nat[0]"#;
        assert_eq!(without_keys(address), "module.a.aws_eip.nat");
    }
}
