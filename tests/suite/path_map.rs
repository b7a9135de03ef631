//! The path map: which paths it bundles, where it draws a break, the highlighted path, its size, its SVG, and its screen.

use std::sync::Arc;

use egress_doctor::case::Case;
use egress_doctor::evidence::{Query, destination, read_log};
use egress_doctor::model::{Snapshot, Subnet, SubnetId};
use egress_doctor::path_map::{CharacterSet, Grid, PathMap, Selected, path_map, svg};
use egress_doctor::scenario::{SCENARIOS, Scenario};
use egress_doctor::ui::Theme;

use super::screens::{Player, scenario};

fn case(name: &str) -> Case {
    let scenario = Scenario::named(name).unwrap();
    let snapshot = Arc::new(Snapshot::from_json(scenario.snapshot).unwrap());
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    Case::open(snapshot, workload, &Query::with_log(read_log(scenario.log.as_bytes()).unwrap().findings))
}

fn map(case: &Case, selected: Option<Selected<'_>>, width: usize) -> Grid {
    path_map(&case.snapshot, &case.workload, &case.diagnosis, selected, width)
}

fn ascii(grid: &Grid) -> String {
    grid.text(CharacterSet::Ascii)
}

#[test]
fn equal_paths_are_bundled_and_the_break_is_drawn_where_it_occurs() {
    let case = case("isolated");
    assert_eq!(
        ascii(&map(&case, None, 116)),
        "\
connector --+- a subnet-01f3 -+- rtb-0d4e ----------x no route: S3, Bedrock (runtime), Okta, Secrets Manager
            +- b subnet-02a4 -+                       S3: no route to the addresses of the destination; the table
            |                                         has only 10.40.0.0/16 -> local
            +- c subnet-03b5 --- rtb-0a9b (main) ---x no route: the same 4
                                                      S3: no route to the addresses of the destination; the table
                                                      has only 10.40.0.0/16 -> local (the VPC's main route table:
                                                      the subnet has no explicit association)
App Runner ---> Secrets Manager, ECR (Docker registry), CloudWatch Logs
"
    );
    let s3 = case.proposals.iter().find(|proposal| proposal.title == "S3 gateway endpoint").unwrap();
    let after = path_map(&case.snapshot, &case.workload, &s3.after, None, 116);
    assert_eq!(
        after.text(CharacterSet::Unicode),
        "\
connector ──┬─ a subnet-01f3 ─┬─ rtb-0d4e ────────┬─ vpce-s3 (new) ───▶ S3
            ├─ b subnet-02a4 ─┘                   └─x no route: Bedrock (runtime), Okta, Secrets Manager
            │                                         no route to public addresses
            └─ c subnet-03b5 ─── rtb-0a9b (main) ─┬─ vpce-s3 (new) ───▶ S3
                                                  └─x no route: the same 3
                                                      no route to public addresses (the VPC's main route table: the
                                                      subnet has no explicit association)
App Runner ───▶ Secrets Manager, ECR (Docker registry), CloudWatch Logs
"
    );
}

#[test]
fn a_wide_map_has_complete_ids_and_the_names_of_service_and_connector() {
    let text = ascii(&map(&case("isolated"), None, 196));
    let first = text.lines().next().unwrap();
    let start = "bond-ai-dev-backend -+- bond-ai-dev-connector -------+- a subnet-01f3a5c7e9b2d4f60 -+- rtb-0d4e5f6a7b8c90123";
    assert!(first.starts_with(start), "{text}");
    assert!(text.contains("+- App Runner, outside the VPC ---> Secrets Manager, ECR"), "{text}");
}

#[test]
fn two_planned_endpoints_are_two_paths() {
    let case = case("isolated");
    let both =
        case.proposals.iter().find(|proposal| proposal.title.starts_with("Interface endpoints")).unwrap();
    let text = ascii(&path_map(&case.snapshot, &case.workload, &both.after, None, 196));
    assert!(text.contains("vpce-bedrock-runtime (new) ---> Bedrock (runtime)\n"), "{text}");
    assert!(text.contains("vpce-secretsmanager (new) ----> Secrets Manager\n"), "{text}");
}

