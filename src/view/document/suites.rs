//! Results of tests.

/// Test results that belong together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suite {
    /// Their name.
    pub name: String,
    /// The results.
    pub cases: Vec<Case>,
}

/// A test result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// How it ended.
    pub end: End,
    /// What else is told of it, however it ended; empty where there is nothing.
    pub told: String,
}

/// How a test ended; with a line and further text where it did not pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// All is as it should be.
    Passed,
    /// The result is unknown.
    Skipped,
    /// The result is not as it should be.
    Failure(String, String),
    /// The result could not be found out.
    Error(String, String),
}
