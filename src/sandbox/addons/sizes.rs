//! The compute sizes of a database.

/// A compute size.
pub(super) struct Size {
    pub(super) id: &'static str,
    pub(super) name: &'static str,
    pub(super) cores: u32,
    pub(super) dedicated: bool,
    pub(super) memory_gb: u32,
    /// MB/s: baseline, and maximum.
    pub(super) disk: [u32; 2],
    /// Connections: direct, and through the pooler.
    pub(super) connections: [u32; 2],
    /// Dollars: per hour, and about per month.
    pub(super) price: (f64, u32),
    pub(super) providers: &'static [&'static str],
    /// The regions that have it; empty: all.
    pub(super) regions: &'static [&'static str],
}

const fn size(id: &'static str, name: &'static str, cores: u32, dedicated: bool, memory_gb: u32) -> Size {
    Size {
        id,
        name,
        cores,
        dedicated,
        memory_gb,
        disk: [0, 0],
        connections: [0, 0],
        price: (0.0, 0),
        providers: &[],
        regions: &[],
    }
}

impl Size {
    const fn disk(mut self, disk: [u32; 2]) -> Self {
        self.disk = disk;
        self
    }

    const fn connections(mut self, connections: [u32; 2]) -> Self {
        self.connections = connections;
        self
    }

    const fn price(mut self, hour: f64, month: u32) -> Self {
        self.price = (hour, month);
        self
    }

    const fn at(mut self, providers: &'static [&'static str], regions: &'static [&'static str]) -> Self {
        self.providers = providers;
        self.regions = regions;
        self
    }
}

const EVERYWHERE: &[&str] = &["AWS", "AWS_K8S", "AWS_NIMBUS", "FLY"];
const AMAZON: &[&str] = &["AWS", "AWS_K8S", "AWS_NIMBUS"];
const PLAIN: &[&str] = &["AWS"];

/// The sizes, from the smallest.
pub(super) const SIZES: &[Size] = &[
    size("ci_micro", "Micro", 2, false, 1)
        .disk([87, 2085])
        .connections([60, 200])
        .price(0.01344, 10)
        .at(EVERYWHERE, &[]),
    size("ci_small", "Small", 2, false, 2)
        .disk([174, 2085])
        .connections([90, 400])
        .price(0.0206, 15)
        .at(EVERYWHERE, &[]),
    size("ci_medium", "Medium", 2, false, 4)
        .disk([347, 2085])
        .connections([120, 600])
        .price(0.0822, 60)
        .at(EVERYWHERE, &[]),
    size("ci_large", "Large", 2, true, 8)
        .disk([630, 4750])
        .connections([160, 800])
        .price(0.1517, 111)
        .at(EVERYWHERE, &[]),
    size("ci_xlarge", "XL", 4, true, 16)
        .disk([1048, 4750])
        .connections([240, 1000])
        .price(0.2877, 210)
        .at(EVERYWHERE, &[]),
    size("ci_2xlarge", "2XL", 8, true, 32)
        .disk([1048, 4750])
        .connections([380, 1500])
        .price(0.562, 410)
        .at(EVERYWHERE, &[]),
    size("ci_4xlarge", "4XL", 16, true, 64)
        .disk([1048, 4750])
        .connections([480, 3000])
        .price(1.32, 964)
        .at(EVERYWHERE, &[]),
    size("ci_8xlarge", "8XL", 32, true, 128)
        .disk([1048, 9500])
        .connections([490, 6000])
        .price(2.562, 1870)
        .at(AMAZON, &[]),
    size("ci_12xlarge", "12XL", 48, true, 192)
        .disk([1048, 14_250])
        .connections([500, 9000])
        .price(3.836, 2800)
        .at(AMAZON, &[]),
    size("ci_16xlarge", "16XL", 64, true, 256)
        .disk([1048, 19_000])
        .connections([500, 12_000])
        .price(5.12, 3738)
        .at(AMAZON, &[]),
    size("ci_24xlarge", "24XL", 96, true, 384).disk([30_000, 30_000]).connections([750, 18_000]).price(9.73, 7103).at(
        PLAIN,
        &[
            "us-east-1",
            "us-east-2",
            "us-west-1",
            "us-west-2",
            "ap-northeast-1",
            "ap-northeast-2",
            "eu-west-1",
            "eu-west-2",
            "eu-north-1",
            "eu-central-1",
            "ap-south-1",
        ],
    ),
    size("ci_24xlarge_optimized_cpu", "24XL_OPTIMIZED_CPU", 96, true, 192)
        .disk([30_000, 30_000])
        .connections([750, 18_000])
        .price(8.9, 6497)
        .at(
            PLAIN,
            &[
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
                "ap-northeast-1",
                "ap-northeast-2",
                "eu-west-1",
                "eu-west-2",
                "eu-north-1",
                "eu-central-1",
                "ap-south-1",
                "sa-east-1",
            ],
        ),
    size("ci_24xlarge_optimized_memory", "24XL_OPTIMIZED_MEMORY", 96, true, 768)
        .disk([30_000, 30_000])
        .connections([750, 18_000])
        .price(13.84, 10_103)
        .at(
            PLAIN,
            &[
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
                "ap-northeast-1",
                "ap-southeast-1",
                "ap-southeast-2",
                "eu-west-1",
                "eu-north-1",
                "eu-central-1",
                "ap-south-1",
            ],
        ),
    size("ci_24xlarge_high_memory", "24XL_HIGH_MEMORY", 96, true, 1536)
        .disk([30_000, 30_000])
        .connections([750, 18_000])
        .price(21.92, 16_002)
        .at(AMAZON, &["us-east-1", "us-west-2", "eu-central-1"]),
    size("ci_48xlarge", "48XL", 192, true, 768)
        .disk([40_000, 40_000])
        .connections([1500, 36_000])
        .price(19.47, 14_213)
        .at(
            PLAIN,
            &[
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
                "ap-northeast-1",
                "ap-southeast-2",
                "eu-west-1",
                "eu-west-2",
                "eu-north-1",
                "eu-central-1",
                "ap-south-1",
            ],
        ),
    size("ci_48xlarge_optimized_cpu", "48XL_OPTIMIZED_CPU", 192, true, 384)
        .disk([40_000, 40_000])
        .connections([1500, 36_000])
        .price(17.8, 12_994)
        .at(
            PLAIN,
            &[
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
                "ap-northeast-1",
                "ap-southeast-2",
                "eu-west-1",
                "eu-west-2",
                "eu-north-1",
                "eu-central-1",
                "ap-south-1",
                "sa-east-1",
            ],
        ),
    size("ci_48xlarge_optimized_memory", "48XL_OPTIMIZED_MEMORY", 192, true, 1536)
        .disk([40_000, 40_000])
        .connections([1500, 36_000])
        .price(27.68, 20_206)
        .at(
            PLAIN,
            &[
                "us-east-1",
                "us-east-2",
                "us-west-1",
                "us-west-2",
                "ap-northeast-1",
                "ap-southeast-2",
                "eu-west-1",
                "eu-north-1",
                "eu-central-1",
                "ap-south-1",
            ],
        ),
    size("ci_48xlarge_high_memory", "48XL_HIGH_MEMORY", 96, true, 3072)
        .disk([40_000, 40_000])
        .connections([1500, 36_000])
        .price(43.84, 32_003)
        .at(PLAIN, &["us-east-1", "us-west-2", "eu-central-1"]),
];
