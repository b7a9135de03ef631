//! egress-doctor.
pub mod diagnose;
pub mod evidence;
pub mod model;
pub mod reach;
pub mod remedy;
