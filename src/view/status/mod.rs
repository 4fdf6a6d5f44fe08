//! The state of a fleet: a table of its projects, of which those that need nobody are one line.

mod spread;

use std::collections::BTreeMap;

pub use spread::spread_page;

use super::build::health::{HEALTHY, health, short, usual_label};
use super::build::status_verdict;
use super::document::Tone;
use super::text::verdict_line;
use super::{Line, Role, StyledText};
use crate::record::{AtHand, ComparedRecord, ProblemRecord, ProjectStatusRecord, StatusRecord};
use crate::text::{columns, count};

/// Up to how many projects a table shows each of them.
const FEW: usize = 10;

/// What stands where nothing is known.
const NOTHING: &str = "–";

/// The places of columns that a narrow terminal does without, the first one first.
const SPARED: [usize; 3] = [POSTGRES, LABEL, UNMANAGED];
const LABEL: usize = 1;
const POSTGRES: usize = 3;
const UNMANAGED: usize = 6;

type Row = Vec<(Role, String)>;

/// The table of the projects; with `full`, a row for each.
pub fn status_page(record: &StatusRecord, full: bool, width: usize) -> StyledText {
    let mut page = StyledText::new();
    if record.projects.is_empty() {
        page.push(Line::new().plain("No project is selected."));
        return page;
    }
    let label = usual_label(record.projects.iter().map(|project| &project.labels));
    let is_folded = |project: &&ProjectStatusRecord| !full && record.projects.len() > FEW && is_quiet(project);
    let (quiet, shown): (Vec<_>, Vec<_>) = record.projects.iter().partition(is_folded);
    let heads =
        ["project", label.unwrap_or_default(), "health", "postgres", "differs", "weakened", "unmanaged", "secrets"];
    let head = heads.iter().map(|head| (Role::Dim, (*head).to_owned())).collect();
    let mut rows: Vec<Row> = vec![head];
    rows.extend(shown.iter().map(|project| row(project, label)));
    if !quiet.is_empty() {
        let others = if shown.is_empty() { count(quiet.len(), "project") } else { others(quiet.len()) };
        rows.push(folded(others, &quiet));
    }
    table(&rows, label.is_some(), width, &mut page);
    awaited(&record.projects, &mut page);
    blocked(&record.projects, &mut page);
    without_document(record, full, &mut page);
    ways(record, &mut page);
    page.gap();
    page.push(verdict_line(&status_verdict(record)));
    page
}

fn others(many: usize) -> String {
    if many == 1 { "1 other".to_owned() } else { format!("{many} others") }
}

/// Whether nobody has to look at a project.
fn is_quiet(project: &ProjectStatusRecord) -> bool {
    project.status.as_deref() == Some(HEALTHY)
        && project.compared.is_some_and(|it| it.differs == 0)
        && project.secrets.at_hand == project.secrets.all
        && project.awaited.is_empty()
}

/// What waits for somebody outside, and what to do.
fn awaited(projects: &[ProjectStatusRecord], page: &mut StyledText) {
    for it in projects.iter().flat_map(|project| &project.awaited) {
        page.gap();
        page.push(Line::of(Role::Risk, "Waits: ").plain(format!("{}: {}", it.address, it.text)));
        it.todo.iter().for_each(|line| page.push(Line::new().plain(format!("    {line}"))));
    }
}

fn row(project: &ProjectStatusRecord, label: Option<&str>) -> Row {
    let plain = |text: &str| (Role::Plain, text.to_owned());
    let (tone, word) = health(project);
    let mut row = vec![
        (Role::Heading, project.project.clone()),
        plain(label.and_then(|label| project.labels.get(label)).map_or("", String::as_str)),
        (role(tone), word),
        plain(project.postgres.as_deref().map_or(NOTHING, short)),
    ];
    match project.compared {
        None => row.extend([NOTHING; 4].map(plain)),
        Some(compared) => row.extend(numbers(compared).into_iter().chain([secrets(project.secrets)])),
    }
    row
}

fn numbers(ComparedRecord { differs, weakened, unmanaged }: ComparedRecord) -> [(Role, String); 3] {
    let number = |many: usize, role| (if many == 0 { Role::Plain } else { role }, many.to_string());
    let weakened = match weakened {
        0 => number(0, Role::Plain),
        many => (Role::Risk, format!("{many} !")),
    };
    [number(differs, Role::Change), weakened, number(unmanaged, Role::Plain)]
}