#[test]
fn a_nat_gateway_that_routes_to_itself_breaks_behind_it() {
    let text = ascii(&map(&case("nat-loop"), None, 116));
    let expected = "rtb-0d4e ---------- nat-0a7c ---x no route to the internet: S3, Bedrock (runtime),";
    assert!(text.contains(expected), "{text}");
    assert!(text.contains("this NAT gateway itself"), "{text}");
}

#[test]
fn a_rule_that_differs_by_subnet_names_its_subnet() {
    let text = ascii(&map(&case("endpoint-group"), None, 196));
    assert!(text.contains("no inbound rule: Secrets Manager"), "{text}");
    assert!(text.contains("from subnet a subnet-01f3"), "{text}");
}

#[test]
fn the_selected_path_is_visible_without_colours() {
    let case = case("mixed-subnets");
    let subnets = &case.diagnosis.subnets;
    let selected = |at: usize| Selected { subnet: subnets.get(at), finding: 0 };
    let blocked = ascii(&map(&case, Some(selected(1)), 116));
    assert!(blocked.contains("+= b subnet-02a4 =+"), "{blocked}");
    assert!(blocked.contains("-+= rtb-0d4e ========+= igw-0c2d ====x no public IP: S3"), "{blocked}");
    assert!(blocked.contains("+- a subnet-01f3 -+"), "{blocked}");
    assert!(blocked.contains("+- c subnet-03b5 --- rtb-0a9b (main) -+"), "{blocked}");
    let reached = ascii(&map(&case, Some(selected(2)), 116));
    assert!(reached.contains("+= c subnet-03b5 === rtb-0a9b (main) =+= nat-0a7c ====> S3"), "{reached}");
}

/// 12 subnets with the same route table share one row, and their 203 destinations one end.
#[test]
fn a_large_network_stays_small() {
    let scenario = Scenario::named("isolated").unwrap();
    let mut snapshot = Snapshot::from_json(scenario.snapshot).unwrap();
    let template = snapshot.network.subnets.iter().next().unwrap().clone();
    let mut connector = snapshot.network.connectors.iter().next().unwrap().clone();
    connector.subnets.clear();
    for number in 0..12 {
        let id = SubnetId::new(format!("subnet-0000000000000{number:04}"));
        connector.subnets.push(id.clone());
        snapshot.network.subnets.insert(Subnet { id, ..template.clone() });
    }
    snapshot.network.connectors.insert(connector);
    let workload = snapshot.workloads.iter().next().unwrap().clone();
    let hosts = (0..200).map(|number| destination(&format!("host{number}.example.com")).unwrap());
    let query = Query { requested: hosts.collect(), ..Query::default() };
    let case = Case::open(Arc::new(snapshot), workload, &query);
    let grid = map(&case, None, 116);
    let text = ascii(&grid);
    assert!(grid.height() < 12, "{text}");
    assert!(text.contains("12 subnets in a --- rtb-0a9b (main) ---x no route: "), "{text}");
    assert!(text.contains("no route: 203 destinations: host0.example.com"), "{text}");
}

#[test]
fn every_scenario_and_fix_has_a_map_at_every_width() {
    for scenario in SCENARIOS {
        let case = case(scenario.name);
        let diagnoses =
            std::iter::once(&case.diagnosis).chain(case.proposals.iter().map(|proposal| &proposal.after));
        for diagnosis in diagnoses {
            for width in [0, 76, 116, 196] {
                let grid = path_map(&case.snapshot, &case.workload, diagnosis, None, width);
                let text = ascii(&grid);
                assert!(text.is_ascii() && grid.height() > 0, "{text}");
                for finding in &diagnosis.findings {
                    let name = finding.need.short_name(&case.snapshot.region);
                    let name: String = name.chars().take_while(char::is_ascii_alphanumeric).collect();
                    assert!(text.contains(&name) || text.contains("the same"), "{name} is missing:\n{text}");
                }
            }
        }
    }
}

