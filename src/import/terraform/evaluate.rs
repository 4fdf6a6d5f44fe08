//! Expressions of Terraform's language, as far as their values are known without Terraform.

use std::cell::Cell;
use std::collections::BTreeMap;

use hcl_edit::expr::{Expression, FuncCall, ObjectKey, Traversal, TraversalOperator, UnaryOperator};
use hcl_edit::structure::Body;
use hcl_edit::template::{Element, Template};
use hcl_edit::{Decorated, Span as _};
use indexmap::IndexMap;
use serde_json::Number;

use super::given::Given;
use crate::diag::{SourceId, Sources, Span};
use crate::files::beside;
use crate::manifest::Texts;

/// A place in a file.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) source: SourceId,
    pub(super) at: usize,
}

/// Expressions by name, each with its file.
type Named<'a> = BTreeMap<&'a str, (SourceId, &'a Expression)>;

/// How large all values of a folder may be together, and how deep they may be within each other: locals that name each other
/// twice would grow without end.
const BUDGET: usize = 16 << 20;
const DEPTH: usize = 128;
/// What a value costs beside its text.
const COST: usize = 32;

/// What expressions may name.
pub(super) struct Scope<'a> {
    /// The defaults of variables.
    pub(super) variables: BTreeMap<&'a str, Option<(SourceId, &'a Expression)>>,
    /// The values of variables.
    pub(super) values: Named<'a>,
    pub(super) locals: Named<'a>,
    pub(super) resources: BTreeMap<String, (SourceId, &'a Body)>,
    /// The ids of `import` blocks, by the address of the resource.
    pub(super) imports: BTreeMap<String, (SourceId, &'a Expression)>,
    texts: &'a dyn Texts,
    sources: &'a Sources,
    left: Cell<usize>,
}

impl<'a> Scope<'a> {
    pub(super) fn new(texts: &'a dyn Texts, sources: &'a Sources) -> Self {
        Self {
            variables: BTreeMap::new(),
            values: Named::new(),
            locals: Named::new(),
            resources: BTreeMap::new(),
            imports: BTreeMap::new(),
            texts,
            sources,
            left: Cell::new(BUDGET),
        }
    }

    /// A place for people: `main.tf:12`.
    pub(super) fn place(&self, place: Place) -> String {
        let position = self.sources.position(Span::new(place.source, place.at, place.at));
        format!("{}:{}", self.sources.get(place.source).path, position.line)
    }

    /// The value of an expression of a file.
    pub(super) fn value(&self, source: SourceId, expression: &Expression) -> Given {
        Evaluation { scope: self, source, depth: 0 }.value(expression)
    }
}

/// The evaluation of an expression.
#[derive(Clone, Copy)]
struct Evaluation<'s, 'a> {
    scope: &'s Scope<'a>,
    source: SourceId,
    depth: usize,
}

impl Evaluation<'_, '_> {
    fn unknown(&self, what: &str, at: &Expression) -> Given {
        let at = at.span().map_or(0, |span| span.start);
        let place = self.scope.place(Place { source: self.source, at });
        Given::Unknown(format!("{what} ({place}) is not read without Terraform: {}", super::given::FROM_STATE))
    }

    fn value(self, expression: &Expression) -> Given {
        if self.depth >= DEPTH || !self.pay(COST) {
            return self.unknown("a value of so many parts", expression);
        }
        let value = self.deeper(self.source).of(expression);
        let paid = value.text().is_none_or(|text| self.pay(text.len()));
        if paid { value } else { self.unknown("a value of so many parts", expression) }
    }

    /// Whether there is that much left to spend.
    fn pay(&self, cost: usize) -> bool {
        let left = self.scope.left.get().checked_sub(cost);
        self.scope.left.set(left.unwrap_or_default());
        left.is_some()
    }

    fn of(self, expression: &Expression) -> Given {
        match expression {
            Expression::Null(_) => Given::Null,
            Expression::Bool(on) => Given::Bool(*on.value()),
            Expression::Number(number) => self.number(number.value(), false, expression),
            Expression::String(text) => Given::Text(text.value().clone()),
            Expression::Array(items) => Given::List(items.iter().map(|item| self.value(item)).collect()),
            Expression::Object(members) => {
                let mut map = IndexMap::new();
                for (key, member) in members {
                    let name = match key {
                        ObjectKey::Ident(name) => Some(name.as_str().to_owned()),
                        ObjectKey::Expression(name) => self.value(name).text().map(str::to_owned),
                    };
                    let Some(name) = name else { return self.unknown("a computed key", expression) };
                    map.insert(name, self.value(member.expr()));
                }
                Given::Map(map)
            }
            Expression::StringTemplate(template) => self.template(template, expression),
            Expression::HeredocTemplate(heredoc) => {
                let mut heredoc = heredoc.clone();
                heredoc.dedent();
                self.template(&heredoc.template, expression)
            }
            Expression::Parenthesis(inner) => self.value(inner.inner()),
            Expression::Traversal(traversal) => self.traversal(traversal, expression),
            Expression::FuncCall(call) => self.call(call, expression),
            Expression::UnaryOp(operation) => match (operation.operator.value(), &operation.expr) {
                (UnaryOperator::Neg, Expression::Number(number)) => self.number(number.value(), true, expression),
                _ => self.unknown("an operation", expression),
            },
            Expression::Variable(_) => self.unknown("a bare name", expression),
            Expression::Conditional(_) => self.unknown("a condition", expression),
            Expression::BinaryOp(_) => self.unknown("an operation", expression),
            Expression::ForExpr(_) => self.unknown("`for`", expression),
        }
    }

    fn number(&self, number: &hcl_edit::Number, negative: bool, at: &Expression) -> Given {
        let whole = number.as_i64().and_then(|it| if negative { it.checked_neg() } else { Some(it) });
        let number = whole.map(Number::from).or_else(|| {
            let float = number.as_f64()?;
            Number::from_f64(if negative { -float } else { float })
        });
        number.map_or_else(|| self.unknown("a number of this size", at), Given::Number)
    }

    fn template(&self, template: &Template, at: &Expression) -> Given {
        if let Some(Element::Interpolation(only)) = template.as_single_element() {
            return self.value(&only.expr);
        }
        let mut whole = String::new();
        for element in template {
            match element {
                Element::Literal(text) => whole.push_str(text.value()),
                Element::Interpolation(inner) => match self.value(&inner.expr) {
                    Given::Text(text) => whole.push_str(&text),
                    Given::Number(number) => whole.push_str(&number.to_string()),
                    Given::Bool(on) => whole.push_str(if on { "true" } else { "false" }),
                    Given::Null | Given::List(_) | Given::Map(_) => return self.unknown("a part of a text", at),
                    other @ (Given::Variable(_) | Given::Project(_) | Given::Unknown(_)) => {
                        return Given::Unknown(other.known().err().unwrap_or_default());
                    }
                },
                Element::Directive(_) => return self.unknown("a directive in a text", at),
            }
            if whole.len() > crate::yaml::limits::TEXT_BYTES {
                return self.unknown("a text of this size", at);
            }
        }
        Given::Text(whole)
    }

    fn call(&self, call: &FuncCall, at: &Expression) -> Given {
        let name = call.name.name.as_str();
        match (name, call.args.get(0)) {
            // Settings are read as the objects that they are.
            ("jsonencode", Some(argument)) if call.args.len() == 1 && !call.name.is_namespaced() => {
                self.value(argument)
            }
            ("file", Some(argument)) if call.args.len() == 1 && !call.name.is_namespaced() => {
                let path = self.value(argument);
                let Some(path) = path.text() else { return self.unknown("the path of a file", at) };
                let from = &self.scope.sources.get(self.source).path;
                match beside(from, path).and_then(|path| self.scope.texts.read(&path)) {
                    Ok(text) => Given::Text(text.to_string()),
                    Err(why) => Given::Unknown(format!("the file `{path}` is not read: {why}")),
                }
            }
            _ => self.unknown(&format!("`{name}()`"), at),
        }
    }

    fn traversal(&self, traversal: &Traversal, at: &Expression) -> Given {
        let Expression::Variable(root) = &traversal.expr else {
            let first = self.value(&traversal.expr);
            return self.within(first, &traversal.operators.iter().map(Decorated::value).collect::<Vec<_>>(), at);
        };
        let operators: Vec<&TraversalOperator> = traversal.operators.iter().map(Decorated::value).collect();
        let name = |index: usize| match operators.get(index) {
            Some(TraversalOperator::GetAttr(name)) => Some(name.as_str()),
            _ => None,
        };
        match (root.as_str(), name(0), name(1)) {
            ("var", Some(variable), _) => self.within(self.variable(variable, at), &operators[1..], at),
            ("local", Some(local), _) => match self.scope.locals.get(local) {
                Some((source, expression)) => {
                    let value = self.deeper(*source).value(expression);
                    self.within(value, &operators[1..], at)
                }
                None => self.unknown(&format!("`local.{local}`"), at),
            },
            ("path", Some("module" | "root" | "cwd"), None) => Given::Text(".".to_owned()),
            ("supabase_project", Some(resource), Some("id")) if operators.len() == 2 => {
                Given::Project(format!("supabase_project.{resource}"))
            }
            (kind, Some(resource), Some("project_ref")) if operators.len() == 2 => {
                match self.scope.resources.get(&format!("{kind}.{resource}")) {
                    Some((source, body)) => match body.get_attribute("project_ref") {
                        Some(attribute) => self.deeper(*source).value(&attribute.value),
                        None => Given::Null,
                    },
                    None => self.unknown(&format!("`{kind}.{resource}`"), at),
                }
            }
            (root, Some(name), _) => self.unknown(&format!("`{root}.{name}`"), at),
            (root, None, _) => self.unknown(&format!("`{root}`"), at),
        }
    }

    fn variable(&self, name: &str, at: &Expression) -> Given {
        let given = self.scope.values.get(name).copied().map(Some);
        match given.or_else(|| self.scope.variables.get(name).copied()) {
            Some(Some((source, expression))) => self.deeper(source).value(expression),
            Some(None) => Given::Variable(name.to_owned()),
            None => self.unknown(&format!("`var.{name}`"), at),
        }
    }

    /// A part of a value.
    fn within(&self, mut value: Given, operators: &[&TraversalOperator], at: &Expression) -> Given {
        for operator in operators {
            let key = match operator {
                TraversalOperator::GetAttr(name) => Given::Text(name.as_str().to_owned()),
                TraversalOperator::Index(index) => self.value(index),
                TraversalOperator::LegacyIndex(index) => Given::Number((*index.value()).into()),
                TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => return self.unknown("`*`", at),
            };
            let part = match (value, key) {
                (Given::Map(mut members), Given::Text(name)) => members.swap_remove(&name),
                (Given::List(items), Given::Number(index)) => {
                    index.as_u64().and_then(|index| items.into_iter().nth(usize::try_from(index).ok()?))
                }
                (unknown @ (Given::Variable(_) | Given::Unknown(_)), _) => {
                    Some(Given::Unknown(unknown.known().err().unwrap_or_default()))
                }
                _ => None,
            };
            let Some(part) = part else { return self.unknown("a part of a value", at) };
            value = part;
        }
        value
    }

    const fn deeper(&self, source: SourceId) -> Self {
        Self { scope: self.scope, source, depth: self.depth + 1 }
    }
}
