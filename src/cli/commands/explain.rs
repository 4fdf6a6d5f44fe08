//! `explain`.

use wildmatch::WildMatch;

use crate::cli::args::global::Format;
use crate::cli::complete;
use crate::cli::run::{Done, Run};
use crate::compare::{Identity, Side};
use crate::diag::codes::{self, run as run_codes};
use crate::diag::{Diagnostic, Diagnostics, Severity, Sources, nearest, render};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::kind;
use crate::kinds::KINDS;
use crate::model::{DesiredProject, Preview, ProjectRef};
use crate::record::{Basis, Explained, Spread, SpreadProject, explained_json};
use crate::schema::{KindInfo, Shape, docs};
use crate::session::{Workspace, unread};
use crate::view::{explained_text, spread_page};

/// Explain a kind, a field, an error code, or a field of a project
///
/// For example: supaform explain auth, supaform explain auth.jwt_exp, supaform explain jwt_exp, supaform explain E0301.
/// With a project, as in supaform explain acme-prod/auth/jwt_exp, it shows the desired value, the file and layer that set
/// it, and the live value; without a token or a sandbox, all but the last. With a pattern instead of the project's name, as
/// in supaform explain 'shop-*/auth/jwt_exp', it shows which projects have which desired value, and where it is written.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct Args {
    /// A kind, a field (with or without its kind), a code, or an address; without a topic, the kinds are listed
    #[arg(add = complete::topics())]
    topic: Option<String>,
}

pub(super) async fn run(run: &Run, args: &Args) -> Done {
    if let Some(address) = args.topic.as_deref().and_then(Asked::parse) {
        return if address.project.contains(['*', '?']) {
            in_fleet(run, &address)
        } else {
            in_project(run, &address).await
        };
    }
    let text = match args.topic.as_deref() {
        None => list(),
        Some(topic) => explain(topic).ok_or_else(|| unknown(topic))?,
    };
    run.terminal.out(&text);
    Ok(Exit::Done)
}

/// A field or an item of a project: `acme-prod/auth/jwt_exp`, `acme-prod/auth.jwt_exp`, `acme-prod/secrets/STRIPE_KEY`.
#[derive(Debug, PartialEq, Eq)]
struct Asked<'a> {
    project: &'a str,
    kind: &'a str,
    rest: &'a str,
}

impl<'a> Asked<'a> {
    fn parse(topic: &'a str) -> Option<Self> {
        let (project, rest) = topic.split_once('/')?;
        if let Some((kind, rest)) = rest.split_once('/') {
            return Some(Self { project, kind, rest });
        }
        match rest.split_once('.') {
            Some((kind, rest)) => Some(Self { project, kind, rest }),
            None if kind::find(KINDS, rest).is_some() => Some(Self { project, kind: rest, rest: "" }),
            // `auth/jwt_exp`
            None => None,
        }
    }

    /// The item and the field of the address.
    fn place(&self, info: &'static KindInfo) -> Result<(Option<&'a str>, Option<&'a str>), Failure> {
        let Self { project, kind, rest } = self;
        let unknown = |message: String| Diagnostic::new(run_codes::NO_SUCH_TOPIC, Severity::Error, message);
        let found = match info.shape {
            _ if rest.is_empty() => unknown(format!("`{project}/{kind}` is not a single field")).hint(format!(
                "Name one, as in `{project}/{kind}/NAME`; `render --origin --select {project}/{kind}` shows all."
            )),
            Shape::Settings { .. } if info.find(rest).is_some() => return Ok((None, Some(rest))),
            // Its items are files.
            Shape::Settings { .. } if !info.of_files.is_empty() => return Ok((Some(rest), None)),
            Shape::Settings { .. } => unknown(format!("`{kind}` has no field `{rest}`"))
                .did_you_mean(rest, info.all_fields().map(|field| field.name)),
            Shape::Collection { .. } => {
                let field = rest.rsplit_once('/').filter(|(_, field)| info.field(field).is_some());
                return Ok(field.map_or((Some(rest), None), |(item, field)| (Some(item), Some(field))));
            }
        };
        let mut findings = Diagnostics::new();
        findings.push(found);
        Err(Failure::invalid(findings, Sources::new()))
    }
}