fn secrets(AtHand { at_hand, all }: AtHand) -> (Role, String) {
    match all {
        0 => (Role::Plain, "none".to_owned()),
        all => (if at_hand == all { Role::Plain } else { Role::Change }, format!("{at_hand}/{all}")),
    }
}

/// Projects that need nobody, in one row.
fn folded(name: String, projects: &[&ProjectStatusRecord]) -> Row {
    let plain = |text: String| (Role::Plain, text);
    let versions = projects.iter().map(|project| project.postgres.as_deref().map(short));
    let mut versions: Vec<_> = versions.collect();
    versions.dedup();
    let version = if let [Some(version)] = *versions { version.to_owned() } else { String::new() };
    let unmanaged = projects.iter().filter_map(|project| project.compared).map(|it| it.unmanaged).sum();
    let numbers = numbers(ComparedRecord { unmanaged, ..ComparedRecord::default() });
    let start = [plain(name), plain(String::new()), (Role::Good, "healthy".to_owned()), plain(version)];
    start.into_iter().chain(numbers).chain([plain("ok".to_owned())]).collect()
}

const fn role(tone: Tone) -> Role {
    match tone {
        Tone::Good => Role::Good,
        Tone::Bad => Role::Bad,
        Tone::Doubtful => Role::Risk,
        Tone::Neutral => Role::Change,
        Tone::Idle => Role::Dim,
    }
}

/// Rows as columns; what does not fit is left out, and said so.
fn table(rows: &[Row], has_label: bool, width: usize, page: &mut StyledText) {
    let Some(heads) = rows.first() else { return };
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|(_, text)| columns(text)).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..heads.len()).map(widest).collect();
    let mut kept: Vec<usize> = (0..heads.len()).filter(|column| *column != LABEL || has_label).collect();
    let fits = |kept: &[usize]| kept.iter().map(|column| widths[*column] + 2).sum::<usize>() <= width + 2;
    let mut spared = vec![];
    for column in SPARED {
        if !fits(&kept) && kept.contains(&column) {
            kept.retain(|it| *it != column);
            spared.extend(heads.get(column).map(|(_, head)| head.clone()));
        }
    }
    for row in rows {
        let mut line = Line::new();
        let mut end = 0;
        for column in &kept {
            if let Some((role, text)) = row.get(*column) {
                line = line.pad_to(end).then(*role, text);
            }
            end += widths[*column] + 2;
        }
        page.push(line);
    }
    if !spared.is_empty() {
        page.push(Line::of(Role::Dim, format!("Too narrow for: {}", spared.join(", "))));
    }
}

/// Why projects could not be compared, each reason once.
fn blocked(projects: &[ProjectStatusRecord], page: &mut StyledText) {
    let mut reasons: Vec<(&ProblemRecord, Vec<&str>)> = vec![];
    for project in projects {
        let Some(problem) = &project.blocked else { continue };
        let is_same = |it: &&mut (&ProblemRecord, _)| it.0.message == problem.message;
        match reasons.iter_mut().find(is_same) {
            Some((_, names)) => names.push(&project.project),
            None => reasons.push((problem, vec![&project.project])),
        }
    }
    if reasons.is_empty() {
        return;
    }
    page.gap();
    page.push(Line::of(Role::Heading, "Not compared"));
    for (problem, names) in reasons {
        let who = some(&names, FEW);
        page.push(Line::new().plain("  ").then(Role::Heading, who).plain(format!("  {}", problem.message)));
        for hint in &problem.hints {
            page.push(Line::new().plain("    ").then(Role::Dim, hint));
        }
    }
}

/// Projects that no document adopts.
fn without_document(record: &StatusRecord, full: bool, page: &mut StyledText) {
    let mut organizations: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for it in &record.unadopted {
        organizations.entry(&it.organization).or_default().push(&it.name);
    }
    if !organizations.is_empty() {
        page.gap();
    }
    for (organization, names) in organizations {
        let names = some(&names, if full { usize::MAX } else { FEW });
        page.push(Line::new().plain(format!("Without a document, in {organization}: {names}")));
    }
}

/// What shows more.
fn ways(record: &StatusRecord, page: &mut StyledText) {
    let lacks = record.projects.iter().any(|project| project.secrets.at_hand < project.secrets.all);
    let ways = [
        (record.differs(), "`supaform drift` shows what differs."),
        (lacks, "`supaform needs --missing` lists the secrets that are not at hand."),
    ];
    let mut ways = ways.into_iter().filter_map(|(is, text)| is.then_some(text)).peekable();
    if ways.peek().is_some() {
        page.gap();
    }
    ways.for_each(|text| page.push(Line::of(Role::Dim, text)));
}

