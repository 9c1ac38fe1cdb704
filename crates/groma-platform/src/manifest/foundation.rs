//! The blocks around components: platform, networks, images, organization, proofs.

use super::decode::{Args, Context, named};
use super::evaluate::Scope;
use super::names::Names;
use super::read::Entry;
use super::spec::{and, block};
use super::value::{Val, ValKind};
use super::{Manifest, facts};
use crate::model::*;
use groma_lang::{Diagnostics, Span};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The blocks of a keyword.
pub(super) fn of<'e>(entries: &'e [Entry], keyword: &'static str) -> impl Iterator<Item = &'e Entry> {
    entries.iter().filter(move |e| e.spec.keyword == keyword)
}

/// The arguments of a block that stands alone; `None` if something is wrong with them.
fn args(e: &Entry, context: &Context<'_>, diags: &mut Diagnostics) -> (Args, bool) {
    let mut args = Args::new(e.title(), e.block.header, e.spec.args);
    let well = args.read(&e.block.body, e.spec, 0, context, diags);
    // What is written wrongly is not missing.
    let well = well && args.complete(diags);
    (args, well)
}

impl Manifest {
    /// A scope that knows the platform and no environment.
    pub(super) fn scope(&self) -> Scope {
        let mut scope = Scope::new(&self.dir);
        let p = &self.platform;
        scope.platform.insert("name", p.name.clone());
        scope.platform.insert("region", p.region.clone());
        if let Some(d) = &p.domain {
            scope.platform.insert("domain", d.clone());
        }
        scope
    }

    /// The account of a name.
    pub(super) fn account(&self, name: &str) -> Option<&Account> {
        self.platform.accounts.iter().find(|a| a.name == name)
    }

    /// The account where none is named: `main`, otherwise the first.
    pub(super) fn default_account(&self) -> Option<String> {
        self.account("main").or(self.platform.accounts.first()).map(|a| a.name.clone())
    }

    /// The account that an argument names.
    pub(super) fn known_account(&self, v: &Val, diags: &mut Diagnostics) -> Option<String> {
        let name = v.text()?;
        if self.account(name).is_some() {
            return Some(name.to_owned());
        }
        let names: Vec<&str> = self.platform.accounts.iter().map(|a| a.name.as_str()).collect();
        let remedy = match groma_lang::diag::suggest(name, names.iter().copied()) {
            Some(near) => format!("Did you mean \"{near}\"?"),
            None => format!("There {} {}.", if names.len() == 1 { "is" } else { "are" }, and(&names)),
        };
        diags.error(
            v.span,
            "Unknown account",
            format!("The platform block has no account \"{name}\". {remedy} Accounts are declared there by name: accounts = {{ {name} = \"111111111111\" }}."),
        );
        None
    }
}