/// The field that `KIND.FIELD`, `KIND/ITEM` or `KIND/ITEM/FIELD` names.
pub(super) fn place_of(text: &str) -> Result<(&'static KindInfo, Option<&str>, &str), Failure> {
    let (kind, rest) = text.split_once(['.', '/']).unwrap_or((text, ""));
    let info = kind::find(KINDS, kind).ok_or_else(|| unknown(text))?.info();
    let found = match info.shape {
        Shape::Settings { .. } => info.find(rest).map(|_| (None, rest)),
        Shape::Collection { .. } => match (rest.rsplit_once('/'), info.scalar()) {
            (Some((item, field)), _) if info.field(field).is_some() => Some((Some(item), field)),
            (_, Some(field)) if !rest.is_empty() => Some((Some(rest), field)),
            _ => None,
        },
    };
    found.map(|(item, field)| (info, item, field)).ok_or_else(|| match info.shape {
        Shape::Settings { .. } => unknown(text),
        Shape::Collection { .. } => {
            let path = if info.scalar().is_some() { "NAME" } else { "NAME/FIELD" };
            let message = format!("`{text}` is not a single field, because {kind} has items");
            let hint = format!("Name one, as in `{kind}/{path}`.");
            Failure::with_hint(Exit::Invalid, run_codes::NO_SUCH_TOPIC, message, hint)
        }
    })
}

/// A field over the projects that a pattern matches: its desired values, who has each, and where it is written.
fn in_fleet(run: &Run, asked: &Asked<'_>) -> Done {
    let Asked { project: pattern, kind, rest: _ } = *asked;
    let info = kind::find(KINDS, kind).ok_or_else(|| unknown(kind))?.info();
    let (item, field) = asked.place(info)?;
    let field = field.or(info.scalar()).unwrap_or_default();
    let mut workspace = run.load()?;
    let pattern = WildMatch::new(pattern);
    for preview in std::mem::take(&mut workspace.desired.previews) {
        let document = format!("{}@{}", preview.parent, preview.pattern);
        let wanted = DesiredProject { document: document.clone(), ..preview.wanted };
        workspace.desired.projects.insert(document, wanted);
    }
    workspace.desired.projects.retain(|name, _| pattern.matches(name));
    workspace.desired.projects.values_mut().for_each(DesiredProject::spell_out);
    let projects = workspace.desired.projects.values();
    let sides: Vec<(&DesiredProject, Side)> =
        projects.map(|project| (project, Side::rendered(project, KINDS, Identity::Without))).collect();
    let projects = sides
        .iter()
        .map(|(project, side)| SpreadProject {
            project: &project.document,
            labels: &project.labels,
            wanted: side.of(info.name, item, Some(field)).first().map(|(_, fact)| *fact),
            live: None,
        })
        .collect();
    let spread = Spread { section: info.name, item, field, basis: Basis::Desired, projects, unread: vec![] };
    if run.global.format == Format::Json {
        run.json(&spread.json(&workspace.sources));
    } else {
        let doc = docs::explain_field(info, field);
        run.terminal.out(&doc.map_or(String::new(), |doc| doc + "\n"));
        run.terminal.page(spread_page(&spread, &workspace.sources, false));
    }
    Ok(Exit::Done)
}

async fn in_project(run: &Run, asked: &Asked<'_>) -> Done {
    let Asked { project: name, kind, rest: _ } = *asked;
    let kind = kind::find(KINDS, kind).ok_or_else(|| unknown(kind))?;
    let info = kind.info();
    let (item, field) = asked.place(info)?;
    let mut workspace = run.load()?;
    let is_preview = name.contains('@') && !workspace.desired.projects.contains_key(name);
    if is_preview {
        find_preview(run, &mut workspace, name).await?;
    }
    let mut project = workspace.project(name)?.clone();
    let (live, why) = if run.session.can_read() {
        match live(run, &workspace, name, info).await {
            Ok((side, reference)) => {
                if let Some(reference) = &reference {
                    project.fill_in(reference);
                }
                (side, None)
            }
            Err(failure) => (Side::default(), Some(failure)),
        }
    } else {
        (Side::default(), None)
    };
    project.spell_out();
    let wanted = Side::rendered(&project, KINDS, Identity::Without);
    let unread = match &why {
        Some(_) => Some("the reason is below"),
        None if run.session.can_read() => None,
        None => Some("there is no access token; give one, or `--sandbox DIR`"),
    };
    let (wanted, live) = (wanted.of(info.name, item, field), live.of(info.name, item, field));
    let mut places: Vec<_> = wanted.iter().chain(&live).map(|(place, _)| *place).collect();
    places.sort();
    places.dedup();
    let of = |facts: &[(_, _)], place| facts.iter().find(|(at, _)| *at == place).map(|(_, fact)| *fact);
    let nothing = crate::compare::Place::of(info, item, field);
    if places.is_empty() {
        places.push(&nothing);
    }
    let places = places.into_iter().map(|place| (place, of(&wanted, place), of(&live, place)));
    let explained = Explained { project: name, places: places.collect(), unread };
    if run.global.format == Format::Json {
        run.json(&explained_json(&explained, &workspace.sources));
    } else {
        let doc = field.and_then(|name| docs::explain_field(info, name));
        run.terminal.out(&doc.map_or(String::new(), |doc| doc + "\n"));
        run.terminal.page(explained_text(&explained, &workspace.sources));
    }
    match why {
        None => Ok(Exit::Done),
        Some(Failure { exit, findings, sources }) => {
            run.show(&findings.sorted(), &sources);
            Ok(exit)
        }
    }
}

