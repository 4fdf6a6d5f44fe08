//! `--select`: repeated means "or", a comma means `and`, `!` means `not`, `*` and `?` are wildcards in names.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use wildmatch::WildMatch;

use crate::diag::{Diagnostic, Diagnostics, Severity, codes::manifest as codes};
use crate::kind::Registry;
use crate::model::{Desired, DesiredProject};

/// The most terms of a run: each is tried with each section of each project.
pub(super) const MOST_TERMS: usize = 1_000;

/// The part of the desired state that a run is about.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// At least one of these must hold; if there are none, all is selected.
    any: Vec<Vec<Term>>,
}

#[derive(Debug, Clone)]
struct Term {
    not: bool,
    test: Test,
}

#[derive(Debug, Clone)]
enum Test {
    Label(String, WildMatch),
    Project(WildMatch),
    Kind(WildMatch, WildMatch),
}

impl Selection {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self::default()
    }

    /// Reads the selectors of a command line.
    ///
    /// # Errors
    /// When one cannot be read, or matches nothing.
    pub fn parse(selectors: &[String], desired: &Desired, registry: Registry) -> Result<Self, Diagnostics> {
        let all = Self::read(selectors)?;
        let mut out = Diagnostics::new();
        let names = OnceCell::new();
        for selector in all.idle(selectors, desired) {
            let message = format!("`--select {selector}` matches nothing");
            let found = Diagnostic::new(codes::NOTHING_SELECTED, Severity::Error, message);
            let names = names.get_or_init(|| names_of(desired, registry));
            let found = meant(found, selector, names, desired, &mut out);
            out.push(found);
        }
        if out.is_empty() { Ok(all) } else { Err(out) }
    }

    /// Reads the selectors without checking that they match anything.
    ///
    /// # Errors
    /// When one cannot be read, or together they have too many terms.
    pub fn read(selectors: &[String]) -> Result<Self, Diagnostics> {
        let mut out = Diagnostics::new();
        let mut any = Vec::with_capacity(selectors.len());
        let mut many = 0;
        for selector in selectors {
            many += terms(selector).count();
            if many > MOST_TERMS {
                let message = format!("the selectors of `--select` have more than {MOST_TERMS} terms");
                let hint = "Name several projects by a label, or by `*`.";
                out.push(Diagnostic::new(codes::BAD_SELECTOR, Severity::Error, message).hint(hint));
                break;
            }
            // Reported once for each selector, however many of its terms are wrong.
            match terms(selector).map(Term::parse).collect() {
                Some(terms) => any.push(terms),
                None => out.push(
                    Diagnostic::new(
                        codes::BAD_SELECTOR,
                        Severity::Error,
                        format!("`--select {selector}` cannot be read"),
                    )
                    .hint("Write `LABEL=VALUE`, `PROJECT` or `PROJECT/SECTION`; a comma means `and`, `!` means `not`."),
                ),
            }
        }
        if out.is_empty() { Ok(Self { any }) } else { Err(out) }
    }

    /// The selectors that match nothing.
    pub(super) fn idle<'s>(&self, selectors: &'s [String], desired: &Desired) -> Vec<&'s str> {
        let matches = |terms: &Vec<Term>| {
            let one = Self { any: vec![terms.clone()] };
            desired.projects.values().any(|project| one.project(project))
        };
        selectors.iter().zip(&self.any).filter(|(_, terms)| !matches(terms)).map(|(text, _)| text.as_str()).collect()
    }

    /// Whether nothing is left out.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.any.is_empty()
    }

    /// Whether anything of a project is selected.
    #[must_use]
    pub fn project(&self, project: &DesiredProject) -> bool {
        self.any.is_empty()
            || project.sections.keys().any(|kind| self.kind(project, kind))
            || self.any.iter().any(|terms| terms.iter().all(|term| term.holds(project, None)))
    }

    /// Whether a section of a project is selected.
    #[must_use]
    pub fn kind(&self, project: &DesiredProject, kind: &str) -> bool {
        self.any.is_empty() || self.any.iter().any(|terms| terms.iter().all(|term| term.holds(project, Some(kind))))
    }
}

