//! The asset that maps actions of an instance role to hosts is complete and well-formed.
//! `assets/generate_instance_role_actions.py` writes it.

use std::collections::BTreeSet;

use crate::support::repository;
use egress_doctor::evidence::destination;
use egress_doctor::model::DestinationKind;
use serde_json::Value;

fn asset(name: &str) -> Value {
    serde_json::from_str(&std::fs::read_to_string(repository(&format!("assets/{name}"))).unwrap()).unwrap()
}

fn texts(value: &Value) -> BTreeSet<String> {
    value.as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// Every service of the host catalogue either has its actions in the table, or is one of the services that are excluded
/// for a reason.
#[test]
fn the_table_covers_every_service_of_the_host_catalogue() {
    let (actions, hosts) = (asset("instance-role-actions.json"), asset("hosts.json"));
    let rows = actions["actions"].as_object().unwrap().values().flat_map(|rows| rows.as_array().unwrap());
    let mapped: BTreeSet<String> =
        rows.filter(|row| row["services"].is_array()).flat_map(|row| texts(&row["services"])).collect();
    let excluded: BTreeSet<String> =
        texts(&actions["administration"]).union(&texts(&actions["without_host"])).cloned().collect();
    assert_eq!(mapped.intersection(&excluded).next(), None);
    let known: BTreeSet<String> =
        hosts["templates"].as_object().unwrap().values().flat_map(|row| texts(&row["services"])).collect();
    let missing: Vec<&String> =
        known.iter().filter(|one| !mapped.contains(*one) && !excluded.contains(*one)).collect();
    assert_eq!(missing, Vec::<&String>::new());
    assert!(mapped.len() > 150, "{}", mapped.len());
}

/// A prefix with several hosts lists the operations of each. Each complete host is an AWS host of the catalogue.
#[test]
fn every_row_of_the_table_is_well_formed() {
    let actions = asset("instance-role-actions.json");
    for (prefix, rows) in actions["actions"].as_object().unwrap() {
        let rows = rows.as_array().unwrap();
        assert!(!rows.is_empty(), "{prefix}");
        assert_eq!(prefix.to_ascii_lowercase(), *prefix);
        for row in rows {
            let host = row["host"].as_str().unwrap();
            let host = host
                .replace("{region}", "us-west-2")
                .replace("{dns}", "amazonaws.com")
                .replace("{dual}", "api.aws");
            assert!(!host.contains('{'), "{host}");
            assert_eq!(row["operations"].is_array(), rows.len() > 1, "{prefix} {host}");
            let found = destination(&host.replacen('*', "a1b2c3d4e5", 1)).unwrap();
            assert!(
                matches!(
                    found.kind,
                    DestinationKind::AwsApi(_) | DestinationKind::AwsVpc(_) | DestinationKind::AwsPublic(_)
                ),
                "{host}: {:?}",
                found.kind
            );
        }
        let unique: BTreeSet<&str> = rows.iter().map(|row| row["host"].as_str().unwrap()).collect();
        assert_eq!(unique.len(), rows.len(), "{prefix}");
    }
    let count = |prefix: &str, host: &str| {
        let rows = actions["actions"][prefix].as_array().unwrap();
        let row = rows.iter().find(|row| row["host"] == format!("{host}.{{region}}.{{dns}}")).unwrap();
        row["operations"].as_array().unwrap().len()
    };
    assert_eq!(count("bedrock", "bedrock-agent"), 72);
    assert_eq!(count("bedrock", "bedrock-agent-runtime"), 31);
}