/// Adds a branch without a document to what is desired. Which there are is known live alone; without a token, each is that a
/// pattern matches.
async fn find_preview(run: &Run, workspace: &mut Workspace, name: &str) -> Result<(), Failure> {
    if run.session.can_read() {
        let observed = run.session.find(workspace).await?;
        observed.expand(&mut workspace.desired);
    } else if let Some((parent, branch)) = name.split_once('@') {
        let preview = Preview::of(&workspace.desired.previews, parent, branch);
        workspace.desired.projects.extend(preview.map(|it| (it.document.clone(), it)));
    }
    // All that there are have been found.
    workspace.desired.previews.clear();
    Ok(())
}

/// Reads the one section of the one project.
async fn live(
    run: &Run,
    workspace: &Workspace,
    name: &str,
    info: &'static KindInfo,
) -> Result<(Side, Option<ProjectRef>), Failure> {
    let observed = run.session.look(workspace, &[name], &[info.name].into()).await?;
    match unread(name, &observed, &workspace.sources) {
        Some(failure) => Err(failure),
        None => {
            let live = &observed.live.projects[name];
            Ok((Side::live(&live.kinds, KINDS, &workspace.desired.projects[name]), live.reference.clone()))
        }
    }
}

fn list() -> String {
    let kinds = kind::infos(KINDS).map(|info| format!("  {:<18} {}\n", info.name, info.doc));
    format!(
        "Kinds:\n\n{}\nFor more, run `supaform explain KIND` and `supaform explain KIND.FIELD`.\n",
        kinds.collect::<String>()
    )
}

fn explain(topic: &str) -> Option<String> {
    if let Some(code) = codes::find(topic) {
        return Some(render::explain(code));
    }
    if let Some(kind) = kind::find(KINDS, topic) {
        return Some(docs::explain_kind(kind.info()));
    }
    let within = |info: &KindInfo| topic.strip_prefix(info.name)?.strip_prefix(['.', '/']);
    let fields = kind::infos(KINDS).filter_map(|info| docs::explain_field(info, within(info).unwrap_or(topic)));
    let all: Vec<String> = fields.collect();
    (!all.is_empty()).then(|| all.join("\n"))
}

fn unknown(topic: &str) -> Failure {
    let fields = kind::infos(KINDS)
        .flat_map(|info| info.leaves().map(move |path| (info.name, path.name().to_owned())))
        .collect::<Vec<_>>();
    let qualified: Vec<String> = fields.iter().map(|(kind, field)| format!("{kind}.{field}")).collect();
    let known = kind::infos(KINDS).map(|info| info.name).chain(fields.iter().map(|(_, field)| field.as_str()));
    let known = known.chain(qualified.iter().map(String::as_str));
    let known = known.chain(codes::GROUPS.iter().copied().flatten().map(|code| code.id()));
    let hint = match nearest(topic, known) {
        Some(name) => format!("Did you mean `{name}`?"),
        None => "`supaform explain` lists the kinds.".to_owned(),
    };
    let message = format!("there is no kind, field or code `{topic}`");
    Failure::with_hint(Exit::Invalid, run_codes::NO_SUCH_TOPIC, message, hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_project_first() {
        for (topic, wanted) in [
            ("acme/auth/jwt_exp", Some(("acme", "auth", "jwt_exp"))),
            ("acme/auth.jwt_exp", Some(("acme", "auth", "jwt_exp"))),
            ("acme/secrets/A.B", Some(("acme", "secrets", "A.B"))),
            ("acme/secrets/a/value", Some(("acme", "secrets", "a/value"))),
            ("acme/auth", Some(("acme", "auth", ""))),
            ("auth/jwt_exp", None),
            ("auth.jwt_exp", None),
            ("E0301", None),
        ] {
            let found = Asked::parse(topic).map(|it| (it.project, it.kind, it.rest));
            assert_eq!(found, wanted, "{topic}");
        }
    }
}
