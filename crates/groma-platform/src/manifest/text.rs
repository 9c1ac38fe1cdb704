//! The rules that texts follow: how each is described and how it is checked.

use super::facts;
use crate::schedule;
use groma_lang::diag;
use ipnet::Ipv4Net;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;

/// A rule for a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    Any,
    Name,
    Region,
    AccountId,
    RoleArn,
    StateUrl,
    Host,
    Domain,
    TimeZone,
    Cidr,
    CidrAny,
    Address,
    Endpoint,
    Duration,
    Weekly,
    Schedule,
    InstanceType,
    DatabaseClass,
    CacheNode,
    BrokerType,
    Machine,
    Container,
    Directory,
    File,
    Code,
    UrlPath,
    HealthPath,
    DatabaseName,
    Snapshot,
    Subscriber,
    Origin,
    Email,
    Group,
    Trusted,
    Flow,
    ModuleSource,
}

/// What is wrong with a text: a few words, and sentences with the remedy.
pub(crate) struct Wrong(pub &'static str, pub String);

type Checked = Result<(), Wrong>;

fn wrong(summary: &'static str, detail: impl Into<String>) -> Checked {
    Err(Wrong(summary, detail.into()))
}

impl Text {
    /// What it is, with its article.
    pub fn doc(self) -> &'static str {
        match self {
            Text::Any => "a text",
            Text::Name => "a name of lower-case letters, digits and hyphens",
            Text::Region => "an AWS region",
            Text::AccountId => "an account number of twelve digits, in quotes",
            Text::RoleArn => "the ARN of a role",
            Text::StateUrl => "a place such as \"s3://BUCKET/PREFIX\"",
            Text::Host => "a host name",
            Text::Domain => "a domain; a dot before it takes in its subdomains",
            Text::TimeZone => "a time zone such as \"Europe/London\"",
            Text::Cidr | Text::CidrAny => "an address range such as \"10.20.0.0/16\"",
            Text::Address => "an address such as \"203.0.113.10\"",
            Text::Endpoint => "the short name of an AWS service, such as \"kms\"",
            Text::Duration => "a time such as \"30m\", \"72h\" or \"7d\"",
            Text::Weekly => "times of the week such as \"Mon-Fri 20:00-07:00, Sat-Sun\"",
            Text::Schedule => "\"rate(5 minutes)\" or \"cron(0 6 * * ? *)\"",
            Text::InstanceType => "an instance type such as \"t4g.small\"",
            Text::DatabaseClass => "a class such as \"db.r7g.large\"",
            Text::CacheNode => "a node type such as \"cache.t4g.micro\"",
            Text::BrokerType => "a broker type such as \"kafka.t3.small\"",
            Text::Machine => "a distribution such as \"ubuntu-24.04-arm64\", or \"ami-…\"",
            Text::Container => "a container image such as \"docker.io/library/nginx:1.27\"",
            Text::Directory => "a directory, relative to the manifest",
            Text::File => "a file, relative to the manifest",
            Text::Code => "a file or directory, relative to the manifest",
            Text::UrlPath => "a path such as \"/api/*\"",
            Text::HealthPath => "a path such as \"/healthz\"",
            Text::DatabaseName => "a name of letters, digits and _",
            Text::Snapshot => "the name or ARN of a snapshot",
            Text::Subscriber => "\"email:ADDRESS\" or \"https://…\"",
            Text::Origin => "an origin such as \"https://app.example.com\", or \"*\"",
            Text::Email => "a mail address",
            Text::Group => "\"sso:GROUP\", \"account\" or an ARN",
            Text::Trusted => {
                "\"github:OWNER/REPOSITORY\", \"account:NAME\", \"sso:GROUP\", \"service:NAME.amazonaws.com\" or an ARN"
            }
            Text::Flow => "a text \"FROM -> TO\" or \"FROM -> TO:PORT/PROTOCOL\"",
            Text::ModuleSource => "a source as Terraform has it",
        }
    }

    /// Whether `s` follows the rule. `dir` is where the manifest is.
    pub fn check(self, s: &str, dir: &Path) -> Checked {
        if s.is_empty() && self != Text::Any {
            return wrong(
                "Empty text",
                format!("Here {} is expected. Write one, or remove the argument.", self.doc()),
            );
        }
        match self {
            Text::Any => Ok(()),
            Text::Name => name(s),
            Text::Region => region(s),
            Text::AccountId => account_id(s),
            Text::RoleArn => role_arn(s),
            Text::StateUrl => state_url(s),
            Text::Host => host(s),
            Text::Domain => host(s.strip_prefix('.').unwrap_or(s)),
            Text::TimeZone => time_zone(s),
            Text::Cidr => cidr(s).map(drop),
            Text::CidrAny => cidr_any(s),
            Text::Address => address(s),
            Text::Endpoint => endpoint(s),
            Text::Duration => schedule::duration(s).map(drop).map_err(|e| Wrong("Wrong time", e)),
            Text::Weekly => schedule::weekly(s).map(drop).map_err(|e| Wrong("Wrong schedule", e)),
            Text::Schedule => schedule::expression(s).map_err(|e| Wrong("Wrong schedule", e)),
            Text::InstanceType => sized(s, "", "Wrong instance type", "t4g.small"),
            Text::DatabaseClass => sized(s, "db.", "Wrong database class", "db.r7g.large"),
            Text::CacheNode => sized(s, "cache.", "Wrong node type", "cache.t4g.micro"),
            Text::BrokerType => sized(s, "kafka.", "Wrong broker type", "kafka.t3.small"),
            Text::Machine => machine(s),
            Text::Container => container(s),
            Text::Directory => exists(s, dir, "directory", Path::is_dir),
            Text::File => exists(s, dir, "file", Path::is_file),
            Text::Code => exists(s, dir, "file or directory", Path::exists),
            Text::UrlPath => path(s, true),
            Text::HealthPath => path(s, false),
            Text::DatabaseName => database_name(s),
            Text::Snapshot => Ok(()),
            Text::Subscriber => subscriber(s),
            Text::Origin => origin(s),
            Text::Email => email(s),
            Text::Group => group(s),
            Text::Trusted => trusted(s),
            Text::Flow => flow(s),
            Text::ModuleSource => module_source(s, dir),
        }
    }
}

