//! Pasted text: a log on a step, or text for the line that the user types.

use std::collections::HashSet;
use std::time::Instant;

use super::{App, Dialog, Effect, InputPurpose, Step};
use crate::evidence::{LogFinding, LogReading, read_log};
use crate::model::Destination;

/// The maximum number of destinations in the notice.
const MAX_NAMED: usize = 6;

impl App {
    pub(super) fn paste(&mut self, text: &str, now: Instant) -> Vec<Effect> {
        let lines = || text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
        if let Some(Dialog::Input { purpose, input, .. }) = &mut self.dialog {
            if *purpose != InputPurpose::Destination || lines().nth(1).is_none() {
                input.insert(lines().next().unwrap_or_default());
                return Vec::new();
            }
            // Several lines: a log, or one destination in each line.
            let reading = read_log(text.as_bytes()).ok().filter(|reading| !reading.findings.is_empty());
            let Some(reading) = reading else {
                input.insert(&lines().collect::<Vec<_>>().join(" "));
                return Vec::new();
            };
            self.dialog = None;
            return self.use_log(reading, now);
        }
        let line = lines().next().unwrap_or_default();
        if self.paste_into_filter(line) {
            return Vec::new();
        }
        if let Some(Dialog::Picker(picker)) = &mut self.dialog {
            picker.input.insert(line);
            picker.search();
            return Vec::new();
        }
        if self.dialog.is_some() {
            self.inform("Close the dialog first, then paste the log");
            return Vec::new();
        }
        match read_log(text.as_bytes()) {
            Ok(reading) if !reading.findings.is_empty() => self.use_log(reading, now),
            _ => {
                self.inform(format!(
                    "{}: no failed connection found in the pasted text",
                    count(lines().count(), "line")
                ));
                Vec::new()
            }
        }
    }

    /// Adds the failures of a pasted log. On a later step than Trace, they are diagnosed when the user returns to Trace.
    fn use_log(&mut self, reading: LogReading, now: Instant) -> Vec<Effect> {
        let LogReading { findings, lines, other_hosts, .. } = reading;
        let mut names: Vec<String> = Vec::new();
        let shown: Vec<&Destination> =
            findings.iter().filter_map(|finding| finding.destination.as_ref()).collect();
        let mut short_names = self.short_names(&shown).into_iter();
        let mut name = |finding: &LogFinding| {
            let short = finding.destination.as_ref().and_then(|_| short_names.next());
            let other = || match (finding.subject(), &finding.denial) {
                (Some(host), _) => host,
                (None, Some(denial)) => format!("{}: {}", finding.symptom, denial.action),
                (None, None) => format!("{} without a host", finding.symptom),
            };
            short.unwrap_or_else(other)
        };
        for name in findings.iter().map(&mut name) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        let destinations: HashSet<&Destination> =
            findings.iter().filter_map(|finding| finding.destination.as_ref()).collect();
        let without = findings.iter().filter(|finding| finding.destination.is_none()).count();
        let without = match without {
            0 => String::new(),
            number => format!(" and {}", count(number, "other failure")),
        };
        let others = match other_hosts {
            0 => String::new(),
            count => format!("; at least {count} hosts with fewer failures are left out"),
        };
        let first = names.iter().take(MAX_NAMED).cloned().collect::<Vec<_>>().join(", ");
        let more = match names.len().saturating_sub(MAX_NAMED) {
            0 => String::new(),
            count => format!(" and {count} more"),
        };
        let place = if self.step() > Step::Trace { "; go back to Trace for their diagnosis" } else { "" };
        self.inform(format!(
            "{} read: {}{without} ({first}{more}){others}{place}",
            count(lines, "line"),
            count(destinations.len(), "destination")
        ));
        self.query.log.extend(findings);
        if self.step() > Step::Trace { Vec::new() } else { self.refresh(None, now) }
    }
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}
