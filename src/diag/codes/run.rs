//! The codes of talking to the API and of applying.

use super::code::codes;

codes! {
    BAD_TOKEN = "E0601", "the token is not accepted",
        "The API does not accept the access token: it is mistyped, expired or revoked. Make a new one in the dashboard and give it in SUPABASE_ACCESS_TOKEN or with --token-file.",
        "";
    NO_PERMISSION = "E0602", "the token may not do this",
        "The token is valid, but its owner's role or its scopes do not allow this operation. The message names the missing permissions where the API does.",
        "";
    API_FAILED = "E0603", "the API did not answer as it should",
        "The request failed for a reason that lies neither in the manifests nor in the token: the network, the API itself, or an answer in a form that is not understood.",
        "";
    EXPIRED = "E0615", "the run reached its deadline",
        "The run took longer than `--deadline` allows, which counts everything (requests, waits for rate limits and for projects, commands that give secrets) except the time that somebody took to answer a question. Nothing more was sent. The next run starts from what is live and does the rest.",
        "";
    NOT_READ_BACK = "E0616", "a write that was not read back",
        "The API accepted a write, and the run ended before it could read back whether live is as desired: it was stopped by a signal, reached its deadline, or got no answer from the API. `supaform plan` shows the outcome.",
        "";
    MADE_TWICE = "E0617", "created twice at the same time",
        "Right after it created something, the run read again and found a second one of the same name or address: somebody else, such as an apply on another machine, created it at the same time. The API has no lock against that. The message says which one this run created. Remove one of the two; until then it is not clear which one the manifests manage. Keep applies apart with a concurrency group of the CI system.",
        "";
    AT_WORK = "E0618", "another apply is running",
        "On one machine, applies to one project of one API exclude each other. Another apply worked on a project of this run, and had not ended within `--lock-timeout`. Nothing was read or written. Its lock is released when its process ends, however it ends.",
        "";
    NO_LOCK = "E0619", "no lock can be taken",
        "Applies on one machine exclude each other by locks on files in a folder that belongs to the user: `supaform/locks` in the folder for caches, else one in the folder for temporary files. That folder could not be created or used: it belongs to another user, is a link, or others may write to it. Without locks, two applies at once could create things twice.",
        "";
    NOT_PRINTED = "E0625", "a result that was not printed whole",
        "Standard output could not be written, most often because a disk is full. What the run did is done, but its output is incomplete, so the run ends with 1, or with a more serious code if it has one. A reader that closes a pipe early, as `head` does, is no error and does not change the exit code.",
        "";
    RUN_FAILED = "E0638", "a run of a branch that failed",
        "What is done with a branch is a run of several steps at Supabase, and one of them has died. The status of the branch does not tell it. The log of the run is in the dashboard; what came before the step has been done.",
        "";
    API_REFUSED = "E0640", "the API refused a value",
        "The API understood the request and refused it. The message is the API's own; where it names a field, the line of the manifest is shown. Nothing of this request took effect.",
        "";
    STALE = "E0641", "live has changed since the plan",
        "Between the plan and the write somebody else changed what the write touches. The write was not sent, so that their change is not undone unseen. Run plan again and review it.",
        "";
    DID_NOT_TAKE = "E0642", "accepted, but without effect",
        "The API answered with success, but reading the setting back still shows another value after half a minute. The API ignores or rewrites what was sent.",
        "";
    FATE_UNKNOWN = "E0643", "the outcome of a request is unknown",
        "The answer to a write was lost, and the live state does not show whether the write took effect. Nothing was sent a second time. `supaform plan` shows what is left to do.",
        "";
    STILL_PENDING = "E0644", "still pending after the deadline",
        "The API accepted a change that takes effect later, and it had not taken effect by the deadline. It still may: run plan in a few minutes.",
        "";
    UNRESOLVED_SECRET = "E0645", "a secret could not be resolved",
        "Apply needs the value of every managed secret before its first write, so that no change is written by half and no live secret is blanked.",
        "smtp_pass: {env: SMTP_PASS}";
    NOT_CONFIRMED = "E0646", "not confirmed",
        "Apply asks before it writes, and the answer was not yes, or there was no terminal to ask on. In CI give --yes after the plan was reviewed.",
        "";
    UNUSED_ALLOW = "E0647", "an allowance that allows nothing",
        "An address that is given with --allow must be the address of a change in the plan that needs to be allowed. This one is mistyped or no longer needed.",
        "";
    INTERRUPTED = "E0648", "interrupted",
        "The run was stopped by a signal. Nothing new was sent; a request in flight was awaited for five seconds. Running apply again continues.",
        "";
    NO_SUCH_TOPIC = "E0649", "no topic of explain has this name",
        "The topic of explain is a kind, a field with or without its kind, or the code of a finding.",
        "";
    BAD_OPTION = "E0650", "an option that cannot be used",
        "The value of an option on the command line, or of the variable behind it, cannot be used as it is. The message says why.",
        "";
    NO_TOKEN = "E0651", "no access token",
        "The Management API needs an access token. Make one in the dashboard (Account, Access Tokens) and give it in the variable SUPABASE_ACCESS_TOKEN or with --token-file. The sandbox (--sandbox DIR) needs none.",
        "";
    BAD_STATE = "E0652", "the sandbox's state cannot be used",
        "The file that keeps the sandbox's state, or the world that it starts from, cannot be read or written, is damaged, or is another kind of file. It was left as it is.",
        "";
    NOT_PINNED = "E0653", "a ref that cannot be written",
        "`supaform pin` writes one line and changes nothing else in the file. Where that is impossible, as in a map that an alias shares, write the line by hand.",
        "";
    FORGED = "E0655", "a saved plan or report that contradicts itself",
        "The seal of the file matches, but its content contradicts itself: a step's hash is not that of the request, the changes and the waits that it shows, the plan's id is not that of its steps, or a hash is not a hash. Approvals are given for hashes, so each hash is computed again from what the file shows, and nothing of such a file is shown or approved. Plan again.",
        "";
    AWAITED = "E0656", "waits for somebody outside",
        "What the manifests want needs something that only somebody outside can do, such as setting DNS records, or that takes longer than a run should wait. The message says what, and what to do. Nothing has failed: the run ends with exit code 8, and the next apply goes on from there.",
        "";
    NO_SUCH_PROJECT = "E0660", "no project of that name",
        "A project is named by its document: the name after `project:` or under `projects:`, not its name in the dashboard. Projects that `--select` leaves out are not found.",
        "";
    NO_BASE = "E0661", "the base revision cannot be read",
        "`render --base` asks git for the workspace at another revision. Git must be installed, the workspace must lie in a repository that has that commit, and its manifests must be valid there.",
        "";
    NO_RECORD = "E0670", "no saved plan or report",
        "The file cannot be read, or is not a plan or report as `plan --out FILE` saves it, or as `plan`, `drift` and `apply` print it with `--format json`. The output of `drift` is no plan: it can be shown, but neither applied nor commented on a request.",
        "";
    OTHER_VERSION = "E0671", "a saved plan or report of another version",
        "The file was saved in a version of the format that this program does not know. Show it with the program that saved it, or plan again.",
        "";
    EDITED = "E0672", "a saved plan or report that was edited",
        "The file has changed since it was saved: its seal does not match. Its content may never have been planned, so it is not shown. The seal finds accidents and careless edits; it does not prove who saved the file.",
        "";
    TOO_LONG = "E0673", "a comment that would hide what must be seen",
        "Even told as shortly as may be, with all risks and a line for all projects of which the same is said, the text is longer than allowed. Cutting it would hide something that destroys, locks out or endangers, so nothing is printed.",
        "";
    CANNOT_SAVE = "E0674", "the plan cannot be saved",
        "The file that `--out` names cannot be written. It is written to a new file beside it and then renamed, readable by its owner only. A symbolic link, a folder, a pipe or a device in its place is never replaced.",
        "";
    NOT_JOINED = "E0675", "saved plans or reports that do not go together",
        "Several files are told as one: what `plan`, `drift` or `apply` saved of the parts of one fleet, split with `--shard I/N`. They are all of one sort, of one API, held against one base, and each is about other projects.",
        "";
    NOT_TOLD = "E0680", "a notification that was not taken",
        "Somebody was to be told by `--notify`, and the other side did not take it, also when tried again. How the run itself ended does not change; its own output has all that there is to tell. Most often the address was revoked or is mistyped.",
        "";
    CANNOT_WRITE = "E0690", "a file of the workspace cannot be written",
        "The system refused, a part of the path is a symbolic link, or somebody has changed the file since it was read: files are written below the root of the workspace only, each whole or not at all.",
        "";
    IN_WORKSPACE = "E0691", "a workspace within a workspace",
        "`supaform init` creates a workspace where there is none. Here, a folder further up already has a `supaform.yaml`; its manifests may be in any folder below it.",
        "";
    NOT_FORMATTED = "E0692", "a file that cannot be formatted",
        "`supaform fmt` reads what it would write before it writes, and leaves a file unchanged where the meaning would differ. Please report such a file; it can be used unformatted.",
        "";
    NO_MANIFEST = "E0693", "a path that is no manifest",
        "`supaform fmt` changes the manifests of the workspace and nothing else: files below its root that say `project:`, `projects:` or `profile:`, and `supaform.yaml`. Files that `.supaformignore` or `manifests:` leaves out are no manifests.",
        "";
    NOT_ACCEPTED = "E0694", "a live value that is not written into the manifests",
        "`supaform accept` writes one value and changes nothing else: no comment, no other value, no other difference of the plan. It also refuses where it is not clear which file should hold the value (it comes from a profile or from a variable: `--into` says which), and where live cannot be read back (a secret). The message says which, and the hint what to do by hand.",
        "";
    NOT_IMPORTED = "E0695", "a project that is not imported",
        "`supaform import` writes manifests of projects that are up, into files that do not exist yet. Of a paused project the API shows empty lists, which would look as if everything had been removed; and a file of somebody's is never replaced.",
        "";
    IMPORT_DIFFERS = "E0696", "an import that would change something",
        "`supaform import` plans what it is about to write, against what it has just read. A difference is a fault of Supaform: nothing was written. Please report it with the address and, if you may show it, the live value.",
        "";
    NOT_FACTORED = "E0697", "manifests that are not factored",
        "`supaform factor` moves what projects say alike into a profile of its own. It replaces no file, and writes nothing unless the effective manifests stay as they are; what stands under an anchor, or has a comment within its value, is not moved.",
        "";
}
