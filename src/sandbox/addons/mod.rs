//! The add-ons and their prices: figures of the platform, as recorded in 2026.

mod sizes;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use sizes::{SIZES, Size};

impl Size {
    fn shown(&self) -> Value {
        let (hour, month) = self.price;
        let mut meta = json!({
            "cpu_cores": self.cores,
            "cpu_dedicated": self.dedicated,
            "memory_gb": self.memory_gb,
            "baseline_disk_io_mbs": self.disk[0],
            "max_disk_io_mbs": self.disk[1],
            "connections_direct": self.connections[0],
            "connections_pooler": self.connections[1],
            "supported_cloud_providers": self.providers,
        });
        if !self.regions.is_empty() {
            meta["supported_regions"] = json!({"AWS": self.regions, "FLY": [], "AWS_K8S": [], "AWS_NIMBUS": []});
        }
        let price = Price { text: &format!("${hour}/hour (~${month}/month)"), amount: hour, hourly: true };
        json!({"id": self.id, "name": self.name, "meta": meta, "price": price.shown()})
    }
}

/// The price of an add-on.
struct Price<'a> {
    text: &'a str,
    amount: f64,
    /// Priced per hour and by use; else a fixed sum per month.
    hourly: bool,
}

impl Price<'_> {
    fn shown(&self) -> Value {
        let (interval, kind) = if self.hourly { ("hourly", "usage") } else { ("monthly", "fixed") };
        // Whole dollars have no fraction.
        #[expect(clippy::cast_possible_truncation, reason = "prices are small")]
        let amount = if self.amount.fract() == 0.0 { json!(self.amount as i64) } else { json!(self.amount) };
        json!({"description": self.text, "amount": amount, "interval": interval, "type": kind})
    }
}

/// An add-on other than a compute size.
struct Addon {
    kind: &'static str,
    name: &'static str,
    variants: &'static [Variant],
    /// The auth setting that selects it automatically; empty: none.
    with: &'static str,
}

struct Variant {
    id: &'static str,
    name: &'static str,
    price: Price<'static>,
    /// Days that a point-in-time recovery reaches back.
    days: Option<u32>,
}

const fn monthly(id: &'static str, name: &'static str, text: &'static str, amount: f64) -> Variant {
    Variant { id, name, price: Price { text, amount, hourly: false }, days: None }
}

const fn hourly(id: &'static str, name: &'static str, text: &'static str, amount: f64) -> Variant {
    Variant { id, name, price: Price { text, amount, hourly: true }, days: None }
}

impl Variant {
    const fn days(mut self, days: u32) -> Self {
        self.days = Some(days);
        self
    }

    fn shown(&self) -> Value {
        let mut shown = json!({"id": self.id, "name": self.name, "price": self.price.shown()});
        if let Some(days) = self.days {
            shown["meta"] = json!({"backup_duration_days": days});
        }
        shown
    }
}

/// The other add-ons.
const OTHERS: &[Addon] = &[
    Addon {
        kind: "custom_domain",
        name: "Custom Domain",
        variants: &[monthly("cd_default", "Custom Domain", "$10/month", 10.0)],
        with: "",
    },
    Addon {
        kind: "pitr",
        name: "Point-In-Time-Recovery",
        variants: &[
            monthly("pitr_7", "7 days", "$100/month", 100.0).days(7),
            monthly("pitr_14", "14 days", "$200/month", 200.0).days(14),
            monthly("pitr_28", "28 days", "$400/month", 400.0).days(28),
        ],
        with: "",
    },
    Addon { kind: "ipv4", name: "IPv4", variants: &[monthly("ipv4_default", "IPv4", "$4/month", 4.0)], with: "" },
    Addon {
        kind: "auth_mfa_phone",
        name: "Advanced MFA - Phone",
        variants: &[hourly("auth_mfa_phone_default", "Advanced MFA - Phone", "$75/month, then $10/month", 0.1027)],
        with: "mfa_phone_verify_enabled",
    },
    Addon {
        kind: "auth_mfa_web_authn",
        name: "Advanced MFA - WebAuthn",
        variants: &[hourly(
            "auth_mfa_web_authn_default",
            "Advanced MFA - WebAuthn",
            "$75/month, then $10/month",
            0.1027,
        )],
        with: "mfa_web_authn_verify_enabled",
    },
    Addon {
        kind: "log_drain",
        name: "Log Drain",
        variants: &[hourly("log_drain_default", "Log Drain", "$60/month", 0.0822)],
        with: "",
    },
];

/// Whether it is an add-on that one chooses.
pub(super) fn is_addon(id: &str) -> bool {
    let chosen = OTHERS.iter().filter(|addon| addon.with.is_empty());
    chosen.flat_map(|addon| addon.variants).any(|variant| variant.id == id)
}

/// The selected add-ons of a project with this compute size, and the available ones. The free plan has no choice of sizes;
/// `is_on` tells which settings of auth are on.
pub(super) fn addons(
    compute: &str,
    chosen: &BTreeSet<String>,
    plan: &str,
    is_on: impl Fn(&str) -> bool,
) -> (Vec<Value>, Vec<Value>) {
    let id = format!("ci_{compute}");
    let size = SIZES.iter().find(|size| size.id == id);
    let selected = size.map(|size| json!({"type": "compute_instance", "variant": size.shown()}));
    let machines = (plan != "free").then(|| {
        let variants: Vec<Value> = SIZES.iter().map(Size::shown).collect();
        json!({"type": "compute_instance", "name": "Compute Instance", "variants": variants})
    });
    let others = OTHERS.iter().map(|addon| {
        let variants: Vec<Value> = addon.variants.iter().map(Variant::shown).collect();
        json!({"type": addon.kind, "name": addon.name, "variants": variants})
    });
    let brought = OTHERS.iter().filter(|addon| !addon.with.is_empty() && is_on(addon.with));
    let brought = brought
        .flat_map(|addon| addon.variants.iter().map(|variant| json!({"type": addon.kind, "variant": variant.shown()})));
    let of_choice = OTHERS.iter().flat_map(|addon| addon.variants.iter().map(move |variant| (addon.kind, variant)));
    let of_choice = of_choice.filter(|(_, variant)| chosen.contains(variant.id));
    let of_choice = of_choice.map(|(kind, variant)| json!({"type": kind, "variant": variant.shown()}));
    (selected.into_iter().chain(of_choice).chain(brought).collect(), machines.into_iter().chain(others).collect())
}
