//! The committed Grafana dashboards, without a Grafana: every query is parsed, every label accounted
//! for, every link followed, and the rules of good dashboards hold.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail")]
#![allow(unreachable_pub, reason = "everything here is one program")]

mod files;
mod labels;
mod promql;

mod catalogue;
mod documentation;
mod health;
mod joins;
mod layout;
mod links;
mod linter;
