//! What a branch costs: the sizes that it can have, and their prices in Supabase's list.

/// The compute sizes that a new branch can have.
pub(super) const NAMES: &[&str] = &[
    "pico",
    "nano",
    "micro",
    "small",
    "medium",
    "large",
    "xlarge",
    "2xlarge",
    "4xlarge",
    "8xlarge",
    "12xlarge",
    "16xlarge",
    "24xlarge",
    "24xlarge_optimized_memory",
    "24xlarge_optimized_cpu",
    "24xlarge_high_memory",
    "48xlarge",
    "48xlarge_optimized_memory",
    "48xlarge_optimized_cpu",
    "48xlarge_high_memory",
];

/// The size of a branch whose manifest names none.
pub(super) const USUAL: &str = "micro";

/// Dollars an hour, and about how many a month. The smallest two are no sizes of projects that are paid for.
const PRICES: &[(&str, &str, u32)] = &[
    ("micro", "0.01344", 10),
    ("small", "0.0206", 15),
    ("medium", "0.0822", 60),
    ("large", "0.1517", 111),
    ("xlarge", "0.2877", 210),
    ("2xlarge", "0.562", 410),
    ("4xlarge", "1.32", 964),
    ("8xlarge", "2.562", 1870),
    ("12xlarge", "3.836", 2800),
    ("16xlarge", "5.12", 3738),
    ("24xlarge", "9.73", 7103),
    ("24xlarge_optimized_memory", "13.84", 10_103),
    ("24xlarge_optimized_cpu", "8.9", 6497),
    ("24xlarge_high_memory", "21.92", 16_002),
    ("48xlarge", "19.47", 14_213),
    ("48xlarge_optimized_memory", "27.68", 20_206),
    ("48xlarge_optimized_cpu", "17.8", 12_994),
    ("48xlarge_high_memory", "43.84", 32_003),
];

/// What a branch of a size costs.
pub(super) fn price(size: &str) -> Option<String> {
    let (_, hour, month) = PRICES.iter().find(|(name, ..)| *name == size)?;
    Some(format!("{size}: ${hour} an hour, about ${month} a month"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_730_hours() {
        for (name, hour, month) in PRICES {
            assert!(NAMES.contains(name), "{name}");
            let hour: f64 = hour.parse().expect("a price");
            assert!((hour * 730.0 - f64::from(*month)).abs() <= 0.5, "{name}");
        }
    }
}
