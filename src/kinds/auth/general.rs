//! The site, sign-up, tokens, and the resources that the auth service may use.

use super::rows::{MOST, NO_WAY_IN, SIGN_IN, absent, off, on, weakens};
use crate::schema::address::{INSECURE, SHOWN, WIDE};
use crate::schema::{
    Field, Form, Impact, ListAs, Literal, Risk, TextRule, Type, Unit, When, Wire, choice, int, list, text,
};

const fn item(form: &'static Form) -> Type {
    Type::Text(TextRule { form: Some(form), max_chars: None, long: false })
}
const URL: Type = item(&SHOWN);

const LEADS: &[Risk] = &[
    weakens(When::Set, "sign-in and mail links lead people to this address"),
    weakens(When::Where(&INSECURE), "is plain http or an address of one machine, where tokens can be read"),
];
const HANDS_OVER: &[Risk] = &[
    weakens(When::Grows, "tokens may be handed to every address that this list matches"),
    weakens(When::Where(&WIDE), "matches addresses on any host"),
];

/// The site and the addresses that it may send people to.
pub(super) const SITE: &[Field] = &[
    text("site_url")
        .form(&SHOWN)
        .resets_to(&[Literal::Text("http://localhost:3000"), Literal::Null])
        .risks(LEADS)
        .example("https://example.com")
        .doc("The address of your site, to which people return after signing in and which mail links are built on."),
    list("uri_allow_list", &URL, ListAs::Set)
        .wire(Wire::Joined(","))
        .resets_to(&[Literal::Text(""), Literal::Null])
        .risks(HANDS_OVER)
        .example("[https://example.com/callback, \"https://*.example.com/**\"]")
        .doc("Further addresses to which a sign-in may return, with `*` and `**` as wildcards."),
];

/// Who may sign up, and how.
pub(super) const SIGN_UP: &[Field] = &[
    off("disable_signup")
        .risks(&[weakens(When::Off, "lets anybody sign up")])
        .doc("Refuse all sign-ups; people who have an account can still sign in."),
    on("external_email_enabled").risks(SIGN_IN).doc("Let people sign up and sign in with an e-mail address."),
    off("external_phone_enabled")
        .risks(SIGN_IN)
        .doc("Let people sign up and sign in with a phone number, which needs an SMS provider or a `send_sms` hook."),
    off("external_anonymous_users_enabled")
        .risks(&[weakens(When::On, "lets anybody have a session without an account")])
        .doc("Let visitors have a session without an account, with the database role `authenticated`."),
    off("security_manual_linking_enabled")
        .risks(&[weakens(When::On, "lets a session attach further identities to its account")])
        .doc("Let a signed-in person link further identities to the account by hand."),
];

/// Access tokens and refresh tokens.
pub(super) const TOKENS: &[Field] = &[
    int("jwt_exp", 0, 604_800)
        .unit(Unit::Seconds)
        .resets_to(&[Literal::Int(3600), Literal::Null])
        .risks(&[weakens(When::Doubled, "a stolen access token works for more than twice as long")])
        .example("1h")
        .doc("How long an access token stays valid; it cannot be revoked before, so an hour or less is usual."),
    on("refresh_token_rotation_enabled")
        .risks(&[weakens(When::Off, "a stolen refresh token stays usable beside the owner's")])
        .doc("Issue a new refresh token with each use, so that a stolen one is detected by its second use."),
    int("security_refresh_token_reuse_interval", 0, 300)
        .unit(Unit::Seconds)
        .resets_to(&[Literal::Int(10), Literal::Null])
        .stricter_than_spec("the API's description names a maximum of 300 seconds")
        .risks(&[weakens(When::Higher, "a refresh token that was stolen can be used again for longer")])
        .doc("How long a refresh token may be used again after its first use, for clients that send two requests at once."),
];

/// SAML single sign-on; the providers themselves are the kind `sso_providers`.
pub(super) const SAML: &[Field] = &[
    off("saml_enabled")
        .entitlement("auth.saml_2")
        .risks(&[Risk {
            when: When::Off,
            impact: Impact::Access,
            why: "nobody can sign in through an SSO provider any more",
        }])
        .doc("Let companies sign in through their own SAML 2.0 identity provider."),
    absent("saml_external_url")
        .form(&SHOWN)
        .entitlement("auth.saml_2")
        .risks(&[weakens(When::Set, "identity providers send people's answers to this address")])
        .example("https://auth.example.com")
        .doc("The address under which identity providers see this project, if it is not the project's own."),
];

/// Why the settings below are harmless.
const PACE: &str = "it limits the service's resources, not who may sign in";

/// The database connections and the time that the auth service may use.
pub(super) const PERFORMANCE: &[Field] = &[
    int("db_max_pool_size", 0, MOST)
        .resets_to(&[Literal::Int(10), Literal::Null])
        .entitlement("auth.performance_settings")
        .stricter_than_spec("a pool cannot have less than no connections, nor more than a 32-bit count")
        .harmless(PACE)
        .doc("How many database connections the auth service may hold, counted as `db_max_pool_size_unit` says."),
    choice("db_max_pool_size_unit", &["connections", "percent"])
        .resets_to(&[Literal::Text("connections"), Literal::Null])
        .entitlement("auth.performance_settings")
        .harmless(PACE)
        .doc("Whether `db_max_pool_size` counts connections or percent of the database's connections."),
    int("api_max_request_duration", 0, MOST)
        .unit(Unit::Seconds)
        .resets_to(&[Literal::Int(10), Literal::Null])
        .entitlement("auth.performance_settings")
        .stricter_than_spec("a request cannot take less than no time, nor longer than a 32-bit count of seconds")
        .harmless(PACE)
        .doc("The longest time that the auth service works on a request."),
];

/// The project as an identity provider for others.
pub(super) const OAUTH_SERVER: &[Field] = &[
    off("oauth_server_enabled")
        .risks(&[weakens(When::On, "other programs can sign people in with their accounts here")])
        .doc("Let other programs sign people in with their accounts here, by OAuth 2.1."),
    off("oauth_server_allow_dynamic_registration")
        .risks(&[weakens(When::On, "any program can register itself as an OAuth client")])
        .doc("Let programs register themselves as OAuth clients, as MCP clients do."),
    absent("oauth_server_authorization_path")
        .risks(&[weakens(When::Set, "people agree on this page to let programs in")])
        .example("/oauth/consent")
        .doc("The path of your site, such as `/oauth/consent`, where people agree to let a program in."),
    crate::schema::flag("custom_oauth_enabled")
        .default(Literal::Bool(false))
        .risks(&[NO_WAY_IN, weakens(When::On, "providers can be added that no manifest shows")])
        .doc("Allow providers of your own by OAuth or OIDC, which are set up in the auth service and not here."),
    absent("nimbus_oauth_client_id")
        .risks(super::providers::CLIENT)
        .example("example-client-id")
        .doc("The client id of the `nimbus` provider, which Supabase does not document."),
    super::rows::secret("nimbus_oauth_client_secret")
        .doc("The client secret of the `nimbus` provider, which Supabase does not document."),
];
