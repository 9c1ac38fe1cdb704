//! What is known of AWS while a manifest is checked: regions, architectures of instance
//! types, classes, images, the pairs that Fargate has.

use super::spec::or;
use crate::model::ImageSource;

/// The architectures of images and instances.
pub(crate) const ARCHITECTURES: &[&str] = &["arm64", "x86_64"];

/// The commercial regions, those that must be enabled included.
pub(crate) const REGIONS: &[&str] = &[
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

/// How many availability zones an account has in a region.
pub(crate) fn zones(region: &str) -> u8 {
    match region {
        "us-east-1" => 6,
        "us-west-2" | "ap-northeast-2" => 4,
        // There are three, of which each account sees two.
        "us-west-1" => 2,
        _ => 3,
    }
}

/// Database engines with their versions.
pub(crate) const ENGINES: &[&str] = &[
    "aurora-mysql-8.0",
    "aurora-postgresql-17",
    "aurora-postgresql-16",
    "aurora-postgresql-15",
    "aurora-postgresql-14",
    "mysql-8.4",
    "mysql-8.0",
    "postgres-17",
    "postgres-16",
    "postgres-15",
    "postgres-14",
    "mariadb-11.4",
    "mariadb-10.11",
];

/// Operations of the platform that a role may be given. Bringing an environment up or
/// down makes and removes roles, so whoever may do it may do everything: that is nothing
/// to be given away by an environment itself.
pub(crate) const OPERATIONS: &[&str] = &["deploy", "park", "resume", "scale", "status"];

/// Machine images by short name: the name without its architecture, and the public
/// parameter's path with `{}` for the publisher's word for the architecture.
const MACHINES: &[(&str, &str, Words)] = &[
    (
        "ubuntu-24.04",
        "/aws/service/canonical/ubuntu/server/24.04/stable/current/{}/hvm/ebs-gp3/ami-id",
        DEBIAN,
    ),
    (
        "ubuntu-22.04",
        "/aws/service/canonical/ubuntu/server/22.04/stable/current/{}/hvm/ebs-gp2/ami-id",
        DEBIAN,
    ),
    ("al2023", "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-{}", LINUX),
    ("debian-13", "/aws/service/debian/release/13/latest/{}", DEBIAN),
    ("debian-12", "/aws/service/debian/release/12/latest/{}", DEBIAN),
];

/// What a publisher calls `arm64` and `x86_64`.
type Words = [&'static str; 2];
const DEBIAN: Words = ["arm64", "amd64"];
const LINUX: Words = ["arm64", "x86_64"];

/// The short names of machine images.
pub(crate) fn machines() -> impl Iterator<Item = String> {
    MACHINES.iter().flat_map(|(name, ..)| ARCHITECTURES.iter().map(move |a| format!("{name}-{a}")))
}

/// The machine image of a short name.
pub(crate) fn machine(name: &str) -> Option<ImageSource> {
    MACHINES.iter().find_map(|(base, path, words)| {
        let given = name.strip_prefix(base)?.strip_prefix('-')?;
        let i = ARCHITECTURES.iter().position(|a| *a == given)?;
        Some(ImageSource::Machine {
            parameter: path.replace("{}", words[i]),
            architecture: ARCHITECTURES[i].to_owned(),
        })
    })
}

/// The architecture of an instance type: in `m7gd.large` the letters after the
/// generation's number say it.
pub(crate) fn architecture(instance: &str) -> &'static str {
    let family = instance.split('.').next().unwrap_or_default();
    let digit = family.find(|c: char| c.is_ascii_digit()).unwrap_or(family.len());
    let (series, rest) = family.split_at(digit);
    let arm = series == "a" || rest.contains('g');
    if arm { "arm64" } else { "x86_64" }
}

/// The instance type of a service that names none.
pub(crate) fn default_instance(architecture: &str) -> &'static str {
    if architecture == "arm64" { "t4g.small" } else { "t3.small" }
}

/// The runs of memory that Fargate has for each number of processor units: units,
/// least, most, step (MiB).
const FARGATE: &[(u32, u32, u32, u32)] = &[
    (256, 512, 2048, 1024),
    (512, 1024, 4096, 1024),
    (1024, 2048, 8192, 1024),
    (2048, 4096, 16_384, 1024),
    (4096, 8192, 30_720, 1024),
    (8192, 16_384, 61_440, 4096),
    (16_384, 32_768, 122_880, 8192),
];

/// Whether Fargate has this pair.
pub(crate) fn fargate_has(cpu: u32, memory: u32) -> bool {
    FARGATE.iter().any(|&(c, least, most, step)| {
        c == cpu && (least..=most).contains(&memory) && (memory == least || memory.is_multiple_of(step))
    })
}

/// What goes with a number of processor units, for people.
pub(crate) fn fargate_memory(cpu: u32) -> String {
    match FARGATE.iter().find(|f| f.0 == cpu) {
        Some((256, ..)) => "512, 1024 or 2048 MiB".into(),
        Some((_, least, most, step)) => format!("{least} to {most} MiB in steps of {step}"),
        None => format!(
            "nothing; it has {} units",
            or(&FARGATE.iter().map(|f| f.0.to_string()).collect::<Vec<_>>())
        ),
    }
}

/// The fewest processor units that go with this much memory.
pub(crate) fn fargate_cpu(memory: u32) -> Option<u32> {
    FARGATE.iter().map(|f| f.0).find(|cpu| fargate_has(*cpu, memory))
}