/// Names, at most so many.
fn some(names: &[&str], most: usize) -> String {
    match names.get(..most).filter(|first| first.len() < names.len()) {
        Some(first) => format!("{}, … {} more", first.join(", "), names.len() - first.len()),
        None => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(name: &str, labels: &[(&str, &str)]) -> ProjectStatusRecord {
        ProjectStatusRecord {
            project: name.to_owned(),
            r#ref: None,
            name: name.to_owned(),
            organization: "acme-inc".to_owned(),
            region: "eu-central-1".to_owned(),
            protected: false,
            labels: labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            status: Some(HEALTHY.to_owned()),
            postgres: Some("17.6.1.111".to_owned()),
            compared: Some(ComparedRecord { differs: 3, weakened: 1, unmanaged: 2 }),
            secrets: AtHand { at_hand: 1, all: 2 },
            awaited: vec![],
            blocked: None,
        }
    }

    fn printed(projects: Vec<ProjectStatusRecord>, width: usize) -> String {
        let record = StatusRecord { api: String::new(), shard: None, projects, unadopted: vec![] };
        status_page(&record, false, width).render(false, width)
    }

    #[test]
    fn a_narrow_terminal_does_without_columns_and_says_so() {
        let projects = || vec![project("customer-of-the-north", &[("env", "production")])];
        let (wide, middle, narrow) = (printed(projects(), 100), printed(projects(), 85), printed(projects(), 60));
        assert!(wide.contains("postgres") && wide.contains("production") && !wide.contains("narrow"), "{wide}");
        assert!(middle.contains("Too narrow for: postgres\n") && middle.contains("production"), "{middle}");
        assert!(narrow.contains("Too narrow for: postgres, env, unmanaged\n"), "{narrow}");
        for (text, width) in [(wide, 100), (middle, 85), (narrow, 60)] {
            assert!(text.lines().all(|line| columns(line) <= width), "{text}");
            assert!(text.contains("1 !") && text.contains("1/2"), "{text}");
        }
    }

    #[test]
    fn the_label_is_the_one_that_most_have() {
        let of = |all: &[&[(&str, &str)]]| {
            let projects: Vec<_> = all.iter().map(|labels| project("acme", labels)).collect();
            usual_label(projects.iter().map(|it| &it.labels)).map(str::to_owned)
        };
        assert_eq!(of(&[&[]]), None);
        assert_eq!(of(&[&[("env", "a")], &[("team", "a")], &[("team", "b")]]).as_deref(), Some("team"));
        assert_eq!(of(&[&[("cell", "a"), ("env", "a"), ("team", "a")]]).as_deref(), Some("env"));
        assert_eq!(of(&[&[("cell", "a"), ("team", "a")]]).as_deref(), Some("cell"));
    }

    #[test]
    fn only_of_many_are_those_folded_that_need_nobody() {
        let quiet = |index: usize| ProjectStatusRecord {
            compared: Some(ComparedRecord { unmanaged: 1, ..ComparedRecord::default() }),
            secrets: AtHand { at_hand: 2, all: 2 },
            ..project(&format!("p{index}"), &[])
        };
        let few: Vec<_> = (0..FEW).map(quiet).collect();
        assert!(!printed(few, 100).contains("10 projects  "));
        let many = || (0..25).map(quiet);
        let row = |first: &str| format!("{first}  healthy  17.6      0        0         25         ok\n");
        assert!(printed(many().collect(), 100).contains(&row("25 projects")));
        let louder = ProjectStatusRecord { status: Some("ACTIVE_UNHEALTHY".to_owned()), ..quiet(99) };
        let text = printed(many().chain([louder]).collect(), 100);
        assert!(text.contains("p99        unhealthy") && text.contains("25 others  healthy"), "{text}");
    }

    #[test]
    fn of_many_names_the_first_are_told() {
        assert_eq!(some(&["a", "b"], 2), "a, b");
        assert_eq!(some(&["a", "b", "c"], 2), "a, b, … 1 more");
        assert_eq!((short("17.6.1.111"), short("15.8"), short("17")), ("17.6", "15.8", "17"));
    }
}
