//! A snapshot is the seam: what is saved comes back, and what is no snapshot says where it is wrong.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, reason = "tests stop at the first surprise")]

use egress_doctor::discover::{load_snapshot, save_snapshot};
use egress_doctor::model::Snapshot;
use egress_doctor::scenario::SCENARIOS;

#[test]
fn every_scenario_is_read_and_saved_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for scenario in SCENARIOS {
        let snapshot = Snapshot::from_json(scenario.snapshot).unwrap();
        let path = folder.path().join("snapshot.json");
        save_snapshot(&snapshot, &path).unwrap();
        assert_eq!(load_snapshot(&path).unwrap(), snapshot);
    }
}

#[test]
fn what_is_no_snapshot_is_refused_with_the_place() {
    let folder = tempfile::tempdir().unwrap();
    let refuse = |text: &[u8]| {
        let path = folder.path().join("s.json");
        std::fs::write(&path, text).unwrap();
        load_snapshot(&path).unwrap_err().to_string().replace(&folder.path().display().to_string(), "DIR")
    };
    let good = SCENARIOS[0].snapshot;
    assert_eq!(
        refuse(good.replacen("\"version\": 1", "\"version\": 9", 1).as_bytes()),
        "DIR/s.json: field `version` is 9, this egress-doctor reads up to 1: update egress-doctor, or save the snapshot \
         again with this version"
    );
    assert_eq!(refuse(b"{"), "DIR/s.json: not a snapshot: EOF while parsing an object at line 1 column 1");
    assert_eq!(
        refuse(good.replacen("\"region\"", "\"regoin\"", 1).as_bytes()),
        "DIR/s.json: not a snapshot: unknown field `regoin`, expected one of `version`, `taken_at`, `account`, `region`, \
         `workloads`, `network`, `gaps` at line 5 column 10"
    );
    assert!(refuse(&[0xff, 0xfe, 0x00]).starts_with("cannot read DIR/s.json: "), "{}", refuse(&[0xff]));
}
