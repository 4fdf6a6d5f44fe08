//! stub
#![allow(missing_docs, reason = "stub")]
use crate::model::{Answer, Call, Operation, ProjectRef, ReadCall};
use crate::secret::SecretUse;
use std::collections::BTreeMap;
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Auth,
    Permission,
    Gone,
    NotFound,
    Invalid,
    PlanLimit,
    RateLimited,
    Server,
    Unreadable,
    Network,
    Redirect,
    Stopped,
}
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    pub class: Class,
    pub operation: Operation,
    pub message: String,
    pub field: Option<String>,
}
impl ApiError {
    pub fn unreadable(_: Option<&Call>, message: impl Into<String>) -> Self {
        let _ = message.into();
        unimplemented!()
    }
    pub fn hints(&self) -> Vec<String> {
        vec![]
    }
}
#[derive(Clone)]
pub struct Reader;
impl Reader {
    pub async fn read(&self, _: &ReadCall) -> Result<Answer, ApiError> {
        unimplemented!()
    }
}
#[derive(Debug)]
pub enum SendError {
    Api(ApiError),
    Unknown(ApiError),
    Unresolved(SecretUse),
}
#[derive(Clone)]
pub struct Writer;
impl Writer {
    pub fn reader(&self) -> &Reader {
        unimplemented!()
    }
    pub fn is_stopped(&self) -> bool {
        false
    }
    pub async fn send(&self, _: &Call, _: &BTreeMap<String, ProjectRef>) -> Result<Answer, SendError> {
        unimplemented!()
    }
}