/// Sizes of instances from large to small, with what each is in shares of `large`.
const SIZES: &[&str] = &[
    "48xlarge", "32xlarge", "24xlarge", "16xlarge", "12xlarge", "8xlarge", "4xlarge", "2xlarge", "xlarge",
    "large",
];

/// The steps below the smallest instances of the larger families.
const DATABASE_LADDER: &[&str] = &["db.t4g.large", "db.t4g.medium"];
const DATABASE_LADDER_X86: &[&str] = &["db.t3.large", "db.t3.medium"];
const CACHE_LADDER: &[&str] = &["cache.t4g.medium", "cache.t4g.small", "cache.t4g.micro"];
const CACHE_LADDER_X86: &[&str] = &["cache.t3.medium", "cache.t3.small", "cache.t3.micro"];

/// A database's class for a share of the capacity: one step down for each halving,
/// never below the last step, and as it is where it is below that already.
pub(crate) fn smaller_database(class: &str, share: f64) -> String {
    let arm = architecture(class.trim_start_matches("db.")) == "arm64";
    descend(class, share, if arm { DATABASE_LADDER } else { DATABASE_LADDER_X86 })
}

/// A cache's node type for a share of the capacity, as [`smaller_database`].
pub(crate) fn smaller_cache(node: &str, share: f64) -> String {
    let arm = architecture(node.trim_start_matches("cache.")) == "arm64";
    descend(node, share, if arm { CACHE_LADDER } else { CACHE_LADDER_X86 })
}

fn descend(class: &str, share: f64, ladder: &[&str]) -> String {
    let mut class = class.to_owned();
    let mut share = share;
    while share <= 0.5 {
        share *= 2.0;
        let Some((family, size)) = class.rsplit_once('.') else { break };
        let burstable =
            ladder.iter().any(|l| l.rsplit_once('.').is_some_and(|(f, _)| same_series(f, family)));
        class = match (ladder.iter().position(|l| *l == class), SIZES.iter().position(|s| *s == size)) {
            (Some(i), _) if i + 1 < ladder.len() => ladder[i + 1].to_owned(),
            (Some(_), _) => break,
            // Of a burstable family beside the ladder: down within it to the ladder's end.
            (None, Some(i)) if burstable => match SIZES.get(i + 1) {
                Some(s) => format!("{family}.{s}"),
                None => ladder[ladder.len() - 1].to_owned(),
            },
            (None, _) if burstable => break,
            (None, Some(i)) => match SIZES.get(i + 1) {
                Some(s) => format!("{family}.{s}"),
                None => ladder[0].to_owned(),
            },
            (None, None) => break,
        };
    }
    class
}

/// Whether two families are both burstable ones.
fn same_series(a: &str, b: &str) -> bool {
    let series = |f: &str| f.rsplit('.').next().unwrap_or_default().starts_with('t');
    series(a) && series(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn architectures_of_types() {
        for arm in
            ["t4g.small", "m7gd.large", "c7gn.xlarge", "im4gn.large", "a1.large", "r8g.large", "g5g.xlarge"]
        {
            assert_eq!(architecture(arm), "arm64", "{arm}");
        }
        for x86 in [
            "t3.small",
            "t3a.small",
            "m7i-flex.large",
            "g5.xlarge",
            "g4dn.xlarge",
            "c6in.large",
            "inf2.xlarge",
        ] {
            assert_eq!(architecture(x86), "x86_64", "{x86}");
        }
    }

    #[test]
    fn classes_go_down_one_step_a_halving() {
        let d = |class, share| smaller_database(class, share);
        assert_eq!(d("db.r7g.large", 1.0), "db.r7g.large");
        assert_eq!(d("db.r7g.large", 0.6), "db.r7g.large");
        assert_eq!(d("db.r7g.large", 0.5), "db.t4g.large");
        assert_eq!(d("db.r7g.large", 0.25), "db.t4g.medium");
        assert_eq!(d("db.r7g.large", 0.01), "db.t4g.medium");
        assert_eq!(d("db.r7g.4xlarge", 0.25), "db.r7g.xlarge");
        assert_eq!(d("db.t4g.micro", 0.1), "db.t4g.micro");
        assert_eq!(d("db.r6i.large", 0.5), "db.t3.large");
        assert_eq!(d("db.t4g.2xlarge", 0.25), "db.t4g.large");
        assert_eq!(smaller_cache("cache.r7g.large", 0.25), "cache.t4g.small");
        assert_eq!(smaller_cache("cache.t4g.micro", 0.25), "cache.t4g.micro");
    }

    #[test]
    fn pairs_of_fargate() {
        assert!(fargate_has(256, 512) && fargate_has(256, 2048) && !fargate_has(256, 1536));
        assert!(fargate_has(4096, 30_720) && !fargate_has(8192, 17_408));
        assert_eq!(fargate_cpu(1024), Some(256));
        assert_eq!(fargate_cpu(3072), Some(512));
        assert_eq!(fargate_cpu(700), None);
    }

    #[test]
    fn machine_images_have_public_parameters() {
        let Some(ImageSource::Machine { parameter, architecture }) = machine("debian-12-x86_64") else {
            panic!("it is known")
        };
        assert_eq!(
            (parameter.as_str(), architecture.as_str()),
            ("/aws/service/debian/release/12/latest/amd64", "x86_64")
        );
        assert!(machine("debian-12").is_none());
        assert!(machines().all(|m| machine(&m).is_some()));
    }
}
