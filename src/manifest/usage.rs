//! Which variables are defined and which are used: a variable that is required but missing, or defined but unused, is an
//! error.

use std::collections::{BTreeMap, BTreeSet};

use super::document::Document;
use super::merge::Layered;
use super::variables::Scope;
use crate::diag::{Diagnostic, Diagnostics, Span, codes::manifest as codes};

/// The variables that all documents define, by the place of their name, and whether any project used them.
#[derive(Debug, Default)]
pub(super) struct Usage<'n> {
    given: BTreeMap<Span, Given<'n>>,
}

#[derive(Debug)]
struct Given<'n> {
    name: &'n str,
    used: bool,
    /// A name near this one that is used and not defined.
    meant: Option<&'n str>,
}

impl<'n> Usage<'n> {
    /// Adds a project; reports the variables that a profile requires and the project does not define.
    pub(super) fn project(
        &mut self,
        main: &Document<'n>,
        layers: &[Layered<'_, 'n>],
        scope: &Scope<'n>,
        from_files: &BTreeSet<String>,
        out: &mut Diagnostics,
    ) {
        let documents = || layers.iter().map(|layered| layered.document);
        let required = || documents().flat_map(|document| &document.envelope.requires);
        for wanted in required().filter(|wanted| !scope.vars.contains_key(wanted.value)) {
            let message = format!("`{}` does not define the variable `{}`", main.name, wanted.value);
            let found = Diagnostic::error(codes::MISSING_VARIABLE, main.name_span, message)
                .label(wanted.span, "required here")
                .hint(format!("Define it under `vars:`, for example `{}: …`.", wanted.value));
            let known = scope.vars.keys().copied().filter(|name| !used_by(layers, name));
            out.push_guessing(found, wanted.value, known);
        }
        for document in documents() {
            for entry in &document.envelope.vars {
                let name = entry.key.name.as_str();
                let given = self.given.entry(entry.key.span).or_insert(Given { name, used: false, meant: None });
                if given.used {
                    continue;
                }
                given.used =
                    used_by(layers, name) || from_files.contains(name) || required().any(|wanted| wanted.value == name);
                if !given.used && out.may_guess() {
                    let undefined = documents().flat_map(|document| document.uses.iter().copied());
                    let undefined = undefined.filter(|used| !scope.vars.contains_key(used));
                    given.meant = crate::diag::nearest(name, undefined);
                }
            }
        }
    }

    /// Reports the unused variables.
    pub(super) fn report(self, out: &mut Diagnostics) {
        for (span, Given { name, used, meant }) in self.given {
            if used {
                continue;
            }
            let found = Diagnostic::error(codes::UNUSED_VARIABLE, span, format!("nothing uses the variable `{name}`"));
            out.push(match meant {
                Some(meant) => found.hint(format!("Did you mean `{meant}`, which is used and not defined?")),
                None => found.hint(format!("Remove it, or use it as `${{var.{name}}}`.")),
            });
        }
    }
}

fn used_by(layers: &[Layered<'_, '_>], name: &str) -> bool {
    layers.iter().any(|layered| layered.document.uses.contains(name))
}
