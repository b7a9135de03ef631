//! The limits of evaluation: steps and bytes of one expression, and of all expressions of a configuration.
//!
//! Owns the counters. Must not know expressions. Past a limit a value is unknown.

use std::sync::atomic::{AtomicU64, Ordering};

use hcl::Value;

/// Steps of one expression.
const EXPRESSION_STEPS: u64 = 1_000_000;
/// Bytes that the evaluation of one expression may allocate, with the values that it discards.
const EXPRESSION_BYTES: u64 = 8 * 1024 * 1024;
/// Steps of all expressions of a configuration.
const STEPS: u64 = 50_000_000;
/// Bytes of all values of a configuration that are kept.
const BYTES: u64 = 128 * 1024 * 1024;
/// Bytes that are allocated in one step. With it, the steps limit the bytes of all expressions too.
const ALLOCATED_PER_STEP: usize = 16;
/// Bytes of text that are read or compared in one step.
const READ_PER_STEP: usize = 64;
/// Limit of lists and objects in each other. Recursive functions of `hcl` would overflow the stack.
const DEPTH: usize = 100;
/// Bytes of a value without its text.
const NODE: usize = size_of::<Value>();

/// The message for an expression past a limit.
pub(super) const PAST_LIMIT: &str =
    "egress-doctor stops its evaluation at 1,000,000 steps, 8 MiB or 100 nested lists and objects";

/// The reason why an evaluation ends without a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// The expression needs Terraform, or is not valid.
    Unknown,
    /// An object whose attributes are all known has no such attribute, which is an error in Terraform.
    Absent,
    /// A limit.
    Limit,
    /// A local without a memoised value is necessary.
    Needs(String),
}

/// The budget of a configuration.
#[derive(Debug)]
pub(in crate::terraform) struct Budget {
    steps: AtomicU64,
    bytes: AtomicU64,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: AtomicU64::new(STEPS), bytes: AtomicU64::new(BYTES) }
    }
}

impl Budget {
    /// The steps that were made.
    #[cfg(test)]
    pub fn steps(&self) -> u64 {
        STEPS - self.steps.load(Ordering::Relaxed)
    }

    /// A budget that ends after these steps.
    #[cfg(test)]
    pub fn of_steps(steps: u64) -> Self {
        Self { steps: AtomicU64::new(steps), ..Self::default() }
    }

    /// The counters of one expression. Parsing its text is a part of the work.
    pub(super) fn meter(&self, text: &str) -> Meter<'_> {
        let left = self.steps.load(Ordering::Relaxed).min(EXPRESSION_STEPS);
        let mut meter = Meter { budget: self, steps: left, granted: left, bytes: EXPRESSION_BYTES };
        // Without a step the first operation ends the evaluation.
        meter.read(text.len()).unwrap_or_else(|_| meter.steps = 0);
        meter
    }

    /// Whether a value can be kept. If so, its bytes are counted.
    pub fn keeps(&self, value: &Value) -> bool {
        self.keep(value).is_ok()
    }

    /// Counts the bytes of a value that is kept.
    pub(super) fn keep(&self, value: &Value) -> Result<(), Stop> {
        let size = Size::of(value);
        if size.depth > DEPTH {
            return Err(Stop::Limit);
        }
        let subtract = |left: u64| left.checked_sub(size.bytes as u64);
        let kept = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, subtract);
        kept.map(|_| ()).map_err(|_| Stop::Limit)
    }
}

/// The rest of the budget of one expression.
pub(super) struct Meter<'b> {
    budget: &'b Budget,
    steps: u64,
    /// The steps at the start.
    granted: u64,
    bytes: u64,
}

impl Drop for Meter<'_> {
    fn drop(&mut self) {
        let used = self.granted - self.steps;
        let subtract = |left: u64| Some(left.saturating_sub(used));
        self.budget.steps.fetch_update(Ordering::Relaxed, Ordering::Relaxed, subtract).ok();
    }
}

