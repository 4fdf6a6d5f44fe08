//! The verdict, and sentences.

/// The verdict: a few words, and the rest of the sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// How good it is.
    pub tone: Tone,
    /// The few words.
    pub head: String,
    /// The rest of the sentence.
    pub rest: Phrase,
    /// Facts of less weight, such as the id of a plan.
    pub more: Phrase,
}

impl Verdict {
    /// A verdict without facts of less weight.
    #[must_use]
    pub fn of(tone: Tone, head: impl Into<String>, rest: Phrase) -> Self {
        Self { tone, head: head.into(), rest, more: Phrase::default() }
    }

    /// The whole sentence without the facts of less weight; `name` formats each name.
    #[must_use]
    pub fn text(&self, name: impl Fn(&str) -> String) -> String {
        format!("{}{}", self.head, self.rest.text(name))
    }
}

/// How good a result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither good nor bad.
    Neutral,
    /// As it should be.
    Good,
    /// Somebody has to look at it.
    Doubtful,
    /// Failed or refused.
    Bad,
    /// Nothing was done.
    Idle,
}

impl Tone {
    /// The name of the tone, for formats that need one.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Good => "good",
            Self::Doubtful => "doubtful",
            Self::Bad => "bad",
            Self::Idle => "idle",
        }
    }
}

/// Part of a sentence.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrase(pub Vec<Inline>);

/// A part of a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Inline {
    /// Our own words; none of them comes from outside.
    Words(String),
    /// A name from outside, not escaped.
    Name(String),
    /// A sentence, which may come from outside; names are in back quotes.
    Sentence(String),
}

impl Phrase {
    /// A phrase of words alone.
    #[must_use]
    pub fn words(words: impl Into<String>) -> Self {
        Self(vec![Inline::Words(words.into())])
    }

    /// Adds words.
    #[must_use]
    pub fn then(mut self, words: impl Into<String>) -> Self {
        self.0.push(Inline::Words(words.into()));
        self
    }

    /// Adds a name.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.0.push(Inline::Name(name.into()));
        self
    }

    /// Adds a sentence.
    #[must_use]
    pub fn sentence(mut self, text: impl Into<String>) -> Self {
        self.0.push(Inline::Sentence(text.into()));
        self
    }

    /// The phrase as a text; `name` formats what comes from outside.
    #[must_use]
    pub fn text(&self, name: impl Fn(&str) -> String) -> String {
        let part = |part: &Inline| match part {
            Inline::Words(words) => words.clone(),
            Inline::Name(text) | Inline::Sentence(text) => name(text),
        };
        self.0.iter().map(part).collect()
    }
}