#[test]
fn the_svg_has_lines_and_escaped_texts() {
    let case = case("isolated");
    let grid = map(&case, None, 196);
    let out = svg("<a> & \"b\"", &[("Before", &grid), ("After", &grid)]);
    assert!(out.starts_with("<svg xmlns="), "{out}");
    assert!(out.contains("<title>&lt;a&gt; &amp; &quot;b&quot;</title>"), "{out}");
    assert!(out.contains(">rtb-0d4e5f6a7b8c90123</text>"), "{out}");
    assert!(out.contains(">x no route: S3, Bedrock (runtime), Okta, Secrets Manager</text>"), "{out}");
    assert!(out.contains("<path d=\"M"), "{out}");
    assert_eq!(out.matches("<text").count(), out.matches("</text>").count());
}

#[test]
fn the_map_fills_the_screen_and_scrolls_in_both_directions() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter");
    let ascii = |player: &Player, width, height| player.screen(width, height, &Theme::mono().in_ascii());
    assert!(ascii(&player, 120, 36).contains("rtb-0d4e =========="), "{}", ascii(&player, 120, 36));
    assert!(!ascii(&player, 80, 24).contains("Path map"), "{}", ascii(&player, 80, 24));
    let mut large = Player::start(scenario("mixed-subnets"));
    large.press("enter enter m");
    let screen = ascii(&large, 60, 20);
    assert!(screen.contains("+ Path map -"), "{screen}");
    assert!(screen.contains("rows below"), "{screen}");
    large.press("down down");
    let moved = ascii(&large, 60, 20);
    assert!(moved.contains("2 rows above"), "{moved}");
    assert!(!moved.contains("Before"), "{moved}");
    player.press("enter m");
    let screen = ascii(&player, 120, 36);
    let before = screen.find("Before").unwrap_or_else(|| panic!("{screen}"));
    let after = screen.find("After S3 gateway endpoint, simulated").unwrap_or_else(|| panic!("{screen}"));
    let new = screen.find("vpce-s3 (new) ---> S3").unwrap_or_else(|| panic!("{screen}"));
    assert!(before < after && after < new, "{screen}");
    player.press("esc");
    assert!(player.app.dialog.is_none());
}

/// The rules of a narrow map are below the branches, over its whole width and complete.
#[test]
fn a_narrow_map_has_the_rules_below_the_branches() {
    let case = case("isolated");
    let draw = |width, height| {
        PathMap::new(&case.snapshot, &case.workload, &case.diagnosis).draw(None, width, height)
    };
    assert_eq!(
        ascii(&draw(76, 20)),
        "\
connector --+- a subnet-01f3 -+- rtb-0d4e ----------x (1)
            +- b subnet-02a4 -+
            | (1) no route: S3, Bedrock (runtime), Okta, Secrets Manager
            | S3: no route to the addresses of the destination; the table
            | has only 10.40.0.0/16 -> local
            +- c subnet-03b5 --- rtb-0a9b (main) ---x no route: the same 4
  S3: no route to the addresses of the destination; the table has only
  10.40.0.0/16 -> local (the VPC's main route table: the subnet has no
  explicit association)
App Runner ---> Secrets Manager, ECR (Docker registry), CloudWatch Logs
"
    );
    assert_eq!(
        ascii(&draw(56, 18)),
        "\
connector --+- a 01f3 -+- rtb-0d4e ---x (1)
            +- b 02a4 -+
            | (1) no route: S3, Bedrock (runtime), Okta,
            | Secrets Manager
            | S3: no route to the addresses of the
            | destination; the table has only
            | 10.40.0.0/16 -> local
            +- c 03b5 --- rtb-0a9b ---x no route: the
                                        same 4
  S3: no route to the addresses of the destination; the
  table has only 10.40.0.0/16 -> local (the VPC's main
  route table: the subnet has no explicit association)
App Runner ---> Secrets Manager, ECR (Docker registry),
                CloudWatch Logs
"
    );
}

/// Before and after on Choose: no rule is cut while rows are empty.
#[test]
fn both_maps_use_the_rows_of_the_screen() {
    let mut player = Player::start(scenario("isolated"));
    player.press("enter enter m");
    let screen = player.screen(80, 24, &Theme::mono().in_ascii());
    assert!(!screen.contains("..."), "{screen}");
    assert!(screen.contains("After S3 gateway endpoint, simulated"), "{screen}");
}
