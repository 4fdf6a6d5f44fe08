//! What goes wrong by day and by night, and how it is put right.

use super::play;
use crate::support::forge::Marked;

#[test]
fn a_fix_of_the_night_survives_the_morning() {
    play("a_fix_of_the_night", |team| {
        team.says("By night, somebody fixes something by hand. The job of the night tells of it.");
        team.night("mailer_otp_exp", "3600");
        team.drifts(2);
        team.says("In the morning, it is accepted: what is live is what is wanted.");
        team.bench.git(&["checkout", "--quiet", "-b", "accept", "main"]);
        team.run(&["accept", "acme/auth/mailer_otp_exp", "--sandbox", "live"], 0);
        team.commits("Accept the fix");
        team.plans(12, 0);
        team.merges(12, "accept");
        team.applies(0);
        team.drifts(0);
    });
}

#[test]
fn an_emergency_is_reverted() {
    play("an_emergency", |team| {
        team.says("A request is merged, applied, and wrong.");
        team.branches("shorter", "15m", "1m");
        team.plans(12, 0);
        team.merges(12, "shorter");
        team.applies(0);
        team.says("It is reverted. The host does not know at once by which request the merge came.");
        team.forge.store(|store| store.late = 1);
        team.bench.git(&["checkout", "--quiet", "-b", "revert", "main"]);
        team.bench.git(&["revert", "--no-edit", "-m", "1", "HEAD"]);
        team.plans(13, 0);
        team.merges(13, "revert");
        team.applies(0);
        team.drifts(0);
    });
}

#[test]
fn a_token_expires() {
    play("a_token_expires", |team| {
        let refused = r#"[{"route": "GET /v1/projects", "times": 9, "fault": {"kind": "refuse", "status": 401, "message": "Unauthorized"}}]"#;
        team.says("The token expires: the request, the merge and the night tell of it.");
        team.branches("longer", "1h ", "2h ");
        team.bench.edit_json("live/state.json", "/faults", refused);
        team.plans(12, 7);
        team.bench.edit_json("live/state.json", "/faults", refused);
        team.drifts(7);
        team.says("Merged all the same, it approves nothing, and nothing is applied.");
        team.bench.edit_json("live/state.json", "/faults", "[]");
        team.merges(12, "longer");
        team.applies(5);
        team.says("With a new token, a request whose plan shows it does.");
        team.branches("again", "# as agreed", "# as agreed anew");
        team.plans(13, 0);
        team.merges(13, "again");
        team.applies(0);
        team.drifts(0);
    });
}

#[test]
fn nothing_else_approves() {
    play("nothing_else_approves", |team| {
        team.says("A commit without a request.");
        team.bench.git(&["checkout", "--quiet", "main"]);
        team.changes("1h ", "2h ");
        team.commits("in a hurry");
        team.applies(5);
        team.says("A request that was never planned; one whose mark is somebody else's.");
        team.branches("unplanned", "2h ", "3h ");
        team.merges(12, "unplanned");
        team.applies(5);
        team.branches("forged", "3h ", "4h ");
        team.plans(13, 0);
        team.forge.store(|store| store.marks.last_mut().expect("a mark").author = "somebody");
        team.merges(13, "forged");
        team.applies(5);
        team.says("One that was pushed to after its plan; one whose comment was edited.");
        team.branches("pushed", "4h ", "5h ");
        team.plans(14, 0);
        team.changes("5h ", "6h ");
        team.commits("and again");
        team.merges(14, "pushed");
        team.applies(5);
        team.branches("edited", "6h ", "7h ");
        team.plans(15, 0);
        team.forge.store(|store| {
            let comment = store.comments.last_mut().expect("a comment");
            comment.body = comment.body.replace("supaform:steps ", "supaform:steps 0");
        });
        team.merges(15, "edited");
        team.applies(5);
        team.says("One whose mark is of another plan.");
        team.branches("other", "7h ", "8h ");
        team.plans(16, 0);
        team.forge.store(|store| {
            let mark: &mut Marked = store.marks.last_mut().expect("a mark");
            let said = mark.body["description"].as_str().expect("a text");
            let (start, _) = said.rsplit_once(' ').expect("an id");
            mark.body["description"] = format!("{start} {}", "0".repeat(32)).into();
        });
        team.merges(16, "other");
        team.applies(5);
        team.says("What moves after the plan is not what was approved.");
        team.branches("moved", "8h ", "9h ");
        team.plans(17, 0);
        team.night("jwt_exp", "60");
        team.merges(17, "moved");
        team.applies(5);
    });
}

/// What the request has approved stays in its comment when that tells what became of it, so that an apply can go on.
#[test]
fn an_apply_fails_and_is_run_again() {
    play("an_apply_fails", |team| {
        team.branches("longer", "1h ", "2h ");
        team.changes("max_rows: 500", "max_rows: 1000");
        team.commits("more");
        team.plans(12, 0);
        team.merges(12, "longer");
        team.says("One of two steps is refused.");
        let refused = r#"[{"route": "PATCH /v1/projects/{ref}/postgrest", "times": 9, "fault": {"kind": "refuse", "status": 400, "message": "Not today"}}]"#;
        team.bench.edit_json("live/state.json", "/faults", refused);
        team.applies(6);
        team.says("Run again, it does the other one.");
        team.bench.edit_json("live/state.json", "/faults", "[]");
        team.applies(0);
        team.drifts(0);
    });
}
