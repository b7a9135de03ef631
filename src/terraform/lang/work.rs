//! Counts the blocks, attributes and bytes that are visited, for the tests that hold the work linear in the size of the code. Counts
//! nothing outside tests.

#[cfg(test)]
thread_local! {
    static VISITS: std::cell::Cell<u64> = const { std::cell::Cell::new(0) };
}

/// Counts one visit.
#[cfg(test)]
pub(in crate::terraform) fn visit() {
    VISITS.set(VISITS.get() + 1);
}

/// Counts one visit.
#[cfg(not(test))]
pub(in crate::terraform) fn visit() {}

/// The visits of this thread while `work` runs.
#[cfg(test)]
pub(in crate::terraform) fn visits(work: impl FnOnce()) -> u64 {
    let before = VISITS.get();
    work();
    VISITS.get() - before
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first error")]

    use std::fs;
    use std::sync::Arc;

    use super::visits;
    use crate::case::Case;
    use crate::evidence::Query;
    use crate::model::Snapshot;
    use crate::scenario::Scenario;
    use crate::terraform::{Config, Environment, OwnerChoices, plan_edit};

    /// Blocks and comments in which `N` is a number.
    const CODE: &[&str] = &[
        "resource \"aws_s3_bucket\" \"gN\" {\n  bucket = \"bN\"\n}\n",
        "resource \"aws_security_group\" \"gN\" {\n  name   = \"gN\"\n  vpc_id = var.existing_vpc_id\n}\n",
        "resource \"aws_vpc_endpoint\" \"gN\" {\n  vpc_id       = var.existing_vpc_id\n  service_name = \"com.amazonaws.us-west-2.N\"\n}\n",
        "resource \"aws_subnet\" \"gN\" {\n  vpc_id = aws_vpc.gN.id\n}\nresource \"aws_vpc\" \"gN\" {\n}\n\
         resource \"aws_route_table_association\" \"gN\" {\n  subnet_id      = aws_subnet.gN.id\n  route_table_id = aws_route_table.gN.id\n}\n\
         resource \"aws_route_table\" \"gN\" {\n  vpc_id = aws_vpc.gN.id\n}\n",
        "variable \"vN\" {\n  default = \"x\"\n}\nlocals {\n  lN = var.vN\n}\noutput \"oN\" {\n  value = local.lN\n}\n",
        "resource \"aws_apprunner_service\" \"gN\" {\n  service_name = \"gN\"\n}\n",
        "provider \"aws\" {\n  alias = \"pN\"\n}\nresource \"aws_vpc_endpoint\" \"gN\" {\n  vpc_id       = var.existing_vpc_id\n  service_name = \"x\"\n}\n",
        "# resource \"aws_vpc_endpoint\" \"gN\" {\n#   vpc_id = var.existing_vpc_id\n# }\n\n",
        "# resource \"aws_vpc_endpoint\" \"gN\" {\n#   vpc_id = var.existing_vpc_id\n",
        "# A comment.\n",
    ];

    #[test]
    fn the_work_for_an_edit_grows_linearly_with_the_blocks_of_a_file() {
        let scenario = Scenario::named("isolated").unwrap();
        let snapshot: Arc<Snapshot> = Arc::new(Snapshot::from_json(scenario.snapshot).unwrap());
        let workload = snapshot.workloads.iter().next().unwrap().clone();
        let case = Case::open(snapshot, workload, &Query::with_log(Vec::new()));
        let mut proposals: Vec<_> = case.proposals.iter().filter(|proposal| proposal.is_possible()).collect();
        proposals.dedup_by_key(|proposal| proposal.remedies.first().copied());
        proposals.truncate(4);
        assert_eq!(proposals.len(), 4);
        for code in CODE {
            let visits_of = |number: usize| {
                let root = tempfile::tempdir().unwrap();
                scenario.copy_terraform(root.path()).unwrap();
                let many: String = (0..number).map(|n| code.replace('N', &n.to_string())).collect();
                fs::write(root.path().join("many.tf"), many).unwrap();
                let config = Config::read(root.path(), &Environment::default()).unwrap();
                let plan = |proposal| {
                    visits(|| {
                        // A refusal is work too.
                        let _ = plan_edit(
                            &config,
                            (&case.snapshot, &case.workload),
                            proposal,
                            &OwnerChoices::default(),
                        );
                    })
                };
                proposals.iter().map(|proposal| plan(proposal)).collect::<Vec<u64>>()
            };
            // A comment that is no resource is searched up to a number of lines.
            let number = if code.starts_with('#') { 150 } else { 20 };
            let (few, many) = (visits_of(number), visits_of(10 * number));
            for ((few, many), proposal) in few.into_iter().zip(many).zip(&proposals) {
                assert!(few > 100, "{code}: {few} visits are not the work");
                assert!(
                    many <= 15 * few,
                    "{code} {:?}: {few} visits, {many} for ten times the blocks",
                    proposal.remedies
                );
            }
        }
    }
}