/// Names of blocks, which become parts of names in AWS.
pub(crate) fn name(s: &str) -> Checked {
    let fits = s.starts_with(|c: char| c.is_ascii_lowercase())
        && s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
        && !s.ends_with('-')
        && !s.contains("--");
    if fits {
        return Ok(());
    }
    let better = tidy(s);
    let better = better.trim_start_matches(|c: char| !c.is_ascii_lowercase());
    let remedy =
        if better.is_empty() { String::new() } else { format!(" Write \"{better}\", for instance.") };
    wrong(
        "Wrong name",
        format!(
            "{s:?} cannot be a part of names in AWS: a name begins with a lower-case letter and goes on with lower-case \
             letters, digits and single hyphens.{remedy}"
        ),
    )
}

/// Lower case, everything but letters and digits as single hyphens between them.
pub(crate) fn tidy(s: &str) -> String {
    let mut out = String::new();
    for c in s.to_lowercase().chars() {
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    out.trim_end_matches('-').to_owned()
}

fn region(s: &str) -> Checked {
    if facts::REGIONS.contains(&s) {
        return Ok(());
    }
    let remedy = match diag::suggest(s, facts::REGIONS.iter().copied()) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => "Regions have names such as \"eu-west-1\" and \"us-east-1\".".into(),
    };
    wrong("Unknown region", format!("AWS has no region {s:?}. {remedy}"))
}

fn account_id(s: &str) -> Checked {
    if s.len() == 12 && s.chars().all(|c| c.is_ascii_digit()) {
        return Ok(());
    }
    wrong(
        "Wrong account number",
        format!(
            "The number of an AWS account has twelve digits, and {s:?} has not. Leading zeros belong to it."
        ),
    )
}

fn role_arn(s: &str) -> Checked {
    let id = s.strip_prefix("arn:aws:iam::").and_then(|r| r.split_once(":role/"));
    if id.is_some_and(|(id, role)| account_id(id).is_ok() && !role.is_empty()) {
        return Ok(());
    }
    wrong("Wrong role", format!("{s:?} is not the ARN of a role: arn:aws:iam::222222222222:role/NAME."))
}

