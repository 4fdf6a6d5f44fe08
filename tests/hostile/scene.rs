//! Plans, reports and diagnostics with hostile values wherever a text can be.

use serde_json::{Value, json};
use supaform::diag::codes::run as codes;
use supaform::diag::{Diagnostic, Diagnostics, Severity, Sources, Span};
use supaform::exit::Exit;
use supaform::model::{Action, Certainty, Repeat, Why};
use supaform::plan::identity::{ParamForm, RequestForm, SecretForm, SourceForm, WaitForm};
use supaform::plan::plan_id;
use supaform::record::{
    AddressRecord, AwaitedRecord, BaseRecord, ChangeRecord, DriftChangeRecord, DriftFieldRecord, DriftIgnoredRecord,
    DriftProjectRecord, DriftRecord, FieldRecord, FlagRecord, Happened, IgnoreRuleRecord, IgnoredRecord,
    NotComparedRecord, NoteRecord, OutcomeRecord, Place, ProblemRecord, ProjectRecord, ProjectReportRecord,
    RecordedValue, RefusalRecord, ReleasedRecord, ReviewRecord, RiskRecord, Row, SecretRecord, StepRecord,
    StepReportRecord, TimesRecord, UnadoptedRecord,
};
use supaform::record::{Counts, PlanRecord, ReportRecord};
use supaform::schema::Impact;

/// How many values a scene takes.
pub(crate) const TAKES: usize = 30;

fn at(value: &str) -> Place {
    Place { file: value.to_owned(), line: 3, column: 7 }
}

fn field(name: &str, before: Option<RecordedValue>, after: Option<RecordedValue>, value: &str) -> FieldRecord {
    FieldRecord {
        why: Some(Why::Both),
        name: name.to_owned(),
        before,
        after,
        certainty: Certainty::Known,
        at_hand: false,
        risks: vec![RiskRecord { impact: Impact::Security, why: value.to_owned() }],
        at: Some(at(value)),
        row: Row::default(),
    }
}

/// A secret that comes from a file of such a name.
fn from(value: &str) -> SecretForm {
    SecretForm { parts: vec![SourceForm::File(value.to_owned())], between: value.to_owned() }
}

fn text(value: &str) -> RecordedValue {
    RecordedValue::Value(value.into())
}

fn address(project: &str, kind: &str, item: Option<&str>) -> AddressRecord {
    // As it comes back: a slash in a name moves the borders between its parts, and nothing else.
    let address = AddressRecord { project: project.to_owned(), kind: kind.to_owned(), item: item.map(str::to_owned) };
    address.to_string().into()
}

fn change(address: AddressRecord, action: Action, fields: Vec<FieldRecord>, value: &str) -> ChangeRecord {
    ChangeRecord { why: Some(Why::Drift), address, action, at: Some(at(value)), fields }
}

