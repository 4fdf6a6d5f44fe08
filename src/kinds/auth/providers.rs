//! Signing in with an account of another service.

use super::rows::{SIGN_IN, UNSET, absent, off, secret, weakens};
use crate::schema::{Field, ListAs, Literal, Needs, Risk, TextRule, Type, When, Wire, flag, list};

const CLIENT_ID: Type = Type::Text(TextRule { form: Some(&super::forms::NO_COMMA), max_chars: None, long: false });

/// Ids beyond the first, which the API folds into the first: (the field of the list, the folded field).
pub(super) const FOLDED: &[(&str, &str)] = &[
    ("external_apple_client_id", "external_apple_additional_client_ids"),
    ("external_google_client_id", "external_google_additional_client_ids"),
];

/// The risk of another app id: people sign in through that app.
pub(super) const CLIENT: &[Risk] = &[weakens(When::Set, "people sign in through whoever's app has this id")];
/// The same risk of a list: a token that was issued for any of these apps signs in here.
const AUDIENCE: &[Risk] = &[weakens(When::Grows, "tokens that were made for these apps sign people in here")];
/// The risk of accounts without a verified address.
const NO_ADDRESS: &[Risk] = &[weakens(When::On, "people without an e-mail address can sign in")];

/// The rows of one OAuth provider: those of every provider, then its own.
///
/// A `native` provider also accepts tokens that an app got from the device, for which it needs the app's id and no secret;
/// its ids are one list. One `without email_optional` requires an address; one `with url` has no address of its own and
/// does not work without one.
macro_rules! provider {
    ($id:literal, $name:literal $(, $more:expr)*) => {
        provider!($id, $name, without email_optional,
            off(concat!("external_", $id, "_email_optional")).risks(NO_ADDRESS).doc(concat!(
                "Let people in whose account at ", $name, " has no e-mail address."
            ))
            $(, $more)*)
    };
    (native $id:literal, $name:literal $(, $more:expr)*) => {
        provider!(@rows $id, $name, &[concat!("external_", $id, "_client_id")],
            list(concat!("external_", $id, "_client_id"), &CLIENT_ID, ListAs::Set)
                .wire(Wire::Folded(concat!("external_", $id, "_additional_client_ids")))
                .resets_to(UNSET)
                .risks(AUDIENCE)
                .example("[com.example.web, com.example.app]")
                .doc(concat!("The client id that ", $name, " gave you, or a list of all ids: the web's first, then apps'.")),
            off(concat!("external_", $id, "_email_optional")).risks(NO_ADDRESS).doc(concat!(
                "Let people in whose account at ", $name, " has no e-mail address."
            )),
            absent(concat!("external_", $id, "_additional_client_ids")).example("com.example.app").risks(CLIENT)
                .deprecated(concat!("write all ids in `external_", $id, "_client_id`, as a list"))
                .doc(concat!(
                    "Further client ids, which the API moves into `external_", $id, "_client_id` and then shows as null."
                ))
            $(, $more)*)
    };
    (with url $id:literal, $name:literal $(, $more:expr)*) => {
        provider!(
            @web $id, $name,
            &[concat!("external_", $id, "_client_id"), concat!("external_", $id, "_secret"), concat!("external_", $id, "_url")],
            off(concat!("external_", $id, "_email_optional")).risks(NO_ADDRESS).doc(concat!(
                "Let people in whose account at ", $name, " has no e-mail address."
            ))
            $(, $more)*)
    };
    ($id:literal, $name:literal, without email_optional $(, $more:expr)*) => {
        provider!(
            @web $id, $name, &[concat!("external_", $id, "_client_id"), concat!("external_", $id, "_secret")]
            $(, $more)*)
    };
    (@web $id:literal, $name:literal, $needs:expr $(, $more:expr)*) => {
        provider!(@rows $id, $name, $needs,
            absent(concat!("external_", $id, "_client_id")).example("example-client-id").risks(CLIENT).doc(concat!("The client id that ", $name, " gave you."))
            $(, $more)*)
    };
    (@rows $id:literal, $name:literal, $needs:expr, $client_id:expr $(, $more:expr)*) => {
        &[
            off(concat!("external_", $id, "_enabled"))
                .needs(&[Needs { when: When::On, fields: $needs }])
                .risks(SIGN_IN)
                .doc(concat!("Let people sign in with ", $name, ".")),
            $client_id,
            secret(concat!("external_", $id, "_secret")).doc(concat!("The client secret that ", $name, " gave you.")),
            $($more),*
        ]
    };
}

