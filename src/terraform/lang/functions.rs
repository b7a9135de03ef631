//! The functions of the Terraform language that egress-doctor evaluates. All of them are pure.
//!
//! Each function counts its work and its result before it makes them. Must not evaluate expressions.
//!
//! <https://developer.hashicorp.com/terraform/language/functions>

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use hcl::{Map, Value};

use crate::terraform::lang::budget::{Meter, Stop};
use crate::terraform::lang::cidr::{subnet, subnets};

/// The values of the arguments.
pub(super) type Args<'a, 'v> = &'a [Cow<'v, Value>];
type Result<T> = std::result::Result<T, Stop>;
type Function = fn(Args<'_, '_>, &mut Meter<'_>) -> Result<Value>;

/// The function with this name.
pub(super) fn function(name: &str) -> Option<Function> {
    FUNCTIONS.iter().find(|(other, _)| *other == name).map(|(_, function)| *function)
}

const FUNCTIONS: &[(&str, Function)] = &[
    ("alltrue", |args, meter| Ok(truths(args, meter)?.iter().all(|one| *one).into())),
    ("anytrue", |args, meter| Ok(truths(args, meter)?.iter().any(|one| *one).into())),
    ("cidrsubnet", |args, meter| {
        let range: ipnet::IpNet = text(first(args)?, meter)?.parse().map_err(|_| Stop::Unknown)?;
        let number = |place: usize| at(args, place)?.as_u64().ok_or(Stop::Unknown);
        let subnet = subnet(range, number(1)?, number(2)?).ok_or(Stop::Unknown)?.to_string();
        meter.allocate(subnet.len())?;
        Ok(Value::from(subnet))
    }),
    ("cidrsubnets", |args, meter| {
        let range: ipnet::Ipv4Net = text(first(args)?, meter)?.parse().map_err(|_| Stop::Unknown)?;
        meter.elements(args.len())?;
        let bits: Option<Vec<u64>> = args.iter().skip(1).map(|bits| bits.as_u64()).collect();
        let subnets = subnets(range, &bits.ok_or(Stop::Unknown)?).ok_or(Stop::Unknown)?;
        Ok(subnets.iter().map(|subnet| Value::from(subnet.to_string())).collect())
    }),
    ("chunklist", |args, meter| {
        let size = at(args, 1)?.as_u64().and_then(|size| usize::try_from(size).ok());
        let size = size.filter(|size| *size > 0).ok_or(Stop::Unknown)?;
        let part = |part: &[Value], meter: &mut Meter<'_>| -> Result<Value> {
            meter.elements(1)?;
            part.iter().map(|one| copy(Some(one), meter)).collect()
        };
        array(first(args)?)?.chunks(size).map(|one| part(one, meter)).collect()
    }),
    ("coalesce", |args, meter| {
        meter.step(args.len())?;
        copy(args.iter().map(Cow::as_ref).find(|one| !is_empty(one)), meter)
    }),
    ("coalescelist", |args, meter| {
        let lists: Result<Vec<&Vec<Value>>> = args.iter().map(|list| array(list)).collect();
        let full = lists?.into_iter().find(|list| !list.is_empty()).ok_or(Stop::Unknown)?;
        full.iter().map(|one| copy(Some(one), meter)).collect()
    }),
    ("compact", |args, meter| {
        let full = array(first(args)?)?.iter().filter(|one| !is_empty(one));
        full.map(|one| copy(Some(one), meter)).collect()
    }),
    ("concat", |args, meter| {
        let mut all = Vec::new();
        for list in args {
            for one in array(list)? {
                all.push(copy(Some(one), meter)?);
            }
        }
        Ok(Value::Array(all))
    }),
    ("contains", |args, meter| {
        let (list, wanted) = (array(first(args)?)?, at(args, 1)?);
        let steps = meter.comparison(wanted)?;
        for one in list {
            meter.step(steps)?;
            if one == wanted {
                return Ok(Value::Bool(true));
            }
        }
        Ok(Value::Bool(false))
    }),
    ("distinct", |args, meter| Ok(Value::Array(unique(array(first(args)?)?, meter)?))),
    ("element", |args, meter| {
        let list = array(first(args)?)?;
        let place = at(args, 1)?.as_u64().and_then(|place| usize::try_from(place).ok());
        copy(list.get(place.ok_or(Stop::Unknown)? % list.len().max(1)), meter)
    }),
    ("endswith", |args, meter| {
        let (whole, end) = (text(first(args)?, meter)?, text(at(args, 1)?, meter)?);
        Ok(whole.ends_with(end.as_ref()).into())
    }),
    ("flatten", |args, meter| {
        let mut all = Vec::new();
        flatten(array(first(args)?)?, &mut all, meter)?;
        Ok(Value::Array(all))
    }),
    ("format", format),
    ("formatlist", |args, meter| {
        // The lists have one length. Other arguments are the same for each element.
        let lengths = args.iter().filter_map(|one| one.as_array()).map(Vec::len);
        let lengths: BTreeSet<usize> = lengths.collect();
        let [length] = *lengths.iter().copied().collect::<Vec<_>>() else { return Err(Stop::Unknown) };
        let element = |place: usize, meter: &mut Meter<'_>| {
            meter.elements(args.len())?;
            let own = args.iter().map(|one| match one.as_array() {
                Some(list) => list.get(place).map(Cow::Borrowed).ok_or(Stop::Unknown),
                None => Ok(Cow::Borrowed(one.as_ref())),
            });
            format(&own.collect::<Result<Vec<_>>>()?, meter)
        };
        (0..length).map(|place| element(place, meter)).collect()
    }),
    ("index", |args, meter| {
        let (list, wanted) = (array(first(args)?)?, at(args, 1)?);
        let steps = meter.comparison(wanted)?;
        meter.step(steps.saturating_mul(list.len()))?;
        list.iter().position(|one| one == wanted).map(Value::from).ok_or(Stop::Unknown)
    }),
    ("join", |args, meter| {
        let (glue, mut all) = (text(first(args)?, meter)?, String::new());
        for (place, one) in array(at(args, 1)?)?.iter().enumerate() {
            if place > 0 {
                append(&mut all, &glue, meter)?;
            }
            append(&mut all, &text(one, meter)?, meter)?;
        }
        Ok(Value::from(all))
    }),
    ("keys", |args, meter| {
        let sorted = fields(first(args)?, meter)?;
        sorted.keys().map(|key| new_text(key, meter)).collect()
    }),
    ("length", |args, meter| match first(args)? {
        Value::Array(list) => Ok(Value::from(list.len())),
        Value::Object(fields) => Ok(Value::from(fields.len())),
        Value::String(text) => {
            meter.read(text.len())?;
            Ok(Value::from(text.chars().count()))
        }
        _ => Err(Stop::Unknown),
    }),
    ("lookup", |args, meter| {
        let fields = first(args)?.as_object().ok_or(Stop::Unknown)?;
        let known = fields.get(text(at(args, 1)?, meter)?.as_ref());
        copy(known.or_else(|| args.get(2).map(Cow::as_ref)), meter)
    }),
    ("lower", |args, meter| {
        let text = text(first(args)?, meter)?;
        // A lower-case character has at most three times as many bytes.
        meter.allocate(text.len().saturating_mul(3))?;
        Ok(Value::from(text.to_lowercase()))
    }),
    ("max", |args, meter| Ok(numbers(args, meter)?.into_iter().max().ok_or(Stop::Unknown)?.into())),
    ("merge", |args, meter| {
        let mut all = BTreeMap::new();
        for one in args.iter().filter(|one| !matches!(one.as_ref(), Value::Null)) {
            all.extend(fields(one, meter)?);
        }
        let mut merged = Map::with_capacity(all.len());
        for (name, value) in all {
            meter.allocate(name.len())?;
            merged.insert(name.to_owned(), copy(Some(value), meter)?);
        }
        Ok(Value::Object(merged))
    }),
    ("min", |args, meter| Ok(numbers(args, meter)?.into_iter().min().ok_or(Stop::Unknown)?.into())),
    ("one", |args, meter| match array(first(args)?)?.as_slice() {
        [] => Ok(Value::Null),
        [only] => copy(Some(only), meter),
        _ => Err(Stop::Unknown),
    }),
    ("range", |args, meter| {
        let numbers: Option<Vec<u64>> = args.iter().map(|one| one.as_u64()).collect();
        let (from, to) = match numbers.as_deref() {
            Some([to]) => (0, *to),
            Some([from, to]) => (*from, *to),
            _ => return Err(Stop::Unknown),
        };
        // Terraform accepts 1,024 elements.
        let count = usize::try_from(to.saturating_sub(from)).ok().filter(|count| *count <= 1024);
        meter.elements(count.ok_or(Stop::Unknown)?)?;
        Ok((from..to).map(Value::from).collect())
    }),
    ("replace", |args, meter| {
        let whole = text(first(args)?, meter)?;
        let (old, new) = (text(at(args, 1)?, meter)?, text(at(args, 2)?, meter)?);
        // A text between slashes is a regular expression. It is not evaluated, because its syntax differs
        // from Rust's.
        if old.len() > 1 && old.starts_with('/') && old.ends_with('/') {
            return Err(Stop::Unknown);
        }
        meter.read(whole.len())?;
        let times = whole.matches(old.as_ref()).count();
        meter.allocate(times.saturating_mul(new.len()).saturating_add(whole.len()))?;
        Ok(Value::from(whole.replace(old.as_ref(), &new)))
    }),
    ("reverse", |args, meter| array(first(args)?)?.iter().rev().map(|one| copy(Some(one), meter)).collect()),
    ("setintersection", |args, meter| {
        let mut all = unique(array(first(args)?)?, meter)?;
        for list in args.iter().skip(1) {
            let list = array(list)?;
            for one in &all {
                let steps = meter.comparison(one)?;
                meter.step(steps.saturating_mul(list.len()))?;
            }
            all.retain(|one| list.contains(one));
        }
        sorted(all.iter(), meter)
    }),
    ("setproduct", setproduct),
    ("setsubtract", |args, meter| {
        let (all, without) = (unique(array(first(args)?)?, meter)?, array(at(args, 1)?)?);
        for one in &all {
            let steps = meter.comparison(one)?;
            meter.step(steps.saturating_mul(without.len()))?;
        }
        sorted(all.iter().filter(|one| !without.contains(one)), meter)
    }),
    ("setunion", |args, meter| {
        let mut all = Vec::new();
        for list in args {
            for one in array(list)? {
                all.push(copy(Some(one), meter)?);
            }
        }
        let all = unique(&all, meter)?;
        sorted(all.iter(), meter)
    }),
    ("slice", |args, meter| {
        let place = |number: usize| {
            let place = at(args, number)?.as_u64().and_then(|place| usize::try_from(place).ok());
            place.ok_or(Stop::Unknown)
        };
        let part = array(first(args)?)?.get(place(1)?..place(2)?).ok_or(Stop::Unknown)?;
        part.iter().map(|one| copy(Some(one), meter)).collect()
    }),
    ("sort", |args, meter| sorted(array(first(args)?)?.iter(), meter)),
    ("split", |args, meter| {
        let (by, whole) = (text(first(args)?, meter)?, text(at(args, 1)?, meter)?);
        meter.read(whole.len())?;
        whole.split(by.as_ref()).map(|part| new_text(part, meter)).collect()
    }),
    ("startswith", |args, meter| {
        let (whole, start) = (text(first(args)?, meter)?, text(at(args, 1)?, meter)?);
        Ok(whole.starts_with(start.as_ref()).into())
    }),
    ("substr", |args, meter| {
        let whole = text(first(args)?, meter)?;
        let from = at(args, 1)?.as_i64().ok_or(Stop::Unknown)?;
        let places = usize::try_from(from.unsigned_abs()).map_err(|_| Stop::Unknown)?;
        // A negative place counts from the end.
        let from = if from < 0 { whole.len().saturating_sub(places) } else { places };
        // -1 is the rest of the text.
        let length = match at(args, 2)?.as_i64() {
            Some(-1) => usize::MAX,
            Some(length) => usize::try_from(length).map_err(|_| Stop::Unknown)?,
            None => return Err(Stop::Unknown),
        };
        // Terraform counts characters that can have several code points.
        whole.is_ascii().then_some(()).ok_or(Stop::Unknown)?;
        meter.read(whole.len())?;
        new_text(&whole.chars().skip(from).take(length).collect::<String>(), meter)
    }),
    ("tobool", |args, _| match first(args)? {
        Value::Bool(truth) => Ok(Value::Bool(*truth)),
        Value::String(text) => Ok(Value::Bool(text.parse().map_err(|_| Stop::Unknown)?)),
        _ => Err(Stop::Unknown),
    }),
    ("tolist", |args, meter| {
        array(first(args)?)?;
        copy(Some(first(args)?), meter)
    }),
    ("tomap", |args, meter| {
        // Values of one type stay as they are.
        let mut values = first(args)?.as_object().ok_or(Stop::Unknown)?.values();
        let kind = values.next().map(std::mem::discriminant);
        if values.any(|value| Some(std::mem::discriminant(value)) != kind) {
            return Err(Stop::Unknown);
        }
        copy(Some(first(args)?), meter)
    }),
    ("tonumber", |args, _| match first(args)? {
        Value::Number(number) => Ok(Value::Number(*number)),
        Value::String(text) => Ok(Value::from(text.parse::<i64>().map_err(|_| Stop::Unknown)?)),
        _ => Err(Stop::Unknown),
    }),
    ("toset", |args, meter| {
        let list = unique(array(first(args)?)?, meter)?;
        sorted(list.iter(), meter)
    }),
    ("tostring", |args, meter| {
        let text = text(first(args)?, meter)?;
        new_text(&text, meter)
    }),
    ("trimprefix", |args, meter| {
        let (whole, start) = (text(first(args)?, meter)?, text(at(args, 1)?, meter)?);
        new_text(whole.strip_prefix(start.as_ref()).unwrap_or(&whole), meter)
    }),
    ("trimspace", |args, meter| {
        let text = text(first(args)?, meter)?;
        new_text(text.trim(), meter)
    }),
    ("trimsuffix", |args, meter| {
        let (whole, end) = (text(first(args)?, meter)?, text(at(args, 1)?, meter)?);
        new_text(whole.strip_suffix(end.as_ref()).unwrap_or(&whole), meter)
    }),
    ("upper", |args, meter| {
        let text = text(first(args)?, meter)?;
        meter.allocate(text.len().saturating_mul(3))?;
        Ok(Value::from(text.to_uppercase()))
    }),
    ("values", |args, meter| {
        let sorted = fields(first(args)?, meter)?;
        sorted.into_values().map(|value| copy(Some(value), meter)).collect()
    }),
    ("zipmap", |args, meter| {
        let (names, values) = (array(first(args)?)?, array(at(args, 1)?)?);
        if names.len() != values.len() {
            return Err(Stop::Unknown);
        }
        let mut all = Map::with_capacity(names.len());
        for (name, value) in names.iter().zip(values) {
            let name = text(name, meter)?.into_owned();
            meter.allocate(name.len())?;
            all.insert(name, copy(Some(value), meter)?);
        }
        Ok(Value::Object(all))
    }),
];