fn project(name: &str, v: &[String]) -> ProjectRecord {
    let long = |first: &str| format!("{first}\n{}\nkept\n{}\nend", v[3], v[4]);
    let listed = |items: &[&str]| Some(RecordedValue::Value(items.iter().copied().map(Value::from).collect()));
    let settings = vec![
        field("site_url", Some(text(&v[0])), Some(text(&v[1])), &v[2]),
        field(&v[1], None, Some(text(&v[2])), &v[0]),
        field("long", Some(text(&long("a"))), Some(text(&long("b"))), &v[5]),
        field("uri_allow_list", listed(&[&v[0], "same"]), listed(&[&v[6], "same"]), &v[5]),
        field("object", Some(RecordedValue::Value(json!({v[7].as_str(): [v[8], 1.5]}))), None, &v[6]),
        field(
            "secret",
            Some(RecordedValue::Secret(SecretRecord::IsSet(true))),
            Some(RecordedValue::Secret(SecretRecord::From(from(&v[9])))),
            &v[9],
        ),
        // The same in all projects, so that it is told of the fleet.
        field("shared", Some(text(name)), Some(text("new")), "is shared"),
    ];
    ProjectRecord {
        project: name.to_owned(),
        r#ref: Some(v[0].clone()),
        name: v[1].clone(),
        organization: v[2].clone(),
        region: v[3].clone(),
        protected: true,
        labels: [("at".to_owned(), v[4].clone()), (v[5].clone(), v[6].clone())].into(),
        sections: vec!["auth".to_owned(), v[7].clone()],
        changes: vec![
            change(address(name, "", None), Action::Create, vec![], &v[1]),
            change(address(name, "auth", None), Action::Update, settings, &v[2]),
            change(
                address(name, "secrets", Some(&v[3])),
                Action::Create,
                vec![field("value", None, Some(text(&v[4])), &v[5])],
                &v[6],
            ),
            change(address(name, "secrets", Some(&v[4])), Action::Delete, vec![], &v[7]),
            change(
                address(name, &v[8], Some(&v[5])),
                Action::Update,
                vec![field(&v[9], Some(text("a")), Some(text(&v[0])), &v[1])],
                &v[2],
            ),
            change(
                address(name, "sso", Some(&v[6])),
                Action::Create,
                vec![field(&v[7], None, Some(text(&v[8])), &v[9]), field("b", None, None, &v[0])],
                &v[1],
            ),
        ],
        not_compared: vec![NotComparedRecord {
            address: address(name, "secrets", Some(&v[3])),
            field: v[4].clone(),
            secret: v[5].clone(),
            at: Some(at(&v[6])),
        }],
        notes: vec![NoteRecord {
            address: address(name, "auth", Some(&v[2])),
            text: v[3].clone(),
            at: Some(at(&v[4])),
        }],
        awaited: vec![AwaitedRecord {
            address: address(name, "custom_hostname", None),
            text: v[5].clone(),
            todo: vec![format!("TXT  {}  {}", v[6], v[7])],
            at: Some(at(&v[8])),
        }],
        refusals: vec![
            RefusalRecord {
                code: "E0503".to_owned(),
                address: address(name, "secrets", Some(&v[4])),
                message: v[5].clone(),
                hints: vec![v[6].clone(), format!("Do `{}`.", v[7])],
                allow: Some(v[8].clone()),
                class: Some(Impact::Destructive),
                at: Some(at(&v[9])),
            },
            RefusalRecord {
                code: v[0].clone(),
                address: address(name, "auth", None),
                message: format!("`{}` needs {}", v[1], v[2]),
                hints: vec![],
                allow: None,
                class: None,
                at: None,
            },
        ],
        blocked: v[0].len().is_multiple_of(2).then(|| ProblemRecord {
            code: "E0507".to_owned(),
            message: v[1].clone(),
            hints: vec![v[2].clone()],
            exit: 4,
            at: Some(at(&v[3])),
        }),
        unmanaged: supaform::record::UnmanagedRecord {
            fields: 3,
            touched: vec![supaform::record::TouchedRecord {
                kind: "auth".to_owned(),
                name: "site_url".to_owned(),
                live: Some(RecordedValue::Value(v[6].clone().into())),
                untouched: None,
                row: Row::default(),
            }],
            items: [(v[4].clone(), vec![v[5].clone()])].into(),
        },
    }
}

/// A plan of three projects.
pub(crate) fn plan(values: &[String]) -> PlanRecord {
    // A document's name has no slash, by which the parts of an address are told apart.
    let names = [format!("zq {}", values[0]), format!("{} zq", values[1]), format!("z{}q", values[2])];
    let names = names.map(|name| name.replace('/', "|"));
    let projects: Vec<ProjectRecord> =
        names.iter().enumerate().map(|(index, name)| project(name, &values[index * 10..][..10])).collect();
    let step = |(number, (name, v)): (usize, (&String, &String))| StepRecord {
        id: format!("s{}", number + 1),
        hash: String::new(),
        address: address(name, "auth", None),
        settles: vec![address(name, "auth", None)],
        method: v.clone(),
        path: v.clone(),
        request: RequestForm {
            objects: std::collections::BTreeMap::new(),
            files: std::collections::BTreeMap::new(),
            method: v.clone(),
            template: v.clone(),
            params: [(v.clone(), ParamForm::RefOf(v.clone()))].into(),
            query: vec![],
            body: json!({v.as_str(): v}),
            secrets: [(v.clone(), from(v))].into(),
            later: [(v.clone(), vec![ParamForm::Known(v.clone()), ParamForm::RefOf(v.clone())])].into(),
            over: None,
            repeat: Repeat::Idempotent,
            key: None,
        },
        after: vec![],
        wait: Some(WaitForm::Healthy { services: vec![v.clone()], deadline: 3 }),
        flags: vec![
            FlagRecord { impact: Impact::Destructive, what: v.clone(), why: "is removed".to_owned() },
            FlagRecord { impact: Impact::Security, what: "auth.site_url".to_owned(), why: v.clone() },
        ],
        also_sends: vec![v.clone()],
    };
    let steps = names.iter().zip(values).enumerate().map(step).collect();
    let summary = Counts { add: 1, change: 2, fields: 3, remove: 4, calls: 5, blocked: 1 };
    let mut plan = PlanRecord::new(values[9].clone(), values[8].clone(), summary, projects, steps);
    plan.ignored = names.iter().zip(values).map(|(name, v)| ignored(name, v)).collect();
    let released = names.iter().zip(values).map(|(name, v)| ReleasedRecord {
        project: name.clone(),
        place: v.clone(),
        stays: Some(text(v)),
    });
    let review =
        names.iter().zip(values).map(|(name, v)| ReviewRecord { project: Some(name.clone()), what: v.clone() });
    plan.base = Some(Box::new(BaseRecord {
        behind: 2,
        merge: Some(values[0].clone()),
        review: review.collect(),
        revision: values[0].clone(),
        commit: "c0ffee00".repeat(5),
        released: released.collect(),
    }));
    for at in 0..plan.steps.len() {
        plan.steps[at].hash = plan.hash_of(&plan.steps[at]).expect("it holds together");
    }
    plan.id = plan_id(plan.steps.iter().map(|step| step.hash.as_str()));
    plan
}