impl Term {
    fn parse(term: &str) -> Option<Self> {
        let (not, rest) = term.strip_prefix('!').map_or((false, term), |rest| (true, rest));
        let test = match (rest.split_once('='), rest.split_once('/')) {
            (Some((label, value)), _) if !label.is_empty() && !label.contains('/') => {
                Test::Label(label.to_owned(), WildMatch::new(value))
            }
            (None, Some((project, kind))) if !project.is_empty() && !kind.is_empty() && !kind.contains('/') => {
                Test::Kind(WildMatch::new(project), WildMatch::new(kind))
            }
            (None, None) if !rest.is_empty() => Test::Project(WildMatch::new(rest)),
            _ => return None,
        };
        Some(Self { not, test })
    }

    /// Whether the term holds for a section, or for a project as a whole.
    fn holds(&self, project: &DesiredProject, kind: Option<&str>) -> bool {
        let holds = match &self.test {
            Test::Label(label, value) => project.labels.get(label).is_some_and(|own| value.matches(own)),
            Test::Project(name) => name.matches(&project.document),
            // Leaving out a section still selects the project; selecting a section does not select the project as a whole.
            Test::Kind(name, wanted) => {
                kind.is_some_and(|kind| name.matches(&project.document) && wanted.matches(kind))
            }
        };
        holds != self.not
    }
}

/// The terms of a selector.
pub(super) fn terms(selector: &str) -> impl Iterator<Item = &str> {
    selector.split(',').map(str::trim)
}

/// Everything that a term can name.
pub(super) fn names_of(desired: &Desired, registry: Registry) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for project in desired.projects.values() {
        names.insert(project.document.clone());
        names.extend(project.labels.iter().map(|(name, value)| format!("{name}={value}")));
        let kinds = registry.iter().map(|kind| kind.info().name).filter(|kind| project.sections.contains_key(kind));
        names.extend(kinds.map(|kind| format!("{}/{kind}", project.document)));
    }
    names
}