/// The `platform` block. `None` without one, or where it is no ground for what follows.
pub(super) fn platform(
    dir: &Path,
    entries: &[Entry],
    names: &Names,
    diags: &mut Diagnostics,
) -> Option<Platform> {
    let Some(e) = of(entries, "platform").next() else {
        if !diags.has_errors() {
            diags.push(groma_lang::Diagnostic::error(
                "Missing platform",
                format!(
                    "The manifest has no platform block, which says the region and the accounts:\n{}",
                    indented(block("platform").map_or("", |b| b.example))
                ),
            ));
        }
        return None;
    };
    let scope = Scope::new(dir);
    let context = Context { dir, names, scope: &scope, environment: None };
    let (args, well) = args(e, &context, diags);
    if !well {
        return None;
    }
    let region = args.text("region")?;
    let mut accounts: Vec<Account> = Vec::new();
    let mut complete = true;
    for f in args.fields("accounts") {
        let (id, profile, role) = match &f.value.kind {
            ValKind::Text(id) => (Some(id.clone()), None, None),
            _ => {
                let fields = e.spec.arg("accounts").and_then(|a| a.ty.fields()).unwrap_or(&[]);
                let a = Args::of_object(&f.value, fields, &format!("The account \"{}\"", f.name));
                complete &= a.complete(diags);
                (a.text("id"), a.text("profile"), a.text("role"))
            }
        };
        let Some(id) = id else { continue };
        if let Some(other) = accounts.iter().find(|a| a.id == id) {
            diags.warning(
                f.value.span,
                "Two accounts are one",
                format!(
                    "The accounts \"{}\" and \"{}\" have the same number, so what is kept apart by account is not. Correct \
                     the number, or use one name.",
                    other.name, f.name
                ),
            );
        }
        if let Some(role) = &role
            && !role.contains(&format!(":{id}:"))
        {
            diags.error(
                f.value.span,
                "Role of another account",
                format!("The role {role} is not of the account {id}. Correct one of them."),
            );
        }
        accounts.push(Account { name: f.name.clone(), id, profile, role, span: f.span });
    }
    if accounts.is_empty() && complete {
        diags.error(
            args.span("accounts"),
            "Missing account",
            "Without an account there is nothing to work in. Add one: accounts = { main = \"111111111111\" }.",
        );
    }
    let state = match args.get("state").map(|v| &v.kind) {
        None => StateLocation::Local,
        Some(ValKind::Text(url)) => s3(url, region.clone()),
        Some(_) => {
            let s = args.object("state")?;
            complete &= s.complete(diags);
            s3(&s.text("url").unwrap_or_default(), s.text("region").unwrap_or_else(|| region.clone()))
        }
    };
    let addresses = args.text("addresses").and_then(|a| a.parse().ok())?;
    check_addresses(addresses, args.span("addresses"), diags);
    for f in args.fields("tags") {
        if f.name.starts_with("aws:") || f.name.starts_with("groma:") || f.name.len() > 128 {
            diags.error(
                f.span,
                "Reserved tag",
                format!("A tag cannot be called {:?}: names that begin with aws: and groma: are taken, and 128 characters is the most. Choose another.", f.name),
            );
        }
    }
    (complete && !accounts.is_empty()).then(|| Platform {
        name: e.name.clone(),
        region,
        accounts,
        state,
        domain: args.text("domain"),
        time_zone: args.text("time_zone").unwrap_or_default(),
        tags: args.map("tags"),
        addresses,
        region_span: args.span("region"),
        span: e.block.header,
    })
}

fn indented(text: &str) -> String {
    text.lines().map(|l| format!("    {l}")).collect::<Vec<_>>().join("\n")
}

fn s3(url: &str, region: String) -> StateLocation {
    let rest = url.trim_start_matches("s3://");
    let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
    StateLocation::S3 { bucket: bucket.to_owned(), region, prefix: prefix.trim_end_matches('/').to_owned() }
}

fn check_addresses(net: ipnet::Ipv4Net, span: Span, diags: &mut Diagnostics) {
    if net.prefix_len() > 16 {
        diags.error(
            span,
            "Too few addresses",
            format!("Each network takes a /16, and {net} is smaller. Give a range from /8 to /16, such as \"10.0.0.0/8\"."),
        );
    }
    private(net, span, diags);
}

/// Warns of ranges that are somebody's in the internet.
pub(super) fn private(net: ipnet::Ipv4Net, span: Span, diags: &mut Diagnostics) {
    let ranges = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10"];
    let inside = ranges.iter().filter_map(|r| r.parse::<ipnet::Ipv4Net>().ok()).any(|r| r.contains(&net));
    if !inside {
        diags.warning(
            span,
            "Public addresses",
            format!("{net} is not within the private ranges 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 100.64.0.0/10, so the hosts in the internet that have these addresses cannot be reached. Choose a private range."),
        );
    }
}

/// Checks the addresses of a network.
pub(super) fn network_cidr(net: ipnet::Ipv4Net, span: Span, diags: &mut Diagnostics) {
    if !(16..=21).contains(&net.prefix_len()) {
        let why = match net.prefix_len() {
            0..16 => "AWS makes networks of up to a /16",
            _ => "the subnets of three tiers in up to six zones need at least a /21",
        };
        diags.error(
            span,
            "Wrong size of a network",
            format!("{net} does not fit: {why}. Write \"{}/16\", for instance.", net.addr()),
        );
    }
    private(net, span, diags);
}

/// How NAT gateways are said.
pub(super) fn nat(text: Option<String>) -> Nat {
    match text.as_deref() {
        Some("none") => Nat::None,
        Some("single") => Nat::Single,
        Some("zonal") => Nat::Zonal,
        _ => Nat::Auto,
    }
}