/// All combinations of the elements of lists, each as a list.
fn setproduct(args: Args<'_, '_>, meter: &mut Meter<'_>) -> Result<Value> {
    let mut all: Vec<Vec<Value>> = vec![Vec::new()];
    for list in args {
        let mut next = Vec::new();
        for one in &all {
            for value in array(list)? {
                meter.elements(one.len() + 1)?;
                let value = copy(Some(value), meter)?;
                next.push(one.iter().cloned().chain([value]).collect());
            }
        }
        all = next;
    }
    Ok(all.into_iter().map(Value::Array).collect())
}

/// The elements of a list of truth values.
fn truths(args: Args<'_, '_>, meter: &mut Meter<'_>) -> Result<Vec<bool>> {
    let list = array(first(args)?)?;
    meter.elements(list.len())?;
    list.iter().map(|one| one.as_bool().ok_or(Stop::Unknown)).collect()
}

/// Whole numbers.
fn numbers(args: Args<'_, '_>, meter: &mut Meter<'_>) -> Result<Vec<i64>> {
    meter.elements(args.len())?;
    args.iter().map(|one| one.as_i64().ok_or(Stop::Unknown)).collect()
}

fn at<'a>(args: Args<'a, '_>, place: usize) -> Result<&'a Value> {
    args.get(place).map(Cow::as_ref).ok_or(Stop::Unknown)
}