fn state_url(s: &str) -> Checked {
    let Some(rest) = s.strip_prefix("s3://") else {
        return wrong(
            "Wrong place of states",
            format!(
                "{s:?} is not a place that states can be kept in: \"s3://BUCKET/PREFIX\". Without the argument they are files beside the manifest."
            ),
        );
    };
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    let characters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    if !(3..=63).contains(&bucket.len()) || !bucket.chars().all(characters) {
        return wrong(
            "Wrong place of states",
            format!(
                "A bucket's name has 3 to 63 lower-case letters, digits, hyphens and dots, and {bucket:?} has not."
            ),
        );
    }
    if prefix.contains("//") {
        return wrong("Wrong place of states", "The prefix has two slashes in a row. Write one.");
    }
    Ok(())
}

/// A host name of two labels or more, or a wildcard of one.
pub(crate) fn host(s: &str) -> Checked {
    let given = s;
    let s = s.strip_prefix("*.").unwrap_or(s);
    if given.contains("://") || given.contains('/') {
        return wrong(
            "Wrong host name",
            format!("{given:?} is an address of a page. Write the host name alone: \"app.example.com\"."),
        );
    }
    if !s.contains('.') {
        return wrong(
            "Wrong host name",
            format!(
                "{given:?} has no dot, so it is in no domain. Write the whole name: \"{s}.example.com\"."
            ),
        );
    }
    let label = |l: &str| {
        (1..=63).contains(&l.len())
            && l.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    if s.len() > 253 || !s.split('.').all(label) {
        return wrong(
            "Wrong host name",
            format!(
                "{given:?} is no host name: between the dots stand 1 to 63 lower-case letters, digits and hyphens, and no \
                 hyphen at either end."
            ),
        );
    }
    Ok(())
}

fn time_zone(s: &str) -> Checked {
    const AREAS: &[&str] = &[
        "Africa",
        "America",
        "Antarctica",
        "Arctic",
        "Asia",
        "Atlantic",
        "Australia",
        "Europe",
        "Indian",
        "Pacific",
        "Etc",
    ];
    let fits = s == "UTC"
        || s.split_once('/').is_some_and(|(area, city)| {
            AREAS.contains(&area)
                && city.starts_with(|c: char| c.is_ascii_uppercase())
                && city.chars().all(|c| c.is_ascii_alphanumeric() || "_-+/".contains(c))
        });
    if fits {
        return Ok(());
    }
    wrong(
        "Unknown time zone",
        format!(
            "{s:?} is not the IANA name of a time zone, such as \"Europe/London\", \"America/New_York\" or \"UTC\"."
        ),
    )
}

/// A range of IPv4 addresses, written with its first address.
pub(crate) fn cidr(s: &str) -> Result<Ipv4Net, Wrong> {
    let Ok(net) = s.parse::<Ipv4Net>() else {
        return Err(Wrong(
            "Wrong address range",
            format!("{s:?} is not a range of IPv4 addresses, such as \"10.20.0.0/16\"."),
        ));
    };
    if net.addr() != net.network() {
        return Err(Wrong(
            "Wrong address range",
            format!(
                "{s:?} begins within the range. Its first address is {0}: write \"{0}/{1}\".",
                net.network(),
                net.prefix_len()
            ),
        ));
    }
    Ok(net)
}

fn cidr_any(s: &str) -> Checked {
    if let Ok(net) = s.parse::<ipnet::IpNet>() {
        return match net.addr() == net.network() {
            true => Ok(()),
            false => wrong(
                "Wrong address range",
                format!(
                    "{s:?} begins within the range. Its first address is {0}: write \"{0}/{1}\".",
                    net.network(),
                    net.prefix_len()
                ),
            ),
        };
    }
    let remedy = match s.parse::<IpAddr>() {
        Ok(IpAddr::V4(_)) => format!(" For one address, write \"{s}/32\"."),
        Ok(IpAddr::V6(_)) => format!(" For one address, write \"{s}/128\"."),
        Err(_) => String::new(),
    };
    wrong(
        "Wrong address range",
        format!("{s:?} is not a range of addresses, such as \"198.51.100.0/24\".{remedy}"),
    )
}

fn address(s: &str) -> Checked {
    match s.parse::<Ipv4Addr>() {
        Ok(a) if a.is_private() || a.is_loopback() => wrong(
            "Wrong address",
            format!(
                "{s} is a private address, which AWS cannot reach. Write the public address of the other side."
            ),
        ),
        Ok(_) => Ok(()),
        Err(_) => wrong("Wrong address", format!("{s:?} is not an IPv4 address, such as \"203.0.113.10\".")),
    }
}

fn endpoint(s: &str) -> Checked {
    let fits = s.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.');
    if fits && !s.starts_with("com.") {
        return Ok(());
    }
    let short = s.rsplit_once("amazonaws.").map_or(s, |(_, r)| r.split_once('.').map_or(r, |(_, n)| n));
    wrong(
        "Wrong service",
        format!("{s:?} is not the short name of an AWS service. Write \"{}\", for instance.", tidy(short)),
    )
}

/// Types of instances, with what they begin with.
fn sized(s: &str, prefix: &str, summary: &'static str, example: &str) -> Checked {
    let Some(rest) = s.strip_prefix(prefix) else {
        return wrong(
            summary,
            format!("{s:?} does not begin with \"{prefix}\". Write something such as \"{example}\"."),
        );
    };
    let fits = rest.split_once('.').is_some_and(|(family, size)| {
        family.starts_with(|c: char| c.is_ascii_lowercase())
            && family.contains(|c: char| c.is_ascii_digit())
            && family.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
            && (["nano", "micro", "small", "medium", "metal"].contains(&size)
                || size.starts_with("metal-")
                || size.strip_suffix("large").is_some_and(|n| {
                    n.is_empty() || n.strip_suffix('x').is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()))
                }))
    });
    if fits {
        return Ok(());
    }
    wrong(
        summary,
        format!(
            "{s:?} is not a type such as \"{example}\": a family with its generation, a dot, and a size such as medium, large or 2xlarge."
        ),
    )
}