/// The `network` blocks.
pub(super) fn networks(m: &Manifest, diags: &mut Diagnostics) -> BTreeMap<String, Network> {
    let scope = m.scope();
    let context = Context { dir: &m.dir, names: &m.names, scope: &scope, environment: None };
    let mut out = BTreeMap::new();
    for e in of(&m.entries, "network") {
        let (args, _) = args(e, &context, diags);
        let account = match args.get("account") {
            Some(v) => m.known_account(v, diags),
            None => m.default_account(),
        };
        let mut shares = BTreeSet::new();
        let mut shares_load_balancer = false;
        for v in args.elements("share") {
            let ValKind::Ref(r) = &v.kind else { continue };
            match (block(&r.root).and_then(|b| b.kind), named(v)) {
                (Some(kind), Some(name)) => drop(shares.insert(ComponentId { kind, name })),
                _ => shares_load_balancer = true,
            }
        }
        let peers: Vec<String> = args.elements("peers").iter().filter_map(named).collect();
        if peers.contains(&e.name) {
            diags.error(
                args.span("peers"),
                "Peer of itself",
                format!("{} cannot be its own peer. Remove network.{}.", e.title(), e.name),
            );
        }
        let cidr = args.text("cidr").and_then(|c| c.parse().ok());
        if let Some(net) = cidr {
            network_cidr(net, args.span("cidr"), diags);
        }
        let nat = nat(args.text("nat"));
        let firewall = args.get("firewall").map(|_| args.texts("firewall"));
        if let Some(domains) = &firewall {
            let span = args.span("firewall");
            if domains.is_empty() {
                diags.error(span, "Empty firewall", "A firewall that lets nothing through is nat = \"none\". Name the domains, or write that instead.");
            } else if nat == Nat::None {
                diags.error(span, "Firewall without a way out", "The firewall stands on the way to the internet, and nat = \"none\" is none. Remove one of them.");
            }
        }
        let accounts: Vec<String> =
            args.elements("accounts").iter().filter_map(|v| m.known_account(v, diags)).collect();
        out.insert(
            e.name.clone(),
            Network {
                name: e.name.clone(),
                account: account.unwrap_or_default(),
                region: args.text("region").unwrap_or_else(|| m.platform.region.clone()),
                zones: args.whole("zones").and_then(|z| u8::try_from(z).ok()).unwrap_or(3),
                cidr,
                nat,
                shares,
                shares_load_balancer,
                peers,
                firewall,
                accounts,
                flow_log_days: args.whole("flow_logs").unwrap_or(0),
                ipv6: args.flag("ipv6"),
                endpoints: args.texts("endpoints").into_iter().collect(),
                span: e.block.header,
            },
        );
    }
    out
}

/// How many bytes the files of a setup may have together: user data has 16 KB, and the
/// rest of it needs some.
const SETUP: usize = 12_000;

/// The `image` blocks.
pub(super) fn images(m: &Manifest, diags: &mut Diagnostics) -> BTreeMap<String, Image> {
    let scope = m.scope();
    let context = Context { dir: &m.dir, names: &m.names, scope: &scope, environment: None };
    let mut out = BTreeMap::new();
    for e in of(&m.entries, "image") {
        let (args, well) = args(e, &context, diags);
        if well && let Some(source) = source(&args, diags) {
            let setup = args.texts("setup");
            let mut length = 0;
            for file in &setup {
                match std::fs::read_to_string(m.dir.join(file)) {
                    Ok(text) => length += text.len(),
                    Err(e) => diags.error(
                        args.span("setup"),
                        "Unreadable setup",
                        format!(
                            "The file {file:?} cannot be read as text: {e}. Write another, or correct it."
                        ),
                    ),
                }
            }
            if length > SETUP {
                diags.error(args.span("setup"), "Setup too long", format!("What sets an instance up travels in its user data, of which EC2 takes 16 KB: the files of {} have {length} bytes, and {SETUP} would do. Let one of them fetch the rest, or build an image and name it with from = \"ami-…\".", args.title));
            }
            out.insert(e.name.clone(), Image { name: e.name.clone(), source, setup, span: e.block.header });
        }
    }
    out
}