/// The address of a provider that anybody can host or have a tenant of.
macro_rules! url {
    ($id:literal, $example:literal, $doc:literal) => {
        absent(concat!("external_", $id, "_url"))
            .form(&super::forms::SERVER)
            .stricter_than_spec("the auth service can only request web addresses")
            .example($example)
            .risks(&[weakens(When::Set, "whoever runs this address can sign in as anybody")])
            .doc($doc)
    };
}

/// Every provider.
pub(super) const PROVIDERS: &[(&str, &[Field])] = &[
    ("Apple", provider!(native "apple", "Apple")),
    (
        "Azure",
        provider!(
            "azure",
            "Microsoft",
            url!(
                "azure",
                "https://login.microsoftonline.com/00000000-0000-0000-0000-000000000000",
                "The address of your Entra tenant, to let nobody else sign in: `https://login.microsoftonline.com/TENANT`."
            )
        ),
    ),
    ("Bitbucket", provider!("bitbucket", "Bitbucket")),
    ("Discord", provider!("discord", "Discord")),
    ("Facebook", provider!("facebook", "Facebook")),
    ("Figma", provider!("figma", "Figma")),
    ("GitHub", provider!("github", "GitHub")),
    (
        "GitLab",
        provider!(
            "gitlab",
            "GitLab",
            url!("gitlab", "https://gitlab.example.com", "The address of your own GitLab; without it, gitlab.com.")
        ),
    ),
    (
        "Google",
        provider!(native "google", "Google",
            // The only switch that an untouched project shows as null.
            flag("external_google_skip_nonce_check")
                .resets_to(&[Literal::Null, Literal::Bool(false)])
                .risks(&[weakens(When::On, "a Google token that was stolen elsewhere can be used here")])
                .doc("Accept Google's tokens without comparing their nonce, for apps that cannot send it (some on iOS).")),
    ),
    ("Kakao", provider!("kakao", "Kakao")),
    (
        "Keycloak",
        provider!(
            with url "keycloak",
            "Keycloak",
            url!(
                "keycloak",
                "https://id.example.com/realms/main",
                "The address of your realm, such as `https://id.example.com/realms/main`; Keycloak does not work without it."
            )
        ),
    ),
    ("LinkedIn", provider!("linkedin_oidc", "LinkedIn")),
    ("Notion", provider!("notion", "Notion")),
    ("Slack (OIDC)", provider!("slack_oidc", "Slack")),
    ("Slack (old)", provider!("slack", "Slack by its old protocol")),
    ("Spotify", provider!("spotify", "Spotify")),
    ("Twitch", provider!("twitch", "Twitch")),
    ("Twitter (OAuth 1.0a)", provider!("twitter", "Twitter by OAuth 1.0a")),
    ("X (OAuth 2.0)", provider!("x", "X by OAuth 2.0")),
    (
        "WorkOS",
        provider!("workos", "WorkOS", without email_optional, url!("workos", "https://api.workos.com", "The address of WorkOS's API; without it, WorkOS's public one.")),
    ),
    ("Zoom", provider!("zoom", "Zoom")),
    (
        "Web3 wallets",
        &[
            off("external_web3_solana_enabled").risks(SIGN_IN).doc("Let people sign in with a Solana wallet."),
            off("external_web3_ethereum_enabled").risks(SIGN_IN).doc("Let people sign in with an Ethereum wallet."),
        ],
    ),
];