/// Adds what may be meant by a selector that matches nothing.
pub(super) fn meant(
    mut found: Diagnostic,
    selector: &str,
    names: &BTreeSet<String>,
    desired: &Desired,
    out: &mut Diagnostics,
) -> Diagnostic {
    for term in terms(selector).map(|term| term.trim_start_matches('!')).filter(|term| !names.contains(*term)) {
        if !out.may_guess() {
            break;
        }
        found = found.did_you_mean(term, names.iter().map(String::as_str));
    }
    // The list of projects, but not for each of many selectors.
    if found.hints.is_empty() && out.may_guess() {
        let names: Vec<_> = desired.projects.keys().map(|name| format!("`{name}`")).collect();
        found = found.hint(format!("Projects are {}.", names.join(", ")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinds::KINDS;
    use crate::manifest::{NoTexts, Options, build};

    fn desired() -> Desired {
        let text = "projects:
  acme-dev: {organization: acme, labels: {env: dev}, auth: {jwt_exp: 1}, secrets: {}}
  acme-prod: {organization: acme, labels: {env: prod}, auth: {jwt_exp: 1}, ssl_enforcement: {database: true}}
  beta: {organization: acme, labels: {env: prod}}
";
        let files = vec![("supaform.yaml".to_owned(), "version: 1".to_owned()), ("a.yaml".to_owned(), text.to_owned())];
        let built = build(files, &NoTexts, KINDS, &Options::default());
        assert!(built.diagnostics.is_empty(), "{:?}", built.diagnostics);
        built.desired
    }

    fn selected(selectors: &[&str]) -> Vec<String> {
        let desired = desired();
        let selectors: Vec<_> = selectors.iter().map(|text| (*text).to_owned()).collect();
        let selection = Selection::parse(&selectors, &desired, KINDS).unwrap();
        let mut found = vec![];
        for project in desired.projects.values().filter(|project| selection.project(project)) {
            let kinds: Vec<_> = project.sections.keys().filter(|kind| selection.kind(project, kind)).copied().collect();
            found.push(format!("{}({})", project.document, kinds.join(" ")));
        }
        found
    }

    fn refused(selector: &str) -> Diagnostic {
        let found = Selection::parse(&[selector.to_owned()], &desired(), KINDS).unwrap_err();
        found.sorted()[0].clone()
    }

    #[test]
    fn selectors_select() {
        let (dev, prod, beta) = ("acme-dev(auth secrets)", "acme-prod(auth ssl_enforcement)", "beta()");
        for (selectors, wanted) in [
            (&[][..], &[dev, prod, beta][..]),
            (&["acme-dev"], &[dev]),
            (&["acme-*"], &[dev, prod]),
            (&["env=prod"], &[prod, beta]),
            (&["env=p*"], &[prod, beta]),
            (&["env=prod,acme-*"], &[prod]),
            (&["!env=prod"], &[dev]),
            (&["env=prod,!beta"], &[prod]),
            (&["acme-dev", "beta"], &[dev, beta]),
            (&["acme-prod/auth"], &["acme-prod(auth)"]),
            (&["*/secrets"], &["acme-dev(secrets)"]),
            (&["*/auth,env=dev"], &["acme-dev(auth)"]),
            (&["acme-prod,!*/auth"], &["acme-prod(ssl_enforcement)"]),
            (&["acme-prod/auth", "acme-dev"], &[dev, "acme-prod(auth)"]),
            (&["acme-*/s*"], &["acme-dev(secrets)", "acme-prod(ssl_enforcement)"]),
        ] {
            assert_eq!(selected(selectors), wanted, "{selectors:?}");
        }
    }

    #[test]
    fn many_selectors_that_match_nothing_cost_few_guesses() {
        let many: Vec<String> = (0..200).map(|number| format!("acme-prdo{number},beat")).collect();
        let refused = Selection::parse(&many, &desired(), KINDS).unwrap_err();
        let found = refused.sorted();
        assert_eq!(found.len(), many.len());
        let guessed = found.iter().flat_map(|found| &found.hints).filter(|hint| hint.starts_with("Did you mean"));
        assert_eq!(guessed.count(), crate::diag::MOST_GUESSES);
    }

    #[test]
    fn what_selects_nothing_or_cannot_be_read_is_refused() {
        for selector in ["", "a=", "=b", "a/b/c", "/auth", "acme-dev/", "!", "acme-dev,,beta", "a[b"] {
            let code = refused(selector).code;
            let idle = ["a=", "a[b"].contains(&selector);
            assert_eq!(code, if idle { codes::NOTHING_SELECTED } else { codes::BAD_SELECTOR }, "{selector:?}");
        }
        for (selector, hint) in [
            ("acme-prdo", "Did you mean `acme-prod`?"),
            ("env=prd", "Did you mean `env=prod`?"),
            ("acme-prod/atuh", "Did you mean `acme-prod/auth`?"),
            ("xyz", "Projects are `acme-dev`, `acme-prod`, `beta`."),
        ] {
            let found = refused(selector);
            assert_eq!(found.code, codes::NOTHING_SELECTED, "{selector}");
            assert_eq!(found.hints, [hint], "{selector}");
        }
    }

    #[test]
    fn many_wrong_terms_cause_few_findings() {
        let commas = ",".repeat(900);
        let twice = Selection::read(&[commas.clone(), commas]).unwrap_err();
        assert_eq!(twice.len(), 2, "one that cannot be read, and where it ends");
        let found = Selection::parse(&["acme-prdo,".repeat(900) + "x"], &desired(), KINDS).unwrap_err();
        assert_eq!(found.len(), 1);
        assert_eq!(found.sorted()[0].hints.len(), 20);
        assert!(Selection::read(&["a,".repeat(MOST_TERMS)]).is_err());
        assert!(Selection::read(&["*a".repeat(50_000)]).is_ok());
    }
}