fn machine(s: &str) -> Checked {
    if let Some(id) = s.strip_prefix("ami-") {
        if matches!(id.len(), 8 | 17) && id.chars().all(|c| c.is_ascii_hexdigit()) {
            return Ok(());
        }
        return wrong(
            "Wrong image",
            format!("{s:?} is not the id of a machine image: ami- with 17 hexadecimal digits."),
        );
    }
    if facts::machine(s).is_some() {
        return Ok(());
    }
    let names: Vec<String> = facts::machines().collect();
    let near = names.iter().find(|n| n.starts_with(s)).cloned();
    let remedy = match near.or_else(|| diag::suggest(s, names.iter().map(String::as_str))) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => format!("There are {}, and any image by its id (\"ami-…\").", super::spec::and(&names)),
    };
    wrong("Unknown image", format!("No machine image is called {s:?}. {remedy}"))
}

fn container(s: &str) -> Checked {
    if s.contains("://") {
        return wrong(
            "Wrong image",
            format!(
                "{s:?} begins with a scheme. Write it without: \"{}\".",
                s.split("://").last().unwrap_or(s)
            ),
        );
    }
    if s.chars().any(|c| c.is_whitespace() || c.is_ascii_uppercase() && !s.contains(':')) {
        return wrong(
            "Wrong image",
            format!("{s:?} is not a container image, such as \"docker.io/library/nginx:1.27\"."),
        );
    }
    Ok(())
}

fn exists(s: &str, dir: &Path, what: &str, is: fn(&Path) -> bool) -> Checked {
    let path = Path::new(s);
    if path.is_absolute() {
        return wrong(
            "Absolute path",
            format!("{s:?} is there on one machine only. Write the path relative to the manifest."),
        );
    }
    if is(&dir.join(path)) {
        return Ok(());
    }
    let found = dir.join(path).exists();
    let detail = match found {
        true => format!("{s:?} is no {what}. Paths are relative to the manifest."),
        false => format!(
            "There is no {what} {s:?}. Paths are relative to the manifest: make it, or correct the path."
        ),
    };
    wrong("File not found", detail)
}