fn first<'a>(args: Args<'a, '_>) -> Result<&'a Value> {
    at(args, 0)
}

fn copy(value: Option<&Value>, meter: &mut Meter<'_>) -> Result<Value> {
    let value = value.ok_or(Stop::Unknown)?;
    meter.copy(value)?;
    Ok(value.clone())
}

fn new_text(text: &str, meter: &mut Meter<'_>) -> Result<Value> {
    meter.elements(1)?;
    meter.allocate(text.len())?;
    Ok(Value::from(text))
}

fn append(all: &mut String, part: &str, meter: &mut Meter<'_>) -> Result<()> {
    meter.allocate(part.len())?;
    all.push_str(part);
    Ok(())
}

fn is_empty(value: &Value) -> bool {
    matches!(value, Value::Null) || value.as_str() == Some("")
}

/// A string, number or boolean as text.
pub(super) fn text<'a>(value: &'a Value, meter: &mut Meter<'_>) -> Result<Cow<'a, str>> {
    match value {
        Value::String(text) => {
            meter.read(text.len())?;
            Ok(Cow::Borrowed(text))
        }
        Value::Number(number) => {
            let text = number.to_string();
            meter.allocate(text.len())?;
            Ok(Cow::Owned(text))
        }
        Value::Bool(truth) => Ok(Cow::Borrowed(if *truth { "true" } else { "false" })),
        Value::Null | Value::Array(_) | Value::Object(_) => Err(Stop::Unknown),
    }
}