impl Meter<'_> {
    /// Counts steps.
    pub fn step(&mut self, steps: usize) -> Result<(), Stop> {
        let left = self.steps.checked_sub(steps as u64);
        self.steps = left.unwrap_or(0);
        left.map(|_| ()).ok_or(Stop::Limit)
    }

    /// Counts a text that is read.
    pub fn read(&mut self, length: usize) -> Result<(), Stop> {
        self.step(1 + length / READ_PER_STEP)
    }

    /// Counts bytes before they are allocated.
    pub fn allocate(&mut self, bytes: usize) -> Result<(), Stop> {
        self.step(1 + bytes / ALLOCATED_PER_STEP)?;
        self.bytes = self.bytes.checked_sub(bytes as u64).ok_or(Stop::Limit)?;
        Ok(())
    }

    /// Counts new elements of a list before they are allocated.
    pub fn elements(&mut self, number: usize) -> Result<(), Stop> {
        self.allocate(number.saturating_mul(NODE))
    }

    /// The steps that a comparison with a value needs.
    pub fn comparison(&mut self, value: &Value) -> Result<usize, Stop> {
        let size = Size::of(value);
        let steps = size.nodes + size.bytes / READ_PER_STEP;
        self.step(steps)?;
        Ok(steps)
    }

    /// Counts a value that will be copied, and checks its depth.
    pub fn copy(&mut self, value: &Value) -> Result<(), Stop> {
        let size = Size::of(value);
        self.allocate(size.bytes)?;
        if size.depth > DEPTH { Err(Stop::Limit) } else { Ok(()) }
    }
}

/// The size of a value.
struct Size {
    nodes: usize,
    bytes: usize,
    depth: usize,
}