/// What has happened to the same projects.
pub(crate) fn drift(values: &[String]) -> DriftRecord {
    let plan = plan(values);
    let ignored = plan.ignored.iter().map(|it| DriftIgnoredRecord {
        address: it.address.clone(),
        happened: Happened::Changed,
        field: it.field.as_ref().map(happened_to),
        rule: it.rule.clone(),
    });
    let unadopted = values.iter().take(3).map(|v| UnadoptedRecord {
        r#ref: v.clone(),
        name: v.clone(),
        organization: v.clone(),
        region: v.clone(),
        status: v.clone(),
    });
    let projects = plan.projects.into_iter().map(|it| DriftProjectRecord {
        project: it.project,
        r#ref: it.r#ref,
        name: it.name,
        organization: it.organization,
        region: it.region,
        protected: it.protected,
        labels: it.labels,
        sections: it.sections,
        changes: it.changes.iter().map(has_happened).collect(),
        notes: it.notes,
        not_compared: it.not_compared,
        awaited: it.awaited,
        blocked: it.blocked,
        unmanaged: it.unmanaged,
    });
    DriftRecord::new(plan.api, projects.collect(), ignored.collect(), unadopted.collect())
}

fn has_happened(change: &ChangeRecord) -> DriftChangeRecord {
    let happened = match change.action {
        Action::Create => Happened::Added,
        Action::Update => Happened::Changed,
        Action::Delete => Happened::Removed,
    };
    let fields = change.fields.iter().map(happened_to).collect();
    DriftChangeRecord { address: change.address.clone(), happened, at: change.at.clone(), fields }
}

fn happened_to(field: &FieldRecord) -> DriftFieldRecord {
    let FieldRecord { name, before, after, risks, at, row, .. } = field.clone();
    DriftFieldRecord { name, wanted: after, live: before, risks, at, row }
}

fn ignored(name: &str, value: &str) -> IgnoredRecord {
    IgnoredRecord {
        address: address(name, "auth", Some(value)),
        action: Action::Update,
        field: Some(field(value, Some(text(value)), Some(text("b")), value)),
        rule: IgnoreRuleRecord {
            path: value.to_owned(),
            reason: value.to_owned(),
            owner: value.to_owned(),
            until: "2027-01-31".to_owned(),
            at: Some(at(value)),
        },
    }
}

fn problem(v: &[String]) -> ProblemRecord {
    ProblemRecord { code: v[0].clone(), message: v[1].clone(), hints: vec![v[2].clone()], exit: 1, at: Some(at(&v[3])) }
}

/// A report of one project with a step for each outcome.
pub(crate) fn report(v: &[String]) -> ReportRecord {
    let step = |outcome: OutcomeRecord| StepReportRecord {
        id: v[0].clone(),
        address: address(&v[1], "auth", Some(&v[2])),
        method: v[3].clone(),
        path: v[4].clone(),
        outcome,
        problem: (outcome != OutcomeRecord::Done).then(|| problem(&v[5..])),
        notes: vec![v[6].clone()],
        times: Some(TimesRecord { began_ms: 1, ended_ms: 61_000 }),
    };
    let steps = OutcomeRecord::ALL.map(step).into();
    let project = ProjectReportRecord {
        project: format!("zq {}", v[7]),
        exit: 6,
        steps,
        created: None,
        problem: Some(problem(v)),
    };
    ReportRecord::new("0".repeat(32), v[9].clone(), Exit::Partial, vec![project])
}

/// Diagnostics in files whose names and texts are hostile.
pub(crate) fn diagnostics(v: &[String]) -> (Diagnostics, Sources) {
    let (mut found, mut sources) = (Diagnostics::new(), Sources::new());
    for (index, value) in v.iter().enumerate().take(4) {
        let text = format!("{}\nkey: {value}\n{}", v[4], v[5]);
        let source = sources.add(v[6 + index % 4].clone(), text.clone());
        let span = Span::new(source, v[4].len() + 1, v[4].len() + 4);
        found.push(
            Diagnostic::new(codes::BAD_OPTION, Severity::Error, value.clone())
                .label(span, v[7].clone())
                .label(Span::new(source, 0, v[4].len()), v[8].clone())
                .hint(v[9].clone())
                .fix(span, value.clone()),
        );
    }
    (found, sources)
}
