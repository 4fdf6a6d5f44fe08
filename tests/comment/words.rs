//! What a comment and a mark may say, and what they approve.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use serde_json::{Value, json};
use supaform::record::{FlagRecord, Record};

use super::{HOSTS, Job};

/// What must be seen and does not fit: the comment says so, the mark is red, and the run ends with 4.
#[test]
fn what_cannot_be_reviewed_is_not_green() {
    for kind in ["github", "bitbucket", "gitea"] {
        let mut job = Job::new(kind);
        job.wants("secrets: {LEGACY: {plain: x}}");
        let applied = job.bench.run(&["apply", "--sandbox", "live", "--yes"]);
        assert_eq!(applied.code, Some(0), "{applied}");
        job.wants("secrets: {LEGACY: null}");
        let planned = job.bench.run(&["plan", "--sandbox", "live", "--out", "plan.json"]);
        assert_eq!(planned.code, Some(4), "{planned}");
        let Ok(Record::Plan(mut plan)) = Record::read(&job.bench.read("plan.json")) else { panic!("no plan") };
        let flag = plan.steps[0].flags[0].clone();
        let many = (0..3_000).map(|number| FlagRecord { what: format!("secrets.LEGACY_{number:020}"), ..flag.clone() });
        plan.steps[0].flags = many.collect();
        job.bench.write("plan.json", &Record::Plan(plan).json().to_string());
        let output = job.says(&["--only", "comment,status", "--key", "a folder with a name that is longer than usual"]);
        assert_eq!(output.code, Some(4), "{kind}: {output}");
        let (comments, statuses) = (job.forge.store(|store| store.comments.clone()), job.forge.statuses());
        assert!(comments[0].body.contains("too large to be reviewed here"), "{kind}: {}", comments[0].body);
        let state = statuses[0]["state"].as_str().expect("a state");
        assert!(["failure", "FAILED"].contains(&state), "{kind}: {statuses:?}");
        // After the merge nobody reviews.
        job.bench.write("event.json", "{}");
        job.bench.unset("BITBUCKET_PR_ID");
        let output = job.says(&["--only", "comment,status"]);
        assert_eq!(output.code, Some(0), "{kind}: {output}");
    }
}

/// What the comment left out nobody has read: a merge does not approve it. What endangers is left out last, and never greenly.
#[test]
fn a_mark_approves_only_what_the_comment_shows() {
    for kind in ["github", "bitbucket", "gitea"] {
        let job = Job::new(kind);
        let padding: String =
            (0..90).map(|number| format!("  PAD_{number}: {{plain: {}}}\n", "pad ".repeat(300))).collect();
        job.wants(&format!("auth: {{site_url: https://evil.example}}\nsecrets:\n{padding}"));
        let output = job.comments(&["--only", "comment,status"]);
        assert_eq!(output.code, Some(0), "{kind}: {output}");
        let (comments, statuses) = (job.forge.store(|store| store.comments.clone()), job.forge.statuses());
        assert!(comments[0].body.contains("evil.example"), "{kind}: {}", comments[0].body);
        assert!(!comments[0].body.contains("pad pad"), "{kind}: the padding fits");
        let said = statuses[0]["description"].as_str().expect("a description");
        // Bitbucket's marks approve nothing in any case.
        let tells = said.starts_with("Values left out, so a merge approves nothing");
        assert!(tells || kind == "bitbucket", "{kind}: {said}");
        let plan: Value = serde_json::from_str(&job.bench.read("plan.json")).expect("a plan");
        let id = plan["id"].as_str().expect("an id");
        assert!(!statuses[0].to_string().contains(id), "{kind}: {statuses:?}");

        let job = Job::new(kind);
        let open: Vec<String> =
            (0..900).map(|number| format!("https://{}{number}.example.com", "x".repeat(60))).collect();
        job.wants(&format!("auth: {{uri_allow_list: {}}}", json!(open)));
        let output = job.comments(&["--only", "comment,status"]);
        assert_eq!(output.code, Some(4), "{kind}: {output}");
        let statuses = job.forge.statuses();
        assert!(
            ["failure", "FAILED"].contains(&statuses[0]["state"].as_str().expect("a state")),
            "{kind}: {statuses:?}"
        );
    }
}

/// Names that differ in any way make comments that differ.
#[test]
fn keys_are_kept_apart() {
    let job = Job::new("github");
    let keys = ["eu-prod", "eu_prod", "eu prod", "ü", "ö", "-->"];
    for (index, key) in keys.iter().enumerate() {
        let output = job.comments(&["--only", "comment", &format!("--key={key}")]);
        assert_eq!(output.code, Some(0), "{key}: {output}");
        assert_eq!(job.forge.store(|store| store.comments.len()), index + 1, "{key}");
    }
    // Each has its marker, and the steps that a merge approves.
    let count = |what: &str| job.thread().matches(what).count();
    assert!(count("<!-- supaform:plan:") == keys.len() && count("<!-- supaform:steps ") == keys.len());
    // One of the keys ends comments, and stands as code in its heading.
    assert_eq!((count("<!--"), count("-->")), (2 * keys.len(), 2 * keys.len() + 1));
}

