//! egress-doctor.
