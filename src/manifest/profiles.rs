//! The profiles that a project extends, from weak to strong.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::Documents;
use super::envelope::Placed;
use super::merge::Layered;
use crate::diag::{Diagnostic, Diagnostics, Span, codes::manifest as codes};
use crate::model::Layer;

/// The most profiles between a project and a value: nobody can trace a value through more.
const MOST_DEEP: usize = 8;

/// The profiles in the order of `extends`, each after those that it extends; a profile that is reached twice counts where
/// it is reached first.
pub(super) fn layers<'d, 'n: 'd>(
    all: &'d Documents<'n>,
    extends: impl IntoIterator<Item = &'d Placed<&'n str>>,
    out: &mut Diagnostics,
) -> Vec<Layered<'d, 'n>> {
    let mut walk = Walk { all, done: BTreeSet::new(), chain: vec![], found: vec![], out };
    for name in extends {
        walk.visit(name);
    }
    walk.found
}

/// Checks the profiles that no project reaches, as far as that is possible without one.
///
/// Where projects could not be merged (`torn`), they may use any profile.
pub(super) fn idle(all: &Documents<'_>, reached: &BTreeSet<&str>, torn: bool, out: &mut Diagnostics) {
    for (name, document) in all.profiles.iter().filter(|(name, _)| !reached.contains(*name)) {
        let before = out.len();
        let extends = [Placed { value: *name, span: document.name_span }];
        drop(layers(all, &extends, out));
        if out.len() == before && !torn {
            let message = format!("no project extends the profile `{name}`");
            out.push(Diagnostic::warning(codes::IDLE_PROFILE, document.name_span, message));
        }
    }
}

struct Walk<'d, 'n, 'o> {
    all: &'d Documents<'n>,
    done: BTreeSet<&'n str>,
    chain: Vec<&'n str>,
    found: Vec<Layered<'d, 'n>>,
    out: &'o mut Diagnostics,
}

impl<'n> Walk<'_, 'n, '_> {
    /// The cycle that starts at a place of the chain: reported from its first name in the alphabet on, so that the message
    /// is the same wherever the cycle was entered.
    fn cycle(&self, at: usize, closed: Span) -> Diagnostic {
        let mut chain: Vec<&str> = self.chain.iter().skip(at).copied().collect();
        let first = chain.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(first, _)| first);
        chain.rotate_left(first);
        let (start, end) = (chain.first().copied().unwrap_or_default(), chain.last().copied().unwrap_or_default());
        let extends = self.all.profiles.get(end).into_iter().flat_map(|document| &document.envelope.extends);
        let span = extends.into_iter().find(|next| next.value == start).map_or(closed, |next| next.span);
        let message = format!("profiles extend each other: {} → {start}", chain.join(" → "));
        Diagnostic::error(codes::EXTENDS_CYCLE, span, message)
    }

    fn visit(&mut self, wanted: &Placed<&'n str>) {
        let Placed { value: name, span } = *wanted;
        if let Some(at) = self.chain.iter().position(|open| *open == name) {
            let found = self.cycle(at, span);
            self.out.push(found);
        } else if self.chain.len() == MOST_DEEP {
            let message =
                format!("profiles are nested more than {MOST_DEEP} deep: {} → {name}", self.chain.join(" → "));
            self.out.push(Diagnostic::error(codes::EXTENDS_DEPTH, span, message));
        } else if !self.done.contains(name) {
            let Some((name, document)) = self.all.profiles.get_key_value(name) else {
                let found = Diagnostic::error(codes::UNKNOWN_PROFILE, span, format!("there is no profile `{name}`"));
                self.out.push_guessing(found, name, self.all.profiles.keys().copied());
                return;
            };
            self.chain.push(name);
            for inner in &document.envelope.extends {
                self.visit(inner);
            }
            self.chain.pop();
            self.done.insert(name);
            self.found.push(Layered { layer: Layer::Profile(Arc::from(*name)), document });
        }
    }
}
