//! The codes of planning.

use super::code::codes;

codes! {
    PROJECT_MOVED = "E0500", "the project is somewhere else",
        "A project stays in the organization and region in which it was created. Where the manifest names another one, nothing is done: making a new project and deleting the old one would lose its data.",
        "ref: aaaaaaaaaaaaaaaaaaaa\nregion: us-east-1";
    TOO_MANY_ITEMS = "E0501", "more items than the API stores",
        "The API stores a limited number of items of this kind in a project, and the plan would leave more than that. Items that no manifest manages count too.",
        "";
    MISSING_COMPANION = "E0502", "a field needs others that are not there",
        "The API refuses some fields unless others are set as well: a mail sender's name without a mail server, for example. The others may be live already or stand in the manifests; here they are in neither.",
        "auth: {smtp_sender_name: Acme}";
    NEEDS_ALLOW = "E0503", "somebody must name this change",
        "Deleting, clearing a secret and locking out cannot be undone by running the tool again, so `--yes` never covers them. Each needs `--allow` with its address, or a trailer `Supaform-Allow: CLASS:ADDRESS` where words are read from commits.",
        "secrets: {LEGACY_KEY: null}";
    PROTECTED = "E0504", "the project is protected",
        "A project with `protected: true` wants four eyes for what destroys, locks out or endangers it. A word counts only where it was reviewed: as a trailer `Supaform-Allow: CLASS:ADDRESS` of a commit, which apply reads with --allow-from or --approved-by pr, or as a rule of `allow:` in `supaform.yaml` of the base revision. --allow does not count. The project itself is never removed.",
        "protected: true";
    PROJECT_GONE = "E0505", "the project is gone",
        "The manifest pins a project by `ref`, and the API says that there is none, or that it was removed. It is never created again by itself: a new project would have another ref, other keys and no data.",
        "ref: aaaaaaaaaaaaaaaaaaaa";
    PROJECT_NOT_FOUND = "E0506", "no such project in the organization",
        "Without `ref`, a project is found by its organization and name, and there is none of that name. It is created only where the manifest says `create: true`.",
        "organization: acme-inc\nname: Acme Productoin";
    PROJECT_PAUSED = "E0507", "the project is paused",
        "A paused project answers with empty lists, as if nothing were there. Nothing is planned on such answers: restore the project first.",
        "";
    PROJECT_BUSY = "E0508", "the project is in a transition",
        "The project is restarting, restoring, resizing or the like. That ends by itself; a plan made meanwhile would be made on half of the truth.",
        "";
    PROJECT_FAILED = "E0509", "the project is down",
        "The project's status is one that does not end by itself, such as a failed creation or restoration. That has to be mended in the dashboard or by Supabase's support.",
        "";
    HOOK_WITHOUT_SECRET = "E0510", "a hook without a secret",
        "Calls to an http or https hook are signed, so that the hook can tell the auth service from anybody else. The auth service refuses such a hook without a secret of the form `v1,whsec_…`, neither in the manifest nor live.",
        "auth:\n  hook_send_email_enabled: true\n  hook_send_email_uri: https://hooks.example.com/mail";
    PASSKEYS_LOST = "E0511", "another domain for passkeys",
        "A passkey belongs to the domain that it was made for. With another `webauthn_rp_id` all passkeys of today stop working, and people without another way to sign in are locked out. Where that is what you want, allow it by name.",
        "auth: {webauthn_rp_id: example.org}";
    NOT_ENTITLED = "E0512", "the organization's plan does not include it",
        "The live project says that its organization's plan does not include this. Writing it would be refused, so nothing is sent.",
        "";
    UNCLEAR_ITEM = "E0520", "it cannot be told which live item is meant",
        "The API knows these items by ids, and the names in manifests are yours. A written item means the live one with which it shares something that only one can have; here several could be meant, or one by two. Nothing is guessed: say it with `id:`, or remove what is too many.",
        "sso_providers:\n  okta: {domains: [acme.com, acme.org]}";
    ITEM_GONE = "E0521", "there is no item with this id",
        "The manifest says by `id:` which live item is meant, and the API has none with it. It is never made again by itself, because the new one would have another id.",
        "sso_providers:\n  okta: {id: 8a1c2e34-5b6d-4f70-8a9b-0c1d2e3f4a5b}";
    SAML_OFF = "E0522", "SSO providers without SAML",
        "SSO providers can be made and used only where `auth.saml_enabled` is on. It is neither on live nor switched on by the manifests, or they switch it off.",
        "auth: {saml_enabled: false}\nsso_providers:\n  okta: {metadata_url: \"https://acme.okta.com/metadata\"}";
    DOMAIN_TAKEN = "E0523", "a domain that another provider has",
        "A domain belongs to one SSO provider, since it decides where people are sent to sign in. The API refuses to give it to a second one; the other has to let go of it first.",
        "sso_providers:\n  okta: {domains: [acme.com]}\n  entra: {domains: [acme.com]}";
    CANNOT_BECOME = "E0524", "an item that cannot become this",
        "The API cannot change this of an item that is live, so nothing is sent. Remove the item and make a new one.",
        "";
    SAME_NAME = "E0530", "several live items have this name",
        "The API takes several items of one name, and a manifest knows them by name only. Which one is meant is not guessed: as long as there are several, the name cannot be managed.",
        "api_keys: {mobile: {type: publishable}}";
    NO_LONGER_THERE = "E0531", "the API no longer has it",
        "The API has taken this away for good, so it can no longer be switched on or set. Take it out of the manifests.",
        "legacy_api_keys: {enabled: true}";
    NEEDS_WORD = "E0532", "somebody must give their word for this",
        "The run was told with --require-allow that changes of this kind need somebody's word. A reviewer gives it in the message of a commit, as a trailer `Supaform-Allow: CLASS:ADDRESS`, which --allow-from reads; or who applies gives it with `--allow ADDRESS`.",
        "";
    HELD_BACK = "E0535", "something of the project is refused",
        "A part of what would be done in this project is refused, or needs a word that nobody has given. A project is changed as it was planned or not at all, so nothing of it was written; other projects are not concerned.",
        "";
    SHARED_PROJECT = "E0545", "two documents mean one live project",
        "A document that pins a project by `ref` and another one that finds the same project by organization and name would write it in turns, and one of them may lack the `protected: true` of the other. Nothing of the project is written as long as both are there, whichever of them is selected.",
        "";
    SEVERAL_PROJECTS = "E0546", "several live projects have this name",
        "Without `ref`, a project is found by its organization and name, and there are several of that name. Which one is meant is not guessed: pin it with `ref:`. `region:` decides, too, where only one of them is there.",
        "organization: acme-inc\nname: Shop";
}