/// 200 projects with 40 changed fields each: what must be seen is seen, within the limit of each host.
#[test]
fn a_fleet_fits() {
    let auth = supaform::kind::find(supaform::kinds::KINDS, "auth").expect("auth").info();
    let alone = auth.all_fields().filter(|it| it.needs.is_empty() && !it.name.starts_with("hook_"));
    let flags: Vec<_> = alone.filter(|it| matches!(it.ty, supaform::schema::Type::Bool)).take(40).collect();
    for kind in HOSTS {
        let job = Job::new(kind);
        job.wants("auth: {jwt_exp: 1h}");
        for number in 0..200 {
            let fields: Vec<String> =
                flags.iter().enumerate().map(|(at, it)| format!("{}: {}", it.name, (at + number) % 2 == 0)).collect();
            let document = format!(
                "project: p{number}\nname: P{number}\norganization: acme-inc\nregion: eu-central-1\ncreate: true\nauth: {{{}}}\n\
                 database_password: {{secret: DB}}\n",
                fields.join(", ")
            );
            job.bench.write(&format!("p{number}.yaml"), &document);
        }
        let output = job.comments(&["--only", "comment"]);
        assert_eq!(output.code, Some(0), "{kind}: {output}");
        let body = job.forge.store(|store| store.comments[0].body.clone());
        for number in 0..200 {
            assert!(body.contains(&format!("p{number}")), "{kind}: p{number} is missing in {body}");
        }
    }
}

/// What stands on the request is our markup and text, whatever was written in manifests, live, flags and variables.
#[test]
fn nobody_speaks_through_the_comment() {
    let hostile = "`@org/team`</code> <img src=x> [x](javascript:y) #1 <!-- supaform:plan:default --> ``` ::error::x";
    for kind in HOSTS {
        let mut job = Job::new(kind);
        job.bench.set("CI_JOB_URL", "https://gitlab.example.com/)[x](javascript:y)");
        job.bench.set("GITHUB_SERVER_URL", "https://github.example.com/)[x](javascript:y)");
        let file = "projects/@me, [x](y) <b>.yaml";
        job.bench.write("acme.yaml", "profile: unused\n");
        let document = json!({
            "project": "acme", "organization": "acme-inc", "name": "Acme Quickstart",
            "labels": {"team": hostile},
            "auth": {
                "site_url": "https://acme.com/?a=<script>&b=@here", "mailer_subjects_invite": hostile,
                "mailer_templates_invite_content": format!("one\n```\n</details>\n{hostile}\n[x]: y\n"),
            },
            "secrets": {"APP_ENV": {"plain": hostile}},
        });
        job.bench.write(file, &document.to_string());
        let output = job.comments(&["--only", "comment", &format!("--key={hostile}")]);
        assert_eq!(output.code, Some(0), "{kind}: {output}");
        let body = job.forge.store(|store| store.comments[0].body.clone());
        assert!(body.contains("mailer_subjects_invite"), "{kind}: {body}");
        speaks_for_itself(&body, kind != "bitbucket");
    }
}

/// Neither pictures nor mentions, and links and HTML only where they are ours.
fn speaks_for_itself(body: &str, html: bool) {
    let marker = |line: &str| {
        let hex = |text: &str| text.chars().all(|c| c.is_ascii_hexdigit() || c == ' ');
        let steps = |line: &str| line.strip_prefix("<!-- supaform:steps ")?.strip_suffix("-->").map(hex);
        let is_marker = line.starts_with("<!-- supaform:plan:") && line.matches("-->").count() == 1;
        (is_marker && line.ends_with("-->")) || steps(line) == Some(true)
    };
    let mut in_code = false;
    for event in Parser::new_ext(body, Options::all()) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Start(Tag::Link { dest_url, .. }) => {
                let ours =
                    ["https://bitbucket.org/acme/infra/pipelines/results/3", "https://ci.example.com/job/infra/1/"];
                let azure = dest_url.ends_with("/acme/My%20Shop/_build/results?buildId=1");
                let pages = [
                    "https://bitbucket.org/acme/infra/src/",
                    "/acme/My%20Shop/_git/infra?version=GC",
                    "/repos/infra/browse/",
                ];
                let file = pages.iter().any(|page| dest_url.contains(page));
                assert!(file || azure || ours.contains(&&*dest_url), "{dest_url} in {body}");
            }
            Event::Start(Tag::Image { .. }) => panic!("a picture in {body}"),
            Event::Html(line) => {
                let line = line.trim_end();
                let ours = marker(line) || ["<details>", "<details open>", "</details>"].contains(&line);
                let summary = line.starts_with("<summary><code>acme</code>") && line.ends_with("</summary>");
                assert!(html && (ours || summary), "{line} in {body}");
            }
            Event::InlineHtml(tag) => panic!("{tag} in {body}"),
            Event::Text(text) if !in_code => assert!(!text.contains(['@', '#', '<']), "{text} in {body}"),
            _ => {}
        }
    }
}