fn source(args: &Args, diags: &mut Diagnostics) -> Option<ImageSource> {
    let (from, build, uri) = (args.text("from"), args.text("build"), args.text("uri"));
    let machine = from.is_some();
    let given = args.text("architecture");
    if [machine, build.is_some(), uri.is_some()].iter().filter(|b| **b).count() != 1 {
        diags.error(
            args.span,
            "Where the image comes from",
            format!("{} needs exactly one of from (a machine image), build (a directory with a Dockerfile) and uri (a container image from elsewhere).", args.title),
        );
        return None;
    }
    if !machine {
        for name in ["setup", "architecture"] {
            if args.get(name).is_some() {
                diags.error(
                    args.span(name),
                    "For machine images only",
                    format!(
                        "\"{name}\" is for machine images (from), and {} is a container image. Remove it.",
                        args.title
                    ),
                );
                return None;
            }
        }
    }
    if let Some(directory) = build {
        return Some(ImageSource::Build { directory });
    }
    if let Some(uri) = uri {
        return Some(ImageSource::Container { uri });
    }
    let from = from?;
    match (facts::machine(&from), given) {
        (Some(ImageSource::Machine { architecture, .. }), Some(given)) if architecture != given => {
            diags.error(
                args.span("architecture"),
                "Two architectures",
                format!(
                    "\"{from}\" is of {architecture}. Remove the architecture, or write from = \"{}\".",
                    from.replace(&architecture, &given)
                ),
            );
            None
        }
        (Some(source), _) => Some(source),
        (None, Some(architecture)) => Some(ImageSource::Ami { id: from, architecture }),
        (None, None) => {
            diags.error(
                args.span("from"),
                "Missing architecture",
                format!("The id {from} does not say the architecture. Add architecture = \"arm64\" or architecture = \"x86_64\"."),
            );
            None
        }
    }
}

/// The `organization` block.
pub(super) fn organization(m: &Manifest, diags: &mut Diagnostics) -> Option<Organization> {
    let scope = m.scope();
    let context = Context { dir: &m.dir, names: &m.names, scope: &scope, environment: None };
    let e = of(&m.entries, "organization").next()?;
    let (args, _) = args(e, &context, diags);
    let units = args.texts("units");
    let fields = e.spec.arg("accounts").and_then(|a| a.ty.fields()).unwrap_or(&[]);
    let mut accounts = BTreeMap::new();
    for f in args.fields("accounts") {
        let a = Args::of_object(&f.value, fields, &format!("The account \"{}\"", f.name));
        let email = match &f.value.kind {
            ValKind::Text(email) => Some(email.clone()),
            _ if a.complete(diags) => a.text("email"),
            _ => None,
        };
        let unit = if f.value.text().is_some() { None } else { a.text("unit") };
        if let Some(unit) = unit.as_ref().filter(|u| !units.contains(u)) {
            diags.error(
                a.span("unit"),
                "Unknown unit",
                format!("The organization has no unit \"{unit}\". Add it to units, or correct it."),
            );
        }
        if let Some(email) = email {
            if accounts.values().any(|(other, _)| *other == email) {
                diags.error(f.value.span, "Mail address given twice", format!("AWS wants another mail address for each account, and {email} is that of two. Use plus addresses: \"aws+{}@…\".", f.name));
            }
            accounts.insert(f.name.clone(), (email, unit));
        }
    }
    let guardrails: BTreeSet<String> = args.texts("guardrails").into_iter().collect();
    let mut regions = args.texts("regions");
    if !regions.is_empty() && !guardrails.contains("regions") {
        diags.error(args.span("regions"), "Regions without a guardrail", "regions are those that the guardrail \"regions\" leaves open, and it is not among guardrails. Add it.");
    }
    if regions.is_empty() {
        regions.push(m.platform.region.clone());
    }
    Some(Organization { name: e.name.clone(), accounts, units, guardrails, regions, span: e.block.header })
}

/// The `prove` blocks.
pub(super) fn proves(m: &Manifest, diags: &mut Diagnostics) -> Vec<Prove> {
    let scope = m.scope();
    let context = Context { dir: &m.dir, names: &m.names, scope: &scope, environment: None };
    let mut out = Vec::new();
    for e in of(&m.entries, "prove") {
        let (args, well) = args(e, &context, diags);
        let flows = |name: &str| -> Vec<(String, Span)> {
            args.elements(name).iter().filter_map(|v| Some((v.text()?.to_owned(), v.span))).collect()
        };
        let p = Prove {
            name: e.name.clone(),
            never: flows("never"),
            always: flows("always"),
            adds: flows("adds"),
            exactly: args.flag("exactly"),
            no_egress: flows("no_egress"),
            nat: flows("nat"),
            firewall: flows("firewall"),
            zone_loss: args.flag("zone_loss"),
            steps: args.flag("steps"),
            public: args.flag("public"),
            span: e.block.header,
        };
        if well && p.says_nothing() {
            diags.error(e.block.header, "Nothing to prove", format!("{} says nothing that could be proved. Add never = [\"staging -> prod\"], for instance, or remove it.", e.title()));
        }
        out.push(p);
    }
    out
}
