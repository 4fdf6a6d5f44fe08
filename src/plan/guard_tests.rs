//! Every refusal of every row: without a word, with the right one, with wrong ones, and with `--allow`.

use std::collections::BTreeMap;

use super::*;
use crate::kinds::project;
use crate::model::{Certainty, FieldKey};
use crate::schema::FieldPath;

/// Each row of each kind that has risks, including rows within rows.
fn risky() -> Vec<(&'static KindInfo, FieldPath)> {
    let own = crate::kind::Kind::info(&project::Project);
    let infos = crate::kind::infos(KINDS).chain([own]);
    let rows = infos.flat_map(|info| info.leaves().map(move |path| (info, path)));
    rows.filter(|(_, path)| !path.row().risks.is_empty() || path.row().is_secret()).collect()
}

fn change(info: &'static KindInfo, path: FieldPath, impact: Impact) -> Change {
    let diff = FieldChange {
        key: FieldKey::Known(path),
        before: DisplayValue::Absent,
        after: DisplayValue::Absent,
        certainty: Certainty::Known,
        at_hand: true,
        origin: None,
        risks: vec![(impact, "does harm")],
        along: false,
    };
    Change { at: Address::of("acme", info), action: Action::Update, fields: vec![diff].into(), origin: None }
}

fn plan(protected: bool, refusals: Vec<Refusal>) -> Plan {
    let project = ProjectPlan { protected, refusals, ..ProjectPlan::default() };
    Plan {
        api: String::new(),
        id: String::new(),
        projects: BTreeMap::from([("acme".to_owned(), project)]),
        steps: vec![],
        ignored: vec![],
    }
}

/// How many refusals remain, where a commit gives `words` and the command line gives `allowed`.
fn stand(protected: bool, refusals: &[Refusal], words: &[&str], allowed: &[&str]) -> usize {
    let mut plan = plan(protected, refusals.to_vec());
    let words: Vec<Word> = words.iter().map(|text| Word::parse(text, "commit 1a2b3c4d").expect("a word")).collect();
    lift(&mut plan, |refusal, impact| words.iter().find(|it| it.lifts(refusal, impact)).map(|it| it.by.clone()));
    standing(&plan, &allowed.iter().map(|&it| it.to_owned()).collect::<BTreeSet<_>>()).len()
}

#[test]
fn every_risk_of_every_row_needs_the_word_that_its_class_says_and_no_other() {
    let rows = risky();
    assert!(rows.len() > 150, "{} rows", rows.len());
    for (info, path) in rows {
        let (name, row) = (path.name(), path.row());
        let of_row = row.risks.iter().map(|risk| risk.impact);
        let of_secrets = row.is_secret().then_some([Impact::Destructive, Impact::Security]).into_iter().flatten();
        for impact in of_row.chain(of_secrets) {
            let changes = [change(info, path.clone(), impact)];
            for protected in [false, true] {
                let what = format!("{}.{name}: {}, protected: {protected}", info.name, impact.word());
                let mut refusals = vec![];
                consent(info, protected, &changes, &mut refusals);
                show_ways(protected, &mut refusals);
                let asks = is_grave(impact) || protected && impact == Impact::Security;
                assert_eq!(refusals.len(), usize::from(asks), "{what}");
                let Some(refusal) = refusals.first() else { continue };
                let at = refusal.at.to_string();
                let right = format!("{}:{at}", impact.word());
                let wrong = Impact::ALL.into_iter().filter(|it| *it != impact).map(|it| format!("{}:{at}", it.word()));
                assert_eq!(stand(protected, &refusals, &[], &[]), 1, "{what}: without a word");
                assert_eq!(stand(protected, &refusals, &[&right], &[]), 0, "{what}: with the right word");
                let section = format!("{}:acme/{}", impact.word(), info.name);
                let is_whole = info.all_fields().count() == 1;
                if is_whole {
                    assert_eq!(stand(protected, &refusals, &[&section], &[]), 0, "{what}: {section}");
                    assert_eq!(
                        stand(protected, &refusals, &[], &[&section]),
                        usize::from(protected),
                        "{what}: {section}"
                    );
                }
                for wrong in wrong.chain([format!("{right}x")]).chain((!is_whole).then_some(section)) {
                    assert_eq!(stand(protected, &refusals, &[&wrong], &[]), 1, "{what}: {wrong}");
                    assert_eq!(stand(protected, &refusals, &[], &[&wrong]), 1, "{what}: --allow {wrong}");
                }
                // An address alone allows grave changes; on a protected project `--allow` allows nothing.
                assert_eq!(stand(protected, &refusals, &[&at], &[]), usize::from(!is_grave(impact)), "{what}: {at}");
                let stays = usize::from(protected);
                assert_eq!(stand(protected, &refusals, &[], &[&at]), stays, "{what}: --allow {at}");
                assert_eq!(stand(protected, &refusals, &[], &[&right]), stays, "{what}: --allow {right}");
                let hints = refusal.finding.hints.join("\n");
                assert!(hints.contains(&format!("{TRAILER}: {right}")), "{what}: {hints}");
                assert_eq!(hints.contains("add `--allow"), !protected, "{what}: {hints}");
            }
        }
    }
}

#[test]
fn an_item_that_goes_needs_its_word_on_a_protected_project_too() {
    for info in crate::kind::infos(KINDS).filter(|info| matches!(info.shape, crate::schema::Shape::Collection { .. })) {
        let at = Address::item("acme", info.name, "old");
        let changes = [Change { at, action: Action::Delete, fields: vec![].into(), origin: None }];
        let mut refusals = vec![];
        consent(info, true, &changes, &mut refusals);
        let word = format!("acme/{}/old", info.name);
        assert_eq!(stand(true, &refusals, &[], &[&word]), 1, "{word}");
        assert_eq!(stand(true, &refusals, &[&word], &[]), 0, "{word}");
        assert_eq!(stand(true, &refusals, &[&format!("security:{word}")], &[]), 1, "{word}");
    }
}
