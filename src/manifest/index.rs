//! The kinds of a build by name, found quickly: a workspace may have hundreds of thousands of fields.

use std::collections::BTreeMap;

use crate::kind::KindInfo;
use crate::kind::Registry;
use crate::schema::Field;

/// A field and its place in the table.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) position: usize,
    pub(super) field: &'static Field,
}

/// A kind and its rows by name.
#[derive(Debug)]
pub(super) struct KindIndex {
    pub(super) info: &'static KindInfo,
    rows: BTreeMap<&'static str, Row>,
}

impl KindIndex {
    pub(super) fn row(&self, name: &str) -> Option<Row> {
        self.rows.get(name).copied()
    }
}

/// The kinds, in the order of the registry.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) kinds: Vec<KindIndex>,
}

impl Index {
    pub(super) fn new(registry: Registry) -> Self {
        let kinds = registry.iter().map(|kind| {
            let info = kind.info();
            let rows = info.all_fields().enumerate().map(|(position, field)| (field.name, Row { position, field }));
            KindIndex { info, rows: rows.collect() }
        });
        Self { kinds: kinds.collect() }
    }

    pub(super) fn kind(&self, name: &str) -> Option<&KindIndex> {
        self.kinds.iter().find(|kind| kind.info.name == name)
    }

    /// The kinds that have a field of this name.
    pub(super) fn kinds_with(&self, field: &str) -> Vec<&KindIndex> {
        self.kinds.iter().filter(|kind| kind.row(field).is_some()).collect()
    }
}
