//! Checks values that no project uses: no project extends their profile, or every project has a stronger value. Without
//! this check, a mistake would only show once the value is used.

use std::collections::BTreeSet;

use super::document::Document;
use super::merge::{Layered, merge};
use super::profiles;
use super::project::Shared;
use super::values::Values;
use super::variables::{Filler, LiveName, Scope, Undefined};
use crate::diag::Diagnostics;
use crate::model::Layer;

/// Checks values in profiles, in `common`, and in projects that could not be merged.
pub(super) fn check(shared: &mut Shared<'_, '_>, out: &mut Diagnostics) {
    let all = shared.documents;
    let torn = std::mem::take(&mut shared.torn);
    for document in all.profiles.values().chain(&all.commons).chain(torn) {
        check_one(shared, document, out);
    }
}

/// Checks one document over the profiles that it extends. A variable that a project would have to define is unknown here,
/// which is no mistake.
fn check_one<'n>(shared: &mut Shared<'_, 'n>, document: &Document<'n>, out: &mut Diagnostics) {
    let mut told = Diagnostics::new();
    let mut layers = profiles::layers(shared.documents, &document.envelope.extends, &mut told);
    layers.push(Layered { layer: Layer::Document, document });
    let mut scope =
        Scope { reference: Some("x".repeat(20)), name: LiveName::Is(document.name.to_owned()), ..Scope::default() };
    for Layered { document, .. } in &layers {
        scope.take(&document.envelope);
    }
    let mut unknown = Undefined::default();
    let filler = Filler {
        project: document.name,
        scope,
        sources: shared.sources,
        undefined: &mut unknown,
        out,
        via: vec![],
        used: BTreeSet::new(),
        lenient: true,
        at_once: false,
    };
    let mut values = Values {
        filler,
        texts: shared.texts,
        cache: &mut shared.cache,
        contents: &mut shared.contents,
        named: &mut shared.named,
        options: shared.options,
        parts: vec![],
    };
    for mut merged in merge(&layers, &mut told) {
        merged.forget(&shared.checked);
        drop(values.section(merged));
    }
}
