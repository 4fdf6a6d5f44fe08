//! Resources of `*.tf` files, read without Terraform: all files of a folder together.

use std::collections::BTreeSet;

use hcl_edit::Span as _;
use hcl_edit::parser::parse_body;
use hcl_edit::structure::{Block, BlockLabel, Body};
use indexmap::IndexMap;

use super::evaluate::{Place, Scope};
use super::given::{FROM_STATE, Given, Resource};
use super::options::Options;
use super::resources::{attributes, is_ours};
use crate::diag::codes::import as codes;
use crate::diag::{Diagnostic, Diagnostics, SourceId, Sources, Span};
use crate::import::draft::Left;

/// The resources of some files.
pub(super) fn read(
    options: &Options<'_>,
    sources: &Sources,
    ids: &[SourceId],
    left: &mut BTreeSet<Left>,
    out: &mut Diagnostics,
) -> Vec<Resource> {
    let bodies: Vec<(SourceId, Body)> = ids.iter().filter_map(|id| Some((*id, parsed(sources, *id, out)?))).collect();
    let scope = scope(options, sources, &bodies);
    let mut resources = vec![];
    for (source, body) in &bodies {
        for block in body.blocks() {
            let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
            let place = scope.place(Place { source: *source, at: start(block.span()) });
            match (block.ident.as_str(), labels.as_slice()) {
                ("resource", [kind, name]) if is_ours(kind) => {
                    let address = format!("{kind}.{name}");
                    match resource(&scope, *source, block, kind) {
                        Ok(given) => resources.push(Resource {
                            address,
                            kind: (*kind).to_owned(),
                            name: (*name).to_owned(),
                            place,
                            given,
                        }),
                        Err(why) => drop(left.insert(Left { at: format!("{address} ({place})"), why })),
                    }
                }
                ("module", [name]) => {
                    let at = format!("module.{name} ({place})");
                    left.insert(Left { at, why: format!("modules are not read without Terraform: {FROM_STATE}") });
                }
                _ => {}
            }
        }
    }
    resources
}

fn parsed(sources: &Sources, id: SourceId, out: &mut Diagnostics) -> Option<Body> {
    let text = &sources.get(id).text;
    match parse_body(text) {
        Ok(body) => Some(body),
        Err(error) => {
            let at = error.location().offset();
            let message = "the file is not in the language of Terraform";
            out.push(Diagnostic::error(codes::UNREADABLE, Span::new(id, at, at), message).private());
            None
        }
    }
}

/// Variables and their values, locals, and the resources that others refer to.
fn scope<'a>(options: &'a Options<'_>, sources: &'a Sources, bodies: &'a [(SourceId, Body)]) -> Scope<'a> {
    let mut scope = Scope::new(options.texts, sources);
    for (source, body) in bodies {
        let path = &sources.get(*source).path;
        if is_values(path) {
            for attribute in body.attributes() {
                scope.values.insert(attribute.key.as_str(), (*source, &attribute.value));
            }
            continue;
        }
        for block in body.blocks() {
            let labels: Vec<&str> = block.labels.iter().map(BlockLabel::as_str).collect();
            match (block.ident.as_str(), labels.as_slice()) {
                ("variable", [name]) => {
                    let default = block.body.get_attribute("default").map(|it| (*source, &it.value));
                    scope.variables.insert(*name, default);
                }
                ("locals", []) => {
                    for attribute in block.body.attributes() {
                        scope.locals.insert(attribute.key.as_str(), (*source, &attribute.value));
                    }
                }
                ("resource", [kind, name]) if is_ours(kind) => {
                    scope.resources.insert(format!("{kind}.{name}"), (*source, &block.body));
                }
                ("import", []) => {
                    if let (Some(to), Some(id)) = (block.body.get_attribute("to"), block.body.get_attribute("id")) {
                        scope.imports.insert(to.value.to_string().trim().to_owned(), (*source, &id.value));
                    }
                }
                _ => {}
            }
        }
    }
    scope
}

/// Whether a file gives variables their values.
fn is_values(path: &str) -> bool {
    path.ends_with(".tfvars")
}

/// The attributes of a resource that are taken over.
fn resource(scope: &Scope<'_>, source: SourceId, block: &Block, kind: &str) -> Result<IndexMap<String, Given>, String> {
    let line = |span: Option<std::ops::Range<usize>>| scope.place(Place { source, at: start(span) });
    for name in ["count", "for_each"] {
        if let Some(attribute) = block.body.get_attribute(name) {
            return Err(format!("`{name}` ({}) is not read without Terraform: {FROM_STATE}", line(attribute.span())));
        }
    }
    if let Some(dynamic) = block.body.get_blocks("dynamic").next() {
        return Err(format!("`dynamic` ({}) is not read without Terraform: {FROM_STATE}", line(dynamic.span())));
    }
    let mut given = IndexMap::new();
    for name in attributes(kind) {
        if let Some(attribute) = block.body.get_attribute(name) {
            given.insert((*name).to_owned(), scope.value(source, &attribute.value));
        }
        let blocks: Vec<Given> = block.body.get_blocks(name).map(|block| members(scope, source, &block.body)).collect();
        if !blocks.is_empty() {
            given.insert((*name).to_owned(), Given::List(blocks));
        }
    }
    let address = block.labels.iter().map(BlockLabel::as_str).collect::<Vec<_>>().join(".");
    if let Some((source, id)) = scope.imports.get(&address) {
        given.entry("id".to_owned()).or_insert_with(|| scope.value(*source, id));
    }
    Ok(given)
}

/// A block as an object.
fn members(scope: &Scope<'_>, source: SourceId, body: &Body) -> Given {
    let attributes = body.attributes().map(|it| (it.key.as_str().to_owned(), scope.value(source, &it.value)));
    Given::Map(attributes.collect())
}

fn start(span: Option<std::ops::Range<usize>>) -> usize {
    span.map_or(0, |span| span.start)
}
