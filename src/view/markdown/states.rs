//! The state of projects: a table.

use super::escape::{cell, code, prose};
use crate::view::document::{State, States, Tone};

/// What stands where nothing is known.
const NOTHING: &str = "–";

/// A row for each project.
pub(super) fn states(States { label, projects }: &States) -> String {
    let of_label = label.as_ref().map_or(String::new(), |label| format!(" {} |", cell(&code(label))));
    let rule = if label.is_some() { "---|" } else { "" };
    let head = format!(
        "\n| project |{of_label} health | postgres | differs | weakened | unmanaged | secrets |\n\
         |---|{rule}---|---|--:|--:|--:|--:|\n"
    );
    projects.iter().fold(head, |text, project| text + &row(project, label.is_some()))
}

fn row(State { name, label, health: (tone, health), postgres, compared, secrets }: &State, labelled: bool) -> String {
    let health = match tone {
        Tone::Good | Tone::Neutral | Tone::Idle => prose(health),
        Tone::Bad | Tone::Doubtful => format!("**{}**", prose(health)),
    };
    let label = match (labelled, label.as_str()) {
        (false, _) => String::new(),
        (true, "") => " |".to_owned(),
        (true, label) => format!(" {} |", cell(&code(label))),
    };
    let number = |many: &usize| if *many == 0 { "0".to_owned() } else { format!("**{many}**") };
    let [differs, weakened, unmanaged] = compared.as_ref().map_or([NOTHING; 3].map(str::to_owned), |numbers| {
        let [differs, weakened, unmanaged] = numbers;
        [number(differs), number(weakened), unmanaged.to_string()]
    });
    let secrets = match *secrets {
        _ if compared.is_none() => NOTHING.to_owned(),
        (_, 0) => "none".to_owned(),
        (at_hand, all) => format!("{at_hand}/{all}"),
    };
    let postgres = postgres.as_deref().map_or_else(|| NOTHING.to_owned(), prose);
    format!(
        "| {} |{label} {} | {postgres} | {differs} | {weakened} | {unmanaged} | {secrets} |\n",
        cell(&code(name)),
        cell(&health)
    )
}