impl Size {
    fn of(value: &Value) -> Self {
        let mut size = Self { nodes: 0, bytes: 0, depth: 0 };
        let mut rest = vec![(value, 1)];
        while let Some((value, depth)) = rest.pop() {
            size.nodes += 1;
            size.bytes += NODE;
            size.depth = size.depth.max(depth);
            match value {
                Value::String(text) => size.bytes += text.len(),
                Value::Array(list) => rest.extend(list.iter().map(|one| (one, depth + 1))),
                Value::Object(fields) => {
                    size.bytes += fields.keys().map(|key| NODE + key.len()).sum::<usize>();
                    rest.extend(fields.values().map(|one| (one, depth + 1)));
                }
                Value::Null | Value::Bool(_) | Value::Number(_) => {}
            }
        }
        size
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fmt::Write as _;
    use std::sync::Arc;

    use super::*;
    use crate::terraform::lang::evaluate::Values;

    fn values(locals: impl IntoIterator<Item = (String, String)>, budget: Budget) -> (Values, Arc<Budget>) {
        let budget = Arc::new(budget);
        let locals = locals.into_iter().collect();
        (Values::new(&BTreeMap::new(), None, &locals, &budget), budget)
    }

    /// A chain of locals: the first refers to the second, and so on.
    fn chain(length: usize, end: &str, link: impl Fn(&str) -> String) -> Vec<(String, String)> {
        let local = |place: usize| format!("l{place:06}");
        let links = (0..length).map(|place| (local(place), link(&format!("local.{}", local(place + 1)))));
        links.chain([(local(length), end.to_owned())]).collect()
    }

    #[test]
    fn the_work_for_a_chain_of_locals_grows_linearly() {
        let steps = |length: usize, backwards: bool| {
            let mut locals = chain(length, "\"bond\"", |next| format!("\"${{{next}}}\""));
            if backwards {
                // The names in the opposite order.
                locals = locals
                    .into_iter()
                    .map(|(name, text)| (name.replace('l', "z"), text.replace("local.l", "local.z")))
                    .collect();
            }
            let first = locals.first().map(|(name, _)| name.clone()).unwrap_or_default();
            let (values, budget) = values(locals, Budget::default());
            assert_eq!(values.text(&format!("local.{first}")).as_deref(), Some("bond"), "{length}");
            budget.steps()
        };
        for backwards in [false, true] {
            let (short, long) = (steps(1_000, backwards), steps(20_000, backwards));
            assert!(long <= 21 * short, "{short} {long}");
            assert!(short <= 20_000, "{short}");
        }
    }

    #[test]
    fn a_local_with_many_locals_needs_linear_work() {
        let many = 10_000;
        let mut locals: Vec<_> = (0..many).map(|n| (format!("l{n}"), format!("\"{n}\""))).collect();
        let names: Vec<String> = (0..many).map(|n| format!("local.l{n}")).collect();
        locals.push(("all".to_owned(), format!("length([{}])", names.join(", "))));
        let (values, budget) = values(locals, Budget::default());
        assert_eq!(values.text("local.all").as_deref(), Some("10000"));
        assert!(budget.steps() < 40 * many, "{}", budget.steps());
    }

    #[test]
    fn a_value_past_a_limit_is_unknown_with_the_reason() {
        let ten = |part: &str| format!("[{}]", [part; 10].join(", "));
        let lists = chain(12, &ten("\"x\""), ten);
        let growing_texts = chain(40, "\"0123456789\"", |next| format!("\"${{{next}}}${{{next}}}\""));
        let deep = chain(1_000, "[]", |next| format!("[{next}]"));
        for (name, locals) in [("lists", lists), ("texts", growing_texts), ("deep", deep)] {
            let (values, _) = values(locals, Budget::default());
            assert_eq!(values.value("local.l000000"), None, "{name}");
            let reason = values.why_unknown("local.l000000").unwrap_or_default();
            assert!(reason.starts_with("local.l000000: local.l00000"), "{name}: {reason}");
        }
        let (plain, _) = values([], Budget::default());
        for bomb in [
            "[for a in L : [for b in L : [for c in L : [for d in L : [for e in L : [for f in L : 1]]]]]]",
            "join(\",\", [for a in L : [for b in L : join(\"0123456789\", L)]]...)",
            "replace(replace(T, \"\", T), \"\", T)",
            "split(\"\", replace(T, \"\", T))",
            "distinct([for a in L : [for b in L : \"${join(\"\", L)}${b}\"]])",
            "[for a in L : format(\"%s\", replace(T, \"\", T))]",
            "{ for a in L : a => flatten([L, L, L, L, L, L, L, L, L, L]) }",
            "\"%{ for a in L }%{ for b in L }${T}%{ endfor }%{ endfor }\"",
            "[for a in L : contains(L, a) && L == L && sort(L) == L]",
        ] {
            let list: Vec<String> = (0..2_000).map(|n| format!("\"e{n}\"")).collect();
            let bomb = bomb.replace('L', &format!("[{}]", list.join(", ")));
            let bomb = bomb.replace('T', &format!("\"{}\"", "t".repeat(5_000)));
            assert_eq!(plain.value(&bomb), None);
            assert_eq!(plain.why_unknown(&bomb).as_deref(), Some(PAST_LIMIT));
        }
    }

    #[test]
    fn the_budget_of_the_configuration_ends_the_evaluation() {
        let locals = (0..1_000).map(|n| (format!("l{n}"), format!("\"{n}\"")));
        let (values, budget) = values(locals, Budget::of_steps(100));
        let known = (0..1_000).filter(|n| values.value(&format!("local.l{n}")).is_some()).count();
        assert!((5..50).contains(&known), "{known}");
        assert_eq!(budget.steps.load(Ordering::Relaxed), 0);
        assert_eq!(values.value("1"), None);
        assert_eq!(values.why_unknown("local.l999").as_deref(), Some(PAST_LIMIT));
    }

    #[test]
    fn a_pattern_has_a_limit() {
        let ten = |next: &str| format!("\"{}\"", format!("${{{next}}}-").repeat(10));
        let (values, _) = values(chain(7, "\"x${var.unknown}\"", ten), Budget::default());
        assert_eq!(values.pattern("local.l000005").to_string().len(), 310);
        assert_eq!(values.pattern("local.l000003").to_string(), "*");
        assert_eq!(
            values.why_unknown("local.l000006").as_deref(),
            Some("local.l000006: local.l000007: var.unknown has no known value")
        );
    }

    #[test]
    fn code_of_any_depth_has_a_result() {
        let (plain, _) = values([], Budget::default());
        let depth = 100_000;
        for (open, inside, close) in [
            ("(", "1", ")"),
            ("[", "", "]"),
            ("{ a = ", "1", "}"),
            ("\"${", "1", "}\""),
            ("upper(", "\"a\"", ")"),
            ("a[", "1", "]"),
            ("[for a in ", "[]", " : a]"),
            ("true ? 1 : ", "1", ""),
            ("!", "true", ""),
            ("-", "1", ""),
            ("1 == ", "1", ""),
            ("a.", "b", ""),
            ("\"%{ if true }", "", "%{ endif }\""),
            ("%{ if true }", "", "%{ endif }"),
            ("%{ for a in [] }", "", "%{ endfor }"),
            ("<<E\n${", "1", "}\nE\n"),
        ] {
            let mut text = String::new();
            write!(text, "{}{inside}{}", open.repeat(depth), close.repeat(depth)).ok();
            assert_eq!(plain.value(&text), None, "{open}");
            let heredoc = format!("<<E\n{text}\nE\n");
            plain.value(&heredoc);
            plain.why_unknown(&text);
            plain.pattern(&text);
        }
    }
}
