//! Supaform: declarative configuration for Supabase projects.
//!
//! ```text
//!   manifests/*.yaml ──yaml──▶ Node(span) ──manifest──▶ Desired ─┐
//!                                      │ diag                    ├─diff─▶ Change ─plan─▶ Plan ─view─▶ text · JSON · …
//!                                      ▼                         │                        │
//!                                  Diagnostics        observe ──▶ Live                    ▼
//!                                                        │                              apply ─▶ report
//!                                                  api::Client ◀────────────────────────────┘
//!                                                        │
//!                                              Transport: Https (reqwest) │ InProcess (sandbox)
//! ```
//!
//! Lower modules never use higher ones (`tests/layers.rs` holds this):
//!
//! | layer | modules | what for |
//! |---|---|---|
//! | 1 | [`clock`], [`stop`], [`exit`], [`text`], [`diag`], [`failure`], [`files`], [`json`], [`lines`], [`sql`], [`yaml`] | time, signals, exit codes, words for people, findings with places, how a run fails, opening and writing files, text to values and nodes, text beside text, statements of SQL |
//! | 2 | [`schema`], [`secret`] | the field table; references, values and digests of secrets |
//! | 3 | [`model`] | the plain data that everything above speaks in |
//! | 4 | [`kind`], [`kinds`] | what a kind is; one file each |
//! | 5 | [`manifest`], [`import`], [`diff`], [`compare`], [`plan`] | documents to desired; what is set elsewhere to documents; desired against live; project against project; changes to ordered calls |
//! | 6 | [`workspace`], [`api`], [`observe`], [`apply`], [`forge`] | finding and reading manifests; the client; reading live; carrying out a plan; code hosts |
//! | 7 | [`record`] | plans, reports and what else is told as plain data: the versioned JSON forms |
//! | 8 | [`git`], [`ci`] | other states of the workspace; what the CI system tells of a run |
//! | 9 | [`session`] | load, plan, apply and accept, without a command line |
//! | 10 | [`view`] | records as text, Markdown and what CI systems read |
//! | 11 | [`cli`] | the commands; the only place that prints |
//!
//! [`sandbox`] stands beside: it sees the facts of a field and nothing else of the client, so that the two can disagree.

pub mod api;
pub mod apply;
pub mod ci;
pub mod cli;
pub mod clock;
pub mod compare;
pub mod diag;
pub mod diff;
pub mod exit;
pub mod failure;
pub mod files;
pub mod forge;
pub mod git;
pub mod import;
pub mod json;
pub mod kind;
pub mod kinds;
pub mod lines;
pub mod manifest;
pub mod model;
pub mod observe;
pub mod plan;
pub mod record;
pub mod sandbox;
pub mod schema;
pub mod secret;
pub mod session;
pub mod sql;
pub mod stop;
pub mod text;
pub mod view;
pub mod workspace;
pub mod yaml;
