//! What earlier runs have seen, to spare reads whose answer would be the same.

/// Notes about states of what can be read. They may be forgotten at any time; whoever asks does without then.
pub trait Memory: Send + Sync {
    /// What was noted of a state.
    fn recall(&self, state: &str) -> Option<String>;

    /// Notes what was seen of a state.
    fn note(&self, state: &str, seen: &str);
}