fn array(value: &Value) -> Result<&Vec<Value>> {
    value.as_array().ok_or(Stop::Unknown)
}

/// The fields of an object, sorted by name.
fn fields<'a>(value: &'a Value, meter: &mut Meter<'_>) -> Result<BTreeMap<&'a str, &'a Value>> {
    let fields = value.as_object().ok_or(Stop::Unknown)?;
    meter.elements(fields.len())?;
    Ok(fields.iter().map(|(name, value)| (name.as_str(), value)).collect())
}

fn unique(list: &[Value], meter: &mut Meter<'_>) -> Result<Vec<Value>> {
    let mut seen: Vec<Value> = Vec::new();
    for one in list {
        let steps = meter.comparison(one)?;
        meter.step(steps.saturating_mul(seen.len()))?;
        if !seen.contains(one) {
            seen.push(copy(Some(one), meter)?);
        }
    }
    Ok(seen)
}

/// The elements in the order of their texts.
fn sorted<'a>(list: impl Iterator<Item = &'a Value>, meter: &mut Meter<'_>) -> Result<Value> {
    let mut keyed = Vec::new();
    for one in list {
        let key = match text(one, meter) {
            Err(Stop::Unknown) => Cow::Borrowed(""),
            key => key?,
        };
        keyed.push((key, one));
    }
    keyed.sort_by(|(one, _), (two, _)| one.cmp(two));
    keyed.into_iter().map(|(_, one)| copy(Some(one), meter)).collect()
}

fn flatten(list: &[Value], all: &mut Vec<Value>, meter: &mut Meter<'_>) -> Result<()> {
    for one in list {
        meter.step(1)?;
        match one {
            Value::Array(inner) => flatten(inner, all, meter)?,
            other => all.push(copy(Some(other), meter)?),
        }
    }
    Ok(())
}

/// `format` with `%s`, `%d`, `%v` and `%%`; a format with other verbs is unknown.
fn format(args: Args<'_, '_>, meter: &mut Meter<'_>) -> Result<Value> {
    let pattern = text(first(args)?, meter)?;
    meter.allocate(pattern.len())?;
    let (mut out, mut next) = (String::new(), 1);
    let mut rest = pattern.chars();
    while let Some(c) = rest.next() {
        match (c, if c == '%' { rest.next() } else { None }) {
            ('%', Some('%')) => out.push('%'),
            ('%', Some('s' | 'd' | 'v')) => {
                append(&mut out, &text(at(args, next)?, meter)?, meter)?;
                next += 1;
            }
            ('%', _) => return Err(Stop::Unknown),
            (c, _) => out.push(c),
        }
    }
    Ok(Value::from(out))
}
