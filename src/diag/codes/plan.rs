//! The codes of planning.

use super::code::codes;

codes! {
    PROJECT_MOVED = "E0500", "the project is in another organization or region",
        "A project stays in the organization and region in which it was created. Where the manifest names another one, nothing is done: to create a new project and delete the old one would lose the data.",
        "ref: aaaaaaaaaaaaaaaaaaaa\nregion: us-east-1";
    TOO_MANY_ITEMS = "E0501", "more items than the API stores",
        "The API stores a limited number of items of this kind in a project, and the plan would leave more than that. Items that no manifest manages count too.",
        "";
    MISSING_COMPANION = "E0502", "a field needs others that are not there",
        "The API refuses some fields unless others are set as well: a mail sender's name without a mail server, for example. The others may be live already or be set in the manifests; here they are neither.",
        "auth: {smtp_sender_name: Acme}";
    NEEDS_ALLOW = "E0503", "somebody must name this change",
        "Deleting, clearing a secret and locking out cannot be undone by another run, so `--yes` never covers them. Each needs `--allow` with its address, or a trailer `Supaform-Allow: CLASS:ADDRESS` where `--allow-from` or `--approved-by` reads the commits.",
        "secrets: {LEGACY_KEY: null}";
    PROTECTED = "E0504", "the project is protected",
        "A project with `protected: true` needs a second person for every change that destroys, locks out or endangers. Permission for such a change counts only where it was reviewed: as a trailer `Supaform-Allow: CLASS:ADDRESS` of a commit, which apply reads with --allow-from or --approved-by pr, or as a rule of `allow:` in `supaform.yaml` of the base revision. --allow does not count. The project itself is never removed.",
        "protected: true";
    PROJECT_GONE = "E0505", "the project is gone",
        "The manifest pins a project by `ref`, and the API says that there is none, or that it was removed. It is never created again automatically: a new project would have another ref, other keys and no data.",
        "ref: aaaaaaaaaaaaaaaaaaaa";
    PROJECT_NOT_FOUND = "E0506", "no such project in the organization",
        "Without `ref`, a project is found by its organization and name, and there is none of that name. It is created only where the manifest says `create: true`.",
        "organization: acme-inc\nname: Acme Productoin";
    PROJECT_PAUSED = "E0507", "the project is paused",
        "A paused project answers with empty lists, as if it had no items. Nothing is planned from such answers. Restore the project first.",
        "";
    PROJECT_BUSY = "E0508", "the project is in a transition",
        "The project is restarting, restoring, resizing or the like. The transition ends by itself; a plan made meanwhile would rest on incomplete answers. Run again afterwards.",
        "";
    PROJECT_FAILED = "E0509", "the project is down",
        "The project's status is one that does not end by itself, such as a failed creation or restoration. Repair it in the dashboard, or ask Supabase's support.",
        "";
    HOOK_WITHOUT_SECRET = "E0510", "a hook without a secret",
        "Calls to an http or https hook are signed, so that the hook can tell the auth service from anybody else. The auth service refuses such a hook without a secret of the form `v1,whsec_…`, neither in the manifest nor live.",
        "auth:\n  hook_send_email_enabled: true\n  hook_send_email_uri: https://hooks.example.com/mail";
    PASSKEYS_LOST = "E0511", "another domain for passkeys",
        "A passkey belongs to the domain that it was made for. With another `webauthn_rp_id` all existing passkeys stop working, and people without another way to sign in are locked out. If you want that, allow the change by its address.",
        "auth: {webauthn_rp_id: example.org}";
    NOT_ENTITLED = "E0512", "the organization's plan does not include it",
        "The live project says that its organization's plan does not include this. Writing it would be refused, so nothing is sent.",
        "";
    UNCLEAR_ITEM = "E0520", "it is not clear which live item an item of the manifest stands for",
        "The API knows these items by ids, and the names in manifests are yours. An item of the manifest stands for the live item that shares a value which only one item can have. Here several live items share one, or two items of the manifest share one with the same live item. Nothing is guessed: name the live item with `id:`, or remove the surplus item.",
        "sso_providers:\n  okta: {domains: [acme.com, acme.org]}";
    ITEM_GONE = "E0521", "no live item has this id",
        "The manifest names a live item by `id:`, and the API has no item with that id. The item is never created again automatically, because a new one would have another id.",
        "sso_providers:\n  okta: {id: 8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b}";
    SAML_OFF = "E0522", "SSO providers without SAML",
        "SSO providers can be created and used only where `auth.saml_enabled` is on. It is off on live and the manifests do not switch it on, or the manifests switch it off.",
        "auth: {saml_enabled: false}\nsso_providers:\n  okta: {metadata_url: \"https://acme.okta.com/metadata\"}";
    DOMAIN_TAKEN = "E0523", "a domain that another provider has",
        "A domain belongs to one SSO provider, since it decides where people are sent to sign in. The API refuses to give it to a second one; the other must give the domain up first.",
        "sso_providers:\n  okta: {domains: [acme.com]}\n  entra: {domains: [acme.com]}";
    CANNOT_BECOME = "E0524", "a value that cannot change on a live item",
        "The API cannot change this value of a live item, so nothing is sent. Remove the item and create a new one.",
        "";
    SAME_NAME = "E0530", "several live items have this name",
        "The API allows several items of one name, and a manifest identifies them by name only. Nothing is guessed: as long as several exist, items of that name cannot be managed.",
        "api_keys: {mobile: {type: publishable}}";
    NO_LONGER_THERE = "E0531", "the API no longer has this setting",
        "The API removed this setting for good, so it can no longer be switched on or set. Remove it from the manifests.",
        "legacy_api_keys: {enabled: true}";
    NEEDS_WORD = "E0532", "somebody must allow this change",
        "With --require-allow, changes of this class need permission. A reviewer gives it in the message of a commit, as a trailer `Supaform-Allow: CLASS:ADDRESS`, which --allow-from reads; or whoever applies gives it with `--allow ADDRESS`.",
        "";
    HELD_BACK = "E0535", "something of the project is refused",
        "A part of this project's plan is refused, or needs permission that nobody has given. A project is changed as planned or not at all, so nothing of it was written; other projects are not affected.",
        "";
    ADDON_MISSING = "E0536", "an add-on is missing",
        "What the manifests want needs an add-on of the project, which costs money and is not there. Supaform does not choose add-ons: enable it in the dashboard, and run this again. Nothing of the project is written before.",
        "custom_hostname: {custom_hostname: api.example.com, activate: true}";
    EXCLUDED = "E0537", "something live that excludes it",
        "A project can have one of the two and not both, and it has the other one, which the manifests do not take away. Take it away in the same plan, which does that first, or remove the section.",
        "vanity_subdomain: {vanity_subdomain: myapp}";
    ONE_WAY = "E0540", "the API cannot switch this off",
        "The API can switch this on, and has no way to switch it off again. It is on in the live project, and the manifest wants it off. Nothing is sent.",
        "database_webhooks: {enabled: false}";
    NO_BRANCH = "E0541", "no such branch of the project",
        "The document says `branch_of:`, and its project has no live branch of that name. It is made where the project's own document has it below `branches:`, and that section is part of the run. A branch that somebody else makes, such as one of a pull request, is found once it is there.",
        "branch_of: {project: acme-prod, branch: stagign}";
    SHARED_PROJECT = "E0545", "two documents stand for one live project",
        "A document that pins a project by `ref` and another one that finds the same project by organization and name would overwrite each other's settings, and one of them may lack the `protected: true` of the other. Nothing of the project is written as long as both documents exist, whichever is selected.",
        "";
    SEVERAL_PROJECTS = "E0546", "several live projects have this name",
        "Without `ref`, a project is found by its organization and name, and several have that name. Nothing is guessed: pin the project with `ref:`, or give `region:` if only one of them is in that region.",
        "organization: acme-inc\nname: Shop";
    TOO_LARGE = "E0550", "an upload that is larger than the API takes",
        "The API takes uploads of up to 5 MB with all files of a function. A bundle that is made locally may have up to 20 MB; the Supabase CLI makes one where it finds a container engine.",
        "";
    IN_USE = "E0551", "an item that something else uses",
        "Removing the item would break a setting that refers to it, live or as the manifests say. Change that setting in the same plan, or keep the item.",
        "auth: {hook_send_email_enabled: true}\nfunctions: {mail: null}";
    NOT_THERE = "E0552", "a setting that refers to an item that is not there",
        "The setting refers to an item that is neither live nor in the manifests. It would be written and lead nowhere: every sign-in fails, for example, where the function of a hook is missing.",
        "auth: {hook_send_email_uri: \"https://aaaaaaaaaaaaaaaaaaaa.supabase.co/functions/v1/mial\"}";
    KEY_ORDER = "E0555", "a step that a signing key cannot take",
        "A signing key goes one way: it is added in standby, put into use, steps back when another one is put into use, and is revoked once nothing that it has signed is left. A project has one key in standby, one in use, and at most three that are `previously_used`. A step out of this order would sign people out, or the API refuses it.",
        "signing_keys:\n  0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d: {status: revoked}";
    EDITED = "E0561", "a migration was edited after it was applied",
        "A migration is applied once. Its file no longer has the SQL that the history has of it, whatever its comments and its layout are, so that a new project would get another schema than this one. It is not applied again: restore the file, and put the change into a new one. A word at its address accepts the difference.",
        "migrations: {path: supabase/migrations}";
    NOT_IN_FOLDER = "E0562", "the history has a migration that the folder has not",
        "Somebody applied a migration from elsewhere: from another branch, by hand, or in the dashboard. Add its file to the folder, so that every project gets it. A word at its address accepts that it is in this project alone.",
        "migrations: {path: supabase/migrations}";
    OUT_OF_ORDER = "E0563", "a migration comes before one that is applied",
        "Its version is lower than that of a migration that is applied already, so that this project would get them in another order than a new one. Give the file a higher version, or allow it by its address.",
        "migrations: {path: supabase/migrations}";
    MIXED_HISTORY = "E0564", "a project was migrated in the other way",
        "With `through: query`, migrations are recorded under the versions of their files; with `through: api`, the API stamps versions of its own. In a history of both, what is applied and what is not cannot be told apart for sure.",
        "migrations: {path: supabase/migrations, through: api}";
}