fn path(s: &str, pattern: bool) -> Checked {
    if !s.starts_with('/') {
        return wrong("Wrong path", format!("{s:?} does not begin with a slash. Write \"/{s}\"."));
    }
    if s.contains(char::is_whitespace)
        || s.contains(['?', '#'])
        || (!pattern && s.contains('*'))
        || s.len() > 128
    {
        return wrong(
            "Wrong path",
            format!(
                "{s:?} is not a path: up to 128 characters without blanks, questions marks{} and #.",
                if pattern { "" } else { ", asterisks" }
            ),
        );
    }
    Ok(())
}

fn database_name(s: &str) -> Checked {
    let fits = s.starts_with(|c: char| c.is_ascii_alphabetic())
        && s.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && s.len() <= 63;
    if fits {
        return Ok(());
    }
    wrong(
        "Wrong database name",
        format!(
            "{s:?} cannot be the name of a database: up to 63 letters, digits and _, the first a letter. Write \"{}\", for instance.",
            tidy(s).replace('-', "_")
        ),
    )
}

fn subscriber(s: &str) -> Checked {
    if let Some(address) = s.strip_prefix("email:") {
        return email(address);
    }
    if s.strip_prefix("https://").is_some_and(|r| r.contains('.')) {
        return Ok(());
    }
    if email(s).is_ok() {
        return wrong("Wrong subscriber", format!("A mail address has its kind before it: \"email:{s}\"."));
    }
    wrong(
        "Wrong subscriber",
        format!(
            "{s:?} cannot get notifications. There are queue.NAME, \"email:ADDRESS\" and \"https://…\"; functions say on = topic.NAME."
        ),
    )
}

fn origin(s: &str) -> Checked {
    let rest = s.strip_prefix("https://").or_else(|| s.strip_prefix("http://"));
    if s == "*" || rest.is_some_and(|r| !r.is_empty() && !r.contains('/')) {
        return Ok(());
    }
    wrong(
        "Wrong origin",
        format!("{s:?} is not an origin: scheme and host without a path, \"https://app.example.com\"."),
    )
}

fn email(s: &str) -> Checked {
    let fits = s.split_once('@').is_some_and(|(who, domain)| {
        !who.is_empty() && domain.contains('.') && !domain.contains('@') && !s.contains(char::is_whitespace)
    });
    if fits {
        return Ok(());
    }
    wrong("Wrong mail address", format!("{s:?} is not a mail address, such as \"ops@example.com\"."))
}

fn group(s: &str) -> Checked {
    let fits = s == "account"
        || s.strip_prefix("sso:").is_some_and(|g| !g.is_empty())
        || s.starts_with("arn:aws:iam::");
    if fits {
        return Ok(());
    }
    wrong(
        "Wrong group",
        format!(
            "{s:?} names nobody. Write \"sso:GROUP\" for a group of IAM Identity Center, \"account\" for everybody of the account, or the ARN of a user or role."
        ),
    )
}

fn trusted(s: &str) -> Checked {
    let fits = match s.split_once(':') {
        Some(("github", repo)) => repo.split_once('/').is_some_and(|(o, r)| !o.is_empty() && !r.is_empty()),
        Some(("account" | "sso", who)) => !who.is_empty(),
        Some(("service", name)) => name.ends_with(".amazonaws.com"),
        Some(("arn", _)) => s.starts_with("arn:aws:iam::") || s.starts_with("arn:aws:sts::"),
        _ => false,
    };
    if fits {
        return Ok(());
    }
    wrong("Wrong trust", format!("{s:?} is nobody who could take on a role. Write {}.", Text::Trusted.doc()))
}

fn flow(s: &str) -> Checked {
    match crate::flow::Flow::parse(s) {
        Ok(_) => Ok(()),
        Err(e) => wrong("Wrong proof", e),
    }
}

fn module_source(s: &str, dir: &Path) -> Checked {
    if s.starts_with("./") || s.starts_with("../") {
        return exists(s, dir, "directory", Path::is_dir);
    }
    if s.starts_with('/') || dir.join(s).is_dir() && !s.contains("::") {
        return wrong(
            "Wrong module source",
            format!(
                "A module beside the manifest has a source that begins with ./ or ../: write \"./{}\".",
                s.trim_start_matches('/')
            ),
        );
    }
    Ok(())
}
